#include "sample.h"

#include <stdio.h>

#include "base/embedded.h"
#include "base/text.h"

struct dice dice_from(uint64_t seed)
{
	return (struct dice){ seed * UINT64_C(0x9e3779b97f4a7c15) + 1 };
}

/* splitmix64 */
uint64_t roll(struct dice *d)
{
	uint64_t z = d->state += UINT64_C(0x9e3779b97f4a7c15);

	z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
	z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
	return z ^ (z >> 31);
}

int between(struct dice *d, int least, int most)
{
	return least + (int)(roll(d) % (uint64_t)(most - least + 1));
}

static bool chance(struct dice *d, int percent)
{
	return between(d, 1, 100) <= percent;
}

static struct uuid some_id(struct dice *d)
{
	uint64_t hi = roll(d), lo = roll(d);

	/* Some ids share their first half, so that ties go down to the last bit. */
	return (struct uuid){ chance(d, 10) ? 7 : hi, lo };
}

static void grid_line(struct text *t, int side, int at)
{
	static const int step[][2] = {
		{ -1, -1 }, { 0, -1 }, { 1, -1 }, { -1, 0 },
		{ 1, 0 }, { -1, 1 }, { 0, 1 }, { 1, 1 },
	};
	int x = at % side, y = at / side;

	text_printf(t, "neighbours A%c%d", 'A' + y, x);
	for (size_t i = 0; i < sizeof(step) / sizeof(*step); i++) {
		int nx = x + step[i][0], ny = y + step[i][1];

		if (nx >= 0 && nx < side && ny >= 0 && ny < side)
			text_printf(t, " A%c%d", 'A' + ny, nx);
	}
	text_printf(t, "\ncentre A%c%d %d %d 6\n", 'A' + y, x, 100 + x * 10, 100 + y * 10);
}

struct geography *sample_grid(struct arena *a, int side)
{
	struct text t = text_in(a);
	const char *error;

	for (int at = 0; at < side * side; at++)
		grid_line(&t, side, at);
	return geography_parse(a, text_done(&t), t.len, &error);
}

enum { TEXT_MOST = 16384 };

const char *sample_text(struct arena *a, size_t *len)
{
	FILE *f = fopen("tests/match/tees.txt", "r");
	char *text = arena_alloc(a, TEXT_MOST);

	*len = f ? fread(text, 1, TEXT_MOST, f) : 0;
	if (f)
		fclose(f);
	return text;
}

struct geography *sample_tees(struct arena *a)
{
	const char *error, *text;
	size_t len;

	text = sample_text(a, &len);
	return geography_parse(a, text, len, &error);
}

struct geography *sample_kingdom(struct arena *a)
{
	const struct embedded *file = embedded_find("config/geography/kingdom.txt");
	const char *error;

	return geography_parse(a, (const char *)file->bytes, file->size, &error);
}

static enum tri some_tri(struct dice *d)
{
	return (enum tri)between(d, TRI_UNKNOWN, TRI_YES);
}

static enum answer some_answer(struct dice *d)
{
	return (enum answer)between(d, ANSWER_UNKNOWN, ANSWER_YES);
}

static int some_district(struct dice *d, size_t districts)
{
	return between(d, DISTRICT_NONE, (int)districts - 1);
}

static void sample_unit(struct dice *d, struct supply *s)
{
	s->type = (enum accommodation_type)between(d, 0, TYPE_COUNT - 1);
	s->residents = (enum residents)between(d, 0, RESIDENTS_COUNT - 1);
	s->max_people = between(d, -1, chance(d, 5) ? 40 : 9);
	s->cots = between(d, -1, chance(d, 5) ? 9 : 3);
	s->bedrooms = between(d, -1, chance(d, 5) ? 12 : 5);
	s->self_contained = some_tri(d);
	s->wheelchair = (enum wheelchair)between(d, 0, WHEELCHAIR_COUNT - 1);
	s->step_free = some_tri(d);
	s->ground_floor = some_tri(d);
	s->adapted_bathroom = some_tri(d);
	s->min_age = chance(d, 5) ? between(d, 1, 60) : chance(d, 50) ? 0 : between(d, 15, 26);
	s->min_age = chance(d, 10) ? -1 : s->min_age;
	s->oldest_boy = between(d, BOYS_NONE, chance(d, 5) ? 30 : 17);
	s->adult_children = some_answer(d);
	for (int i = 0; i < SUPPORT_COUNT; i++)
		s->support[i] = some_answer(d);
	s->nrpf = some_answer(d);
	s->pets = some_answer(d);
	s->specialisms = (uint32_t)(roll(d) & roll(d));
	s->languages = (code_set)(uint32_t)(roll(d) & roll(d) & roll(d)) << between(d, 0, LANGUAGE_COUNT - 32);
	s->highest_risk = (enum risk_level)between(d, 0, RISK_COUNT - 1);
	s->staffed_24h = some_tri(d);
	s->mix_known = chance(d, 70);
	s->poses = (uint16_t)(roll(d) & roll(d) & roll(d) & ((1 << MIX_COUNT) - 1));
	s->avoids = (uint16_t)(roll(d) & roll(d) & roll(d) & ((1 << MIX_COUNT) - 1));
}

