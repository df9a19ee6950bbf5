/* POST /referrals/{id}/answers: what the household said to the questions of its search (match/question.h).
 * It is a change of its needs like any other, with a new search as the answer, so that a navigator asks on
 * the telephone, types and sees the places in their new order. */
#include "api/codes.h"
#include "api/rights.h"
#include "api/routes.h"
#include "household.h"
#include "referral.h"
#include "sql.h"

/* The needs come first: a change of a household takes its input as those. */
struct answers_in {
	struct needs_in needs;
	struct json_list unsafe_places, none;
	int64_t applicant_age;
};

#define SAID(code, kind, ...) FIELD(struct answers_in, needs.code, kind, #code, __VA_ARGS__)

static const struct field answers_fields[] = {
	SAID(pets, BOOL),
	SAID(nrpf, BOOL),
	SAID(risk_level, CODE, .codes = &known_risk_level),
	SAID(wheelchair, CODE, .codes = &known_wheelchair),
	SAID(step_free, BOOL),
	SAID(ground_floor, BOOL),
	SAID(adapted_bathroom, BOOL),
	SAID(wants_to_stay, BOOL),
	SAID(perpetrator_at_home, BOOL),
	SAID(sole_occupation, BOOL),
	SAID(consent_obtainable, BOOL),
	SAID(support_needs, OBJECT, .sub = &support_input, .max_items = SUPPORT_COUNT),
	SAID(poses, CODE, .codes = &mix_risk_codes),
	SAID(avoids, CODE, .codes = &mix_risk_codes),
	SAID(unsafe_none_said_by, CODE, .codes = &known_informant, .label = "Who said that no place is unsafe"),
	FIELD(struct answers_in, unsafe_places, OBJECT, "unsafe_places", .sub = &unsafe_input, .max_items = NEED_UNSAFE,
	      .help = "Added to those that are known."),
	FIELD(struct answers_in, applicant_age, INT, "applicant_age", .min = MAIN_MIN_AGE, .max = 120, .label = "Age"),
	FIELD(struct answers_in, none, CODE, "none", .codes = &answered_none_codes,
	      .help = "Questions answered with none of the list; the same as an empty list."),
};
static const struct input answers_input = INPUT(struct answers_in, answers_fields);

static void check_answers(struct ctx *c)
{
	const struct answers_in *in = ctx_input(c);

	check_needs(c, "", &in->needs);
	check_unsafe_places(c, "/unsafe_places", &in->unsafe_places);
	if (in->needs.unsafe_none_said_by && in->unsafe_places.n > 0)
		ctx_error(c, "/unsafe_none_said_by", "contradicts",
			  "An area is named: leave out who said that there is none, or take the area out");
	check_answered_none(c, "", &in->none, ctx_decoded(c)->json);
}

static struct reply answers_shown(struct ctx *c)
{
	return done(c, referral_answer(c, NULL), "/referrals/%s", value(c, 1, 0, "id"));
}

static struct reply answers_asked(struct ctx *c)
{
	const struct change *change = ctx_get(c);

	referral_ask(c, change->household, ctx_id(c, "id"));
	return then(answers_shown);
}

static struct reply answers_stored(struct ctx *c)
{
	const struct change *change = ctx_get(c);
	const struct answers_in *in = ctx_input(c);

	if (in->applicant_age != INT_ABSENT)
		query(c, &SQL_APPLICANT_AGE, change->household, int_param(c, in->applicant_age), today_param(c));
	if (in->unsafe_places.n > 0)
		query(c, &SQL_HOUSEHOLD_ADD_UNSAFE, change->household, places_json(c, &in->unsafe_places), today_param(c));
	return then(answers_asked);
}

/* A search looks at NEED_UNSAFE places at most: one more would protect nobody. */
static struct reply answers_apply(struct ctx *c)
{
	const struct answers_in *in = ctx_input(c);

	if (in->unsafe_places.n > 0 && locked_count(c, "places") + (int)in->unsafe_places.n > NEED_UNSAFE) {
		ctx_error(c, "/unsafe_places", "too_many", TOO_MANY_UNSAFE);
		return invalid(c);
	}
	return needs_apply(c);
}

static struct reply answers_take(struct ctx *c)
{
	const struct answers_in *in = ctx_input(c);
	struct change *change = new_household_change(c, lock_household, answers_apply);

	change->shown = answers_stored;
	take_answered_none(&in->none, ctx_decoded(c)->json);
	query(c, &SQL_REFERRAL_HOUSEHOLD, ctx_id(c, "id"));
	return then(household_owner_found);
}

const struct route answers_routes[] = {
	{ "POST", "/referrals/{id}/answers", CAN_place, &answers_input, answers_take, "referrals/show",
	  .check = check_answers, .form = referral_get, .output = &case_shape,
	  .summary = "Answer the questions of a search, and search again" },
	{ 0 },
};
