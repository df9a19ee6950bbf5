/* What becomes of a request to the fund: approved, also by one person alone at night, rejected, sent back, cancelled,
 * opened again; and the limits of approvers. What may be done in which state is data (fund.request_step), and that
 * nobody decides on their own the database checks on people, not on roles. */
#include "api/codes.h"
#include "api/outcomes.h"
#include "api/resource.h"
#include "api/rights.h"
#include "api/routes.h"
#include "fund_request.h"
#include "sql.h"

/* ---- approving ---- */

struct approve_in {
	const char *overrule;
};
static const struct field approve_fields[] = {
	FIELD(struct approve_in, overrule, CODE, "overrule", .codes = &fund_overrule_codes,
	      .help = "Why it is approved although a request like it was made; two people must say so."),
};
static const struct input approve_input = INPUT(struct approve_in, approve_fields);

static struct reply approve(struct ctx *c, const char *lane, const char *overrule)
{
	if (!fund_if_match(c))
		return problem(c, PROBLEM_MATCH_MISSING);
	query(c, &SQL_FUND_REQUEST_APPROVE, ctx_id(c, "id"), ctx_if_match(c), lane, overrule);
	query(c, &SQL_FUND_REQUEST_SHOW, ctx_id(c, "id"));
	return then(fund_request_done);
}

static struct reply request_approve(struct ctx *c)
{
	const struct approve_in *in = ctx_input(c);

	return approve(c, NULL, in->overrule);
}

struct alone_in {
	const char *lane;
};
static const struct field alone_fields[] = {
	FIELD(struct alone_in, lane, CODE, "lane", .required = true, .codes = &fund_lane_codes,
	      .ask = "Select why you decide alone"),
};
static const struct input alone_input = INPUT(struct alone_in, alone_fields);

static struct reply request_approve_now(struct ctx *c)
{
	const struct alone_in *in = ctx_input(c);

	return approve(c, in->lane, NULL);
}

/* ---- the other acts ---- */

struct turn_in {
	const char *reason;
};
static const struct field turn_fields[] = {
	FIELD(struct turn_in, reason, CODE, "reason", .required = true, .codes = &fund_reason_codes,
	      .ask = "Select why"),
};
static const struct input turn_input = INPUT(struct turn_in, turn_fields);

static struct reply turn(struct ctx *c, const char *act)
{
	const struct turn_in *in = ctx_input(c);

	if (!ctx_if_match(c))
		return problem(c, PROBLEM_MATCH_MISSING);
	query(c, &SQL_FUND_REQUEST_TURN, ctx_id(c, "id"), ctx_if_match(c), act, in->reason);
	query(c, &SQL_FUND_REQUEST_SHOW, ctx_id(c, "id"));
	return then(fund_request_done);
}

static struct reply request_reject(struct ctx *c)
{
	return turn(c, "reject");
}

static struct reply request_send_back(struct ctx *c)
{
	return turn(c, "send_back");
}

static struct reply request_cancel(struct ctx *c)
{
	return turn(c, "cancel");
}

static struct reply request_reopen(struct ctx *c)
{
	return turn(c, "reopen");
}

/* ---- the review of what was decided alone ---- */

struct fund_review_in {
	enum tri upheld;
};
static const struct field review_fields[] = {
	FIELD(struct fund_review_in, upheld, BOOL, "upheld", .required = true,
	      .ask = "Select whether you would have decided the same"),
};
static const struct input review_input = INPUT(struct fund_review_in, review_fields);

static struct reply approval_review(struct ctx *c)
{
	const struct fund_review_in *in = ctx_input(c);

	query(c, &SQL_FUND_APPROVAL_REVIEW, ctx_id(c, "id"), tri_param(in->upheld));
	return then(fund_request_settled);
}

/* ---- limits ---- */

struct limit_in {
	const char *role, *category, *from_day, *until_day;
	int64_t single, month, two_from, lane, lane_week;
};
static const struct field limit_fields[] = {
	FIELD(struct limit_in, role, CODE, "role", .required = true, .codes = &fund_approver_codes,
	      .ask = "Select whose limit it is"),
	FIELD(struct limit_in, category, CODE, "category", .nullable = true, .codes = &fund_category_codes,
	      .help = "Left out: every category without a limit of its own."),
	FIELD(struct limit_in, single, PENCE, "single_pence", .required = true, .min = 1, .label = "Most of one request"),
	FIELD(struct limit_in, month, PENCE, "month_pence", .required = true, .min = 1,
	      .label = "Most for a household and category in 30 days"),
	FIELD(struct limit_in, two_from, PENCE, "two_from_pence", .nullable = true, .min = 1, .label = "Two people from",
	      .help = "Left out: one is enough."),
	FIELD(struct limit_in, lane, PENCE, "lane_pence", .nullable = true, .min = 1, .label = "Most that one person decides alone at night",
	      .help = "Left out: nobody decides alone."),
	FIELD(struct limit_in, lane_week, PENCE, "lane_week_pence", .nullable = true, .min = 1,
	      .label = "Most of that for one person in 7 days", .help = "As much as one such request if left out."),
	FIELD(struct limit_in, from_day, DATE, "from_day", .past = 0, .ahead = 731, .label = "From", .help = "Today if left out."),
	FIELD(struct limit_in, until_day, DATE, "until_day", .past = 0, .ahead = 3660, .label = "Until",
	      .help = "The day after the last day; left out: until it is replaced. Afterwards the limit before counts again."),
};
static const struct input limit_input = INPUT(struct limit_in, limit_fields);

