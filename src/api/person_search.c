/* Search for a person (domain: confidentiality): by whole name, for a referral or with a reason, at
 * most five rows. A row of another organisation tells only that the person is known there. Names
 * are compared by keyed hashes, so a part of a name or a pattern cannot match; the order of the
 * parts, and diacritics, do not matter. */
#include <string.h>

#include "api/codes.h"
#include "api/outcomes.h"
#include "api/rights.h"
#include "api/routes.h"
#include "case.h"
#include "sql.h"

struct person_search_in {
	const char *name, *birth_date, *referral_id, *reason_code, *reason;
};

static const struct field fields[] = {
	FIELD(struct person_search_in, name, TEXT, "name", .required = true, .sealed = true, .max = 120,
	      .help = "The whole name: no wildcard."),
	FIELD(struct person_search_in, birth_date, DATE, "birth_date", BIRTH_DATE,
	      .help = "If left out, every person of that name counts."),
	FIELD(struct person_search_in, referral_id, UUID, "referral_id", .help = "The referral it is for; or give a reason."),
	FIELD(struct person_search_in, reason_code, CODE, "reason_code", .codes = &person_search_reason_codes),
	FIELD(struct person_search_in, reason, TEXT, "reason", .prose = true, .min = 10, .max = 300,
	      .help = "In words. No name, no address; the information officer may read it."),
};
static const struct input input = INPUT(struct person_search_in, fields,
	.help = "Send either referral_id, or reason_code and reason.");

static void check(struct ctx *c)
{
	const struct person_search_in *in = ctx_input(c);
	const struct decoded *d = ctx_decoded(c);
	bool related = json_sent(d, struct person_search_in, referral_id);
	bool code = json_sent(d, struct person_search_in, reason_code), reason = json_sent(d, struct person_search_in, reason);

	if (related && (code || reason))
		ctx_error(c, "/referral_id", "one_of", "Give either the referral it is for, or a reason with its code");
	if (!related && !code)
		ctx_error(c, "/reason_code", "one_of", "Select why you search");
	if (!related && !reason)
		ctx_error(c, "/reason", "one_of", "Say in words why you search");
	if (in->name && strpbrk(in->name, "*%_?"))
		ctx_error(c, "/name", "wildcard", "Give the whole name: * % _ and ? are not wildcards here");
	check_identity(c, in->name);
}

/* ---- the answer ---- */

static struct reply searched(struct ctx *c)
{
	int which = outcome_of(c, &person_search_outcome_codes);

	if (which == person_search_outcome_no_referral) {
		ctx_error(c, "/referral_id", "unknown", "Referral must be one of your partnership");
		return invalid(c);
	}
	if (value(c, 0, 0, "_alert"))
		alerted(c, "person_search");
	if (which == person_search_outcome_over)
		return kept(problem(c, PROBLEM_BUDGET_SPENT));
	return ok(c, row_json(c, 0, 0));
}

/* What the audit trail keeps of the search: the reason, never the person. */
static const char *why(struct ctx *c)
{
	const struct person_search_in *in = ctx_input(c);
	struct text t = text_in(ctx_arena(c));

	json_object_begin(&t);
	json_put_text(&t, "reason_code", in->reason_code);
	json_put_text(&t, "reason", in->reason);
	json_object_end(&t);
	return text_done(&t);
}

static struct reply search(struct ctx *c)
{
	const struct person_search_in *in = ctx_input(c);

	query(c, &SQL_PERSON_SEARCH, secrets_hashes(c, ctx_secrets(c)), in->referral_id, why(c),
	      int_param(c, ctx_person_search_budget(c)));
	return then(searched);
}

static struct reply person_search(struct ctx *c)
{
	const struct person_search_in *in = ctx_input(c);
	struct secrets *s = secrets_new(c, BLIND_BIRTHS, search);

	secrets_hash_births(s, BLIND_LINK, BLIND_COMPARED, in->name, in->birth_date, NULL);
	return secrets_ask(c);
}

/* The referral for which the form is opened. */
struct form_query {
	const char *referral_id;
};
static const struct field form_fields[] = {
	FIELD(struct form_query, referral_id, UUID, "referral_id", .help = "The referral that the search is for."),
};
static const struct input form_input = INPUT(struct form_query, form_fields);

static struct reply person_form(struct ctx *c)
{
	return ok(c, ctx_json(c));
}

static struct reply person_form_again(struct ctx *c)
{
	return ok(c, "{}");
}

static const struct shape_member found_members[] = {
	SHAPE("household_id", UUID, .nullable = true),
	SHAPE("household_reference", TEXT, .nullable = true),
	SHAPE("organisation", TEXT),
	SHAPE("open", BOOL),
	SHAPE("kind", CODE, .codes = &person_match_codes),
	{ 0 },
};
static const struct shape found_shape = { .name = "person_found", .members = found_members };
static const struct shape_member members[] = {
	SHAPE("items", OBJECT, .list = true, .sub = &found_shape),
	SHAPE("more", BOOL),
	{ 0 },
};
static const struct shape found = { .name = "person_search", .members = members };

const struct route person_search_routes[] = {
	{ "GET", "/person-searches/new", CAN_see_cases, &form_input, person_form, "watch/person",
	  .flags = ROUTE_PAGE_ONLY, .summary = "The form of a search for a person" },
	{ "POST", "/person-searches", CAN_see_cases, &input, person_search, "watch/person", .check = check,
	  .form = person_form_again, .output = &found,
	  .summary = "Search for a person by the whole name, for a referral or with a reason" },
	{ 0 },
};
