/* The service for one test: a vault and a worker process on a fresh copy of the seeded database
 * (tests/support/seed.sql), asked over HTTP as its users would.
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
#include "serve/route.h"

/* People beyond one of every role in the seed's partnership. */
enum {
	SIGNED_OUT = -1,
	ACTOR_provider_b = ROLES,	/* another provider of the same partnership */
	ACTOR_other_officer,		/* an officer of another partnership */
	ACTOR_other_provider,
	ACTORS
};

#define PARTNERSHIP "00000000-0000-4000-8000-000000000001"
#define COUNCIL "00000000-0000-4000-8000-000000000011"
#define PROVIDER_A "00000000-0000-4000-8000-000000000012"
#define PROVIDER_B "00000000-0000-4000-8000-000000000013"
#define OTHER_COUNCIL "00000000-0000-4000-8000-000000000021"
#define OTHER_PROVIDER "00000000-0000-4000-8000-000000000022"
#define PROPERTY_A "00000000-0000-4000-8000-000000000101"	/* refuge, women, TS10 */
#define PROPERTY_B "00000000-0000-4000-8000-000000000102"	/* dispersed, any, TS19 */
#define OTHER_PROPERTY "00000000-0000-4000-8000-000000000103"
#define UNIT_A1 "00000000-0000-4000-8000-000000000201"		/* 4 people, vacancy VACANCY_A1 */
#define UNIT_A2 "00000000-0000-4000-8000-000000000202"		/* 6 people, vacancy VACANCY_A2 */
#define UNIT_A3 "00000000-0000-4000-8000-000000000203"		/* no vacancy */
#define UNIT_B1 "00000000-0000-4000-8000-000000000204"		/* vacancy VACANCY_B1 */
#define OTHER_UNIT "00000000-0000-4000-8000-000000000205"
#define VACANCY_A1 "00000000-0000-4000-8000-000000000301"
#define VACANCY_A2 "00000000-0000-4000-8000-000000000302"
#define VACANCY_B1 "00000000-0000-4000-8000-000000000303"
#define OTHER_VACANCY "00000000-0000-4000-8000-000000000304"
#define HOUSEHOLD "00000000-0000-4000-8000-000000000401"	/* woman of 30, girl of 5 */
#define HOUSEHOLD_2 "00000000-0000-4000-8000-000000000402"	/* woman of 45 */
#define OTHER_HOUSEHOLD "00000000-0000-4000-8000-000000000403"
#define REFERRAL "00000000-0000-4000-8000-000000000501"
#define REFERRAL_2 "00000000-0000-4000-8000-000000000502"
#define NOBODY "00000000-0000-4000-8000-00000000dead"

struct answer {
	int status;		/* 0: the connection ended without an answer */
	const char *head;	/* status line and headers */
	const char *body;
	size_t len;
	json_t *json;		/* of the body; NULL where it is none */
};

void service_start(void);
void service_stop(void);
int service_port(void);
/* The session token of an actor: "Authorization: Bearer …". */
const char *service_token(int actor);
/* The worker's process id, for tests that kill it. */
int service_worker(void);

/* One request on a connection of its own. A POST gets a new Idempotency-Key, a PATCH with a body the
 * content type of a merge patch. body may be NULL; with format arguments. Everything lives as long
 * as the process. */
struct answer call(int actor, const char *method, const char *path, const char *body, ...)
	__attribute__((format(printf, 4, 5)));
/* The same with header lines of the caller ("If-Match: \"1\"\r\n") and nothing added but
 * Authorization, Host and Content-Length. */
struct answer call_with(int actor, const char *method, const char *path, const char *headers,
			const char *body);
/* A header's value of an answer, or NULL. */
const char *answer_header(const struct answer *a, const char *name);
/* A text member, by dotted path with array indexes: "errors.0.pointer". NULL where it is none. */
const char *answer_text(const struct answer *a, const char *path);
json_int_t answer_int(const struct answer *a, const char *path);
/* Whether errors[] has that pointer. */
int answer_has_error(const struct answer *a, const char *pointer);

/* The first value of a statement run as the database's owner. */
const char *sql(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
/* Waits until the board has everything committed so far. */
void board_settle(void);
