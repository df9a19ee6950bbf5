/* The worker's line to the vault, on the worker's event loop. Password requests go out in the
 * order asked. Blind indexes, values to seal and reveals each have an order of their own, and
 * none waits behind passwords. Answers come in any order, each to its own callback.
 *
 *	if (!vault_request_sign_in(&r, username, password, request) ||
 *	    !vault_ask(client, &r, on_signed_in, c))
 *		return problem(c, …);
 *
 * Limits: VAULT_ASKS_MAX outstanding, and with the vault at a time VAULT_WINDOW passwords,
 * VAULT_SEAL_WINDOW values to seal and VAULT_REVEAL_WINDOW reveals, so that all answers have room
 * on the line. A request that is not answered in time is answered VAULT_UNAVAILABLE, and its late
 * answer is dropped; so are answers to a worker that died before this one took over its line
 * (each client tags its requests with a random generation).
 */
#pragma once
#include <stdbool.h>
#include <stddef.h>

#include "vault/request.h"

struct event_base;
struct vault_client;

enum {
	VAULT_ASKS_MAX = 256,
	VAULT_WINDOW = 64,
	VAULT_SEAL_WINDOW = 16,
	VAULT_REVEAL_WINDOW = 8,
	VAULT_TIMEOUT_MS = 5000,
};

/* answer lives until the callback returns; it is wiped then. The callback runs from the loop, never
 * inside vault_ask(); it may ask again, but not free the client. */
typedef void vault_answered(const struct vault_answer *answer, void *arg);

/* fd is the worker's end of the line (vault/vault.h); the client owns and closes it. */
struct vault_client *vault_client_new(struct event_base *base, int fd);
/* Answers outstanding requests with VAULT_UNAVAILABLE, then frees. Takes NULL. */
void vault_client_free(struct vault_client *client);
/* For requests from now on; the default is VAULT_TIMEOUT_MS. Requests are timed out in order, so
 * set it before the first. */
void vault_client_set_timeout(struct vault_client *client, int ms);

/* False where VAULT_ASKS_MAX are outstanding or the line is dead (503); the callback is then not
 * called. *request is wiped in every case. */
bool vault_ask(struct vault_client *client, struct vault_request *request, vault_answered *done,
	       void *arg) __attribute__((warn_unused_result));
/* Asks not yet answered, for metrics and for draining. */
size_t vault_client_pending(const struct vault_client *client);
