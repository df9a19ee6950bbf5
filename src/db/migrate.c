#include "db/migrate.h"

#include <ctype.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#include "sync.h"

enum { DIGITS = 4, SHA256_HEX = crypto_hash_sha256_BYTES * 2 + 1 };

/* One key for all databases: advisory locks are per database. The number spells "haven". */
static const struct sql lock = { "migrate_lock", "SELECT pg_advisory_lock(448311747950)", 0,
				 SQL_ROLE_TOOL };
static const struct sql unlock = { "migrate_unlock", "SELECT pg_advisory_unlock(448311747950)", 0,
				   SQL_ROLE_TOOL };
static const struct sql exists = {
	"migrate_exists", "SELECT to_regclass('public.haven_migration') IS NOT NULL AS yes", 0,
	SQL_ROLE_TOOL
};
static const struct sql applied = {
	"migrate_applied",
	"SELECT name, sha256, to_char(applied_at, 'YYYY-MM-DD\"T\"HH24:MI:SS\"Z\"') AS applied_at"
	" FROM public.haven_migration ORDER BY name COLLATE \"C\"",
	0, SQL_ROLE_TOOL
};
static const struct sql record = {
	"migrate_record", "INSERT INTO public.haven_migration (name, sha256) VALUES ($1, $2)", 2,
	SQL_ROLE_TOOL
};

static const char create_table[] =
	"BEGIN;"
	"CREATE TABLE IF NOT EXISTS public.haven_migration ("
	" name text PRIMARY KEY,"
	" sha256 text NOT NULL CHECK (sha256 ~ '^[0-9a-f]{64}$'),"
	" applied_at timestamptz NOT NULL DEFAULT now());"
	"COMMENT ON TABLE public.haven_migration IS 'Schema files applied to this database.';"
	"COMMENT ON COLUMN public.haven_migration.name IS 'File name, four digits first.';"
	"COMMENT ON COLUMN public.haven_migration.sha256 IS 'SHA-256 of the file, in hex.';"
	"COMMENT ON COLUMN public.haven_migration.applied_at IS 'When it was applied.';"
	"COMMIT";

struct run {
	struct db_sync *sync;
	struct arena *arena;
	const struct migration *list;
	void (*progress)(const char *name, void *arg);
	void *arg;
	const char *error;
};

static bool fail(struct run *r, const char *name, const char *why)
{
	r->error = arena_printf(r->arena, "%s: %s", name, why);
	return false;
}

static void hash(const char *text, char hex[SHA256_HEX])
{
	unsigned char bytes[crypto_hash_sha256_BYTES];

	crypto_hash_sha256(bytes, (const unsigned char *)text, strlen(text));
	sodium_bin2hex(hex, SHA256_HEX, bytes, sizeof(bytes));
}

/* The list itself. */

static bool numbered(const char *name)
{
	for (int i = 0; i < DIGITS; i++)
		if (!isdigit((unsigned char)name[i]))
			return false;
	return name[DIGITS] == '_';
}

static bool check_list(struct run *r)
{
	const char *before = "0000";

	for (const struct migration *m = r->list; m->name; m++) {
		if (!numbered(m->name))
			return fail(r, m->name, "not named 0001_what.sql");
		if (strncmp(before, m->name, DIGITS) >= 0)
			return fail(r, m->name, "its number does not follow the one before");
		before = m->name;
	}
	return true;
}

/* What the database says, and how it compares. */

/* The applied migrations as result 0; NULL before the first run. */
static bool read_applied(struct run *r, struct batch **rows)
{
	struct batch *there = db_sync_query(r->sync, r->arena, &exists);

	*rows = NULL;
	if (batch_outcome(there) != DB_OK)
		return fail(r, "haven_migration", batch_debug(there));
	if (strcmp(batch_value(there, 0, 0, "yes"), "t") != 0)
		return true;
	*rows = db_sync_query(r->sync, r->arena, &applied);
	if (batch_outcome(*rows) != DB_OK)
		return fail(r, "haven_migration", batch_debug(*rows));
	return true;
}

static int applied_count(const struct batch *rows)
{
	return rows ? batch_rows(rows, 0) : 0;
}

static enum migration_state state_of_applied(const struct migration *m, const struct batch *rows,
					     int row)
{
	char hex[SHA256_HEX];

	hash(m->text, hex);
	return strcmp(hex, batch_value(rows, 0, row, "sha256")) == 0 ? MIGRATION_APPLIED
								     : MIGRATION_EDITED;
}

/* Merges the list and the rows, both in the order of names. */
static struct migration_status *compare(struct run *r, const struct batch *rows)
{
	const struct migration *m = r->list;
	int n = 0, row = 0, count = applied_count(rows), files = 0;
	struct migration_status *all;

