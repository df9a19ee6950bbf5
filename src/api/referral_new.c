/* A new referral: of a new household, in one request; of a household that is known already; or a
 * draft, which has no required fields and is on no board until it is submitted. */
#include <string.h>

#include "api/codes.h"
#include "api/search.h"
#include "base/uuid.h"
#include "board/board.h"
#include "household.h"
#include "referral.h"
#include "sql.h"

struct referral_in {
	const char *household_id;
	struct household_in *household, *draft;
	const char *source;
	const char *consent, *consent_reason;
	struct json_list none;
};

static const struct field referral_fields[] = {
	FIELD(struct referral_in, household, OBJECT, "household", .sub = &household_input),
	FIELD(struct referral_in, draft, OBJECT, "draft", .sub = &draft_input,
	      .help = "A household about which little is known yet: on no board until submitted."),
	FIELD(struct referral_in, household_id, UUID, "household_id",
	      .help = "A household that is known already and has no open referral."),
	REFERRAL_SOURCE(struct referral_in),
	FIELD(struct referral_in, consent, CODE, "consent", .codes = &consent_basis_codes,
	      .help = "To being offered to providers; leave out if you have not asked yet."),
	FIELD(struct referral_in, consent_reason, TEXT, "consent_reason", .prose = true, .max = 300,
	      .help = "Why you share without consent. No address."),
	FIELD(struct referral_in, none, CODE, "none", .codes = &answered_none_codes,
	      .help = "Lists of the household answered with none of them; the same as an empty list."),
};
const struct input referral_input = INPUT(struct referral_in, referral_fields,
	.help = "One of household, draft and household_id.");

/* What the steps of a new referral share. */
struct intake {
	char household[UUID_TEXT], referral[UUID_TEXT];
	bool draft;
	const char *name;		/* the member that was sent: "household" or "draft" */
	struct household_in sent;
	struct new_member *members;
	struct risk_columns risk;
	struct span bedrooms;
};

/* ---- what is wrong with it ---- */

static void check_subject(struct ctx *c)
{
	const struct decoded *d = ctx_decoded(c);

	if (json_sent(d, struct referral_in, household) + json_sent(d, struct referral_in, draft) +
	    json_sent(d, struct referral_in, household_id) != 1)
		ctx_error(c, "", "one_of", "Give one of household, draft and household_id");
}

static void check_consent(struct ctx *c, const struct referral_in *r)
{
	check_basis(c, r->consent, "/consent_reason", r->consent_reason);
	if (text_eq(r->consent, "withdrawn"))
		ctx_error(c, "/consent", "not_given", "Consent that has not been given cannot be withdrawn");
}

void referral_check(struct ctx *c)
{
	const struct referral_in *r = ctx_input(c);

	check_subject(c);
	check_consent(c, r);
	if (r->household)
		check_household(c, "/household", r->household);
	check_answered_none(c, "/household", &r->none, json_object_get(ctx_decoded(c)->json, "household"));
	check_answered_none(c, "/draft", &r->none, json_object_get(ctx_decoded(c)->json, "draft"));
	if (r->draft)
		check_household(c, "/draft", r->draft);
}

/* ---- storing a household ---- */

static const char *members_json(struct ctx *c, const struct intake *in)
{
	struct text t = text_in(ctx_arena(c));

	json_array_begin(&t);
	for (size_t i = 0; i < in->sent.members.n; i++)
		put_member(&t, in->members, in->sent.members.n, i);
	json_array_end(&t);
	return text_done(&t);
}

static void store_household(struct ctx *c, const struct intake *in)
{
	const json_t *sent = json_object_get(ctx_decoded(c)->json, in->name);
	const struct user *u = ctx_user(c);

	query(c, &SQL_HOUSEHOLD_INSERT, in->household, u->organisation_id, u->account_id,
	      columns_json(c, &needs_input, sent),
	      in->risk.level, int_param(c, in->bedrooms.most), in->bedrooms.least == in->bedrooms.most ? "t" : "f",
	      in->draft ? "t" : "f", in->risk.least, in->risk.judged);
	query(c, &SQL_HOUSEHOLD_ADD_MEMBERS, in->household, members_json(c, in));
	query(c, &SQL_HOUSEHOLD_ADD_UNSAFE, in->household,
	      places_json(c, &in->sent.unsafe_places), today_param(c));
	secrets_store_people(c, ctx_secrets(c), in->household);
}

/* ---- the steps ---- */

static struct reply referral_found(struct ctx *c)
{
	const struct intake *in = ctx_get(c);

	return created(c, referral_answer(c, in->household), "/referrals/%s",
		       in->referral);
}

