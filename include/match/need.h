/* What matching needs to know of one household: no name, no date of birth, no address. The members
 * stand in match/struct_need.def.
 *
 * Begin with need_init() (everything unknown), then set what is known; with members,
 * household_facts() (match/household.h) fills `who`. Without members, `who` holds for any stay. Unknown
 * is -1 for numbers, DAY_NONE for days, and zero for codes; an unknown never fails a rule. Counts and
 * ages run to 127.
 */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/date.h"
#include "base/uuid.h"
#include "match/codes.h"
#include "match/geography.h"

enum {
	NEED_MEMBERS = 24,
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

/* The nights of a stay, the first and the last. */
struct stay {
	int32_t first, last;
};

enum member_role {
	MEMBER_APPLICANT,
	MEMBER_CHILD,		/* of the household, of any age: a son of 19 is a grown-up child */
	MEMBER_ADULT,
	MEMBER_CARER,		/* stays overnight: a room of their own */
};

/* One person. An age is what was known on a day: exact where that day was a birthday (or the birth
 * itself), else the birthday may have been on any day of the year before. */
struct member {
	enum member_role role;
	int age;		/* whole years on age_on; -1 unknown */
	enum sex sex;
	enum tri trans;
	int32_t age_on;
	int age_exact;		/* whether age_on is a birthday */
	int grown_up_child;	/* whether of the applicant, though recorded as an adult */
	int not_applicants;	/* whether a child of somebody else in the household */
	int couple;		/* two members with the same number are a couple; 0: in none */
};

/* What follows from the members over every night of one stay; the rules read these. Where an age or a
 * birth changes a fact within the stay, or is not known, the fact spans what it may be. */
struct people {
	struct stay stay;
	int people;			/* -1 unknown */
	int under_twos;			/* under two on every night; -1 unknown */
	int age_unknown;		/* besides: perhaps under two on some night */
	int women, men;			/* adults on every night; a trans adult counts under trans only */
	int women_later, men_later;	/* adults on some nights, or perhaps */
	int trans;
	int adults_sex_unknown;
	struct span applicant;		/* years; most -1 unknown */
	struct span oldest_boy;		/* under 18, in years; {-1, -1} where there is no boy */
	enum tri adult_children;
	enum tri children;
	struct span bedrooms;
	int couples;
	int birth;			/* somebody may be born before the last night */
};

/* A vacancy this household and its provider could not agree on, as it was then: the rule holds
 * while the vacancy has this version. */
struct declined {
	struct uuid vacancy;
	int64_t version;
};

struct need {
#define ONE(type, name) type name;
#define EACH(type, name, n) type name[n];
#define MANY(type, name, most) type name[most]; int n_##name;
#include "match/struct_need.def"
};

void need_init(struct need *n);
/* The shortest useful stay: the one asked for, else the length of the wanted period. */
int need_min_stay(int asked, int32_t from, int32_t until);
/* Sets the nights wanted: from the first to the day of leaving, each DAY_NONE where not said; and the
 * shortest useful stay, with what was asked for or -1. */
void need_nights(struct need *n, int32_t from, int32_t leaving, int asked);

/* Whether the fund covers every night of a stay. */
bool need_funded(const struct need *n, struct stay stay);

/* 128 bits over every field of the need (not over padding; lists by content, not order), the
 * policy's version and the day: what a decision stores to show what it was made from. */
struct input_hash {
	uint64_t hi, lo;
};
struct input_hash need_hash(const struct need *n, const char *policy_version, int32_t today);
/* The same over the unsafe areas and the places to reach alone: a person who changes these and
 * searches again may be looking for where a place is. */
struct input_hash need_places_hash(const struct need *n);
