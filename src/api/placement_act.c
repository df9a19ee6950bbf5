/* What happens to a placement after its hold. placement.sql has the locks, their order and the
 * guards. */
#include <string.h>

#include "api/codes.h"
#include "api/resource.h"
#include "api/rights.h"
#include "board/board.h"
#include "case.h"
#include "json/write.h"
#include "placement.h"
#include "sql.h"


/* Statements of the batch of an act. */
enum { LOCK, CHANGE, SHOW, CONSENT, EXCEPTIONS = CONSENT, SUITABLE = CONSENT };

/* ---- acts: lock, change, show and the change's consequences, in one batch ---- */

/* Adds an act's change to the batch, after its lock and before the row that the answer shows: an act
 * for the case, by people who work on it, and one that the provider's organisation may do too. */
#define act(c, change, ...) add_act((c), (change), PARAMS(c, ctx_id((c), "id"), ##__VA_ARGS__))
#define act_of_provider(c, change, ...) act(c, change, ctx_user(c)->organisation_id, ##__VA_ARGS__)

static void add_act(struct ctx *c, const struct sql *change, int n, const char *const params[])
{
	query(c, &SQL_PLACEMENT_LOCK, ctx_id(c, "id"));
	ctx_query(c, change, n, params);
	ask_placement(c);
}

static bool own(struct ctx *c)
{
	if (ctx_can(c, CAN_provide))
		return true;
	return text_eq(value(c, SHOW, 0, "_own"), "t");
}

/* What the placement is now, and why, where it ended. */
static struct reply wrong_state(struct ctx *c)
{
	const char *cancelled = value(c, SHOW, 0, "cancel_reason"), *declined = value(c, SHOW, 0, "decline_reason");
	struct text t = text_in(ctx_arena(c));

	json_put_text(&t, "state", value(c, SHOW, 0, "state"));
	json_put_text(&t, "reason", cancelled ? cancelled : declined);
	return problem_with(c, PROBLEM_WRONG_STATE, text_done(&t));
}

/* If the change did not happen, a problem is answered, and the whole batch is undone. */
static struct reply acted(struct ctx *c)
{
	if (rows(c, SHOW) == 0)
		return problem(c, PROBLEM_NOT_FOUND);
	if (affected(c, CHANGE) == 1)
		return done(c, placement_json(c, SHOW), "/placements/%s", value(c, SHOW, 0, "id"));
	if (!own(c))
		return problem(c, PROBLEM_CASE_SHARED_TO_READ);
	return wrong_state(c);
}

struct minutes {
	int64_t minutes;
};

struct offer {
	int64_t minutes;
	const char *arrival_time;
};

static const struct field offer_fields[] = {
	FIELD(struct offer, minutes, INT, "minutes", .min = HOLD_MIN, .max = HOLD_MAX,
	      .help = "How long the provider has to answer. " MINUTES_HELP),
	FIELD(struct offer, arrival_time, TEXT, "arrival_time", .max = 5, .label = "When they can arrive",
	      .help = "From when on, on the first night, like 21:30; the provider is told. Leave out what is not known."),
};
const struct input offer_input = INPUT(struct offer, offer_fields);

void check_minutes(struct ctx *c, int64_t minutes)
{
	const struct policy *p = board_env(ctx_board(c)).policy;

	if (minutes != INT_ABSENT && (minutes < p->hold_least_minutes || minutes > p->hold_most_minutes))
		ctx_error(c, "/minutes", "out_of_range",
			  arena_printf(ctx_arena(c), "Minutes must be between %d and %d",
				       p->hold_least_minutes, p->hold_most_minutes));
}

static void check_arrival(struct ctx *c, const char *time)
{
	if (time && !is_time_of_day(time))
		ctx_error(c, "/arrival_time", "bad_time", "When they can arrive must be a time, like 21:30");
}

void placement_offer_check(struct ctx *c)
{
	const struct offer *o = ctx_input(c);

	check_minutes(c, o->minutes);
	check_arrival(c, o->arrival_time);
}

/* Told as any other rule that says no: not suitable. */
static struct reply not_suitable(struct ctx *c)
{
	return problem_with(c, PROBLEM_VACANCY_NOT_SUITABLE, "\"reason\":\"not_suitable\"");
}

