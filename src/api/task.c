/* Tasks: what the owners of cases, and people of a role, are asked to do. A task ends by the thing itself being
 * recorded (a referral to a MARAC, an assessment, a decision on a request to the fund); one about a case also by a
 * reason why it is not needed, and one of a role can be handed to a colleague. */
#include "api/codes.h"
#include "api/outcomes.h"
#include "api/resource.h"
#include "api/rights.h"
#include "api/routes.h"
#include "case.h"
#include "sql.h"

struct task_query {
	int64_t limit;
	const char *cursor;
	enum tri mine;
	const char *kind;
};

static const struct field list_fields[] = {
	PAGE_FIELDS(struct task_query),
	FIELD(struct task_query, mine, BOOL, "mine", .help = "true: only of cases whose owner is the caller."),
	FIELD(struct task_query, kind, CODE, "kind", .codes = &task_kind_codes),
};
static const struct input list_input = INPUT(struct task_query, list_fields);

static struct reply tasks_found(struct ctx *c)
{
	return recorded_list(c, 0, "search", "task", NULL, NULL);
}

static struct reply task_list(struct ctx *c)
{
	const struct task_query *q = ctx_input(c);

	query(c, &SQL_TASK_LIST, page_size(c), page_cursor(c), tri_param(q->mine), q->kind);
	return then(tasks_found);
}

static struct reply task_read(struct ctx *c)
{
	if (rows(c, 0))
		audit(c, "read", "task", ctx_id(c, "id"), value(c, 0, 0, "household_id"), NULL);
	return row_reply(c, 0);
}

static struct reply task_get(struct ctx *c)
{
	query(c, &SQL_TASK_SHOW, ctx_id(c, "id"));
	return then(task_read);
}

/* ---- ending ---- */

struct task_in {
	const char *reason;
};

static const struct field end_fields[] = {
	FIELD(struct task_in, reason, TEXT, "reason", .required = true, .prose = true, .max = REASON_MAX,
	      .ask = "Say why it is not needed"),
};
static const struct input end_input = INPUT(struct task_in, end_fields);

static struct reply task_ended(struct ctx *c)
{
	if (rows(c, 1) == 0)
		return problem(c, PROBLEM_NOT_FOUND);
	if (affected(c, 0) == 0)
		return problem(c, ctx_matches(c, value(c, 1, 0, "version")) ? PROBLEM_WRONG_STATE : PROBLEM_CHANGED);
	return done(c, row_json(c, 1, 0), "/households/%s/risk", value(c, 1, 0, "household_id"));
}

static struct reply task_end(struct ctx *c)
{
	const struct task_in *in = ctx_input(c);
	const char *version = ctx_if_match(c);

	if (!version)
		return problem(c, PROBLEM_MATCH_MISSING);
	query_lock(c, &SQL_TASK_LOCK, ctx_id(c, "id"));
	query(c, &SQL_TASK_END, ctx_id(c, "id"), version, in->reason);
	query(c, &SQL_TASK_SHOW, ctx_id(c, "id"));
	return then(task_ended);
}

/* ---- checking on people ---- */

struct check_in {
	const char *result, *on;
};

static const struct field check_fields[] = {
	FIELD(struct check_in, result, CODE, "result", .required = true, .codes = &check_result_codes,
	      .ask = "Select what you found",
	      .help = "not_reached keeps the task; not_safe asks for an assessment of the risk today."),
	FIELD(struct check_in, on, DATE, "on", .past = 366, .help = "Day of the check; today if left out."),
};
static const struct input check_input = INPUT(struct check_in, check_fields);

static struct reply task_checked(struct ctx *c)
{
	switch ((enum check_up_outcome)outcome_of(c, &check_up_outcome_codes)) {
	case check_up_outcome_none: return problem(c, PROBLEM_NOT_FOUND);
	case check_up_outcome_changed: return problem(c, PROBLEM_CHANGED);
	case check_up_outcome_over: return problem(c, PROBLEM_WRONG_STATE);
	case check_up_outcome_before:
		ctx_error(c, "/on", "out_of_range", "The check must be after they left");
		return invalid(c);
	case check_up_outcome_done:
	case check_up_outcome_count: break;
	}
	return done(c, row_json(c, 1, 0), "/tasks/%s", ctx_id(c, "id"));
}

static struct reply task_check(struct ctx *c)
{
	const struct check_in *in = ctx_input(c);

	if (!ctx_if_match(c))
		return problem(c, PROBLEM_MATCH_MISSING);
	query_lock(c, &SQL_TASK_LOCK, ctx_id(c, "id"));
	query(c, &SQL_TASK_CHECK, ctx_id(c, "id"), ctx_if_match(c), in->result, in->on);
	query(c, &SQL_TASK_SHOW, ctx_id(c, "id"));
	return then(task_checked);
}

/* ---- handing over ---- */

struct hand_over_in {
	const char *account;
};

static const struct field hand_over_fields[] = {
	FIELD(struct hand_over_in, account, UUID, "account_id", .required = true, .ask = "Select a colleague"),
};
static const struct input hand_over_input = INPUT(struct hand_over_in, hand_over_fields);

