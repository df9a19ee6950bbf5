/* Writing a vacancy into the planes of the index, and taking it out. */
#include "index_impl.h"

/* One slot being written. */
struct pen {
	struct match_index *ix;
	struct block *b;
	int word;
	uint64_t bit;
};

static struct pen pen_for(struct match_index *ix, int32_t slot)
{
	int at = slot % BLOCK_SLOTS;

	return (struct pen){ ix, block_of(ix, slot), at / 64, UINT64_C(1) << (at % 64) };
}

static void mark(const struct pen *p, int plane)
{
	p->b->planes[plane].w[p->word] |= p->bit;
}

static void odd(const struct pen *p, enum rule rule)
{
	mark(p, PLANE_ODD + (int)rule);
	p->b->odd |= 1u << rule;
}

/* Marks the planes from base on: those of the levels first..last that are above the value. */
static void mark_under(const struct pen *p, int base, int first, int last, int value)
{
	for (int k = value < first ? first : value + 1; k <= last; k++)
		mark(p, base + k - first);
}

const struct words *postings_get(const struct postings *p, size_t key)
{
	return key < p->keys && p->plane_of[key] ? &p->planes[p->plane_of[key] - 1] : NULL;
}

static void postings_widen(struct arena *a, struct postings *p, size_t key)
{
	size_t keys = (key / 64 + 1) * 64;

	if (key < p->keys)
		return;
	p->plane_of = arena_grow(a, p->plane_of, p->keys * sizeof(*p->plane_of),
				 keys * sizeof(*p->plane_of));
	for (size_t k = p->keys; k < keys; k++)
		p->plane_of[k] = 0;
	p->keys = keys;
}

static struct words *postings_take(struct arena *a, struct postings *p, size_t key)
{
	postings_widen(a, p, key);
	if (p->plane_of[key])
		return &p->planes[p->plane_of[key] - 1];
	if (p->n == p->cap) {
		size_t cap = p->cap ? p->cap * 2 : 8;

		p->planes = arena_grow(a, p->planes, p->cap * sizeof(*p->planes),
				       cap * sizeof(*p->planes));
		p->cap = cap;
	}
	p->planes[p->n] = (struct words){ 0 };
	p->plane_of[key] = (uint16_t)++p->n;
	return &p->planes[p->n - 1];
}

static size_t district_key(const struct match_index *ix, int district)
{
	return district < 0 ? ix->districts : (size_t)district;
}

static void fill_boys(const struct pen *p, const struct supply *s)
{
	if (s->oldest_boy == -1)
		mark(p, PLANE_BOY_UNKNOWN);
	else
		mark_under(p, PLANE_BOY, 0, BOY_UNDER, s->oldest_boy);
	if (s->oldest_boy >= BOY_UNDER)
		odd(p, RULE_BOYS_AGE);
}

static void fill_people(const struct pen *p, const struct supply *s)
{
	mark(p, PLANE_RESIDENTS + (int)s->residents);
	mark(p, PLANE_ADULT_CHILDREN + (int)s->adult_children);
	fill_boys(p, s);
	if (s->min_age < 0)
		mark(p, PLANE_AGE_UNKNOWN);
	for (int age = AGE_FIRST; age <= AGE_LAST && age <= s->min_age; age++)
		mark(p, PLANE_AGE + age - AGE_FIRST);
	if (s->min_age > AGE_LAST || (s->min_age > 0 && s->min_age < AGE_FIRST))
		odd(p, RULE_MIN_AGE);
}

static void fill_seats(const struct pen *p, const struct supply *s)
{
	if (s->max_people < 0) {
		mark(p, PLANE_PEOPLE_UNKNOWN);
	} else if (s->cots < 0) {
		mark_under(p, PLANE_SEATS_UNSURE, 1, PEOPLE_UNDER, s->max_people);
	} else if (s->cots > COTS_USED) {
		odd(p, RULE_CAPACITY);
	} else {
		for (int used = 0; used <= COTS_USED; used++)
			mark_under(p, PLANE_SEATS + used * PEOPLE_UNDER, 1, PEOPLE_UNDER,
				   s->max_people + (used < s->cots ? used : s->cots));
	}
	if (s->max_people + COTS_USED >= PEOPLE_UNDER)
		odd(p, RULE_CAPACITY);
}

