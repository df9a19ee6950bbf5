/* Support by the week over HTTP: what it lets a household do, who may stop it, and interim nights. */
#include <string.h>

#include "paying.h"
#include "memory.h"
#include "placing.h"
#include "seed.h"

TestSuite(fund_weekly, .init = service_start, .fini = service_stop, .timeout = 60);

#define NOTHING "{}"
#define OF_HOME "/api/v1/households/" FUND_HOME "/fund-promises"

static const char *in_days(int days)
{
	return sql("SELECT today() + %d", days);
}

static struct answer ask_weekly(int actor, const char *category, int from, int until, const char *more)
{
	return call(actor, "POST", OF_HOME,
		    "{\"category\":\"%s\",\"start_on\":\"%s\",\"end_on\":\"%s\",\"review_on\":\"%s\",\"means\":\"supplier\"%s}",
		    category, in_days(from), in_days(until), in_days(until), more);
}

static const char *asked(int from, int until)
{
	struct answer a = ask_weekly(ROLE_navigator, "nrpf_accommodation", from, until, ",\"weekly_pence\":36200");

	assert_status(a, 201);
	return answer_text(&a, "id");
}

static const char *promised(int from, int until)
{
	const char *id = asked(from, until);
	struct answer a = fund_act(ROLE_finance_approver, id, "approve", NOTHING);

	assert_status(a, 200);
	return id;
}

static void start_with(long pence)
{
	fund_pot("No recourse", pence);
	fund_limit("finance_approver", 5000000, 9000000, 0, 0);
}

/* ---- asking ---- */

Test(fund_weekly, the_amount_is_computed)
{
	struct answer a;

	start_with(1000000);
	a = ask_weekly(ROLE_navigator, "nrpf_subsistence", 0, 28, "");
	assert_status(a, 201);
	cr_assert_eq(answer_int(&a, "amount_pence"), 39344, "an adult and a child of 5: %s", a.body);
	cr_assert_str_eq(answer_text(&a, "promise.lines.0.person"), "The applicant", "no name: %s", a.body);
	cr_assert_str_eq(answer_text(&a, "promise.lines.1.person"), "Child 1");
	cr_assert_eq(json_array_size(json_object_get(json_object_get(a.json, "promise"), "weeks")), 4);
	cr_assert_eq(answer_int(&a, "promise.weeks.0.amount_pence"), 9836);
	/* nobody types it, and what it says is not changed */
	a = call_with(ROLE_navigator, "PATCH", sql("SELECT '/api/v1/fund/requests/%s'", answer_text(&a, "id")),
		      "If-Match: *\r\nContent-Type: application/merge-patch+json\r\n", "{\"amount_pence\":200}");
	assert_problem(a, 409, "fund-weekly");
	a = ask_weekly(ROLE_navigator, "nrpf_subsistence", 20, 48, "");
	assert_problem(a, 409, "fund-overlap");
}

Test(fund_weekly, each_field_is_checked)
{
	struct answer a;

	start_with(1000000);
	a = ask_weekly(ROLE_navigator, "nrpf_accommodation", 0, 28, "");
	assert_error(a, "/weekly_pence");
	a = ask_weekly(ROLE_navigator, "nrpf_subsistence", 0, 28, ",\"weekly_pence\":5");
	assert_error(a, "/weekly_pence");
	a = ask_weekly(ROLE_navigator, "nrpf_subsistence", 3, 3, "");
	assert_error(a, "/end_on");
	a = ask_weekly(ROLE_navigator, "nrpf_subsistence", 0, 733, "");
	assert_error(a, "/end_on");
	a = ask_weekly(ROLE_navigator, "travel", 0, 28, "");
	assert_error(a, "/category");
	a = call(ROLE_navigator, "POST", OF_HOME, NOTHING);
	assert_error(a, "/start_on");
	assert_error(a, "/review_on");
	a = call(ROLE_navigator, "POST", OF_HOME,
		 "{\"category\":\"nrpf_subsistence\",\"start_on\":\"%s\",\"end_on\":\"%s\",\"review_on\":\"%s\",\"means\":\"supplier\"}",
		 in_days(3), in_days(10), in_days(11));
	assert_error(a, "/review_on");
	a = ask_weekly(ROLE_finance_officer, "nrpf_subsistence", 0, 28, "");
	assert_status(a, 403);
	/* the form works out what the address says */
	a = call(ROLE_navigator, "GET", arena_printf(test_memory(), OF_HOME "?category=nrpf_accommodation&start_on=%s&end_on=%s&weekly_pence=36200",
						   in_days(0), in_days(63)), NULL);
	assert_status(a, 200);
	cr_assert_eq(answer_int(&a, "lines.0.amount_pence"), 325800, "%s", a.body);
	cr_assert_str_eq(answer_text(&a, "wanted.weekly_pounds"), "362.00");
}

