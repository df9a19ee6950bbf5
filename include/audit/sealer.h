/* The sealer: a thread of the vault process that appends links and signs heads (audit/chain.h).
 * It has a connection of its own as the vault's database role, never the serving thread's, and
 * runs at a lower priority. No failure of the database ends it or the process: it connects again.
 *
 * Each round it takes the committed events that have no link yet. Since ids are not given in the
 * order of commits, it goes by transaction: all events of transactions below the horizon
 * (pg_snapshot_xmin) are visible, so that after a complete pass no more can appear below it, and
 * the next pass begins there. Links and head are committed together, and memory is brought up to
 * date only after the commit: a sealer that is killed loses nothing, the next one reads where it
 * stopped.
 *
 * Of several sealers of one database one seals, by an advisory lock that ends with its connection;
 * the others wait for it. Beyond that, (chain, position) is unique.
 */
#pragma once
#include "seal/keys.h"

struct sealer;

struct sealer_options {
	const char *conninfo;	/* of the vault's role; copied */
	int round_ms;		/* between rounds; 0: 1000 */
	int head_ms;		/* between heads; 0: 60000 */
	int batch;		/* links a transaction; 0: 10000 */
};

/* The keys are used before it returns. NULL where there is no memory or thread. Takes no signal. */
struct sealer *sealer_start(const struct vault_keys *keys, const struct sealer_options *options)
	__attribute__((warn_unused_result));
/* Links what is committed and signs it, unless that takes longer than a second: then the process is
 * to end anyway, and the next sealer goes on. Takes NULL. */
void sealer_stop(struct sealer *sealer);
