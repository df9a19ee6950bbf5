/* The audit trail: who did what and who saw what, without the data that they saw. */
#include "api/codes.h"
#include "api/rights.h"
#include "api/routes.h"
#include "sql.h"

struct trail_query {
	int64_t limit;
	const char *cursor, *household, *account, *subject, *action;
};

static const struct field list_fields[] = {
	PAGE_FIELDS(struct trail_query),
	FIELD(struct trail_query, household, UUID, "household_id"),
	FIELD(struct trail_query, account, UUID, "account_id"),
	FIELD(struct trail_query, subject, UUID, "subject_id"),
	FIELD(struct trail_query, action, CODE, "action", .codes = &audit_action_codes),
};
static const struct input list_input = INPUT(struct trail_query, list_fields);

static struct reply trail_found(struct ctx *c)
{
	const struct trail_query *q = ctx_input(c);
	bool any = rows(c, 0) > 0;

	return recorded_list(c, 0, "search", "audit_event", any ? q->subject : NULL, any ? q->household : NULL);
}

/* As an array: the one that was asked for, or all there are. */
static const char *actions_param(struct ctx *c, const char *action)
{
	struct text t = text_in(ctx_arena(c));

	if (action)
		return arena_printf(ctx_arena(c), "{%s}", action);
	for (size_t i = 0; i < audit_action_codes.n; i++)
		text_printf(&t, "%c%s", i ? ',' : '{', audit_action_codes.rows[i].code);
	text_putc(&t, '}');
	return text_done(&t);
}

static struct reply trail_list(struct ctx *c)
{
	const struct trail_query *q = ctx_input(c);

	query(c, &SQL_AUDIT_TRAIL_LIST, page_size(c), page_cursor(c), q->household, q->account,
	      q->subject, actions_param(c, q->action));
	return then(trail_found);
}

static const struct shape_member event_rows[] = {
	SHAPE("id", INT),
	SHAPE("at", INSTANT),
	SHAPE("account_id", UUID, .nullable = true),
	SHAPE("account", TEXT, .nullable = true),
	SHAPE("organisation_id", UUID, .nullable = true),
	SHAPE("request_id", TEXT, .nullable = true),
	SHAPE("action", CODE, .codes = &audit_action_codes),
	SHAPE("subject_kind", TEXT),
	SHAPE("subject_id", UUID, .nullable = true),
	SHAPE("household_id", UUID, .nullable = true),
	SHAPE("changed", TEXT, .list = true),
	{ 0 },
};
static const struct shape event_shape = {
	.name = "audit_event", .members = event_rows, .list = true,
};

/* ---- who looked at a household, for its own organisation ---- */

struct lookers_query {
	int64_t limit;
	const char *cursor, *action;
};

static const struct field lookers_fields[] = {
	PAGE_FIELDS(struct lookers_query),
	FIELD(struct lookers_query, action, CODE, "action", .codes = &audit_action_codes),
};
static const struct input lookers_input = INPUT(struct lookers_query, lookers_fields);

static struct reply lookers_found(struct ctx *c)
{
	return recorded_list(c, 0, "read", "audit_event", NULL, ctx_id(c, "id"));
}

/* A household of another organisation is not found. */
static struct reply lookers_owned(struct ctx *c)
{
	const struct lookers_query *q = ctx_input(c);

	if (!text_eq(value(c, 0, 0, "ours"), "t"))
		return problem(c, PROBLEM_NOT_FOUND);
	query(c, &SQL_AUDIT_TRAIL_OF_HOUSEHOLD, ctx_id(c, "id"), page_size(c), page_cursor(c), q->action);
	return then(lookers_found);
}

static struct reply lookers_list(struct ctx *c)
{
	query(c, &SQL_AUDIT_TRAIL_OWNED, ctx_id(c, "id"));
	return then(lookers_owned);
}

static const struct shape_member looker_rows[] = {
	SHAPE("id", INT),
	SHAPE("at", INSTANT),
	SHAPE("account_id", UUID, .nullable = true),
	SHAPE("account", TEXT, .nullable = true),
	SHAPE("organisation_id", UUID, .nullable = true),
	SHAPE("organisation", TEXT, .nullable = true),
	SHAPE("action", CODE, .codes = &audit_action_codes),
	SHAPE("subject_kind", TEXT),
	SHAPE("subject_id", UUID, .nullable = true),
	SHAPE("changed", TEXT, .list = true),
	{ 0 },
};
static const struct shape looker_shape = {
	.name = "household_audit_event", .members = looker_rows, .list = true,
};

const struct route audit_trail_routes[] = {
	{ "GET", "/audit-events", CAN_audit, &list_input, trail_list, .output = &event_shape,
	  .summary = "Who did and saw what, newest first" },
	{ "GET", "/households/{id}/audit-events", CAN_see_look_ups, &lookers_input, lookers_list,
	  .output = &looker_shape,
	  .summary = "Who looked at or changed a household of your own organisation, newest first" },
	{ 0 },
};
