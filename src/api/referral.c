/* Referrals: reading them, and the routes. */
#include <string.h>

#include "api/codes.h"
#include "api/rights.h"
#include "api/routes.h"
#include "api/search.h"
#include "case.h"
#include "referral.h"
#include "sql.h"

static struct reply referral_form(struct ctx *c)
{
	return ok(c, "{}");
}

/* ---- reading ---- */

static struct reply referral_read(struct ctx *c)
{
	const char *household = value(c, 0, 0, "id");
	struct reply r = row_reply(c, 1);

	audit(c, "read", "referral", value(c, 1, 0, "id"), household, NULL);
	r.body = referral_answer(c, referral_need_stored, NULL);
	r.len = strlen(r.body);
	return r;
}

static struct reply referral_known(struct ctx *c)
{
	if (rows(c, 0) == 0)
		return problem(c, PROBLEM_NOT_FOUND);
	referral_ask(c, value(c, 0, 0, "household_id"), value(c, 0, 0, "id"));
	return then(referral_read);
}

static struct reply referral_get(struct ctx *c)
{
	query(c, &SQL_REFERRAL_SHOW, ctx_id(c, "id"));
	return then(referral_known);
}

struct referral_query {
	int64_t limit;
	const char *cursor, *state, *urgency, *organisation_id;
	enum tri overdue;
	int64_t plan_review_within;
};

static const struct field list_fields[] = {
	PAGE_FIELDS(struct referral_query),
	FIELD(struct referral_query, state, CODE, "state", .codes = &referral_state_codes),
	FIELD(struct referral_query, urgency, CODE, "urgency", .codes = &known_urgency),
	FIELD(struct referral_query, organisation_id, UUID, "organisation_id"),
	FIELD(struct referral_query, overdue, BOOL, "overdue",
	      .help = "true: past their time without a decision."),
	FIELD(struct referral_query, plan_review_within, INT, "plan_review_within", .max = 366,
	      .help = "Waiting at home, safety plan to be reviewed within so many days."),
};
static const struct input list_input = INPUT(struct referral_query, list_fields);

static struct reply referrals_found(struct ctx *c)
{
	audit(c, "search", "referral", NULL, NULL,
	      arena_printf(ctx_arena(c), "{\"rows\":%d}", rows(c, 0)));
	return list_reply(c, 0);
}

static struct reply referral_list(struct ctx *c)
{
	const struct referral_query *q = ctx_input(c);

	query(c, &SQL_REFERRAL_LIST, page_size(c), page_cursor(c),
	      q->state, q->urgency, q->organisation_id, tri_param(q->overdue),
	      int_param(c, q->plan_review_within));
	return then(referrals_found);
}

/* ---- routes ---- */

static const struct shape_member referral_rows[] = {
	SHAPE_ID,
	SHAPE_ONE("household_id", UUID),
	SHAPE_ONE("household_reference", TEXT),
	SHAPE_ONE("organisation_id", UUID),
	SHAPE_CODED("state", referral_state_codes),
	SHAPE_ONE("repeat", BOOL),
	SHAPE_MAYBE("earlier_referral_id", UUID),
	SHAPE_CODED("urgency", known_urgency),
	SHAPE_CODED("source", referral_source_codes),
	SHAPE_ONE("out_of_hours", BOOL),
	SHAPE_MAYBE_CODED("consent", consent_basis_codes),
	SHAPE_MAYBE("consent_reason", TEXT),
	SHAPE_MAYBE_CODED("close_reason", referral_close_reason_codes),
	SHAPE_MAYBE("submitted_at", INSTANT),
	SHAPE_MAYBE("decision_due_at", INSTANT),
	SHAPE_MAYBE("decided_at", INSTANT),
	SHAPE_ONE("overdue", BOOL),
	SHAPE_MAYBE("triaged_at", INSTANT),
	{ "plan_measures", SHAPE_CODE, false, true, &safety_measure_codes, NULL },
	SHAPE_MAYBE("plan_review_on", DATE),
	SHAPE_ONE("standing_search", BOOL),
	SHAPE_MAYBE("closed_at", INSTANT),
	SHAPE_VERSION,
	SHAPE_CREATED,
	{ 0 },
};
static const struct shape referral_shape = { "referral", referral_rows, false };

static const struct shape_member line_rows[] = {
	SHAPE_ID,
	SHAPE_ONE("household_id", UUID),
	SHAPE_ONE("household_reference", TEXT),
	SHAPE_ONE("organisation_id", UUID),
	SHAPE_CODED("state", referral_state_codes),
	SHAPE_ONE("repeat", BOOL),
	SHAPE_CODED("urgency", known_urgency),
	SHAPE_MAYBE_CODED("risk_level", known_risk_level),
	SHAPE_CODED("source", referral_source_codes),
	SHAPE_ONE("out_of_hours", BOOL),
	SHAPE_MAYBE("submitted_at", INSTANT),
	SHAPE_MAYBE("decision_due_at", INSTANT),
	SHAPE_ONE("overdue", BOOL),
	SHAPE_MAYBE("plan_review_on", DATE),
	SHAPE_MAYBE("closed_at", INSTANT),
	SHAPE_VERSION,
	SHAPE_CREATED,
	{ 0 },
};
static const struct shape line_shape = { "referral_line", line_rows, true };

static const struct shape_member duplicate_rows[] = {
	SHAPE_ONE("reference", TEXT),
	SHAPE_MAYBE("household_id", UUID),
	SHAPE_MAYBE("referral_id", UUID),
	SHAPE_ONE("kind", TEXT),
	{ 0 },
};
static const struct shape duplicate_shape = { "duplicate", duplicate_rows, false };

static const struct shape_member case_rows[] = {
	{ "household", SHAPE_OBJECT, false, false, NULL, &household_shape },
	{ "referral", SHAPE_OBJECT, false, false, NULL, &referral_shape },
	{ "duplicates", SHAPE_OBJECT, false, true, NULL, &duplicate_shape },
	{ "search", SHAPE_OBJECT, true, false, NULL, &search_shape },
	{ 0 },
};
static const struct shape case_shape = { "case", case_rows, false };

const struct route referral_routes[] = {
	{ "GET", "/referrals/new", CAN_PLACE, NULL, referral_form, "referrals/new",
	  .flags = ROUTE_PAGE_ONLY, .summary = "The form of an emergency referral" },
	{ "POST", "/referrals", CAN_PLACE, &referral_input, referral_create, "referrals/new",
	  .check = referral_check, .form = referral_form, .output = &case_shape,
	  .summary = "Refer a household and get its best options, or begin a draft" },
	{ "GET", "/referrals", CAN_SEE_CASES, &list_input, referral_list, "referrals/list",
	  .output = &line_shape, .summary = "List the partnership's referrals" },
	{ "GET", "/referrals/{id}", CAN_SEE_CASES, NULL, referral_get, "referrals/show",
	  .output = &case_shape, .summary = "Show a referral, its household and its best options" },
	{ "PATCH", "/referrals/{id}", CAN_PLACE, &referral_patch_input, referral_change,
	  .check = referral_change_check, .output = &referral_shape, .summary = "Complete or triage a referral" },
	{ "POST", "/referrals/{id}/close", CAN_PLACE, &referral_close_input, referral_close,
	  "referrals/show", .form = referral_get, .output = &referral_shape,
	  .summary = "Close a referral" },
	{ 0 },
};
