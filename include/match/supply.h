/* One vacancy with its unit's facts, as matching needs them. It never holds an address: the finest
 * place is a postcode district, and no answer repeats it.
 *
 * Begin with supply_init() (everything unknown), then set what is known. Unknown is -1 for
 * numbers, DAY_NONE for days and zero for codes and instants; an unknown never fails a rule: the
 * provider is asked.
 */
#pragma once
#include <stdint.h>

#include "base/date.h"
#include "base/uuid.h"
#include "match/codes.h"
#include "match/geography.h"
#include "match/need.h"

enum {
	SUPPLY_GROUPS = 4,
	BOYS_NONE = -2,		/* oldest_boy: none accepted */
	STAY_NO_LIMIT = 0,	/* longest_stay */
	SUPPLY_TAKEN = 6,
};

struct supply {
	struct uuid id;			/* of the vacancy */
	struct uuid unit, organisation;
	int64_t version;		/* changes whenever a fact that matching uses changes */
	int64_t place_version;		/* of its unit and property together: the sum of both versions */
	uint16_t groups[SUPPLY_GROUPS];	/* the groups that may see it: numbers the caller gives to
					 * organisations and partnerships */
	int n_groups;

	enum accommodation_type type;
	enum residents residents;
	int area;			/* id of the public area label */
	int district;			/* in the geography */

	int max_people, cots, bedrooms;
	enum tri self_contained;
	enum wheelchair wheelchair;
	enum tri step_free, ground_floor, adapted_bathroom;
	int min_age;			/* of the main applicant; 0: any */
	int oldest_boy;			/* accepted up to this age itself, 17: all; BOYS_NONE */
	enum answer adult_children;
	enum answer support[SUPPORT_COUNT];
	enum answer nrpf;
	enum answer pets;
	uint32_t specialisms;		/* bits of enum specialism */
	code_set languages;		/* of staff: bits of enum language */
	enum risk_level highest_risk;	/* accepted */
	enum tri staffed_24h;
	int mix_known;			/* 0: poses and avoids have not been asked */
	uint16_t poses, avoids;		/* residents now there: bits of enum mix_risk */

	int32_t from;			/* first day */
	int32_t until;			/* last day; DAY_NONE: open-ended */
	struct stay taken[SUPPLY_TAKEN];	/* nights lost to a void or to somebody else, in order */
	int n_taken;
	int longest_stay;		/* days; STAY_NO_LIMIT; -1 unknown */
	int weekly_cost;		/* pence; -1 unknown */
	int64_t confirmed;		/* when the provider last confirmed it; 0 unknown */
	int64_t busy_until;		/* held or placed till this instant; 0: neither; INT64_MAX:
					 * placed, void or in turnaround with no end known */
	const void *shown;		/* the caller's, for pages: matching does not look */
	int answer_minutes;		/* how long this provider takes to answer, median; -1 */
};

void supply_init(struct supply *s);
