#include <criterion/criterion.h>
#include <criterion/parameterized.h>
#include <string.h>

#include "placing.h"

TestSuite(placement, .init = service_start, .fini = service_stop);

/* ---- holds ---- */

Test(placement, second_comer_gets_the_next_best)
{
	struct answer first = hold(HOUSEHOLD, VACANCY_A1), second;

	cr_assert_eq(first.status, 201, "%s", first.body);
	cr_assert_str_eq(answer_text(&first, "state"), "held");
	second = hold(HOUSEHOLD_2, VACANCY_A1);
	cr_assert_eq(second.status, 409, "%s", second.body);
	cr_assert_str_eq(answer_text(&second, "type"), "/problems/vacancy-not-open");
	cr_assert_not_null(answer_text(&second, "options.0.vacancy_id"), "%s", second.body);
	cr_assert_null(strstr(second.body, VACANCY_A1), "not the one that is gone: %s",
			second.body);
}

Test(placement, repeated_hold_is_one_hold)
{
	static const char headers[] = "Idempotency-Key: tap-tap\r\nContent-Type: "
			"application/json\r\n";
	static const char body[] = "{\"household_id\":\"" HOUSEHOLD "\",\"vacancy_id\":\""
			VACANCY_A1 "\"}";
	static const char other[] = "{\"household_id\":\"" HOUSEHOLD "\",\"vacancy_id\":\""
			VACANCY_B1 "\"}";
	struct answer a = call_with(ROLE_navigator, "POST", "/api/v1/placements", headers, body);
	struct answer b = call_with(ROLE_navigator, "POST", "/api/v1/placements", headers, body);
	struct answer c = call_with(ROLE_navigator, "POST", "/api/v1/placements", headers, other);

	cr_assert_eq(a.status, 201, "%s", a.body);
	cr_assert_eq(b.status, 201, "%s", b.body);
	cr_assert_str_eq(a.body, b.body);
	cr_assert_str_eq(answer_header(&a, "Location"), answer_header(&b, "Location"));
	cr_assert_eq(c.status, 422, "another request under the same key: %s", c.body);
	cr_assert_str_eq(sql("SELECT count(*) FROM placement"), "1");
}

Test(placement, refused_hold_may_be_tried_again_with_its_key)
{
	static const char headers[] = "Idempotency-Key: again\r\nContent-Type: "
			"application/json\r\n";
	static const char body[] = "{\"household_id\":\"" HOUSEHOLD_2 "\",\"vacancy_id\":\""
			VACANCY_A1 "\"}";
	const char *id = held(HOUSEHOLD, VACANCY_A1);
	struct answer a = call_with(ROLE_navigator, "POST", "/api/v1/placements", headers, body), b;

	cr_assert_eq(a.status, 409, "%s", a.body);
	act(ROLE_navigator, id, "cancel", "{}");
	b = call_with(ROLE_navigator, "POST", "/api/v1/placements", headers, body);
	cr_assert_eq(b.status, 201, "%s", b.body);
}

struct refusal {
	char change[240], body[200], type[64], reason[32];
	int status;
};

#define FOR_A1 "{\"household_id\":\"" HOUSEHOLD "\",\"vacancy_id\":\"" VACANCY_A1 "\"}"

