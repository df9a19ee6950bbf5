/* The part of a job of the sanctuary scheme that is works: ordering them, the clocks with what was lost and why, defects,
 * the victim's own word, reviews, incidents, the marker of the police, and the end. Each act goes through the one door of
 * jobs (sanctuary.act()). */
#include "works_job.h"

#include <string.h>

#include "api/codes.h"
#include "api/rights.h"
#include "api/routes.h"
#include "json/write.h"
#include "sanctuary.h"
#include "sql.h"
#include "works.h"

/* ---- the page ---- */

static struct reply shown(struct ctx *c)
{
	if (rows(c, 0))
		audit(c, "read", "sanctuary_job", value(c, 0, 0, "id"), value(c, 0, 0, "household_id"), NULL);
	return row_reply(c, 0);
}

struct reply works_job_get(struct ctx *c)
{
	query(c, &SQL_WORKS_JOB_SHOW, ctx_id(c, "id"));
	return then(shown);
}

static struct reply acted(struct ctx *c)
{
	if (!sanctuary_is_done(c))
		return sanctuary_refused(c);
	return at(row_reply(c, 1), arena_printf(ctx_arena(c), "/sanctuary/jobs/%s/works", ctx_id(c, "id")));
}

struct reply works_job_then_shown(struct ctx *c)
{
	query(c, &SQL_WORKS_JOB_SHOW, ctx_id(c, "id"));
	return then(acted);
}

struct reply works_job_act(struct ctx *c, const char *which)
{
	if (!ctx_if_match(c))
		return problem(c, PROBLEM_MATCH_MISSING);
	query(c, &SQL_WORKS_JOB_ACT, ctx_id(c, "id"), ctx_if_match(c), which, ctx_json(c));
	return works_job_then_shown(c);
}

/* ---- ordering ---- */

static const struct field window_fields[] = {
	FIELD(struct works_window, day, DATE, "day", .required = true, .ahead = 60, .label = "Day", .ask = "Enter the day"),
	FIELD(struct works_window, from, TEXT, "from", .required = true, .max = 5, .ask = "Enter from when, like 09:00"),
	FIELD(struct works_window, until, TEXT, "until", .required = true, .max = 5, .ask = "Enter until when, like 12:00"),
};
static const struct input window_input = INPUT(struct works_window, window_fields);

#define ACCESS(record) \
	FIELD(record, access.ways, CODE, "ways", .codes = &works_way_codes, .required = true, .min_items = 1, \
	      .label = "How the operative makes themselves known", .ask = "Select how the operative makes themselves known"), \
	FIELD(record, access.windows, OBJECT, "windows", .sub = &window_input, .required = true, .min_items = 1, .max_items = 20, \
	      .ask = "Enter when it is safe to come"), \
	FIELD(record, access.pets, BOOL, "pets"), \
	FIELD(record, access.asbestos, BOOL, "asbestos")

static void check_windows(struct ctx *c, const struct works_access *a)
{
	const struct works_window *w = a->windows.items;

	for (size_t i = 0; i < a->windows.n; i++) {
		works_check_time(c, arena_printf(ctx_arena(c), "/windows/%zu/from", i), w[i].from);
		works_check_time(c, arena_printf(ctx_arena(c), "/windows/%zu/until", i), w[i].until);
		if (w[i].from && w[i].until && strcmp(w[i].from, w[i].until) >= 0)
			ctx_error(c, arena_printf(ctx_arena(c), "/windows/%zu/until", i), "out_of_range", "This must be later");
	}
}

struct order_line {
	const char *line, *firm;
};
static const struct field order_line_fields[] = {
	FIELD(struct order_line, line, UUID, "line_id", .required = true),
	FIELD(struct order_line, firm, UUID, "firm_id", .required = true, .ask = "Select the firm"),
};
static const struct input order_line_input = INPUT(struct order_line, order_line_fields);

