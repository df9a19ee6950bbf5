/* Works orders: what a firm is asked to fit in one home. The firm's people see their orders and nothing of the case; an
 * offer tells the area, the measures and the days alone. What may be done in which state is data
 * (sanctuary.works_step), and the buttons of the pages are those rows. */
#include "works.h"

#include "api/codes.h"
#include "api/resource.h"
#include "api/rights.h"
#include "api/routes.h"
#include "fund.h"
#include "json/write.h"
#include "sanctuary.h"
#include "sql.h"

/* ---- lists ---- */

struct works_filter {
	const char *state;
};
static const struct field list_fields[] = {
	FIELD(struct works_filter, state, CODE, "state", .codes = &works_state_codes),
};
static const struct input list_input = INPUT(struct works_filter, list_fields);

static struct reply listed(struct ctx *c)
{
	audit(c, "search", "works_order", NULL, NULL, NULL);
	return all_reply(c, 0);
}

static struct reply works_list(struct ctx *c)
{
	query(c, &SQL_WORKS_LIST, ((const struct works_filter *)ctx_input(c))->state);
	return then(listed);
}

/* ---- one ---- */

static struct reply shown(struct ctx *c)
{
	if (rows(c, 0))
		audit(c, "read", "works_order", value(c, 0, 0, "id"), value(c, 0, 0, "_household"), NULL);
	return row_reply(c, 0);
}

struct reply works_get(struct ctx *c)
{
	query(c, &SQL_WORKS_SHOW, ctx_id(c, "id"));
	return then(shown);
}

/* ---- acts ---- */

struct reply works_acted(struct ctx *c)
{
	if (!sanctuary_is_done(c))
		return sanctuary_refused(c);
	return at(row_reply(c, 1), arena_printf(ctx_arena(c), "/works/%s", ctx_id(c, "id")));
}

static struct reply act(struct ctx *c, const char *which)
{
	if (!fund_if_match(c))
		return problem(c, PROBLEM_MATCH_MISSING);
	query(c, &SQL_WORKS_ACT, ctx_id(c, "id"), ctx_if_match(c), which, ctx_input(c) ? ctx_json(c) : "{}");
	query(c, &SQL_WORKS_SHOW, ctx_id(c, "id"));
	return then(works_acted);
}

static struct reply works_approve(struct ctx *c)
{
	return act(c, "approve");
}

struct offer_in {
	const char *firm;
};
static const struct field offer_fields[] = {
	FIELD(struct offer_in, firm, UUID, "firm_id", .help = "The same firm if left out."),
};
static const struct input offer_input = INPUT(struct offer_in, offer_fields);

static struct reply works_offer(struct ctx *c)
{
	return act(c, "offer");
}

struct accept_in {
	const char *operative;
};
static const struct field accept_fields[] = {
	FIELD(struct accept_in, operative, UUID, "operative_id", .help = "You if left out."),
};
static const struct input accept_input = INPUT(struct accept_in, accept_fields);

static struct reply works_accept(struct ctx *c)
{
	return act(c, "accept");
}

struct works_why {
	const char *reason;
};
/* The input of an act that takes a reason alone. */
#define WHY(name, list) \
	static const struct field name##_fields[] = { \
		FIELD(struct works_why, reason, CODE, "reason", .required = true, .codes = &list, .ask = "Select why"), \
	}; \
	static const struct input name##_input = INPUT(struct works_why, name##_fields)
WHY(refuse, works_refusal_codes);
WHY(pull, works_pull_codes);
WHY(query, works_query_codes);

/* A firm that refuses an order does not see it any more. */
static struct reply refused(struct ctx *c)
{
	struct text t = text_in(ctx_arena(c));

	if (!sanctuary_is_done(c))
		return sanctuary_refused(c);
	json_object_begin(&t);
	json_put_text(&t, "id", ctx_id(c, "id"));
	json_object_end(&t);
	return done(c, text_done(&t), "/works");
}

static struct reply works_refuse(struct ctx *c)
{
	if (!fund_if_match(c))
		return problem(c, PROBLEM_MATCH_MISSING);
	query(c, &SQL_WORKS_ACT, ctx_id(c, "id"), ctx_if_match(c), "refuse", ctx_json(c));
	return then(refused);
}

static struct reply works_pull(struct ctx *c)
{
	return act(c, "pull");
}

static struct reply works_query(struct ctx *c)
{
	return act(c, "query");
}

void works_check_time(struct ctx *c, const char *pointer, const char *time)
{
	if (time && !is_time_of_day(time))
		ctx_error(c, pointer, "bad_time", "This must be a time, like 09:30");
}

void works_check_once(struct ctx *c, const char *pointer, int64_t whole, int64_t tenths)
{
	if (whole != INT_ABSENT && tenths != INT_ABSENT)
		ctx_error(c, pointer, "said_twice", "Enter this once: in whole units, or in tenths of one");
}

