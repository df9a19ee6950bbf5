/* Sealing: exact and identifying values go to the database as bytes that only the holder of the
 * root key can open, and only in the place they were sealed for.
 *
 * Every household and every property has a data key of its own, 32 random bytes. It is stored
 * wrapped by a key derived from the root, bound to its subject and organisation. Destroying that
 * one wrapped key erases all values sealed with it, in the database and in every backup made
 * since; rotating the root wraps data keys anew and leaves sealed values as they are.
 *
 * Both are XChaCha20-Poly1305 with a random nonce. Additional data bind a value to its kind (that
 * is, table and column), row, subject, organisation, format and data key, and a wrapped key to its
 * subject, organisation, format and root: moved anywhere else, or changed by a bit, it does not
 * open. Values are padded (ISO/IEC 7816-4) to whole blocks, so that their length tells little.
 *
 *	wrapped	version 1 | root id 8 | nonce 24 | data key 32, tag 16
 *	sealed	version 1 | kind 1 | data key id 8 | nonce 24 | padded value, tag 16
 */
#pragma once
#include <stdbool.h>
#include <stddef.h>

#include "base/uuid.h"
#include "seal/keys.h"

/* Numbers are stored, here and below. */
enum seal_subject { SEAL_HOUSEHOLD = 1, SEAL_PROPERTY = 2 };

enum seal_kind {
	SEAL_ADDRESS = 1,	/* vault.property_address: {lines, postcode, access_note} */
	SEAL_PERSON = 2,	/* vault.person: {name, birth_date} */
	SEAL_CONTACT = 3,	/* vault.safe_contact: {phone, phone_extension, phone_text_relay, hours,
				 * voicemail, code_word} */
	SEAL_PARTY = 4,		/* vault.party: {description, vehicle} */
	SEAL_FIRST_NAME = 5,	/* vault.first_name: {first_name} */
	SEAL_PAYEE = 6,		/* vault.payee: {account_name, sort_code, account_number} */
	SEAL_HOME = 7,		/* vault.home: {lines, postcode} */
};

/* The household or property that a data key belongs to. */
struct seal_owner {
	enum seal_subject kind;
	struct uuid id, organisation;
};

/* Where a value belongs. */
struct seal_place {
	struct seal_owner owner;
	enum seal_kind kind;
	struct uuid row;
};

enum {
	SEAL_NONCE = 24,
	SEAL_TAG = 16,
	SEAL_WRAPPED = 1 + VAULT_KEY_ID_BYTES + SEAL_NONCE + VAULT_KEY_BYTES + SEAL_TAG,
	SEAL_HEAD = 2 + VAULT_KEY_ID_BYTES + SEAL_NONCE,
	/* Bytes of a value: six lines and a note of four-byte letters fit. */
	SEAL_TEXT_MAX = 4095,
	SEAL_SEALED_MAX = SEAL_HEAD + SEAL_TEXT_MAX + 1 + SEAL_TAG,
};

/* An opened data key: wipe with seal_forget(). */
struct seal_key {
	unsigned char bytes[VAULT_KEY_BYTES], id[VAULT_KEY_ID_BYTES];
};

/* Whether kind and subject are known and go together: an address has a property's key. */
bool seal_place_ok(const struct seal_place *place);

/* A new data key, wrapped under the root in force. */
void seal_key_make(const struct vault_keys *keys, const struct seal_owner *owner,
		   struct seal_key *key, unsigned char wrapped[SEAL_WRAPPED]);
/* False where it is no key of this owner, is damaged, or its root is neither the one in force nor
 * the one before. */
bool seal_key_open(const struct vault_keys *keys, const struct seal_owner *owner,
		   const unsigned char wrapped[SEAL_WRAPPED], struct seal_key *key)
	__attribute__((warn_unused_result));
/* The same data key under the root in force. False as above. */
bool seal_key_rewrap(const struct vault_keys *keys, const struct seal_owner *owner,
		     const unsigned char wrapped[SEAL_WRAPPED], unsigned char out[SEAL_WRAPPED])
	__attribute__((warn_unused_result));
void seal_forget(struct seal_key *key);

/* Bytes written to out; 0 where the text is longer than its kind may be. */
size_t seal_value(const struct seal_key *key, const struct seal_place *place, const char *text,
		  size_t len, unsigned char out[SEAL_SEALED_MAX]) __attribute__((warn_unused_result));
/* Writes the text, NUL-terminated; false where the value was not sealed with this key for this
 * place. The caller wipes text. */
bool seal_open(const struct seal_key *key, const struct seal_place *place,
	       const unsigned char *sealed, size_t len, char text[SEAL_TEXT_MAX + 1])
	__attribute__((warn_unused_result));
