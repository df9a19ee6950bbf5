/* Adding, changing and removing the members of a household. */
#include <string.h>

#include "api/rights.h"
#include "api/routes.h"
#include "base/uuid.h"
#include "household.h"
#include "sql.h"

static const char *one_member(struct ctx *c, const struct change *change)
{
	struct new_member one = { .in = ctx_input(c), .age = change->age };
	struct text t = text_in(ctx_arena(c));

	memcpy(one.id, change->member, UUID_TEXT);
	json_array_begin(&t);
	put_member(&t, &one, 1, 0);
	json_array_end(&t);
	return text_done(&t);
}

/* An age of null was sent too: it means that the age is no longer known. */
static bool age_sent(struct ctx *c)
{
	const struct member_in *m = ctx_input(c);

	return m->birth_date || json_object_get(ctx_decoded(c)->json, "age");
}

static int age_in(struct ctx *c, int i, int row)
{
	int64_t years;
	const char *age = value(c, i, row, "age_now");

	return age && text_to_i64(age, &years) ? (int)years : -1;
}

/* What was sent of the member, what is recorded where it was left out. */
static struct kin changed_kin(struct ctx *c, struct kin before)
{
	const struct member_in *m = ctx_input(c);
	const struct change *change = ctx_get(c);
	const json_t *sent = ctx_decoded(c)->json;

	return (struct kin){
		.id = change->member,
		.child_of = json_object_get(sent, "child_of") ? m->child_of : before.child_of,
		.partner_of = json_object_get(sent, "partner_of") ? m->partner_of : before.partner_of,
		.age = age_sent(c) ? change->age.years : before.age,
	};
}

/* Statement 1 holds the household's members. */
static bool relations_known(struct ctx *c)
{
	const struct change *change = ctx_get(c);
	const json_t *sent = ctx_decoded(c)->json;
	int n = rows(c, 1);
	size_t one = (size_t)n;
	struct kin *all = arena_array_of(ctx_arena(c), (size_t)n + 1, struct kin);

	all[n] = (struct kin){ .age = -1 };
	for (int row = 0; row < n; row++) {
		const char *id = value(c, 1, row, "id");

		all[row] = (struct kin){ id, value(c, 1, row, "child_of"), value(c, 1, row, "partner_of"), age_in(c, 1, row) };
		if (text_eq(id, change->member))
			one = (size_t)row;
	}
	all[one] = changed_kin(c, all[one]);
	if (json_object_get(sent, "child_of") || json_object_get(sent, "partner_of") || age_sent(c))
		check_kin(c, "", all, (size_t)n + (one == (size_t)n), one);
	return ctx_decoded(c)->nerrors == 0;
}

/* A page asks for the partner of either of a couple, and clears the couple that was recorded without naming anybody. */
static void pair_on_page(struct ctx *c)
{
	const struct change *change = ctx_get(c);
	const struct member_in *m = ctx_input(c);

	if (ctx_page(c))
		query(c, &SQL_MEMBER_PAIR, change->member, m->partner_of);
}

/* A page comes back to the household. */
static struct reply members_shown(struct ctx *c)
{
	const struct change *change = ctx_get(c);

	if (!ctx_page(c))
		return household_shown(c);
	return done(c, row_json(c, 1, 0), "/households/%s/edit", change->household);
}

static struct change *new_member_change(struct ctx *c, step *asked, step *apply)
{
	struct change *change = new_household_change(c, asked, apply);

	change->shown = members_shown;
	return change;
}

static struct reply member_insert(struct ctx *c)
{
	const struct change *change = ctx_get(c);

	if (rows(c, 1) >= MEMBERS_MAX) {
		ctx_error(c, "", "too_many", "A household has at most 20 members");
		return invalid(c);
	}
	if (!relations_known(c))
		return invalid(c);
	query(c, &SQL_HOUSEHOLD_ADD_MEMBERS, change->household, one_member(c, change));
	pair_on_page(c);
	secrets_store_people(c, ctx_secrets(c), change->household);
	return then(recount_household);
}

static void check_new_member(struct ctx *c)
{
	const struct member_in *m = ctx_input(c);

	check_member(c, "", m);
	if (text_eq(m->kind, "main"))
		ctx_error(c, "/kind", "one_main", "The household has a main applicant already");
}

static struct reply member_create(struct ctx *c)
{
	const struct member_in *m = ctx_input(c);
	struct change *change = new_member_change(c, lock_household, member_insert);

	change->household = ctx_id(c, "id");
	change->created = true;
	uuid_random(change->member);
	change->age = member_known_age(m);
	secrets_add_member(c, ctx_secrets(c), change->member, m);
	return ctx_secrets(c)->n ? ask_for_household(c, change) : lock_household(c);
}

static struct reply member_update(struct ctx *c)
{
	const struct change *change = ctx_get(c);

	if (!relations_known(c))
		return invalid(c);
	query(c, &SQL_MEMBER_UPDATE, change->member,
	      columns_json(c, &member_input, ctx_decoded(c)->json), int_param(c, change->age.years),
	      age_sent(c) ? day_param(c, change->age.on) : NULL, change->age.exact ? "t" : "f");
	pair_on_page(c);
	secrets_store_people(c, ctx_secrets(c), change->household);
	return then(recount_household);
}

