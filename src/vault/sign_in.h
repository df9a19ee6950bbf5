/* Signing in, and changing one's password: the work of the vault's hashing threads. The vault reads the account, checks the password, and opens the session itself (functions of
 * migration 0014, which its role alone may call). A worker that could open sessions could ask for the
 * addresses of whomever it liked; so it sees the tokens of people who come to it, and no others.
 */
#pragma once
#include "vault/request.h"

/* A threads_work; db is a struct vault_db. On several threads at once: only the database is asked in turns.
 * VAULT_OK brings the new session's token, or says that the password is changed and the person's other
 * sessions have ended. VAULT_WRONG and VAULT_LOCKED: five wrong passwords lock a name for 15 minutes,
 * whether or not there is such an account, and an unknown name takes as long as a wrong password. What
 * was checked is the account as it was read; where it has another password or is closed by the time of
 * the act, nothing is done and the password given is checked once more: after a change of password the
 * old one has opened nothing, and of two changes at once the second is told VAULT_WRONG. */
void sign_in_answer(const struct vault_request *request, struct vault_answer *answer, void *db);
