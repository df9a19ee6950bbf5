/* What one household gets: a flat, or a family room. A fact left out or null is unknown: matching
 * asks about it, it never excludes. */
#include "api/codes.h"
#include "api/place.h"
#include "api/resource.h"
#include "api/rights.h"
#include "api/routes.h"
#include "base/uuid.h"
#include "sql.h"

struct units {
	int64_t limit;
	const char *cursor, *property, *state;
};
static const struct field list_fields[] = {
	FIELD(struct units, property, UUID, "property_id"),
	FIELD(struct units, state, CODE, "state", .codes = &unit_state_codes),
	PAGE_FIELDS(struct units),
};
static const struct input list_input = INPUT(struct units, list_fields);

struct unit {
	const char *property, *reference, *wheelchair, *highest_risk;
	const char *pets, *adult_children, *mental_health, *drugs, *alcohol, *offending, *arson;
	const char *violence, *sexual_offending, *nrpf;
	enum tri self_contained, step_free, adapted_bathroom, hearing_aids, visual_aids;
	int64_t bedrooms, max_people, cots, floor, min_age, oldest_boy, weekly_cost, longest_stay;
	struct json_list specialisms, languages;
};

#define ANSWER(member, name) \
	FIELD(struct unit, member, CODE, name, .codes = &known_answer)
/* Everything but the property: a unit does not move. */
#define FACTS \
	FIELD(struct unit, reference, TEXT, "reference", .required = true, .max = 40, \
	      .help = "The provider's name for it."), \
	FIELD(struct unit, self_contained, BOOL, "self_contained", .required = true, \
	      .help = "Own bathroom and kitchen behind one door."), \
	FIELD(struct unit, bedrooms, INT, "bedrooms", .max = 20), \
	FIELD(struct unit, max_people, INT, "max_people", .min = 1, .max = 30, \
	      .help = "Cots are counted beside."), \
	FIELD(struct unit, cots, INT, "cots", .max = 10, .def = "0", \
	      .help = "For children under two, beyond max_people."), \
	FIELD(struct unit, floor, INT, "floor", .min = -2, .max = 60, \
	      .help = "0 is the ground floor."), \
	FIELD(struct unit, step_free, BOOL, "step_free"), \
	FIELD(struct unit, wheelchair, CODE, "wheelchair", .codes = &known_wheelchair), \
	FIELD(struct unit, adapted_bathroom, BOOL, "adapted_bathroom"), \
	FIELD(struct unit, hearing_aids, BOOL, "hearing_aids"), \
	FIELD(struct unit, visual_aids, BOOL, "visual_aids"), \
	ANSWER(pets, "pets"), \
	FIELD(struct unit, min_age, INT, "min_age", .max = 120, \
	      .help = "Of the main applicant, in years."), \
	FIELD(struct unit, oldest_boy, INT, "oldest_boy", .max = 18, .help = "In years."), \
	ANSWER(adult_children, "adult_children"), \
	ANSWER(mental_health, "mental_health"), \
	ANSWER(drugs, "drugs"), \
	ANSWER(alcohol, "alcohol"), \
	ANSWER(offending, "offending"), \
	ANSWER(arson, "arson"), \
	ANSWER(violence, "violence"), \
	ANSWER(sexual_offending, "sexual_offending"), \
	ANSWER(nrpf, "nrpf"), \
	FIELD(struct unit, specialisms, CODE, "specialisms", .codes = &specialism_codes, \
	      .def = "[]"), \
	FIELD(struct unit, languages, CODE, "languages", .codes = &language_codes, \
	      .def = "[]", .help = "That staff speak."), \
	FIELD(struct unit, highest_risk, CODE, "highest_risk", .codes = &known_risk_level), \
	FIELD(struct unit, weekly_cost, PENCE, "weekly_cost_pence"), \
	FIELD(struct unit, longest_stay, INT, "longest_stay_days", .min = 1, .max = 3650)

static const struct field new_fields[] = {
	FIELD(struct unit, property, UUID, "property_id", .required = true),
	FACTS,
};
static const struct input new_input = INPUT(struct unit, new_fields);
static const struct field change_fields[] = { FACTS };
static const struct input change_input = INPUT(struct unit, change_fields);

struct mix {
	struct json_list poses, avoids;
};

static const struct field mix_fields[] = {
	FIELD(struct mix, poses, CODE, "poses", .required = true, .codes = &mix_risk_codes,
	      .help = "What present residents could do to others; [] is nothing."),
	FIELD(struct mix, avoids, CODE, "avoids", .required = true, .codes = &mix_risk_codes,
	      .help = "What present residents must be kept from; [] is nothing."),
};
static const struct input mix_input = INPUT(struct mix, mix_fields);

