/* Changes to a works order: a firm or the coordinator asks, and never decides on what they asked. Within the tolerance a
 * coordinator agrees; above it an approver, whose limit is for the new total of the job's works. */
#include "api/codes.h"
#include "api/rights.h"
#include "api/routes.h"
#include "fund.h"
#include "json/write.h"
#include "sql.h"
#include "works.h"

static struct reply act(struct ctx *c, const char *which)
{
	if (!fund_if_match(c))
		return problem(c, PROBLEM_MATCH_MISSING);
	query(c, &SQL_WORKS_CHANGE_ACT, ctx_id(c, "id"), ctx_if_match(c), which, ctx_input(c) ? ctx_json(c) : "{}");
	query(c, &SQL_WORKS_SHOW, ctx_id(c, "id"));
	return then(works_acted);
}

/* ---- asking ---- */

struct change_line {
	int64_t n, quantity, tenths;
	const char *measure, *opening;
	struct json_list confirmed;
};
static const struct field line_fields[] = {
	FIELD(struct change_line, n, INT, "n", .min = 1, .max = 200, .help = "The line of the order; left out for a new one."),
	FIELD(struct change_line, measure, TEXT, "measure", .max = 31, .help = "Of a new line: the measure's code."),
	FIELD(struct change_line, opening, CODE, "opening", .codes = &sanctuary_opening_codes, .help = "Of a new line: where."),
	FIELD(struct change_line, quantity, INT, "quantity", .min = 0, .max = 999, .label = "Quantity",
	      .help = "Whole units, 0 for none; quantity_tenths for parts of one."),
	FIELD(struct change_line, tenths, INT, "quantity_tenths", .min = 0, .max = 9999),
	FIELD(struct change_line, confirmed, CODE, "confirmed", .codes = &sanctuary_confirm_codes,
	      .help = "Of a new line: what you confirm for the fire and safety rules."),
};
static const struct input line_input = INPUT(struct change_line, line_fields);

struct change_in {
	const char *reason;
	struct json_list lines;
};
static const struct field ask_fields[] = {
	FIELD(struct change_in, reason, CODE, "reason", .required = true, .codes = &works_change_reason_codes, .ask = "Select why"),
	FIELD(struct change_in, lines, OBJECT, "lines", .sub = &line_input, .required = true, .min_items = 1, .max_items = 20,
	      .ask = "Enter what is to be changed"),
};
static const struct input ask_input = INPUT(struct change_in, ask_fields);

static void check_line(struct ctx *c, const struct change_line *l, size_t i)
{
	struct arena *a = ctx_arena(c);

	if (l->n == INT_ABSENT && !l->measure && !l->opening && l->quantity == INT_ABSENT && l->tenths == INT_ABSENT)
		return;
	works_check_once(c, arena_printf(a, "/lines/%zu/quantity", i), l->quantity, l->tenths);
	if (l->quantity == INT_ABSENT && l->tenths == INT_ABSENT)
		ctx_error(c, arena_printf(a, "/lines/%zu/quantity", i), "required", "Enter how much it is to be");
	if (l->n != INT_ABSENT)
		return;
	if (!l->measure)
		ctx_error(c, arena_printf(a, "/lines/%zu/measure", i), "required", "Select the measure");
	if (!l->opening)
		ctx_error(c, arena_printf(a, "/lines/%zu/opening", i), "required", "Select where it goes");
}

static void check_ask(struct ctx *c)
{
	const struct change_in *in = ctx_input(c);

	for (size_t i = 0; i < in->lines.n; i++)
		check_line(c, &((const struct change_line *)in->lines.items)[i], i);
}

static struct reply change_ask(struct ctx *c)
{
	return act(c, "ask");
}

static struct reply change_make_safe(struct ctx *c)
{
	return act(c, "make_safe");
}

/* ---- deciding ---- */

static struct reply change_agree(struct ctx *c)
{
	return act(c, "agree");
}

static struct reply change_approve(struct ctx *c)
{
	return act(c, "agree_fund");
}

struct change_refuse_in {
	const char *refusal;
};
static const struct field refuse_fields[] = {
	FIELD(struct change_refuse_in, refusal, CODE, "refusal", .required = true, .codes = &works_change_refusal_codes,
	      .ask = "Select why"),
};
static const struct input refuse_input = INPUT(struct change_refuse_in, refuse_fields);

static struct reply change_refuse(struct ctx *c)
{
	return act(c, "refuse");
}

static struct reply change_take_back(struct ctx *c)
{
	return act(c, "take_back");
}

struct change_review_in {
	enum tri upheld;
};
static const struct field review_fields[] = {
	FIELD(struct change_review_in, upheld, BOOL, "upheld", .required = true,
	      .ask = "Select whether you would have decided the same"),
};
static const struct input review_input = INPUT(struct change_review_in, review_fields);

static struct reply change_review(struct ctx *c)
{
	return act(c, "review");
}

/* ---- the page ---- */

static struct reply form_found(struct ctx *c)
{
	struct text t = text_in(ctx_arena(c));

	if (rows(c, 0) == 0)
		return problem(c, PROBLEM_NOT_FOUND);
	audit(c, "read", "works_order", value(c, 0, 0, "id"), value(c, 0, 0, "_household"), NULL);
	json_object_begin(&t);
	json_put_key(&t, "order");
	row_put(&t, c, 0, 0);
	json_put_key(&t, "measures");
	rows_put(&t, c, 1);
	json_object_end(&t);
	return ok(c, text_done(&t));
}

static struct reply change_form(struct ctx *c)
{
	query(c, &SQL_WORKS_SHOW, ctx_id(c, "id"));
	query(c, &SQL_WORKS_MEASURES);
	return then(form_found);
}

/* ---- routes ---- */

#define ASKS (CAN_coordinate | CAN_do_works)
#define ACT(path, right, input, step, words) \
	{ "POST", "/works/{id}/" path, right, input, step, "works/show", .form = works_get, .output = &works_shape, \
	  .summary = words }
#define ASK(path, right, step, words) \
	{ "POST", "/works/{id}/" path, right, &ask_input, step, "works/change", .form = change_form, .output = &works_shape, \
	  .check = check_ask, .summary = words }

const struct route works_change_routes[] = {
	{ "GET", "/works/{id}/change", ASKS, NULL, change_form, "works/change", .flags = ROUTE_PAGE_ONLY },
	ASK("ask-change", ASKS, change_ask, "Ask for a change to an order"),
	ASK("make-safe", CAN_do_works, change_make_safe, "Do at once what the home would be insecure without, up to a cap"),
	ACT("agree-change", CAN_coordinate, NULL, change_agree, "Agree to a change within the tolerance"),
	ACT("approve-change", CAN_approve_works, NULL, change_approve,
	    "Approve a change: the limit is for the new total of the job's works"),
	ACT("refuse-change", CAN_coordinate | CAN_approve_works, &refuse_input, change_refuse, "Refuse a change"),
	ACT("take-back-change", ASKS, NULL, change_take_back, "Take a change back that your organisation asked for"),
	ACT("review-change", CAN_approve_works, &review_input, change_review, "Review what a firm did at once"),
	{ 0 },
};
