/* The key file, and the data keys that it wraps. */
#include <errno.h>
#include <sodium.h>
#include <string.h>
#include <sys/stat.h>

#include "base/uuid.h"
#include "json/write.h"
#include "seal/keys.h"
#include "seal/seal.h"
#include "sql.h"
#include "tool/tool.h"

/* ---- making one ---- */

static bool make_parents(struct arena *a, const char *path)
{
	char *copy = arena_strdup(a, path);

	for (char *slash = strchr(copy + 1, '/'); slash; slash = strchr(slash + 1, '/')) {
		*slash = '\0';
		if (mkdir(copy, 0700) != 0 && errno != EEXIST)
			return false;
		*slash = '/';
	}
	return true;
}

/* The path of the key file; NULL after printing that there is none. */
static const char *key_path(struct tool *t)
{
	if (*t->config.key_file)
		return t->config.key_file;
	tool_fail("key_file is empty: the key comes from the systemd credential %s",
		  VAULT_KEY_CREDENTIAL);
	return NULL;
}

int tool_keys_init(struct tool *t)
{
	const char *path = key_path(t), *error;

	if (!path)
		return TOOL_FAILED;
	if (!make_parents(t->arena, path))
		return tool_fail("%s: %s", path, strerror(errno));
	if (!vault_keys_create(path, &error))
		return tool_fail("%s: %s", path, error);
	printf("made %s: keep a copy apart from the database, because what it seals cannot be opened "
	       "without it\n",
	       path);
	return TOOL_DONE;
}

static struct vault_keys *load(struct tool *t)
{
	const char *path = t->config.key_file, *error;
	struct vault_keys *keys = vault_keys_load(*path ? path : NULL, &error);

	if (!keys)
		tool_fail("%s%s%s", path, *path ? ": " : "", error);
	return keys;
}

/* ---- showing the keys ---- */

int tool_keys_status(struct tool *t)
{
	struct vault_keys *keys = load(t);
	struct batch *b;

	if (!keys)
		return TOOL_FAILED;
	printf("index    %s\ncurrent  %s\n", vault_keys_id(keys, VAULT_INDEX),
	       vault_keys_id(keys, VAULT_ROOT));
	if (*vault_keys_id(keys, VAULT_ROOT_BEFORE))
		printf("previous %s: a rotation was interrupted; `haven keys rotate` continues it\n",
		       vault_keys_id(keys, VAULT_ROOT_BEFORE));
	vault_keys_free(keys);
	if (!tool_open(t))
		return TOOL_FAILED;
	b = db_sync_query(t->db, t->arena, &SQL_KEYS_COUNT);
	if (!tool_ok(b))
		return TOOL_FAILED;
	putchar('\n');
	tool_print(b);
	return TOOL_DONE;
}

/* ---- rotating ---- */

struct rotation {
	struct tool *t;
	const struct vault_keys *keys;
	long long done;
};

static bool uuid_at(const struct batch *b, int row, const char *column, struct uuid *u)
{
	return uuid_parse(batch_value(b, 0, row, column), u);
}

static bool rewrap(const struct rotation *r, const struct batch *b, int row,
		   char hex[2 * SEAL_WRAPPED + 1])
{
	const char *old = batch_value(b, 0, row, "wrapped");
	unsigned char wrapped[SEAL_WRAPPED], fresh[SEAL_WRAPPED];
	struct seal_owner owner = { SEAL_HOUSEHOLD, { 0, 0 }, { 0, 0 } };
	size_t len = 0;

	if (strcmp(batch_value(b, 0, row, "subject_kind"), "property") == 0)
		owner.kind = SEAL_PROPERTY;
	if (!uuid_at(b, row, "subject_id", &owner.id) ||
	    !uuid_at(b, row, "organisation_id", &owner.organisation) ||
	    sodium_hex2bin(wrapped, sizeof(wrapped), old, strlen(old), NULL, &len, NULL) != 0 ||
	    len != sizeof(wrapped) || !seal_key_rewrap(r->keys, &owner, wrapped, fresh))
		return false;
	sodium_bin2hex(hex, 2 * SEAL_WRAPPED + 1, fresh, sizeof(fresh));
	return true;
}

