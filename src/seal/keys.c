#include "seal/keys.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/die.h"

#define HEADER "haven-key 2\n"
#define NEW_SUFFIX ".new"

static const char *const names[VAULT_KEYS] = {
	[VAULT_INDEX] = "index", [VAULT_ROOT] = "current", [VAULT_ROOT_BEFORE] = "previous"
};

enum {
	HEADER_LEN = sizeof(HEADER) - 1,
	KEY_HEX = 2 * VAULT_KEY_BYTES,
	LINE_LEN = 1 + VAULT_KEY_ID - 1 + 1 + KEY_HEX + 1,	/* beside the name */
	FILE_MIN = HEADER_LEN + sizeof("indexcurrent") - 1 + 2 * LINE_LEN,
	FILE_MAX = FILE_MIN + sizeof("previous") - 1 + LINE_LEN,
};

_Static_assert(VAULT_KEY_BYTES == crypto_kdf_KEYBYTES, "each is a key of crypto_kdf");

struct one_key {
	unsigned char bytes[VAULT_KEY_BYTES];
	char id[VAULT_KEY_ID];	/* "": there is none */
};

/* Lives in sodium_malloc() pages: locked, guarded, DONTDUMP, wiped on release. */
struct vault_keys {
	struct one_key key[VAULT_KEYS];
	char path[PATH_MAX];	/* "": a credential */
	struct stat file;	/* as it was when it was read */
};

static void derive(const struct one_key *key, const char context[8], uint64_t id,
		   unsigned char out[VAULT_KEY_BYTES])
{
	if (crypto_kdf_derive_from_key(out, VAULT_KEY_BYTES, id, context, key->bytes) != 0)
		die("crypto_kdf_derive_from_key");
}

void vault_keys_derive(const struct vault_keys *keys, enum vault_key which, const char context[8],
		       uint64_t id, unsigned char out[VAULT_KEY_BYTES])
{
	derive(&keys->key[which], context, id, out);
}

const char *vault_keys_id(const struct vault_keys *keys, enum vault_key which)
{
	return keys->key[which].id;
}

static void make_id(struct one_key *key)
{
	unsigned char derived[VAULT_KEY_BYTES];

	derive(key, "HavenKId", 0, derived);
	sodium_bin2hex(key->id, sizeof(key->id), derived, VAULT_KEY_ID_BYTES);
	sodium_memzero(derived, sizeof(derived));
}

static void make_key(struct one_key *key)
{
	crypto_kdf_keygen(key->bytes);
	make_id(key);
}

static struct vault_keys *keys_alloc(const char **error)
{
	struct vault_keys *keys = NULL;

	if (sodium_init() >= 0)
		keys = sodium_malloc(sizeof(*keys));
	if (keys)
		memset(keys, 0, sizeof(*keys));
	else
		*error = "no protected memory for the key";
	return keys;
}

void vault_keys_free(struct vault_keys *keys)
{
	sodium_free(keys);
}

/* ---- writing ---- */

/* The file's text; the caller wipes it. */
static size_t file_compose(const struct vault_keys *keys, char file[FILE_MAX + 1])
{
	size_t len = (size_t)snprintf(file, FILE_MAX + 1, HEADER);
	char hex[KEY_HEX + 1];

	for (int i = 0; i < VAULT_KEYS; i++) {
		const struct one_key *key = &keys->key[i];

		if (!*key->id)
			continue;
		sodium_bin2hex(hex, sizeof(hex), key->bytes, sizeof(key->bytes));
		len += (size_t)snprintf(file + len, FILE_MAX + 1 - len, "%s %s %s\n", names[i],
					key->id, hex);
	}
	sodium_memzero(hex, sizeof(hex));
	return len;
}

