/* Referrals: reading them, and the routes. */
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
	if (rows(c, 1) == 0)
		return problem(c, PROBLEM_NOT_FOUND);
	audit(c, "read", "referral", value(c, 1, 0, "id"), value(c, 0, 0, "id"), NULL);
	return tagged(c, 1, referral_answer(c, NULL));
}

static struct reply referral_known(struct ctx *c)
{
	if (rows(c, 0) == 0)
		return problem(c, PROBLEM_NOT_FOUND);
	referral_ask(c, value(c, 0, 0, "household_id"), value(c, 0, 0, "id"));
	return then(referral_read);
}

struct reply referral_get(struct ctx *c)
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
	      .help = "true: only referrals that are overdue for a decision."),
	FIELD(struct referral_query, plan_review_within, INT, "plan_review_within", .max = 366,
	      .help = "Waiting at home, with a safety plan to be reviewed within this many days."),
};
static const struct input list_input = INPUT(struct referral_query, list_fields);

static struct reply referrals_found(struct ctx *c)
{
	return recorded_list(c, 0, "search", "referral", NULL, NULL);
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
	SHAPE("household_id", UUID),
	SHAPE("household_reference", TEXT),
	SHAPE("organisation_id", UUID),
	SHAPE("state", CODE, .codes = &referral_state_codes),
	SHAPE("repeat", BOOL),
	SHAPE("earlier_referral_id", UUID, .nullable = true),
	SHAPE("urgency", CODE, .codes = &known_urgency),
	SHAPE("source", CODE, .codes = &referral_source_codes),
	SHAPE("out_of_hours", BOOL),
	SHAPE("consent", CODE, .nullable = true, .codes = &consent_basis_codes),
	SHAPE("consent_reason", TEXT, .nullable = true),
	SHAPE("close_reason", CODE, .nullable = true, .codes = &referral_close_reason_codes),
	SHAPE("submitted_at", INSTANT, .nullable = true),
	SHAPE("decision_due_at", INSTANT, .nullable = true),
	SHAPE("decided_at", INSTANT, .nullable = true),
	SHAPE("overdue", BOOL),
	SHAPE("triaged_at", INSTANT, .nullable = true),
	SHAPE("plan_measures", CODE, .list = true, .codes = &safety_measure_codes),
	SHAPE("plan_review_on", DATE, .nullable = true),
	SHAPE("standing_search", BOOL),
	SHAPE("self_referral_only", BOOL),
	SHAPE("self_referral_at", INSTANT, .nullable = true),
	SHAPE("self_referral_by", TEXT, .nullable = true),
	SHAPE("closed_at", INSTANT, .nullable = true),
	SHAPE_VERSION,
	SHAPE_CREATED,
	{ 0 },
};
static const struct shape referral_shape = { .name = "referral", .members = referral_rows };

static const struct shape_member line_rows[] = {
	SHAPE_ID,
	SHAPE("household_id", UUID),
	SHAPE("household_reference", TEXT),
	SHAPE("organisation_id", UUID),
	SHAPE("state", CODE, .codes = &referral_state_codes),
	SHAPE("repeat", BOOL),
	SHAPE("urgency", CODE, .codes = &known_urgency),
	SHAPE("risk_level", CODE, .nullable = true, .codes = &known_risk_level),
	SHAPE("risk_least", CODE, .nullable = true, .codes = &known_risk_level),
	SHAPE("source", CODE, .codes = &referral_source_codes),
	SHAPE("out_of_hours", BOOL),
	SHAPE("submitted_at", INSTANT, .nullable = true),
	SHAPE("decision_due_at", INSTANT, .nullable = true),
	SHAPE("overdue", BOOL),
	SHAPE("plan_review_on", DATE, .nullable = true),
	SHAPE("closed_at", INSTANT, .nullable = true),
	SHAPE_VERSION,
	SHAPE_CREATED,
	{ 0 },
};
static const struct shape line_shape = {
	.name = "referral_line", .members = line_rows, .list = true,
};

static const struct shape_member duplicate_rows[] = {
	SHAPE("reference", TEXT, .nullable = true),
	SHAPE("household_id", UUID, .nullable = true),
	SHAPE("referral_id", UUID, .nullable = true),
	SHAPE("organisation", TEXT),
	SHAPE("kind", TEXT),
	SHAPE("match", CODE, .codes = &duplicate_match_codes),
	{ 0 },
};
static const struct shape duplicate_shape = { .name = "duplicate", .members = duplicate_rows };

