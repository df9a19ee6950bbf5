/* Rules bind the hold: a person may go against some of them, and says why; a household that was taken a
 * moment ago is searched for, and held for, by every worker. */
#include <criterion/criterion.h>
#include <string.h>

#include "inventory.h"
#include "memory.h"
#include "placing.h"
#include "referring.h"

TestSuite(rules_bind, .init = service_start, .fini = service_stop);
/* They change the schema: the board must hear of nothing. */
TestSuite(rules_bind_unheard, .init = service_start_own, .fini = service_stop);

/* Fails nrpf, pets and support in room 2. */
static const char *demanding(void)
{
	struct answer a = refer("{\"household\":{\"situation\":\"friends\",\"nrpf\":true,\"pets\":true,"
				"\"support_needs\":[{\"need\":\"drugs\",\"severity\":\"high\"}],"
				"\"members\":[{\"kind\":\"main\",\"sex\":\"female\",\"gender_identity\":\"same_as_sex\",\"age\":30}]}}");

	cr_assert_eq(a.status, 201, "%s", a.body);
	return answer_text(&a, "household.id");
}

static struct answer hold_against(const char *household, const char *against)
{
	return call(ROLE_navigator, "POST", "/api/v1/placements",
		    "{\"household_id\":\"%s\",\"vacancy_id\":\"" VACANCY_A2 "\"%s%s}", household, *against ? ",\"against\":" : "", against);
}

#define REASON(rule) "{\"rule\":\"" rule "\",\"reason\":\"agreed_with_provider\"}"

Test(rules_bind, each_wants_a_reason_and_the_provider_is_told)
{
	const char *household = demanding(), *id;
	struct answer bare = hold_against(household, ""), half = hold_against(household, "[" REASON("pets") "]"), whole, seen;

	cr_assert_eq(bare.status, 409, "%s", bare.body);
	cr_assert_str_eq(answer_text(&bare, "reason"), "rules_against", "%s", bare.body);
	cr_assert_eq(json_array_size(json_object_get(bare.json, "against")), 2, "%s", bare.body);
	cr_assert_eq(half.status, 409, "%s", half.body);
	whole = hold_against(household, "[" REASON("pets") "," REASON("support") "," REASON("risk_level") "]");
	cr_assert_eq(whole.status, 201, "%s", whole.body);
	cr_assert_eq(json_array_size(json_object_get(whole.json, "against")), 2, "only what stood against it: %s", whole.body);
	id = answer_text(&whole, "id");
	cr_assert_eq(call(ROLE_navigator, "POST", path("placements", id, "/offer"), NULL).status / 100, 2);
	seen = get(ROLE_provider, id);
	cr_assert_str_eq(answer_text(&seen, "against.0.rule"), "support", "%s", seen.body);
	cr_assert_str_eq(answer_text(&seen, "against.1.reason"), "agreed_with_provider", "%s", seen.body);
}

Test(rules_bind, a_rule_that_refuses_takes_no_reason)
{
	struct answer a = refer("{\"household\":{\"situation\":\"friends\","
				"\"members\":[{\"kind\":\"main\",\"sex\":\"male\",\"gender_identity\":\"same_as_sex\",\"age\":30}]}}");
	struct answer refused = hold_against(answer_text(&a, "household.id"), "[" REASON("residents_sex") "]");

	cr_assert_eq(refused.status, 409, "%s", refused.body);
	cr_assert_str_eq(answer_text(&refused, "reason"), "not_suitable", "%s", refused.body);
}

Test(rules_bind, the_reasons_of_a_sanctuary_are_none_of_a_rule)
{
	struct answer a = hold_against(demanding(), "[{\"rule\":\"pets\",\"reason\":\"home_not_safe_meanwhile\"}," REASON("support") "]");

	cr_assert_eq(a.status, 422, "%s", a.body);
	cr_assert(answer_has_error(&a, "/against/0/reason"), "%s", a.body);
}

Test(rules_bind, a_ranked_sanctuary_is_not_passed_over_silently)
{
	struct answer a = refer("{\"household\":{\"situation\":\"own_home\",\"wants_to_stay\":true,\"perpetrator_at_home\":false,"
				"\"sole_occupation\":true,\"consent_obtainable\":true,"
				"\"members\":[{\"kind\":\"main\",\"sex\":\"female\",\"gender_identity\":\"same_as_sex\",\"age\":30}]}}");
	const char *household = answer_text(&a, "household.id");
	struct answer bare = hold_against(household, "");
	struct answer said = hold_against(household, "[{\"rule\":\"sanctuary\",\"reason\":\"home_not_safe_meanwhile\"}]");

	cr_assert_str_eq(answer_text(&bare, "against.0.rule"), "sanctuary", "%s", bare.body);
	cr_assert_eq(said.status, 201, "%s", said.body);
}

