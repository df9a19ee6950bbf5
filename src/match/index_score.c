/* The points of slots, from what the plan and the block keep ready. On random data no processor
 * foresees a branch that depends on a vacancy, so there are few. */
#include "index_impl.h"

/* The points of a body, from its number (body_of()): reading the vacancy would take longer. */
static int32_t body_first(const struct plan *p, uint16_t body, const struct supply *s)
{
	const struct policy *policy = p->env->policy;
	int people = body / (BODY_TYPES * 2) - 1, type = body / 2 % BODY_TYPES;
	bool many = people == BODY_PEOPLE - 2;
	int32_t points = score_size(policy, p->who.people, many ? s->max_people : people);

	if (p->need->wishes >> type & 1)
		points += policy->wish_type;
	points += score_stage(policy, p->need, (enum accommodation_type)type);
	if (body & 1)
		points += score_adapted(policy, adapted_needed(p->need));
	if (!many)
		p->body_points[body] = (int16_t)points;
	return points;
}

static int32_t district_first(const struct plan *p, int district)
{
	int16_t *points = &p->district_points[district + 1];

	*points = (int16_t)(score_distance(p->env, p->need, district) +
			    score_reach(p->env, p->need, district));
	return *points;
}

/* Points for wishes, which few households have. */
PART int32_t wish_points(const struct plan *p, uint32_t specialisms, const struct warm *w)
{
	const struct policy *policy = p->env->policy;
	int32_t points = bits_in(p->need->wished_specialisms & specialisms) * policy->specialism;

	if (points > policy->specialism_most)
		points = policy->specialism_most;
	points += (shared_languages(p->need->languages, w->languages) ? 1 : 0) * policy->language;
	for (int i = 0; i < p->need->n_wish_areas; i++)
		if (p->need->wish_areas[i] == w->area)
			return points + policy->wish_area;
	return points;
}

/* An absence has several causes, and can only be mended where one alone stands in the way. For today
 * the planes have told, but for the nights that are taken. */
static bool mended_so(const struct scan *s, int at, enum mend mend)
{
	const struct supply *supply = &s->block->supply[at];
	struct mend_detail detail;
	struct match m;

	if (mend != MEND_FREE_ON && mend != MEND_HOLD_ENDS && mend != MEND_FREE_NIGHTS)
		return true;
	if (s->plan->today_said && supply->n_taken == 0)
		return true;
	m = match_of(s->plan->env, s->plan->need, supply);
	return mend_available(&m, &detail) == mend;
}

static struct entry offer_one(const struct scan *s, enum mend mend, int at, int32_t score,
			      struct ranking *to)
{
	if (mended_so(s, at, mend))
		ranking_offer(to, &(struct ranked){ rank_order(mend, score), s->block->tie[at],
						    &s->block->supply[at] });
	return ranking_entry(to, mend);
}

/* What scoring needs of the plan, in a copy that no call can change. */
struct prices {
	const struct hot *hot;
	const int16_t *body, *district;
	int32_t fund, tonight, kept, support, most;
	uint32_t supported, meant;
};

static struct prices prices_of(const struct scan *s)
{
	const struct plan *p = s->plan;

	return (struct prices){
		.hot = s->block->hot,
		.body = p->body_points,
		.district = p->district_points + 1,
		.fund = p->fund,
		.tonight = p->tonight,
		.kept = p->env->policy->specialism_kept,
		.meant = p->meant,
		.support = p->env->policy->support,
		.most = p->wishes_most,
		.supported = p->support,
	};
}

PART int32_t plain_points(const struct scan *s, const struct prices *p, int at)
{
	const struct hot *h = &p->hot[at];
	int32_t body = p->body[h->body], place = p->district[h->district];

	if (__builtin_expect(body == NOT_YET, 0))
		body = body_first(s->plan, h->body, &s->block->supply[at]);
	if (__builtin_expect(place == NOT_YET, 0))
		place = district_first(s->plan, h->district);
	return body + place + h->service + p->fund * h->cost + p->tonight * h->tonight +
	       (h->specialisms != 0 && (h->specialisms & p->meant) == 0) * p->kept +
	       bits_in(p->supported & h->support) * p->support;
}

/* Offers slots with the same number of costly questions: asks is what these cost. */
OVER_BLOCKS static void offer_alike(const struct scan *s, enum mend mend,
				    const struct words *which, int32_t asks, struct ranking *to)
{
	const struct prices p = prices_of(s);
	struct entry entry = ranking_entry(to, mend);

	for (int i = 0; i < BLOCK_WORDS; i++)
		for (uint64_t left = which->w[i]; left; left &= left - 1) {
			int at = i * 64 + __builtin_ctzll(left);
			int32_t score = asks + plain_points(s, &p, at);

			if (score + p.most < entry.score)
				continue;
			if (p.most)
				score += wish_points(s->plan, p.hot[at].specialisms, &s->block->warm[at]);
			if (score > entry.score ||
			    (score == entry.score && s->block->tie[at] <= entry.tie))
				entry = offer_one(s, mend, at, score, to);
		}
}

/* Moves the slots with n costly questions from left to taken. */
PART void take_asking(struct words *restrict left, const struct words *restrict asks, int n,
		      struct words *restrict taken)
{
	*taken = *left;
	for (int k = 0; k < ASK_PLANES; k++) {
		const uint64_t turn = n >> k & 1 ? 0 : UINT64_MAX;

		for (int i = 0; i < BLOCK_LANES; i++)
			taken->v[i] &= asks[k].v[i] ^ turn;
	}
	for (int i = 0; i < BLOCK_LANES; i++)
		left->v[i] &= ~taken->v[i];
}

/* Slots with the fewest questions come first: then more of the others are beaten before they are
 * looked at. */
OVER_BLOCKS void slots_offer(const struct scan *s, enum mend mend, const struct words *which,
			     struct ranking *to)
{
	struct words left = *which, taken;

	for (int n = 0; any_bit(&left); n++) {
		take_asking(&left, s->asks, n, &taken);
		if (any_bit(&taken))
			offer_alike(s, mend, &taken, n * s->plan->env->policy->ask, to);
	}
}
