/* Changes to works orders: the limit is for the new total of all changes, nobody decides on what they asked for, and the
 * report waits. */
#include <criterion/criterion.h>

#include "working.h"

static const char *year;

static void begin(void)
{
	year = works_start();
}

TestSuite(works_change, .init = begin, .fini = works_stop, .timeout = 60);

/* The first line becomes n cylinders of 8,900. */
static struct answer asks(int role, const char *order, int n)
{
	return works_act(role, order, "ask-change", sql("SELECT '{\"reason\":\"wrong_size\",\"lines\":[{\"n\":1,\"quantity\":%d}]}'", n));
}

Test(works_change, a_coordinator_agrees_within_the_tolerance_of_all_changes_together)
{
	const char *order = works_on_site();

	/* 3,610 is a tenth of the order, and the money must be promised */
	sql("SELECT sanctuary.promise_more(j, 10000) FROM sanctuary.job j");
	assert_status(works_act(ROLE_contractor, order, "ask-change",
				"{\"reason\":\"hidden_defect\",\"lines\":[{\"measure\":\"viewer\",\"opening\":\"back_door\",\"quantity\":1,\"confirmed\":[\"certified_firm\"]}]}"), 200);
	pay_refused(works_act(ROLE_contractor, order, "report-done", works_report()), 422, "invalid");
	pay_refused(asks(ROLE_sanctuary_coordinator, order, 3), 422, "invalid");
	assert_status(works_act(ROLE_sanctuary_coordinator, order, "agree-change", "{}"), 200);
	cr_assert_str_eq(sql("SELECT quantity_tenths FROM sanctuary.order_line WHERE n = 4"), "10");
	/* the next small one is above it with the first */
	assert_status(works_act(ROLE_contractor, order, "ask-change",
				"{\"reason\":\"hidden_defect\",\"lines\":[{\"measure\":\"viewer\",\"opening\":\"side_door\",\"quantity\":1,\"confirmed\":[\"certified_firm\"]}]}"), 200);
	pay_refused(works_act(ROLE_sanctuary_coordinator, order, "agree-change", "{}"), 409, "fund-limit");
	assert_status(works_act(ROLE_finance_approver, order, "approve-change", "{}"), 200);
	pay_refused(works_act(ROLE_finance_approver, order, "approve-change", "{}"), 409, "wrong-state");
}

Test(works_change, an_approvers_limit_is_for_the_new_total)
{
	const char *order = works_on_site();

	sql("UPDATE fund.approval_limit SET single_pence = 50000, two_from_pence = NULL");
	assert_status(asks(ROLE_contractor, order, 4), 200);	/* 17,800 more: 53,900 in all */
	pay_refused(works_act(ROLE_finance_approver, order, "approve-change", "{}"), 409, "fund-limit");
	assert_status(works_act(ROLE_contractor, order, "take-back-change", "{}"), 200);
	assert_status(asks(ROLE_contractor, order, 3), 200);	/* 45,000 in all */
	assert_status(works_act(ROLE_finance_approver, order, "approve-change", "{}"), 200);
	cr_assert_eq(fund_figure(year, "committed_pence"), 45000);
	/* a later price list changes nothing */
	sql("UPDATE sanctuary.price SET pence = pence * 3 / 2");
	cr_assert_str_eq(sql("SELECT sanctuary.order_pence('%s')", order), "45000");
	assert_status(asks(ROLE_contractor, order, 4), 200);
	pay_refused(works_act(ROLE_finance_approver, order, "approve-change", "{}"), 409, "fund-limit");
	cr_assert_eq(fund_figure(year, "committed_pence"), 45000);
}

Test(works_change, above_the_higher_limit_two_people_approve)
{
	const char *order = works_on_site();

	assert_status(asks(ROLE_contractor, order, 8), 200);	/* 53,400 more: 89,500 in all */
	assert_status(works_act(ROLE_finance_approver, order, "approve-change", "{}"), 200);
	cr_assert_str_eq(sql("SELECT state FROM sanctuary.variation"), "asked");
	cr_assert_eq(fund_figure(year, "committed_pence"), WORKS_TOTAL);
	pay_refused(works_act(ROLE_finance_approver, order, "approve-change", "{}"), 409, "own-deed");
	sql("UPDATE sanctuary.variation SET first_by = (SELECT id FROM account WHERE username = 'analyst')");
	assert_status(works_act(ROLE_finance_approver, order, "approve-change", "{}"), 200);
	cr_assert_eq(fund_figure(year, "committed_pence"), 89500);
}

