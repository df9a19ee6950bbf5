/* Requests to the fund: asked from a case, changed, and the lists of them. Deciding is in fund_decide.c. Finance sees
 * the case's reference and never a name. */
#include "api/codes.h"
#include "api/outcomes.h"
#include "api/resource.h"
#include "api/rights.h"
#include "api/routes.h"
#include "fund.h"
#include "fund_promise.h"
#include "fund_request.h"
#include "household.h"
#include "json/write.h"
#include "sql.h"

/* ---- lists ---- */

struct fund_requests {
	int64_t limit;
	const char *cursor, *state, *category, *year;
	enum tri waiting, mine;
};
static const struct field list_fields[] = {
	PAGE_FIELDS(struct fund_requests),
	FIELD(struct fund_requests, state, CODE, "state", .codes = &fund_state_codes),
	FIELD(struct fund_requests, category, CODE, "category", .codes = &fund_category_codes),
	FIELD(struct fund_requests, year, UUID, "year_id", .help = "Asked of this year of a pot."),
	FIELD(struct fund_requests, waiting, BOOL, "waiting", .help = "true: those that wait for an approval."),
	FIELD(struct fund_requests, mine, BOOL, "asked",
	      .help = "true: those that your organisation asked for, not those of the pots that it keeps."),
};
static const struct input list_input = INPUT(struct fund_requests, list_fields);

static struct reply listed(struct ctx *c)
{
	return recorded_list(c, 0, "search", "request", NULL, NULL);
}

static struct reply request_list(struct ctx *c)
{
	const struct fund_requests *q = ctx_input(c);
	bool asked = q->mine == TRI_YES || !(ctx_can(c, CAN_see_books) || ctx_can(c, CAN_approve_fund));

	query(c, &SQL_FUND_REQUEST_LIST, page_size(c), page_cursor(c), q->state, q->category, q->year,
	      tri_param(q->waiting), asked ? "t" : "f");
	return then(listed);
}

/* ---- one ---- */

static struct reply shown(struct ctx *c)
{
	if (rows(c, 0))
		audit(c, "read", "request", value(c, 0, 0, "id"), value(c, 0, 0, "household_id"), NULL);
	return row_reply(c, 0);
}

struct reply fund_request_get(struct ctx *c)
{
	query(c, &SQL_FUND_REQUEST_SHOW, ctx_id(c, "id"));
	return then(shown);
}

static struct reply about_found(struct ctx *c)
{
	if (rows(c, 0) == 0)
		return problem(c, PROBLEM_NOT_FOUND);
	query(c, &SQL_FUND_REQUEST_SHOW, value(c, 0, 0, "id"));
	return then(shown);
}

struct reply fund_request_about(struct ctx *c)
{
	query(c, &SQL_FUND_REQUEST_ABOUT, ctx_id(c, "id"));
	return then(about_found);
}

/* ---- asking ---- */

static const struct field part_fields[] = {
	FIELD(struct fund_part, year, UUID, "pot_year_id", .required = true),
	FIELD(struct fund_part, amount, PENCE, "amount_pence", .required = true, .min = 1),
};
static const struct input part_input = INPUT(struct fund_part, part_fields);

#define ASKED \
	FIELD(struct fund_ask, category, CODE, "category", .required = true, .codes = &fund_category_codes, \
	      .ask = "Select what it is for"), \
	FIELD(struct fund_ask, amount, PENCE, "amount_pence", .required = true, .min = 1, .max = 10000000, \
	      .label = "Amount", .ask = "Enter the amount"), \
	FIELD(struct fund_ask, means, CODE, "means", .required = true, .codes = &fund_means_codes, \
	      .ask = "Select how it is to be paid"), \
	FIELD(struct fund_ask, needed_on, DATE, "needed_on", .past = 0, .ahead = 366, .label = "Needed on", \
	      .help = "Today if left out."), \
	FIELD(struct fund_ask, evidence, CODE, "evidence", .codes = &fund_evidence_codes, \
	      .help = "The document that you saw; none_yet if left out."), \
	FIELD(struct fund_ask, parts, OBJECT, "parts", .sub = &part_input, .max_items = 10, \
	      .help = "The pots to ask, with the amount of each; one that has enough is chosen if left out.")

static const struct field ask_fields[] = { ASKED };
static const struct input ask_input = INPUT(struct fund_ask, ask_fields);

static struct reply case_found(struct ctx *c)
{
	struct text t = text_in(ctx_arena(c));

	if (rows(c, 0) == 0)
		return problem(c, PROBLEM_NOT_FOUND);
	audit(c, "search", "request", NULL, value(c, 0, 0, "id"), NULL);
	json_object_begin(&t);
	json_put_key(&t, "household");
	row_put(&t, c, 0, 0);
	json_put_key(&t, "pots");
	rows_put(&t, c, 1);
	json_object_end(&t);
	return ok(c, text_done(&t));
}

