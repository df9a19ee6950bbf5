/* The stock of prepaid cards and vouchers (domain: Flexible Flee Fund): bought out of a pot, which pays at once, given
 * back unused, lost, counted. Handing out is in fund_payee.c. A loss is confirmed, and a count that differs explained,
 * by a colleague. */
#include <ctype.h>
#include <string.h>

#include "api/codes.h"
#include "api/outcomes.h"
#include "api/resource.h"
#include "api/rights.h"
#include "api/routes.h"
#include "base/plain.h"
#include "case.h"
#include "fund.h"
#include "fund_serial.h"
#include "json/write.h"
#include "sql.h"

enum { CARDS_MAX = 200, RANGE_DIGITS = 9 };

/* ---- numbers ---- */

/* "1001 to 1050, AB-7": the numbers of the cards, and what is wrong with them. */
struct numbers {
	const char *list[CARDS_MAX];
	int n;
	const char *fault;
};

static bool there(const struct numbers *all, const char *key)
{
	for (int i = 0; i < all->n; i++)
		if (strcmp(all->list[i], key) == 0)
			return true;
	return false;
}

static void add_number(struct numbers *all, const char *key)
{
	if (!serial_is_one(key))
		all->fault = "Numbers must be digits, with at most 8 letters each";
	else if (all->n == CARDS_MAX)
		all->fault = "Numbers must be at most 200 at once";
	else if (there(all, key))
		all->fault = "Numbers must each be there once";
	else
		all->list[all->n++] = key;
}

/* Where the digits begin with which a number ends, 9 of them at most. */
static size_t tail_of(const char *key)
{
	size_t len = strlen(key), at = len;

	while (at > 0 && len - at < RANGE_DIGITS && isdigit((unsigned char)key[at - 1]))
		at--;
	return at;
}

static void add_range(struct arena *a, struct numbers *all, const char *first, const char *last)
{
	size_t at = tail_of(first), width = strlen(first) - at;
	int64_t from, to;

	if (strlen(first) != strlen(last) || tail_of(last) != at || strncmp(first, last, at) != 0
	    || !text_to_i64(first + at, &from) || !text_to_i64(last + at, &to) || to < from) {
		all->fault = "Numbers must go from a lower to a higher one of the same length, like 1001 to 1050";
		return;
	}
	for (int64_t i = from; i <= to && !all->fault; i++)
		add_number(all, arena_printf(a, "%.*s%0*lld", (int)at, first, (int)width, (long long)i));
}

static void add_words(struct arena *a, struct numbers *all, const char *words)
{
	const char *to = strstr(words, " to ");

	if (to)
		add_range(a, all, plain_key(a, arena_strndup(a, words, (size_t)(to - words))), plain_key(a, to + 4));
	else if (*plain_key(a, words))
		add_number(all, plain_key(a, words));
}

static struct numbers *numbers_of(struct ctx *c, const char *typed)
{
	struct arena *a = ctx_arena(c);
	struct numbers *all = arena_new_of(a, struct numbers);

	for (const char *p = typed; p && *p && !all->fault; p += strcspn(p, ",;\n"), p += *p != '\0')
		add_words(a, all, arena_strndup(a, p, strcspn(p, ",;\n")));
	if (all->n == 0 && !all->fault)
		all->fault = "Enter the numbers";
	return all;
}

static const char *numbers_json(struct ctx *c, const struct numbers *all)
{
	struct text t = text_in(ctx_arena(c));

	json_array_begin(&t);
	for (int i = 0; i < all->n; i++)
		json_put_str(&t, all->list[i]);
	json_array_end(&t);
	return text_done(&t);
}

/* ---- refusals ---- */

static const struct {
	const char *pointer, *detail;
} fields_of[stock_outcome_count] = {
	[stock_outcome_short] = { "/pot_year_id", "This pot has not that much free" },
	[stock_outcome_year_closed] = { "/pot_year_id", "The pot's year must be open" },
	[stock_outcome_no_year] = { "/pot_year_id", "Select a pot of your organisation" },
};

static struct reply refused(struct ctx *c, enum stock_outcome which)
{
	const char *taken;

