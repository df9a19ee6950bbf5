/* A hidden case is answered like a case that does not exist, and is as much work. */
#include <stdlib.h>
#include <time.h>

#include "inventory.h"
#include "memory.h"
#include "referring.h"

TestSuite(hidden_time, .init = service_start_own, .fini = service_stop, .timeout = 300);

/* Policies work on rows that exist: when requests looked at them, a hidden case took at least a
 * sixth longer. What is measured is the processors' time of all processes of the service, since other
 * work of the machine hardly changes it: it moves a median by less than a tenth, and not each time. */
enum { DENIED, RESTRICTED, NONE, CASES };
enum { TIMES = 100, WARM = 20, ROUNDS = 6, TOLERATED = 10, PROCESSES_MOST = 32 };

static const char *const cases[CASES] = { HOUSEHOLD, HOUSEHOLD_2, NOBODY };

static int by_size(const void *a, const void *b)
{
	int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;

	return (x > y) - (x < y);
}

static clockid_t clocks[PROCESSES_MOST];
static int nclocks;

static void watch(pid_t pid)
{
	cr_assert_lt(nclocks, PROCESSES_MOST, "room for another process");
	cr_assert_eq(clock_getcpuclockid(pid, &clocks[nclocks++]), 0, "a clock of process %d", (int)pid);
}

/* The worker, the vault, and their sessions in the database. */
static void watch_service(void)
{
	char *pid = arena_strdup(test_memory(), sql("SELECT string_agg(pid::text, ' ') FROM pg_stat_activity "
						    "WHERE datname = current_database() AND pid <> pg_backend_pid()"));

	watch(service_worker());
	watch(service_vault());
	for (pid = strtok(pid, " "); pid; pid = strtok(NULL, " "))
		watch((pid_t)atoi(pid));
	cr_assert_geq(nclocks, 4, "a session that reads and one that writes");
}

static int64_t worked_ns(void)
{
	int64_t sum = 0;

	for (int i = 0; i < nclocks; i++) {
		struct timespec t;

		cr_assert_eq(clock_gettime(clocks[i], &t), 0, "a process ended");
		sum += (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
	}
	return sum;
}

static int64_t once(const char *method, const char *target, const char *body)
{
	int64_t begun = worked_ns();
	struct answer a = body ? call(ROLE_housing_officer, method, target, "%s", body)
			       : call(ROLE_housing_officer, method, target, NULL);
	int64_t ns = worked_ns() - begun;

	cr_assert_eq(a.status, 404, "%s %s: %s", method, target, a.body);
	return ns;
}

static void measure(int64_t median[CASES], const char *method, const char *rest, const char *body)
{
	int64_t ns[CASES][TIMES];
	const char *targets[CASES];

	for (int k = 0; k < CASES; k++)
		targets[k] = path("households", cases[k], rest);
	for (int i = -WARM; i < TIMES; i++)
		for (int k = 0; k < CASES; k++) {
			int64_t took = once(method, targets[k], body);

			ns[k][i < 0 ? 0 : i] = took;
		}
	for (int k = 0; k < CASES; k++) {
		qsort(ns[k], TIMES, sizeof(int64_t), by_size);
		median[k] = ns[k][TIMES / 2];
	}
}

static bool alike(const int64_t median[CASES])
{
	for (int k = 0; k < NONE; k++)
		if (llabs(median[k] - median[NONE]) * 100 > TOLERATED * median[NONE])
			return false;
	return true;
}

static void expect_alike(const char *method, const char *rest, const char *body)
{
	int64_t median[CASES];

	for (int i = 0; i < ROUNDS; i++) {
		measure(median, method, rest, body);
		if (alike(median))
			return;
	}
	cr_expect(false, "%s %s: %lld ns denied, %lld ns restricted, %lld ns where there is none", method, rest,
		  (long long)median[DENIED], (long long)median[RESTRICTED], (long long)median[NONE]);
}

/* Adds so many cases that the database uses their index, and puts records into the two hidden
 * ones. */
static void hide_two_among_many(void)
{
	sql("INSERT INTO household (id, organisation_id, situation, closed_at) "
	    "SELECT gen_random_uuid(), '" COUNCIL "', 'rough', now() FROM generate_series(1, 3000)");
	sql("INSERT INTO member (household_id, kind, age) SELECT h, 'child', 3 FROM unnest(ARRAY['" HOUSEHOLD "', '" HOUSEHOLD_2 "']::uuid[]) h, "
	    "generate_series(1, 5)");
	sql("INSERT INTO consent (household_id, purpose, basis) SELECT h, 'share_with_police', 'given' "
	    "FROM unnest(ARRAY['" HOUSEHOLD "', '" HOUSEHOLD_2 "']::uuid[]) h, generate_series(1, 5)");
	sql("INSERT INTO case_access (household_id, account_id, access, reason) "
	    "SELECT '" HOUSEHOLD "', id, 'deny', 'Known to the family' FROM account WHERE username = 'housing_officer'");
	sql("INSERT INTO case_access (household_id, account_id, access, reason) "
	    "SELECT '" HOUSEHOLD_2 "', id, 'allow', 'Known to the family' FROM account WHERE username = 'navigator'");
	sql("UPDATE household SET restricted = true WHERE id = '" HOUSEHOLD_2 "'");
	sql("ANALYZE");
}

Test(hidden_time, is_that_of_no_case)
{
	static const struct {
		const char *method, *rest, *body;
	} asked[] = {
		{ "GET", "", NULL },
		{ "GET", "/consents", NULL },
		{ "GET", "/access", NULL },
		{ "GET", "/characteristics", NULL },
		{ "GET", "/audit-events", NULL },
		{ "POST", "/unsafe-places", "{\"kind\":\"family\",\"outward_code\":\"TS1\"}" },
		{ "POST", "/members", "{\"kind\":\"child\"}" },
		{ "POST", "/members", "{\"kind\":\"child\",\"name\":\"Ann Vale\"}" },
		{ "POST", "/maracs", "{}" },
		{ "POST", "/consents", "{\"purpose\":\"share_with_police\",\"basis\":\"given\"}" },
		{ "POST", "/access", "{\"account_id\":\"" NOBODY "\",\"access\":\"deny\",\"reason\":\"Known to the family\"}" },
	};

	hide_two_among_many();
	watch_service();
	for (size_t i = 0; i < sizeof(asked) / sizeof(*asked); i++)
		expect_alike(asked[i].method, asked[i].rest, asked[i].body);
}