/* ---- what it does for a search ---- */

static struct answer search(void)
{
	board_settle();
	return call(ROLE_navigator, "POST", "/api/v1/vacancy-searches", "{\"household_id\":\"" FUND_HOME "\"}");
}

static json_t *near_miss_of(const struct answer *a, const char *vacancy)
{
	size_t i;
	json_t *m;

	json_array_foreach(json_object_get(a->json, "near_misses"), i, m)
		if (strcmp(json_string_value(json_object_get(m, "vacancy_id")), vacancy) == 0)
			return m;
	return NULL;
}

static bool fits(const struct answer *a, const char *vacancy)
{
	size_t i;
	json_t *m;

	json_array_foreach(json_object_get(a->json, "options"), i, m)
		if (strcmp(json_string_value(json_object_get(m, "vacancy_id")), vacancy) == 0)
			return true;
	return false;
}

/* A place that takes nobody without recourse, and a household without, for nine weeks. */
static void without_recourse(void)
{
	sql("UPDATE unit SET nrpf = 'no', weekly_cost_pence = 36200 WHERE id = '" UNIT_A1 "'");
	sql("UPDATE household SET nrpf = true, want_from = today(), want_until = today() + 63, version = version + 1 WHERE id = '" FUND_HOME "'");
}

Test(fund_weekly, a_promise_of_every_night_lets_a_household_in)
{
	struct answer a;
	const char *id;
	json_t *funding;

	start_with(400000);
	without_recourse();
	a = search();
	cr_assert(!fits(&a, VACANCY_A1), "%s", a.body);
	funding = json_object_get(near_miss_of(&a, VACANCY_A1), "funding");
	cr_assert_eq(json_integer_value(json_object_get(funding, "amount_pence")), 325800, "%s", a.body);
	cr_assert(json_is_true(json_object_get(funding, "pot_can_pay")), "%s", a.body);
	cr_assert_str_eq(json_string_value(json_object_get(near_miss_of(&a, VACANCY_A1), "mend_detail")), "Fits if the fund pays 9 weeks at £362");
	/* asking covers nothing, a promise does, and its end ends it */
	id = asked(0, 63);
	a = search();
	cr_assert(!fits(&a, VACANCY_A1), "%s", a.body);
	a = fund_act(ROLE_finance_approver, id, "approve", NOTHING);
	assert_status(a, 200);
	a = search();
	cr_assert(fits(&a, VACANCY_A1), "%s", a.body);
	a = call(ROLE_navigator, "GET", "/api/v1/households/" FUND_HOME, NULL);
	cr_assert_str_eq(answer_text(&a, "nrpf_cover.until_day"), in_days(63), "%s", a.body);
	a = fund_act(ROLE_navigator, id, "stop", "{\"reason\":\"leave_granted\"}");
	assert_status(a, 200);
	a = search();
	cr_assert(!fits(&a, VACANCY_A1), "%s", a.body);
}

Test(fund_weekly, a_promise_of_some_nights_says_until_when)
{
	struct answer a;
	json_t *m;

	start_with(100000);
	without_recourse();
	promised(0, 14);
	a = search();
	m = near_miss_of(&a, VACANCY_A1);
	cr_assert(m, "%s", a.body);
	cr_assert_str_eq(json_string_value(json_object_get(m, "mend_detail")),
			 sql("SELECT 'Covered to ' || to_char(today() + 13, 'FMDD FMMonth YYYY') || '. Fits if the fund pays 7 weeks at £362'"));
	m = json_object_get(m, "funding");
	cr_assert_str_eq(json_string_value(json_object_get(m, "from")), in_days(14));
	cr_assert(json_is_false(json_object_get(m, "pot_can_pay")), "%s", a.body);
	/* from the second night on is not every night */
	sql("UPDATE fund.promise SET start_on = today() + 1, end_on = today() + 90");
	sql("UPDATE fund.promise_line SET from_day = today() + 1, until_day = today() + 90");
	sql("UPDATE household SET version = version + 1 WHERE id = '" FUND_HOME "'");
	a = search();
	cr_assert(!fits(&a, VACANCY_A1), "%s", a.body);
}

