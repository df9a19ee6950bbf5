/* Payments: on their way, confirmed, come back; what was paid and came back later. Acts are by who pays. */
#include "api/codes.h"
#include "api/outcomes.h"
#include "api/resource.h"
#include "api/rights.h"
#include "api/routes.h"
#include "case.h"
#include "fund_run.h"
#include "sql.h"

/* ---- reading ---- */

struct payment_query {
	int64_t limit;
	const char *cursor, *state;
	enum tri late;
};
static const struct field list_fields[] = {
	PAGE_FIELDS(struct payment_query),
	FIELD(struct payment_query, state, CODE, "state", .codes = &payment_state_codes),
	FIELD(struct payment_query, late, BOOL, "late",
	      .help = "true: those that are not confirmed five working days after they were to be paid."),
};
static const struct input list_input = INPUT(struct payment_query, list_fields);

static struct reply listed(struct ctx *c)
{
	return recorded_list(c, 0, "search", "payment", NULL, NULL);
}

static struct reply payment_list(struct ctx *c)
{
	const struct payment_query *q = ctx_input(c);

	query(c, &SQL_FUND_PAYMENT_LIST, page_size(c), page_cursor(c), q->state, tri_param(q->late));
	return then(listed);
}

static struct reply shown(struct ctx *c)
{
	return row_reply(c, 0);
}

static struct reply payment_get(struct ctx *c)
{
	query(c, &SQL_FUND_PAYMENT_SHOW, ctx_id(c, "id"));
	return then(shown);
}

/* ---- acts ---- */

static struct reply acted(struct ctx *c)
{
	return run_done(c, arena_printf(ctx_arena(c), "/fund/payments/%s", ctx_id(c, "id")));
}

static struct reply then_shown(struct ctx *c)
{
	query(c, &SQL_FUND_PAYMENT_SHOW, ctx_id(c, "id"));
	return then(acted);
}

static struct reply payment_take_out(struct ctx *c)
{
	query(c, &SQL_FUND_PAYMENT_TAKE_OUT, ctx_id(c, "id"));
	return then_shown(c);
}

struct settled_in {
	const char *day, *reason;
};
static const struct field confirm_fields[] = {
	FIELD(struct settled_in, day, DATE, "settled_on", .required = true, .past = 400, .label = "Day on which it was paid",
	      .ask = "Enter the day on which it was paid"),
};
static const struct input confirm_input = INPUT(struct settled_in, confirm_fields);
static const struct field bounce_fields[] = {
	FIELD(struct settled_in, day, DATE, "settled_on", .required = true, .past = 400, .label = "Day on which it came back",
	      .ask = "Enter the day on which it came back"),
	FIELD(struct settled_in, reason, CODE, "reason", .required = true, .codes = &bounce_reason_codes,
	      .ask = "Select why it came back"),
};
static const struct input bounce_input = INPUT(struct settled_in, bounce_fields);

static struct reply payment_confirm(struct ctx *c)
{
	if (!fund_if_match(c))
		return problem(c, PROBLEM_MATCH_MISSING);
	query(c, &SQL_FUND_PAYMENT_CONFIRM, ctx_id(c, "id"), ctx_if_match(c), ((const struct settled_in *)ctx_input(c))->day);
	return then_shown(c);
}

static struct reply payment_bounce(struct ctx *c)
{
	const struct settled_in *in = ctx_input(c);

	if (!fund_if_match(c))
		return problem(c, PROBLEM_MATCH_MISSING);
	query(c, &SQL_FUND_PAYMENT_BOUNCE, ctx_id(c, "id"), ctx_if_match(c), in->day, in->reason);
	return then_shown(c);
}

static struct reply payment_unconfirm(struct ctx *c)
{
	if (!fund_if_match(c))
		return problem(c, PROBLEM_MATCH_MISSING);
	query(c, &SQL_FUND_PAYMENT_UNCONFIRM, ctx_id(c, "id"), ctx_if_match(c));
	return then_shown(c);
}

struct vat_in {
	int64_t vat;
};
static const struct field vat_fields[] = {
	FIELD(struct vat_in, vat, PENCE, "vat_pence", .required = true, .min = 0, .label = "VAT",
	      .ask = "Enter how much of it is VAT", .help = "Of the amount; 0 where there is none."),
};
static const struct input vat_input = INPUT(struct vat_in, vat_fields);

static struct reply payment_vat(struct ctx *c)
{
	if (!fund_if_match(c))
		return problem(c, PROBLEM_MATCH_MISSING);
	query(c, &SQL_FUND_PAYMENT_VAT, ctx_id(c, "id"), ctx_if_match(c), int_param(c, ((const struct vat_in *)ctx_input(c))->vat));
	return then_shown(c);
}

