/* The pages on which what a household said is changed: its facts, by the form that a referral is taken with, and one
 * member after another. A page sends back all that it showed, so the version that it read guards the change, and what
 * was sent empty is cleared. Programs patch instead: household.c and household_member.c have the routes. */
#include <string.h>

#include "api/codes.h"
#include "api/rights.h"
#include "api/routes.h"
#include "base/die.h"
#include "household.h"
#include "language.h"
#include "serve/form_values.h"
#include "sql.h"

/* ---- the facts ---- */

/* Statements of the page. */
enum { SHOWN, BESIDE };

/* A row of the form stands for one need, in the order of the codes, so that what is known stands at its box. */
static json_t *needs_by_code(const json_t *known)
{
	json_t *rows = json_array(), *need;
	size_t i;

	for (int code = 0; code < SUPPORT_COUNT; code++)
		json_array_append_new(rows, json_null());
	json_array_foreach(known, i, need) {
		int code = code_index(&support_need_codes, json_string_value(json_object_get(need, "need")));

		if (code >= 0)
			json_array_set(rows, (size_t)code, need);
	}
	return rows;
}

static json_t *facts_recorded(struct ctx *c)
{
	const char *row = row_json(c, SHOWN, 0);
	json_t *facts = json_read(ctx_arena(c), row, strlen(row));

	if (!facts)
		die("reading a household back");
	if (json_is_array(json_object_get(facts, "support_needs")))
		json_object_set_new(facts, "support_needs", needs_by_code(json_object_get(facts, "support_needs")));
	json_object_del(facts, "urgency_reason");
	if (text_eq(value(c, BESIDE, 0, "begun"), "t"))
		json_object_del(facts, "want_from");
	return facts;
}

/* An empty list was answered with none of them; where nobody asked there is no list. */
static void put_none(struct text *t, const json_t *facts)
{
	json_put_key(t, "none");
	json_array_begin(t);
	for (size_t i = 0; i < answered_none_codes.n; i++) {
		const char *list = answered_none_codes.rows[i].code;
		const json_t *known = json_object_get(facts, list);

		if (json_is_array(known) && json_array_size(known) == 0)
			json_put_str(t, list);
	}
	json_array_end(t);
}

static struct reply facts_read(struct ctx *c)
{
	struct text t = text_in(ctx_arena(c));
	json_t *facts;

	if (rows(c, SHOWN) == 0 || rows(c, BESIDE) == 0)
		return problem(c, PROBLEM_NOT_FOUND);
	audit(c, "read", "household", value(c, SHOWN, 0, "id"), value(c, SHOWN, 0, "id"), NULL);
	facts = facts_recorded(c);
	json_object_begin(&t);
	json_put_key(&t, "household");
	row_put(&t, c, SHOWN, 0);
	json_put_key(&t, "beside");
	row_put(&t, c, BESIDE, 0);
	json_put_key(&t, "known");
	json_object_begin(&t);
	json_put_key(&t, "form");
	json_object_begin(&t);
	form_values_put(&t, "household-", facts, &needs_input);
	put_none(&t, facts);
	json_object_end(&t);
	json_object_end(&t);
	json_object_end(&t);
	return ok(c, text_done(&t));
}

static struct reply facts_page(struct ctx *c)
{
	const char *id = ctx_id(c, "id");

	query(c, &SQL_HOUSEHOLD_SHOW, id);
	query(c, &SQL_HOUSEHOLD_EDIT, id);
	return then(facts_read);
}

struct facts_in {
	const struct needs_in *household;
	struct json_list none;
};

static const struct field facts_fields[] = {
	FIELD(struct facts_in, household, OBJECT, "household", .required = true, .sub = &needs_input),
	FIELD(struct facts_in, none, CODE, "none", .codes = &answered_none_codes),
};
static const struct input facts_input = INPUT(struct facts_in, facts_fields);

static json_t *facts_sent(struct ctx *c)
{
	return json_object_get(ctx_decoded(c)->json, "household");
}

static void check_facts(struct ctx *c)
{
	const struct facts_in *in = ctx_input(c);

	if (!in->household)
		return ctx_error(c, "/household", "required", "Enter what they said");
	check_needs(c, "/household", in->household);
	check_languages(c, "/household", &in->household->languages);
	check_answered_none(c, "/household", &in->none, facts_sent(c));
}