Test(fund_weekly, living_costs_pay_for_no_place)
{
	struct answer a;

	start_with(1000000);
	without_recourse();
	a = ask_weekly(ROLE_navigator, "nrpf_subsistence", 0, 90, "");
	a = fund_act(ROLE_finance_approver, answer_text(&a, "id"), "approve", NOTHING);
	assert_status(a, 200);
	a = search();
	cr_assert(!fits(&a, VACANCY_A1), "%s", a.body);
}

Test(fund_weekly, nobody_types_that_it_is_funded)
{
	struct answer a = call_with(ROLE_navigator, "PATCH", "/api/v1/households/" FUND_HOME,
				    "If-Match: *\r\nContent-Type: application/merge-patch+json\r\n", "{\"nrpf_funded_until\":\"2030-01-01\"}");

	assert_error(a, "/nrpf_funded_until");
}

/* ---- the end ---- */

Test(fund_weekly, who_works_on_the_case_stops_it)
{
	struct answer a;
	const char *id;

	start_with(1000000);
	id = promised(0, 63);
	a = fund_act(ROLE_analyst, id, "stop", "{\"reason\":\"leave_granted\"}");
	assert_status(a, 403);
	a = fund_act(ROLE_navigator, id, "stop", NOTHING);
	assert_error(a, "/reason");
	a = fund_act(ROLE_navigator, id, "stop", arena_printf(test_memory(), "{\"reason\":\"leave_granted\",\"from_day\":\"%s\"}", in_days(64)));
	assert_problem(a, 409, "wrong-state");
	a = fund_act(ROLE_navigator, id, "need-goes-on", arena_printf(test_memory(), "{\"review_on\":\"%s\",\"appointment_asked_on\":\"%s\"}",
								    in_days(20), in_days(-3)));
	assert_status(a, 200);
	cr_assert_str_eq(answer_text(&a, "promise.review_on"), in_days(20));
	a = fund_act(ROLE_navigator, id, "stop", arena_printf(test_memory(), "{\"reason\":\"benefits_began\",\"from_day\":\"%s\"}", in_days(7)));
	assert_status(a, 200);
	cr_assert_eq(answer_int(&a, "money.open"), 36200, "%s", a.body);
	cr_assert_null(strstr(json_told(json_object_get(a.json, "acts")), "stop"));
	a = fund_act(ROLE_navigator, id, "stop", "{\"reason\":\"leave_granted\"}");
	assert_problem(a, 409, "wrong-state");
	/* what is no promise is not stopped */
	id = fund_asked(FUND_HOME, "travel", 100);
	a = fund_act(ROLE_finance_approver, id, "approve", NOTHING);
	assert_status(a, 200);
	cr_assert_null(strstr(json_told(json_object_get(a.json, "acts")), "stop"));
	a = fund_act(ROLE_navigator, id, "stop", "{\"reason\":\"leave_granted\"}");
	assert_problem(a, 409, "wrong-state");
}

static struct answer settle(int actor, const char *id, const char *how, const char *body)
{
	return call_with(actor, "POST", sql("SELECT '/api/v1/fund/overpayments/%s/%s'", id, how),
			 sql("SELECT E'If-Match: \"' || version || E'\"\\r\\nIdempotency-Key: ' || gen_random_uuid() || E'\\r\\nContent-Type: application/json\\r\\n'"
			     "  FROM fund.overpayment WHERE id = '%s'", id), body);
}