/* A new file's name is only sure to be on disk once its directory is. */
static bool sync_directory(const char *path)
{
	char *dir = must_strdup(path), *slash;
	bool ok;
	int fd;

	slash = strrchr(dir, '/');
	if (slash)
		slash[slash == dir] = '\0';
	fd = open(slash ? dir : ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	free(dir);
	if (fd < 0)
		return false;
	ok = fsync(fd) == 0;
	close(fd);
	return ok;
}

/* A new file at path, whole or not at all, for the owner of the file before, if there was one. */
static bool file_write(const char *path, const struct vault_keys *keys, const struct stat *before)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0400);
	char file[FILE_MAX + 1];
	size_t len;
	bool ok;

	if (fd < 0)
		return false;
	len = file_compose(keys, file);
	ok = write(fd, file, len) == (ssize_t)len &&
	     (!before || fchown(fd, before->st_uid, before->st_gid) == 0) && fsync(fd) == 0;
	ok = close(fd) == 0 && ok && sync_directory(path);
	sodium_memzero(file, sizeof(file));
	if (!ok)
		unlink(path);
	return ok;
}

/* A reader finds the old file or the new one, also after a power cut. */
static bool file_replace(const char *path, const struct vault_keys *keys)
{
	char *fresh;
	bool ok;

	if (asprintf(&fresh, "%s" NEW_SUFFIX, path) < 0)
		die("asprintf");
	unlink(fresh);		/* of a run that was interrupted */
	ok = file_write(fresh, keys, &keys->file) && rename(fresh, path) == 0 && sync_directory(path);
	free(fresh);
	return ok;
}

bool vault_keys_create(const char *path, const char **error)
{
	struct vault_keys *keys = keys_alloc(error);
	bool ok;

	if (!keys)
		return false;
	make_key(&keys->key[VAULT_INDEX]);
	make_key(&keys->key[VAULT_ROOT]);
	ok = file_write(path, keys, NULL);
	if (!ok)
		*error = errno == EEXIST ? "the key file exists already"
					 : "the key file cannot be written";
	vault_keys_free(keys);
	return ok;
}

/* ---- reading ---- */

static const char *file_fault(const struct stat *st, bool credential)
{
	mode_t closed = credential ? S_IWGRP | S_IXGRP | S_IRWXO : S_IRWXG | S_IRWXO;

	if (!S_ISREG(st->st_mode))
		return "the key is not a regular file";
	if (st->st_uid != geteuid() && st->st_uid != 0)
		return "the key file belongs to another user";
	if (st->st_mode & closed)
		return "the key file is open to others: make it mode 0400";
	if (st->st_size < FILE_MIN || st->st_size > FILE_MAX)
		return "the key file has the wrong size";
	return NULL;
}

static const char *file_read(const char *path, bool credential, char file[FILE_MAX + 1],
			     struct stat *st)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
	const char *fault;

	if (fd < 0)
		return "the key file cannot be opened";
	fault = fstat(fd, st) == 0 ? file_fault(st, credential) : "the key file has no status";
	if (!fault && read(fd, file, (size_t)st->st_size) != st->st_size)
		fault = "the key file cannot be read";
	if (!fault)
		file[st->st_size] = '\0';
	close(fd);
	return fault;
}

static bool take(const char **at, const char *literal)
{
	size_t len = strlen(literal);

	if (strncmp(*at, literal, len) != 0)
		return false;
	*at += len;
	return true;
}

static bool take_bytes(const char **at, unsigned char *to, size_t n)
{
	size_t len = 0;

	if (strlen(*at) < 2 * n || sodium_hex2bin(to, n, *at, 2 * n, NULL, &len, NULL) != 0 ||
	    len != n)
		return false;
	*at += 2 * n;
	return true;
}

static bool take_key(const char **at, const char *name, struct one_key *key)
{
	const char *id;

	if (!take(at, name) || !take(at, " "))
		return false;
	id = *at;
	*at += strnlen(id, VAULT_KEY_ID - 1);
	if (!take(at, " ") || !take_bytes(at, key->bytes, sizeof(key->bytes)) || !take(at, "\n"))
		return false;
	make_id(key);
	return sodium_memcmp(id, key->id, VAULT_KEY_ID - 1) == 0;
}

static bool file_parse(const char *file, struct vault_keys *keys)
{
	if (!take(&file, HEADER) || !take_key(&file, names[VAULT_INDEX], &keys->key[VAULT_INDEX]) ||
	    !take_key(&file, names[VAULT_ROOT], &keys->key[VAULT_ROOT]))
		return false;
	return !*file || (take_key(&file, names[VAULT_ROOT_BEFORE],
				   &keys->key[VAULT_ROOT_BEFORE]) && !*file);
}

