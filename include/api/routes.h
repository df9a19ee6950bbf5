/* The route tables of the API, one a resource; app lists them. Each ends with an empty row. */
#pragma once
#include "serve/route.h"

extern const struct route session_routes[];
extern const struct route account_routes[];
extern const struct route code_routes[];
extern const struct route organisation_routes[];
extern const struct route property_routes[];
extern const struct route unit_routes[];
extern const struct route vacancy_routes[];
extern const struct route void_routes[];
extern const struct route household_routes[];
extern const struct route case_access_routes[];
extern const struct route member_routes[];
extern const struct route characteristic_routes[];
extern const struct route consent_routes[];
extern const struct route marac_routes[];
extern const struct route referral_routes[];
extern const struct route placement_routes[];
extern const struct route address_reveal_routes[];
extern const struct route declared_link_routes[];
extern const struct route alert_routes[];
extern const struct route break_glass_routes[];
extern const struct route person_search_routes[];
extern const struct route audit_trail_routes[];
extern const struct route search_routes[];
