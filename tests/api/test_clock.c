/* What depends on time is right whether or not a job has run; and days are days on 29 February, on the nights of the
 * clock change, and at the end of a financial year. */
#include <string.h>

#include "funding.h"
#include "placing.h"

TestSuite(fund_clock, .init = service_start, .fini = service_stop);

/* Nobody gets to sweep while this test has the sweeper's lock. */
static void stop_the_sweeper(void)
{
	sql("SELECT pg_advisory_lock(hashtext('haven tidy'))");
}

static void start_the_sweeper(void)
{
	sql("SELECT pg_advisory_unlock(hashtext('haven tidy'))");
}

Test(fund_clock, a_hold_of_yesterday_holds_nothing_though_nobody_swept)
{
	struct answer a;
	const char *first;

	stop_the_sweeper();
	a = call(ROLE_navigator, "POST", "/api/v1/placements", "{\"household_id\":\"" HOUSEHOLD "\",\"vacancy_id\":\"" VACANCY_A1 "\"}");
	assert_status(a, 201);
	first = answer_text(&a, "id");
	sql("UPDATE placement SET held_at = now() - interval '26 hours', expires_at = now() - interval '1 day' WHERE id = '%s'", first);
	cr_assert_str_eq(sql("SELECT state FROM placement WHERE id = '%s'", first), "held", "nobody swept");
	a = call(ROLE_navigator, "GET", sql("SELECT '/api/v1/placements/%s'", first), NULL);
	cr_assert_str_eq(answer_text(&a, "state"), "expired");
	a = call_with(ROLE_navigator, "POST", sql("SELECT '/api/v1/placements/%s/offer'", first),
		      "If-Match: *\r\nIdempotency-Key: an-offer-of-yesterday\r\nContent-Type: application/json\r\n", "{}");
	cr_assert_geq(a.status, 400, "%s", a.body);
	a = call(ROLE_navigator, "POST", "/api/v1/placements", "{\"household_id\":\"" HOUSEHOLD "\",\"vacancy_id\":\"" VACANCY_A1 "\"}");
	assert_status(a, 201);
	start_the_sweeper();
}

Test(fund_clock, a_promise_of_yesterday_is_booked_back_once_when_the_sweeper_comes)
{
	const char *year = fund_pot("Flee", 10000), *id;
	struct answer a;

	fund_limit("finance_approver", 60000, 90000, 0, 0);
	stop_the_sweeper();
	id = fund_asked(FUND_HOME, "school", 4000);
	a = fund_act(ROLE_finance_approver, id, "approve", "{}");
	assert_status(a, 200);
	sql("UPDATE fund.commitment SET expires_on = today() - 1");
	cr_assert_eq(fund_figure(year, "free_pence"), 6000, "what is free is what is booked");
	start_the_sweeper();
	sql("SELECT tidy()");
	sql("SELECT tidy()");
	cr_assert_eq(fund_figure(year, "free_pence"), 10000);
	cr_assert_str_eq(sql("SELECT count(*) FROM fund.posting WHERE act = 'release'"), "1");
	cr_assert_str_eq(sql("SELECT state FROM fund.request WHERE id = '%s'", id), "expired");
	cr_assert_str_eq(sql("SELECT count(*) FROM fund.faults()"), "0");
}

Test(fund_clock, a_late_cancel_and_the_sweeper_release_once)
{
	const char *year = fund_pot("Flee", 10000), *id;
	struct answer a;

	fund_limit("finance_approver", 60000, 90000, 0, 0);
	stop_the_sweeper();
	id = fund_asked(FUND_HOME, "school", 4000);
	a = fund_act(ROLE_finance_approver, id, "approve", "{}");
	assert_status(a, 200);
	sql("UPDATE fund.commitment SET expires_on = today() - 1");
	a = fund_act(ROLE_navigator, id, "cancel", "{\"reason\":\"not_needed\"}");
	assert_status(a, 200);
	start_the_sweeper();
	sql("SELECT tidy()");
	cr_assert_eq(fund_figure(year, "free_pence"), 10000);
	cr_assert_str_eq(sql("SELECT count(*) FROM fund.posting WHERE act = 'release'"), "1");
}

