/* Households after their referral: needs, members and unsafe places change, and what follows from
 * them (bedrooms, risk) is worked out anew under the household's lock. */
#include <string.h>

#include "api/codes.h"
#include "api/place.h"
#include "api/routes.h"
#include "auth/rights.h"
#include "base/uuid.h"
#include "case.h"
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
	query(c, &SQL_HOUSEHOLD_SHOW, id, ctx_user(c)->partnership_id);
	return then(household_read);
}

static struct reply household_get(struct ctx *c)
{
	return show(c, ctx_id(c, "id"));
}

/* ---- changing ----
 *
 * Every change: the household is locked and its version compared, then what belongs to it changes,
 * then the bedrooms are counted anew and the version grows, then the household is shown. */

struct change {
	struct people people;		/* first: people_hash() finds it here */
	const char *household;
	char member[UUID_TEXT];
	int age;
	bool carer, created;
	step *apply;			/* once the household is locked and may change */
};

static struct change *new_change(struct ctx *c, step *hashed, step *apply)
{
	struct change *change = arena_new_of(ctx_arena(c), struct change);

	change->people = people_for(c, 1, hashed);
	change->apply = apply;
	ctx_set(c, change);
	return change;
}

/* A count that the lock read. */
static int counted(struct ctx *c, const char *column)
{
	int64_t n = 0;

	return text_to_i64(value(c, 0, 0, column), &n) ? (int)n : 0;
}

static struct reply household_locked(struct ctx *c)
{
	struct change *change = ctx_get(c);
	const char *wanted = ctx_if_match(c);

	if (rows(c, 0) == 0)
		return problem(c, PROBLEM_NOT_FOUND);
	if (wanted && !text_eq(wanted, value(c, 0, 0, "version")))
		return problem(c, PROBLEM_CHANGED);
	if (text_eq(value(c, 0, 0, "closed"), "t"))
		return problem(c, PROBLEM_HOUSEHOLD_CLOSED);
	change->carer = text_eq(value(c, 0, 0, "carer"), "t");
	return change->apply(c);
}

static struct reply lock_household(struct ctx *c)
{
	const struct change *change = ctx_get(c);

	query(c, &SQL_HOUSEHOLD_LOCK, change->household, ctx_user(c)->partnership_id);
	query(c, &SQL_HOUSEHOLD_MEMBERS, change->household);
	return then(household_locked);
}

/* Statement i has the members. */
static struct span count_bedrooms(struct ctx *c, int i, bool carer)
{
	int n = rows(c, i);
	struct member *members = arena_array_of(ctx_arena(c), (size_t)n, struct member);

	for (int row = 0; row < n; row++) {
		int64_t age = -1;

		if (!text_to_i64(value(c, i, row, "age"), &age))
			age = -1;
		members[row] = member_facts(value(c, i, row, "kind"), value(c, i, row, "sex"),
					    value(c, i, row, "gender_identity"),
					    text_eq(value(c, i, row, "couple"), "t"), (int)age);
	}
	return bedrooms_of(c, members, (size_t)n, carer);
}

static struct reply household_shown(struct ctx *c)
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
	query(c, &SQL_HOUSEHOLD_SHOW, change->household, ctx_user(c)->partnership_id);
	return then(household_shown);
}

static struct reply recount(struct ctx *c)
{
	const struct change *change = ctx_get(c);

	query(c, &SQL_HOUSEHOLD_MEMBERS, change->household);
	return then(members_counted);
}

/* ---- needs ---- */


/* What was sent stands; what is stored counts where nothing was sent. A stored level is a judgement
 * only where it was raised, or where there were no answers to score. */
static struct judged judged_now(struct ctx *c, const struct needs_in *n)
{
	const json_t *sent = ctx_decoded(c)->json;
	const char *stored = value(c, 0, 0, "risk_level");
	bool raised = text_eq(value(c, 0, 0, "raised"), "t");
	struct judged j = judged_of(n);

