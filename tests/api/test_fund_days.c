/* What finance sets from a day to a day: limits and caps; what ends with a year; days on which banks pay; and statements
 * whose rows wait: over HTTP. */
#include <string.h>

#include "paying.h"

static const char *year;

static void begin(void)
{
	year = paying_start();
}

TestSuite(fund_days, .init = begin, .fini = paying_stop);

static struct answer put(const char *what, const char *body)
{
	return call(ROLE_finance_officer, "POST", sql("SELECT '/api/v1/fund/%s'", what), "%s", body);
}

static const char *in_days(int n)
{
	return sql("SELECT today() + %d", n);
}

static const char *limits(void)
{
	return sql("SELECT string_agg(single_pence || ' ' || from_day - today() || ' ' || coalesce((until_day - today())::text, '-'), ', ' ORDER BY from_day, single_pence)"
		   " FROM fund.approval_limit WHERE role = 'finance_approver' AND (until_day IS NULL OR until_day > from_day)");
}

Test(fund_days, a_limit_for_a_time_gives_way_to_the_one_before)
{
	struct answer a;

	sql("UPDATE fund.approval_limit SET from_day = today() - 10");
	a = put("limits", sql("SELECT '{\"role\":\"finance_approver\",\"single_pence\":7,\"month_pence\":9,\"from_day\":\"%s\",\"until_day\":\"%s\"}'", in_days(3), in_days(5)));
	assert_status(a, 201);
	cr_assert_str_eq(limits(), "300000 -10 3, 7 3 5, 300000 5 -");
	a = call(ROLE_finance_officer, "GET", "/api/v1/fund/limits", NULL);
	cr_assert_eq(json_array_size(json_object_get(a.json, "items")), 4, "with what is to come: %s", a.body);
	a = put("limits", sql("SELECT '{\"role\":\"finance_approver\",\"single_pence\":7,\"month_pence\":9,\"from_day\":\"%s\",\"until_day\":\"%s\"}'", in_days(3), in_days(3)));
	assert_error(a, "/until_day");
	a = put("limits", "{\"role\":\"finance_approver\",\"single_pence\":8,\"month_pence\":9}");
	assert_status(a, 201);
	cr_assert_str_eq(limits(), "300000 -10 0, 8 0 -");
	a = call(ROLE_finance_officer, "GET", "/api/v1/fund/limits", NULL);
	cr_assert_eq(json_array_size(json_object_get(a.json, "items")), 2, "%s", a.body);
}

Test(fund_days, a_cap_counts_while_it_lasts)
{
	struct answer a;

	a = put("caps", sql("SELECT '{\"category\":\"school\",\"payment_pence\":500,\"household_pence\":700,\"until_day\":\"%s\"}'", in_days(5)));
	assert_status(a, 201);
	a = call(ROLE_navigator, "POST", "/api/v1/households/" FUND_HOME "/fund-requests", "{\"category\":\"school\",\"amount_pence\":501,\"means\":\"voucher\"}");
	assert_problem(a, 409, "fund-ceiling");
	cr_assert_str_eq(answer_text(&a, "reason"), "over_payment");
	fund_asked(FUND_HOME, "school", 500);
	a = put("caps", sql("SELECT '{\"category\":\"school\",\"from_day\":\"%s\"}'", in_days(2)));
	assert_status(a, 201);
	cr_assert_str_eq(sql("SELECT string_agg((from_day - today()) || ' ' || coalesce((until_day - today())::text, '-'), ', ' ORDER BY from_day) FROM fund.category_cap"),
			 "0 2, 2 -");
	a = put("caps", "{\"payment_pence\":5}");
	assert_error(a, "/category");
	cr_assert_eq(call(ROLE_finance_approver, "POST", "/api/v1/fund/caps", "{\"category\":\"school\"}").status, 403);
	a = call(ROLE_finance_approver, "GET", "/api/v1/fund/caps?limit=100", NULL);
	assert_status(a, 200);
	cr_assert_eq(json_array_size(json_object_get(a.json, "items")), 21);
}