static void fill_rooms(const struct pen *p, const struct supply *s)
{
	int under = s->self_contained == TRI_YES ? PLANE_ROOMS : PLANE_ROOMS_UNSURE;

	if (s->self_contained == TRI_NO)
		return;
	if (s->bedrooms == 0) {	/* a studio goes by people */
		odd(p, RULE_BEDROOMS);
		return;
	}
	mark(p, PLANE_CONTAINED);
	if (s->bedrooms < 0)
		mark(p, PLANE_ROOMS_UNKNOWN);
	else
		mark_under(p, under, 1, ROOMS_UNDER, s->bedrooms);
	if (s->bedrooms >= ROOMS_UNDER)
		odd(p, RULE_BEDROOMS);
}

static void fill_facts(const struct pen *p, const struct supply *s)
{
	mark(p, PLANE_WHEELCHAIR + (int)s->wheelchair);
	mark(p, PLANE_STEP_FREE + (int)s->step_free);
	mark(p, PLANE_GROUND_FLOOR + (int)s->ground_floor);
	mark(p, PLANE_BATHROOM + (int)s->adapted_bathroom);
	for (int i = 0; i < SUPPORT_COUNT; i++)
		mark(p, PLANE_SUPPORT + i * ANSWER_COUNT + (int)s->support[i]);
	mark(p, PLANE_RISK + (int)s->highest_risk);
	mark(p, PLANE_NRPF + (int)s->nrpf);
	mark(p, PLANE_PETS + (int)s->pets);
}

static void fill_mix(const struct pen *p, const struct supply *s)
{
	if (!s->mix_known) {
		mark(p, PLANE_MIX_UNKNOWN);
		return;
	}
	for (int i = 0; i < MIX_COUNT; i++) {
		if (s->poses >> i & 1)
			mark(p, PLANE_POSES + i);
		if (s->avoids >> i & 1)
			mark(p, PLANE_AVOIDS + i);
	}
}

static void fill_time(const struct pen *p, const struct supply *s)
{
	if (s->from == DAY_NONE || !s->confirmed)
		mark(p, PLANE_TIME_UNSURE);
	if (s->until != DAY_NONE)
		mark(p, PLANE_ENDS);
	if (s->n_taken) {
		mark(p, PLANE_TAKEN);
		odd(p, RULE_AVAILABLE);
	}
	if (s->from != INT32_MAX && s->from > p->ix->latest)
		p->ix->latest = s->from;
	if (s->longest_stay < 0)
		mark(p, PLANE_STAY_UNKNOWN);
}

static void fill_place(const struct pen *p, const struct supply *s)
{
	struct arena *a = p->ix->arena;
	size_t key = district_key(p->ix, s->district);

	postings_take(a, &p->b->districts, key)->w[p->word] |= p->bit;
	for (int i = 0; i < s->n_groups; i++)
		postings_take(a, &p->b->groups, s->groups[i])->w[p->word] |= p->bit;
}

/* One number for all vacancies that hold as many people, are of one type, and are alike adapted
 * or not. */
static uint16_t body_of(const struct supply *s)
{
	int people = s->max_people + 1 < BODY_PEOPLE ? s->max_people + 1 : BODY_PEOPLE - 1;

	_Static_assert((int)TYPE_COUNT <= (int)BODY_TYPES, "every type has its number");
	return (uint16_t)((people * BODY_TYPES + (int)s->type) * 2 + unit_adapted(s));
}

static struct hot hot_row(const struct supply *s)
{
	struct hot h = {
		.district = (int16_t)s->district,
		.body = body_of(s),
		.specialisms = s->specialisms,
	};

	for (int i = 0; i < SUPPORT_COUNT; i++)
		if (s->support[i] == ANSWER_YES)
			h.support |= (uint8_t)(1 << i);
	return h;
}

void slot_fill(struct match_index *ix, int32_t slot)
{
	struct pen p = pen_for(ix, slot);
	const struct supply *s = supply_at(ix, slot);

	mark(&p, PLANE_USED);
	fill_people(&p, s);
	fill_seats(&p, s);
	fill_rooms(&p, s);
	fill_facts(&p, s);
	fill_mix(&p, s);
	fill_time(&p, s);
	fill_place(&p, s);
	p.b->hot[slot % BLOCK_SLOTS] = hot_row(s);
	p.b->tie[slot % BLOCK_SLOTS] = tie_of(s);
	p.b->warm[slot % BLOCK_SLOTS] = (struct warm){
		s->languages, s->area,
	};
	p.b->dirty.w[p.word] |= p.bit;
}