	if (!json_object_get(sent, "dash")) {
		j.yes = counted(c, "yes");
		j.no = counted(c, "no");
	}
	if (!json_object_get(sent, "risk_level") && stored &&
	    (raised || text_eq(value(c, 0, 0, "scored"), "f")))
		j.judgement = (enum risk_level)code_index(&risk_level_codes, stored);
	if (!json_object_get(sent, "risk_raised_reason"))
		j.reason = raised;
	return j;
}

/* A band that was set by hand keeps its reason. */
static void check_band(struct ctx *c)
{
	const json_t *sent = ctx_decoded(c)->json;
	bool dropped = json_is_null(json_object_get(sent, "band_reason"));

	if (dropped && !json_is_null(json_object_get(sent, "band")) &&
	    text_eq(value(c, 0, 0, "banded"), "t"))
		ctx_error(c, "/band_reason", "required", "Say why the band is set by hand");
}

static void check_change(struct ctx *c)
{
	check_needs(c, "", ctx_input(c));
}

static struct reply needs_apply(struct ctx *c)
{
	const struct change *change = ctx_get(c);
	const struct needs_in *n = ctx_input(c);
	const json_t *sent = ctx_decoded(c)->json;
	struct judged judged = judged_now(c, n);
	enum risk_level risk = risk_of(&judged);
	bool asked = json_object_get(sent, "overnight_carer") != NULL;
	bool carer = asked ? n->overnight_carer == TRI_YES : change->carer;
	struct span rooms = count_bedrooms(c, 1, carer);

	check_risk(c, "", &judged);
	check_band(c);
	if (ctx_decoded(c)->nerrors)
		return invalid(c);
	query(c, &SQL_HOUSEHOLD_UPDATE, change->household, columns_json(c, &needs_input, sent),
	      risk == RISK_UNKNOWN ? NULL : code_at(&risk_level_codes, (int)risk),
	      int_param(c, rooms.most), rooms.least == rooms.most ? "t" : "f");
	query(c, &SQL_HOUSEHOLD_SHOW, change->household, ctx_user(c)->partnership_id);
	return then(household_shown);
}

static struct reply household_change(struct ctx *c)
{
	if (!ctx_if_match(c))
		return problem(c, PROBLEM_MATCH_MISSING);
	new_change(c, lock_household, needs_apply)->household = ctx_id(c, "id");
	return lock_household(c);
}

/* ---- members ---- */

static const char *one_member(struct ctx *c, const struct change *change)
{
	struct text t = text_in(ctx_arena(c));

	json_array_begin(&t);
	put_member(&t, change->member, ctx_input(c), change->age);
	json_array_end(&t);
	return text_done(&t);
}

static void put_identity(struct ctx *c, const struct change *change, const char *member)
{
	query(c, &SQL_HOUSEHOLD_PUT_PEOPLE, change->household, member);
	query(c, &SQL_HOUSEHOLD_ADD_HASHES, change->household, people_json(c, &change->people));
}

static struct reply member_insert(struct ctx *c)
{
	const struct change *change = ctx_get(c);
	const char *member = one_member(c, change);

	if (rows(c, 1) >= MEMBERS_MAX) {
		ctx_error(c, "", "too_many", "A household has at most 20 members");
		return invalid(c);
	}
	query(c, &SQL_HOUSEHOLD_ADD_MEMBERS, change->household, member, today_param(c),
	      ctx_user(c)->partnership_id);
	put_identity(c, change, member);
	return then(recount);
}

static void check_new_member(struct ctx *c)
{
	const struct member_in *m = ctx_input(c);

	check_member(c, "", m);
	if (text_eq(m->kind, "main"))
		ctx_error(c, "/kind", "one_main", "The household has its main applicant");
}

static struct reply member_create(struct ctx *c)
{
	const struct member_in *m = ctx_input(c);
	struct change *change = new_change(c, lock_household, member_insert);

	change->household = ctx_id(c, "id");
	change->created = true;
	uuid_random(change->member);
	change->age = member_age(m);
	people_add_member(&change->people, change->member, m);
	return people_hash(c);
}

/* An age of null is one that nobody knows any more. */
static bool age_sent(struct ctx *c)
{
	const struct member_in *m = ctx_input(c);

	return m->birth_date || json_object_get(ctx_decoded(c)->json, "age");
}

