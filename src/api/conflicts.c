#include "api/conflicts.h"

#define FIELD_ERROR(constraint, pointer, detail) { constraint, PROBLEM_INVALID, pointer, detail }

const struct conflict conflicts[] = {
	/* organisations, properties, units, vacancies, voids */
	{ "organisation_partnership_id_name_key", PROBLEM_DUPLICATE, NULL,
	  "The partnership has an organisation of this name" },
	FIELD_ERROR("property_shared_access_single_sex", "/residents", SHARED_ACCESS_SINGLE_SEX),
	FIELD_ERROR("property_single_sex_type", "/residents", TYPE_SINGLE_SEX),
	FIELD_ERROR("property_not_sanctuary", "/type", NOT_A_PROPERTY),
	{ "unit_reference_once", PROBLEM_DUPLICATE, NULL,
	  "The property has a unit of this reference" },
	FIELD_ERROR("vacancy_check", "/available_until", VACANCY_ORDER),
	FIELD_ERROR("unit_which_language", "/other_language", LANGUAGE_MISSING),
	FIELD_ERROR("unit_language_selected", "/other_language", LANGUAGE_NOT_SELECTED),
	{ "vacancy_once", PROBLEM_VACANCY_OVERLAPS, NULL, NULL },
	FIELD_ERROR("void_period_check", "/until_day", VOID_ORDER),
	{ "void_once", PROBLEM_VOID_OVERLAPS, NULL, NULL },
	/* households, referrals, placements */
	FIELD_ERROR("household_primary_victim", "/primary_victim_reason",
		    "Send the primary victim with the day and what it rests on, or none of the three"),
	FIELD_ERROR("household_which_language", "/other_language", LANGUAGE_MISSING),
	FIELD_ERROR("household_language_selected", "/other_language", LANGUAGE_NOT_SELECTED),
	FIELD_ERROR("household_band", "/band_reason", "Say why the band is set by hand"),
	FIELD_ERROR("marac_check", "/heard_on", MARAC_ORDER),
	{ "marac_household_id_referred_on_key", PROBLEM_DUPLICATE, NULL,
	  "A referral of that day is recorded already" },
	FIELD_ERROR("household_check", "/want_until", "The stay must end after it begins"),
	FIELD_ERROR("referral_safety_plan", "/safety_plan",
		    "A household that waits at home needs an interim safety plan with a day of review"),
	{ "person_index_linked", PROBLEM_CONFLICT_OF_INTEREST, NULL, NULL },
	FIELD_ERROR("person_index_member_once", "/name", MEMBER_TWICE),
	{ "referral_open_once", PROBLEM_REFERRAL_OPEN, NULL, NULL },
	{ "data_key_root", PROBLEM_UNAVAILABLE, NULL, "The keys are being changed: try again in a moment" },
	{ "placement_household_once", PROBLEM_HOUSEHOLD_PLACED, NULL, NULL },
	{ "placement_lived_in", PROBLEM_WRONG_STATE, NULL,
	  "Record first that the previous household has left" },
	{ "placement_once", PROBLEM_PLACE_TAKEN, NULL, NULL },
	FIELD_ERROR("placement_equality", "/equality_exception",
		    "Name the exception of the Equality Act 2010 that allows it"),
	{ 0 },
};