	if (fields_of[which].pointer) {
		ctx_error(c, fields_of[which].pointer, problem_texts[PROBLEM_CONFLICT].slug, fields_of[which].detail);
		return kept(invalid(c));
	}
	switch (which) {
	case stock_outcome_none: return problem(c, PROBLEM_NOT_FOUND);
	case stock_outcome_changed: return kept(problem(c, PROBLEM_CHANGED));
	case stock_outcome_own: return kept(fund_told_why(c, PROBLEM_OWN_DEED, "You reported it: a colleague settles it"));
	case stock_outcome_number_used:
		taken = value(c, 0, 0, "taken");
		ctx_error(c, "/numbers", problem_texts[PROBLEM_DUPLICATE].slug,
			  arena_printf(ctx_arena(c), "Number %s is in stock, or was handed out", taken));
		return kept(invalid(c));
	default: return kept(fund_told_why(c, PROBLEM_WRONG_STATE, code_label(&stock_outcome_codes, (int)which)));
	}
}

/* ---- the stock ---- */

struct stock_query {
	int64_t limit;
	const char *cursor, *state, *kind;
};
static const struct field list_fields[] = {
	PAGE_FIELDS(struct stock_query),
	FIELD(struct stock_query, state, CODE, "state", .codes = &card_state_codes),
	FIELD(struct stock_query, kind, CODE, "kind", .codes = &card_kind_codes),
};
static const struct input list_input = INPUT(struct stock_query, list_fields);

static struct reply listed(struct ctx *c)
{
	return list_reply(c, 0);
}

static struct reply card_list(struct ctx *c)
{
	const struct stock_query *q = ctx_input(c);

	query(c, &SQL_FUND_CARD_LIST, page_size(c), page_cursor(c), q->state, q->kind);
	return then(listed);
}

static struct reply sums_found(struct ctx *c)
{
	struct text t = text_in(ctx_arena(c));

	json_object_begin(&t);
	json_put_key(&t, "in_stock");
	rows_put(&t, c, 0);
	json_put_key(&t, "years");
	rows_put(&t, c, 1);
	json_put_key(&t, "open_counts");
	json_put_i64(&t, rows(c, 2));
	json_object_end(&t);
	return ok(c, text_done(&t));
}

static struct reply stock_sums(struct ctx *c)
{
	query(c, &SQL_FUND_STOCK_SUMS);
	query(c, &SQL_FUND_STOCK_YEARS);
	query(c, &SQL_FUND_STOCK_OPEN_COUNTS);
	return then(sums_found);
}

struct lot_in {
	const char *year, *kind, *numbers, *supplier, *invoice;
	int64_t face;
};
static const struct field lot_fields[] = {
	FIELD(struct lot_in, year, UUID, "pot_year_id", .required = true, .label = "Pot", .ask = "Select which pot pays"),
	FIELD(struct lot_in, kind, CODE, "kind", .required = true, .codes = &card_kind_codes, .ask = "Select what was bought"),
	FIELD(struct lot_in, face, PENCE, "face_pence", .required = true, .min = 1, .max = 1000000, .label = "Worth of each",
	      .ask = "Enter what each is worth"),
	FIELD(struct lot_in, numbers, MULTILINE, "numbers", .required = true, .prose = true, .max = 4000, .label = "Numbers",
	      .ask = "Enter the numbers", .help = "With commas or in lines; a range is 1001 to 1050. At most 200."),
	FIELD(struct lot_in, supplier, TEXT, "supplier", .required = true, .prose = true, .max = 80, .label = "Seller",
	      .ask = "Enter the seller"),
	FIELD(struct lot_in, invoice, TEXT, "invoice", .required = true, .prose = true, .max = 40, .label = "Invoice number",
	      .ask = "Enter the number of the invoice"),
};
static const struct input lot_input = INPUT(struct lot_in, lot_fields);

static void check_lot(struct ctx *c)
{
	const struct lot_in *in = ctx_input(c);
	const struct numbers *all = in->numbers ? numbers_of(c, in->numbers) : NULL;

	if (all && all->fault)
		ctx_error(c, "/numbers", "bad_text", all->fault);
}

