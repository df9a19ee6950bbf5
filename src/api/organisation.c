/* Councils, providers and contractors of the caller's own partnership. */
#include "api/codes.h"
#include "api/place.h"
#include "api/resource.h"
#include "api/rights.h"
#include "api/routes.h"
#include "base/uuid.h"
#include "sql.h"

enum { NAME_MAX_LENGTH = 120 };

struct organisations {
	int64_t limit;
	const char *cursor, *kind;
};
static const struct field list_fields[] = {
	FIELD(struct organisations, kind, CODE, "kind", .codes = &organisation_kind_codes),
	PAGE_FIELDS(struct organisations),
};
static const struct input list_input = INPUT(struct organisations, list_fields);

struct organisation {
	const char *kind, *name;
};
static const struct field new_fields[] = {
	FIELD(struct organisation, kind, CODE, "kind", .required = true,
	      .codes = &organisation_kind_codes),
	FIELD(struct organisation, name, TEXT, "name", .required = true, .max = NAME_MAX_LENGTH,
	      .help = "Public name; gives no location away."),
};
static const struct input new_input = INPUT(struct organisation, new_fields);

static const struct field change_fields[] = {
	FIELD(struct organisation, name, TEXT, "name", .required = true, .max = NAME_MAX_LENGTH,
	      .help = "Public name; gives no location away."),
};
static const struct input change_input =
	INPUT(struct organisation, change_fields, .help = "The kind does not change.");

static const struct shape_member members[] = {
	SHAPE_ID,
	SHAPE("kind", CODE, .codes = &organisation_kind_codes),
	SHAPE("name", TEXT),
	SHAPE_VERSION,
	SHAPE_CREATED,
	{ 0 },
};
static const struct shape one = { .name = "organisation", .members = members };
static const struct shape many = { .name = "organisation", .members = members, .list = true };

static struct reply listed(struct ctx *c)
{
	return list_reply(c, 0);
}

static struct reply organisation_list(struct ctx *c)
{
	const struct organisations *f = ctx_input(c);

	query(c, &SQL_ORGANISATION_LIST, f->kind, page_size(c),
	      page_cursor(c));
	return then(listed);
}

static struct reply shown(struct ctx *c)
{
	return row_reply(c, 0);
}

static struct reply organisation_get(struct ctx *c)
{
	query(c, &SQL_ORGANISATION_SHOW, ctx_id(c, "id"));
	return then(shown);
}

static struct reply added(struct ctx *c)
{
	return created(c, row_json(c, 1, 0), "/organisations/%s", value(c, 1, 0, "id"));
}

static void check(struct ctx *c)
{
	refuse_place(c, "/name", ((const struct organisation *)ctx_input(c))->name);
}

static struct reply organisation_create(struct ctx *c)
{
	const struct organisation *o = ctx_input(c);
	char id[UUID_TEXT];

	uuid_random(id);
	query(c, &SQL_ORGANISATION_CREATE, id, o->kind, o->name);
	query(c, &SQL_ORGANISATION_SHOW, id);
	return then(added);
}

static struct reply organisation_change(struct ctx *c)
{
	const char *id = ctx_id(c, "id");

	if (!ctx_if_match(c))
		return problem(c, PROBLEM_MATCH_MISSING);
	query(c, &SQL_ORGANISATION_CHANGE, id, ctx_if_match(c), ctx_json(c));
	query(c, &SQL_ORGANISATION_SHOW, id);
	return then(changed_row);
}

const struct route organisation_routes[] = {
	{ "GET", "/organisations", EVERYBODY, &list_input, organisation_list, .output = &many,
	  .summary = "Organisations of your own partnership" },
	{ "GET", "/organisations/{id}", EVERYBODY, NULL, organisation_get, .output = &one,
	  .summary = "One organisation" },
	{ "POST", "/organisations", CAN_administer, &new_input, organisation_create, .check = check,
	  .output = &one,
	  .summary = "Add an organisation to the partnership" },
	{ "PATCH", "/organisations/{id}", CAN_administer, &change_input, organisation_change,
	  .check = check, .output = &one, .summary = "Rename an organisation" },
	{ 0 },
};
