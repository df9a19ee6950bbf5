#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/config.h"

struct settings {
	const char *name, *secret;
	int port;
	bool fast;
};

static const struct config_key keys[] = {
	{ "test_name", CONFIG_TEXT, offsetof(struct settings, name), "haven", .help = "What it is called" },
	{ "test_port", CONFIG_INT, offsetof(struct settings, port), "80", .min = 1, .max = 65535, .help = "Where" },
	{ "test_fast", CONFIG_BOOL, offsetof(struct settings, fast), "false", .help = "How" },
	{ "test_secret", CONFIG_TEXT, offsetof(struct settings, secret), "", .secret = true, .help = "Who" },
	{ 0 },
};

static struct arena *a;
static char dir[] = "/tmp/haven-config-XXXXXX";

static void begin(void)
{
	a = arena_new();
	cr_assert_not_null(mkdtemp(dir));
}

static void end(void)
{
	static const char *const files[] = { "conf", "test_name", "test_secret" };

	for (size_t i = 0; i < sizeof(files) / sizeof(*files); i++)
		unlink(arena_printf(a, "%s/%s", dir, files[i]));
	rmdir(dir);
	arena_free(a);
}

TestSuite(config, .init = begin, .fini = end);

static const char *file(const char *name, const char *content)
{
	const char *path = arena_printf(a, "%s/%s", dir, name);
	FILE *f = fopen(path, "w");

	cr_assert(f);
	fputs(content, f);
	fclose(f);
	return path;
}

static struct settings loaded(const char *path)
{
	struct settings s;
	const char *error;

	cr_assert(config_load(a, keys, path, &s, &error), "%s", error);
	return s;
}

Test(config, later_sources_win)
{
	struct settings s = loaded(NULL);

	cr_assert_str_eq(s.name, "haven");
	cr_assert_eq(s.port, 80);
	s = loaded(file("conf", "# a remark\ntest_name = from the file\ntest_port=81\ntest_fast = true\n"));
	cr_assert_str_eq(s.name, "from the file");
	cr_assert(s.port == 81 && s.fast);
	setenv("HAVEN_TEST_NAME", "from the environment", 1);
	s = loaded(file("conf", "test_name = from the file\n"));
	cr_assert_str_eq(s.name, "from the environment");
	file("test_name", "from a credential\n");
	setenv("CREDENTIALS_DIRECTORY", dir, 1);
	s = loaded(file("conf", "test_name = from the file\n"));
	cr_assert_str_eq(s.name, "from a credential", "without its line end");
}

Test(config, errors_name_their_place)
{
	static const char *const cases[][2] = {
		{ "test_name = x\nunknown = 1\n", "conf:2: unknown key unknown" },
		{ "test_port = 0\n", "conf:1: test_port must be a whole number from 1 to 65535" },
		{ "test_port = 65536\n", "conf:1: " },
		{ "test_port = 80x\n", "conf:1: " },
		{ "test_port =\n", "conf:1: " },
		{ "test_fast = maybe\n", "conf:1: " },
		{ "\n\nnonsense\n", "conf:3: " },
		{ "[section]\ntest_name = x\n", "conf:" },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct settings s;
		const char *error = NULL;

		cr_expect_not(config_load(a, keys, file("conf", cases[i][0]), &s, &error), "%s was taken", cases[i][0]);
		cr_expect(error && strstr(error, cases[i][1]), "%s: %s", cases[i][0], error);
	}
}

Test(config, environment_errors_name_the_variable)
{
	struct settings s;
	const char *error;

	setenv("HAVEN_TEST_PORT", "many", 1);
	cr_assert_not(config_load(a, keys, NULL, &s, &error));
	cr_assert(strstr(error, "HAVEN_TEST_PORT"), "%s", error);
	unsetenv("HAVEN_TEST_PORT");
	cr_assert_not(config_load(a, keys, "/nonexistent", &s, &error), "a file that is not there is an error");
}

Test(config, what_is_printed_can_be_read_and_holds_no_secret)
{
	struct settings s = loaded(file("conf", "test_name = a name\ntest_port = 8123\ntest_fast = true\ntest_secret = hush\n")), again;
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	config_print(keys, &s, out);
	fclose(out);
	cr_assert_null(strstr(text, "hush"), "%s", text);
	cr_assert(strstr(text, "test_secret = (set)"), "%s", text);
	again = loaded(file("conf", text));
	cr_assert_str_eq(again.name, "a name");
	cr_assert(again.port == 8123 && again.fast);
	cr_assert_str_eq(again.secret, "", "a secret is a remark in the printed form");
	free(text);
}
