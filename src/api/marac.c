/* Referrals of a household to the multi-agency risk assessment conference (MARAC), and the day on
 * which the conference heard them. */
#include <string.h>

#include "api/conflicts.h"
#include "api/rights.h"
#include "api/routes.h"
#include "household.h"
#include "sql.h"

struct marac_in {
	const char *referred_on, *heard_on;
};

static const struct field fields[] = {
	FIELD(struct marac_in, referred_on, DATE, "referred_on", .past = 3660,
	      .help = "Today if left out."),
	FIELD(struct marac_in, heard_on, DATE, "heard_on", .past = 3660),
};
static const struct input input = INPUT(struct marac_in, fields);

static void check_days(struct ctx *c)
{
	const struct marac_in *m = ctx_input(c);

	if (m->referred_on && m->heard_on && strcmp(m->heard_on, m->referred_on) < 0)
		ctx_error(c, "/heard_on", "out_of_range", MARAC_ORDER);
}

static struct reply marac_shown(struct ctx *c)
{
	return created(c, row_json(c, 0, 0), "/households/%s/risk", value(c, 0, 0, "household_id"));
}

static struct reply marac_added(struct ctx *c)
{
	if (rows(c, 0) == 0)
		return problem(c, PROBLEM_NOT_FOUND);
	query(c, &SQL_MARAC_SHOW, value(c, 0, 0, "id"));
	return then(marac_shown);
}

static struct reply marac_create(struct ctx *c)
{
	const struct marac_in *m = ctx_input(c);

	lock_case(c, ctx_id(c, "id"));
	query(c, &SQL_MARAC_ADD, ctx_id(c, "id"), m->referred_on, m->heard_on);
	return then(marac_added);
}

static struct reply marac_change(struct ctx *c)
{
	if (!ctx_if_match(c))
		return problem(c, PROBLEM_MATCH_MISSING);
	query_lock(c, &SQL_MARAC_LOCK, ctx_id(c, "id"));
	query(c, &SQL_MARAC_CHANGE, ctx_id(c, "id"), ctx_if_match(c), ctx_json(c));
	query(c, &SQL_MARAC_SHOW, ctx_id(c, "id"));
	return then(changed_row);
}

/* ---- its page ---- */

static struct reply marac_found(struct ctx *c)
{
	if (rows(c, 0) == 0)
		return problem(c, PROBLEM_NOT_FOUND);
	audit(c, "read", "marac", value(c, 0, 0, "id"), value(c, 0, 0, "household_id"), NULL);
	return row_reply(c, 0);
}

static struct reply marac_get(struct ctx *c)
{
	query(c, &SQL_MARAC_SHOW, ctx_id(c, "id"));
	return then(marac_found);
}

struct heard_in {
	const char *heard_on;
};

static const struct field heard_fields[] = {
	FIELD(struct heard_in, heard_on, DATE, "heard_on", .required = true, .past = 3660,
	      .label = "Day of the conference"),
};
static const struct input heard_input = INPUT(struct heard_in, heard_fields);

static struct reply heard(struct ctx *c)
{
	if (rows(c, 1) == 0)
		return problem(c, PROBLEM_NOT_FOUND);
	if (affected(c, 0) == 0)
		return problem(c, ctx_if_match(c) ? PROBLEM_CHANGED : PROBLEM_MATCH_MISSING);
	return done(c, row_json(c, 1, 0), "/households/%s/risk", value(c, 1, 0, "household_id"));
}

static struct reply marac_hear(struct ctx *c)
{
	const struct heard_in *in = ctx_input(c);

	query_lock(c, &SQL_MARAC_LOCK, ctx_id(c, "id"));
	query(c, &SQL_MARAC_HEARD, ctx_id(c, "id"), in->heard_on, ctx_if_match(c));
	query(c, &SQL_MARAC_SHOW, ctx_id(c, "id"));
	return then(heard);
}

static const struct shape_member members[] = {
	SHAPE_ID,
	SHAPE("household_id", UUID),
	SHAPE("reference", TEXT),
	SHAPE("referred_on", DATE),
	SHAPE("heard_on", DATE, .nullable = true),
	SHAPE("repeat", BOOL),
	SHAPE_VERSION,
	{ 0 },
};
static const struct shape one = { .name = "marac", .members = members };

const struct route marac_routes[] = {
	{ "POST", "/households/{id}/maracs", CAN_place, &input, marac_create, "households/risk", .output = &one,
	  .check = check_days, .form = risk_get,
	  .summary = "Record a referral to a MARAC" },
	{ "GET", "/maracs/{id}", CAN_see_cases, NULL, marac_get, "households/marac", .output = &one,
	  .summary = "Show a referral to a MARAC" },
	{ "POST", "/maracs/{id}/heard", CAN_place, &heard_input, marac_hear, "households/marac", .output = &one,
	  .form = marac_get, .summary = "Record on which day a MARAC heard a household; a day that is recorded already "
					      "is changed with its version only" },
	{ "PATCH", "/maracs/{id}", CAN_place, &input, marac_change, .output = &one,
	  .check = check_days,
	  .summary = "Correct the days of a referral to a MARAC" },
	{ 0 },
};
