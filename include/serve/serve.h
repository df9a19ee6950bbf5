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
 * The short words of this header (ok, rows, value, then, ask, done, audit) stand without a module's
 * name because every handler is written in them. No other header has such words.
 *
 * Everything a step gets or makes lives in the request's arena: handlers free nothing. What a handler
 * says in nearly every line has short names without a prefix (ok, rows, value, then, ask, done, audit,
 * kept, at); these are the only such names of the program.
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
#include "serve/reply.h"

struct ctx;
struct board;
struct secrets;
struct shape;
struct vault_answer;
struct vault_request;


/* Rules across the fields of an input, which need no database: adds errors with ctx_error(). It
 * runs before the first step, also where fields were refused, so that one answer names every
 * error: a refused field is absent in ctx_input() then, and a "required" at its pointer is not
 * added. Steps run only where there is no error. */
typedef void checks(struct ctx *c);

/* How long a page with an address stands: as long as address_reveal says. */
enum { SHOWN_SECONDS = 60 };

/* ---- answers ---- */

/* 200 with a JSON object, without an ETag: row_reply() sets that. */
struct reply ok(struct ctx *c, const char *json);
/* 200 with row 0 of statement i as an object and its version as ETag; 404 where there is no row.
 * The tag is for If-Match. It is no validator for If-None-Match: the body also shows facts that
 * change without the row (a hold that ran out, facts of a household), so every GET is answered in
 * full. */
struct reply row_reply(struct ctx *c, int i);
/* The same for a row that is there, with other JSON in its place. */
struct reply tagged(struct ctx *c, int i, const char *json);
/* The same as 201 with a Location. */
struct reply created(struct ctx *c, const char *json, const char *location_fmt, ...)
	__attribute__((format(printf, 3, 4)));
/* The same as 200; a page goes on to the location (303). */
struct reply done(struct ctx *c, const char *json, const char *location_fmt, ...)
	__attribute__((format(printf, 3, 4)));
/* Rows of statement i as {"items": […], "next": cursor or null} with a Link header. The statement
 * was asked for page_size(c) + 1 rows and ends with a text column `_cursor`. */
struct reply list_reply(struct ctx *c, int i);
/* The same, recorded as audit() does, with how many rows it shows. */
struct reply recorded_list(struct ctx *c, int i, const char *action, const char *kind, const char *id,
			   const char *household);
/* Rows of statement i as {"items": […]}. */
struct reply all_reply(struct ctx *c, int i);
struct reply problem(struct ctx *c, enum problem which);
/* With a sentence for this case. */
struct reply problem_detail(struct ctx *c, enum problem which, const char *detail);
/* With further members: json is `"name":value,…` without braces. */
struct reply problem_with(struct ctx *c, enum problem which, const char *members);
/* 422 with the errors of the input: after ctx_error(). */
struct reply invalid(struct ctx *c);
/* The answer with a Location, where a page goes next (303). */
struct reply at(struct reply r, const char *path);
/* The answer as a page that the browser leaves for that path after SHOWN_SECONDS. */
struct reply leaving(struct reply r, const char *path);
/* Makes a refusal commit what was written: a counted failure. */
struct reply kept(struct reply r);
/* Compiled-in bytes: sent by reference, so they must live as long as the process. */
struct reply bytes_reply(const void *bytes, size_t len, const char *type);
/* 200 with a file that was made for this caller: bytes in the request's arena. Of rows with ROUTE_BARE. */
struct reply file_reply(const void *bytes, size_t len, const char *type);

/* ---- waiting ---- */

/* The parameters of a statement as two arguments of a function: their number, and an array of const
 * char * (NULL is SQL NULL). `c` stands in front of them so that there may be none. */
