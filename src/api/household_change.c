/* The course of every change of a household; see household.h. */
#include "household.h"
#include "sql.h"

struct change *new_household_change(struct ctx *c, step *asked, step *apply)
{
	struct change *change = arena_new_of(ctx_arena(c), struct change);

	secrets_new(c, MEMBER_SECRETS > PARTY_SECRETS ? MEMBER_SECRETS : PARTY_SECRETS, asked);
	change->apply = apply;
	change->needs = ctx_input(c);
	change->sent = ctx_decoded(c)->json;
	change->at = "";
	change->shown = household_shown;
	ctx_set(c, change);
	return change;
}

struct reply ask_for_household(struct ctx *c, const struct change *change)
{
	query_ahead(c, &SQL_HOUSEHOLD_KEY, change->household);
	return then(secrets_found);
}

static int number_of(const char *text, int unknown)
{
	int64_t n;

	return text && text_to_i64(text, &n) ? (int)n : unknown;
}

int locked_count(struct ctx *c, const char *column)
{
	return number_of(value(c, 0, 0, column), 0);
}

static struct reply household_locked(struct ctx *c)
{
	struct change *change = ctx_get(c);

	if (rows(c, 0) == 0)
		return problem(c, PROBLEM_NOT_FOUND);
	if (!ctx_matches(c, value(c, 0, 0, "version")))
		return problem(c, PROBLEM_CHANGED);
	if (text_eq(value(c, 0, 0, "closed"), "t"))
		return problem(c, PROBLEM_HOUSEHOLD_CLOSED);
	change->carer = text_eq(value(c, 0, 0, "carer"), "t");
	return change->apply(c);
}

void lock_case(struct ctx *c, const char *household)
{
	query_lock(c, &SQL_CASE_LOCK, household);
}

struct reply lock_household(struct ctx *c)
{
	const struct change *change = ctx_get(c);

	lock_case(c, change->household);
	query(c, &SQL_HOUSEHOLD_LOCK, change->household);
	query(c, &SQL_HOUSEHOLD_MEMBERS, change->household);
	return then(household_locked);
}

static struct known_age stored_age(struct ctx *c, int i, int row)
{
	struct known_age a = {
		.years = number_of(value(c, i, row, "age"), -1),
		.exact = text_eq(value(c, i, row, "age_exact"), "t"),
	};

	if (!day_parse(value(c, i, row, "age_on"), &a.on))
		a.years = -1;
	return a;
}

/* Statement i holds the members. */
struct span count_bedrooms(struct ctx *c, int i, bool carer)
{
	int n = rows(c, i);
	struct member *members = arena_array_of(ctx_arena(c), (size_t)n, struct member);

	for (int row = 0; row < n; row++) {
		members[row] = member_facts(value(c, i, row, "kind"), value(c, i, row, "sex"),
					    value(c, i, row, "gender_identity"), stored_age(c, i, row));
		members[row].couple = number_of(value(c, i, row, "couple_of"), 0);
	}
	return bedrooms_of(c, members, (size_t)n, carer);
}

struct reply household_shown(struct ctx *c)
{
	const struct change *change = ctx_get(c);

	if (change->created)
		return created(c, row_json(c, 1, 0), "/households/%s", change->household);
	return row_reply(c, 1);
}

static struct reply members_counted(struct ctx *c)
{
	const struct change *change = ctx_get(c);
	struct span rooms = count_bedrooms(c, 0, change->carer);

	query(c, &SQL_HOUSEHOLD_RECOUNT, change->household, int_param(c, rooms.most),
	      rooms.least == rooms.most ? "t" : "f");
	query(c, &SQL_HOUSEHOLD_SHOW, change->household);
	return then(change->shown);
}

struct reply recount_household(struct ctx *c)
{
	const struct change *change = ctx_get(c);

	query(c, &SQL_HOUSEHOLD_MEMBERS, change->household);
	return then(members_counted);
}

struct reply household_owner_found(struct ctx *c)
{
	struct change *change = ctx_get(c);

	if (rows(c, 0) == 0)
		return problem(c, PROBLEM_NOT_FOUND);
	change->household = value(c, 0, 0, "household_id");
	return lock_household(c);
}
