/* The forecast of the fund: its arithmetic to the penny, its figures of real postings, its pages and files, and the
 * warning before a pot runs out. */
#include <stdlib.h>
#include <string.h>

#include "funding.h"

TestSuite(fund_forecast, .init = service_start, .fini = service_stop);

#define EIGHT "84000,112500,60300,141000,97200,73800,128400,90000"

/* The example of the method: 30 November 2026, 122 days left, a budget of £60,000. */
static const char *outlook(const char *weeks)
{
	return sql("SELECT concat_ws('|', o.expected, o.trend, o.forecast, coalesce(o.band::text, '-'),"
		   " coalesce(o.runs_out_on::text, '-'), coalesce(o.earliest_on::text, '-'))"
		   "  FROM (SELECT ROW(2814050, 96400, 412000, 608285, 310000, 85, 68, ARRAY[%s]::bigint[], 2069265,"
		   "                   6000000, 122, '2026-11-30')::fund.figures AS f) x, fund.outlook_of(x.f) o", weeks);
}

Test(fund_forecast, the_worked_example_to_the_penny)
{
	cr_assert_str_eq(outlook(EIGHT), "248000|1714971|5893706|288417|-|2027-03-21");
}

Test(fund_forecast, fewer_than_eight_weeks_have_no_range)
{
	cr_assert_str_eq(outlook("112500,60300,141000,97200,73800,128400,90000"), "248000|1750824|5929559|-|-|-");
	cr_assert_str_eq(outlook(""), "248000|0|4178735|-|-|-");
}

Test(fund_forecast, weeks_with_nothing_count_and_equal_ones_have_no_spread)
{
	cr_assert_str_eq(outlook("0,0,0,0,0,0,0,80000"), sql("SELECT '248000|174286|4353021|' || (%s) || '|-|-'",
		"SELECT round(1.415 * 80000 / sqrt(8.0) * sqrt(122 / 7.0 + 122 / 7.0 * 122 / 7.0 / 8))"));
	cr_assert_str_eq(outlook("7,7,7,7,7,7,7,7"), "248000|122|4178857|0|-|-");
}

Test(fund_forecast, nothing_decided_expects_all_that_is_asked)
{
	cr_assert_str_eq(sql("SELECT (fund.outlook_of(ROW(0, 0, 0, 0, 5000, 0, 0, '{}', 0, 0, 10, '2027-03-22')::fund.figures)).expected"),
			 "5000");
}

Test(fund_forecast, days_left_count_this_day_and_a_leap_day)
{
	cr_assert_str_eq(sql("SELECT fund.days_left(2026, '2026-11-30')"), "122");
	cr_assert_str_eq(sql("SELECT fund.days_left(2026, '2027-03-31')"), "1");
	cr_assert_str_eq(sql("SELECT fund.days_left(2026, '2027-04-01')"), "0");
	cr_assert_str_eq(sql("SELECT fund.days_left(2027, '2027-03-31')"), "366");	/* 29 February 2028 */
	cr_assert_str_eq(sql("SELECT fund.days_left(2026, '2026-04-01')"), "365");
}

/* Promises of the last weeks, booked as the acts book them, each on its day. */
static void promised(const char *year, int weeks_ago, long pence)
{
	sql("SELECT fund.post('commit', 'works_order', gen_random_uuid(), date_trunc('week', today())::date - 7 * %d + 6,"
	    " ARRAY[fund.moved('%s', 'free', 'committed', %ld)])", weeks_ago, year, pence);
	sql("INSERT INTO fund.commitment (organisation_id, cause, cause_id, pot_year_id, promised, open)"
	    " SELECT organisation_id, 'works_order', gen_random_uuid(), id, %ld, %ld FROM fund.pot_year WHERE id = '%s'",
	    pence, pence, year);
}

/* A pot that is nine weeks old; a penny came today. */
static const char *old_pot(long pence)
{
	const char *year = fund_pot("Flee", 1);

	sql("SELECT fund.post('grant', 'pot_year', '%s', today() - 63, ARRAY[fund.moved('%s', 'granted', 'free', %ld)])",
	    year, year, pence - 1);
	return year;
}

