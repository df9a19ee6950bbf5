/* Payments at the same moment: one run, one settlement, one card. */
#include <stdbool.h>

#include "paying.h"

static const char *year;

static void begin(void)
{
	year = paying_start();
}

TestSuite(fund_pay_race, .init = begin, .fini = paying_stop);

enum { AT_ONCE = 12 };
static const char *runs[AT_ONCE], *raced;

static bool freeze_one(int i)
{
	return at_run(runs[i], "freeze", "{\"payments\":2,\"total_pence\":3000}").status == 200;
}

Test(fund_pay_race, of_runs_that_are_frozen_at_the_same_moment_one_pays)
{
	pay_ready(FUND_HOME, 1000);
	pay_ready(FUND_OTHER_HOME, 2000);
	for (int i = 0; i < AT_ONCE; i++)
		runs[i] = run_begun();
	cr_assert_eq(fund_at_once(AT_ONCE, freeze_one), 1);
	cr_assert_eq(fund_figure(year, "in_payment_pence"), 3000);
}

static bool settle_one(int i)
{
	static const char *const acts[] = { "confirm", "bounce", "confirm" };
	const char *body = i % 3 == 1 ? settled_today(",\"reason\":\"recalled\"") : settled_today("");

	return at_payment(raced, acts[i % 3], body).status == 200;
}

/* All name the version that they saw: one of them wins. */
Test(fund_pay_race, a_payment_is_settled_once_at_the_same_moment)
{
	const char *id = pay_ready(FUND_HOME, 1000);

	run_exported();
	frozen_by_a_colleague();
	raced = payment_of(id);
	cr_assert_geq(fund_at_once(AT_ONCE, settle_one), 1);
	cr_assert_str_eq(sql("SELECT count(*) FROM fund.posting WHERE act = 'confirm'"),
			 sql("SELECT CASE WHEN state = 'confirmed' OR EXISTS (SELECT FROM fund.posting WHERE act = 'bounce' AND seq >"
			     " (SELECT min(seq) FROM fund.posting WHERE act = 'confirm')) THEN '1' ELSE '0' END FROM fund.payment"));
}

static bool take_back_one(int i)
{
	(void)i;
	return at_payment(raced, "unconfirm", NOTHING).status == 200;
}

Test(fund_pay_race, of_confirmations_taken_back_at_the_same_moment_one_is)
{
	const char *id = pay_ready(FUND_HOME, 1000);

	run_exported();
	frozen_by_a_colleague();
	raced = payment_of(id);
	assert_status(at_payment(raced, "confirm", settled_today("")), 200);
	cr_assert_eq(fund_at_once(AT_ONCE, take_back_one), 1);
	cr_assert_str_eq(sql("SELECT count(*) FROM fund.posting WHERE reverses IS NOT NULL"), "1");
	cr_assert_eq(fund_figure(year, "in_payment_pence"), 1000);
}

static bool hand_out_one(int i)
{
	return fund_act(ROLE_navigator, raced, "issue", sql("SELECT '{\"serial\":\"C%d\"}'", i)).status == 200;
}

Test(fund_pay_race, a_card_is_handed_out_once_at_the_same_moment)
{
	raced = pay_asked(FUND_HOME, "prepaid_card", 3000);
	assert_status(fund_act(ROLE_finance_approver, raced, "approve", NOTHING), 200);
	cr_assert_eq(fund_at_once(AT_ONCE, hand_out_one), 1);
	cr_assert_eq(fund_figure(year, "in_payment_pence"), 3000);
}
