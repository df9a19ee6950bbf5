/* Periods in which a unit is out of service. */
#include <string.h>

#include "api/codes.h"
#include "api/conflicts.h"
#include "api/resource.h"
#include "api/rights.h"
#include "api/routes.h"
#include "base/uuid.h"
#include "sql.h"

struct voids {
	int64_t limit;
	const char *cursor, *unit;
};
static const struct field list_fields[] = {
	FIELD(struct voids, unit, UUID, "unit_id"),
	PAGE_FIELDS(struct voids),
};
static const struct input list_input = INPUT(struct voids, list_fields);

struct void_period {
	const char *unit, *from_day, *until_day, *reason, *cost_centre, *note;
};
#define FACTS \
	FIELD(struct void_period, from_day, DATE, "from_day", .required = true, .past = 3660, .ahead = 730, \
	      .help = "First day out of service."), \
	FIELD(struct void_period, until_day, DATE, "until_day", .past = 3660, .ahead = 1830, \
	      .help = "First day in service again; leave out if not known."), \
	FIELD(struct void_period, reason, CODE, "reason", .required = true, \
	      .codes = &void_reason_codes), \
	FIELD(struct void_period, cost_centre, TEXT, "cost_centre", .max = 40), \
	FIELD(struct void_period, note, MULTILINE, "note", .prose = true, .max = 1000)

static const struct field new_fields[] = {
	FIELD(struct void_period, unit, UUID, "unit_id", .required = true),
	FACTS,
};
static const struct input new_input = INPUT(struct void_period, new_fields);
static const struct field change_fields[] = { FACTS };
static const struct input change_input = INPUT(struct void_period, change_fields);

struct void_end {
	const char *until_day;
};
static const struct field end_fields[] = {
	FIELD(struct void_end, until_day, DATE, "until_day", .label = "In service again from",
	      .help = "First day in service again; today if left out."),
};
static const struct input end_input = INPUT(struct void_end, end_fields);

static const struct shape_member members[] = {
	SHAPE_ID,
	SHAPE("unit_id", UUID),
	SHAPE("unit_reference", TEXT),
	SHAPE("organisation_id", UUID),
	SHAPE("from_day", DATE),
	SHAPE("until_day", DATE, .nullable = true),
	SHAPE("reason", CODE, .codes = &void_reason_codes),
	SHAPE("cost_centre", TEXT, .nullable = true),
	SHAPE("note", TEXT, .nullable = true),
	SHAPE("state", CODE, .codes = &void_state_codes),
	SHAPE("cancelled_at", INSTANT, .nullable = true),
	SHAPE("cancelled_by", TEXT, .nullable = true),
	SHAPE_VERSION,
	SHAPE_CREATED,
	{ 0 },
};
static const struct shape one = { .name = "void", .members = members };
static const struct shape many = { .name = "void", .members = members, .list = true };

static struct reply listed(struct ctx *c)
{
	return list_reply(c, 0);
}

static struct reply void_list(struct ctx *c)
{
	const struct voids *f = ctx_input(c);

	query(c, &SQL_VOID_LIST, f->unit,
	      page_size(c), page_cursor(c));
	return then(listed);
}

static void show(struct ctx *c, const char *id)
{
	query(c, &SQL_VOID_SHOW, id);
}

static struct reply shown(struct ctx *c)
{
	return row_reply(c, 0);
}

static struct reply void_get(struct ctx *c)
{
	show(c, ctx_id(c, "id"));
	return then(shown);
}

static struct reply added(struct ctx *c)
{
	if (rows(c, 0) == 0) {
		ctx_error(c, "/unit_id", "not_found", "This must be a unit of yours");
		return invalid(c);
	}
	if (affected(c, 1) == 0)
		return problem(c, PROBLEM_PLACE_TAKEN);
	return created(c, row_json(c, 2, 0), "/voids/%s", value(c, 2, 0, "id"));
}

static void check(struct ctx *c)
{
	const struct void_period *v = ctx_input(c);

	if (v->from_day && v->until_day && strcmp(v->until_day, v->from_day) <= 0)
		ctx_error(c, "/until_day", "out_of_range", VOID_ORDER);
}

static struct reply void_create(struct ctx *c)
{
	const struct void_period *v = ctx_input(c);
	const char *own = ctx_user(c)->organisation_id;
	char id[UUID_TEXT];

	uuid_random(id);
	query(c, &SQL_UNIT_LOCK, v->unit, own);
	query(c, &SQL_VOID_CREATE, id, v->unit, own, ctx_json(c));
	show(c, id);
	query(c, &SQL_VOID_SETTLE, id);
	return then(added);
}

