/* What matching needs to know of one household: no name, no date of birth, no address. The members
 * stand in match/struct_need.def.
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
#define ONE(type, name) type name;
#define EACH(type, name, n) type name[n];
#define MANY(type, name, most) type name[most]; int n_##name;
#include "match/struct_need.def"
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
