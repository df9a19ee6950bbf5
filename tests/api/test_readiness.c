/* From which day a place is ready, what is no place at all, and lapses that are told. */
#include <stdio.h>
#include <string.h>

#include "inventory.h"
#include "placing.h"

TestSuite(readiness, .init = service_start, .fini = service_stop);

#define A1 "/api/v1/vacancies/" VACANCY_A1
#define VOID(unit, from, until) \
	"INSERT INTO void_period (unit_id, organisation_id, from_day, until_day, reason)" \
	" SELECT id, organisation_id, " from ", " until ", 'repair' FROM unit WHERE id = '" unit "'"

static const char *left(int days_ago, int turnaround)
{
	place_a1("held");
	sql("UPDATE placement SET state = 'departed', departed_on = today() - %d, departure_reason = 'end_of_stay',"
	    " destination = 'not_known', period = daterange(today() - 50, today() - %d)", days_ago, days_ago);
	sql("UPDATE property SET turnaround_days = %d", turnaround);
	board_settle();
	return sql("SELECT add_working_days(today() - %d, %d)", days_ago, turnaround);
}

Test(readiness, a_vacancy_in_turnaround_says_when_it_is_ready)
{
	const char *ready = left(1, 30);
	struct answer a = call(ROLE_navigator, "GET", A1, NULL);

	cr_expect_str_eq(answer_text(&a, "state"), "open");
	cr_expect_str_eq(answer_text(&a, "ready_on"), ready, "%s", a.body);
	cr_expect_str_eq(answer_text(&a, "delayed_by"), "turnaround");
	a = hold(HOUSEHOLD, VACANCY_A1);
	assert_problem(a, 409, "vacancy-not-ready");
	cr_expect_str_eq(answer_text(&a, "reason"), "not_ready");
	cr_expect_str_eq(answer_text(&a, "ready_on"), ready);
	sql("UPDATE household SET want_from = '%s'", ready);
	a = hold(HOUSEHOLD, VACANCY_A1);
	assert_status(a, 201);
}

Test(readiness, one_delay_after_the_other)
{
	struct answer a;

	sql(VOID(UNIT_A1, "today() - 3", "today() + 5"));
	sql(VOID(UNIT_A1, "today() + 5", "today() + 9"));
	a = call(ROLE_navigator, "GET", A1, NULL);
	cr_expect_str_eq(answer_text(&a, "ready_on"), sql("SELECT today() + 9"), "%s", a.body);
	cr_expect_str_eq(answer_text(&a, "delayed_by"), "out_of_service");
	sql("UPDATE void_period SET until_day = NULL WHERE from_day > today()");
	a = call(ROLE_navigator, "GET", A1, NULL);
	cr_expect(json_is_null(json_object_get(a.json, "ready_on")), "nobody knows: %s", a.body);
	cr_expect_str_eq(answer_text(&a, "delayed_by"), "out_of_service");
	a = hold(HOUSEHOLD, VACANCY_A1);
	assert_problem(a, 409, "vacancy-not-ready");
	cr_expect(json_is_null(json_object_get(a.json, "ready_on")), "%s", a.body);
}

Test(readiness, one_that_is_ready_says_nothing)
{
	struct answer a = call(ROLE_navigator, "GET", A1, NULL);

	cr_expect(json_is_null(json_object_get(a.json, "ready_on")), "%s", a.body);
	cr_expect(json_is_null(json_object_get(a.json, "delayed_by")), "%s", a.body);
}