static const struct shape_member place_rows[] = {
	SHAPE_ID,
	SHAPE("state", CODE, .codes = &placement_state_codes),
	SHAPE("type", CODE, .codes = &known_accommodation_type),
	SHAPE("area_label", TEXT),
	SHAPE("provider", TEXT),
	SHAPE("unit_reference", TEXT),
	SHAPE("from_day", DATE),
	SHAPE("until_day", DATE, .nullable = true),
	SHAPE("arrived_on", DATE, .nullable = true),
	SHAPE("departed_on", DATE, .nullable = true),
	SHAPE("destination", CODE, .nullable = true, .codes = &destination_codes),
	SHAPE("expires_at", INSTANT, .nullable = true),
	{ 0 },
};
static const struct shape place_shape = { .name = "place_of_referral", .members = place_rows };

static const struct shape_member ended_rows[] = {
	SHAPE_ID,
	SHAPE("state", CODE, .codes = &placement_state_codes),
	SHAPE("type", CODE, .codes = &known_accommodation_type),
	SHAPE("area_label", TEXT),
	SHAPE("provider", TEXT),
	SHAPE("unit_reference", TEXT),
	SHAPE("held_at", INSTANT),
	SHAPE("decline_side", CODE, .nullable = true, .codes = &decline_side_codes),
	SHAPE("decline_reason", CODE, .nullable = true, .codes = &decline_reason_codes),
	SHAPE("cancel_reason", CODE, .nullable = true, .codes = &cancel_reason_codes),
	SHAPE("non_arrival_reason", CODE, .nullable = true, .codes = &non_arrival_reason_codes),
	SHAPE("ended_at", INSTANT, .nullable = true),
	SHAPE("ended_by", TEXT, .nullable = true),
	{ 0 },
};
static const struct shape ended_shape = { .name = "ended_placement", .members = ended_rows };

static const struct shape_member information_rows[] = {
	SHAPE("service", TEXT),
	SHAPE("telephone", TEXT),
	SHAPE("hours", TEXT),
	SHAPE("about", TEXT),
	{ 0 },
};
static const struct shape information_shape = { .name = "self_referral_information", .members = information_rows };

static const struct shape_member case_rows[] = {
	SHAPE("household", OBJECT, .sub = &household_shape),
	SHAPE("referral", OBJECT, .sub = &referral_shape),
	SHAPE("duplicates", OBJECT, .list = true, .sub = &duplicate_shape),
	SHAPE("placement", OBJECT, .nullable = true, .sub = &place_shape),
	SHAPE("ended", OBJECT, .list = true, .sub = &ended_shape),
	SHAPE("self_referral", OBJECT, .list = true, .sub = &information_shape),
	SHAPE("search", OBJECT, .nullable = true, .sub = &search_shape),
	{ 0 },
};
const struct shape case_shape = { .name = "case", .members = case_rows };

const struct route referral_routes[] = {
	{ "GET", "/referrals/new", CAN_place, NULL, referral_form, "referrals/new",
	  .flags = ROUTE_PAGE_ONLY, .summary = "The form of an emergency referral" },
	{ "POST", "/referrals", CAN_place, &referral_input, referral_create, "referrals/new",
	  .check = referral_check, .form = referral_form, .output = &case_shape,
	  .summary = "Refer a household and get its best options, or begin a draft" },
	{ "GET", "/referrals", CAN_see_cases, &list_input, referral_list, "referrals/list",
	  .output = &line_shape, .summary = "List the partnership's referrals" },
	{ "GET", "/referrals/{id}", CAN_see_cases, NULL, referral_get, "referrals/show",
	  .output = &case_shape, .summary = "Show a referral, its household and its best options" },
	{ "PATCH", "/referrals/{id}", CAN_place, &referral_patch_input, referral_change,
	  .check = referral_change_check, .output = &referral_shape, .summary = "Complete or triage a referral" },
	{ "POST", "/referrals/{id}", CAN_place, &referral_patch_input, referral_change, "referrals/show",
	  .flags = ROUTE_PAGE_ONLY | ROUTE_PATCH, .check = referral_change_check, .form = referral_get,
	  .summary = "Submit a draft" },
	{ "POST", "/referrals/{id}/close", CAN_place, &referral_close_input, referral_close,
	  "referrals/show", .form = referral_get, .output = &referral_shape,
	  .summary = "Close a referral" },
	{ "POST", "/referrals/{id}/self-referral", CAN_place, NULL, referral_self_given,
	  "referrals/show", .output = &referral_shape,
	  .summary = "Record that a household, notified by the police with standard risk, was given self-referral "
		     "information" },
	{ 0 },
};
