#include "reveal/reveal.h"

#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/log.h"
#include "base/text.h"
#include "db/sync.h"
#include "sql.h"
#include "vault/token.h"

/* Somebody else at work on the same account or case is waited for, but not for long. */
static const char settings[] = "-c lock_timeout=2000 -c jit=off";

struct revealer {
	struct vault_keys *keys;
	char *conninfo;
	struct db_sync *db;	/* NULL: not connected */
	bool away;		/* as logged */
};

struct revealer *revealer_new(struct vault_keys *keys, const char *conninfo)
{
	struct revealer *r = calloc(1, sizeof(*r));

	if (!r || !(r->conninfo = strdup(conninfo)))
		abort();
	r->keys = keys;
	return r;
}

void revealer_free(struct revealer *r)
{
	if (!r)
		return;
	db_sync_close(r->db);
	vault_keys_free(r->keys);
	free(r->conninfo);
	free(r);
}

/* ---- the database ---- */

/* A line where it changes, not one a request. */
static void note(struct revealer *r, bool away)
{
	if (r->away != away)
		log_event(away ? LOG_WARN : LOG_INFO, "vault_reveal", "state",
			  away ? "the database is away or refuses" : "connected", NULL);
	r->away = away;
}

static void disconnect(struct revealer *r)
{
	db_sync_close(r->db);
	r->db = NULL;
	note(r, true);
}

static bool connected(struct revealer *r, struct arena *a)
{
	const char *error;

	if (!r->db)
		r->db = db_sync_open_as(a, r->conninfo, "haven-vault", settings, &error);
	note(r, !r->db);
	return r->db != NULL;
}

/* Nothing has been asked yet: where the connection turns out to be gone, a new one will do. */
static bool begun(struct revealer *r, struct arena *a)
{
	for (int tries = 2; tries > 0 && connected(r, a); tries--) {
		if (db_sync_begin(r->db))
			return true;
		disconnect(r);
	}
	return false;
}

static const char *uuid_text(struct arena *a, struct uuid u)
{
	char *text = arena_alloc(a, UUID_TEXT);

	uuid_format(u, text);
	return text;
}

static struct batch *decide(struct revealer *r, struct arena *a, const struct vault_request *q)
{
	char hash[TOKEN_HASH];

	token_hash(q->text, hash);
	return db_sync_query(r->db, a, &SQL_REVEAL_ADDRESS, hash,
			     uuid_text(a, q->placement), q->hash, uuid_text(a, q->request));
}

/* What was asked wrongly is told apart from what failed. */
static enum vault_status refusal(const struct batch *b)
{
	const struct db_error *e = batch_error(b);

	if (e && strcmp(e->sqlstate, "HV401") == 0)
		return VAULT_NO_SESSION;
	return e && strcmp(e->sqlstate, "23514") == 0 ? VAULT_REFUSED : VAULT_UNAVAILABLE;
}

/* The committed decision, or NULL with *status. */
static const struct batch *decision(struct revealer *r, struct arena *a, const struct vault_request *q,
				    enum vault_status *status)
{
	struct batch *b;

	*status = VAULT_UNAVAILABLE;
	if (!begun(r, a))
		return NULL;
	b = decide(r, a, q);
	if (batch_outcome(b) == DB_ERROR) {
		*status = refusal(b);
		db_sync_rollback(r->db);
		return NULL;
	}
	if (batch_outcome(b) != DB_OK || !db_sync_commit(r->db)) {
		disconnect(r);
		return NULL;
	}
	return b;
}

/* ---- opening ---- */

static size_t unhex(const char *hex, unsigned char *to, size_t size)
{
	size_t n = 0;

	return sodium_hex2bin(to, size, hex, strlen(hex), NULL, &n, NULL) == 0 ? n : 0;
}

static bool place_of(const struct batch *b, struct seal_place *place)
{
	*place = (struct seal_place){ .kind = SEAL_ADDRESS, .owner.kind = SEAL_PROPERTY };
	if (!uuid_parse(batch_value(b, 0, 0, "property"), &place->row) ||
	    !uuid_parse(batch_value(b, 0, 0, "organisation"), &place->owner.organisation))
		return false;
	place->owner.id = place->row;
	return true;
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
	shown = batch_value(b, 0, 0, "shown");
	if (strlen(shown) < sizeof(answer->text) && open_value(r, b, answer)) {
		memcpy(answer->text, shown, strlen(shown) + 1);
		answer->status = VAULT_OK;
		return;
	}
	log_event(LOG_ERROR, "vault_reveal", "state", "an address does not open with its key", NULL);
	sodium_memzero(answer->plain, sizeof(answer->plain));
	answer->status = VAULT_UNAVAILABLE;
}

void reveal(const struct vault_request *request, struct vault_answer *answer, void *arg)
{
	struct revealer *r = arg;
	struct arena *a = arena_new();
	const struct batch *b = decision(r, a, request, &answer->status);

	if (b)
		give(r, b, answer);
	arena_free(a);
}