/* What is said after a hold binds the offer and the acceptance. */
static const char *say_unsafe(const char *household)
{
	struct answer a = call(ROLE_navigator, "POST", path("households", household, "/unsafe-places"),
			       "{\"kind\":\"family\",\"outward_code\":\"TS10\"}");

	cr_assert_eq(a.status, 201, "%s", a.body);
	return answer_text(&a, "unsafe_places.0.id");
}

Test(rules_bind, a_place_that_became_unsafe_is_not_offered)
{
	const char *id = held(HOUSEHOLD, VACANCY_A1), *unsafe = say_unsafe(HOUSEHOLD);
	struct answer a = call(ROLE_navigator, "POST", path("placements", id, "/offer"), NULL);

	cr_assert_eq(a.status, 409, "%s", a.body);
	cr_assert_str_eq(answer_text(&a, "type"), "/problems/vacancy-not-suitable", "%s", a.body);
	cr_assert_eq(call(ROLE_navigator, "POST", path("unsafe-places", unsafe, "/end"), NULL).status, 200);
	a = call(ROLE_navigator, "POST", path("placements", id, "/offer"), NULL);
	cr_assert_eq(a.status, 200, "safe again: %s", a.body);
}

Test(rules_bind, a_place_that_became_unsafe_is_not_accepted)
{
	const char *id = offered(HOUSEHOLD, VACANCY_A1);
	struct answer a;

	say_unsafe(HOUSEHOLD);
	a = call(ROLE_provider, "POST", path("placements", id, "/accept"), NULL);
	cr_assert_eq(a.status, 409, "%s", a.body);
	cr_assert_str_eq(answer_text(&a, "type"), "/problems/vacancy-not-suitable", "%s", a.body);
	cr_assert_str_eq(sql("SELECT state FROM placement WHERE id = '%s'", id), "offered");
	cr_assert_eq(call(ROLE_navigator, "POST", path("placements", id, "/cancel"), "{}").status, 200);
}

/* The board hears of nothing any more: the database is asked. */
Test(rules_bind_unheard, a_household_that_the_board_does_not_know_yet)
{
	struct answer a, searched, held;

	sql("CREATE OR REPLACE FUNCTION note_change() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END'");
	a = refer("{\"household\":{\"situation\":\"friends\",\"pets\":true,\"members\":[{\"kind\":\"main\",\"sex\":\"female\",\"age\":30}]}}");
	searched = call(ROLE_navigator, "POST", "/api/v1/vacancy-searches", "{\"household_id\":\"%s\"}", answer_text(&a, "household.id"));
	cr_assert_eq(searched.status, 200, "%s", searched.body);
	held = hold_against(answer_text(&a, "household.id"), "");
	cr_assert_str_eq(answer_text(&held, "against.0.rule"), "pets", "%s", held.body);
	held = hold_against(answer_text(&a, "household.id"), "[" REASON("pets") "]");
	cr_assert_eq(held.status, 201, "%s", held.body);
	searched = call(ROLE_navigator, "POST", "/api/v1/vacancy-searches", "{\"household_id\":\"" NOBODY "\"}");
	cr_assert_eq(searched.status, 422, "%s", searched.body);
}

/* ---- the verdict that a worker hands over is of what is there now ---- */

static struct answer hold_a1(void)
{
	return call(ROLE_navigator, "POST", "/api/v1/placements", "{\"household_id\":\"" HOUSEHOLD "\",\"vacancy_id\":\"" VACANCY_A1 "\"}");
}

/* From here on no board hears of a change, as in the moment after one. */
static void make_deaf(void)
{
	sql("CREATE FUNCTION silent() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END'");
	sql("CREATE TRIGGER a_silent BEFORE INSERT ON change_log FOR EACH ROW EXECUTE FUNCTION silent()");
}

static const char *in_decision(const char *placement, const char *path)
{
	return sql("SELECT inputs::jsonb #>> '%s' FROM decision WHERE placement_id = '%s'", path, placement);
}

/* The board has the unit as it was: the row is judged, and what is kept is the row. */
Test(rules_bind_unheard, a_unit_that_the_board_has_as_it_was)
{
	struct answer a;

	make_deaf();
	sql("UPDATE unit SET max_people = 5, version = version + 1 WHERE id = '" UNIT_A1 "'");
	a = hold_a1();
	cr_assert_eq(a.status, 201, "one retry is enough: %s", a.body);
	cr_assert_str_eq(in_decision(answer_text(&a, "id"), "{places,0,max_people}"), "5");
}