struct book_in {
	const char *day, *from, *until, *agreed;
};
static const struct field book_fields[] = {
	FIELD(struct book_in, day, DATE, "day", .required = true, .ahead = 60, .label = "Day", .ask = "Enter the day"),
	FIELD(struct book_in, from, TEXT, "from", .required = true, .max = 5, .ask = "Enter from when, like 09:30"),
	FIELD(struct book_in, until, TEXT, "until", .required = true, .max = 5, .ask = "Enter until when, like 11:00"),
	FIELD(struct book_in, agreed, CODE, "agreed", .required = true, .codes = &works_agreed_codes,
	      .ask = "Select how the householder agreed"),
};
static const struct input book_input = INPUT(struct book_in, book_fields);

static void check_book(struct ctx *c)
{
	const struct book_in *in = ctx_input(c);

	works_check_time(c, "/from", in->from);
	works_check_time(c, "/until", in->until);
}

static struct reply works_book(struct ctx *c)
{
	return act(c, "book");
}

static struct reply works_arrive(struct ctx *c)
{
	return act(c, "arrive");
}

struct leave_in {
	const char *reason;
	enum tri secure, nothing_left;
};
static const struct field leave_fields[] = {
	FIELD(struct leave_in, reason, CODE, "reason", .required = true, .codes = &works_left_codes, .ask = "Select why you leave"),
	FIELD(struct leave_in, secure, BOOL, "home_secure", .required = true, .ask = "Say that the home is secure"),
	FIELD(struct leave_in, nothing_left, BOOL, "nothing_left", .required = true,
	      .ask = "Say that you left nothing at the door, and told nobody why you came"),
};
static const struct input leave_input = INPUT(struct leave_in, leave_fields);

static void check_leave(struct ctx *c)
{
	const struct leave_in *in = ctx_input(c);

	if (in->secure == TRI_NO)
		ctx_error(c, "/home_secure", "insecure", "Do not leave before the home is secure: ring the coordinator");
	if (in->nothing_left == TRI_NO)
		ctx_error(c, "/nothing_left", "not_said", "Take away what you left at the door, and ring the coordinator");
}

static struct reply works_leave(struct ctx *c)
{
	return act(c, "leave");
}

static struct reply works_take_over(struct ctx *c)
{
	return act(c, "take_over");
}

/* ---- the report ---- */

struct report_line {
	int64_t n, fitted, tenths;
	const char *certificate, *reason;
};
static const struct field report_line_fields[] = {
	FIELD(struct report_line, n, INT, "n", .required = true, .min = 1, .max = 200),
	FIELD(struct report_line, fitted, INT, "fitted", .min = 0, .max = 999, .label = "Fitted",
	      .help = "Whole units; fitted_tenths for parts of one."),
	FIELD(struct report_line, tenths, INT, "fitted_tenths", .min = 0, .max = 9999),
	FIELD(struct report_line, certificate, TEXT, "certificate", .max = 40, .prose = true),
	FIELD(struct report_line, reason, CODE, "reason", .codes = &works_change_reason_codes, .help = "Why less was fitted."),
};
static const struct input report_line_input = INPUT(struct report_line, report_line_fields);

struct report_in {
	struct json_list lines;
	enum tri alarms, secure;
	int64_t made, given;
};
static const struct field report_fields[] = {
	FIELD(struct report_in, lines, OBJECT, "lines", .sub = &report_line_input, .required = true, .min_items = 1),
	FIELD(struct report_in, alarms, BOOL, "alarms_tested", .required = true, .ask = "Say whether the alarms were tested"),
	FIELD(struct report_in, made, INT, "keys_made", .required = true, .min = 0, .max = 100, .label = "Keys made",
	      .ask = "Enter how many keys were made"),
	FIELD(struct report_in, given, INT, "keys_given", .required = true, .min = 0, .max = 100, .label = "Keys given to the householder",
	      .ask = "Enter how many keys the householder has"),
	FIELD(struct report_in, secure, BOOL, "home_secure", .required = true, .ask = "Say whether the home is secure"),
};
static const struct input report_input = INPUT(struct report_in, report_fields);

static void check_report(struct ctx *c)
{
	const struct report_in *in = ctx_input(c);
	const struct report_line *lines = in->lines.items;

	for (size_t i = 0; i < in->lines.n; i++) {
		const char *at = arena_printf(ctx_arena(c), "/lines/%zu/fitted", i);

		if (lines[i].n != INT_ABSENT && lines[i].fitted == INT_ABSENT && lines[i].tenths == INT_ABSENT)
			ctx_error(c, at, "required", "Enter how much was fitted");
		works_check_once(c, at, lines[i].fitted, lines[i].tenths);
	}
}

static struct reply works_report_done(struct ctx *c)
{
	return act(c, "report_done");
}

/* ---- money ---- */

struct invoice_in {
	const char *number;
	int64_t net, vat;
};
static const struct field invoice_fields[] = {
	FIELD(struct invoice_in, number, TEXT, "number", .required = true, .max = 40, .prose = true, .label = "Number of the invoice",
	      .ask = "Enter the number of the invoice"),
	FIELD(struct invoice_in, net, PENCE, "net_pence", .required = true, .label = "Amount without VAT",
	      .ask = "Enter the amount without VAT"),
	FIELD(struct invoice_in, vat, PENCE, "vat_pence", .label = "VAT"),
};
static const struct input invoice_input = INPUT(struct invoice_in, invoice_fields);

