/* The inside of struct db, for pool.c, tx.c and group.c. */
#pragma once
#include "conn.h"

struct item;
STAILQ_HEAD(item_list, item);

struct queue {
	struct batch_list list;	/* oldest first */
	int length;
};

struct db {
	struct event_base *base;
	struct arena *arena;		/* lives as long as db */
	struct db_options o;		/* defaults filled in */
	struct params write_params, read_params;
	struct db_conn *conns;		/* write connections first */
	int count;
	struct queue writes, reads;	/* waiting for a connection */
	struct batch_list refused;	/* to be answered from the loop */
	struct event *soon, *tick;
	SLIST_HEAD(, db_group) groups;
	bool proved;			/* the first connection has prepared every statement */
	bool ready, stopping;
	struct db_stats stats;
};

/* Answers b from the event loop. */
void pool_refuse(struct db *db, struct batch *b, enum db_outcome outcome, const char *sqlstate);
/* Gives b's transaction a connection and sends b, now or when one is free; urgent goes first. */
void pool_write(struct db *db, struct batch *b, bool urgent);
/* The connection's transaction has ended: the next one that waits may take it. */
void pool_release(struct db_conn *c);

/* tx.c: b was answered (sent and done, or refused). Calls back. */
void tx_done(struct db_conn *c, struct batch *b);
void tx_refused(struct batch *b);
/* The transaction has got a connection; sends b, its first batch. */
void tx_start(struct db_conn *c, struct batch *b);
void tx_lost(struct db_conn *c);
void tx_tick(struct db_conn *c, int64_t now);
/* Like db_tx_commit(), but before all batches that wait. */
void tx_commit_urgent(struct db_tx *tx, struct batch *b, db_done done, void *arg);

struct db_group {
	SLIST_ENTRY(db_group) link;
	struct db *db;
	const struct sql *sql;
	struct db_group_options o;	/* defaults filled in */
	struct item_list waiting;	/* oldest first */
	int length;
	struct event *soon;		/* sends at the end of this turn of the loop */
	struct arena *arena;		/* of the group under way, or NULL */
	struct item_list sent;		/* its items, in the order of their ord */
	uint64_t statements;
};
/* Answers the items that still wait with DB_BUSY, and frees. */
void group_free(struct db_group *g);
