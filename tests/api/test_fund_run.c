/* Payment runs: what they take, what is left out, what the page shows. */
#include "paying.h"

static const char *year;

static void begin(void)
{
	year = paying_start();
}

TestSuite(fund_run, .init = begin, .fini = paying_stop);

Test(fund_run, a_run_can_leave_out_take_out_and_be_given_up)
{
	const char *one = pay_ready(FUND_HOME, 1000), *two = pay_ready(FUND_OTHER_HOME, 2000), *run = run_begun();
	struct answer a;

	a = at_run(run, "freeze", sql("SELECT '{\"payments\":2,\"total_pence\":3000,\"left_out\":[\"%s\"]}'", one));
	assert_status(a, 200);
	cr_assert_eq(answer_int(&a, "payments"), 1);
	cr_assert_eq(answer_int(&a, "total_pence"), 2000);
	cr_assert_null(pay_obstacle(one));
	assert_status(call(ROLE_finance_officer, "POST", sql("SELECT '/api/v1/fund/payments/%s/take-out'", payment_of(two)), NOTHING), 200);
	cr_assert_null(pay_obstacle(two), "it can be paid in another run");
	a = at_run(run, "export", NOTHING);
	assert_problem(a, 409, "wrong-state");
	cr_assert_str_eq(sql("SELECT state FROM fund.run WHERE id = '%s'", run), "abandoned", "nothing is left in it");
	run = run_begun();
	assert_status(run_frozen(run), 200);
	cr_assert_eq(fund_figure(year, "in_payment_pence"), 3000);
	assert_status(at_run(run, "abandon", NOTHING), 200);
	cr_assert_eq(fund_figure(year, "in_payment_pence"), 0);
	cr_assert_eq(fund_figure(year, "committed_pence"), 3000);
	run = run_exported();
	pay_refused(at_run(run, "abandon", NOTHING), 409, "wrong-state");
	pay_refused(call(ROLE_finance_officer, "POST", sql("SELECT '/api/v1/fund/payments/%s/take-out'", payment_of(two)), NOTHING), 409, "wrong-state");
}

static void five_hundred_more_are_promised(const char *of)
{
	sql("INSERT INTO fund.commitment (organisation_id, cause, cause_id, household_id, pot_year_id, promised, open)"
	    " SELECT organisation_id, cause, cause_id, household_id, pot_year_id, 1, 1 FROM fund.commitment, generate_series(1, 505)"
	    "  WHERE cause_id = '%s'", of);
	sql("SELECT fund.post('commit', 'request', '%s', today(), ARRAY[fund.moved('%s', 'free', 'committed', 505)])", of, year);
	sql("UPDATE fund.request SET amount_pence = amount_pence + 505 WHERE id = '%s'", of);
}

/* A busy machine may answer 503 to so large a run: nothing is frozen then, and the officer tries again. */
static struct answer frozen_when_it_can(const char *run, const char *body)
{
	struct answer a;

	for (int tries = 0; tries < 5; tries++) {
		a = at_run(run, "freeze", body);
		if (a.status != 503)
			return a;
		cr_assert_str_eq(sql("SELECT state FROM fund.run WHERE id = '%s'", run), "draft");
		cr_assert_eq(fund_figure(year, "in_payment_pence"), 0);
	}
	return a;
}

static long payable_pence(const char *run)
{
	struct answer a = call(ROLE_finance_officer, "GET", sql("SELECT '/api/v1/fund/runs/%s'", run), NULL);

	return (long)answer_int(&a, "payable_pence");
}

/* More than a run takes: the page shows what it would freeze, no more. */
Test(fund_run, a_run_takes_five_hundred_and_says_so)
{
	struct answer a;
	const char *run;

	five_hundred_more_are_promised(pay_ready(FUND_HOME, 100));
	run = run_begun();
	a = frozen_when_it_can(run, sql("SELECT '{\"payments\":500,\"total_pence\":%ld}'", payable_pence(run)));
	assert_status(a, 200);
	cr_assert_eq(answer_int(&a, "payments"), 500);
}

/* What is left out makes no room for a payment that the page did not show. */
Test(fund_run, a_run_pays_nothing_that_the_page_did_not_show)
{
	const char *one = pay_ready(FUND_HOME, 100), *run;
	struct answer a;

	sql("UPDATE fund.request SET needed_on = today() WHERE id = '%s'", one);
	five_hundred_more_are_promised(pay_ready(FUND_OTHER_HOME, 100));
	sql("UPDATE fund.request SET needed_on = today() + 1 WHERE id <> '%s'", one);
	run = run_begun();
	a = frozen_when_it_can(run, sql("SELECT '{\"payments\":500,\"total_pence\":%ld,\"left_out\":[\"%s\"]}'",
					payable_pence(run), one));
	assert_status(a, 200);
	cr_assert_eq(answer_int(&a, "payments"), 499);
}

Test(fund_run, runs_of_one_second_are_all_listed)
{
	const char *cursor = "";
	int seen = 0;

	for (int i = 0; i < 4; i++)
		run_begun();
	sql("UPDATE fund.run SET made_at = date_trunc('second', now()) + interval '1 millisecond' * right(reference, 1)::integer");
	for (; cursor && seen < 9; seen++) {
		struct answer a = call(ROLE_finance_officer, "GET", sql("SELECT '/api/v1/fund/runs?limit=1%s'", *cursor ? sql("SELECT '&cursor=%s'", cursor) : ""), NULL);

		assert_status(a, 200);
		cursor = answer_text(&a, "next");
	}
	cr_assert_eq(seen, 4);
}

/* Freezing what has lapsed is refused though nothing has booked it. */