/* The stored referral is read in a batch of its own, so that its statements count from 0, as in a
 * GET. */
static struct reply referral_stored(struct ctx *c)
{
	const struct intake *in = ctx_get(c);

	referral_ask(c, in->household, in->referral);
	return then(referral_found);
}

static struct reply store_referral(struct ctx *c)
{
	const struct referral_in *r = ctx_input(c);
	const struct intake *in = ctx_get(c);

	if (r->consent)
		query(c, &SQL_CONSENT_ADD, in->household, "share_with_providers", r->consent,
		      r->consent_reason, ctx_user(c)->account_id);
	query(c, &SQL_REFERRAL_INSERT, in->referral, in->household, ctx_json(c),
	      in->draft ? "draft" : "submitted");
	return then(referral_stored);
}

static struct reply referral_store(struct ctx *c)
{
	store_household(c, ctx_get(c));
	return store_referral(c);
}

/* A draft may be empty. It then stands for one main applicant. */
static struct json_list somebody(struct ctx *c)
{
	struct member_in *m = arena_new_of(ctx_arena(c), struct member_in);

	*m = (struct member_in){ .kind = "main", .age = INT_ABSENT };
	return (struct json_list){ .n = 1, .items = m };
}

static void take_members(struct ctx *c, struct intake *in)
{
	const struct household_in *h = &in->sent;
	const struct member_in *m = h->members.items;
	struct member *facts = arena_array_of(ctx_arena(c), h->members.n, struct member);

	in->members = arena_array_of(ctx_arena(c), h->members.n, struct new_member);
	members_facts(&h->members, facts);
	for (size_t i = 0; i < h->members.n; i++) {
		uuid_random(in->members[i].id);
		in->members[i].in = &m[i];
		in->members[i].age = member_known_age(&m[i]);
		secrets_add_member(c, ctx_secrets(c), in->members[i].id, &m[i]);
	}
	in->bedrooms = bedrooms_of(c, facts, h->members.n, h->needs.overnight_carer == TRI_YES);
}

static struct reply refer_unknown(struct ctx *c, struct intake *in)
{
	struct household_in *h = &in->sent;
	const struct party_in *p = h->parties.items;
	struct judged judged = judged_of(&h->needs);
	struct secrets *secrets;

	if (in->draft && h->members.n == 0)
		h->members = somebody(c);
	uuid_random(in->household);
	in->risk = risk_columns(&judged);
	secrets = secrets_new(c, h->members.n * MEMBER_SECRETS + h->parties.n * PARTY_SECRETS + 1,
			      referral_store);
	secrets_of(secrets, SEAL_HOUSEHOLD, in->household, ctx_user(c)->organisation_id);
	take_members(c, in);
	for (size_t i = 0; i < h->parties.n; i++)
		secrets_add_party(c, secrets, &p[i]);
	if (h->safe_contact)
		secrets_add_contact(c, secrets, h->safe_contact);
	return secrets_ask(c);
}

static struct reply known_locked(struct ctx *c)
{
	const struct intake *in = ctx_get(c);

	if (rows(c, 0) == 0) {
		ctx_error(c, "/household_id", "not_found", "There is no such household");
		return invalid(c);
	}
	if (rows(c, 1))
		return problem_with(c, PROBLEM_REFERRAL_OPEN,
				    arena_printf(ctx_arena(c),
						 "\"referral\":{\"id\":\"%s\",\"state\":\"%s\"}",
						 value(c, 1, 0, "id"), value(c, 1, 0, "state")));
	query(c, &SQL_REFERRAL_REOPEN_HOUSEHOLD, in->household);
	return store_referral(c);
}

static struct reply refer_known(struct ctx *c, struct intake *in)
{
	const struct referral_in *r = ctx_input(c);

	memcpy(in->household, r->household_id, UUID_TEXT);
	lock_case(c, in->household);
	query(c, &SQL_REFERRAL_LOCK_KNOWN, in->household);
	query(c, &SQL_REFERRAL_OPEN, in->household);
	return then(known_locked);
}

struct reply referral_create(struct ctx *c)
{
	const struct referral_in *r = ctx_input(c);
	struct intake *in = arena_new_of(ctx_arena(c), struct intake);

	ctx_set(c, in);
	uuid_random(in->referral);
	if (r->household_id)
		return refer_known(c, in);
	in->draft = r->draft != NULL;
	in->name = in->draft ? "draft" : "household";
	in->sent = in->draft ? *r->draft : *r->household;
	take_answered_none(&r->none, json_object_get(ctx_decoded(c)->json, in->name));
	return refer_unknown(c, in);
}
