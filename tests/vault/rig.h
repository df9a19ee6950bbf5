/* A vault process in a child of its own, and the helpers of its tests. */
#pragma once
#include <criterion/criterion.h>
#include <event2/event.h>
#include <sys/types.h>

#include "fresh_keys.h"
#include "patience.h"
#include "vault/client.h"
#include "vault/request.h"
#include "vault/vault.h"

#define PASSWORD "correct horse battery"

enum { LINES = 2, PATIENCE_MS = PATIENCE_S * 1000 };

extern int line[LINES][2];	/* as vault_line() */
extern pid_t vault;		/* 0: ended */
extern struct event_base *base;
extern struct vault_keys *rig_keys;	/* of the vault */

/* For TestSuite(.init, .fini). */
void rig_start(void);
void rig_stop(void);

/* The rig's vault reveals RIG_ADDRESS and the placement's number to RIG_TOKEN, to RIG_SLOW only
 * after a while, and nothing to any other token. */
#define RIG_TOKEN "a-token-of-the-rig"
#define RIG_SLOW "slow"
#define RIG_ADDRESS "{\"lines\":[\"1 Rig Way\"]}"
enum { RIG_SLOW_MS = 20 };

/* The rig's vault signs in RIG_NAME with PASSWORD, which it checks at the lowest costs. Any other
 * name costs as much as a real check. It says that a changed password is stored. */
#define RIG_NAME "somebody"
#define RIG_SESSION "a-session-of-the-rig"

/* The linker puts these in the place of the functions that ask the database (Makefile). */
void __wrap_reveal_answer(const struct vault_request *request, struct vault_answer *answer, void *revealer);
void __wrap_sign_in_answer(const struct vault_request *request, struct vault_answer *answer, void *db);

pid_t spawn_vault(struct vault_keys *keys);
/* SIGTERM; the wait status. */
int stop_vault(void);

/* Counts calls, and keeps the last answer and its place among all answers heard. */
struct heard {
	int n, order;
	struct vault_answer answer;
};

void hear(const struct vault_answer *answer, void *arg);

/* A patient client on line i. */
struct vault_client *client_of(int i);
/* Runs the loop until all is answered. */
void wait_all(struct vault_client *c);
struct vault_answer rig_ask(struct vault_client *c, struct vault_request *r);
struct vault_answer ask_sign_in(struct vault_client *c, const char *username, const char *password);
struct vault_answer ask_blind(struct vault_client *c, const char *name);
struct vault_answer ask_reveal(struct vault_client *c, const char *token, uint64_t placement);
/* wrapped NULL: with a new key. */
struct vault_answer ask_seal(struct vault_client *c, const struct seal_place *place,
			     const unsigned char *wrapped, const char *text);
