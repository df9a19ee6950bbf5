/* One request's life, as a handler sees it: a chain of named steps, each of which returns an answer
 * or says what to wait for and which step comes next. A handler never sees an event loop, a socket
 * or a connection, and a path that forgets to answer does not compile.
 *
 *	static struct reply hold_created(struct ctx *c)
 *	{
 *		if (rows(c, 0) == 0)
 *			return problem(c, PROBLEM_VACANCY_NOT_OPEN);
 *		return created(c, row_json(c, 0, 0), "/placements/%s", value(c, 0, 0, "id"));
 *	}
 *
 *	static struct reply hold_create(struct ctx *c)
 *	{
 *		const struct hold *h = ctx_input(c);
 *
 *		query(c, &SQL_HOLD_CREATE, h->household, h->vacancy);
 *		return then(hold_created);
 *	}
 *
 * Everything a step gets or makes lives in the request's arena: handlers free nothing.
 *
 * A request that may write (any method but GET, unless the row says ROUTE_READS) is one transaction:
 * its batches see one another, and it commits with its answer. An answer of 400 or more rolls
 * everything back; the Idempotency-Key's stored answer commits along with what it describes.
 * A request that reads runs on a shared read-only connection, each batch a snapshot of its own.
 * Every batch begins by asking the database whether the session still holds.
 */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/text.h"
#include "db/sql.h"
#include "json/input.h"
#include "serve/problem.h"
#include "vault/request.h"

struct ctx;
struct board;
struct reply;
struct shape;

typedef struct reply step(struct ctx *c);

/* Rules across the fields of an input, which need no database: adds errors with ctx_error(). It runs
 * before the first step, also where fields were refused, so that one answer names everything that is
 * wrong: what was refused is absent in ctx_input() then, and "required" at its pointer is not added.
 * Steps run only where nothing is wrong. */
typedef void checks(struct ctx *c);

/* How long a page with an address stands: as long as address_reveal says. */
enum { SHOWN_SECONDS = 60 };

enum reply_kind { REPLY_ANSWER, REPLY_THEN, REPLY_ASK, REPLY_TOGETHER };

/* Made by the functions below, never by hand. */
struct reply {
	enum reply_kind kind;
	step *next;
	int status;
	const char *body;	/* JSON, NUL-terminated; or bytes of `type` */
	size_t len;
	const char *type;	/* NULL: application/json */
	const char *location;	/* without /api/v1 */
	const char *etag;
	const char *leave;	/* page: the browser leaves it for that path after SHOWN_SECONDS, or NULL */
	bool cacheable;		/* body is compiled in: browsers may keep it an hour */
	bool kept;		/* commits although it refuses: see kept() */
};

/* ---- answers ---- */

/* 200 with a JSON object; an ETag where the last rows carry a column `version` is set by row_reply(). */
struct reply ok(struct ctx *c, const char *json);
/* 200 with row 0 of statement i as an object and its version as ETag; 404 where there is no row. The
 * tag is for If-Match. It is no validator for If-None-Match: the body also tells what changes without
 * the row (a hold that ran out, facts of a household), so every GET is answered in full. */
struct reply row_reply(struct ctx *c, int i);
/* The same as 201 with a Location. */
struct reply created(struct ctx *c, const char *json, const char *location_fmt, ...)
	__attribute__((format(printf, 3, 4)));
/* The same as 200, and where a page goes next (303). */
struct reply done(struct ctx *c, const char *json, const char *location_fmt, ...)
	__attribute__((format(printf, 3, 4)));
/* Rows of statement i as {"items": […], "next": cursor or null} with a Link header. The statement
 * was asked for page_size(c) + 1 rows and ends with a text column `_cursor`. */
struct reply list_reply(struct ctx *c, int i);
/* Rows of statement i as {"items": […]}. */
struct reply all_reply(struct ctx *c, int i);
struct reply problem(struct ctx *c, enum problem which);
/* With a sentence for this case. */
struct reply problem_detail(struct ctx *c, enum problem which, const char *detail);
/* With further members: json is `"name":value,…` without braces. */
struct reply problem_with(struct ctx *c, enum problem which, const char *members);
/* 422 with the errors of the input: after ctx_error(). */
struct reply invalid(struct ctx *c);
/* A refusal whose writes stay all the same: a counted failure. */
struct reply kept(struct reply r);
/* Compiled-in bytes: sent by reference, so they must live as long as the process. */
struct reply bytes_reply(const void *bytes, size_t len, const char *type);

/* ---- waiting ---- */

/* Adds a statement to the next batch: query(c, &SQL_X, a, b): each argument a const char * (NULL is
 * SQL NULL). Statements of a batch count from 0. */
