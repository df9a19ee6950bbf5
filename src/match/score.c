/* Points. Bands are coarse and the same for every place of a district, so that no score tells where
 * a place is. */
#include "rules.h"

static int least_of(int a, int b)
{
	return a < b ? a : b;
}

static int64_t square(int64_t a)
{
	return a * a;
}

/* 0 near or unknown, 1 middle, 2 far. */
static int distance_band(const struct match_env *env, const struct area *a, int district)
{
	int64_t distance2, beyond = 0;

	if (a->kind == AREA_CIRCLE) {
		struct area c = area_circle(a->easting, a->northing, a->radius);

		distance2 = point_distance2(env->geography, c.easting, c.northing, district);
		beyond = c.radius / 1000;
	} else {
		distance2 = district_distance2(env->geography, a->district, district);
	}
	if (distance2 < square(env->policy->distance_mid_km + beyond))
		return 0;
	return distance2 < square(env->policy->distance_far_km + beyond) ? 1 : 2;
}

int32_t score_distance(const struct match_env *env, const struct need *need, int district)
{
	const int32_t points[] = { 0, env->policy->distance_mid, env->policy->distance_far };
	int band = 2;

	if (need->n_unsafe == 0 || district == DISTRICT_NONE)
		return 0;
	for (int i = 0; i < need->n_unsafe; i++)
		band = least_of(band, distance_band(env, &need->unsafe[i], district));
	return points[band];
}

static int32_t reach_points(const struct match_env *env, int place, int district)
{
	const struct policy *p = env->policy;
	int64_t distance2 = district_distance2(env->geography, place, district);

	if (distance2 < 0)
		return 0;
	if (distance2 <= square(p->reach_near_km))
		return p->reach_near;
	return distance2 <= square(p->reach_mid_km) ? p->reach_mid : 0;
}

int32_t score_reach(const struct match_env *env, const struct need *need, int district)
{
	int32_t sum = 0;

	for (int i = 0; i < need->n_reach; i++)
		sum += reach_points(env, need->reach[i], district);
	return need->n_reach ? sum / need->n_reach : 0;
}

bool unit_adapted(const struct supply *s)
{
	return s->wheelchair >= WHEELCHAIR_ESSENTIAL_ROOMS || s->adapted_bathroom == TRI_YES;
}

enum tri adapted_needed(const struct need *n)
{
	if (n->wheelchair > WHEELCHAIR_NONE || n->adapted_bathroom == TRI_YES)
		return TRI_YES;
	return n->wheelchair == WHEELCHAIR_NONE ? TRI_NO : TRI_UNKNOWN;
}

static int32_t points_specialism(const struct match *m)
{
	const struct policy *p = m->env->policy;
	int n = bits_in(m->need->wished_specialisms & m->supply->specialisms);

	return least_of(n * p->specialism, p->specialism_most);
}

static const struct member *applicant_of(const struct need *n)
{
	for (int i = 0; i < n->n_members; i++)
		if (n->members[i].role == MEMBER_APPLICANT)
			return &n->members[i];
	return NULL;
}

/* As it was recorded: what a place is kept for does not change with the day of a stay. */
int recorded_age(const struct need *n)
{
	const struct member *m = applicant_of(n);

	return n->n_members == 0 ? n->who.applicant.most : m ? m->age : -1;
}

static bool has_man(const struct need *n)
{
	for (int i = 0; i < n->n_members; i++)
		if (n->members[i].role != MEMBER_CHILD && n->members[i].sex == SEX_MALE)
			return true;
	return n->n_members == 0 && n->who.men > 0;
}

static bool has_trans(const struct need *n)
{
	for (int i = 0; i < n->n_members; i++)
		if (n->members[i].trans == TRI_YES)
			return true;
	return n->n_members == 0 && n->who.trans > 0;
}

static uint32_t bit_where(bool on, enum specialism s)
{
	return on ? 1u << s : 0;
}

uint32_t specialisms_meant(const struct need *n)
{
	enum { YOUNG_MOST = 25, OLDER_LEAST = 55 };
	const enum tri *support = n->support;
	int age = recorded_age(n);

	return n->wished_specialisms | bit_where(has_man(n), SPECIALISM_MALE) |
	       bit_where(has_trans(n), SPECIALISM_LGBT) |
	       bit_where(adapted_needed(n) == TRI_YES, SPECIALISM_DISABLED) |
	       bit_where(n->languages & (code_bit(LANGUAGE_BSL) | code_bit(LANGUAGE_SGN)), SPECIALISM_DEAF) |
	       bit_where(n->nrpf == TRI_YES, SPECIALISM_MIGRANT) |
	       bit_where(age >= 0 && age <= YOUNG_MOST, SPECIALISM_YOUNG) |
	       bit_where(age >= OLDER_LEAST, SPECIALISM_OLDER) |
	       bit_where(support[SUPPORT_MENTAL_HEALTH] == TRI_YES || support[SUPPORT_DRUGS] == TRI_YES ||
			 support[SUPPORT_ALCOHOL] == TRI_YES || support[SUPPORT_OFFENDING] == TRI_YES,
			 SPECIALISM_COMPLEX);
}

