/* What pages need so that no answer is a dead end: how a placement ended, an arrival that moves, why a household is less
 * urgent, a form that comes second, a day that is not overwritten unseen. */
#include <criterion/criterion.h>
#include <string.h>

#include "memory.h"
#include "placing.h"
#include "referring.h"

TestSuite(dead_ends, .init = service_start, .fini = service_stop);

#define HERE "/api/v1/households/" HOUSEHOLD
#define FORM "Accept: text/html\r\nContent-Type: application/x-www-form-urlencoded\r\n"

static struct answer send_form(int actor, const char *to, const char *body)
{
	return call_with(actor, "POST", to, FORM, body);
}

/* ---- placements ---- */

Test(dead_ends, a_referral_tells_what_came_to_nothing)
{
	const char *referral = sql("SELECT id FROM referral WHERE household_id = '" HOUSEHOLD "' AND state <> 'closed'");
	const char *declined = offered(HOUSEHOLD, VACANCY_A1), *cancelled = held(HOUSEHOLD, VACANCY_A2), *over = held(HOUSEHOLD, VACANCY_B1);
	struct answer a;

	act(ROLE_provider, declined, "decline", "{\"reason\":\"capacity\"}");
	act(ROLE_navigator, cancelled, "cancel", "{\"reason\":\"safer_option\"}");
	sql("UPDATE placement SET expires_at = now() - interval '1 hour' WHERE id = '%s'", over);
	a = call(ROLE_navigator, "GET", path("referrals", referral, ""), NULL);
	cr_assert_eq(json_array_size(json_object_get(a.json, "ended")), 3, "%s", a.body);
	cr_assert_str_eq(answer_text(&a, "ended.0.state"), "expired", "newest first: %s", a.body);
	cr_assert_null(answer_text(&a, "ended.0.ended_by"), "it ran out by itself");
	cr_assert_str_eq(answer_text(&a, "ended.1.id"), cancelled, "%s", a.body);
	cr_assert_str_eq(answer_text(&a, "ended.1.cancel_reason"), "safer_option");
	cr_assert_not_null(answer_text(&a, "ended.1.ended_at"));
	cr_assert_not_null(answer_text(&a, "ended.1.ended_by"), "a colleague by name: %s", a.body);
	cr_assert_str_eq(answer_text(&a, "ended.2.decline_reason"), "capacity");
	cr_assert_str_eq(answer_text(&a, "ended.2.ended_by"), answer_text(&a, "ended.2.provider"), "of another organisation its name");
}

static size_t notices(int actor, const char *kind)
{
	struct answer a = call(actor, "GET", "/api/v1/notices", NULL);
	size_t i, n = 0;
	json_t *one;

	json_array_foreach(json_object_get(a.json, "items"), i, one)
		n += strcmp(json_string_value(json_object_get(one, "kind")), kind) == 0;
	return n;
}

Test(dead_ends, an_arrival_moves_after_the_offer_and_the_provider_is_told)
{
	const char *id = held(HOUSEHOLD, VACANCY_A1);
	struct answer a = act(ROLE_navigator, id, "arrival-time", "{\"arrival_time\":\"02:15\"}"), shown;

	cr_assert_eq(a.status, 409, "not offered yet: %s", a.body);
	act(ROLE_navigator, id, "offer", "{\"arrival_time\":\"23:00\"}");
	cr_assert_eq(notices(ROLE_provider, "offer_waits"), 1);
	cr_assert_eq(notices(ACTOR_provider_b, "offer_waits"), 0);
	cr_assert_eq(notices(ROLE_navigator, "offer_waits"), 0);
	cr_assert_eq(notices(ROLE_provider, "arrival_changed"), 0);
	a = act(ROLE_navigator, id, "arrival-time", "{\"arrival_time\":\"2am\"}");
	cr_assert(a.status == 422 && answer_has_error(&a, "/arrival_time"), "%s", a.body);
	a = act(ROLE_navigator, id, "arrival-time", "{\"arrival_time\":\"02:15\"}");
	cr_assert_eq(a.status, 200, "%s", a.body);
	shown = get(ROLE_provider, id);
	cr_assert_str_eq(answer_text(&shown, "arrival_time"), "02:15");
	cr_assert_eq(notices(ROLE_provider, "arrival_changed"), 1);
	act(ROLE_provider, id, "accept", "{}");
	cr_assert_eq(notices(ROLE_provider, "offer_waits"), 0, "it was answered");
	a = act(ROLE_navigator, id, "arrival-time", "{}");
	cr_assert_eq(a.status, 200, "%s", a.body);
	cr_assert_eq(notices(ROLE_provider, "arrival_changed"), 1, "the newest alone");
	a = act(ROLE_provider, id, "arrival-time", "{\"arrival_time\":\"03:00\"}");
	cr_assert_eq(a.status, 403, "the provider does not say when they come: %s", a.body);
	act(ROLE_provider, id, "arrive", "{}");
	a = act(ROLE_navigator, id, "arrival-time", "{\"arrival_time\":\"03:00\"}");
	cr_assert_eq(a.status, 409, "they are there: %s", a.body);
}

