/* Access to a case, decided by the organisation that owns it. Once one person is allowed, only
 * allowed people see the case. A denied person never sees it. The rule itself is the database function
 * case_hidden(). */
#include "api/codes.h"
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
	      .ask = "Select the person",
	      .help = "A person of the partnership."),
	FIELD(struct access_in, access, CODE, "access", .required = true,
	      .ask = "Select whether they may see the case", .codes = &case_access_codes),
	FIELD(struct access_in, reason, TEXT, "reason", .prose = true, .required = true,
	      .ask = "Say why", .min = 5, .max = 300,
	      .help = "Why. No address."),
};
static const struct input input = INPUT(struct access_in, fields);

/* ---- reading ---- */

/* From statement `first` on: the case, its entries, the people who could be named. */
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

/* A case of another organisation is not found. */
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

/* A person may not lock themselves out. Only the last person on the list may leave it, which ends
 * the restriction. */
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
		return problem_detail(c, PROBLEM_FORBIDDEN, "Only a person on the case's list may change it");
	if (!value(c, 1, 0, "account"))
		ctx_error(c, "/account_id", "not_found", "There is no such person in the partnership");
	else if (shuts_out(c, in))
		ctx_error(c, "/account_id", "own", "Ask a colleague who sees the case to take you off its list");
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
	SHAPE("account_id", UUID), \
	SHAPE("name", TEXT), \
	SHAPE("role", CODE, .codes = &role_codes), \
	SHAPE("organisation", TEXT)

static const struct shape_member entry_rows[] = {
	PERSON_ROWS,
	SHAPE("access", CODE, .codes = &case_access_codes),
	SHAPE("reason", TEXT),
	SHAPE("given_by", TEXT, .nullable = true),
	SHAPE("at", INSTANT),
	{ 0 },
};
static const struct shape entry_shape = { .name = "case_access_entry", .members = entry_rows };
static const struct shape_member person_rows[] = { PERSON_ROWS, { 0 } };
static const struct shape person_shape = { .name = "case_access_person", .members = person_rows };
static const struct shape_member case_rows[] = {
	SHAPE_ID,
	SHAPE("reference", TEXT),
	SHAPE("restricted", BOOL),
	{ 0 },
};
static const struct shape case_shape = { .name = "case_access_case", .members = case_rows };
static const struct shape_member access_rows[] = {
	SHAPE("household", OBJECT, .sub = &case_shape),
	SHAPE("entries", OBJECT, .list = true, .sub = &entry_shape),
	SHAPE("people", OBJECT, .list = true, .sub = &person_shape),
	{ 0 },
};
static const struct shape shape = { .name = "case_access", .members = access_rows };

const struct route case_access_routes[] = {
	{ "GET", "/households/{id}/access", CAN_see_cases, NULL, access_show, "households/access", .output = &shape,
	  .summary = "The people who are allowed or denied a case of your own organisation" },
	{ "POST", "/households/{id}/access", CAN_see_cases, &input, decide, "households/access",
	  .form = access_show, .output = &shape,
	  .summary = "Allow a person a case (then only allowed people see it), deny it, or end the entry" },
	{ 0 },
};