static struct reply bought(struct ctx *c)
{
	enum stock_outcome which = (enum stock_outcome)outcome_of(c, &stock_outcome_codes);

	if (which != stock_outcome_done)
		return refused(c, which);
	return created(c, row_json(c, 1, 0), "/fund/stock");
}

static struct reply lot_buy(struct ctx *c)
{
	const struct lot_in *in = ctx_input(c);

	query(c, &SQL_FUND_STOCK_BUY, ctx_json(c), numbers_json(c, numbers_of(c, in->numbers)));
	query(c, &SQL_FUND_STOCK_BOUGHT);
	return then(bought);
}

/* ---- a card ---- */

static struct reply shown(struct ctx *c)
{
	return row_reply(c, 0);
}

static struct reply card_get(struct ctx *c)
{
	query(c, &SQL_FUND_CARD_SHOW, ctx_id(c, "id"));
	return then(shown);
}

static struct reply acted(struct ctx *c)
{
	enum stock_outcome which = (enum stock_outcome)outcome_of(c, &stock_outcome_codes);

	if (which != stock_outcome_done)
		return refused(c, which);
	return at(row_reply(c, 1), arena_printf(ctx_arena(c), "/fund/cards/%s", ctx_id(c, "id")));
}

static struct reply then_card(struct ctx *c)
{
	query(c, &SQL_FUND_CARD_SHOW, ctx_id(c, "id"));
	return then(acted);
}

static struct reply card_return(struct ctx *c)
{
	if (!fund_if_match(c))
		return problem(c, PROBLEM_MATCH_MISSING);
	query(c, &SQL_FUND_CARD_RETURN, ctx_id(c, "id"), ctx_if_match(c));
	return then_card(c);
}

struct loss_in {
	const char *loss;
};
static const struct field loss_fields[] = {
	FIELD(struct loss_in, loss, CODE, "loss", .required = true, .codes = &card_loss_codes, .ask = "Select what happened"),
};
static const struct input loss_input = INPUT(struct loss_in, loss_fields);

static struct reply card_lose(struct ctx *c)
{
	if (!fund_if_match(c))
		return problem(c, PROBLEM_MATCH_MISSING);
	query(c, &SQL_FUND_CARD_LOSE, ctx_id(c, "id"), ctx_if_match(c), ((const struct loss_in *)ctx_input(c))->loss);
	return then_card(c);
}

struct settle_in {
	enum tri lost;
};
static const struct field settle_fields[] = {
	FIELD(struct settle_in, lost, BOOL, "lost", .required = true, .ask = "Select whether it is lost"),
};
static const struct input settle_input = INPUT(struct settle_in, settle_fields);

static struct reply card_settle(struct ctx *c)
{
	if (!fund_if_match(c))
		return problem(c, PROBLEM_MATCH_MISSING);
	query(c, &SQL_FUND_CARD_SETTLE, ctx_id(c, "id"), ctx_if_match(c), tri_param(((const struct settle_in *)ctx_input(c))->lost));
	return then_card(c);
}

/* ---- counting ---- */

struct count_query {
	int64_t limit;
	const char *cursor;
	enum tri open;
};
static const struct field counts_fields[] = {
	PAGE_FIELDS(struct count_query),
	FIELD(struct count_query, open, BOOL, "open", .help = "true: those that differ and are not explained."),
};
static const struct input counts_input = INPUT(struct count_query, counts_fields);

static struct reply count_list(struct ctx *c)
{
	query(c, &SQL_FUND_COUNT_LIST, page_size(c), page_cursor(c), tri_param(((const struct count_query *)ctx_input(c))->open));
	return then(listed);
}

struct count_in {
	const char *kind;
	int64_t face, counted;
};
static const struct field count_fields[] = {
	FIELD(struct count_in, kind, CODE, "kind", .required = true, .codes = &card_kind_codes, .ask = "Select what you counted"),
	FIELD(struct count_in, face, PENCE, "face_pence", .required = true, .min = 1, .label = "Worth of each",
	      .ask = "Enter what each is worth"),
	FIELD(struct count_in, counted, INT, "counted", .required = true, .min = 0, .max = 100000, .label = "Number that is there",
	      .ask = "Enter how many are there"),
};
static const struct input count_input = INPUT(struct count_in, count_fields);