Test(rules_bind_unheard, a_unit_that_takes_no_pets_any_more)
{
	struct answer a;

	sql("UPDATE household SET pets = true, version = version + 1 WHERE id = '" HOUSEHOLD "'");
	sql("UPDATE unit SET pets = 'yes', version = version + 1 WHERE id = '" UNIT_A1 "'");
	board_settle();
	make_deaf();
	sql("UPDATE unit SET pets = 'no', version = version + 1 WHERE id = '" UNIT_A1 "'");
	a = hold_a1();
	cr_assert_eq(a.status, 409, "%s", a.body);
	cr_assert_str_eq(answer_text(&a, "reason"), "rules_against", "%s", a.body);
	cr_assert_str_eq(answer_text(&a, "against.0.rule"), "pets", "%s", a.body);
}

/* What the board says against it may be a moment old too. */
Test(rules_bind_unheard, a_unit_that_takes_pets_now)
{
	struct answer a;

	sql("UPDATE household SET pets = true, version = version + 1 WHERE id = '" HOUSEHOLD "'");
	sql("UPDATE unit SET pets = 'no', version = version + 1 WHERE id = '" UNIT_A1 "'");
	board_settle();
	make_deaf();
	sql("UPDATE unit SET pets = 'yes', version = version + 1 WHERE id = '" UNIT_A1 "'");
	a = hold_a1();
	cr_assert_eq(a.status, 201, "%s", a.body);
	cr_assert_eq(json_array_size(json_object_get(a.json, "against")), 0, "%s", a.body);
}

Test(rules_bind_unheard, a_household_property_or_vacancy_that_changed)
{
	struct answer a;

	make_deaf();
	sql("UPDATE household SET nrpf = false, version = version + 1 WHERE id = '" HOUSEHOLD "'");
	sql("UPDATE property SET staffing = '24h', version = version + 1 WHERE id = '" PROPERTY_A "'");
	sql("UPDATE vacancy SET version = version + 1 WHERE id = '" VACANCY_A1 "'");
	a = hold_a1();
	cr_assert_eq(a.status, 201, "%s", a.body);
	cr_assert_str_eq(in_decision(answer_text(&a, "id"), "{need,nrpf}"), "false");
	cr_assert_str_eq(in_decision(answer_text(&a, "id"), "{places,0,staffed_24h}"), "true");
}

/* Nobody can be ahead of a place that changes at every look: the caller hears so, and nothing is held. */
Test(rules_bind_unheard, what_changes_again_is_told)
{
	struct answer a;

	make_deaf();
	sql("ALTER FUNCTION vacancy_now RENAME TO vacancy_then");
	sql("CREATE FUNCTION vacancy_now(vacancy uuid) RETURNS SETOF board_vacancy LANGUAGE plpgsql SECURITY DEFINER AS"
	    " 'BEGIN RETURN QUERY SELECT (jsonb_populate_record(b, ''{\"unit_version\": 7}'')).* FROM vacancy_then(vacancy) b; END'");
	sql("GRANT EXECUTE ON FUNCTION vacancy_now TO haven_app");
	sql("UPDATE unit SET version = version + 1 WHERE id = '" UNIT_A1 "'");
	a = hold_a1();
	cr_assert_eq(a.status, 409, "%s", a.body);
	cr_assert_str_eq(answer_text(&a, "reason"), "changed", "%s", a.body);
	cr_assert(strstr(answer_text(&a, "detail"), "being changed at the same moment"), "%s", a.body);
	cr_assert_str_eq(sql("SELECT count(*) FROM placement"), "0");
	cr_assert_str_eq(sql("SELECT count(*) FROM decision"), "0");
}

/* The caller's own condition is not the worker's: it is not judged again. */
Test(rules_bind, a_version_that_the_caller_saw)
{
	struct answer a = call(ROLE_navigator, "POST", "/api/v1/placements",
			       "{\"household_id\":\"" HOUSEHOLD "\",\"vacancy_id\":\"" VACANCY_A1 "\",\"vacancy_version\":99}");

	cr_assert_eq(a.status, 409, "%s", a.body);
	cr_assert_str_eq(answer_text(&a, "reason"), "changed", "%s", a.body);
	cr_assert_null(answer_text(&a, "detail"), "%s", a.body);
}
