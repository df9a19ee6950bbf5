/* The points of slots, from what the plan and the block keep ready: equal to score_many()'s. On
 * random data every branch that a vacancy decides is a coin, so there are few. */
#include "index_impl.h"

static int32_t district_points(const struct plan *p, int district)
{
	int16_t *points = &p->district_points[district + 1];

	if (*points == NOT_YET)
		*points = (int16_t)(score_distance(p->env, p->need, district) +
				    score_reach(p->env, p->need, district));
	return *points;
}

static int32_t size_points(const struct plan *p, const struct hot *h)
{
	if (h->max_people < PEOPLE_TABLE - 1)
		return p->size_points[h->max_people + 1];
	return score_size(p->env->policy, p->need->people, h->max_people);
}

static int32_t area_points(const struct plan *p, const struct hot *h)
{
	bool here = false;

	for (int i = 0; i < p->need->n_wish_areas; i++)
		here |= p->need->wish_areas[i] == h->area;
	return here * p->env->policy->wish_area;
}

/* What is cheap to tell, and most of what vacancies differ by. */
static inline int32_t first_points(const struct plan *p, const struct hot *h)
{
	int32_t points = h->service + size_points(p, h) + p->type_points[h->type] +
			 area_points(p, h);

	if (p->support)
		points += bits_in(p->support & h->support) * p->env->policy->support;
	return p->places ? points + district_points(p, h->district) : points;
}

static int32_t special_points(const struct plan *p, const struct hot *h)
{
	int32_t points = bits_in(p->need->specialisms & h->specialisms) *
			 p->env->policy->specialism;

	return points < p->env->policy->specialism_most ? points : p->env->policy->specialism_most;
}

static int32_t language_points(const struct plan *p, const struct hot *h)
{
	return p->need->languages & h->languages ? p->env->policy->language : 0;
}

/* The rest: at most plan.rest_most. */
static int32_t rest_points(const struct plan *p, const struct hot *h)
{
	return p->fund * h->cost + p->adapted_points[h->adapted] + language_points(p, h) +
	       special_points(p, h);
}

/* score: all but the rest. */
static void slot_offer(const struct plan *p, const struct offer *o, int at, int32_t score,
		       struct ranking *to)
{
	const struct hot *h = &o->block->hot[at];
	struct ranked row = { o->mend, score, h->id_hi, &o->block->supply[at] };

	if (o->check && !o->check(p, row.supply, o->mend))
		return;
	row.score += rest_points(p, h);
	ranking_offer(to, &row);
}

/* The score from which a row of that mend may come in. */
static int32_t entry_score(const struct ranking *r, enum mend mend)
{
	const struct ranked *last;

	if (r->n < r->max)
		return INT32_MIN / 2;
	if (r->n == 0)
		return INT32_MAX;
	last = &r->row[r->n - 1];
	if (mend != last->mend)
		return mend < last->mend ? INT32_MIN / 2 : INT32_MAX;
	return last->score;
}

/* Slots that ask alike. */
static void offer_alike(const struct plan *p, const struct offer *o, const struct words *which,
			int32_t ask_points, struct ranking *to)
{
	int32_t enough = entry_score(to, o->mend) - p->rest_most;

	for (int i = 0; i < BLOCK_WORDS; i++)
		for (uint64_t left = which->w[i]; left; left &= left - 1) {
			int at = i * 64 + __builtin_ctzll(left);
			int32_t score = first_points(p, &o->block->hot[at]) + ask_points;

			if (score < enough)
				continue;
			slot_offer(p, o, at, score, to);
			enough = entry_score(to, o->mend) - p->rest_most;
		}
}

/* Moves the slots with that many costly questions from left. */
static void take_asking(struct words *restrict left, const struct words *restrict asks, int n,
			struct words *restrict taken)
{
	*taken = *left;
	for (int k = 0; k < ASK_PLANES; k++)
		for (int i = 0; i < BLOCK_LANES; i++)
			taken->v[i] &= n >> k & 1 ? asks[k].v[i] : ~asks[k].v[i];
	for (int i = 0; i < BLOCK_LANES; i++)
		left->v[i] &= ~taken->v[i];
}

/* Those that ask least come first: the more are beaten before they are looked at. */
void slots_offer(const struct plan *p, const struct offer *o, const struct words *which,
		 struct ranking *to)
{
	struct words left = *which, taken;

	for (int n = 0; any_bit(&left); n++) {
		take_asking(&left, o->asks, n, &taken);
		offer_alike(p, o, &taken, n * p->env->policy->ask, to);
	}
}

bool ranking_open(const struct ranking *r, enum mend mend)
{
	return entry_score(r, mend) < INT32_MAX;
}
