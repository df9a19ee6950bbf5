#include "linking.h"

#include <sodium.h>
#include <string.h>

#include "base/clock.h"
#include "base/date.h"
#include "base/text.h"
#include "rows.h"
#include "sql.h"

enum { LINK_TEXT = 4 * 21 + 2 * AUDIT_HASH + 8 };

static bool worked(const struct batch *b)
{
	return batch_outcome(b) == DB_OK;
}

static struct audit_field field_of(const struct batch *b, int row, int col)
{
	const char *text = batch_value_at(b, 0, row, col);

	return (struct audit_field){ text, text ? (size_t)batch_length_at(b, 0, row, col) : 0 };
}

static bool number(const struct batch *b, int row, const char *name, int64_t *n)
{
	return text_to_i64(batch_value(b, 0, row, name), n);
}

/* ---- where the trail stands ---- */

bool linking_lock(struct linking *s, bool *lost)
{
	struct batch *b = db_sync_query(s->db, s->arena, &SQL_SEAL_LOCK);

	*lost = !worked(b);
	return !*lost && text_eq(batch_value(b, 0, 0, "mine"), "t");
}

static bool load_chain(struct linking *s, const struct batch *b, int row)
{
	const char *hash = batch_value(b, 0, row, "hash");
	int64_t chain;

	return number(b, row, "chain", &chain) && chain >= 0 && chain < AUDIT_CHAINS &&
	       number(b, row, "position", &s->chains.position[chain]) &&
	       sodium_hex2bin(s->chains.hash[chain], AUDIT_HASH, hash, strlen(hash), NULL, NULL,
			      NULL) == 0;
}

static bool load_chains(struct linking *s)
{
	struct batch *b = db_sync_query(s->db, s->arena, &SQL_SEAL_CHAINS);

	if (!worked(b))
		return false;
	for (int row = 0; row < batch_rows(b, 0); row++)
		if (!load_chain(s, b, row))
			return false;
	b = db_sync_query(s->db, s->arena, &SQL_SEAL_LAST);
	return worked(b) && number(b, 0, "seq", &s->links);
}

static bool load_head(struct linking *s)
{
	struct batch *b = db_sync_query(s->db, s->arena, &SQL_SEAL_HEAD);
	struct audit_field fields[HEAD_COLUMNS];

	if (!worked(b))
		return false;
	if (batch_rows(b, 0) == 0)
		return true;
	for (int col = 0; col < HEAD_COLUMNS; col++)
		fields[col] = field_of(b, 0, col);
	return head_read(fields, &s->head);
}

bool linking_load(struct linking *s)
{
	bool ok = load_chains(s) && load_head(s);

	s->horizon = s->xid = s->head.horizon;
	arena_reset(s->arena);
	return ok;
}

/* ---- links ---- */

static void put_link(struct text *t, const struct audit_link *link)
{
	char hex[2 * AUDIT_HASH + 1];

	text_i64(t, link->seq);
	text_putc(t, '\t');
	text_i64(t, link->event);
	text_putc(t, '\t');
	text_i64(t, link->chain);
	text_putc(t, '\t');
	text_i64(t, link->position);
	text_lit(t, "\t\\\\x");
	sodium_bin2hex(hex, sizeof(hex), link->hash, AUDIT_HASH);
	text_put(t, hex, sizeof(hex) - 1);
	text_putc(t, '\n');
}

/* An event that cannot be read gets no link, and the verifier reports it. */
static void append(struct linking *s, const struct batch *b, int row, struct text *t)
{
	struct audit_field fields[AUDIT_COLUMNS];
	struct audit_event event;
	struct audit_link link;

	for (int col = 0; col < AUDIT_COLUMNS; col++)
		fields[col] = field_of(b, row, col);
	if (!audit_event_read(fields, &event))
		return;
	link.seq = ++s->links;
	audit_chains_append(&s->chains, &event, &link);
	put_link(t, &link);
}

static bool write_links(struct linking *s, const struct batch *b)
{
	struct text t = text_in(s->arena);

	if (batch_rows(b, 0) == 0)
		return true;
	text_room(&t, (size_t)batch_rows(b, 0) * LINK_TEXT);
	for (int row = 0; row < batch_rows(b, 0); row++)
		append(s, b, row, &t);
	db_sync_copy_start(s->db, &SQL_SEAL_LINKS);
	db_sync_copy_put(s->db, t.data, t.len);
	return worked(db_sync_copy_end(s->db, s->arena));
}

