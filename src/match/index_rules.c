/* The hard rules over 1,024 vacancies at once. Each says what its twin in rules_*.c says; the
 * differential test holds them together. */
#include "index_impl.h"

static void or_in(struct words *restrict to, const struct words *restrict from)
{
	for (int i = 0; i < BLOCK_LANES; i++)
		to->v[i] |= from->v[i];
}

static void or_both(struct words *restrict to, const struct words *restrict a,
		    const struct words *restrict b)
{
	for (int i = 0; i < BLOCK_LANES; i++)
		to->v[i] |= a->v[i] & b->v[i];
}

/* Ors what is in neither. */
static void or_neither(struct words *restrict to, const struct words *restrict a,
		       const struct words *restrict b)
{
	for (int i = 0; i < BLOCK_LANES; i++)
		to->v[i] |= ~(a->v[i] | b->v[i]);
}

/* Ors what is in a but not in b. */
static void or_without(struct words *restrict to, const struct words *restrict a,
		       const struct words *restrict b)
{
	for (int i = 0; i < BLOCK_LANES; i++)
		to->v[i] |= a->v[i] & ~b->v[i];
}

static void or_outcome(enum outcome o, const struct words *plane, struct words *fail,
		       struct words *ask)
{
	if (o == OUTCOME_FAIL)
		or_in(fail, plane);
	else if (o == OUTCOME_ASK)
		or_in(ask, plane);
}

static const struct words all = { { {
	UINT64_MAX, UINT64_MAX, UINT64_MAX, UINT64_MAX, UINT64_MAX, UINT64_MAX, UINT64_MAX,
	UINT64_MAX, UINT64_MAX, UINT64_MAX, UINT64_MAX, UINT64_MAX, UINT64_MAX, UINT64_MAX,
	UINT64_MAX, UINT64_MAX,
} } };
static const struct words none;

/* The slots whose value is at least `want`, by level planes first..last. */
static const struct words *at_least(const struct block *b, int base, int first, int last, int want)
{
	if (want < first)
		return &all;
	return want > last ? &none : &b->planes[base + want - first];
}

/* takes() for a plane of each answer. */
static void bulk_takes(enum tri need, const struct words *answers, struct words *fail,
		       struct words *ask)
{
	for (int a = ANSWER_UNKNOWN; a < ANSWER_COUNT; a++)
		or_outcome(takes(need, (enum answer)a), &answers[a], fail, ask);
}

static void bulk_residents_sex(const struct plan *p, const struct block *b, struct words *fail,
			       struct words *ask)
{
	for (int r = 0; r < RESIDENTS_COUNT; r++)
		or_outcome(p->residents[r], &b->planes[PLANE_RESIDENTS + r], fail, ask);
}

static void bulk_boys_age(const struct plan *p, const struct block *b, struct words *fail,
			  struct words *ask)
{
	struct span boy = p->need->oldest_boy;
	const struct words *unknown = &b->planes[PLANE_BOY_UNKNOWN];
	const struct words *least = at_least(b, PLANE_BOY, 0, BOY_LEVELS - 1, boy.least);
	const struct words *most = at_least(b, PLANE_BOY, 0, BOY_LEVELS - 1, boy.most);

	or_in(ask, unknown);
	or_neither(fail, unknown, least);
	or_neither(ask, unknown, most);
}

static void bulk_adult_children(const struct plan *p, const struct block *b, struct words *fail,
				struct words *ask)
{
	bulk_takes(p->need->adult_children, &b->planes[PLANE_ADULT_CHILDREN], fail, ask);
}

static void bulk_min_age(const struct plan *p, const struct block *b, struct words *fail,
			 struct words *ask)
{
	int age = p->need->applicant_age;

	or_in(ask, &b->planes[PLANE_AGE_UNKNOWN]);
	if (age < 0)
		or_in(ask, &b->planes[PLANE_AGE]);
	else if (age < AGE_FIRST)
		or_in(fail, &b->planes[PLANE_AGE]);
	else
		or_in(fail, at_least(b, PLANE_AGE, AGE_FIRST, AGE_LAST, age + 1));
}