static struct reply task_handed_over(struct ctx *c)
{
	switch ((enum hand_over_outcome)outcome_of(c, &hand_over_outcome_codes)) {
	case hand_over_outcome_none: return problem(c, PROBLEM_NOT_FOUND);
	case hand_over_outcome_changed: return problem(c, PROBLEM_CHANGED);
	case hand_over_outcome_over: return problem(c, PROBLEM_WRONG_STATE);
	case hand_over_outcome_no_receiver:
		ctx_error(c, "/account_id", "not_found", "Select a colleague of the same role");
		return invalid(c);
	case hand_over_outcome_done:
	case hand_over_outcome_count: break;
	}
	return done(c, row_json(c, 1, 0), "/tasks");
}

static struct reply task_hand_over(struct ctx *c)
{
	const struct hand_over_in *in = ctx_input(c);

	if (!ctx_if_match(c))
		return problem(c, PROBLEM_MATCH_MISSING);
	query(c, &SQL_TASK_HAND_OVER, ctx_id(c, "id"), ctx_if_match(c), in->account);
	query(c, &SQL_TASK_SHOW, ctx_id(c, "id"));
	return then(task_handed_over);
}

/* ---- routes ---- */

#define ABOUT \
	SHAPE("household_id", UUID, .nullable = true), \
	SHAPE("household_reference", TEXT, .nullable = true), \
	SHAPE("about", CODE, .codes = &task_about_codes), \
	SHAPE("about_id", UUID, .nullable = true), \
	SHAPE("about_reference", TEXT, .nullable = true)

static const struct shape_member line_rows[] = {
	SHAPE("id", UUID, .nullable = true),
	SHAPE("kind", CODE, .codes = &task_kind_codes),
	ABOUT,
	SHAPE("amount_pence", INT, .nullable = true),
	SHAPE("owner", TEXT, .nullable = true),
	SHAPE("mine", BOOL),
	SHAPE("risk_level", CODE, .nullable = true, .codes = &known_risk_level),
	SHAPE("risk_least", CODE, .nullable = true, .codes = &known_risk_level),
	SHAPE("due_on", DATE),
	SHAPE("overdue", BOOL),
	SHAPE("placement_id", UUID, .nullable = true),
	SHAPE("repeat_of", DATE, .nullable = true),
	SHAPE("version", INT, .nullable = true),
	{ 0 },
};
static const struct shape line_shape = { .name = "task_line", .members = line_rows, .list = true };

static const struct shape_member colleague_rows[] = {
	SHAPE("code", UUID),
	SHAPE("label", TEXT),
	{ 0 },
};
static const struct shape colleague = { .name = "colleague", .members = colleague_rows };

static const struct shape_member check_rows[] = {
	SHAPE("result", CODE, .codes = &check_result_codes),
	SHAPE("checked_on", DATE),
	SHAPE("checked_by", TEXT, .nullable = true),
	{ 0 },
};
static const struct shape check = { .name = "check_up", .members = check_rows };

static const struct shape_member members[] = {
	SHAPE_ID,
	SHAPE("kind", CODE, .codes = &task_kind_codes),
	ABOUT,
	SHAPE("owner", TEXT, .nullable = true),
	SHAPE("handed_by", TEXT, .nullable = true),
	SHAPE("may_hand_over", BOOL),
	SHAPE("colleagues", OBJECT, .nullable = true, .list = true, .sub = &colleague),
	SHAPE("placement_id", UUID, .nullable = true),
	SHAPE("checks", OBJECT, .nullable = true, .list = true, .sub = &check),
	SHAPE("repeat_of", DATE, .nullable = true),
	SHAPE("due_on", DATE),
	SHAPE("ended_as", CODE, .nullable = true, .codes = &task_end_codes),
	SHAPE("reason", TEXT, .nullable = true),
	SHAPE("ended_by", TEXT, .nullable = true),
	SHAPE("ended_at", INSTANT, .nullable = true),
	SHAPE_VERSION,
	SHAPE_CREATED,
	{ 0 },
};
static const struct shape one = { .name = "task", .members = members };

const struct route task_routes[] = {
	{ "GET", "/tasks", CAN_have_tasks, &list_input, task_list, "tasks/list", .output = &line_shape,
	  .summary = "What is to be done: referrals to a MARAC that are proposed, assessments of the risk that are due, "
		     "requests to the fund that wait" },
	{ "GET", "/tasks/{id}", CAN_have_tasks, NULL, task_get, "tasks/show", .output = &one,
	  .summary = "Show a task" },
	{ "POST", "/tasks/{id}/end", CAN_place, &end_input, task_end, "tasks/show", .form = task_get, .output = &one,
	  .summary = "Record why a task is not needed" },
	{ "POST", "/tasks/{id}/check", CAN_place, &check_input, task_check, "tasks/show", .form = task_get, .output = &one,
	  .summary = "Record what a check on people after a stay found" },
	{ "POST", "/tasks/{id}/hand-over", CAN_have_tasks, &hand_over_input, task_hand_over, "tasks/show",
	  .form = task_get, .output = &one, .summary = "Hand a task of your role to a colleague, or take it" },
	{ 0 },
};