#define query(c, s, ...)                                                                           \
	ctx_query((c), (s),                                                                        \
		  (int)(sizeof((const char *const[]){ NULL, __VA_ARGS__ }) / sizeof(char *)) - 1,  \
		  &(const char *const[]){ NULL, ##__VA_ARGS__, NULL }[1])
void ctx_query(struct ctx *c, const struct sql *s, int n, const char *const params[]);
/* The same in a request that will write, before its transaction begins: a read of its own, so that
 * what follows (asking the vault) keeps no transaction waiting. What it finds may be different once
 * the transaction begins: the statements there must notice. */
#define query_ahead(c, s, ...) (ctx_ahead(c), query((c), (s), __VA_ARGS__))
void ctx_ahead(struct ctx *c);
/* The same for a lock, as first of its batch: its row is nobody's, the others count from 0 all the same. */
#define query_lock(c, s, ...) (query((c), (s), __VA_ARGS__), ctx_locks(c))
void ctx_locks(struct ctx *c);
/* Sends the batch (which may be empty) and goes on with next once its results are there. */
struct reply then(step *next);
/* Asks the vault; ctx_answer() has the answer in next, and in no later step. Wipes *r. */
struct reply ask(struct ctx *c, struct vault_request *r, step *next);
const struct vault_answer *ctx_answer(const struct ctx *c);
/* Sends one JSON object to a group statement: everybody's items of this moment in one commit. The
 * rows of this item are statement 0 in next. The item starts as group_item(c) makes it. */
struct reply together(struct ctx *c, const struct sql *group, const char *item, step *next);
/* An open JSON object with token, request, key and hash of this request; the caller adds members
 * with json_put_key() and closes it. */
struct text group_item(struct ctx *c);

/* ---- results of the last batch ---- */

int rows(const struct ctx *c, int i);
int affected(const struct ctx *c, int i);
const char *value(const struct ctx *c, int i, int row, const char *name);
/* Statement i as it is known to the batch, for who reads rows itself. */
const struct batch *ctx_rows(const struct ctx *c, int i, int *statement);
/* A row as a JSON object: column names are member names, types decide the form; names that begin
 * with _ are left out. */
const char *row_json(struct ctx *c, int i, int row);
void row_put(struct text *t, const struct ctx *c, int i, int row);
/* All rows of statement i as an array. */
void rows_put(struct text *t, const struct ctx *c, int i);

/* ---- the request ---- */

struct user {
	const char *session_id, *account_id, *organisation_id, *partnership_id;
	const char *name, *organisation;
	int role;	/* enum role */
};

struct arena *ctx_arena(struct ctx *c);
/* NULL on public routes asked without a session. */
const struct user *ctx_user(const struct ctx *c);
/* The decoded body (or query string): the struct of the row's input table. */
const void *ctx_input(const struct ctx *c);
const struct decoded *ctx_decoded(const struct ctx *c);
/* The validated body as JSON text, one parameter for SQL. */
const char *ctx_json(struct ctx *c);
/* A named part of the path; NULL where the row has none of that name. */
const char *ctx_arg(const struct ctx *c, const char *name);
/* The same as a UUID in lower case; an invalid one becomes the nil UUID, which matches nothing. */
const char *ctx_id(struct ctx *c, const char *name);
/* The version that If-Match (or the form's _version) names, as decimal text; NULL where missing. */
const char *ctx_if_match(struct ctx *c);
/* Rows wanted of a list, as text: one more than `limit` of the query (default 25, at most 100). */
const char *page_size(struct ctx *c);
/* The cursor of the query as SQL wrote it, or NULL. */
const char *page_cursor(struct ctx *c);
/* An error of a field, as json_add_error(). */
void ctx_error(struct ctx *c, const char *pointer, const char *code, const char *detail);
/* Searches for people that one person may make a day. */
int ctx_person_search_budget(const struct ctx *c);
/* A pointer that the handler's steps share. */
void ctx_set(struct ctx *c, void *state);
void *ctx_get(const struct ctx *c);
struct board *ctx_board(const struct ctx *c);
/* The session's token as it was sent, for the vault, which looks for itself. NULL without a session. */
const char *ctx_token(const struct ctx *c);
/* True when this request is a page. */
bool ctx_page(const struct ctx *c);
const char *ctx_request_id(const struct ctx *c);
/* Peer settings for session cookies: sets and clears the cookie of this answer. */
void ctx_set_session(struct ctx *c, const char *token);
void ctx_clear_session(struct ctx *c);

/* What is answered in place of the reply where an event names a case that is hidden from who asks
 * (it is not recorded then); 404 where this is not called. */
void audit_hidden(struct ctx *c, step *instead);
/* Says that this request raised an alert of that kind (a string literal), for the log and the
 * metrics once it is committed and answered. */
void alerted(struct ctx *c, const char *kind);
/* Records that a person's record was read (or searched for): committed before the answer leaves.
 * detail is a JSON object or NULL. */
void audit(struct ctx *c, const char *action, const char *kind, const char *id, const char *household,
	   const char *detail);