struct order_in {
	struct works_access access;
	const char *authority;
	struct json_list lines;
};
static const struct field order_fields[] = {
	ACCESS(struct order_in),
	FIELD(struct order_in, authority, CODE, "local_authority", .codes = &local_authority_codes, .required = true,
	      .ask = "Select the local authority"),
	FIELD(struct order_in, lines, OBJECT, "lines", .sub = &order_line_input, .required = true, .min_items = 1,
	      .ask = "Select a firm for every line"),
};
static const struct input order_input = INPUT(struct order_in, order_fields);

static void check_order(struct ctx *c)
{
	check_windows(c, &((const struct order_in *)ctx_input(c))->access);
}

static struct reply job_order(struct ctx *c)
{
	return works_job_act(c, "order");
}

struct first_line {
	const char *measure, *opening;
	int64_t quantity;
	struct json_list confirmed;
};
static const struct field first_line_fields[] = {
	FIELD(struct first_line, measure, TEXT, "measure", .required = true, .max = 31, .ask = "Select the measure"),
	FIELD(struct first_line, opening, CODE, "opening", .codes = &sanctuary_opening_codes, .required = true,
	      .ask = "Select where it goes"),
	FIELD(struct first_line, quantity, INT, "quantity", .required = true, .min = 1, .max = 999, .label = "Quantity",
	      .ask = "Enter how many"),
	FIELD(struct first_line, confirmed, CODE, "confirmed", .codes = &sanctuary_confirm_codes,
	      .help = "What you confirm for the fire and safety rules."),
};
static const struct input first_line_input = INPUT(struct first_line, first_line_fields);

struct first_in {
	struct works_access access;
	const char *authority, *firm;
	struct json_list lines;
};
static const struct field first_fields[] = {
	ACCESS(struct first_in),
	FIELD(struct first_in, authority, CODE, "local_authority", .codes = &local_authority_codes, .required = true,
	      .ask = "Select the local authority"),
	FIELD(struct first_in, firm, UUID, "firm_id", .required = true, .ask = "Select the firm"),
	FIELD(struct first_in, lines, OBJECT, "lines", .sub = &first_line_input, .required = true, .min_items = 1, .max_items = 20),
};
static const struct input first_input = INPUT(struct first_in, first_fields);

static void check_first(struct ctx *c)
{
	check_windows(c, &((const struct first_in *)ctx_input(c))->access);
}

static struct reply job_order_first(struct ctx *c)
{
	return works_job_act(c, "order_first");
}

struct reoffer_in {
	const char *order, *firm;
};
static const struct field reoffer_fields[] = {
	FIELD(struct reoffer_in, order, UUID, "order_id", .required = true, .ask = "Select the order"),
	FIELD(struct reoffer_in, firm, UUID, "firm_id", .required = true, .ask = "Select the firm"),
};
static const struct input reoffer_input = INPUT(struct reoffer_in, reoffer_fields);

static struct reply job_reoffer(struct ctx *c)
{
	return works_job_act(c, "reoffer");
}

struct snag_in {
	struct works_access access;
	const char *line, *severity, *found_by, *found_on;
};
static const struct field snag_fields[] = {
	ACCESS(struct snag_in),
	FIELD(struct snag_in, line, UUID, "line_id", .required = true, .ask = "Select what is not right"),
	FIELD(struct snag_in, severity, CODE, "severity", .codes = &works_severity_codes, .required = true, .ask = "Select how bad it is"),
	FIELD(struct snag_in, found_by, CODE, "found_by", .codes = &works_finder_codes, .required = true, .ask = "Select who found it"),
	FIELD(struct snag_in, found_on, DATE, "found_on", .required = true, .past = 366, .label = "Found on",
	      .ask = "Enter the day on which it was found"),
};
static const struct input snag_input = INPUT(struct snag_in, snag_fields);

static void check_snag(struct ctx *c)
{
	check_windows(c, &((const struct snag_in *)ctx_input(c))->access);
}

static struct reply job_snag(struct ctx *c)
{
	return works_job_act(c, "snag");
}

/* ---- clocks ---- */

