/* Writes the inputs of a decision without identity. */
#include <limits.h>

#include "base/text.h"
#include "decision/decision.h"
#include "json/write.h"
#include "kept.h"

enum { LABELS = DECISION_PLACES + NEED_UNSAFE + NEED_PLACES };

/* What ids and numbers of this worker become: an index + 1 in the order in which they are met. */
struct labels {
	int number[LABELS];
	int n;
};

struct writing {
	struct text t;
	const struct decision_made *d;
	struct labels districts, areas;
	int east, north;		/* km that positions are moved by */
};

static int label(struct labels *l, int number)
{
	int i = 0;

	while (i < l->n && l->number[i] != number)
		i++;
	if (i == l->n)
		l->number[l->n++] = number;
	return i + 1;
}

#define put_int(t, key, n) (json_put_key(t, key), json_put_i64(t, n))

/* ---- values, each left out where it is not known ---- */

#define put_code(t, key, list, code) ((code) ? json_put_text(t, key, code_at(list, (int)(code))) : (void)0)
#define put_tri(t, key, value) ((value) ? (json_put_key(t, key), json_put_tri(t, value)) : (void)0)
#define put_yes(t, key, yes) ((yes) ? (json_put_key(t, key), json_put_bool(t, true)) : (void)0)
#define put_number(t, key, n) ((n) != -1 ? put_int(t, key, n) : (void)0)
#define put_day(w, key, day) \
	((day) != DAY_NONE ? put_int(&(w)->t, key, (int64_t)(day) - (w)->d->env->today) : (void)0)
#define put_instant(w, key, us) ((us) ? put_int(&(w)->t, key, (us) - (w)->d->env->now) : (void)0)
#define put_bits(t, key, list, bits) ((bits) ? (json_put_key(t, key), put_codes(t, list, bits)) : (void)0)

static void put_codes(struct text *t, const struct code_list *list, code_set bits)
{
	json_array_begin(t);
	for (size_t i = 0; i < list->n; i++)
		if (bits & code_bit((int)i))
			json_put_str(t, code_at(list, (int)i));
	json_array_end(t);
}

static void put_stays(struct writing *w, const struct stay *stays, int n)
{
	json_put_key(&w->t, "taken");
	json_array_begin(&w->t);
	for (int i = 0; i < n; i++) {
		json_put_i64(&w->t, (int64_t)stays[i].first - w->d->env->today);
		json_put_i64(&w->t, (int64_t)stays[i].last - w->d->env->today);
	}
	json_array_end(&w->t);
}

static void put_district(struct writing *w, int district)
{
	char name[16];

	if (district == DISTRICT_NONE)
		return;
	snprintf(name, sizeof(name), "A%d", label(&w->districts, district));
	json_put_text(&w->t, "district", name);
}

/* ---- a place ---- */

static bool same(struct uuid a, struct uuid b)
{
	return uuid_cmp(a, b) == 0;
}

static bool in_conflict(const struct need *n, const struct supply *s)
{
	for (int i = 0; i < n->n_conflicts; i++)
		if (same(n->conflicts[i], s->id))
			return true;
	return false;
}

static bool was_declined(const struct need *n, const struct supply *s)
{
	for (int i = 0; i < n->n_declined; i++)
		if (same(n->declined[i].vacancy, s->id) && n->declined[i].version == s->version)
			return true;
	return false;
}

static void put_takes(struct text *t, const struct supply *s)
{
	json_put_key(t, "support");
	json_object_begin(t);
	for (int i = 0; i < SUPPORT_COUNT; i++)
		if (s->support[i]) {
			json_put_name(t, code_at(&support_need_codes, i));
			json_put_str(t, code_at(&answer_codes, (int)s->support[i]));
		}
	json_object_end(t);
}

