/* Payment runs: what can be paid today, and why the rest cannot; a run that is begun, frozen as its maker saw it,
 * exported and confirmed. Its file is written as often as it is asked for, and always says the same: the vault opens one
 * payee after the other for the person who pays, and each is recorded. */
#include <ctype.h>
#include <string.h>

#include <jansson.h>

#include "api/codes.h"
#include "api/outcomes.h"
#include "api/resource.h"
#include "api/rights.h"
#include "api/routes.h"
#include "base/uuid.h"
#include "fund_run.h"
#include "json/write.h"
#include "secrets.h"
#include "seal/name.h"
#include "serve/csv.h"
#include "sql.h"
#include "vault/request.h"

enum { BANK_NAME = 18 };	/* characters that a bank takes of a name: Bacs */

/* ---- refusals ---- */

struct reply run_refused(struct ctx *c, enum run_outcome which)
{
	const char *detail = code_label(&run_outcome_codes, (int)which);

	switch (which) {
	case run_outcome_none: return problem(c, PROBLEM_NOT_FOUND);
	case run_outcome_changed: return kept(problem(c, PROBLEM_CHANGED));
	case run_outcome_vat:
		ctx_error(c, "/vat_pence", "out_of_range", detail);
		return kept(invalid(c));
	case run_outcome_own: return kept(fund_told_why(c, PROBLEM_OWN_DEED, "You froze the run, or handed it out: a colleague confirms it"));
	case run_outcome_differs: return kept(fund_told_why(c, PROBLEM_CONFLICT, "What can be paid has changed: look at it again"));
	default: return kept(fund_told_why(c, PROBLEM_WRONG_STATE, detail));
	}
}

struct reply run_done(struct ctx *c, const char *path)
{
	enum run_outcome which = (enum run_outcome)outcome_of(c, &run_outcome_codes);

	if (which != run_outcome_done)
		return run_refused(c, which);
	return at(row_reply(c, 1), path);
}

/* ---- what can be paid ---- */

static struct reply payables_listed(struct ctx *c)
{
	return all_reply(c, 0);
}

static struct reply payable_list(struct ctx *c)
{
	query(c, &SQL_FUND_PAYABLE_LIST);
	return then(payables_listed);
}

/* ---- runs ---- */

static struct reply listed(struct ctx *c)
{
	return list_reply(c, 0);
}

static struct reply run_list(struct ctx *c)
{
	query(c, &SQL_FUND_RUN_LIST, page_size(c), page_cursor(c));
	return then(listed);
}

static struct reply run_found(struct ctx *c)
{
	return row_reply(c, 0);
}

static struct reply run_get(struct ctx *c)
{
	query(c, &SQL_FUND_RUN_SHOW, ctx_id(c, "id"));
	return then(run_found);
}

struct run_in {
	const char *pay_on;
};
static const struct field run_fields[] = {
	FIELD(struct run_in, pay_on, DATE, "pay_on", .required = true, .ahead = 31, .label = "Day on which the bank pays",
	      .ask = "Enter the day on which the bank is to pay"),
};
static const struct input run_input = INPUT(struct run_in, run_fields);

static struct reply run_shown(struct ctx *c)
{
	return created(c, row_json(c, 0, 0), "/fund/runs/%s", value(c, 0, 0, "id"));
}

static struct reply run_begun(struct ctx *c)
{
	if (!value(c, 0, 0, "id"))
		return problem(c, PROBLEM_NOT_FOUND);
	query(c, &SQL_FUND_RUN_SHOW, value(c, 0, 0, "id"));
	return then(run_shown);
}

static struct reply run_create(struct ctx *c)
{
	query(c, &SQL_FUND_RUN_BEGIN, ((const struct run_in *)ctx_input(c))->pay_on);
	return then(run_begun);
}

static struct reply acted(struct ctx *c)
{
	return run_done(c, arena_printf(ctx_arena(c), "/fund/runs/%s", ctx_id(c, "id")));
}

static struct reply then_shown(struct ctx *c)
{
	query(c, &SQL_FUND_RUN_SHOW, ctx_id(c, "id"));
	return then(acted);
}

struct freeze_in {
	int64_t payments, total;
	struct json_list left_out;
};
static const struct field freeze_fields[] = {
	FIELD(struct freeze_in, payments, INT, "payments", .required = true, .min = 1, .max = 500,
	      .help = "How many you saw that can be paid."),
	FIELD(struct freeze_in, total, PENCE, "total_pence", .required = true, .min = 1, .help = "Their sum, as you saw it."),
	FIELD(struct freeze_in, left_out, UUID, "left_out", .max_items = 100,
	      .help = "Requests of these that are not to be paid in this run."),
};
static const struct input freeze_input = INPUT(struct freeze_in, freeze_fields);

static struct reply run_freeze(struct ctx *c)
{
	if (!fund_if_match(c))
		return problem(c, PROBLEM_MATCH_MISSING);
	query(c, &SQL_FUND_RUN_FREEZE, ctx_id(c, "id"), ctx_if_match(c), ctx_json(c));
	return then_shown(c);
}

