/* Support by the week (domain: Flexible Flee Fund): what a household without recourse to public funds is promised for
 * living costs and accommodation. A promise is a request like any other; its amount is computed by the database from
 * its lines, never typed. Here is how it is asked for, reviewed and stopped, what becomes of money that was paid too
 * much, what is paid past its need, and what nights in interim accommodation cost. */
#include "api/codes.h"
#include "api/outcomes.h"
#include "api/resource.h"
#include "api/rights.h"
#include "api/routes.h"
#include "base/date.h"
#include "case.h"
#include "fund_promise.h"
#include "fund_request.h"
#include "json/write.h"
#include "sql.h"

/* ---- asking ---- */

struct promise_in {
	const char *category, *start_on, *end_on, *review_on, *appointment_asked_on, *means, *evidence;
	int64_t weekly;
	enum tri full_board;
	struct json_list pots;
};

struct pot_share {
	const char *year;
	int64_t share;
};
static const struct field share_fields[] = {
	FIELD(struct pot_share, year, UUID, "pot_year_id", .required = true),
	FIELD(struct pot_share, share, INT, "share", .required = true, .min = 1, .max = 100,
	      .help = "In parts of the sum of all shares: 2 and 1 are two thirds and one."),
};
static const struct input share_input = INPUT(struct pot_share, share_fields);

enum { LONGEST_DAYS = 732, FROM_PAST_DAYS = 92 };

#define PERIOD(needed) \
	FIELD(struct promise_in, category, CODE, "category", .required = needed, .codes = &fund_weekly_codes, \
	      .ask = "Select what it is for"), \
	FIELD(struct promise_in, start_on, DATE, "start_on", .required = needed, .past = FROM_PAST_DAYS, .ahead = 366, \
	      .label = "First night"), \
	FIELD(struct promise_in, end_on, DATE, "end_on", .required = needed, .past = 0, \
	      .ahead = 366 + LONGEST_DAYS, .label = "Until", .help = "The day after the last night."), \
	FIELD(struct promise_in, weekly, PENCE, "weekly_pence", .min = 1, .max = 1000000, .label = "Cost a week", \
	      .help = "Of accommodation alone: living costs have rates."), \
	FIELD(struct promise_in, full_board, BOOL, "full_board", .help = "Meals are provided: the lower rate counts.")

static const struct field wanted_fields[] = { PERIOD(false) };
static const struct input wanted_input = INPUT(struct promise_in, wanted_fields);

static const struct field promise_fields[] = {
	PERIOD(true),
	FIELD(struct promise_in, review_on, DATE, "review_on", .required = true, .past = 0, .ahead = 366 + LONGEST_DAYS,
	      .label = "Review on", .help = "Within the period."),
	FIELD(struct promise_in, appointment_asked_on, DATE, "appointment_asked_on", .past = 1830,
	      .label = "Immigration appointment asked for on"),
	FIELD(struct promise_in, means, CODE, "means", .required = true, .codes = &fund_means_codes,
	      .ask = "Select how it is to be paid"),
	FIELD(struct promise_in, evidence, CODE, "evidence", .codes = &fund_evidence_codes,
	      .help = "The document that you saw; none_yet if left out."),
	FIELD(struct promise_in, pots, OBJECT, "pots", .sub = &share_input, .max_items = 5,
	      .help = "The pots that pay, each by its year of the first night; one that has enough is chosen if left out."),
};
static const struct input promise_input = INPUT(struct promise_in, promise_fields);

static int32_t day_of(const char *text)
{
	int32_t day;

	return text && day_parse(text, &day) ? day : DAY_NONE;
}

/* Days are compared where both are there: a refused one has its own error. */
static bool before(const char *a, const char *b)
{
	return a && b && day_of(a) < day_of(b);
}

