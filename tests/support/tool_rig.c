#include "tool_rig.h"

#include <criterion/criterion.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../../cmd/haven/commands.h"
#include "database.h"
#include "memory.h"

enum { WORDS = 16, WORD = 128 };

char tool_said[65536];

static void use(const char *template)
{
	setenv("HAVEN_DATABASE", fresh_database(template), 1);
	setenv("HAVEN_KEY_FILE", "/nonexistent/key", 1);
}

void tool_database(void)
{
	use(NULL);
}

void tool_database_migrated(void)
{
	use("haven_schema");
}

static int run(va_list args, const char *first)
{
	char name[] = "haven";
	char *argv[WORDS] = { name }, words[WORDS][WORD];
	int argc = 1, out = test_scratch(), saved = dup(STDOUT_FILENO), code;
	ssize_t n;

	for (const char *word = first; word; word = va_arg(args, const char *)) {
		snprintf(words[argc], WORD, "%s", word);
		argv[argc] = words[argc];
		argc++;
	}
	fflush(stdout);
	dup2(out, STDOUT_FILENO);
	code = tool_run(haven_commands, argc, argv);
	fflush(stdout);
	dup2(saved, STDOUT_FILENO);
	close(saved);
	n = pread(out, tool_said, sizeof(tool_said) - 1, 0);
	tool_said[n < 0 ? 0 : n] = '\0';
	close(out);
	return code;
}

int tool(const char *first, ...)
{
	va_list args;
	int code;

	va_start(args, first);
	code = run(args, first);
	va_end(args);
	return code;
}

int tool_hears(const char *line, const char *first, ...)
{
	int in = test_scratch();
	va_list args;
	int code;

	cr_assert(write(in, line, strlen(line)) == (ssize_t)strlen(line), "scratch file");
	lseek(in, 0, SEEK_SET);
	dup2(in, STDIN_FILENO);
	clearerr(stdin);
	va_start(args, first);
	code = run(args, first);
	va_end(args);
	close(in);
	return code;
}
