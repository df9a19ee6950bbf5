/* Days are London's: at half past midnight in July the database must not still be at yesterday. */
#include <criterion/criterion.h>

#include "database.h"

static void start(void)
{
	fresh_database("haven_template");
}

TestSuite(days, .init = start, .fini = drop_database);

Test(days, begin_at_midnight_in_london)
{
	cr_expect_str_eq(database_ask("SELECT london_day('2026-06-30 23:30Z')"), "2026-07-01", "summer time");
	cr_expect_str_eq(database_ask("SELECT london_day('2026-12-31 23:30Z')"), "2026-12-31", "winter");
}

Test(days, no_view_or_function_counts_them_in_the_session_s_zone)
{
	cr_expect_str_eq(database_ask("SELECT coalesce(string_agg(name, ' '), 'none') FROM ("
				      "SELECT viewname::text FROM pg_views WHERE definition ILIKE '%current_date%'"
				      " AND schemaname IN ('public', 'audit', 'vault') UNION ALL "
				      "SELECT proname::text FROM pg_proc WHERE prosrc ILIKE '%current_date%'"
				      " AND pronamespace IN ('public'::regnamespace, 'audit'::regnamespace,"
				      " 'vault'::regnamespace)) t (name)"),
			 "none");
}
