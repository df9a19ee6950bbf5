/* Finds the caller: the token, and the session behind it. */
#include <string.h>

#include "ctx.h"
#include "seal/token.h"
#include "sql.h"

enum { TOKEN_MAX = 128 };

static const char *cookie_name(const struct ctx *c)
{
	return c->serve->o.secure_cookies ? "__Host-haven" : "haven";
}

static const char *find_token(struct ctx *c)
{
	const char *header = http_request_header(c->r, "authorization"), *cookie;
	size_t len;

	if (header && strncasecmp(header, "Bearer ", 7) == 0)
		return header + 7;
	cookie = http_request_cookie(c->r, cookie_name(c), &len);
	if (!cookie)
		return NULL;
	c->by_cookie = true;
	return arena_strndup(c->arena, cookie, len);
}

static void keep_user(struct ctx *c, const struct batch *b)
{
	struct user *u = arena_new_of(c->arena, struct user);

	*u = (struct user){
		.session_id = batch_value(b, 0, 0, "session_id"),
		.account_id = batch_value(b, 0, 0, "account_id"),
		.organisation_id = batch_value(b, 0, 0, "organisation_id"),
		.partnership_id = batch_value(b, 0, 0, "partnership_id"),
		.name = batch_value(b, 0, 0, "display_name"),
		.organisation = batch_value(b, 0, 0, "organisation_name"),
		.role = code_index(&role_codes, batch_value(b, 0, 0, "role")),
	};
	c->user = u;
	c->confirmed = true;
	sessions_put(c->serve->sessions, c->token_hash, u);
}

static void on_session(struct batch *b, void *arg)
{
	struct ctx *c = arg;

	if (batch_outcome(b) != DB_OK) {
		ctx_finish(c, database_problem(c, b));
		return;
	}
	keep_user(c, b);
	ctx_run(c, c->next);
}

/* The look-up is a transaction because it also notes that the session is in use. */
static void look_up(struct ctx *c, step *next)
{
	struct batch *b = batch_new(c->arena);

	c->next = next;
	batch_query(b, &SQL_REQUEST_BEGIN, c->token_hash, c->request_id, NULL, NULL);
	db_tx_commit(db_tx_begin(c->serve->o.db), b, on_session, c);
}

void authenticate(struct ctx *c, step *next)
{
	c->token = find_token(c);
	if (!c->token || !*c->token || strlen(c->token) > TOKEN_MAX) {
		c->token = NULL;
		ctx_finish(c, problem(c, PROBLEM_NOT_SIGNED_IN));
		return;
	}
	token_hash(c->token, c->token_hash);
	c->user = sessions_get(c->serve->sessions, c->token_hash, c->arena);
	if (c->user)
		ctx_run(c, next);
	else
		look_up(c, next);
}

static void set_cookie(struct ctx *c, const char *value, const char *age)
{
	c->cookie = arena_printf(c->arena, "%s=%s; Path=/; HttpOnly; SameSite=Lax%s%s", cookie_name(c),
				 value, c->serve->o.secure_cookies ? "; Secure" : "", age);
}

/* A form on the page that answers is of the new session. */
void ctx_set_session(struct ctx *c, const char *token)
{
	c->token = token;
	token_hash(token, c->token_hash);
	set_cookie(c, token, "");
}

void ctx_clear_session(struct ctx *c)
{
	if (c->token)
		sessions_forget(c->serve->sessions, c->token_hash);
	set_cookie(c, "", "; Max-Age=0");
}