/* Completes a change of kind with stored facts, so that the new kind is checked against the age and
 * the couple, sent or stored. */
static void merge_member(struct ctx *c, struct member_in *m)
{
	const char *kind = value(c, 0, 0, "kind");

	if (!m->kind || text_eq(m->kind, kind)) {
		m->kind = kind;
		return;
	}
	if (!age_sent(c) && (!text_to_i64(value(c, 0, 0, "age"), &m->age) || m->age < 0))
		m->age = INT_ABSENT;
	if (m->couple == TRI_UNKNOWN && !json_object_get(ctx_decoded(c)->json, "couple") &&
	    text_eq(value(c, 0, 0, "couple"), "t"))
		m->couple = TRI_YES;
}

/* An age that is known already says nothing new where it follows from the date of birth, or where a page sends back
 * what it showed. */
static void drop_known_age(struct ctx *c, struct member_in *m)
{
	const char *age = value(c, 0, 0, "age");
	int64_t years;

	if (m->birth_date || m->age == INT_ABSENT || !text_to_i64(age, &years) || years != m->age)
		return;
	if (ctx_page(c) || text_eq(value(c, 0, 0, "age_exact"), "t")) {
		json_object_del(ctx_decoded(c)->json, "age");
		m->age = INT_ABSENT;
	}
}

static struct reply member_found(struct ctx *c)
{
	struct change *change = ctx_get(c);
	struct member_in m = *(const struct member_in *)ctx_input(c);
	const char *kind;

	if (rows(c, 0) == 0)
		return problem(c, PROBLEM_NOT_FOUND);
	drop_known_age(c, &m);
	kind = value(c, 0, 0, "kind");
	if (m.kind && text_eq(m.kind, "main") != text_eq(kind, "main"))
		ctx_error(c, "/kind", "one_main", "The main applicant cannot be changed");
	merge_member(c, &m);
	check_member(c, "", &m);
	if (ctx_decoded(c)->nerrors)
		return invalid(c);
	change->age = member_known_age(&m);
	return household_owner_found(c);
}

static struct reply member_find(struct ctx *c)
{
	query(c, &SQL_MEMBER_HOUSEHOLD, ctx_id(c, "id"));
	return then(member_found);
}

/* The vault's row is written as a whole, and the worker cannot read the half that was not sent. */
static void check_member_change(struct ctx *c)
{
	const struct member_in *m = ctx_input(c);

	check_member(c, "", m);
	if (ctx_page(c) && !json_sent_to(ctx_decoded(c), "/kind"))
		ctx_error(c, "/kind", "required", "Select who this person is");
	if ((m->name != NULL) != (m->birth_date != NULL))
		ctx_error(c, m->name ? "/birth_date" : "/name", "required",
			  "Send name and birth date together");
}

static struct reply member_change(struct ctx *c)
{
	const struct member_in *m = ctx_input(c);
	struct change *change = new_member_change(c, member_find, member_update);

	if (!ctx_if_match(c))
		return problem(c, PROBLEM_MATCH_MISSING);
	if (ctx_page(c))
		json_object_set_new(ctx_decoded(c)->json, "couple", json_null());
	memcpy(change->member, ctx_id(c, "id"), UUID_TEXT);
	secrets_add_member(c, ctx_secrets(c), change->member, m);
	if (ctx_secrets(c)->n == 0)
		return member_find(c);
	query_ahead(c, &SQL_MEMBER_KEY, change->member);
	return then(secrets_found);
}

static struct reply ended(struct ctx *c)
{
	if (affected(c, 0) == 0)
		return problem_detail(c, PROBLEM_WRONG_STATE,
				      "The main applicant stays in the household");
	return recount_household(c);
}

static struct reply member_end_apply(struct ctx *c)
{
	query(c, &SQL_MEMBER_END, ctx_id(c, "id"));
	return then(ended);
}

static struct reply member_end(struct ctx *c)
{
	new_member_change(c, lock_household, member_end_apply);
	query(c, &SQL_MEMBER_HOUSEHOLD, ctx_id(c, "id"));
	return then(household_owner_found);
}

const struct route member_routes[] = {
	{ "POST", "/households/{id}/members", CAN_place, &member_input, member_create, "households/member",
	  .check = check_new_member, .form = member_new_page, .output = &household_shape,
	  .summary = "Add a person to a household" },
	{ "PATCH", "/members/{id}", CAN_place, &member_input, member_change,
	  .check = check_member_change, .output = &household_shape,
	  .summary = "Change a member, with the household's version" },
	{ "POST", "/members/{id}", CAN_place, &member_input, member_change, "households/member",
	  .flags = ROUTE_PAGE_ONLY | ROUTE_PATCH, .check = check_member_change, .form = member_page,
	  .summary = "Change a member" },
	{ "POST", "/members/{id}/end", CAN_place, NULL, member_end, "households/member", .output = &household_shape,
	  .summary = "Record that a member left the household" },
	{ 0 },
};