/* Where the people fit with this many of them in cots. */
static void or_room(const struct plan *p, const struct block *b, const struct words *cots,
		    int in_cots, struct words *room)
{
	const struct words *people =
		at_least(b, PLANE_PEOPLE, 1, PEOPLE_LEVELS, p->need->people - in_cots);

	or_both(room, cots, people);
}

static void bulk_capacity(const struct plan *p, const struct block *b, struct words *fail,
			  struct words *ask)
{
	const struct need *n = p->need;
	const struct words *unknown = &b->planes[PLANE_PEOPLE_UNKNOWN];
	int surely = n->under_twos < 0 ? 0 : n->under_twos;
	int possibly = n->under_twos < 0 ? n->people : surely + n->age_unknown;
	struct words fits = none, may = none;

	if (n->people < 0) {
		or_in(ask, &all);
		return;
	}
	for (int c = 0; c <= COT_LEVELS && c <= possibly; c++) {
		const struct words *cots = at_least(b, PLANE_COTS, 1, COT_LEVELS, c);

		or_room(p, b, cots, c, c <= surely ? &fits : &may);
	}
	or_room(p, b, &b->planes[PLANE_COTS_UNKNOWN], possibly, &may);
	or_in(&may, &fits);
	or_in(ask, unknown);
	or_without(ask, &may, &fits);
	or_neither(fail, &may, unknown);
}

static void bulk_bedrooms(const struct plan *p, const struct block *b, struct words *fail,
			  struct words *ask)
{
	struct span needed = p->need->bedrooms;
	const struct words *unknown = &b->planes[PLANE_ROOMS_UNKNOWN];
	const struct words *contained = &b->planes[PLANE_SELF_CONTAINED];
	struct words few = none, doubt = *unknown;

	or_neither(&few, unknown, at_least(b, PLANE_ROOMS, 1, ROOM_LEVELS, needed.least));
	or_both(fail, &few, &contained[TRI_YES]);
	if (needed.most < 0)
		or_in(&doubt, &all);
	else
		or_neither(&doubt, unknown,
			   at_least(b, PLANE_ROOMS, 1, ROOM_LEVELS, needed.most));
	or_both(ask, &doubt, &contained[TRI_YES]);
	or_both(ask, &doubt, &contained[TRI_UNKNOWN]);
}

static void bulk_met(enum tri need, const struct words *has, struct words *fail,
		     struct words *ask)
{
	if (need == TRI_NO)
		return;
	or_in(need == TRI_YES ? fail : ask, &has[TRI_NO]);
	or_in(ask, &has[TRI_UNKNOWN]);
}

static void bulk_access(const struct plan *p, const struct block *b, struct words *fail,
			struct words *ask)
{
	const struct need *n = p->need;
	const struct words *has = &b->planes[PLANE_WHEELCHAIR];

	if (n->wheelchair != WHEELCHAIR_NONE)
		or_in(ask, &has[WHEELCHAIR_UNKNOWN]);
	for (int w = WHEELCHAIR_NONE; w < WHEELCHAIR_FULL; w++)
		if (n->wheelchair == WHEELCHAIR_UNKNOWN)
			or_in(ask, &has[w]);
		else if (w < (int)n->wheelchair)
			or_in(fail, &has[w]);
	bulk_met(n->step_free, &b->planes[PLANE_STEP_FREE], fail, ask);
	bulk_met(n->ground_floor, &b->planes[PLANE_GROUND_FLOOR], fail, ask);
	bulk_met(n->adapted_bathroom, &b->planes[PLANE_BATHROOM], fail, ask);
}

