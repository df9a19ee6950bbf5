/* The rules about where and when, and about this pair. */
#include <limits.h>

#include "rules.h"

/* Two codes that the geography does not know count as the same. */
static bool unsafe_outward(const struct match_env *env, int unsafe, int district)
{
	if (unsafe == district)
		return env->policy->unsafe_same;
	return env->policy->unsafe_neighbour && geography_neighbours(env->geography, unsafe, district);
}

bool unsafe_one(const struct match_env *env, const struct area *area, int district)
{
	if (area->kind == AREA_OUTWARD)
		return unsafe_outward(env, area->district, district);
	return circle_hits(env->geography, area, district);
}

/* Never an ask: asking the provider of a named place would tell where it is. */
enum outcome rule_unsafe_area(const struct match *m)
{
	for (int i = 0; i < m->need->n_unsafe; i++)
		if (unsafe_one(m->env, &m->need->unsafe[i], m->supply->district))
			return OUTCOME_FAIL;
	return OUTCOME_PASS;
}

struct stay stay_from(const struct match_env *env, const struct need *need, int32_t first)
{
	int days = shortest_stay(need, env->policy).days;

	if (need->until != DAY_NONE && need->until >= first)
		return (struct stay){ first, need->until };
	return (struct stay){ first, first + (days > 1 ? days - 1 : 0) };
}

static int32_t first_wanted(const struct match_env *env, const struct need *need)
{
	return need->from > env->today ? need->from : env->today;
}

struct stay stay_wanted(const struct match_env *env, const struct need *need)
{
	return stay_from(env, need, first_wanted(env, need));
}

struct need need_now(const struct match_env *env, const struct need *need)
{
	struct need n = *need;

	n.from = first_wanted(env, need);
	household_facts(&n, stay_wanted(env, &n));
	return n;
}

bool lapsed_at(const struct supply *s, const struct policy *p, int64_t now)
{
	return s->confirmed && now - s->confirmed >= p->lapse_hours * HOUR_US;
}

/* The first day on which a stay wanted from `earliest` can begin, as far as known. */
static int32_t start_day(const struct supply *s, int32_t earliest)
{
	return s->from > earliest ? s->from : earliest;
}

bool over_by(const struct supply *s, int32_t earliest)
{
	return s->until != DAY_NONE && s->until < start_day(s, earliest);
}

static bool taken_within(const struct supply *s, struct stay stay)
{
	for (int i = 0; i < s->n_taken; i++)
		if (s->taken[i].first <= stay.last && s->taken[i].last >= stay.first)
			return true;
	return false;
}

struct absence absence_of(const struct match *m)
{
	const struct supply *s = m->supply;
	int32_t first = first_wanted(m->env, m->need);
	bool later = s->from > first, day_known = m->need->from != DAY_NONE;

	return (struct absence){
		.busy = s->busy_until > m->env->now,
		.lapsed = lapsed_at(s, m->env->policy, m->env->now),
		.over = over_by(s, first),
		.later = later && day_known,
		.taken = taken_within(s, m->stay),
		.unsure = s->from == DAY_NONE || !s->confirmed || (later && !day_known),
	};
}

enum outcome rule_available(const struct match *m)
{
	struct absence a = absence_of(m);

	if (a.busy || a.lapsed || a.over || a.later || a.taken)
		return OUTCOME_FAIL;
	return a.unsure ? OUTCOME_ASK : OUTCOME_PASS;
}

int stay_days(const struct supply *s, int32_t earliest)
{
	int days = s->longest_stay > 0 ? s->longest_stay : INT_MAX;
	int left = s->until == DAY_NONE ? INT_MAX : s->until - start_day(s, earliest) + 1;

	return left < days ? left : days;
}

/* Where the household named no shortest stay, the policy's usual one stands in, and only asks. */
struct shortest shortest_stay(const struct need *n, const struct policy *p)
{
	if (n->min_stay < 0)
		return (struct shortest){ p->usual_stay_days, OUTCOME_ASK };
	return (struct shortest){ n->min_stay, OUTCOME_FAIL };
}

enum outcome rule_stay(const struct match *m)
{
	struct shortest wanted = shortest_stay(m->need, m->env->policy);

	if (stay_days(m->supply, first_wanted(m->env, m->need)) < wanted.days)
		return wanted.otherwise;
	return m->supply->longest_stay < 0 ? OUTCOME_ASK : OUTCOME_PASS;
}

static bool same(struct uuid a, struct uuid b)
{
	return a.hi == b.hi && a.lo == b.lo;
}

enum outcome rule_conflict(const struct match *m)
{
	for (int i = 0; i < m->need->n_conflicts; i++)
		if (same(m->need->conflicts[i], m->supply->id))
			return OUTCOME_FAIL;
	return OUTCOME_PASS;
}

enum outcome rule_declined(const struct match *m)
{
	for (int i = 0; i < m->need->n_declined; i++)
		if (same(m->need->declined[i].vacancy, m->supply->id) &&
		    m->need->declined[i].version == m->supply->version)
			return OUTCOME_FAIL;
	return OUTCOME_PASS;
}
