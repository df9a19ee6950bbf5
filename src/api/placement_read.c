/* Reading placements, one and all. */
#include <string.h>

#include "api/codes.h"
#include "api/resource.h"
#include "api/rights.h"
#include "api/search.h"
#include "json/write.h"
#include "match/question.h"
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

/* Null where the caller is not to know, and where the household waits no longer, so that the board has not
 * got its needs. */
static void put_questions(struct text *t, struct ctx *c, int i)
{
	struct open_question open[QUESTIONS_MAX];
	struct need need;
	int n;

	json_put_key(t, "questions");
	if (!text_eq(value(c, i, 0, "_told"), "t") || !search_need_stored(c, value(c, i, 0, "_household"), &need)) {
		json_put_null(t);
		return;
	}
	n = questions_open(&need, open);
	json_array_begin(t);
	for (int k = 0; k < n; k++) {
		json_object_begin(t);
		json_put_text(t, "code", open[k].row->code);
		json_put_text(t, "text", open[k].row->text);
		json_object_end(t);
	}
	json_array_end(t);
}

const char *placement_json(struct ctx *c, int i)
{
	struct text t = text_in(ctx_arena(c));
	const char *row = row_json(c, i, 0);

	json_object_begin(&t);
	json_put_raw(&t, row + 1, strlen(row) - 2);
	put_questions(&t, c, i);
	json_object_end(&t);
	return text_done(&t);
}

static struct reply placement_read(struct ctx *c)
{
	if (rows(c, 0) == 0)
		return problem(c, PROBLEM_NOT_FOUND);
	audit(c, "read", "placement", value(c, 0, 0, "id"), value(c, 0, 0, "_household"), NULL);
	return tagged(c, 0, placement_json(c, 0));
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
