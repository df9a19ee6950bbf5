/* src/db/embed.awk as the build runs it; the working directory is that of the repository. */
#include <criterion/criterion.h>
#include <criterion/parameterized.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static char folder[64], out[96], file[96];

static void set_up(void)
{
	snprintf(folder, sizeof(folder), "/tmp/haven-embed-XXXXXX");
	cr_assert(mkdtemp(folder), "temporary folder");
	snprintf(out, sizeof(out), "out=%s/sql", folder);
	snprintf(file, sizeof(file), "%s/a.sql", folder);
}

static void tear_down(void)
{
	char path[128];

	for (int i = 0; i < 3; i++) {
		snprintf(path, sizeof(path), "%s/%s", folder,
			 (const char *const[]){ "a.sql", "sql.h", "sql.c" }[i]);
		unlink(path);
	}
	rmdir(folder);
}

static void run_awk(const char *input)
{
	int null = open("/dev/null", O_WRONLY | O_CLOEXEC);

	dup2(null, STDERR_FILENO);
	execlp("awk", "awk", "-v", out, "-f", "src/db/embed.awk", input, (char *)NULL);
	_exit(127);
}

/* The exit status of the script on that text; NULL: no files at all. */
static int embed(const char *text)
{
	FILE *f = fopen(file, "we");
	int status;
	pid_t child;

	cr_assert(f, "%s", file);
	fputs(text ? text : "", f);
	fclose(f);
	child = fork();
	cr_assert_geq(child, 0, "fork");
	if (child == 0)
		run_awk(text ? file : NULL);
	waitpid(child, &status, 0);
	cr_assert(WIFEXITED(status) && WEXITSTATUS(status) != 127, "awk runs");
	return WEXITSTATUS(status);
}

static bool generated(const char *name, const char *expected)
{
	char path[128], text[4096];
	FILE *f;
	size_t n;

	snprintf(path, sizeof(path), "%s/%s", folder, name);
	f = fopen(path, "re");
	cr_assert(f, "%s was written", path);
	n = fread(text, 1, sizeof(text) - 1, f);
	fclose(f);
	text[n] = '\0';
	return strstr(text, expected) != NULL;
}

TestSuite(embed, .init = set_up, .fini = tear_down, .timeout = 120);

Test(embed, keeps_lines_and_drops_comments)
{
	cr_assert_eq(embed("-- about the file; with a semicolon\n"
			   "-- name: one\n-- role: vault\n-- result: binary\n-- plan: custom\n-- why\n"
			   "SELECT $1, 'it''s -- no $9 comment;'\t-- but; this is\n"
			   "\tFROM \"a;b\" WHERE x = $12 AND y ~ '\\d'\n;\n\n"
			   "-- name: two\nSELECT 1\n"),
		     0, "accepted");
	cr_assert(generated("sql.h", "extern const struct sql SQL_ONE;"), "declared");
	cr_assert(generated("sql.c", "\"SELECT $1, 'it''s -- no $9 comment;'\\n\""), "first line");
	cr_assert(generated("sql.c",
			    "\"\\tFROM \\\"a;b\\\" WHERE x = $12 AND y ~ '\\\\d'\\n\""), "second");
	cr_assert(generated("sql.c", ", 12, SQL_ROLE_VAULT, true, true }"), "highest parameter, role, result and plan");
	cr_assert(generated("sql.c", ", 0, SQL_ROLE_WORKER, false, false }"), "role, result and plan left out");
	cr_assert(generated("sql.c", "&SQL_ONE,\n\t&SQL_TWO,\n\tNULL,"), "listed");
}

Test(embed, a_body_between_dollars_is_one_statement)
{
	cr_assert_eq(embed("-- name: f\nCREATE FUNCTION f(a int) AS $$\nBEGIN; -- kept\n\tRETURN $9;\nEND $$ -- dropped\n-- name: g\nSELECT $1\n"), 0,
		     "accepted");
	cr_assert(generated("sql.c", "\"BEGIN; -- kept\\n\"\n\t\"\\tRETURN $9;\\n\"\n\t\"END $$\\n\""), "the body, whole");
	cr_assert(generated("sql.c", ", 0, SQL_ROLE_WORKER"), "no parameter of the statement is in it");
	cr_assert_eq(embed("-- name: f\nCREATE FUNCTION f(a int) AS $$\nBEGIN\n"), 1, "an open body");
}

Test(embed, no_files_give_an_empty_list)
{
	cr_assert_eq(embed(NULL), 0, "accepted");
	cr_assert(generated("sql.c", "sql_all[] = {\n\tNULL,"), "empty");
}

struct bad {
	char what[40];
	char text[80];
};

ParameterizedTestParameters(embed, refuses)
{
	static struct bad rows[] = {
		{ "two statements on a line", "-- name: a\nSELECT 1; SELECT 2\n" },
		{ "two statements on two lines", "-- name: a\nSELECT 1;\nSELECT 2\n" },
		{ "a name used twice", "-- name: a\nSELECT 1\n-- name: a\nSELECT 2\n" },
		{ "a name without statement", "-- name: a\n-- name: b\nSELECT 2\n" },
		{ "the last name without statement", "-- name: a\n" },
		{ "a statement without name", "SELECT 1\n" },
		{ "a bad name", "-- name: Bad-Name\nSELECT 1\n" },
		{ "a role that is none", "-- name: a\n-- role: king\nSELECT 1\n" },
		{ "a form of result that is none", "-- name: a\n-- result: text\nSELECT 1\n" },
		{ "a plan that is none", "-- name: a\n-- plan: generic\nSELECT 1\n" },
		{ "an open quote", "-- name: a\nSELECT 'x\n" },
	};

	return cr_make_param_array(struct bad, rows, sizeof(rows) / sizeof(rows[0]));
}

ParameterizedTest(struct bad *b, embed, refuses)
{
	char path[128];

	snprintf(path, sizeof(path), "%s/sql.c", folder);
	cr_assert_eq(embed(b->text), 1, "%s must fail the build", b->what);
	cr_assert_neq(access(path, F_OK), 0, "%s leaves no file behind", b->what);
}
