#include "jobs.h"

#include "base/clock.h"
#include "base/date.h"
#include "base/log.h"
#include "base/text.h"

const char *const job_names[JOBS] = {
#define JOB(name) #name,
#include "jobs.def"
#undef JOB
};

int job_late(const struct job_times *t, int job)
{
	return t->due[job] != 0 && clock_now() / SECOND_US > (int64_t)t->due[job];
}

static uint64_t seconds(const struct batch *b, int i, int row, const char *column)
{
	const char *s = batch_value(b, i, row, column);
	int64_t n = 0;

	return s && text_to_i64(s, &n) && n > 0 ? (uint64_t)n : 0;
}

static void read_one(struct job_times *t, const struct batch *b, int i, int row)
{
	const char *name = batch_value(b, i, row, "name");

	for (int job = 0; job < JOBS; job++)
		if (text_eq(job_names[job], name)) {
			t->ran[job] = seconds(b, i, row, "ran");
			t->due[job] = seconds(b, i, row, "due");
			if (job_late(t, job))
				log_event(LOG_WARN, "job late", "job", name, NULL);
		}
}

void jobs_read(struct job_times *t, const struct batch *b, int i)
{
	for (int row = 0; row < batch_rows(b, i); row++)
		read_one(t, b, i, row);
}
