/* Works orders over HTTP: offered, accepted in time, booked in a safe time, reported, invoiced and paid, with the job that
 * follows; and what each refusal says. */
#include <criterion/criterion.h>
#include <string.h>

#include "memory.h"
#include "working.h"

static const char *year;

static void begin(void)
{
	year = works_start();
}

TestSuite(works, .init = begin, .fini = works_stop, .timeout = 60);

static struct answer seen(int role, const char *order)
{
	return call(role, "GET", sql("SELECT '/api/v1/works/%s'", order), NULL);
}

/* The whole course of an order, and of the job beside it. */
Test(works, an_order_goes_from_offer_to_payment)
{
	const char *order = works_ordered();
	struct answer a;

	cr_assert_str_eq(works_state_of(order), "offered");
	cr_assert_str_eq(job_state_of(), "ordered");
	assert_status(works_act(ROLE_contractor, order, "accept", "{}"), 200);
	assert_status(works_act(ROLE_contractor, order, "book", sql(
		"SELECT json_build_object('day', today() + 1, 'from', '09:00', 'until', '11:00', 'agreed', 'by_telephone')")), 200);
	cr_assert_str_eq(job_state_of(), "scheduled");
	assert_status(works_act(ROLE_contractor, order, "arrive", "{}"), 200);
	a = works_act(ROLE_contractor, order, "report-done", works_report());
	assert_status(a, 200);
	cr_assert_str_eq(works_state_of(order), "done");
	cr_assert_str_eq(job_state_of(), "installed");
	cr_assert_str_eq(sql("SELECT ended_as FROM sanctuary.clock WHERE kind = 'installation'"), "met");
	assert_status(works_act(ROLE_sanctuary_coordinator, order, "take-over", "{}"), 200);
	assert_status(works_act(ROLE_contractor, order, "invoice", "{\"number\":\"A-1\",\"net_pence\":36100,\"vat_pence\":7220}"), 200);
	assert_status(works_act(ROLE_finance_officer, order, "settle",
				sql("SELECT json_build_object('paid_on', today(), 'reference', 'L 4711')")), 200);
	cr_assert_str_eq(works_state_of(order), "paid");
	cr_assert_eq(fund_figure(year, "spent_pence"), WORKS_TOTAL);
	cr_assert_eq(fund_figure(year, "committed_pence"), 0);
}

/* An offer tells the area, the measures and the days. */
Test(works, an_offer_tells_no_more_than_it_must)
{
	const char *order = works_ordered();
	struct answer a = seen(ROLE_contractor, order);

	assert_status(a, 200);
	cr_assert_null(strstr(a.body, FUND_HOME));
	cr_assert_null(strstr(a.body, WORKS_JOB));
	cr_assert_null(strstr(a.body, "H-TEST"));
	cr_assert_null(answer_text(&a, "word"));
	cr_assert_null(strstr(a.body, "08:00"));
	cr_assert(json_is_null(json_object_get(a.json, "job_reference")));
	assert_status(works_act(ROLE_contractor, order, "accept", "{}"), 200);
	a = seen(ROLE_contractor, order);
	cr_assert(answer_text(&a, "word"));
	cr_assert(strstr(a.body, "08:00"));
	cr_assert_null(strstr(a.body, FUND_HOME));
	cr_assert_null(strstr(a.body, WORKS_JOB));
}

/* A person who declared a link to somebody of the case has no such order; another firm neither. */
Test(works, a_link_or_another_firm_sees_nothing)
{
	const char *order = works_ordered();

	sql("INSERT INTO person_index (household_id, purpose, hash) VALUES ('" FUND_HOME "', 'party', sha256('link'))");
	sql("INSERT INTO account_link (account_id, hash, relationship) SELECT id, sha256('link'), 'friend' FROM account WHERE username = 'contractor'");
	cr_assert_eq(seen(ROLE_contractor, order).status, 404);
	cr_assert_eq(works_act(ROLE_contractor, order, "accept", "{}").status, 404);
	sql("DELETE FROM account_link");
	sql("UPDATE sanctuary.works_order SET firm_id = '" WORKS_OTHER_FIRM "'");
	cr_assert_eq(seen(ROLE_contractor, order).status, 404);
	cr_assert_eq(works_act(ROLE_contractor, order, "accept", "{}").status, 404);
}