struct loss_in {
	const char *from_day, *from, *until_day, *until, *cause;
};
static const struct field loss_fields[] = {
	FIELD(struct loss_in, from_day, DATE, "from_day", .required = true, .past = 366, .label = "From", .ask = "Enter the first day"),
	FIELD(struct loss_in, from, TEXT, "from", .required = true, .max = 5, .ask = "Enter from when, like 09:00"),
	FIELD(struct loss_in, until_day, DATE, "until_day", .required = true, .past = 366, .label = "Until", .ask = "Enter the last day"),
	FIELD(struct loss_in, until, TEXT, "until", .required = true, .max = 5, .ask = "Enter until when, like 12:00"),
	FIELD(struct loss_in, cause, CODE, "cause", .required = true, .codes = &loss_cause_codes, .ask = "Select why"),
};
static const struct input loss_input = INPUT(struct loss_in, loss_fields);

static void check_loss(struct ctx *c)
{
	const struct loss_in *in = ctx_input(c);

	works_check_time(c, "/from", in->from);
	works_check_time(c, "/until", in->until);
}

static struct reply job_loss(struct ctx *c)
{
	query(c, &SQL_WORKS_JOB_LOSS, ctx_id(c, "id"), ctx_json(c));
	return works_job_then_shown(c);
}

struct agree_in {
	const char *day;
};
static const struct field agree_fields[] = {
	FIELD(struct agree_in, day, DATE, "day", .required = true, .ahead = 366, .label = "Day", .ask = "Enter the day that they agreed to"),
};
static const struct input agree_input = INPUT(struct agree_in, agree_fields);

static struct reply job_agree(struct ctx *c)
{
	query(c, &SQL_WORKS_JOB_AGREE, ctx_id(c, "id"), ((const struct agree_in *)ctx_input(c))->day);
	return works_job_then_shown(c);
}

static struct reply late_listed(struct ctx *c)
{
	struct text t = text_in(ctx_arena(c));

	audit(c, "search", "sanctuary_job", NULL, NULL, NULL);
	json_object_begin(&t);
	json_put_key(&t, "late");
	rows_put(&t, c, 0);
	json_put_key(&t, "months");
	rows_put(&t, c, 1);
	json_object_end(&t);
	return ok(c, text_done(&t));
}

static struct reply late_list(struct ctx *c)
{
	query(c, &SQL_WORKS_LATE);
	query(c, &SQL_WORKS_FIRM_MONTHS);
	return then(late_listed);
}

/* ---- routes ---- */

#define ACT(path, right, input, step, words, ...) \
	{ "POST", "/sanctuary/jobs/{id}/" path, right, input, step, "works/job", .form = works_job_get, .output = &works_job_shape, \
	  .summary = words, __VA_ARGS__ }

const struct route works_job_routes[] = {
	{ "GET", "/sanctuary/jobs/{id}/works", CAN_see_cases, NULL, works_job_get, "works/job", .output = &works_job_shape,
	  .summary = "The works of a job: orders, clocks, defects, the victim's word, reviews, incidents and the marker" },
	{ "GET", "/sanctuary/late", CAN_see_cases, NULL, late_list, "works/late", .output = &works_late_shape,
	  .summary = "Installations over their target with hours lost by cause, and what each firm did by month" },
	ACT("order-first", CAN_coordinate, &first_input, job_order_first, "Order at once what needs no consent", .check = check_first),
	ACT("order", CAN_coordinate, &order_input, job_order, "Order the works: each line from a firm", .check = check_order),
	ACT("reoffer", CAN_coordinate, &reoffer_input, job_reoffer, "Offer an order to the next firm"),
	ACT("snag", CAN_join_works, &snag_input, job_snag, "Record a defect: its mending is offered to the firm", .check = check_snag),
	ACT("losses", CAN_coordinate, &loss_input, job_loss, "Record hours that were lost, and why", .check = check_loss),
	ACT("agreed-day", CAN_coordinate, &agree_input, job_agree, "Record a later day that the household agreed to, beside the target"),
	{ 0 },
};