static struct reply case_requests(struct ctx *c)
{
	query(c, &SQL_FUND_REQUEST_CASE, ctx_id(c, "id"));
	query(c, &SQL_FUND_REQUEST_POTS);
	return then(case_found);
}

static struct reply asked_shown(struct ctx *c)
{
	return created(c, row_json(c, 0, 0), "/fund/requests/%s", value(c, 0, 0, "id"));
}

static struct reply settled_shown(struct ctx *c)
{
	return done(c, row_json(c, 0, 0), "/fund/requests/%s", value(c, 0, 0, "id"));
}

static struct reply then_request(struct ctx *c, step *shown_by)
{
	enum fund_outcome which = (enum fund_outcome)outcome_of(c, &fund_outcome_codes);

	if (which != fund_outcome_done)
		return fund_refused(c, which);
	query(c, &SQL_FUND_REQUEST_SHOW, value(c, 0, 0, "_id"));
	return then(shown_by);
}

struct reply fund_request_asked(struct ctx *c)
{
	return then_request(c, asked_shown);
}

struct reply fund_request_settled(struct ctx *c)
{
	return then_request(c, settled_shown);
}

static struct reply request_create(struct ctx *c)
{
	query(c, &SQL_FUND_REQUEST_ASK, ctx_id(c, "id"), ctx_json(c));
	return then(fund_request_asked);
}

/* ---- changing ---- */

struct reply fund_request_done(struct ctx *c)
{
	enum fund_outcome which = (enum fund_outcome)outcome_of(c, &fund_outcome_codes);

	if (which != fund_outcome_done && which != fund_outcome_second)
		return fund_refused(c, which);
	return at(row_reply(c, 1), arena_printf(ctx_arena(c), "/fund/requests/%s", value(c, 1, 0, "id")));
}

static struct reply request_change(struct ctx *c)
{
	if (!ctx_if_match(c))
		return problem(c, PROBLEM_MATCH_MISSING);
	query(c, &SQL_FUND_REQUEST_CHANGE, ctx_id(c, "id"), ctx_if_match(c), ctx_json(c));
	query(c, &SQL_FUND_REQUEST_SHOW, ctx_id(c, "id"));
	return then(fund_request_done);
}

/* ---- what another fund gave ---- */

struct elsewhere_in {
	const char *category, *paid_on, *funder;
	int64_t amount;
};
static const struct field elsewhere_fields[] = {
	FIELD(struct elsewhere_in, category, CODE, "category", .required = true, .codes = &fund_category_codes,
	      .ask = "Select what it was for"),
	FIELD(struct elsewhere_in, amount, PENCE, "amount_pence", .min = 1, .help = "Left out: not known."),
	FIELD(struct elsewhere_in, paid_on, DATE, "paid_on", .required = true, .past = 730, .label = "Paid on"),
	FIELD(struct elsewhere_in, funder, TEXT, "funder", .required = true, .prose = true, .max = 80, .ask = "Enter whose fund paid"),
};
static const struct input elsewhere_input = INPUT(struct elsewhere_in, elsewhere_fields);

static struct reply elsewhere_added(struct ctx *c)
{
	if (affected(c, 0) == 0)
		return problem(c, PROBLEM_NOT_FOUND);
	return created(c, row_json(c, 1, 0), "/households/%s/fund-requests", ctx_id(c, "id"));
}

static struct reply elsewhere_create(struct ctx *c)
{
	lock_case(c, ctx_id(c, "id"));
	query(c, &SQL_FUND_ELSEWHERE_ADD, ctx_id(c, "id"), ctx_json(c));
	query(c, &SQL_FUND_REQUEST_CASE, ctx_id(c, "id"));
	return then(elsewhere_added);
}

/* ---- shapes ---- */

#define LINE_MEMBERS \
	SHAPE_ID, \
	SHAPE("reference", TEXT), \
	SHAPE("household_id", UUID, .nullable = true), \
	SHAPE("household_reference", TEXT), \
	SHAPE("organisation_id", UUID), \
	SHAPE("organisation", TEXT), \
	SHAPE("keeper_id", UUID), \
	SHAPE("category", CODE, .codes = &fund_category_codes), \
	SHAPE("amount_pence", INT), \
	SHAPE("means", CODE, .codes = &fund_means_codes), \
	SHAPE("needed_on", DATE), \
	SHAPE("overdue", BOOL), \
	SHAPE("evidence", CODE, .codes = &fund_evidence_codes), \
	SHAPE("state", CODE, .codes = &fund_state_codes), \
	SHAPE("reason", CODE, .nullable = true, .codes = &fund_reason_codes), \
	SHAPE("asked_by", TEXT, .nullable = true), \
	SHAPE("own", BOOL), \
	SHAPE("asked_at", INSTANT), \
	SHAPE("decided_at", INSTANT, .nullable = true), \
	SHAPE_VERSION

