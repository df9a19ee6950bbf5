/* The files of a batch for the general ledger (haven-gl-1), as comma-separated values and as a workbook: the same cells.
 * A batch never changes, so its files are the same byte for byte each time; each download is recorded. */
#include "api/rights.h"
#include "api/routes.h"
#include "base/text.h"
#include "serve/csv.h"
#include "sheet/sheet.h"
#include "sql.h"

enum kind { TEXT, DAY, MONEY, COUNT };

/* The columns of haven-gl-1, in their order. */
static const struct column {
	const char *name;
	enum kind kind;
} columns[] = {
	{ "batch_id", TEXT },	 { "line_no", COUNT },	  { "posting_id", TEXT }, { "booked_on", DAY },
	{ "value_on", DAY },	 { "period", TEXT },	  { "gl_code", TEXT },	  { "cost_centre", TEXT },
	{ "pot_code", TEXT },	 { "funder_ref", TEXT },  { "category", TEXT },	  { "case_ref", TEXT },
	{ "debit", MONEY },	 { "credit", MONEY },	  { "vat_code", TEXT },	  { "vat_amount", MONEY },
	{ "reference", TEXT },	 { "reverses_posting", TEXT },
};

enum { COLUMNS = sizeof(columns) / sizeof(*columns) };

static int64_t number_of(const char *s)
{
	int64_t n = 0;

	return s && text_to_i64(s, &n) ? n : 0;
}

/* The last row of a file: how many lines there are and what they add up to, with a mark where a posting would stand. */
static const char *total_of(struct ctx *c, const char *column)
{
	static const char *const totals[] = { "batch_id", "debit", "credit" };

	if (text_eq(column, "posting_id"))
		return "CONTROL";
	if (text_eq(column, "line_no"))
		return value(c, 0, 0, "lines");
	for (size_t i = 0; i < sizeof(totals) / sizeof(*totals); i++)
		if (text_eq(column, totals[i]))
			return value(c, 0, 0, column);
	return NULL;
}

/* The row after the last line is the totals. */
static const char *cell_of(struct ctx *c, int row, const struct column *k)
{
	return row == rows(c, 1) ? total_of(c, k->name) : value(c, 1, row, k->name);
}

/* ---- comma-separated values ---- */

static void put_cell(struct text *t, const struct column *k, const char *s)
{
	if (!s)
		return;
	if (k->kind == MONEY)
		csv_put_pence(t, number_of(s));
	else if (k->kind == TEXT)
		csv_put_text(t, s);
	else
		text_puts(t, s);
}

static struct reply csv(struct ctx *c, const char *mark)
{
	struct text t = text_in(ctx_arena(c));

	text_puts(&t, mark);
	for (int row = -1; row <= rows(c, 1); row++)
		for (int i = 0; i < COLUMNS; i++) {
			if (row < 0)
				text_puts(&t, columns[i].name);
			else
				put_cell(&t, &columns[i], cell_of(c, row, &columns[i]));
			text_puts(&t, i + 1 < COLUMNS ? "," : "\r\n");
		}
	return file_reply(t.data, t.len, "text/csv; charset=utf-8");
}

/* ---- a workbook ---- */

static void put_in_sheet(struct sheet *s, int row, int column, enum kind kind, const char *text)
{
	switch (kind) {
	case TEXT: sheet_text(s, row, column, text); break;
	case DAY: sheet_date(s, row, column, text); break;
	case MONEY:
		if (text)
			sheet_pence(s, row, column, number_of(text));
		break;
	case COUNT: sheet_number(s, row, column, number_of(text)); break;
	}
}

static struct reply workbook(struct ctx *c)
{
	struct sheet *s = sheet_new("Journal", number_of(value(c, 0, 0, "made")));
	const char *bytes;
	size_t len;

	for (int i = 0; i < COLUMNS; i++)
		sheet_head(s, 0, i, columns[i].name);
	for (int row = 0; row <= rows(c, 1); row++)
		for (int i = 0; i < COLUMNS; i++)
			put_in_sheet(s, row + 1, i, columns[i].kind, cell_of(c, row, &columns[i]));
	if (!sheet_end(s, ctx_arena(c), &bytes, &len))
		return problem(c, PROBLEM_UNAVAILABLE);
	return file_reply(bytes, len, "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet");
}

/* ---- the files ---- */

static struct reply plain(struct ctx *c)
{
	return csv(c, "");
}

/* With the mark by which spreadsheets know UTF-8. */
static struct reply marked(struct ctx *c)
{
	return csv(c, "\xef\xbb\xbf");
}

static const struct {
	const char *name;
	struct reply (*make)(struct ctx *c);
} files[] = { { "journal.csv", plain }, { "journal-bom.csv", marked }, { "journal.xlsx", workbook } };

static struct reply file_made(struct ctx *c)
{
	const char *name = ctx_arg(c, "file");

	if (rows(c, 0) == 0)
		return problem(c, PROBLEM_NOT_FOUND);
	for (size_t i = 0; i < sizeof(files) / sizeof(*files); i++)
		if (text_eq(files[i].name, name)) {
			audit(c, "read", "gl_batch", value(c, 0, 0, "id"), NULL, NULL);
			return files[i].make(c);
		}
	return problem(c, PROBLEM_NOT_FOUND);
}

static struct reply file_get(struct ctx *c)
{
	query(c, &SQL_FUND_GL_TOTAL, ctx_id(c, "id"));
	query(c, &SQL_FUND_GL_LINES, ctx_id(c, "id"));
	return then(file_made);
}

const struct route fund_file_routes[] = {
	{ "GET", "/fund/gl-batches/{id}/{file}", CAN_keep_fund, NULL, file_get, .flags = ROUTE_BARE,
	  .summary = "A batch as a file: journal.csv, journal-bom.csv, journal.xlsx" },
	{ 0 },
};
