/* What a category of the fund allows: as the operator set it, or, from a day to a day, as the organisation did that keeps
 * the pots. */
#include "api/codes.h"
#include "api/resource.h"
#include "api/rights.h"
#include "api/routes.h"
#include "case.h"
#include "fund.h"
#include "sql.h"

static struct reply listed(struct ctx *c)
{
	return list_reply(c, 0);
}

static struct reply cap_list(struct ctx *c)
{
	query(c, &SQL_FUND_CAP_LIST, page_size(c), page_cursor(c));
	return then(listed);
}

struct cap_in {
	const char *category, *from_day, *until_day;
	int64_t payment, household;
};
static const struct field cap_fields[] = {
	FIELD(struct cap_in, category, CODE, "category", .required = true, .codes = &fund_category_codes,
	      .ask = "Select what it is for"),
	FIELD(struct cap_in, payment, PENCE, "payment_pence", .nullable = true, .min = 1, .label = "Most of one request",
	      .help = "Left out: no limit."),
	FIELD(struct cap_in, household, PENCE, "household_pence", .nullable = true, .min = 1,
	      .label = "Most for a household in 12 months", .help = "Left out: no limit."),
	FIELD(struct cap_in, from_day, DATE, "from_day", .past = 0, .ahead = 731, .label = "From", .help = "Today if left out."),
	FIELD(struct cap_in, until_day, DATE, "until_day", .past = 0, .ahead = 3660, .label = "Until",
	      .help = "The day after the last day; left out: until it is replaced. Afterwards what the operator set counts."),
};
static const struct input cap_input = INPUT(struct cap_in, cap_fields);

static void check_cap(struct ctx *c)
{
	const struct cap_in *in = ctx_input(c);

	fund_check_period(c, in->from_day, in->until_day);
}

static struct reply cap_made(struct ctx *c)
{
	if (!value(c, 0, 0, "id"))
		return problem(c, PROBLEM_NOT_FOUND);
	return created(c, row_json(c, 0, 0), "/fund/caps");
}

static struct reply cap_set(struct ctx *c)
{
	query(c, &SQL_FUND_CAP_SET, ctx_json(c));
	return then(cap_made);
}

static const struct shape_member rows_of[] = {
	SHAPE("category", CODE, .codes = &fund_category_codes),
	SHAPE("id", UUID, .nullable = true),
	SHAPE("payment_pence", INT, .nullable = true),
	SHAPE("household_pence", INT, .nullable = true),
	SHAPE("from_day", DATE, .nullable = true),
	SHAPE("until_day", DATE, .nullable = true),
	SHAPE("set_by", TEXT, .nullable = true),
	SHAPE("source", TEXT, .nullable = true),
	{ 0 },
};
static const struct shape caps = { .name = "fund_cap", .members = rows_of, .list = true };
static const struct shape_member made_rows[] = { SHAPE_ID, { 0 } };
static const struct shape made = { .name = "fund_cap_set", .members = made_rows };

const struct route fund_cap_routes[] = {
	{ "GET", "/fund/caps", CAN_see_books, &page_input, cap_list, "fund/caps", .output = &caps,
	  .summary = "What each category allows, and from when to when" },
	{ "POST", "/fund/caps", CAN_keep_fund, &cap_input, cap_set, "fund/caps", .check = check_cap, .form = cap_list,
	  .output = &made, .summary = "Set what a category allows, from a day until a day" },
	{ 0 },
};
