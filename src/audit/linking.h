/* The work of the sealer on one connection, and what it knows of the trail meanwhile. */
#pragma once
#include <stdbool.h>
#include <stdint.h>

#include "audit/chain.h"
#include "audit/head.h"
#include "db/sync.h"

struct linking {
	struct db_sync *db;
	struct arena *arena;	/* of a round */
	const unsigned char *secret;
	int64_t head_every;	/* microseconds */
	int batch;
	struct audit_chains chains;
	int64_t links;		/* seq of the last */
	struct audit_head head;	/* the newest; number 0: none */
	int64_t head_due;	/* clock_mono() */
	int64_t xid, id;	/* events up to here are done */
	int64_t horizon;	/* what the next head may promise */
	int64_t floor, bound;	/* of the pass under way: its transactions */
	bool in_pass;
};

enum linking_result {
	LINKING_DONE,	/* nothing more now */
	LINKING_MORE,
	LINKING_LOST,	/* give the connection up */
};

/* Whether this sealer is the one; *lost where the connection is to be given up. */
bool linking_lock(struct linking *s, bool *lost);
/* Reads where the trail stands. */
bool linking_load(struct linking *s) __attribute__((warn_unused_result));
/* One transaction at most. last: signs now what is not yet signed. */
enum linking_result linking_round(struct linking *s, bool last);