Test(readiness, a_refused_hold_tells_the_true_reason)
{
	const char *id = held(HOUSEHOLD, VACANCY_A1);
	struct answer a = hold(HOUSEHOLD, VACANCY_A1);

	cr_expect_str_eq(answer_text(&a, "reason"), "yours", "%s", a.body);
	cr_expect_str_eq(answer_text(&a, "placement_id"), id);
	a = hold(HOUSEHOLD_2, VACANCY_A1);
	cr_expect_str_eq(answer_text(&a, "reason"), "held", "%s", a.body);
	cr_expect(json_is_null(json_object_get(a.json, "placement_id")), "not whose: %s", a.body);
	cr_expect_str_eq(answer_text(&a, "referral_id"), REFERRAL_2);
	act(ROLE_navigator, id, "cancel", "{}");
	sql("UPDATE vacancy SET withdrawn_at = now(), withdraw_reason = 'no_staff' WHERE id = '" VACANCY_A1 "'");
	a = hold(HOUSEHOLD_2, VACANCY_A1);
	cr_expect_str_eq(answer_text(&a, "reason"), "withdrawn", "%s", a.body);
}

/* ---- what is no place ---- */

Test(readiness, a_closed_unit_is_closed)
{
	struct answer a = call(ROLE_provider, "POST", "/api/v1/units/" UNIT_A3 "/close", NULL);

	assert_status(a, 200);
	cr_expect_str_eq(answer_text(&a, "state"), "closed");
	a = call(ROLE_navigator, "GET", "/api/v1/units?state=available", NULL);
	cr_expect_null(strstr(a.body, UNIT_A3), "%s", a.body);
	a = call(ROLE_navigator, "GET", "/api/v1/units?state=closed", NULL);
	cr_expect(strstr(a.body, UNIT_A3), "%s", a.body);
	a = call(ROLE_provider, "POST", "/api/v1/vacancies", "{\"unit_id\":\"" UNIT_A3 "\"}");
	assert_error(a, "/unit_id");
}

Test(readiness, sanctuary_is_nobody_s_property)
{
	struct answer a = call(ROLE_provider, "POST", "/api/v1/properties",
			       "{\"type\":\"sanctuary\",\"public_name\":\"Scheme\",\"area_label\":\"Coast\",\"local_authority\":"
			       "\"E06000003\",\"outward_code\":\"TS10\",\"residents\":\"women\",\"shared_access\":false}");

	assert_error(a, "/type");
	a = change(ROLE_provider, "/api/v1/properties/" PROPERTY_A, 1, "{\"type\":\"sanctuary\"}");
	assert_error(a, "/type");
}

Test(readiness, no_boys_and_boys_under_one_are_two_values)
{
	struct answer a;

	for (int oldest = -1; oldest <= 0; oldest++) {
		a = change(ROLE_provider, "/api/v1/units/" UNIT_A1, oldest + 2,
			   oldest ? "{\"oldest_boy\":-1}" : "{\"oldest_boy\":0}");
		assert_status(a, 200);
		cr_expect_eq(answer_int(&a, "oldest_boy"), oldest);
	}
	a = change(ROLE_provider, "/api/v1/units/" UNIT_A1, 3, "{\"oldest_boy\":-2}");
	assert_error(a, "/oldest_boy");
}

Test(readiness, a_unit_that_is_not_free_is_not_posted_as_free_today)
{
	struct answer a;

	sql(VOID(UNIT_A3, "today() - 3", "today() + 60"));
	a = call(ROLE_provider, "POST", "/api/v1/vacancies", "{\"unit_id\":\"" UNIT_A3 "\"}");
	assert_error(a, "/available_from");
	cr_expect(strstr(a.body, sql("SELECT to_char(today() + 60, '\"out of service until \"FMDD FMMonth YYYY')")), "%s", a.body);
	a = call(ROLE_provider, "POST", "/api/v1/vacancies",
		 "{\"unit_id\":\"" UNIT_A3 "\",\"available_from\":\"%s\"}", sql("SELECT (today() + 60)::text"));
	assert_status(a, 201);
	arrived(HOUSEHOLD, VACANCY_A1);
	a = call(ROLE_provider, "POST", "/api/v1/vacancies", "{\"unit_id\":\"" UNIT_A1 "\"}");
	assert_error(a, "/available_from");
	cr_expect(strstr(a.body, "A household lives there"), "%s", a.body);
}

/* ---- lapses ---- */

#define LAPSED "UPDATE vacancy SET confirmed_at = now() - interval '73 hours' WHERE organisation_id = '" PROVIDER_A "'"

