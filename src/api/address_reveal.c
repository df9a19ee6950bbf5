/* Showing the address of a placement: one at a time, to named people, with a purpose, for a minute.
 * The worker decides nothing and reads nothing. It hands the session's token to the vault. The
 * vault asks the database (vault.reveal_reason() is the rule), and opens the address once the
 * row that records the reveal is committed. No answer is kept for a repeated request. */
#include <string.h>

#include "api/codes.h"
#include "api/rights.h"
#include "api/routes.h"
#include "base/uuid.h"
#include "json/write.h"
#include "placement.h"
#include "secrets.h"
#include "sql.h"
#include "vault/request.h"

struct look {
	const char *purpose;
};

static const struct field look_fields[] = {
	FIELD(struct look, purpose, CODE, "purpose", .required = true,
	      .ask = "Select what you need it for", .codes = &reveal_purpose_codes,
	      .label = "What you need it for"),
};
static const struct input look_input = INPUT(struct look, look_fields);

/* The vault's object with this service's members added. */
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

	return answer->status == VAULT_OK ? shown(c, answer) : not_shown(c, PROBLEM_REVEALS_SPENT);
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
	SHAPE("placement_id", UUID),
	SHAPE("purpose", CODE, .codes = &reveal_purpose_codes),
	SHAPE("revealed_at", INSTANT),
	SHAPE("expires_at", INSTANT),
	SHAPE("lines", TEXT, .list = true),
	SHAPE("postcode", TEXT),
	SHAPE("access_note", TEXT, .nullable = true),
	{ 0 },
};
static const struct shape address_shape = {
	.name = "placement_address", .members = address_members,
};

/* ---- for the manager of the property ---- */

static struct reply listed(struct ctx *c)
{
	if (rows(c, 0) == 0)
		return problem(c, PROBLEM_NOT_FOUND);
	return recorded_list(c, 1, "read", "address_reveal", ctx_id(c, "id"), NULL);
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
	SHAPE("at", INSTANT),
	SHAPE("placement_id", UUID, .nullable = true),
	SHAPE("account_id", UUID),
	SHAPE("account", TEXT),
	SHAPE("organisation_id", UUID),
	SHAPE("organisation", TEXT),
	SHAPE("purpose", CODE, .codes = &reveal_purpose_codes),
	{ 0 },
};
static const struct shape reveal_shape = {
	.name = "address_reveal", .members = reveal_members, .list = true,
};

const struct route address_reveal_routes[] = {
	{ "POST", "/placements/{id}/address", CAN_decide, &look_input, address_reveal,
	  "placements/address", .flags = ROUTE_KEYLESS, .form = form, .output = &address_shape,
	  .summary = "Show the address of an accepted placement to its officer or provider" },
	{ "GET", "/properties/{id}/address-reveals", CAN_provide, &page_input, reveal_list,
	  "properties/reveals", .output = &reveal_shape,
	  .summary = "The people who were shown the address of your own property, newest first" },
	{ 0 },
};