static struct reply works_invoice(struct ctx *c)
{
	return act(c, "invoice");
}

struct settle_in {
	const char *paid_on, *reference;
};
static const struct field settle_fields[] = {
	FIELD(struct settle_in, paid_on, DATE, "paid_on", .required = true, .past = 366, .label = "Paid on",
	      .ask = "Enter the day on which it was paid"),
	FIELD(struct settle_in, reference, TEXT, "reference", .required = true, .max = 60, .prose = true,
	      .ask = "Enter the reference of the payment in your ledger"),
};
static const struct input settle_input = INPUT(struct settle_in, settle_fields);

static struct reply works_settle(struct ctx *c)
{
	return act(c, "settle");
}

static struct reply works_unsettle(struct ctx *c)
{
	return act(c, "unsettle");
}

/* ---- shapes ---- */

static const struct shape_member line_rows[] = {
	SHAPE_ID,
	SHAPE("reference", TEXT),
	SHAPE("kind", CODE, .codes = &works_kind_codes),
	SHAPE("state", CODE, .codes = &works_state_codes),
	SHAPE("local_authority", CODE, .codes = &local_authority_codes),
	SHAPE("fast", BOOL),
	SHAPE("firm", TEXT),
	SHAPE("job_reference", TEXT, .nullable = true),
	SHAPE("measures", INT),
	SHAPE("trades", CODE, .list = true, .codes = &sanctuary_trade_codes),
	SHAPE("minutes", INT),
	SHAPE("total_pence", INT),
	SHAPE("answer_by", INSTANT, .nullable = true),
	SHAPE("minutes_left", INT, .nullable = true),
	SHAPE("slot_from", INSTANT, .nullable = true),
	SHAPE("slot_until", INSTANT, .nullable = true),
	SHAPE("change_open", BOOL),
	SHAPE("change_pence", INT, .nullable = true),
	SHAPE("overdue", BOOL),
	{ 0 },
};
static const struct shape_member gone_rows[] = { SHAPE_ID, { 0 } };
static const struct shape gone = { .name = "works_refused", .members = gone_rows };
static const struct shape many = { .name = "works_line", .members = line_rows, .list = true };

/* ---- routes ---- */

#define ACT(path, right, input, step, page, words, ...) \
	{ "POST", "/works/{id}/" path, right, input, step, page, .form = works_get, .output = &works_shape, \
	  .summary = words, __VA_ARGS__ }
#define SHOW "works/show"

const struct route works_routes[] = {
	{ "GET", "/works", CAN_see_orders, &list_input, works_list, "works/list", .output = &many,
	  .summary = "Works orders that are live or ended within a week: a firm's own, or the partnership's" },
	{ "GET", "/works/{id}", CAN_see_orders, NULL, works_get, SHOW, .output = &works_shape,
	  .summary = "A works order with its lines, changes and invoices" },
	{ "GET", "/works/{id}/report", CAN_do_works, NULL, works_get, "works/report", .flags = ROUTE_PAGE_ONLY },
	ACT("approve", CAN_approve_works, NULL, works_approve, SHOW, "Approve an order that needs no consent: it is promised and offered"),
	ACT("offer", CAN_coordinate, &offer_input, works_offer, SHOW, "Offer an order again, or to another firm"),
	ACT("accept", CAN_do_works, &accept_input, works_accept, SHOW, "Accept an order in time, with the operative"),
	{ "POST", "/works/{id}/refuse", CAN_do_works, &refuse_input, works_refuse, SHOW, .form = works_get, .output = &gone,
	  .summary = "Refuse an order: the firm does not see it any more" },
	ACT("pull", CAN_coordinate, &pull_input, works_pull, SHOW, "Take an order back from its firm"),
	ACT("book", CAN_coordinate | CAN_do_works, &book_input, works_book, SHOW,
	    "Book a time that the householder agreed to, within the safe times", .check = check_book),
	ACT("arrive", CAN_do_works, NULL, works_arrive, SHOW, "Say that the operative is there"),
	ACT("leave", CAN_do_works, &leave_input, works_leave, SHOW, "Say why the operative left before the works were done",
	    .check = check_leave),
	ACT("report-done", CAN_do_works, &report_input, works_report_done, "works/report", "Report what was fitted",
	    .check = check_report),
	ACT("take-over", CAN_coordinate, NULL, works_take_over, SHOW, "Take the works over"),
	ACT("invoice", CAN_do_works, &invoice_input, works_invoice, SHOW, "Send the invoice"),
	ACT("query", CAN_coordinate | CAN_keep_fund, &query_input, works_query, SHOW, "Query an invoice: the firm sends another"),
	ACT("settle", CAN_keep_fund, &settle_input, works_settle, SHOW, "Record that an invoice was paid, and book it"),
	ACT("unsettle", CAN_keep_fund, NULL, works_unsettle, SHOW, "Take back the payment of an invoice that was recorded wrongly"),
	{ 0 },
};
