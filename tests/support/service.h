/* The service for one test: a vault and a worker process on the seeded database (tests/support/seed.sql).
 * Tests call it over HTTP as its users do.
 *
 *	TestSuite(hold, .init = service_start, .fini = service_stop);
 *
 *	Test(hold, taken_once)
 *	{
 *		struct answer a = call(ROLE_navigator, "POST", "/api/v1/placements",
 *				       "{\"household_id\":\"" HOUSEHOLD "\",…}");
 *		cr_assert_eq(a.status, 201, "%s", a.body);
 *	}
 */
#pragma once
#include <jansson.h>
#include <stddef.h>

#include "database.h"
#include "seed.h"
#include "serve/route.h"

/* Actors besides one of every role in the seed's partnership. */
enum {
	SIGNED_OUT = -1,
	ACTOR_provider_b = ROLES,	/* another provider of the same partnership */
	ACTOR_other_officer,		/* an officer of another partnership */
	ACTOR_other_provider,
	ACTORS
};

struct answer {
	int status;		/* 0: the connection ended without an answer */
	const char *head;	/* status line and headers */
	const char *body;
	size_t len;
	json_t *json;		/* of the body; NULL if it is not JSON */
};

/* A service as shipped that other tests had before (kept.h): with the rows of the seed, sessions of this
 * test's own, and a board that knows them. A test may do with it what users, the database's owner and
 * accidents do; it may not change the schema, the keys or the policy, kill or stop a process, or count
 * on its own settings: such a test has a service of its own. */
void service_start(void);
/* With one connection for writes, where a service as shipped has four: each prepares every statement,
 * which is most of what such a test costs. */
void service_start_own(void);
/* The same as shipped: for requests that arrive together. */
void service_start_crowded(void);
/* The same, with the logs of worker and vault kept in a file without a name. */
void service_start_heard(void);
/* Everything that they have logged since. */
const char *service_heard(size_t *n);
/* Fails if the worker or the vault did not end well, under `make asan` also if one leaked. */
void service_stop(void);
int service_port(void);
int service_ops_port(void);
/* The session token of an actor: "Authorization: Bearer …". */
const char *service_token(int actor);
/* The process ids, for tests that kill or stop them. */
int service_worker(void);
int service_vault(void);
/* Kills the vault. No process starts another. */
void service_lose_vault(void);
/* Starts a new one on the same line after that, as the master would. */
void service_new_vault(void);
/* The worker's end of the line to the vault, for a test that stops the worker and speaks in its
 * place. */
int service_line(void);
/* Tells the worker that another committed something. */
void service_ring(void);
/* The bell, an eventfd, by which the worker tells another. */
int service_other_bell(void);
/* GET /metrics of the ops port. */
struct answer service_metrics(void);
/* The path of the vault's key file. */
const char *service_key_file(void);

/* One request on a connection of its own. A POST gets a new Idempotency-Key, a PATCH with a body
 * the content type of a merge patch. body may be NULL; with format arguments. Everything lives as
 * long as the process. */
struct answer call(int actor, const char *method, const char *path, const char *body, ...)
	__attribute__((format(printf, 4, 5)));
/* The same with the test's own header lines ("If-Match: \"1\"\r\n"). Only Authorization, Host and
 * Content-Length are added. */
struct answer call_with(int actor, const char *method, const char *path, const char *headers,
			const char *body);
/* A header's value of an answer, or NULL. */
const char *answer_header(const struct answer *a, const char *name);
/* A text member, by dotted path with array indexes: "errors.0.pointer". NULL if it is not a
 * text. */
const char *answer_text(const struct answer *a, const char *path);
/* JSON as text, members in order; lives as long as the process. */
const char *json_told(const json_t *value);
json_int_t answer_int(const struct answer *a, const char *path);
/* True if errors[] has that pointer. */
int answer_has_error(const struct answer *a, const char *pointer);

/* Waits until the board has all changes committed so far. */
void board_settle(void);
