/* What is promised for works goes back to its pot when they are not to be done, but for what a firm is owed; the ledger is
 * whole at the end of each test. */
#include <criterion/criterion.h>

#include "working.h"

static const char *year;

static void begin(void)
{
	year = works_start();
}

TestSuite(works_release, .init = begin, .fini = works_stop, .timeout = 60);

#define SC ROLE_sanctuary_coordinator
#define WITHDRAWN "{\"reason\":\"wishes_otherwise\",\"wished_by\":\"household\"}"

static long committed(void)
{
	return fund_figure(year, "committed_pence");
}

static void first_done(const char *order)
{
	assert_status(works_act(ROLE_contractor, order, "accept", "{}"), 200);
	sql("UPDATE sanctuary.works_order SET state = 'on_site' WHERE id = '%s'", order);
	assert_status(works_act(ROLE_contractor, order, "report-done",
				"{\"lines\":[{\"n\":1,\"fitted\":1}],\"alarms_tested\":true,\"keys_made\":2,\"keys_given\":2,\"home_secure\":true}"), 200);
}

static void first_paid(const char *order)
{
	assert_status(works_act(ROLE_contractor, order, "invoice", "{\"number\":\"A-1\",\"net_pence\":8900}"), 200);
	assert_status(works_act(ROLE_finance_officer, order, "settle", sql("SELECT json_build_object('paid_on', today(), 'reference', 'L 1')")), 200);
}

/* As if it had been specified and approved while the first measures were fitted. */
static void approved_beside(void)
{
	sql("UPDATE sanctuary.job SET state = 'approved', spec_id = '" WORKS_SPEC "'");
	sql("SELECT fund.commit_money('works_order', '" WORKS_JOB "', '" FUND_HOME "', ARRAY['%s']::uuid[], ARRAY[%d], NULL)", year, WORKS_TOTAL);
}

Test(works_release, a_withdrawal_takes_a_first_order_back_with_its_money)
{
	const char *order = works_first();

	assert_status(works_act(ROLE_contractor, order, "accept", "{}"), 200);
	assert_status(works_act(ROLE_contractor, order, "ask-change", "{\"reason\":\"wrong_size\",\"lines\":[{\"n\":1,\"quantity\":2}]}"), 200);
	assert_status(job_act(SC, "withdraw", WITHDRAWN), 200);
	cr_assert_str_eq(works_state_of(order), "cancelled");
	cr_assert_str_eq(sql("SELECT state FROM sanctuary.variation"), "lapsed");
	cr_assert_eq(committed(), 0);
}

/* The household leaves the scheme; the firm that fitted the first lock is paid all the same. */
Test(works_release, what_is_fitted_is_paid_after_a_withdrawal)
{
	const char *order = works_first();

	first_done(order);
	approved_beside();
	assert_status(job_act(SC, "withdraw", WITHDRAWN), 200);
	cr_assert_eq(committed(), WORKS_FIRST);
	first_paid(order);
	cr_assert_eq(fund_figure(year, "spent_pence"), WORKS_FIRST);
	cr_assert_eq(committed(), 0);
}

Test(works_release, a_household_leaves_after_its_first_lock_was_paid)
{
	const char *order = works_first();

	first_done(order);
	approved_beside();
	first_paid(order);
	cr_assert_eq(committed(), WORKS_TOTAL);
	assert_status(job_act(SC, "withdraw", WITHDRAWN), 200);
	cr_assert_eq(committed(), 0);
	cr_assert_eq(fund_figure(year, "spent_pence"), WORKS_FIRST);
}

/* The promise of the specification goes back; the first order runs on with its own. */
Test(works_release, an_approval_taken_back_leaves_the_first_order_its_money)
{
	const char *order = works_first();

	assert_status(works_act(ROLE_contractor, order, "accept", "{}"), 200);
	approved_beside();
	assert_status(job_act(SC, "unapprove", "{\"reason\":\"works_changed\"}"), 200);
	cr_assert_str_eq(works_state_of(order), "accepted");
	cr_assert_eq(committed(), WORKS_FIRST);
}

Test(works_release, a_correction_leaves_the_first_order_its_money)
{
	const char *order = works_first();

	assert_status(works_act(ROLE_contractor, order, "accept", "{}"), 200);
	approved_beside();
	sql("INSERT INTO sanctuary.step (job_id, household_id, n, act, was, becomes) VALUES ('" WORKS_JOB "', '" FUND_HOME "', 90, 'approve', 'specified',"
	    " 'approved')");
	assert_status(job_act(SC, "correct", "{\"reason\":\"wrong_button\"}"), 200);
	assert_status(job_act(ROLE_finance_approver, "confirm-correction", "{}"), 200);
	cr_assert_str_eq(job_state_of(), "specified");
	cr_assert_str_eq(works_state_of(order), "accepted");
	cr_assert_eq(committed(), WORKS_FIRST);
}

/* Offers that no firm has taken do not stay out when the ordering was a mistake. */
Test(works_release, a_corrected_ordering_takes_its_offers_back)
{
	const char *order = works_ordered();

	assert_status(job_act(SC, "correct", "{\"reason\":\"wrong_button\"}"), 200);
	assert_status(job_act(ROLE_finance_approver, "confirm-correction", "{}"), 200);
	cr_assert_str_eq(job_state_of(), "approved");
	cr_assert_str_eq(works_state_of(order), "cancelled");
	cr_assert_eq(committed(), WORKS_TOTAL);
	works_ordered();
	cr_assert_eq(committed(), WORKS_TOTAL);
}