#define SHAPE_ANSWER(member) SHAPE_MAYBE_CODED(member, known_answer)
static const struct shape_member members[] = {
	SHAPE_ID,
	SHAPE_ONE("property_id", UUID),
	SHAPE_ONE("property_name", TEXT),
	SHAPE_ONE("organisation_id", UUID),
	SHAPE_ONE("provider", TEXT),
	SHAPE_CODED("type", known_accommodation_type),
	SHAPE_ONE("area_label", TEXT),
	SHAPE_CODED("residents", known_residents),
	SHAPE_ONE("reference", TEXT),
	SHAPE_CODED("state", unit_state_codes),
	SHAPE_ONE("self_contained", BOOL),
	SHAPE_MAYBE("bedrooms", INT),
	SHAPE_MAYBE("max_people", INT),
	SHAPE_ONE("cots", INT),
	SHAPE_MAYBE("floor", INT),
	SHAPE_MAYBE("step_free", BOOL),
	SHAPE_MAYBE_CODED("wheelchair", known_wheelchair),
	SHAPE_MAYBE("adapted_bathroom", BOOL),
	SHAPE_MAYBE("hearing_aids", BOOL),
	SHAPE_MAYBE("visual_aids", BOOL),
	SHAPE_ANSWER("pets"),
	SHAPE_MAYBE("min_age", INT),
	SHAPE_MAYBE("oldest_boy", INT),
	SHAPE_ANSWER("adult_children"),
	SHAPE_ANSWER("mental_health"),
	SHAPE_ANSWER("drugs"),
	SHAPE_ANSWER("alcohol"),
	SHAPE_ANSWER("offending"),
	SHAPE_ANSWER("arson"),
	SHAPE_ANSWER("violence"),
	SHAPE_ANSWER("sexual_offending"),
	SHAPE_ANSWER("nrpf"),
	{ "specialisms", SHAPE_CODE, false, true, &specialism_codes, NULL },
	{ "languages", SHAPE_CODE, false, true, &language_codes, NULL },
	SHAPE_MAYBE_CODED("highest_risk", known_risk_level),
	SHAPE_MAYBE("weekly_cost_pence", INT),
	SHAPE_MAYBE("longest_stay_days", INT),
	{ "mix_poses", SHAPE_CODE, true, true, &mix_risk_codes, NULL },
	{ "mix_avoids", SHAPE_CODE, true, true, &mix_risk_codes, NULL },
	SHAPE_MAYBE("mix_reviewed_at", INSTANT),
	SHAPE_MAYBE("closed_at", INSTANT),
	SHAPE_VERSION,
	SHAPE_CREATED,
	{ 0 },
};
static const struct shape one = { "unit", members, false };
static const struct shape many = { "unit", members, true };

static struct reply listed(struct ctx *c)
{
	return list_reply(c, 0);
}

static struct reply unit_list(struct ctx *c)
{
	const struct units *f = ctx_input(c);

	query(c, &SQL_UNIT_LIST, f->property,
	      f->state, page_size(c), page_cursor(c));
	return then(listed);
}

static void show(struct ctx *c, const char *id)
{
	query(c, &SQL_UNIT_SHOW, id);
}

static struct reply shown(struct ctx *c)
{
	return row_reply(c, 0);
}

static struct reply unit_get(struct ctx *c)
{
	show(c, ctx_id(c, "id"));
	return then(shown);
}

static struct reply added(struct ctx *c)
{
	if (rows(c, 1) == 0) {
		ctx_error(c, "/property_id", "not_found", "This must be an open property of yours");
		return invalid(c);
	}
	return created(c, row_json(c, 1, 0), "/units/%s", value(c, 1, 0, "id"));
}

static void check(struct ctx *c)
{
	refuse_place(c, "/reference", ((const struct unit *)ctx_input(c))->reference);
}

static struct reply unit_create(struct ctx *c)
{
	char id[UUID_TEXT];

	uuid_random(id);
	query(c, &SQL_UNIT_CREATE, id, ctx_user(c)->organisation_id, ctx_json(c));
	show(c, id);
	return then(added);
}

static struct reply unit_change(struct ctx *c)
{
	const char *id = ctx_id(c, "id");

	if (!ctx_if_match(c))
		return problem(c, PROBLEM_MATCH_MISSING);
	query(c, &SQL_UNIT_CHANGE, id, ctx_user(c)->organisation_id, ctx_if_match(c), ctx_json(c));
	show(c, id);
	return then(changed_row);
}

static struct reply locked_changed(struct ctx *c)
{
	if (affected(c, 1) == 0)
		return not_changed(c, PROBLEM_WRONG_STATE);
	return done(c, row_json(c, 2, 0), "/units/%s", value(c, 2, 0, "id"));
}

static struct reply unit_review_mix(struct ctx *c)
{
	const char *id = ctx_id(c, "id"), *own = ctx_user(c)->organisation_id;

	query(c, &SQL_UNIT_LOCK, id, own);
	query(c, &SQL_UNIT_REVIEW_MIX, id, own, ctx_json(c));
	show(c, id);
	return then(locked_changed);
}

static struct reply unit_close(struct ctx *c)
{
	const char *id = ctx_id(c, "id"), *own = ctx_user(c)->organisation_id;

	query(c, &SQL_UNIT_LOCK, id, own);
	query(c, &SQL_UNIT_CLOSE, id, own);
	show(c, id);
	return then(locked_changed);
}

const struct route unit_routes[] = {
	{ "GET", "/units", CAN_SEE_SUPPLY, &list_input, unit_list, .output = &many,
	  .summary = "Units with what they are at this moment" },
	{ "GET", "/units/{id}", CAN_SEE_SUPPLY, NULL, unit_get, .output = &one,
	  .summary = "One unit" },
	{ "POST", "/units", CAN_PROVIDE, &new_input, unit_create, .check = check,
	  .output = &one,
	  .summary = "Add a unit to a property" },
	{ "PATCH", "/units/{id}", CAN_PROVIDE, &change_input, unit_change, .check = check,
	  .output = &one,
	  .summary = "Change facts of a unit" },
	{ "POST", "/units/{id}/mix-review", CAN_PROVIDE, &mix_input, unit_review_mix,
	  .flags = ROUTE_KEYLESS, .output = &one,
	  .summary = "Say what present residents pose and must be kept from" },
	{ "POST", "/units/{id}/close", CAN_PROVIDE, NULL, unit_close, .flags = ROUTE_KEYLESS,
	  .output = &one,
	  .summary = "Give up a unit that is neither offered nor taken" },
	{ 0 },
};