static void check_promise(struct ctx *c)
{
	const struct promise_in *in = ctx_input(c);
	bool place = text_eq(in->category, "nrpf_accommodation");

	if (in->start_on && in->end_on && !before(in->start_on, in->end_on))
		ctx_error(c, "/end_on", "out_of_range", "Until must be after the first night");
	else if (in->start_on && in->end_on && day_of(in->end_on) - day_of(in->start_on) > LONGEST_DAYS)
		ctx_error(c, "/end_on", "out_of_range", "Until must be within two years of the first night");
	if (before(in->review_on, in->start_on) || before(in->end_on, in->review_on))
		ctx_error(c, "/review_on", "out_of_range", "Review on must be within the period");
	if (in->category && place && in->weekly == INT_ABSENT)
		ctx_error(c, "/weekly_pence", "required", "Enter what the accommodation costs a week");
	if (in->category && !place && in->weekly != INT_ABSENT)
		ctx_error(c, "/weekly_pence", "not_allowed", "Leave the cost a week empty: living costs have rates");
}

static void put_wanted(struct text *t, const struct promise_in *in)
{
	json_put_key(t, "wanted");
	json_object_begin(t);
	json_put_text(t, "category", in->category);
	json_put_text(t, "start_on", in->start_on);
	json_put_text(t, "end_on", in->end_on);
	json_put_text(t, "weekly_pounds", in->weekly == INT_ABSENT ? NULL
		      : arena_printf(t->arena, "%lld.%02lld", (long long)in->weekly / 100, (long long)in->weekly % 100));
	json_object_end(t);
}

static struct reply form_shown(struct ctx *c)
{
	struct text t = text_in(ctx_arena(c));

	if (rows(c, 0) == 0)
		return problem(c, PROBLEM_NOT_FOUND);
	json_object_begin(&t);
	json_put_key(&t, "household");
	row_put(&t, c, 0, 0);
	put_wanted(&t, ctx_input(c));
	json_put_key(&t, "lines");
	rows_put(&t, c, 1);
	json_put_key(&t, "pots");
	rows_put(&t, c, 2);
	json_object_end(&t);
	return ok(c, text_done(&t));
}

/* What was asked for in the address is worked out already: the lines are shown beside the form. */
static struct reply promise_form(struct ctx *c)
{
	const struct promise_in *in = ctx_input(c);
	struct text t = text_in(ctx_arena(c));

	json_object_begin(&t);
	json_put_text(&t, "category", in->category);
	json_put_text(&t, "start_on", in->start_on);
	json_put_text(&t, "end_on", before(in->start_on, in->end_on) ? in->end_on : in->start_on);
	if (in->weekly != INT_ABSENT) {
		json_put_key(&t, "weekly_pence");
		json_put_i64(&t, in->weekly);
	}
	json_put_key(&t, "full_board");
	json_put_tri(&t, in->full_board);
	json_object_end(&t);
	query(c, &SQL_FUND_PROMISE_CASE, ctx_id(c, "id"));
	query(c, &SQL_FUND_PROMISE_PREVIEW, ctx_id(c, "id"), text_done(&t));
	query(c, &SQL_FUND_REQUEST_POTS);
	return then(form_shown);
}

static struct reply promise_ask(struct ctx *c)
{
	query(c, &SQL_FUND_PROMISE_ASK, ctx_id(c, "id"), ctx_json(c));
	return then(fund_request_asked);
}

/* ---- stopping, and the review ---- */

struct stop_in {
	const char *from_day, *reason;
};
static const struct field stop_fields[] = {
	FIELD(struct stop_in, from_day, DATE, "from_day", .past = LONGEST_DAYS, .ahead = LONGEST_DAYS,
	      .label = "First night that is not paid", .help = "Today if left out."),
	FIELD(struct stop_in, reason, CODE, "reason", .required = true, .codes = &fund_stop_codes, .ask = "Select why"),
};
static const struct input stop_input = INPUT(struct stop_in, stop_fields);

static struct reply promise_stop(struct ctx *c)
{
	const struct stop_in *in = ctx_input(c);

