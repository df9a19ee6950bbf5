#include "pool.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/die.h"

struct db_tx {
	struct db *db;
	struct db_conn *conn;	/* NULL before the first batch and after it was taken away */
	bool busy;		/* a batch waits or is under way */
	bool begun;		/* BEGIN was sent */
	bool last;		/* that batch commits: tx goes when it is answered */
	enum db_outcome outcome;	/* DB_OK while it can still be committed */
	char sqlstate[6];
	int64_t idle_since;
};

struct db_tx *db_tx_begin(struct db *db)
{
	struct db_tx *tx = must_calloc(1, sizeof(*tx));

	tx->db = db;
	return tx;
}

/* Rolling back travels as a batch in an arena of its own: the request's may be gone by then. */

struct undo {
	struct arena *arena;
	void (*done)(void *arg);
	void *arg;
};

static void undone(struct batch *b, void *arg)
{
	struct undo *u = arg;

	(void)b;
	if (u->done)
		u->done(u->arg);
	arena_free(u->arena);
}

static struct batch *undo_new(void (*done)(void *arg), void *arg)
{
	struct arena *a = arena_new();
	struct undo *u = arena_new_of(a, struct undo);
	struct batch *b = batch_new(a);

	*u = (struct undo){ .arena = a, .done = done, .arg = arg };
	b->done = undone;
	b->arg = u;
	return b;
}

static bool needs_rollback(const struct db_conn *c)
{
	return c && c->state == CONN_READY && db_conn_in_transaction(c);
}

/* Parts tx from its connection and leaves that without a transaction; done may be NULL. */
static void let_go(struct db_tx *tx, void (*done)(void *arg), void *arg)
{
	struct db_conn *c = tx->conn;
	bool rollback = needs_rollback(c);
	struct batch *b = rollback || done ? undo_new(done, arg) : NULL;

	tx->conn = NULL;
	if (c)
		c->tx = NULL;
	if (rollback) {
		batch_add(b, &db_conn_rollback, 0, NULL);
		db_conn_send(c, b);
		return;
	}
	if (b)
		pool_refuse(tx->db, b, DB_OK, "");
	if (c)
		pool_release(c);
}

/* BEGIN travels with the first of several batches, COMMIT with the last. A first batch that is also
 * the last needs neither: the statements before a sync are one transaction. */
static void transmit(struct db_tx *tx, struct batch *b)
{
	b->head = tx->begun || tx->last ? NULL : &db_conn_begin;
	b->tail = tx->begun && tx->last ? &db_conn_commit : NULL;
	b->commits = tx->last;
	tx->begun = true;
	db_conn_send(tx->conn, b);
}

void tx_start(struct db_conn *c, struct batch *b)
{
	b->tx->conn = c;
	c->tx = b->tx;
	transmit(b->tx, b);
}

static void submit(struct db_tx *tx, struct batch *b, bool urgent)
{
	tx->busy = true;
	b->tx = tx;
	if (tx->outcome != DB_OK)
		pool_refuse(tx->db, b, tx->outcome, tx->sqlstate);
	else if (tx->conn)
		transmit(tx, b);
	else
		pool_write(tx->db, b, urgent);
}

void db_tx_submit(struct db_tx *tx, struct batch *b, db_done done, void *arg)
{
	assert(!tx->busy);
	b->done = done;
	b->arg = arg;
	submit(tx, b, false);
}

void db_tx_commit(struct db_tx *tx, struct batch *b, db_done done, void *arg)
{
	tx->last = true;
	db_tx_submit(tx, b, done, arg);
}

void tx_commit_urgent(struct db_tx *tx, struct batch *b, db_done done, void *arg)
{
	tx->last = true;
	b->done = done;
	b->arg = arg;
	submit(tx, b, true);
}

void db_tx_rollback(struct db_tx *tx, void (*done)(void *arg), void *arg)
{
	assert(!tx->busy);
	let_go(tx, done, arg);
	free(tx);
}

static void spoil(struct db_tx *tx, enum db_outcome outcome, const char *sqlstate)
{
	tx->outcome = outcome;
	memcpy(tx->sqlstate, sqlstate, strlen(sqlstate) + 1);
}

static void finished(struct db_tx *tx, struct batch *b)
{
	tx->busy = false;
	tx->idle_since = clock_mono();
	if (b->outcome != DB_OK)
		spoil(tx, b->outcome, b->error.sqlstate);
	if (tx->last) {
		let_go(tx, NULL, NULL);	/* first: whoever waits need not wait for the callback */
		free(tx);
	}
	b->done(b, b->arg);
}

void tx_done(struct db_conn *c, struct batch *b)
{
	if (c->state != CONN_READY) {
		c->tx = NULL;
		b->tx->conn = NULL;
	}
	finished(b->tx, b);
}

void tx_refused(struct batch *b)
{
	finished(b->tx, b);
}

void tx_lost(struct db_conn *c)
{
	spoil(c->tx, DB_LOST, "");
	c->tx->conn = NULL;
	c->tx = NULL;
}

void tx_tick(struct db_conn *c, int64_t now)
{
	struct db_tx *tx = c->tx;

	if (tx->busy || now - tx->idle_since < (int64_t)tx->db->o.tx_idle_ms * 1000)
		return;
	spoil(tx, DB_ERROR, "25P03");	/* as the server says it of idle_in_transaction_session */
	let_go(tx, NULL, NULL);
}