static struct reply count_shown(struct ctx *c)
{
	return created(c, row_json(c, 0, 0), "/fund/stock-counts");
}

static struct reply count_made(struct ctx *c)
{
	enum stock_outcome which = (enum stock_outcome)outcome_of(c, &stock_outcome_codes);

	if (which != stock_outcome_done)
		return refused(c, which);
	query(c, &SQL_FUND_COUNT_SHOW, value(c, 0, 0, "id"));
	return then(count_shown);
}

static struct reply count_create(struct ctx *c)
{
	const struct count_in *in = ctx_input(c);

	query(c, &SQL_FUND_COUNT_MAKE, in->kind, int_param(c, in->face), int_param(c, in->counted));
	return then(count_made);
}

struct explain_in {
	const char *reason;
};
static const struct field explain_fields[] = {
	FIELD(struct explain_in, reason, CODE, "reason", .required = true, .codes = &count_reason_codes, .ask = "Select what explains it"),
};
static const struct input explain_input = INPUT(struct explain_in, explain_fields);

static struct reply count_get(struct ctx *c)
{
	query(c, &SQL_FUND_COUNT_SHOW, ctx_id(c, "id"));
	return then(shown);
}

static struct reply explained(struct ctx *c)
{
	enum stock_outcome which = (enum stock_outcome)outcome_of(c, &stock_outcome_codes);

	if (which == stock_outcome_own)
		return kept(fund_told_why(c, PROBLEM_OWN_DEED, "You counted: a colleague explains it"));
	if (which != stock_outcome_done)
		return refused(c, which);
	return at(row_reply(c, 1), "/fund/stock-counts");
}

static struct reply count_explain(struct ctx *c)
{
	if (!fund_if_match(c))
		return problem(c, PROBLEM_MATCH_MISSING);
	query(c, &SQL_FUND_COUNT_EXPLAIN, ctx_id(c, "id"), ctx_if_match(c), ((const struct explain_in *)ctx_input(c))->reason);
	query(c, &SQL_FUND_COUNT_SHOW, ctx_id(c, "id"));
	return then(explained);
}

/* ---- routes ---- */

#define CARD_MEMBERS \
	SHAPE_ID, \
	SHAPE("serial", TEXT), \
	SHAPE("kind", CODE, .codes = &card_kind_codes), \
	SHAPE("face_pence", INT), \
	SHAPE("state", CODE, .codes = &card_state_codes), \
	SHAPE("lot_id", UUID), \
	SHAPE("pot_year_id", UUID), \
	SHAPE("pot", TEXT), \
	SHAPE("financial_year", TEXT), \
	SHAPE("supplier", TEXT), \
	SHAPE("invoice", TEXT), \
	SHAPE("bought_by", TEXT, .nullable = true), \
	SHAPE("bought_at", INSTANT), \
	SHAPE("request_id", UUID, .nullable = true), \
	SHAPE("request", TEXT, .nullable = true), \
	SHAPE("payment_id", UUID, .nullable = true), \
	SHAPE("loss", CODE, .nullable = true, .codes = &card_loss_codes), \
	SHAPE("reported_by", TEXT, .nullable = true), \
	SHAPE("reported_at", INSTANT, .nullable = true), \
	SHAPE("settled_by", TEXT, .nullable = true), \
	SHAPE("settled_at", INSTANT, .nullable = true), \
	SHAPE("own", BOOL), \
	SHAPE_VERSION

static const struct shape_member lines[] = { CARD_MEMBERS, { 0 } };
static const struct shape many = { .name = "fund_card_line", .members = lines, .list = true };
static const struct shape_member members[] = { CARD_MEMBERS, SHAPE("acts", TEXT, .list = true), { 0 } };
static const struct shape one = { .name = "fund_card", .members = members };

