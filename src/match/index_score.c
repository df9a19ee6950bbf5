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

static inline int32_t slot_points(const struct plan *p, const struct hot *h)
{
	int32_t points = h->service + size_points(p, h) + p->type_points[h->type] +
			 p->adapted_points[h->adapted] + p->fund * h->cost + area_points(p, h);

	if (p->support)
		points += bits_in(p->support & h->support) * p->env->policy->support;
	if (p->need->specialisms)
		points += special_points(p, h);
	if (p->need->languages)
		points += language_points(p, h);
	return p->places ? points + district_points(p, h->district) : points;
}

/* What a row must reach to come in: this score, and with just this score no later id. */
struct entry {
	int32_t score;
	uint64_t id_hi;
};

static struct entry entry_to(const struct ranking *r, enum mend mend)
{
	const struct entry open = { INT32_MIN, UINT64_MAX }, closed = { INT32_MAX, 0 };
	const struct ranked *last;

	if (r->n < r->max)
		return open;
	if (r->n == 0)
		return closed;
	last = &r->row[r->n - 1];
	if (mend != last->mend)
		return mend < last->mend ? open : closed;
	return (struct entry){ last->score, last->id_hi };
}

bool ranking_open(const struct ranking *r, enum mend mend)
{
	return entry_to(r, mend).score < INT32_MAX;
}

static bool enters(const struct entry *e, int32_t score, uint64_t id_hi)
{
	return score > e->score || (score == e->score && id_hi <= e->id_hi);
}

/* Slots that ask alike. */
static void offer_alike(const struct plan *p, const struct offer *o, const struct words *which,
			int32_t ask_points, struct ranking *to)
{
	struct entry entry = entry_to(to, o->mend);

	for (int i = 0; i < BLOCK_WORDS; i++)
		for (uint64_t left = which->w[i]; left; left &= left - 1) {
			int at = i * 64 + __builtin_ctzll(left);
			const struct hot *h = &o->block->hot[at];
			int32_t score = slot_points(p, h) + ask_points;
			const struct supply *s = &o->block->supply[at];

			if (!enters(&entry, score, h->id_hi))
				continue;
			if (o->check && !o->check(p, s, o->mend))
				continue;
			ranking_offer(to, &(struct ranked){ o->mend, score, h->id_hi, s });
			entry = entry_to(to, o->mend);
		}
}

/* Moves the slots with that many costly questions from left. */
static void take_asking(struct words *restrict left, const struct words *restrict asks, int n,
			struct words *restrict taken)
{
	*taken = *left;
	for (int k = 0; k < ASK_PLANES; k++) {
		lane turn = { n >> k & 1 ? 0 : UINT64_MAX, n >> k & 1 ? 0 : UINT64_MAX };

		for (int i = 0; i < BLOCK_LANES; i++)
			taken->v[i] &= asks[k].v[i] ^ turn;
	}
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