/* A place made for a characteristic or a need is kept for those who have or want it, like an adapted one. */
static int32_t points_kept(const struct match *m)
{
	uint32_t made_for = m->supply->specialisms;

	return made_for && !(made_for & specialisms_meant(m->need)) ? m->env->policy->specialism_kept : 0;
}

static int32_t points_support(const struct match *m)
{
	int n = 0;

	for (int i = 0; i < SUPPORT_COUNT; i++)
		n += m->need->support[i] == TRI_YES && m->supply->support[i] == ANSWER_YES;
	return n * m->env->policy->support;
}

/* A large unit is kept for a large household: places left over cost points. */
int32_t score_size(const struct policy *p, int people, int max_people)
{
	int spare = max_people - people;

	if (people < 0 || max_people < 0)
		return 0;
	if (spare <= 0)
		return p->size_exact;
	return -least_of(-p->size_spare * spare, -p->size_spare_most);
}

static int32_t points_size(const struct match *m)
{
	return score_size(m->env->policy, m->who.people, m->supply->max_people);
}

int32_t score_adapted(const struct policy *p, enum tri needed)
{
	switch (needed) {
	case TRI_YES: return p->adapted_needed;
	case TRI_NO: return p->adapted_kept;
	default: return 0;
	}
}

static int32_t points_adapted(const struct match *m)
{
	if (!unit_adapted(m->supply))
		return 0;
	return score_adapted(m->env->policy, adapted_needed(m->need));
}

static int32_t points_language(const struct match *m)
{
	return shared_languages(m->need->languages, m->supply->languages) ? m->env->policy->language : 0;
}

static int32_t stay_points(const struct policy *p, int days)
{
	return days == STAY_NO_LIMIT || days >= p->long_stay_days ? p->stay_long : 0;
}

static int32_t freshness_points(const struct policy *p, int64_t confirmed, int64_t now)
{
	if (!confirmed)
		return 0;
	return now - confirmed >= p->stale_hours * HOUR_US ? p->stale : p->fresh;
}

static int32_t answer_points(const struct policy *p, int minutes)
{
	if (minutes < 0)
		return 0;
	if (minutes <= p->answer_fast_minutes)
		return p->answer_fast;
	return minutes >= p->answer_slow_minutes ? p->answer_slow : 0;
}

/* SI 2021/991 reg. 2: a hotel or bed and breakfast is no relevant accommodation. */
static int32_t interim_points(const struct policy *p, const struct supply *s)
{
	return s->type == TYPE_INTERIM ? p->interim : 0;
}

static int32_t points_interim(const struct match *m)
{
	return interim_points(m->env->policy, m->supply);
}

/* SI 2021/991 reg. 2: second stage is for people who leave safe accommodation. A household that comes
 * from danger gets it last. */
int32_t score_stage(const struct policy *p, const struct need *need, enum accommodation_type type)
{
	if (type != TYPE_SECOND_STAGE)
		return 0;
	return need->situation == SITUATION_SAFE_ACCOMMODATION ? p->stage_move_on : p->stage_kept;
}

static int32_t points_stage(const struct match *m)
{
	return score_stage(m->env->policy, m->need, m->supply->type);
}

bool for_tonight(const struct match_env *env, const struct need *need)
{
	return need->urgency == URGENCY_EMERGENCY && need->from <= env->today;
}

static bool office_open(int64_t now)
{
	enum { OPENS = 9, CLOSES = 17, FRIDAY = 5, HOUR = 3600 };
	int hour = instant_london_second(now) / HOUR;

	return day_weekday(instant_london_day(now)) <= FRIDAY && hour >= OPENS && hour < CLOSES;
}

int32_t score_tonight(const struct policy *p, const struct supply *s, int64_t now)
{
	if (s->staffed_24h == TRI_YES)
		return p->tonight_staffed;
	return s->staffed_24h == TRI_NO && !office_open(now) ? p->tonight_unstaffed : 0;
}

static int32_t points_tonight(const struct match *m)
{
	if (!for_tonight(m->env, m->need))
		return 0;
	return score_tonight(m->env->policy, m->supply, m->env->now);
}

int32_t score_service(const struct policy *p, const struct supply *s, int64_t now)
{
	return stay_points(p, s->longest_stay) + freshness_points(p, s->confirmed, now) +
	       answer_points(p, s->answer_minutes) + interim_points(p, s);
}

static int32_t points_stay(const struct match *m)
{
	return stay_points(m->env->policy, m->supply->longest_stay);
}

