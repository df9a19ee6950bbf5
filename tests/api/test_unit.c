#include "inventory.h"

#define ALL "/api/v1/units"
#define A1 ALL "/" UNIT_A1
#define A3 ALL "/" UNIT_A3

TestSuite(unit, .init = service_start, .fini = service_stop);

Test(unit, what_is_not_said_is_unknown)
{
	struct answer a = call(ROLE_provider, "POST", ALL,
			       "{\"property_id\":\"" PROPERTY_A "\","
			       "\"reference\":\"Room 4\",\"self_contained\":false}");
	static const char *const facts[] = {
		"bedrooms",   "max_people", "floor", "step_free",
		"wheelchair", "pets",       "nrpf",  "highest_risk",
	};

	assert_status(a, 201);
	for (size_t i = 0; i < sizeof(facts) / sizeof(*facts); i++)
		cr_assert(json_is_null(json_object_get(a.json, facts[i])), "%s: %s", facts[i],
			  a.body);
	cr_assert_eq(answer_int(&a, "cots"), 0);
	cr_assert_str_eq(answer_text(&a, "state"), "available");
}

/* The list of matching has the code "unknown"; the column does not. */
Test(unit, unknown_is_null_and_no_code)
{
	struct answer a =
		change(ROLE_provider, A1, 1, "{\"pets\":\"unknown\",\"wheelchair\":\"unknown\"}");

	assert_error(a, "/pets");
	assert_error(a, "/wheelchair");
	a = change(ROLE_provider, A1, 1, "{\"pets\":null}");
	assert_status(a, 200);
	cr_assert(json_is_null(json_object_get(a.json, "pets")), "%s", a.body);
}

Test(unit, a_change_leaves_the_rest)
{
	struct answer a = change(ROLE_provider, A1, 1,
				 "{\"drugs\":\"yes\",\"floor\":-1,"
				 "\"languages\":[\"ur\",\"bfi\"],\"specialisms\":[\"lgbt\"],"
				 "\"weekly_cost_pence\":31250}");

	assert_status(a, 200);
	cr_assert_str_eq(sql("SELECT concat_ws('|', drugs, floor, languages, specialisms, "
			     "weekly_cost_pence, alcohol,"
			     " max_people, oldest_boy, version) FROM unit WHERE id = '" UNIT_A1
			     "'"),
			 "yes|-1|{ur,bfi}|{lgbt}|31250|ask|4|12|2");
	cr_assert_str_eq(answer_text(&a, "languages.1"), "bfi", "a list, in JSON: %s", a.body);
	a = change(ROLE_provider, A1, 1, "{\"drugs\":\"no\"}");
	assert_problem(a, 412, "changed");
	a = call(ROLE_provider, "PATCH", A1, "{\"drugs\":\"no\"}");
	assert_problem(a, 428, "if-match-missing");
}

Test(unit, a_unit_does_not_move)
{
	struct answer a = change(ROLE_provider, A1, 1, "{\"property_id\":\"" PROPERTY_B "\"}");

	assert_error(a, "/property_id");
}

Test(unit, facts_have_bounds)
{
	struct answer a =
		change(ROLE_provider, A1, 1,
		       "{\"max_people\":0,\"bedrooms\":21,\"floor\":-3,"
		       "\"oldest_boy\":19,\"longest_stay_days\":0,\"languages\":[\"xx\"]}");

	assert_error(a, "/max_people");
	assert_error(a, "/bedrooms");
	assert_error(a, "/floor");
	assert_error(a, "/oldest_boy");
	assert_error(a, "/longest_stay_days");
	assert_error(a, "/languages/0");
}

#define SAME_ROOM(reference) \
	"{\"property_id\":\"" PROPERTY_A "\",\"reference\":\"" reference "\",\"self_contained\":true}"

Test(unit, only_in_a_property_of_ones_own)
{
	struct answer a = call(ROLE_provider, "POST", ALL,
			       "{\"property_id\":\"" PROPERTY_B "\","
			       "\"reference\":\"Home 2\",\"self_contained\":true}");

	assert_error(a, "/property_id");
	a = call(ROLE_housing_officer, "POST", ALL,
		 "{\"property_id\":\"" PROPERTY_A "\","
		 "\"reference\":\"Room 4\",\"self_contained\":true}");
	assert_status(a, 403);
	a = call(ROLE_provider, "POST", ALL,
		 "{\"property_id\":\"" PROPERTY_A "\","
		 "\"reference\":\"Room 1\",\"self_contained\":true}");
	assert_problem(a, 409, "duplicate");
	a = call(ROLE_provider, "POST", ALL, SAME_ROOM("ROOM-1"));
	assert_problem(a, 409, "duplicate");
	a = call(ROLE_provider, "POST", ALL, SAME_ROOM("r o o m\\u00a01"));
	assert_problem(a, 409, "duplicate");
	a = call(ROLE_provider, "POST", ALL, SAME_ROOM("Room 1/2"));
	assert_status(a, 201);
	a = change(ACTOR_provider_b, A1, 1, "{\"nrpf\":\"yes\"}");
	assert_status(a, 404);
}

static void assert_only(const char *state, const char *unit)
{
	char path[128];
	struct answer a;

	snprintf(path, sizeof(path), ALL "?state=%s", state);
	a = call(ROLE_provider, "GET", path, NULL);
	assert_status(a, 200);
	cr_assert_eq(json_array_size(json_object_get(a.json, "items")), 1, "%s: %s", state, a.body);
	cr_assert_str_eq(answer_text(&a, "items.0.id"), unit, "%s: %s", state, a.body);
	cr_assert_str_eq(answer_text(&a, "items.0.state"), state, "%s", a.body);
}

Test(unit, states_are_derived_and_can_be_asked_for)
{
	sql("INSERT INTO void_period (unit_id, organisation_id, from_day, reason) VALUES ('" UNIT_A2
	    "', '" PROVIDER_A "', current_date, 'repair')");
	place_a1("accepted");
	assert_only("out_of_service", UNIT_A2);
	assert_only("reserved", UNIT_A1);
	assert_only("available", UNIT_A3);
}

Test(unit, a_placement_makes_it_reserved_then_occupied_then_turnaround)
{
	const char *placement = place_a1("held");

	assert_only("reserved", UNIT_A1);
	sql("UPDATE placement SET expires_at = now() WHERE id = '%s'", placement);
	cr_assert_str_eq(sql("SELECT state FROM unit_state WHERE unit_id = '" UNIT_A1 "'"),
			 "available", "an expired hold reserves nothing");
	sql("UPDATE placement SET state = 'arrived' WHERE id = '%s'", placement);
	assert_only("occupied", UNIT_A1);
	sql("UPDATE placement SET state = 'departed', departed_on = current_date, departure_reason "
	    "= 'transfer',"
	    " destination = 'own_home' WHERE id = '%s'",
	    placement);
	assert_only("turnaround", UNIT_A1);
}

Test(unit, what_is_offered_or_taken_is_not_given_up)
{
	struct answer a = call(ROLE_provider, "POST", A1 "/close", NULL);

	assert_problem(a, 409, "wrong-state");
	a = call(ROLE_provider, "POST", A3 "/close", NULL);
	assert_status(a, 200);
	a = call(ROLE_provider, "POST", A3 "/close", NULL);
	assert_problem(a, 409, "wrong-state");
	a = call(ROLE_provider, "POST", "/api/v1/vacancies", "{\"unit_id\":\"" UNIT_A3 "\"}");
	assert_error(a, "/unit_id");
}