ParameterizedTestParameters(placement, hold_refused)
{
	static struct refusal cases[] = {
		{ "UPDATE member SET sex = 'male' WHERE kind = 'main'", FOR_A1,
				"/problems/vacancy-not-suitable", "not_suitable", 409 },
		{ "UPDATE unit SET max_people = 1, cots = 0", FOR_A1,
				"/problems/vacancy-not-suitable", "not_suitable", 409 },
		{ "UPDATE vacancy SET version = 2", "{\"vacancy_version\":1,\"household_id\":\""
				HOUSEHOLD "\",\"vacancy_id\":\"" VACANCY_A1 "\"}",
		  "/problems/vacancy-changed", "changed", 409 },
		{ "UPDATE vacancy SET confirmed_at = now() - interval '73 hours'", FOR_A1,
				"/problems/vacancy-not-open", "lapsed", 409 },
		{ "INSERT INTO void_period (unit_id, organisation_id, from_day, reason) VALUES ('"
				UNIT_A1 "', '" PROVIDER_A "', current_date, 'pest')",
		  FOR_A1, "/problems/vacancy-not-ready", "not_ready", 409 },
		{ "UPDATE household SET closed_at = now()", FOR_A1, "/problems/household-closed",
				"household_closed", 409 },
		{ "SELECT 1", "{\"household_id\":\"" HOUSEHOLD "\",\"vacancy_id\":\"" OTHER_VACANCY
				"\"}", "/problems/invalid", "", 422 },
		{ "SELECT 1", "{\"household_id\":\"" OTHER_HOUSEHOLD "\",\"vacancy_id\":\""
				VACANCY_A1 "\"}", "/problems/invalid", "", 422 },
		{ "SELECT 1", "{\"household_id\":\"" HOUSEHOLD "\",\"vacancy_id\":\"" VACANCY_A1
				"\",\"minutes\":29}", "/problems/invalid", "", 422 },
		{ "SELECT 1", "{\"household_id\":\"" HOUSEHOLD "\",\"vacancy_id\":\"" VACANCY_A1
				"\",\"minutes\":241}", "/problems/invalid", "", 422 },
	};
	return cr_make_param_array(struct refusal, cases, sizeof(cases) / sizeof(*cases));
}

ParameterizedTest(struct refusal *t, placement, hold_refused)
{
	struct answer a;

	sql("%s", t->change);
	a = call(ROLE_navigator, "POST", "/api/v1/placements", "%s", t->body);
	cr_assert_eq(a.status, t->status, "%s: %s", t->change, a.body);
	cr_assert_str_eq(answer_text(&a, "type"), t->type, "%s", a.body);
	if (*t->reason)
		cr_assert_str_eq(answer_text(&a, "reason"), t->reason, "%s", a.body);
	cr_assert_str_eq(sql("SELECT count(*) FROM placement"), "0");
}

Test(placement, expired_hold_is_free_without_any_job)
{
	const char *id = held(HOUSEHOLD, VACANCY_A1);
	struct answer late, a;

	sql("UPDATE placement SET expires_at = now() - interval '1 second'");
	late = act(ROLE_navigator, id, "offer", "{}");
	cr_assert_eq(late.status, 409, "%s", late.body);
	cr_assert_str_eq(answer_text(&late, "state"), "expired");
	a = hold(HOUSEHOLD_2, VACANCY_A1);
	cr_assert_eq(a.status, 201, "%s", a.body);
}

Test(placement, hold_is_extended_to_four_hours_in_all)
{
	const char *id = held(HOUSEHOLD, VACANCY_A1);
	struct answer most = act(ROLE_navigator, id, "extend", "{\"minutes\":120}");
	struct answer more = act(ROLE_navigator, id, "extend", "{\"minutes\":1}");

	cr_assert_eq(most.status, 200, "%s", most.body);
	cr_assert_eq(more.status, 422, "%s", more.body);
	cr_assert(answer_has_error(&more, "/minutes"), "%s", more.body);
	cr_assert_str_eq(sql("SELECT expires_at - held_at FROM placement"), "04:00:00");
}

/* ---- access and acts by role ---- */