Test(works_change, the_coordinator_who_asked_does_not_agree)
{
	const char *order = works_on_site();

	assert_status(asks(ROLE_sanctuary_coordinator, order, 1), 200);
	pay_refused(works_act(ROLE_sanctuary_coordinator, order, "agree-change", "{}"), 409, "own-deed");
	pay_refused(works_act(ROLE_contractor, order, "take-back-change", "{}"), 403, "forbidden");
}

Test(works_change, a_home_is_made_safe_at_once_up_to_the_cap_and_reviewed)
{
	const char *order = works_on_site();

	pay_refused(works_act(ROLE_contractor, order, "make-safe",
			      "{\"reason\":\"home_insecure\",\"lines\":[{\"measure\":\"lock_mortice\",\"opening\":\"back_door\",\"quantity\":1,\"confirmed\":[\"keyless_inside\",\"certified_firm\"]}]}"), 409,
		    "fund-limit");
	assert_status(works_act(ROLE_contractor, order, "make-safe",
				"{\"reason\":\"home_insecure\",\"lines\":[{\"measure\":\"board_up\",\"opening\":\"back_door\",\"quantity\":1}]}"), 200);
	cr_assert_eq(fund_figure(year, "committed_pence"), WORKS_TOTAL + 9500);
	cr_assert_str_eq(sql("SELECT kind FROM task WHERE about_id = '%s' AND ended_at IS NULL", order), "works_change_review");
	assert_status(works_act(ROLE_finance_approver, order, "review-change", "{\"upheld\":false}"), 200);
	cr_assert_null(sql("SELECT kind FROM task WHERE about_id = '%s' AND ended_at IS NULL", order));
}

Test(works_change, a_change_that_nobody_decides_lapses)
{
	const char *order = works_on_site();

	assert_status(asks(ROLE_contractor, order, 3), 200);
	sql("UPDATE sanctuary.variation SET asked_at = now() - interval '25 hours'");
	sql("SELECT keep_works()");
	cr_assert_str_eq(sql("SELECT state FROM sanctuary.variation"), "lapsed");
	assert_status(works_act(ROLE_contractor, order, "report-done", works_report()), 200);
}

Test(works_change, a_change_of_an_order_that_is_done_is_refused)
{
	const char *order = works_on_site();

	assert_status(works_act(ROLE_contractor, order, "report-done", works_report()), 200);
	pay_refused(asks(ROLE_contractor, order, 3), 409, "wrong-state");
	pay_refused(works_act(ROLE_sanctuary_coordinator, order, "agree-change", "{}"), 409, "wrong-state");
}

/* A measure that a change adds needs the owner's leave like the first; what leaves the home insecure does not wait. */
Test(works_change, a_new_measure_needs_the_owners_leave)
{
	const char *order = works_on_site();
	struct answer a;

	sql("UPDATE sanctuary.job SET tenure = 'private_rent', managed_building = false");
	a = works_act(ROLE_contractor, order, "ask-change",
		      "{\"reason\":\"hidden_defect\",\"lines\":[{\"measure\":\"viewer\",\"opening\":\"back_door\",\"quantity\":1,\"confirmed\":[\"certified_firm\"]}]}");
	assert_status(a, 422);
	assert_error(a, "/lines/0/measure");
	sql("INSERT INTO sanctuary.consent (job_id, household_id, item, state, measures, asked_by) SELECT id, household_id, 'landlord', 'granted',"
	    " '{viewer}', referred_by FROM sanctuary.job");
	assert_status(works_act(ROLE_contractor, order, "ask-change",
				"{\"reason\":\"hidden_defect\",\"lines\":[{\"measure\":\"viewer\",\"opening\":\"back_door\",\"quantity\":1,\"confirmed\":[\"certified_firm\"]}]}"), 200);
}