static void postings_drop(struct postings *from, const struct pen *p)
{
	for (size_t i = 0; i < from->n; i++)
		from->planes[i].w[p->word] &= ~p->bit;
}

void slot_clear(struct match_index *ix, int32_t slot)
{
	struct pen p = pen_for(ix, slot);

	for (int i = 0; i < PLANES; i++)
		p.b->planes[i].w[p.word] &= ~p.bit;
	postings_drop(&p.b->districts, &p);
	postings_drop(&p.b->groups, &p);
	p.b->dirty.w[p.word] &= ~p.bit;
}

static bool still_valid(const struct validity *v, const struct match_env *env, uint32_t policy)
{
	return env->now >= v->since && env->now < v->until && env->today == v->today &&
	       policy == v->policy;
}

/* Narrows the validity to the side of an event on which `now` is. */
static void narrow(struct validity *v, int64_t now, int64_t event)
{
	if (event > now && event < v->until)
		v->until = event;
	if (event <= now && event > v->since)
		v->since = event;
}

static void tick_plane(struct block *b, int plane, int at, bool on)
{
	uint64_t bit = UINT64_C(1) << (at % 64);
	uint64_t *word = &b->planes[plane].w[at / 64];

	*word = on ? *word | bit : *word & ~bit;
}

static void tick_time(struct block *b, int at, const struct match_env *env)
{
	const struct policy *p = env->policy;
	const struct supply *s = &b->supply[at];
	bool busy = s->busy_until > env->now, later = s->from > env->today;
	bool over = lapsed_at(s, p, env->now) || over_by(s, env->today);

	tick_plane(b, PLANE_BUSY, at, busy);
	tick_plane(b, PLANE_GONE, at, busy || over);
	tick_plane(b, PLANE_LATER, at, later);
	tick_plane(b, PLANE_LATER_ALONE, at, later && !busy && !over);
	tick_plane(b, PLANE_HELD_ALONE, at, busy && s->busy_until != INT64_MAX && !later && !over);
	narrow(&b->valid, env->now, s->busy_until);
	if (!s->confirmed)
		return;
	narrow(&b->valid, env->now, s->confirmed + p->lapse_hours * HOUR_US);
	narrow(&b->valid, env->now, s->confirmed + p->stale_hours * HOUR_US);
}

/* Writes a number of the slot into these planes, a binary digit a plane; a number beyond their
 * most is that most. */
static void tick_digits(struct block *b, int plane, int digits, int at, int64_t n)
{
	int64_t most = (1 << digits) - 1, capped = n < 0 ? 0 : n < most ? n : most;

	for (int k = 0; k < digits; k++)
		tick_plane(b, plane + k, at, capped >> k & 1);
}

static void tick_slot(struct block *b, int at, const struct match_env *env)
{
	const struct policy *p = env->policy;
	const struct supply *s = &b->supply[at];
	enum outcome high = high_risk_outcome(p, s);

	tick_time(b, at, env);
	tick_digits(b, PLANE_STAY, STAY_DIGITS, at, stay_days(s, env->today));
	tick_digits(b, PLANE_WAIT, WAIT_DIGITS, at, (int64_t)s->from - env->today);
	tick_plane(b, PLANE_HIGH_RISK_NOT, at, high == OUTCOME_FAIL);
	tick_plane(b, PLANE_HIGH_RISK_ASK, at, high == OUTCOME_ASK);
	b->hot[at].tonight = (int16_t)score_tonight(p, s, env->now);
	b->hot[at].service = (int16_t)score_service(p, s, env->now);
	b->hot[at].cost = (int16_t)score_cost(p, s->weekly_cost);
}

void block_tick(struct block *b, const struct match_env *env, uint32_t policy)
{
	if (!still_valid(&b->valid, env, policy)) {
		int64_t hour = env->now / HOUR_US * HOUR_US;	/* who is there changes with the hour */

		b->valid = (struct validity){ hour, hour + HOUR_US, env->today, policy };
		b->dirty = b->planes[PLANE_USED];
	}
	for (int i = 0; i < BLOCK_WORDS; i++)
		for (; b->dirty.w[i]; b->dirty.w[i] &= b->dirty.w[i] - 1)
			tick_slot(b, i * 64 + __builtin_ctzll(b->dirty.w[i]), env);
}
