/* Inside of the rules: shared by the plain evaluator and the index. */
#pragma once
#include "match/match.h"

/* The days on which the stay may begin. */
struct period {
	int32_t earliest, latest;
};
struct period wanted_period(const struct need *need, int32_t today);

/* Why a vacancy is not available now or then. */
struct absence {
	bool busy, lapsed, over, later;
	bool unsure;		/* nothing is known to stand in the way, but not all is known */
};
struct absence absence_of(const struct match *m);
/* Whether its last day is before a stay wanted from `earliest` could begin. */
bool over_by(const struct supply *s, int32_t earliest);
bool lapsed_at(const struct supply *s, const struct policy *p, int64_t now);

enum outcome unsafe_one(const struct match_env *env, const struct area *area, int district);
enum outcome rule_takes(enum tri need, enum answer answer);
enum outcome takes_nrpf(const struct need *n, enum answer answer);
enum outcome rule_met(enum tri need, enum tri has);
enum outcome wheelchair_met(enum wheelchair need, enum wheelchair has);
/* What the type and its staffing can bear at high risk. */
enum outcome high_risk_outcome(const struct policy *p, const struct supply *s);
enum outcome risk_outcome(const struct policy *p, enum risk_level level,
			  const struct supply *s);
/* Days from `earliest` on that a household may stay, as far as known; INT_MAX without limit. */
int stay_days(const struct supply *s, int32_t earliest);
struct shortest {
	int days;
	enum outcome otherwise;		/* where a stay is shorter */
};
struct shortest shortest_stay(const struct need *n, const struct policy *p);

/* One function a rule, in the order of enum rule; and what would mend it. */
typedef enum outcome rule_test(const struct match *m);
typedef enum mend rule_mend(const struct match *m, int64_t *detail);

rule_test rule_residents_sex, rule_boys_age, rule_adult_children, rule_min_age, rule_capacity,
	rule_bedrooms, rule_access, rule_unsafe_area, rule_support, rule_risk_level, rule_nrpf,
	rule_pets, rule_available, rule_stay, rule_conflict, rule_declined, rule_resident_mix;
rule_mend mend_boys_age, mend_adult_children, mend_min_age, mend_capacity, mend_bedrooms,
	mend_access, mend_support, mend_risk_level, mend_nrpf, mend_pets, mend_available,
	mend_stay, mend_declined, mend_resident_mix;

/* Points for stay, freshness, answer time and interim: what no need changes. */
int32_t score_service(const struct policy *p, const struct supply *s, int64_t now);
/* Where the fund pays. */
int32_t score_cost(const struct policy *p, int cost);
/* For an adapted unit. */
int32_t score_adapted(const struct policy *p, enum tri needed);
int32_t score_size(const struct policy *p, int people, int max_people);
int32_t score_distance(const struct match_env *env, const struct need *need, int district);
int32_t score_reach(const struct match_env *env, const struct need *need, int district);
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
