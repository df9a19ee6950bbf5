/* What a household agrees to, purpose by purpose. Answers are added and never changed. */
#include "api/codes.h"
#include "api/rights.h"
#include "api/routes.h"
#include "case.h"
#include "json/write.h"
#include "sql.h"

struct consent_in {
	const char *purpose, *basis, *reason;
};

static const struct field fields[] = {
	FIELD(struct consent_in, purpose, CODE, "purpose", .required = true,
	      .codes = &consent_purpose_codes),
	FIELD(struct consent_in, basis, CODE, "basis", .required = true,
	      .codes = &consent_basis_codes),
	FIELD(struct consent_in, reason, TEXT, "reason", .prose = true, .max = 300,
	      .help = "Why you share without consent. No address."),
};
static const struct input input = INPUT(struct consent_in, fields);

void check_basis(struct ctx *c, const char *basis, const char *at_reason, const char *reason)
{
	if (text_eq(basis, "high_risk_without_consent") && !reason)
		ctx_error(c, at_reason, "required", "Say why it is shared without consent");
}

/* High risk is no basis for contacting or counting people: no life depends on that. */
static void check_consent(struct ctx *c)
{
	const struct consent_in *in = ctx_input(c);

	check_basis(c, in->basis, "/reason", in->reason);
	if (text_eq(in->basis, "high_risk_without_consent") &&
	    (text_eq(in->purpose, "contact") || text_eq(in->purpose, "research_statistics")))
		ctx_error(c, "/basis", "wrong_purpose", "This purpose needs consent, whatever the risk");
}

/* Where a person goes on who recorded an answer: to the hold that waited for it, or to the answer of the
 * referral. */
static const char *next_page(struct ctx *c, int i)
{
	const char *hold = value(c, i, 0, "placement_id"), *referral = value(c, i, 0, "referral_id");

	if (hold)
		return arena_printf(ctx_arena(c), "/placements/%s", hold);
	if (referral)
		return arena_printf(ctx_arena(c), "/referrals/%s", referral);
	return arena_printf(ctx_arena(c), "/households/%s/consents", ctx_id(c, "id"));
}

static struct reply consent_added(struct ctx *c)
{
	if (ctx_page(c))
		return created(c, row_json(c, 0, 0), "%s", next_page(c, 2));
	return created(c, row_json(c, 0, 0), "/households/%s/consents", value(c, 0, 0, "household_id"));
}

static struct reply consent_locked(struct ctx *c)
{
	const struct consent_in *in = ctx_input(c);
	bool given;

	if (rows(c, 0) == 0)
		return problem(c, PROBLEM_NOT_FOUND);
	given = rows(c, 1) && (text_eq(value(c, 1, 0, "basis"), "given") ||
			       text_eq(value(c, 1, 0, "basis"), "high_risk_without_consent"));
	if (text_eq(in->basis, "withdrawn") && !given) {
		ctx_error(c, "/basis", "not_given", "Consent that is not given cannot be withdrawn");
		return invalid(c);
	}
	query(c, &SQL_CONSENT_ADD, ctx_id(c, "id"), in->purpose, in->basis, in->reason,
	      ctx_user(c)->account_id);
	query(c, &SQL_CONSENT_END_OFFERS, ctx_id(c, "id"));
	query(c, &SQL_CONSENT_HOUSEHOLD, ctx_id(c, "id"));
	return then(consent_added);
}

static struct reply consent_create(struct ctx *c)
{
	const struct consent_in *in = ctx_input(c);

	lock_case(c, ctx_id(c, "id"));
	query(c, &SQL_HOUSEHOLD_LOCK, ctx_id(c, "id"));
	query(c, &SQL_CONSENT_NOW, ctx_id(c, "id"), in->purpose);
	return then(consent_locked);
}

static struct reply consents_found(struct ctx *c)
{
	struct text t = text_in(ctx_arena(c));

	if (rows(c, 0) == 0)
		return problem(c, PROBLEM_NOT_FOUND);
	audit(c, "read", "consent", NULL, ctx_id(c, "id"), NULL);
	json_object_begin(&t);
	json_put_key(&t, "household");
	row_put(&t, c, 0, 0);
	json_put_key(&t, "items");
	rows_put(&t, c, 1);
	json_object_end(&t);
	return ok(c, text_done(&t));
}

static struct reply consent_list(struct ctx *c)
{
	query(c, &SQL_CONSENT_HOUSEHOLD, ctx_id(c, "id"));
	query(c, &SQL_CONSENT_LIST, ctx_id(c, "id"));
	return then(consents_found);
}

static const struct shape_member members[] = {
	SHAPE_ID,
	SHAPE("household_id", UUID),
	SHAPE("purpose", CODE, .codes = &consent_purpose_codes),
	SHAPE("basis", CODE, .codes = &consent_basis_codes),
	SHAPE("reason", TEXT, .nullable = true),
	SHAPE("account_id", UUID, .nullable = true),
	SHAPE("at", INSTANT),
	{ 0 },
};
static const struct shape one = { .name = "consent", .members = members };

static const struct shape_member case_members[] = {
	SHAPE_ID,
	SHAPE("reference", TEXT),
	SHAPE("referral_id", UUID, .nullable = true),
	SHAPE("placement_id", UUID, .nullable = true),
	{ 0 },
};
static const struct shape case_shape = { .name = "consents_case", .members = case_members };
static const struct shape_member list_members[] = {
	SHAPE("household", OBJECT, .sub = &case_shape),
	SHAPE("items", OBJECT, .list = true, .sub = &one),
	{ 0 },
};
static const struct shape many = { .name = "consents", .members = list_members };

const struct route consent_routes[] = {
	{ "GET", "/households/{id}/consents", CAN_see_cases, NULL, consent_list, "households/consents",
	  .output = &many,
	  .summary = "Every consent answer of a household" },
	{ "POST", "/households/{id}/consents", CAN_place, &input, consent_create, "households/consents",
	  .output = &one, .check = check_consent, .form = consent_list,
	  .summary = "Record that consent was given, refused or withdrawn" },
	{ 0 },
};
