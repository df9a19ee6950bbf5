/* The partnership's households by reference. They cannot be found by name. */
#include "api/codes.h"
#include "case.h"
#include "household.h"
#include "sql.h"

struct household_query {
	int64_t limit;
	const char *cursor, *reference, *urgency, *risk_level;
	enum tri open;
	const char *organisation_id;
	int64_t risk_review_within, immigration_within;
};

static const struct field list_fields[] = {
	PAGE_FIELDS(struct household_query),
	FIELD(struct household_query, reference, CASE_REFERENCE, "reference",
	      .help = "The whole case reference. There is no search by name."),
	FIELD(struct household_query, urgency, CODE, "urgency", .codes = &known_urgency),
	FIELD(struct household_query, risk_level, CODE, "risk_level", .codes = &known_risk_level,
	      .help = "A household whose risk is not assessed ranks as high, and is found as that."),
	FIELD(struct household_query, open, BOOL, "open"),
	FIELD(struct household_query, organisation_id, UUID, "organisation_id"),
	FIELD(struct household_query, risk_review_within, INT, "risk_review_within", .max = 366,
	      .help = "Open cases whose risk must be assessed again within this many days."),
	FIELD(struct household_query, immigration_within, INT, "immigration_expires_within",
	      .max = 366, .help = "Open cases with leave that ends within this many days."),
};
const struct input household_list_input = INPUT(struct household_query, list_fields);

static struct reply households_found(struct ctx *c)
{
	return recorded_list(c, 0, "search", "household", NULL, NULL);
}

struct reply household_list(struct ctx *c)
{
	const struct household_query *q = ctx_input(c);

	query(c, &SQL_HOUSEHOLD_LIST, page_size(c), page_cursor(c),
	      q->reference, q->urgency, q->risk_level, tri_param(q->open), q->organisation_id,
	      int_param(c, q->risk_review_within), int_param(c, q->immigration_within));
	return then(households_found);
}

static const struct shape_member line_rows[] = {
	SHAPE_ID,
	SHAPE("reference", TEXT),
	SHAPE("organisation_id", UUID),
	SHAPE("situation", CODE, .nullable = true, .codes = &known_situation),
	SHAPE("urgency", CODE, .codes = &known_urgency),
	SHAPE("band", CODE, .codes = &known_band),
	SHAPE("band_line", CODE, .codes = &band_line_codes),
	SHAPE("risk_level", CODE, .nullable = true, .codes = &known_risk_level),
	SHAPE("risk_least", CODE, .nullable = true, .codes = &known_risk_level),
	SHAPE("risk_review_on", DATE, .nullable = true),
	SHAPE("immigration_expires_on", DATE, .nullable = true),
	SHAPE("bedrooms_needed", INT),
	SHAPE("waiting_since", INSTANT, .nullable = true),
	SHAPE("closed_at", INSTANT, .nullable = true),
	SHAPE("people", INT),
	SHAPE_VERSION,
	SHAPE_CREATED,
	{ 0 },
};
const struct shape household_line_shape = {
	.name = "household_line", .members = line_rows, .list = true,
};
