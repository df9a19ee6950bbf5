/* One connection on the event loop: connects, prepares, sends batches, and connects again by
 * itself when lost. The pool decides what to send and passes answers on. */
#pragma once
#include <libpq-fe.h>
#include <stdbool.h>
#include <stdint.h>

#include "batch.h"
#include "params.h"

struct event;
struct event_base;

enum db_conn_state {
	CONN_DOWN,		/* waits for retry_at */
	CONN_CONNECTING,
	CONN_PREPARING,
	CONN_READY,
};

struct db_conn;

/* Never called inside db_conn_send(). */
struct db_conn_hooks {
	void (*ready)(struct db_conn *c);
	void (*done)(struct db_conn *c, struct batch *b);	/* outcome set, results complete */
	/* after done() of each batch under way */
	void (*lost)(struct db_conn *c, const char *why);
};

struct db_conn {
	struct event_base *base;
	const struct db_conn_hooks *hooks;
	const struct params *params;
	const struct sql *const *statements;	/* NULL-ended: what to prepare */
	/* Statements are prepared when they are first used, not at the start: for connections that others
	 * stand before, since preparing all takes the server some 200 ms. NULL where all are prepared;
	 * else room for all of them. */
	const struct sql **known;
	int n_known;
	int64_t patience;			/* microseconds without an answer */
	struct db *db;
	bool writer;

	enum db_conn_state state;
	PGconn *pg;
	struct event *event;
	short watching;		/* EV_READ | EV_WRITE, or 0 */
	int watched_fd;
	struct batch_list flight;	/* sent, oldest first */
	int depth;			/* its length */
	int64_t deadline;		/* when the next answer is due, where one is */
	int64_t retry_at;
	int failures;			/* attempts in a row that did not become ready */
	int prepared;			/* statements answered */
	char *trouble;			/* why preparing failed, or NULL */
	bool broken;			/* sending failed: given up on the next event */
	bool unconfirmed;		/* a commit was not confirmed by a standby */

	struct db_tx *tx;		/* set by the pool: the transaction that has taken it */
};

void db_conn_init(struct db_conn *c);
/* Connects when it is time; gives up a connection that has waited too long for an answer. */
void db_conn_tick(struct db_conn *c, int64_t now);
/* Sends the batch and a sync; only in CONN_READY. */
void db_conn_send(struct db_conn *c, struct batch *b);
/* The server has a transaction open, failed or not; meaningful while nothing is under way. */
bool db_conn_in_transaction(const struct db_conn *c);
/* Gives up, answering DB_LOST; it stays CONN_DOWN and may be ticked again. */
void db_conn_drop(struct db_conn *c, const char *why);

extern const struct sql db_conn_begin, db_conn_commit, db_conn_rollback;