static struct vault_keys *load_file(const char *path, bool credential, const char **error)
{
	struct vault_keys *keys = keys_alloc(error);
	char file[FILE_MAX + 1];

	if (!keys)
		return NULL;
	*error = file_read(path, credential, file, &keys->file);
	if (!*error && !file_parse(file, keys))
		*error = "the key file is damaged";
	sodium_memzero(file, sizeof(file));
	if (!*error && !credential)
		snprintf(keys->path, sizeof(keys->path), "%s", path);	/* it was opened: it fits */
	if (!*error && sodium_mprotect_readonly(keys) == 0)
		return keys;
	if (!*error)
		*error = "the key cannot be protected";
	vault_keys_free(keys);
	return NULL;
}

struct vault_keys *vault_keys_copy(const struct vault_keys *keys)
{
	const char *error;
	struct vault_keys *copy = keys_alloc(&error);

	if (!copy)
		die(error);
	/* cppcheck-suppress nullPointerRedundantCheck ; die() does not return */
	*copy = *keys;
	if (sodium_mprotect_readonly(copy) != 0)
		die("sodium_mprotect_readonly");
	return copy;
}

struct vault_keys *vault_keys_load(const char *path, const char **error)
{
	const char *dir = getenv("CREDENTIALS_DIRECTORY");
	struct vault_keys *keys;
	char *credential;

	if (path)
		return load_file(path, false, error);
	if (!dir) {
		*error = "no key file is configured";
		return NULL;
	}
	if (asprintf(&credential, "%s/" VAULT_KEY_CREDENTIAL, dir) < 0)
		die("asprintf");
	keys = load_file(credential, true, error);
	free(credential);
	return keys;
}

/* ---- another file in its place ---- */

static bool same_file(const struct stat *a, const struct stat *b)
{
	return a->st_ino == b->st_ino && a->st_dev == b->st_dev &&
	       a->st_mtim.tv_sec == b->st_mtim.tv_sec && a->st_mtim.tv_nsec == b->st_mtim.tv_nsec;
}

void vault_keys_refresh(struct vault_keys *keys)
{
	struct vault_keys *fresh;
	const char *error;
	struct stat st;

	if (!*keys->path || stat(keys->path, &st) != 0 || same_file(&st, &keys->file))
		return;
	fresh = vault_keys_load(keys->path, &error);
	if (fresh && sodium_mprotect_readwrite(keys) == 0) {
		memcpy(keys->key, fresh->key, sizeof(keys->key));
		keys->file = fresh->file;
		if (sodium_mprotect_readonly(keys) != 0)
			die("sodium_mprotect_readonly");
	}
	vault_keys_free(fresh);
}

/* A copy that can be changed, of the file as it is. */
static struct vault_keys *load_to_change(const char *path, const char **error)
{
	struct vault_keys *keys = vault_keys_load(path, error);

	if (keys && sodium_mprotect_readwrite(keys) != 0)
		die("sodium_mprotect_readwrite");
	return keys;
}

static bool replace_and_free(const char *path, struct vault_keys *keys, const char **error)
{
	bool ok = file_replace(path, keys);

	if (!ok)
		*error = "the key file cannot be written";
	vault_keys_free(keys);
	return ok;
}

bool vault_keys_rotate_begin(const char *path, const char **error)
{
	struct vault_keys *keys = load_to_change(path, error);

	if (!keys)
		return false;
	if (*keys->key[VAULT_ROOT_BEFORE].id) {
		vault_keys_free(keys);
		return true;
	}
	keys->key[VAULT_ROOT_BEFORE] = keys->key[VAULT_ROOT];
	make_key(&keys->key[VAULT_ROOT]);
	return replace_and_free(path, keys, error);
}

bool vault_keys_rotate_end(const char *path, const char **error)
{
	struct vault_keys *keys = load_to_change(path, error);

	if (!keys)
		return false;
	sodium_memzero(&keys->key[VAULT_ROOT_BEFORE], sizeof(keys->key[VAULT_ROOT_BEFORE]));
	return replace_and_free(path, keys, error);
}
