/* Waiting in tests for what another process does. What ends a wait is what it waits for, never a guess at how
 * fast the machine is:
 *
 *	int64_t since = clock_mono();
 *
 *	while (!all_linked() && wait_on(since))
 *		;
 *	cr_assert(all_linked());
 */
#pragma once
#include <stdbool.h>

#include "base/clock.h"

/* Only what never comes takes so long, on whatever machine. Tests' own limits are longer. */
enum { PATIENCE_S = 90 };

/* Pauses a little. False once PATIENCE_S are over since that instant of clock_mono(). */
bool wait_on(int64_t since);
