/* What the people of a firm are shown of a household, and when no more. */
#include <criterion/criterion.h>
#include <string.h>

#include "working.h"

#define HOME "/api/v1/households/" FUND_HOME "/home"
#define HOME_AT(street, more) "{\"lines\":[\"" street "\"],\"postcode\":\"TS1 3BA\"" more "}"

static void begin(void)
{
	works_start();
	assert_status(call(ROLE_navigator, "POST", HOME, HOME_AT("47 Old Row", "")), 201);
	assert_status(call(ROLE_navigator, "POST", "/api/v1/households/" FUND_HOME "/first-name", "{\"first_name\":\"Zelda\"}"), 201);
	sql("UPDATE sanctuary.job SET home_id = (SELECT id FROM case_secret WHERE kind = 'home' AND ended_at IS NULL)");
}

TestSuite(works_secret, .init = begin, .fini = works_stop);

static struct answer read_as(int role, const char *order, const char *kind)
{
	return call(role, "POST", sql("SELECT '/api/v1/works/%s/readings'", order),
		    "{\"kind\":\"%s\",\"purpose\":\"do_works\"}", kind);
}

static void assert_told(const char *order, bool told)
{
	struct answer home = read_as(ROLE_contractor, order, "home"), name = read_as(ROLE_contractor, order, "first_name");

	cr_assert_eq(home.status, told ? 200 : 404, "home: %d %s", home.status, home.body);
	cr_assert_eq(name.status, told ? 200 : 404, "name: %d %s", name.status, name.body);
}

static void paid(const char *order)
{
	sql("UPDATE sanctuary.works_order SET state = 'paid', done_at = now() WHERE id = '%s'", order);
}

static void happened(const char *act, const char *becomes, int days_ago)
{
	sql("INSERT INTO sanctuary.step (job_id, household_id, n, act, becomes, at) SELECT '" WORKS_JOB "', '" FUND_HOME "',"
	    " 100 + count(*), '%s', '%s', now() - interval '%d days' FROM sanctuary.step", act, becomes, days_ago);
}

Test(works_secret, an_order_opens_the_home_from_its_acceptance)
{
	const char *order = works_ordered();

	assert_told(order, false);
	assert_status(works_act(ROLE_contractor, order, "accept", "{}"), 200);
	assert_told(order, true);
}

Test(works_secret, a_week_after_the_sign_off_it_is_closed)
{
	const char *order = works_accepted();

	paid(order);
	sql("UPDATE sanctuary.works_order SET accepted_at = now() - interval '10 days', done_at = now() - interval '9 days'");
	happened("sign_off", "signed_off", 6);
	assert_told(order, true);
	sql("UPDATE sanctuary.step SET at = now() - interval '8 days' WHERE act = 'sign_off'");
	assert_told(order, false);
}

/* A sign-off may never come. */
Test(works_secret, without_a_sign_off_it_is_closed_after_four_weeks)
{
	const char *order = works_accepted();

	paid(order);
	sql("UPDATE sanctuary.works_order SET accepted_at = now() - interval '40 days', done_at = now() - interval '27 days'");
	assert_told(order, true);
	sql("UPDATE sanctuary.works_order SET done_at = now() - interval '29 days'");
	assert_told(order, false);
}

Test(works_secret, a_first_order_is_closed_a_week_after_it_was_done)
{
	const char *order = works_accepted();

	paid(order);
	sql("UPDATE sanctuary.works_order SET kind = 'first', accepted_at = now() - interval '9 days', done_at = now() - interval '8 days'");
	assert_told(order, false);
}

Test(works_secret, a_job_that_ended_opens_nothing_even_when_it_is_opened_again)
{
	const char *order = works_accepted();

	happened("close_early", "closed", 0);
	assert_told(order, false);
	happened("reopen", "referred", 0);
	paid(order);
	assert_told(order, false);
}

