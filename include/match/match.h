/* The matching rules for one household and one vacancy: the plain evaluator, which defines the
 * answer. The index (match/index.h) gives the same answer for many vacancies at once.
 *
 * Pure: the same inputs always give the same verdict. Instants within a verdict are compared with
 * `now`, days with `today` (the day of now in London).
 */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "match/codes.h"
#include "match/geography.h"
#include "match/household.h"
#include "match/need.h"
#include "match/policy.h"
#include "match/supply.h"

/* The part of a match that is the same from one need or vacancy to the next. */
struct match_env {
	const struct policy *policy;
	const struct geography *geography;
	int32_t today;
	int64_t now;
};

/* One pair, and what follows from both: the stay they would make, over every night of which each
 * rule is judged, and who the household is on those nights. */
struct match {
	const struct match_env *env;
	const struct need *need;
	const struct supply *supply;
	struct stay stay;
	struct people who;
};
struct match match_of(const struct match_env *env, const struct need *need, const struct supply *supply);
/* The stay from a first day on: to the last night wanted, else of the shortest useful length. */
struct stay stay_from(const struct match_env *env, const struct need *need, int32_t first);
/* The stay that a household would make where a place is free at once: from the day wanted or today. */
struct stay stay_wanted(const struct match_env *env, const struct need *need);
/* The need as of today, with its facts: a wished day that has passed becomes today. */
struct need need_now(const struct match_env *env, const struct need *need);

enum { MEND_OPEN = 3 };
/* What a near miss would need, in numbers; see match_mend(). */
struct mend_detail {
	int64_t wanted, there;
	struct stay open[MEND_OPEN];	/* of MEND_FREE_NIGHTS */
	int n_open;
	struct stay unfunded;		/* of MEND_NRPF_FUNDING: the nights that nothing covers */
	int32_t covered;		/* and the last night before them that the fund covers, or DAY_NONE */
	bool cut_off;			/* more was promised, of a year of which the pot is not open */
};

struct rule_row {
	const char *name;	/* the code */
	enum outcome (*test)(const struct match *m);
	enum mend (*mend)(const struct match *m, struct mend_detail *d);	/* NULL: not mendable */
	bool hidden;		/* told only within the total not_suitable */
	bool costs;		/* an ask costs points; not where it comes from a protected
				 * characteristic, which never lowers a score */
};
/* By enum rule. */
extern const struct rule_row rule_rows[RULE_COUNT];

struct reason {
	enum score_reason code;
	int32_t points;
};

struct verdict {
	unsigned char outcome[RULE_COUNT];	/* enum outcome */
	bool fits;			/* no rule fails; some may ask, or be open */
	int first_failed;		/* enum rule, -1 */
	int n_failed, n_asked, n_open;
	int32_t score;			/* sum of the reasons; set for failing pairs too */
	struct reason reasons[SCORE_COUNT];	/* those with points, in the order of the codes */
	int n_reasons;
};

void match_pair(const struct match_env *env, const struct need *need, const struct supply *supply,
		struct verdict *out);
/* The districts in which no place is safe for this need, in the geography's order: at most `most` of them in out.
 * Returns their number. Of these and the others an answer tells apart in which of them a place is. */
int match_unsafe_districts(const struct match_env *env, const struct need *need, struct arena *a, int *out, int most);
/* A score as people see it: per cent of what this household could have got, 0 to 100. */
int match_share(const struct match_env *env, const struct need *need, int32_t score);
/* Makes a verdict fit for showing: where a hidden rule fails, only "not suitable" is left (every
 * rule pass but RULE_UNSAFE_AREA, no score, no reasons), whatever else failed. */
void verdict_hide(struct verdict *v);

/* What would mend a pair that fails one rule. wanted: a day for MEND_FREE_ON, an instant for
 * MEND_HOLD_ENDS (INT64_MAX: not known), days for MEND_LONGER_STAY, an age for MEND_BOYS_AGE and
 * MEND_MIN_AGE, bits of support_need for MEND_SUPPORT, people for MEND_MORE_PEOPLE, rooms for
 * MEND_FEWER_ROOMS, weeks for MEND_NRPF_FUNDING, else 0. there: what the place has of it, pence a week
 * for MEND_NRPF_FUNDING, -1 where that is not known. MEND_NONE where more than one rule fails, or the
 * rule cannot be mended or must not be told. */
enum mend match_mend(const struct match_env *env, const struct need *need,
		     const struct supply *supply, struct mend_detail *d);

struct candidate {
	size_t need;		/* index into the needs given */
	struct priority priority;
	struct verdict verdict;
};
/* The waiting households that a vacancy fits, first in priority first; at most max into out.
 * Returns how many fit in all. The order of needs does not matter. */
size_t match_candidates(const struct match_env *env, const struct supply *supply,
			const struct need *needs, size_t n, struct candidate *out, size_t max);
