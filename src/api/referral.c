/* Referrals: the emergency referral in one request, its course afterwards, and its end. */
#include <string.h>

#include "api/codes.h"
#include "api/place.h"
#include "api/routes.h"
#include "api/search.h"
#include "auth/rights.h"
#include "base/uuid.h"
#include "case.h"
#include "referral.h"
#include "sql.h"

struct referral_in {
	struct household_in *household;
	const char *source;
	enum tri out_of_hours;
	const char *consent, *consent_reason;
};

static const struct field referral_fields[] = {
	FIELD(struct referral_in, household, OBJECT, "household", .required = true,
	      .sub = &household_input),
	REFERRAL_FIELDS(struct referral_in),
};
static const struct input referral_input = INPUT(struct referral_in, referral_fields);

/* What the steps of a new referral share. */
struct intake {
	struct people people;		/* first: people_hash() finds it here */
	char household[UUID_TEXT], referral[UUID_TEXT];
	char (*members)[UUID_TEXT];
	int *ages;
	enum risk_level risk;
	struct span bedrooms;
};

/* ---- the answer ---- */

static void put_rows(struct text *t, struct ctx *c, int i)
{
	json_array_begin(t);
	for (int row = 0; row < rows(c, i); row++)
		row_put(t, c, i, row);
	json_array_end(t);
}

/* The need that the search is asked with; false where the household does not wait. */
typedef bool need_of(struct ctx *c, const char *household, struct need *need);

/* As it was sent: the board does not have it before the commit. */
static bool need_sent(struct ctx *c, const char *household, struct need *need)
{
	const struct referral_in *r = ctx_input(c);
	const struct intake *in = ctx_get(c);

	(void)household;
	*need = search_need_sent(c, r->household);
	need->risk = in->risk;
	for (int i = 0; i < rows(c, 3) && i < NEED_CONFLICTS; i++)
		if (uuid_parse(value(c, 3, i, "id"), &need->conflicts[need->n_conflicts]))
			need->n_conflicts++;
	return true;
}

static bool need_stored(struct ctx *c, const char *household, struct need *need)
{
	return search_need_stored(c, household, need);
}

/* The answer of a referral: results 0 household, 1 referral, 2 duplicates and 3 conflicts of the
 * last batch, and the household's best options. A search that finds nothing is unmet need, counted
 * for `counted` or, where that is NULL, not again. */
static const char *referral_answer(struct ctx *c, need_of *find, const char *counted)
{
	struct text t = text_in(ctx_arena(c));
	struct need need;

	json_object_begin(&t);
	json_put_key(&t, "household");
	row_put(&t, c, 0, 0);
	json_put_key(&t, "referral");
	row_put(&t, c, 1, 0);
	json_put_key(&t, "duplicates");
	put_rows(&t, c, 2);
	json_put_key(&t, "search");
	if (find(c, value(c, 0, 0, "id"), &need))
		search_put(&t, c, &need, counted, SEARCH_SMALL);
	else
		json_put_null(&t);
	json_object_end(&t);
	return text_done(&t);
}

static void ask_answer(struct ctx *c, const char *household, const char *referral)
{
	const struct user *u = ctx_user(c);

	query(c, &SQL_HOUSEHOLD_SHOW, household, u->partnership_id);
	query(c, &SQL_REFERRAL_SHOW, referral, u->partnership_id);
	query(c, &SQL_REFERRAL_DUPLICATES, household, u->organisation_id, u->partnership_id);
	query(c, &SQL_REFERRAL_CONFLICTS, household);
}

/* ---- a new referral ---- */

static void check_one_main(struct ctx *c, const struct json_list *members)
{
	const struct member_in *m = members->items;
	int mains = 0;

	for (size_t i = 0; i < members->n; i++)
		mains += text_eq(m[i].kind, "main");
	if (mains != 1)
		ctx_error(c, "/household/members", "one_main",
			  "Exactly one member must be the main applicant");
}

