/* What is sealed about a case, and who is shown it: how to reach the household, the first name, and what a
 * perpetrator looks like and drives. One at a time, with a purpose, for a minute. As with an address
 * (address_reveal.c) the worker decides nothing and reads nothing: the vault asks the database
 * (secret_open() is the rule), and opens the value once the event that records it is committed. No answer
 * is kept for a repeated request. */
#include <string.h>

#include "api/codes.h"
#include "api/rights.h"
#include "api/routes.h"
#include "base/uuid.h"
#include "household.h"
#include "json/address.h"
#include "sql.h"
#include "vault/request.h"

/* ---- the register ---- */

static struct reply register_read(struct ctx *c)
{
	if (rows(c, 0))
		audit(c, "read", "case_secret", NULL, value(c, 0, 0, "id"), NULL);
	return row_reply(c, 0);
}

static struct reply register_show(struct ctx *c)
{
	query(c, &SQL_CASE_SECRET_CASE, ctx_id(c, "id"));
	return then(register_read);
}

static struct reply secret_found(struct ctx *c)
{
	if (rows(c, 0))
		audit(c, "read", "case_secret", value(c, 0, 0, "id"), value(c, 0, 0, "_household"), NULL);
	return row_reply(c, 0);
}

static struct reply secret_show(struct ctx *c)
{
	query(c, &SQL_CASE_SECRET_SHOW, ctx_id(c, "id"));
	return then(secret_found);
}

/* ---- showing ---- */

struct reading {
	const char *purpose;
};

static const struct field reading_fields[] = {
	FIELD(struct reading, purpose, CODE, "purpose", .required = true,
	      .ask = "Select what you need it for", .codes = &reading_purpose_codes,
	      .label = "What you need it for"),
};
static const struct input reading_input = INPUT(struct reading, reading_fields);

/* What the register and the household say of it. */
struct secret_of_case {
	const char *kind;
	enum tri interpreter;	/* of a contact: whether one is needed */
};

static struct secret_of_case *secret_of_row(struct ctx *c)
{
	struct secret_of_case *s = arena_new_of(ctx_arena(c), struct secret_of_case);
	const char *interpreter = value(c, 0, 0, "_interpreter");

	s->kind = arena_strdup(ctx_arena(c), value(c, 0, 0, "kind"));
	if (interpreter)
		s->interpreter = text_eq(interpreter, "t") ? TRI_YES : TRI_NO;
	return s;
}

/* Each answer has all kinds, and one of them has its value: the object that was sealed, or of a first name its one
 * member. */
static void put_values(struct text *t, const char *kind, const char *plain)
{
	for (int i = 0; i < secret_kind_count; i++) {
		const char *code = code_at(&secret_kind_codes, i);

		if (!text_eq(kind, code)) {
			json_put_name(t, code);
			json_put_null(t);
		} else if (i == secret_kind_first_name) {
			json_put_raw(t, plain + 1, strlen(plain) - 2);
		} else {
			json_put_name(t, code);
			json_put_raw(t, plain, strlen(plain));
		}
	}
}

static struct reply told(struct ctx *c, const struct vault_answer *answer)
{
	struct text t = text_in(ctx_arena(c));
	const char *id = ctx_id(c, "id"), *slash = strchr(answer->text, '/');
	const struct secret_of_case *s = ctx_get(c);

	json_object_begin(&t);
	json_put_text(&t, "id", id);
	json_put_text(&t, "kind", s->kind);
	json_put_text(&t, "purpose", ((const struct reading *)ctx_input(c))->purpose);
	json_put_text(&t, "shown_at", arena_strndup(ctx_arena(c), answer->text, (size_t)(slash - answer->text)));
	json_put_text(&t, "expires_at", slash + 1);
	put_values(&t, s->kind, answer->plain);
	json_put_key(&t, "interpreter");
	json_put_tri(&t, s->interpreter);
	json_object_end(&t);
	return leaving(ok(c, text_done(&t)), arena_printf(ctx_arena(c), "/case-secrets/%s", id));
}

