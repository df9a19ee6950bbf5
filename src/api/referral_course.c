/* Completing, triaging and closing a referral that was taken before. */
#include <string.h>

#include "api/codes.h"
#include "case.h"
#include "referral.h"
#include "sql.h"

struct plan_in {
	struct json_list measures;
	const char *review_on;
};

static const struct field plan_fields[] = {
	FIELD(struct plan_in, measures, CODE, "measures", .required = true, .min_items = 1,
	      .codes = &safety_measure_codes),
	FIELD(struct plan_in, review_on, DATE, "review_on", .required = true, .ahead = 366),
};
static const struct input plan_input = INPUT(struct plan_in, plan_fields);

struct referral_patch {
	const char *state, *source;
	enum tri standing_search;
	struct plan_in *safety_plan;
};

static const struct field patch_fields[] = {
	FIELD(struct referral_patch, state, CODE, "state", .required = true,
	      .codes = &referral_state_codes,
	      .help = "Placing and closing have their own routes."),
	FIELD(struct referral_patch, safety_plan, OBJECT, "safety_plan", .sub = &plan_input,
	      .help = "Replaces the interim plan. A household that waits at home must have one."),
	FIELD(struct referral_patch, standing_search, BOOL, "standing_search", .def = "true",
	      .help = "Search again whenever something changes."),
	REFERRAL_SOURCE(struct referral_patch),
};
const struct input referral_patch_input = INPUT(struct referral_patch, patch_fields);

/* Statements of the batch of a change. */
enum { LOCK, CHANGE, SUBMIT, SHOW };

static struct reply wrong_state(struct ctx *c, int i)
{
	const char *state = value(c, i, 0, "state");

	return problem_with(c, PROBLEM_WRONG_STATE,
			    arena_printf(ctx_arena(c), "\"state\":\"%s\"", state));
}

static struct reply incomplete(struct ctx *c)
{
	ctx_error(c, "/state", "incomplete",
		  "Record first where the household is tonight; you may answer not known");
	return invalid(c);
}

static struct reply referral_changed(struct ctx *c)
{
	const struct referral_patch *p = ctx_input(c);

	if (rows(c, SHOW) == 0)
		return problem(c, PROBLEM_NOT_FOUND);
	if (affected(c, CHANGE) == 1 && ctx_page(c))
		return done(c, row_json(c, SHOW, 0), "/referrals/%s", value(c, SHOW, 0, "id"));
	if (affected(c, CHANGE) == 1)
		return row_reply(c, SHOW);
	if (!ctx_matches(c, value(c, SHOW, 0, "version")))
		return problem(c, PROBLEM_CHANGED);
	if (text_eq(p->state, "submitted") && text_eq(value(c, SHOW, 0, "state"), "draft"))
		return incomplete(c);
	if (text_eq(value(c, SHOW, 0, "self_referral_only"), "t"))
		return problem_detail(c, PROBLEM_SELF_REFERRAL, SELF_REFERRAL_NEXT);
	return wrong_state(c, SHOW);
}

/* A patch requires no field, also inside its objects. A plan is replaced as a whole, so its fields
 * are checked here. */
void referral_change_check(struct ctx *c)
{
	const struct referral_patch *p = ctx_input(c);
	const struct plan_in *plan = p->safety_plan;

	if (ctx_page(c) && !json_sent_to(ctx_decoded(c), "/state"))
		ctx_error(c, "/state", "required", "Select what comes next");
	if (!plan)
		return;
	if (plan->measures.n == 0)
		ctx_error(c, "/safety_plan/measures", "required", "Name at least one measure");
	if (!plan->review_on)
		ctx_error(c, "/safety_plan/review_on", "required", "Say when it is reviewed");
}

struct reply referral_change(struct ctx *c)
{
	const struct referral_patch *p = ctx_input(c);
	const char *version = ctx_if_match(c);
	const char *id = ctx_id(c, "id");

	if (!version)
		return problem(c, PROBLEM_MATCH_MISSING);
	query(c, &SQL_REFERRAL_LOCK, id);
	query(c, &SQL_REFERRAL_UPDATE, id, ctx_json(c), version, p->state);
	query(c, &SQL_REFERRAL_SUBMIT_HOUSEHOLD, id);
	query(c, &SQL_REFERRAL_SHOW, id);
	return then(referral_changed);
}

struct referral_end {
	const char *reason;
};

static const struct field close_fields[] = {
	FIELD(struct referral_end, reason, CODE, "reason", .required = true,
	      .codes = &referral_close_reason_codes),
};
const struct input referral_close_input = INPUT(struct referral_end, close_fields);

static struct reply referral_closed(struct ctx *c)
{
	if (rows(c, 2) == 0)
		return problem(c, PROBLEM_NOT_FOUND);
	if (affected(c, 1) == 0)
		return wrong_state(c, 2);
	return done(c, row_json(c, 2, 0), "/referrals/%s", value(c, 2, 0, "id"));
}

struct reply referral_close(struct ctx *c)
{
	const struct referral_end *e = ctx_input(c);
	const char *id = ctx_id(c, "id");

	query(c, &SQL_REFERRAL_LOCK, id);
	query(c, &SQL_REFERRAL_CLOSE, id, e->reason);
	query(c, &SQL_REFERRAL_SHOW, id);
	query(c, &SQL_REFERRAL_CLOSE_HOUSEHOLD, id);
	query(c, &SQL_REFERRAL_RELEASE_HOLDS, id);
	return then(referral_closed);
}

/* ---- self-referral information ---- */

/* Giving it twice is no error: the first time stands. */
static struct reply self_given(struct ctx *c)
{
	if (rows(c, 2) == 0)
		return problem(c, PROBLEM_NOT_FOUND);
	if (affected(c, 1) == 0 && !value(c, 2, 0, "self_referral_at"))
		return wrong_state(c, 2);
	return done(c, row_json(c, 2, 0), "/referrals/%s", value(c, 2, 0, "id"));
}

struct reply referral_self_given(struct ctx *c)
{
	const char *id = ctx_id(c, "id");

	query(c, &SQL_REFERRAL_LOCK, id);
	query(c, &SQL_REFERRAL_SELF_GIVEN, id);
	query(c, &SQL_REFERRAL_SHOW, id);
	return then(self_given);
}