/* The case worker is told at once that no approver can decide it. */
Test(fund_days, a_request_that_no_limit_reaches_says_so)
{
	struct answer a = call(ROLE_navigator, "POST", "/api/v1/households/" FUND_HOME "/fund-requests",
			       "{\"category\":\"school\",\"amount_pence\":300001,\"means\":\"voucher\"}");

	assert_status(a, 201);
	cr_assert(json_is_false(json_object_get(a.json, "approver_reaches")), "%s", a.body);
	a = call(ROLE_navigator, "GET", sql("SELECT '/api/v1/fund/requests/%s'", fund_asked(FUND_OTHER_HOME, "school", 300000)), NULL);
	cr_assert(json_is_true(json_object_get(a.json, "approver_reaches")), "%s", a.body);
}

Test(fund_days, what_was_not_decided_ends_with_its_year)
{
	const char *id = fund_asked(FUND_HOME, "school", 300);
	struct answer a;

	sql("UPDATE fund.pot_year SET state = 'closed' WHERE id = '%s'", year);
	sql("SELECT tidy()");
	a = call(ROLE_navigator, "GET", sql("SELECT '/api/v1/fund/requests/%s'", id), NULL);
	cr_assert_str_eq(answer_text(&a, "state"), "expired", "%s", a.body);
	cr_assert_str_eq(answer_text(&a, "reason"), "year_closed");
	sql("UPDATE fund.pot_year SET state = 'open' WHERE id = '%s'", year);
}

Test(fund_days, banks_pay_on_working_days)
{
	cr_assert_str_eq(sql("SELECT string_agg(fund.pay_day(d)::text, ' ') FROM (VALUES ('2027-12-24'::date), ('2027-12-25'), ('2027-12-28'), ('2027-12-29')) x (d)"),
			 "2027-12-24 2027-12-24 2027-12-24 2027-12-29", "Christmas is a Saturday: its substitutes are Monday and Tuesday");
	cr_assert_str_eq(sql("SELECT fund.due_until('2027-12-23') || ' ' || fund.due_until('2027-12-24')"), "2027-12-23 2027-12-28");
	cr_assert_str_eq(sql("SELECT bool_and(fund.pay_day(today() + d) >= today()) FROM generate_series(0, 30) d"), "t");
}

/* ---- statements ---- */

static const char *waits(void)
{
	return sql("SELECT count(*) FROM task WHERE kind = 'fund_statement' AND ended_at IS NULL");
}

Test(fund_days, a_statement_with_rows_that_wait_is_a_task)
{
	struct answer a = call(ROLE_finance_officer, "POST", "/api/v1/fund/statements",
			       "{\"account_label\":\"Main\",\"text\":\"date,amount,reference\\n%s,-5.00,Something\\n\"}", in_days(0));
	const char *id;

	assert_status(a, 201);
	id = answer_text(&a, "id");
	cr_assert_str_eq(waits(), "1");
	a = call(ROLE_finance_officer, "GET", "/api/v1/tasks?kind=fund_statement", NULL);
	cr_assert_str_eq(answer_text(&a, "items.0.about_reference"), "Main", "%s", a.body);
	sql("UPDATE fund.statement_row SET state = 'settled' WHERE statement_id = '%s'", id);
	cr_assert_str_eq(waits(), "0");
}

Test(fund_days, a_statement_that_is_too_long_says_how_to_split_it)
{
	char text[61000];
	struct answer a;

	memset(text, 'x', sizeof(text) - 1);
	text[sizeof(text) - 1] = '\0';
	a = call(ROLE_finance_officer, "POST", "/api/v1/fund/statements", "{\"account_label\":\"Main\",\"text\":\"date,amount,reference %s\"}", text);
	assert_error(a, "/text");
	cr_assert(strstr(a.body, "in parts"), "%s", a.body);
}

/* ---- pots ---- */

Test(fund_days, a_pot_is_spent_by_organisations_of_the_partnership)
{
	struct answer a = put("pots", sql("SELECT '{\"name\":\"P\",\"funder\":\"F\",\"categories\":[\"travel\"],\"spenders\":[\"%s\"]}'", sql("SELECT gen_random_uuid()")));

	assert_error(a, "/spenders");
}
