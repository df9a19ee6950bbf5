/* The audit trail: who did and saw what, without what was seen. */
#include "api/codes.h"
#include "api/resource.h"
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

	audit(c, "search", "audit_event", q->subject, q->household,
	      arena_printf(ctx_arena(c), "{\"rows\":%d}", rows(c, 0)));
	return list_reply(c, 0);
}

static struct reply trail_list(struct ctx *c)
{
	const struct trail_query *q = ctx_input(c);

	query(c, &SQL_AUDIT_TRAIL_LIST, page_size(c), page_cursor(c),
	      q->household, q->account, q->subject, q->action);
	return then(trail_found);
}

static const struct shape_member event_rows[] = {
	SHAPE_ONE("id", INT),
	SHAPE_ONE("at", INSTANT),
	SHAPE_MAYBE("account_id", UUID),
	SHAPE_MAYBE("account", TEXT),
	SHAPE_MAYBE("organisation_id", UUID),
	SHAPE_MAYBE("request_id", TEXT),
	SHAPE_CODED("action", audit_action_codes),
	SHAPE_ONE("subject_kind", TEXT),
	SHAPE_MAYBE("subject_id", UUID),
	SHAPE_MAYBE("household_id", UUID),
	{ "changed", SHAPE_TEXT, false, true, NULL, NULL },
	{ 0 },
};
static const struct shape event_shape = { "audit_event", event_rows, true };

/* ---- who looked at a household, for the organisation whose it is ---- */

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
	audit(c, "read", "audit_event", NULL, ctx_id(c, "id"), NULL);
	return list_reply(c, 0);
}

/* Another organisation's household is none. */
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
	SHAPE_ONE("id", INT),
	SHAPE_ONE("at", INSTANT),
	SHAPE_MAYBE("account_id", UUID),
	SHAPE_MAYBE("account", TEXT),
	SHAPE_MAYBE("organisation_id", UUID),
	SHAPE_MAYBE("organisation", TEXT),
	SHAPE_CODED("action", audit_action_codes),
	SHAPE_ONE("subject_kind", TEXT),
	SHAPE_MAYBE("subject_id", UUID),
	{ "changed", SHAPE_TEXT, false, true, NULL, NULL },
	{ 0 },
};
static const struct shape looker_shape = { "household_audit_event", looker_rows, true };

const struct route audit_trail_routes[] = {
	{ "GET", "/audit-events", CAN_AUDIT, &list_input, trail_list, .output = &event_shape,
	  .summary = "Who did and saw what, newest first" },
	{ "GET", "/households/{id}/audit-events", CAN_SEE_LOOKERS, &lookers_input, lookers_list,
	  .output = &looker_shape,
	  .summary = "Who looked at a household of the own organisation or changed it, newest first" },
	{ 0 },
};
