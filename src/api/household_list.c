/* The partnership's households by reference: no name finds one. */
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
	FIELD(struct household_query, reference, TEXT, "reference", .max = 20,
	      .help = "The whole case reference. There is no search by name."),
	FIELD(struct household_query, urgency, CODE, "urgency", .codes = &known_urgency),
	FIELD(struct household_query, risk_level, CODE, "risk_level", .codes = &known_risk_level),
	FIELD(struct household_query, open, BOOL, "open"),
	FIELD(struct household_query, organisation_id, UUID, "organisation_id"),
	FIELD(struct household_query, risk_review_within, INT, "risk_review_within", .max = 366,
	      .help = "Open, risk to be assessed again within so many days."),
	FIELD(struct household_query, immigration_within, INT, "immigration_expires_within",
	      .max = 366, .help = "Open, leave that ends within so many days."),
};
const struct input household_list_input = INPUT(struct household_query, list_fields);

static struct reply households_found(struct ctx *c)
{
	audit(c, "search", "household", NULL, NULL,
	      arena_printf(ctx_arena(c), "{\"rows\":%d}", rows(c, 0)));
	return list_reply(c, 0);
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
	SHAPE_ONE("reference", TEXT),
	SHAPE_ONE("organisation_id", UUID),
	SHAPE_MAYBE_CODED("situation", known_situation),
	SHAPE_CODED("urgency", known_urgency),
	SHAPE_CODED("band", known_priority_band),
	SHAPE_MAYBE_CODED("risk_level", known_risk_level),
	SHAPE_MAYBE("risk_review_on", DATE),
	SHAPE_MAYBE("immigration_expires_on", DATE),
	SHAPE_ONE("bedrooms_needed", INT),
	SHAPE_MAYBE("waiting_since", INSTANT),
	SHAPE_MAYBE("closed_at", INSTANT),
	SHAPE_ONE("people", INT),
	SHAPE_VERSION,
	SHAPE_CREATED,
	{ 0 },
};
const struct shape household_line_shape = { "household_line", line_rows, true };
