/* Placements: taking a hold, and the routes. The rules of a hold are the database's: take_hold() of
 * migrations/0014_holds.sql. */
#include "api/codes.h"
#include "api/outcomes.h"
#include "api/resource.h"
#include "api/rights.h"
#include "api/routes.h"
#include "api/search.h"
#include "base/uuid.h"
#include "board/board.h"
#include "case.h"
#include "duty.h"
#include "json/write.h"
#include "placement.h"
#include "referral.h"
#include "sql.h"


/* ---- taking a hold ---- */

struct against_in {
	const char *rule, *reason;
};

struct hold {
	const char *household, *vacancy;
	int64_t minutes, vacancy_version;
	struct json_list against;
};

static const struct field against_fields[] = {
	FIELD(struct against_in, rule, CODE, "rule", .required = true, .codes = &against_codes),
	FIELD(struct against_in, reason, CODE, "reason", .required = true, .codes = &against_reason_codes),
};
static const struct input against_input = INPUT(struct against_in, against_fields);

static const struct field hold_fields[] = {
	FIELD(struct hold, household, UUID, "household_id", .required = true),
	FIELD(struct hold, vacancy, UUID, "vacancy_id", .required = true),
	FIELD(struct hold, minutes, INT, "minutes", .min = HOLD_MIN, .max = HOLD_MAX,
	      .help = MINUTES_HELP),
	FIELD(struct hold, vacancy_version, INT, "vacancy_version", .min = 1,
	      .help = "The version that the search gave: a vacancy that has changed since is not held."),
	FIELD(struct hold, against, OBJECT, "against", .sub = &against_input, .max_items = against_count,
	      .help = "Why the place is taken though these rules stand against it: the provider is told."),
};
static const struct input hold_input = INPUT(struct hold, hold_fields);

#define CHANGED_NEXT \
	"The household or the place was being changed at the same moment. Look at both again, then hold the place"

/* The outcomes with which take_hold() refuses, and what the caller is told. An outcome that could give
 * away a location is told only as "not suitable", together with harmless ones. */
struct refusal {
	enum problem problem;
	const char *reason, *detail, *ready_on, *placement;
};
static const struct refusal refusals[hold_outcome_count] = {
	[hold_outcome_not_open] = { PROBLEM_VACANCY_NOT_OPEN, "not_open" },
	[hold_outcome_not_free_yet] = { PROBLEM_VACANCY_NOT_OPEN, "not_free_yet" },
	[hold_outcome_nights_taken] = { PROBLEM_VACANCY_NOT_OPEN, "nights_taken" },
	[hold_outcome_changed] = { PROBLEM_VACANCY_CHANGED, "changed" },
	[hold_outcome_outdated] = { PROBLEM_VACANCY_CHANGED, "changed", CHANGED_NEXT },
	[hold_outcome_not_suitable] = { PROBLEM_VACANCY_NOT_SUITABLE, "not_suitable" },
	[hold_outcome_residents_sex] = { PROBLEM_VACANCY_NOT_SUITABLE, "not_suitable" },
	[hold_outcome_capacity] = { PROBLEM_VACANCY_NOT_SUITABLE, "not_suitable" },
	[hold_outcome_outside_period] = { PROBLEM_VACANCY_NOT_SUITABLE, "outside_period" },
	[hold_outcome_household_placed] = { PROBLEM_HOUSEHOLD_PLACED, "household_placed" },
	[hold_outcome_household_draft] = { PROBLEM_HOUSEHOLD_DRAFT, "household_draft" },
	[hold_outcome_household_closed] = { PROBLEM_HOUSEHOLD_CLOSED, "household_closed" },
	[hold_outcome_self_referral] = { PROBLEM_SELF_REFERRAL, "self_referral", SELF_REFERRAL_NEXT },
};

/* The statement that explains a refusal. */
enum { OBSTACLE };

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
static struct reply hold_refused(struct ctx *c, const struct refusal *r)
{
	const struct hold *h = ctx_input(c);
	struct text t = text_in(ctx_arena(c));

	json_put_text(&t, "reason", r->reason);
	if (r->detail)
		json_put_text(&t, "detail", r->detail);
	json_put_text(&t, "ready_on", r->ready_on);
	json_put_text(&t, "placement_id", r->placement);
	json_put_text(&t, "referral_id", value(c, OBSTACLE, 0, "referral_id"));
	json_put_key(&t, "household");
	json_object_begin(&t);
	json_put_text(&t, "id", h->household);
	json_object_end(&t);
	put_next_best(&t, c, h);
	return problem_with(c, r->problem, text_done(&t));
}

