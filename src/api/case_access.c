/* Who may see a case, decided by the organisation whose case it is. From the first allowed person on
 * nobody else sees it; a denied one never does. The rule itself is the database's: case_hidden(). */
#include "api/codes.h"
#include "api/resource.h"
#include "api/rights.h"
#include "api/routes.h"
#include "case.h"
#include "json/write.h"
#include "sql.h"

struct access_in {
	const char *account, *access, *reason;
};

static const struct field fields[] = {
	FIELD(struct access_in, account, UUID, "account_id", .required = true,
	      .help = "Somebody of the partnership."),
	FIELD(struct access_in, access, CODE, "access", .required = true, .codes = &case_access_codes),
	FIELD(struct access_in, reason, TEXT, "reason", .prose = true, .required = true, .min = 5, .max = 300,
	      .help = "Why. No address."),
};
static const struct input input = INPUT(struct access_in, fields);

/* ---- reading ---- */

/* From statement `first` on: the case, its entries, who could be named. */
static const char *access_json(struct ctx *c, int first)
{
	struct text t = text_in(ctx_arena(c));

	json_object_begin(&t);
	json_put_key(&t, "household");
	row_put(&t, c, first, 0);
	json_put_key(&t, "entries");
	rows_put(&t, c, first + 1);
	json_put_key(&t, "people");
	rows_put(&t, c, first + 2);
	json_object_end(&t);
	return text_done(&t);
}

static void ask_access(struct ctx *c)
{
	const struct user *u = ctx_user(c);

	query(c, &SQL_CASE_ACCESS_SHOW, ctx_id(c, "id"), u->organisation_id);
	query(c, &SQL_CASE_ACCESS_ENTRIES, ctx_id(c, "id"));
	query(c, &SQL_CASE_ACCESS_PEOPLE);
}

/* Another organisation's case is none. */
static struct reply access_found(struct ctx *c)
{
	if (rows(c, 0) == 0)
		return problem(c, PROBLEM_NOT_FOUND);
	audit(c, "read", "case_access", NULL, ctx_id(c, "id"), NULL);
	return ok(c, access_json(c, 0));
}

static struct reply access_show(struct ctx *c)
{
	ask_access(c);
	return then(access_found);
}

/* ---- deciding ---- */

enum { CHANGE, KEEP_OWN, SETTLE, SHOW };

static struct reply decided(struct ctx *c)
{
	if (rows(c, SHOW) == 0)
		return problem(c, PROBLEM_NOT_FOUND);
	return done(c, access_json(c, SHOW), "/households/%s/access", ctx_id(c, "id"));
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
	query(c, &SQL_CASE_ACCESS_SETTLE, household, in->account);
	ask_access(c);
	return then(decided);
}

static struct reply locked(struct ctx *c)
{
	const struct access_in *in = ctx_input(c);

	if (rows(c, 0) == 0)
		return problem(c, PROBLEM_NOT_FOUND);
	if (!text_eq(value(c, 0, 0, "listed"), "t"))
		return problem_detail(c, PROBLEM_FORBIDDEN, "Only who is on the case's list may change it");
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

	lock_case(c, ctx_id(c, "id"));
	query(c, &SQL_CASE_ACCESS_LOCK, ctx_id(c, "id"), u->organisation_id, u->account_id);
	query(c, &SQL_CASE_ACCESS_KNOWN, ctx_id(c, "id"), in->account, u->account_id);
	return then(locked);
}

#define PERSON_ROWS \
	SHAPE_ONE("account_id", UUID), \
	SHAPE_ONE("name", TEXT), \
	SHAPE_CODED("role", role_codes), \
	SHAPE_ONE("organisation", TEXT)

static const struct shape_member entry_rows[] = {
	PERSON_ROWS,
	SHAPE_CODED("access", case_access_codes),
	SHAPE_ONE("reason", TEXT),
	SHAPE_MAYBE("given_by", TEXT),
	SHAPE_ONE("at", INSTANT),
	{ 0 },
};
static const struct shape entry_shape = { "case_access_entry", entry_rows, false };
static const struct shape_member person_rows[] = { PERSON_ROWS, { 0 } };
static const struct shape person_shape = { "case_access_person", person_rows, false };
static const struct shape_member case_rows[] = { SHAPE_ID, SHAPE_ONE("reference", TEXT), SHAPE_ONE("restricted", BOOL), { 0 } };
static const struct shape case_shape = { "case_access_case", case_rows, false };
static const struct shape_member access_rows[] = {
	{ "household", SHAPE_OBJECT, false, false, NULL, &case_shape },
	{ "entries", SHAPE_OBJECT, false, true, NULL, &entry_shape },
	{ "people", SHAPE_OBJECT, false, true, NULL, &person_shape },
	{ 0 },
};
static const struct shape shape = { "case_access", access_rows, false };

const struct route case_access_routes[] = {
	{ "GET", "/households/{id}/access", CAN_SEE_CASES, NULL, access_show, "households/access", .output = &shape,
	  .summary = "Who alone may see a case of the own organisation, and who may not" },
	{ "POST", "/households/{id}/access", CAN_SEE_CASES, &input, decide, "households/access",
	  .form = access_show, .output = &shape,
	  .summary = "Allow somebody a case (then only who is allowed sees it), deny it, or take the entry back" },
	{ 0 },
};
