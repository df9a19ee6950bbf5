/* Inside of a request: shared by the files of this layer only. */
#pragma once
#include "base/uuid.h"
#include "db/db.h"
#include "http/query.h"
#include "http/route.h"
#include "http/server.h"
#include "serve/route.h"
#include "serve/serve.h"
#include "serve/server.h"

enum { HASH_HEX = 65, CSRF_HEX = 65 };

struct audit_note {
	struct audit_note *next;
	const char *action, *kind, *id, *household, *detail;
};

/* A batch and where the handler's statements begin in it. */
struct results {
	struct batch *batch;		/* NULL: none */
	int skip;			/* statements in front that are not the handler's */
	bool session;			/* the first asks whether the session holds: no row where not */
};

struct ctx {
	struct arena *arena;
	struct serve *serve;
	struct http_exchange *x;
	const struct http_request *r;
	const struct route *route;	/* NULL: no address matched */
	struct http_match match;
	bool page, writes, retried;
	int again;			/* the status with which a form is shown again with its errors, or 0 */
	int64_t started;		/* clock_mono() */
	char request_id[UUID_TEXT];

	const struct user *user;
	const char *token;		/* as sent; NULL without a session */
	char token_hash[HASH_HEX], request_hash[HASH_HEX];
	bool by_cookie;
	bool confirmed;			/* the database was asked whether the session holds */

	struct http_pairs form;		/* of a posted form or of the query string */
	const char *sent;		/* JSON text that was decoded */
	struct decoded in;
	const char *key;		/* SHA-256 of the Idempotency-Key, in hexadecimal */

	struct results filling;		/* the batch that steps add statements to */
	bool ahead;			/* it reads before the transaction begins */
	struct results results;		/* of the last batch that was sent */
	struct db_tx *tx;
	step *next;
	struct vault_request *question;
	const struct sql *group;
	const char *item;
	const struct vault_answer *answer;	/* while the step runs that asked for it */
	void *state;
	struct secrets *secrets;

	struct audit_note *events;
	step *hidden;			/* answers where they name a hidden case */
	const char *alert;		/* kind of the alert it raised, or NULL */
	struct reply reply;
	const char *cookie;		/* Set-Cookie of the answer */
	const char *link;		/* Link of the answer */
	const char *more;		/* address of the list's next page, or NULL */
	bool csv;			/* the list is wanted as CSV */
};

/* auth.c */
/* Finds the session, then runs next; or answers 401. */
void authenticate(struct ctx *c, step *next);

/* csrf.c */
const char *csrf_token(struct ctx *c);
bool csrf_ok(struct ctx *c);
/* Whether the browser says that a page of another site sent the form. */
bool csrf_from_elsewhere(const struct ctx *c);

/* accept.c */
/* Whether the answer can be of a type that Accept allows; notes whether that is CSV. */
bool acceptable(struct ctx *c);

/* csv.c */
/* A list's answer, as CSV. */
struct reply csv_reply(struct ctx *c, struct reply r);

/* decode.c: OK, or the problem. */
bool decode_request(struct ctx *c, struct reply *refusal);

/* run.c */
void ctx_run(struct ctx *c, step *s);
void ctx_finish(struct ctx *c, struct reply r);
struct reply database_problem(struct ctx *c, const struct batch *b);

/* ctx.c */
/* The events as an item of audit_many, or NULL where there are none. */
const char *audit_item(struct ctx *c);

/* row.c: n rows of statement i as an array. */
void first_rows_put(struct text *t, const struct ctx *c, int i, int n);

/* send.c */
void send_reply(struct ctx *c, struct reply r);

/* page.c: the page of a reply; false where there is no view for it. */
bool page_render(struct ctx *c, struct reply r, struct text *html);

/* sessions.c */
struct sessions *sessions_new(void);
const struct user *sessions_get(struct sessions *s, const char *token_hash, struct arena *a);
void sessions_put(struct sessions *s, const char *token_hash, const struct user *u);
void sessions_forget(struct sessions *s, const char *token_hash);
void sessions_free(struct sessions *s);

struct serve {
	struct serve_options o;
	struct http_routes *routes;
	const struct route **rows;	/* row of each compiled address */
	bool *pages;			/* whether that address is a page */
	size_t n;
	struct arena *arena;
	struct sessions *sessions;
	struct group_writer {
		const struct sql *sql;
		struct db_group *group;
	} groups[8];
	struct serve_stats stats;
};
