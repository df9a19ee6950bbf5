/* Signed heads: an organisation that keeps the newest one elsewhere can prove later that nothing
 * before it was cut, changed or added.
 *
 * The signing key (Ed25519) is derived from the house's key file by the vault process; the public
 * key is printed by `haven audit key` and is all that a verifier needs.
 */
#pragma once
#include <stdbool.h>
#include <stdint.h>

#include "audit/chain.h"
#include "seal/keys.h"

enum {
	AUDIT_KEY = 32,			/* bytes of the public key */
	AUDIT_SECRET = 64,
	AUDIT_SIGNATURE = 64,
	AUDIT_HEAD_LINE = 400,		/* characters of a head as a line, with NUL */
};

struct audit_head {
	int64_t number;		/* from 1, without a gap */
	int64_t at;		/* the database's clock, microseconds */
	int64_t links;		/* seq of the last link it signs */
	int64_t horizon;	/* every event of a transaction below it has a link */
	unsigned char chains[AUDIT_HASH];	/* audit_chains_digest() after that link */
	unsigned char previous[AUDIT_HASH];	/* audit_head_digest() of the head before; zeros for
						 * the first */
	unsigned char signature[AUDIT_SIGNATURE];
};

/* The caller wipes secret with sodium_memzero(). */
void audit_key_derive(const struct vault_keys *keys, unsigned char public_key[AUDIT_KEY],
		      unsigned char secret[AUDIT_SECRET]);

/* Fills the signature: over "haven audit head 1" and the members above it in order. */
void audit_head_sign(struct audit_head *head, const unsigned char secret[AUDIT_SECRET]);
bool audit_head_genuine(const struct audit_head *head, const unsigned char public_key[AUDIT_KEY]);
/* The digest of the signed members and the signature. */
void audit_head_digest(const struct audit_head *head, unsigned char out[AUDIT_HASH]);
bool audit_head_equal(const struct audit_head *a, const struct audit_head *b);

/* "haven-head 1 <number> <at> <links> <horizon> <chains> <previous> <signature>". */
void audit_head_format(const struct audit_head *head, char out[AUDIT_HEAD_LINE]);
/* With or without a line's end. */
bool audit_head_parse(const char *line, struct audit_head *head) __attribute__((warn_unused_result));