/* The hold itself does not stop to find out what keeps the vacancy from being held. */
static void find_obstacle(struct ctx *c, struct refusal *r)
{
	enum hold_obstacle which = (enum hold_obstacle)outcome_of(c, &hold_obstacle_codes);

	r->reason = code_at(&hold_obstacle_codes, (int)which);
	r->detail = code_label(&hold_obstacle_codes, (int)which);
	r->ready_on = value(c, OBSTACLE, 0, "ready_on");
	r->placement = value(c, OBSTACLE, 0, "placement_id");
	if (which == hold_obstacle_not_ready)
		r->problem = PROBLEM_VACANCY_NOT_READY;
}

static struct reply hold_explained(struct ctx *c)
{
	struct refusal *r = ctx_get(c);

	if (text_eq(r->reason, "not_open") || text_eq(r->reason, "not_free_yet"))
		find_obstacle(c, r);
	return hold_refused(c, r);
}

static struct reply explain(struct ctx *c, const struct refusal *found)
{
	struct refusal *r = arena_new_of(ctx_arena(c), struct refusal);
	const struct hold *h = ctx_input(c);

	*r = *found;
	ctx_set(c, r);
	query(c, &SQL_PLACEMENT_HOLD_OBSTACLE, h->vacancy, h->household);
	return then(hold_explained);
}

/* Set in a request whose rows were read and judged again: that happens once. */
static const char judged_again;
static struct reply judge_again(struct ctx *c);

static struct reply hold_answered(struct ctx *c)
{
	enum hold_outcome which = (enum hold_outcome)outcome_of(c, &hold_outcome_codes);

	if (which == hold_outcome_outdated && ctx_get(c) != &judged_again)
		return judge_again(c);
	if (refusals[which].reason)
		return explain(c, &refusals[which]);
	switch (which) {
	case hold_outcome_no_household:
		ctx_error(c, "/household_id", "not_found", "There is no such household");
		return invalid(c);
	case hold_outcome_read_only:
		return problem(c, PROBLEM_CASE_SHARED_TO_READ);
	case hold_outcome_no_vacancy:
		ctx_error(c, "/vacancy_id", "not_found", "There is no such vacancy");
		return invalid(c);
	case hold_outcome_minutes:
		ctx_error(c, "/minutes", "out_of_range", "Minutes must be what the policy in force allows");
		return invalid(c);
	default:
		return created(c, value(c, 0, 0, "body"), "/placements/%s", value(c, 0, 0, "id"));
	}
}

static void put_number(struct text *t, int64_t n)
{
	if (n == INT_ABSENT)
		json_put_null(t);
	else
		json_put_i64(t, n);
}

/* Some reasons are for passing over a sanctuary alone: the works, and the wish to leave. */
static void check_against(struct ctx *c, const struct hold *h)
{
	const struct against_in *given = h->against.items;

	for (size_t i = 0; i < h->against.n; i++)
		if (given[i].rule && given[i].reason && !text_eq(given[i].rule, code_at(&against_codes, against_sanctuary)) &&
		    code_index(&sanctuary_reason_codes, given[i].reason) >= 0)
			ctx_error(c, arena_printf(ctx_arena(c), "/against/%zu/reason", i), "wrong_rule",
				  "This reason is for passing over a sanctuary: choose another");
}

static void hold_check(struct ctx *c)
{
	const struct hold *h = ctx_input(c);

	check_minutes(c, h->minutes);
	check_against(c, h);
}

static const char *reason_given(const struct hold *h, const char *rule)
{
	const struct against_in *given = h->against.items;

	for (size_t i = 0; i < h->against.n; i++)
		if (text_eq(given[i].rule, rule))
			return given[i].reason;
	return NULL;
}

/* Bits of enum against. */
static uint32_t standing_against(const struct decision *d)
{
	_Static_assert((int)against_sanctuary == (int)RULE_COUNT, "the rules come first");
	return d->failed | (uint32_t)d->sanctuary << against_sanctuary;
}

static void put_against(struct text *t, const struct hold *h, uint32_t against)
{
	int n = 0;

	json_put_key(t, "against");
	json_array_begin(t);
	for (int i = 0; i < against_count; i++) {
		const char *rule = code_at(&against_codes, i);

		if (!(against >> i & 1))
			continue;
		json_object_begin(t);
		json_put_key(t, "n");
		json_put_i64(t, n++);
		json_put_text(t, "rule", rule);
		json_put_text(t, "detail", code_label(&against_codes, i));
		json_put_text(t, "reason", reason_given(h, rule));
		json_object_end(t);
	}
	json_array_end(t);
}

static bool every_reason_given(const struct hold *h, uint32_t against)
{
	for (int i = 0; i < against_count; i++)
		if (against >> i & 1 && !reason_given(h, code_at(&against_codes, i)))
			return false;
	return true;
}

/* A person may go against these rules, and says why; it is written beside the placement, and the
 * provider is told. */
static struct reply reasons_wanted(struct ctx *c, uint32_t against)
{
	const struct hold *h = ctx_input(c);
	struct text t = text_in(ctx_arena(c));

