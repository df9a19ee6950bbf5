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
	return then(added);
}

static struct reply changed(struct ctx *c)
{
	if (affected(c, 1) == 0)
		return not_changed(c, PROBLEM_PLACE_TAKEN);
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
	return then(changed);
}

const struct route void_routes[] = {
	{ "GET", "/voids", CAN_see_supply, &list_input, void_list, .output = &many,
	  .summary = "Out-of-service periods" },
	{ "GET", "/voids/{id}", CAN_see_supply, NULL, void_get, .output = &one,
	  .summary = "One out-of-service period" },
	{ "POST", "/voids", CAN_provide, &new_input, void_create, .check = check,
	  .output = &one,
	  .summary = "Take a unit out of service" },
	{ "PATCH", "/voids/{id}", CAN_provide, &change_input, void_change, .check = check,
	  .output = &one,
	  .summary = "Change or end an out-of-service period" },
	{ 0 },
};