Test(placement, provider_sees_nothing_before_the_offer)
{
	const char *id = held(HOUSEHOLD, VACANCY_A1);
	struct answer list = call(ROLE_provider, "GET", "/api/v1/placements", NULL), seen;

	cr_assert_eq(get(ROLE_provider, id).status, 404);
	cr_assert_eq(act(ROLE_provider, id, "accept", "{}").status, 404);
	cr_assert_eq(json_array_size(json_object_get(list.json, "items")), 0, "%s", list.body);
	act(ROLE_navigator, id, "offer", "{}");
	seen = get(ROLE_provider, id);
	cr_assert_eq(seen.status, 200, "%s", seen.body);
	cr_assert_str_eq(answer_text(&seen, "household.reference"), "H-TEST22");
	cr_assert_eq(answer_int(&seen, "household.members.0.age"), 30,
			"what is needed to decide: %s", seen.body);
	cr_assert_null(strstr(seen.body, HOUSEHOLD), "no way into the case: %s", seen.body);
	cr_assert_eq(get(ACTOR_provider_b, id).status, 404, "another provider");
}

Test(placement, unsafe_places_never_reach_the_provider)
{
	struct answer a;
	const char *id;

	sql("INSERT INTO unsafe_place (household_id, kind, outward_code) VALUES ('" HOUSEHOLD
			"', 'perpetrator_work', 'TS5')");
	id = offered(HOUSEHOLD, VACANCY_A1);
	a = get(ROLE_provider, id);
	cr_assert_null(strstr(a.body, "TS5"), "%s", a.body);
	cr_assert_null(strstr(a.body, "perpetrator"), "%s", a.body);
	cr_assert_null(strstr(a.body, "TS10"), "nor where the place is: %s", a.body);
}

Test(placement, finance_sees_the_case_reference_alone)
{
	const char *id = held(HOUSEHOLD, VACANCY_A1);
	struct answer a = get(ROLE_finance_officer, id), list = call(ROLE_analyst, "GET",
			"/api/v1/placements", NULL);

	cr_assert_eq(a.status, 200, "%s", a.body);
	cr_assert_null(strstr(a.body, HOUSEHOLD), "%s", a.body);
	cr_assert_null(strstr(a.body, "members"), "%s", a.body);
	cr_assert_str_eq(answer_text(&list, "items.0.household_reference"), "H-TEST22", "%s",
			list.body);
	cr_assert_null(strstr(list.body, HOUSEHOLD), "%s", list.body);
	cr_assert_eq(act(ROLE_finance_officer, id, "cancel", "{}").status, 403);
}

/* The other rules of cases that are shared are in test_case_share.c. */
Test(placement, only_who_works_on_the_case_acts)
{
	const char *id = held(HOUSEHOLD, VACANCY_A1);
	struct answer a;

	cr_assert_eq(act(ACTOR_other_officer, id, "cancel", "{}").status, 404);
	sql("UPDATE household SET organisation_id = '" PROVIDER_B "' WHERE id = '" HOUSEHOLD "'");
	a = act(ROLE_navigator, id, "offer", "{}");
	cr_assert_eq(a.status, 404, "%s", a.body);
	cr_assert_str_eq(stored(id), "held");
}

Test(placement, list_filters_by_the_state_of_this_moment)
{
	struct answer expired, none;

	held(HOUSEHOLD, VACANCY_A1);
	sql("UPDATE placement SET expires_at = now() - interval '1 second'");
	expired = call(ROLE_navigator, "GET", "/api/v1/placements?state=expired&household_id="
			HOUSEHOLD, NULL);
	none = call(ROLE_navigator, "GET", "/api/v1/placements?state=held", NULL);
	cr_assert_eq(json_array_size(json_object_get(expired.json, "items")), 1, "%s",
			expired.body);
	cr_assert_eq(json_array_size(json_object_get(none.json, "items")), 0, "%s", none.body);
}

Test(placement, reading_the_list_is_recorded)
{
	struct answer a, page;

	held(HOUSEHOLD, VACANCY_A1);
	a = call(ROLE_navigator, "GET", "/api/v1/placements?household_id=" HOUSEHOLD, NULL);
	cr_assert_eq(a.status, 200, "%s", a.body);
	cr_assert_str_eq(sql("SELECT count(*) FROM audit.event WHERE action = 'search' AND "
			"subject_kind = 'placement' AND household_id = '" HOUSEHOLD
			     "' AND detail = '{\"rows\":1}'"), "1", "whose placements were looked for");
	page = call_with(ROLE_navigator, "GET", "/placements", "Accept: text/html\r\n", NULL);
	cr_assert_eq(page.status, 200, "%s", page.body);
	cr_assert_str_eq(sql("SELECT count(*) FROM audit.event WHERE action = 'search' AND "
			"subject_kind = 'placement' AND household_id IS NULL AND "
			     "detail = '{\"rows\":1}'"), "1", "the page");
}