/* The keys of one batch as JSON, [{id, kind, wrapped}]; NULL if one does not open. */
static const char *rewrap_all(const struct rotation *r, struct arena *a, const struct batch *b)
{
	struct text t = text_in(a);
	char hex[2 * SEAL_WRAPPED + 1];

	json_array_begin(&t);
	for (int row = 0; row < batch_rows(b, 0); row++) {
		if (!rewrap(r, b, row, hex)) {
			tool_fail("the data key of %s %s does not open: nothing is lost, the previous "
				  "root is kept", batch_value(b, 0, row, "subject_kind"),
				  batch_value(b, 0, row, "subject_id"));
			return NULL;
		}
		json_object_begin(&t);
		json_put_text(&t, "id", batch_value(b, 0, row, "subject_id"));
		json_put_text(&t, "kind", batch_value(b, 0, row, "subject_kind"));
		json_put_text(&t, "wrapped", hex);
		json_object_end(&t);
	}
	json_array_end(&t);
	return text_done(&t);
}

/* One transaction: the rows are locked while their keys are wrapped again. Returns the number of
 * rows; -1 after printing why it failed. */
static int rewrap_batch(struct rotation *r, struct arena *a)
{
	struct db_sync *db = r->t->db;
	struct batch *b = db_sync_query(db, a, &SQL_KEYS_TO_REWRAP, vault_keys_id(r->keys, VAULT_ROOT));
	const char *json;

	if (!tool_ok(b))
		return -1;
	if (batch_rows(b, 0) == 0)
		return 0;
	json = rewrap_all(r, a, b);
	if (!json || !tool_ok(db_sync_query(db, a, &SQL_KEYS_REWRAP, json)))
		return -1;
	return batch_rows(b, 0);
}

static int rewrap_and_commit(struct rotation *r)
{
	struct arena *a = arena_new();
	int n = db_sync_begin(r->t->db) ? rewrap_batch(r, a) : -1;

	if (n < 0)
		db_sync_rollback(r->t->db);
	else if (!db_sync_commit(r->t->db))
		n = -1;
	arena_free(a);
	return n;
}

static bool rewrap_every(struct rotation *r)
{
	int n;

	while ((n = rewrap_and_commit(r)) > 0) {
		r->done += n;
		printf("%lld data keys wrapped again\n", r->done);
		fflush(stdout);
	}
	return n == 0;
}

/* Marks the old root key, so that no new data key can be wrapped by it. If a data key was added
 * while the others were wrapped again, the mark is refused, and that key is wrapped again too. */
static bool leave_behind(struct rotation *r)
{
	enum { TRIES = 10 };

	for (int i = 0; i < TRIES; i++) {
		struct batch *b;

		if (!rewrap_every(r))
			return false;
		b = db_sync_query(r->t->db, r->t->arena, &SQL_KEYS_LEAVE,
				  vault_keys_id(r->keys, VAULT_ROOT_BEFORE));
		if (batch_outcome(b) == DB_OK)
			return true;
		if (!batch_error(b) || strcmp(batch_error(b)->sqlstate, "23503") != 0)
			return tool_ok(b);
	}
	return tool_fail("new data keys of the previous root key keep coming: does the service use "
			 "another key file?") == TOOL_DONE;
}

static int rotate(struct tool *t, const char *path)
{
	struct vault_keys *keys = load(t);
	struct rotation r = { .t = t, .keys = keys };
	const char *error;
	bool ok;

	if (!keys)
		return TOOL_FAILED;
	ok = leave_behind(&r);
	if (ok)
		printf("%s is the root key now; older backups need the older key file\n",
		       vault_keys_id(keys, VAULT_ROOT));
	vault_keys_free(keys);
	if (!ok)
		return TOOL_FAILED;
	if (!vault_keys_rotate_end(path, &error))
		return tool_fail("%s: %s", path, error);
	return TOOL_DONE;
}

int tool_keys_rotate(struct tool *t)
{
	const char *path = key_path(t), *error;

	if (!path || !tool_open(t))
		return TOOL_FAILED;
	if (!vault_keys_rotate_begin(path, &error))
		return tool_fail("%s: %s", path, error);
	return rotate(t, path);
}
