/* Placements: taking a hold, and the routes. The rules are in placement.sql. */
#include "api/codes.h"
#include "api/resource.h"
#include "api/rights.h"
#include "api/routes.h"
#include "api/search.h"
#include "case.h"
#include "json/write.h"
#include "placement.h"
#include "sql.h"

#define HOLD_DEFAULT "120"

/* ---- taking a hold ---- */

struct hold {
	const char *household, *vacancy;
	int64_t minutes, vacancy_version;
};

static const struct field hold_fields[] = {
	FIELD(struct hold, household, UUID, "household_id", .required = true),
	FIELD(struct hold, vacancy, UUID, "vacancy_id", .required = true),
	FIELD(struct hold, minutes, INT, "minutes", .min = HOLD_MIN, .max = HOLD_MAX,
	      .def = HOLD_DEFAULT),
	FIELD(struct hold, vacancy_version, INT, "vacancy_version", .min = 1,
	      .help = "The version that the search gave: a vacancy that has changed since is not held."),
};
static const struct input hold_input = INPUT(struct hold, hold_fields);

/* The outcomes of take_hold(), and what the caller is told. An outcome that could give away a
 * location is told only as "not suitable", together with harmless ones. */
static const struct {
	const char *outcome;
	enum problem problem;
	const char *reason;
} refusals[] = {
	{ "not_open", PROBLEM_VACANCY_NOT_OPEN, "not_open" },
	{ "not_free_yet", PROBLEM_VACANCY_NOT_OPEN, "not_free_yet" },
	{ "changed", PROBLEM_VACANCY_CHANGED, "changed" },
	{ "not_suitable", PROBLEM_VACANCY_NOT_SUITABLE, "not_suitable" },
	{ "residents_sex", PROBLEM_VACANCY_NOT_SUITABLE, "not_suitable" },
	{ "capacity", PROBLEM_VACANCY_NOT_SUITABLE, "not_suitable" },
	{ "outside_period", PROBLEM_VACANCY_NOT_SUITABLE, "outside_period" },
	{ "household_placed", PROBLEM_HOUSEHOLD_PLACED, "household_placed" },
	{ "household_draft", PROBLEM_HOUSEHOLD_DRAFT, "household_draft" },
	{ "household_closed", PROBLEM_HOUSEHOLD_CLOSED, "household_closed" },
};

/* The household's next best options as members of the problem. The lost vacancy is left out: the
 * board may not know yet that it is taken. */
static void put_next_best(struct text *t, struct ctx *c, const struct hold *h)
{
	struct text found = text_in(ctx_arena(c));
	struct need need;

	if (!search_need_stored(c, h->household, &need)) {
		text_lit(t, ",\"options\":[]");
		return;
	}
	if (need.n_conflicts < NEED_CONFLICTS &&
	    uuid_parse(h->vacancy, &need.conflicts[need.n_conflicts]))
		need.n_conflicts++;
	search_put(&found, c, &need, &(struct search_of){ .household = h->household, SEARCH_SMALL });
	if (found.data[0] == '{')
		json_put_raw(t, found.data + 1, found.len - 2);
	else
		text_lit(t, ",\"options\":[]");
}

/* The answer for a hold that came second, or that is not allowed. */
static struct reply hold_refused(struct ctx *c, enum problem which, const char *reason)
{
	const struct hold *h = ctx_input(c);
	struct text t = text_in(ctx_arena(c));

	json_put_text(&t, "reason", reason);
	json_put_key(&t, "household");
	json_object_begin(&t);
	json_put_text(&t, "id", h->household);
	json_object_end(&t);
	put_next_best(&t, c, h);
	return problem_with(c, which, text_done(&t));
}

static struct reply hold_impossible(struct ctx *c, const char *outcome)
{
	if (text_eq(outcome, "no_household"))
		ctx_error(c, "/household_id", "not_found", "There is no such household");
	else
		ctx_error(c, "/vacancy_id", "not_found", "There is no such vacancy");
	return invalid(c);
}

static struct reply hold_answered(struct ctx *c)
{
	const char *outcome = value(c, 0, 0, "outcome");

	if (text_eq(outcome, "held"))
		return created(c, value(c, 0, 0, "body"), "/placements/%s", value(c, 0, 0, "id"));
	for (size_t i = 0; i < sizeof(refusals) / sizeof(*refusals); i++)
		if (text_eq(outcome, refusals[i].outcome))
			return hold_refused(c, refusals[i].problem, refusals[i].reason);
	return hold_impossible(c, outcome);
}

static void put_number(struct text *t, int64_t n)
{
	if (n == INT_ABSENT)
		json_put_null(t);
	else
		json_put_i64(t, n);
}

static struct reply hold_create(struct ctx *c)
{
	const struct hold *h = ctx_input(c);
	struct text item = group_item(c);

	json_put_text(&item, "household_id", h->household);
	json_put_text(&item, "vacancy_id", h->vacancy);
	json_put_key(&item, "minutes");
	json_put_i64(&item, h->minutes);
	json_put_key(&item, "vacancy_version");
	put_number(&item, h->vacancy_version);
	search_put_decision(&item, c, h->household, h->vacancy);
	json_object_end(&item);
	return together(c, &SQL_PLACEMENT_HOLD_MANY, text_done(&item), hold_answered);
}

