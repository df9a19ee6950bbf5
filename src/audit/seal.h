/* One connection's work of the sealer, and what it knows of the trail meanwhile. */
#pragma once
#include <stdbool.h>
#include <stdint.h>

#include "audit/chain.h"
#include "audit/head.h"
#include "db/sync.h"

struct seal {
	struct db_sync *db;
	struct arena *arena;	/* of a round */
	const unsigned char *secret;
	int64_t head_every;	/* microseconds */
	int batch;
	struct audit_chains chains;
	int64_t links;		/* seq of the last */
	struct audit_head head;	/* the newest; number 0: none */
	int64_t head_due;	/* clock_mono() */
	int64_t xid, id;	/* events up to here are behind us */
	int64_t horizon;	/* what the next head may promise */
	int64_t floor, bound;	/* of the pass under way: its transactions */
	bool in_pass;
};

enum seal_result {
	SEAL_DONE,	/* nothing more now */
	SEAL_MORE,
	SEAL_LOST,	/* give the connection up */
};

/* Whether this sealer is the one; *lost where the connection is to be given up. */
bool seal_lock(struct seal *s, bool *lost);
/* Reads where the trail stands. */
bool seal_load(struct seal *s) __attribute__((warn_unused_result));
/* One transaction at most. last: what is not yet signed is signed now. */
enum seal_result seal_round(struct seal *s, bool last);
