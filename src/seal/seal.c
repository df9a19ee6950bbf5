#include "seal/seal.h"

#include <sodium.h>
#include <string.h>

enum {
	VERSION = 1,
	SUBJECT_BYTES = 1 + 16 + 16,
	KEY_DATA = 8 + 1 + VAULT_KEY_ID_BYTES + SUBJECT_BYTES,
	VALUE_DATA = KEY_DATA + 1 + 16,
	ROOT_ID_AT = 1,
	WRAPPED_NONCE_AT = ROOT_ID_AT + VAULT_KEY_ID_BYTES,
	KIND_AT = 1,
	KEY_ID_AT = 2,
	NONCE_AT = KEY_ID_AT + VAULT_KEY_ID_BYTES,
};

_Static_assert(SEAL_NONCE == crypto_aead_xchacha20poly1305_ietf_NPUBBYTES, "nonce");
_Static_assert(SEAL_TAG == crypto_aead_xchacha20poly1305_ietf_ABYTES, "tag");
_Static_assert(VAULT_KEY_BYTES == crypto_aead_xchacha20poly1305_ietf_KEYBYTES, "key");

/* Values are padded to whole blocks of their kind, at most so many. Almost every value of a kind
 * fills one block. */
static const struct kind {
	enum seal_subject subject;
	size_t block, blocks;
} kinds[] = {
	[SEAL_ADDRESS] = { SEAL_PROPERTY, 1024, 4 },
	[SEAL_PERSON] = { SEAL_HOUSEHOLD, 512, 2 },
	[SEAL_CONTACT] = { SEAL_HOUSEHOLD, 1024, 1 },
	[SEAL_PARTY] = { SEAL_HOUSEHOLD, 1024, 3 },
	[SEAL_FIRST_NAME] = { SEAL_HOUSEHOLD, 512, 1 },
	[SEAL_PAYEE] = { SEAL_HOUSEHOLD, 512, 1 },
	[SEAL_HOME] = { SEAL_HOUSEHOLD, 1024, 3 },
};

bool seal_place_ok(const struct seal_place *place)
{
	return place->kind >= SEAL_ADDRESS && place->kind <= SEAL_HOME &&
	       kinds[place->kind].subject == place->owner.kind;
}

/* ---- additional data: what a ciphertext is bound to ---- */

static unsigned char *put(unsigned char *to, const void *bytes, size_t n)
{
	memcpy(to, bytes, n);
	return to + n;
}

static unsigned char *put_number(unsigned char *to, unsigned n)
{
	*to = (unsigned char)n;
	return to + 1;
}

static unsigned char *put_uuid(unsigned char *to, struct uuid u)
{
	for (int i = 0; i < 8; i++) {
		to[i] = (unsigned char)(u.hi >> (56 - 8 * i));
		to[8 + i] = (unsigned char)(u.lo >> (56 - 8 * i));
	}
	return to + 16;
}

/* Every value of a use gives the same length, so that no two can be read alike. */
static unsigned char *put_owner(unsigned char *to, const char use[8], const unsigned char *key_id,
				const struct seal_owner *owner)
{
	to = put(to, use, 8);
	to = put_number(to, VERSION);
	to = put(to, key_id, VAULT_KEY_ID_BYTES);
	to = put_number(to, owner->kind);
	to = put_uuid(to, owner->id);
	return put_uuid(to, owner->organisation);
}

static void key_data(unsigned char data[KEY_DATA], const unsigned char *root_id,
		     const struct seal_owner *owner)
{
	put_owner(data, "HavenKey", root_id, owner);
}

static void value_data(unsigned char data[VALUE_DATA], const struct seal_key *key,
		       const struct seal_place *place)
{
	unsigned char *to = put_owner(data, "HavenVal", key->id, &place->owner);

	to = put_number(to, place->kind);
	put_uuid(to, place->row);
}

/* ---- data keys ---- */

/* Values name the key they were sealed with: a ciphertext alone is not bound to one key. */
static void name_key(struct seal_key *key)
{
	crypto_generichash_state state;
	unsigned char digest[crypto_generichash_BYTES];

	crypto_generichash_init(&state, key->bytes, sizeof(key->bytes), sizeof(digest));
	crypto_generichash_update(&state, (const unsigned char *)"HavenDId", 8);
	crypto_generichash_final(&state, digest, sizeof(digest));
	memcpy(key->id, digest, sizeof(key->id));
	sodium_memzero(&state, sizeof(state));
	sodium_memzero(digest, sizeof(digest));
}

static void wrapping_key(const struct vault_keys *keys, enum vault_key root,
			 unsigned char out[VAULT_KEY_BYTES])
{
	vault_keys_derive(keys, root, "HavenWrp", 1, out);
}

static void root_id(const struct vault_keys *keys, enum vault_key root,
		    unsigned char out[VAULT_KEY_ID_BYTES])
{
	sodium_hex2bin(out, VAULT_KEY_ID_BYTES, vault_keys_id(keys, root), VAULT_KEY_ID - 1, NULL,
		       NULL, NULL);
}

static void wrap(const struct vault_keys *keys, const struct seal_owner *owner,
		 const struct seal_key *key, unsigned char out[SEAL_WRAPPED])
{
	unsigned char wrapping[VAULT_KEY_BYTES], data[KEY_DATA];
	unsigned char *nonce = out + WRAPPED_NONCE_AT;

	out[0] = VERSION;
	root_id(keys, VAULT_ROOT, out + ROOT_ID_AT);
	randombytes_buf(nonce, SEAL_NONCE);
	key_data(data, out + ROOT_ID_AT, owner);
	wrapping_key(keys, VAULT_ROOT, wrapping);
	crypto_aead_xchacha20poly1305_ietf_encrypt(nonce + SEAL_NONCE, NULL, key->bytes,
						   sizeof(key->bytes), data, sizeof(data), NULL,
						   nonce, wrapping);
	sodium_memzero(wrapping, sizeof(wrapping));
}

