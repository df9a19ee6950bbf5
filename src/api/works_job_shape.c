/* What the works of a job look like. */
#include "api/codes.h"
#include "works_job.h"

static const struct shape_member choice_rows[] = { SHAPE("code", UUID), SHAPE("label", TEXT), { 0 } };
static const struct shape choice = { .name = "works_firm_choice", .members = choice_rows };
static const struct shape_member measure_rows[] = { SHAPE("code", TEXT), SHAPE("label", TEXT), { 0 } };
static const struct shape measure = { .name = "works_measure_choice", .members = measure_rows };

static const struct shape_member order_rows[] = {
	SHAPE_ID,
	SHAPE("reference", TEXT),
	SHAPE("kind", CODE, .codes = &works_kind_codes),
	SHAPE("state", CODE, .codes = &works_state_codes),
	SHAPE("firm", TEXT),
	SHAPE("total_pence", INT),
	SHAPE("slot_from", INSTANT, .nullable = true),
	SHAPE("answer_by", INSTANT, .nullable = true),
	{ 0 },
};
static const struct shape order = { .name = "works_job_order", .members = order_rows };

static const struct shape_member to_order_rows[] = {
	SHAPE_ID,
	SHAPE("name", TEXT),
	SHAPE("opening", CODE, .codes = &sanctuary_opening_codes),
	SHAPE("unit", CODE, .codes = &sanctuary_unit_codes),
	SHAPE("trade", CODE, .codes = &sanctuary_trade_codes),
	SHAPE("n", INT),
	SHAPE("quantity", TEXT),
	SHAPE("total_pence", INT),
	{ 0 },
};
static const struct shape to_order = { .name = "works_to_order", .members = to_order_rows };

static const struct shape_member fitted_rows[] = {
	SHAPE_ID,
	SHAPE("name", TEXT),
	SHAPE("opening", CODE, .codes = &sanctuary_opening_codes),
	{ 0 },
};
static const struct shape fitted = { .name = "works_fitted", .members = fitted_rows };

static const struct shape_member share_rows[] = {
	SHAPE("cause", CODE, .codes = &loss_cause_codes),
	SHAPE("hours", INT),
	{ 0 },
};
static const struct shape share = { .name = "clock_share", .members = share_rows };

static const struct shape_member clock_rows[] = {
	SHAPE_ID,
	SHAPE("kind", CODE, .codes = &clock_kind_codes),
	SHAPE("started_at", INSTANT),
	SHAPE("due_at", INSTANT),
	SHAPE("agreed_on", DATE, .nullable = true),
	SHAPE("ended_at", INSTANT, .nullable = true),
	SHAPE("ended_as", CODE, .nullable = true, .codes = &clock_end_codes),
	SHAPE("late", BOOL),
	SHAPE("shares", OBJECT, .list = true, .sub = &share),
	{ 0 },
};
static const struct shape clock_shape = { .name = "job_clock", .members = clock_rows };

static const struct shape_member defect_rows[] = {
	SHAPE_ID,
	SHAPE("name", TEXT),
	SHAPE("severity", CODE, .codes = &works_severity_codes),
	SHAPE("found_by", CODE, .codes = &works_finder_codes),
	SHAPE("found_on", DATE),
	SHAPE("due_at", INSTANT),
	SHAPE("order_id", UUID),
	SHAPE("order", TEXT),
	SHAPE("order_state", CODE, .codes = &works_state_codes),
	{ 0 },
};
static const struct shape defect = { .name = "works_defect", .members = defect_rows };

static const struct shape_member sign_off_rows[] = {
	SHAPE("way", CODE, .codes = &sign_off_way_codes),
	SHAPE("keys", INT),
	SHAPE("felt_before", INT, .nullable = true),
	SHAPE("feels_now", INT, .nullable = true),
	SHAPE("signed_on", DATE),
	{ 0 },
};
static const struct shape sign_off = { .name = "job_sign_off", .members = sign_off_rows };

static const struct shape_member review_rows[] = {
	SHAPE_ID,
	SHAPE("months", INT),
	SHAPE("due_on", DATE),
	SHAPE("reached", BOOL, .nullable = true),
	SHAPE("home", CODE, .nullable = true, .codes = &review_home_codes),
	SHAPE("contact", CODE, .nullable = true, .codes = &review_contact_codes),
	SHAPE("held", BOOL, .nullable = true),
	SHAPE("feels_now", INT, .nullable = true),
	SHAPE("wish", CODE, .nullable = true, .codes = &review_wish_codes),
	SHAPE("held_on", DATE, .nullable = true),
	{ 0 },
};
static const struct shape review = { .name = "job_review", .members = review_rows };