static struct reply answered(struct ctx *c)
{
	const struct vault_answer *answer = ctx_answer(c);

	return answer->status == VAULT_OK ? told(c, answer) : not_shown(c, PROBLEM_READINGS_SPENT);
}

/* A case that is shared to be read shows that there is something, and not what. To a coordinator without a live job there
 * is nothing. */
static struct reply may_be_told(struct ctx *c)
{
	const struct reading *reading = ctx_input(c);
	struct vault_request *r = arena_new_of(ctx_arena(c), struct vault_request);

	if (rows(c, 0) == 0)
		return problem(c, PROBLEM_NOT_FOUND);
	if (!text_eq(value(c, 0, 0, "_open"), "t"))
		return problem(c, ctx_can(c, CAN_coordinate) ? PROBLEM_NOT_FOUND : PROBLEM_CASE_SHARED_TO_READ);
	ctx_set(c, secret_of_row(c));
	if (!vault_request_tell(r, ctx_token(c), uuid_or_nil(ctx_id(c, "id")), reading->purpose,
				uuid_or_nil(ctx_request_id(c))))
		return problem(c, PROBLEM_NOT_FOUND);
	return ask(c, r, answered);
}

static struct reply secret_tell(struct ctx *c)
{
	query_ahead(c, &SQL_CASE_SECRET_SHOW, ctx_id(c, "id"));
	return then(may_be_told);
}

/* ---- recording and ending ---- */

static struct reply stored(struct ctx *c)
{
	const struct change *change = ctx_get(c);

	if (change->created)
		return created(c, row_json(c, 1, 0), "/households/%s/secrets", change->household);
	return done(c, row_json(c, 1, 0), "/households/%s/secrets", change->household);
}

static struct reply put(struct ctx *c)
{
	const struct change *change = ctx_get(c);

	secrets_store_people(c, ctx_secrets(c), change->household);
	return then(recount_household);
}

/* A change that adds one: the answer is the household, as of every change, and a page goes on to the register. */
static struct change *new_secret(struct ctx *c, step *apply)
{
	struct change *change = new_household_change(c, lock_household, apply);

	change->household = ctx_id(c, "id");
	change->created = true;
	change->shown = stored;
	return change;
}

static void check_new_party(struct ctx *c)
{
	check_party(c, "", ctx_input(c));
}

static struct reply party_create(struct ctx *c)
{
	struct change *change = new_secret(c, put);

	secrets_add_party(c, ctx_secrets(c), ctx_input(c));
	return ask_for_household(c, change);
}

static struct reply contact_create(struct ctx *c)
{
	struct change *change = new_secret(c, put);

	secrets_add_contact(c, ctx_secrets(c), ctx_input(c));
	return ask_for_household(c, change);
}

static const struct field home_fields[] = {
	FIELD(struct home_in, lines, TEXT, "lines", .required = true, .sealed = true, .min_items = 1, .max_items = 4,
	      .max = 80, .label = "Address", .ask = "Enter the address of their home", .help = "Kept sealed."),
	FIELD(struct home_in, postcode, TEXT, "postcode", .required = true, .sealed = true, .max = 10,
	      .ask = "Enter the postcode", .help = "Kept sealed."),
	FIELD(struct home_in, corrects, BOOL, "corrects", .label = "It is the same home: the address was wrong",
	      .help = "true: works that are under way go on at this address. Otherwise they moved, and no firm is shown it."),
};
static const struct input home_input = INPUT(struct home_in, home_fields);

static void check_home(struct ctx *c)
{
	const struct home_in *in = ctx_input(c);
	struct postcode code;

	if (in->postcode && !postcode_parse(in->postcode, &code))
		ctx_error(c, "/postcode", "bad_postcode", "Postcode must be a full postcode, like TS1 3BA");
}

static struct reply put_same_home(struct ctx *c)
{
	const struct change *change = ctx_get(c);