struct recover_in {
	int64_t amount;
	const char *reason;
};
static const struct field recover_fields[] = {
	FIELD(struct recover_in, amount, PENCE, "amount_pence", .required = true, .min = 1, .label = "Amount",
	      .ask = "Enter how much came back"),
	FIELD(struct recover_in, reason, CODE, "reason", .required = true, .codes = &recovery_reason_codes,
	      .ask = "Select why it came back"),
};
static const struct input recover_input = INPUT(struct recover_in, recover_fields);

static struct reply payment_recover(struct ctx *c)
{
	const struct recover_in *in = ctx_input(c);

	if (!fund_if_match(c))
		return problem(c, PROBLEM_MATCH_MISSING);
	query(c, &SQL_FUND_PAYMENT_RECOVER, ctx_id(c, "id"), ctx_if_match(c), int_param(c, in->amount), in->reason);
	return then_shown(c);
}

/* ---- routes ---- */

#define LINE_MEMBERS \
	SHAPE_ID, \
	SHAPE("reference", TEXT), \
	SHAPE("request_id", UUID, .nullable = true), \
	SHAPE("request", TEXT, .nullable = true), \
	SHAPE("order_id", UUID, .nullable = true), \
	SHAPE("works_order", TEXT, .nullable = true), \
	SHAPE("household_reference", TEXT), \
	SHAPE("run_id", UUID, .nullable = true), \
	SHAPE("run", TEXT, .nullable = true), \
	SHAPE("n", INT, .nullable = true), \
	SHAPE("amount_pence", INT), \
	SHAPE("means", CODE, .codes = &fund_means_codes), \
	SHAPE("serial", TEXT, .nullable = true), \
	SHAPE("state", CODE, .codes = &payment_state_codes), \
	SHAPE("made_at", INSTANT), \
	SHAPE("settled_on", DATE, .nullable = true), \
	SHAPE("reason", CODE, .nullable = true, .codes = &bounce_reason_codes), \
	SHAPE("recovered_pence", INT), \
	SHAPE("late", BOOL), \
	SHAPE("own", BOOL), \
	SHAPE_VERSION

static const struct shape_member lines[] = { LINE_MEMBERS, { 0 } };
static const struct shape many = { .name = "fund_payment_line", .members = lines, .list = true };

static const struct shape_member recovery_rows[] = {
	SHAPE("amount_pence", INT),
	SHAPE("reason", CODE, .codes = &recovery_reason_codes),
	SHAPE("by", TEXT, .nullable = true),
	SHAPE("at", INSTANT),
	{ 0 },
};
static const struct shape recovery = { .name = "fund_recovery", .members = recovery_rows };
static const struct shape_member members[] = {
	LINE_MEMBERS,
	SHAPE("made_by", TEXT, .nullable = true),
	SHAPE("settled_by", TEXT, .nullable = true),
	SHAPE("vat_pence", INT),
	SHAPE("recoveries", OBJECT, .list = true, .sub = &recovery),
	SHAPE("acts", TEXT, .list = true),
	{ 0 },
};
static const struct shape one = { .name = "fund_payment", .members = members };

#define ACT(path, input, step, words)                                                                              \
	{ "POST", "/fund/payments/{id}/" path, CAN_keep_fund, input, step, "fund/payment", .form = payment_get,    \
	  .output = &one, .summary = words }

const struct route fund_payment_routes[] = {
	{ "GET", "/fund/payments", CAN_see_books, &list_input, payment_list, "fund/payments", .flags = ROUTE_CSV,
	  .output = &many, .summary = "Payments, newest first" },
	{ "GET", "/fund/payments/{id}", CAN_see_books, NULL, payment_get, "fund/payment", .output = &one,
	  .summary = "A payment" },
	ACT("take-out", NULL, payment_take_out, "Take a payment out of its run before the export"),
	ACT("confirm", &confirm_input, payment_confirm, "Confirm a payment by hand: not who froze its run"),
	ACT("bounce", &bounce_input, payment_bounce, "Record that a payment came back: its money is promised as before"),
	ACT("unconfirm", NULL, payment_unconfirm, "Take back a confirmation that was recorded wrongly"),
	ACT("vat", &vat_input, payment_vat, "Record how much of a payment to a supplier is VAT"),
	ACT("recover", &recover_input, payment_recover, "Record that money which was paid came back: it is free again"),
	{ 0 },
};