/* Ors the postings of every district whose bit is set. */
static void or_districts(const struct plan *p, const struct block *b, const uint64_t *bits,
			 struct words *to)
{
	for (size_t i = 0; i <= p->ix->districts / 64; i++)
		for (uint64_t left = bits[i]; left; left &= left - 1) {
			size_t key = i * 64 + (size_t)__builtin_ctzll(left);
			const struct words *plane = postings_get(&b->districts, key);

			if (plane)
				or_in(to, plane);
		}
}

static void bulk_unsafe_area(const struct plan *p, const struct block *b, struct words *fail,
			     struct words *ask)
{
	or_districts(p, b, p->unsafe, fail);
	or_districts(p, b, p->unsafe_ask, ask);
	for (int i = 0; i < p->need->n_unsafe; i++) {
		int district = sector_district(p->need->unsafe[i].sector);
		const struct words *there;

		if (!p->looked_at[i] || district == DISTRICT_NONE)
			continue;
		there = postings_get(&b->districts, (size_t)district);
		if (there)
			bulk_each(p, b, RULE_UNSAFE_AREA, there, fail, ask);
	}
}

static void bulk_support(const struct plan *p, const struct block *b, struct words *fail,
			 struct words *ask)
{
	for (int i = 0; i < SUPPORT_COUNT; i++)
		if (p->need->support[i] != TRI_NO)
			bulk_takes(p->need->support[i],
				   &b->planes[PLANE_SUPPORT + i * ANSWER_COUNT], fail, ask);
}

/* The type's and the staffing's side of high risk. */
static void bulk_high_risk(const struct plan *p, const struct block *b, struct words *fail,
			   struct words *ask)
{
	const struct policy *policy = p->env->policy;
	const struct words *staffed = &b->planes[PLANE_STAFFED];

	or_in(ask, &b->planes[PLANE_TYPE + TYPE_UNKNOWN]);
	for (int t = TYPE_UNKNOWN + 1; t < TYPE_COUNT; t++) {
		const struct words *type = &b->planes[PLANE_TYPE + t];

		if (!(policy->high_risk_types >> t & 1)) {
			or_in(fail, type);
		} else if (policy->high_risk_staffed_types >> t & 1) {
			or_both(fail, type, &staffed[TRI_NO]);
			or_both(ask, type, &staffed[TRI_UNKNOWN]);
		}
	}
}

static void bulk_risk_level(const struct plan *p, const struct block *b, struct words *fail,
			    struct words *ask)
{
	struct words *failing = p->need->risk == RISK_UNKNOWN ? ask : fail;

	if (p->risk > RISK_STANDARD)
		or_in(ask, &b->planes[PLANE_RISK + RISK_UNKNOWN]);
	for (int level = RISK_STANDARD; level < (int)p->risk; level++)
		or_in(failing, &b->planes[PLANE_RISK + level]);
	if (p->risk == RISK_HIGH)
		bulk_high_risk(p, b, failing, ask);
}

static void bulk_nrpf(const struct plan *p, const struct block *b, struct words *fail,
		      struct words *ask)
{
	struct words *failing = p->need->nrpf_funded == TRI_UNKNOWN ? ask : fail;

	bulk_takes(p->need->nrpf, &b->planes[PLANE_NRPF], failing, ask);
}

static void bulk_pets(const struct plan *p, const struct block *b, struct words *fail,
		      struct words *ask)
{
	bulk_takes(p->need->pets, &b->planes[PLANE_PETS], fail, ask);
}

static void bulk_available(const struct plan *p, const struct block *b, struct words *fail,
			   struct words *ask)
{
	const struct words *later = &b->planes[PLANE_LATER];

	or_in(fail, &b->planes[PLANE_BUSY]);
	or_in(fail, &b->planes[PLANE_LAPSED]);
	or_in(fail, &b->planes[PLANE_OVER]);
	or_in(ask, &b->planes[PLANE_FROM_UNKNOWN]);
	or_in(ask, &b->planes[PLANE_UNCONFIRMED]);
	if (p->wanted.latest > p->env->today)
		bulk_each(p, b, RULE_AVAILABLE, later, fail, ask);
	else
		or_in(p->need->from == DAY_NONE ? ask : fail, later);
	if (p->wanted.earliest > p->env->today)
		bulk_each(p, b, RULE_AVAILABLE, &b->planes[PLANE_ENDS], fail, ask);
}