Test(fund_clock, a_session_a_share_and_a_limit_end_by_the_clock)
{
	const char *id;
	struct answer a;

	stop_the_sweeper();
	fund_pot("Flee", 10000);
	fund_limit("finance_approver", 60000, 90000, 0, 0);
	id = fund_asked(FUND_HOME, "school", 4000);
	sql("UPDATE fund.approval_limit SET from_day = today() - 2, until_day = today()");
	a = fund_act(ROLE_finance_approver, id, "approve", "{}");
	assert_problem(a, 409, "fund-limit");
	sql("UPDATE session s SET expires_at = now() - interval '1 second' FROM account a WHERE a.id = s.account_id AND a.role = 'analyst'");
	a = call(ROLE_analyst, "GET", "/api/v1/fund/years", NULL);
	assert_status(a, 401);
	start_the_sweeper();
}

/* ---- days ---- */

Test(fund_clock, a_year_begins_on_1_april_and_has_its_leap_day)
{
	cr_assert_str_eq(sql("SELECT fund.year_of('2027-03-31') || ' ' || fund.year_of('2027-04-01') || ' ' || fund.year_of('2028-02-29')"
			     " || ' ' || fund.year_of('2026-12-31') || ' ' || fund.year_of('2027-01-01')"), "2026 2027 2027 2026 2026");
	cr_assert_str_eq(sql("SELECT fund.first_day(2028) - fund.first_day(2027)"), "366");
	cr_assert_str_eq(sql("SELECT fund.first_day(2027) - fund.first_day(2026)"), "365");
	cr_assert_str_eq(sql("SELECT '2028-03-01'::date - '2028-02-28'::date"), "2");
	cr_assert_str_eq(sql("SELECT fund.days_left(2027, '2028-02-29') || ' ' || fund.days_left(2027, '2028-02-28')"), "32 33");
}

Test(fund_clock, nights_of_the_clock_change_are_nights)
{
	cr_assert_str_eq(sql("SELECT '2026-10-26'::date - '2026-10-24'::date"), "2");
	cr_assert_str_eq(sql("SELECT '2026-03-30'::date - '2026-03-28'::date"), "2");
	/* half past midnight in London on 1 April is still 31 March for UTC */
	cr_assert_str_eq(sql("SELECT fund.year_of(('2027-03-31 23:30+00'::timestamptz AT TIME ZONE 'Europe/London')::date)"), "2027");
	cr_assert_str_eq(sql("SELECT fund.year_of(('2027-03-31 22:59+00'::timestamptz AT TIME ZONE 'Europe/London')::date)"), "2026");
}

/* A year that is over: its weeks are Sundays, over both changes of the clock, and end on 31 March. */
Test(fund_clock, the_weeks_of_a_year_are_weeks)
{
	const char *year = fund_pot("Flee", 10000), *old;

	old = sql("SELECT fund.open_year(pot_id, 2024) FROM fund.pot_year WHERE id = '%s'", year);
	sql("SELECT fund.post('grant', 'pot_year', '%s', '2024-04-01', ARRAY[fund.moved('%s', 'granted', 'free', 900)])", old, old);
	sql("SELECT fund.post('commit', 'works_order', gen_random_uuid(), '2025-03-30', ARRAY[fund.moved('%s', 'free', 'committed', 1)])", old);
	sql("SELECT fund.post('commit', 'works_order', gen_random_uuid(), '2025-03-31', ARRAY[fund.moved('%s', 'free', 'committed', 2)])", old);
	cr_assert_str_eq(sql("SELECT count(*) || ' ' || min(ends_on) || ' ' || max(ends_on) || ' '"
			     " || count(*) FILTER (WHERE extract(isodow FROM ends_on) <> 7) || ' '"
			     " || (array_agg(promised_pence ORDER BY ends_on DESC))[1] || ' ' || (array_agg(promised_pence ORDER BY ends_on DESC))[2]"
			     "  FROM (SELECT set_config('haven.role', 'finance_officer', true), set_config('haven.organisation', '" COUNCIL "', true)) s,"
			     "       LATERAL (SELECT * FROM fund.weeks_of_year('%s') WHERE s IS NOT NULL) w", old),
			 "53 2024-04-07 2025-03-31 1 2 1");
}

Test(fund_clock, money_of_another_year_is_booked_into_that_year)
{
	const char *year = fund_pot("Flee", 10000), *old;

	old = sql("SELECT fund.open_year(pot_id, 2024) FROM fund.pot_year WHERE id = '%s'", year);
	cr_assert_str_eq(sql("SELECT fund.day_in(2024)"), "2025-03-31");
	cr_assert_str_eq(sql("SELECT fund.day_in(2190)"), "2190-04-01");
	sql("SELECT fund.post('grant', 'pot_year', '%s', fund.day_in(2024), ARRAY[fund.moved('%s', 'granted', 'free', 900)])", old, old);
	cr_assert_str_eq(sql("SELECT count(*) FROM fund.faults()"), "0");
}
