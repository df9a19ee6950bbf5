/* A unit is what one household gets: a flat, or a family room. A fact left out or null is unknown:
 * matching asks about it and never excludes the unit for it. */
#include <string.h>

#include "api/codes.h"
#include "api/place.h"
#include "api/resource.h"
#include "api/rights.h"
#include "api/routes.h"
#include "base/uuid.h"
#include "json/write.h"
#include "language.h"
#include "serve/form_values.h"
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
	const char *violence, *sexual_offending, *nrpf, *other_language;
	enum tri self_contained, step_free, adapted_bathroom, hearing_aids, visual_aids;
	int64_t bedrooms, max_people, cots, floor, min_age, oldest_boy, weekly_cost, longest_stay;
	struct json_list specialisms, languages;
};

#define ANSWER(member, name) \
	FIELD(struct unit, member, CODE, name, .codes = &known_answer)
/* Every field except the property: a unit does not move. */
#define FACTS \
	FIELD(struct unit, reference, TEXT, "reference", .required = true, .max = 40, \
	      .help = "The provider's name for it."), \
	FIELD(struct unit, self_contained, BOOL, "self_contained", .required = true, \
	      .help = "Own bathroom and kitchen behind one door."), \
	FIELD(struct unit, bedrooms, INT, "bedrooms", .max = 20), \
	FIELD(struct unit, max_people, INT, "max_people", .min = 1, .max = 30, \
	      .help = "Cots are counted separately."), \
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
	FIELD(struct unit, oldest_boy, INT, "oldest_boy", .min = -1, .max = 18, \
	      .help = "In years: -1 is no boys at all, 0 boys under one, 18 boys of any age."), \
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
	      .def = "[]", .help = "Languages that staff speak."), \
	FIELD(struct unit, other_language, TEXT, "other_language", .prose = true, .max = 60, \
	      .help = "Which one, where languages has other, sgn or sign_system, and only there. Not matched."), \
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

static const struct shape_member members[] = {
	SHAPE_ID,
	SHAPE("property_id", UUID),
	SHAPE("property_name", TEXT),
	SHAPE("organisation_id", UUID),
	SHAPE("provider", TEXT),
	SHAPE("type", CODE, .codes = &known_accommodation_type),
	SHAPE("area_label", TEXT),
	SHAPE("residents", CODE, .codes = &known_residents),
	SHAPE("reference", TEXT),
	SHAPE("state", CODE, .codes = &unit_state_codes),
	SHAPE("self_contained", BOOL),
	SHAPE("bedrooms", INT, .nullable = true),
	SHAPE("max_people", INT, .nullable = true),
	SHAPE("cots", INT),
	SHAPE("floor", INT, .nullable = true),
	SHAPE("step_free", BOOL, .nullable = true),
	SHAPE("wheelchair", CODE, .nullable = true, .codes = &known_wheelchair),
	SHAPE("adapted_bathroom", BOOL, .nullable = true),
	SHAPE("hearing_aids", BOOL, .nullable = true),
	SHAPE("visual_aids", BOOL, .nullable = true),
	SHAPE("pets", CODE, .nullable = true, .codes = &known_answer),
	SHAPE("min_age", INT, .nullable = true),
	SHAPE("oldest_boy", INT, .nullable = true),
	SHAPE("adult_children", CODE, .nullable = true, .codes = &known_answer),
	SHAPE("mental_health", CODE, .nullable = true, .codes = &known_answer),
	SHAPE("drugs", CODE, .nullable = true, .codes = &known_answer),
	SHAPE("alcohol", CODE, .nullable = true, .codes = &known_answer),
	SHAPE("offending", CODE, .nullable = true, .codes = &known_answer),
	SHAPE("arson", CODE, .nullable = true, .codes = &known_answer),
	SHAPE("violence", CODE, .nullable = true, .codes = &known_answer),
	SHAPE("sexual_offending", CODE, .nullable = true, .codes = &known_answer),
	SHAPE("nrpf", CODE, .nullable = true, .codes = &known_answer),
	SHAPE("specialisms", CODE, .list = true, .codes = &specialism_codes),
	SHAPE("languages", CODE, .list = true, .codes = &language_codes),
	SHAPE("other_language", TEXT, .nullable = true),
	SHAPE("highest_risk", CODE, .nullable = true, .codes = &known_risk_level),
	SHAPE("weekly_cost_pence", INT, .nullable = true),
	SHAPE("longest_stay_days", INT, .nullable = true),
	SHAPE("mix_poses", CODE, .nullable = true, .list = true, .codes = &mix_risk_codes),
	SHAPE("mix_avoids", CODE, .nullable = true, .list = true, .codes = &mix_risk_codes),
	SHAPE("mix_reviewed_at", INSTANT, .nullable = true),
	SHAPE("closed_at", INSTANT, .nullable = true),
	SHAPE_VERSION,
	SHAPE_CREATED,
	{ 0 },
};
static const struct shape one = { .name = "unit", .members = members };
static const struct shape many = { .name = "unit", .members = members, .list = true };

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

