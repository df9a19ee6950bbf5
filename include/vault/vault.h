/* The vault process: the only one that holds the keys. Workers ask it over socket pairs with
 * messages of fixed size. It drops, refuses or answers whatever a taken-over worker sends, and
 * serves every other worker in its turn.
 *
 * One thread reads all lines, and seals and computes blind indexes at once; VAULT_HASHERS threads
 * sign in and do argon2id, taking turns between workers, so that neither a storm of sign-ins nor
 * one greedy worker delays the rest. One more thread reveals, with a queue of its own: it waits
 * for the database, and a sign-in does not wait for that. Memory is bounded: VAULT_LANE requests
 * a worker and queue wait, more are VAULT_UNAVAILABLE, and each hashing thread uses at most
 * PASSWORD_MEMORY_KIB_MAX.
 */
#pragma once
#include <stdbool.h>

#include "seal/keys.h"

enum {
	VAULT_WORKERS_MAX = 64,
	VAULT_HASHERS = 2,
	VAULT_THREADS_MAX = 2,	/* of one kind of work */
	VAULT_LANE = 64,
};

/* Makes one line: pair[0] is the vault's end, pair[1] the worker's; both close on exec. The master
 * keeps both open, so that a restarted worker or vault carries on with the same line. False with
 * errno. */
bool vault_line(int pair[2]) __attribute__((warn_unused_result));

/* Serves the n (1 to VAULT_WORKERS_MAX) vault ends until SIGTERM, or until every line has ended:
 * then 0. 1 where it cannot start, or memory or threads are missing. conninfo is of the vault's
 * role; with NULL there is no database, and VAULT_SIGN_IN, VAULT_PASSWORD_CHANGE, VAULT_REVEAL
 * and both tells are answered VAULT_UNAVAILABLE. Blocks SIGTERM for the process and takes it here. Loads the
 * keys again when their file is replaced. Does not close fds or free keys. Malformed messages are
 * logged by line and count, at powers of two. */
int vault_serve(const int fds[], int n, struct vault_keys *keys, const char *conninfo);
