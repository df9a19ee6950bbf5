/* Pots of the fund: their rules, their years, the budget and course of each, and what moved in them. Whose pots a
 * person sees, row security says: those of the own organisation, and those that it may ask for money. */
#include "api/codes.h"
#include "api/outcomes.h"
#include "api/resource.h"
#include "api/rights.h"
#include "api/routes.h"
#include "case.h"
#include "fund.h"
#include "sql.h"

/* ---- reading ---- */

struct fund_years {
	int64_t limit, year;
	const char *cursor, *state;
};
static const struct field list_fields[] = {
	PAGE_FIELDS(struct fund_years),
	FIELD(struct fund_years, year, INT, "year", .min = 2000, .max = 2200,
	      .help = "The year of the 1 April with which a financial year begins."),
	FIELD(struct fund_years, state, CODE, "state", .codes = &pot_state_codes),
};
static const struct input list_input = INPUT(struct fund_years, list_fields);

static struct reply listed(struct ctx *c)
{
	return list_reply(c, 0);
}

static struct reply year_list(struct ctx *c)
{
	const struct fund_years *q = ctx_input(c);

	query(c, &SQL_FUND_YEAR_LIST, page_size(c), page_cursor(c), int_param(c, q->year), q->state);
	return then(listed);
}

static struct reply shown(struct ctx *c)
{
	return row_reply(c, 0);
}

static struct reply year_get(struct ctx *c)
{
	query(c, &SQL_FUND_YEAR_SHOW, ctx_id(c, "id"));
	return then(shown);
}

static struct reply postings_listed(struct ctx *c)
{
	return rows(c, 1) ? list_reply(c, 0) : problem(c, PROBLEM_NOT_FOUND);
}

static struct reply posting_list(struct ctx *c)
{
	query(c, &SQL_FUND_POSTING_LIST, ctx_id(c, "id"), page_size(c), page_cursor(c));
	query(c, &SQL_FUND_YEAR_SHOW, ctx_id(c, "id"));
	return then(postings_listed);
}

/* ---- changing ---- */

/* 200 with the year as it is now; statement 1 shows it. */
static struct reply acted(struct ctx *c)
{
	switch ((enum pot_outcome)outcome_of(c, &pot_outcome_codes)) {
	case pot_outcome_none: return problem(c, PROBLEM_NOT_FOUND);
	case pot_outcome_changed: return kept(problem(c, PROBLEM_CHANGED));
	case pot_outcome_wrong_state: return kept(problem(c, PROBLEM_WRONG_STATE));
	case pot_outcome_too_early:
		return kept(problem_detail(c, PROBLEM_WRONG_STATE, "The year ends on 31 March: from 1 April on it can be closed"));
	case pot_outcome_short:
		return kept(problem_detail(c, PROBLEM_FUND_SHORT, "That much of the budget is promised or spent"));
	case pot_outcome_unsettled: return kept(problem(c, PROBLEM_FUND_UNSETTLED));
	case pot_outcome_unexported:
		return kept(problem_detail(c, PROBLEM_FUND_UNSETTLED,
					   arena_printf(ctx_arena(c), "Export to the general ledger first. Postings of the year in no batch: %s",
							value(c, 1, 0, "unexported"))));
	case pot_outcome_no_next_year:
		return kept(problem_detail(c, PROBLEM_WRONG_STATE, "Plan the next year first: what is free is carried into it"));
	case pot_outcome_there: return kept(problem_detail(c, PROBLEM_DUPLICATE, "The pot has that year"));
	case pot_outcome_done:
	case pot_outcome_count: break;
	}
	return at(row_reply(c, 1), arena_printf(ctx_arena(c), "/fund/years/%s", value(c, 1, 0, "id")));
}

static struct reply then_shown(struct ctx *c, const char *id)
{
	query(c, &SQL_FUND_YEAR_SHOW, id);
	return then(acted);
}

struct pot_in {
	const char *name, *funder, *carry, *cost_centre, *gl_code;
	struct json_list categories, spenders;
	int64_t provisional, year;
};
#define RULES \
	FIELD(struct pot_in, name, TEXT, "name", .required = true, .max = 80, .ask = "Enter what the pot is called"), \
	FIELD(struct pot_in, funder, TEXT, "funder", .required = true, .prose = true, .max = 80, .ask = "Enter who gives the money"), \
	FIELD(struct pot_in, categories, CODE, "categories", .required = true, .min_items = 1, \
	      .codes = &fund_category_codes, .ask = "Select what it may be spent on"), \
	FIELD(struct pot_in, spenders, UUID, "spenders", .max_items = 50, \
	      .help = "Organisations whose cases it may be asked for; all of the partnership if left out."), \
	FIELD(struct pot_in, carry, CODE, "carry", .codes = &fund_carry_codes, \
	      .help = "What becomes of money that is free at the end of a year; it lapses if left out."), \
	FIELD(struct pot_in, provisional, INT, "provisional_percent", .min = 0, .max = 100, \
	      .help = "Share of a provisional year's expected budget that may be promised ahead; 25 if left out."), \
	FIELD(struct pot_in, cost_centre, TEXT, "cost_centre", .max = 20), \
	FIELD(struct pot_in, gl_code, TEXT, "gl_code", .max = 20, .label = "General ledger code")

