/* Tasks: what the owners of cases are asked to do. A task ends by the thing itself being recorded (a referral to
 * a MARAC, an assessment), or by a reason why it is not needed. */
#include "api/codes.h"
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

/* ---- routes ---- */

static const struct shape_member line_rows[] = {
	SHAPE("id", UUID, .nullable = true),
	SHAPE("kind", CODE, .codes = &task_kind_codes),
	SHAPE("household_id", UUID),
	SHAPE("household_reference", TEXT),
	SHAPE("owner", TEXT, .nullable = true),
	SHAPE("mine", BOOL),
	SHAPE("risk_level", CODE, .nullable = true, .codes = &known_risk_level),
	SHAPE("risk_least", CODE, .nullable = true, .codes = &known_risk_level),
	SHAPE("due_on", DATE),
	SHAPE("overdue", BOOL),
	SHAPE("repeat_of", DATE, .nullable = true),
	SHAPE("version", INT, .nullable = true),
	{ 0 },
};
static const struct shape line_shape = { .name = "task_line", .members = line_rows, .list = true };

static const struct shape_member members[] = {
	SHAPE_ID,
	SHAPE("kind", CODE, .codes = &task_kind_codes),
	SHAPE("household_id", UUID),
	SHAPE("household_reference", TEXT),
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
	{ "GET", "/tasks", CAN_see_cases, &list_input, task_list, "tasks/list", .output = &line_shape,
	  .summary = "What is to be done about cases: referrals to a MARAC that are proposed, assessments of the risk that "
		     "are due" },
	{ "GET", "/tasks/{id}", CAN_see_cases, NULL, task_get, "tasks/show", .output = &one,
	  .summary = "Show a task" },
	{ "POST", "/tasks/{id}/end", CAN_place, &end_input, task_end, "tasks/show", .form = task_get, .output = &one,
	  .summary = "Record why a task is not needed" },
	{ 0 },
};
