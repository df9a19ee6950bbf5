/* A bank's statement, read in by a map of its columns: first what each row is, which changes nothing, then the rows
 * that are applied. The words of a row never stay; only the reference of a payment that they hold does. */
#include <csv.h>
#include <sodium.h>
#include <string.h>

#include "api/codes.h"
#include "api/outcomes.h"
#include "api/resource.h"
#include "api/rights.h"
#include "api/routes.h"
#include "base/date.h"
#include "base/die.h"
#include "case.h"
#include "fund_run.h"
#include "json/write.h"
#include "sql.h"

enum { TEXT_MAX = 60000, TEXT_SENT = 64000, ROWS_MAX = 2000, FAULTS_TOLD = 5, CELL_MAX = 500 };

/* ---- what is sent ---- */

struct statement_in {
	const char *label, *text, *day_column, *amount_column, *words_column, *day_format;
};
static const struct field statement_fields[] = {
	FIELD(struct statement_in, label, TEXT, "account_label", .required = true, .prose = true, .max = 40, .label = "What you call the account",
	      .ask = "Enter what you call the account", .help = "Not its number."),
	FIELD(struct statement_in, text, MULTILINE, "text", .required = true, .max = TEXT_SENT, .sealed = true,
	      .label = "Statement", .ask = "Paste the statement",
	      .help = "Comma-separated values with a row of column names; amounts below zero were paid out. At most 60,000 characters: "
		      "send a longer one in parts, each with the row of column names."),
	FIELD(struct statement_in, day_column, TEXT, "day_column", .max = 60, .def = "date"),
	FIELD(struct statement_in, amount_column, TEXT, "amount_column", .max = 60, .def = "amount"),
	FIELD(struct statement_in, words_column, TEXT, "words_column", .max = 60, .def = "reference"),
	FIELD(struct statement_in, day_format, CODE, "day_format", .def = "iso", .codes = &day_format_codes),
};
static const struct input statement_input = INPUT(struct statement_in, statement_fields);

/* ---- reading its rows ---- */

enum { DAY, AMOUNT, WORDS, COLUMNS };

struct reading {
	const struct statement_in *in;
	int column, row, rows;		/* of the cell; of the line, the names are 1; read so far */
	int place[COLUMNS];		/* the columns wanted, or -1 */
	char cell[COLUMNS][CELL_MAX + 1];
	struct text lines, faults;
	int nfaults;
};

static void fault(struct reading *r, const char *what)
{
	if (r->nfaults++ < FAULTS_TOLD)
		text_printf(&r->faults, "%sRow %d: %s", r->nfaults > 1 ? "; " : "", r->row, what);
}

static const char *wanted(const struct statement_in *in, int i)
{
	const char *const names[COLUMNS] = { in->day_column, in->amount_column, in->words_column };

	return names[i];
}

static void take_name(struct reading *r, const char *name, size_t len)
{
	for (int i = 0; i < COLUMNS; i++)
		if (strlen(wanted(r->in, i)) == len && strncasecmp(wanted(r->in, i), name, len) == 0)
			r->place[i] = r->column;
}

static void take_cell(struct reading *r, const char *cell, size_t len)
{
	for (int i = 0; i < COLUMNS; i++) {
		if (r->place[i] != r->column)
			continue;
		if (len > CELL_MAX)
			len = CELL_MAX;
		memcpy(r->cell[i], cell, len);
		r->cell[i][len] = '\0';
	}
}

static void on_cell(void *cell, size_t len, void *reading)
{
	struct reading *r = reading;

	if (r->row == 1)
		take_name(r, cell, len);
	else
		take_cell(r, cell, len);
	r->column++;
}

/* "30/11/2026" or "2026-11-30", as the map says: nothing is guessed. */
static bool read_day(const struct reading *r, const char *s, char out[11])
{
	int32_t day;

	if (text_eq(r->in->day_format, "dmy")) {
		if (strlen(s) != 10 || s[2] != '/' || s[5] != '/')
			return false;
		snprintf(out, 11, "%.4s-%.2s-%.2s", s + 6, s + 3, s);
	} else {
		if (strlen(s) != 10)
			return false;
		memcpy(out, s, 11);
	}
	return day_parse(out, &day) && day <= today();
}

/* "-1234.50" in pence: no thousands separators, two decimals or none. */
static bool read_pence(const char *s, int64_t *pence)
{
	bool minus = *s == '-';
	size_t whole;
	int64_t n = 0;

	s += minus || *s == '+';
	whole = strspn(s, "0123456789");
	if (whole < 1 || whole > 9 ||
	    (s[whole] && (s[whole] != '.' || strspn(s + whole + 1, "0123456789") != 2 || s[whole + 3])))
		return false;
	for (size_t i = 0; i < whole; i++)
		n = n * 10 + (s[i] - '0');
	n *= 100;
	if (s[whole])
		n += (s[whole + 1] - '0') * 10 + (s[whole + 2] - '0');
	*pence = minus ? -n : n;
	return n != 0;
}