static const struct field pot_fields[] = {
	RULES,
	FIELD(struct pot_in, year, INT, "year", .min = 2000, .max = 2200,
	      .help = "Its first financial year, by the year of its 1 April; the present one if left out."),
};
static const struct input pot_input = INPUT(struct pot_in, pot_fields);
static const struct field rule_fields[] = { RULES };
static const struct input rule_input = INPUT(struct pot_in, rule_fields, .help = "The rules of the pot of a year.");

static struct reply pot_shown(struct ctx *c)
{
	return created(c, row_json(c, 0, 0), "/fund/years/%s", value(c, 0, 0, "id"));
}

static struct reply pot_added(struct ctx *c)
{
	if (!value(c, 0, 0, "id"))
		return problem(c, PROBLEM_NOT_FOUND);
	query(c, &SQL_FUND_YEAR_SHOW, value(c, 0, 0, "id"));
	return then(pot_shown);
}

static struct reply strange_spenders(struct ctx *c)
{
	ctx_error(c, "/spenders", "unknown", "Choose organisations of your partnership");
	return invalid(c);
}

static struct reply spenders_known(struct ctx *c)
{
	if (rows(c, 0))
		return strange_spenders(c);
	query(c, &SQL_FUND_POT_ADD, ctx_json(c));
	return then(pot_added);
}

static struct reply pot_create(struct ctx *c)
{
	query(c, &SQL_FUND_POT_STRANGERS, ctx_json(c));
	return then(spenders_known);
}

static struct reply rules_known(struct ctx *c)
{
	if (rows(c, 0))
		return strange_spenders(c);
	query(c, &SQL_FUND_POT_CHANGE, ctx_id(c, "id"), ctx_if_match(c), ctx_json(c));
	return then_shown(c, ctx_id(c, "id"));
}

static struct reply pot_change(struct ctx *c)
{
	if (!ctx_if_match(c))
		return problem(c, PROBLEM_MATCH_MISSING);
	query(c, &SQL_FUND_POT_STRANGERS, ctx_json(c));
	return then(rules_known);
}

struct next_year {
	int64_t year;
};
static const struct field next_fields[] = {
	FIELD(struct next_year, year, INT, "year", .required = true, .min = 2000, .max = 2200,
	      .label = "Financial year"),
};
static const struct input next_input = INPUT(struct next_year, next_fields);

static struct reply year_added(struct ctx *c)
{
	const char *id = value(c, 0, 0, "id");
	enum pot_outcome which = (enum pot_outcome)outcome_of(c, &pot_outcome_codes);

	if (which != pot_outcome_done)
		return acted(c);
	query(c, &SQL_FUND_YEAR_SHOW, id);
	return then(pot_shown);
}

static struct reply year_create(struct ctx *c)
{
	const struct next_year *in = ctx_input(c);

	query(c, &SQL_FUND_YEAR_ADD, ctx_id(c, "id"), int_param(c, in->year));
	return then(year_added);
}

struct budget_in {
	const char *change;
	int64_t amount;
};
static const struct field budget_fields[] = {
	FIELD(struct budget_in, change, CODE, "change", .required = true, .codes = &budget_change_codes,
	      .ask = "Select whether the budget grows or shrinks"),
	FIELD(struct budget_in, amount, PENCE, "amount_pence", .required = true, .min = 1, .label = "Amount"),
};
static const struct input budget_input = INPUT(struct budget_in, budget_fields);

static struct reply budget_change(struct ctx *c)
{
	const struct budget_in *in = ctx_input(c);
	const char *less = text_eq(in->change, "less") ? "-" : "";

	if (!fund_if_match(c))
		return problem(c, PROBLEM_MATCH_MISSING);
	query(c, &SQL_FUND_YEAR_BUDGET, ctx_id(c, "id"), ctx_if_match(c),
	      arena_printf(ctx_arena(c), "%s%lld", less, (long long)in->amount));
	return then_shown(c, ctx_id(c, "id"));
}

struct move_in {
	const char *state;
};
static const struct field move_fields[] = {
	FIELD(struct move_in, state, CODE, "state", .required = true, .codes = &pot_state_codes,
	      .ask = "Select the state"),
};
static const struct input move_input = INPUT(struct move_in, move_fields);

static struct reply year_move(struct ctx *c)
{
	const struct move_in *in = ctx_input(c);

	if (!fund_if_match(c))
		return problem(c, PROBLEM_MATCH_MISSING);
	query(c, &SQL_FUND_YEAR_MOVE, ctx_id(c, "id"), ctx_if_match(c), in->state);
	return then_shown(c, ctx_id(c, "id"));
}