/* Without consent a household is not shown to a provider, unless the high-risk basis is
 * recorded. */
static struct reply offer_made(struct ctx *c)
{
	bool held = rows(c, SHOW) && text_eq(value(c, SHOW, 0, "state"), "held") && own(c);

	if (affected(c, CHANGE) || !held)
		return acted(c);
	if (text_eq(value(c, CONSENT, 0, "placed"), "t"))
		return problem(c, PROBLEM_HOUSEHOLD_PLACED);
	if (text_eq(value(c, CONSENT, 0, "closed"), "t"))
		return problem(c, PROBLEM_HOUSEHOLD_CLOSED);
	if (text_eq(value(c, CONSENT, 0, "suitable"), "f"))
		return not_suitable(c);
	if (!value(c, CONSENT, 0, "refusal"))
		return acted(c);
	return problem_with(c, PROBLEM_CONSENT_MISSING,
			    arena_printf(ctx_arena(c), "\"reason\":\"%s\",\"household_id\":\"%s\"",
					 value(c, CONSENT, 0, "refusal"), value(c, CONSENT, 0, "household_id")));
}

struct reply placement_offer(struct ctx *c)
{
	const struct offer *o = ctx_input(c);

	act(c, &SQL_PLACEMENT_OFFER, int_param(c, o->minutes), o->arrival_time);
	query(c, &SQL_PLACEMENT_CONSENT, ctx_id(c, "id"));
	return then(offer_made);
}

struct arrival_at {
	const char *arrival_time;
};

static const struct field arrival_time_fields[] = {
	FIELD(struct arrival_at, arrival_time, TEXT, "arrival_time", .max = 5, .label = "When they can arrive",
	      .help = "Instead of what the provider was told; left out, nobody knows any more."),
};
const struct input arrival_time_input = INPUT(struct arrival_at, arrival_time_fields);

void placement_arrival_time_check(struct ctx *c)
{
	check_arrival(c, ((const struct arrival_at *)ctx_input(c))->arrival_time);
}

struct reply placement_arrival_time(struct ctx *c)
{
	act(c, &SQL_PLACEMENT_ARRIVAL_TIME, ((const struct arrival_at *)ctx_input(c))->arrival_time);
	return then(acted);
}

static const struct field extend_fields[] = {
	FIELD(struct minutes, minutes, INT, "minutes", .required = true, .min = 1, .max = HOLD_MAX),
};
const struct input extend_input = INPUT(struct minutes, extend_fields);

static struct reply extended(struct ctx *c)
{
	bool held = rows(c, SHOW) && text_eq(value(c, SHOW, 0, "state"), "held") && own(c);

	if (affected(c, CHANGE) || !held)
		return acted(c);
	ctx_error(c, "/minutes", "out_of_range",
		  arena_printf(ctx_arena(c), "A hold lasts at most %d minutes in all",
			       board_env(ctx_board(c)).policy->hold_most_minutes));
	return invalid(c);
}

struct reply placement_extend(struct ctx *c)
{
	const struct minutes *m = ctx_input(c);

	act(c, &SQL_PLACEMENT_EXTEND, int_param(c, m->minutes));
	return then(extended);
}

static struct reply accepted(struct ctx *c)
{
	bool offered = rows(c, SHOW) && text_eq(value(c, SHOW, 0, "state"), "offered");

	if (affected(c, CHANGE) == 0 && offered && text_eq(value(c, SUITABLE, 0, "suitable"), "f"))
		return not_suitable(c);
	return acted(c);
}

struct reply placement_accept(struct ctx *c)
{
	act_of_provider(c, &SQL_PLACEMENT_ACCEPT);
	query(c, &SQL_PLACEMENT_SUITABLE, ctx_id(c, "id"));
	query(c, &SQL_PLACEMENT_SETTLE, ctx_id(c, "id"));
	return then(accepted);
}

struct decline {
	const char *side, *reason;
	enum tri ground;
	const char *exception;
};

static const struct field decline_fields[] = {
	FIELD(struct decline, side, CODE, "side", .codes = &decline_side_codes,
	      .help = "The side that declines; your own if left out."),
	FIELD(struct decline, reason, CODE, "reason", .required = true,
	      .codes = &decline_reason_codes),
	FIELD(struct decline, ground, BOOL, "equality_ground",
	      .help = "Whether the decline rests on a protected characteristic. A provider must say so where the "
		      "reason can hide one that the household has."),
	FIELD(struct decline, exception, CODE, "equality_exception",
	      .codes = &equality_exception_codes),
};
const struct input decline_input = INPUT(struct decline, decline_fields);

