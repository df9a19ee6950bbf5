/* Restricted cases: deny beats allow, allow beats role, and a declared link denies, on every route
 * alike. The walk over all routes is in tests/app/test_who_sees_what.c. */
#include <string.h>

#include "inventory.h"
#include "memory.h"
#include "placing.h"

TestSuite(restricted, .init = service_start, .fini = service_stop, .timeout = 120);

#define CASE "/api/v1/households/" HOUSEHOLD
#define ACCESS CASE "/access"
#define PERSON(name) sql("SELECT id FROM account WHERE username = '" name "'")

static struct answer give(int actor, const char *person, const char *access)
{
	return call(actor, "POST", ACCESS, "{\"account_id\":\"%s\",\"access\":\"%s\",\"reason\":\"Known to the family\"}", person, access);
}

static int status(int actor)
{
	return call(actor, "GET", CASE, NULL).status;
}

Test(restricted, from_the_first_allowed_person_on_nobody_else_sees_it)
{
	struct answer a;

	assert_status(give(ROLE_navigator, PERSON("sanctuary_coordinator"), "allow"), 200);
	cr_assert_eq(status(ROLE_navigator), 200, "who restricts it goes on seeing it");
	cr_assert_eq(status(ROLE_sanctuary_coordinator), 200);
	cr_assert_eq(status(ROLE_housing_officer), 404);
	a = call(ROLE_navigator, "GET", ACCESS, NULL);
	cr_assert_eq(json_array_size(json_object_get(a.json, "entries")), 2, "%s", a.body);
	cr_assert_str_eq(answer_text(&a, "entries.0.access"), "allow", "%s", a.body);
	assert_status(give(ROLE_navigator, PERSON("sanctuary_coordinator"), "none"), 200);
	assert_status(give(ROLE_navigator, PERSON("navigator"), "none"), 200);
	cr_assert_eq(status(ROLE_housing_officer), 200, "the list is empty: open again");
}

Test(restricted, deny_beats_allow_and_the_own_organisation_decides)
{
	struct answer a = give(ROLE_navigator, PERSON("housing_officer"), "allow");

	assert_status(a, 200);
	cr_assert_eq(status(ROLE_housing_officer), 200);
	assert_status(give(ROLE_navigator, PERSON("housing_officer"), "deny"), 200);
	cr_assert_eq(status(ROLE_housing_officer), 404);
	assert_status(give(ROLE_housing_officer, PERSON("housing_officer"), "none"), 404);
	assert_status(give(ACTOR_other_officer, PERSON("other_officer"), "allow"), 404);
	a = give(ROLE_navigator, PERSON("other_officer"), "allow");
	assert_error(a, "/account_id");
	a = give(ROLE_navigator, PERSON("navigator"), "deny");
	assert_error(a, "/account_id");
	a = give(ROLE_navigator, NOBODY, "deny");
	assert_error(a, "/account_id");
}

Test(restricted, the_last_allowed_person_can_not_be_shut_out_by_themselves)
{
	struct answer a;

	assert_status(give(ROLE_navigator, PERSON("housing_officer"), "allow"), 200);
	a = give(ROLE_navigator, PERSON("navigator"), "none");
	assert_error(a, "/account_id");
	assert_status(give(ROLE_housing_officer, PERSON("navigator"), "none"), 200);
	cr_assert_eq(status(ROLE_navigator), 404, "a colleague may");
}

Test(restricted, a_hidden_case_waits_unseen_and_can_not_be_held_for)
{
	struct answer before, after;

	board_settle();
	before = call(ROLE_housing_officer, "GET", "/api/v1/vacancies/" VACANCY_A1 "/candidates", NULL);
	cr_assert_not_null(strstr(before.body, HOUSEHOLD), "%s", before.body);
	assert_status(give(ROLE_navigator, PERSON("housing_officer"), "deny"), 200);
	board_settle();
	after = call(ROLE_housing_officer, "GET", "/api/v1/vacancies/" VACANCY_A1 "/candidates", NULL);
	cr_assert_null(strstr(after.body, HOUSEHOLD), "%s", after.body);
	cr_assert_eq(answer_int(&after, "waiting"), answer_int(&before, "waiting") - 1, "not counted either: %s", after.body);
	after = call(ROLE_housing_officer, "POST", "/api/v1/placements", "{\"household_id\":\"" HOUSEHOLD "\",\"vacancy_id\":\"" VACANCY_A1 "\"}");
	before = call(ROLE_housing_officer, "POST", "/api/v1/placements", "{\"household_id\":\"" NOBODY "\",\"vacancy_id\":\"" VACANCY_A1 "\"}");
	cr_assert_eq(after.status, 422, "%s", after.body);
	cr_assert_str_eq(json_told(json_object_get(after.json, "errors")), json_told(json_object_get(before.json, "errors")));
}