/* She moved away: the firm that works on the old home is not told of the new one. */
Test(works_secret, another_home_is_not_told_to_the_firm_of_the_old_one)
{
	const char *order = works_accepted();
	struct answer a;

	assert_status(call(ROLE_navigator, "POST", HOME, HOME_AT("8 Safe Harbour Court", "")), 201);
	a = read_as(ROLE_contractor, order, "home");
	cr_assert_eq(a.status, 404, "%s", a.body);
	cr_assert_eq(read_as(ROLE_contractor, order, "first_name").status, 200);
	a = call(ROLE_sanctuary_coordinator, "GET", "/api/v1/sanctuary/jobs/" WORKS_JOB, NULL);
	cr_assert(json_is_true(json_object_get(a.json, "moved")), "the coordinator is told");
}

Test(works_secret, an_address_that_was_wrong_is_corrected_for_the_firm)
{
	const char *order = works_accepted();
	struct answer a;

	assert_status(call(ROLE_navigator, "POST", HOME, HOME_AT("74 Old Row", ",\"corrects\":true")), 201);
	a = read_as(ROLE_contractor, order, "home");
	cr_assert_eq(a.status, 200, "%s", a.body);
	cr_assert(strstr(a.body, "74 Old Row"));
	a = call(ROLE_sanctuary_coordinator, "GET", "/api/v1/sanctuary/jobs/" WORKS_JOB, NULL);
	cr_assert(json_is_false(json_object_get(a.json, "moved")));
}

/* The whole specification for one firm, and one line more for another. */
static const char *ordering(const char *more)
{
	return sql("SELECT json_build_object('local_authority', 'E06000002', 'ways', '{ring}'::text[], 'windows', json_build_array("
		   " json_build_object('day', today() + 1, 'from', '08:00', 'until', '18:00')), 'lines', (SELECT json_agg(x) FROM ("
		   " SELECT l.id AS line_id, '" WORKS_FIRM "' AS firm_id FROM sanctuary.line l UNION ALL"
		   " SELECT %s, '" WORKS_OTHER_FIRM "') x))", more);
}

/* An order for a line that the job does not have would be an order for nothing, with the address. */
Test(works_secret, nothing_is_ordered_that_is_not_specified)
{
	struct answer a = job_act(ROLE_sanctuary_coordinator, "order", ordering("gen_random_uuid()"));

	assert_error(a, "/lines/3/line_id");
	a = job_act(ROLE_sanctuary_coordinator, "order", ordering("'" WORKS_LINE("1") "'"));
	assert_error(a, "/lines/3/line_id");
	cr_assert_str_eq(sql("SELECT count(*) FROM sanctuary.works_order"), "0");
}

/* The next firm is told nothing of the one before, and gets no change that the other one asked for. */
Test(works_secret, a_firm_that_gets_an_order_next_learns_nothing_of_the_first)
{
	const char *order = works_on_site();
	struct answer a;

	assert_status(works_act(ROLE_contractor, order, "leave", "{\"reason\":\"asked_to_go\",\"home_secure\":true,\"nothing_left\":true}"), 200);
	assert_status(works_act(ROLE_contractor, order, "ask-change", "{\"reason\":\"wrong_size\",\"lines\":[{\"n\":1,\"quantity\":3}]}"), 200);
	assert_status(works_act(ROLE_sanctuary_coordinator, order, "pull", "{\"reason\":\"firm_is_late\"}"), 200);
	cr_assert_str_eq(sql("SELECT state FROM sanctuary.variation"), "lapsed");
	assert_status(works_act(ROLE_sanctuary_coordinator, order, "offer", "{\"firm_id\":\"" WORKS_OTHER_FIRM "\"}"), 200);
	sql("UPDATE sanctuary.works_order SET firm_id = '" WORKS_FIRM "'");	/* the contractor as the other firm's */
	a = call(ROLE_contractor, "GET", sql("SELECT '/api/v1/works/%s'", order), NULL);
	assert_status(a, 200);
	cr_assert_null(answer_text(&a, "left_as"));
	cr_assert_eq(json_array_size(json_object_get(a.json, "changes")), 0);
	cr_assert_eq(json_array_size(json_object_get(a.json, "change_acts")), 0);
	pay_refused(works_act(ROLE_finance_approver, order, "approve-change", "{}"), 409, "wrong-state");
	assert_status(works_act(ROLE_contractor, order, "accept", "{}"), 200);
	cr_assert_str_eq(sql("SELECT count(*) FROM task WHERE kind = 'works_no_access' AND ended_at IS NULL"), "0");
}

