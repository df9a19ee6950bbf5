/* Sealing what a demo set has of exact and identifying, as the service's vault would: the tool has
 * the same key file. Everything is a no-op where there is no key; then the demo is without it. */
#pragma once
#include "load.h"
#include "seal/seal.h"

/* The data keys of a set in the order in which they were made, which is that of the values. */
struct demo_sealer {
	struct vault_keys *keys;	/* NULL: there is no key file */
	struct seal_key *made;
	size_t n, cap, next;
};

/* Says where there is no key. */
struct demo_sealer demo_sealer_open(struct tool *t);
/* Wipes. */
void demo_sealer_close(struct demo_sealer *s);

/* A new key; it is also kept for demo_key_next(). */
struct seal_key demo_key_make(struct demo_sealer *s, struct arena *a, const struct seal_owner *owner,
			      unsigned char wrapped[SEAL_WRAPPED]);
/* The keys made, one after the other, from the first. */
const struct seal_key *demo_key_next(struct demo_sealer *s);

/* The Tees: everything secret in the data file, sealed and hashed, once all else is there. False
 * after telling why not. */
bool demo_tees_seal(const struct demo_load *l, const char *file);
/* The data file without what is secret in it, which is what the database may see. */
const char *demo_tees_open_part(struct arena *a, const char *file);
