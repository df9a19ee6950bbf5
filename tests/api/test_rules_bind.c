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