Test(dead_ends, safe_and_well_is_recorded_afterwards)
{
	const char *id = arrived(HOUSEHOLD, VACANCY_A1);
	struct answer a = act(ROLE_provider, id, "check-up", "{\"safe_and_well\":true}");

	cr_assert_eq(a.status, 409, "they have not left: %s", a.body);
	a = act(ROLE_provider, id, "depart", "{\"reason\":\"end_of_stay\",\"destination\":\"not_known\"}");
	cr_assert_eq(a.status, 200, "%s", a.body);
	a = act(ROLE_provider, id, "check-up", "{}");
	cr_assert(a.status == 422 && answer_has_error(&a, "/safe_and_well"), "%s", a.body);
	a = act(ACTOR_provider_b, id, "check-up", "{\"safe_and_well\":true}");
	cr_assert_eq(a.status, 404, "%s", a.body);
	a = act(ROLE_provider, id, "check-up", "{\"safe_and_well\":true}");
	cr_assert_eq(a.status, 200, "%s", a.body);
	cr_assert_str_eq(sql("SELECT safe_and_well FROM placement WHERE id = '%s'", id), "t");
}

/* ---- the case ---- */

static struct answer patch(const char *body)
{
	return call_with(ROLE_navigator, "PATCH", HERE, "If-Match: *\r\nContent-Type: application/merge-patch+json\r\n", body);
}

Test(dead_ends, less_urgent_needs_a_reason_while_a_decision_is_due)
{
	struct answer a;

	sql("UPDATE household SET urgency = 'emergency' WHERE id = '" HOUSEHOLD "'");
	a = patch("{\"urgency\":\"planned\"}");
	cr_assert(a.status == 422 && answer_has_error(&a, "/urgency_reason"), "%s", a.body);
	a = patch("{\"urgency\":\"urgent\",\"urgency_reason\":\"assessed_again\"}");
	cr_assert_eq(a.status, 200, "%s", a.body);
	cr_assert_str_eq(answer_text(&a, "urgency_reason"), "assessed_again");
	a = patch("{\"urgency\":\"planned\"}");
	cr_assert(answer_has_error(&a, "/urgency_reason"), "a reason of before is none for now: %s", a.body);
	a = patch("{\"pets\":true}");
	cr_assert_str_eq(answer_text(&a, "urgency_reason"), "assessed_again", "it stays with the urgency: %s", a.body);
	a = patch("{\"urgency\":\"emergency\"}");
	cr_assert_eq(a.status, 200, "more urgent needs none: %s", a.body);
	cr_assert_null(answer_text(&a, "urgency_reason"));
	sql("UPDATE referral SET state = 'closed', closed_at = now(), close_reason = 'stayed_home' WHERE household_id = '" HOUSEHOLD "'");
	a = patch("{\"urgency\":\"planned\"}");
	cr_assert_eq(a.status, 200, "nothing is due: %s", a.body);
}

Test(dead_ends, a_judged_level_says_by_whom)
{
	struct answer a = refer("{\"household\":{\"situation\":\"rough\",\"risk_level\":\"standard\",\"members\":[{\"kind\":\"main\",\"age\":30}]}}"), b;
	const char *id = answer_text(&a, "household.id");

	cr_assert_str_eq(answer_text(&a, "household.risk_judged"), "standard", "%s", a.body);
	cr_assert_not_null(answer_text(&a, "household.risk_judged_by"), "%s", a.body);
	cr_assert_str_eq(sql("SELECT count(*) FROM risk_assessment WHERE household_id = '%s' AND risk_judged = 'standard' AND dash IS NULL"
			     " AND recorded_by IS NOT NULL", id), "1");
	b = call(ROLE_navigator, "GET", path("households", id, "/risk"), NULL);
	cr_assert_str_eq(answer_text(&b, "risk_judged_by"), answer_text(&a, "household.risk_judged_by"));
	a = refer("{\"household\":{\"situation\":\"rough\",\"members\":[{\"kind\":\"main\",\"age\":30}]}}");
	cr_assert_null(answer_text(&a, "household.risk_judged_by"), "nobody judged: %s", a.body);
}

