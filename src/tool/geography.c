/* `haven geography import`: streams a postcode file, and takes up what follows from it in one
 * transaction. A run that is ended before has changed nothing. */
#include "geography.h"

#include <string.h>

#include "base/embedded.h"
#include "base/text.h"
#include "json/address.h"
#include "match/geography.h"
#include "sql.h"
#include "survey.h"

enum { LINE = 4096, FIELDS = 80, PROGRESS = 250000, DISTRICTS_LEAST = 20 };

static const char shipped_path[] = "config/geography/kingdom.txt";

const char *geography_shipped(struct tool *t)
{
	const struct embedded *f = embedded_find(shipped_path);

	return arena_strndup(t->arena, (const char *)f->bytes, f->size);
}

int geography_fill(struct tool *t, const char *source, const char *words)
{
	struct batch *taken, *changed;
	const char *error;

	if (!geography_parse(t->arena, words, strlen(words), &error))
		return tool_fail("%s: %s", source, error);
	taken = db_sync_query(t->db, t->arena, &SQL_TOOL_GEOGRAPHY, source, words);
	if (!tool_ok(taken))
		return TOOL_FAILED;
	changed = db_sync_query(t->db, t->arena, &SQL_TOOL_DISTRICTS);
	if (!tool_ok(changed))
		return TOOL_FAILED;
	printf("geography: %s%s\n", source, batch_affected(taken, 0) ? ", taken up" : "");
	if (batch_rows(changed, 0) > 0)
		tool_print(changed);
	return TOOL_DONE;
}

/* ---- reading a file ---- */

/* Which column is what; -1 is none. */
struct columns {
	int postcode, east, north, authority;
};

/* OS Code-Point Open has no line of names. */
static const struct columns code_point = { 0, 2, 3, 8 };

struct file {
	const char *name;
	FILE *f;
	struct columns columns;
	char line[LINE], *field[FIELDS];
	int n;			/* fields of the line */
	int64_t read, kept;
};

/* Splits the line in place. Neither file has a quote or a comma within quotes in the columns that are read. */
static void split(struct file *in)
{
	char *at = in->line;

	in->n = 0;
	at[strcspn(at, "\r\n")] = '\0';
	while (at && in->n < FIELDS) {
		char *end = strchr(at, ',');

		if (end)
			*end = '\0';
		if (*at == '"') {
			at++;
			at[strcspn(at, "\"")] = '\0';
		}
		in->field[in->n++] = at;
		at = end ? end + 1 : NULL;
	}
}

static bool next_line(struct file *in)
{
	if (!fgets(in->line, LINE, in->f))
		return false;
	split(in);
	return true;
}

/* The ONS names its columns anew each year: lad23cd, lad25cd. */
static bool is_column(const char *name, const char *wanted)
{
	size_t n = strlen(wanted);

	return strncasecmp(name, wanted, n) == 0 &&
	       (name[n] == '\0' || (strspn(name + n, "0123456789") == 2 && strcasecmp(name + n + 2, "cd") == 0));
}

static int column(const struct file *in, const char *const *names)
{
	for (; *names; names++)
		for (int i = 0; i < in->n; i++)
			if (is_column(in->field[i], *names))
				return i;
	return -1;
}

static bool find_columns(struct file *in)
{
	static const char *const postcodes[] = { "pcds", "pcd7", "pcd", "pcd8", NULL };
	static const char *const easts[] = { "oseast1m", "east1m", NULL };
	static const char *const norths[] = { "osnrth1m", "north1m", NULL };
	static const char *const authorities[] = { "oslaua", "laua", "lad", NULL };
	struct postcode first;

	if (!next_line(in))
		return false;
	if (postcode_parse(in->field[0], &first)) {
		in->columns = code_point;
		rewind(in->f);
		return in->n > code_point.authority;
	}
	in->columns = (struct columns){ column(in, postcodes), column(in, easts), column(in, norths),
					column(in, authorities) };
	return in->columns.postcode >= 0 && in->columns.east >= 0 && in->columns.north >= 0;
}

