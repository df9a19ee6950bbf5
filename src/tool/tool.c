#include "tool/tool.h"

#include <sodium.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "app/openapi.h"
#include "app/routes.h"
#include "base/codes.h"
#include "base/text.h"

enum { GAP = 2, HELP_INDENT = 6, HELP_WIDTH = 100 };

/* ---- shared by commands ---- */

int tool_fail(const char *fmt, ...)
{
	va_list args;

	fputs("haven: ", stderr);
	va_start(args, fmt);
	vfprintf(stderr, fmt, args);
	va_end(args);
	fputc('\n', stderr);
	return TOOL_FAILED;
}

int tool_usage(const struct tool *t)
{
	fprintf(stderr, "usage: haven [--config FILE] %s %s\n", t->command->name,
		t->command->usage);
	return TOOL_USAGE;
}

bool tool_options(struct tool *t, const struct option *options, const char **values)
{
	char **from = t->argv - 1;	/* getopt skips the first word: here the last word of the command */
	int found;

	optind = 0;
	opterr = 0;
	while ((found = getopt_long(t->argc + 1, from, "", options, NULL)) != -1) {
		if (found == '?')
			return false;
		values[found] = optarg ? optarg : "";
	}
	t->argc -= optind - 1;
	t->argv += optind - 1;
	return true;
}

bool tool_open(struct tool *t)
{
	const char *error;

	if (t->db)
		return true;
	t->db = db_sync_open(t->arena, app_conninfo(t->arena, &t->config, t->config.owner_role),
			     &error);
	if (!t->db)
		tool_fail("%s", error);
	return t->db != NULL;
}

bool tool_ok(const struct batch *b)
{
	const struct db_error *e = batch_error(b);

	if (batch_outcome(b) == DB_OK)
		return true;
	if (e)
		tool_fail("%s: the database refused it (%s%s%s)",
			  e->statement ? e->statement : "statement", e->sqlstate,
			  e->constraint ? ", " : "", e->constraint ? e->constraint : "");
	else
		tool_fail("the connection to the database was lost");
	return false;
}

static int width_of(const char *value)
{
	ptrdiff_t n = value ? text_utf8_len(value, strlen(value)) : 0;

	return n < 0 ? 0 : (int)n;
}

static const char *cell(const struct batch *b, int row, int col)
{
	const char *value = row < 0 ? batch_column_name(b, 0, col) : batch_value_at(b, 0, row, col);

	return value ? value : "";
}

static int column_width(const struct batch *b, int col)
{
	int width = 0;

	for (int row = -1; row < batch_rows(b, 0); row++)
		if (width_of(cell(b, row, col)) > width)
			width = width_of(cell(b, row, col));
	return width;
}

void tool_print(const struct batch *b)
{
	int last = batch_columns(b, 0) - 1;

	for (int row = -1; row < batch_rows(b, 0); row++) {
		for (int col = 0; col < last; col++) {
			const char *value = cell(b, row, col);

			printf("%s%*s", value, column_width(b, col) - width_of(value) + GAP, "");
		}
		printf("%s\n", cell(b, row, last));
	}
}

int tool_found(const struct batch *b, const char *nothing)
{
	if (!tool_ok(b))
		return TOOL_FAILED;
	return batch_rows(b, 0) ? TOOL_DONE : tool_fail("%s", nothing);
}

int tool_list(struct tool *t, const struct sql *sql)
{
	struct batch *b;

	if (!tool_open(t))
		return TOOL_FAILED;
	b = db_sync_query(t->db, t->arena, sql);
	if (!tool_ok(b))
		return TOOL_FAILED;
	tool_print(b);
	return TOOL_DONE;
}

const char *tool_names(struct arena *a, const struct code_list *list)
{
	struct text t = text_in(a);

	for (size_t i = 0; i < list->n; i++)
		text_printf(&t, "%s%s", i ? ", " : "", list->rows[i].code);
	return text_done(&t);
}

/* ---- commands that need no database ---- */

/* In lines of HELP_WIDTH, each after HELP_INDENT blanks. */
static void print_help(const char *help)
{
	size_t column = 0;

	for (const char *word = help; *word;) {
		size_t n = strcspn(word, " ");

		if (column == 0 || column + 1 + n > HELP_WIDTH) {
			printf("\n%*s", HELP_INDENT, "");
			column = HELP_INDENT;
		} else {
			putchar(' ');
			column++;
		}
		printf("%.*s", (int)n, word);
		column += n;
		word += n + (word[n] == ' ');
	}
	putchar('\n');
}

int tool_help(struct tool *t)
{
	puts("usage: haven [--config FILE] COMMAND");
	for (const struct tool_command *c = t->commands; c->name; c++) {
		printf("\n  %s%s%s", c->name, *c->usage ? " " : "", c->usage);
		print_help(c->help);
	}
	puts("\nSettings: --config or $HAVEN_CONFIG names a file, HAVEN_<KEY> overrides it.");
	return TOOL_DONE;
}

int tool_config(struct tool *t)
{
	config_print(app_config_keys, &t->config, stdout);
	return TOOL_DONE;
}

int tool_openapi(struct tool *t)
{
	puts(app_openapi(t->arena, app_tables));
	return TOOL_DONE;
}

/* ---- dispatch ---- */

static const struct tool_command *command_named(const struct tool *t, const char *name)
{
	for (const struct tool_command *c = t->commands; c->name; c++)
		if (strcmp(c->name, name) == 0)
			return c;
	return NULL;
}

/* The longest name wins: "migrate status" is not `migrate` with an argument. */
static bool find_command(struct tool *t)
{
	int words = 2;

	if (t->argc > 1)
		t->command = command_named(t, arena_printf(t->arena, "%s %s", t->argv[0], t->argv[1]));
	if (!t->command) {
		words = 1;
		t->command = command_named(t, t->argc ? t->argv[0] : "");
	}
	if (!t->command)
		return false;
	t->argc -= words;
	t->argv += words;
	return true;
}

static bool takes_no_words(const struct tool *t)
{
	return *t->command->usage == '\0';
}

static int run_command(struct tool *t, const char *file)
{
	const char *error;

	if (!find_command(t)) {
		fputs("haven: no such command; `haven help` lists them\n", stderr);
		return TOOL_USAGE;
	}
	if (takes_no_words(t) && t->argc > 0)
		return tool_usage(t);
	if (!config_load(t->arena, app_config_keys, file, &t->config, &error))
		return tool_fail("configuration: %s", error);
	if (sodium_init() < 0)
		return tool_fail("libsodium cannot be used");
	return t->command->fn(t);
}

int tool_run(const struct tool_command *commands, int argc, char **argv)
{
	static const struct option options[] = { { "config", required_argument, NULL, 'c' },
						 { "help", no_argument, NULL, 'h' },
						 { 0 } };
	struct tool t = { .arena = arena_new(), .commands = commands };
	const char *file = getenv("HAVEN_CONFIG");
	int found, code = TOOL_USAGE;

	optind = 0;
	while ((found = getopt_long(argc, argv, "+", options, NULL)) == 'c')
		file = optarg;
	t.argc = argc - optind;
	t.argv = argv + optind;
	if (found == 'h')
		code = tool_help(&t);
	else if (found == -1)
		code = run_command(&t, file);
	db_sync_close(t.db);
	arena_free(t.arena);
	return fflush(stdout) == 0 ? code : TOOL_FAILED;
}
