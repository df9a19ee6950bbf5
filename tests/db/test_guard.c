/* The register of tables, and what the catalogue says of them and of the functions that workers may
 * call. */
#include <criterion/criterion.h>

#include "database.h"

static void start(void)
{
	fresh_database("haven_template");
}

TestSuite(guard, .init = start, .fini = drop_database);

#define SCHEMAS "('public', 'audit', 'vault', 'report', 'fund', 'sanctuary')"

/* Rows of a question as words, "" where there are none. */
static const char *list_of(const char *select)
{
	return sql(
		"SELECT coalesce(string_agg(x, ' ' ORDER BY x COLLATE \"C\"), '') FROM (%s) q (x)",
		select);
}

/* A statement that must be refused with these words. */
static void refused(const char *statement, const char *words)
{
	sql("DO $test$ BEGIN %s; RAISE 'it was not refused'; EXCEPTION WHEN raise_exception THEN"
	    " IF SQLERRM !~ '%s' THEN RAISE; END IF; END $test$",
	    statement, words);
}

Test(guard, every_table_is_in_the_register)
{
	cr_assert_str_eq(
		list_of("SELECT c.oid::regclass::text FROM pg_class c JOIN pg_namespace n ON n.oid "
			"= c.relnamespace"
			" WHERE c.relkind IN ('r', 'p', 'm') AND n.nspname IN " SCHEMAS
			"   AND NOT EXISTS (SELECT FROM guarded g WHERE g.of_table = c.oid)"),
		"", "there is no exception");
	cr_assert_str_eq(list_of("SELECT nspname::text FROM pg_namespace WHERE nspname !~ '^pg_' "
				 "AND nspname NOT IN " SCHEMAS),
			 "extension information_schema test", "nor another schema; test is made by the tests");
}

/* Workers read a table without row security only where its kind says so. */
Test(guard, a_table_without_row_security_is_open_by_its_kind)
{
	cr_assert_str_eq(list_of("SELECT c.oid::regclass::text FROM pg_class c JOIN guarded g ON "
				 "g.of_table = c.oid"
				 " WHERE NOT (c.relrowsecurity AND c.relforcerowsecurity) AND "
				 "g.kind NOT IN ('open', 'sealer')"),
			 "");
	cr_assert_str_eq(
		list_of("SELECT g.of_table::text FROM guarded g WHERE g.kind IN ('owner', 'sealer') AND EXISTS ("
			"SELECT FROM pg_attribute a WHERE a.attrelid = g.of_table AND a.attnum > 0 "
			"AND NOT a.attisdropped"
			"   AND has_column_privilege('haven_app', g.of_table, a.attname, 'SELECT, "
			"INSERT, UPDATE, REFERENCES'))"),
		"", "no worker has a right on what is the owner's or the sealer's");
}

Test(guard, what_the_board_reads_tells_the_board_of_its_changes)
{
	cr_assert_str_eq(list_of("SELECT of_table::text FROM guarded WHERE board"),
			 list_of("SELECT tgrelid::regclass::text FROM pg_trigger WHERE tgfoid = "
				 "'note_change'::regproc"));
}

Test(guard, every_table_about_a_household_says_what_an_erasure_does)
{
	cr_assert_str_eq(list_of("SELECT a.attrelid::regclass::text FROM pg_attribute a JOIN "
				 "guarded g ON g.of_table = a.attrelid"
				 " WHERE a.attname = 'household_id' AND g.erase IS NULL"),
			 "");
	sql("CREATE TABLE forgotten (household_id uuid)");
	refused("PERFORM guard('forgotten', 'case')", "say what an erasure does");
	refused("PERFORM guard('forgotten', 'alone', writes => 'insert')",
		"say what an erasure does");
	sql("SELECT guard('forgotten', 'case', erase => 'rows')");
}

Test(guard, a_column_that_is_not_there_is_refused)
{
	sql("CREATE TABLE small (id uuid)");
	refused("PERFORM guard('small', 'alone', untold => '{words}')", "no column words");
	refused("PERFORM guard('small', 'alone', fixed => '{id,owner}')", "no column owner");
	refused("PERFORM guard('small', 'alone', unread => '{hash}')", "no column hash");
	refused("PERFORM guard('small', 'alone', erased => '{\"reason\": \"1\"}')",
		"no column reason");
}