Test(fund_weekly, what_was_paid_too_much_is_settled_with_a_reason)
{
	struct answer a;
	const char *id, *over;

	start_with(1000000);
	id = promised(0, 63);
	sql("UPDATE fund.request SET means = 'voucher' WHERE id = '%s'", id);
	assert_status(fund_act(ROLE_navigator, id, "issue", "{\"serial\":\"1\"}"), 200);
	assert_status(at_payment(payment_of(id), "confirm", settled_today("")), 200);
	cr_assert_str_eq(sql("SELECT sum(paid) FROM fund.commitment WHERE cause_id = '%s'", id), "36200", "one week in advance");
	a = fund_act(ROLE_navigator, id, "stop", arena_printf(test_memory(), "{\"reason\":\"leave_granted\",\"from_day\":\"%s\"}", in_days(3)));
	assert_status(a, 200);
	cr_assert_eq(answer_int(&a, "promise.overpayments.0.amount_pence"), 20686, "%s", a.body);
	cr_assert_eq(answer_int(&a, "promise.overpayments.0.nights"), 4);
	over = answer_text(&a, "promise.overpayments.0.id");
	a = call(ROLE_finance_officer, "GET", "/api/v1/fund/past-need", NULL);
	assert_status(a, 200);
	cr_assert_eq(answer_int(&a, "items.0.outstanding_pence"), 20686, "%s", a.body);
	a = settle(ROLE_finance_officer, over, "write-off", "{\"reason\":\"hardship\"}");
	assert_status(a, 403);
	a = settle(ROLE_finance_approver, over, "settle", "{\"how\":\"recovered\",\"reason\":\"paid_back\"}");
	assert_status(a, 403);
	a = settle(ROLE_finance_officer, over, "settle", "{\"how\":\"written_off\",\"reason\":\"paid_back\"}");
	assert_error(a, "/how");
	a = settle(ROLE_finance_officer, over, "settle", "{\"how\":\"deducted\",\"reason\":\"paid_back\"}");
	assert_problem(a, 409, "fund-nothing-due");
	a = settle(ROLE_finance_officer, over, "settle", "{\"how\":\"recovered\",\"reason\":\"paid_back\"}");
	assert_status(a, 200);
	cr_assert_eq(answer_int(&a, "promise.overpayments.0.outstanding_pence"), 0, "%s", a.body);
	a = settle(ROLE_finance_approver, over, "write-off", "{\"reason\":\"hardship\"}");
	assert_problem(a, 409, "wrong-state");
	a = call(ROLE_finance_officer, "GET", "/api/v1/fund/past-need", NULL);
	cr_assert_eq(json_array_size(json_object_get(a.json, "items")), 0);
	cr_assert_str_eq(sql("SELECT coalesce(string_agg(what, '; '), '') FROM fund.faults()"), "");
}

/* Of ten requests for the same nights that arrive together one is taken. */
Test(fund_weekly, the_same_nights_are_asked_for_once)
{
	start_with(1000000);
	cr_assert_eq(race(10, ROLE_navigator, OF_HOME,
			  sql("SELECT format('{\"category\":\"nrpf_subsistence\",\"start_on\":\"%%s\",\"end_on\":\"%%s\",\"review_on\":\"%%s\","
			      "\"means\":\"voucher\"}', today(), today() + 28, today())"), 201), 1);
	cr_assert_str_eq(sql("SELECT count(*) FROM fund.promise"), "1");
}

/* ---- interim places ---- */

static const char *hotel(const char *home)
{
	const char *id;

	sql("UPDATE property SET type = 'interim' WHERE id = '" PROPERTY_A "'");
	sql("UPDATE household SET want_from = today(), want_until = today() + 3, version = version + 1 WHERE id = '%s'", home);
	board_settle();
	id = held(home, VACANCY_A1);
	return id;
}

Test(fund_weekly, an_interim_place_costs_from_the_hold_on)
{
	const char *year, *id;
	struct answer a;

	year = fund_pot("Nights", 100000);
	id = hotel(FUND_HOME);
	cr_assert_eq(fund_figure(year, "committed_pence"), 21750);
	a = act(ROLE_navigator, id, "cancel", "{\"reason\":\"no_longer_needed\"}");
	assert_status(a, 200);
	cr_assert_eq(fund_figure(year, "committed_pence"), 0);
	cr_assert_eq(fund_figure(year, "free_pence"), 100000);
}

