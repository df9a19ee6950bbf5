/* Counters that all workers share, in one small mapped file: whichever worker is asked for metrics
 * answers for all. Each worker writes its own slot only; numbers are whole 64-bit words. */
#pragma once
#include <stdint.h>

#include "serve/server.h"

struct counters {
	struct serve_stats serve;
	uint64_t connections, exchanges, refused, timed_out, evicted;
	uint64_t db_waiting, db_refused, db_lost;
	uint64_t board_age_us, board_vacancies, board_households;
	uint64_t ready;
};

/* Maps <run_dir>/counters for n workers, making it new when it has another size. NULL on failure. */
struct counters *counters_map(const char *run_dir, int n);
