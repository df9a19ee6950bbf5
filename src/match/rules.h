/* Inside of the rules: shared by the plain evaluator and the index. */
#pragma once
#include "match/match.h"

/* Why a vacancy is not available now or then. */
struct absence {
	bool busy, lapsed, over, later, taken;
	bool unsure;		/* nothing is known to stand in the way, but not all is known */
};
struct absence absence_of(const struct match *m);
/* Whether its last day is before a stay wanted from `earliest` could begin. */
bool over_by(const struct supply *s, int32_t earliest);
bool lapsed_at(const struct supply *s, const struct policy *p, int64_t now);

bool unsafe_one(const struct match_env *env, const struct area *area, int district);
enum outcome rule_takes(enum tri need, enum answer answer);
enum outcome takes_adult_children(enum tri come, enum answer answer);
/* Over a stay whose last night is this. */
enum outcome takes_nrpf(const struct need *n, enum answer answer, struct stay stay);
enum outcome rule_met(enum tri need, enum tri has);
enum outcome wheelchair_met(enum wheelchair need, enum wheelchair has);
/* Whether the type and its staffing can bear high risk. */
enum outcome high_risk_outcome(const struct policy *p, const struct supply *s);
/* Both ends of the risk; not assessed is from standard to high. */
struct risk_range {
	enum risk_level least, most;
};
struct risk_range risk_of_need(const struct need *n);
/* Days from `earliest` on that a household may stay, as far as known; INT_MAX without limit. */
int stay_days(const struct supply *s, int32_t earliest);
struct shortest {
	int days;
	enum outcome otherwise;		/* where a stay is shorter */
};
struct shortest shortest_stay(const struct need *n, const struct policy *p);

/* One function a rule; and what would mend it. */
typedef enum outcome rule_test(const struct match *m);
typedef enum mend rule_mend(const struct match *m, struct mend_detail *d);

#define RULE(enumerator, name, ...) rule_test rule_##name;
#define MENDED(enumerator, name, ...) rule_test rule_##name; rule_mend mend_##name;
#include "match/rules.def"

/* Points for stay, freshness, answer time and interim, which are the same for every need. */
int32_t score_service(const struct policy *p, const struct supply *s, int64_t now);
/* Points for cost, where the fund pays. */
int32_t score_cost(const struct policy *p, int cost);
/* Points for an adapted unit. */
int32_t score_adapted(const struct policy *p, enum tri needed);
int32_t score_size(const struct policy *p, int people, int max_people);
int32_t score_distance(const struct match_env *env, const struct need *need, int district);
int32_t score_reach(const struct match_env *env, const struct need *need, int district);
/* Points for staff at this hour, where it is for tonight. */
int32_t score_tonight(const struct policy *p, const struct supply *s, int64_t now);
bool for_tonight(const struct match_env *env, const struct need *need);
int32_t score_stage(const struct policy *p, const struct need *need, enum accommodation_type type);
/* What a place that meets every wish and need of this household would get. */
int32_t score_most(const struct match_env *env, const struct need *need);
/* Bits of enum specialism: those that the household has by what is known of it, or wants. */
uint32_t specialisms_meant(const struct need *n);
/* Of the main applicant; -1 where no age is known. */
int recorded_age(const struct need *n);
bool unit_adapted(const struct supply *s);
/* TRI_YES where the household needs an adapted unit, TRI_NO where it is known not to. */
enum tri adapted_needed(const struct need *n);

/* match_pair() for n pairs of one need, asking only the rules whose bits are set: the others are
 * known to pass. */
#define EVERY_RULE ((1u << RULE_COUNT) - 1)
void match_many(const struct match *m, struct verdict *const *out, int n, uint32_t rules);
/* Adds scores and reasons to verdicts whose outcomes are in place. */
void score_many(const struct match *m, struct verdict *const *v, int n);

#define HOUR_US (3600 * SECOND_US)

static inline __attribute__((always_inline)) int bits_in(uint32_t v)
{
	return __builtin_popcount(v);
}

static inline enum outcome rule_worse(enum outcome a, enum outcome b)
{
	return a > b ? a : b;
}
