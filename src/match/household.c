#include "match/household.h"

#include "match/policy.h"

static enum risk_level dash_level(int yes)
{
	if (yes >= 14)
		return RISK_HIGH;
	return yes >= 10 ? RISK_MEDIUM : RISK_STANDARD;
}

static enum risk_level higher(enum risk_level a, enum risk_level b)
{
	return a > b ? a : b;
}

/* A level that is stated without the items was assessed elsewhere: it is known. */
struct dash_result dash_score(struct dash_answers a, enum risk_level judgement)
{
	if (a.yes + a.no + a.dont_know == 0)
		return (struct dash_result){ RISK_UNKNOWN, judgement, judgement };
	return (struct dash_result){
		.scored = dash_level(a.yes),
		.least = higher(dash_level(a.yes), judgement),
		.most = higher(dash_level(DASH_ITEMS - a.no), judgement),
	};
}

/* Whether they have to leave the home in which they are, the perpetrator being elsewhere. */
static enum tri leaves_home(const struct need *n)
{
	if (n->wants_to_stay == TRI_NO || n->perpetrator_at_home == TRI_YES)
		return TRI_YES;
	return n->wants_to_stay == TRI_YES ? TRI_NO : TRI_UNKNOWN;
}

static enum band_line line_at_home(const struct need *n)
{
	static const enum band_line works[] = {
		[TRI_YES] = BAND_LINE_WORKS, [TRI_UNKNOWN] = BAND_LINE_WORKS_NOT_KNOWN, [TRI_NO] = BAND_LINE_AT_HOME,
	};

	switch (leaves_home(n)) {
	case TRI_YES: return BAND_LINE_LEAVING_HOME;
	case TRI_UNKNOWN: return BAND_LINE_STAY_NOT_KNOWN;
	default: return works[n->home_works];
	}
}

static enum band_line band_line_of(const struct need *n)
{
	switch (n->situation) {
	case SITUATION_WITH_PERPETRATOR: return BAND_LINE_WITH_PERPETRATOR;
	case SITUATION_ROUGH: return BAND_LINE_ROUGH;
	case SITUATION_FRIENDS: return BAND_LINE_FRIENDS;
	case SITUATION_INTERIM: return BAND_LINE_INTERIM;
	case SITUATION_HOSPITAL: return BAND_LINE_HOSPITAL;
	case SITUATION_SAFE_TONIGHT: return BAND_LINE_SAFE_TONIGHT;
	case SITUATION_SAFE_ACCOMMODATION: return BAND_LINE_SAFE_ACCOMMODATION;
	case SITUATION_OWN_HOME: return line_at_home(n);
	default: return BAND_LINE_NOT_KNOWN;
	}
}

struct band_result band_of(const struct policy *p, const struct need *n)
{
	enum band_line line = band_line_of(n);

	if (n->band != BAND_UNKNOWN)
		return (struct band_result){ n->band, BAND_LINE_OVERRIDE };
	return (struct band_result){ (enum band)p->band[line], line };
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

struct priority priority_of(const struct policy *policy, const struct need *n, int32_t today)
{
	struct priority p = { .id = n->id };

	p.step[PRIORITY_UNSAFE] = tri_rank(unsafe_tonight(n));
	p.step[PRIORITY_RISK] = n->risk_level == RISK_UNKNOWN ? RISK_HIGH : n->risk_level;
	p.step[PRIORITY_BAND] = (uint64_t)(BAND_COUNT - band_of(policy, n).band);
	p.step[PRIORITY_CHILDREN] = tri_rank(tri_or(children_on(n, today), n->pregnant));
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
	s.ranked = s.offered && !s.asked;
	return s;
}
