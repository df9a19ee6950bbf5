/* When jobs last ran, for the metrics: the worker that runs them reads it from the database after each round and
 * keeps it among the counters that all workers share. So any worker can tell that the one that runs them hangs. */
#pragma once
#include <stddef.h>
#include <stdint.h>

#include "db/batch.h"

enum {
#define JOB(name) JOB_##name,
#include "jobs.def"
#undef JOB
	JOBS
};

struct job_times {
	uint64_t ran[JOBS];	/* seconds since 1970; 0: never */
	uint64_t due[JOBS];	/* from when on it is late; 0: not known yet */
};

extern const char *const job_names[JOBS];

/* Takes over what statement i of a batch says (SQL_JOB_TIMES), and logs a warning for each job that is late. */
void jobs_read(struct job_times *t, const struct batch *b, int i);
/* Whether a job has not run for longer than it may. */
int job_late(const struct job_times *t, int job);