Test(dead_ends, a_day_of_a_marac_is_overwritten_with_its_version_only)
{
	struct answer made = call(ROLE_navigator, "POST", HERE "/maracs", "{\"referred_on\":\"%s\"}", sql("SELECT today() - 9")), a;
	const char *to = path("maracs", answer_text(&made, "id"), "/heard"), *first = sql("SELECT json_build_object('heard_on', today() - 2)");
	const char *second = sql("SELECT json_build_object('heard_on', today() - 1)");

	a = call(ROLE_navigator, "POST", to, "%s", first);
	cr_assert_eq(a.status, 200, "there was none: %s", a.body);
	a = call(ROLE_navigator, "POST", to, "%s", second);
	cr_assert_eq(a.status, 428, "%s", a.body);
	a = call_with(ROLE_navigator, "POST", to, "If-Match: \"1\"\r\nIdempotency-Key: a\r\nContent-Type: application/json\r\n", second);
	cr_assert_eq(a.status, 412, "%s", a.body);
	a = call_with(ROLE_navigator, "POST", to, "If-Match: \"2\"\r\nIdempotency-Key: b\r\nContent-Type: application/json\r\n", second);
	cr_assert_eq(a.status, 200, "%s", a.body);
}

Test(dead_ends, a_party_is_described_without_a_name)
{
	struct answer a = call(ROLE_navigator, "POST", HERE "/parties", "{\"birth_date\":\"1980-01-01\"}");
	const char *hashes = sql("SELECT count(*) FROM person_index WHERE household_id = '" HOUSEHOLD "'");

	cr_assert(a.status == 422 && answer_has_error(&a, "/name"), "%s", a.body);
	a = call(ROLE_navigator, "POST", HERE "/parties", "{\"description\":\"Tall, red hair\"}");
	cr_assert_eq(a.status, 201, "%s", a.body);
	cr_assert_str_eq(sql("SELECT count(*) FROM person_index WHERE household_id = '" HOUSEHOLD "'"), hashes, "nobody to compare");
	cr_assert_str_eq(sql("SELECT count(*) FROM case_secret WHERE household_id = '" HOUSEHOLD "' AND kind = 'perpetrator'"), "1");
}

/* ---- pages ---- */

static const char *version(void)
{
	return sql("SELECT version FROM household WHERE id = '" HOUSEHOLD "'");
}

Test(dead_ends, the_page_of_the_facts_clears_what_is_emptied_and_guards_by_version)
{
	const char *old = version();
	struct answer a;

	sql("UPDATE household SET pets = true, shortest_stay_days = 30, languages = '{pl,ur}', nrpf = true WHERE id = '" HOUSEHOLD "'");
	a = send_form(ROLE_navigator, "/households/" HOUSEHOLD "/edit",
		      arena_printf(test_memory(), "_key=1&_version=%s&household-situation=friends&household-urgency=emergency&household-pets=unknown"
				   "&household-shortest_stay_days=&household-languages-0=&household-languages-1=ur&household-support_needs=&none=support_needs", old));
	cr_assert_eq(a.status, 303, "%s", a.body);
	cr_assert_str_eq(sql("SELECT concat_ws(' ', situation, coalesce(pets::text, '-'), coalesce(shortest_stay_days::text, '-'), languages::text, nrpf,"
			     " support_needs::text) FROM household WHERE id = '" HOUSEHOLD "'"), "friends - - {ur} t []");
	a = send_form(ROLE_navigator, "/households/" HOUSEHOLD "/edit",
		      arena_printf(test_memory(), "_key=2&_version=%s&household-situation=rough&household-urgency=emergency", old));
	cr_assert_eq(a.status, 412, "%s", a.body);
	cr_assert_str_eq(sql("SELECT situation FROM household WHERE id = '" HOUSEHOLD "'"), "friends");
	cr_assert_not_null(strstr(a.body, "Somebody else changed this"), "%s", a.body);
	a = send_form(ROLE_navigator, "/households/" HOUSEHOLD "/edit", "_key=3&household-situation=rough&household-urgency=emergency");
	cr_assert_eq(a.status, 428, "%s", a.body);
}