/* No box of a list was ticked, "none of these" neither: nobody asked. */
static void forget_unasked(json_t *sent)
{
	for (size_t i = 0; i < answered_none_codes.n; i++) {
		const char *list = answered_none_codes.rows[i].code;
		const json_t *boxes = json_object_get(sent, list);

		if (boxes && json_array_size(boxes) == 0)
			json_object_set_new(sent, list, json_null());
	}
}

static struct reply facts_changed(struct ctx *c)
{
	const char *referral = value(c, 0, 0, "referral_id");

	if (!referral)
		return done(c, "{}", "/households/%s/edit", value(c, 0, 0, "id"));
	return done(c, "{}", "/referrals/%s", referral);
}

static struct reply facts_stored(struct ctx *c)
{
	query(c, &SQL_HOUSEHOLD_EDIT, ctx_id(c, "id"));
	return then(facts_changed);
}

static struct reply facts_change(struct ctx *c)
{
	const struct facts_in *in = ctx_input(c);
	struct change *change = new_household_change(c, lock_household, needs_apply);

	if (!ctx_if_match(c))
		return problem(c, PROBLEM_MATCH_MISSING);
	forget_unasked(facts_sent(c));
	take_answered_none(&in->none, facts_sent(c));
	change->household = ctx_id(c, "id");
	change->needs = in->household;
	change->sent = facts_sent(c);
	change->at = "/household";
	change->shown = facts_stored;
	return lock_household(c);
}

/* ---- a member ---- */

static struct reply member_form(struct ctx *c)
{
	struct text t = text_in(ctx_arena(c));
	const char *row = row_json(c, 0, 0);

	json_object_begin(&t);
	json_put_raw(&t, row + 1, strlen(row) - 2);
	json_put_key(&t, "known");
	json_object_begin(&t);
	json_put_key(&t, "form");
	json_object_begin(&t);
	form_values_put(&t, "", json_read(ctx_arena(c), row, strlen(row)), &member_input);
	json_object_end(&t);
	json_object_end(&t);
	json_object_end(&t);
	return ok(c, text_done(&t));
}

static struct reply member_read(struct ctx *c)
{
	if (rows(c, 0) == 0)
		return problem(c, PROBLEM_NOT_FOUND);
	audit(c, "read", "member", value(c, 0, 0, "id"), value(c, 0, 0, "household_id"), NULL);
	return member_form(c);
}

static struct reply member_new_read(struct ctx *c)
{
	if (rows(c, 0) == 0)
		return problem(c, PROBLEM_NOT_FOUND);
	audit(c, "read", "household", value(c, 0, 0, "household_id"), value(c, 0, 0, "household_id"), NULL);
	return member_form(c);
}

struct reply member_page(struct ctx *c)
{
	query(c, &SQL_MEMBER_PAGE, ctx_id(c, "id"));
	return then(member_read);
}

struct reply member_new_page(struct ctx *c)
{
	query(c, &SQL_MEMBER_NEW_PAGE, ctx_id(c, "id"));
	return then(member_new_read);
}

/* ---- routes ---- */

const struct route household_edit_routes[] = {
	{ "GET", "/households/{id}/edit", CAN_place, NULL, facts_page, "households/edit", .flags = ROUTE_PAGE_ONLY,
	  .summary = "The form that changes what a household said" },
	{ "POST", "/households/{id}/edit", CAN_place, &facts_input, facts_change, "households/edit",
	  .flags = ROUTE_PAGE_ONLY | ROUTE_PATCH, .check = check_facts, .form = facts_page,
	  .summary = "Change what a household said" },
	{ "GET", "/households/{id}/members/new", CAN_place, NULL, member_new_page, "households/member",
	  .flags = ROUTE_PAGE_ONLY, .summary = "The form that adds a person to a household" },
	{ "GET", "/members/{id}", CAN_place, NULL, member_page, "households/member", .flags = ROUTE_PAGE_ONLY,
	  .summary = "The form that changes a member" },
	{ 0 },
};