static void put_place(struct writing *w, const struct supply *s)
{
	struct text *t = &w->t;

	json_object_begin(t);
#define PLACE_CODE(name, list) put_code(t, #name, &list##_codes, s->name);
#define PLACE_TRI(name) put_tri(t, #name, s->name);
#define PLACE_NUMBER(name) put_number(t, #name, s->name);
#define PLACE_BITS(name, list) put_bits(t, #name, &list##_codes, s->name);
#define PLACE_DAY(name) put_day(w, #name, s->name);
#define PLACE_INSTANT(name) put_instant(w, #name, s->name);
#include "place.def"
	put_takes(t, s);
	json_put_key(t, "mix_known");
	json_put_bool(t, s->mix_known);
	if (s->n_taken)
		put_stays(w, s->taken, s->n_taken);
	put_district(w, s->district);
	if (s->area >= 0)
		put_int(t, "area", label(&w->areas, s->area));
	put_yes(t, "conflict", in_conflict(w->d->need, s));
	put_yes(t, "declined", was_declined(w->d->need, s));
	json_object_end(t);
}

static void put_places(struct writing *w)
{
	json_put_key(&w->t, "places");
	json_array_begin(&w->t);
	for (int i = 0; i < w->d->n; i++)
		put_place(w, w->d->places[i]);
	json_array_end(&w->t);
}

/* ---- the household ---- */

static bool ages_alike(const struct decision_made *d, const struct member *a, const struct member *b)
{
	for (int i = -1; i < d->n; i++) {
		struct stay stay = i < 0 ? stay_wanted(d->env, d->need) : match_of(d->env, d->need, d->places[i]).stay;
		struct span x = member_ages(a, stay), y = member_ages(b, stay);

		if (x.least != y.least || x.most != y.most)
			return false;
	}
	return true;
}

/* The same number of birthdays since, each on the day of the first night. */
static int32_t on_first_night(const struct member *m, int32_t first)
{
	int year, month, day;

	day_to_civil(first, &year, &month, &day);
	return day_from_civil(year - day_age(m->age_on, first), month, month == 2 && day == 29 ? 28 : day);
}

/* A birthday is kept only where it falls within a stay, so that some rule may turn on it. */
static struct member without_birthday(const struct decision_made *d, const struct member *m)
{
	struct member moved = *m;
	int32_t first = stay_wanted(d->env, d->need).first;

	if (m->age < 0 || !m->age_exact || m->age_on >= first)
		return moved;
	moved.age_on = on_first_night(m, first);
	return ages_alike(d, m, &moved) ? moved : *m;
}

static void put_member(struct writing *w, const struct member *of)
{
	struct member m = without_birthday(w->d, of);
	struct text *t = &w->t;

	json_object_begin(t);
	json_put_text(t, "role", role_names[m.role]);
	if (m.age >= 0) {
		put_int(t, "age", m.age);
		put_int(t, "age_on", (int64_t)m.age_on - w->d->env->today);
		put_yes(t, "exact", m.age_exact);
	}
	put_code(t, "sex", &sex_codes, m.sex);
	put_tri(t, "trans", m.trans);
	put_yes(t, "grown_up_child", m.grown_up_child);
	put_yes(t, "not_applicants", m.not_applicants);
	if (m.couple)
		put_int(t, "couple", m.couple);
	json_object_end(t);
}

static void put_unsafe(struct writing *w, const struct area *a)
{
	enum { M_PER_KM = 1000 };

	json_object_begin(&w->t);
	if (a->kind == AREA_CIRCLE) {
		put_int(&w->t, "east", a->easting - w->east * M_PER_KM);
		put_int(&w->t, "north", a->northing - w->north * M_PER_KM);
		put_int(&w->t, "radius", a->radius);
	} else {
		put_district(w, a->district);
	}
	json_object_end(&w->t);
}

static void put_lists(struct writing *w, const struct need *n)
{
	struct text *t = &w->t;

	json_put_key(t, "members");
	json_array_begin(t);
	for (int i = 0; i < n->n_members; i++)
		put_member(w, &n->members[i]);
	json_array_end(t);
	json_put_key(t, "unsafe");
	json_array_begin(t);
	for (int i = 0; i < n->n_unsafe; i++)
		put_unsafe(w, &n->unsafe[i]);
	json_array_end(t);
	json_put_key(t, "wish_areas");
	json_array_begin(t);
	for (int i = 0; i < n->n_wish_areas; i++)
		json_put_i64(t, label(&w->areas, n->wish_areas[i]));
	json_array_end(t);
	json_put_key(t, "reach");
	json_array_begin(t);
	for (int i = 0; i < n->n_reach; i++) {
		json_object_begin(t);
		put_district(w, n->reach[i]);
		json_object_end(t);
	}
	json_array_end(t);
}

