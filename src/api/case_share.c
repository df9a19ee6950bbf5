/* Shares of a case: who outside the organisation that took it may see it, to what end and until when.
 * The organisation gives and ends them. Two kinds it does not give: the navigators' of an open
 * emergency, and those that a person took in an emergency (api/break_glass.c); it can end the latter. */
#include "api/codes.h"
#include "api/outcomes.h"
#include "api/resource.h"
#include "api/rights.h"
#include "api/routes.h"
#include "base/date.h"
#include "case.h"
#include "json/write.h"
#include "sql.h"

enum { LONGEST_DAYS = 366 };

struct share_in {
	const char *organisation, *account, *access, *purpose, *until;
};

static const struct field fields[] = {
	FIELD(struct share_in, organisation, UUID, "organisation_id",
	      .help = "A council of the partnership; or name one person."),
	FIELD(struct share_in, account, UUID, "account_id", .help = "A person of another council."),
	FIELD(struct share_in, access, CODE, "access", .required = true, .codes = &share_access_codes),
	FIELD(struct share_in, purpose, CODE, "purpose", .required = true, .codes = &given_purpose_codes),
	FIELD(struct share_in, until, DATE, "until", .required = true,
	      .help = "The last day, within a year."),
};
static const struct input input = INPUT(struct share_in, fields);

/* ---- what is wrong with it ---- */

static void check_until(struct ctx *c, const char *until)
{
	int32_t day;

	if (until && day_parse(until, &day) && (day < today() || day > today() + LONGEST_DAYS))
		ctx_error(c, "/until", "out_of_range", "The last day must be from today on, and within a year");
}

static void check(struct ctx *c)
{
	const struct share_in *in = ctx_input(c);
	const struct decoded *d = ctx_decoded(c);

	if (json_sent(d, struct share_in, organisation) == json_sent(d, struct share_in, account))
		ctx_error(c, "/organisation_id", "one_of", "Select an organisation or a person, not both");
	check_until(c, in->until);
}

/* ---- reading ---- */

static struct reply shares_found(struct ctx *c)
{
	struct text t = text_in(ctx_arena(c));

	if (rows(c, 0) == 0)
		return problem(c, PROBLEM_NOT_FOUND);
	json_object_begin(&t);
	json_put_key(&t, "household");
	row_put(&t, c, 0, 0);
	json_put_key(&t, "shares");
	rows_put(&t, c, 1);
	json_put_key(&t, "organisations");
	rows_put(&t, c, 2);
	json_object_end(&t);
	audit(c, "read", "case_share", NULL, ctx_id(c, "id"), NULL);
	return ok(c, text_done(&t));
}

/* A case of another organisation is not found. */
static struct reply shares_list(struct ctx *c)
{
	query(c, &SQL_CASE_ACCESS_SHOW, ctx_id(c, "id"), ctx_user(c)->organisation_id);
	query(c, &SQL_CASE_SHARE_LIST, ctx_id(c, "id"), NULL);
	query(c, &SQL_CASE_SHARE_RECEIVERS);
	return then(shares_found);
}

/* ---- giving and ending ---- */

static struct reply refused(struct ctx *c, enum share_outcome which)
{
	const struct share_in *in = ctx_input(c);

	switch (which) {
	case share_outcome_not_listed:
		return problem_detail(c, PROBLEM_FORBIDDEN, "Only a person on the case's list may share it");
	case share_outcome_no_receiver:
		ctx_error(c, in->account ? "/account_id" : "/organisation_id", "not_found",
			  "Select a council of the partnership, or a person who works for one");
		return invalid(c);
	case share_outcome_own:
		ctx_error(c, in->account ? "/account_id" : "/organisation_id", "own",
			  "Your own organisation sees the case already");
		return invalid(c);
	case share_outcome_over:
		return problem_detail(c, PROBLEM_CONFLICT, "This share was over already");
	default:
		return problem(c, PROBLEM_NOT_FOUND);
	}
}

