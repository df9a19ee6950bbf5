/* Reading placements, one and all. */
#include "api/codes.h"
#include "api/resource.h"
#include "api/rights.h"
#include "placement.h"
#include "sql.h"

/* Which of the three views of a placement the caller has. */
static const struct sql *viewpoint(const struct ctx *c)
{
	if (ctx_can(c, CAN_place))
		return &SQL_PLACEMENT_SHOW_COUNCIL;
	return ctx_can(c, CAN_provide) ? &SQL_PLACEMENT_SHOW_PROVIDER : &SQL_PLACEMENT_SHOW_OTHER;
}

void ask_placement(struct ctx *c)
{
	query(c, viewpoint(c), ctx_id(c, "id"));
}

static struct reply placement_read(struct ctx *c)
{
	if (rows(c, 0))
		audit(c, "read", "placement", value(c, 0, 0, "id"),
		      value(c, 0, 0, "_household"), NULL);
	return row_reply(c, 0);
}

struct reply placement_get(struct ctx *c)
{
	ask_placement(c);
	return then(placement_read);
}

struct placement_query {
	int64_t limit;
	const char *cursor, *state, *household;
};

static const struct field list_fields[] = {
	PAGE_FIELDS(struct placement_query),
	FIELD(struct placement_query, state, CODE, "state", .codes = &placement_state_codes),
	FIELD(struct placement_query, household, UUID, "household_id"),
};
const struct input placement_list_input = INPUT(struct placement_query, list_fields);

static struct reply placements_found(struct ctx *c)
{
	const struct placement_query *q = ctx_input(c);

	return recorded_list(c, 0, "search", "placement", NULL, rows(c, 0) ? q->household : NULL);
}

struct reply placement_list(struct ctx *c)
{
	const struct placement_query *q = ctx_input(c);

	if (ctx_can(c, CAN_provide))
		query(c, &SQL_PLACEMENT_LIST_PROVIDER, page_size(c), page_cursor(c), q->state);
	else
		query(c, &SQL_PLACEMENT_LIST, page_size(c), page_cursor(c), q->state, q->household);
	return then(placements_found);
}