static void put_row(struct reading *r)
{
	char day[11];
	int64_t pence;
	bool sound = true;

	if (!read_day(r, r->cell[DAY], day)) {
		fault(r, "the day is no date of that form, or has not come yet");
		sound = false;
	}
	if (!read_pence(r->cell[AMOUNT], &pence)) {
		fault(r, "the amount is no number of pounds like -40.50");
		sound = false;
	}
	if (!sound)
		return;
	json_object_begin(&r->lines);
	json_put_text(&r->lines, "day", day);
	json_put_key(&r->lines, "amount_pence");
	json_put_i64(&r->lines, pence);
	json_put_text(&r->lines, "words", r->cell[WORDS]);
	json_object_end(&r->lines);
	r->rows++;
}

static void on_row(int end, void *reading)
{
	struct reading *r = reading;

	(void)end;
	if (r->row > 1 && r->nfaults < FAULTS_TOLD)
		put_row(r);
	r->row++;
	r->column = 0;
	memset(r->cell, 0, sizeof(r->cell));
}

static void parse(struct reading *r)
{
	struct csv_parser p;
	const char *text = r->in->text;

	if (strncmp(text, "\xef\xbb\xbf", 3) == 0)
		text += 3;
	if (csv_init(&p, CSV_STRICT | CSV_STRICT_FINI) != 0)
		die("csv_init");
	if (csv_parse(&p, text, strlen(text), on_cell, on_row, r) != strlen(text) || csv_fini(&p, on_cell, on_row, r) != 0)
		fault(r, "a quotation mark is not closed");
	csv_free(&p);
}

static void check_columns(struct ctx *c, const struct reading *r)
{
	static const char *const pointers[COLUMNS] = { "/day_column", "/amount_column", "/words_column" };

	for (int i = 0; i < COLUMNS; i++)
		if (r->place[i] < 0)
			ctx_error(c, pointers[i], "no_such_column", "The statement has no column of this name");
}

static bool too_long(const char *text)
{
	int n = 0;

	for (; *text; text++)
		n += ((unsigned char)*text & 0xC0) != 0x80;
	return n > TEXT_MAX;
}

static void check_statement(struct ctx *c)
{
	const struct statement_in *in = ctx_input(c);
	struct reading *r = arena_new_of(ctx_arena(c), struct reading);

	if (!in->text || !in->day_column || !in->amount_column || !in->words_column)
		return;
	if (too_long(in->text)) {
		ctx_error(c, "/text", "too_long",
			  "The statement has more than 60,000 characters: send it in parts, each with the row of column names. "
			  "A row that is sent twice is known again");
		return;
	}
	r->in = in;
	r->row = 1;
	for (int i = 0; i < COLUMNS; i++)
		r->place[i] = -1;
	r->lines = text_in(ctx_arena(c));
	r->faults = text_in(ctx_arena(c));
	json_array_begin(&r->lines);
	parse(r);
	json_array_end(&r->lines);
	ctx_set(c, r);
	check_columns(c, r);
	if (r->nfaults)
		ctx_error(c, "/text", "bad_row", text_done(&r->faults));
	else if (r->rows == 0)
		ctx_error(c, "/text", "too_few", "The statement has no rows");
	else if (r->rows > ROWS_MAX)
		ctx_error(c, "/text", "too_many", "A statement has at most 2,000 rows: send it in parts");
}

/* ---- keeping it ---- */

static const char *hash_of(struct ctx *c, const char *text)
{
	unsigned char digest[crypto_hash_sha256_BYTES];
	char *hex = arena_alloc(ctx_arena(c), 2 * sizeof(digest) + 1);

	crypto_hash_sha256(digest, (const unsigned char *)text, strlen(text));
	return sodium_bin2hex(hex, 2 * sizeof(digest) + 1, digest, sizeof(digest));
}

static struct reply statement_shown(struct ctx *c)
{
	return created(c, row_json(c, 0, 0), "/fund/statements/%s", value(c, 0, 0, "id"));
}

static struct reply statement_kept(struct ctx *c)
{
	if (!value(c, 0, 0, "id"))
		return problem(c, PROBLEM_NOT_FOUND);
	query(c, &SQL_FUND_STATEMENT_SHOW, value(c, 0, 0, "id"));
	return then(statement_shown);
}

static struct reply statement_create(struct ctx *c)
{
	const struct statement_in *in = ctx_input(c);
	struct reading *r = ctx_get(c);

	/* read by another map it is another statement: a wrong map can be put right */
	query(c, &SQL_FUND_STATEMENT_READ, ctx_json(c), text_done(&r->lines),
	      hash_of(c, arena_printf(ctx_arena(c), "%s\n%s\n%s\n%s\n%s", in->day_column, in->amount_column, in->words_column,
				      in->day_format, in->text)));
	return then(statement_kept);
}

/* ---- showing ---- */

static struct reply listed(struct ctx *c)
{
	return list_reply(c, 0);
}

