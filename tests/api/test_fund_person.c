/* Weekly support that ends for one person, that several pots share, and that both sides can stop: over HTTP, with the
 * ledger added up at the end. */
#include <stdlib.h>

#include "paying.h"

#define OF_HOME "/api/v1/households/" FUND_HOME "/fund-promises"

static const char *year;

static void begin(void)
{
	year = paying_start();
}

TestSuite(fund_person, .init = begin, .fini = paying_stop);

/* For an adult and a child, 98.36 a week for five weeks, since 10 days ago. */
static const char *promised(const char *more)
{
	struct answer a = call(ROLE_navigator, "POST", OF_HOME,
			       "{\"category\":\"nrpf_subsistence\",\"start_on\":\"%s\",\"end_on\":\"%s\",\"review_on\":\"%s\",\"means\":\"bank_transfer\"%s}",
			       sql("SELECT today() - 10"), sql("SELECT today() + 25"), sql("SELECT today() + 25"), more);
	const char *id;

	assert_status(a, 201);
	id = answer_text(&a, "id");
	assert_status(fund_act(ROLE_navigator, id, "payee", PAYEE), 200);
	assert_status(fund_act(ROLE_finance_approver, id, "approve", NOTHING), 200);
	payee_checked(id);
	return id;
}

static void paid(const char *request)
{
	run_exported();
	frozen_by_a_colleague();
	assert_status(at_payment(payment_of(request), "confirm", settled_today("")), 200);
}

static struct answer stops(int role, const char *id, int line, int day)
{
	return fund_act(role, id, "stop-person", sql("SELECT '{\"line\":%d,\"from_day\":\"' || today() + %d || '\",\"reason\":\"moved_away\"}'", line, day));
}

static struct answer settled(const char *how)
{
	return call_with(ROLE_finance_officer, "POST", sql("SELECT '/api/v1/fund/overpayments/' || id || '/settle' FROM fund.overpayment"),
			 sql("SELECT E'If-Match: \"' || version || E'\"\\r\\nIdempotency-Key: ' || gen_random_uuid() || "
			     "E'\\r\\nContent-Type: application/json\\r\\n' FROM fund.overpayment"),
			 sql("SELECT '{\"how\":\"%s\",\"reason\":\"agreed_with_household\"}'", how));
}

static long of(const char *what, const char *id)
{
	return atol(sql("SELECT sum(%s) FROM fund.commitment WHERE cause_id = '%s'", what, id));
}

Test(fund_person, the_others_go_on_and_a_week_that_was_paid_is_noted)
{
	const char *id = promised("");
	struct answer a;

	paid(id);
	cr_assert_eq(of("paid", id), 2 * 9836);
	a = stops(ROLE_navigator, id, 2, -3);
	assert_status(a, 200);
	cr_assert_eq(answer_int(&a, "promise.overpayments.0.amount_pence"), 4918, "%s", a.body);
	cr_assert_str_eq(answer_text(&a, "promise.overpayments.0.person"), "Child 1");
	cr_assert_eq(answer_int(&a, "promise.overpayments.0.nights"), 7);
	cr_assert_eq(answer_int(&a, "promise.lines.1.nights"), 7);
	cr_assert_eq(answer_int(&a, "promise.lines.0.nights"), 35);
	cr_assert_eq(of("open", id), 3 * 4918, "the adult's three weeks to come");
	assert_status(settled("deducted"), 200);
	cr_assert_eq(of("open", id), 2 * 4918, "less what is kept back");
	cr_assert_eq(fund_figure(year, "committed_pence"), 2 * 4918);
	pay_refused(stops(ROLE_navigator, id, 2, 0), 409, "wrong-state");
	pay_refused(stops(ROLE_navigator, id, 1, 0), 409, "wrong-state");
}

Test(fund_person, what_is_not_paid_yet_is_not_noted)
{
	const char *id = promised("");

	assert_status(stops(ROLE_navigator, id, 2, -3), 200);
	cr_assert_str_eq(sql("SELECT count(*) FROM fund.overpayment"), "0");
	cr_assert_eq(of("open", id), 5 * 4918 + 4918);
	paid(id);
	cr_assert_eq(of("paid", id), 3 * 4918);
	/* then the support of all is stopped */
	assert_status(fund_act(ROLE_navigator, id, "stop", "{\"reason\":\"leave_granted\"}"), 200);
	cr_assert_eq(of("open", id), 0);
	cr_assert_str_eq(sql("SELECT string_agg(nights || ' ' || amount_pence, ',') FROM fund.overpayment"), "4 2810");
}

/* What did not reach anybody was not paid too much. */
Test(fund_person, a_payment_that_came_back_takes_the_note_with_it)
{
	const char *id = promised("");

	paid(id);
	assert_status(stops(ROLE_navigator, id, 2, -3), 200);
	assert_status(at_payment(payment_of(id), "bounce", settled_today(",\"reason\":\"recalled\"")), 200);
	cr_assert_str_eq(sql("SELECT amount_pence - unpaid_pence FROM fund.overpayment"), "0");
	paid(id);
	cr_assert_eq(of("paid", id), 3 * 4918);
}