Test(works, an_answer_too_late_is_refused_and_the_offer_lapses)
{
	const char *order = works_ordered();

	sql("UPDATE sanctuary.works_order SET answer_by = clock_timestamp()");
	pay_refused(works_act(ROLE_contractor, order, "accept", "{}"), 422, "invalid");
	sql("SELECT keep_works()");
	cr_assert_str_eq(works_state_of(order), "lapsed");
	cr_assert_str_eq(sql("SELECT kind FROM task WHERE about_id = '%s' AND ended_at IS NULL", order), "works_reoffer");
	cr_assert_str_eq(sql("SELECT cause FROM sanctuary.clock_loss"), "contractor_answer");
	cr_assert_eq(seen(ROLE_contractor, order).status, 404);
	assert_status(works_act(ROLE_sanctuary_coordinator, order, "offer", "{}"), 200);
	cr_assert_str_eq(works_state_of(order), "offered");
	cr_assert_str_eq(sql("SELECT string_agg(act, ' ' ORDER BY n) FROM sanctuary.step WHERE act IN ('order', 'reoffer')"), "order reoffer");
}

Test(works, a_refusal_takes_the_order_out_of_the_firms_sight)
{
	const char *order = works_ordered();

	assert_status(works_act(ROLE_contractor, order, "refuse", "{\"reason\":\"no_capacity\"}"), 200);
	cr_assert_str_eq(works_state_of(order), "refused");
	cr_assert_eq(seen(ROLE_contractor, order).status, 404);
	pay_refused(works_act(ROLE_sanctuary_coordinator, order, "offer", "{\"firm_id\":\"" FUND_HOME "\"}"), 422, "invalid");
	assert_status(works_act(ROLE_sanctuary_coordinator, order, "offer", "{\"firm_id\":\"" WORKS_OTHER_FIRM "\"}"), 200);
	cr_assert_str_eq(sql("SELECT firm_id FROM sanctuary.works_order"), WORKS_OTHER_FIRM);
}

/* What a dearer firm would cost is not promised: it goes back to the approver. */
Test(works, a_dearer_firm_is_not_offered_the_order)
{
	const char *order = works_ordered();

	sql("INSERT INTO sanctuary.firm_price VALUES ('" WORKS_OTHER_FIRM "', 'lock_euro', today(), 9900)");
	assert_status(works_act(ROLE_contractor, order, "refuse", "{\"reason\":\"price\"}"), 200);
	pay_refused(works_act(ROLE_sanctuary_coordinator, order, "offer", "{\"firm_id\":\"" WORKS_OTHER_FIRM "\"}"), 409, "fund-short");
	cr_assert_str_eq(works_state_of(order), "refused");
}

Test(works, a_time_is_booked_within_the_safe_times_alone)
{
	const char *order = works_accepted();
	struct answer a;

	a = works_act(ROLE_contractor, order, "book", sql(
		"SELECT json_build_object('day', today() + 1, 'from', '17:00', 'until', '18:30', 'agreed', 'by_telephone')"));
	assert_status(a, 422);
	assert_error(a, "/from");
	a = works_act(ROLE_contractor, order, "book", sql(
		"SELECT json_build_object('day', today() + 2, 'from', '09:00', 'until', '10:00', 'agreed', 'by_telephone')"));
	assert_status(a, 422);
	cr_assert_str_eq(works_state_of(order), "accepted");
}