static struct reply statement_list(struct ctx *c)
{
	query(c, &SQL_FUND_STATEMENT_LIST, page_size(c), page_cursor(c));
	return then(listed);
}

static struct reply found(struct ctx *c)
{
	return row_reply(c, 0);
}

static struct reply statement_get(struct ctx *c)
{
	query(c, &SQL_FUND_STATEMENT_SHOW, ctx_id(c, "id"));
	return then(found);
}

/* ---- applying ---- */

static struct reply acted(struct ctx *c)
{
	return run_done(c, arena_printf(ctx_arena(c), "/fund/statements/%s", ctx_id(c, "id")));
}

static struct reply then_shown(struct ctx *c)
{
	query(c, &SQL_FUND_STATEMENT_SHOW, ctx_id(c, "id"));
	return then(acted);
}

struct apply_in {
	struct json_list rows;
};
static const struct field apply_fields[] = {
	FIELD(struct apply_in, rows, INT, "rows", .max_items = 2000, .min = 1,
	      .help = "The rows to apply; all that are certain if left out. A row that is only likely, or not known at "
		      "all, is applied when it is named here."),
};
static const struct input apply_input = INPUT(struct apply_in, apply_fields);

static struct reply statement_apply(struct ctx *c)
{
	if (!fund_if_match(c))
		return problem(c, PROBLEM_MATCH_MISSING);
	query(c, &SQL_FUND_STATEMENT_APPLY, ctx_id(c, "id"), ctx_if_match(c), ctx_json(c));
	return then_shown(c);
}

struct explain_in {
	int64_t row;
	const char *what;
};
static const struct field explain_fields[] = {
	FIELD(struct explain_in, row, INT, "row", .required = true, .min = 1),
	FIELD(struct explain_in, what, CODE, "explained", .required = true, .codes = &explained_as_codes,
	      .ask = "Select what it was"),
};
static const struct input explain_input = INPUT(struct explain_in, explain_fields);

static struct reply row_explain(struct ctx *c)
{
	const struct explain_in *in = ctx_input(c);

	query(c, &SQL_FUND_STATEMENT_EXPLAIN, ctx_id(c, "id"), int_param(c, in->row), in->what);
	return then_shown(c);
}

/* ---- routes ---- */

#define LINE_MEMBERS \
	SHAPE_ID, \
	SHAPE("account_label", TEXT), \
	SHAPE("rows", INT), \
	SHAPE("waiting", INT), \
	SHAPE("suspended", INT), \
	SHAPE("read_by", TEXT, .nullable = true), \
	SHAPE("read_at", INSTANT), \
	SHAPE_VERSION

static const struct shape_member lines[] = { LINE_MEMBERS, { 0 } };
static const struct shape many = { .name = "fund_statement_line", .members = lines, .list = true };
static const struct shape_member row_members[] = {
	SHAPE("n", INT),
	SHAPE("day", DATE),
	SHAPE("amount_pence", INT),
	SHAPE("reference", TEXT, .nullable = true),
	SHAPE("state", CODE, .codes = &row_state_codes),
	SHAPE("verdict", CODE, .nullable = true, .codes = &row_verdict_codes),
	SHAPE("payment_id", UUID, .nullable = true),
	SHAPE("run_id", UUID, .nullable = true),
	SHAPE("case_reference", TEXT, .nullable = true),
	SHAPE("explained", CODE, .nullable = true, .codes = &explained_as_codes),
	{ 0 },
};
static const struct shape row = { .name = "fund_statement_row", .members = row_members };
static const struct shape_member members[] = {
	LINE_MEMBERS,
	SHAPE("lines", OBJECT, .list = true, .sub = &row),
	SHAPE("certain", INT),
	{ 0 },
};
static const struct shape one = { .name = "fund_statement", .members = members };

const struct route fund_statement_routes[] = {
	{ "GET", "/fund/statements", CAN_see_books, &page_input, statement_list, "fund/statements", .output = &many,
	  .summary = "Statements of the bank that were read in, newest first" },
	{ "POST", "/fund/statements", CAN_keep_fund, &statement_input, statement_create, "fund/statements",
	  .check = check_statement, .form = statement_list, .output = &one,
	  .summary = "Read a statement of the bank in: it says what each row is, and changes nothing yet" },
	{ "GET", "/fund/statements/{id}", CAN_see_books, NULL, statement_get, "fund/statement", .output = &one,
	  .summary = "A statement with what each of its rows is as things stand" },
	{ "POST", "/fund/statements/{id}/apply", CAN_keep_fund, &apply_input, statement_apply, "fund/statement",
	  .form = statement_get, .output = &one,
	  .summary = "Apply rows: confirm payments, record what came back, put what nobody knows into suspense" },
	{ "POST", "/fund/statements/{id}/explain", CAN_keep_fund, &explain_input, row_explain, "fund/statement",
	  .form = statement_get, .output = &one, .summary = "Say what money in suspense was" },
	{ 0 },
};
