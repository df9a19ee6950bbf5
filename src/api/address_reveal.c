/* Showing the address of a placement: one at a time, to named people, with a purpose, for a minute.
 * The worker decides nothing and reads nothing: it hands the session's token to the vault, which asks
 * the database (migrations/0010_reveal.sql has the rule) and opens the address once the row that
 * tells of it is committed. Nothing that is answered here is kept for a repeated request. */
#include <string.h>

#include "api/codes.h"
#include "api/resource.h"
#include "api/rights.h"
#include "api/routes.h"
#include "base/uuid.h"
#include "json/write.h"
#include "placement.h"
#include "sql.h"
#include "vault/request.h"

struct look {
	const char *purpose;
};

static const struct field look_fields[] = {
	FIELD(struct look, purpose, CODE, "purpose", .required = true, .codes = &reveal_purpose_codes,
	      .label = "What you need it for"),
};
static const struct input look_input = INPUT(struct look, look_fields);

/* The vault's object with members added. */
static struct reply shown(struct ctx *c, const struct vault_answer *answer)
{
	struct text t = text_in(ctx_arena(c));
	const char *id = ctx_id(c, "id"), *slash = strchr(answer->text, '/');

	json_object_begin(&t);
	json_put_text(&t, "placement_id", id);
	json_put_text(&t, "purpose", ((const struct look *)ctx_input(c))->purpose);
	json_put_text(&t, "revealed_at", arena_strndup(ctx_arena(c), answer->text, (size_t)(slash - answer->text)));
	json_put_text(&t, "expires_at", slash + 1);
	text_putc(&t, ',');
	text_puts(&t, answer->plain + 1);
	return leaving(ok(c, text_done(&t)), arena_printf(ctx_arena(c), "/placements/%s", id));
}

static struct reply answered(struct ctx *c)
{
	const struct vault_answer *answer = ctx_answer(c);

	switch (answer->status) {
	case VAULT_OK:
		return shown(c, answer);
	case VAULT_WRONG:
		return problem(c, PROBLEM_NOT_FOUND);
	case VAULT_SPENT:
		return problem(c, PROBLEM_REVEALS_SPENT);
	case VAULT_NO_SESSION:
		return problem(c, PROBLEM_NOT_SIGNED_IN);
	default:
		return problem(c, PROBLEM_UNAVAILABLE);
	}
}

static struct reply address_reveal(struct ctx *c)
{
	const struct look *look = ctx_input(c);
	struct vault_request *r = arena_new_of(ctx_arena(c), struct vault_request);

	if (!vault_request_reveal(r, ctx_token(c), uuid_or_nil(ctx_id(c, "id")), look->purpose,
				  uuid_or_nil(ctx_request_id(c))))
		return problem(c, PROBLEM_NOT_FOUND);
	return ask(c, r, answered);
}

static struct reply form_found(struct ctx *c)
{
	return row_reply(c, 0);
}

static struct reply form(struct ctx *c)
{
	ask_placement(c);
	return then(form_found);
}

static const struct shape_member address_members[] = {
	SHAPE_ONE("placement_id", UUID),
	SHAPE_CODED("purpose", reveal_purpose_codes),
	SHAPE_ONE("revealed_at", INSTANT),
	SHAPE_ONE("expires_at", INSTANT),
	{ "lines", SHAPE_TEXT, false, true, NULL, NULL },
	SHAPE_ONE("postcode", TEXT),
	SHAPE_MAYBE("access_note", TEXT),
	{ 0 },
};
static const struct shape address_shape = { "placement_address", address_members, false };

/* ---- for the manager of the property ---- */

struct reveals_query {
	int64_t limit;
	const char *cursor;
};

static const struct field list_fields[] = {
	PAGE_FIELDS(struct reveals_query),
};
static const struct input list_input = INPUT(struct reveals_query, list_fields);

static struct reply listed(struct ctx *c)
{
	if (rows(c, 0) == 0)
		return problem(c, PROBLEM_NOT_FOUND);
	audit(c, "read", "address_reveal", ctx_id(c, "id"), NULL, NULL);
	return list_reply(c, 1);
}

static struct reply reveal_list(struct ctx *c)
{
	const char *id = ctx_id(c, "id"), *own = ctx_user(c)->organisation_id;

	query(c, &SQL_ADDRESS_REVEAL_MANAGED, id, own);
	query(c, &SQL_ADDRESS_REVEAL_LIST, id, own, page_size(c), page_cursor(c));
	return then(listed);
}

static const struct shape_member reveal_members[] = {
	SHAPE_ID,
	SHAPE_ONE("at", INSTANT),
	SHAPE_MAYBE("placement_id", UUID),
	SHAPE_ONE("account_id", UUID),
	SHAPE_ONE("account", TEXT),
	SHAPE_ONE("organisation_id", UUID),
	SHAPE_ONE("organisation", TEXT),
	SHAPE_CODED("purpose", reveal_purpose_codes),
	{ 0 },
};
static const struct shape reveal_shape = { "address_reveal", reveal_members, true };

const struct route address_reveal_routes[] = {
	{ "POST", "/placements/{id}/address", CAN_DECIDE, &look_input, address_reveal,
	  "placements/address", .flags = ROUTE_KEYLESS, .form = form, .output = &address_shape,
	  .summary = "Show the address of an accepted placement to its officer or provider" },
	{ "GET", "/properties/{id}/address-reveals", CAN_PROVIDE, &list_input, reveal_list,
	  "properties/reveals", .output = &reveal_shape,
	  .summary = "Who was shown the address of a property of one's own, newest first" },
	{ 0 },
};
