#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "database.h"
#include "db/migrate.h"

static const struct migration one = { "0001_place.sql", "CREATE TABLE place (id int);\n"
							"INSERT INTO place VALUES (1);\n" };
static const struct migration two = { "0002_person.sql", "CREATE TABLE person (id int)" };
static const struct migration two_edited = { "0002_person.sql",
					     "CREATE TABLE person (id bigint)" };
static const struct migration three = { "0003_fails.sql",
					"CREATE TABLE half (id int); SELECT 1/0" };
static const struct migration four = { "0004_ends.sql", "CREATE TABLE four (id int); COMMIT" };
static const struct migration slow = { "0005_slow.sql", "SELECT pg_sleep(0.3);"
							" INSERT INTO place VALUES (5)" };
static const struct migration end = { NULL, NULL };

static struct arena *a;
static struct db_sync *s;
static const char *conninfo, *error;
static char applied[256];

static void set_up(void)
{
	a = arena_new();
	conninfo = fresh_database(NULL);
	s = db_sync_open(a, conninfo, &error);
	cr_assert(s, "%s", error);
}

static void tear_down(void)
{
	db_sync_close(s);
	arena_free(a);
	drop_database();
}

TestSuite(migrate, .init = set_up, .fini = tear_down, .timeout = 120);

static void note(const char *name, void *arg)
{
	size_t used = strlen(applied);

	(void)arg;
	snprintf(applied + used, sizeof(applied) - used, "%.4s ", name);
}

static bool run(const struct migration *list)
{
	applied[0] = '\0';
	return migrate_run(s, a, list, note, NULL, &error);
}

static void refused(const struct migration *list, const char *name, const char *why)
{
	cr_assert_not(run(list), "must be refused: %s", why);
	cr_assert(strstr(error, name) && strstr(error, why), "says so: %s", error);
	cr_assert_str_empty(applied, "before anything was changed");
}

Test(migrate, applies_in_order_and_only_once)
{
	const struct migration first[] = { one, end }, both[] = { one, two, end };

	cr_assert(run(first), "%s", error);
	cr_assert(run(both), "%s", error);
	cr_assert_str_eq(applied, "0002 ", "only the new one");
	cr_assert(run(both), "%s", error);
	cr_assert_str_empty(applied, "nothing left");
	cr_assert_str_eq(database_ask("SELECT count(*) FROM place"), "1", "first file ran once");
	cr_assert_str_eq(database_ask("SELECT string_agg(name, ' ' ORDER BY name)"
				      " FROM public.haven_migration"),
			 "0001_place.sql 0002_person.sql", "recorded");
	cr_assert_str_eq(database_ask("SELECT sha256 = encode(sha256(E'CREATE TABLE place (id int);"
				      "\\nINSERT INTO place VALUES (1);\\n'::bytea), 'hex')"
				      " FROM haven_migration WHERE name ~ '^0001'"),
			 "t", "SHA-256 of the text, as any other program computes it");
}

Test(migrate, refuses_edited_missing_and_late_files)
{
	const struct migration start[] = { one, two, end }, edited[] = { one, two_edited, end };
	const struct migration missing[] = { one, end }, only_one[] = { two, end };

	cr_assert(run(start), "%s", error);
	refused(edited, two.name, "edited");
	refused(missing, two.name, "no such file");
	database_ask("DELETE FROM haven_migration WHERE name ~ '^0001'");
	refused(start, one.name, "later one");
	cr_assert(run(only_one), "the rest is fine: %s", error);
}

Test(migrate, refuses_lists_out_of_order_or_badly_named)
{
	const struct migration swapped[] = { two, one, end };
	const struct migration twice[] = { one, { "0001_other.sql", "SELECT 1" }, end };
	const struct migration unnumbered[] = { { "first.sql", "SELECT 1" }, end };

	refused(swapped, one.name, "does not follow");
	refused(twice, "0001_other.sql", "does not follow");
	refused(unnumbered, "first.sql", "not named");
	cr_assert_str_eq(database_ask("SELECT to_regclass('haven_migration') IS NULL"), "t",
			 "untouched");
}

Test(migrate, a_failing_file_leaves_nothing_of_itself)
{
	const struct migration list[] = { one, two, three, end };

	cr_assert_not(run(list), "division by zero");
	cr_assert(strstr(error, three.name) && strstr(error, "division"), "says so: %s", error);
	cr_assert_str_eq(database_ask("SELECT to_regclass('half') IS NULL"), "t", "rolled back");
	cr_assert_str_eq(database_ask("SELECT count(*) FROM haven_migration"), "2", "two stay");
	cr_assert_not(run(list), "and again, on the same connection");
	cr_assert_str_eq(applied, "0003 ", "begins where it failed");
}

Test(migrate, a_file_must_not_end_its_transaction)
{
	const struct migration list[] = { one, four, end };

	cr_assert_not(run(list), "COMMIT inside");
	cr_assert(strstr(error, "ends the transaction"), "%s", error);
}

Test(migrate, status_lists_every_state)
{
	const struct migration before[] = { one, two, end };
	const struct migration now[] = { two_edited, three, end };
	struct migration_status *all = migrate_status(s, a, before, &error);

	cr_assert(all, "%s", error);
	cr_assert_eq(all[1].state, MIGRATION_PENDING, "before the first run");
	cr_assert_str_eq(database_ask("SELECT to_regclass('haven_migration') IS NULL"), "t",
			 "asking changes nothing");
	cr_assert(run(before), "%s", error);
	all = migrate_status(s, a, now, &error);
	cr_assert_str_eq(all[0].name, one.name, "by name");
	cr_assert_eq(all[0].state, MIGRATION_MISSING, "applied, no file");
	cr_assert_not_null(all[0].applied_at, "when");
	cr_assert_eq(all[1].state, MIGRATION_EDITED, "edited");
	cr_assert_eq(all[2].state, MIGRATION_PENDING, "new");
	cr_assert_null(all[3].name, "end");
}

/* Two runners at once: both succeed, and each file is applied by one of them. */
Test(migrate, two_runners_do_each_file_once)
{
	const struct migration list[] = { one, slow, end };
	pid_t child = fork();
	int status;

	cr_assert_geq(child, 0, "fork");
	if (child == 0) {
		struct arena *own = arena_new();
		struct db_sync *other = db_sync_open(own, conninfo, &error);

		_exit(other && migrate_run(other, own, list, NULL, NULL, &error) ? 0 : 1);
	}
	cr_assert(run(list), "%s", error);
	cr_assert_eq(waitpid(child, &status, 0), child, "child");
	cr_assert(WIFEXITED(status) && WEXITSTATUS(status) == 0, "the other runner too");
	cr_assert_str_eq(database_ask("SELECT string_agg(id::text, ' ' ORDER BY id) FROM place"),
			 "1 5", "once each");
}