static struct reply share_shown(struct ctx *c)
{
	return created(c, row_json(c, 0, 0), "/households/%s/shares", ctx_id(c, "id"));
}

static struct reply share_given(struct ctx *c)
{
	enum share_outcome which = (enum share_outcome)outcome_of(c, &share_outcome_codes);

	if (which != share_outcome_done)
		return refused(c, which);
	query(c, &SQL_CASE_SHARE_LIST, ctx_id(c, "id"), value(c, 0, 0, "_id"));
	return then(share_shown);
}

static struct reply share_give(struct ctx *c)
{
	const struct share_in *in = ctx_input(c);

	query(c, &SQL_CASE_SHARE_GIVE, ctx_id(c, "id"), in->organisation, in->account, in->access,
	      in->purpose, in->until);
	return then(share_given);
}

static struct reply end_shown(struct ctx *c)
{
	return done(c, row_json(c, 0, 0), "/households/%s/shares", value(c, 0, 0, "household_id"));
}

static struct reply share_ended(struct ctx *c)
{
	enum share_outcome which = (enum share_outcome)outcome_of(c, &share_outcome_codes);

	if (which != share_outcome_done)
		return refused(c, which);
	query(c, &SQL_CASE_SHARE_LIST, value(c, 0, 0, "household_id"), ctx_id(c, "id"));
	return then(end_shown);
}

static struct reply share_end(struct ctx *c)
{
	query(c, &SQL_CASE_SHARE_END, ctx_id(c, "id"));
	return then(share_ended);
}

static const struct shape_member share_rows[] = {
	SHAPE_ID,
	SHAPE("household_id", UUID),
	SHAPE("organisation_id", UUID, .nullable = true),
	SHAPE("organisation", TEXT, .nullable = true),
	SHAPE("account_id", UUID, .nullable = true),
	SHAPE("person", TEXT, .nullable = true),
	SHAPE("access", CODE, .codes = &share_access_codes),
	SHAPE("purpose", CODE, .codes = &share_purpose_codes),
	SHAPE("reason", TEXT, .nullable = true),
	SHAPE("given_by", TEXT, .nullable = true),
	SHAPE("given_at", INSTANT),
	SHAPE("ends_at", INSTANT, .nullable = true),
	SHAPE("ended_by", TEXT, .nullable = true),
	SHAPE("open", BOOL),
	{ 0 },
};
static const struct shape shape = { .name = "case_share", .members = share_rows };

static const struct shape_member case_rows[] = {
	SHAPE_ID,
	SHAPE("reference", TEXT),
	SHAPE("restricted", BOOL),
	{ 0 },
};
static const struct shape case_shape = { .name = "case_shares_case", .members = case_rows };
static const struct shape_member receiver_rows[] = {
	SHAPE("organisation_id", UUID),
	SHAPE("name", TEXT),
	{ 0 },
};
static const struct shape receiver_shape = { .name = "case_shares_receiver", .members = receiver_rows };
static const struct shape_member list_rows[] = {
	SHAPE("household", OBJECT, .sub = &case_shape),
	SHAPE("shares", OBJECT, .list = true, .sub = &shape),
	SHAPE("organisations", OBJECT, .list = true, .sub = &receiver_shape),
	{ 0 },
};
static const struct shape list_shape = { .name = "case_shares", .members = list_rows };

const struct route case_share_routes[] = {
	{ "GET", "/households/{id}/shares", CAN_see_cases, NULL, shares_list, "households/shares",
	  .output = &list_shape,
	  .summary = "With whom a case of your own organisation is and was shared" },
	{ "POST", "/households/{id}/shares", CAN_see_cases, &input, share_give, "households/shares",
	  .check = check, .form = shares_list, .output = &shape,
	  .summary = "Share a case of your own organisation with another council or one of its people" },
	{ "POST", "/case-shares/{id}/end", CAN_see_cases, NULL, share_end, "households/shares",
	  .output = &shape,
	  .summary = "End a share of a case of your own organisation, also one taken in an emergency" },
	{ 0 },
};