static void check_consent(struct ctx *c, const struct referral_in *r)
{
	if (text_eq(r->consent, "high_risk_without_consent") && !r->consent_reason)
		ctx_error(c, "/consent_reason", "required", "Say why it is shared without consent");
	refuse_address(c, "/consent_reason", r->consent_reason);
}

static void check_parties(struct ctx *c, struct intake *in, const struct json_list *parties)
{
	const struct party_in *p = parties->items;
	struct arena *a = ctx_arena(c);

	for (size_t i = 0; i < parties->n; i++)
		people_add_party(&in->people, arena_printf(a, "/household/parties/%zu/name", i),
				 &p[i]);
}

static void check_members(struct ctx *c, struct intake *in, const struct household_in *h)
{
	const struct member_in *m = h->members.items;
	struct arena *a = ctx_arena(c);
	struct member *facts = arena_array_of(a, h->members.n, struct member);

	for (size_t i = 0; i < h->members.n; i++) {
		const char *at = arena_printf(a, "/household/members/%zu", i);

		uuid_random(in->members[i]);
		in->ages[i] = check_member(c, at, &m[i]);
		facts[i] = member_facts(m[i].kind, m[i].sex, m[i].gender_identity,
					m[i].couple == TRI_YES, in->ages[i]);
		people_add_member(&in->people, in->members[i], arena_printf(a, "%s/name", at),
				  &m[i]);
	}
	in->bedrooms = bedrooms_of(c, facts, h->members.n, h->needs.overnight_carer == TRI_YES);
	check_one_main(c, &h->members);
}

static void check_places(struct ctx *c, const struct json_list *places)
{
	const struct unsafe_in *u = places->items;
	struct arena *a = ctx_arena(c);

	for (size_t i = 0; i < places->n; i++)
		check_unsafe(c, arena_printf(a, "/household/unsafe_places/%zu", i), &u[i]);
}

static void check_referral(struct ctx *c, struct intake *in, const struct referral_in *r)
{
	const struct household_in *h = r->household;
	struct judged judged = judged_of(&h->needs);

	check_needs(c, "/household", &h->needs);
	in->risk = check_risk(c, "/household", &judged);
	check_members(c, in, h);
	check_places(c, &h->unsafe_places);
	if (h->safe_contact)
		check_contact(c, "/household/safe_contact", h->safe_contact);
	check_parties(c, in, &h->parties);
	check_consent(c, r);
}

static const char *members_json(struct ctx *c, const struct intake *in,
				const struct json_list *members)
{
	const struct member_in *m = members->items;
	struct text t = text_in(ctx_arena(c));

	json_array_begin(&t);
	for (size_t i = 0; i < members->n; i++)
		put_member(&t, in->members[i], &m[i], in->ages[i]);
	json_array_end(&t);
	return text_done(&t);
}

static const char *places_json(struct ctx *c, const struct json_list *places)
{
	const struct unsafe_in *u = places->items;
	struct text t = text_in(ctx_arena(c));

	json_array_begin(&t);
	for (size_t i = 0; i < places->n; i++)
		put_unsafe(&t, ctx_arena(c), &u[i]);
	json_array_end(&t);
	return text_done(&t);
}

static const char *contact_json(struct ctx *c, const json_t *household)
{
	const json_t *contact = json_object_get(household, "safe_contact");
	struct text t = text_in(ctx_arena(c));

	if (!json_is_object(contact))
		return NULL;
	json_put_value(&t, contact);
	return text_done(&t);
}

static void store_household(struct ctx *c, const struct intake *in, const struct household_in *h)
{
	const json_t *sent = json_object_get(ctx_decoded(c)->json, "household");
	const struct user *u = ctx_user(c);
	const char *members = members_json(c, in, &h->members);

	query(c, &SQL_HOUSEHOLD_INSERT, in->household, u->organisation_id, u->account_id,
	      columns_json(c, &needs_input, sent),
	      in->risk == RISK_UNKNOWN ? NULL : code_at(&risk_level_codes, (int)in->risk),
	      int_param(c, in->bedrooms.most), in->bedrooms.least == in->bedrooms.most ? "t" : "f");
	query(c, &SQL_HOUSEHOLD_ADD_MEMBERS, in->household, members, today_param(c),
	      u->partnership_id);
	query(c, &SQL_HOUSEHOLD_PUT_PEOPLE, in->household, members);
	query(c, &SQL_HOUSEHOLD_PUT_CONTACT, in->household, contact_json(c, sent));
	query(c, &SQL_HOUSEHOLD_ADD_UNSAFE, in->household, places_json(c, &h->unsafe_places),
	      today_param(c), u->partnership_id);
	query(c, &SQL_HOUSEHOLD_ADD_HASHES, in->household, people_json(c, &in->people));
}