static struct reply pot_form(struct ctx *c)
{
	return ok(c, "{}");
}

/* ---- routes ---- */

#define LINE_MEMBERS \
	SHAPE_ID, \
	SHAPE("pot_id", UUID), \
	SHAPE("organisation_id", UUID), \
	SHAPE("organisation", TEXT), \
	SHAPE("name", TEXT), \
	SHAPE("funder", TEXT), \
	SHAPE("year", INT), \
	SHAPE("financial_year", TEXT), \
	SHAPE("state", CODE, .codes = &pot_state_codes), \
	SHAPE("ours", BOOL), \
	SHAPE("budget_pence", INT), \
	SHAPE("free_pence", INT), \
	SHAPE("committed_pence", INT), \
	SHAPE("in_payment_pence", INT), \
	SHAPE("spent_pence", INT), \
	SHAPE("gone_pence", INT), \
	SHAPE("stock_pence", INT), \
	SHAPE("spendable_pence", INT), \
	SHAPE("requested_pence", INT), \
	SHAPE_VERSION

static const struct shape_member lines[] = { LINE_MEMBERS, { 0 } };
static const struct shape many = { .name = "fund_year_line", .members = lines, .list = true };

static const struct shape_member unsettled_rows[] = {
	SHAPE("account", CODE, .codes = &fund_account_codes),
	SHAPE("pence", INT),
	{ 0 },
};
static const struct shape unsettled = { .name = "fund_unsettled", .members = unsettled_rows };
static const struct shape_member members[] = {
	LINE_MEMBERS,
	SHAPE("categories", CODE, .list = true, .codes = &fund_category_codes),
	SHAPE("cost_centre", TEXT, .nullable = true),
	SHAPE("gl_code", TEXT, .nullable = true),
	SHAPE("carry", CODE, .codes = &fund_carry_codes),
	SHAPE("provisional_percent", INT),
	SHAPE("spenders", UUID, .list = true),
	SHAPE("pot_version", INT),
	SHAPE("unsettled", OBJECT, .list = true, .sub = &unsettled),
	SHAPE("unexported", INT, .nullable = true),
	SHAPE("steps", CODE, .list = true, .codes = &pot_state_codes),
	{ 0 },
};
static const struct shape one = { .name = "fund_year", .members = members };

static const struct shape_member posting_rows[] = {
	SHAPE_ID,
	SHAPE("act", CODE, .codes = &fund_act_codes),
	SHAPE("cause", CODE, .codes = &fund_cause_codes),
	SHAPE("reference", TEXT, .nullable = true),
	SHAPE("value_on", DATE),
	SHAPE("booked_at", INSTANT),
	SHAPE("by", TEXT, .nullable = true),
	SHAPE("pence", INT),
	SHAPE("from_account", CODE, .codes = &fund_account_codes),
	SHAPE("to_account", CODE, .codes = &fund_account_codes),
	{ 0 },
};
static const struct shape postings = { .name = "fund_posting", .members = posting_rows, .list = true };

const struct route fund_pot_routes[] = {
	{ "GET", "/fund/years", CAN_see_fund, &list_input, year_list, "fund/pots", .flags = ROUTE_CSV, .output = &many,
	  .summary = "Pots of the fund by financial year, with what is left of each" },
	{ "GET", "/fund/pots/new", CAN_keep_fund, NULL, pot_form, "fund/new-pot", .flags = ROUTE_PAGE_ONLY,
	  .summary = "The form of a pot" },
	{ "POST", "/fund/pots", CAN_keep_fund, &pot_input, pot_create, "fund/new-pot", .form = pot_form, .output = &one,
	  .summary = "Set up a pot with its first year, which is empty and planned" },
	{ "GET", "/fund/years/{id}", CAN_see_fund, NULL, year_get, "fund/year", .output = &one,
	  .summary = "One financial year of a pot" },
	{ "PATCH", "/fund/years/{id}/pot", CAN_keep_fund, &rule_input, pot_change, .output = &one,
	  .summary = "Change the rules of a year's pot; If-Match names pot_version" },
	{ "POST", "/fund/years/{id}/next", CAN_keep_fund, &next_input, year_create, "fund/year", .form = year_get,
	  .output = &one, .summary = "Plan a further year of the pot" },
	{ "POST", "/fund/years/{id}/budget", CAN_keep_fund, &budget_input, budget_change, "fund/year", .form = year_get,
	  .output = &one, .summary = "Add to the budget of a year, or take from what is free of it" },
	{ "POST", "/fund/years/{id}/state", CAN_keep_fund, &move_input, year_move, "fund/year", .form = year_get,
	  .output = &one,
	  .summary = "Open or close a year: what is free at the end lapses, or is carried into the next" },
	{ "GET", "/fund/years/{id}/postings", CAN_see_books, &page_input, posting_list, "fund/postings",
	  .flags = ROUTE_CSV, .output = &postings, .summary = "What moved in a year of a pot, newest first" },
	{ 0 },
};
