/* Jobs: that each really runs in a service as shipped, and that one that stopped is seen. */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../../src/process/jobs.h"
#include "audit/sealer.h"
#include "base/clock.h"
#include "base/date.h"
#include "inventory.h"
#include "memory.h"
#include "seal/keys.h"

TestSuite(jobs, .init = service_start, .fini = service_stop);
/* Of its own: lent services are the second worker, and the first one runs the jobs. */
TestSuite(job_rounds, .init = service_start_own, .fini = service_stop, .timeout = 180);

/* A round comes every 30 seconds. */
enum { PATIENCE_SECONDS = 120, SIGNED_MS = 1000 };

/* The vault of a test signs nothing: here is what it has as shipped. */
static struct sealer *sign(void)
{
	const char *error;
	struct vault_keys *keys = vault_keys_load(service_key_file(), &error);
	struct sealer_options o = {
		.conninfo = arena_printf(test_memory(), "%s dbname=%s user=haven_vault", getenv("HAVEN_TEST_PG"), database_name()),
		.head_ms = SIGNED_MS,
	};
	struct sealer *s;

	cr_assert(keys, "%s", error);
	s = sealer_start(keys, &o);
	cr_assert(s);
	vault_keys_free(keys);
	return s;
}

Test(job_rounds, each_really_runs_and_the_metrics_tell)
{
	int64_t until = clock_mono() + PATIENCE_SECONDS * SECOND_US;
	struct sealer *sealer = sign();
	const char *left = "all";
	struct answer a;

	sql("UPDATE job SET ran_at = NULL");
	do {
		cr_assert_lt(clock_mono(), until, "never ran: %s", left);
		sleep(1);
		left = sql("SELECT coalesce(string_agg(name, ', '), '') FROM job WHERE ran_at IS NULL");
	} while (*left);
	sealer_stop(sealer);
	a = service_metrics();
	for (int job = 0; job < JOBS; job++) {
		char line[80];

		snprintf(line, sizeof(line), "haven_job_late{job=\"%s\"} 0\n", job_names[job]);
		cr_expect(strstr(a.body, line), "%s is not there: %s", line, a.body);
	}
}

Test(jobs, one_that_stopped_stands_first)
{
	struct answer a;

	sql("UPDATE job SET ran_at = now() - interval '6 minutes' WHERE name = 'clear'");
	sql("UPDATE job SET ran_at = now() WHERE name <> 'clear'");
	a = call(ROLE_administrator, "GET", "/api/v1/jobs", NULL);
	assert_status(a, 200);
	cr_assert_str_eq(answer_text(&a, "items.0.name"), "clear");
	cr_assert(json_is_true(json_object_get(json_array_get(json_object_get(a.json, "items"), 0), "late")), "%s", a.body);
	cr_assert(json_is_false(json_object_get(json_array_get(json_object_get(a.json, "items"), 1), "late")), "%s", a.body);
	a = call(ROLE_housing_officer, "GET", "/api/v1/jobs", NULL);
	assert_status(a, 403);
}

/* One list in the database, one for the metrics; what pages show is compared with theirs at every answer. */
Test(jobs, the_lists_are_the_same)
{
	for (int job = 0; job < JOBS; job++)
		cr_expect_str_eq(sql("SELECT count(*) FROM job WHERE name = '%s'", job_names[job]), "1", "%s", job_names[job]);
	cr_assert_str_eq(sql("SELECT count(*) FROM job"), sql("SELECT %d", JOBS));
}

Test(jobs, late_is_judged_by_age)
{
	struct job_times t = { .due = { 1, 0, UINT32_MAX } };

	cr_assert(job_late(&t, 0));
	cr_assert_not(job_late(&t, 1), "not known yet");
	cr_assert_not(job_late(&t, 2));
}
