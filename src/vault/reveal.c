#include "reveal.h"

#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/die.h"
#include "base/log.h"
#include "base/text.h"
#include "database.h"
#include "seal/token.h"
#include "sql.h"

struct revealer {
	struct vault_keys *keys;
	struct vault_db *db;
};

struct revealer *revealer_new(const struct vault_keys *keys, const char *conninfo)
{
	struct revealer *r = must_calloc(1, sizeof(*r));

	r->keys = vault_keys_copy(keys);
	r->db = vault_db_new("vault_reveal", conninfo);
	return r;
}

void revealer_free(struct revealer *r)
{
	if (!r)
		return;
	vault_db_free(r->db);
	vault_keys_free(r->keys);
	free(r);
}

/* The statement that says whether it is shown. */
static const struct sql *rule_of(enum vault_op op)
{
	if (op == VAULT_TELL_PAYEE)
		return &SQL_REVEAL_PAYEE;
	return op == VAULT_TELL ? &SQL_REVEAL_SECRET : &SQL_REVEAL_ADDRESS;
}

/* The committed decision, or NULL with *status. */
static const struct batch *decision(struct revealer *r, struct arena *a, const struct vault_request *q,
				    enum vault_status *status)
{
	char hash[TOKEN_HASH];

	token_hash(q->token, hash);
	return vault_db_ask(r->db, a, status, rule_of(q->op), hash,
			uuid_text(a, q->target), q->other, uuid_text(a, q->request));
}

/* ---- opening ---- */

static size_t unhex(const char *hex, unsigned char *to, size_t size)
{
	size_t n = 0;

	return sodium_hex2bin(to, size, hex, strlen(hex), NULL, &n, NULL) == 0 ? n : 0;
}

static bool place_of(const struct batch *b, struct seal_place *place)
{
	int64_t kind;

	*place = (struct seal_place){ .kind = 0 };
	if (!text_to_i64(batch_value(b, 0, 0, "kind"), &kind) ||
	    !uuid_parse(batch_value(b, 0, 0, "row"), &place->row) ||
	    !uuid_parse(batch_value(b, 0, 0, "subject"), &place->owner.id) ||
	    !uuid_parse(batch_value(b, 0, 0, "organisation"), &place->owner.organisation))
		return false;
	place->kind = (enum seal_kind)kind;
	place->owner.kind = kind == SEAL_ADDRESS ? SEAL_PROPERTY : SEAL_HOUSEHOLD;
	return seal_place_ok(place);
}

static bool open_value(struct revealer *r, const struct batch *b, struct vault_answer *answer)
{
	unsigned char wrapped[SEAL_WRAPPED], sealed[SEAL_SEALED_MAX];
	size_t len = unhex(batch_value(b, 0, 0, "sealed"), sealed, sizeof(sealed));
	struct seal_place place;
	struct seal_key key;
	bool ok;

	if (!place_of(b, &place) ||
	    unhex(batch_value(b, 0, 0, "wrapped"), wrapped, sizeof(wrapped)) != sizeof(wrapped))
		return false;
	vault_keys_refresh(r->keys);
	if (!seal_key_open(r->keys, &place.owner, wrapped, &key))
		return false;
	ok = seal_open(&key, &place, sealed, len, answer->plain);
	seal_forget(&key);
	return ok;
}

static void give(struct revealer *r, const struct batch *b, struct vault_answer *answer)
{
	const char *shown;

	answer->status = VAULT_WRONG;
	if (batch_rows(b, 0) == 0)
		return;
	answer->status = VAULT_SPENT;
	if (text_eq(batch_value(b, 0, 0, "outcome"), "spent"))
		return;
	if (!text_eq(batch_value(b, 0, 0, "outcome"), "shown"))
		die("reading reveal_outcome");
	shown = batch_value(b, 0, 0, "shown");
	if (strlen(shown) < sizeof(answer->text) && open_value(r, b, answer)) {
		memcpy(answer->text, shown, strlen(shown) + 1);
		answer->status = VAULT_OK;
		return;
	}
	log_event(LOG_ERROR, "vault_reveal", "state", "what is to be shown does not open with its key", NULL);
	sodium_memzero(answer->plain, sizeof(answer->plain));
	answer->status = VAULT_UNAVAILABLE;
}

void reveal_answer(const struct vault_request *request, struct vault_answer *answer, void *revealer)
{
	struct revealer *r = revealer;
	struct arena *a = arena_new();
	const struct batch *b = decision(r, a, request, &answer->status);

	if (b)
		give(r, b, answer);
	arena_free(a);
}