static void check_limit(struct ctx *c)
{
	const struct limit_in *in = ctx_input(c);

	if (in->single != INT_ABSENT && in->month != INT_ABSENT && in->month < in->single)
		ctx_error(c, "/month_pence", "out_of_range", "This must be at least the most of one request");
	if (in->lane != INT_ABSENT && in->lane_week != INT_ABSENT && in->lane_week < in->lane)
		ctx_error(c, "/lane_week_pence", "out_of_range", "This must be at least the most of one such request");
	fund_check_period(c, in->from_day, in->until_day);
	if (in->lane == INT_ABSENT && in->lane_week != INT_ABSENT)
		ctx_error(c, "/lane_pence", "required", "Enter the most that one person decides alone");
}

static struct reply listed(struct ctx *c)
{
	return list_reply(c, 0);
}

static struct reply limit_list(struct ctx *c)
{
	query(c, &SQL_FUND_LIMIT_LIST, page_size(c), page_cursor(c));
	return then(listed);
}

static struct reply limit_made(struct ctx *c)
{
	if (!value(c, 0, 0, "id"))
		return problem(c, PROBLEM_NOT_FOUND);
	return created(c, row_json(c, 0, 0), "/fund/limits");
}

static struct reply limit_set(struct ctx *c)
{
	query(c, &SQL_FUND_LIMIT_SET, ctx_json(c));
	return then(limit_made);
}

static const struct shape_member limit_rows[] = {
	SHAPE_ID,
	SHAPE("role", CODE, .codes = &fund_approver_codes),
	SHAPE("category", CODE, .nullable = true, .codes = &fund_category_codes),
	SHAPE("single_pence", INT),
	SHAPE("month_pence", INT),
	SHAPE("two_from_pence", INT, .nullable = true),
	SHAPE("lane_pence", INT, .nullable = true),
	SHAPE("lane_week_pence", INT, .nullable = true),
	SHAPE("set_by", TEXT, .nullable = true),
	SHAPE("from_day", DATE),
	SHAPE("until_day", DATE, .nullable = true),
	SHAPE("begun", BOOL),
	{ 0 },
};
static const struct shape limits = { .name = "fund_limit", .members = limit_rows, .list = true };
static const struct shape_member made_rows[] = { SHAPE_ID, { 0 } };
static const struct shape made = { .name = "fund_limit_set", .members = made_rows };

#define ACT(path, right, input, step, words)                                                                       \
	{ "POST", "/fund/requests/{id}/" path, right, input, step, "fund/request", .form = fund_request_get,       \
	  .output = &fund_request_shape, .summary = words }

const struct route fund_decide_routes[] = {
	ACT("approve", CAN_approve_fund, &approve_input, request_approve,
	    "Approve a request as you saw it: the money is promised, or a second person is needed"),
	ACT("approve-now", CAN_approve_fund, &alone_input, request_approve_now,
	    "Approve a request alone, out of hours and within the limit for that: a colleague reviews it"),
	ACT("reject", CAN_approve_fund, &turn_input, request_reject, "Reject a request"),
	ACT("send-back", CAN_approve_fund, &turn_input, request_send_back, "Send a request back to the case worker who asked"),
	ACT("cancel", CAN_place, &turn_input, request_cancel,
	    "Cancel a request: what was promised goes back to its pots"),
	ACT("reopen", CAN_place, &turn_input, request_reopen, "Open a rejected or expired request again"),
	{ "POST", "/fund/approvals/{id}/review", CAN_approve_fund, &review_input, approval_review, "fund/request",
	  .form = fund_request_about, .output = &fund_request_shape, .summary = "Review what a colleague decided alone" },
	{ "GET", "/fund/limits", CAN_see_books | CAN_approve_fund, &page_input, limit_list, "fund/limits", .output = &limits,
	  .summary = "What people of each role may approve" },
	{ "POST", "/fund/limits", CAN_keep_fund, &limit_input, limit_set, "fund/limits", .check = check_limit,
	  .form = limit_list, .output = &made, .summary = "Set what people of a role may approve, from a day until a day" },
	{ 0 },
};