/* ---- routes ---- */

#define PLACEMENT_ROWS \
	SHAPE_ID, \
	SHAPE_CODED("state", placement_state_codes), \
	SHAPE_ONE("vacancy_id", UUID), \
	SHAPE_ONE("unit_reference", TEXT), \
	SHAPE_CODED("type", known_accommodation_type), \
	SHAPE_ONE("area_label", TEXT), \
	SHAPE_ONE("organisation_id", UUID), \
	SHAPE_ONE("provider", TEXT), \
	SHAPE_MAYBE("household_id", UUID), \
	SHAPE_ONE("household_reference", TEXT), \
	SHAPE_ONE("requested_by", UUID), \
	SHAPE_ONE("requester", TEXT), \
	SHAPE_ONE("from_day", DATE), \
	SHAPE_MAYBE("until_day", DATE), \
	SHAPE_ONE("held_at", INSTANT), \
	SHAPE_MAYBE("expires_at", INSTANT), \
	SHAPE_MAYBE("seconds_left", INT), \
	SHAPE_MAYBE("offered_at", INSTANT), \
	SHAPE_MAYBE("decided_at", INSTANT), \
	SHAPE_MAYBE("arrived_on", DATE), \
	SHAPE_MAYBE("departed_on", DATE), \
	SHAPE_MAYBE_CODED("decline_side", decline_side_codes), \
	SHAPE_MAYBE_CODED("decline_reason", decline_reason_codes)

#define OUTCOME_ROWS \
	SHAPE_ONE("unit_id", UUID), \
	SHAPE_MAYBE_CODED("equality_exception", equality_exception_codes), \
	SHAPE_MAYBE_CODED("cancel_reason", cancel_reason_codes), \
	SHAPE_MAYBE_CODED("non_arrival_reason", non_arrival_reason_codes), \
	SHAPE_MAYBE_CODED("departure_reason", departure_reason_codes), \
	SHAPE_MAYBE_CODED("destination", destination_codes), \
	SHAPE_MAYBE("safe_and_well", BOOL), \
	SHAPE_MAYBE("policy_version", TEXT), \
	SHAPE_MAYBE("inputs_hash", TEXT), \
	SHAPE_MAYBE("score", INT), \
	SHAPE_VERSION

static const struct shape_member line_rows[] = { PLACEMENT_ROWS, SHAPE_VERSION, { 0 } };
static const struct shape line_shape = { "placement_line", line_rows, true };
static const struct shape_member hold_rows[] = { PLACEMENT_ROWS, OUTCOME_ROWS, { 0 } };
static const struct shape hold_shape = { "hold", hold_rows, false };
static const struct shape_member placement_rows[] = {
	PLACEMENT_ROWS,
	OUTCOME_ROWS,
	SHAPE_ONE("property_id", UUID),
	SHAPE_ONE("address_open", BOOL),
	{ "household", SHAPE_OBJECT, false, false, NULL, NULL },
	{ 0 },
};
static const struct shape placement_shape = { "placement", placement_rows, false };

#define ACT(path, roles, input, step, text, ...) \
	{ "POST", "/placements/{id}/" path, roles, input, step, "placements/show", \
	  .form = placement_get, .output = &placement_shape, .summary = text, __VA_ARGS__ }

const struct route placement_routes[] = {
	{ "POST", "/placements", CAN_PLACE, &hold_input, hold_create, "placements/show",
	  .flags = ROUTE_GROUPED, .conflict_view = "placements/conflict", .output = &hold_shape,
	  .summary = "Hold a vacancy for a household" },
	{ "GET", "/placements", CAN_SEE_PLACEMENTS, &placement_list_input, placement_list, "placements/list",
	  .output = &line_shape, .summary = "List holds, offers and stays" },
	{ "GET", "/placements/{id}", CAN_SEE_PLACEMENTS, NULL, placement_get, "placements/show",
	  .output = &placement_shape, .summary = "Show a placement" },
	ACT("offer", CAN_PLACE, &offer_input, placement_offer,
	    "Offer the household to the provider of the place held"),
	ACT("extend", CAN_PLACE, &extend_input, placement_extend,
	    "Extend a hold, to 240 minutes in all"),
	ACT("accept", CAN_PROVIDE, NULL, placement_accept, "Accept an offer"),
	ACT("decline", CAN_DECIDE, &decline_input, placement_decline,
	    "Decline, with a coded reason of your own side", .check = placement_decline_check),
	ACT("cancel", CAN_PLACE, &cancel_input, placement_cancel,
	    "Give up a hold, an offer or an accepted place", .check = placement_cancel_check),
	ACT("arrive", CAN_DECIDE, &arrive_input, placement_arrive, "Record an arrival",
	    .check = placement_arrive_check),
	ACT("not-arrived", CAN_DECIDE, &not_arrived_input, placement_not_arrived,
	    "Record that they did not arrive"),
	ACT("depart", CAN_DECIDE, &depart_input, placement_depart, "Record a departure",
	    .check = placement_depart_check),
	{ 0 },
};
