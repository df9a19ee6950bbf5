/* The work of the vault's hashing threads at the door (vault/vault.h): signing in, and changing one's
 * password. The vault reads the account, checks the password, and opens the session itself (by functions
 * that its role alone may call). A worker that could open sessions could ask for the
 * addresses of whomever it liked; so it sees the tokens of people who come to it, and no others.
 *
 *	struct porter *p = porter_new(conninfo);
 *	struct vault_desks desks = { .sign_in = porter_answer, .porter = p };
 */
#pragma once
#include "vault/request.h"

struct porter;

/* conninfo is of the vault's role; copied. It connects when it is first asked, and again after a lost
 * connection. */
struct porter *porter_new(const char *conninfo);
/* Takes NULL. */
void porter_free(struct porter *p);

/* A vault_work; arg is the porter. On several threads at once: only the database is asked in turns.
 * VAULT_OK brings the new session's token, or says that the password is changed and the person's other
 * sessions have ended. VAULT_WRONG and VAULT_LOCKED: five wrong passwords lock a name for 15 minutes,
 * whether or not there is such an account, and an unknown name takes as long as a wrong password. What
 * was checked is the account as it was read; where it has another password or is closed by the time of
 * the act, nothing is done and the password given is checked once more: after a change of password the
 * old one has opened nothing, and of two changes at once the second is told VAULT_WRONG. */
void porter_answer(const struct vault_request *request, struct vault_answer *answer, void *arg);