static struct reply member_update(struct ctx *c)
{
	const struct change *change = ctx_get(c);

	query(c, &SQL_MEMBER_UPDATE, change->member,
	      columns_json(c, &member_input, ctx_decoded(c)->json), int_param(c, change->age),
	      age_sent(c) ? today_param(c) : NULL);
	put_identity(c, change, one_member(c, change));
	return then(recount);
}

/* Whose member or unsafe place it is: found without a lock, since the household's comes first. */
static struct reply owner_found(struct ctx *c)
{
	struct change *change = ctx_get(c);

	if (rows(c, 0) == 0)
		return problem(c, PROBLEM_NOT_FOUND);
	change->household = value(c, 0, 0, "household_id");
	return lock_household(c);
}

/* Who becomes an adult or a child is of an age for it, also where that was stored before. */
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

static struct reply member_found(struct ctx *c)
{
	struct change *change = ctx_get(c);
	struct member_in m = *(const struct member_in *)ctx_input(c);
	const char *kind;

	if (rows(c, 0) == 0)
		return problem(c, PROBLEM_NOT_FOUND);
	kind = value(c, 0, 0, "kind");
	if (m.kind && text_eq(m.kind, "main") != text_eq(kind, "main"))
		ctx_error(c, "/kind", "one_main", "The main applicant can not be changed");
	merge_member(c, &m);
	check_member(c, "", &m);
	if (ctx_decoded(c)->nerrors)
		return invalid(c);
	change->age = member_age(&m);
	return owner_found(c);
}

static struct reply member_find(struct ctx *c)
{
	query(c, &SQL_MEMBER_HOUSEHOLD, ctx_id(c, "id"), ctx_user(c)->partnership_id);
	return then(member_found);
}

/* The vault's row is written whole, and nothing here can read the half that was not sent. */
static void check_member_change(struct ctx *c)
{
	const struct member_in *m = ctx_input(c);

	check_member(c, "", m);
	if ((m->name != NULL) != (m->birth_date != NULL))
		ctx_error(c, m->name ? "/birth_date" : "/name", "required",
			  "Send name and birth date together");
}

static struct reply member_change(struct ctx *c)
{
	const struct member_in *m = ctx_input(c);
	struct change *change = new_change(c, member_find, member_update);

	if (!ctx_if_match(c))
		return problem(c, PROBLEM_MATCH_MISSING);
	memcpy(change->member, ctx_id(c, "id"), UUID_TEXT);
	people_add_member(&change->people, change->member, m);
	return people_hash(c);
}

static struct reply ended(struct ctx *c)
{
	if (affected(c, 0) == 0)
		return problem_detail(c, PROBLEM_WRONG_STATE,
				      "The main applicant stays in the household");
	return recount(c);
}

static struct reply member_end_apply(struct ctx *c)
{
	query(c, &SQL_MEMBER_END, ctx_id(c, "id"));
	return then(ended);
}

static struct reply member_end(struct ctx *c)
{
	new_change(c, lock_household, member_end_apply);
	query(c, &SQL_MEMBER_HOUSEHOLD, ctx_id(c, "id"), ctx_user(c)->partnership_id);
	return then(owner_found);
}

/* ---- parties ---- */

static struct reply party_insert(struct ctx *c)
{
	const struct change *change = ctx_get(c);
	struct text t = text_in(ctx_arena(c));

	json_array_begin(&t);
	json_put_value(&t, ctx_decoded(c)->json);
	json_array_end(&t);
	query(c, &SQL_HOUSEHOLD_ADD_HASHES, change->household, people_json(c, &change->people));
	query(c, &SQL_HOUSEHOLD_PUT_PARTIES, change->household, text_done(&t));
	return then(recount);
}

static void check_new_party(struct ctx *c)
{
	check_party(c, "", ctx_input(c));
}

static struct reply party_create(struct ctx *c)
{
	struct change *change = new_change(c, lock_household, party_insert);

	change->household = ctx_id(c, "id");
	change->created = true;
	people_add_party(&change->people, ctx_input(c));
	return people_hash(c);
}