/* What finance pays by is amounts: the word at the door and the hours when nobody dangerous is there are not. */
Test(works_secret, finance_does_not_see_how_and_when_somebody_comes)
{
	static const int people[] = { ROLE_finance_officer, ROLE_finance_approver };
	const char *order = works_booked(), *word = sql("SELECT word FROM sanctuary.works_order");

	for (size_t i = 0; i < sizeof(people) / sizeof(*people); i++) {
		struct answer a = call(people[i], "GET", sql("SELECT '/api/v1/works/%s'", order), NULL);

		assert_status(a, 200);
		cr_assert_null(strstr(a.body, word));
		cr_assert_eq(json_array_size(json_object_get(a.json, "windows")), 0);
		cr_assert_eq(json_array_size(json_object_get(a.json, "ways")), 0);
		cr_assert(json_is_null(json_object_get(a.json, "pets")));
		cr_assert(json_is_null(json_object_get(a.json, "slot_from")));
		a = call(people[i], "GET", "/api/v1/works", NULL);
		assert_status(a, 200);
		cr_assert_null(strstr(a.body, "\"slot_from\":\"2"));
	}
}

Test(works_secret, numbers_and_references_have_no_room_for_an_address)
{
	const char *order = works_on_site();
	struct answer a;

	assert_status(works_act(ROLE_contractor, order, "report-done", works_report()), 200);
	assert_status(works_act(ROLE_sanctuary_coordinator, order, "take-over", "{}"), 200);
	a = works_act(ROLE_contractor, order, "invoice", "{\"number\":\"12 High Street TS1 2AB\",\"net_pence\":100}");
	assert_error(a, "/number");
	assert_status(works_act(ROLE_contractor, order, "invoice", "{\"number\":\"INV-12\",\"net_pence\":100}"), 200);
	a = works_act(ROLE_finance_officer, order, "settle", sql("SELECT json_build_object('paid_on', today(), 'reference', '12 High Street TS1 2AB')"));
	assert_error(a, "/reference");
}

/* The home is not what it was: it is surveyed and specified again, and new clocks run. */
Test(works_secret, a_job_that_is_opened_again_begins_again)
{
	sql("UPDATE sanctuary.job SET state = 'closed', ended_at = now()");
	assert_status(job_act(ROLE_sanctuary_coordinator, "reopen", "{\"reason\":\"new_incident\"}"), 200);
	cr_assert_str_eq(sql("SELECT concat(surveyed_at, due_at, assessed_on, target_hours, spec_id) FROM sanctuary.job"), "");
}

/* Erased, the case would be there for nobody: neither its orders nor its promise could be ended. */
Test(works_secret, a_case_whose_home_is_made_safe_is_not_erased)
{
	sql("UPDATE referral SET state = 'closed', close_reason = coalesce(close_reason, 'changed_mind'), closed_at = now() WHERE household_id = '" FUND_HOME "'");
	sql("UPDATE household SET closed_at = now() WHERE id = '" FUND_HOME "'");
	cr_assert_str_eq(sql("SELECT erasure_refusal('" FUND_HOME "'::uuid)"), "in_works");
	sql("UPDATE sanctuary.job SET state = 'closed', ended_at = now()");
	cr_assert_str_eq(sql("SELECT erasure_refusal('" FUND_HOME "'::uuid)"), "in_works", "its promise is open");
	sql("SELECT fund.release_all('" WORKS_JOB "')");
	cr_assert_null(sql("SELECT erasure_refusal('" FUND_HOME "'::uuid)"));
}