	if (!ctx_if_match(c))
		return problem(c, PROBLEM_MATCH_MISSING);
	query(c, &SQL_FUND_PROMISE_STOP, ctx_id(c, "id"), ctx_if_match(c), in->from_day, in->reason);
	query(c, &SQL_FUND_REQUEST_SHOW, ctx_id(c, "id"));
	return then(fund_request_done);
}

struct stop_person_in {
	int64_t line;
	const char *from_day, *reason;
};
static const struct field person_fields[] = {
	FIELD(struct stop_person_in, line, INT, "line", .required = true, .min = 1, .max = 10000,
	      .help = "A line of the person whose support ends; all lines of the person end.", .ask = "Select the person"),
	FIELD(struct stop_person_in, from_day, DATE, "from_day", .past = LONGEST_DAYS, .ahead = LONGEST_DAYS,
	      .label = "First night that is not paid", .help = "Today if left out."),
	FIELD(struct stop_person_in, reason, CODE, "reason", .required = true, .codes = &fund_stop_codes, .ask = "Select why"),
};
static const struct input person_input = INPUT(struct stop_person_in, person_fields);

static struct reply promise_stop_person(struct ctx *c)
{
	const struct stop_person_in *in = ctx_input(c);

	if (!ctx_if_match(c))
		return problem(c, PROBLEM_MATCH_MISSING);
	query(c, &SQL_FUND_PROMISE_STOP_PERSON, ctx_id(c, "id"), ctx_if_match(c), int_param(c, in->line), in->from_day, in->reason);
	query(c, &SQL_FUND_REQUEST_SHOW, ctx_id(c, "id"));
	return then(fund_request_done);
}

struct promise_review_in {
	const char *review_on, *appointment_asked_on;
};
static const struct field review_fields[] = {
	FIELD(struct promise_review_in, review_on, DATE, "review_on", .required = true, .past = 0,
	      .ahead = 366 + LONGEST_DAYS, .label = "Review again on"),
	FIELD(struct promise_review_in, appointment_asked_on, DATE, "appointment_asked_on", .past = 1830,
	      .label = "Immigration appointment asked for on"),
};
static const struct input review_input = INPUT(struct promise_review_in, review_fields);

static struct reply promise_review(struct ctx *c)
{
	const struct promise_review_in *in = ctx_input(c);

	if (!ctx_if_match(c))
		return problem(c, PROBLEM_MATCH_MISSING);
	query(c, &SQL_FUND_PROMISE_REVIEW, ctx_id(c, "id"), ctx_if_match(c), in->review_on, in->appointment_asked_on);
	query(c, &SQL_FUND_REQUEST_SHOW, ctx_id(c, "id"));
	return then(fund_request_done);
}

/* ---- what was paid too much ---- */

struct settle_in {
	const char *how, *reason;
};
#define WHY \
	FIELD(struct settle_in, reason, CODE, "reason", .required = true, .codes = &fund_settle_reason_codes, \
	      .ask = "Select why")
static const struct field settle_fields[] = {
	FIELD(struct settle_in, how, CODE, "how", .required = true, .codes = &fund_way_back_codes,
	      .ask = "Select what becomes of it"),
	WHY,
};
static const struct input settle_input = INPUT(struct settle_in, settle_fields);
static const struct field write_off_fields[] = { WHY };
static const struct input write_off_input = INPUT(struct settle_in, write_off_fields);

static struct reply settle(struct ctx *c, const char *how, const char *reason)
{
	if (!fund_if_match(c))
		return problem(c, PROBLEM_MATCH_MISSING);
	query(c, &SQL_FUND_OVERPAYMENT_SETTLE, ctx_id(c, "id"), fund_if_match(c), how, reason);
	return then(fund_request_settled);
}

static struct reply overpayment_settle(struct ctx *c)
{
	const struct settle_in *in = ctx_input(c);

	return settle(c, in->how, in->reason);
}

static struct reply overpayment_write_off(struct ctx *c)
{
	const struct settle_in *in = ctx_input(c);

	return settle(c, "written_off", in->reason);
}

/* ---- what goes on past its need, and what delay costs ---- */

