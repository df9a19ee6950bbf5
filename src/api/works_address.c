/* Showing a firm's operative where the home is, or whom to ask for: one order at a time, with a purpose, for a minute,
 * from the acceptance of the order on. As with every sealed value (case_secret.c) the worker decides nothing and reads
 * nothing: the vault asks the database (secret_open(), which asks sanctuary.firm_opens()), and opens the value once the
 * event that records it is committed. The coordinator sees each reading. */
#include <string.h>

#include "api/codes.h"
#include "api/rights.h"
#include "api/routes.h"
#include "base/uuid.h"
#include "json/write.h"
#include "secrets.h"
#include "sql.h"
#include "vault/request.h"
#include "works.h"

struct works_reading {
	const char *kind, *purpose;
};
static const struct field reading_fields[] = {
	FIELD(struct works_reading, kind, CODE, "kind", .required = true, .codes = &works_secret_codes,
	      .ask = "Select what you need"),
	FIELD(struct works_reading, purpose, CODE, "purpose", .required = true, .codes = &reading_purpose_codes,
	      .ask = "Select what you need it for", .label = "What you need it for"),
};
static const struct input reading_input = INPUT(struct works_reading, reading_fields);

/* Each answer has both members, and one of them has its value. */
static struct reply told(struct ctx *c, const struct vault_answer *answer)
{
	const struct works_reading *in = ctx_input(c);
	struct text t = text_in(ctx_arena(c));
	const char *slash = strchr(answer->text, '/');
	bool name = text_eq(in->kind, "first_name");

	json_object_begin(&t);
	json_put_text(&t, "order_id", ctx_id(c, "id"));
	json_put_text(&t, "kind", in->kind);
	json_put_text(&t, "purpose", in->purpose);
	json_put_text(&t, "shown_at", arena_strndup(ctx_arena(c), answer->text, (size_t)(slash - answer->text)));
	json_put_text(&t, "expires_at", slash + 1);
	json_put_name(&t, name ? "home" : "first_name");
	json_put_null(&t);
	if (name) {
		json_put_raw(&t, answer->plain + 1, strlen(answer->plain) - 2);
	} else {
		json_put_name(&t, "home");
		json_put_raw(&t, answer->plain, strlen(answer->plain));
	}
	json_object_end(&t);
	return leaving(ok(c, text_done(&t)), arena_printf(ctx_arena(c), "/works/%s", ctx_id(c, "id")));
}

static struct reply answered(struct ctx *c)
{
	const struct vault_answer *answer = ctx_answer(c);

	return answer->status == VAULT_OK ? told(c, answer) : not_shown(c, PROBLEM_READINGS_SPENT);
}

static struct reply secret_found(struct ctx *c)
{
	const struct works_reading *in = ctx_input(c);
	struct vault_request *r = arena_new_of(ctx_arena(c), struct vault_request);

	if (!value(c, 0, 0, "id"))
		return problem(c, PROBLEM_NOT_FOUND);
	if (!vault_request_tell(r, ctx_token(c), uuid_or_nil(value(c, 0, 0, "id")), in->purpose, uuid_or_nil(ctx_request_id(c))))
		return problem(c, PROBLEM_NOT_FOUND);
	return ask(c, r, answered);
}

static struct reply works_read(struct ctx *c)
{
	query_ahead(c, &SQL_WORKS_SECRET, ctx_id(c, "id"), ((const struct works_reading *)ctx_input(c))->kind);
	return then(secret_found);
}

static const struct shape_member home_rows[] = {
	SHAPE("lines", TEXT, .list = true),
	SHAPE("postcode", TEXT),
	{ 0 },
};
static const struct shape home = { .name = "works_home", .members = home_rows };

static const struct shape_member members[] = {
	SHAPE("order_id", UUID),
	SHAPE("kind", CODE, .codes = &works_secret_codes),
	SHAPE("purpose", CODE, .codes = &reading_purpose_codes),
	SHAPE("shown_at", INSTANT),
	SHAPE("expires_at", INSTANT),
	SHAPE("home", OBJECT, .nullable = true, .sub = &home),
	SHAPE("first_name", TEXT, .nullable = true),
	{ 0 },
};
static const struct shape one = { .name = "works_shown", .members = members };

const struct route works_address_routes[] = {
	{ "POST", "/works/{id}/readings", CAN_do_works, &reading_input, works_read, "works/shown", .flags = ROUTE_KEYLESS,
	  .form = works_get, .output = &one,
	  .summary = "Show the firm that accepted an order where the home is, or whom to ask for; recorded" },
	{ 0 },
};