static const struct shape_member sum_rows[] = {
	SHAPE("kind", CODE, .codes = &card_kind_codes),
	SHAPE("face_pence", INT),
	SHAPE("cards", INT),
	SHAPE("pence", INT),
	{ 0 },
};
static const struct shape sum = { .name = "fund_stock_sum", .members = sum_rows };
static const struct shape_member year_rows[] = {
	SHAPE("code", UUID),
	SHAPE("label", TEXT),
	SHAPE("free_pence", INT),
	{ 0 },
};
static const struct shape year = { .name = "fund_stock_year", .members = year_rows };
static const struct shape_member sums_members[] = {
	SHAPE("in_stock", OBJECT, .list = true, .sub = &sum),
	SHAPE("years", OBJECT, .list = true, .sub = &year),
	SHAPE("open_counts", INT),
	{ 0 },
};
static const struct shape sums = { .name = "fund_stock", .members = sums_members };
static const struct shape_member lot_members[] = {
	SHAPE_ID,
	SHAPE("cards", INT),
	SHAPE("pence", INT),
	{ 0 },
};
static const struct shape lot = { .name = "fund_stock_lot", .members = lot_members };

static const struct shape_member count_members[] = {
	SHAPE_ID,
	SHAPE("kind", CODE, .codes = &card_kind_codes),
	SHAPE("face_pence", INT),
	SHAPE("counted", INT),
	SHAPE("expected", INT),
	SHAPE("open", BOOL),
	SHAPE("counted_by", TEXT, .nullable = true),
	SHAPE("counted_at", INSTANT),
	SHAPE("own", BOOL),
	SHAPE("reason", CODE, .nullable = true, .codes = &count_reason_codes),
	SHAPE("explained_by", TEXT, .nullable = true),
	SHAPE("explained_at", INSTANT, .nullable = true),
	SHAPE_VERSION,
	{ 0 },
};
static const struct shape counts = { .name = "fund_stock_count_line", .members = count_members, .list = true };
static const struct shape count = { .name = "fund_stock_count", .members = count_members };

#define ACT(path, right, input, step, words)                                                                       \
	{ "POST", "/fund/cards/{id}/" path, right, input, step, "fund/card", .form = card_get, .output = &one,     \
	  .summary = words }

const struct route fund_stock_routes[] = {
	{ "GET", "/fund/stock", CAN_see_books, NULL, stock_sums, "fund/stock", .output = &sums,
	  .summary = "How many cards and vouchers are in stock, by worth" },
	{ "POST", "/fund/stock", CAN_keep_fund, &lot_input, lot_buy, "fund/stock", .check = check_lot, .form = stock_sums,
	  .output = &lot, .summary = "Put cards or vouchers that were bought into stock: the pot pays now" },
	{ "GET", "/fund/cards", CAN_see_books, &list_input, card_list, "fund/cards", .flags = ROUTE_CSV, .output = &many,
	  .summary = "Cards and vouchers of the stock, newest first" },
	{ "GET", "/fund/cards/{id}", CAN_see_books, NULL, card_get, "fund/card", .output = &one,
	  .summary = "A card or voucher of the stock" },
	ACT("return", CAN_keep_fund, NULL, card_return, "Give a card back to its seller unused: its worth is free again"),
	ACT("loss", CAN_keep_fund, &loss_input, card_lose, "Report that a card is lost: a colleague confirms it"),
	ACT("settle-loss", CAN_settle_stock, &settle_input, card_settle, "Confirm that a card is lost, or say that it is there"),
	{ "GET", "/fund/stock-counts", CAN_see_books, &counts_input, count_list, "fund/counts", .output = &counts,
	  .summary = "Counts of the stock, newest first" },
	{ "POST", "/fund/stock-counts", CAN_keep_fund, &count_input, count_create, "fund/counts", .form = count_list,
	  .output = &count, .summary = "Record how many cards you counted: what differs stays open" },
	{ "GET", "/fund/stock-counts/{id}", CAN_see_books, NULL, count_get, "fund/count", .output = &count,
	  .summary = "A count of the stock" },
	{ "POST", "/fund/stock-counts/{id}/explain", CAN_settle_stock, &explain_input, count_explain, "fund/count",
	  .form = count_get, .output = &count, .summary = "Explain why a colleague's count differs from the books" },
	{ 0 },
};