/* A place may not be refused because of a protected characteristic, unless an exception allows it
 * (Equality Act 2010 s. 29). */
static void check_ground(struct ctx *c, const struct decline *d, enum decline_side side)
{
	bool provider = side == decline_side_provider;

	if (provider && d->ground == TRI_YES && !d->exception)
		ctx_error(c, "/equality_exception", "required",
			  "The Equality Act 2010 forbids this, unless you name the exception");
	if (!provider && (d->ground == TRI_YES || d->exception))
		ctx_error(c, "/equality_ground", "wrong_side",
			  "Only a provider's decline can rest on this");
}

static enum decline_side own_side(const struct ctx *c)
{
	return ctx_can(c, CAN_provide) ? decline_side_provider : decline_side_household;
}

void placement_decline_check(struct ctx *c)
{
	const struct decline *d = ctx_input(c);
	enum decline_side side = own_side(c);
	int reason = code_index(&decline_reason_codes, d->reason);

	if (d->side && !text_eq(d->side, code_at(&decline_side_codes, (int)side)))
		ctx_error(c, "/side", "wrong_side", "You can decline for your own side only");
	if (reason >= 0 && decline_reason_side(reason) != side)
		ctx_error(c, "/reason", "wrong_side",
			  side == decline_side_provider ? "That is a reason of the household"
							: "That is a reason of the provider");
	check_ground(c, d, side);
}

/* A reason can hide a protected characteristic, and then silence is no answer. */
static void check_hidden_ground(struct ctx *c, const struct decline *d)
{
	bool asked = text_eq(value(c, EXCEPTIONS, 0, "asked"), "t");

	if (asked && d->ground == TRI_UNKNOWN)
		ctx_error(c, "/equality_ground", "required",
			  "Say whether you decline because of a protected characteristic");
	else if (asked && d->ground == TRI_YES && text_eq(value(c, EXCEPTIONS, 0, "fits"), "f"))
		ctx_error(c, "/equality_exception", "does_not_fit",
			  "This exception of the Equality Act 2010 does not fit this reason");
	else if (!asked && d->ground == TRI_YES)
		ctx_error(c, "/equality_ground", "does_not_fit",
			  "This reason cannot rest on a protected characteristic of this household: choose the one that does");
}

static struct reply provider_declined(struct ctx *c)
{
	const struct decline *d = ctx_input(c);

	if (affected(c, CHANGE))
		check_hidden_ground(c, d);
	return ctx_decoded(c)->nerrors ? invalid(c) : acted(c);
}

struct reply placement_decline(struct ctx *c)
{
	const struct decline *d = ctx_input(c);

	if (own_side(c) == decline_side_household) {
		act(c, &SQL_PLACEMENT_DECLINE_HOUSEHOLD, d->reason);
		return then(acted);
	}
	act_of_provider(c, &SQL_PLACEMENT_DECLINE_PROVIDER, d->reason, tri_param(d->ground), d->exception);
	query(c, &SQL_PLACEMENT_DECLINE_EXCEPTIONS, ctx_id(c, "id"), d->reason, d->exception);
	return then(provider_declined);
}

struct coded {
	const char *reason;
};

static const struct field cancel_fields[] = {
	FIELD(struct coded, reason, CODE, "reason", .codes = &cancel_reason_codes,
	      .def = "no_longer_needed"),
};
const struct input cancel_input = INPUT(struct coded, cancel_fields);

/* A program may leave the reason out; a person who sends a form is asked for it. */
static void check_reason_chosen(struct ctx *c, const char *detail)
{
	if (ctx_page(c) && !json_sent(ctx_decoded(c), struct coded, reason))
		ctx_error(c, "/reason", "required", detail);
}

void placement_cancel_check(struct ctx *c)
{
	const struct coded *k = ctx_input(c);

	check_reason_chosen(c, "Select why it is no longer needed");
	if (text_eq(k->reason, "other_offer_accepted"))
		ctx_error(c, "/reason", "reserved", "The service itself sets this reason");
}

