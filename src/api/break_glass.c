/* Breaking the glass: a restricted case of the partnership is opened to one person for 60 minutes,
 * with a reason. The information officer is told at once and reviews it by the next working day. Where
 * there is no such case, it is another partnership's, or it is denied to who asks, the answer is the
 * same 404. */
#include "api/resource.h"
#include "api/rights.h"
#include "api/routes.h"
#include "sql.h"

struct glass_in {
	const char *household_reference, *reason;
};
static const struct field fields[] = {
	FIELD(struct glass_in, household_reference, TEXT, "household_reference", .required = true, .max = 20,
	      .label = "Case reference", .help = "As H-7KQ2MX."),
	FIELD(struct glass_in, reason, TEXT, "reason", .prose = true, .required = true, .min = 20, .max = 500,
	      .help = "Why it can not wait for who may see the case. The information officer reads it."),
};
static const struct input input = INPUT(struct glass_in, fields);

static struct reply opened(struct ctx *c)
{
	if (rows(c, 0) == 0)
		return problem(c, PROBLEM_NOT_FOUND);
	if (!text_eq(value(c, 0, 0, "_outcome"), "opened"))
		return problem(c, PROBLEM_CASE_VISIBLE);
	alerted(c, "break_glass");
	return created(c, row_json(c, 0, 0), "/break-glass");
}

static struct reply glass_break(struct ctx *c)
{
	const struct glass_in *in = ctx_input(c);

	query(c, &SQL_BREAK_GLASS_OPEN, in->household_reference, in->reason);
	return then(opened);
}

struct glass_query {
	int64_t limit;
	const char *cursor;
};
static const struct field list_fields[] = { PAGE_FIELDS(struct glass_query) };
static const struct input list_input = INPUT(struct glass_query, list_fields);

static struct reply listed(struct ctx *c)
{
	audit(c, "read", "break_glass", NULL, NULL, NULL);
	return list_reply(c, 0);
}

static struct reply glass_list(struct ctx *c)
{
	query(c, &SQL_BREAK_GLASS_LIST, page_size(c), page_cursor(c));
	return then(listed);
}

static struct reply form_shown(struct ctx *c)
{
	return list_reply(c, 0);
}

static struct reply glass_form(struct ctx *c)
{
	query(c, &SQL_BREAK_GLASS_LIST, "25", NULL);
	return then(form_shown);
}

static const struct shape_member opened_members[] = {
	SHAPE_ID,
	SHAPE_ONE("household_id", UUID),
	SHAPE_ONE("household_reference", TEXT),
	SHAPE_ONE("opened_at", INSTANT),
	SHAPE_ONE("expires_at", INSTANT),
	{ 0 },
};
static const struct shape one = { "opened_case", opened_members, false };
static const struct shape_member lines[] = {
	SHAPE_ID,
	SHAPE_MAYBE("household_id", UUID),
	SHAPE_MAYBE("household_reference", TEXT),
	SHAPE_ONE("account", TEXT),
	SHAPE_ONE("organisation", TEXT),
	SHAPE_ONE("reason", TEXT),
	SHAPE_ONE("opened_at", INSTANT),
	SHAPE_ONE("expires_at", INSTANT),
	SHAPE_ONE("open", BOOL),
	{ 0 },
};
static const struct shape many = { "opened_case_line", lines, true };

const struct route break_glass_routes[] = {
	{ "GET", "/break-glass", CAN_SEE_CASES | CAN_REVIEW, &list_input, glass_list,
	  "watch/opened_cases", .output = &many,
	  .summary = "Restricted cases that one opened; for administrators the partnership's" },
	{ "POST", "/break-glass", CAN_SEE_CASES, &input, glass_break, "watch/opened_cases",
	  .form = glass_form, .output = &one, .summary = "Open a restricted case for 60 minutes, with a reason" },
	{ 0 },
};