static const struct shape_member incident_rows[] = {
	SHAPE_ID,
	SHAPE("kind", CODE, .codes = &incident_kind_codes),
	SHAPE("on_day", DATE),
	SHAPE("held", BOOL, .nullable = true),
	SHAPE("measure", TEXT, .nullable = true),
	{ 0 },
};
static const struct shape incident = { .name = "job_incident", .members = incident_rows };

static const struct shape_member marker_rows[] = {
	SHAPE("state", CODE, .codes = &marker_state_codes),
	SHAPE("reference", TEXT, .nullable = true),
	SHAPE("from_day", DATE),
	SHAPE("review_on", DATE),
	SHAPE("removed_on", DATE, .nullable = true),
	SHAPE("removal", CODE, .nullable = true, .codes = &marker_removal_codes),
	{ 0 },
};
static const struct shape marker = { .name = "job_marker", .members = marker_rows };

static const struct shape_member equipment_rows[] = {
	SHAPE_ID,
	SHAPE("name", TEXT),
	SHAPE("serial", TEXT, .nullable = true),
	SHAPE("plan", CODE, .codes = &equipment_plan_codes),
	SHAPE("due_on", DATE, .nullable = true),
	{ 0 },
};
static const struct shape equipment = { .name = "job_equipment", .members = equipment_rows };

static const struct shape_member members[] = {
	SHAPE_ID,
	SHAPE("reference", TEXT),
	SHAPE("state", CODE, .codes = &sanctuary_state_codes),
	SHAPE("household_id", UUID),
	SHAPE("household_reference", TEXT),
	SHAPE("due_at", INSTANT, .nullable = true),
	SHAPE("promised_pence", INT, .nullable = true),
	SHAPE("orders", OBJECT, .list = true, .sub = &order),
	SHAPE("to_order", OBJECT, .list = true, .sub = &to_order),
	SHAPE("fitted", OBJECT, .list = true, .sub = &fitted),
	SHAPE("firms", OBJECT, .list = true, .sub = &choice),
	SHAPE("at_once", OBJECT, .list = true, .sub = &measure),
	SHAPE("clocks", OBJECT, .list = true, .sub = &clock_shape),
	SHAPE("defects", OBJECT, .list = true, .sub = &defect),
	SHAPE("sign_off", OBJECT, .nullable = true, .sub = &sign_off),
	SHAPE("reviews", OBJECT, .list = true, .sub = &review),
	SHAPE("incidents", OBJECT, .list = true, .sub = &incident),
	SHAPE("marker", OBJECT, .nullable = true, .sub = &marker),
	SHAPE("equipment", OBJECT, .list = true, .sub = &equipment),
	SHAPE("ending", CODE, .nullable = true, .codes = &sanctuary_ending_codes),
	SHAPE("acts", CODE, .list = true, .codes = &sanctuary_act_codes),
	SHAPE_VERSION,
	{ 0 },
};
const struct shape works_job_shape = { .name = "works_job", .members = members };

static const struct shape_member late_rows[] = {
	SHAPE_ID,
	SHAPE("reference", TEXT),
	SHAPE("state", CODE, .codes = &sanctuary_state_codes),
	SHAPE("risk_level", CODE, .nullable = true, .codes = &known_risk_level),
	SHAPE("what", CODE, .codes = &works_late_codes),
	SHAPE("started_at", INSTANT),
	SHAPE("due_at", INSTANT),
	SHAPE("agreed_on", DATE, .nullable = true),
	SHAPE("ended_at", INSTANT, .nullable = true),
	SHAPE("hours_over", INT),
	SHAPE("shares", OBJECT, .list = true, .sub = &share),
	SHAPE("firms", TEXT, .nullable = true),
	{ 0 },
};
static const struct shape late = { .name = "works_late_job", .members = late_rows };

static const struct shape_member month_rows[] = {
	SHAPE("firm", TEXT),
	SHAPE("month", DATE),
	SHAPE("offered", INT),
	SHAPE("answered", INT),
	SHAPE("accepted", INT),
	SHAPE("done", INT),
	SHAPE("in_time", INT),
	SHAPE("theirs_in_time", INT),
	SHAPE("median_hours", INT, .nullable = true),
	SHAPE("p90_hours", INT, .nullable = true),
	SHAPE("no_access", INT),
	SHAPE("snags", INT),
	{ 0 },
};
static const struct shape month = { .name = "works_firm_month", .members = month_rows };

static const struct shape_member late_members[] = {
	SHAPE("late", OBJECT, .list = true, .sub = &late),
	SHAPE("months", OBJECT, .list = true, .sub = &month),
	{ 0 },
};
const struct shape works_late_shape = { .name = "works_late", .members = late_members };
