/* A recurring promise of the fund as its request shows it (fund.promise_json()). */
#include "api/codes.h"
#include "fund_promise.h"
#include "serve/shape.h"

static const struct shape_member line_rows[] = {
	SHAPE("n", INT),
	SHAPE("person", TEXT, .nullable = true),
	SHAPE("component", CODE, .codes = &fund_component_codes),
	SHAPE("weekly_pence", INT),
	SHAPE("from_day", DATE),
	SHAPE("until_day", DATE),
	SHAPE("nights", INT),
	SHAPE("amount_pence", INT),
	SHAPE("may_stop", BOOL),
	{ 0 },
};
const struct shape fund_line_shape = { .name = "promise_line", .members = line_rows };
static const struct shape_member week_rows[] = {
	SHAPE("from_day", DATE),
	SHAPE("until_day", DATE),
	SHAPE("nights", INT),
	SHAPE("amount_pence", INT),
	SHAPE("due", BOOL),
	SHAPE("left_pence", INT),
	{ 0 },
};
static const struct shape week = { .name = "promise_week", .members = week_rows };
static const struct shape_member overpayment_rows[] = {
	SHAPE_ID,
	SHAPE("person", TEXT, .nullable = true),
	SHAPE("component", CODE, .codes = &fund_component_codes),
	SHAPE("nights", INT),
	SHAPE("amount_pence", INT),
	SHAPE("cause", CODE, .codes = &fund_stop_codes),
	SHAPE("found_on", DATE),
	SHAPE("deducted_pence", INT),
	SHAPE("recovered_pence", INT),
	SHAPE("written_off_pence", INT),
	SHAPE("unpaid_pence", INT),
	SHAPE("outstanding_pence", INT),
	SHAPE("reason", CODE, .nullable = true, .codes = &fund_settle_reason_codes),
	SHAPE("may_settle", BOOL),
	SHAPE("may_write_off", BOOL),
	SHAPE_VERSION,
	{ 0 },
};
static const struct shape overpayment = { .name = "fund_overpayment", .members = overpayment_rows };
static const struct shape_member deduction_rows[] = {
	SHAPE("made_on", DATE),
	SHAPE("amount_pence", INT),
	SHAPE("reference", TEXT, .nullable = true),
	{ 0 },
};
static const struct shape deduction = { .name = "fund_deduction", .members = deduction_rows };
static const struct shape_member promise_rows[] = {
	SHAPE("start_on", DATE),
	SHAPE("end_on", DATE),
	SHAPE("review_on", DATE),
	SHAPE("review_late", BOOL),
	SHAPE("appointment_asked_on", DATE, .nullable = true),
	SHAPE("need_ended_on", DATE, .nullable = true),
	SHAPE("need_ended_as", CODE, .nullable = true, .codes = &fund_need_end_codes),
	SHAPE("stopped_on", DATE, .nullable = true),
	SHAPE("stop_reason", CODE, .nullable = true, .codes = &fund_stop_codes),
	SHAPE("stopped_by", TEXT, .nullable = true),
	SHAPE("due_pence", INT),
	SHAPE("left_pence", INT),
	SHAPE("waits_from", DATE, .nullable = true),
	SHAPE("lines", OBJECT, .list = true, .sub = &fund_line_shape),
	SHAPE("weeks", OBJECT, .list = true, .sub = &week),
	SHAPE("overpayments", OBJECT, .list = true, .sub = &overpayment),
	SHAPE("deductions", OBJECT, .list = true, .sub = &deduction),
	{ 0 },
};
const struct shape fund_promise_shape = { .name = "fund_promise", .members = promise_rows };
