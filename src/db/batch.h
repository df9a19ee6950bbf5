/* The inside of a batch, for the files of this layer. */
#pragma once
#include <libpq-fe.h>
#include <stdint.h>
#include <sys/queue.h>

#include "db/db.h"

struct step {
	const struct sql *sql;
	const char **params;
	PGresult *result;	/* cleared by the arena */
};

struct batch {
	struct arena *arena;
	struct step *steps;
	int n, cap;

	enum db_outcome outcome;
	struct db_error error;
	const char *debug;

	/* Under way. */
	STAILQ_ENTRY(batch) link;	/* in one of: a queue, a flight, the refused */
	struct db_tx *tx;		/* whose batch, or NULL for a read */
	db_done done;
	void *arg;
	int64_t queued_at;
	const struct sql *head, *tail;	/* sent around the steps: BEGIN, COMMIT, or NULL */
	bool commits;			/* its sync makes something durable */
	int got;			/* results so far */
	bool preparing;			/* the next sync is of statements that this batch is the first to use */
};

STAILQ_HEAD(batch_list, batch);

/* Statements on the wire, head and tail included. */
int batch_frames(const struct batch *b);
const struct sql *batch_frame(const struct batch *b, int i, const char *const **params);
/* Takes the next result and owns it. */
void batch_take(struct batch *b, PGresult *r);
/* Marks it as refused without a result; sqlstate may be "". */
void batch_refuse(struct batch *b, enum db_outcome outcome, const char *sqlstate);
/* A finished batch whose only result is r, which the arena then owns. */
struct batch *batch_of_result(struct arena *a, const struct sql *s, PGresult *r);
