/* The keys of the house, in one file that only the vault process reads. The database, its dumps and
 * its backups never hold them. Every use has a key of its own, derived by purpose, so that values
 * of one purpose say nothing about another.
 *
 * Two keys: the root, under which the data keys of households and properties are wrapped
 * (seal/seal.h), and the index key, for what must stay the same over a rotation: the blind
 * indexes (seal/blind.h) and the key that signs the audit trail's heads (audit/head.h). The root
 * is rotated, the index key never.
 *
 * The file is text: a line "haven-key 2", then a line "<name> <id> <64 hexadecimal digits>" for
 * index, current and, while a rotation is under way, previous: the root before. An id is derived
 * from its key: it names the key in wrapped keys, and a damaged file is noticed on loading.
 */
#pragma once
#include <stdbool.h>
#include <stdint.h>

enum {
	VAULT_KEY_BYTES = 32,
	VAULT_KEY_ID_BYTES = 8,
	VAULT_KEY_ID = 2 * VAULT_KEY_ID_BYTES + 1,	/* hexadecimal digits and NUL */
};

/* In the order of the file's lines. */
enum vault_key { VAULT_INDEX, VAULT_ROOT, VAULT_ROOT_BEFORE, VAULT_KEYS };

/* The name looked for in $CREDENTIALS_DIRECTORY. */
#define VAULT_KEY_CREDENTIAL "vault_key"

struct vault_keys;

/* Makes a new key file, mode 0400, on disk when it returns. Never overwrites. False with *error, a
 * constant text without the path. */
bool vault_keys_create(const char *path, const char **error) __attribute__((warn_unused_result));

/* Loads the keys from path, or where path is NULL from $CREDENTIALS_DIRECTORY. Refuses a file
 * that is not regular, belongs to someone other than this user or root, may be used by group or
 * others, or is damaged: NULL with *error as above. (systemd shows the access list of a
 * credential as a group right, so a credential may be group-readable; its directory is closed to
 * others.) The keys live in locked, guarded, read-only pages that are left out of core dumps. */
struct vault_keys *vault_keys_load(const char *path, const char **error)
	__attribute__((warn_unused_result));
/* Loads the keys again where another file has been put in place of theirs. On any error, and
 * where they came from a credential, they stay as they are. The pointer stays good. */
void vault_keys_refresh(struct vault_keys *keys);
/* A copy, protected as they are, for a thread that refreshes keys of its own. Free it too. */
struct vault_keys *vault_keys_copy(const struct vault_keys *keys);
/* Wipes. Takes NULL. */
void vault_keys_free(struct vault_keys *keys);

/* The two ends of a rotation, each replacing the file in one step, on disk when it returns.
 * Begin: the root becomes the previous one and a new root is made; where there is a previous one
 * already, a rotation was interrupted, and nothing changes. End: the previous root is forgotten,
 * and with it every data key that is still wrapped under it. False with *error as above; then the
 * file is as it was. */
bool vault_keys_rotate_begin(const char *path, const char **error)
	__attribute__((warn_unused_result));
bool vault_keys_rotate_end(const char *path, const char **error)
	__attribute__((warn_unused_result));

/* "" where there is no such key. */
const char *vault_keys_id(const struct vault_keys *keys, enum vault_key which);

/* The key for one purpose: context is exactly 8 characters and names the kind of use, id the use
 * within it. The caller wipes out with sodium_memzero(). */
void vault_keys_derive(const struct vault_keys *keys, enum vault_key which, const char context[8],
		       uint64_t id, unsigned char out[VAULT_KEY_BYTES]);
