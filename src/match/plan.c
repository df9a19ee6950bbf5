#include <string.h>

#include "geography_impl.h"
#include "index_impl.h"

static void plan_residents(struct plan *p)
{
	struct supply s;
	struct match m = { p->env, p->need, &s };

	supply_init(&s);
	for (int r = 0; r < RESIDENTS_COUNT; r++) {
		s.residents = (enum residents)r;
		p->residents[r] = rule_rows[RULE_RESIDENTS_SEX].test(&m);
	}
}

static void plan_stay(struct plan *p)
{
	struct supply s;
	struct match m = { p->env, p->need, &s };

	supply_init(&s);
	for (int i = 0; i < p->ix->n_stay_values; i++) {
		s.longest_stay = p->ix->stay_values[i];
		p->stay[i] = stay_outcome(&m);
	}
}

static void bit_on(uint64_t *bits, size_t at)
{
	bits[at / 64] |= UINT64_C(1) << (at % 64);
}

/* Every district's outcome for one area, the last row being an unknown district. Sectors are looked
 * at place by place, but for places without a district. */
static void plan_area(struct plan *p, const struct area *area)
{
	size_t n = p->ix->districts;

	for (size_t d = area->kind == AREA_SECTOR ? n : 0; d <= n; d++) {
		int district = d == n ? DISTRICT_NONE : (int)d;
		enum outcome o = unsafe_one(p->env, area, district, SECTOR_NONE);

		if (o == OUTCOME_FAIL)
			bit_on(p->unsafe, d);
		else if (o == OUTCOME_ASK)
			bit_on(p->unsafe_ask, d);
	}
}

/* The same for an outward code in a complete district, from its row of neighbours. */
static void plan_outward(struct plan *p, const struct area *area)
{
	const struct geography *g = p->env->geography;
	const uint64_t *row = near_row(g, area->district);

	if (p->env->policy->unsafe_neighbour)
		for (size_t i = 0; i < g->row_words; i++)
			p->unsafe[i] |= row[i];
	if (p->env->policy->unsafe_same)
		bit_on(p->unsafe, (size_t)area->district);
	if (p->env->policy->unsafe_neighbour || p->env->policy->unsafe_same)
		bit_on(p->unsafe_ask, p->ix->districts);
}

static bool complete_outward(const struct plan *p, const struct area *area)
{
	return area->kind == AREA_OUTWARD && area->district != DISTRICT_NONE &&
	       p->env->geography->districts[area->district].complete;
}

static void plan_unsafe(struct plan *p, struct arena *a)
{
	size_t words = p->ix->districts / 64 + 1;

	p->unsafe = arena_array_of(a, words * 2, uint64_t);
	p->unsafe_ask = p->unsafe + words;
	for (int i = 0; i < p->need->n_unsafe; i++) {
		const struct area *area = &p->need->unsafe[i];

		p->looked_at[i] = area->kind == AREA_SECTOR;
		if (complete_outward(p, area))
			plan_outward(p, area);
		else
			plan_area(p, area);
	}
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

static bool support_asked(const struct need *n)
{
	for (int i = 0; i < SUPPORT_COUNT; i++)
		if (n->support[i] != TRI_NO)
			return true;
	return false;
}

static bool access_asked(const struct need *n)
{
	return n->wheelchair != WHEELCHAIR_NONE || n->step_free != TRI_NO ||
	       n->ground_floor != TRI_NO || n->adapted_bathroom != TRI_NO;
}

/* A rule that no vacancy can fail or leave open for this need is left out of the search. */
static void plan_active(struct plan *p)
{
	const struct need *n = p->need;

	for (int r = 0; r < RULE_COUNT; r++)
		p->active[r] = true;
	p->active[RULE_BOYS_AGE] = n->oldest_boy.most >= 0;
	p->active[RULE_ADULT_CHILDREN] = n->adult_children != TRI_NO;
	p->active[RULE_ACCESS] = access_asked(n);
	p->active[RULE_UNSAFE_AREA] = n->n_unsafe > 0;
	p->active[RULE_SUPPORT] = support_asked(n);
	p->active[RULE_NRPF] = n->nrpf != TRI_NO && n->nrpf_funded != TRI_YES;
	p->active[RULE_PETS] = n->pets != TRI_NO;
	p->active[RULE_CONFLICT] = n->n_conflicts > 0;
	p->active[RULE_DECLINED] = n->n_declined > 0;
	p->active[RULE_RESIDENT_MIX] = n->poses || n->avoids;
}

static void plan_points(struct plan *p, struct arena *a)
{
	const struct need *n = p->need;
	size_t districts = p->ix->districts + 1;

	for (int t = 0; t < TYPE_COUNT; t++)
		p->type_points[t] = n->wish_types >> t & 1 ? p->env->policy->wish_type : 0;
	for (int i = 0; i < SUPPORT_COUNT; i++)
		if (n->support[i] == TRI_YES)
			p->support |= (uint8_t)(1 << i);
	p->adapted_points[1] = score_adapted(p->env->policy, adapted_needed(n));
	p->fund = n->fund_pays == TRI_YES;
	for (int people = -1; people < PEOPLE_TABLE - 1; people++)
		p->size_points[people + 1] = score_size(p->env->policy, n->people, people);
	p->places = n->n_unsafe > 0 || n->n_reach > 0;
	if (!p->places)
		return;
	p->district_points = arena_array_of(a, districts, int16_t);
	for (size_t i = 0; i < districts; i++)
		p->district_points[i] = NOT_YET;
}

void plan_make(struct plan *p, struct match_index *ix, const struct match_search *s,
	       struct arena *a)
{
	memset(p, 0, sizeof(*p));
	p->env = s->env;
	p->need = s->need;
	p->ix = ix;
	p->wanted = wanted_period(s->need, s->env->today);
	p->risk = s->need->risk == RISK_UNKNOWN ? RISK_HIGH : s->need->risk;
	plan_active(p);
	plan_residents(p);
	plan_stay(p);
	plan_unsafe(p, a);
	plan_barred(p);
	plan_points(p, a);
}
