/* The rules in the order of enum rule: how each is judged, what would mend it, whether it costs,
 * and whether it may not be told. */
#include "rules.h"

#define ROW(rule, ...) { .name = #rule, .test = rule_##rule, __VA_ARGS__ }
#define MENDED(rule, ...) ROW(rule, .mend = mend_##rule, __VA_ARGS__)

const struct rule_row rule_rows[RULE_COUNT] = {
	[RULE_RESIDENTS_SEX] = ROW(residents_sex, .costs = false),
	[RULE_BOYS_AGE] = MENDED(boys_age, .costs = false),
	[RULE_ADULT_CHILDREN] = MENDED(adult_children, .costs = true),
	[RULE_MIN_AGE] = MENDED(min_age, .costs = false),
	[RULE_CAPACITY] = MENDED(capacity, .costs = true),
	[RULE_BEDROOMS] = MENDED(bedrooms, .costs = true),
	[RULE_ACCESS] = MENDED(access, .costs = false),
	[RULE_UNSAFE_AREA] = ROW(unsafe_area, .costs = true, .hidden = true),
	[RULE_SUPPORT] = MENDED(support, .costs = false),
	[RULE_RISK_LEVEL] = MENDED(risk_level, .costs = true),
	[RULE_NRPF] = MENDED(nrpf, .costs = true),
	[RULE_PETS] = MENDED(pets, .costs = true),
	[RULE_AVAILABLE] = MENDED(available, .costs = true),
	[RULE_STAY] = MENDED(stay, .costs = true),
	[RULE_CONFLICT] = ROW(conflict, .hidden = true),
	[RULE_DECLINED] = MENDED(declined, .costs = true),
	[RULE_RESIDENT_MIX] = MENDED(resident_mix, .costs = true),
};
