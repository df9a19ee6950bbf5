#include <sys/wait.h>
#include <unistd.h>

#include "inventory.h"
#include "volley.h"

#define ALL "/api/v1/vacancies"
#define A1 ALL "/" VACANCY_A1
#define OF_A3 "{\"unit_id\":\"" UNIT_A3 "\"}"

TestSuite(vacancy, .init = service_start, .fini = service_stop);

Test(vacancy, is_offered_from_today_without_end)
{
	struct answer a = call(ROLE_provider, "POST", ALL, OF_A3);

	assert_status(a, 201);
	cr_assert_str_eq(answer_text(&a, "available_from"), sql("SELECT current_date"));
	cr_assert(json_is_null(json_object_get(a.json, "available_until")), "%s", a.body);
	cr_assert_str_eq(answer_text(&a, "state"), "open");
	cr_assert_str_eq(answer_text(&a, "type"), "refuge");
	cr_assert_str_eq(answer_text(&a, "area_label"), "Coast");
	cr_assert_null(strstr(a.body, "TS10"), "the district is told: %s", a.body);
}

/* A change to a first day in a hundred days. */
static const char *later(void)
{
	return sql("SELECT json_build_object('available_from', today() + 100)::text");
}

Test(vacancy, a_unit_is_offered_once_a_night)
{
	struct answer a = call(ROLE_provider, "POST", ALL, OF_A3);

	assert_status(a, 201);
	a = call(ROLE_provider, "POST", ALL,
		 "{\"unit_id\":\"" UNIT_A3 "\",\"available_from\":\"%s\"}", sql("SELECT (today() + 100)::text"));
	assert_problem(a, 409, "vacancy-overlaps");
}

/* Eight people of the provider post the same vacancy at once. */
Test(vacancy, of_many_at_once_one_is_posted)
{
	cr_assert_eq(race(8, ROLE_provider, ALL, OF_A3, 201), 1,
		     "more than one, or none, was posted");
	cr_assert_str_eq(sql("SELECT count(*) FROM vacancy WHERE unit_id = '" UNIT_A3 "'"), "1");
}

Test(vacancy, only_of_a_unit_of_ones_own)
{
	struct answer a = call(ACTOR_provider_b, "POST", ALL, OF_A3);

	assert_error(a, "/unit_id");
	a = call(ROLE_housing_officer, "POST", ALL, OF_A3);
	assert_status(a, 403);
	cr_assert_null(sql("SELECT id FROM vacancy WHERE unit_id = '" UNIT_A3 "'"));
}

Test(vacancy, ends_after_it_begins)
{
	struct answer a =
		call(ROLE_provider, "POST", ALL,
		     "{\"unit_id\":\"" UNIT_A3 "\","
		     "\"available_from\":\"2027-03-01\",\"available_until\":\"2027-03-01\"}");

	assert_error(a, "/available_until");
	a = change(ROLE_provider, A1, 1, "{\"available_until\":\"2001-01-01\"}");
	assert_error(a, "/available_until");
}

Test(vacancy, goes_stale_then_lapses_and_one_tap_brings_it_back)
{
	struct answer a;

	sql("UPDATE vacancy SET confirmed_at = now() - interval '25 hours' WHERE id = '" VACANCY_A1
	    "'");
	a = call(ROLE_provider, "GET", ALL "?stale=true", NULL);
	cr_assert_eq(json_array_size(json_object_get(a.json, "items")), 1, "%s", a.body);
	cr_assert_str_eq(answer_text(&a, "items.0.state"), "open");
	sql("UPDATE vacancy SET confirmed_at = now() - interval '73 hours' WHERE id = '" VACANCY_A1
	    "'");
	a = call(ROLE_provider, "GET", A1, NULL);
	cr_assert_str_eq(answer_text(&a, "state"), "lapsed");
	/* no Idempotency-Key: it may be repeated */
	a = call_with(ROLE_provider, "POST", A1 "/confirm", "", "");
	assert_status(a, 200);
	cr_assert_str_eq(answer_text(&a, "state"), "open");
	cr_assert(json_is_false(json_object_get(a.json, "stale")), "%s", a.body);
	a = call(ROLE_provider, "GET", ALL "?state=lapsed", NULL);
	cr_assert_eq(json_array_size(json_object_get(a.json, "items")), 0, "%s", a.body);
}

