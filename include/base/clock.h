/* The two clocks. Decisions about holds and expiry use the database's clock, never these. */
#pragma once
#include <stdint.h>

/* Microseconds since the epoch, UTC; may step. */
int64_t clock_now(void);
/* Microseconds that never go back, from an arbitrary start: for durations and deadlines. */
int64_t clock_mono(void);
