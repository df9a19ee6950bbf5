/* The root key of the house: one file of 32 random bytes that only the vault process reads. The
 * database, its dumps and its backups never hold it. Every use has a key of its own, derived from
 * the root by purpose, so that values of one purpose say nothing about another.
 *
 * The file is two lines: "haven-key 1 <key id>" and the key as 64 hexadecimal digits. The id is
 * derived from the key: it names the key in sealed rows, and a damaged file is noticed on loading.
 */
#pragma once
#include <stdbool.h>
#include <stdint.h>

enum {
	VAULT_KEY_BYTES = 32,
	VAULT_KEY_ID = 17,	/* 16 hexadecimal digits and NUL */
};

/* The name looked for in $CREDENTIALS_DIRECTORY. */
#define VAULT_KEY_CREDENTIAL "vault_key"

struct vault_keys;

/* Makes a new key file, mode 0400, on disk when it returns. Never overwrites. False with *error, a
 * constant text without the path. */
bool vault_keys_create(const char *path, const char **error) __attribute__((warn_unused_result));

/* Loads the key from path, or where path is NULL from $CREDENTIALS_DIRECTORY. Refuses what is no
 * regular file, belongs to someone other than this user or root, may be used by group or others,
 * or is damaged: NULL with *error as above. (systemd shows the access list of a credential as a
 * group right, so a credential may be group-readable; its directory is closed to others.) The key
 * lives in locked, guarded, read-only pages that are left out of core dumps. */
struct vault_keys *vault_keys_load(const char *path, const char **error)
	__attribute__((warn_unused_result));
/* Wipes. Takes NULL. */
void vault_keys_free(struct vault_keys *keys);

const char *vault_keys_id(const struct vault_keys *keys);

/* The key for one purpose: context is exactly 8 characters and names the kind of use, id the use
 * within it. The caller wipes out with sodium_memzero(). */
void vault_keys_derive(const struct vault_keys *keys, const char context[8], uint64_t id,
		       unsigned char out[VAULT_KEY_BYTES]);
