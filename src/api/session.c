/* Signing in with a password, and signing out. The vault checks the password and opens the
 * session. */
#include <string.h>

#include "api/rights.h"
#include "api/routes.h"
#include "base/uuid.h"
#include "json/write.h"
#include "seal/token.h"
#include "sql.h"
#include "vault/request.h"

struct credentials {
	const char *username, *password;
	const char *then, *resume;	/* page: where a link, or a form, was going */
};

enum { PATH_MAX_LENGTH = 600 };

#define CREDENTIALS \
	FIELD(struct credentials, username, TEXT, "username", .required = true, \
	      .ask = "Enter your username", .max = 64, .label = "Username"), \
	FIELD(struct credentials, password, TEXT, "password", .required = true, \
	      .ask = "Enter your password", .max = PASSWORD_POINTS_MAX, \
	      .label = "Password")

static const struct field credential_fields[] = { CREDENTIALS };
static const struct input credential_input = INPUT(struct credentials, credential_fields);
static const struct field page_fields[] = {
	CREDENTIALS,
	FIELD(struct credentials, then, TEXT, "then", .max = PATH_MAX_LENGTH),
	FIELD(struct credentials, resume, TEXT, "resume", .max = PATH_MAX_LENGTH),
};
static const struct input page_input_of_sign_in = INPUT(struct credentials, page_fields);
static const struct field form_fields[] = { FIELD(struct credentials, then, TEXT, "then", .max = PATH_MAX_LENGTH) };
static const struct input form_input = INPUT(struct credentials, form_fields);

/* An address of this service: not one that a browser takes for another host. */
static bool is_ours(const char *path)
{
	return path && path[0] == '/' && path[1] != '/' && !strchr(path, '\\');
}

static struct reply refused(struct ctx *c)
{
	if (!ctx_page(c))
		return problem(c, PROBLEM_WRONG_PASSWORD);
	ctx_error(c, "/username", "wrong_password", "The username or password is not right");
	return invalid(c);
}

static struct reply locked_out(struct ctx *c)
{
	if (!ctx_page(c))
		return problem(c, PROBLEM_LOCKED_OUT);
	ctx_error(c, "/username", "locked_out",
		  "Too many wrong passwords. Wait 15 minutes, then try again");
	return invalid(c);
}

static struct reply with_path(struct ctx *c, const char *name, const char *path)
{
	struct text t = text_in(ctx_arena(c));

	json_object_begin(&t);
	json_put_name(&t, name);
	json_put_str(&t, path);
	json_object_end(&t);
	return ok(c, text_done(&t));
}

/* To where they were going: a form that was interrupted is shown once more, to be sent. */
static struct reply onward(struct ctx *c, const char *json)
{
	const struct credentials *in = ctx_input(c);

	ctx_set_session(c, ctx_get(c));
	if (is_ours(in->resume))
		return with_path(c, "resume", in->resume);
	return done(c, json, "%s", is_ours(in->then) ? in->then : "/");
}

static struct reply signed_in(struct ctx *c)
{
	const char *token = ctx_get(c), *json;

	if (rows(c, 0) == 0)
		return problem(c, PROBLEM_UNAVAILABLE);
	json = row_json(c, 0, 0);
	if (!ctx_page(c))
		return created(c, arena_printf(ctx_arena(c), "{\"token\":\"%s\",%s", token, json + 1),
			       "/sessions/current");
	return onward(c, json);
}

static struct reply begun(struct ctx *c, const char *token)
{
	char hash[TOKEN_HASH];

	ctx_set(c, arena_strdup(ctx_arena(c), token));
	token_hash(token, hash);
	query(c, &SQL_SESSION_BEGUN, arena_strdup(ctx_arena(c), hash));
	return then(signed_in);
}

static struct reply judge(struct ctx *c)
{
	switch (ctx_answer(c)->status) {
	case VAULT_OK:
		return begun(c, ctx_answer(c)->text);
	case VAULT_WRONG:
		return refused(c);
	case VAULT_LOCKED:
		return locked_out(c);
	default:
		return problem(c, PROBLEM_UNAVAILABLE);
	}
}

static struct reply sign_in(struct ctx *c)
{
	struct vault_request *r = arena_new_of(ctx_arena(c), struct vault_request);
	const struct credentials *in = ctx_input(c);

	if (!vault_request_sign_in(r, in->username, in->password, uuid_or_nil(ctx_request_id(c))))
		return refused(c);
	return ask(c, r, judge);
}

static struct reply show(struct ctx *c)
{
	return row_reply(c, 0);
}

static struct reply current(struct ctx *c)
{
	query(c, &SQL_SESSION_SHOW, ctx_user(c)->session_id);
	return then(show);
}

static struct reply signed_out(struct ctx *c)
{
	ctx_clear_session(c);
	return done(c, "{\"signed_out\":true}", "/signed-out");
}

static struct reply sign_out(struct ctx *c)
{
	query(c, &SQL_SESSION_REVOKE, ctx_user(c)->session_id);
	return then(signed_out);
}

static struct reply blank(struct ctx *c)
{
	return ok(c, "{}");
}

static struct reply sign_in_form(struct ctx *c)
{
	const struct credentials *in = ctx_input(c);

	return is_ours(in->then) ? with_path(c, "then", in->then) : ok(c, "{}");
}

static const struct shape_member session_members[] = {
	SHAPE("id", UUID),
	SHAPE("created_at", INSTANT),
	SHAPE("expires_at", INSTANT),
	SHAPE("username", TEXT),
	SHAPE("name", TEXT),
	SHAPE("role", CODE, .codes = &role_codes),
	SHAPE("organisation_id", UUID),
	SHAPE("organisation", TEXT),
	SHAPE("partnership_id", UUID),
	{ 0 },
};
static const struct shape session_shape = { .name = "session", .members = session_members };

static const struct shape_member token_members[] = {
	SHAPE("token", TEXT),
	SHAPE("expires_at", INSTANT),
	SHAPE("role", CODE, .codes = &role_codes),
	SHAPE("name", TEXT),
	SHAPE("organisation", TEXT),
	{ 0 },
};
static const struct shape token_shape = { .name = "session_token", .members = token_members };

static const struct shape_member signed_out_members[] = { SHAPE("signed_out", BOOL), { 0 } };
static const struct shape signed_out_shape = {
	.name = "signed_out", .members = signed_out_members,
};

const struct route session_routes[] = {
	{ "POST", "/sessions", PUBLIC, &credential_input, sign_in, .flags = ROUTE_KEYLESS,
	  .output = &token_shape, .summary = "Sign in: send the answer's token as Authorization: Bearer" },
	{ "GET", "/sessions/current", EVERYBODY, NULL, current, .output = &session_shape,
	  .summary = "Who is signed in" },
	{ "DELETE", "/sessions/current", EVERYBODY, NULL, sign_out, .output = &signed_out_shape,
	  .summary = "Sign out; takes effect at once" },
	{ "GET", "/sign-in", PUBLIC, &form_input, sign_in_form, "sign-in", ROUTE_PAGE_ONLY },
	{ "POST", "/sign-in", PUBLIC, &page_input_of_sign_in, sign_in, "sign-in", ROUTE_PAGE_ONLY | ROUTE_KEYLESS,
	  .form = blank },
	{ "POST", "/sign-out", EVERYBODY, NULL, sign_out, "signed-out", ROUTE_PAGE_ONLY | ROUTE_KEYLESS },
	{ "GET", "/signed-out", PUBLIC, NULL, blank, "signed-out", ROUTE_PAGE_ONLY },
	{ 0 },
};
