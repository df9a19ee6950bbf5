/* Facts about a household that follow from its members and answers: bedrooms, risk, band,
 * priority, sanctuary. Pure functions, each with the source of its rule. */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "match/codes.h"
#include "match/need.h"

struct policy;

enum { DASH_ITEMS = 24, ADULT_AGE = 18 };

/* What the codes of a member's kind and gender identity mean here; NULL is unknown. */
enum member_role member_role(const char *kind);
enum tri member_trans(const char *gender_identity);
/* The years of age that a member may have on the nights of a stay: known exactly, by a range of a
 * year, or by the role alone. A rule passes where it passes for all of them, fails where it passes for
 * none, and asks otherwise. */
struct span member_ages(const struct member *m, struct stay s);
/* Pairs of members who name each other. */
int couples_of(const struct member *members, size_t n);
/* Bedrooms by the size criteria of the Universal Credit Regulations 2013, sch. 4: one for a
 * couple, each other person of 16 or over, two children under 16 of the same sex, two children
 * under 10, any other child, an overnight carer; children paired so that the fewest rooms result.
 * Where an age or a sex is unknown, or changes within the stay, `most` is the count in the least
 * favourable case and `least` the count in the most favourable. */
struct span bedrooms_needed(const struct member *members, size_t n, struct stay s);
/* What follows from the members over the nights of a stay. Somebody under 18 is a child, however
 * recorded, but for the main applicant. A trans child's sex counts as unknown. */
struct people people_of(const struct need *n, struct stay s);
/* The same, from need->who where that is of this stay, or where there are no members. */
struct people people_on(const struct need *n, struct stay s);
/* Fills need->who, where there are members. */
void household_facts(struct need *n, struct stay s);
/* Whether anybody is under 18 on that day, the applicant apart. */
enum tri children_on(const struct need *n, int32_t day);

/* DASH: 24 items. 14 or more yes = high, 10 to 13 medium, 1 to 9 standard. While answers are missing (not asked,
 * not known) the number of yes is a range, and the level is known only where both ends give the same.
 * Professional judgement may raise the level, never lower it. */
struct dash_answers {
	int yes, no, dont_know;		/* the rest of the items is not asked */
};
struct dash_result {
	enum risk_level scored;		/* by the yes that there are; unknown where no item was asked */
	enum risk_level least, most;	/* after judgement; unknown where nothing is known. It ranks as most */
};
struct dash_result dash_score(struct dash_answers a, enum risk_level judgement);
/* Known to be high: a referral to a MARAC is proposed. */
static inline bool dash_marac(struct dash_result r)
{
	return r.least == RISK_HIGH;
}

/* The allocation band with the line of the policy's table that decided. A band set in the need stands. */
struct band_result {
	enum band band;
	enum band_line line;
};
struct band_result band_of(const struct policy *p, const struct need *n);

/* A household's place among those waiting: steps in the order of enum priority_step, each a
 * number; the greater goes first. Unknown risk ranks as high, a range of it as its upper end; any other unknown
 * between yes and no. */
struct priority {
	uint64_t step[PRIORITY_COUNT];
	struct uuid id;
};
struct priority priority_of(const struct policy *p, const struct need *n, int32_t today);
/* Negative where a goes before b; 0 only for the same household. *why, unless NULL, is the step
 * that decided. */
int priority_cmp(const struct priority *a, const struct priority *b, enum priority_step *why);

/* Sanctuary stands in the answer beside the vacancies unless the household does not want to stay;
 * a condition that is no or unknown is named. */
struct sanctuary {
	bool offered;			/* no condition is known to fail */
	bool asked;			/* some condition is unknown */
	bool ranked;			/* all are met: it goes before every place */
	enum tri condition[SANCTUARY_COUNT];
};
struct sanctuary sanctuary_of(const struct need *n);