static struct reply past_listed(struct ctx *c)
{
	return recorded_list(c, 0, "search", "request", NULL, NULL);
}

static struct reply past_need(struct ctx *c)
{
	query(c, &SQL_FUND_PAST_NEED, page_size(c), page_cursor(c));
	return then(past_listed);
}

struct delays_in {
	int64_t limit;
	const char *cursor, *from, *until;
};
static const struct field delays_fields[] = {
	PAGE_FIELDS(struct delays_in),
	FIELD(struct delays_in, from, DATE, "from", .past = 3660, .label = "From", .help = "91 days ago if left out."),
	FIELD(struct delays_in, until, DATE, "until", .past = 3660, .ahead = 1, .label = "Until",
	      .help = "The day after the last night; tomorrow if left out."),
};
static const struct input delays_input = INPUT(struct delays_in, delays_fields);

static const char *or_day(struct ctx *c, const char *day, int32_t otherwise)
{
	char text[11];

	if (day)
		return day;
	day_format(otherwise, text);
	return arena_printf(ctx_arena(c), "%s", text);
}

static struct reply delays(struct ctx *c)
{
	const struct delays_in *in = ctx_input(c);

	query(c, &SQL_FUND_DELAYS, or_day(c, in->from, today() - 91), or_day(c, in->until, today() + 1),
	      page_size(c), page_cursor(c));
	return then(past_listed);
}

/* ---- shapes ---- */

static const struct shape_member cover_rows[] = {
	SHAPE("from_day", DATE),
	SHAPE("until_day", DATE),
	SHAPE("cut_off", BOOL),
	{ 0 },
};
static const struct shape cover = { .name = "fund_cover", .members = cover_rows };
static const struct shape_member rate_rows[] = {
	SHAPE("component", CODE, .codes = &fund_component_codes),
	SHAPE("weekly_pence", INT),
	SHAPE("from_day", DATE),
	SHAPE("source", TEXT),
	SHAPE("checked_on", DATE),
	SHAPE("old", BOOL),
	{ 0 },
};
static const struct shape rate = { .name = "weekly_rate", .members = rate_rows };
static const struct shape_member home_rows[] = {
	SHAPE_ID,
	SHAPE("reference", TEXT),
	SHAPE("open", BOOL),
	SHAPE("works_on", BOOL),
	SHAPE("nrpf", BOOL, .nullable = true),
	SHAPE("cover", OBJECT, .nullable = true, .sub = &cover),
	SHAPE("rates", OBJECT, .list = true, .sub = &rate),
	{ 0 },
};
static const struct shape home = { .name = "fund_weekly_case", .members = home_rows };
static const struct shape_member wanted_rows[] = {
	SHAPE("category", CODE, .nullable = true, .codes = &fund_weekly_codes),
	SHAPE("start_on", DATE, .nullable = true),
	SHAPE("end_on", DATE, .nullable = true),
	SHAPE("weekly_pounds", TEXT, .nullable = true),
	{ 0 },
};
static const struct shape wanted = { .name = "fund_weekly_wanted", .members = wanted_rows };
static const struct shape_member form_rows[] = {
	SHAPE("household", OBJECT, .sub = &home),
	SHAPE("wanted", OBJECT, .sub = &wanted),
	SHAPE("lines", OBJECT, .list = true, .sub = &fund_line_shape),
	SHAPE("pots", OBJECT, .list = true, .sub = &fund_choice_shape),
	{ 0 },
};
static const struct shape form = { .name = "fund_weekly_form", .members = form_rows };