static void sample_times(struct dice *d, struct supply *s)
{
	static const int64_t hour = 3600 * SECOND_US;

	s->from = chance(d, 10) ? DAY_NONE : SAMPLE_TODAY + between(d, -20, 20);
	s->until = chance(d, 70) ? DAY_NONE : SAMPLE_TODAY + between(d, -10, 120);
	if (s->from != DAY_NONE && s->until != DAY_NONE && s->until < s->from)
		s->until = s->from;
	s->longest_stay = chance(d, 50) ? 7 * between(d, 0, 30) : between(d, -1, 400);
	s->weekly_cost = between(d, -1, 100) * 1000;
	s->confirmed = chance(d, 10) ? 0 : SAMPLE_NOW - between(d, -1, 90) * hour;
	s->busy_until = chance(d, 80) ? 0 : SAMPLE_NOW + between(d, -2, 3) * hour;
	s->busy_until = chance(d, 5) ? INT64_MAX : s->busy_until;
	s->answer_minutes = between(d, -1, 600);
	for (int day = SAMPLE_TODAY; chance(d, 20) && s->n_taken < SUPPLY_TAKEN;) {
		struct stay *t = &s->taken[s->n_taken++];

		t->first = day + between(d, 1, 30);
		t->last = chance(d, 10) ? INT32_MAX : t->first + between(d, 0, 30);
		if (t->last == INT32_MAX)
			break;
		day = t->last + 1;
	}
}

void sample_supply(struct dice *d, size_t districts, struct supply *s)
{
	supply_init(s);
	s->id = some_id(d);
	s->unit = some_id(d);
	s->organisation = some_id(d);
	s->version = between(d, 1, 3);
	s->n_groups = between(d, 0, 3);
	for (int i = 0; i < s->n_groups; i++)
		s->groups[i] = (uint16_t)between(d, 0, 5);
	s->area = between(d, -1, 9);
	s->district = some_district(d, districts);
	sample_unit(d, s);
	sample_times(d, s);
}

static struct area sample_area(struct dice *d, size_t districts)
{
	struct area a = { .kind = (enum area_kind)between(d, 0, AREA_KIND_COUNT - 1) };

	if (a.kind == AREA_CIRCLE)
		return area_circle(between(d, 420, 480) * 1000 + between(d, 0, 999),
				   between(d, 500, 540) * 1000, between(d, 1, 9000));
	a.district = some_district(d, districts);
	return a;
}

static struct member sample_member(struct dice *d, enum member_role role)
{
	return (struct member){
		.role = role,
		.age = between(d, chance(d, 10) ? -1 : 0, role == MEMBER_CHILD ? 20 : 30),
		.sex = (enum sex)between(d, 0, SEX_MALE),
		.trans = chance(d, 10) ? some_tri(d) : TRI_NO,
		.age_on = SAMPLE_TODAY - between(d, 0, 500),
		.age_exact = chance(d, 70),
		.grown_up_child = chance(d, 10),
		.not_applicants = chance(d, 10),
	};
}

