/* Bounds of what is done with works: one person's money, days, numbers, lines and corrections. */
#include <criterion/criterion.h>
#include <string.h>

#include "working.h"

static const char *year;

static void begin(void)
{
	year = works_start();
}

TestSuite(works_bounds, .init = begin, .fini = works_stop);

#define SC ROLE_sanctuary_coordinator

static const char *taken_over(void)
{
	const char *order = works_on_site();

	assert_status(works_act(ROLE_contractor, order, "report-done", works_report()), 200);
	assert_status(works_act(SC, order, "take-over", "{}"), 200);
	return order;
}

static const char *invoiced(const char *number)
{
	const char *order = taken_over();

	assert_status(works_act(ROLE_contractor, order, "invoice", sql("SELECT json_build_object('number', '%s', 'net_pence', 36000)", number)), 200);
	return order;
}

static const char *paid_on(const char *day)
{
	return sql("SELECT json_build_object('paid_on', %s, 'reference', 'L 1')", day);
}

/* One person's approvals are one amount, whatever they are called: all works of the household in 30 days. */
Test(works_bounds, what_two_people_must_approve_is_not_approved_by_one_in_parts)
{
	const char *order = works_first();

	assert_status(job_act(SC, "order-first", works_first_body()), 200);
	order = sql("SELECT id FROM sanctuary.works_order WHERE kind = 'first' AND id <> '%s'", order);
	sql("UPDATE fund.approval_limit SET two_from_pence = %d", 2 * WORKS_FIRST);
	pay_refused(works_act(ROLE_finance_approver, order, "approve", "{}"), 409, "fund-limit");
	sql("UPDATE fund.approval_limit SET two_from_pence = %d", 2 * WORKS_FIRST + 1);
	assert_status(works_act(ROLE_finance_approver, order, "approve", "{}"), 200);
}

/* The ceiling of 12 months counts what the job had already, and a change like an order. */
Test(works_bounds, the_ceilings_count_all_that_a_job_had)
{
	const char *order = works_on_site();

	sql("UPDATE fund.category SET household_pence = %d WHERE code = 'locks_security'", WORKS_TOTAL + 8899);
	assert_status(works_act(ROLE_contractor, order, "ask-change", "{\"reason\":\"wrong_size\",\"lines\":[{\"n\":1,\"quantity\":3}]}"), 200);
	pay_refused(works_act(ROLE_finance_approver, order, "approve-change", "{}"), 409, "fund-ceiling");
	sql("UPDATE fund.category SET household_pence = %d WHERE code = 'locks_security'", WORKS_TOTAL + 8900);
	assert_status(works_act(ROLE_finance_approver, order, "approve-change", "{}"), 200);
}

/* What is approved and not ordered yet is not there for an order of first measures. */
Test(works_bounds, the_money_of_a_specification_pays_for_no_other_order)
{
	sql("UPDATE sanctuary.job SET state = 'surveyed'");
	assert_status(job_act(SC, "order-first", works_first_body()), 200);
	sql("UPDATE sanctuary.job SET state = 'approved'");
	assert_status(works_act(ROLE_finance_approver, sql("SELECT id FROM sanctuary.works_order"), "approve", "{}"), 200);
	cr_assert_eq(fund_figure(year, "committed_pence"), WORKS_TOTAL + WORKS_FIRST);
	works_ordered();
}

Test(works_bounds, an_invoice_is_not_paid_before_it_came)
{
	const char *order = invoiced("INV-1");
	struct answer a;

	a = works_act(ROLE_finance_officer, order, "settle", paid_on("today() - 1"));
	assert_error(a, "/paid_on");
	assert_status(works_act(ROLE_finance_officer, order, "settle", paid_on("today()")), 200);
}

Test(works_bounds, a_number_of_an_invoice_is_used_once_however_it_is_written)
{
	const char *order = invoiced("INV-1");
	struct answer a;

	assert_status(works_act(ROLE_finance_officer, order, "query", "{\"reason\":\"amount\"}"), 200);
	a = works_act(ROLE_contractor, order, "invoice", "{\"number\":\"inv 1\",\"net_pence\":36000}");
	assert_error(a, "/number");
	assert_status(works_act(ROLE_contractor, order, "invoice", "{\"number\":\"INV-2\",\"net_pence\":36000}"), 200);
}

/* £1 less than was promised is asked for: it is free again once all is paid, not when the job is closed. */
Test(works_bounds, what_is_left_of_a_promise_is_free_once_all_is_paid)
{
	const char *order = invoiced("INV-1");

	assert_status(works_act(ROLE_finance_officer, order, "settle", paid_on("today()")), 200);
	cr_assert_eq(fund_figure(year, "committed_pence"), 0);
	cr_assert_eq(fund_figure(year, "spent_pence"), 36000);
}

Test(works_bounds, without_asking_only_an_insecure_home_is_made_safe)
{
	const char *order = works_on_site();
	struct answer a;

	a = works_act(ROLE_contractor, order, "make-safe", "{\"reason\":\"call_out\",\"lines\":[{\"n\":1,\"quantity\":3}]}");
	assert_error(a, "/reason");
	a = works_act(ROLE_contractor, order, "make-safe",
		      "{\"reason\":\"home_insecure\",\"lines\":[{\"measure\":\"callout\",\"opening\":\"whole_home\",\"quantity\":3}]}");
	assert_error(a, "/lines");
	cr_assert_str_eq(sql("SELECT count(*) FROM sanctuary.variation"), "0");
}

Test(works_bounds, a_report_is_of_the_order_s_lines_each_once)
{
	const char *order = works_on_site();
	struct answer a;

	a = works_act(ROLE_contractor, order, "report-done", sql("SELECT replace('%s', '\"n\":3', '\"n\":199')", works_report()));
	assert_error(a, "/lines/2/n");
	a = works_act(ROLE_contractor, order, "report-done", sql("SELECT replace('%s', '\"n\":3', '\"n\":1')", works_report()));
	assert_error(a, "/lines/2/n");
}

static int correct(const char *act, int role)
{
	return job_act(role, act, strcmp(act, "correct") == 0 ? "{\"reason\":\"wrong_job\"}" : "{}").status;
}

/* A correction takes back the step that it was asked for: the job has moved on. */
Test(works_bounds, a_correction_ends_when_the_job_moves_on)
{
	sql("INSERT INTO sanctuary.step (job_id, household_id, n, act, was, becomes) VALUES ('" WORKS_JOB "', '" FUND_HOME "', 2, 'specify', 'surveyed',"
	    " 'specified'), ('" WORKS_JOB "', '" FUND_HOME "', 3, 'approve', 'specified', 'approved')");
	sql("UPDATE sanctuary.job SET version = 4");
	cr_assert_eq(correct("correct", SC), 200);
	assert_status(job_act(ROLE_finance_approver, "unapprove", "{\"reason\":\"entered_wrongly\"}"), 200);
	cr_assert_str_eq(sql("SELECT count(*) FROM sanctuary.correction WHERE settled_at IS NULL"), "0");
	/* what it would take back now is the specification, not the approval that was taken back */
	cr_assert_eq(correct("correct", SC), 200);
	cr_assert_str_eq(sql("SELECT becomes FROM sanctuary.correction WHERE settled_at IS NULL"), "surveyed");
	cr_assert_eq(correct("confirm-correction", ROLE_finance_approver), 200);
	cr_assert_str_eq(job_state_of(), "surveyed");
	cr_assert_eq(fund_figure(year, "committed_pence"), 0);
}
