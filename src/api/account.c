/* Accounts, for administrators; and the caller's own password. */
#include "api/rights.h"
#include "api/routes.h"
#include "seal/password.h"
#include "sql.h"
#include "vault/request.h"

struct new_account {
	const char *organisation, *username, *name, *role, *password;
};

static const struct field new_account_fields[] = {
	FIELD(struct new_account, organisation, UUID, "organisation_id", .required = true),
	FIELD(struct new_account, username, TEXT, "username", .required = true, .min = 3, .max = 64),
	FIELD(struct new_account, name, TEXT, "name", .required = true, .max = 100),
	FIELD(struct new_account, role, CODE, "role", .required = true, .codes = &role_codes),
	FIELD(struct new_account, password, TEXT, "password", .required = true, .min = PASSWORD_POINTS_MIN,
	      .max = PASSWORD_POINTS_MAX),
};
static const struct input new_account_input = INPUT(struct new_account, new_account_fields);

struct new_password {
	const char *current, *password;
};

static const struct field new_password_fields[] = {
	FIELD(struct new_password, current, TEXT, "current_password", .required = true, .max = PASSWORD_POINTS_MAX),
	FIELD(struct new_password, password, TEXT, "new_password", .required = true, .min = PASSWORD_POINTS_MIN,
	      .max = PASSWORD_POINTS_MAX),
};
static const struct input new_password_input = INPUT(struct new_password, new_password_fields);

static struct reply listed(struct ctx *c)
{
	return list_reply(c, 0);
}

static struct reply account_list(struct ctx *c)
{
	query(c, &SQL_ACCOUNT_LIST, page_size(c), page_cursor(c));
	return then(listed);
}

static struct reply account_created(struct ctx *c)
{
	if (rows(c, 0) == 0) {
		ctx_error(c, "/organisation_id", "unknown", "Organisation must be one of your partnership, of a kind that has this role");
		return invalid(c);
	}
	return created(c, row_json(c, 0, 0), "/accounts/%s", value(c, 0, 0, "id"));
}

static struct reply account_hashed(struct ctx *c)
{
	const struct new_account *in = ctx_input(c);

	if (ctx_answer(c)->status != VAULT_OK)
		return problem(c, PROBLEM_UNAVAILABLE);
	query(c, &SQL_ACCOUNT_CREATE, in->organisation, in->username, in->name, in->role, ctx_answer(c)->text);
	return then(account_created);
}

static struct reply account_create(struct ctx *c)
{
	struct vault_request *r = arena_new_of(ctx_arena(c), struct vault_request);
	const struct new_account *in = ctx_input(c);

	if (vault_request_hash(r, in->password))
		return ask(c, r, account_hashed);
	ctx_error(c, "/password", "bad_text", "Password cannot be used");
	return invalid(c);
}

static struct reply changed(struct ctx *c)
{
	if (rows(c, 0) == 0)
		return problem(c, PROBLEM_NOT_FOUND);
	return ok(c, row_json(c, 0, 0));
}

static struct reply account_disable(struct ctx *c)
{
	query(c, &SQL_ACCOUNT_DISABLE, ctx_id(c, "id"));
	return then(changed);
}

static struct reply account_sign_out(struct ctx *c)
{
	query(c, &SQL_ACCOUNT_SIGN_OUT, ctx_id(c, "id"));
	return then(changed);
}

static struct reply wrong_password(struct ctx *c)
{
	ctx_error(c, "/current_password", "wrong_password", "Current password is not right");
	return invalid(c);
}

static struct reply password_changed(struct ctx *c)
{
	switch (ctx_answer(c)->status) {
	case VAULT_OK:
		return ok(c, "{\"changed\":true}");
	case VAULT_WRONG:
		return wrong_password(c);
	case VAULT_LOCKED:
		return problem(c, PROBLEM_LOCKED_OUT);
	case VAULT_NO_SESSION:
		return problem(c, PROBLEM_NOT_SIGNED_IN);
	default:
		return problem(c, PROBLEM_UNAVAILABLE);
	}
}

static struct reply password_change(struct ctx *c)
{
	struct vault_request *r = arena_new_of(ctx_arena(c), struct vault_request);
	const struct new_password *in = ctx_input(c);

	if (vault_request_password(r, ctx_token(c), in->current, in->password, uuid_or_nil(ctx_request_id(c))))
		return ask(c, r, password_changed);
	ctx_error(c, "/new_password", "bad_text", "Password cannot be used");
	return invalid(c);
}

static const struct shape_member account_members[] = {
	SHAPE("id", UUID),
	SHAPE("username", TEXT),
	SHAPE("name", TEXT),
	SHAPE("role", CODE, .codes = &role_codes),
	SHAPE("organisation_id", UUID),
	SHAPE("disabled", BOOL),
	SHAPE("created_at", INSTANT),
	{ 0 },
};
static const struct shape account_shape = { .name = "account", .members = account_members };

static const struct shape_member listed_members[] = {
	SHAPE("id", UUID),
	SHAPE("username", TEXT),
	SHAPE("name", TEXT),
	SHAPE("role", CODE, .codes = &role_codes),
	SHAPE("organisation_id", UUID),
	SHAPE("organisation", TEXT),
	SHAPE("disabled", BOOL),
	SHAPE("created_at", INSTANT),
	{ 0 },
};
static const struct shape accounts_shape = {
	.name = "accounts", .members = listed_members, .list = true,
};

static const struct shape_member ended_members[] = { SHAPE("sessions_ended", INT), { 0 } };
static const struct shape ended_shape = { .name = "sessions_ended", .members = ended_members };
static const struct shape_member changed_members[] = { SHAPE("changed", BOOL), { 0 } };
static const struct shape changed_shape = { .name = "changed", .members = changed_members };

const struct route account_routes[] = {
	{ "GET", "/accounts", CAN_administer, &page_input, account_list, .output = &accounts_shape,
	  .summary = "Accounts of the partnership" },
	{ "POST", "/accounts", CAN_administer, &new_account_input, account_create, .output = &account_shape,
	  .summary = "Make an account" },
	{ "POST", "/accounts/{id}/disable", CAN_administer, NULL, account_disable, .flags = ROUTE_KEYLESS,
	  .output = &account_shape, .summary = "Close an account and end its sessions at once" },
	{ "POST", "/accounts/{id}/sign-out", CAN_administer, NULL, account_sign_out, .flags = ROUTE_KEYLESS,
	  .output = &ended_shape, .summary = "End all sessions of an account at once" },
	{ "POST", "/accounts/current/password", EVERYBODY, &new_password_input, password_change,
	  .flags = ROUTE_KEYLESS, .output = &changed_shape, .summary = "Change your own password" },
	{ 0 },
};
