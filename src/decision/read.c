/* Reads the inputs of a decision back. What is read is written again and compared, so that a member that
 * is missing, misspelt, doubled or of another kind is found without a check of its own. */
#include <jansson.h>
#include <string.h>

#include "base/text.h"
#include "decision/decision.h"
#include "json/input.h"
#include "kept.h"

struct reading {
	struct arena *arena;
	struct match_env *env;
	struct need *need;
};

/* ---- values ---- */

static int64_t number_in(const json_t *o, const char *key, int64_t unknown)
{
	const json_t *v = json_object_get(o, key);

	return json_is_integer(v) ? json_integer_value(v) : unknown;
}

static int int_in(const json_t *o, const char *key, int unknown)
{
	int64_t n = number_in(o, key, unknown);

	return n >= INT32_MIN && n <= INT32_MAX ? (int)n : unknown;
}

static int code_of(const json_t *v, const struct code_list *list)
{
	int i = code_index(list, json_string_value(v));

	return i < 0 ? 0 : i;
}

static int code_in(const json_t *o, const char *key, const struct code_list *list)
{
	return code_of(json_object_get(o, key), list);
}

static enum tri tri_of(const json_t *v)
{
	if (!json_is_boolean(v))
		return TRI_UNKNOWN;
	return json_is_true(v) ? TRI_YES : TRI_NO;
}

static enum tri tri_in(const json_t *o, const char *key)
{
	return tri_of(json_object_get(o, key));
}

static bool yes_in(const json_t *o, const char *key)
{
	return tri_in(o, key) == TRI_YES;
}

static code_set bits_in(const json_t *o, const char *key, const struct code_list *list)
{
	const json_t *codes = json_object_get(o, key);
	code_set bits = 0;

	for (size_t i = 0; i < json_array_size(codes); i++) {
		int bit = code_index(list, json_string_value(json_array_get(codes, i)));

		if (bit >= 0)
			bits |= code_bit(bit);
	}
	return bits;
}

static int32_t day_from(const struct reading *r, int64_t days)
{
	int64_t day = days + r->env->today;

	return day > INT32_MIN && day <= INT32_MAX ? (int32_t)day : DAY_NONE;
}

static int32_t day_in(const struct reading *r, const json_t *o, const char *key)
{
	const json_t *v = json_object_get(o, key);
	int64_t days = json_integer_value(v);

	return json_is_integer(v) && days >= INT32_MIN && days <= UINT32_MAX ? day_from(r, days) : DAY_NONE;
}

static int64_t instant_in(const struct reading *r, const json_t *o, const char *key)
{
	const json_t *v = json_object_get(o, key);
	int64_t us = 0;

	if (!json_is_integer(v) || __builtin_add_overflow(json_integer_value(v), r->env->now, &us))
		return 0;
	return us;
}

static int district_in(const struct reading *r, const json_t *o)
{
	const char *name = json_string_value(json_object_get(o, "district"));

	return name ? geography_district(r->env->geography, name) : DISTRICT_NONE;
}

static int at_most(const json_t *list, int most)
{
	size_t n = json_array_size(list);

	return n < (size_t)most ? (int)n : most;
}

/* ---- a place ---- */

static void read_taken(const struct reading *r, const json_t *o, struct supply *s)
{
	const json_t *days = json_object_get(o, "taken");

	s->n_taken = at_most(days, 2 * SUPPLY_TAKEN) / 2;
	for (int i = 0; i < s->n_taken; i++)
		s->taken[i] = (struct stay){
			day_from(r, json_integer_value(json_array_get(days, 2 * (size_t)i))),
			day_from(r, json_integer_value(json_array_get(days, 2 * (size_t)i + 1))),
		};
}

/* A conflict or a decline is the pair's: the need names the place. */
static void read_pair(const struct reading *r, const json_t *o, const struct supply *s)
{
	struct need *n = r->need;

	if (yes_in(o, "conflict"))
		n->conflicts[n->n_conflicts++] = s->id;
	if (yes_in(o, "declined"))
		n->declined[n->n_declined++] = (struct declined){ s->id, s->version };
}

static const struct supply *place_read(const struct reading *r, const json_t *o, int i)
{
	struct supply *s = arena_new_of(r->arena, struct supply);

	supply_init(s);
	s->id = place_id(i);
	s->version = 1;
#define PLACE_CODE(name, list) s->name = (enum list)code_in(o, #name, &list##_codes);
#define PLACE_TRI(name) s->name = tri_in(o, #name);
#define PLACE_NUMBER(name) s->name = int_in(o, #name, -1);
#define PLACE_BITS(name, list) s->name = (__typeof__(s->name))bits_in(o, #name, &list##_codes);
#define PLACE_DAY(name) s->name = day_in(r, o, #name);
#define PLACE_INSTANT(name) s->name = instant_in(r, o, #name);
#include "place.def"
	for (int k = 0; k < SUPPORT_COUNT; k++)
		s->support[k] = (enum answer)code_in(json_object_get(o, "support"), code_at(&support_need_codes, k),
						     &answer_codes);
	s->mix_known = yes_in(o, "mix_known");
	s->area = int_in(o, "area", -1);
	s->district = district_in(r, o);
	read_taken(r, o, s);
	read_pair(r, o, s);
	return s;
}

/* ---- the household ---- */

static struct member member_read(const struct reading *r, const json_t *o)
{
	struct member m = { .role = MEMBER_ADULT };
	const char *role = json_string_value(json_object_get(o, "role"));

