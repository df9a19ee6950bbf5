/* Addresses and placements for tests of who is shown what. Placements are of VACANCY_A1 for HOUSEHOLD,
 * held by the housing officer, accepted just now. */
#pragma once
#include "inventory.h"

#define SECRET "77 Canary Row"
#define PURPOSE "{\"purpose\":\"let_in\"}"

/* PROPERTY_A has an address that begins with SECRET. */
void tell_address(void);
/* A placement in that state, beginning today; its id. */
const char *placed(const char *state);
/* "/api/v1/placements/<id>/address" */
const char *address_of(const char *placement);
struct answer look(int actor, const char *placement);
/* The answer tells nothing that one about no placement would not: the same bytes but for the numbers
 * of the two requests. */
void expect_nothing(int actor, const char *placement, const char *why);
/* Rows that tell of a reveal, each with its audit event. */
int reveals(void);
