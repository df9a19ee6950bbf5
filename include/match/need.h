/* What matching needs to know of one household: no name, no date of birth, no address.
 *
 * Begin with need_init() (everything unknown), then set what is known; household_facts() fills the
 * part that follows from the members. Unknown is -1 for numbers, DAY_NONE for days, and zero for
 * codes; an unknown never fails a rule. Counts and ages run to 127.
 */
#pragma once
#include <stddef.h>
#include <stdint.h>

#include "base/date.h"
#include "base/uuid.h"
#include "match/codes.h"
#include "match/geography.h"

enum {
	NEED_UNSAFE = 16,
	NEED_AREAS = 8,
	NEED_PLACES = 8,
	NEED_CONFLICTS = 64,
	NEED_DECLINED = 64,
};

/* A number known to lie within least..most; most -1 where nothing is known. */
struct span {
	int least, most;
};

/* A vacancy this household and its provider could not agree on, as it was then: the rule holds
 * while the vacancy has this version. */
struct declined {
	struct uuid vacancy;
	int64_t version;
};

struct need {
	struct uuid id;			/* of the referral; never shown in an answer */

	/* household_facts() fills these */
	int people;
	int under_twos;			/* certainly under two */
	int age_unknown;		/* members whose age is not known: may be under two */
	int women, men;			/* adults; a trans adult counts under trans only */
	int trans;
	int adults_sex_unknown;
	int applicant_age;
	struct span oldest_boy;		/* under 18, in years; {-1, -1} where there is no boy */
	enum tri adult_children;
	struct span bedrooms;

	/* what is needed */
	enum wheelchair wheelchair;
	enum tri step_free, ground_floor, adapted_bathroom;
	enum tri support[SUPPORT_COUNT];
	enum risk_level risk;
	enum tri nrpf;
	enum tri nrpf_funded;		/* a fund commitment stands */
	enum tri fund_pays;		/* the fund bears the cost: cheaper scores */
	enum tri pets;
	int32_t from, until;		/* the stay is to begin on one of these days; until
					 * DAY_NONE: on from */
	int min_stay;			/* shortest useful stay in days */
	struct area unsafe[NEED_UNSAFE];
	int n_unsafe;
	struct uuid conflicts[NEED_CONFLICTS];	/* vacancies linked to a party in the case */
	int n_conflicts;
	struct declined declined[NEED_DECLINED];
	int n_declined;
	bool poses_known, avoids_known;	/* false: they were not asked */
	uint16_t poses, avoids;		/* bits of enum mix_risk; 0 where not known */

	/* what is wished: ranks, never excludes */
	uint32_t wish_types;		/* bits of enum accommodation_type */
	int wish_areas[NEED_AREAS];	/* area ids as in struct supply */
	int n_wish_areas;
	uint32_t specialisms;		/* wanted: bits of enum specialism */
	uint32_t languages;		/* bits of enum language; none where English will do */
	int reach[NEED_PLACES];		/* districts of school, court, treatment */
	int n_reach;

	/* sanctuary */
	enum tri wants_to_stay, perpetrator_at_home, sole_occupation, consent_obtainable;

	/* priority among households */
	enum urgency urgency;
	enum situation situation;
	enum band band;			/* set by a person; BAND_UNKNOWN: calculated */
	enum tri children, pregnant;
	int64_t waiting_since;		/* instant; 0 unknown */
	uint64_t tie;			/* random, drawn once when the referral was made */
};

void need_init(struct need *n);
/* The shortest useful stay: the one asked for, else the length of the wanted period. */
int need_min_stay(int asked, int32_t from, int32_t until);

/* 128 bits over every field of the need (not over padding; lists by content, not order), the
 * policy's version and the day: what a decision stores to show what it was made from. */
struct input_hash {
	uint64_t hi, lo;
};
struct input_hash need_hash(const struct need *n, const char *policy_version, int32_t today);
/* The same over the unsafe areas and the places to reach alone: a person who changes these and
 * searches again may be looking for where a place is. */
struct input_hash need_places_hash(const struct need *n);
