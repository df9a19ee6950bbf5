/* The forecast of the fund to year end: of each pot, of each category, with its method; and what was free week by
 * week. The database computes it (fund.outlook_of), of the ledger and the requests alone. */
#include "api/codes.h"
#include "api/resource.h"
#include "api/rights.h"
#include "api/routes.h"
#include "case.h"
#include "sql.h"

struct forecast_query {
	int64_t year;
};
static const struct field forecast_fields[] = {
	FIELD(struct forecast_query, year, INT, "year", .min = 2000, .max = 2200,
	      .help = "The year of the 1 April with which a financial year begins; the present one if left out."),
};
static const struct input forecast_input = INPUT(struct forecast_query, forecast_fields);

static struct reply listed(struct ctx *c)
{
	return all_reply(c, 0);
}

static struct reply forecast_list(struct ctx *c)
{
	const struct forecast_query *q = ctx_input(c);

	query(c, &SQL_FUND_FORECAST_LIST, int_param(c, q->year));
	return then(listed);
}

static struct reply shown(struct ctx *c)
{
	return row_reply(c, 0);
}

static struct reply forecast_get(struct ctx *c)
{
	query(c, &SQL_FUND_FORECAST_SHOW, ctx_id(c, "id"));
	return then(shown);
}

static struct reply weeks_listed(struct ctx *c)
{
	return rows(c, 0) ? all_reply(c, 0) : problem(c, PROBLEM_NOT_FOUND);
}

static struct reply week_list(struct ctx *c)
{
	query(c, &SQL_FUND_WEEK_LIST, ctx_id(c, "id"));
	return then(weeks_listed);
}

/* ---- how long it takes ---- */

static struct reply days_list(struct ctx *c)
{
	query(c, &SQL_FUND_DAYS_LIST);
	return then(listed);
}

/* ---- routes ---- */

#define MADE_OF \
	SHAPE("spent_pence", INT), \
	SHAPE("in_payment_pence", INT), \
	SHAPE("promised_pence", INT), \
	SHAPE("recurring_pence", INT), \
	SHAPE("expected_pence", INT), \
	SHAPE("expected_weekly_pence", INT), \
	SHAPE("trend_pence", INT), \
	SHAPE("forecast_pence", INT), \
	SHAPE("band_pence", INT, .nullable = true), \
	SHAPE("runs_out_on", DATE, .nullable = true), \
	SHAPE("earliest_on", DATE, .nullable = true)

static const struct shape_member lines[] = {
	SHAPE("scope", CODE, .codes = &forecast_scope_codes),
	SHAPE("id", UUID, .nullable = true),
	SHAPE("name", TEXT, .nullable = true),
	SHAPE("category", CODE, .nullable = true, .codes = &fund_category_codes),
	SHAPE("budget_pence", INT, .nullable = true),
	MADE_OF,
	{ 0 },
};
static const struct shape many = { .name = "fund_forecast_line", .members = lines, .list = true };

static const struct shape_member week_rows[] = {
	SHAPE("ends_on", DATE),
	SHAPE("free_pence", INT),
	SHAPE("promised_pence", INT),
	{ 0 },
};
static const struct shape weeks = { .name = "fund_weeks", .members = week_rows, .list = true };
static const struct shape week = { .name = "fund_week", .members = week_rows };

static const struct shape_member picture_rows[] = {
	SHAPE("days", INT),
	SHAPE("past", TEXT, .nullable = true),
	SHAPE("middle", TEXT, .nullable = true),
	SHAPE("band", TEXT, .nullable = true),
	{ 0 },
};
static const struct shape picture = { .name = "fund_forecast_picture", .members = picture_rows };

static const struct shape_member members[] = {
	SHAPE_ID,
	SHAPE("name", TEXT),
	SHAPE("funder", TEXT),
	SHAPE("financial_year", TEXT),
	SHAPE("on_day", DATE),
	SHAPE("days_left", INT),
	SHAPE("budget_pence", INT),
	SHAPE("free_pence", INT),
	SHAPE("asked_pence", INT),
	SHAPE("approved_percent", INT),
	SHAPE("week_pence", INT),
	SHAPE("weeks_known", INT),
	MADE_OF,
	SHAPE("least_pence", INT, .nullable = true),
	SHAPE("most_pence", INT, .nullable = true),
	SHAPE("over", BOOL),
	SHAPE("weeks", OBJECT, .list = true, .sub = &week),
	SHAPE("picture", OBJECT, .sub = &picture),
	{ 0 },
};
static const struct shape one = { .name = "fund_forecast", .members = members };

static const struct shape_member day_rows[] = {
	SHAPE("begins_on", DATE),
	SHAPE("decided", INT),
	SHAPE("decided_median", TEXT, .nullable = true),
	SHAPE("decided_p90", TEXT, .nullable = true),
	SHAPE("paid", INT),
	SHAPE("paid_median", TEXT, .nullable = true),
	SHAPE("paid_p90", TEXT, .nullable = true),
	{ 0 },
};
static const struct shape days = { .name = "fund_days", .members = day_rows, .list = true };

const struct route fund_forecast_routes[] = {
	{ "GET", "/fund/forecast", CAN_see_books, &forecast_input, forecast_list, "fund/forecasts", .flags = ROUTE_CSV,
	  .output = &many, .summary = "What a financial year will have cost, by pot and by category" },
	{ "GET", "/fund/years/{id}/forecast", CAN_see_books, NULL, forecast_get, "fund/forecast", .output = &one,
	  .summary = "What a year of a pot will have cost, when it runs out, and how that is computed" },
	{ "GET", "/fund/years/{id}/weeks", CAN_see_books, NULL, week_list, .flags = ROUTE_CSV, .output = &weeks,
	  .summary = "What was free of a year of a pot at the end of each week" },
	{ "GET", "/fund/years/{id}/weeks.csv", CAN_see_books, NULL, week_list, .flags = ROUTE_BARE | ROUTE_CSV, .output = &weeks,
	  .summary = "The same as a file" },
	{ "GET", "/fund/forecast.csv", CAN_see_books, &forecast_input, forecast_list, .flags = ROUTE_BARE | ROUTE_CSV,
	  .output = &many, .summary = "The forecasts as a file" },
	{ "GET", "/fund/days", CAN_see_books, NULL, days_list, "fund/days", .flags = ROUTE_CSV, .output = &days,
	  .summary = "Days from a request to its decision and to its payment, by quarter: median and nine in ten" },
	{ "GET", "/fund/days.csv", CAN_see_books, NULL, days_list, .flags = ROUTE_BARE | ROUTE_CSV, .output = &days,
	  .summary = "The same as a file" },
	{ 0 },
};
