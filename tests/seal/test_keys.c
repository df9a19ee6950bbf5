#include <criterion/criterion.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "seal/blind.h"
#include "seal/seal.h"

static char dir[] = "/tmp/haven-keys-XXXXXX", path[96];

static void make_dir(void)
{
	cr_assert(mkdtemp(dir) != NULL, "a directory of our own");
	snprintf(path, sizeof(path), "%s/" VAULT_KEY_CREDENTIAL, dir);
}

static void remove_dir(void)
{
	unlink(path);
	rmdir(dir);
}

TestSuite(keys, .init = make_dir, .fini = remove_dir);

static void create(void)
{
	const char *error = NULL;

	cr_assert(vault_keys_create(path, &error), "created: %s", error);
}

static void refused(const char *expected)
{
	const char *error = NULL;

	cr_assert(vault_keys_load(path, &error) == NULL, "must not load: %s", expected);
	cr_assert(strstr(error, expected) != NULL, "says why: \"%s\", not \"%s\"", expected, error);
	cr_assert(strstr(error, path) == NULL, "does not tell the path");
}

static void patch(off_t at, const char *bytes)
{
	int fd;

	chmod(path, 0600);
	fd = open(path, O_WRONLY);
	cr_assert(pwrite(fd, bytes, strlen(bytes), at) == (ssize_t)strlen(bytes), "patched");
	close(fd);
	chmod(path, 0400);
}

Test(keys, created_file_is_private_and_loads_the_same_key_each_time)
{
	unsigned char one[VAULT_KEY_BYTES], two[VAULT_KEY_BYTES];
	const char *error = NULL;
	struct vault_keys *a, *b;
	struct stat st;

	create();
	cr_assert(stat(path, &st) == 0 && (st.st_mode & 07777) == 0400, "mode 0400");
	a = vault_keys_load(path, &error);
	b = vault_keys_load(path, &error);
	cr_assert(a && b, "loads: %s", error);
	cr_assert_str_eq(vault_keys_id(a, VAULT_ROOT), vault_keys_id(b, VAULT_ROOT), "the same id");
	cr_assert_eq(strlen(vault_keys_id(a, VAULT_ROOT)), VAULT_KEY_ID - 1, "a whole id");
	vault_keys_derive(a, VAULT_ROOT, "HavenTst", 1, one);
	vault_keys_derive(b, VAULT_ROOT, "HavenTst", 1, two);
	cr_assert_arr_eq(one, two, sizeof(one), "the same derived key");
	vault_keys_free(a);
	vault_keys_free(b);
}

Test(keys, derived_keys_differ_by_context_by_id_and_by_root)
{
	unsigned char key[4][VAULT_KEY_BYTES];
	const char *error = NULL;
	struct vault_keys *keys;

	create();
	keys = vault_keys_load(path, &error);
	vault_keys_derive(keys, VAULT_ROOT, "HavenTst", 1, key[0]);
	vault_keys_derive(keys, VAULT_ROOT, "HavenTst", 2, key[1]);
	vault_keys_derive(keys, VAULT_ROOT, "HavenTsu", 1, key[2]);
	vault_keys_free(keys);
	unlink(path);
	create();
	keys = vault_keys_load(path, &error);
	vault_keys_derive(keys, VAULT_ROOT, "HavenTst", 1, key[3]);
	vault_keys_free(keys);
	for (int i = 0; i < 4; i++)
		for (int j = 0; j < i; j++)
			cr_assert_arr_neq(key[i], key[j], VAULT_KEY_BYTES, "%d, %d", i, j);
}

Test(keys, creating_never_overwrites)
{
	const char *error = NULL;
	struct vault_keys *before, *after;

	create();
	before = vault_keys_load(path, &error);
	cr_assert(!vault_keys_create(path, &error), "refused");
	cr_assert(strstr(error, "exists") != NULL, "says why: %s", error);
	after = vault_keys_load(path, &error);
	cr_assert_str_eq(vault_keys_id(before, VAULT_ROOT), vault_keys_id(after, VAULT_ROOT), "the old key stands");
	vault_keys_free(before);
	vault_keys_free(after);
}

Test(keys, file_open_to_group_or_others_is_refused)
{
	static const mode_t modes[] = { 0440, 0404, 0420, 0402, 0410, 0401, 0644, 0600 | 0040 };

	create();
	for (size_t i = 0; i < sizeof(modes) / sizeof(modes[0]); i++) {
		chmod(path, modes[i]);
		refused("open to others");
	}
}

Test(keys, wrong_size_is_refused)
{
	create();
	cr_assert(truncate(path, 40) == 0, "cut");
	refused("wrong size");
	cr_assert(truncate(path, 4000) == 0, "grown");
	refused("wrong size");
}

Test(keys, damage_anywhere_is_noticed)
{
	create();
	patch(0, "raven");
	refused("damaged");
	patch(0, "haven");
	patch(12, "zzzz");
	refused("damaged");
	unlink(path);
	create();
	patch(40, "ghij");
	refused("damaged");
	unlink(path);
	create();
	patch(40, "00000000");
	refused("damaged");
}

Test(keys, what_is_no_regular_file_is_refused)
{
	char target[128];

	create();
	snprintf(target, sizeof(target), "%s/real", dir);
	cr_assert(rename(path, target) == 0 && symlink(target, path) == 0, "a link");
	refused("cannot be opened");
	unlink(path);
	unlink(target);
	cr_assert(mkfifo(path, 0400) == 0, "a pipe");
	refused("not a regular file");
	unlink(path);
	refused("cannot be opened");
}