/* ---- heads ---- */

static const char *hex(struct arena *a, const unsigned char *bytes, size_t n)
{
	char *text = arena_alloc(a, 2 * n + 1);

	return sodium_bin2hex(text, 2 * n + 1, bytes, n);
}

static const char *decimal(struct arena *a, int64_t n)
{
	struct text t = text_in(a);

	text_i64(&t, n);
	return text_done(&t);
}

static bool write_head(struct linking *s, int64_t now)
{
	struct audit_head h = { .number = s->head.number + 1, .links = s->links,
				.horizon = s->horizon };
	struct arena *a = s->arena;

	h.at = now > s->head.at ? now : s->head.at;	/* the clock may have been set back */
	audit_chains_digest(&s->chains, h.chains);
	if (s->head.number)
		audit_head_digest(&s->head, h.previous);
	audit_head_sign(&h, s->secret);
	s->head = h;
	s->head_due = clock_mono() + s->head_every;
	return worked(db_sync_query(s->db, a, &SQL_SEAL_SIGN, decimal(a, h.number), decimal(a, h.at),
				    decimal(a, h.links), decimal(a, h.horizon),
				    hex(a, h.chains, AUDIT_HASH), hex(a, h.previous, AUDIT_HASH),
				    hex(a, h.signature, AUDIT_SIGNATURE)));
}

/* ---- a round ---- */

/* A database that was restored from a dump counts its transactions anew: then one pass looks at
 * everything. */
static void begin_pass(struct linking *s, int64_t xmin, int64_t xmax)
{
	bool restored = s->xid > xmax;

	if (s->in_pass)
		return;
	if (restored)
		s->xid = s->id = 0;
	s->floor = xmin;
	s->bound = restored ? INT64_MAX : xmax;
	s->in_pass = true;
}

/* Whether the pass is complete. */
static bool move_on(struct linking *s, const struct batch *b)
{
	int n = batch_rows(b, 0);

	if (n == s->batch)
		return !number(b, n - 1, "xid", &s->xid) || !number(b, n - 1, "id", &s->id);
	s->horizon = s->xid = s->floor;
	s->id = 0;
	s->in_pass = false;
	return true;
}

static bool write_round(struct linking *s, const struct batch *events, int64_t now, bool sign)
{
	return db_sync_begin(s->db) && write_links(s, events) && (!sign || write_head(s, now)) &&
	       db_sync_commit(s->db);
}

static enum linking_result round_at(struct linking *s, int64_t now, bool last)
{
	struct batch *b = db_sync_query(s->db, s->arena, &SQL_SEAL_EVENTS, decimal(s->arena, s->xid),
					decimal(s->arena, s->id), decimal(s->arena, s->bound),
					decimal(s->arena, s->batch));
	bool complete, sign;

	if (!worked(b))
		return LINKING_LOST;
	complete = move_on(s, b);
	sign = clock_mono() >= s->head_due ||
	       (last && s->links + batch_rows(b, 0) > s->head.links);
	if ((batch_rows(b, 0) > 0 || sign) && !write_round(s, b, now, sign))
		return LINKING_LOST;
	return complete ? LINKING_DONE : LINKING_MORE;
}

/* Every event of a transaction that has ended was looked at, and none has begun since. */
static bool is_idle(const struct linking *s, int64_t xmin, int64_t xmax)
{
	return !s->in_pass && xmin == xmax && s->xid == xmax && clock_mono() < s->head_due;
}

static enum linking_result round_of(struct linking *s, const struct batch *b, bool last)
{
	int64_t xmin, xmax, now;

	if (!worked(b) || !number(b, 0, "xmin", &xmin) || !number(b, 0, "xmax", &xmax) || !number(b, 0, "now", &now))
		return LINKING_LOST;
	if (!last && is_idle(s, xmin, xmax))
		return LINKING_DONE;
	begin_pass(s, xmin, xmax);
	return round_at(s, now, last);
}

enum linking_result linking_round(struct linking *s, bool last)
{
	enum linking_result result = round_of(s, db_sync_query(s->db, s->arena, &SQL_SEAL_NOW), last);

	arena_reset(s->arena);
	return result;
}
