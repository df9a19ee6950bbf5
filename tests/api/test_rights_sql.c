/* What each role may is said twice: by the route rows (api/rights.h), and by the database, where a
 * handler forgot to ask. The two agree for every role that there is. */
#include <criterion/criterion.h>
#include <string.h>

#include "api/rights.h"
#include "database.h"

static const char *const names[] = {
#define ROLE(code, label) [ROLE_##code] = #code,
#include "serve/roles.def"
#undef ROLE
};

static const struct {
	const char *function;
	unsigned roles;
} rights[] = {
	{ "is_provider", CAN_provide },
	{ "may_place", CAN_place },
	{ "sees_cases", CAN_see_cases },
	/* a case's clock ends with the first offer: those who see cases see that there was one */
	{ "sees_placements", CAN_see_placements | CAN_see_cases },
	/* a placement is of a unit */
	{ "sees_supply", CAN_see_supply | CAN_see_placements | CAN_see_cases },
	{ "administers", CAN_administer | CAN_review },
	{ "reads_trail", CAN_audit },
	{ "sees_fund", CAN_see_fund },
	{ "sees_books", CAN_see_books },
	{ "keeps_fund", CAN_keep_fund },
	{ "approves_fund", CAN_approve_fund },
	{ "settles_stock", CAN_settle_stock },
	{ "does_works", CAN_do_works },
	{ "coordinates", CAN_coordinate },
	{ "counts_needs", CAN_see_cases | ROLE_BIT(analyst) },
};

TestSuite(rights_sql, .fini = drop_database);

Test(rights_sql, every_role_may_in_the_database_what_the_rows_say)
{
	fresh_database("haven_template");
	for (size_t i = 0; i < sizeof(rights) / sizeof(*rights); i++)
		for (size_t role = 0; role < sizeof(names) / sizeof(*names); role++)
			cr_expect_str_eq(
				sql("SELECT %s() FROM set_config('haven.role', '%s', false)",
				    rights[i].function, names[role]),
				rights[i].roles & 1u << role ? "t" : "f", "%s of %s",
				rights[i].function, names[role]);
}

/* A role that the database has never heard of sees nothing, nor does a caller without one. */
Test(rights_sql, an_unknown_role_may_nothing)
{
	static const char *const unknown[] = { "auditor", "" };

	fresh_database("haven_template");
	for (size_t i = 0; i < sizeof(rights) / sizeof(*rights); i++)
		for (size_t r = 0; r < sizeof(unknown) / sizeof(*unknown); r++)
			cr_expect_str_eq(sql("SELECT coalesce(%s(), false) FROM "
					     "set_config('haven.role', '%s', false)",
					     rights[i].function, unknown[r]),
					 "f", "%s of '%s'", rights[i].function, unknown[r]);
}

/* No policy says which roles may not: a role that is made later would see everything. */
Test(rights_sql, no_policy_is_a_list_of_who_may_not)
{
	fresh_database("haven_template");
	cr_assert_str_eq(sql("SELECT coalesce(string_agg(polrelid::regclass || '.' || polname, ' "
			     "'), '') FROM pg_policy"
			     " WHERE pg_get_expr(polqual, polrelid) ~ 'role.*(<>|ALL)'"),
			 "");
	cr_assert_str_eq(sql("SELECT coalesce(string_agg(polrelid::regclass || '.' || polname, ' "
			     "'), '') FROM pg_policy"
			     " WHERE pg_get_expr(polqual, polrelid) ~ 'NOT.*is_provider' AND "
			     "pg_get_expr(polqual, polrelid) !~ 'sees_'"),
			 "", "who is no provider is listed too");
}