Test(vacancy, is_confirmed_by_its_provider_only)
{
	struct answer a;

	sql("UPDATE vacancy SET confirmed_at = now() - interval '73 hours' WHERE id = '" VACANCY_A1
	    "'");
	a = call(ACTOR_provider_b, "POST", A1 "/confirm", NULL);
	assert_status(a, 404);
	a = call(ROLE_housing_officer, "POST", A1 "/confirm", NULL);
	assert_status(a, 403);
	cr_assert_str_eq(sql("SELECT state FROM vacancy_state WHERE vacancy_id = '" VACANCY_A1 "'"),
			 "lapsed");
}

Test(vacancy, is_withdrawn_with_a_reason)
{
	struct answer a = call(ROLE_provider, "POST", A1 "/withdraw", "{}");

	assert_error(a, "/reason");
	a = call(ROLE_provider, "POST", A1 "/withdraw", "{\"reason\":\"no_staff\"}");
	assert_status(a, 200);
	cr_assert_str_eq(answer_text(&a, "state"), "withdrawn");
	a = call(ROLE_provider, "POST", A1 "/withdraw", "{\"reason\":\"no_staff\"}");
	assert_problem(a, 409, "wrong-state");
	a = call(ROLE_provider, "POST", A1 "/confirm", NULL);
	assert_problem(a, 409, "wrong-state");
	a = call(ROLE_provider, "POST", ALL, "{\"unit_id\":\"" UNIT_A1 "\"}");
	assert_status(a, 201); /* the nights are free again */
}

Test(vacancy, is_not_withdrawn_or_changed_under_a_hold)
{
	const char *hold = place_a1("held");
	struct answer a = call(ROLE_provider, "POST", A1 "/withdraw", "{\"reason\":\"no_staff\"}");

	assert_problem(a, 409, "wrong-state");
	a = change(ROLE_provider, A1, 1, later());
	assert_problem(a, 409, "wrong-state");
	a = call(ROLE_provider, "POST", A1 "/confirm", NULL);
	assert_status(a, 200); /* it is still there */
	cr_assert_str_eq(answer_text(&a, "state"), "held");
	cr_assert_null(answer_text(&a, "placement_id"), "a hold is not shown to its provider yet");
	cr_assert_not_null(answer_text(&a, "held_until"));
	sql("UPDATE placement SET state = 'offered', offered_at = now() WHERE id = '%s'", hold);
	a = call(ROLE_provider, "GET", A1, NULL);
	cr_assert_str_eq(answer_text(&a, "placement_id"), hold, "its provider is led to the offer");
	sql("UPDATE placement SET expires_at = now() WHERE id = '%s'", hold);
	a = call(ROLE_provider, "POST", A1 "/withdraw", "{\"reason\":\"no_staff\"}");
	assert_status(a, 200); /* an expired hold does not count */
}

/* A hold and a withdrawal come at the same moment: the request that locks the unit's row first
 * wins. */
Test(vacancy, a_withdrawal_waits_for_a_hold_under_way)
{
	struct answer a = call(ROLE_provider, "GET", A1, NULL);
	int status;
	pid_t hold = fork();

	assert_status(a, 200);
	if (hold == 0) {
		sql("WITH u AS MATERIALIZED (SELECT id FROM unit WHERE id = '" UNIT_A1
		    "' FOR NO KEY UPDATE),"
		    " pause AS MATERIALIZED (SELECT pg_sleep(1) FROM u)"
		    " INSERT INTO placement (vacancy_id, unit_id, organisation_id, household_id, "
		    "requested_by, holder_id,"
		    " period, expires_at, household_version, unit_version)"
		    " SELECT '" VACANCY_A1 "', '" UNIT_A1 "', '" PROVIDER_A "', '" HOUSEHOLD
		    "', '" COUNCIL "', a.id,"
		    " daterange(current_date, NULL), now() + interval '1 hour', 1, 1"
		    " FROM pause, account a WHERE a.username = 'navigator' RETURNING id");
		_exit(0);
	}
	wait_asleep(hold);
	a = call(ROLE_provider, "POST", A1 "/withdraw", "{\"reason\":\"no_staff\"}");
	assert_problem(a, 409, "wrong-state");
	cr_assert_eq(waitpid(hold, &status, 0), hold);
	cr_assert_str_eq(sql("SELECT state FROM vacancy_state WHERE vacancy_id = '" VACANCY_A1 "'"),
			 "held");
}

