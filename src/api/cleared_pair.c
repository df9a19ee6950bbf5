/* Conflicts of interest that are only possible: somebody in a case has a similar name and the same date of
 * birth as a person of a declared link or of a property, or the same name where a date is not known.
 * They count as conflicts until an administrator decides, after questions to both sides, that these
 * are two people. People who come into the case later are not cleared. */
#include "api/codes.h"
#include "api/outcomes.h"
#include "api/rights.h"
#include "api/routes.h"
#include "sql.h"

struct clearing_in {
	const char *household_reference, *declaration_id, *property_id, *reason;
};

#define PAIR_FIELDS \
	FIELD(struct clearing_in, household_reference, CASE_REFERENCE, "household_reference", .required = true, \
	      .label = "Case reference", .help = "As H-7KQ2MX."), \
	FIELD(struct clearing_in, declaration_id, UUID, "declaration_id", .help = "The declared link; or give a property."), \
	FIELD(struct clearing_in, property_id, UUID, "property_id", .help = "The property, of one of its people.")

static const struct field fields[] = {
	PAIR_FIELDS,
	FIELD(struct clearing_in, reason, TEXT, "reason", .prose = true, .required = true,
	      .ask = "Say how you know that they are two people", .min = 10, .max = 300,
	      .help = "How you know that they are two people. No name, no address."),
};
static const struct input input = INPUT(struct clearing_in, fields);

static void check(struct ctx *c)
{
	const struct clearing_in *in = ctx_input(c);

	if ((in->declaration_id != NULL) == (in->property_id != NULL))
		ctx_error(c, "/declaration_id", "one_of", "Give either the declaration or the property");
}

static struct reply cleared(struct ctx *c)
{
	return created(c, row_json(c, 0, 0), "/possible-conflicts");
}

static struct reply decided(struct ctx *c)
{
	switch ((enum clearing_outcome)outcome_of(c, &clearing_outcome_codes)) {
	case clearing_outcome_none: return problem(c, PROBLEM_NOT_FOUND);
	case clearing_outcome_own: return problem(c, PROBLEM_OWN_DEED);
	case clearing_outcome_exact:
		return problem_detail(c, PROBLEM_WRONG_STATE, "Name and date of birth are the same: end the declaration if it is a mistake");
	case clearing_outcome_cleared:
	case clearing_outcome_count: break;
	}
	query(c, &SQL_CLEARED_PAIR_SHOW, value(c, 0, 0, "id"));
	return then(cleared);
}

static struct reply clear(struct ctx *c)
{
	const struct clearing_in *in = ctx_input(c);

	query(c, &SQL_CLEARED_PAIR_ADD, in->household_reference, in->declaration_id, in->property_id, in->reason);
	return then(decided);
}

/* ---- reading ---- */

static struct reply pairs_listed(struct ctx *c)
{
	return recorded_list(c, 0, "read", "possible_conflict", NULL, NULL);
}

static struct reply list_possible(struct ctx *c)
{
	query(c, &SQL_CLEARED_PAIR_POSSIBLE, page_size(c), page_cursor(c));
	return then(pairs_listed);
}

static struct reply cleared_listed(struct ctx *c)
{
	return recorded_list(c, 0, "read", "cleared_pair", NULL, NULL);
}

static struct reply list_cleared(struct ctx *c)
{
	query(c, &SQL_CLEARED_PAIR_LIST, page_size(c), page_cursor(c));
	return then(cleared_listed);
}

/* The pair that the form is opened for. */
static const struct field form_fields[] = { PAIR_FIELDS };
static const struct input form_input = INPUT(struct clearing_in, form_fields);

static struct reply form(struct ctx *c)
{
	return ok(c, ctx_json(c));
}

static struct reply form_again(struct ctx *c)
{
	return ok(c, "{}");
}

static const struct shape_member possible_members[] = {
	SHAPE("household_reference", TEXT),
	SHAPE("declaration_id", UUID, .nullable = true),
	SHAPE("account", TEXT, .nullable = true),
	SHAPE("relationship", CODE, .nullable = true, .codes = &link_relationship_codes),
	SHAPE("property_id", UUID, .nullable = true),
	SHAPE("property", TEXT, .nullable = true),
	SHAPE("provider", TEXT, .nullable = true),
	{ 0 },
};
static const struct shape possible = { .name = "possible_conflict", .members = possible_members, .list = true };

static const struct shape_member members[] = {
	SHAPE_ID,
	SHAPE("household_reference", TEXT),
	SHAPE("declaration_id", UUID, .nullable = true),
	SHAPE("property_id", UUID, .nullable = true),
	SHAPE("cleared_by", TEXT),
	SHAPE("cleared_at", INSTANT),
	SHAPE("reason", TEXT),
	{ 0 },
};
static const struct shape one = { .name = "cleared_pair", .members = members };
static const struct shape many = { .name = "cleared_pair", .members = members, .list = true };

const struct route cleared_pair_routes[] = {
	{ "GET", "/possible-conflicts", CAN_review, &page_input, list_possible, "watch/pairs", .output = &possible,
	  .summary = "Conflicts of interest in open cases that rest on a similar name, or on a name alone" },
	{ "GET", "/cleared-pairs", CAN_review, &page_input, list_cleared, .output = &many,
	  .summary = "Possible conflicts that were cleared, by whom and why" },
	{ "GET", "/cleared-pairs/new", CAN_review, &form_input, form, "watch/clear", .flags = ROUTE_PAGE_ONLY,
	  .summary = "The form that clears a possible conflict" },
	{ "POST", "/cleared-pairs", CAN_review, &input, clear, "watch/clear", .check = check, .form = form_again,
	  .output = &one, .summary = "Decide that a person in a case is not the one whom a declaration or a property names" },
	{ 0 },
};