Test(fund_person, a_stop_is_of_a_person_and_a_day)
{
	const char *id = promised("");
	struct answer a;

	pay_refused(stops(ROLE_navigator, id, 9, 0), 409, "wrong-state");
	pay_refused(stops(ROLE_navigator, id, 2, 25), 409, "wrong-state");
	a = fund_act(ROLE_navigator, id, "stop-person", "{\"reason\":\"moved_away\"}");
	assert_error(a, "/line");
	assert_status(fund_act(ROLE_finance_officer, id, "stop", "{\"reason\":\"not_needed\"}"), 200);
	pay_refused(stops(ROLE_navigator, id, 2, 0), 409, "wrong-state");
}

/* The keeper of the pot stops it too; another organisation, and the analyst, do not. */
Test(fund_person, both_sides_can_stop_it)
{
	const char *id = promised("");

	assert_status(stops(ROLE_finance_officer, id, 2, 0), 200);
	cr_assert_eq(fund_act(ROLE_analyst, id, "stop", "{\"reason\":\"not_needed\"}").status, 403);
	cr_assert_eq(fund_act(ACTOR_other_officer, id, "stop", "{\"reason\":\"not_needed\"}").status, 404);
	assert_status(fund_act(ROLE_finance_approver, id, "stop", "{\"reason\":\"not_needed\"}"), 200);
}

/* ---- several pots ---- */

static const char *second;

static const char *shared(int first_share, int second_share)
{
	second = fund_pot("Second", 1000000);
	return promised(sql("SELECT ',\"pots\":[{\"pot_year_id\":\"%s\",\"share\":%d},{\"pot_year_id\":\"%s\",\"share\":%d}]'", year, first_share, second, second_share));
}

Test(fund_person, pots_share_a_promise_to_the_penny)
{
	const char *id = shared(2, 1);

	cr_assert_eq(fund_figure(year, "committed_pence"), 32786, "two thirds of 49180");
	cr_assert_eq(fund_figure(second, "committed_pence"), 16394);
	run_exported();
	cr_assert_str_eq(sql("SELECT count(*) || ' ' || sum(amount_pence) FROM fund.payment WHERE cause_id = '%s'", id), "2 19672");
	/* a stop after 17 nights: 17 nights of two people are 2 x 11944 */
	assert_status(fund_act(ROLE_navigator, id, "stop", sql("SELECT '{\"reason\":\"leave_granted\",\"from_day\":\"' || today() + 7 || '\"}'")), 200);
	cr_assert_eq(of("promised - released", id), 2 * 11944);
	cr_assert_eq(fund_figure(year, "committed_pence") + fund_figure(year, "in_payment_pence"), 2 * 11944 * 2 / 3);
}

Test(fund_person, a_stop_takes_from_each_pot_what_was_too_much)
{
	const char *id = shared(1, 1);

	run_exported();
	frozen_by_a_colleague();
	sql("UPDATE fund.payment SET made_by = NULL");
	assert_status(fund_act(ROLE_navigator, id, "stop", sql("SELECT '{\"reason\":\"leave_granted\",\"from_day\":\"' || today() - 3 || '\"}'")), 200);
	cr_assert_str_eq(sql("SELECT sum(amount_pence) || ' ' || count(DISTINCT commitment_id) || ' ' || count(DISTINCT line) FROM fund.overpayment"), "9836 2 2");
	cr_assert_str_eq(sql("SELECT string_agg(s, ',') FROM (SELECT sum(amount_pence)::text AS s FROM fund.overpayment GROUP BY line) x"), "4918,4918");
}

Test(fund_person, a_pot_that_is_short_refuses_all_of_it)
{
	struct answer a;
	const char *id;

	second = fund_pot("Second", 100);
	a = call(ROLE_navigator, "POST", OF_HOME,
		 "{\"category\":\"nrpf_subsistence\",\"start_on\":\"%s\",\"end_on\":\"%s\",\"review_on\":\"%s\",\"means\":\"voucher\","
		 "\"pots\":[{\"pot_year_id\":\"%s\",\"share\":1},{\"pot_year_id\":\"%s\",\"share\":1}]}",
		 sql("SELECT today()"), sql("SELECT today() + 28"), sql("SELECT today() + 28"), year, second);
	assert_status(a, 201);
	id = answer_text(&a, "id");
	pay_refused(fund_act(ROLE_finance_approver, id, "approve", NOTHING), 409, "fund-short");
	cr_assert_eq(fund_figure(year, "committed_pence"), 0);
	a = call(ROLE_navigator, "POST", OF_HOME,
		 "{\"category\":\"nrpf_accommodation\",\"weekly_pence\":700,\"start_on\":\"%s\",\"end_on\":\"%s\",\"review_on\":\"%s\",\"means\":\"voucher\","
		 "\"pots\":[{\"pot_year_id\":\"%s\",\"share\":1},{\"pot_year_id\":\"%s\",\"share\":1}]}",
		 sql("SELECT today()"), sql("SELECT today() + 28"), sql("SELECT today() + 28"), year, year);
	pay_refused(a, 409, "fund-pot");
}
