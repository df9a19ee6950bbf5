/* A reason can hide a protected characteristic: then a provider must say whether it is the ground, and name an
 * exception of the Equality Act that fits. */
#include <criterion/criterion.h>
#include <criterion/parameterized.h>

#include "placing.h"

TestSuite(decline_ground, .init = service_start, .fini = service_stop);

struct ground {
	char change[220], body[160], pointer[32], stored[48];
};

#define WHEELCHAIR "UPDATE household SET wheelchair = 'full'"
#define STORED "SELECT concat_ws(' ', state, equality_ground, equality_exception) FROM placement"

ParameterizedTestParameters(decline_ground, asked_where_a_reason_can_hide_it)
{
	static struct ground cases[] = {
		{ WHEELCHAIR, "{\"reason\":\"access\"}", "/equality_ground", "offered" },
		{ WHEELCHAIR, "{\"reason\":\"access\",\"equality_ground\":false}", "", "declined f" },
		{ WHEELCHAIR, "{\"reason\":\"access\",\"equality_ground\":true}", "/equality_exception", "offered" },
		{ WHEELCHAIR, "{\"reason\":\"access\",\"equality_ground\":true,\"equality_exception\":\"single_sex_service\"}",
		  "/equality_exception", "offered" },
		{ WHEELCHAIR, "{\"reason\":\"access\",\"equality_ground\":true,\"equality_exception\":\"positive_action\"}", "",
		  "declined t positive_action" },
		{ WHEELCHAIR, "{\"reason\":\"capacity\"}", "", "declined" },
		{ WHEELCHAIR, "{\"reason\":\"capacity\",\"equality_ground\":true,\"equality_exception\":\"positive_action\"}",
		  "/equality_ground", "offered" },
		{ "SELECT 1", "{\"reason\":\"access\"}", "", "declined" },
		{ "UPDATE household SET wheelchair = 'none', step_free = false", "{\"reason\":\"access\"}", "", "declined" },
		{ "UPDATE household SET ground_floor = true", "{\"reason\":\"access\"}", "/equality_ground", "offered" },
		{ "INSERT INTO member_characteristic (id, household_id, disability) SELECT id, household_id, 'limited_a_lot'"
		  " FROM member WHERE household_id = '" HOUSEHOLD "'", "{\"reason\":\"access\"}", "/equality_ground", "offered" },
		{ "INSERT INTO member_characteristic (id, household_id) SELECT id, household_id FROM member",
		  "{\"reason\":\"access\"}", "", "declined" },
		{ "UPDATE household SET support_needs = '[{\"need\":\"mental_health\",\"severity\":\"high\"}]'",
		  "{\"reason\":\"needs_mental_health\"}", "/equality_ground", "offered" },
		{ "UPDATE household SET support_needs = '[{\"need\":\"drugs\",\"severity\":\"high\"}]'",
		  "{\"reason\":\"needs_drugs\"}", "", "declined" },
		{ "UPDATE household SET languages = '{ti}'", "{\"reason\":\"language\"}", "/equality_ground", "offered" },
		{ "UPDATE household SET languages = '{en}'", "{\"reason\":\"language\"}", "", "declined" },
		{ "UPDATE household SET languages = '{bfi}'", "{\"reason\":\"language\"}", "/equality_ground", "offered" },
		{ "UPDATE household SET pregnant = true", "{\"reason\":\"family_size\"}", "/equality_ground", "offered" },
		{ "SELECT 1", "{\"reason\":\"resident_mix\"}", "/equality_ground", "offered" },
		{ "SELECT 1", "{\"reason\":\"child_age_sex\"}", "/equality_ground", "offered" },
	};
	return cr_make_param_array(struct ground, cases, sizeof(cases) / sizeof(*cases));
}

ParameterizedTest(struct ground *t, decline_ground, asked_where_a_reason_can_hide_it)
{
	struct answer a;
	const char *id = offered(HOUSEHOLD, VACANCY_A1);

	sql("DO $do$ BEGIN EXECUTE $ex$%s$ex$; END $do$", t->change);
	a = act(ROLE_provider, id, "decline", t->body);
	cr_assert_eq(a.status, *t->pointer ? 422 : 200, "%s, %s: %s", t->change, t->body, a.body);
	if (*t->pointer)
		cr_assert(answer_has_error(&a, t->pointer), "%s, %s: %s", t->change, t->body, a.body);
	cr_assert_str_eq(sql(STORED), t->stored, "%s, %s", t->change, t->body);
}

/* Every exception is there for something, and the table's reasons are the provider's. */
Test(decline_ground, the_lists_are_whole)
{
	cr_expect_str_eq(sql("SELECT count(DISTINCT exception) FROM ground_exception"), "6");
	cr_expect_str_eq(sql("SELECT count(*) FROM decline_ground g WHERE NOT EXISTS"
			     " (SELECT FROM ground_exception e WHERE e.characteristic = g.characteristic)"), "0");
}

Test(decline_ground, the_household_s_side_is_not_asked)
{
	const char *id = offered(HOUSEHOLD, VACANCY_A1);

	cr_expect_eq(act(ROLE_navigator, id, "decline", "{\"reason\":\"sharing\"}").status, 200);
}