static void bulk_stay(const struct plan *p, const struct block *b, struct words *fail,
		      struct words *ask)
{
	for (int i = 0; i < p->ix->n_stay_values; i++)
		or_outcome(p->stay[i], &b->planes[PLANE_STAY + i], fail, ask);
}

static void bulk_barred(const struct plan *p, const struct block *b, enum rule rule,
			struct words *fail)
{
	for (int i = 0; i < p->n_barred; i++) {
		int at = p->barred[i].slot % BLOCK_SLOTS;

		if (p->barred[i].rule == rule && block_of(p->ix, p->barred[i].slot) == b)
			fail->w[at / 64] |= UINT64_C(1) << (at % 64);
	}
}

static void bulk_conflict(const struct plan *p, const struct block *b, struct words *fail,
			  struct words *ask)
{
	(void)ask;
	bulk_barred(p, b, RULE_CONFLICT, fail);
}

static void bulk_declined(const struct plan *p, const struct block *b, struct words *fail,
			  struct words *ask)
{
	(void)ask;
	bulk_barred(p, b, RULE_DECLINED, fail);
}

static void bulk_resident_mix(const struct plan *p, const struct block *b, struct words *fail,
			      struct words *ask)
{
	or_in(ask, &b->planes[PLANE_MIX_UNKNOWN]);
	for (int i = 0; i < MIX_COUNT; i++) {
		if (p->need->poses >> i & 1)
			or_in(fail, &b->planes[PLANE_AVOIDS + i]);
		if (p->need->avoids >> i & 1)
			or_in(fail, &b->planes[PLANE_POSES + i]);
	}
}

bulk_rule *const bulk_rules[RULE_COUNT] = {
	[RULE_RESIDENTS_SEX] = bulk_residents_sex,
	[RULE_BOYS_AGE] = bulk_boys_age,
	[RULE_ADULT_CHILDREN] = bulk_adult_children,
	[RULE_MIN_AGE] = bulk_min_age,
	[RULE_CAPACITY] = bulk_capacity,
	[RULE_BEDROOMS] = bulk_bedrooms,
	[RULE_ACCESS] = bulk_access,
	[RULE_UNSAFE_AREA] = bulk_unsafe_area,
	[RULE_SUPPORT] = bulk_support,
	[RULE_RISK_LEVEL] = bulk_risk_level,
	[RULE_NRPF] = bulk_nrpf,
	[RULE_PETS] = bulk_pets,
	[RULE_AVAILABLE] = bulk_available,
	[RULE_STAY] = bulk_stay,
	[RULE_CONFLICT] = bulk_conflict,
	[RULE_DECLINED] = bulk_declined,
	[RULE_RESIDENT_MIX] = bulk_resident_mix,
};

static void set_bit(struct words *words, int at, bool on)
{
	uint64_t bit = UINT64_C(1) << (at % 64);

	words->w[at / 64] = on ? words->w[at / 64] | bit : words->w[at / 64] & ~bit;
}

void bulk_each(const struct plan *p, const struct block *b, enum rule rule,
	       const struct words *which, struct words *fail, struct words *ask)
{
	for (int i = 0; i < BLOCK_WORDS; i++)
		for (uint64_t left = which->w[i] & ~p->settled->w[i]; left; left &= left - 1) {
			int at = i * 64 + __builtin_ctzll(left);
			struct match m = { p->env, p->need, &b->supply[at] };
			enum outcome o = rule_rows[rule].test(&m);

			set_bit(fail, at, o == OUTCOME_FAIL);
			set_bit(ask, at, o == OUTCOME_ASK);
		}
}