/* ---- declines ---- */

struct decline {
	char body[120], pointer[40];
	int actor, status;
};

ParameterizedTestParameters(placement, decline)
{
	static struct decline cases[] = {
		{ "{\"reason\":\"capacity\"}", "", ROLE_provider, 200 },
		{ "{\"reason\":\"too_near\"}", "", ROLE_navigator, 200 },
		{ "{\"reason\":\"too_near\"}", "/reason", ROLE_provider, 422 },
		{ "{\"reason\":\"capacity\"}", "/reason", ROLE_navigator, 422 },
		{ "{\"reason\":\"capacity\",\"side\":\"household\"}", "/side", ROLE_provider, 422 },
		{ "{\"reason\":\"other\"}", "/reason", ROLE_provider, 422 },
		{ "{\"reason\":\"child_age_sex\",\"equality_ground\":true}", "/equality_exception",
				ROLE_provider, 422 },
		{ "{\"reason\":\"child_age_sex\",\"equality_ground\":true,"
		  "\"equality_exception\":\"single_sex_service\"}",
		  "", ROLE_provider, 200 },
		{ "{\"reason\":\"cost\",\"equality_ground\":true}", "/equality_ground",
				ROLE_navigator, 422 },
	};
	return cr_make_param_array(struct decline, cases, sizeof(cases) / sizeof(*cases));
}

ParameterizedTest(struct decline *t, placement, decline)
{
	const char *id = offered(HOUSEHOLD, VACANCY_A1);
	struct answer a = act(t->actor, id, "decline", t->body);

	cr_assert_eq(a.status, t->status, "%s: %s", t->body, a.body);
	cr_assert_str_eq(stored(id), t->status == 200 ? "declined" : "offered");
	if (*t->pointer)
		cr_assert(answer_has_error(&a, t->pointer), "%s at %s: %s", t->body, t->pointer,
				a.body);
	if (strcmp(t->pointer, "/equality_exception") == 0)
		cr_assert_not_null(strstr(a.body, "Equality Act 2010"), "%s", a.body);
}

Test(placement, household_declines_a_hold_but_a_provider_can_not)
{
	const char *id = held(HOUSEHOLD, VACANCY_A1);
	struct answer provider = act(ROLE_provider, id, "decline", "{\"reason\":\"capacity\"}");
	struct answer household = act(ROLE_navigator, id, "decline", "{\"reason\":\"sharing\"}");

	cr_assert_eq(provider.status, 404, "%s", provider.body);
	cr_assert_eq(household.status, 200, "%s", household.body);
	cr_assert_str_eq(answer_text(&household, "decline_side"), "household");
	cr_assert_null(sql("SELECT decided_at FROM placement"),
			"no answer of the provider's to be measured");
}

/* ---- the way through ---- */

Test(placement, acceptance_closes_the_other_offers)
{
	const char *second = offered(HOUSEHOLD, VACANCY_B1), *third = held(HOUSEHOLD, VACANCY_A2);
	const char *first = accepted(HOUSEHOLD, VACANCY_A1);
	struct answer late = act(ACTOR_provider_b, second, "accept", "{}"), again = hold(HOUSEHOLD,
			VACANCY_B1);

	cr_assert_str_eq(stored(first), "accepted");
	cr_assert_str_eq(stored(third), "cancelled");
	cr_assert_eq(late.status, 409, "%s", late.body);
	cr_assert_str_eq(answer_text(&late, "state"), "cancelled");
	cr_assert_eq(again.status, 409, "%s", again.body);
	cr_assert_str_eq(answer_text(&again, "type"), "/problems/household-placed");
	cr_assert_str_eq(sql("SELECT state FROM vacancy_state WHERE vacancy_id = '" VACANCY_B1 "'"),
			"open");
	cr_assert_str_eq(sql("SELECT state FROM vacancy_state WHERE vacancy_id = '" VACANCY_A1 "'"),
			"placed");
}

