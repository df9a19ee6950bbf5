/* `haven geography import`: what follows from postcodes equals what two loops over all of them say. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../../src/tool/survey.h"
#include "base/text.h"
#include "database.h"
#include "match/geography.h"
#include "memory.h"
#include "tool_rig.h"

enum { DONE, FAILED, USAGE, DISTRICTS = 25, POSTCODES = 3000 };

TestSuite(geography_import, .init = tool_database, .fini = drop_database, .timeout = 120);

struct spot {
	int district, east, north;
};

static const char *code_of(int district)
{
	return arena_printf(test_memory(), "QA%d", district + 1);
}

/* Districts in a patch of 5 by 5, their postcodes scattered over their own square and a little beyond. */
static struct spot scattered(unsigned *seed, int i)
{
	int d = i % DISTRICTS;

	return (struct spot){ d, 400000 + d % 5 * 3000 + rand_r(seed) % 3100, 500000 + d / 5 * 3000 + rand_r(seed) % 3100 };
}

static bool near(const struct spot *all, int a, int b)
{
	for (int i = 0; i < POSTCODES; i++)
		for (int k = 0; all[i].district == a && k < POSTCODES; k++) {
			int64_t east = all[i].east - all[k].east, north = all[i].north - all[k].north;

			if (all[k].district == b && east * east + north * north <= (int64_t)NEAR_M * NEAR_M)
				return true;
		}
	return false;
}

Test(geography_survey, equals_two_loops)
{
	struct arena *a = arena_new();
	struct spot *all = arena_array_of(a, POSTCODES, struct spot);
	struct survey *s = survey_new();
	const char *words, *error;
	struct geography *g;
	unsigned seed = 7;

	for (int i = 0; i < POSTCODES; i++) {
		all[i] = scattered(&seed, i);
		cr_assert(survey_add(s, code_of(all[i].district), all[i].east, all[i].north, ""));
	}
	words = survey_words(s, a);
	g = geography_parse(a, words, strlen(words), &error);
	cr_assert(g, "%s", error);
	for (int x = 0; x < DISTRICTS; x++)
		for (int y = 0; y < x; y++)
			cr_expect_eq(geography_neighbours(g, geography_district(g, code_of(x)), geography_district(g, code_of(y))),
				     near(all, x, y), "%s and %s", code_of(x), code_of(y));
	survey_free(s);
	arena_free(a);
}

/* Every postcode lies within the reach of its district's centre. */
Test(geography_survey, reaches_every_postcode)
{
	struct arena *a = arena_new();
	struct survey *s = survey_new();
	const char *words, *error;
	struct geography *g;
	unsigned seed = 8;

	for (int i = 0; i < POSTCODES; i++) {
		struct spot p = scattered(&seed, i);

		cr_assert(survey_add(s, code_of(p.district), p.east, p.north, ""));
	}
	words = survey_words(s, a);
	g = geography_parse(a, words, strlen(words), &error);
	seed = 8;
	for (int i = 0; i < POSTCODES; i++) {
		struct spot p = scattered(&seed, i);
		struct area c = area_circle(p.east, p.north, 1);

		cr_assert(circle_hits(g, &c, geography_district(g, code_of(p.district))), "row %d", i);
	}
	survey_free(s);
	arena_free(a);
}

/* ---- the command ---- */

static const char *file_of(const char *text)
{
	char *name = arena_strdup(test_memory(), "/tmp/haven-postcodes-XXXXXX");
	int fd = mkstemp(name);

	cr_assert(fd >= 0 && write(fd, text, strlen(text)) == (ssize_t)strlen(text));
	close(fd);
	return name;
}

