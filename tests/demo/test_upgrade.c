/* What has landed is migrated to what is here with data in it: the files of migrations/landed (all,
 * where there is no such list) make a database, the demo of size M fills it, and every later file
 * is applied. One more file comes last, so that there is always something to do. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

#include "app/migrations.h"
#include "database.h"
#include "db/migrate.h"
#include "memory.h"
#include "tool_rig.h"

enum { DONE, FILES = 200 };

TestSuite(upgrade, .init = tool_database, .fini = drop_database, .timeout = 600);

/* A table about households, as a later migration makes one. */
static const struct migration later = {
	"9999_later.sql",
	"CREATE TABLE later (id uuid PRIMARY KEY DEFAULT gen_random_uuid(), household_id uuid NOT "
	"NULL REFERENCES household,"
	" words text);"
	"COMMENT ON TABLE later IS 'Of the test.';"
	"SELECT guard('later', 'case', writes => 'insert', untold => '{words}', erase => 'rows');"
	"INSERT INTO later (household_id, words) SELECT id, 'told' FROM household;"
	"ALTER TABLE household ADD COLUMN later integer NOT NULL DEFAULT 7"
};

static bool landed(const char *name)
{
	char line[512], file[256];
	FILE *list = fopen("migrations/landed", "r");
	bool found = !list;

	while (list && !found && fgets(line, sizeof(line), list))
		found = sscanf(line, "%*64s  migrations/%255s", file) == 1 &&
			strcmp(file, name) == 0;
	if (list)
		fclose(list);
	return found;
}

static void migrate(const struct migration *list)
{
	const char *error;
	struct db_sync *s = db_sync_open(test_memory(), database_conninfo(), &error);

	cr_assert(s, "%s", error);
	cr_assert(migrate_run(s, test_memory(), list, NULL, NULL, &error), "%s", error);
	db_sync_close(s);
}

Test(upgrade, a_database_with_data_comes_from_the_landed_files_to_the_newest)
{
	const struct migration *all = migrations_list(test_memory());
	struct migration before[FILES] = { 0 }, after[FILES] = { 0 };
	const char *households;
	size_t old = 0, n = 0;

	for (; all[n].name; n++) {
		cr_assert_lt(n, FILES - 2);
		after[n] = all[n];
		if (landed(all[n].name))
			before[old++] = all[n];
	}
	after[n] = later;
	migrate(before);
	cr_assert_eq(tool("demo", "load", "--size", "M", NULL), DONE, "%s", tool_said);
	households = database_ask("SELECT count(*) FROM household");
	migrate(after);
	cr_assert_str_eq(database_ask("SELECT count(*) FROM household WHERE later = 7"), households,
			 "nobody was lost");
	cr_assert_str_eq(database_ask("SELECT count(*) FROM later"), households);
	cr_assert_str_eq(database_ask("SELECT count(*) FROM haven_migration"),
			 database_ask("SELECT count(DISTINCT name) FROM haven_migration"));
	cr_assert_str_eq(database_ask("SELECT kind || ' ' || erase FROM guarded WHERE of_table = "
				      "'later'::regclass"),
			 "case rows");
}
