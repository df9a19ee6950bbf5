/* What happened in years that are over, written as sets of rows into a set that has its households. */
#pragma once
#include "load.h"

struct demo_past {
	const char *years;	/* before the present financial year */
	const char *asks;	/* of a thousand cases, how many ask the fund */
	const char *open;	/* "t": also cases that are not closed */
	const char *pots;	/* the data file, whose pots they ask */
	const char *jobs;	/* of a thousand, how many had a home made safe; NULL: the set has no such rows */
};

bool demo_past_fill(const struct demo_load *l, const struct demo_past *past);