Test(readiness, a_lapse_is_told_once_and_ends_with_a_tap)
{
	struct answer a;

	sql(LAPSED);
	cr_expect_str_eq(sql("SELECT note_lapses()"), "2");
	cr_expect_str_eq(sql("SELECT note_lapses()"), "0");
	a = call(ROLE_provider, "GET", "/api/v1/notices", NULL);
	cr_expect_eq(json_array_size(json_object_get(a.json, "items")), 2, "%s", a.body);
	cr_expect_str_eq(answer_text(&a, "items.0.kind"), "vacancy_lapsed");
	a = call_with(ROLE_provider, "GET", "/", "Accept: text/html\r\n", NULL);
	cr_expect(strstr(a.body, "/vacancies/" VACANCY_A1 "/confirm"), "%s", a.body);
	a = call(ROLE_provider, "POST", A1 "/confirm", NULL);
	assert_status(a, 200);
	a = call(ROLE_provider, "GET", "/api/v1/notices", NULL);
	cr_expect_eq(json_array_size(json_object_get(a.json, "items")), 1, "%s", a.body);
	a = call(ACTOR_provider_b, "GET", "/api/v1/notices", NULL);
	cr_expect_eq(json_array_size(json_object_get(a.json, "items")), 0, "%s", a.body);
}

Test(readiness, all_are_confirmed_at_once)
{
	struct answer a;

	sql(LAPSED);
	a = call(ROLE_provider, "POST", "/api/v1/vacancies/confirm", NULL);
	assert_status(a, 200);
	cr_expect_eq(answer_int(&a, "confirmed"), 2);
	cr_expect_str_eq(sql("SELECT count(*) FROM vacancy_state WHERE state = 'lapsed'"), "0");
	cr_expect_str_eq(sql("SELECT count(*) FROM vacancy WHERE version = 2"), "2", "nobody else's");
	cr_expect_eq(call(ROLE_navigator, "POST", "/api/v1/vacancies/confirm", NULL).status, 403);
}

/* ---- where they were placed ---- */

#define SEEN "/api/v1/referrals/" REFERRAL

static struct answer page(void)
{
	return call_with(ROLE_navigator, "GET", "/referrals/" REFERRAL, "Accept: text/html\r\n", NULL);
}

Test(readiness, the_referral_says_where_they_were_placed)
{
	const char *id = accepted(HOUSEHOLD, VACANCY_A1);
	struct answer a = call(ROLE_navigator, "GET", SEEN, NULL);

	cr_expect_str_eq(answer_text(&a, "placement.id"), id);
	cr_expect_str_eq(answer_text(&a, "placement.state"), "accepted");
	cr_expect_str_eq(answer_text(&a, "placement.area_label"), "Coast");
	cr_expect_null(strstr(a.body, "TS10"), "never the address: %s", a.body);
	a = page();
	cr_expect(strstr(a.body, "They have a place") && !strstr(a.body, "Look again"), "%s", a.body);
	a = get(ROLE_navigator, id);
	cr_expect_str_eq(answer_text(&a, "referral_id"), REFERRAL);
	a = get(ROLE_provider, id);
	cr_expect(json_is_null(json_object_get(a.json, "referral_id")), "%s", a.body);
	act(ROLE_provider, id, "arrive", "{}");
	act(ROLE_provider, id, "depart", "{\"reason\":\"planned_move_on\",\"destination\":\"social_tenancy\"}");
	a = page();
	cr_expect(strstr(a.body, "They stayed, and left") && !strstr(a.body, "Look again"), "%s", a.body);
}

Test(readiness, the_referral_says_why_it_closed)
{
	struct answer a = call(ROLE_navigator, "POST", SEEN "/close", "{\"reason\":\"returned\"}");

	assert_status(a, 200);
	a = page();
	cr_expect(strstr(a.body, "Returned to the perpetrator") && !strstr(a.body, "Look again"), "%s", a.body);
}
