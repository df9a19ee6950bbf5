/* Who may see a case, decided by the organisation whose case it is. From the first allowed person on
 * nobody else sees it; a denied one never does. The rule itself stands in migrations/0009_access.sql. */
#include "api/codes.h"
#include "api/place.h"
#include "api/resource.h"
#include "api/routes.h"
#include "auth/rights.h"
#include "sql.h"

struct access_in {
	const char *account, *access, *reason;
};

static const struct field fields[] = {
	FIELD(struct access_in, account, UUID, "account_id", .required = true,
	      .help = "Somebody of the partnership."),
	FIELD(struct access_in, access, CODE, "access", .required = true, .codes = &case_access_codes),
	FIELD(struct access_in, reason, TEXT, "reason", .required = true, .min = 5, .max = 300,
	      .help = "Why. No address."),
};
static const struct input input = INPUT(struct access_in, fields);

static void check(struct ctx *c)
{
	refuse_address(c, "/reason", ((const struct access_in *)ctx_input(c))->reason);
}

static struct reply list_found(struct ctx *c)
{
	if (!text_eq(value(c, 0, 0, "ours"), "t"))
		return problem(c, PROBLEM_NOT_FOUND);
	audit(c, "read", "case_access", NULL, ctx_id(c, "id"), NULL);
	return all_reply(c, 1);
}

static struct reply list(struct ctx *c)
{
	query(c, &SQL_CASE_ACCESS_OWNED, ctx_id(c, "id"));
	query(c, &SQL_CASE_ACCESS_LIST, ctx_id(c, "id"));
	return then(list_found);
}

/* ---- deciding ---- */

enum { CHANGE, KEEP_OWN, SETTLE, LIST };

static struct reply decided(struct ctx *c)
{
	return all_reply(c, LIST);
}

/* Nobody shuts themselves out: the last to leave ends the restriction. */
static bool shuts_out(struct ctx *c, const struct access_in *in)
{
	bool own = text_eq(in->account, ctx_user(c)->account_id);
	bool others = text_eq(value(c, 1, 0, "others"), "t");

	return own && (text_eq(in->access, "deny") || (text_eq(in->access, "none") && others));
}

static struct reply change(struct ctx *c, const struct access_in *in)
{
	const char *me = ctx_user(c)->account_id, *household = ctx_id(c, "id");

	if (text_eq(in->access, "none"))
		query(c, &SQL_CASE_ACCESS_DROP, household, in->account);
	else
		query(c, &SQL_CASE_ACCESS_PUT, household, in->account, in->access, in->reason, me);
	query(c, &SQL_CASE_ACCESS_KEEP_OWN, household, me, in->reason, in->access);
	query(c, &SQL_CASE_ACCESS_SETTLE, household);
	query(c, &SQL_CASE_ACCESS_LIST, household);
	return then(decided);
}

static struct reply locked(struct ctx *c)
{
	const struct access_in *in = ctx_input(c);

	if (rows(c, 0) == 0)
		return problem(c, PROBLEM_NOT_FOUND);
	if (!value(c, 1, 0, "account"))
		ctx_error(c, "/account_id", "not_found", "There is no such person in the partnership");
	else if (shuts_out(c, in))
		ctx_error(c, "/account_id", "own", "Ask a colleague who sees the case to take you out");
	else
		return change(c, in);
	return invalid(c);
}

static struct reply decide(struct ctx *c)
{
	const struct user *u = ctx_user(c);
	const struct access_in *in = ctx_input(c);

	query(c, &SQL_CASE_ACCESS_LOCK, ctx_id(c, "id"), u->organisation_id);
	query(c, &SQL_CASE_ACCESS_KNOWN, ctx_id(c, "id"), u->partnership_id, in->account, u->account_id);
	return then(locked);
}

static const struct shape_member members[] = {
	SHAPE_ONE("account_id", UUID),
	SHAPE_ONE("name", TEXT),
	SHAPE_CODED("role", role_codes),
	SHAPE_ONE("organisation", TEXT),
	SHAPE_CODED("access", case_access_codes),
	SHAPE_ONE("reason", TEXT),
	SHAPE_MAYBE("given_by", TEXT),
	SHAPE_ONE("at", INSTANT),
	{ 0 },
};
static const struct shape shape = { "case_access", members, true };

const struct route case_access_routes[] = {
	{ "GET", "/households/{id}/access", CAN_SEE_CASES, NULL, list, .output = &shape,
	  .summary = "Who alone may see a case of the own organisation, and who may not" },
	{ "POST", "/households/{id}/access", CAN_SEE_CASES, &input, decide, .check = check, .output = &shape,
	  .summary = "Allow somebody a case (then only who is allowed sees it), deny it, or take the entry back" },
	{ 0 },
};
