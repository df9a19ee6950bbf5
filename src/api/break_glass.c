/* Emergency access, "breaking the glass": a case of the partnership that the caller does not see is
 * opened to them, with a reason: a restricted one for 60 minutes, another organisation's for 12 hours,
 * as a share (api/case_share.c). The information officer is told at once and reviews it by the next
 * working day. The answer is the same 404 if there is no such case, if it belongs to
 * another partnership, and if the caller is denied it. */
#include "api/outcomes.h"
#include "api/rights.h"
#include "api/routes.h"
#include "sql.h"

struct glass_in {
	const char *household_reference, *reason;
};
static const struct field fields[] = {
	FIELD(struct glass_in, household_reference, CASE_REFERENCE, "household_reference", .required = true,
	      .label = "Case reference", .help = "As H-7KQ2MX."),
	FIELD(struct glass_in, reason, TEXT, "reason", .prose = true, .required = true,
	      .ask = "Say why it cannot wait", .min = 20, .max = 500,
	      .help = "Why it cannot wait for a person who sees it. The information officer reads this."),
};
static const struct input input = INPUT(struct glass_in, fields);

static struct reply opened(struct ctx *c)
{
	if (rows(c, 0) == 0)
		return problem(c, PROBLEM_NOT_FOUND);
	switch ((enum opening_outcome)outcome_of(c, &opening_outcome_codes)) {
	case opening_outcome_visible: return problem(c, PROBLEM_CASE_VISIBLE);
	case opening_outcome_taken: alerted(c, "case_taken"); break;
	default: alerted(c, "break_glass");
	}
	return created(c, row_json(c, 0, 0), "/break-glass");
}

static struct reply glass_break(struct ctx *c)
{
	const struct glass_in *in = ctx_input(c);

	query(c, &SQL_BREAK_GLASS_OPEN, in->household_reference, in->reason);
	return then(opened);
}

static struct reply listed(struct ctx *c)
{
	return recorded_list(c, 0, "read", "break_glass", NULL, NULL);
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
	SHAPE("household_id", UUID),
	SHAPE("household_reference", TEXT),
	SHAPE("opened_at", INSTANT),
	SHAPE("expires_at", INSTANT),
	{ 0 },
};
static const struct shape one = { .name = "opened_case", .members = opened_members };
static const struct shape_member lines[] = {
	SHAPE_ID,
	SHAPE("household_id", UUID, .nullable = true),
	SHAPE("household_reference", TEXT, .nullable = true),
	SHAPE("account", TEXT),
	SHAPE("organisation", TEXT),
	SHAPE("reason", TEXT),
	SHAPE("restricted", BOOL),
	SHAPE("opened_at", INSTANT),
	SHAPE("expires_at", INSTANT),
	SHAPE("open", BOOL),
	{ 0 },
};
static const struct shape many = { .name = "opened_case_line", .members = lines, .list = true };

const struct route break_glass_routes[] = {
	{ "GET", "/break-glass", CAN_see_cases | CAN_review, &page_input, glass_list,
	  "watch/opened_cases", .output = &many,
	  .summary = "Cases that you opened in an emergency; for administrators, all of the partnership" },
	{ "POST", "/break-glass", CAN_see_cases, &input, glass_break, "watch/opened_cases",
	  .form = glass_form, .output = &one,
	  .summary = "Open a restricted case for 60 minutes, or take over another organisation's for 12 hours" },
	{ 0 },
};