Test(placement, from_hold_to_departure)
{
	const char *id = arrived(HOUSEHOLD, VACANCY_A1);
	struct answer early = act(ROLE_provider, id, "depart",
				  "{\"on\":\"2020-01-01\",\"reason\":\"planned_move_on\","
						"\"destination\":\"social_tenancy\"}");
	struct answer a = act(ROLE_provider, id, "depart",
			      "{\"reason\":\"planned_move_on\",\"destination\":\"social_tenancy\","
					"\"safe_and_well\":true}");
	struct answer again = act(ROLE_provider, id, "depart",
			"{\"reason\":\"safety\",\"destination\":\"interim\"}");

	cr_assert(answer_has_error(&early, "/on"), "not before the arrival: %s", early.body);
	cr_assert_eq(a.status, 200, "%s", a.body);
	cr_assert_str_eq(answer_text(&a, "destination"), "social_tenancy");
	cr_assert_eq(again.status, 409, "%s", again.body);
	cr_assert_str_eq(answer_text(&again, "state"), "departed");
	cr_assert_str_eq(sql("SELECT r.state || ' ' || (h.closed_at IS NOT NULL) FROM referral r "
			"JOIN household h ON h.id = r.household_id"
			     " WHERE r.id = '" REFERRAL "'"), "closed true");
}

Test(placement, who_had_to_leave_waits_again)
{
	const char *id = arrived(HOUSEHOLD, VACANCY_A1);
	struct answer a = act(ROLE_provider, id, "depart",
			"{\"reason\":\"safety\",\"destination\":\"interim\"}"), next;

	cr_assert_eq(a.status, 200, "%s", a.body);
	cr_assert_str_eq(sql("SELECT state FROM referral WHERE id = '" REFERRAL "'"), "active");
	next = hold(HOUSEHOLD, VACANCY_B1);
	cr_assert_eq(next.status, 201, "%s", next.body);
}

Test(placement, not_arrived_frees_the_place)
{
	const char *id = accepted(HOUSEHOLD, VACANCY_A1);
	struct answer a = act(ROLE_provider, id, "not-arrived", "{\"reason\":\"travel\"}"), next;

	cr_assert_eq(a.status, 200, "%s", a.body);
	cr_assert_str_eq(answer_text(&a, "non_arrival_reason"), "travel");
	cr_assert_str_eq(sql("SELECT state FROM referral WHERE id = '" REFERRAL "'"), "active",
			"they wait again");
	next = hold(HOUSEHOLD_2, VACANCY_A1);
	cr_assert_eq(next.status, 201, "%s", next.body);
}

Test(placement, cancelling_an_accepted_place_keeps_what_the_provider_offers_anew)
{
	const char *id = accepted(HOUSEHOLD, VACANCY_A1);
	struct answer a;

	sql("INSERT INTO vacancy (unit_id, organisation_id, available_from) VALUES ('" UNIT_A1
			"', '" PROVIDER_A "', current_date)");
	a = act(ROLE_navigator, id, "cancel", "{\"reason\":\"changed_mind\"}");
	cr_assert_eq(a.status, 200, "%s", a.body);
	cr_assert_str_eq(sql("SELECT count(*) FROM vacancy WHERE unit_id = '" UNIT_A1
			"' AND taken_at IS NULL"), "1",
			 "the unit is not offered twice");
}