static struct reply referral_found(struct ctx *c)
{
	const struct intake *in = ctx_get(c);

	return created(c, referral_answer(c, need_sent, in->household), "/referrals/%s",
		       in->referral);
}

/* What was stored is read in a batch of its own: its statements count from 0, as in a GET. */
static struct reply referral_stored(struct ctx *c)
{
	const struct intake *in = ctx_get(c);

	ask_answer(c, in->household, in->referral);
	return then(referral_found);
}

static struct reply referral_store(struct ctx *c)
{
	const struct referral_in *r = ctx_input(c);
	const struct intake *in = ctx_get(c);

	store_household(c, in, r->household);
	query(c, &SQL_REFERRAL_INSERT, in->referral, in->household, ctx_user(c)->organisation_id,
	      ctx_json(c));
	return then(referral_stored);
}

static struct reply referral_create(struct ctx *c)
{
	const struct referral_in *r = ctx_input(c);
	struct intake *in = arena_new_of(ctx_arena(c), struct intake);
	size_t members = r->household->members.n;

	in->people = people_for(c, members + r->household->parties.n, referral_store);
	in->members = arena_array(ctx_arena(c), members, UUID_TEXT);
	in->ages = arena_array_of(ctx_arena(c), members, int);
	uuid_random(in->household);
	uuid_random(in->referral);
	check_referral(c, in, r);
	if (ctx_decoded(c)->nerrors)
		return invalid(c);
	ctx_set(c, in);
	return people_hash(c);
}

static struct reply referral_form(struct ctx *c)
{
	return ok(c, "{}");
}

/* ---- reading ---- */

static struct reply referral_read(struct ctx *c)
{
	const char *household = value(c, 0, 0, "id");
	struct reply r = row_reply(c, 1);

	audit(c, "read", "referral", value(c, 1, 0, "id"), household, NULL);
	r.body = referral_answer(c, need_stored, NULL);
	r.len = strlen(r.body);
	return r;
}

static struct reply referral_known(struct ctx *c)
{
	if (rows(c, 0) == 0)
		return problem(c, PROBLEM_NOT_FOUND);
	ask_answer(c, value(c, 0, 0, "household_id"), value(c, 0, 0, "id"));
	return then(referral_read);
}

static struct reply referral_get(struct ctx *c)
{
	query(c, &SQL_REFERRAL_SHOW, ctx_id(c, "id"), ctx_user(c)->partnership_id);
	return then(referral_known);
}

struct referral_query {
	int64_t limit;
	const char *cursor, *state, *urgency, *organisation_id;
};

static const struct field list_fields[] = {
	PAGE_FIELDS(struct referral_query),
	FIELD(struct referral_query, state, CODE, "state", .codes = &referral_state_codes),
	FIELD(struct referral_query, urgency, CODE, "urgency", .codes = &known_urgency),
	FIELD(struct referral_query, organisation_id, UUID, "organisation_id"),
};
static const struct input list_input = INPUT(struct referral_query, list_fields);

static struct reply referrals_found(struct ctx *c)
{
	audit(c, "search", "referral", NULL, NULL,
	      arena_printf(ctx_arena(c), "{\"rows\":%d}", rows(c, 0)));
	return list_reply(c, 0);
}

static struct reply referral_list(struct ctx *c)
{
	const struct referral_query *q = ctx_input(c);