Test(restricted, a_hidden_case_is_in_no_list)
{
	static const char *const lists[] = { "/api/v1/households", "/api/v1/referrals", "/api/v1/placements" };
	const char *id = offered(HOUSEHOLD, VACANCY_A1);

	for (size_t i = 0; i < 3; i++)
		cr_assert_not_null(strstr(call(ROLE_housing_officer, "GET", lists[i], NULL).body, "H-TEST22"), "%s", lists[i]);
	assert_status(give(ROLE_navigator, PERSON("housing_officer"), "deny"), 200);
	assert_status(give(ROLE_navigator, PERSON("finance_officer"), "deny"), 200);
	assert_status(give(ROLE_navigator, PERSON("finance_approver"), "deny"), 200);
	for (size_t i = 0; i < 3; i++)
		cr_assert_null(strstr(call(ROLE_housing_officer, "GET", lists[i], NULL).body, "H-TEST22"), "%s", lists[i]);
	cr_assert_null(strstr(call(ROLE_finance_officer, "GET", lists[2], NULL).body, "H-TEST22"));
	cr_assert_null(strstr(call(ROLE_finance_approver, "GET", "/api/v1/audit-events?limit=100", NULL).body, HOUSEHOLD));
	cr_assert_not_null(strstr(call(ROLE_administrator, "GET", "/api/v1/audit-events?limit=100", NULL).body, HOUSEHOLD));
	cr_assert_eq(get(ROLE_housing_officer, id).status, 404);
	cr_assert_eq(get(ROLE_provider, id).status, 200, "its provider was offered it");
	assert_status(give(ROLE_navigator, PERSON("provider"), "deny"), 200);
	cr_assert_eq(get(ROLE_provider, id).status, 404, "but a denied one sees nothing");
}

Test(restricted, a_declared_link_hides_the_case)
{
	sql("INSERT INTO person_index (household_id, purpose, hash) VALUES ('" HOUSEHOLD "', 'party', sha256('x'))");
	sql("INSERT INTO account_link (account_id, hash, relationship) VALUES ('%s', sha256('x'), 'family')", PERSON("housing_officer"));
	cr_assert_eq(status(ROLE_housing_officer), 404);
	assert_status(give(ROLE_navigator, PERSON("housing_officer"), "allow"), 200);
	cr_assert_eq(status(ROLE_housing_officer), 404, "and no list of allowed people opens it");
	cr_assert_eq(status(ROLE_navigator), 200);
}

/* An act of a provider also affects offers that the provider does not see. */
Test(restricted, an_acceptance_ends_offers_that_its_provider_does_not_see)
{
	const char *here = offered(HOUSEHOLD, VACANCY_A1), *there = held(HOUSEHOLD, VACANCY_B1);

	assert_status(give(ROLE_navigator, PERSON("housing_officer"), "allow"), 200);
	assert_status(act(ROLE_provider, here, "accept", "{}"), 200);
	cr_assert_str_eq(stored(there), "cancelled");
	cr_assert_str_eq(sql("SELECT state FROM referral WHERE household_id = '" HOUSEHOLD "'"), "placed");
	cr_assert_str_eq(sql("SELECT taken_at IS NOT NULL FROM vacancy WHERE id = '" VACANCY_A1 "'"), "t");
}

static struct answer again(int actor, const char *path, const char *body)
{
	return call_with(actor, "POST", path, "Idempotency-Key: the-same\r\nContent-Type: application/json\r\n", body);
}

