/* One worker's loop and pool against a fresh database, driven step by step so that a test reads
 * from top to bottom. */
#pragma once
#include <event2/event.h>

#include "database.h"
#include "db/db.h"

struct loop {
	struct event_base *base;
	struct arena *arena;
	struct db *db;
	const char *conninfo;
	int answers;		/* callbacks of loop_answered so far */
	int readies;
	char trouble[256];	/* the latest */
};

/* The database has table thing (id int primary key, note text not null, constraint note_short:
 * under 20 characters) and a table late whose key is checked at commit. */
void loop_database(struct loop *l);
/* Starts a pool on it. Zero options take the defaults. */
void loop_open(struct loop *l, const struct sql *const *statements, struct db_options o);
/* The same, and waits until it is ready. */
void loop_start(struct loop *l, const struct sql *const *statements, struct db_options o);
void loop_stop(struct loop *l);

/* A callback that counts answers; arg is the struct loop. */
void loop_answered(struct batch *b, void *arg);
/* Runs until answers has reached n, the pool is ready, or ms have passed; fails after 10 s. */
void loop_until_answers(struct loop *l, int n);
void loop_until_ready(struct loop *l);
void loop_for(struct loop *l, int ms);

/* Each sends the batch and waits for its answer. */
struct batch *loop_read(struct loop *l, struct batch *b);
struct batch *loop_submit(struct loop *l, struct db_tx *tx, struct batch *b);
struct batch *loop_commit(struct loop *l, struct db_tx *tx, struct batch *b);
void loop_rollback(struct loop *l, struct db_tx *tx);