/* The unit, and what is recorded as the values of the form. */
static const char *page_of(struct ctx *c)
{
	struct text t = text_in(ctx_arena(c));
	const char *row = row_json(c, 0, 0);

	json_object_begin(&t);
	json_put_raw(&t, row + 1, strlen(row) - 2);
	json_put_key(&t, "known");
	json_object_begin(&t);
	json_put_key(&t, "form");
	json_object_begin(&t);
	form_values_put(&t, "", json_read(ctx_arena(c), row, strlen(row)), &change_input);
	json_object_end(&t);
	json_object_end(&t);
	json_object_end(&t);
	return text_done(&t);
}

static struct reply shown(struct ctx *c)
{
	return rows(c, 0) && ctx_page(c) ? tagged(c, 0, page_of(c)) : row_reply(c, 0);
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

static void check_new(struct ctx *c)
{
	check(c);
	check_languages(c, "", &((const struct unit *)ctx_input(c))->languages);
}

static struct reply unit_create(struct ctx *c)
{
	char id[UUID_TEXT];

	uuid_random(id);
	query(c, &SQL_UNIT_CREATE, id, ctx_user(c)->organisation_id, ctx_json(c));
	show(c, id);
	return then(added);
}

/* The page that asks for the languages of a unit sends both of their fields. */
static void check_page(struct ctx *c)
{
	check(c);
	if (!json_sent_to(ctx_decoded(c), "/languages"))
		ctx_error(c, "/languages", "required", "Select the languages that staff speak");
	else
		check_languages(c, "", &((const struct unit *)ctx_input(c))->languages);
}

static struct reply unit_changed(struct ctx *c)
{
	struct reply r = changed_row(c);

	return r.status == 200 && ctx_page(c) ? at(r, arena_printf(ctx_arena(c), "/units/%s", ctx_id(c, "id"))) : r;
}

static struct reply unit_change(struct ctx *c)
{
	const char *id = ctx_id(c, "id");

	if (!ctx_if_match(c))
		return problem(c, PROBLEM_MATCH_MISSING);
	query(c, &SQL_UNIT_CHANGE, id, ctx_user(c)->organisation_id, ctx_if_match(c), ctx_json(c));
	show(c, id);
	return then(unit_changed);
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
	{ "GET", "/units", CAN_see_supply, &list_input, unit_list, .flags = ROUTE_CSV, .output = &many,
	  .summary = "Units with their state at this moment" },
	{ "GET", "/units/{id}", CAN_see_supply, NULL, unit_get, "units/show", .output = &one,
	  .summary = "One unit" },
	{ "POST", "/units/{id}", CAN_provide, &change_input, unit_change, "units/show",
	  .flags = ROUTE_PAGE_ONLY | ROUTE_PATCH, .check = check_page, .form = unit_get,
	  .summary = "Change the languages of a unit" },
	{ "POST", "/units", CAN_provide, &new_input, unit_create, .check = check_new,
	  .output = &one,
	  .summary = "Add a unit to a property" },
	{ "PATCH", "/units/{id}", CAN_provide, &change_input, unit_change, .check = check,
	  .output = &one,
	  .summary = "Change facts of a unit" },
	{ "POST", "/units/{id}/mix-review", CAN_provide, &mix_input, unit_review_mix,
	  .flags = ROUTE_KEYLESS, .output = &one,
	  .summary = "Record the risks that present residents pose and must be kept from" },
	{ "POST", "/units/{id}/close", CAN_provide, NULL, unit_close, .flags = ROUTE_KEYLESS,
	  .output = &one,
	  .summary = "Give up a unit that is neither offered nor taken" },
	{ 0 },
};
