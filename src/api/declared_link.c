/* Conflicts of interest: a user who is a person in a case, or linked to one, never sees that case.
 * Only keyed hashes of the declared person are kept, so the name cannot be read back. */
#include "api/codes.h"
#include "api/outcomes.h"
#include "api/rights.h"
#include "api/routes.h"
#include "case.h"
#include "sql.h"

struct link_in {
	const char *name, *birth_date, *relationship;
};

static const struct field fields[] = {
	FIELD(struct link_in, name, TEXT, "name", .required = true,
	      .ask = "Enter the name", .sealed = true, .max = 120,
	      .help = "Only a keyed hash is kept."),
	FIELD(struct link_in, birth_date, DATE, "birth_date", BIRTH_DATE,
	      .help = "If left out, every person of that name counts."),
	FIELD(struct link_in, relationship, CODE, "relationship", .required = true,
	      .ask = "Select who they are to you",
	      .codes = &link_relationship_codes),
};
static const struct input input = INPUT(struct link_in, fields);

static struct reply declared(struct ctx *c)
{
	return created(c, row_json(c, 0, 0), "/conflict-declarations");
}

static struct reply stored(struct ctx *c)
{
	if (value(c, 0, 0, "alert"))
		alerted(c, "conflict_probing");
	query(c, &SQL_DECLARED_LINK_SHOW, value(c, 0, 0, "id"));
	return then(declared);
}

static struct reply store(struct ctx *c)
{
	query(c, &SQL_DECLARED_LINK_ADD, secrets_hashes(c, ctx_secrets(c)),
	      ((const struct link_in *)ctx_input(c))->relationship);
	return then(stored);
}

static struct reply declare(struct ctx *c)
{
	const struct link_in *in = ctx_input(c);
	struct secrets *s = secrets_new(c, BLIND_BIRTHS, store);

	secrets_hash_births(s, BLIND_LINK, BLIND_COMPARED, in->name, in->birth_date, NULL);
	return secrets_ask(c);
}

static void check(struct ctx *c)
{
	check_identity(c, ((const struct link_in *)ctx_input(c))->name);
}

/* ---- reading ---- */

static struct reply listed(struct ctx *c)
{
	return list_reply(c, 0);
}

static struct reply list(struct ctx *c)
{
	query(c, &SQL_DECLARED_LINK_LIST, page_size(c), page_cursor(c));
	return then(listed);
}

/* A refused form is shown again above the first page of the caller's own declarations. */
static struct reply form(struct ctx *c)
{
	query(c, &SQL_DECLARED_LINK_LIST, "25", NULL);
	return then(listed);
}

/* ---- ending: by an administrator, and never their own declaration ---- */

struct end_in {
	const char *reason;
};
static const struct field end_fields[] = {
	FIELD(struct end_in, reason, TEXT, "reason", .prose = true, .required = true,
	      .ask = "Say why it no longer holds", .min = 10, .max = 300,
	      .help = "Why it no longer holds. No name, no address."),
};
static const struct input end_input = INPUT(struct end_in, end_fields);

static struct reply shown(struct ctx *c)
{
	return row_reply(c, 0);
}

static struct reply end_form(struct ctx *c)
{
	query(c, &SQL_DECLARED_LINK_SHOW, ctx_id(c, "id"));
	return then(shown);
}

static struct reply ended(struct ctx *c)
{
	switch ((enum link_outcome)outcome_of(c, &link_outcome_codes)) {
	case link_outcome_none: return problem(c, PROBLEM_NOT_FOUND);
	case link_outcome_own: return problem(c, PROBLEM_OWN_DEED);
	case link_outcome_ended_before: return problem_detail(c, PROBLEM_WRONG_STATE, "It has already ended");
	case link_outcome_ended:
	case link_outcome_count: break;
	}
	return done(c, row_json(c, 1, 0), "/conflict-declarations");
}

static struct reply end(struct ctx *c)
{
	query(c, &SQL_DECLARED_LINK_END, ctx_id(c, "id"), ((const struct end_in *)ctx_input(c))->reason);
	query(c, &SQL_DECLARED_LINK_SHOW, ctx_id(c, "id"));
	return then(ended);
}

static const struct shape_member members[] = {
	SHAPE_ID,
	SHAPE("account_id", UUID),
	SHAPE("account", TEXT),
	SHAPE("relationship", CODE, .codes = &link_relationship_codes),
	SHAPE("declared_at", INSTANT),
	SHAPE("ended_at", INSTANT, .nullable = true),
	SHAPE("end_reason", TEXT, .nullable = true),
	SHAPE("own", BOOL),
	{ 0 },
};
static const struct shape one = { .name = "conflict_declaration", .members = members };
static const struct shape many = {
	.name = "conflict_declaration", .members = members, .list = true,
};

const struct route declared_link_routes[] = {
	{ "GET", "/conflict-declarations", EVERYBODY, &page_input, list, "watch/links", .output = &many,
	  .summary = "Your own declared conflicts of interest; for administrators, the partnership's" },
	{ "POST", "/conflict-declarations", EVERYBODY, &input, declare, "watch/links", .check = check,
	  .form = form, .output = &one,
	  .summary = "Declare that a person is you or linked to you: you then see no case of theirs" },
	{ "GET", "/conflict-declarations/{id}", CAN_review, NULL, end_form, "watch/link", .flags = ROUTE_PAGE_ONLY,
	  .summary = "The form that ends another person's declaration" },
	{ "POST", "/conflict-declarations/{id}/end", CAN_review, &end_input, end, "watch/link", .form = end_form,
	  .output = &one, .summary = "End another person's declaration" },
	{ 0 },
};