	for (size_t i = 0; i < sizeof(role_names) / sizeof(*role_names); i++)
		if (text_eq(role_names[i], role))
			m.role = (enum member_role)i;
	m.age = int_in(o, "age", -1);
	m.age_on = m.age < 0 ? 0 : day_in(r, o, "age_on");
	m.age_exact = yes_in(o, "exact");
	m.sex = (enum sex)code_in(o, "sex", &sex_codes);
	m.trans = tri_in(o, "trans");
	m.grown_up_child = yes_in(o, "grown_up_child");
	m.not_applicants = yes_in(o, "not_applicants");
	m.couple = int_in(o, "couple", 0);
	return m;
}

static struct area area_read(const struct reading *r, const json_t *o)
{
	if (!json_object_get(o, "radius"))
		return (struct area){ .kind = AREA_OUTWARD, .district = district_in(r, o) };
	return area_circle(int_in(o, "east", 0), int_in(o, "north", 0), int_in(o, "radius", 0));
}

static void read_lists(const struct reading *r, const json_t *o)
{
	const json_t *members = json_object_get(o, "members"), *unsafe = json_object_get(o, "unsafe");
	const json_t *wished = json_object_get(o, "wish_areas"), *reach = json_object_get(o, "reach");
	struct need *n = r->need;

	n->n_members = at_most(members, NEED_MEMBERS);
	for (int i = 0; i < n->n_members; i++)
		n->members[i] = member_read(r, json_array_get(members, (size_t)i));
	n->n_unsafe = at_most(unsafe, NEED_UNSAFE);
	for (int i = 0; i < n->n_unsafe; i++)
		n->unsafe[i] = area_read(r, json_array_get(unsafe, (size_t)i));
	n->n_wish_areas = at_most(wished, NEED_AREAS);
	for (int i = 0; i < n->n_wish_areas; i++)
		n->wish_areas[i] = (int)json_integer_value(json_array_get(wished, (size_t)i));
	n->n_reach = at_most(reach, NEED_PLACES);
	for (int i = 0; i < n->n_reach; i++)
		n->reach[i] = district_in(r, json_array_get(reach, (size_t)i));
}

static void read_as_asked(const json_t *o, struct need *n)
{
#define TRI(name, ...) n->name = tri_in(o, #name);
#define CODED(name, list, ...) n->name = (enum list)code_in(o, #name, &list##_codes);
#define BITS(name, type, list, ...) n->name = (uint32_t)bits_in(o, #name, &list##_codes);
#define WIDE_BITS(name, list, ...) n->name = bits_in(o, #name, &list##_codes);
#define ASKED_BITS(name, list, ...) n->name##_known = json_object_get(o, #name) != NULL; BITS(name, CODES, list)
#include "match/needs.def"
}

static void read_need(const struct reading *r, const json_t *o)
{
	struct need *n = r->need;

	read_as_asked(o, n);
	n->risk_least = (enum risk_level)code_in(o, "risk_least", &risk_level_codes);
	for (int k = 0; k < SUPPORT_COUNT; k++)
		n->support[k] = tri_in(json_object_get(o, "support"), code_at(&support_need_codes, k));
	n->due = day_in(r, o, "due");
	n->funded_from = day_in(r, o, "funded_from");
	n->funded_until = day_in(r, o, "funded_until");
	n->funding_cut_off = yes_in(o, "funding_cut_off");
	n->leave_until = day_in(r, o, "leave_until");
	n->fund_pays = tri_in(o, "fund_pays");
	n->from = day_in(r, o, "from");
	n->until = day_in(r, o, "until");
	n->min_stay = int_in(o, "min_stay", -1);
	read_lists(r, o);
	household_facts(n, stay_wanted(r->env, n));
}

/* ---- the whole ---- */

static bool read_env(const struct reading *r, const json_t *o, const char **error)
{
	const char *words = json_string_value(json_object_get(o, "geography"));

	*error = "it is of a format that this program does not know";
	if (number_in(o, "format", 0) != DECISION_FORMAT)
		return false;
	*error = "it has no districts";
	if (!words)
		return false;
	r->env->now = number_in(o, "now", 0);
	r->env->today = instant_london_day(r->env->now);
	r->env->geography = geography_parse(r->arena, words, strlen(words), error);
	return r->env->geography != NULL;
}

static bool read_all(const struct reading *r, const json_t *o, struct decision_made *out, const char **error)
{
	const json_t *places = json_object_get(o, "places");

	if (!read_env(r, o, error))
		return false;
	out->n = at_most(places, DECISION_PLACES);
	out->chosen = int_in(o, "chosen", -1);
	*error = "it does not say which place was chosen";
	if (out->chosen < 0 || out->chosen >= out->n)
		return false;
	for (int i = 0; i < out->n; i++)
		out->places[i] = place_read(r, json_array_get(places, (size_t)i), i);
	read_need(r, json_object_get(o, "need"));
	return true;
}

bool decision_read(struct arena *a, const char *inputs, const struct policy *policy, struct decision_made *out,
		   const char **error)
{
	struct reading r = { a, arena_new_of(a, struct match_env), arena_new_of(a, struct need) };

	need_init(r.need);
	r.env->policy = policy;
	*out = (struct decision_made){ .env = r.env, .need = r.need };
	if (!read_all(&r, json_read(a, inputs, strlen(inputs)), out, error))
		return false;
	*error = "it is not as it was written";
	return text_eq(decision_inputs(a, out), inputs);
}
