/* Alerts: the information officer is told at once and reviews each by the next working day. An
 * alert says who acted, when, and the reference of the case. It tells nothing else about the
 * case. */
#include "api/codes.h"
#include "api/outcomes.h"
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
	return recorded_list(c, 0, "search", "alert", NULL, NULL);
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
	FIELD(struct review_in, finding, CODE, "finding", .required = true,
	      .ask = "Select what you found", .codes = &alert_finding_codes),
	FIELD(struct review_in, note, MULTILINE, "note", .prose = true, .max = 1000,
	      .help = "What you looked at. No details of the case."),
};
static const struct input review_input = INPUT(struct review_in, review_fields);

static struct reply reviewed(struct ctx *c)
{
	switch ((enum review_outcome)outcome_of(c, &review_outcome_codes)) {
	case review_outcome_none: return problem(c, PROBLEM_NOT_FOUND);
	case review_outcome_own: return problem(c, PROBLEM_OWN_DEED);
	case review_outcome_reviewed: return problem(c, PROBLEM_WRONG_STATE);
	case review_outcome_changed: return problem(c, PROBLEM_CHANGED);
	case review_outcome_done:
	case review_outcome_count: break;
	}
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
	SHAPE_ID, \
	SHAPE("kind", CODE, .codes = &alert_kind_codes), \
	SHAPE("organisation", TEXT), \
	SHAPE("account", TEXT), \
	SHAPE("household_reference", TEXT, .nullable = true), \
	SHAPE("raised_at", INSTANT), \
	SHAPE("review_due_on", DATE), \
	SHAPE("overdue", BOOL), \
	SHAPE("reviewed_at", INSTANT, .nullable = true), \
	SHAPE("finding", CODE, .nullable = true, .codes = &alert_finding_codes), \
	SHAPE_VERSION

static const struct shape_member lines[] = { LINE_MEMBERS, { 0 } };
static const struct shape many = { .name = "alert_line", .members = lines, .list = true };
static const struct shape_member members[] = {
	LINE_MEMBERS,
	SHAPE("organisation_id", UUID),
	SHAPE("account_id", UUID),
	SHAPE("reason", TEXT, .nullable = true),
	SHAPE("reviewer", TEXT, .nullable = true),
	SHAPE("note", TEXT, .nullable = true),
	{ 0 },
};
static const struct shape one = { .name = "alert", .members = members };

const struct route alert_routes[] = {
	{ "GET", "/alerts", CAN_review, &list_input, alert_list, "watch/alerts", .output = &many,
	  .summary = "Alerts for the information officer" },
	{ "GET", "/alerts/{id}", CAN_review, NULL, alert_get, "watch/alert", .output = &one,
	  .summary = "One alert, with the reason that was given" },
	{ "POST", "/alerts/{id}/review", CAN_review, &review_input, alert_review, "watch/alert",
	  .form = alert_get, .output = &one, .summary = "Review an alert about another person" },
	{ 0 },
};