struct reply placement_cancel(struct ctx *c)
{
	const struct coded *k = ctx_input(c);

	act(c, &SQL_PLACEMENT_CANCEL, k->reason);
	query(c, &SQL_PLACEMENT_SETTLE, ctx_id(c, "id"));
	return then(acted);
}

static const struct field not_arrived_fields[] = {
	FIELD(struct coded, reason, CODE, "reason", .codes = &non_arrival_reason_codes,
	      .def = "not_known"),
};
const struct input not_arrived_input = INPUT(struct coded, not_arrived_fields);

void placement_not_arrived_check(struct ctx *c)
{
	check_reason_chosen(c, "Select why they did not arrive");
}

struct reply placement_not_arrived(struct ctx *c)
{
	const struct coded *k = ctx_input(c);

	act_of_provider(c, &SQL_PLACEMENT_NOT_ARRIVED, k->reason);
	query(c, &SQL_PLACEMENT_SETTLE, ctx_id(c, "id"));
	return then(acted);
}

/* ---- arrival and departure ---- */

/* The day sent, or today. */
static const char *day_done(struct ctx *c, const char *on)
{
	return on ? on : today_param(c);
}

struct arrival {
	const char *on;
};

static const struct field arrive_fields[] = {
	FIELD(struct arrival, on, DATE, "on", .past = 366, .help = "First night; today if left out."),
};
const struct input arrive_input = INPUT(struct arrival, arrive_fields);

static struct reply arrival_recorded(struct ctx *c)
{
	bool due = rows(c, SHOW) && text_eq(value(c, SHOW, 0, "state"), "accepted") && own(c);

	if (affected(c, CHANGE) || !due)
		return acted(c);
	ctx_error(c, "/on", "out_of_range", "This day is not one of the agreed nights");
	return invalid(c);
}

struct reply placement_arrive(struct ctx *c)
{
	const struct arrival *a = ctx_input(c);

	act_of_provider(c, &SQL_PLACEMENT_ARRIVE, day_done(c, a->on));
	return then(arrival_recorded);
}

struct departure {
	const char *on, *reason, *destination;
	enum tri safe_and_well;
};

static const struct field depart_fields[] = {
	FIELD(struct departure, on, DATE, "on", .past = 366,
	      .help = "Day of leaving; today if left out."),
	FIELD(struct departure, reason, CODE, "reason", .required = true, .ask = "Select why they left",
	      .codes = &departure_reason_codes),
	FIELD(struct departure, destination, CODE, "destination", .required = true,
	      .ask = "Select where they went",
	      .codes = &destination_codes),
	FIELD(struct departure, safe_and_well, BOOL, "safe_and_well",
	      .help = "Found safe and well afterwards; leave out if this was not checked."),
};
const struct input depart_input = INPUT(struct departure, depart_fields);

static struct reply departed(struct ctx *c)
{
	bool here = rows(c, SHOW) && text_eq(value(c, SHOW, 0, "state"), "arrived") && own(c);

	if (affected(c, CHANGE) || !here)
		return acted(c);
	ctx_error(c, "/on", "out_of_range", "They cannot leave before they arrived");
	return invalid(c);
}

struct reply placement_depart(struct ctx *c)
{
	const struct departure *d = ctx_input(c);

	act_of_provider(c, &SQL_PLACEMENT_DEPART, day_done(c, d->on), d->reason, d->destination, tri_param(d->safe_and_well));
	query(c, &SQL_PLACEMENT_SETTLE, ctx_id(c, "id"));
	return then(departed);
}

/* ---- afterwards ---- */

struct check_up {
	enum tri safe_and_well;
};

static const struct field check_up_fields[] = {
	FIELD(struct check_up, safe_and_well, BOOL, "safe_and_well", .required = true,
	      .ask = "Select whether they were found safe and well",
	      .help = "As found out after they left, or did not arrive: 7 and 28 days later."),
};
const struct input check_up_input = INPUT(struct check_up, check_up_fields);

struct reply placement_check_up(struct ctx *c)
{
	const char *well = tri_param(((const struct check_up *)ctx_input(c))->safe_and_well);

	act_of_provider(c, &SQL_PLACEMENT_CHECK_UP, well);
	query(c, &SQL_PLACEMENT_CHECKED, ctx_id(c, "id"), well);
	return then(acted);
}
