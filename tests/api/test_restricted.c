/* Restricted cases: deny beats allow, allow beats role, a declared link denies; by every route alike.
 * The walk over all routes is tests/app/test_sight.c. */
#include <string.h>

#include "inventory.h"
#include "memory.h"
#include "placing.h"

TestSuite(restricted, .init = service_start, .fini = service_stop, .timeout = 60);

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
	cr_assert_str_eq(json_dumps(json_object_get(after.json, "errors"), 0), json_dumps(json_object_get(before.json, "errors"), 0));
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

/* What a provider does has effects where the provider sees nothing. */
Test(restricted, an_acceptance_ends_offers_that_its_provider_does_not_see)
{
	const char *here = offered(HOUSEHOLD, VACANCY_A1), *there = held(HOUSEHOLD, VACANCY_B1);

	assert_status(give(ROLE_navigator, PERSON("housing_officer"), "allow"), 200);
	assert_status(act(ROLE_provider, here, "accept", "{}"), 200);
	cr_assert_str_eq(stored(there), "cancelled");
	cr_assert_str_eq(sql("SELECT state FROM referral WHERE household_id = '" HOUSEHOLD "'"), "placed");
	cr_assert_str_eq(sql("SELECT taken_at IS NOT NULL FROM vacancy WHERE id = '" VACANCY_A1 "'"), "t");
}