/* ---- unsafe places, safe contact ---- */

static struct reply unsafe_insert(struct ctx *c)
{
	const struct change *change = ctx_get(c);
	struct text t = text_in(ctx_arena(c));

	/* a search looks at no more */
	if (counted(c, "places") >= NEED_UNSAFE) {
		ctx_error(c, "", "too_many",
			  "A household has at most 16 unsafe places: end one that is safe again");
		return invalid(c);
	}
	json_array_begin(&t);
	put_unsafe(&t, ctx_arena(c), ctx_input(c));
	json_array_end(&t);
	query(c, &SQL_HOUSEHOLD_ADD_UNSAFE, change->household, text_done(&t), today_param(c),
	      ctx_user(c)->partnership_id);
	return then(recount);
}

static void check_new_place(struct ctx *c)
{
	check_unsafe(c, "", ctx_input(c));
}

static struct reply unsafe_create(struct ctx *c)
{
	struct change *change = new_change(c, lock_household, unsafe_insert);

	change->household = ctx_id(c, "id");
	change->created = true;
	return lock_household(c);
}

static struct reply unsafe_end_apply(struct ctx *c)
{
	query(c, &SQL_UNSAFE_END, ctx_id(c, "id"));
	return then(recount);
}

static struct reply unsafe_end(struct ctx *c)
{
	new_change(c, lock_household, unsafe_end_apply);
	query(c, &SQL_UNSAFE_HOUSEHOLD, ctx_id(c, "id"), ctx_user(c)->partnership_id);
	return then(owner_found);
}

static struct reply contact_put(struct ctx *c)
{
	const struct change *change = ctx_get(c);

	query(c, &SQL_HOUSEHOLD_PUT_CONTACT, change->household, ctx_json(c));
	return then(recount);
}

static void check_new_contact(struct ctx *c)
{
	check_contact(c, "", ctx_input(c));
}

static struct reply contact_create(struct ctx *c)
{
	struct change *change = new_change(c, lock_household, contact_put);

	change->household = ctx_id(c, "id");
	change->created = true;
	return lock_household(c);
}

/* ---- routes ---- */

const struct route household_routes[] = {
	{ "GET", "/households", CAN_SEE_CASES, &household_list_input, household_list,
	  .output = &household_line_shape,
	  .summary = "List the partnership's households by reference" },
	{ "GET", "/households/{id}", CAN_SEE_CASES, NULL, household_get, .output = &household_shape,
	  .summary = "Show a household's needs, members and unsafe places" },
	{ "PATCH", "/households/{id}", CAN_PLACE, &needs_input, household_change,
	  .check = check_change, .output = &household_shape, .summary = "Change a household's needs" },
	{ "POST", "/households/{id}/members", CAN_PLACE, &member_input, member_create,
	  .check = check_new_member, .output = &household_shape,
	  .summary = "Add a person to a household" },
	{ "PATCH", "/members/{id}", CAN_PLACE, &member_input, member_change,
	  .check = check_member_change, .output = &household_shape,
	  .summary = "Change a member, with the household's version" },
	{ "POST", "/members/{id}/end", CAN_PLACE, NULL, member_end, .output = &household_shape,
	  .summary = "Record that a member left the household" },
	{ "POST", "/households/{id}/parties", CAN_PLACE, &party_input, party_create,
	  .check = check_new_party, .output = &household_shape,
	  .summary = "Add a perpetrator or associate; nothing of it is shown again" },
	{ "POST", "/households/{id}/unsafe-places", CAN_PLACE, &unsafe_input, unsafe_create,
	  .check = check_new_place, .output = &household_shape,
	  .summary = "Add a place where the household is not safe" },
	{ "POST", "/unsafe-places/{id}/end", CAN_PLACE, NULL, unsafe_end,
	  .output = &household_shape, .summary = "Record that a place is safe again" },
	{ "POST", "/households/{id}/safe-contact", CAN_PLACE, &contact_input, contact_create,
	  .check = check_new_contact, .output = &household_shape,
	  .summary = "Record how the household may be reached" },
	{ 0 },
};