/* London time on the way in, UTC within, in winter and in summer. */
Test(works, a_time_is_the_same_hour_of_london_in_both_halves_of_the_year)
{
	const char *order = works_accepted();

	sql("INSERT INTO sanctuary.works_window SELECT order_id, household_id, d, '08:00', '18:00' FROM sanctuary.works_window,"
	    " (VALUES ('2027-01-15'::date), ('2027-07-15')) v (d)");
	sql("SELECT sanctuary.put_order(sanctuary.works_after(o, 'book', '{\"day\":\"2027-07-15\",\"from\":\"09:00\",\"until\":\"10:00\"}'), 'booked')"
	    " FROM sanctuary.works_order o WHERE id = '%s'", order);
	cr_assert_str_eq(sql("SELECT utc(slot_from) FROM sanctuary.works_order"), "2027-07-15T08:00:00Z");
	sql("SELECT sanctuary.put_order(sanctuary.works_after(o, 'book', '{\"day\":\"2027-01-15\",\"from\":\"09:00\",\"until\":\"10:00\"}'), 'booked')"
	    " FROM sanctuary.works_order o WHERE id = '%s'", order);
	cr_assert_str_eq(sql("SELECT utc(slot_from) FROM sanctuary.works_order"), "2027-01-15T09:00:00Z");
}

/* An operative who leaves has left nothing at the door; the job goes back, and the coordinator is told. */
Test(works, no_access_goes_back_and_is_told)
{
	const char *order = works_booked();
	struct answer a = works_act(ROLE_contractor, order, "leave", "{\"reason\":\"nobody_in\",\"home_secure\":true,\"nothing_left\":false}");

	assert_status(a, 422);
	assert_error(a, "/nothing_left");
	assert_status(works_act(ROLE_contractor, order, "leave", "{\"reason\":\"nobody_in\",\"home_secure\":true,\"nothing_left\":true}"), 200);
	cr_assert_str_eq(works_state_of(order), "accepted");
	cr_assert_str_eq(job_state_of(), "ordered");
	cr_assert_str_eq(sql("SELECT kind FROM task WHERE about_id = '%s' AND ended_at IS NULL", order), "works_no_access");
}

Test(works, a_report_names_every_line_and_every_key)
{
	const char *order = works_on_site();
	struct answer a;

	a = works_act(ROLE_contractor, order, "report-done",
		      "{\"lines\":[{\"n\":1,\"fitted\":2}],\"alarms_tested\":true,\"keys_made\":4,\"keys_given\":4,\"home_secure\":true}");
	assert_status(a, 422);
	assert_error(a, "/lines");
	a = works_act(ROLE_contractor, order, "report-done",
		      "{\"lines\":[{\"n\":1,\"fitted\":3},{\"n\":2,\"fitted\":1},{\"n\":3,\"fitted\":1}],\"alarms_tested\":true,\"keys_made\":4,"
		      "\"keys_given\":4,\"home_secure\":true}");
	assert_status(a, 422);
	assert_error(a, "/lines/0/fitted_tenths");
	a = works_act(ROLE_contractor, order, "report-done",
		      "{\"lines\":[{\"n\":1,\"fitted\":2},{\"n\":2,\"fitted\":0},{\"n\":3,\"fitted\":1}],\"alarms_tested\":true,\"keys_made\":4,"
		      "\"keys_given\":4,\"home_secure\":true}");
	assert_status(a, 422);
	assert_error(a, "/lines/1/reason");
	a = works_act(ROLE_contractor, order, "report-done",
		      "{\"lines\":[{\"n\":1,\"fitted\":2},{\"n\":2,\"fitted\":1},{\"n\":3,\"fitted\":1}],\"alarms_tested\":true,\"keys_made\":4,"
		      "\"keys_given\":3,\"home_secure\":true}");
	assert_status(a, 422);
	assert_error(a, "/keys_given");
	cr_assert_str_eq(works_state_of(order), "on_site");
}