static int32_t points_freshness(const struct match *m)
{
	return freshness_points(m->env->policy, m->supply->confirmed, m->env->now);
}

static int32_t points_answer_time(const struct match *m)
{
	return answer_points(m->env->policy, m->supply->answer_minutes);
}

int32_t score_cost(const struct policy *p, int cost)
{
	if (cost < 0)
		return 0;
	if (cost <= p->cost_low_pence)
		return p->cost_low;
	return cost >= p->cost_high_pence ? p->cost_high : 0;
}

static int32_t points_cost(const struct match *m)
{
	if (m->need->fund_pays != TRI_YES)
		return 0;
	return score_cost(m->env->policy, m->supply->weekly_cost);
}

static int32_t points_wish_area(const struct match *m)
{
	for (int i = 0; i < m->need->n_wish_areas; i++)
		if (m->need->wish_areas[i] == m->supply->area)
			return m->env->policy->wish_area;
	return 0;
}

static int32_t points_wish_type(const struct match *m)
{
	return m->need->wishes >> m->supply->type & 1 ? m->env->policy->wish_type : 0;
}

static int32_t points_distance(const struct match *m)
{
	return score_distance(m->env, m->need, m->supply->district);
}

static int32_t points_reach(const struct match *m)
{
	return score_reach(m->env, m->need, m->supply->district);
}

typedef int32_t points_fn(const struct match *m);

static points_fn *const points[SCORE_ASK] = {
	[SCORE_DISTANCE] = points_distance,
	[SCORE_SPECIALISM] = points_specialism,
	[SCORE_KEPT] = points_kept,
	[SCORE_SUPPORT] = points_support,
	[SCORE_SIZE] = points_size,
	[SCORE_ADAPTED] = points_adapted,
	[SCORE_LANGUAGE] = points_language,
	[SCORE_REACH] = points_reach,
	[SCORE_STAY] = points_stay,
	[SCORE_FRESHNESS] = points_freshness,
	[SCORE_ANSWER_TIME] = points_answer_time,
	[SCORE_COST] = points_cost,
	[SCORE_WISH_AREA] = points_wish_area,
	[SCORE_WISH_TYPE] = points_wish_type,
	[SCORE_TONIGHT] = points_tonight,
	[SCORE_STAGE] = points_stage,
	[SCORE_INTERIM] = points_interim,
};

static void add_reason(struct verdict *v, enum score_reason code, int32_t value)
{
	if (value == 0)
		return;
	v->score += value;
	v->reasons[v->n_reasons++] = (struct reason){ code, value };
}

static int costly_asks(const struct verdict *v)
{
	int n = 0;

	for (int r = 0; r < RULE_COUNT; r++)
		n += v->outcome[r] == OUTCOME_ASK && rule_rows[r].costs;
	return n;
}

void score_many(const struct match *m, struct verdict *const *v, int n)
{
	for (int code = 0; code < SCORE_ASK; code++)
		for (int i = 0; i < n; i++)
			add_reason(v[i], (enum score_reason)code, points[code](&m[i]));
	for (int i = 0; i < n; i++)
		add_reason(v[i], SCORE_ASK, costly_asks(v[i]) * m[i].env->policy->ask);
}

static int32_t if_any(bool any, int32_t value)
{
	return any ? value : 0;
}

int32_t score_most(const struct match_env *env, const struct need *n)
{
	const struct policy *p = env->policy;
	int32_t sum = p->size_exact + p->stay_long + p->answer_fast + if_any(p->fresh > 0, p->fresh);

	for (int i = 0; i < SUPPORT_COUNT; i++)
		sum += if_any(n->support[i] == TRI_YES, p->support);
	sum += least_of(bits_in(n->wished_specialisms) * p->specialism, p->specialism_most);
	sum += if_any(n->n_unsafe > 0, p->distance_far) + if_any(n->n_reach > 0, p->reach_near);
	sum += if_any(shared_languages(n->languages, n->languages), p->language);
	sum += if_any(n->fund_pays == TRI_YES, p->cost_low);
	sum += if_any(n->n_wish_areas > 0, p->wish_area) + if_any(n->wishes, p->wish_type);
	sum += if_any(adapted_needed(n) == TRI_YES, p->adapted_needed);
	sum += if_any(for_tonight(env, n), p->tonight_staffed);
	return sum + if_any(n->situation == SITUATION_SAFE_ACCOMMODATION && n->wishes >> TYPE_SECOND_STAGE & 1,
			    p->stage_move_on);
}

int match_share(const struct match_env *env, const struct need *need, int32_t score)
{
	int32_t most = score_most(env, need);

	if (score <= 0 || most <= 0)
		return 0;
	return score >= most ? 100 : (int)((int64_t)score * 100 / most);
}