static void sample_people(struct dice *d, struct need *n)
{
	n->n_members = between(d, 0, chance(d, 5) ? 20 : 6);
	for (int i = 0; i < n->n_members; i++)
		n->members[i] = sample_member(d, i == 0 ? MEMBER_APPLICANT : (enum member_role)between(d, MEMBER_CHILD, MEMBER_CARER));
	for (int i = 1; i + 1 < n->n_members && chance(d, 40); i += 2)
		n->members[i].couple = n->members[i + 1].couple = i;
	n->who.people = between(d, -1, chance(d, 5) ? 40 : 7);
	n->who.under_twos = between(d, -1, 2);
	n->who.age_unknown = between(d, 0, 2) * between(d, 0, 1);
	n->who.women = between(d, 0, 2);
	n->who.men = between(d, 0, 1) * between(d, 0, 1);
	n->who.men_later = chance(d, 10);
	n->who.women_later = chance(d, 10);
	n->who.trans = chance(d, 10);
	n->who.adults_sex_unknown = chance(d, 10);
	n->who.applicant.least = between(d, 0, chance(d, 20) ? 90 : 26);
	n->who.applicant.most = chance(d, 10) ? -1 : n->who.applicant.least + between(d, 0, 1);
	n->who.oldest_boy.least = between(d, -1, 17);
	n->who.oldest_boy.most = chance(d, 70) ? n->who.oldest_boy.least : 17;
	n->who.adult_children = some_tri(d);
	n->who.bedrooms.least = between(d, 0, 5);
	n->who.bedrooms.most = chance(d, 10) ? -1 : n->who.bedrooms.least + between(d, 0, 1);
	n->who.couples = between(d, 0, 1);
	n->who.birth = chance(d, 10);
	n->who.children = some_tri(d);
	n->pregnant = some_tri(d);
	n->due = chance(d, 50) ? DAY_NONE : SAMPLE_TODAY + between(d, -20, 250);
}

static void sample_needed(struct dice *d, struct need *n)
{
	bool asked = chance(d, 70);	/* all support needs together */

	n->wheelchair = (enum wheelchair)between(d, 0, WHEELCHAIR_COUNT - 1);
	n->step_free = some_tri(d);
	n->ground_floor = some_tri(d);
	n->adapted_bathroom = some_tri(d);
	for (int i = 0; i < SUPPORT_COUNT; i++)
		n->support[i] = !asked ? TRI_UNKNOWN : chance(d, 85) ? TRI_NO : TRI_YES;
	n->risk_level = (enum risk_level)between(d, 0, RISK_COUNT - 1);
	n->risk_least = n->risk_level ? (enum risk_level)between(d, 0, (int)n->risk_level) : RISK_UNKNOWN;
	n->nrpf = some_tri(d);
	n->funded_until = chance(d, 50) ? DAY_NONE : SAMPLE_TODAY + between(d, 0, 100);
	n->funded_from = chance(d, 50) ? DAY_NONE : SAMPLE_TODAY + between(d, -10, 30);
	n->funding_cut_off = chance(d, 20);
	n->leave_until = chance(d, 70) ? DAY_NONE : SAMPLE_TODAY + between(d, 0, 100);
	n->fund_pays = some_tri(d);
	n->pets = some_tri(d);
	n->from = chance(d, 30) ? DAY_NONE : SAMPLE_TODAY + between(d, -5, 30);
	n->until = chance(d, 50) ? DAY_NONE : SAMPLE_TODAY + between(d, -5, 60);
	n->min_stay = between(d, -1, 200);
	n->poses_known = chance(d, 70);
	n->avoids_known = chance(d, 70);
	n->poses = (uint16_t)(!n->poses_known || chance(d, 50) ? 0 : 1 << between(d, 0, MIX_COUNT - 1));
	n->avoids = (uint16_t)(!n->avoids_known || chance(d, 50) ? 0 : 1 << between(d, 0, MIX_COUNT - 1));
}

static void sample_wishes(struct dice *d, size_t districts, struct need *n)
{
	n->wishes = (uint32_t)roll(d) & ((1 << TYPE_COUNT) - 1);
	n->n_wish_areas = between(d, 0, 2);
	for (int i = 0; i < n->n_wish_areas; i++)
		n->wish_areas[i] = between(d, 0, 9);
	n->wished_specialisms = (uint32_t)(roll(d) & roll(d) & roll(d));
	n->languages = (code_set)(uint32_t)(roll(d) & roll(d) & roll(d) & roll(d)) << between(d, 0, LANGUAGE_COUNT - 32);
	n->n_reach = between(d, 0, 2);
	for (int i = 0; i < n->n_reach; i++)
		n->reach[i] = some_district(d, districts);
	n->n_unsafe = between(d, 0, 3);
	for (int i = 0; i < n->n_unsafe; i++)
		n->unsafe[i] = sample_area(d, districts);
}

static void sample_standing(struct dice *d, struct need *n)
{
	n->wants_to_stay = some_tri(d);
	n->perpetrator_at_home = some_tri(d);
	n->sole_occupation = some_tri(d);
	n->consent_obtainable = some_tri(d);
	n->urgency = (enum urgency)between(d, 0, URGENCY_COUNT - 1);
	n->situation = (enum situation)between(d, 0, SITUATION_COUNT - 1);
	n->band = chance(d, 80) ? BAND_UNKNOWN : (enum band)between(d, 1, BAND_COUNT - 1);
	n->waiting_since = between(d, 0, 5) * 1000;
	n->tie = roll(d) & 3;
}

