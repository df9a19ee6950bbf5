/* Councils, providers and contractors of the caller's own partnership. */
#include <string.h>

#include "api/codes.h"
#include "api/place.h"
#include "api/resource.h"
#include "api/rights.h"
#include "api/routes.h"
#include "base/uuid.h"
#include "duty.h"
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

struct duty {
	const char *day, *night, *day_begins, *day_ends;
};
static const struct field duty_fields[] = {
	FIELD(struct duty, day, PHONE, "day", .line = true, .label = "Telephone by day"),
	FIELD(struct duty, night, PHONE, "night", .line = true, .label = "Telephone by night",
	      .help = "Outside the hours of the day; the day's, if left out."),
	FIELD(struct duty, day_begins, TEXT, "day_begins", .label = "The day begins at", .max = 5,
	      .help = "As 08:00. Without hours the day's telephone is answered round the clock."),
	FIELD(struct duty, day_ends, TEXT, "day_ends", .label = "The day ends at", .max = 5),
};
static const struct input duty_input = INPUT(struct duty, duty_fields,
	.help = "Both numbers as they are from now on: what is left out is removed.");

#define MEMBERS \
	SHAPE_ID, \
	SHAPE("kind", CODE, .codes = &organisation_kind_codes), \
	SHAPE("name", TEXT), \
	SHAPE("duty_telephone", OBJECT, .nullable = true, .sub = &duty_shape), \
	SHAPE_VERSION, \
	SHAPE_CREATED

static const struct shape_member members[] = { MEMBERS, SHAPE("may_change", BOOL), { 0 } };
static const struct shape_member line_members[] = { MEMBERS, { 0 } };
static const struct shape one = { .name = "organisation", .members = members };
static const struct shape many = { .name = "organisation_line", .members = line_members, .list = true };

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

static struct reply organisation_own(struct ctx *c)
{
	query(c, &SQL_ORGANISATION_SHOW, ctx_user(c)->organisation_id);
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

/* ---- duty telephones ---- */

static void check_time(struct ctx *c, const char *pointer, const char *time, const char *other)
{
	if (time && !is_time_of_day(time))
		ctx_error(c, pointer, "bad_time", "This must be a time, like 08:00");
	else if (!time && other)
		ctx_error(c, pointer, "required", "Give both hours, or neither");
}

static void check_duty(struct ctx *c)
{
	const struct duty *d = ctx_input(c);

	check_time(c, "/day_begins", d->day_begins, d->day_ends);
	check_time(c, "/day_ends", d->day_ends, d->day_begins);
	if (d->day_begins && d->day_ends && is_time_of_day(d->day_begins) && is_time_of_day(d->day_ends) &&
	    strcmp(d->day_begins, d->day_ends) >= 0)
		ctx_error(c, "/day_ends", "out_of_range", "The day must end after it begins");
	if (d->day_begins && !d->day)
		ctx_error(c, "/day", "required", "Enter the telephone of these hours");
}

static struct reply duty_set(struct ctx *c)
{
	if (rows(c, 1) == 0)
		return problem(c, PROBLEM_NOT_FOUND);
	return done(c, row_json(c, 1, 0), "/organisations/%s", value(c, 1, 0, "id"));
}

static struct reply set_duty(struct ctx *c, const char *id)
{
	const struct duty *d = ctx_input(c);

	query(c, &SQL_ORGANISATION_SET_DUTY, id, d->day, d->night, d->day_begins, d->day_ends);
	query(c, &SQL_ORGANISATION_SHOW, id);
	return then(duty_set);
}

static struct reply organisation_set_own_duty(struct ctx *c)
{
	return set_duty(c, ctx_user(c)->organisation_id);
}

static struct reply organisation_set_duty(struct ctx *c)
{
	return set_duty(c, ctx_id(c, "id"));
}

const struct route organisation_routes[] = {
	{ "GET", "/organisations", EVERYBODY, &list_input, organisation_list, "organisations/list", .output = &many,
	  .summary = "Organisations of your own partnership" },
	{ "GET", "/organisations/{id}", EVERYBODY, NULL, organisation_get, "organisations/show", .output = &one,
	  .summary = "One organisation" },
	{ "GET", "/organisations/current", EVERYBODY, NULL, organisation_own, "organisations/show",
	  .output = &one, .summary = "Your own organisation" },
	{ "POST", "/organisations/current/duty-telephone", CAN_provide, &duty_input,
	  organisation_set_own_duty, "organisations/show", .check = check_duty, .form = organisation_own,
	  .output = &one, .summary = "Set who is called by day and by night at your own organisation" },
	{ "POST", "/organisations/{id}/duty-telephone", CAN_administer, &duty_input,
	  organisation_set_duty, "organisations/show", .check = check_duty, .form = organisation_get,
	  .output = &one, .summary = "Set who is called by day and by night at an organisation" },
	{ "POST", "/organisations", CAN_administer, &new_input, organisation_create, .check = check,
	  .output = &one,
	  .summary = "Add an organisation to the partnership" },
	{ "PATCH", "/organisations/{id}", CAN_administer, &change_input, organisation_change,
	  .check = check, .output = &one, .summary = "Rename an organisation" },
	{ 0 },
};