static const char *directory(void)
{
	struct text t = text_in(test_memory());

	text_puts(&t, "pcd7,pcds,doterm,oseast1m,osnrth1m,osgrdind,lad25cd\n");
	for (int d = 0; d < DISTRICTS; d++)
		text_printf(&t, "\"QA%d 1AA\",\"QA%d 1AA\",\"\",%d,%d,1,E060000%02d\n", d + 1, d + 1, 400000 + 400 * d, 500000, d % 9 + 1);
	text_puts(&t, "\"BT1 1AA\",\"BT1 1AA\",\"\",333900,374500,1,N09000003\n"
		      "\"QB1 1AA\",\"QB1 1AA\",\"199606\",,,9,\n");
	return text_done(&t);
}

static const char *ask(const char *question)
{
	const char *answer = database_ask(question);

	return answer ? answer : "NULL";
}

Test(geography_import, takes_the_directory_of_the_ons)
{
	const char *file = file_of(directory());

	cr_assert_eq(tool("migrate", NULL), DONE, "%s", tool_said);
	cr_assert_eq(tool("geography", "import", file, NULL), DONE, "%s", tool_said);
	unlink(file);
	cr_assert_str_eq(ask("SELECT neighbours::text FROM district WHERE code = 'QA2'"), "{QA1,QA3}");
	cr_assert_str_eq(ask("SELECT count(*) FROM district WHERE code LIKE 'TS%'"), "0", "what was before is gone");
	cr_assert_str_eq(ask("SELECT count(*) FROM district WHERE code = 'QB1'"), "0", "it has no position");
	cr_assert_str_eq(ask("SELECT east_km::text FROM district WHERE code = 'BT1'"), "NULL", "not on this grid");
	cr_assert_str_eq(ask("SELECT count(*) FROM geography WHERE words LIKE '%authorities QA2 E06000002%'"), "1");
	cr_assert(strstr(tool_said, "gone"), "says what changed: %s", tool_said);
	cr_assert_eq(tool("migrate", NULL), DONE, "%s", tool_said);
	cr_assert_str_eq(ask("SELECT count(*) FROM district WHERE code LIKE 'TS%'"), "0", "the shipped one does not come back");
}

Test(geography_import, takes_code_point_open)
{
	struct text t = text_in(test_memory());
	const char *file;

	for (int d = 0; d < DISTRICTS; d++)
		text_printf(&t, "\"QA%d 1AA\",10,%d,%d,\"E92000001\",\"\",\"\",\"\",\"E06000002\",\"E05001390\"\n", d + 1,
			    400000 + 400 * d, 500000);
	file = file_of(text_done(&t));
	cr_assert_eq(tool("migrate", NULL), DONE, "%s", tool_said);
	cr_assert_eq(tool("geography", "import", file, NULL), DONE, "%s", tool_said);
	unlink(file);
	cr_assert_str_eq(ask("SELECT neighbours::text FROM district WHERE code = 'QA2'"), "{QA1,QA3}");
	cr_assert_str_eq(ask("SELECT count(*) FROM geography WHERE words LIKE '%authorities QA2 E06000002%'"), "1");
}

/* Nothing has changed where a file is no postcode file, or ends in the middle of a row. */
Test(geography_import, changes_nothing_by_halves)
{
	const char *cut = arena_printf(test_memory(), "%sQA1 1", directory());
	const char *wrong[] = { file_of("name,age\nA,7\n"), file_of(""), file_of(cut), file_of("pcds,oseast1m,osnrth1m\nQA1 1AA,400000,500000\n") };

	cr_assert_eq(tool("migrate", NULL), DONE, "%s", tool_said);
	for (size_t i = 0; i < sizeof(wrong) / sizeof(*wrong); i++) {
		cr_expect_eq(tool("geography", "import", wrong[i], NULL), FAILED, "%zu: %s", i, tool_said);
		unlink(wrong[i]);
		cr_expect_str_eq(ask("SELECT source FROM geography"), "shipped");
	}
	cr_assert_eq(tool("geography", "import", "/nonexistent", NULL), FAILED);
	cr_assert_eq(tool("geography", "import", NULL), USAGE);
}
