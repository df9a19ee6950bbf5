#include "match/policy.h"

#include <string.h>

#include "base/text.h"
#include "match/codes.h"

enum { POINTS_MAX = 1000, TYPE_BITS = (1 << TYPE_COUNT) - 1 };

#define KEY(member) #member, offsetof(struct policy, member)

const struct policy_key policy_keys[] = {
	{ KEY(unsafe_same), 1, 0, 1, "a place in the same postcode district is unsafe" },
	{ KEY(unsafe_neighbour), 1, 0, 1, "a place in a neighbouring district is unsafe" },
	{ KEY(high_risk_types), TYPE_BITS & ~(1 << TYPE_SECOND_STAGE), 0, TYPE_BITS,
	  "accommodation types (bits) that can take high risk" },
	{ KEY(high_risk_staffed_types), 1 << TYPE_INTERIM, 0, TYPE_BITS,
	  "of these, types (bits) that can only take it with staff there day and night" },
	{ KEY(stale_hours), 24, 1, 720, "hours after which a vacancy not confirmed ranks lower" },
	{ KEY(lapse_hours), 72, 1, 2160, "hours after which a vacancy not confirmed lapses" },
	{ KEY(hold_least_minutes), 30, HOLD_MIN, HOLD_MAX, "shortest hold or offer" },
	{ KEY(hold_minutes), 120, HOLD_MIN, HOLD_MAX, "length of a hold where none is asked for" },
	{ KEY(hold_most_minutes), 240, HOLD_MIN, HOLD_MAX, "longest hold or offer" },
	{ KEY(offer_minutes), 120, HOLD_MIN, HOLD_MAX, "time to answer an offer where none is asked for" },
	{ KEY(usual_stay_days), 28, 1, 730, "stay that suffices where none was asked for" },
	{ KEY(long_stay_days), 90, 1, 730, "a stay of this many days or more is long" },
#define BAND_LINE(enumerator, code, label, number) \
	{ "band_" code, offsetof(struct policy, band[BAND_LINE_##enumerator]), number, 1, 4, "band: " label },
#include "match/bands.def"
	{ KEY(distance_mid_km), 15, 2, 500, "middle distance beyond an unsafe place, km" },
	{ KEY(distance_far_km), 40, 2, 500, "far beyond an unsafe place, km" },
	{ KEY(reach_near_km), 6, 2, 500, "near a place they must reach, km" },
	{ KEY(reach_mid_km), 16, 2, 500, "within reach of a place they must reach, km" },
	{ KEY(answer_fast_minutes), 30, 1, 10080, "a provider answers fast, minutes" },
	{ KEY(answer_slow_minutes), 240, 1, 10080, "a provider answers slowly, minutes" },
	{ KEY(cost_low_pence), 35000, 0, 10000000, "low weekly cost, pence" },
	{ KEY(cost_high_pence), 70000, 0, 10000000, "high weekly cost, pence" },
	{ KEY(distance_mid), 8, 0, POINTS_MAX, "points: middle distance" },
	{ KEY(distance_far), 12, 0, POINTS_MAX, "points: far" },
	{ KEY(specialism), 15, 0, POINTS_MAX, "points: each wanted specialism" },
	{ KEY(specialism_most), 30, 0, POINTS_MAX, "points: most for specialisms" },
	{ KEY(specialism_kept), -30, -POINTS_MAX, 0, "points: made for others than these" },
	{ KEY(support), 6, 0, POINTS_MAX, "points: each support need taken" },
	{ KEY(size_exact), 10, 0, POINTS_MAX, "points: no place left over" },
	{ KEY(size_spare), -2, -POINTS_MAX, 0, "points: each place left over" },
	{ KEY(size_spare_most), -10, -POINTS_MAX, 0, "points: at worst for places left over" },
	{ KEY(adapted_needed), 10, 0, POINTS_MAX, "points: adapted, and needed" },
	{ KEY(adapted_kept), -12, -POINTS_MAX, 0, "points: adapted, and not needed" },
	{ KEY(language), 8, 0, POINTS_MAX, "points: staff speak a language of theirs" },
	{ KEY(reach_near), 10, 0, POINTS_MAX, "points: near what they must reach" },
	{ KEY(reach_mid), 5, 0, POINTS_MAX, "points: within reach" },
	{ KEY(stay_long), 4, 0, POINTS_MAX, "points: long stay" },
	{ KEY(fresh), 5, -POINTS_MAX, POINTS_MAX, "points: confirmed lately" },
	{ KEY(stale), -10, -POINTS_MAX, 0, "points: stale" },
	{ KEY(answer_fast), 5, 0, POINTS_MAX, "points: answers fast" },
	{ KEY(answer_slow), -3, -POINTS_MAX, 0, "points: answers slowly" },
	{ KEY(cost_low), 5, 0, POINTS_MAX, "points: low cost, where the fund pays" },
	{ KEY(cost_high), -5, -POINTS_MAX, 0, "points: high cost, where the fund pays" },
	{ KEY(wish_area), 12, 0, POINTS_MAX, "points: wished-for area" },
	{ KEY(wish_type), 12, 0, POINTS_MAX, "points: wished-for type" },
	{ KEY(tonight_staffed), 15, 0, POINTS_MAX, "points: tonight, staff there at this hour" },
	{ KEY(tonight_unstaffed), -15, -POINTS_MAX, 0, "points: tonight, nobody there at this hour" },
	{ KEY(stage_move_on), 15, 0, POINTS_MAX, "points: second stage, for those who move on" },
	{ KEY(stage_kept), -100, -POINTS_MAX, 0, "points: second stage, for those who come from danger" },
	{ KEY(interim), -20, -POINTS_MAX, 0, "points: interim accommodation, a last resort" },
	{ KEY(ask), -3, -POINTS_MAX, 0, "points: each question to the provider" },
	{ 0 },
};

static int32_t *member(struct policy *p, const struct policy_key *key)
{
	return (int32_t *)(void *)((char *)p + key->offset);
}

int32_t policy_get(const struct policy *p, const struct policy_key *key)
{
	int32_t value;

	memcpy(&value, (const char *)p + key->offset, sizeof(value));
	return value;
}

void policy_default(struct policy *p)
{
	memset(p, 0, sizeof(*p));
	memcpy(p->version, "2026-3", sizeof("2026-3"));
	for (const struct policy_key *key = policy_keys; key->name; key++)
		*member(p, key) = key->def;
}

bool policy_set(struct policy *p, const char *name, int64_t value)
{
	for (const struct policy_key *key = policy_keys; key->name; key++) {
		if (!text_eq(key->name, name))
			continue;
		if (value < key->min || value > key->max)
			return false;
		*member(p, key) = (int32_t)value;
		return true;
	}
	return false;
}
