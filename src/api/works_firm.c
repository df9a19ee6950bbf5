/* Firms of the sanctuary scheme: their trades, areas, contract and prices. No order changes by a later price. */
#include <string.h>

#include "api/codes.h"
#include "api/rights.h"
#include "api/routes.h"
#include "json/write.h"
#include "sanctuary.h"
#include "sql.h"

static struct reply firms_found(struct ctx *c)
{
	struct text t = text_in(ctx_arena(c));

	json_object_begin(&t);
	json_put_key(&t, "firms");
	rows_put(&t, c, 0);
	json_put_key(&t, "measures");
	rows_put(&t, c, 1);
	json_object_end(&t);
	return ok(c, text_done(&t));
}

static struct reply firm_list(struct ctx *c)
{
	query(c, &SQL_WORKS_FIRM_LIST);
	query(c, &SQL_WORKS_MEASURES);
	return then(firms_found);
}

static struct reply firm_set_done(struct ctx *c)
{
	if (!sanctuary_is_done(c))
		return sanctuary_refused(c);
	return done(c, row_json(c, 0, 0), "/sanctuary/firms");
}

struct firm_in {
	const char *firm, *from, *until;
	struct json_list trades, areas;
	enum tri fire_doors;
};
static const struct field firm_fields[] = {
	FIELD(struct firm_in, firm, UUID, "organisation_id", .required = true, .ask = "Select the firm"),
	FIELD(struct firm_in, trades, CODE, "trades", .required = true, .min_items = 1, .codes = &sanctuary_trade_codes,
	      .ask = "Select its trades"),
	FIELD(struct firm_in, areas, CODE, "areas", .required = true, .min_items = 1, .codes = &local_authority_codes,
	      .ask = "Select where it works"),
	FIELD(struct firm_in, from, DATE, "contract_from", .required = true, .label = "Contract from", .ask = "Enter the first day of the contract"),
	FIELD(struct firm_in, until, DATE, "contract_until", .required = true, .label = "Contract until",
	      .ask = "Enter the day from which on it gets no order"),
	FIELD(struct firm_in, fire_doors, BOOL, "fire_doors", .help = "Whether it is certified to work on fire doors."),
};
static const struct input firm_input = INPUT(struct firm_in, firm_fields);

static void check_firm(struct ctx *c)
{
	const struct firm_in *in = ctx_input(c);

	if (in->from && in->until && strcmp(in->from, in->until) >= 0)
		ctx_error(c, "/contract_until", "out_of_range", "This must be after the contract begins");
}

static struct reply firm_set(struct ctx *c)
{
	query(c, &SQL_WORKS_FIRM_SET, ((const struct firm_in *)ctx_input(c))->firm, ctx_json(c));
	return then(firm_set_done);
}

struct price_in {
	const char *firm, *measure, *from;
	int64_t pence;
};
static const struct field price_fields[] = {
	FIELD(struct price_in, firm, UUID, "organisation_id", .required = true, .ask = "Select the firm"),
	FIELD(struct price_in, measure, TEXT, "measure", .required = true, .max = 31, .ask = "Select the measure"),
	FIELD(struct price_in, from, DATE, "from_day", .ahead = 366, .label = "From", .help = "Today if left out."),
	FIELD(struct price_in, pence, PENCE, "unit_pence", .required = true, .label = "Price of a unit", .ask = "Enter the price without VAT"),
};
static const struct input price_input = INPUT(struct price_in, price_fields);

static struct reply firm_price(struct ctx *c)
{
	query(c, &SQL_WORKS_FIRM_PRICE, ((const struct price_in *)ctx_input(c))->firm, ctx_json(c));
	return then(firm_set_done);
}

static const struct shape_member price_rows[] = {
	SHAPE("measure", TEXT),
	SHAPE("name", TEXT),
	SHAPE("from_day", DATE),
	SHAPE("unit_pence", INT),
	{ 0 },
};
static const struct shape price = { .name = "works_price", .members = price_rows };
static const struct shape_member firm_rows[] = {
	SHAPE_ID,
	SHAPE("name", TEXT),
	SHAPE("trades", CODE, .nullable = true, .list = true, .codes = &sanctuary_trade_codes),
	SHAPE("areas", CODE, .nullable = true, .list = true, .codes = &local_authority_codes),
	SHAPE("contract_from", DATE, .nullable = true),
	SHAPE("contract_until", DATE, .nullable = true),
	SHAPE("fire_doors", BOOL, .nullable = true),
	SHAPE("in_contract", BOOL),
	SHAPE("ends_soon", BOOL, .nullable = true),
	SHAPE("prices", OBJECT, .list = true, .sub = &price),
	{ 0 },
};
static const struct shape firm = { .name = "works_firm", .members = firm_rows };
static const struct shape_member measure_rows[] = { SHAPE("code", TEXT), SHAPE("label", TEXT), { 0 } };
static const struct shape measure = { .name = "works_measure", .members = measure_rows };
static const struct shape_member members[] = {
	SHAPE("firms", OBJECT, .list = true, .sub = &firm),
	SHAPE("measures", OBJECT, .list = true, .sub = &measure),
	{ 0 },
};
static const struct shape all = { .name = "works_firms", .members = members };
static const struct shape_member set_rows[] = { SHAPE_ID, { 0 } };
static const struct shape set = { .name = "works_firm_set", .members = set_rows };

const struct route works_firm_routes[] = {
	{ "GET", "/sanctuary/firms", CAN_coordinate | CAN_do_works, NULL, firm_list, "works/firms", .output = &all,
	  .summary = "The firms of the sanctuary scheme: trades, areas, contracts and prices; of a firm's people their own" },
	{ "POST", "/sanctuary/firms", CAN_coordinate, &firm_input, firm_set, "works/firms", .check = check_firm, .form = firm_list,
	  .output = &set, .summary = "Say what a firm may be asked to do, from now on" },
	{ "POST", "/sanctuary/firm-prices", CAN_coordinate, &price_input, firm_price, "works/firms", .form = firm_list,
	  .output = &set, .summary = "Set what a firm asks for a measure from a day on; no order changes by it" },
	{ 0 },
};