Test(dead_ends, the_page_of_the_facts_has_the_places_to_reach_and_the_income)
{
	struct answer a = send_form(ROLE_navigator, "/households/" HOUSEHOLD "/edit",
				    arena_printf(test_memory(), "_key=1&_version=%s&household-situation=rough&household-urgency=emergency"
						 "&household-places_to_reach-0=ts5&household-places_to_reach-1=&household-places_to_reach-2=TS18"
						 "&household-income_source=universal_credit&household-weekly_income_pence-pounds=1%%2C120.50", version()));

	cr_assert_eq(a.status, 303, "%s", a.body);
	cr_assert_str_eq(sql("SELECT concat_ws(' ', places_to_reach::text, income_source, weekly_income_pence) FROM household WHERE id = '" HOUSEHOLD "'"),
			 "{TS5,TS18} universal_credit 112050");
	a = call_with(ROLE_navigator, "GET", "/households/" HOUSEHOLD "/edit", "Accept: text/html\r\n", NULL);
	cr_expect_not_null(strstr(a.body, "name=\"household-places_to_reach-1\" type=\"text\" value=\"TS18\""), "%s", a.body);
	cr_expect_not_null(strstr(a.body, "value=\"1120.50\""), "%s", a.body);
	a = send_form(ROLE_navigator, "/households/" HOUSEHOLD "/edit",
		      arena_printf(test_memory(), "_key=2&_version=%s&household-situation=rough&household-urgency=emergency"
				   "&household-places_to_reach-0=TS0&household-places_to_reach-1=", version()));
	cr_expect_eq(a.status, 422, "%s", a.body);
	cr_expect_not_null(strstr(a.body, "href=\"#household-places_to_reach-0\""), "%s", a.body);
	a = send_form(ROLE_navigator, "/households/" HOUSEHOLD "/edit",
		      arena_printf(test_memory(), "_key=3&_version=%s&household-situation=rough&household-urgency=emergency"
				   "&household-places_to_reach-0=&household-places_to_reach-1=&household-weekly_income_pence-pounds=", version()));
	cr_assert_eq(a.status, 303, "%s", a.body);
	cr_assert_str_eq(sql("SELECT concat_ws(' ', coalesce(cardinality(places_to_reach), 0), coalesce(weekly_income_pence::text, '-')) FROM household WHERE id = '" HOUSEHOLD "'"), "0 -");
}

Test(dead_ends, a_case_of_others_is_not_there_on_any_page)
{
	const char *member = sql("SELECT id FROM member WHERE household_id = '" HOUSEHOLD "' LIMIT 1");
	const char *pages[] = { "/households/" HOUSEHOLD "/edit", "/households/" HOUSEHOLD "/members/new",
				arena_printf(test_memory(), "/members/%s", member) };

	for (size_t i = 0; i < 3; i++) {
		struct answer a = call_with(ACTOR_other_officer, "GET", pages[i], "Accept: text/html\r\n", NULL);

		cr_expect_eq(a.status, 404, "%s: %d", pages[i], a.status);
		a = send_form(ACTOR_other_officer, i == 1 ? "/households/" HOUSEHOLD "/members" : pages[i],
			      "_key=1&_version=1&household-situation=rough&kind=child&age=3");
		cr_expect(a.status == 404 || a.status == 422, "%s: %d", pages[i], a.status);
	}
	cr_assert_str_eq(sql("SELECT count(*) FROM member WHERE household_id = '" HOUSEHOLD "' AND age = 3"), "0");
}

Test(dead_ends, vacancies_that_are_over_are_shown_when_asked_for)
{
	struct answer a = call_with(ROLE_provider, "GET", "/vacancies", "Accept: text/html\r\n", NULL), b;

	cr_assert_not_null(strstr(a.body, VACANCY_A2), "%s", a.body);
	call(ROLE_provider, "POST", "/api/v1/vacancies/" VACANCY_A2 "/withdraw", "{\"reason\":\"no_staff\"}");
	a = call_with(ROLE_provider, "GET", "/vacancies", "Accept: text/html\r\n", NULL);
	b = call_with(ROLE_provider, "GET", "/vacancies?past=true", "Accept: text/html\r\n", NULL);
	cr_assert_null(strstr(a.body, VACANCY_A2));
	cr_assert_not_null(strstr(b.body, VACANCY_A2));
	a = call(ROLE_provider, "GET", "/api/v1/vacancies", NULL);
	cr_assert_not_null(strstr(a.body, VACANCY_A2), "a program gets all, unless it asks for less");
	a = call(ROLE_provider, "GET", "/api/v1/vacancies?past=false", NULL);
	cr_assert_null(strstr(a.body, VACANCY_A2));
}
