/* What was paid for works: among the payments, with its VAT, and taken back by its mirror. */
#include <criterion/criterion.h>
#include <string.h>

#include "working.h"

static const char *year;

static void begin(void)
{
	year = works_start();
}

TestSuite(works_paid, .init = begin, .fini = works_stop);

enum { NET = 36100, VAT = 7220 };

static const char *invoiced(void)
{
	const char *order = works_on_site();

	assert_status(works_act(ROLE_contractor, order, "report-done", works_report()), 200);
	assert_status(works_act(ROLE_contractor, order, "invoice", sql("SELECT json_build_object('number', 'A-1', 'net_pence', %d, 'vat_pence', %d)",
								       NET, VAT)), 200);
	return order;
}

static struct answer settle(const char *order)
{
	return works_act(ROLE_finance_officer, order, "settle", sql("SELECT json_build_object('paid_on', today(), 'reference', 'L 1')"));
}

static const char *booked_vat(void)
{
	return sql("SELECT coalesce(sum(CASE WHEN p.reverses IS NULL THEN v.vat_pence ELSE -v.vat_pence END), 0)"
		   " FROM fund.posting_vat v JOIN fund.posting p ON p.id = v.posting_id");
}

Test(works_paid, a_payment_of_works_is_among_the_payments_with_its_vat)
{
	const char *order = invoiced(), *payment;
	struct answer a;

	assert_status(settle(order), 200);
	a = call(ROLE_finance_officer, "GET", "/api/v1/fund/payments", NULL);
	assert_status(a, 200);
	payment = sql("SELECT '%s'::jsonb #>> '{items,0,id}'", a.body);
	cr_assert_str_eq(sql("SELECT '%s'::jsonb #>> '{items,0,order_id}'", a.body), order);
	cr_assert_null(sql("SELECT '%s'::jsonb #>> '{items,0,request_id}'", a.body));
	a = call(ROLE_finance_officer, "GET", sql("SELECT '/api/v1/fund/payments/%s'", payment), NULL);
	assert_status(a, 200);
	cr_assert_str_eq(sql("SELECT '%s'::jsonb ->> 'vat_pence'", a.body), sql("SELECT %d", VAT));
	/* it is taken back where it was recorded */
	cr_assert_str_eq(sql("SELECT '%s'::jsonb ->> 'acts'", a.body), "[\"recover\"]");
	cr_assert_str_eq(booked_vat(), sql("SELECT %d", VAT));
}

Test(works_paid, a_payment_recorded_wrongly_is_taken_back_whole)
{
	const char *order = invoiced();

	/* out of two promises */
	sql("SELECT fund.release_all('" WORKS_JOB "')");
	sql("SELECT fund.commit_money('works_order', '" WORKS_JOB "', '" FUND_HOME "', ARRAY['%s']::uuid[], ARRAY[30000], NULL)", year);
	sql("SELECT fund.commit_money('works_order', '" WORKS_JOB "', '" FUND_HOME "', ARRAY['%s']::uuid[], ARRAY[6100], NULL)", year);
	assert_status(settle(order), 200);
	cr_assert_str_eq(sql("SELECT count(*) FROM fund.payment WHERE works_order_id = '%s' AND state = 'confirmed'", order), "2");
	cr_assert_eq(fund_figure(year, "spent_pence"), NET);
	assert_status(works_act(ROLE_finance_officer, order, "unsettle", "{}"), 200);
	cr_assert_str_eq(works_state_of(order), "invoiced");
	cr_assert_eq(fund_figure(year, "spent_pence"), 0);
	cr_assert_eq(fund_figure(year, "committed_pence"), NET);
	cr_assert_str_eq(booked_vat(), "0");
	cr_assert_null(sql("SELECT paid_on FROM sanctuary.invoice"));
	assert_status(settle(order), 200);
	cr_assert_eq(fund_figure(year, "spent_pence"), NET);
	cr_assert_str_eq(booked_vat(), sql("SELECT %d", VAT));
}

/* A credit note after the payment is a row of its own: what was paid stays. */
Test(works_paid, a_credit_note_gives_money_back_and_the_payment_stands)
{
	const char *order = invoiced(), *payment;

	assert_status(settle(order), 200);
	payment = sql("SELECT id FROM fund.payment WHERE works_order_id = '%s'", order);
	assert_status(call_with(ROLE_finance_officer, "POST", sql("SELECT '/api/v1/fund/payments/%s/recover'", payment),
				"If-Match: \"1\"\r\nIdempotency-Key: 1f0c2a8e-0000-4000-8000-000000000001\r\nContent-Type: application/json\r\n",
				"{\"amount_pence\":8900,\"reason\":\"credit_note\"}"), 200);
	pay_refused(works_act(ROLE_finance_officer, order, "unsettle", "{}"), 422, "invalid");
	cr_assert_eq(fund_figure(year, "spent_pence"), NET - 8900);
}

Test(works_paid, the_vat_of_an_invoice_is_at_most_the_highest_rate)
{
	const char *order = works_on_site();
	struct answer a;

	assert_status(works_act(ROLE_contractor, order, "report-done", works_report()), 200);
	a = works_act(ROLE_contractor, order, "invoice", "{\"number\":\"A-1\",\"net_pence\":36100,\"vat_pence\":36100}");
	assert_error(a, "/vat_pence");
	assert_status(works_act(ROLE_contractor, order, "invoice", "{\"number\":\"A-1\",\"net_pence\":36100,\"vat_pence\":7220}"), 200);
}
