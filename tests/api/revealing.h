/* Addresses and placements for the tests of reveals. The placements are of VACANCY_A1 for
 * HOUSEHOLD, held by the housing officer, and accepted just now. */
#pragma once
#include "inventory.h"

#define SECRET "77 Canary Row"
#define PURPOSE "{\"purpose\":\"let_in\"}"

/* PROPERTY_A has an address that begins with SECRET. */
void tell_address(void);
/* Makes a placement in that state that begins today. Returns its id. */
const char *placed(const char *state);
/* "/api/v1/placements/<id>/address" */
const char *address_of(const char *placement);
struct answer look(int actor, const char *placement);
/* Expects that the answer is the same as for a placement that does not exist, byte by byte except
 * the numbers of the two requests. */
void expect_nothing(int actor, const char *placement, const char *why);
/* The number of rows that record a reveal, each with its audit event. */
int reveals(void);
