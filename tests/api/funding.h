/* A pot with money and approvers with limits, for tests of the fund. */
#pragma once
#include <stdbool.h>

#include "inventory.h"

#define FUND_HOME "00000000-0000-4000-8000-000000000401"
#define FUND_OTHER_HOME "00000000-0000-4000-8000-000000000402"

/* Sets up an open pot of this year for every category, of the seed's council, and returns the id of its year. */
const char *fund_pot(const char *name, long pence);
/* What approvers of a role may approve, in pence; nothing of two or lane where 0. */
void fund_limit(const char *role, long single, long month, long two_from, long lane);
/* A request of the navigator's: its id. The state must be right. */
const char *fund_asked(const char *home, const char *category, long pence);
struct answer fund_act(int actor, const char *id, const char *act, const char *body);
/* Runs act(0) to act(n - 1) at the same moment, each in a process of its own: how many were true. */
int fund_at_once(int n, bool (*act)(int i));
/* A figure of a pot's year: "free_pence". */
long fund_figure(const char *year, const char *figure);
