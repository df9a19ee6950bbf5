/* The database as one worker sees it: a small pool of connections on its event loop. Not thread
 * safe. Nothing here blocks, except name resolution where the conninfo names a host: use a socket
 * directory or an address.
 *
 * Every callback runs from the event loop, never inside the call that submitted, exactly once.
 * It reads batch_outcome() and may submit more. The library does not log: see on_trouble.
 *
 * Reads share connections (16 batches deep, an error stays in its own batch) and run read-only.
 * The writes of one request are one transaction on one connection that no other request uses
 * meanwhile: pipelining different requests' writes halves the throughput. A transaction is explicit
 * (BEGIN and COMMIT travel in the same round trip as the first and last statements): unlike the
 * implicit one of a pipeline it is seen by idle_in_transaction_session_timeout, rolls back without
 * a warning in the server's log, and reports an error at commit as the COMMIT's.
 *
 * Every connection sets statement_timeout 5 s, lock_timeout 2 s,
 * idle_in_transaction_session_timeout 10 s, UTC and ISO dates, and prepares every statement of
 * its role before it is used. Write connections read no table whole where there is an index
 * (their plans are kept, and a young table grows); read connections have work_mem for the whole
 * board.
 */
#pragma once
#include <stdbool.h>
#include <stdint.h>

#include "db/batch.h"
#include "db/sql.h"

struct event_base;
struct db;
struct db_tx;
struct db_group;

/* A zero or NULL member takes the default. */
struct db_options {
	const char *conninfo;		/* libpq's form; required */
	const char *application_name;	/* "haven" */
	enum sql_role role;		/* whose statements are prepared */
	const struct sql *const *statements;	/* NULL-ended; sql_all */
	int write_connections;		/* 4 */
	int read_connections;		/* 1 */
	bool reads_only;		/* no connections for writes */
	int queue_max;			/* waiting batches of each kind: 512 */
	int queue_age_ms;		/* longest wait for a connection: 2000 */
	int tx_idle_ms;			/* a transaction left alone is rolled back: 5000 */
	int reply_ms;			/* no word from the server: connection given up: 8000 */
	/* db_ready() turned true: at the start, and again after an outage (reload the board). */
	void (*on_ready)(struct db *db, void *arg);
	/* A connection or a prepare failed; text names the statement or the address, no data. */
	void (*on_trouble)(struct db *db, const char *text, void *arg);
	void *arg;
};

/* Runs once the batch has its outcome. */
typedef void (*db_done)(struct batch *b, void *arg);

/* Starts connecting; strings in the options must outlive db. */
struct db *db_new(struct event_base *base, const struct db_options *options);
/* At least one connection for reads and, unless reads_only, one for writes is open, and the first of all, which
 * prepares every statement, did so. */
bool db_ready(const struct db *db);
/* Closes and frees, groups too. Before it returns, work under way is answered DB_LOST and waiting
 * work DB_BUSY; owners of open transactions end them in those callbacks or before. Never to be
 * called from a callback of this layer. Takes NULL. */
void db_stop(struct db *db);

struct db_stats {
	int connected;		/* connections in use or ready */
	int waiting;		/* batches in the queues */
	int transactions;	/* write connections taken */
	uint64_t refused;	/* DB_BUSY answers so far */
	uint64_t lost;		/* connections lost so far */
};
struct db_stats db_stats(const struct db *db);

/* Reads. The statements of a batch see one another and end with it (begin with set_config(…,
 * true) to say who reads). A statement that writes fails with 25006. */
void db_read(struct db *db, struct batch *b, db_done done, void *arg);

/* Transactions (READ COMMITTED).
 *
 *	tx = db_tx_begin(db);		no connection yet
 *	db_tx_submit(tx, b, done, arg);	takes one on first use, maybe waiting for it
 *	db_tx_commit(tx, b, done, arg)	or db_tx_rollback(tx, NULL, NULL): ends and frees tx
 *
 * One batch at a time: submit, commit or roll back only after the previous callback. Whatever the
 * outcome was, the owner ends the transaction exactly once: after DB_ERROR, DB_BUSY and DB_LOST by
 * db_tx_rollback() (a commit is then answered with the same outcome). */
struct db_tx *db_tx_begin(struct db *db);
void db_tx_submit(struct db_tx *tx, struct batch *b, db_done done, void *arg);
/* Sends the last batch (which may be empty) and COMMIT; results are valid only where the outcome is
 * DB_OK, and then they are durable. tx is gone with this call. DB_LOST includes a commit whose
 * replication was not confirmed. */
void db_tx_commit(struct db_tx *tx, struct batch *b, db_done done, void *arg);
/* Nothing stays. tx is gone with this call; done (or NULL) runs when the server has let go. */
void db_tx_rollback(struct db_tx *tx, void (*done)(void *arg), void *arg);

/* The group writer: items of different requests that arrive together go into one statement and one
 * commit; replies wait for it. The statement has one parameter, a JSON array text of the items, and
 * returns rows with a column ord, the item's place from 1:
 *
 *	INSERT INTO audit (…) SELECT …
 *	FROM jsonb_array_elements($1::jsonb) WITH ORDINALITY AS i (item, ord)
 *
 * At most one group statement is under way; items that arrive meanwhile form the next, so a quiet
 * service waits for nothing. When a group fails it is split in halves until the guilty item fails
 * alone. Only for statements whose items each name their person, and which check the right of
 * each. */
struct db_group_options {
	int group_max;		/* items a statement: 64 */
	int queue_max;		/* waiting items: 1024 */
	int queue_age_ms;	/* longest wait: 2000 */
};
/* options may be NULL. Lives until db_stop(). */
struct db_group *db_group_new(struct db *db, const struct sql *s,
			      const struct db_group_options *o);
/* item is one JSON object, copied into the arena. done gets a batch in that arena whose result 0
 * has the rows of this item's ord. */
void db_group_submit(struct db_group *g, struct arena *a, const char *item, db_done done,
		     void *arg);
/* Statements sent so far, for metrics: items divided by this is the grouping. */
uint64_t db_group_sent(const struct db_group *g);