static bool wrapped_by(const struct vault_keys *keys, enum vault_key root,
		       const unsigned char *wrapped)
{
	unsigned char id[VAULT_KEY_ID_BYTES];

	if (!*vault_keys_id(keys, root))
		return false;
	root_id(keys, root, id);
	return memcmp(id, wrapped + ROOT_ID_AT, sizeof(id)) == 0;
}

void seal_key_make(const struct vault_keys *keys, const struct seal_owner *owner,
		   struct seal_key *key, unsigned char wrapped[SEAL_WRAPPED])
{
	randombytes_buf(key->bytes, sizeof(key->bytes));
	name_key(key);
	wrap(keys, owner, key, wrapped);
}

static bool unwrap(const struct vault_keys *keys, enum vault_key root,
		   const struct seal_owner *owner, const unsigned char *wrapped,
		   struct seal_key *key)
{
	const unsigned char *nonce = wrapped + WRAPPED_NONCE_AT;
	unsigned char wrapping[VAULT_KEY_BYTES], data[KEY_DATA];
	bool ok;

	key_data(data, wrapped + ROOT_ID_AT, owner);
	wrapping_key(keys, root, wrapping);
	ok = crypto_aead_xchacha20poly1305_ietf_decrypt(key->bytes, NULL, NULL, nonce + SEAL_NONCE,
							VAULT_KEY_BYTES + SEAL_TAG, data,
							sizeof(data), nonce, wrapping) == 0;
	sodium_memzero(wrapping, sizeof(wrapping));
	return ok;
}

bool seal_key_open(const struct vault_keys *keys, const struct seal_owner *owner,
		   const unsigned char wrapped[SEAL_WRAPPED], struct seal_key *key)
{
	enum vault_key root = wrapped_by(keys, VAULT_ROOT, wrapped) ? VAULT_ROOT : VAULT_ROOT_BEFORE;

	if (wrapped[0] != VERSION || !wrapped_by(keys, root, wrapped) ||
	    !unwrap(keys, root, owner, wrapped, key)) {
		seal_forget(key);
		return false;
	}
	name_key(key);
	return true;
}

bool seal_key_rewrap(const struct vault_keys *keys, const struct seal_owner *owner,
		     const unsigned char wrapped[SEAL_WRAPPED], unsigned char out[SEAL_WRAPPED])
{
	struct seal_key key;

	if (!seal_key_open(keys, owner, wrapped, &key))
		return false;
	wrap(keys, owner, &key, out);
	seal_forget(&key);
	return true;
}

void seal_forget(struct seal_key *key)
{
	sodium_memzero(key, sizeof(*key));
}

/* ---- values ---- */

size_t seal_value(const struct seal_key *key, const struct seal_place *place, const char *text,
		  size_t len, unsigned char out[SEAL_SEALED_MAX])
{
	const struct kind *kind = &kinds[place->kind];
	unsigned char padded[SEAL_TEXT_MAX + 1], data[VALUE_DATA], *nonce = out + NONCE_AT;
	unsigned long long sealed;
	size_t size;

	if (len >= kind->block * kind->blocks)
		return 0;
	memcpy(padded, text, len);
	if (sodium_pad(&size, padded, len, kind->block, sizeof(padded)) != 0)
		return 0;
	out[0] = VERSION;
	out[KIND_AT] = (unsigned char)place->kind;
	memcpy(out + KEY_ID_AT, key->id, sizeof(key->id));
	randombytes_buf(nonce, SEAL_NONCE);
	value_data(data, key, place);
	crypto_aead_xchacha20poly1305_ietf_encrypt(nonce + SEAL_NONCE, &sealed, padded, size, data,
						   sizeof(data), NULL, nonce, key->bytes);
	sodium_memzero(padded, sizeof(padded));
	return SEAL_HEAD + (size_t)sealed;
}

/* Whether it is of this format, kind and key; size is of the padded value. */
static bool head_fits(const struct seal_key *key, const struct seal_place *place,
		      const unsigned char *sealed, size_t len, size_t *size)
{
	const struct kind *kind = &kinds[place->kind];

	if (len < SEAL_HEAD + SEAL_TAG)
		return false;
	*size = len - SEAL_HEAD - SEAL_TAG;
	return *size > 0 && *size % kind->block == 0 && *size <= kind->block * kind->blocks &&
	       sealed[0] == VERSION && sealed[KIND_AT] == place->kind &&
	       memcmp(sealed + KEY_ID_AT, key->id, sizeof(key->id)) == 0;
}

bool seal_open(const struct seal_key *key, const struct seal_place *place,
	       const unsigned char *sealed, size_t len, char text[SEAL_TEXT_MAX + 1])
{
	unsigned char *padded = (unsigned char *)text, data[VALUE_DATA];
	const unsigned char *nonce = sealed + NONCE_AT;
	size_t size, plain;

	if (!head_fits(key, place, sealed, len, &size))
		return false;
	value_data(data, key, place);
	if (crypto_aead_xchacha20poly1305_ietf_decrypt(padded, NULL, NULL, nonce + SEAL_NONCE,
						       size + SEAL_TAG, data, sizeof(data), nonce,
						       key->bytes) != 0 ||
	    sodium_unpad(&plain, padded, size, kinds[place->kind].block) != 0)
		return false;
	text[plain] = '\0';
	return true;
}
