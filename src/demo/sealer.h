/* Seals the addresses and names of a demo set as the service's vault would: the tool has the same
 * key file. Without a key every function does nothing, and the demo has no such data. */
#pragma once
#include "load.h"
#include "seal/seal.h"

/* The data keys of a set in the order in which they were made, which is also that of the values. */
struct demo_sealer {
	struct vault_keys *keys;	/* NULL: there is no key file */
	struct seal_key *made;
	size_t n, cap, next;
};

/* Prints a line if there is no key. */
struct demo_sealer demo_sealer_open(struct tool *t);
/* Wipes the keys. */
void demo_sealer_close(struct demo_sealer *s);

/* A new key; it is also kept for demo_key_next(). */
struct seal_key demo_key_make(struct demo_sealer *s, struct arena *a, const struct seal_owner *owner,
			      unsigned char wrapped[SEAL_WRAPPED]);
/* The next of the keys made, from the first on. */
const struct seal_key *demo_key_next(struct demo_sealer *s);

/* The Tees: stores every secret of the data file, sealed and hashed, once all other rows are there.
 * False after printing why it failed. */
bool demo_tees_seal(const struct demo_load *l, const char *file);
/* The data file without its secrets: the part that the database may see. */
const char *demo_tees_open_part(struct arena *a, const char *file);
