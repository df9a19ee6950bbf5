#include "match/household.h"

static bool adult_role(enum member_role role)
{
	return role != MEMBER_CHILD && role != MEMBER_OTHER;
}

static bool adult(const struct member *m)
{
	return m->age >= 18 || adult_role(m->role);
}

static void count_adult(const struct member *m, struct need *need)
{
	if (m->trans == TRI_YES)
		need->trans++;
	else if (m->sex == SEX_FEMALE)
		need->women++;
	else if (m->sex == SEX_MALE)
		need->men++;
	else
		need->adults_sex_unknown++;
}

static void raise_to(int *value, int to)
{
	if (*value < to)
		*value = to;
}

static bool minor_certain(const struct member *m)
{
	return m->age >= 0 || m->role == MEMBER_CHILD;
}

static void count_boy(const struct member *m, struct need *need)
{
	bool male = m->sex == SEX_MALE && m->trans != TRI_YES;
	bool female = m->sex == SEX_FEMALE && m->trans != TRI_YES;

	if (female)
		return;
	if (male && minor_certain(m))
		raise_to(&need->oldest_boy.least, m->age < 0 ? 0 : m->age);
	raise_to(&need->oldest_boy.most, m->age < 0 ? 17 : m->age);
}

static void count_young(const struct member *m, struct need *need)
{
	if (minor_certain(m))
		need->children = TRI_YES;
	else if (need->children == TRI_NO)
		need->children = TRI_UNKNOWN;
	if (m->age < 0)
		need->age_unknown++;
	else if (m->age < 2)
		need->under_twos++;
	count_boy(m, need);
	/* Another person of unknown age may be an adult: the provider is asked. */
	if (m->role == MEMBER_OTHER && m->age < 0)
		need->adults_sex_unknown++;
}

static void count_member(const struct member *m, struct need *need)
{
	if (m->role == MEMBER_APPLICANT)
		need->applicant_age = m->age;
	if (m->role == MEMBER_ADULT_CHILD || (m->role == MEMBER_CHILD && m->age >= 18))
		need->adult_children = TRI_YES;
	if (adult(m))
		count_adult(m, need);
	else
		count_young(m, need);
}

void household_facts(const struct member *members, size_t n, struct need *need)
{
	if (n == 0)
		return;
	need->people = (int)n;
	need->under_twos = need->age_unknown = 0;
	need->women = need->men = need->trans = need->adults_sex_unknown = 0;
	need->applicant_age = -1;
	need->oldest_boy = (struct span){ -1, -1 };
	need->adult_children = TRI_NO;
	need->children = TRI_NO;
	for (size_t i = 0; i < n; i++)
		count_member(&members[i], need);
	need->bedrooms = bedrooms_needed(members, n);
}

static enum risk_level dash_level(int yes)
{
	if (yes >= 14)
		return RISK_HIGH;
	return yes >= 10 ? RISK_MEDIUM : RISK_STANDARD;
}

struct dash_result dash_score(const enum tri items[DASH_ITEMS], enum risk_level judgement)
{
	int count[TRI_YES + 1] = { 0 };
	struct dash_result r;

	for (int i = 0; i < DASH_ITEMS; i++)
		count[items[i]]++;
	r.yes = count[TRI_YES];
	r.no = count[TRI_NO];
	r.unknown = count[TRI_UNKNOWN];
	r.scored = r.unknown == DASH_ITEMS ? RISK_UNKNOWN : dash_level(r.yes);
	r.level = judgement > r.scored ? judgement : r.scored;
	r.possible = dash_level(r.yes + r.unknown);
	if (r.possible < r.level)
		r.possible = r.level;
	r.marac = r.level == RISK_HIGH;
	return r;
}

struct band_result band_of(const struct need *n)
{
	if (n->band != BAND_UNKNOWN)
		return (struct band_result){ n->band, BAND_REASON_OVERRIDE };
	switch (n->situation) {
	case SITUATION_UNKNOWN:
		return (struct band_result){ BAND_1, BAND_REASON_UNKNOWN };
	case SITUATION_OWN_HOME:
		return (struct band_result){ BAND_2, BAND_REASON_HOME_KEPT };
	case SITUATION_SAFE_ACCOMMODATION:
		return (struct band_result){ BAND_2, BAND_REASON_MOVE_ON };
	default:
		return (struct band_result){ BAND_1, BAND_REASON_HOME_LOST };
	}
}

static enum tri unsafe_tonight(const struct need *n)
{
	if (n->urgency == URGENCY_EMERGENCY || n->situation == SITUATION_WITH_PERPETRATOR ||
	    n->situation == SITUATION_ROUGH)
		return TRI_YES;
	if (n->situation == SITUATION_SAFE_TONIGHT)
		return TRI_NO;
	return n->urgency && n->situation ? TRI_NO : TRI_UNKNOWN;
}

static enum tri tri_or(enum tri a, enum tri b)
{
	if (a == TRI_YES || b == TRI_YES)
		return TRI_YES;
	return a == TRI_NO && b == TRI_NO ? TRI_NO : TRI_UNKNOWN;
}

/* Unknown between no and yes. */
static uint64_t tri_rank(enum tri t)
{
	static const uint64_t rank[] = { [TRI_NO] = 0, [TRI_UNKNOWN] = 1, [TRI_YES] = 2 };

	return rank[t];
}

struct priority priority_of(const struct need *n)
{
	struct priority p = { .id = n->id };

	p.step[PRIORITY_UNSAFE] = tri_rank(unsafe_tonight(n));
	p.step[PRIORITY_RISK] = n->risk_level == RISK_UNKNOWN ? RISK_HIGH : n->risk_level;
	p.step[PRIORITY_BAND] = (uint64_t)(BAND_COUNT - band_of(n).band);
	p.step[PRIORITY_CHILDREN] = tri_rank(tri_or(n->children, n->pregnant));
	if (n->waiting_since > 0)
		p.step[PRIORITY_WAITING] = (uint64_t)(INT64_MAX - n->waiting_since);
	p.step[PRIORITY_TIE] = n->tie;
	return p;
}

int priority_cmp(const struct priority *a, const struct priority *b, enum priority_step *why)
{
	for (int i = 0; i < PRIORITY_COUNT; i++) {
		if (a->step[i] == b->step[i])
			continue;
		if (why)
			*why = (enum priority_step)i;
		return a->step[i] > b->step[i] ? -1 : 1;
	}
	if (why)
		*why = PRIORITY_TIE;
	return uuid_cmp(a->id, b->id);
}

struct sanctuary sanctuary_of(const struct need *n)
{
	static const enum tri turned[] = {
		[TRI_UNKNOWN] = TRI_UNKNOWN, [TRI_NO] = TRI_YES, [TRI_YES] = TRI_NO,
	};
	struct sanctuary s = { .offered = true, .condition = {
		[SANCTUARY_WANTS_TO_STAY] = n->wants_to_stay,
		[SANCTUARY_PERPETRATOR_AWAY] = turned[n->perpetrator_at_home],
		[SANCTUARY_SOLE_OCCUPATION] = n->sole_occupation,
		[SANCTUARY_CONSENT] = n->consent_obtainable,
	} };

	for (int i = 0; i < SANCTUARY_COUNT; i++) {
		s.offered = s.offered && s.condition[i] != TRI_NO;
		s.asked = s.asked || s.condition[i] == TRI_UNKNOWN;
	}
	return s;
}
