/* The work of the vault's revealing thread: the one way by which an address, or what is sealed about
 * a case, leaves the service. The database decides, records, and only then gives: vault.reveal() and
 * vault.tell() have the rules, and are the only functions on sealed values that the vault's role may
 * call. Session, relation, state, budget
 * and the audit row are of one transaction; the data key is unwrapped only once its commit is
 * known. A process that dies before that leaves no answer, and one that dies after it leaves at
 * most an answer that has its audit row.
 */
#pragma once
#include "seal/keys.h"
#include "vault/request.h"

struct revealer;

/* Works with a copy of the keys, since it loads them again when their file is replaced, while
 * other threads use theirs. conninfo is of the vault's role; copied. It connects when it is first
 * asked, and again after a lost connection. */
struct revealer *revealer_new(const struct vault_keys *keys, const char *conninfo);
/* Takes NULL. */
void revealer_free(struct revealer *r);

/* A threads_work; revealer is a struct revealer. VAULT_UNAVAILABLE where the database does not
 * answer, or it is not known whether it committed. */
void reveal_answer(const struct vault_request *request, struct vault_answer *answer, void *revealer);
