/* Who is shown an address. Everyone else gets the answer for a placement that does not exist. */
#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "memory.h"
#include "revealing.h"
#include "volley.h"

TestSuite(reveal, .init = service_start, .fini = service_stop, .timeout = 120);

#define LOOKS(property) "/api/v1/properties/" property "/address-reveals"

static bool shown(const struct answer *a)
{
	return a->status == 200 && strstr(a->body, SECRET);
}

/* ---- relation and state ---- */

static const char *const states[] = {
	"held", "offered", "accepted", "arrived", "departed", "declined", "expired", "cancelled", "not_arrived",
};

static int everybody_looks(const char *placement, bool open)
{
	int n = 0;

	for (int actor = 0; actor < ACTORS; actor++) {
		bool named = actor == ROLE_housing_officer || actor == ROLE_provider;
		struct answer a;

		if (!open || !named) {
			expect_nothing(actor, placement, arena_printf(test_memory(), "actor %d", actor));
			continue;
		}
		a = look(actor, placement);
		cr_expect(shown(&a), "actor %d: %d %s", actor, a.status, a.body);
		n += a.status == 200;
	}
	return n;
}

Test(reveal, only_the_officer_who_placed_and_the_receiving_provider_of_an_accepted_placement)
{
	int n = 0;

	tell_address();
	for (size_t i = 0; i < sizeof(states) / sizeof(*states); i++) {
		const char *id = placed(states[i]);

		n += everybody_looks(id, strcmp(states[i], "accepted") == 0 || strcmp(states[i], "arrived") == 0);
		cr_assert_eq(reveals(), n, "a row for each answer, none for a refusal: %s", states[i]);
		sql("UPDATE placement SET state = 'cancelled', cancel_reason = 'changed_mind' "
		    "WHERE id = '%s' AND state IN ('held', 'offered', 'accepted', 'arrived')", id);
	}
	cr_assert_eq(n, 4, "two of two states");
}

#define ACCOUNT(name) "(SELECT id FROM account WHERE username = '" name "')"

Test(reveal, a_colleague_is_not_named_until_the_case_is_theirs)
{
	const char *id;

	tell_address();
	id = placed("accepted");
	expect_nothing(ROLE_navigator, id, "a colleague");
	sql("UPDATE household SET owner_id = " ACCOUNT("navigator") " WHERE id = '" HOUSEHOLD "'");
	cr_assert(shown((struct answer[]){ look(ROLE_navigator, id) }), "in charge of the case");
	sql("UPDATE household SET owner_id = " ACCOUNT("other_officer") " WHERE id = '" HOUSEHOLD "'");
	expect_nothing(ACTOR_other_officer, id, "in charge, but of another organisation than asked for the place");
	sql("UPDATE household SET organisation_id = '" OTHER_COUNCIL "' WHERE id = '" HOUSEHOLD "'");
	expect_nothing(ROLE_housing_officer, id, "who placed, but for a case that is not shared with them now");
}

Test(reveal, only_from_the_acceptance_until_the_day_after_the_arrival)
{
	static const struct {
		const char *state, *change;
		bool open;
	} days[] = {
		{ "accepted", "period = daterange(today() + 20, NULL)", true },
		{ "accepted", "period = daterange(today() - 1, NULL), decided_at = now() - interval '1 day'", true },
		{ "accepted", "period = daterange(today() - 2, NULL), decided_at = now() - interval '1 day'", true },
		{ "accepted", "period = daterange(today() - 2, NULL), decided_at = now() - interval '2 days'", false },
		{ "arrived", "period = daterange(today() - 9, NULL), arrived_on = today() - 1", true },
		{ "arrived", "period = daterange(today() - 9, NULL), arrived_on = today() - 2", false },
	};

	tell_address();
	for (size_t i = 0; i < sizeof(days) / sizeof(*days); i++) {
		const char *id = placed(days[i].state);

		sql("UPDATE placement SET %s WHERE id = '%s'", days[i].change, id);
		if (days[i].open) {
			struct answer a = look(ROLE_provider, id);

			cr_expect(shown(&a), "%s: %s", days[i].change, a.body);
		} else {
			expect_nothing(ROLE_provider, id, days[i].change);
			expect_nothing(ROLE_housing_officer, id, days[i].change);
		}
		sql("UPDATE placement SET state = 'cancelled', cancel_reason = 'changed_mind' WHERE id = '%s'", id);
	}
}

