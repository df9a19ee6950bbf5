/* The work of the vault's revealing thread: the one way by which an address leaves
 * the service. The database decides, records, and only then gives: vault.reveal() of migration 0010
 * has the rule, and is all that the vault's role may call of what is sealed. Session, relation,
 * state, budget and the audit row are of one transaction; the data key is unwrapped after its commit
 * is known to have happened. Whoever kills it before that leaves no answer, and after it an answer
 * at most that has its row.
 */
#pragma once
#include "seal/keys.h"
#include "vault/request.h"

struct revealer;

/* Works with a copy of the keys, since it takes up another key file put in place of theirs while other
 * threads use them. conninfo is of the vault's role; copied. It connects when it is first asked, and
 * again after a lost connection. */
struct revealer *revealer_new(const struct vault_keys *keys, const char *conninfo);
/* Takes NULL. */
void revealer_free(struct revealer *r);

/* A threads_work; revealer is a struct revealer. VAULT_UNAVAILABLE where the database does not answer,
 * or it is not known whether it committed. */
void reveal_answer(const struct vault_request *request, struct vault_answer *answer, void *revealer);