Test(keys, another_users_file_is_refused)
{
	if (geteuid() != 0)
		cr_skip("only root can give a file away");
	create();
	cr_assert(chown(path, 65534, 65534) == 0, "given away");
	refused("another user");
}

Test(keys, credentials_directory_is_used_without_a_path)
{
	const char *error = NULL;
	struct vault_keys *keys;

	unsetenv("CREDENTIALS_DIRECTORY");
	cr_assert(vault_keys_load(NULL, &error) == NULL, "none configured");
	create();
	chmod(path, 0440);
	setenv("CREDENTIALS_DIRECTORY", dir, 1);
	keys = vault_keys_load(NULL, &error);
	cr_assert(keys != NULL, "a credential may show its access list as group read: %s", error);
	vault_keys_free(keys);
	chmod(path, 0444);
	cr_assert(vault_keys_load(NULL, &error) == NULL, "but not be open to all");
}

/* ---- rotation ---- */

static struct vault_keys *load(void)
{
	const char *error = NULL;
	struct vault_keys *keys = vault_keys_load(path, &error);

	cr_assert(keys != NULL, "loads: %s", error);
	return keys;
}

static void begin(void)
{
	const char *error = NULL;

	cr_assert(vault_keys_rotate_begin(path, &error), "begun: %s", error);
}

static void finish(void)
{
	const char *error = NULL;

	cr_assert(vault_keys_rotate_end(path, &error), "ended: %s", error);
}

static const struct seal_owner owner = { SEAL_PROPERTY, { 1, 2 }, { 3, 4 } };

Test(keys, data_keys_outlive_a_rotation_and_the_old_root_does_not)
{
	unsigned char wrapped[SEAL_WRAPPED], again[SEAL_WRAPPED];
	struct vault_keys *before, *during, *after;
	struct seal_key key, same;
	struct stat st;

	create();
	before = load();
	seal_key_make(before, &owner, &key, wrapped);
	begin();
	during = load();
	cr_assert_str_eq(vault_keys_id(during, VAULT_ROOT_BEFORE), vault_keys_id(before, VAULT_ROOT));
	cr_assert_str_neq(vault_keys_id(during, VAULT_ROOT), vault_keys_id(before, VAULT_ROOT));
	cr_assert(seal_key_rewrap(during, &owner, wrapped, again), "the old one opens still");
	cr_assert(!seal_key_open(before, &owner, again, &same), "the old root does not open the new one");
	finish();
	after = load();
	cr_assert_str_eq(vault_keys_id(after, VAULT_ROOT_BEFORE), "", "gone");
	cr_assert(seal_key_open(after, &owner, again, &same), "wrapped anew");
	cr_assert_arr_eq(same.bytes, key.bytes, sizeof(key.bytes), "the same data key");
	cr_assert(!seal_key_open(after, &owner, wrapped, &same), "what was left behind is lost");
	cr_assert(stat(path, &st) == 0 && (st.st_mode & 07777) == 0400, "mode 0400 still");
	vault_keys_free(before);
	vault_keys_free(during);
	vault_keys_free(after);
}

Test(keys, a_rotation_that_was_interrupted_goes_on_with_the_same_root)
{
	struct vault_keys *one, *two;

	create();
	begin();
	one = load();
	begin();
	two = load();
	for (int k = 0; k < VAULT_KEYS; k++)
		cr_assert_str_eq(vault_keys_id(one, k), vault_keys_id(two, k), "key %d", k);
	vault_keys_free(one);
	vault_keys_free(two);
}

Test(keys, the_same_person_has_the_same_index_after_a_rotation)
{
	char before[BLIND_SIZE], after[BLIND_SIZE];
	struct vault_keys *keys;

	create();
	keys = load();
	cr_assert(blind_index(keys, BLIND_PERSON, NAME_EXACT, "Ann Example", 1, before));
	vault_keys_free(keys);
	begin();
	finish();
	keys = load();
	cr_assert(blind_index(keys, BLIND_PERSON, NAME_EXACT, "Ann Example", 1, after));
	cr_assert_str_eq(before, after);
	vault_keys_free(keys);
}

Test(keys, a_vault_that_runs_takes_up_the_new_file)
{
	struct vault_keys *running, *now;
	unsigned char wrapped[SEAL_WRAPPED];
	struct seal_key key;

	create();
	running = load();
	begin();
	now = load();
	seal_key_make(now, &owner, &key, wrapped);
	cr_assert(!seal_key_open(running, &owner, wrapped, &key), "not yet");
	vault_keys_refresh(running);
	cr_assert(seal_key_open(running, &owner, wrapped, &key), "now it does");
	chmod(path, 0600);
	cr_assert(truncate(path, 10) == 0);
	vault_keys_refresh(running);
	cr_assert(seal_key_open(running, &owner, wrapped, &key), "a damaged file changes nothing");
	unlink(path);
	vault_keys_refresh(running);
	cr_assert(seal_key_open(running, &owner, wrapped, &key), "nor does none");
	vault_keys_free(running);
	vault_keys_free(now);
}

Test(keys, a_replaced_file_stays_its_owner_s)
{
	struct stat st;

	if (geteuid() != 0)
		cr_skip("only root can give a file away");
	create();
	cr_assert_eq(lchown(path, 0, 65534), 0);
	begin();
	cr_assert(stat(path, &st) == 0 && st.st_gid == 65534, "of the group as before");
}