static struct reply run_abandon(struct ctx *c)
{
	if (!fund_if_match(c))
		return problem(c, PROBLEM_MATCH_MISSING);
	query(c, &SQL_FUND_RUN_ABANDON, ctx_id(c, "id"), ctx_if_match(c));
	return then_shown(c);
}

static struct reply run_export(struct ctx *c)
{
	if (!fund_if_match(c))
		return problem(c, PROBLEM_MATCH_MISSING);
	query(c, &SQL_FUND_RUN_EXPORT, ctx_id(c, "id"), ctx_if_match(c));
	return then_shown(c);
}

/* ---- the file ----
 *
 * haven-pay-1: a line for each payment and one with count and sum; no apostrophes before numbers, amounts in pounds
 * with two decimals. Names are in the bank's letters, in the file only. */

struct file_line {
	const char *n, *reference, *payee, *means;
	int64_t pence;
};

struct file {
	const char *run, *pay_on;
	struct file_line *lines;
	int n, at;
	int64_t total;
	struct text csv;
};

/* "SMITH JONES": what a bank takes, at most 18 characters. */
static const char *bank_name(struct ctx *c, const char *name)
{
	char *plain = name_plain(ctx_arena(c), name), *to = plain;

	for (const char *p = plain; *p && to - plain < BANK_NAME; p++)
		if (isascii(*p))
			*to++ = (char)toupper((unsigned char)*p);
	*to = '\0';
	return plain;
}

static void put_line(struct ctx *c, struct file *f, const char *plain)
{
	const struct file_line *l = &f->lines[f->at];
	const json_t *payee = json_read(ctx_arena(c), plain, strlen(plain));

	text_printf(&f->csv, "%s,%s,%s,", f->run, l->n, l->reference);
	csv_put_pence(&f->csv, l->pence);
	text_printf(&f->csv, ",%s,%s,%s,%s,%s\r\n", json_string_value(json_object_get(payee, "sort_code")),
		    json_string_value(json_object_get(payee, "account_number")),
		    bank_name(c, json_string_value(json_object_get(payee, "account_name"))), f->pay_on, l->means);
	f->total += l->pence;
}

static struct reply file_written(struct file *f)
{
	text_printf(&f->csv, "%s,total,%d,", f->run, f->n);
	csv_put_pence(&f->csv, f->total);
	text_puts(&f->csv, ",,,,,\r\n");
	return file_reply(f->csv.data, f->csv.len, "text/csv; charset=utf-8");
}

static struct reply next_payee(struct ctx *c);

static struct reply payee_told(struct ctx *c)
{
	struct file *f = ctx_get(c);

	if (ctx_answer(c)->status == VAULT_WRONG)
		return problem_detail(c, PROBLEM_WRONG_STATE,
				      "A payee is not yours to see, or was erased: a colleague writes the file");
	if (ctx_answer(c)->status != VAULT_OK)
		return not_shown(c, PROBLEM_READINGS_SPENT);
	put_line(c, f, ctx_answer(c)->plain);
	f->at++;
	return next_payee(c);
}

static struct reply next_payee(struct ctx *c)
{
	struct file *f = ctx_get(c);
	struct vault_request *r;

	if (f->at == f->n)
		return file_written(f);
	r = arena_new_of(ctx_arena(c), struct vault_request);
	if (!vault_request_tell_payee(r, ctx_token(c), uuid_or_nil(f->lines[f->at].payee), "pay", uuid_or_nil(ctx_request_id(c))))
		return problem(c, PROBLEM_UNAVAILABLE);
	return ask(c, r, payee_told);
}

static struct file_line line_of_row(struct ctx *c, int row)
{
	struct file_line l = { 0 };
	struct arena *a = ctx_arena(c);

	l.n = arena_strdup(a, value(c, 1, row, "n"));
	l.reference = arena_strdup(a, value(c, 1, row, "reference"));
	l.payee = arena_strdup(a, value(c, 1, row, "payee_id"));
	l.means = arena_strdup(a, value(c, 1, row, "means"));
	if (!text_to_i64(value(c, 1, row, "amount_pence"), &l.pence))
		l.pence = 0;
	return l;
}

static struct reply file_found(struct ctx *c)
{
	struct file *f = arena_new_of(ctx_arena(c), struct file);

	if (rows(c, 0) == 0)
		return problem(c, PROBLEM_NOT_FOUND);
	if (text_eq(value(c, 0, 0, "released"), "f"))
		return problem_detail(c, PROBLEM_WRONG_STATE, "Export the run first");
	f->run = arena_strdup(ctx_arena(c), value(c, 0, 0, "reference"));
	f->pay_on = arena_strdup(ctx_arena(c), value(c, 0, 0, "pay_on"));
	f->n = rows(c, 1);
	f->lines = arena_array_of(ctx_arena(c), (size_t)f->n, struct file_line);
	for (int i = 0; i < f->n; i++)
		f->lines[i] = line_of_row(c, i);
	f->csv = text_in(ctx_arena(c));
	text_puts(&f->csv, "run_id,line_no,reference,amount,sort_code,account_number,account_name,pay_on,means\r\n");
	ctx_set(c, f);
	audit(c, "read", "run_file", value(c, 0, 0, "id"), NULL, NULL);
	return next_payee(c);
}