/* Less is a change to the order that needs no money; what was not fitted is not invoiced. */
Test(works, less_is_fitted_with_its_reason_and_not_invoiced)
{
	const char *order = works_on_site();

	assert_status(works_act(ROLE_contractor, order, "report-done",
				"{\"lines\":[{\"n\":1,\"fitted\":2},{\"n\":2,\"fitted\":0,\"reason\":\"not_fittable\"},{\"n\":3,\"fitted\":1}],"
				"\"alarms_tested\":true,\"keys_made\":4,\"keys_given\":4,\"home_secure\":true}"), 200);
	cr_assert_str_eq(sql("SELECT state || ' ' || less_pence FROM sanctuary.variation"), "agreed 3500");
	pay_refused(works_act(ROLE_contractor, order, "invoice", "{\"number\":\"A-1\",\"net_pence\":36100}"), 422, "invalid");
	assert_status(works_act(ROLE_contractor, order, "invoice", "{\"number\":\"A-1\",\"net_pence\":32600}"), 200);
}

Test(works, an_invoice_that_is_queried_is_sent_again_under_another_number)
{
	const char *order = works_on_site();

	assert_status(works_act(ROLE_contractor, order, "report-done", works_report()), 200);
	assert_status(works_act(ROLE_contractor, order, "invoice", "{\"number\":\"A-1\",\"net_pence\":36100}"), 200);
	pay_refused(works_act(ROLE_contractor, order, "invoice", "{\"number\":\"A-2\",\"net_pence\":36100}"), 409, "wrong-state");
	assert_status(works_act(ROLE_finance_officer, order, "query", "{\"reason\":\"amount\"}"), 200);
	assert_status(works_act(ROLE_contractor, order, "invoice", "{\"number\":\"A-2\",\"net_pence\":36000}"), 200);
	assert_status(works_act(ROLE_finance_officer, order, "settle",
				sql("SELECT json_build_object('paid_on', today(), 'reference', 'L 1')")), 200);
	cr_assert_eq(fund_figure(year, "spent_pence"), 36000);
	pay_refused(works_act(ROLE_finance_officer, order, "settle",
				   sql("SELECT json_build_object('paid_on', today(), 'reference', 'L 1')")), 409, "wrong-state");
	cr_assert_eq(fund_figure(year, "spent_pence"), 36000);
}

static const char *racing;

static bool accepts(int i)
{
	return call_with(ROLE_contractor, "POST", racing, arena_printf(test_memory(), "If-Match: \"2\"\r\nIdempotency-Key: race-%d\r\n"
			 "Content-Type: application/json\r\n", i), "{}").status == 200;
}

Test(works, an_offer_is_accepted_once)
{
	racing = sql("SELECT '/api/v1/works/%s/accept'", works_ordered());
	service_token(ROLE_contractor);
	cr_assert_eq(fund_at_once(6, accepts), 1);
}

/* What came out of order is judged by the state alone. */
Test(works, late_messages_change_nothing)
{
	const char *order = works_on_site();

	assert_status(works_act(ROLE_contractor, order, "report-done", works_report()), 200);
	pay_refused(works_act(ROLE_contractor, order, "arrive", "{}"), 409, "wrong-state");
	pay_refused(works_act(ROLE_contractor, order, "leave", "{\"reason\":\"nobody_in\",\"home_secure\":true,\"nothing_left\":true}"), 409,
			 "wrong-state");
	pay_refused(works_act(ROLE_contractor, order, "report-done", works_report()), 409, "wrong-state");
	cr_assert_str_eq(works_state_of(order), "done");
	cr_assert_str_eq(job_state_of(), "installed");
}

Test(works, an_order_is_not_taken_back_once_the_operative_is_there)
{
	const char *order = works_on_site();

	pay_refused(works_act(ROLE_sanctuary_coordinator, order, "pull", "{\"reason\":\"firm_is_late\"}"), 409, "wrong-state");
	pay_refused(works_act(ROLE_finance_officer, order, "pull", "{\"reason\":\"firm_is_late\"}"), 403, "forbidden");
}