static bool is(struct ctx *c, const char *state)
{
	return rows(c, 2) && text_eq(value(c, 2, 0, "state"), state);
}

static struct reply changed(struct ctx *c)
{
	if (affected(c, 1) == 0)
		return not_changed(c, is(c, "cancelled") ? PROBLEM_WRONG_STATE : PROBLEM_PLACE_TAKEN);
	return row_reply(c, 2);
}

static struct reply void_change(struct ctx *c)
{
	const char *id = ctx_id(c, "id"), *own = ctx_user(c)->organisation_id;

	if (!ctx_if_match(c))
		return problem(c, PROBLEM_MATCH_MISSING);
	query(c, &SQL_VOID_LOCK, id, own);
	query(c, &SQL_VOID_CHANGE, id, own, ctx_if_match(c), ctx_json(c));
	show(c, id);
	query(c, &SQL_VOID_SETTLE, id);
	return then(changed);
}

/* ---- cancelling and ending ---- */

static struct reply gone_by(struct ctx *c)
{
	return done(c, row_json(c, 2, 0), "/voids/%s", value(c, 2, 0, "id"));
}

static struct reply cancelled(struct ctx *c)
{
	if (affected(c, 1))
		return gone_by(c);
	if (is(c, "begun"))
		return problem_detail(c, PROBLEM_WRONG_STATE, "It has begun: end it instead");
	return not_changed(c, PROBLEM_WRONG_STATE);
}

static struct reply void_cancel(struct ctx *c)
{
	const char *id = ctx_id(c, "id"), *own = ctx_user(c)->organisation_id;

	query(c, &SQL_VOID_LOCK, id, own);
	query(c, &SQL_VOID_CANCEL, id, own, ctx_user(c)->account_id);
	show(c, id);
	return then(cancelled);
}

static struct reply ended(struct ctx *c)
{
	if (affected(c, 1))
		return gone_by(c);
	if (is(c, "planned"))
		return problem_detail(c, PROBLEM_WRONG_STATE, "It has not begun: cancel it instead");
	if (!is(c, "begun"))
		return not_changed(c, PROBLEM_WRONG_STATE);
	ctx_error(c, "/until_day", "out_of_range",
		  "This must be later than the first day, and no household may have the unit before it");
	return invalid(c);
}

static struct reply void_end(struct ctx *c)
{
	const struct void_end *e = ctx_input(c);
	const char *id = ctx_id(c, "id"), *own = ctx_user(c)->organisation_id;

	query(c, &SQL_VOID_LOCK, id, own);
	query(c, &SQL_VOID_END, id, own, e->until_day);
	show(c, id);
	query(c, &SQL_VOID_SETTLE, id);
	return then(ended);
}

/* ---- the form ---- */

static struct reply units_listed(struct ctx *c)
{
	return all_reply(c, 0);
}

static struct reply void_form(struct ctx *c)
{
	query(c, &SQL_VOID_UNITS, ctx_user(c)->organisation_id);
	return then(units_listed);
}

const struct route void_routes[] = {
	{ "GET", "/voids", CAN_see_supply, &list_input, void_list, "voids/list", .output = &many,
	  .summary = "Out-of-service periods" },
	{ "GET", "/voids/new", CAN_provide, NULL, void_form, "voids/new", .flags = ROUTE_PAGE_ONLY,
	  .summary = "The form of an out-of-service period" },
	{ "GET", "/voids/{id}", CAN_see_supply, NULL, void_get, "voids/show", .output = &one,
	  .summary = "One out-of-service period" },
	{ "POST", "/voids", CAN_provide, &new_input, void_create, "voids/new", .check = check,
	  .form = void_form, .output = &one,
	  .summary = "Take a unit out of service; what is held or offered for those nights ends" },
	{ "PATCH", "/voids/{id}", CAN_provide, &change_input, void_change, .check = check,
	  .output = &one,
	  .summary = "Change or end an out-of-service period" },
	{ "POST", "/voids/{id}/cancel", CAN_provide, NULL, void_cancel, "voids/show", .form = void_get,
	  .output = &one, .summary = "Cancel an out-of-service period that has not begun" },
	{ "POST", "/voids/{id}/end", CAN_provide, &end_input, void_end, "voids/show", .form = void_get,
	  .output = &one, .summary = "End an out-of-service period that has begun" },
	{ 0 },
};