static const char *value(const struct file *in, int at)
{
	return at >= 0 && at < in->n ? in->field[at] : "";
}

/* Their positions are on the Irish grid, or there are none: they are districts alone. */
static const char *const areas_alone[] = { "BT", "GY", "IM", "JE", NULL };

static bool alone(const char *outward)
{
	for (const char *const *area = areas_alone; *area; area++)
		if (strncmp(outward, *area, strlen(*area)) == 0)
			return true;
	return false;
}

static bool on_the_grid(const char *text, int64_t *metres)
{
	return text_to_i64(text, metres) && *metres > 0 && *metres < 2000000;
}

/* A row without position is left out; one that is no postcode ends the import. */
static bool take_row(struct file *in, struct survey *s)
{
	struct postcode code;
	int64_t east, north;

	in->read++;
	if (!postcode_parse(value(in, in->columns.postcode), &code))
		return false;
	if (alone(code.outward) || !on_the_grid(value(in, in->columns.east), &east) ||
	    !on_the_grid(value(in, in->columns.north), &north))
		return true;
	in->kept++;
	return survey_add(s, code.outward, (int32_t)east, (int32_t)north, value(in, in->columns.authority));
}

static bool read_rows(struct file *in, struct survey *s)
{
	while (next_line(in)) {
		if (!take_row(in, s))
			return false;
		if (in->read % PROGRESS == 0) {
			printf("%s: %lld rows\n", in->name, (long long)in->read);
			fflush(stdout);
		}
	}
	return !ferror(in->f);
}

static int read_file(const char *name, struct survey *s)
{
	struct file in = { .name = name, .f = fopen(name, "r") };
	bool named, done;

	if (!in.f)
		return tool_fail("%s: %m", name);
	named = find_columns(&in);
	done = named && read_rows(&in, s);
	fclose(in.f);
	if (!named)
		return tool_fail("%s is neither the ONS Postcode Directory nor Code-Point Open: no postcode, easting, "
				 "northing", name);
	if (!done)
		return tool_fail("%s: row %lld is no postcode with its position", name, (long long)in.read);
	printf("%s: %lld rows, %lld with a position\n", name, (long long)in.read, (long long)in.kept);
	return TOOL_DONE;
}

/* ---- taking it up ---- */

static const char *with_those_alone(struct tool *t, const char *words)
{
	struct text all = text_in(t->arena);

	text_puts(&all, words);
	for (const char *const *area = areas_alone; *area; area++)
		text_printf(&all, "alone %s 1 99\n", *area);
	return text_done(&all);
}

static int take_up(struct tool *t, struct survey *s, const char *source)
{
	const char *words = with_those_alone(t, survey_words(s, t->arena));

	if (!db_sync_begin(t->db))
		return tool_fail("the database does not answer");
	if (geography_fill(t, source, words) != TOOL_DONE) {
		db_sync_rollback(t->db);
		return TOOL_FAILED;
	}
	if (!db_sync_commit(t->db))
		return tool_fail("the database did not commit: nothing has changed");
	puts("a running service takes it up within the hour, or when it starts again");
	return TOOL_DONE;
}

static int import_files(struct tool *t, struct survey *s)
{
	for (int i = 0; i < t->argc; i++)
		if (read_file(t->argv[i], s) != TOOL_DONE)
			return TOOL_FAILED;
	if (survey_districts(s) < DISTRICTS_LEAST)
		return tool_fail("only %zu districts: these are not the files of the kingdom", survey_districts(s));
	return take_up(t, s, strrchr(t->argv[0], '/') ? strrchr(t->argv[0], '/') + 1 : t->argv[0]);
}

int tool_geography_import(struct tool *t)
{
	struct survey *s;
	int code;

	if (t->argc < 1)
		return tool_usage(t);
	if (!tool_open(t))
		return TOOL_FAILED;
	s = survey_new();
	code = import_files(t, s);
	survey_free(s);
	return code;
}