	while (m[files].name)
		files++;
	all = arena_array_of(r->arena, (size_t)(files + count) + 1, struct migration_status);
	while (m->name || row < count) {
		const char *name = row < count ? batch_value(rows, 0, row, "name") : NULL;
		int order = !name ? -1 : !m->name ? 1 : strcmp(m->name, name);
		struct migration_status *s = &all[n++];

		if (order < 0) {
			s->name = m++->name;
			s->state = name ? MIGRATION_DISORDERED : MIGRATION_PENDING;
			continue;
		}
		s->name = name;
		s->applied_at = batch_value(rows, 0, row, "applied_at");
		s->state = order ? MIGRATION_MISSING : state_of_applied(m++, rows, row);
		row++;
	}
	return all;
}

const char *migration_state_name(enum migration_state state)
{
	static const char *const names[] = {
		[MIGRATION_APPLIED] = "applied",
		[MIGRATION_PENDING] = "pending",
		[MIGRATION_EDITED] = "edited after it was applied",
		[MIGRATION_MISSING] = "applied, but no such file",
		[MIGRATION_DISORDERED] = "not applied, though a later one is",
	};

	return names[state];
}

/* No later program can bring such a database up to date: say what to do with it. */
static const char *other_history(struct run *r, enum migration_state state)
{
	return arena_printf(r->arena,
			    "%s. This database was made by other schema files and cannot be brought up "
			    "to date. One from before the first release must be made anew: drop it, or "
			    "remove var/ (and the folder that var/pg points to) where `make run` made it",
			    migration_state_name(state));
}

/* The number of applied migrations, or -1 where the history and the files disagree. */
static int check_history(struct run *r, const struct migration_status *all)
{
	int done = 0;

	for (; all->name; all++) {
		if (all->state != MIGRATION_APPLIED && all->state != MIGRATION_PENDING) {
			fail(r, all->name, other_history(r, all->state));
			return -1;
		}
		done += all->state == MIGRATION_APPLIED;
	}
	return done;
}

/* Applying. */

static bool run_text(struct run *r, const char *name, const char *text)
{
	PGresult *result = PQexec(r->sync->pg, text);
	ExecStatusType status = PQresultStatus(result);
	bool ok = status == PGRES_COMMAND_OK || status == PGRES_TUPLES_OK ||
		  status == PGRES_EMPTY_QUERY;

	if (!ok)
		fail(r, name, PQresultErrorMessage(result));
	PQclear(result);
	return ok;
}

static bool record_applied(struct run *r, const struct migration *m)
{
	char hex[SHA256_HEX];
	struct batch *b;

	hash(m->text, hex);
	b = db_sync_query(r->sync, r->arena, &record, m->name, hex);
	return batch_outcome(b) == DB_OK || fail(r, m->name, batch_debug(b));
}

static bool apply_inside(struct run *r, const struct migration *m)
{
	if (!run_text(r, m->name, m->text))
		return false;
	if (PQtransactionStatus(r->sync->pg) != PQTRANS_INTRANS)
		return fail(r, m->name, "ends the transaction it runs in");
	if (!record_applied(r, m))
		return false;
	return db_sync_commit(r->sync) || fail(r, m->name, "could not be committed");
}

static bool apply(struct run *r, const struct migration *m)
{
	bool ok;

	if (r->progress)
		r->progress(m->name, r->arg);
	ok = db_sync_begin(r->sync) ? apply_inside(r, m) : fail(r, m->name, "no transaction");
	db_sync_rollback(r->sync);
	return ok;
}

static bool apply_pending(struct run *r)
{
	struct batch *rows;
	int done;

	if (!read_applied(r, &rows))
		return false;
	if (!rows && !run_text(r, "haven_migration", create_table))
		return false;
	done = check_history(r, compare(r, rows));
	if (done < 0)
		return false;
	for (const struct migration *m = r->list + done; m->name; m++)
		if (!apply(r, m))
			return false;
	return true;
}

/* The lock belongs to the session, so that it spans the transactions of all files. */
static bool run_locked(struct run *r)
{
	struct batch *b = db_sync_query(r->sync, r->arena, &lock);
	bool ok;

	if (batch_outcome(b) != DB_OK)
		return fail(r, "lock", batch_debug(b));
	ok = apply_pending(r);
	db_sync_query(r->sync, r->arena, &unlock);
	return ok;
}

bool migrate_run(struct db_sync *s, struct arena *a, const struct migration *list,
		 void (*progress)(const char *name, void *arg), void *arg, const char **error)
{
	struct run r = {
		.sync = s, .arena = a, .list = list, .progress = progress, .arg = arg,
	};
	bool ok = check_list(&r) && run_locked(&r);

	*error = r.error;
	return ok;
}

struct migration_status *migrate_status(struct db_sync *s, struct arena *a,
					const struct migration *list, const char **error)
{
	struct run r = { .sync = s, .arena = a, .list = list };
	struct batch *rows;
	struct migration_status *all = NULL;

	if (check_list(&r) && read_applied(&r, &rows))
		all = compare(&r, rows);
	*error = r.error;
	return all;
}
