/* What a works order looks like. */
#include "works.h"

#include "api/codes.h"
#include "duty.h"

static const struct shape_member order_line_rows[] = {
	SHAPE_ID,
	SHAPE("n", INT),
	SHAPE("measure", TEXT),
	SHAPE("name", TEXT),
	SHAPE("opening", CODE, .codes = &sanctuary_opening_codes),
	SHAPE("unit", CODE, .codes = &sanctuary_unit_codes),
	SHAPE("ordered_tenths", INT),
	SHAPE("quantity_tenths", INT),
	SHAPE("quantity", TEXT),
	SHAPE("unit_pence", INT),
	SHAPE("total_pence", INT),
	SHAPE("fitted_tenths", INT, .nullable = true),
	SHAPE("fitted", TEXT, .nullable = true),
	SHAPE("certificate", TEXT, .nullable = true),
	{ 0 },
};
static const struct shape order_line = { .name = "works_order_line", .members = order_line_rows };

static const struct shape_member change_line_rows[] = {
	SHAPE("n", INT),
	SHAPE("name", TEXT),
	SHAPE("opening", CODE, .codes = &sanctuary_opening_codes),
	SHAPE("was_tenths", INT),
	SHAPE("was", TEXT),
	SHAPE("quantity", TEXT),
	SHAPE("quantity_tenths", INT),
	SHAPE("unit_pence", INT),
	{ 0 },
};
static const struct shape change_line = { .name = "works_change_line", .members = change_line_rows };

static const struct shape_member change_rows[] = {
	SHAPE_ID,
	SHAPE("n", INT),
	SHAPE("state", CODE, .codes = &works_change_state_codes),
	SHAPE("reason", CODE, .codes = &works_change_reason_codes),
	SHAPE("more_pence", INT),
	SHAPE("less_pence", INT),
	SHAPE("made_safe", BOOL),
	SHAPE("asked_at", INSTANT),
	SHAPE("decided_at", INSTANT, .nullable = true),
	SHAPE("refusal", CODE, .nullable = true, .codes = &works_change_refusal_codes),
	SHAPE("first_of_two", BOOL),
	SHAPE("review_on", DATE, .nullable = true),
	SHAPE("upheld", BOOL, .nullable = true),
	SHAPE("lines", OBJECT, .list = true, .sub = &change_line),
	{ 0 },
};
static const struct shape change = { .name = "works_change", .members = change_rows };

static const struct shape_member invoice_rows[] = {
	SHAPE_ID,
	SHAPE("number", TEXT),
	SHAPE("net_pence", INT),
	SHAPE("vat_pence", INT),
	SHAPE("sent_at", INSTANT),
	SHAPE("query", CODE, .nullable = true, .codes = &works_query_codes),
	SHAPE("paid_on", DATE, .nullable = true),
	SHAPE("reference", TEXT, .nullable = true),
	{ 0 },
};
static const struct shape invoice = { .name = "works_invoice", .members = invoice_rows };

static const struct shape_member window_rows[] = {
	SHAPE("day", DATE),
	SHAPE("from", TEXT, .nullable = true),
	SHAPE("until", TEXT, .nullable = true),
	{ 0 },
};
static const struct shape window = { .name = "works_window", .members = window_rows };

static const struct shape_member reading_rows[] = {
	SHAPE("at", INSTANT),
	SHAPE("account", TEXT),
	SHAPE("kind", TEXT, .nullable = true),
	SHAPE("purpose", CODE, .codes = &reading_purpose_codes),
	{ 0 },
};
static const struct shape reading = { .name = "works_reading", .members = reading_rows };

static const struct shape_member choice_rows[] = {
	SHAPE("code", UUID),
	SHAPE("label", TEXT),
	{ 0 },
};
static const struct shape choice = { .name = "works_choice", .members = choice_rows };

static const struct shape_member members[] = {
	SHAPE_ID,
	SHAPE("reference", TEXT),
	SHAPE("kind", CODE, .codes = &works_kind_codes),
	SHAPE("state", CODE, .codes = &works_state_codes),
	SHAPE("local_authority", CODE, .codes = &local_authority_codes),
	SHAPE("fast", BOOL),
	SHAPE("priced_on", DATE),
	SHAPE("firm", TEXT),
	SHAPE("firm_id", UUID),
	SHAPE("job_id", UUID, .nullable = true),
	SHAPE("job_reference", TEXT, .nullable = true),
	SHAPE("total_pence", INT),
	SHAPE("offered_at", INSTANT, .nullable = true),
	SHAPE("answer_by", INSTANT, .nullable = true),
	SHAPE("accepted_at", INSTANT, .nullable = true),
	SHAPE("slot_from", INSTANT, .nullable = true),
	SHAPE("slot_until", INSTANT, .nullable = true),
	SHAPE("slot_agreed", CODE, .nullable = true, .codes = &works_agreed_codes),
	SHAPE("arrived_at", INSTANT, .nullable = true),
	SHAPE("done_at", INSTANT, .nullable = true),
	SHAPE("taken_over_at", INSTANT, .nullable = true),
	SHAPE("refusal", CODE, .nullable = true, .codes = &works_refusal_codes),
	SHAPE("pull", CODE, .nullable = true, .codes = &works_pull_codes),
	SHAPE("left_as", CODE, .nullable = true, .codes = &works_left_codes),
	SHAPE("keys_made", INT, .nullable = true),
	SHAPE("word", TEXT, .nullable = true),
	SHAPE("operative", TEXT, .nullable = true),
	SHAPE("ways", CODE, .list = true, .codes = &works_way_codes),
	SHAPE("pets", BOOL, .nullable = true),
	SHAPE("asbestos", BOOL, .nullable = true),
	SHAPE("windows", OBJECT, .list = true, .sub = &window),
	SHAPE("lines", OBJECT, .list = true, .sub = &order_line),
	SHAPE("changes", OBJECT, .list = true, .sub = &change),
	SHAPE("invoices", OBJECT, .list = true, .sub = &invoice),
	SHAPE("readings", OBJECT, .list = true, .sub = &reading),
	SHAPE("acts", CODE, .list = true, .codes = &works_act_codes),
	SHAPE("change_acts", CODE, .list = true, .codes = &works_change_act_codes),
	SHAPE("operatives", OBJECT, .nullable = true, .list = true, .sub = &choice),
	SHAPE("firms", OBJECT, .nullable = true, .list = true, .sub = &choice),
	SHAPE("duty_telephone", OBJECT, .nullable = true, .sub = &duty_shape),
	SHAPE("told", BOOL),
	SHAPE("address_open", BOOL),
	SHAPE_VERSION,
	{ 0 },
};
const struct shape works_shape = { .name = "works_order", .members = members };