/* What is ordered at once goes out when an approver, who did not make it, has promised it. */
Test(works, a_first_order_is_approved_and_offered)
{
	const char *order, *body = works_first_body();

	sql("UPDATE sanctuary.job SET state = 'consent_requested', spec_id = NULL");
	sql("SELECT fund.release_all('" WORKS_JOB "')");
	pay_refused(job_act(ROLE_sanctuary_coordinator, "order-first", sql("SELECT replace('%s', 'lock_euro', 'viewer')", body)), 422, "invalid");
	assert_status(job_act(ROLE_sanctuary_coordinator, "order-first", body), 200);
	order = sql("SELECT id FROM sanctuary.works_order");
	cr_assert_str_eq(works_state_of(order), "draft");
	pay_refused(works_act(ROLE_sanctuary_coordinator, order, "offer", "{}"), 409, "fund-short");
	assert_status(works_act(ROLE_finance_approver, order, "approve", "{}"), 200);
	cr_assert_str_eq(works_state_of(order), "offered");
	cr_assert_eq(fund_figure(year, "committed_pence"), WORKS_FIRST);
}

/* A door that nobody surveyed may be a fire door: a viewer in it is for a firm with the certificate. */
Test(works, work_on_a_fire_door_is_for_a_certified_firm)
{
	const char *order = works_ordered();

	assert_status(works_act(ROLE_contractor, order, "refuse", "{\"reason\":\"no_capacity\"}"), 200);
	sql("UPDATE sanctuary.firm SET fire_doors = false");
	pay_refused(works_act(ROLE_sanctuary_coordinator, order, "offer", "{\"firm_id\":\"" WORKS_OTHER_FIRM "\"}"), 422, "invalid");
	sql("INSERT INTO sanctuary.home_opening (job_id, household_id, opening, fire_door, saved_by) SELECT id, household_id, 'front_door', 'not_marked',"
	    " referred_by FROM sanctuary.job");
	assert_status(works_act(ROLE_sanctuary_coordinator, order, "offer", "{\"firm_id\":\"" WORKS_OTHER_FIRM "\"}"), 200);
}

/* The list of a restricted case comes before the role: the order is its operative's where that person is on it. */
Test(works, an_order_of_a_restricted_case_is_for_the_people_on_its_list)
{
	const char *order = works_accepted();
#define FITTER "(SELECT id FROM account WHERE username = 'contractor')"

	sql("UPDATE household SET restricted = true WHERE id = '" FUND_HOME "'");
	sql("INSERT INTO case_access (household_id, account_id, access, given_by, reason) SELECT '" FUND_HOME "', id, 'allow', id, 'A test'"
	    " FROM account WHERE username IN ('sanctuary_coordinator', 'housing_officer')");
	cr_assert_eq(seen(ROLE_contractor, order).status, 404);
	cr_assert_eq(works_act(ROLE_contractor, order, "arrive", "{}").status, 404);
	cr_assert_eq(json_array_size(json_object_get(call(ROLE_contractor, "GET", "/api/v1/works", NULL).json, "items")), 0);
	cr_assert_str_eq(sql("SELECT secret_open('" FUND_HOME "', 'home', " FITTER ")"), "f");
	assert_status(works_act(ROLE_sanctuary_coordinator, order, "pull", "{\"reason\":\"entered_wrongly\"}"), 200);
	pay_refused(works_act(ROLE_sanctuary_coordinator, order, "offer", "{}"), 422, "invalid");
	sql("INSERT INTO case_access (household_id, account_id, access, given_by, reason) SELECT '" FUND_HOME "', id, 'allow', id, 'A test' FROM account"
	    " WHERE username = 'contractor'");
	assert_status(works_act(ROLE_sanctuary_coordinator, order, "offer", "{}"), 200);
	assert_status(seen(ROLE_contractor, order), 200);
	assert_status(works_act(ROLE_contractor, order, "accept", "{}"), 200);
	cr_assert_str_eq(sql("SELECT secret_open('" FUND_HOME "', 'home', " FITTER ")"), "t");
	sql("UPDATE case_access SET access = 'deny' WHERE account_id = " FITTER);
	cr_assert_eq(seen(ROLE_contractor, order).status, 404);
}