	json_put_text(&t, "reason", "rules_against");
	put_against(&t, h, against);
	json_put_text(&t, "vacancy_id", h->vacancy);
	json_put_key(&t, "household");
	json_object_begin(&t);
	json_put_text(&t, "id", h->household);
	json_object_end(&t);
	text_lit(&t, ",\"options\":[]");
	return problem_with(c, PROBLEM_RULES_AGAINST, text_done(&t));
}

/* NULL: there is nothing to judge, and the database says why. */
static struct reply take(struct ctx *c, const struct decision *d)
{
	const struct hold *h = ctx_input(c);
	struct text item = group_item(c);

	json_put_text(&item, "household_id", h->household);
	json_put_text(&item, "vacancy_id", h->vacancy);
	json_put_key(&item, "minutes");
	put_number(&item, h->minutes);
	json_put_key(&item, "vacancy_version");
	put_number(&item, h->vacancy_version);
	if (d) {
		search_put_decision(&item, d);
		put_against(&item, h, standing_against(d));
	}
	json_object_end(&item);
	return together(c, &SQL_PLACEMENT_HOLD_MANY, text_done(&item), hold_answered);
}

static struct reply take_judged(struct ctx *c, const struct judging *j, struct decision *d)
{
	search_keep(c, j, d);
	return take(c, d);
}

/* What was read just now is judged once. If it has changed again by the time of the lock, the caller hears
 * so. */
static struct reply hold_judged_again(struct ctx *c)
{
	const struct hold *h = ctx_input(c);
	struct judging j;
	struct decision d;

	if (!search_judging_read(c, &j))
		return take(c, NULL);
	search_decide(c, &j, &d);
	return every_reason_given(h, standing_against(&d)) ? take_judged(c, &j, &d) : reasons_wanted(c, standing_against(&d));
}

static struct reply judge_again(struct ctx *c)
{
	const struct hold *h = ctx_input(c);

	ctx_set(c, (void *)(uintptr_t)&judged_again);
	query_ahead(c, &SQL_REFERRAL_NEED, h->household);
	query_ahead(c, &SQL_PLACEMENT_JUDGE_PROPERTY, h->vacancy);
	query_ahead(c, &SQL_PLACEMENT_JUDGE_VACANCY, h->vacancy);
	query_ahead(c, &SQL_POLICY_NOW);
	return then(hold_judged_again);
}

/* By the board, which may be a moment behind: before a rule refuses, and where the database has other
 * versions, the rows themselves are judged. */
static struct reply hold_create(struct ctx *c)
{
	const struct hold *h = ctx_input(c);
	struct judging j;
	struct decision d;

	if (!search_judging(c, h->household, h->vacancy, &j))
		return judge_again(c);
	search_decide(c, &j, &d);
	return every_reason_given(h, standing_against(&d)) ? take_judged(c, &j, &d) : judge_again(c);
}

/* ---- routes ---- */

#define PLACEMENT_ROWS \
	SHAPE_ID, \
	SHAPE("state", CODE, .codes = &placement_state_codes), \
	SHAPE("vacancy_id", UUID), \
	SHAPE("unit_reference", TEXT), \
	SHAPE("type", CODE, .codes = &known_accommodation_type), \
	SHAPE("area_label", TEXT), \
	SHAPE("organisation_id", UUID), \
	SHAPE("provider", TEXT), \
	SHAPE("household_id", UUID, .nullable = true), \
	SHAPE("household_reference", TEXT), \
	SHAPE("requested_by", UUID), \
	SHAPE("requester", TEXT), \
	SHAPE("from_day", DATE), \
	SHAPE("until_day", DATE, .nullable = true), \
	SHAPE("held_at", INSTANT), \
	SHAPE("expires_at", INSTANT, .nullable = true), \
	SHAPE("seconds_left", INT, .nullable = true), \
	SHAPE("offered_at", INSTANT, .nullable = true), \
	SHAPE("decided_at", INSTANT, .nullable = true), \
	SHAPE("arrived_on", DATE, .nullable = true), \
	SHAPE("departed_on", DATE, .nullable = true), \
	SHAPE("decline_side", CODE, .nullable = true, .codes = &decline_side_codes), \
	SHAPE("decline_reason", CODE, .nullable = true, .codes = &decline_reason_codes)