Test(reveal, who_may_not_see_the_case_does_not_see_where_it_goes)
{
	const char *id;

	tell_address();
	id = placed("accepted");
	sql("INSERT INTO case_access (household_id, account_id, access, reason) SELECT '" HOUSEHOLD "', id, 'deny', 'kin' "
	    "FROM account WHERE username IN ('housing_officer', 'provider')");
	expect_nothing(ROLE_housing_officer, id, "denied");
	expect_nothing(ROLE_provider, id, "denied, of the provider");
	sql("DELETE FROM case_access");
	sql("UPDATE household SET restricted = true WHERE id = '" HOUSEHOLD "'");
	expect_nothing(ROLE_housing_officer, id, "restricted, and not on its list");
	cr_assert_eq(reveals(), 0, "no row for a refusal");
	sql("INSERT INTO case_access (household_id, account_id, access, reason) VALUES ('" HOUSEHOLD "', "
	    ACCOUNT("housing_officer") ", 'allow', 'in charge')");
	cr_assert(shown((struct answer[]){ look(ROLE_housing_officer, id) }), "on its list");
}

Test(reveal, no_address_and_an_erased_one_are_as_nothing)
{
	const char *id = placed("accepted");

	expect_nothing(ROLE_provider, id, "none recorded");
	tell_address();
	cr_assert(shown((struct answer[]){ look(ROLE_provider, id) }));
	sql("UPDATE vault.data_key SET wrapped = NULL, destroyed_at = now() WHERE subject_id = '" PROPERTY_A "'");
	expect_nothing(ROLE_provider, id, "erased");
	cr_assert_eq(reveals(), 1);
}

Test(reveal, a_session_that_ended_is_told_so_and_nothing_else)
{
	const char *id;
	struct answer a;

	tell_address();
	id = placed("accepted");
	cr_assert(shown((struct answer[]){ look(ROLE_provider, id) }), "and the worker remembers the session");
	sql("UPDATE session SET revoked_at = now() WHERE account_id = " ACCOUNT("provider"));
	a = look(ROLE_provider, id);
	assert_problem(a, 401, "not-signed-in");
	sql("UPDATE session SET revoked_at = NULL");
	sql("UPDATE account SET disabled_at = now() WHERE username = 'provider'");
	a = look(ROLE_provider, id);
	assert_problem(a, 401, "not-signed-in");
	cr_assert_eq(reveals(), 1);
}

/* ---- the answer and its traces ---- */

Test(reveal, an_answer_holds_the_address_and_its_end_and_is_not_kept)
{
	static const char key[] = "Content-Type: application/json\r\nIdempotency-Key: again\r\n";
	const char *id;
	struct answer a;

	tell_address();
	id = placed("accepted");
	a = call_with(ROLE_provider, "POST", address_of(id), key, PURPOSE);
	assert_status(a, 200);
	cr_expect_str_eq(answer_text(&a, "placement_id"), id);
	cr_expect_str_eq(answer_text(&a, "lines.0"), SECRET);
	cr_expect_str_eq(answer_text(&a, "postcode"), "TS10 1AA");
	cr_expect_str_eq(answer_text(&a, "access_note"), "Ring twice\nthen wait");
	cr_expect_str_eq(answer_text(&a, "purpose"), "let_in");
	cr_expect_str_eq(sql("SELECT utc(at) || utc(expires_at) FROM address_reveal WHERE expires_at = at + interval '60 seconds'"),
			 arena_printf(test_memory(), "%s%s", answer_text(&a, "revealed_at"), answer_text(&a, "expires_at")));
	cr_expect_str_eq(answer_header(&a, "Cache-Control"), "no-store");
	cr_expect_null(answer_header(&a, "ETag"));
	a = call_with(ROLE_provider, "POST", address_of(id), key, PURPOSE);
	assert_status(a, 200);
	cr_assert_eq(reveals(), 2, "no stored answer: it was looked up again");
	cr_assert_str_eq(sql("SELECT count(*) FROM idempotency WHERE body ~ 'Canary' OR location ~ 'address'"), "0");
	cr_assert_null(sql("SELECT id FROM audit.event WHERE detail::text ~ 'Canary'"), "the trail tells that, not what");
}

Test(reveal, a_purpose_of_the_list_is_needed)
{
	const char *id;
	struct answer a;

	tell_address();
	id = placed("accepted");
	a = call(ROLE_provider, "POST", address_of(id), "{}");
	assert_error(a, "/purpose");
	a = call(ROLE_provider, "POST", address_of(id), "{\"purpose\":\"other\"}");
	assert_error(a, "/purpose");
	cr_assert_eq(reveals(), 0);
}

