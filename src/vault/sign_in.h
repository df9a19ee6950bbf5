/* Signing in, and changing one's password: the work of the vault's hashing threads. The vault
 * reads the account, checks the password, and opens the session itself, by functions that its
 * role alone may call. A worker that could open sessions could ask for addresses in anybody's
 * name; so a worker sees only the tokens of people who come to it.
 */
#pragma once
#include "vault/request.h"

/* A threads_work; db is a struct vault_db. It runs on several threads at once: only the database
 * is asked in turns. VAULT_OK brings the new session's token, or says that the password is
 * changed and the person's other sessions have ended. VAULT_WRONG and VAULT_LOCKED: five wrong
 * passwords lock a name for 15 minutes, whether or not there is such an account, and an unknown
 * name takes as long as a wrong password. The password is checked against the account as it was
 * read. Where the account has another password or is closed by the time the vault acts, nothing
 * is done and the given password is checked once more: after a change the old password opens
 * nothing, and of two changes at once the second is told VAULT_WRONG. */
void sign_in_answer(const struct vault_request *request, struct vault_answer *answer, void *db);
