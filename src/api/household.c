/* Households after their referral. Their needs change; the bedrooms and the risk that follow from them are
 * worked out again under the household's lock. */
#include "api/codes.h"
#include "api/rights.h"
#include "api/routes.h"
#include "household.h"
#include "sql.h"

/* ---- reading ---- */

static struct reply household_read(struct ctx *c)
{
	if (rows(c, 0))
		audit(c, "read", "household", value(c, 0, 0, "id"), value(c, 0, 0, "id"), NULL);
	return row_reply(c, 0);
}

static struct reply show(struct ctx *c, const char *id)
{
	query(c, &SQL_HOUSEHOLD_SHOW, id);
	return then(household_read);
}

static struct reply household_get(struct ctx *c)
{
	return show(c, ctx_id(c, "id"));
}

/* ---- needs ---- */

/* Sent values replace stored ones. */
static struct judged judged_now(struct ctx *c, const struct needs_in *n, const json_t *sent)
{
	int stored = code_index(&risk_level_codes, value(c, 0, 0, "judged"));
	struct judged j = judged_of(n);

	if (!json_object_get(sent, "dash"))
		j.dash = (struct dash_answers){
			.yes = locked_count(c, "yes"), .no = locked_count(c, "no"),
			.dont_know = locked_count(c, "dont_know"),
		};
	if (!json_object_get(sent, "risk_level") && stored > 0)
		j.judgement = (enum risk_level)stored;
	if (!json_object_get(sent, "risk_raised_reason"))
		j.reason = text_eq(value(c, 0, 0, "raised"), "t");
	return j;
}

/* A band that was set by hand keeps its reason. */
static void check_band(struct ctx *c, const struct change *change)
{
	bool dropped = json_is_null(json_object_get(change->sent, "band_reason"));

	if (dropped && !json_is_null(json_object_get(change->sent, "band")) &&
	    text_eq(value(c, 0, 0, "banded"), "t"))
		ctx_error(c, arena_printf(ctx_arena(c), "%s/band_reason", change->at), "required",
			  "Say why the band is set by hand");
}

static void check_change(struct ctx *c)
{
	check_needs(c, "", ctx_input(c));
}

/* As they are after the patch. */
static void check_due_now(struct ctx *c, const struct change *change)
{
	const struct needs_in *n = change->needs;
	const json_t *sent = change->sent;
	bool due = json_object_get(sent, "due_on") ? n->due_on != NULL : text_eq(value(c, 0, 0, "due"), "t");
	bool pregnant = text_eq(value(c, 0, 0, "pregnant"), "t");

	if (!json_object_get(sent, "due_on") && !json_object_get(sent, "pregnant"))
		return;
	check_due(c, change->at, due, json_object_get(sent, "pregnant") ? n->pregnant : pregnant ? TRI_YES : TRI_NO);
}

/* While a decision is due, a household is not made less urgent without a reason: the clock would run slower, or end. */
static void check_urgency(struct ctx *c, const struct change *change)
{
	int now = code_index(&known_urgency, value(c, 0, 0, "urgency"));
	bool less = change->needs->urgency && code_index(&known_urgency, change->needs->urgency) > now;

	if (less && !change->needs->urgency_reason && text_eq(value(c, 0, 0, "due_yet"), "t"))
		ctx_error(c, arena_printf(ctx_arena(c), "%s/urgency_reason", change->at), "required",
			  "Select why they are less urgent than before: a decision is still due");
}

struct reply needs_apply(struct ctx *c)
{
	const struct change *change = ctx_get(c);
	const struct needs_in *n = change->needs;
	const json_t *sent = change->sent;
	struct judged judged = judged_now(c, n, sent);
	struct risk_columns risk = risk_columns(&judged);
	bool asked = json_object_get(sent, "overnight_carer") != NULL;
	bool carer = asked ? n->overnight_carer == TRI_YES : change->carer;
	struct span rooms = count_bedrooms(c, 1, carer);

	check_risk(c, change->at, &judged);
	check_band(c, change);
	check_urgency(c, change);
	check_due_now(c, change);
	if (ctx_decoded(c)->nerrors)
		return invalid(c);
	query(c, &SQL_HOUSEHOLD_UPDATE, change->household, columns_json(c, &needs_input, sent),
	      risk.level, int_param(c, rooms.most), rooms.least == rooms.most ? "t" : "f", risk.least, risk.judged);
	query(c, &SQL_HOUSEHOLD_SHOW, change->household);
	return then(change->shown);
}

static struct reply household_change(struct ctx *c)
{
	if (!ctx_if_match(c))
		return problem(c, PROBLEM_MATCH_MISSING);
	new_household_change(c, lock_household, needs_apply)->household = ctx_id(c, "id");
	return lock_household(c);
}

/* ---- routes ---- */

const struct route household_routes[] = {
	{ "GET", "/households", CAN_see_cases, &household_list_input, household_list,
	  .output = &household_line_shape,
	  .summary = "List the partnership's households by reference" },
	{ "GET", "/households/{id}", CAN_see_cases, NULL, household_get, .output = &household_shape,
	  .summary = "Show a household's needs, members and unsafe places" },
	{ "PATCH", "/households/{id}", CAN_place, &needs_input, household_change,
	  .check = check_change, .output = &household_shape, .summary = "Change a household's needs" },
	{ 0 },
};