static const struct shape_member line_part_rows[] = {
	SHAPE("pot", TEXT),
	SHAPE("amount_pence", INT),
	{ 0 },
};
static const struct shape line_part = { .name = "fund_line_part", .members = line_part_rows };
static const struct shape_member lines[] = { LINE_MEMBERS, SHAPE("parts", OBJECT, .list = true, .sub = &line_part), { 0 } };
static const struct shape many = { .name = "fund_request_line", .members = lines, .list = true };

static const struct shape_member part_rows[] = {
	SHAPE("n", INT),
	SHAPE("pot_year_id", UUID),
	SHAPE("pot", TEXT),
	SHAPE("year", TEXT),
	SHAPE("amount_pence", INT),
	SHAPE("spendable_pence", INT),
	{ 0 },
};
static const struct shape part = { .name = "fund_part", .members = part_rows };
static const struct shape_member approval_rows[] = {
	SHAPE_ID,
	SHAPE("by", TEXT, .nullable = true),
	SHAPE("at", INSTANT),
	SHAPE("amount_pence", INT),
	SHAPE("counts", BOOL),
	SHAPE("lane", CODE, .nullable = true, .codes = &fund_lane_codes),
	SHAPE("overruled", CODE, .nullable = true, .codes = &fund_overrule_codes),
	SHAPE("review_on", DATE, .nullable = true),
	SHAPE("reviewed_by", TEXT, .nullable = true),
	SHAPE("reviewed_at", INSTANT, .nullable = true),
	SHAPE("upheld", BOOL, .nullable = true),
	{ 0 },
};
static const struct shape approval = { .name = "fund_approval", .members = approval_rows };
static const struct shape_member alike_rows[] = {
	SHAPE("level", CODE, .codes = &fund_level_codes),
	SHAPE("rule", CODE, .codes = &fund_likeness_codes),
	SHAPE("id", UUID, .nullable = true),
	SHAPE("reference", TEXT, .nullable = true),
	SHAPE("on_day", DATE),
	SHAPE("amount_pence", INT, .nullable = true),
	{ 0 },
};
static const struct shape alike = { .name = "fund_alike", .members = alike_rows };
static const struct shape_member had_rows[] = {
	SHAPE("category_pence", INT),
	SHAPE("category_most", INT, .nullable = true),
	SHAPE("group_pence", INT),
	SHAPE("group_most", INT, .nullable = true),
	SHAPE("of_group", CODE, .codes = &fund_group_codes),
	{ 0 },
};
static const struct shape had = { .name = "fund_had", .members = had_rows };
static const struct shape_member money_rows[] = {
	SHAPE("promised", INT),
	SHAPE("open", INT),
	SHAPE("in_payment", INT),
	SHAPE("paid", INT),
	SHAPE("released", INT),
	SHAPE("expires_on", DATE, .nullable = true),
	{ 0 },
};
static const struct shape money = { .name = "fund_money", .members = money_rows };
static const struct shape_member payee_rows[] = {
	SHAPE_ID,
	SHAPE("kind", CODE, .codes = &payee_kind_codes),
	SHAPE("changed", BOOL),
	SHAPE("recorded_at", INSTANT),
	SHAPE("verified_at", INSTANT, .nullable = true),
	SHAPE("refused_at", INSTANT, .nullable = true),
	SHAPE("agreed", BOOL),
	SHAPE("shared_account", BOOL),
	{ 0 },
};
static const struct shape payee = { .name = "fund_request_payee", .members = payee_rows };
static const struct shape_member payment_rows[] = {
	SHAPE_ID,
	SHAPE("reference", TEXT),
	SHAPE("run", TEXT, .nullable = true),
	SHAPE("amount_pence", INT),
	SHAPE("means", CODE, .codes = &fund_means_codes),
	SHAPE("state", CODE, .codes = &payment_state_codes),
	SHAPE("made_at", INSTANT),
	SHAPE("settled_on", DATE, .nullable = true),
	SHAPE("reason", CODE, .nullable = true, .codes = &bounce_reason_codes),
	SHAPE("recovered_pence", INT),
	{ 0 },
};
static const struct shape payment = { .name = "fund_request_payment", .members = payment_rows };
static const struct shape_member face_rows[] = {
	SHAPE("face_pence", INT),
	SHAPE("cards", INT),
	{ 0 },
};
static const struct shape face = { .name = "fund_stock_face", .members = face_rows };
static const struct shape_member stock_rows[] = {
	SHAPE("cards", INT),
	SHAPE("faces", OBJECT, .list = true, .sub = &face),
	{ 0 },
};
static const struct shape stock = { .name = "fund_request_stock", .members = stock_rows };
static const struct shape_member members[] = {
	LINE_MEMBERS,
	SHAPE("parts", OBJECT, .list = true, .sub = &part),
	SHAPE("split", BOOL),
	SHAPE("approvals", OBJECT, .list = true, .sub = &approval),
	SHAPE("alike", OBJECT, .list = true, .sub = &alike),
	SHAPE("had", OBJECT, .sub = &had),
	SHAPE("money", OBJECT, .sub = &money),
	SHAPE("stock", OBJECT, .nullable = true, .sub = &stock),
	SHAPE("payee", OBJECT, .nullable = true, .sub = &payee),
	SHAPE("payments", OBJECT, .list = true, .sub = &payment),
	SHAPE("promise", OBJECT, .nullable = true, .sub = &fund_promise_shape),
	SHAPE("approver_reaches", BOOL, .nullable = true),
	SHAPE("acts", CODE, .list = true, .codes = &fund_request_act_codes),
	SHAPE("next_id", UUID, .nullable = true),
	{ 0 },
};
const struct shape fund_request_shape = { .name = "fund_request", .members = members };