	query(c, &SQL_REFERRAL_LIST, ctx_user(c)->partnership_id, page_size(c), page_cursor(c),
	      q->state, q->urgency, q->organisation_id);
	return then(referrals_found);
}

/* ---- routes ---- */

static const struct shape_member referral_rows[] = {
	SHAPE_ID,
	SHAPE_ONE("household_id", UUID),
	SHAPE_ONE("household_reference", TEXT),
	SHAPE_ONE("organisation_id", UUID),
	SHAPE_CODED("state", referral_state_codes),
	SHAPE_CODED("urgency", known_urgency),
	SHAPE_CODED("source", referral_source_codes),
	SHAPE_ONE("out_of_hours", BOOL),
	SHAPE_MAYBE_CODED("consent", consent_basis_codes),
	SHAPE_MAYBE("consent_reason", TEXT),
	SHAPE_MAYBE_CODED("close_reason", referral_close_reason_codes),
	SHAPE_MAYBE("submitted_at", INSTANT),
	SHAPE_MAYBE("triaged_at", INSTANT),
	SHAPE_MAYBE("closed_at", INSTANT),
	SHAPE_VERSION,
	SHAPE_CREATED,
	{ 0 },
};
static const struct shape referral_shape = { "referral", referral_rows, false };

static const struct shape_member line_rows[] = {
	SHAPE_ID,
	SHAPE_ONE("household_id", UUID),
	SHAPE_ONE("household_reference", TEXT),
	SHAPE_ONE("organisation_id", UUID),
	SHAPE_CODED("state", referral_state_codes),
	SHAPE_CODED("urgency", known_urgency),
	SHAPE_MAYBE_CODED("risk_level", known_risk_level),
	SHAPE_CODED("source", referral_source_codes),
	SHAPE_ONE("out_of_hours", BOOL),
	SHAPE_MAYBE("submitted_at", INSTANT),
	SHAPE_MAYBE("closed_at", INSTANT),
	SHAPE_VERSION,
	SHAPE_CREATED,
	{ 0 },
};
static const struct shape line_shape = { "referral_line", line_rows, true };

static const struct shape_member duplicate_rows[] = {
	SHAPE_ONE("reference", TEXT),
	SHAPE_MAYBE("household_id", UUID),
	SHAPE_ONE("kind", TEXT),
	{ 0 },
};
static const struct shape duplicate_shape = { "duplicate", duplicate_rows, false };

static const struct shape_member case_rows[] = {
	{ "household", SHAPE_OBJECT, false, false, NULL, &household_shape },
	{ "referral", SHAPE_OBJECT, false, false, NULL, &referral_shape },
	{ "duplicates", SHAPE_OBJECT, false, true, NULL, &duplicate_shape },
	{ "search", SHAPE_OBJECT, true, false, NULL, &search_shape },
	{ 0 },
};
static const struct shape case_shape = { "case", case_rows, false };

const struct route referral_routes[] = {
	{ "GET", "/referrals/new", CAN_PLACE, NULL, referral_form, "referrals/new",
	  .flags = ROUTE_PAGE_ONLY, .summary = "The form of an emergency referral" },
	{ "POST", "/referrals", CAN_PLACE, &referral_input, referral_create, "referrals/new",
	  .form = referral_form, .output = &case_shape,
	  .summary = "Refer a household and get its best options" },
	{ "GET", "/referrals", CAN_SEE_CASES, &list_input, referral_list, "referrals/list",
	  .output = &line_shape, .summary = "List the partnership's referrals" },
	{ "GET", "/referrals/{id}", CAN_SEE_CASES, NULL, referral_get, "referrals/show",
	  .output = &case_shape, .summary = "Show a referral, its household and its best options" },
	{ "PATCH", "/referrals/{id}", CAN_PLACE, &referral_patch_input, referral_change,
	  .output = &referral_shape, .summary = "Complete or triage a referral" },
	{ "POST", "/referrals/{id}/close", CAN_PLACE, &referral_close_input, referral_close,
	  "referrals/show", .form = referral_get, .output = &referral_shape,
	  .summary = "Close a referral" },
	{ 0 },
};
