/* What each kind of work allows, as sets of roles for the `roles` of a route row. Which rows a
 * person sees beyond that (own organisation, own partnership) stands in the statements. */
#pragma once
#include "serve/route.h"

/* Post, confirm and withdraw vacancies, keep properties and units, answer offers. */
#define CAN_PROVIDE ROLE_BIT(provider)
/* Take referrals, search, hold and offer. */
#define CAN_PLACE (ROLE_BIT(housing_officer) | ROLE_BIT(navigator))
/* See cases (households, referrals) of the own partnership. */
#define CAN_SEE_CASES (CAN_PLACE | ROLE_BIT(sanctuary_coordinator))
/* See inventory: providers their own, the others the partnership's. */
#define CAN_SEE_SUPPLY (CAN_PROVIDE | CAN_PLACE | ROLE_BIT(analyst))
/* See that placements happen, by case reference: providers theirs, others the partnership's. */
#define CAN_SEE_PLACEMENTS \
	(CAN_PROVIDE | CAN_PLACE | ROLE_BIT(finance_officer) | ROLE_BIT(finance_approver) | ROLE_BIT(analyst))
/* Either side of a placement. */
#define CAN_DECIDE (CAN_PLACE | CAN_PROVIDE)
/* Accounts, roles, sessions, organisations. */
#define CAN_ADMINISTER ROLE_BIT(administrator)
/* Alerts, and what somebody else declared: the information officer. */
#define CAN_REVIEW ROLE_BIT(administrator)
/* The audit trail: administrators see who did what, never the content of a case. */
#define CAN_AUDIT (ROLE_BIT(administrator) | ROLE_BIT(finance_approver))
/* Who looked at a household: of its own organisation, those who work on it and the administrator. */
#define CAN_SEE_LOOKERS (CAN_SEE_CASES | ROLE_BIT(administrator))