static struct reply run_file(struct ctx *c)
{
	query(c, &SQL_FUND_RUN_FILE, ctx_id(c, "id"));
	query(c, &SQL_FUND_RUN_LINES, ctx_id(c, "id"));
	return then(file_found);
}

/* ---- routes ---- */

static const struct shape_member payable_rows[] = {
	SHAPE("commitment_id", UUID),
	SHAPE("request_id", UUID),
	SHAPE("reference", TEXT),
	SHAPE("household_reference", TEXT),
	SHAPE("category", CODE, .codes = &fund_category_codes),
	SHAPE("means", CODE, .codes = &fund_means_codes),
	SHAPE("pot", TEXT),
	SHAPE("needed_on", DATE),
	SHAPE("amount_pence", INT),
	SHAPE("obstacle", CODE, .nullable = true, .codes = &payment_obstacle_codes),
	{ 0 },
};
static const struct shape payable = { .name = "fund_payable", .members = payable_rows };
static const struct shape payables = { .name = "fund_payables", .members = payable_rows, .list = true };

#define LINE_MEMBERS \
	SHAPE_ID, \
	SHAPE("reference", TEXT), \
	SHAPE("state", CODE, .codes = &run_state_codes), \
	SHAPE("pay_on", DATE), \
	SHAPE("payments", INT), \
	SHAPE("total_pence", INT), \
	SHAPE("pending", INT), \
	SHAPE("bounced", INT), \
	SHAPE("late", BOOL), \
	SHAPE("made_by", TEXT, .nullable = true), \
	SHAPE("made_at", INSTANT), \
	SHAPE_VERSION

static const struct shape_member lines[] = { LINE_MEMBERS, { 0 } };
static const struct shape many = { .name = "fund_run_line", .members = lines, .list = true };

static const struct shape_member payment_rows[] = {
	SHAPE_ID,
	SHAPE("n", INT),
	SHAPE("reference", TEXT),
	SHAPE("request_id", UUID),
	SHAPE("request", TEXT),
	SHAPE("amount_pence", INT),
	SHAPE("state", CODE, .codes = &payment_state_codes),
	SHAPE("settled_on", DATE, .nullable = true),
	{ 0 },
};
static const struct shape payment = { .name = "fund_run_payment", .members = payment_rows };

static const struct shape_member members[] = {
	LINE_MEMBERS,
	SHAPE("frozen_by", TEXT, .nullable = true),
	SHAPE("frozen_at", INSTANT, .nullable = true),
	SHAPE("exported_at", INSTANT, .nullable = true),
	SHAPE("lines", OBJECT, .list = true, .sub = &payment),
	SHAPE("payable", OBJECT, .list = true, .sub = &payable),
	SHAPE("payable_count", INT),
	SHAPE("payable_pence", INT),
	SHAPE("acts", TEXT, .list = true),
	{ 0 },
};
static const struct shape one = { .name = "fund_run", .members = members };

const struct route fund_run_routes[] = {
	{ "GET", "/fund/payable", CAN_see_books, NULL, payable_list, "fund/payable", .output = &payables,
	  .summary = "What is promised and can be paid today, and why the rest cannot" },
	{ "GET", "/fund/runs", CAN_see_books, &page_input, run_list, "fund/runs", .output = &many,
	  .summary = "Payment runs, newest first" },
	{ "POST", "/fund/runs", CAN_keep_fund, &run_input, run_create, "fund/runs", .form = run_list, .output = &one,
	  .summary = "Begin a payment run" },
	{ "GET", "/fund/runs/{id}", CAN_see_books, NULL, run_get, "fund/run", .output = &one,
	  .summary = "A payment run with its payments; a draft with what it would pay" },
	{ "POST", "/fund/runs/{id}/freeze", CAN_keep_fund, &freeze_input, run_freeze, "fund/run", .form = run_get,
	  .output = &one, .summary = "Fix what a run pays, as you saw it" },
	{ "POST", "/fund/runs/{id}/abandon", CAN_keep_fund, NULL, run_abandon, "fund/run", .form = run_get, .output = &one,
	  .summary = "Give a run up before its export: what it would have paid is promised as before" },
	{ "POST", "/fund/runs/{id}/export", CAN_keep_fund, NULL, run_export, "fund/run", .form = run_get, .output = &one,
	  .summary = "Release the file of a run" },
	{ "GET", "/fund/runs/{id}/payments.csv", CAN_keep_fund, NULL, run_file, .flags = ROUTE_BARE,
	  .summary = "The file of a run for the bank (haven-pay-1), with the payees; each is recorded" },
	{ 0 },
};