/* A table that nobody guards is closed: nothing is granted to workers but by guard(). */
Test(guard, a_table_is_closed_until_it_is_said)
{
	sql("CREATE TABLE silent (id uuid)");
	sql("CREATE FUNCTION silent() RETURNS integer LANGUAGE sql AS 'SELECT 1'");
	cr_assert_str_eq(sql("SELECT has_table_privilege('haven_app', 'silent', 'SELECT, INSERT, "
			     "UPDATE, DELETE')"
			     " OR has_table_privilege('haven_board', 'silent', 'SELECT')"),
			 "f");
	cr_assert_str_eq(sql("SELECT has_function_privilege('haven_app', 'silent()', 'EXECUTE')"),
			 "f");
	sql("SELECT guard('silent', 'alone')");
	cr_assert_str_eq(
		sql("SELECT has_table_privilege('haven_app', 'silent', 'SELECT') AND NOT"
		    " has_table_privilege('haven_app', 'silent', 'INSERT, UPDATE, DELETE')"),
		"t");
	cr_assert_str_eq(sql("SELECT relrowsecurity AND relforcerowsecurity FROM pg_class WHERE "
			     "relname = 'silent'"),
			 "t");
}

/* The first lines of a function: its declarations and the next ten lines of code. */
#define FIRST_LINES                                                          \
	"regexp_replace(regexp_replace(p.prosrc, '--[^\\n]*\\n', '', 'g'), " \
	"'^(.*?\\mBEGIN\\M([^\\n]*\\n){0,10}|[^\\n]*\\n([^\\n]*\\n){0,10}).*$', '\\1', 'i')"
#define CHECKS                                                                                  \
	"(audit[.](me|caller|proven|disown)|open_request|may_[a-z_]+|case_seen|seen_case|know_" \
	"cases|denied_cases|case_is_ours|administered"                                          \
	"|my_organisation|my_partners|is_partner|sees_[a-z]+|vault[.]hold_key)[(]"

/* What runs as the owner for a worker looks first at who the caller is. The exceptions, and why:
 *
 * board_*_since: what waits and what is offered, as the board reads it, facts without identity
 * busy_until, unit_*: that a place is taken is told to everyone who sees the place, not by whom
 * case_hidden, cases_hidden: they are the check, for any account
 * case_reference: everyone who has the placement is told its case's reference
 * new_reference: draws, and reads only whether a reference is taken
 * open_request: it is the check
 * partners_of: every worker reads the organisations
 * touched_cases: only what the transaction itself has recorded
 * vault.key_of: a wrapped key, which only the vault's process opens
 * vault.reveal_reason: it is the check, for any account */
Test(guard, what_runs_as_the_owner_looks_first_at_who_the_caller_is)
{
	cr_assert_str_eq(list_of("SELECT DISTINCT p.oid::regproc::text FROM pg_proc p JOIN "
				 "pg_namespace n ON n.oid = p.pronamespace"
				 " WHERE p.prosecdef AND n.nspname IN " SCHEMAS
				 " AND has_function_privilege('haven_app', p.oid, 'EXECUTE')"
				 "   AND " FIRST_LINES " !~ '" CHECKS "'"),
			 "board_households_since board_properties_since board_vacancies_since "
			 "busy_until case_hidden"
			 " case_reference cases_hidden new_reference open_request partners_of "
			 "touched_cases unit_delayed_by unit_now"
			 " unit_promised unit_ready_on vault.key_of vault.reveal_reason");
}

/* What runs as the owner is not led astray by the caller's names. */
Test(guard, what_runs_as_the_owner_has_its_own_search_path)
{
	cr_assert_str_eq(list_of("SELECT p.oid::regproc::text FROM pg_proc p JOIN pg_namespace n "
				 "ON n.oid = p.pronamespace"
				 " WHERE p.prosecdef AND n.nspname IN " SCHEMAS
				 "   AND NOT EXISTS (SELECT FROM unnest(p.proconfig) c WHERE c ~ "
				 "'^search_path=.*pg_temp$')"),
			 "");
}

/* A trigger function of the owner's is run by triggers alone. */
Test(guard, no_worker_runs_a_trigger_function)
{
	cr_assert_str_eq(
		list_of("SELECT p.oid::regproc::text FROM pg_proc p JOIN pg_namespace n ON n.oid = "
			"p.pronamespace"
			" WHERE p.prorettype = 'trigger'::regtype AND n.nspname IN " SCHEMAS
			"   AND has_function_privilege('haven_app', p.oid, 'EXECUTE')"),
		"");
}