/* After a denial, repeating an earlier request does not bring its answer back. */
Test(restricted, a_repeated_request_does_not_bring_a_hidden_case_back)
{
	static const char area[] = "{\"kind\":\"family\",\"outward_code\":\"TS19\"}",
			  place[] = "{\"household_id\":\"" HOUSEHOLD "\",\"vacancy_id\":\"" VACANCY_A1 "\"}";
	struct answer first = again(ROLE_housing_officer, CASE "/unsafe-places", area), held_first, after;

	assert_status(first, 201);
	held_first = call_with(ROLE_housing_officer, "POST", "/api/v1/placements", "Idempotency-Key: hold\r\nContent-Type: application/json\r\n", place);
	assert_status(held_first, 201);
	assert_status(again(ROLE_housing_officer, CASE "/unsafe-places", area), 201);
	assert_status(give(ROLE_navigator, PERSON("housing_officer"), "deny"), 200);
	after = again(ROLE_housing_officer, CASE "/unsafe-places", area);
	assert_problem(after, 404, "not-found");
	after = call_with(ROLE_housing_officer, "POST", "/api/v1/placements", "Idempotency-Key: hold\r\nContent-Type: application/json\r\n", place);
	assert_error(after, "/household_id");
	cr_assert_null(strstr(after.body, answer_text(&held_first, "id")), "%s", after.body);
}

Test(restricted, who_broke_the_glass_decides_nothing)
{
	struct answer a;

	assert_status(give(ROLE_navigator, PERSON("navigator"), "allow"), 200);
	a = call(ROLE_housing_officer, "POST", "/api/v1/break-glass",
		 "{\"household_reference\":\"H-TEST22\",\"reason\":\"She rang in danger and her worker is away\"}");
	assert_status(a, 201);
	cr_assert_eq(status(ROLE_housing_officer), 200);
	a = give(ROLE_housing_officer, PERSON("housing_officer"), "allow");
	assert_problem(a, 403, "forbidden");
	a = give(ROLE_housing_officer, PERSON("navigator"), "deny");
	assert_problem(a, 403, "forbidden");
}

/* A user cannot hide alerts about themselves by denying an administrator the case. */
Test(restricted, a_denied_administrator_is_told_all_the_same)
{
	struct answer a;

	assert_status(give(ROLE_navigator, PERSON("administrator"), "deny"), 200);
	sql("SELECT raise_alert('area_probing', '%s', '" HOUSEHOLD "', NULL)", PERSON("navigator"));
	a = call(ROLE_administrator, "GET", "/api/v1/alerts", NULL);
	cr_assert_eq(json_array_size(json_object_get(a.json, "items")), 2, "that it was denied, and the probing: %s", a.body);
	cr_assert_null(strstr(a.body, "H-TEST22"), "not in which case: %s", a.body);
}

Test(restricted, a_filter_by_a_hidden_case_finds_as_much_as_by_none)
{
	struct answer hidden, none;

	offered(HOUSEHOLD, VACANCY_A1);
	assert_status(give(ROLE_navigator, PERSON("housing_officer"), "deny"), 200);
	hidden = call(ROLE_housing_officer, "GET", "/api/v1/placements?household_id=" HOUSEHOLD, NULL);
	none = call(ROLE_housing_officer, "GET", "/api/v1/placements?household_id=" NOBODY, NULL);
	assert_status(hidden, 200);
	cr_assert_str_eq(hidden.body, none.body);
}

/* Editing raises the alert whichever way the user looks afterwards: by searches, candidates or
 * holds. */
Test(restricted, editing_areas_again_and_again_is_told)
{
	for (int i = 0; i < 3; i++) {
		struct answer a = call(ROLE_navigator, "POST", CASE "/unsafe-places", "{\"kind\":\"family\",\"outward_code\":\"TS%d\"}", i + 1);

		assert_status(a, 201);
		cr_assert_str_eq(sql("SELECT count(*) FROM alert"), "0", "edit %d", 2 * i + 1);
		assert_status(call(ROLE_navigator, "POST", arena_printf(test_memory(), "/api/v1/unsafe-places/%s/end",
				   sql("SELECT id FROM unsafe_place WHERE ended_at IS NULL")), NULL), 200);
	}
	cr_assert_str_eq(sql("SELECT kind FROM alert"), "area_probing");
}