Test(fund_forecast, its_figures_come_from_the_ledger_and_the_requests)
{
	const char *year = old_pot(1000000);
	struct answer a;

	fund_limit("finance_approver", 60000, 90000, 0, 0);
	for (int w = 1; w <= 8; w++)
		promised(year, w, 1000 * w);
	a = fund_act(ROLE_finance_approver, fund_asked(FUND_HOME, "school", 3000), "approve", "{}");
	assert_status(a, 200);
	a = fund_act(ROLE_finance_approver, fund_asked(FUND_HOME, "childcare", 1000), "reject", "{\"reason\":\"no_money\"}");
	assert_status(a, 200);
	fund_asked(FUND_OTHER_HOME, "phone", 400);
	a = call(ROLE_finance_officer, "GET", sql("SELECT '/api/v1/fund/years/%s/forecast'", year), NULL);
	assert_status(a, 200);
	cr_assert_eq(answer_int(&a, "promised_pence"), 39000, "%s", a.body);
	cr_assert_eq(answer_int(&a, "weeks_known"), 8);
	cr_assert_eq(answer_int(&a, "week_pence"), 4500, "a week that has not ended does not count");
	cr_assert_eq(answer_int(&a, "approved_percent"), 75);
	cr_assert_eq(answer_int(&a, "expected_pence"), 300);
	cr_assert_eq(answer_int(&a, "free_pence"), 961000);
	cr_assert_eq(answer_int(&a, "forecast_pence"), 39300 + answer_int(&a, "trend_pence"));
	cr_assert(!json_is_null(json_object_get(a.json, "band_pence")));
	a = call(ROLE_finance_officer, "GET", "/api/v1/fund/forecast", NULL);
	assert_status(a, 200);
	cr_assert_str_eq(answer_text(&a, "items.0.scope"), "pot");
	cr_assert_str_eq(answer_text(&a, "items.1.category"), "arrears");
	cr_assert_eq(answer_int(&a, "items.0.promised_pence"), 39000);
	cr_assert_str_eq(sql("SELECT ((fund.figures_of(ARRAY['%s']::uuid[], 'locks_security', today())).one_off)", year), "36000");
	cr_assert_str_eq(sql("SELECT ((fund.figures_of(ARRAY['%s']::uuid[], 'school', today())).one_off)", year), "3000");
}

/* Weekly support that is asked for counts with its nights until 31 March, as a line of its own. */
Test(fund_forecast, new_weekly_support_is_a_line)
{
	const char *year = fund_pot("Flee", 100000000), *nights;
	struct answer a;

	a = call(ROLE_navigator, "POST", "/api/v1/households/" FUND_HOME "/fund-promises",
		 "{\"category\":\"nrpf_accommodation\",\"weekly_pence\":700,\"start_on\":\"%s\",\"end_on\":\"%s\",\"review_on\":\"%s\",\"means\":\"voucher\"}",
		 sql("SELECT today()"), sql("SELECT today() + 700"), sql("SELECT today() + 28"));
	assert_status(a, 201);
	fund_asked(FUND_OTHER_HOME, "phone", 400);
	nights = sql("SELECT 100 * fund.days_left(fund.year_of(today()), today())");
	a = call(ROLE_finance_officer, "GET", sql("SELECT '/api/v1/fund/years/%s/forecast'", year), NULL);
	assert_status(a, 200);
	cr_assert_eq(answer_int(&a, "expected_weekly_pence"), atol(nights), "%s", a.body);
	cr_assert_eq(answer_int(&a, "expected_pence"), atol(nights) + 400);
	a = call(ROLE_finance_officer, "GET", "/api/v1/fund/forecast", NULL);
	cr_assert_eq(answer_int(&a, "items.0.expected_weekly_pence"), atol(nights), "%s", a.body);
}

Test(fund_forecast, the_weeks_are_a_table_and_a_file)
{
	const char *year = old_pot(100000);
	struct answer a;

	promised(year, 1, 40000);
	promised(year, 2, 10000);
	a = call_with(ROLE_finance_officer, "GET", sql("SELECT '/fund/years/%s/weeks.csv'", year), "Accept: text/html\r\n", NULL);
	assert_status(a, 200);
	cr_assert_eq(strncmp(a.body, "ends_on,free_pence,promised_pence\r\n", 35), 0, "%s", a.body);
	cr_assert(strstr(a.body, sql("SELECT to_char(date_trunc('week', today()) - interval '1 day', 'YYYY-MM-DD') || ',49999,40000'")),
		  "%s", a.body);
	cr_assert(strstr(a.body, sql("SELECT to_char(date_trunc('week', today()) - interval '8 days', 'YYYY-MM-DD') || ',89999,10000'")),
		  "%s", a.body);
	a = call_with(ROLE_finance_officer, "GET", sql("SELECT '/fund/years/%s/forecast'", year), "Accept: text/html\r\n", NULL);
	assert_status(a, 200);
	cr_assert(strstr(a.body, "<polyline points=\""), "%s", a.body);
	cr_assert(strstr(a.body, "How this is computed"));
	a = call(ROLE_housing_officer, "GET", sql("SELECT '/api/v1/fund/years/%s/weeks'", year), NULL);
	assert_status(a, 403);
}

