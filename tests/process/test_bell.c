/* Workers ring each other's bells after a commit, and hear their own. */
#include <criterion/criterion.h>
#include <poll.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/date.h"
#include "patience.h"
#include "service.h"

TestSuite(bell, .init = service_start_own, .fini = service_stop, .timeout = 120);

#define HOLD "{\"household_id\":\"" HOUSEHOLD "\",\"vacancy_id\":\"" VACANCY_A1 "\"}"
#define NEED "{\"household_id\":\"" HOUSEHOLD "\",\"near_misses\":0}"

enum { QUIET_US = 2500000, ROUNDS = 3 };

static bool rung(int ms)
{
	struct pollfd p = { .fd = service_other_bell(), .events = POLLIN };
	eventfd_t n;

	return poll(&p, 1, ms) == 1 && eventfd_read(p.fd, &n) == 0;
}

Test(bell, a_commit_rings_the_other_worker)
{
	struct answer a = call(ROLE_navigator, "POST", "/api/v1/placements", HOLD);

	cr_assert_eq(a.status, 201, "%s", a.body);
	cr_assert(rung(PATIENCE_S * 1000), "a hold");
	a = call(ROLE_provider, "POST", "/api/v1/vacancies/" VACANCY_B1 "/confirm", "{}");
	cr_assert_eq(a.status, 404, "%s", a.body);
	cr_assert_not(rung(200), "nothing was committed");
	a = call(ROLE_provider, "POST", "/api/v1/vacancies/" VACANCY_A2 "/confirm", "{}");
	cr_assert_eq(a.status, 200, "%s", a.body);
	cr_assert(rung(PATIENCE_S * 1000), "a confirmation");
}

/* Its audit row concerns no board. */
Test(bell, a_read_rings_nobody)
{
	struct answer a = call(ROLE_navigator, "GET", "/api/v1/households/" HOUSEHOLD, NULL);

	cr_assert_eq(a.status, 200, "%s", a.body);
	a = call(ROLE_navigator, "POST", "/api/v1/vacancy-searches", NEED);
	cr_assert_eq(a.status, 200, "%s", a.body);
	cr_assert_not(rung(200));
}

static bool is_offered(void)
{
	struct answer a = call(ROLE_navigator, "POST", "/api/v1/vacancy-searches", NEED);

	cr_assert_eq(a.status, 200, "%s", a.body);
	return strstr(a.body, VACANCY_A1) != NULL;
}

/* Microseconds until searches know of a change that this worker was told of. */
static int64_t told(bool withdrawn)
{
	int64_t from;

	usleep(QUIET_US);
	sql("UPDATE vacancy SET withdrawn_at = %s, withdraw_reason = %s WHERE id = '" VACANCY_A1 "'",
	    withdrawn ? "now()" : "NULL", withdrawn ? "'no_staff'" : "NULL");
	from = clock_mono();
	service_ring();
	while (is_offered() == withdrawn)
		cr_assert_lt(clock_mono() - from, PATIENCE_S * SECOND_US, "never");
	return clock_mono() - from;
}

/* Polls of a quiet board would find it half a second later in the mean. */
Test(bell, a_worker_that_hears_its_bell_looks)
{
	int64_t all = 0;

	cr_assert(is_offered());
	for (int i = 0; i < ROUNDS; i++)
		all += told(i % 2 == 0);
	cr_assert_lt(all, ROUNDS * SECOND_US / 5);
}
