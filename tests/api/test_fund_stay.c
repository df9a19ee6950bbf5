/* Interim stays over HTTP: from the hold to the payment, never more than the nights, and none of them twice. */
#include "paying.h"
#include "placing.h"

static const char *year;

static void begin(void)
{
	year = paying_start();
	sql("UPDATE property SET type = 'interim' WHERE id = '" PROPERTY_A "'");
	sql("UPDATE household SET want_from = today(), want_until = today() + 10, version = version + 1 WHERE id = '" FUND_HOME "'");
	board_settle();
}

TestSuite(fund_stay, .init = begin, .fini = paying_stop);

/* They came so many nights ago. */
static const char *stayed(int nights)
{
	const char *id = arrived(FUND_HOME, VACANCY_A1);

	sql("UPDATE placement SET period = daterange(today() - %d, upper(period)), arrived_on = today() - %d WHERE id = '%s'", nights, nights, id);
	return id;
}

static void departs(const char *id, int days_ago)
{
	sql("UPDATE placement SET state = 'departed', departed_on = today() - %d, departure_reason = 'planned_move_on',"
	    " destination = 'private_tenancy' WHERE id = '%s'", days_ago, id);
}

static const char *bills_of(const char *stay)
{
	return sql("SELECT '/api/v1/placements/%s/stay-bills'", stay);
}

static struct answer billed(const char *stay, bool invoiced)
{
	return call(ROLE_navigator, "POST", bills_of(stay), invoiced ? "{\"invoiced\":true}" : NOTHING);
}

/* The id of a bill that can be paid. */
static const char *ready(const char *stay, bool invoiced)
{
	struct answer a = billed(stay, invoiced);
	const char *id;

	assert_status(a, 201);
	id = answer_text(&a, "id");
	assert_status(fund_act(ROLE_navigator, id, "payee", PAYEE), 200);
	payee_checked(id);
	return id;
}

static void paid(const char *request)
{
	run_exported();
	frozen_by_a_colleague();
	assert_status(at_payment(payment_of(request), "confirm", settled_today("")), 200);
}

static long figure(const char *stay, const char *name)
{
	struct answer a = call(ROLE_finance_officer, "GET", bills_of(stay), NULL);

	assert_status(a, 200);
	return (long)answer_int(&a, name);
}

Test(fund_stay, the_nights_that_have_been_are_paid_and_the_rest_at_departure)
{
	const char *stay = stayed(4), *first, *last;
	struct answer a;

	cr_assert_eq(fund_figure(year, "committed_pence"), 14 * 7250);
	first = ready(stay, false);
	cr_assert_eq(fund_figure(year, "committed_pence"), 14 * 7250, "it is promised as before");
	cr_assert_null(pay_obstacle(first));
	paid(first);
	cr_assert_str_eq(fund_state_of(first), "paid");
	cr_assert_eq(fund_figure(year, "spent_pence"), 4 * 7250);
	pay_refused(billed(stay, false), 409, "wrong-state");
	sql("UPDATE placement SET period = daterange(lower(period) - 2, upper(period)), arrived_on = arrived_on - 2 WHERE id = '%s'", stay);
	departs(stay, 1);
	cr_assert_eq(fund_figure(year, "committed_pence") + fund_figure(year, "spent_pence"), 5 * 7250, "five nights in all");
	last = ready(stay, false);
	paid(last);
	cr_assert_eq(figure(stay, "paid_pence"), 5 * 7250);
	cr_assert_eq(fund_figure(year, "committed_pence"), 0);
	a = call(ROLE_finance_officer, "GET", bills_of(stay), NULL);
	cr_assert_eq(json_array_size(json_object_get(a.json, "bills")), 2, "%s", a.body);
	cr_assert(json_is_null(json_object_get(a.json, "household_id")), "finance sees a reference");
}

/* An invoice may be for nights to come; those that were not stayed are not paid, or shown as paid too much. */
Test(fund_stay, an_invoice_is_cut_at_departure)
{
	const char *stay = stayed(2), *bill = ready(stay, true);

	cr_assert_eq(figure(stay, "bill_pence"), 0);
	departs(stay, 1);
	cr_assert_eq(fund_figure(year, "committed_pence"), 7250);
	paid(bill);
	cr_assert_eq(fund_figure(year, "spent_pence"), 7250);
	cr_assert_str_eq(fund_state_of(bill), "paid");
}

Test(fund_stay, what_was_paid_for_nights_not_stayed_is_shown)
{
	const char *stay = stayed(2), *bill = ready(stay, true);

	paid(bill);
	departs(stay, 1);
	cr_assert_eq(figure(stay, "too_much_pence"), 11 * 7250);
	pay_refused(billed(stay, true), 409, "wrong-state");
}

/* A bill that is cancelled gives its nights back: they are promised again, and can be billed again. */
Test(fund_stay, a_cancelled_bill_can_be_made_again)
{
	const char *stay = stayed(3), *bill;
	struct answer a = billed(stay, false);

	assert_status(a, 201);
	bill = answer_text(&a, "id");
	assert_status(fund_act(ROLE_navigator, bill, "cancel", "{\"reason\":\"entered_wrongly\"}"), 200);
	cr_assert_eq(fund_figure(year, "committed_pence"), 10 * 7250);
	departs(stay, 0);
	cr_assert_eq(fund_figure(year, "committed_pence"), 3 * 7250, "departed: what it needs and no more");
	assert_status(billed(stay, false), 201);
	cr_assert_eq(fund_figure(year, "committed_pence"), 3 * 7250);
	pay_refused(billed(stay, false), 409, "wrong-state");
}

static bool bills(int i)
{
	(void)i;
	return billed(sql("SELECT id FROM placement WHERE state = 'arrived'"), false).status == 201;
}

Test(fund_stay, nights_are_billed_once)
{
	stayed(3);
	cr_assert_eq(fund_at_once(8, bills), 1);
}

Test(fund_stay, a_stay_of_another_kind_has_no_bill)
{
	const char *stay = stayed(3);

	sql("UPDATE property SET type = 'refuge' WHERE id = '" PROPERTY_A "'");
	cr_assert_eq(call(ROLE_finance_officer, "GET", bills_of(stay), NULL).status, 404);
	pay_refused(billed(stay, false), 409, "wrong-state");
	pay_refused(call(ROLE_finance_officer, "POST", bills_of(stay), NOTHING), 403, "forbidden");
	sql("UPDATE property SET type = 'interim' WHERE id = '" PROPERTY_A "'");
}
