/* The numbers that councils set: switches, limits and weights, versioned as a whole
 * (config/policy/<version>.json). policy_keys names every member, so a loader, a page and a check
 * of the shipped file need no second list. */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "match/codes.h"

/* Both a multiple of what follows them, so that two policies can be compared byte by byte. */
enum { POLICY_VERSION = 32, POLICY_DIGEST = 68 };
/* What any policy may allow of a hold or an offer, minutes: the bounds of the API. */
enum { HOLD_MIN = 30, HOLD_MAX = 240 };

struct policy {
	char version[POLICY_VERSION];
	char digest[POLICY_DIGEST];	/* of the text in the database that it was read from; "" of none */

	/* safety */
	int32_t unsafe_same, unsafe_neighbour;
	int32_t high_risk_types, high_risk_staffed_types;	/* bits of accommodation_type */

	/* time */
	int32_t stale_hours, lapse_hours;
	int32_t hold_least_minutes, hold_minutes, hold_most_minutes, offer_minutes;
	int32_t usual_stay_days, long_stay_days;

	/* the band that each line of the table gives, by enum band_line (match/bands.def) */
	int32_t band[BAND_LINE_OVERRIDE];

	/* coarse bands */
	int32_t distance_mid_km, distance_far_km;
	int32_t reach_near_km, reach_mid_km;
	int32_t answer_fast_minutes, answer_slow_minutes;
	int32_t cost_low_pence, cost_high_pence;

	/* points */
	int32_t distance_mid, distance_far;
	int32_t specialism, specialism_most, specialism_kept;
	int32_t support;
	int32_t size_exact, size_spare, size_spare_most;
	int32_t adapted_needed, adapted_kept;
	int32_t language;
	int32_t reach_near, reach_mid;
	int32_t stay_long;
	int32_t fresh, stale;
	int32_t answer_fast, answer_slow;
	int32_t cost_low, cost_high;
	int32_t wish_area, wish_type;
	int32_t tonight_staffed, tonight_unstaffed;
	int32_t stage_move_on, stage_kept;
	int32_t interim;
	int32_t ask;
};

struct policy_key {
	const char *name;
	size_t offset;		/* of an int32_t in struct policy */
	int32_t def, min, max;
	const char *help;
};

/* Ends with a row without name. */
extern const struct policy_key policy_keys[];

/* The shipped policy, 2026-3. */
void policy_default(struct policy *p);
/* False where no key has that name or the value is out of its range. */
bool policy_set(struct policy *p, const char *name, int64_t value)
	__attribute__((warn_unused_result));
int32_t policy_get(const struct policy *p, const struct policy_key *key);
