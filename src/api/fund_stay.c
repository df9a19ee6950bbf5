/* Interim placements, as the fund pays for them: what the nights cost, what was billed and paid of them, and the bill of
 * those that have been. A bill is a request; its payee and its payment are a request's. */
#include "api/codes.h"
#include "api/resource.h"
#include "api/rights.h"
#include "api/routes.h"
#include "fund_request.h"
#include "sql.h"

static struct reply shown(struct ctx *c)
{
	if (rows(c, 0))
		audit(c, "read", "placement", value(c, 0, 0, "placement_id"), value(c, 0, 0, "household_id"), NULL);
	return row_reply(c, 0);
}

static struct reply stay_get(struct ctx *c)
{
	query(c, &SQL_FUND_STAY_SHOW, ctx_id(c, "id"));
	return then(shown);
}

struct bill_in {
	enum tri invoiced;
};
static const struct field bill_fields[] = {
	FIELD(struct bill_in, invoiced, BOOL, "invoiced",
	      .help = "true: you saw an invoice, and nights that are still to come may be paid for too."),
};
static const struct input bill_input = INPUT(struct bill_in, bill_fields);

static struct reply stay_bill(struct ctx *c)
{
	const struct bill_in *in = ctx_input(c);

	query(c, &SQL_FUND_STAY_BILL, ctx_id(c, "id"), in->invoiced == TRI_YES ? "t" : "f");
	return then(fund_request_asked);
}

static const struct shape_member bill_rows[] = {
	SHAPE("request_id", UUID),
	SHAPE("reference", TEXT),
	SHAPE("from_day", DATE),
	SHAPE("until_day", DATE),
	SHAPE("amount_pence", INT),
	SHAPE("state", CODE, .codes = &fund_state_codes),
	{ 0 },
};
static const struct shape bill = { .name = "fund_stay_bill", .members = bill_rows };
static const struct shape_member members[] = {
	SHAPE("placement_id", UUID),
	SHAPE("household_id", UUID, .nullable = true),
	SHAPE("household_reference", TEXT),
	SHAPE("from_day", DATE, .nullable = true),
	SHAPE("until_day", DATE, .nullable = true),
	SHAPE("ended", BOOL),
	SHAPE("cost_pence", INT),
	SHAPE("promised_pence", INT),
	SHAPE("in_payment_pence", INT),
	SHAPE("paid_pence", INT),
	SHAPE("too_much_pence", INT),
	SHAPE("uncovered_pence", INT),
	SHAPE("bill_from", DATE, .nullable = true),
	SHAPE("bill_until", DATE, .nullable = true),
	SHAPE("bill_pence", INT),
	SHAPE("invoice_until", DATE, .nullable = true),
	SHAPE("may_bill", BOOL),
	SHAPE("bills", OBJECT, .list = true, .sub = &bill),
	{ 0 },
};
static const struct shape stay = { .name = "fund_stay", .members = members };

const struct route fund_stay_routes[] = {
	{ "GET", "/placements/{id}/stay-bills", CAN_see_fund, NULL, stay_get, "fund/stay", .output = &stay,
	  .summary = "What an interim placement costs, and what was billed and paid of it" },
	{ "POST", "/placements/{id}/stay-bills", CAN_place, &bill_input, stay_bill, "fund/stay", .form = stay_get,
	  .output = &fund_request_shape,
	  .summary = "Bill the nights of an interim placement that have been: a request that can be paid" },
	{ 0 },
};
