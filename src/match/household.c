#include "match/household.h"

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

struct priority priority_of(const struct need *n, int32_t today)
{
	struct priority p = { .id = n->id };

	p.step[PRIORITY_UNSAFE] = tri_rank(unsafe_tonight(n));
	p.step[PRIORITY_RISK] = n->risk_level == RISK_UNKNOWN ? RISK_HIGH : n->risk_level;
	p.step[PRIORITY_BAND] = (uint64_t)(BAND_COUNT - band_of(n).band);
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