	secrets_store_people(c, ctx_secrets(c), change->household);
	query(c, &SQL_HOUSEHOLD_SAME_HOME, change->household);
	return then(recount_household);
}

static struct reply home_put(struct ctx *c)
{
	const struct home_in *in = ctx_input(c);
	struct change *change = new_secret(c, in->corrects == TRI_YES ? put_same_home : put);
	struct postcode code;

	if (!postcode_parse(in->postcode, &code))
		return problem(c, PROBLEM_INVALID);
	secrets_add_home(c, ctx_secrets(c), in, code.full);
	return ask_for_household(c, change);
}

struct first_name_in {
	const char *first_name;
};

static const struct field first_name_fields[] = {
	FIELD(struct first_name_in, first_name, TEXT, "first_name", .required = true, .prose = true, .sealed = true,
	      .max = FIRST_NAME_MAX, .ask = "Enter what they are called", .help = "Kept sealed."),
};
static const struct input first_name_input = INPUT(struct first_name_in, first_name_fields);

static void check_first_name(struct ctx *c)
{
	const char *name = ((const struct first_name_in *)ctx_input(c))->first_name;

	if (name && !name_written(name))
		ctx_error(c, "/first_name", "bad_text", "First name must hold a letter or a digit");
}

/* The value is sealed for the main applicant, who is known only now. */
static struct reply main_found(struct ctx *c)
{
	if (rows(c, 0) == 0)
		return problem(c, PROBLEM_NOT_FOUND);
	secrets_add_first_name(c, ctx_secrets(c), value(c, 0, 0, "main"),
			       ((const struct first_name_in *)ctx_input(c))->first_name);
	return secrets_found(c);
}

static struct reply first_name_put(struct ctx *c)
{
	struct change *change = new_secret(c, put);

	query_ahead(c, &SQL_FIRST_NAME_KEY, change->household);
	return then(main_found);
}

static struct reply end_apply(struct ctx *c)
{
	query(c, &SQL_CASE_SECRET_END, ctx_id(c, "id"));
	return then(recount_household);
}

static struct reply secret_end(struct ctx *c)
{
	struct change *change = new_household_change(c, lock_household, end_apply);

	change->shown = stored;
	query(c, &SQL_CASE_SECRET_HOUSEHOLD, ctx_id(c, "id"));
	return then(household_owner_found);
}

/* ---- routes ---- */

static const struct shape_member entry_rows[] = {
	SHAPE_ID,
	SHAPE("kind", CODE, .codes = &secret_kind_codes),
	SHAPE("recorded_at", INSTANT),
	SHAPE("recorded_by", TEXT, .nullable = true),
	SHAPE("ended_at", INSTANT, .nullable = true),
	{ 0 },
};
static const struct shape entry_shape = { .name = "case_secret_entry", .members = entry_rows };

static const struct shape_member register_rows[] = {
	SHAPE_ID,
	SHAPE("reference", TEXT),
	SHAPE("open", BOOL),
	SHAPE("works_on", BOOL),
	SHAPE("secrets", OBJECT, .list = true, .sub = &entry_shape),
	SHAPE_VERSION,
	{ 0 },
};
static const struct shape register_shape = { .name = "case_secrets", .members = register_rows };

static const struct shape_member seen_rows[] = {
	SHAPE("at", INSTANT),
	SHAPE("account", TEXT),
	SHAPE("organisation", TEXT),
	SHAPE("purpose", CODE, .codes = &reading_purpose_codes),
	{ 0 },
};
static const struct shape seen_shape = { .name = "case_secret_seen", .members = seen_rows };

static const struct shape_member secret_rows[] = {
	SHAPE_ID,
	SHAPE("kind", CODE, .codes = &secret_kind_codes),
	SHAPE("household_reference", TEXT),
	SHAPE("household_id", UUID, .nullable = true),
	SHAPE("placement_id", UUID, .nullable = true),
	SHAPE("recorded_at", INSTANT),
	SHAPE("readings", OBJECT, .list = true, .sub = &seen_shape),
	{ 0 },
};
static const struct shape secret_shape = { .name = "case_secret", .members = secret_rows };

