#include "inventory.h"

#define ALL "/api/v1/voids"
#define OF(unit, days) "{\"unit_id\":\"" unit "\"," days ",\"reason\":\"repair\"}"

TestSuite(void_period, .init = service_start, .fini = service_stop);

Test(void_period, takes_the_unit_out_of_service_and_is_ended)
{
	struct answer a =
		call(ROLE_provider, "POST", ALL,
		     "{\"unit_id\":\"" UNIT_A3 "\",\"from_day\":\"2026-01-01\","
		     "\"reason\":\"damage\",\"cost_centre\":\"4400\",\"note\":\"Boiler\"}");
	const char *path = answer_header(&a, "Location");

	assert_status(a, 201);
	cr_assert_str_eq(sql("SELECT state FROM unit_state WHERE unit_id = '" UNIT_A3 "'"),
			 "out_of_service");
	a = change(ROLE_provider, path, 1, "{\"until_day\":\"2026-01-05\"}");
	assert_status(a, 200);
	cr_assert_str_eq(answer_text(&a, "cost_centre"), "4400", "the rest stays: %s", a.body);
	cr_assert_str_eq(sql("SELECT state FROM unit_state WHERE unit_id = '" UNIT_A3 "'"),
			 "available");
	a = change(ROLE_provider, path, 1, "{\"note\":null}");
	assert_problem(a, 412, "changed");
}

Test(void_period, two_do_not_overlap)
{
	struct answer a =
		call(ROLE_provider, "POST", ALL,
		     OF(UNIT_A3, "\"from_day\":\"2027-01-01\",\"until_day\":\"2027-02-01\""));

	assert_status(a, 201);
	a = call(ROLE_provider, "POST", ALL, OF(UNIT_A3, "\"from_day\":\"2027-01-31\""));
	assert_problem(a, 409, "void-overlaps");
	a = call(ROLE_provider, "POST", ALL, OF(UNIT_A3, "\"from_day\":\"2027-02-01\""));
	assert_status(a, 201); /* until_day is the first day in service */
	a = change(ROLE_provider, answer_header(&a, "Location"), 1,
		   "{\"from_day\":\"2027-01-15\"}");
	assert_problem(a, 409, "void-overlaps");
}

Test(void_period, nobody_is_put_out_by_one)
{
	struct answer a;

	place_a1("accepted");
	a = call(ROLE_provider, "POST", ALL, OF(UNIT_A1, "\"from_day\":\"%s\""), sql("SELECT today() + 700"));
	assert_problem(a, 409, "place-taken"); /* the stay has no end */
	a = call(ROLE_provider, "POST", ALL,
		 OF(UNIT_A1, "\"from_day\":\"2020-01-01\",\"until_day\":\"2020-02-01\""));
	assert_status(a, 201); /* before the stay */
	a = change(ROLE_provider, answer_header(&a, "Location"), 1, "{\"until_day\":null}");
	assert_problem(a, 409, "place-taken");
}

Test(void_period, a_hold_does_not_prevent_one)
{
	struct answer a;

	place_a1("held");
	a = call(ROLE_provider, "POST", ALL, OF(UNIT_A1, "\"from_day\":\"2026-01-01\""));
	assert_status(a, 201);
}

Test(void_period, ends_after_it_begins)
{
	struct answer a =
		call(ROLE_provider, "POST", ALL,
		     OF(UNIT_A3, "\"from_day\":\"2027-01-02\",\"until_day\":\"2027-01-01\""));

	assert_error(a, "/until_day");
}

Test(void_period, its_note_holds_no_address)
{
	struct answer a = call(ROLE_provider, "POST", ALL,
			       "{\"unit_id\":\"" UNIT_A3 "\",\"from_day\":\"2026-01-01\","
			       "\"reason\":\"pest\",\"note\":\"Meet at\\n12 Acacia Road\"}");

	assert_error(a, "/note");
	cr_assert_null(sql("SELECT id FROM void_period"));
}

Test(void_period, others_see_the_period_only)
{
	struct answer a =
		call(ROLE_provider, "POST", ALL,
		     "{\"unit_id\":\"" UNIT_A3 "\",\"from_day\":\"2026-01-01\","
		     "\"reason\":\"damage\",\"cost_centre\":\"4400\",\"note\":\"Boiler\"}");
	const char *path = answer_header(&a, "Location");

	a = call(ROLE_analyst, "GET", path, NULL);
	assert_status(a, 200);
	cr_assert_str_eq(answer_text(&a, "reason"), "damage");
	cr_assert(json_is_null(json_object_get(a.json, "note")), "%s", a.body);
	cr_assert(json_is_null(json_object_get(a.json, "cost_centre")), "%s", a.body);
	a = call(ACTOR_provider_b, "GET", path, NULL);
	assert_status(a, 404);
	a = change(ACTOR_provider_b, path, 1, "{\"note\":null}");
	assert_status(a, 404);
	a = call(ACTOR_provider_b, "POST", ALL, OF(UNIT_A3, "\"from_day\":\"2020-01-01\""));
	assert_error(a, "/unit_id");
	a = call(ROLE_analyst, "GET", ALL "?unit_id=" UNIT_A1, NULL);
	cr_assert_eq(json_array_size(json_object_get(a.json, "items")), 0, "%s", a.body);
}
