/* Its own organisation is told who looked at a household. Others do not even learn that it
 * exists. */
#include <criterion/criterion.h>
#include <string.h>

#include "memory.h"
#include "service.h"

TestSuite(audit_trail, .init = service_start, .fini = service_stop, .timeout = 120);

#define LOOKERS "/api/v1/households/" HOUSEHOLD "/audit-events"

Test(audit_trail, a_look_is_told_to_the_owner_with_name_organisation_and_time)
{
	struct answer a;

	cr_assert_eq(call(ROLE_navigator, "GET", "/api/v1/households/" HOUSEHOLD, NULL).status, 200, "a look");
	a = call(ROLE_housing_officer, "GET", LOOKERS "?action=read", NULL);
	cr_assert_eq(a.status, 200, "%s", a.body);
	cr_assert_eq(json_array_size(json_object_get(a.json, "items")), 1, "%s", a.body);
	cr_assert_str_eq(answer_text(&a, "items.0.account"), "Test navigator", "%s", a.body);
	cr_assert_str_eq(answer_text(&a, "items.0.organisation_id"),
			 sql("SELECT organisation_id FROM account WHERE username = 'navigator'"), "%s", a.body);
	cr_assert_not_null(answer_text(&a, "items.0.organisation"), "%s", a.body);
	cr_assert_not_null(answer_text(&a, "items.0.at"), "%s", a.body);
	cr_assert_str_eq(answer_text(&a, "items.0.subject_kind"), "household", "%s", a.body);
}

Test(audit_trail, the_look_at_the_lookers_is_a_look)
{
	struct answer a;

	call(ROLE_administrator, "GET", LOOKERS, NULL);
	a = call(ROLE_housing_officer, "GET", LOOKERS "?action=read", NULL);
	cr_assert_str_eq(answer_text(&a, "items.0.account"), "Test administrator", "%s", a.body);
	cr_assert_str_eq(answer_text(&a, "items.0.subject_kind"), "audit_event", "%s", a.body);
}

/* The council owns HOUSEHOLD. A provider's navigator of the same partnership may see the household,
 * but not who looked at it. */
Test(audit_trail, another_organisation_gets_what_nothing_gets)
{
	struct answer other, none, neighbour;

	sql("INSERT INTO account (organisation_id, username, display_name, role, password_hash) "
	    "VALUES ('" PROVIDER_B "', 'neighbour', 'N', 'housing_officer', 'none')");
	sql("UPDATE session SET account_id = (SELECT id FROM account WHERE username = 'neighbour') "
	    "WHERE account_id = (SELECT id FROM account WHERE username = 'navigator')");
	neighbour = call(ROLE_navigator, "GET", LOOKERS, NULL);
	other = call(ACTOR_other_officer, "GET", LOOKERS, NULL);
	none = call(ACTOR_other_officer, "GET", "/api/v1/households/" NOBODY "/audit-events", NULL);
	cr_assert_eq(neighbour.status, 404, "%s", neighbour.body);
	cr_assert_eq(other.status, 404, "%s", other.body);
	cr_assert_eq(none.status, 404, "%s", none.body);
	cr_assert_str_eq(answer_text(&other, "type"), answer_text(&none, "type"), "told apart: %s", other.body);
	cr_assert_eq(strlen(other.body), strlen(none.body), "%s, %s", other.body, none.body);
	cr_assert_str_eq(sql("SELECT count(*) FROM audit.event WHERE action = 'read' AND household_id = '" HOUSEHOLD "'"),
			 "0", "nothing was shown");
	cr_assert_eq(call(ROLE_provider, "GET", LOOKERS, NULL).status, 403, "no such role");
}

Test(audit_trail, pages_go_on_where_the_last_one_ended)
{
	struct answer first, second;

	for (int i = 0; i < 3; i++)
		call(ROLE_navigator, "GET", "/api/v1/households/" HOUSEHOLD, NULL);
	first = call(ROLE_housing_officer, "GET", LOOKERS "?action=read&limit=2", NULL);
	cr_assert_eq(json_array_size(json_object_get(first.json, "items")), 2, "%s", first.body);
	cr_assert_not_null(answer_text(&first, "next"), "%s", first.body);
	second = call_with(ROLE_housing_officer, "GET",
			   arena_printf(test_memory(), LOOKERS "?action=read&limit=2&cursor=%s",
					answer_text(&first, "next")), "", NULL);
	cr_assert_eq(second.status, 200, "%s", second.body);
	cr_assert_lt(answer_int(&second, "items.0.id"), answer_int(&first, "items.1.id"), "older ones");
	cr_assert_eq(json_array_size(json_object_get(second.json, "items")), 1, "%s", second.body);
}

static size_t looked_up(const char *filter, const char *id)
{
	struct answer a = call(ROLE_finance_approver, "GET", arena_printf(test_memory(), "/api/v1/audit-events?%s=%s", filter, id), NULL);

	cr_assert_eq(a.status, 200, "%s", a.body);
	return json_array_size(json_object_get(a.json, "items"));
}

/* One's own look-up would come back the second time, for a record of which nothing is hidden alone. */
Test(audit_trail, looking_up_again_does_not_tell_a_hidden_case_from_none)
{
	static const char *const filters[] = { "household_id", "subject_id" };

	cr_assert_eq(call(ROLE_navigator, "GET", "/api/v1/households/" HOUSEHOLD, NULL).status, 200, "a look");
	cr_assert_gt(looked_up("household_id", HOUSEHOLD), 0);
	sql("INSERT INTO case_access (household_id, account_id, access, reason) SELECT '" HOUSEHOLD "', id, 'deny', 'r' FROM account"
	    " WHERE username = 'finance_approver'");
	for (size_t i = 0; i < 2; i++)
		for (int again = 0; again < 3; again++) {
			cr_expect_eq(looked_up(filters[i], HOUSEHOLD), 0, "%s of a hidden case, look %d", filters[i], again);
			cr_expect_eq(looked_up(filters[i], NOBODY), 0, "%s of none, look %d", filters[i], again);
		}
}
