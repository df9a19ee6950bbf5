#include "api/codes.h"

#include "serve/route.h"

#define LIST(name) static const struct code name##_rows[] = {
#define CODE(enumerator, code, label) { code, label },
#define END(name, count) }; const struct code_list name##_codes = { #name, name##_rows, count };
#include "api/codes.def"

/* Lists whose labels matching itself uses are not needed here. */
#define LIST(name) static const struct code matching_##name##_rows[] __attribute__((unused)) = {
#define CODE(enumerator, code, label) { code, label },
#define END(name, count) };
#include "match/codes.def"

#define WITHOUT_FIRST(rows) &(rows)[1], sizeof(rows) / sizeof(*(rows)) - 1
#define KNOWN(name) \
	const struct code_list known_##name = { #name, WITHOUT_FIRST(matching_##name##_rows) }
KNOWN(accommodation_type);
KNOWN(residents);
KNOWN(sex);
KNOWN(wheelchair);
KNOWN(informant);
KNOWN(answer);
KNOWN(risk_level);
KNOWN(urgency);
const struct code_list known_band = { "priority_band", WITHOUT_FIRST(matching_band_rows) };
const struct code_list known_situation = { "situation", matching_situation_rows, SITUATION_COUNT };

const struct code_list provider_decline_reason_codes = {
	"provider_decline_reason", decline_reason_rows, decline_reason_too_near,
};
const struct code_list household_decline_reason_codes = {
	"household_decline_reason", &decline_reason_rows[decline_reason_too_near],
	decline_reason_count - decline_reason_too_near,
};

const struct code_list rule_reason_codes = {
	"rule_reason", against_reason_rows, against_reason_home_not_safe_meanwhile,
};
const struct code_list sanctuary_reason_codes = {
	"sanctuary_reason", &against_reason_rows[against_reason_home_not_safe_meanwhile],
	against_reason_count - against_reason_home_not_safe_meanwhile,
};

const struct code_list sanctuary_visit_end_codes = {
	"sanctuary_visit_end", &sanctuary_visit_state_rows[sanctuary_visit_state_done],
	sanctuary_visit_state_count - sanctuary_visit_state_done,
};

enum decline_side decline_reason_side(int reason)
{
	return reason < decline_reason_too_near ? decline_side_provider : decline_side_household;
}

#define LIST(name) &name##_codes,
#define CODE(enumerator, code, label)
#define END(name, count)
const struct code_list *const code_lists[] = {
	&role_codes,
	&tri_codes,
#include "api/codes.def"
	&rule_reason_codes,
	&sanctuary_reason_codes,
	&sanctuary_visit_end_codes,
	&provider_decline_reason_codes,
	&household_decline_reason_codes,
	&known_accommodation_type,
	&known_residents,
	&known_sex,
	&known_wheelchair,
	&known_informant,
	&known_answer,
	&known_risk_level,
	&known_situation,
	&known_urgency,
	&known_band,
	&support_need_codes,
	&specialism_codes,
	&language_codes,
	&band_line_codes,
	&mix_risk_codes,
	&area_kind_codes,
	&outcome_codes,
	&rule_codes,
	&mend_codes,
	&score_reason_codes,
	&sanctuary_condition_codes,
	&priority_step_codes,
	NULL,
};
