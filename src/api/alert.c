/* What the information officer is told at once and reviews by the next working day: who did it, when,
 * in which case by its reference; nothing of the case. */
#include "api/codes.h"
#include "api/resource.h"
#include "api/rights.h"
#include "api/routes.h"
#include "sql.h"

struct alert_query {
	int64_t limit;
	const char *cursor, *state, *kind;
};
static const struct field list_fields[] = {
	PAGE_FIELDS(struct alert_query),
	FIELD(struct alert_query, state, CODE, "state", .codes = &alert_state_codes,
	      .help = "Overdue ones are open too."),
	FIELD(struct alert_query, kind, CODE, "kind", .codes = &alert_kind_codes),
};
static const struct input list_input = INPUT(struct alert_query, list_fields);

static struct reply listed(struct ctx *c)
{
	audit(c, "search", "alert", NULL, NULL, arena_printf(ctx_arena(c), "{\"rows\":%d}", rows(c, 0)));
	return list_reply(c, 0);
}

static struct reply alert_list(struct ctx *c)
{
	const struct alert_query *q = ctx_input(c);

	query(c, &SQL_ALERT_LIST, page_size(c), page_cursor(c), q->state, q->kind);
	return then(listed);
}

static struct reply shown(struct ctx *c)
{
	if (rows(c, 0))
		audit(c, "read", "alert", ctx_id(c, "id"), NULL, NULL);
	return row_reply(c, 0);
}

static struct reply alert_get(struct ctx *c)
{
	query(c, &SQL_ALERT_SHOW, ctx_id(c, "id"));
	return then(shown);
}

struct review_in {
	const char *finding, *note;
};
static const struct field review_fields[] = {
	FIELD(struct review_in, finding, CODE, "finding", .required = true, .codes = &alert_finding_codes),
	FIELD(struct review_in, note, MULTILINE, "note", .prose = true, .max = 1000,
	      .help = "What was looked at. Nothing of the case."),
};
static const struct input review_input = INPUT(struct review_in, review_fields);

static struct reply reviewed(struct ctx *c)
{
	static const struct {
		const char *outcome;
		enum problem problem;
	} refusals[] = {
		{ "none", PROBLEM_NOT_FOUND }, { "own", PROBLEM_OWN_DEED },
		{ "reviewed", PROBLEM_WRONG_STATE }, { "changed", PROBLEM_CHANGED },
	};
	const char *outcome = value(c, 0, 0, "outcome");

	for (size_t i = 0; i < sizeof(refusals) / sizeof(*refusals); i++)
		if (text_eq(outcome, refusals[i].outcome))
			return problem(c, refusals[i].problem);
	return at(row_reply(c, 1), arena_printf(ctx_arena(c), "/alerts/%s", ctx_id(c, "id")));
}

static struct reply alert_review(struct ctx *c)
{
	const struct review_in *in = ctx_input(c);

	if (!ctx_if_match(c))
		return problem(c, PROBLEM_MATCH_MISSING);
	query(c, &SQL_ALERT_REVIEW, ctx_id(c, "id"), ctx_if_match(c), in->finding, in->note);
	query(c, &SQL_ALERT_SHOW, ctx_id(c, "id"));
	return then(reviewed);
}

#define LINE_MEMBERS \
	SHAPE_ID, SHAPE_CODED("kind", alert_kind_codes), SHAPE_ONE("organisation", TEXT), \
	SHAPE_ONE("account", TEXT), SHAPE_MAYBE("household_reference", TEXT), \
	SHAPE_ONE("raised_at", INSTANT), SHAPE_ONE("review_due_on", DATE), SHAPE_ONE("overdue", BOOL), \
	SHAPE_MAYBE("reviewed_at", INSTANT), SHAPE_MAYBE_CODED("finding", alert_finding_codes), SHAPE_VERSION

static const struct shape_member lines[] = { LINE_MEMBERS, { 0 } };
static const struct shape many = { "alert_line", lines, true };
static const struct shape_member members[] = {
	LINE_MEMBERS,
	SHAPE_ONE("organisation_id", UUID),
	SHAPE_ONE("account_id", UUID),
	SHAPE_MAYBE("reason", TEXT),
	SHAPE_MAYBE("reviewer", TEXT),
	SHAPE_MAYBE("note", TEXT),
	{ 0 },
};
static const struct shape one = { "alert", members, false };

const struct route alert_routes[] = {
	{ "GET", "/alerts", CAN_REVIEW, &list_input, alert_list, "watch/alerts", .output = &many,
	  .summary = "What the information officer has to look at" },
	{ "GET", "/alerts/{id}", CAN_REVIEW, NULL, alert_get, "watch/alert", .output = &one,
	  .summary = "One alert, with the reason that was given" },
	{ "POST", "/alerts/{id}/review", CAN_REVIEW, &review_input, alert_review, "watch/alert",
	  .form = alert_get, .output = &one, .summary = "Record the review of what somebody else did" },
	{ 0 },
};
