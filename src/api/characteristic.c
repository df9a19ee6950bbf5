/* Protected characteristics that only equality evidence needs (Equality Act 2010 s. 4; UK GDPR art.
 * 9). They are read and changed only here, by people who have the case. No list, search or match
 * uses them. */
#include "api/codes.h"
#include "api/rights.h"
#include "api/routes.h"
#include "case.h"
#include "sql.h"

struct characteristic_in {
	const char *ethnic_group, *religion, *sexual_orientation;
	const char *gender_registered, *disability, *partnership_status;
};

static const struct field fields[] = {
	FIELD(struct characteristic_in, ethnic_group, CODE, "ethnic_group",
	      .codes = &ethnic_group_codes),
	FIELD(struct characteristic_in, religion, CODE, "religion",
	      .codes = &religion_codes),
	FIELD(struct characteristic_in, sexual_orientation, CODE, "sexual_orientation",
	      .codes = &sexual_orientation_codes),
	FIELD(struct characteristic_in, gender_registered, CODE, "gender_registered",
	      .codes = &gender_registered_codes),
	FIELD(struct characteristic_in, disability, CODE, "disability",
	      .codes = &disability_codes),
	FIELD(struct characteristic_in, partnership_status, CODE, "partnership_status",
	      .codes = &partnership_status_codes),
};
static const struct input input = INPUT(struct characteristic_in, fields,
	.help = "A field left out or null means not asked.");

static void ask_for(struct ctx *c, const char *member)
{
	query(c, &SQL_CHARACTERISTIC_LIST, ctx_id(c, "id"), member);
}

static struct reply found(struct ctx *c)
{
	if (rows(c, 0) == 0)
		return problem(c, PROBLEM_NOT_FOUND);
	audit(c, "read", "member_characteristic", NULL, ctx_id(c, "id"), NULL);
	return all_reply(c, 0);
}

static struct reply characteristic_list(struct ctx *c)
{
	ask_for(c, NULL);
	return then(found);
}

static struct reply characteristic_change(struct ctx *c)
{
	const char *version = ctx_if_match(c), *member = ctx_id(c, "member");

	if (!version)
		return problem(c, PROBLEM_MATCH_MISSING);
	lock_case(c, ctx_id(c, "id"));
	query(c, &SQL_CHARACTERISTIC_CHANGE, ctx_id(c, "id"), member,
	      version, ctx_json(c));
	ask_for(c, member);
	return then(changed_row);
}

static const struct shape_member members[] = {
	SHAPE_ID,
	SHAPE("household_id", UUID),
	SHAPE("kind", CODE, .codes = &member_kind_codes),
	SHAPE("ethnic_group", CODE, .codes = &ethnic_group_codes),
	SHAPE("religion", CODE, .codes = &religion_codes),
	SHAPE("sexual_orientation", CODE, .codes = &sexual_orientation_codes),
	SHAPE("gender_registered", CODE, .codes = &gender_registered_codes),
	SHAPE("disability", CODE, .codes = &disability_codes),
	SHAPE("partnership_status", CODE, .codes = &partnership_status_codes),
	SHAPE_VERSION,
	{ 0 },
};
static const struct shape one = { .name = "characteristic", .members = members };
static const struct shape many = { .name = "characteristic", .members = members, .list = true };

const struct route characteristic_routes[] = {
	{ "GET", "/households/{id}/characteristics", CAN_place, NULL, characteristic_list,
	  .output = &many, .summary = "Protected characteristics of a household's members" },
	{ "PATCH", "/households/{id}/characteristics/{member}", CAN_place, &input,
	  characteristic_change, .output = &one,
	  .summary = "Change what is recorded about one member; version 0 if nothing is recorded yet" },
	{ 0 },
};