void sample_need(struct dice *d, size_t districts, struct need *n)
{
	need_init(n);
	n->id = some_id(d);
	sample_people(d, n);
	sample_needed(d, n);
	sample_wishes(d, districts, n);
	sample_standing(d, n);
}

void likely_supply(struct dice *d, size_t districts, struct supply *s)
{
	sample_supply(d, districts, s);
	s->groups[0] = (uint16_t)between(d, 0, 5);
	s->n_groups = 1;
	s->district = between(d, 0, (int)districts - 1);
	s->type = (enum accommodation_type)between(d, TYPE_REFUGE, TYPE_OTHER_EMERGENCY);
	s->residents = chance(d, 80) ? RESIDENTS_WOMEN : RESIDENTS_ANY;
	s->max_people = between(d, 1, 5);
	s->cots = between(d, 0, 2);
	s->bedrooms = between(d, 1, 3);
	s->wheelchair = chance(d, 3) ? WHEELCHAIR_FULL : WHEELCHAIR_NONE;
	s->min_age = chance(d, 80) ? 18 : 16;
	s->oldest_boy = between(d, 5, 15);
	for (int i = 0; i < SUPPORT_COUNT; i++)
		s->support[i] = chance(d, 20) ? ANSWER_YES : some_answer(d);
	s->nrpf = chance(d, 10) ? ANSWER_YES : ANSWER_NO;
	s->pets = chance(d, 20) ? ANSWER_YES : ANSWER_NO;
	s->highest_risk = chance(d, 80) ? RISK_HIGH : RISK_MEDIUM;
	s->from = SAMPLE_TODAY + between(d, -20, 10);
	s->until = chance(d, 95) ? DAY_NONE : SAMPLE_TODAY + 60;
	s->longest_stay = 28 * between(d, 1, 12);
	s->confirmed = SAMPLE_NOW - between(d, 1, 74) * 3600 * SECOND_US;
	s->busy_until = chance(d, 95) ? 0 : SAMPLE_NOW + SECOND_US * 60;
	s->mix_known = 1;
	s->specialisms = chance(d, 30) ? 1u << between(d, 0, SPECIALISM_COUNT - 1) : 0;
	s->languages = code_bit(LANGUAGE_EN) | code_bit(between(d, 0, LANGUAGE_COUNT - 1));
}

void likely_need(struct dice *d, size_t districts, struct need *n)
{
	sample_need(d, districts, n);
	n->n_members = between(d, 1, 5);
	n->pregnant = chance(d, 3) ? TRI_YES : TRI_NO;
	for (int i = 0; i < n->n_members; i++) {
		struct member *m = &n->members[i];

		*m = (struct member){ .role = i ? MEMBER_CHILD : MEMBER_APPLICANT, .trans = TRI_NO, .age_exact = true };
		m->age = i ? between(d, 0, 14) : between(d, 18, 60);
		m->age_on = SAMPLE_TODAY - between(d, 0, 365);
		m->sex = i && chance(d, 50) ? SEX_MALE : SEX_FEMALE;
	}
	if (chance(d, 5))
		n->members[n->n_members - 1].age += 5;
	n->wheelchair = chance(d, 97) ? WHEELCHAIR_NONE : WHEELCHAIR_FULL;
	n->step_free = n->ground_floor = n->adapted_bathroom = TRI_NO;
	for (int i = 0; i < SUPPORT_COUNT; i++)
		n->support[i] = chance(d, 15) ? TRI_YES : TRI_NO;
	n->nrpf = chance(d, 15) ? TRI_YES : TRI_NO;
	n->funded_from = n->funded_until = n->leave_until = DAY_NONE;
	n->pets = chance(d, 10) ? TRI_YES : TRI_NO;
	n->from = SAMPLE_TODAY;
	n->until = DAY_NONE;
	n->min_stay = between(d, 14, 60);
	n->poses_known = n->avoids_known = true;
	n->poses = n->avoids = 0;
	n->fund_pays = n->nrpf;
	n->wishes = 1u << between(d, TYPE_REFUGE, TYPE_OTHER_EMERGENCY);
	n->wished_specialisms = chance(d, 15) ? 1u << between(d, 0, SPECIALISM_COUNT - 1) : 0;
	n->languages = chance(d, 15) ? code_bit(between(d, 1, LANGUAGE_COUNT - 1)) : 0;
	n->n_unsafe = between(d, 1, 3);
	for (int i = 0; i < n->n_unsafe; i++)
		n->unsafe[i] = (struct area){ .kind = AREA_OUTWARD,
			.district = between(d, 0, (int)districts - 1) };
}