#define OUTCOME_ROWS \
	SHAPE("unit_id", UUID), \
	SHAPE("equality_exception", CODE, .nullable = true, .codes = &equality_exception_codes), \
	SHAPE("cancel_reason", CODE, .nullable = true, .codes = &cancel_reason_codes), \
	SHAPE("non_arrival_reason", CODE, .nullable = true, .codes = &non_arrival_reason_codes), \
	SHAPE("departure_reason", CODE, .nullable = true, .codes = &departure_reason_codes), \
	SHAPE("destination", CODE, .nullable = true, .codes = &destination_codes), \
	SHAPE("safe_and_well", BOOL, .nullable = true), \
	SHAPE("policy_version", TEXT, .nullable = true), \
	SHAPE("inputs_hash", TEXT, .nullable = true), \
	SHAPE("score", INT, .nullable = true), \
	SHAPE("against", OBJECT, .list = true, .sub = &against_shape), \
	SHAPE("arrival_time", TEXT, .nullable = true), \
	SHAPE_VERSION

static const struct shape_member against_rows[] = {
	SHAPE("n", INT),
	SHAPE("rule", CODE, .codes = &against_codes),
	SHAPE("detail", TEXT),
	SHAPE("reason", CODE, .codes = &against_reason_codes),
	{ 0 },
};
static const struct shape against_shape = { .name = "against", .members = against_rows };

static const struct shape_member question_members[] = { SHAPE("code", TEXT), SHAPE("text", TEXT), { 0 } };
static const struct shape question_shape = { .name = "open_question", .members = question_members };

static const struct shape_member line_rows[] = { PLACEMENT_ROWS, SHAPE_VERSION, { 0 } };
static const struct shape line_shape = {
	.name = "placement_line", .members = line_rows, .list = true,
};
static const struct shape_member hold_rows[] = { PLACEMENT_ROWS, OUTCOME_ROWS, { 0 } };
static const struct shape hold_shape = { .name = "hold", .members = hold_rows };
static const struct shape_member placement_rows[] = {
	PLACEMENT_ROWS,
	OUTCOME_ROWS,
	SHAPE("property_id", UUID),
	SHAPE("address_open", BOOL),
	SHAPE("duty_telephone", OBJECT, .nullable = true, .sub = &duty_shape),
	SHAPE("referral_id", UUID, .nullable = true),
	SHAPE("household", OBJECT),
	SHAPE("questions", OBJECT, .nullable = true, .list = true, .sub = &question_shape),
	{ 0 },
};
static const struct shape placement_shape = { .name = "placement", .members = placement_rows };

#define ACT(path, roles, input, step, text, ...) \
	{ "POST", "/placements/{id}/" path, roles, input, step, "placements/show", \
	  .form = placement_get, .conflict_view = "placements/refused", .output = &placement_shape, .summary = text, __VA_ARGS__ }

const struct route placement_routes[] = {
	{ "POST", "/placements", CAN_place, &hold_input, hold_create, "placements/show",
	  .check = hold_check, .flags = ROUTE_GROUPED, .conflict_view = "placements/conflict", .output = &hold_shape,
	  .summary = "Hold a vacancy for a household" },
	{ "GET", "/placements", CAN_see_placements, &placement_list_input, placement_list, "placements/list",
	  .output = &line_shape, .summary = "List holds, offers and stays" },
	{ "GET", "/placements/{id}", CAN_see_placements, NULL, placement_get, "placements/show",
	  .output = &placement_shape, .summary = "Show a placement" },
	{ "GET", "/placements/{id}/confirm-accept", CAN_provide, NULL, placement_get, "placements/confirm-accept",
	  .flags = ROUTE_PAGE_ONLY, .summary = "What is accepted, before it is" },
	{ "GET", "/placements/{id}/confirm-arrive", CAN_provide, NULL, placement_get, "placements/confirm-arrive",
	  .flags = ROUTE_PAGE_ONLY, .summary = "Whose arrival is recorded, before it is" },
	ACT("offer", CAN_place, &offer_input, placement_offer,
	    "Offer the household to the provider of the place held", .check = placement_offer_check),
	ACT("arrival-time", CAN_place, &arrival_time_input, placement_arrival_time,
	    "Change when they can arrive, after the offer", .check = placement_arrival_time_check),
	ACT("extend", CAN_place, &extend_input, placement_extend,
	    "Extend a hold, up to the longest that the policy allows"),
	ACT("accept", CAN_provide, NULL, placement_accept, "Accept an offer"),
	ACT("decline", CAN_decide, &decline_input, placement_decline,
	    "Decline, with a coded reason of your own side", .check = placement_decline_check),
	ACT("cancel", CAN_place, &cancel_input, placement_cancel,
	    "Give up a hold, an offer or an accepted place", .check = placement_cancel_check),
	ACT("arrive", CAN_decide, &arrive_input, placement_arrive, "Record an arrival"),
	ACT("not-arrived", CAN_decide, &not_arrived_input, placement_not_arrived,
	    "Record that they did not arrive", .check = placement_not_arrived_check),
	ACT("depart", CAN_decide, &depart_input, placement_depart, "Record a departure"),
	ACT("check-up", CAN_decide, &check_up_input, placement_check_up,
	    "Record whether they were found safe and well, after they left or did not arrive"),
	{ 0 },
};