static const struct shape_member contact_rows[] = {
	SHAPE("phone", TEXT, .nullable = true),
	SHAPE("phone_extension", TEXT, .nullable = true),
	SHAPE("phone_text_relay", BOOL, .nullable = true),
	SHAPE("hours", TEXT, .nullable = true),
	SHAPE("voicemail", BOOL, .nullable = true),
	SHAPE("code_word", TEXT, .nullable = true),
	{ 0 },
};
static const struct shape contact_shape = { .name = "safe_contact_shown", .members = contact_rows };

static const struct shape_member party_rows[] = {
	SHAPE("description", TEXT, .nullable = true),
	SHAPE("vehicle", TEXT, .nullable = true),
	{ 0 },
};
static const struct shape party_shape = { .name = "perpetrator_shown", .members = party_rows };

static const struct shape_member home_rows[] = {
	SHAPE("lines", TEXT, .list = true),
	SHAPE("postcode", TEXT),
	{ 0 },
};
static const struct shape home_shape = { .name = "home_shown", .members = home_rows };

static const struct shape_member reading_rows[] = {
	SHAPE_ID,
	SHAPE("kind", CODE, .codes = &secret_kind_codes),
	SHAPE("purpose", CODE, .codes = &reading_purpose_codes),
	SHAPE("shown_at", INSTANT),
	SHAPE("expires_at", INSTANT),
	SHAPE("safe_contact", OBJECT, .nullable = true, .sub = &contact_shape),
	SHAPE("first_name", TEXT, .nullable = true),
	SHAPE("perpetrator", OBJECT, .nullable = true, .sub = &party_shape),
	SHAPE("home", OBJECT, .nullable = true, .sub = &home_shape),
	SHAPE("interpreter", BOOL, .nullable = true),
	{ 0 },
};
static const struct shape reading_shape = { .name = "case_secret_reading", .members = reading_rows };

const struct route case_secret_routes[] = {
	{ "GET", "/households/{id}/secrets", CAN_see_cases, NULL, register_show, "households/secrets",
	  .output = &register_shape,
	  .summary = "What is sealed about a case and can be shown, without the values" },
	{ "POST", "/households/{id}/safe-contact", CAN_place, &contact_input, contact_create, "households/secrets",
	  .form = register_show, .output = &household_shape,
	  .summary = "Record how the household may be reached, instead of what was recorded before" },
	{ "POST", "/households/{id}/first-name", CAN_place, &first_name_input, first_name_put, "households/secrets",
	  .check = check_first_name, .form = register_show, .output = &household_shape,
	  .summary = "Record what the main applicant is called" },
	{ "POST", "/households/{id}/parties", CAN_place, &party_input, party_create, "households/secrets",
	  .check = check_new_party, .form = register_show, .output = &household_shape,
	  .summary = "Add a perpetrator or associate; of the name only a hash is kept" },
	{ "POST", "/households/{id}/home", CAN_see_cases, &home_input, home_put, "households/secrets",
	  .check = check_home, .form = register_show, .output = &household_shape,
	  .summary = "Record the address of a household's home, for the sanctuary scheme" },
	{ "GET", "/case-secrets/{id}", CAN_decide | CAN_coordinate, NULL, secret_show, "households/secret", .output = &secret_shape,
	  .summary = "What is sealed, without the value, and who was shown it" },
	{ "POST", "/case-secrets/{id}/readings", CAN_decide | CAN_coordinate, &reading_input, secret_tell, "households/secret",
	  .flags = ROUTE_KEYLESS, .form = secret_show, .output = &reading_shape,
	  .summary = "Show what is sealed to a case worker, or to the provider in its stage; recorded" },
	{ "POST", "/case-secrets/{id}/end", CAN_place, NULL, secret_end, "households/secrets",
	  .output = &household_shape, .summary = "Record that it is no longer right: nobody is shown it any more" },
	{ 0 },
};
