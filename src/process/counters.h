/* Counters that all workers share, in one small mapped file, so that any worker can answer a
 * request for metrics for all of them. Each worker writes only its own slot; numbers are whole
 * 64-bit words. */
#pragma once
#include <stdint.h>

#include "jobs.h"
#include "serve/server.h"

struct counters {
	struct serve_stats serve;
	uint64_t connections, exchanges, refused, timed_out, evicted;
	uint64_t db_waiting, db_refused, db_lost;
	uint64_t board_age_us, board_vacancies, board_households;
	uint64_t ready;
	struct job_times jobs;	/* of the worker that runs them */
};

/* Maps <run_dir>/counters for n workers; a file of another size is made again. NULL on failure. */
struct counters *counters_map(const char *run_dir, int n);