Test(reveal, the_placement_says_to_whom_it_is_open)
{
	const char *id, *path;
	struct answer a;

	tell_address();
	id = placed("accepted");
	path = arena_printf(test_memory(), "/api/v1/placements/%s", id);
	a = call(ROLE_provider, "GET", path, NULL);
	cr_expect(json_is_true(json_object_get(a.json, "address_open")), "%s", a.body);
	a = call(ROLE_housing_officer, "GET", path, NULL);
	cr_expect(json_is_true(json_object_get(a.json, "address_open")), "%s", a.body);
	a = call(ROLE_navigator, "GET", path, NULL);
	cr_expect(json_is_false(json_object_get(a.json, "address_open")), "%s", a.body);
	cr_expect_null(strstr(a.body, "Canary"));
}

/* ---- for the manager ---- */

Test(reveal, the_manager_sees_who_looked_when_and_what_for)
{
	const char *id;
	struct answer a;

	tell_address();
	id = placed("accepted");
	a = call(ROLE_provider, "GET", LOOKS(PROPERTY_A), NULL);
	cr_assert(a.status == 200 && json_array_size(json_object_get(a.json, "items")) == 0, "%s", a.body);
	look(ROLE_provider, id);
	look(ROLE_housing_officer, id);
	look(ROLE_navigator, id);
	a = call(ROLE_provider, "GET", LOOKS(PROPERTY_A), NULL);
	cr_assert_eq(json_array_size(json_object_get(a.json, "items")), 2, "%s", a.body);
	cr_expect_str_eq(answer_text(&a, "items.0.account"), "Test housing_officer");
	cr_expect_str_eq(answer_text(&a, "items.0.organisation"), "Test Council");
	cr_expect_str_eq(answer_text(&a, "items.0.purpose"), "let_in");
	cr_expect_str_eq(answer_text(&a, "items.0.placement_id"), id);
	cr_expect_not_null(answer_text(&a, "items.0.at"));
	cr_expect_str_eq(answer_text(&a, "items.1.account"), "Test provider", "its own people too");
	cr_expect_null(strstr(a.body, "Canary"), "never the address");
	cr_expect_eq(call(ACTOR_provider_b, "GET", LOOKS(PROPERTY_A), NULL).status, 404, "another provider");
	cr_expect_eq(call(ROLE_provider, "GET", LOOKS(PROPERTY_B), NULL).status, 404, "another's property");
	cr_expect_eq(call(ROLE_housing_officer, "GET", LOOKS(PROPERTY_A), NULL).status, 403, "the council");
}

Test(reveal, pages_of_reveals_go_on_where_the_last_ended)
{
	const char *id;
	struct answer first, second;

	tell_address();
	id = placed("accepted");
	for (int i = 0; i < 3; i++)
		look(ROLE_provider, id);
	first = call(ROLE_provider, "GET", LOOKS(PROPERTY_A) "?limit=2", NULL);
	second = call(ROLE_provider, "GET", arena_printf(test_memory(), LOOKS(PROPERTY_A) "?limit=2&cursor=%s",
							 answer_text(&first, "next")), NULL);
	assert_status(second, 200);
	cr_assert_eq(json_array_size(json_object_get(second.json, "items")), 1, "%s", second.body);
	cr_assert_str_neq(answer_text(&second, "items.0.id"), answer_text(&first, "items.1.id"));
}

/* Otherwise a denial would hide a reveal from the manager. */
Test(reveal, a_manager_who_may_not_see_the_case_is_told_of_the_look_alone)
{
	struct answer a;

	tell_address();
	look(ROLE_provider, placed("accepted"));
	sql("INSERT INTO case_access (household_id, account_id, access, reason) VALUES ('" HOUSEHOLD "', " ACCOUNT("provider")
	    ", 'deny', 'kin')");
	a = call(ROLE_provider, "GET", LOOKS(PROPERTY_A), NULL);
	cr_assert(a.status == 200 && json_array_size(json_object_get(a.json, "items")) == 1, "%s", a.body);
	cr_assert_null(answer_text(&a, "items.0.placement_id"), "%s", a.body);
	cr_assert_not_null(answer_text(&a, "items.0.purpose"), "%s", a.body);
}
