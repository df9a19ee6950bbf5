/* The code lists of the API: those that its input tables accept, its answers hold and GET /codes
 * lists.
 *
 * For each list of api/codes.def an enum whose constants are <list>_<code> and a
 * `struct code_list <list>_codes` (`void_reason_repair`, `void_reason_codes`).
 *
 * Those of matching are in match/codes.h; they begin with "unknown", which is no answer: a member
 * that is left out or null means it, and its column is NULL. So input tables and answers name
 * them by the `known_` form, which lacks it. */
#pragma once
#include "match/codes.h"

#define LIST(name) extern const struct code_list name##_codes; enum name {
#define CODE(enumerator, code, label) enumerator,
#define END(name, count) count };
#include "api/codes.def"

extern const struct code_list known_accommodation_type, known_residents, known_sex,
	known_wheelchair, known_informant, known_answer, known_risk_level, known_urgency, known_band;
/* Has a code of its own for "not known": the question is always answered. */
extern const struct code_list known_situation;

/* against_reason_codes: why a place is taken against a rule, and why one is past a sanctuary. */
extern const struct code_list rule_reason_codes, sanctuary_reason_codes;

/* sanctuary_visit_state_codes: how a visit ends. */
extern const struct code_list sanctuary_visit_end_codes;

/* decline_reason_codes by side. */
extern const struct code_list provider_decline_reason_codes, household_decline_reason_codes;
/* The side that has a reason: an index of decline_reason to one of decline_side. */
enum decline_side decline_reason_side(int reason);

/* Every list above, of roles, and of matching; ended by NULL; look one up with code_list_find(). No
 * name comes twice. */
extern const struct code_list *const code_lists[];