Test(fund_forecast, a_pot_that_runs_out_is_a_task_until_there_is_money)
{
	const char *year = old_pot(50000);
	struct answer a;

	for (int w = 1; w <= 8; w++)
		promised(year, w, 6000);
	cr_assert_str_eq(sql("SELECT fund.warn_of_running_out()"), "1");
	cr_assert_str_eq(sql("SELECT fund.warn_of_running_out()"), "1");
	a = call(ROLE_finance_officer, "GET", "/api/v1/tasks?kind=fund_runs_out", NULL);
	assert_status(a, 200);
	cr_assert_eq(json_array_size(json_object_get(a.json, "items")), 1, "%s", a.body);
	cr_assert_str_eq(answer_text(&a, "items.0.about"), "fund_year");
	cr_assert_str_eq(answer_text(&a, "items.0.about_id"), year);
	cr_assert(strstr(answer_text(&a, "items.0.about_reference"), "Flee, "), "%s", a.body);
	a = call(ROLE_finance_officer, "GET", sql("SELECT '/api/v1/tasks/%s'", answer_text(&a, "items.0.id")), NULL);
	assert_status(a, 200);
	a = call(ROLE_finance_approver, "GET", "/api/v1/tasks?kind=fund_runs_out", NULL);
	cr_assert_eq(json_array_size(json_object_get(a.json, "items")), 0, "it is of who keeps the pot");
	sql("SELECT fund.post('grant', 'pot_year', '%s', today(), ARRAY[fund.moved('%s', 'granted', 'free', 100000000)])", year, year);
	cr_assert_str_eq(sql("SELECT fund.warn_of_running_out()"), "0");
	cr_assert_str_eq(sql("SELECT count(*) FROM task WHERE kind = 'fund_runs_out' AND ended_at IS NULL"), "0");
}

Test(fund_forecast, days_to_a_decision_and_to_a_payment)
{
	const char *year = fund_pot("Flee", 100000), *id;
	struct answer a;

	fund_limit("finance_approver", 60000, 90000, 0, 0);
	for (int days = 1; days <= 3; days++) {
		id = fund_asked(days == 1 ? FUND_HOME : FUND_OTHER_HOME, days == 2 ? "school" : "childcare", 100 * days);
		a = fund_act(ROLE_finance_approver, id, "approve", "{}");
		assert_status(a, 200);
		sql("UPDATE fund.request SET asked_at = (SELECT approved_at FROM fund.approval WHERE request_id = '%s') - interval '%d days'"
		    " WHERE id = '%s'", id, days, id);
	}
	sql("SELECT fund.post('freeze', 'request', '%s', today(), ARRAY[fund.moved('%s', 'committed', 'in_payment', 300)])", id, year);
	sql("SELECT fund.post('confirm', 'request', '%s', today(), ARRAY[fund.moved('%s', 'in_payment', 'paid', 300)])", id, year);
	a = call(ROLE_analyst, "GET", "/api/v1/fund/days", NULL);
	assert_status(a, 200);
	cr_assert_eq(answer_int(&a, "items.0.decided"), 3, "%s", a.body);
	cr_assert_str_eq(answer_text(&a, "items.0.decided_median"), "2.0");
	cr_assert_str_eq(answer_text(&a, "items.0.decided_p90"), "2.8");
	cr_assert_eq(answer_int(&a, "items.0.paid"), 1);
	cr_assert_str_eq(answer_text(&a, "items.0.paid_median"), "3.0");
	a = call_with(ROLE_analyst, "GET", "/fund/days", "Accept: text/html\r\n", NULL);
	assert_status(a, 200);
}