Test(placement, acceptance_s_own_reason_can_not_be_typed)
{
	const char *id = held(HOUSEHOLD, VACANCY_A1);
	struct answer a = act(ROLE_navigator, id, "cancel",
			"{\"reason\":\"other_offer_accepted\"}");

	cr_assert(answer_has_error(&a, "/reason"), "%s", a.body);
}

Test(placement, arrival_is_not_ahead_of_its_day)
{
	const char *id = accepted(HOUSEHOLD, VACANCY_A1);
	struct answer a = act(ROLE_provider, id, "arrive", "{\"on\":\"2199-01-01\"}");

	cr_assert(answer_has_error(&a, "/on"), "%s", a.body);
	cr_assert_str_eq(stored(id), "accepted");
}

/* Every act in every state that does not allow it. */
struct wrong {
	char state[16], verb[16], body[80];
	int actor;
};

ParameterizedTestParameters(placement, wrong_state)
{
	static struct wrong cases[] = {
		{ "held", "arrive", "{}", ROLE_navigator },
		{ "offered", "offer", "{}", ROLE_navigator },
		{ "offered", "extend", "{\"minutes\":5}", ROLE_navigator },
		{ "accepted", "offer", "{}", ROLE_navigator },
		{ "accepted", "accept", "{}", ROLE_provider },
		{ "accepted", "decline", "{\"reason\":\"capacity\"}", ROLE_provider },
		{ "accepted", "depart", "{\"reason\":\"safety\",\"destination\":\"interim\"}",
				ROLE_provider },
		{ "arrived", "arrive", "{}", ROLE_provider },
		{ "arrived", "cancel", "{}", ROLE_navigator },
		{ "arrived", "not-arrived", "{}", ROLE_provider },
	};
	return cr_make_param_array(struct wrong, cases, sizeof(cases) / sizeof(*cases));
}

ParameterizedTest(struct wrong *t, placement, wrong_state)
{
	const char *id = strcmp(t->state, "held") == 0 ? held(HOUSEHOLD, VACANCY_A1)
		: strcmp(t->state, "offered") == 0 ? offered(HOUSEHOLD, VACANCY_A1)
		: strcmp(t->state, "accepted") == 0 ? accepted(HOUSEHOLD,
				VACANCY_A1) : arrived(HOUSEHOLD, VACANCY_A1);
	struct answer a = act(t->actor, id, t->verb, t->body);

	cr_assert_eq(a.status, 409, "%s in %s: %s", t->verb, t->state, a.body);
	cr_assert_str_eq(answer_text(&a, "state"), t->state, "%s", a.body);
	cr_assert_str_eq(stored(id), t->state);
}

/* ---- the audit trail ---- */

Test(placement, trail_tells_who_and_which_columns_and_no_values)
{
	const char *id = offered(HOUSEHOLD, VACANCY_A1);
	struct answer a = call(ROLE_administrator, "GET", "/api/v1/audit-events?household_id="
			HOUSEHOLD "&action=update", NULL);
	struct answer other;

	cr_assert_eq(a.status, 200, "%s", a.body);
	cr_assert_str_eq(answer_text(&a, "items.0.subject_id"), id, "%s", a.body);
	cr_assert_str_eq(answer_text(&a, "items.0.account"), "Test navigator", "%s", a.body);
	cr_assert_not_null(strstr(a.body, "\"offered_at\""), "the column: %s", a.body);
	cr_assert_null(strstr(a.body, "\"offered\""), "not its value: %s", a.body);
	cr_assert_eq(call(ROLE_navigator, "GET", "/api/v1/audit-events", NULL).status, 403);
	sql("UPDATE account SET role = 'administrator' WHERE username = 'other_officer'");
	other = call(ACTOR_other_officer, "GET", "/api/v1/audit-events?household_id=" HOUSEHOLD,
			NULL);
	cr_assert_neq(other.status, 500, "%s", other.body);
	cr_assert(other.status == 403 || json_array_size(json_object_get(other.json, "items")) == 0,
			"%s", other.body);
}
