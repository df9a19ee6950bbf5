#include "vault/keys.h"

#include <errno.h>
#include <fcntl.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define HEADER "haven-key 1 "

enum {
	HEADER_LEN = sizeof(HEADER) - 1,
	ID_AT = HEADER_LEN,
	KEY_AT = ID_AT + VAULT_KEY_ID,
	KEY_HEX = 2 * VAULT_KEY_BYTES,
	FILE_LEN = KEY_AT + KEY_HEX + 1,
};

_Static_assert(VAULT_KEY_BYTES == crypto_kdf_KEYBYTES, "the root key is a key of crypto_kdf");

/* Lives in sodium_malloc() pages: locked, guarded, DONTDUMP, wiped on release. */
struct vault_keys {
	unsigned char root[VAULT_KEY_BYTES];
	char id[VAULT_KEY_ID];
};

void vault_keys_derive(const struct vault_keys *keys, const char context[8], uint64_t id,
		       unsigned char out[VAULT_KEY_BYTES])
{
	if (crypto_kdf_derive_from_key(out, VAULT_KEY_BYTES, id, context, keys->root) != 0)
		abort();
}

const char *vault_keys_id(const struct vault_keys *keys)
{
	return keys->id;
}

static void make_id(struct vault_keys *keys)
{
	unsigned char derived[VAULT_KEY_BYTES];

	vault_keys_derive(keys, "HavenKId", 0, derived);
	sodium_bin2hex(keys->id, sizeof(keys->id), derived, (sizeof(keys->id) - 1) / 2);
	sodium_memzero(derived, sizeof(derived));
}

static struct vault_keys *keys_alloc(const char **error)
{
	struct vault_keys *keys = NULL;

	if (sodium_init() >= 0)
		keys = sodium_malloc(sizeof(*keys));
	if (!keys)
		*error = "no protected memory for the key";
	return keys;
}

void vault_keys_free(struct vault_keys *keys)
{
	sodium_free(keys);
}

static void file_compose(const struct vault_keys *keys, char file[FILE_LEN + 1])
{
	char hex[KEY_HEX + 1];

	sodium_bin2hex(hex, sizeof(hex), keys->root, sizeof(keys->root));
	snprintf(file, FILE_LEN + 1, HEADER "%s\n%s\n", keys->id, hex);
	sodium_memzero(hex, sizeof(hex));
}

/* A new file's name is only sure to be on disk once its directory is. */
static bool sync_directory(const char *path)
{
	char *dir = strdup(path), *slash;
	bool ok;
	int fd;

	if (!dir)
		abort();
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

static bool file_write(const char *path, const char file[FILE_LEN])
{
	int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0400);
	bool ok;

	if (fd < 0)
		return false;
	ok = write(fd, file, FILE_LEN) == FILE_LEN && fsync(fd) == 0;
	ok = close(fd) == 0 && ok && sync_directory(path);
	if (!ok)
		unlink(path);
	return ok;
}

bool vault_keys_create(const char *path, const char **error)
{
	struct vault_keys *keys = keys_alloc(error);
	char file[FILE_LEN + 1];
	bool ok;

	if (!keys)
		return false;
	crypto_kdf_keygen(keys->root);
	make_id(keys);
	file_compose(keys, file);
	ok = file_write(path, file);
	if (!ok)
		*error = errno == EEXIST ? "the key file exists already"
					 : "the key file can not be written";
	sodium_memzero(file, sizeof(file));
	vault_keys_free(keys);
	return ok;
}

static const char *file_fault(const struct stat *st, bool credential)
{
	mode_t closed = credential ? S_IWGRP | S_IXGRP | S_IRWXO : S_IRWXG | S_IRWXO;

	if (!S_ISREG(st->st_mode))
		return "the key is not a regular file";
	if (st->st_uid != geteuid() && st->st_uid != 0)
		return "the key file belongs to another user";
	if (st->st_mode & closed)
		return "the key file is open to others: make it mode 0400";
	if (st->st_size != FILE_LEN)
		return "the key file has the wrong size";
	return NULL;
}

static const char *file_read(const char *path, bool credential, char file[FILE_LEN])
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
	const char *fault;
	struct stat st;

	if (fd < 0)
		return "the key file can not be opened";
	fault = fstat(fd, &st) == 0 ? file_fault(&st, credential) : "the key file has no status";
	if (!fault && read(fd, file, FILE_LEN) != FILE_LEN)
		fault = "the key file can not be read";
	close(fd);
	return fault;
}

static bool file_parse(const char file[FILE_LEN], struct vault_keys *keys)
{
	size_t len = 0;

	if (memcmp(file, HEADER, HEADER_LEN) != 0 || file[KEY_AT - 1] != '\n' ||
	    file[FILE_LEN - 1] != '\n')
		return false;
	if (sodium_hex2bin(keys->root, sizeof(keys->root), file + KEY_AT, KEY_HEX, NULL, &len,
			   NULL) != 0 || len != sizeof(keys->root))
		return false;
	make_id(keys);
	return sodium_memcmp(file + ID_AT, keys->id, VAULT_KEY_ID - 1) == 0;
}

static struct vault_keys *load_file(const char *path, bool credential, const char **error)
{
	struct vault_keys *keys = keys_alloc(error);
	char file[FILE_LEN];

	if (!keys)
		return NULL;
	*error = file_read(path, credential, file);
	if (!*error && !file_parse(file, keys))
		*error = "the key file is damaged";
	sodium_memzero(file, sizeof(file));
	if (!*error && sodium_mprotect_readonly(keys) == 0)
		return keys;
	if (!*error)
		*error = "the key can not be protected";
	vault_keys_free(keys);
	return NULL;
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
		abort();
	keys = load_file(credential, true, error);
	free(credential);
	return keys;
}