static const struct shape_member of_case_rows[] = {
	SHAPE_ID,
	SHAPE("reference", TEXT),
	SHAPE("category", CODE, .codes = &fund_category_codes),
	SHAPE("amount_pence", INT),
	SHAPE("state", CODE, .codes = &fund_state_codes),
	SHAPE("needed_on", DATE),
	SHAPE("asked_at", INSTANT),
	{ 0 },
};
static const struct shape of_case = { .name = "fund_request_of_case", .members = of_case_rows };
static const struct shape_member elsewhere_rows[] = {
	SHAPE("category", CODE, .codes = &fund_category_codes),
	SHAPE("amount_pence", INT, .nullable = true),
	SHAPE("paid_on", DATE),
	SHAPE("funder", TEXT),
	{ 0 },
};
static const struct shape elsewhere = { .name = "funded_elsewhere", .members = elsewhere_rows };
static const struct shape_member case_rows[] = {
	SHAPE_ID,
	SHAPE("reference", TEXT),
	SHAPE("open", BOOL),
	SHAPE("works_on", BOOL),
	SHAPE("referral_id", UUID, .nullable = true),
	SHAPE("requests", OBJECT, .list = true, .sub = &of_case),
	SHAPE("elsewhere", OBJECT, .list = true, .sub = &elsewhere),
	{ 0 },
};
static const struct shape case_shape = { .name = "fund_case", .members = case_rows };
static const struct shape_member pot_rows[] = {
	SHAPE("code", UUID),
	SHAPE("label", TEXT),
	SHAPE("name", TEXT),
	SHAPE("year", TEXT),
	SHAPE("spendable_pence", INT),
	SHAPE("categories", CODE, .list = true, .codes = &fund_category_codes),
	{ 0 },
};
const struct shape fund_choice_shape = { .name = "fund_choice", .members = pot_rows };
static const struct shape_member whole_rows[] = {
	SHAPE("household", OBJECT, .sub = &case_shape),
	SHAPE("pots", OBJECT, .list = true, .sub = &fund_choice_shape),
	{ 0 },
};
static const struct shape whole = { .name = "fund_requests_of_case", .members = whole_rows };

const struct route fund_request_routes[] = {
	{ "GET", "/fund/requests", CAN_see_fund, &list_input, request_list, "fund/requests", .output = &many,
	  .summary = "Requests to the fund, the soonest needed first" },
	{ "GET", "/fund/requests/{id}", CAN_see_fund, NULL, fund_request_get, "fund/request",
	  .output = &fund_request_shape,
	  .summary = "One request, with its approvals, what the household had, and what you may do with it" },
	{ "PATCH", "/fund/requests/{id}", CAN_place, &ask_input, request_change, .output = &fund_request_shape,
	  .summary = "Change a request that is not decided: what more is asked for needs its approvals again" },
	{ "POST", "/fund/requests/{id}/change", CAN_place, &ask_input, request_change, "fund/request",
	  .flags = ROUTE_PAGE_ONLY, .form = fund_request_get,
	  .summary = "The same by page, which sends every member again" },
	{ "GET", "/households/{id}/fund-requests", CAN_place, NULL, case_requests, "fund/case", .output = &whole,
	  .summary = "What was asked of the fund for a household, and what is left to ask for" },
	{ "POST", "/households/{id}/fund-requests", CAN_place, &ask_input, request_create, "fund/case",
	  .form = case_requests, .output = &fund_request_shape, .summary = "Ask the fund for money for a household" },
	{ "POST", "/households/{id}/funded-elsewhere", CAN_place, &elsewhere_input, elsewhere_create, "fund/case",
	  .form = case_requests, .output = &case_shape, .summary = "Record what another fund gave a household" },
	{ 0 },
};
