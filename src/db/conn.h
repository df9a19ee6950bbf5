/* One connection on the event loop: connects, prepares, sends batches, and comes back by itself
 * when lost. What to send, and to whom answers go, is the pool's business. */
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
	/* after done() of what was under way */
	void (*lost)(struct db_conn *c, const char *why);
};

struct db_conn {
	struct event_base *base;
	const struct db_conn_hooks *hooks;
	const struct params *params;
	const struct sql *const *statements;	/* NULL-ended: what to prepare */
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
	int64_t deadline;		/* by when the next word is due, where one is */
	int64_t retry_at;
	int failures;			/* attempts in a row that did not become ready */
	int prepared;			/* statements answered while preparing */
	char *trouble;			/* why preparing failed, or NULL */
	bool broken;			/* sending failed: given up on the next event */
	bool unconfirmed;		/* a commit was not confirmed by a standby */

	struct db_tx *tx;		/* the pool's: who has taken it */
};

void db_conn_init(struct db_conn *c);
/* Connects when it is time, gives up what has waited too long. */
void db_conn_tick(struct db_conn *c, int64_t now);
/* Sends the batch and a sync; only in CONN_READY. */
void db_conn_send(struct db_conn *c, struct batch *b);
/* The server has a transaction open, failed or not; meaningful while nothing is under way. */
bool db_conn_in_transaction(const struct db_conn *c);
/* Gives up, answering DB_LOST; it stays CONN_DOWN and may be ticked again. */
void db_conn_drop(struct db_conn *c, const char *why);

extern const struct sql db_conn_begin, db_conn_commit, db_conn_rollback;
