/* The runner: takes requests from the HTTP server and runs them by the route rows. One a worker. */
#pragma once
#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

#include "serve/route.h"

struct http_exchange;
struct http_request;
struct db;
struct vault_client;
struct serve;

/* A database constraint, and the problem that its violation is to the caller. */
struct conflict {
	const char *constraint;
	enum problem problem;
	const char *pointer;	/* the field at fault (then 422), or NULL */
	const char *detail;
};

struct serve_options {
	const struct route *const *tables;	/* NULL-ended; each ended by a row without method */
	const struct conflict *conflicts;	/* ended by a row without constraint */
	struct db *db;
	struct vault_client *vault;
	struct board *board;
	const json_t *page_options;	/* {"<code list>": [{"code","label"}]} for views, as
					 * options and as page.codes; borrowed */
	const struct right *rights;	/* ended by a row without name, or NULL; views have the flag
					 * page.can.<name> where the person's role is among these */
	bool secure_cookies;		/* __Host- cookies, which browsers keep on https only */
	int search_budget;		/* a day: vacancy searches of one person for one case, and
					 * lists of candidates of one person; 0: not counted */
	int person_search_budget;	/* searches for people a day, a person */
	/* Called when this worker has committed a change, to apply it at once. */
	void (*committed)(void *arg);
	void *arg;
};

/* Latency buckets of serve_stats, upper bounds in microseconds; the last is open. */
enum { SERVE_BUCKETS = 12 };
extern const int64_t serve_bucket_us[SERVE_BUCKETS];

struct serve_stats {
	uint64_t requests[6];		/* by first digit of the status */
	uint64_t bucket[SERVE_BUCKETS + 1];
	uint64_t microseconds;
	uint64_t logged;
	uint64_t alerts;		/* raised for the information officer */
};

/* NULL with *error set in the arena for a bad route table. */
struct serve *serve_new(struct arena *a, const struct serve_options *o, const char **error);
/* An http_handler; arg is the struct serve. */
void serve_request(struct http_exchange *x, const struct http_request *r, void *serve);
const struct serve_stats *serve_stats(const struct serve *s);
/* Takes NULL. No request may be open. */
void serve_free(struct serve *s);
