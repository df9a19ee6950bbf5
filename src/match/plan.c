/* Compiles one search: what follows from the need, the policy and the day for every vacancy
 * alike. The rules are in plan_rules.c; here are unsafe districts, barred vacancies, and the
 * points that can be known or kept. */
#include <string.h>

#include "geography_impl.h"
#include "index_impl.h"

static void bit_on(uint64_t *bits, size_t at)
{
	bits[at / 64] |= UINT64_C(1) << (at % 64);
}

/* Every district's outcome for one area, the last bit being an unknown district. */
static void mark_area(const struct match_env *env, const struct area *area, size_t districts, uint64_t *bits)
{
	for (size_t d = 0; d <= districts; d++) {
		int district = d == districts ? DISTRICT_NONE : (int)d;

		if (unsafe_one(env, area, district))
			bit_on(bits, d);
	}
}

/* The same for an outward code, from its row of neighbours. */
static void mark_outward(const struct match_env *env, const struct area *area, uint64_t *bits)
{
	const struct geography *g = env->geography;
	const uint64_t *row = near_row(g, area->district);

	if (env->policy->unsafe_neighbour)
		for (size_t i = 0; i < g->row_words; i++)
			bits[i] |= row[i];
	if (env->policy->unsafe_same)
		bit_on(bits, (size_t)area->district);
}

static uint64_t *unsafe_bits(const struct match_env *env, const struct need *need, size_t districts, struct arena *a)
{
	uint64_t *bits = arena_array_of(a, districts / 64 + 1, uint64_t);

	for (int i = 0; i < need->n_unsafe; i++) {
		const struct area *area = &need->unsafe[i];

		if (area->kind == AREA_OUTWARD && area->district != DISTRICT_NONE)
			mark_outward(env, area, bits);
		else
			mark_area(env, area, districts, bits);
	}
	return bits;
}

int match_unsafe_districts(const struct match_env *env, const struct need *need, struct arena *a, int *out, int most)
{
	size_t districts = geography_districts(env->geography);
	uint64_t *bits = unsafe_bits(env, need, districts, a);
	int n = 0;

	bits[districts / 64] &= (UINT64_C(1) << (districts % 64)) - 1;	/* without the one of what is unknown */
	for (size_t i = 0; i <= districts / 64; i++)
		for (uint64_t left = bits[i]; left && n < most; left &= left - 1)
			out[n++] = (int)(i * 64) + __builtin_ctzll(left);
	return n;
}

static void bar(struct plan *p, struct uuid id, enum rule rule)
{
	int32_t slot = index_find(p->ix, id);

	if (slot != NO_SLOT)
		p->barred[p->n_barred++] = (struct barred){ slot, rule };
}

static void plan_barred(struct plan *p)
{
	const struct need *n = p->need;

	for (int i = 0; i < n->n_conflicts; i++)
		bar(p, n->conflicts[i], RULE_CONFLICT);
	for (int i = 0; i < n->n_declined; i++) {
		const struct supply *s = match_index_get(p->ix, n->declined[i].vacancy);

		if (s && s->version == n->declined[i].version)
			bar(p, n->declined[i].vacancy, RULE_DECLINED);
	}
}

static int16_t *no_points_yet(struct arena *a, size_t n)
{
	int16_t *points = arena_array_of(a, n, int16_t);

	memset(points, NOT_YET_BYTE, n * sizeof(*points));
	return points;
}

static void plan_points(struct plan *p, struct arena *a)
{
	const struct policy *policy = p->env->policy;
	const struct need *n = p->need;

	p->support = 0;
	for (int i = 0; i < SUPPORT_COUNT; i++)
		if (n->support[i] == TRI_YES)
			p->support |= (uint8_t)(1 << i);
	p->wishes_most = (n->wished_specialisms ? policy->specialism_most : 0) +
			 (n->languages ? policy->language : 0) +
			 (n->n_wish_areas ? policy->wish_area : 0);
	p->meant = specialisms_meant(n);
	p->fund = n->fund_pays == TRI_YES;
	p->tonight = for_tonight(p->env, n);
	p->body_points = no_points_yet(a, BODIES);
	p->district_points = no_points_yet(a, p->ix->districts + 1);
}

static bool same_span(struct span a, struct span b)
{
	return a.least == b.least && a.most == b.most;
}

static bool same_beds(const struct people *a, const struct people *b)
{
	return a->under_twos == b->under_twos && a->age_unknown == b->age_unknown && a->birth == b->birth;
}

static bool same_adults(const struct people *a, const struct people *b)
{
	return a->women == b->women && a->men == b->men && a->women_later == b->women_later &&
	       a->men_later == b->men_later && a->trans == b->trans &&
	       a->adults_sex_unknown == b->adults_sex_unknown;
}

/* People only grow older, so what is alike in the first and the last stay that any vacancy allows is
 * alike in all between. */
static uint32_t decided_later(const struct plan *p)
{
	const struct need *n = p->need;
	struct stay last = stay_from(p->env, n, p->ix->latest);
	const struct people *a = &p->who;
	struct people b;
	uint32_t rules = 0;

	if (p->ix->latest <= p->wanted.first)
		return 0;
	if (n->funded_until != DAY_NONE || n->leave_until != DAY_NONE)
		rules |= 1u << RULE_NRPF;
	if (n->n_members == 0)
		return rules;
	b = people_of(n, last);
	if (!same_adults(a, &b))
		rules |= 1u << RULE_RESIDENTS_SEX;
	if (!same_span(a->oldest_boy, b.oldest_boy))
		rules |= 1u << RULE_BOYS_AGE;
	if (a->adult_children != b.adult_children)
		rules |= 1u << RULE_ADULT_CHILDREN;
	if (!same_span(a->applicant, b.applicant))
		rules |= 1u << RULE_MIN_AGE;
	if (!same_beds(a, &b))
		rules |= 1u << RULE_CAPACITY | 1u << RULE_BEDROOMS;
	if (!same_span(a->bedrooms, b.bedrooms))
		rules |= 1u << RULE_BEDROOMS;
	return rules;
}

static void plan_stay_wanted(struct plan *p)
{
	p->wanted = stay_wanted(p->env, p->need);
	p->who = people_on(p->need, p->wanted);
	p->later = decided_later(p);
}

void plan_make(struct plan *p, struct match_index *ix, const struct match_search *s,
	       struct arena *a)
{
	p->env = s->env;
	p->need = s->need;
	p->ix = ix;
	plan_stay_wanted(p);
	p->today = p->wanted.first == s->env->today;
	p->today_said = p->today && s->need->from != DAY_NONE;
	p->fail.n = p->ask.n = 0;
	p->n_rules = p->n_barred = 0;
	p->opened = 0;
	plan_rules(p);
	p->unsafe = unsafe_bits(p->env, p->need, p->ix->districts, a);
	plan_barred(p);
	plan_points(p, a);
}