Test(vacancy, dates_change_by_version)
{
	struct answer a = call(ROLE_provider, "PATCH", A1, "%s", later());

	assert_problem(a, 428, "if-match-missing");
	a = change(ROLE_provider, A1, 1,
		   sql("SELECT json_build_object('available_from', today() + 100, 'available_until', today() + 130)::text"));
	assert_status(a, 200);
	a = change(ROLE_provider, A1, 1, "{\"available_until\":null}");
	assert_problem(a, 412, "changed");
	a = change(ROLE_provider, A1, 2, "{\"available_until\":null}");
	assert_status(a, 200);
	cr_assert_str_eq(answer_text(&a, "available_from"), sql("SELECT (today() + 100)::text"), "the rest stays");
	cr_assert(json_is_null(json_object_get(a.json, "available_until")), "%s", a.body);
	a = change(ROLE_provider, A1, 3, "{\"available_from\":null}");
	assert_error(a, "/available_from");
	a = change(ACTOR_provider_b, A1, 3, "{\"available_until\":null}");
	assert_status(a, 404);
}

Test(vacancy, others_see_it_without_its_placement)
{
	struct answer a;

	place_a1("held");
	a = call(ROLE_navigator, "GET", A1, NULL);
	assert_status(a, 200);
	cr_assert(json_is_null(json_object_get(a.json, "placement_id")), "%s", a.body);
	a = call(ROLE_navigator, "GET", ALL "?state=held", NULL);
	cr_assert_eq(json_array_size(json_object_get(a.json, "items")), 1, "%s", a.body);
	a = call(ROLE_navigator, "GET", ALL "?unit_id=" UNIT_B1, NULL);
	cr_assert_str_eq(answer_text(&a, "items.0.id"), VACANCY_B1, "%s", a.body);
	a = call(ROLE_navigator, "GET", ALL, NULL);
	cr_assert_null(strstr(a.body, OTHER_VACANCY), "another partnership's: %s", a.body);
	a = call(ACTOR_provider_b, "GET", A1, NULL);
	assert_status(a, 404);
}

static struct answer page(int actor, const char *method, const char *path, const char *form)
{
	char headers[512];

	snprintf(headers, sizeof(headers), "Accept: text/html\r\n%s",
		 form ? "Content-Type: application/x-www-form-urlencoded\r\n" : "");
	return call_with(actor, method, path, headers, form);
}

Test(vacancy, the_form_shows_the_own_units)
{
	struct answer a = page(ROLE_provider, "GET", "/vacancies/new", NULL);

	assert_status(a, 200);
	cr_assert_not_null(strstr(a.body, UNIT_A3), "%s", a.body);
	cr_assert_null(strstr(a.body, UNIT_B1), "another provider's unit");
	a = page(ROLE_provider, "GET", "/vacancies", NULL);
	assert_status(a, 200);
	cr_assert_not_null(strstr(a.body, "Refuge"), "the kind by its label");
}

Test(vacancy, a_form_that_is_wrong_comes_back_with_the_units)
{
	struct answer a =
		page(ROLE_provider, "POST", "/vacancies", "_key=k1&available_from=2026-02-30");

	assert_status(a, 422);
	cr_assert_not_null(strstr(a.body, UNIT_A3), "%s", a.body);
	cr_assert_not_null(strstr(a.body, "There is a problem"), "%s", a.body);
	a = page(ROLE_provider, "POST", "/vacancies", "_key=k2&unit_id=" UNIT_A3);
	assert_status(a, 303);
	cr_assert_not_null(strstr(answer_header(&a, "Location"), "/vacancies/"));
}