static const struct shape_member past_rows[] = {
	SHAPE_ID,
	SHAPE("reference", TEXT),
	SHAPE("household_id", UUID, .nullable = true),
	SHAPE("household_reference", TEXT),
	SHAPE("organisation", TEXT),
	SHAPE("keeper_id", UUID),
	SHAPE("category", CODE, .codes = &fund_category_codes),
	SHAPE("start_on", DATE),
	SHAPE("end_on", DATE),
	SHAPE("review_on", DATE),
	SHAPE("review_late", BOOL),
	SHAPE("need_ended_on", DATE, .nullable = true),
	SHAPE("need_ended_as", CODE, .nullable = true, .codes = &fund_need_end_codes),
	SHAPE("stopped_on", DATE, .nullable = true),
	SHAPE("stop_reason", CODE, .nullable = true, .codes = &fund_stop_codes),
	SHAPE("ended_on", DATE),
	SHAPE("days_since", INT),
	SHAPE("due_past_pence", INT),
	SHAPE("paid_past_pence", INT),
	SHAPE("outstanding_pence", INT),
	SHAPE("appointment_asked_on", DATE, .nullable = true),
	SHAPE("appointment_days", INT, .nullable = true),
	{ 0 },
};
static const struct shape past = { .name = "fund_past_need", .members = past_rows, .list = true };
static const struct shape_member delay_rows[] = {
	SHAPE("placement_id", UUID),
	SHAPE("household_id", UUID, .nullable = true),
	SHAPE("household_reference", TEXT),
	SHAPE("from_day", DATE),
	SHAPE("until_day", DATE),
	SHAPE("ended", BOOL),
	SHAPE("delay", CODE, .codes = &fund_delay_codes),
	SHAPE("nights", INT),
	SHAPE("pence", INT),
	SHAPE("promised_pence", INT),
	SHAPE("uncovered_pence", INT),
	{ 0 },
};
static const struct shape delay = { .name = "fund_delay", .members = delay_rows, .list = true };

/* The organisation that asks, and the keeper of the pots. */
#define STOPS (CAN_place | CAN_keep_fund | CAN_approve_fund)

const struct route fund_promise_routes[] = {
	{ "GET", "/households/{id}/fund-promises", CAN_place, &wanted_input, promise_form, "fund/weekly", .output = &form,
	  .summary = "What asking for weekly support needs: the rates, and what a period would cost" },
	{ "POST", "/households/{id}/fund-promises", CAN_place, &promise_input, promise_ask, "fund/weekly",
	  .check = check_promise, .form = promise_form, .output = &fund_request_shape,
	  .summary = "Ask the fund for weekly support: the amount is computed from the people and the rates" },
	{ "POST", "/fund/requests/{id}/stop", STOPS, &stop_input, promise_stop, "fund/request",
	  .form = fund_request_get, .output = &fund_request_shape,
	  .summary = "Stop weekly support from a night on, which may be in the past" },
	{ "POST", "/fund/requests/{id}/stop-person", STOPS, &person_input, promise_stop_person, "fund/request",
	  .form = fund_request_get, .output = &fund_request_shape,
	  .summary = "Stop the weekly support of one person from a night on; it goes on for the others" },
	{ "POST", "/fund/requests/{id}/need-goes-on", CAN_place, &review_input, promise_review, "fund/request",
	  .form = fund_request_get, .output = &fund_request_shape,
	  .summary = "Record that the need for weekly support goes on, and when it is reviewed again" },
	{ "POST", "/fund/overpayments/{id}/settle", CAN_keep_fund, &settle_input, overpayment_settle, "fund/request",
	  .form = fund_request_about, .output = &fund_request_shape,
	  .summary = "Keep an overpayment back from the next instalments, or book that it came back" },
	{ "POST", "/fund/overpayments/{id}/write-off", CAN_approve_fund, &write_off_input, overpayment_write_off, "fund/request",
	  .form = fund_request_about, .output = &fund_request_shape,
	  .summary = "Write an overpayment off: an approver who had no part in it" },
	{ "GET", "/fund/past-need", CAN_see_fund, &page_input, past_need, "fund/past-need", .output = &past,
	  .summary = "Weekly support that is paid past its need, and what was paid too much" },
	{ "GET", "/fund/delays", CAN_see_fund, &delays_input, delays, "fund/delays", .output = &delay,
	  .summary = "What nights in interim accommodation cost, by case and by what was waited for" },
	{ 0 },
};