Test(fund_weekly, an_interim_stay_is_trued_up_at_its_end)
{
	const char *year, *id;
	struct answer a;

	year = fund_pot("Nights", 100000);
	sql("UPDATE property SET type = 'interim' WHERE id = '" PROPERTY_A "'");
	sql("UPDATE household SET want_from = today(), want_until = today() + 10, version = version + 1 WHERE id = '" FUND_HOME "'");
	board_settle();
	id = arrived(FUND_HOME, VACANCY_A1);
	cr_assert_eq(fund_figure(year, "committed_pence"), 72500);
	/* they came two nights ago and stay three nights in all */
	sql("UPDATE placement SET period = daterange(today() - 2, upper(period)), arrived_on = today() - 2 WHERE id = '%s'", id);
	cr_assert_eq(fund_figure(year, "committed_pence"), 87000);
	a = call(ROLE_finance_officer, "GET", "/api/v1/fund/delays", NULL);
	assert_status(a, 200);
	cr_assert_eq(answer_int(&a, "items.0.nights"), 3, "%s", a.body);
	cr_assert_eq(answer_int(&a, "items.0.pence"), 21750);
	cr_assert(json_is_null(json_object_get(json_array_get(json_object_get(a.json, "items"), 0), "household_id")));
	sql("UPDATE placement SET state = 'departed', departed_on = today() - 1, departure_reason = 'planned_move_on', destination = 'private_tenancy' WHERE id = '%s'", id);
	cr_assert_eq(fund_figure(year, "committed_pence"), 7250);
	cr_assert_eq(fund_figure(year, "free_pence"), 92750);
}

/* A place is never refused for want of money in a pot. */
Test(fund_weekly, without_money_the_place_is_held_all_the_same)
{
	struct answer a;
	const char *year = fund_pot("Nights", 20000);

	hotel(FUND_HOME);
	cr_assert_eq(fund_figure(year, "committed_pence"), 0);
	sql("UPDATE placement SET state = 'arrived', arrived_on = today(), expires_at = NULL");
	a = call(ROLE_navigator, "GET", "/api/v1/fund/delays", NULL);
	assert_status(a, 200);
	cr_assert_eq(answer_int(&a, "items.0.uncovered_pence"), 21750, "%s", a.body);
	/* once a pot has it, the housekeeping promises it */
	sql("SELECT fund.post('grant', 'pot_year', '%s', today(), ARRAY[fund.moved('%s', 'granted', 'free', 5000)])", year, year);
	sql("SELECT tidy()");
	cr_assert_eq(fund_figure(year, "committed_pence"), 21750);
}

/* Why: a provider has not answered, consent was withdrawn, or there is no place. */
Test(fund_weekly, each_night_of_delay_has_its_cause)
{
	struct answer a;
	const char *id, *year = fund_pot("Nights", 100000);

	id = hotel(FUND_HOME);
	sql("UPDATE placement SET state = 'arrived', arrived_on = today() - 2, expires_at = NULL, period = daterange(today() - 2, today() + 1)");
	sql("INSERT INTO consent (household_id, purpose, basis, at) VALUES ('" FUND_HOME "', 'share_with_providers', 'given', now() - interval '9 days')");
	a = call(ROLE_navigator, "GET", "/api/v1/fund/delays", NULL);
	cr_assert_str_eq(answer_text(&a, "items.0.delay"), "waits_for_place", "%s", a.body);
	sql("INSERT INTO consent (household_id, purpose, basis, at) VALUES ('" FUND_HOME "', 'share_with_providers', 'withdrawn', now())");
	sql("INSERT INTO placement (vacancy_id, unit_id, organisation_id, household_id, requested_by, holder_id, state, period, offered_at, decided_at,"
	    " decline_side, decline_reason, household_version, unit_version) SELECT '" VACANCY_B1 "', '" UNIT_B1 "', (SELECT organisation_id FROM unit WHERE id = '" UNIT_B1 "'),"
	    " p.household_id, p.requested_by, p.holder_id, 'declined', p.period, now() - interval '2 days', now() - interval '1 day', 'provider', 'capacity', 1, 1"
	    " FROM placement p WHERE p.id = '%s'", id);
	a = call(ROLE_navigator, "GET", "/api/v1/fund/delays", NULL);
	cr_assert_eq(json_array_size(json_object_get(a.json, "items")), 3, "%s", a.body);
	cr_assert_str_eq(answer_text(&a, "items.0.delay"), "waits_for_consent", "%s", a.body);
	cr_assert_str_eq(answer_text(&a, "items.2.delay"), "waits_for_provider");
	cr_assert_eq(fund_figure(year, "committed_pence"), 21750);
}