#define PARAMS(c, ...)                                                                             \
	(int)(sizeof((const char *const[]){ NULL, ##__VA_ARGS__ }) / sizeof(char *)) - 1,          \
		&(const char *const[]){ NULL, ##__VA_ARGS__, NULL }[1]
/* Adds a statement to the next batch: query(c, &SQL_X, a, b). Statements of a batch count from 0. */
#define query(c, s, ...) ctx_query((c), (s), PARAMS(c, ##__VA_ARGS__))
void ctx_query(struct ctx *c, const struct sql *s, int n, const char *const params[]);
/* The same in a request that will write, before its transaction begins: a read of its own, so that
 * what follows (asking the vault) keeps no transaction waiting. What it finds may be different once
 * the transaction begins: the statements there must notice. */
#define query_ahead(c, s, ...) ctx_query_ahead((c), (s), PARAMS(c, ##__VA_ARGS__))
void ctx_query_ahead(struct ctx *c, const struct sql *s, int n, const char *const params[]);
/* A lock as the first statement of the batch. Its row is not counted: the next statement is number
 * 0. */
#define query_lock(c, s, ...) ctx_query_lock((c), (s), PARAMS(c, ##__VA_ARGS__))
void ctx_query_lock(struct ctx *c, const struct sql *s, int n, const char *const params[]);
/* Sends the batch (which may be empty) and goes on with next once its results are there. */
struct reply then(step *next);
/* Asks the vault; ctx_answer() has the answer in next, and in no later step. Wipes *r. */
struct reply ask(struct ctx *c, struct vault_request *r, step *next);
const struct vault_answer *ctx_answer(const struct ctx *c);
/* Sends one JSON object to a group statement, which commits the items of all requests of this
 * moment at once. The rows of this item are statement 0 in next. The item starts as group_item(c)
 * makes it. */
struct reply together(struct ctx *c, const struct sql *group, const char *item, step *next);
/* An open JSON object with token, request, key and hash of this request; the caller adds members
 * with json_put_key() and closes it. */
struct text group_item(struct ctx *c);

/* ---- results of the last batch ---- */

int rows(const struct ctx *c, int i);
int affected(const struct ctx *c, int i);
const char *value(const struct ctx *c, int i, int row, const char *name);
/* The batch of statement i and its number there, for code that reads rows itself. */
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
/* Whether the person's role is one of the set; false without a session. */
bool ctx_can(const struct ctx *c, unsigned roles);
/* The decoded body (or query string): the struct of the row's input table. */
const void *ctx_input(const struct ctx *c);
const struct decoded *ctx_decoded(const struct ctx *c);
/* The validated body as JSON text, one parameter for SQL. */
const char *ctx_json(struct ctx *c);
/* A named part of the path; NULL where the row has none of that name. */
const char *ctx_arg(const struct ctx *c, const char *name);
/* The same as a UUID in lower case; an invalid one becomes the nil UUID, which matches nothing. */
const char *ctx_id(struct ctx *c, const char *name);
/* The version that If-Match (or the form's _version) names, as decimal text: -1 for "*", which is any
 * version there is; NULL where missing. A statement compares it by $3::integer IN (u.version, -1). */
const char *ctx_if_match(struct ctx *c);
/* Whether If-Match names that version, or any, or is missing. */
bool ctx_matches(struct ctx *c, const char *version);
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
/* The same of what the vault is asked (api/secrets.h), which has steps of its own. */
void ctx_set_secrets(struct ctx *c, struct secrets *s);
struct secrets *ctx_secrets(const struct ctx *c);
struct board *ctx_board(const struct ctx *c);
/* The session's token as it was sent, for the vault, which looks the session up itself. NULL
 * without a session. */
const char *ctx_token(const struct ctx *c);
/* True when this request is a page. */
bool ctx_page(const struct ctx *c);
const char *ctx_request_id(const struct ctx *c);
/* Peer settings for session cookies: sets and clears the cookie of this answer. */
void ctx_set_session(struct ctx *c, const char *token);
void ctx_clear_session(struct ctx *c);

/* The step that answers instead where an event names a case that is hidden from the caller (the
 * event is not recorded then). Where this is not called the answer is 404. */
void audit_hidden(struct ctx *c, step *instead);
/* Says that this request raised an alert of that kind (a string literal), for the log and the
 * metrics once it is committed and answered. */
void alerted(struct ctx *c, const char *kind);
/* Records that a person's record was read (or searched for): committed before the answer leaves.
 * The answer is made before it is known whether it may be given: in the same commit the database
 * says whether the case is hidden and whether a budget is spent, and then another takes its place.
 * detail is a JSON object or NULL. */
void audit(struct ctx *c, const char *action, const char *kind, const char *id, const char *household,
	   const char *detail);
