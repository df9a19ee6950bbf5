/* Reports: views that no role may read, through one function that knows who may. The view is the
 * test's own. */
#include <criterion/criterion.h>

#include "base/text.h"
#include "database.h"
#include "memory.h"
#include "role.h"
#include "seed.h"

TestSuite(reports, .fini = drop_database);

static PGconn *worker;

static void start(void)
{
	fresh_database("haven_template");
	sql("CREATE VIEW report.test_households AS SELECT count(*) AS households FROM household"
	    " WHERE organisation_id = ANY (my_partners())");
	sql("INSERT INTO report.allowed VALUES ('test_households', 'analyst')");
	worker = connect_as("haven_app");
}

static const char *run(const char *statement)
{
	return outcome(worker, statement);
}

static void begin_as(const char *username)
{
	sql("INSERT INTO session (account_id, token_hash, idle_minutes, expires_at) SELECT id, "
	    "sha256(sha256('%s')), 30,"
	    " now() + interval '1 hour' FROM account WHERE username = '%s' ON CONFLICT DO NOTHING",
	    username, username);
	run("BEGIN");
	run(arena_printf(test_memory(), "SELECT open_request(sha256('%s'), 'r')", username));
}

Test(reports, a_role_that_may_reads_it_and_that_is_recorded)
{
	start();
	begin_as("analyst");
	cr_expect_str_eq(run("SELECT count(*) FROM household"), "0", "not the rows");
	cr_expect_str_eq(run("SELECT report.read('test_households')"), "{\"households\": 2}",
			 "but their number");
	run("COMMIT");
	cr_expect_str_eq(sql("SELECT a.username || ' ' || e.action || ' ' || (e.detail ->> 'name') "
			     "|| ' ' || (e.detail ->> 'rows')"
			     " FROM audit.event e JOIN account a ON a.id = e.account_id WHERE "
			     "e.subject_kind = 'report'"),
			 "analyst read test_households 1");
}

Test(reports, no_other_role_reads_it)
{
	static const char *const others[] = { "navigator", "provider", "administrator",
					      "finance_officer", "contractor" };

	start();
	for (size_t i = 0; i < sizeof(others) / sizeof(*others); i++) {
		begin_as(others[i]);
		cr_expect_str_eq(run("SELECT report.read('test_households')"), "42501", "%s",
				 others[i]);
		run("ROLLBACK");
	}
	cr_expect_str_eq(sql("SELECT count(*) FROM audit.event WHERE subject_kind = 'report'"),
			 "0");
}

/* Nor does a worker that makes up the settings of a caller, or reads the view or the list itself. */
Test(reports, a_worker_without_a_session_reads_nothing)
{
	start();
	run("BEGIN");
	run("SELECT set_config('haven.role', 'analyst', true)");
	cr_expect_str_eq(run("SELECT report.read('test_households')"), "HV401");
	run("ROLLBACK");
	cr_expect_str_eq(run("SELECT * FROM report.test_households"), "42501");
	cr_expect_str_eq(run("SELECT * FROM report.allowed"), "42501");
	begin_as("analyst");
	cr_expect_str_eq(run("SELECT report.read('allowed')"), "42501", "not the list");
	run("ROLLBACK");
}

/* Every view of the schema is granted to nobody, and every name in the list is a view. */
Test(reports, views_are_granted_to_nobody_and_names_are_views)
{
	start();
	cr_expect_str_eq(sql("SELECT count(*) FROM pg_class c, aclexplode(c.relacl) a WHERE "
			     "c.relnamespace = 'report'::regnamespace"
			     " AND a.grantee <> c.relowner"),
			 "0");
	cr_expect_str_eq(
		sql("SELECT count(*) FROM report.allowed a WHERE NOT EXISTS (SELECT FROM pg_views v"
		    " WHERE v.schemaname = 'report' AND v.viewname = a.name)"),
		"0");
}