static void put_support(struct text *t, const struct need *n)
{
	json_put_key(t, "support");
	json_object_begin(t);
	for (int i = 0; i < SUPPORT_COUNT; i++)
		if (n->support[i]) {
			json_put_name(t, code_at(&support_need_codes, i));
			json_put_tri(t, n->support[i]);
		}
	json_object_end(t);
}

static void put_as_asked(struct text *t, const struct need *n)
{
#define TRI(name, ...) put_tri(t, #name, n->name);
#define CODED(name, list, ...) put_code(t, #name, &list##_codes, n->name);
#define BITS(name, type, list, ...) put_bits(t, #name, &list##_codes, n->name);
#define WIDE_BITS(name, list, ...) put_bits(t, #name, &list##_codes, n->name);
#define ASKED_BITS(name, list, ...) \
	if (n->name##_known) \
		json_put_key(t, #name), put_codes(t, &list##_codes, n->name);
#include "match/needs.def"
}

static void put_need(struct writing *w)
{
	const struct need *n = w->d->need;
	struct text *t = &w->t;

	json_put_key(t, "need");
	json_object_begin(t);
	put_as_asked(t, n);
	put_code(t, "risk_least", &risk_level_codes, n->risk_least);
	put_support(t, n);
	put_day(w, "due", n->due);
	put_day(w, "funded_from", n->funded_from);
	put_day(w, "funded_until", n->funded_until);
	put_yes(t, "funding_cut_off", n->funding_cut_off);
	put_day(w, "leave_until", n->leave_until);
	put_tri(t, "fund_pays", n->fund_pays);
	put_day(w, "from", n->from);
	put_day(w, "until", n->until);
	put_number(t, "min_stay", n->min_stay);
	put_lists(w, n);
	json_object_end(t);
}

/* ---- the geography ---- */

/* Before anything is written: where positions are counted from. */
static void set_origin(struct writing *w)
{
	int east, north;

	for (int i = 0; i < w->d->n; i++)
		if (geography_centre(w->d->env->geography, w->d->places[i]->district, &east, &north)) {
			w->east = east - ORIGIN_KM;
			w->north = north - ORIGIN_KM;
			return;
		}
}

static void put_neighbours(const struct writing *w, struct text *t, int i)
{
	const struct geography *g = w->d->env->geography;

	text_printf(t, "neighbours A%d", i + 1);
	for (int k = 0; k < w->districts.n; k++)
		if (geography_neighbours(g, w->districts.number[i], w->districts.number[k]))
			text_printf(t, " A%d", k + 1);
	text_putc(t, '\n');
}

/* Of the districts that were met, in the form of match/geography.h. */
static const char *geography_words(const struct writing *w)
{
	struct text t = text_in(w->t.arena);
	const struct geography *g = w->d->env->geography;
	int east, north;

	for (int i = 0; i < w->districts.n; i++) {
		put_neighbours(w, &t, i);
		if (geography_centre(g, w->districts.number[i], &east, &north))
			text_printf(&t, "centre A%d %d %d %d\n", i + 1, east - w->east, north - w->north,
				    district_reach(g, w->districts.number[i]));
	}
	return text_done(&t);
}

const char *decision_inputs(struct arena *a, const struct decision_made *d)
{
	struct writing w = { .t = text_in(a), .d = d };

	set_origin(&w);
	json_object_begin(&w.t);
	put_int(&w.t, "format", DECISION_FORMAT);
	put_int(&w.t, "now", d->env->now);
	put_int(&w.t, "chosen", d->chosen);
	put_places(&w);
	put_need(&w);
	json_put_text(&w.t, "geography", geography_words(&w));
	json_object_end(&w.t);
	return text_done(&w.t);
}
