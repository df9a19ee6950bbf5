#include "database.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/die.h"
#include "base/log.h"
#include "db/sync.h"

/* Somebody else at work on the same account or case is waited for, but not for long. */
static const char settings[] = "-c lock_timeout=2000 -c jit=off";

struct vault_db {
	pthread_mutex_t lock;
	const char *what;
	char *conninfo;
	struct db_sync *db;	/* NULL: not connected */
	bool away;		/* as logged */
};

struct vault_db *vault_db_new(const char *what, const char *conninfo)
{
	struct vault_db *d = must_calloc(1, sizeof(*d));

	if (pthread_mutex_init(&d->lock, NULL) != 0)
		die("vault_db: pthread_mutex_init");
	d->conninfo = must_strdup(conninfo);
	d->what = what;
	return d;
}

void vault_db_free(struct vault_db *d)
{
	if (!d)
		return;
	db_sync_close(d->db);
	pthread_mutex_destroy(&d->lock);
	free(d->conninfo);
	free(d);
}

/* A line where it changes, not one a request. */
static void note(struct vault_db *d, bool away)
{
	if (d->away != away)
		log_event(away ? LOG_WARN : LOG_INFO, d->what, "state",
			  away ? "the database is away or refuses" : "connected", NULL);
	d->away = away;
}

static void disconnect(struct vault_db *d)
{
	db_sync_close(d->db);
	d->db = NULL;
	note(d, true);
}

static bool connected(struct vault_db *d, struct arena *a)
{
	const char *error;

	if (!d->db)
		d->db = db_sync_open_as(a, d->conninfo, "haven-vault", settings, &error);
	note(d, !d->db);
	return d->db != NULL;
}

/* Nothing has been asked yet: where the connection turns out to be gone, a new one will do. */
static bool begun(struct vault_db *d, struct arena *a)
{
	for (int tries = 2; tries > 0 && connected(d, a); tries--) {
		if (db_sync_begin(d->db))
			return true;
		disconnect(d);
	}
	return false;
}

/* What was asked wrongly is told apart from what failed. */
static enum vault_status refusal(const struct batch *b)
{
	const struct db_error *e = batch_error(b);

	if (e && strcmp(e->sqlstate, "HV401") == 0)
		return VAULT_NO_SESSION;
	return e && strcmp(e->sqlstate, "23514") == 0 ? VAULT_REFUSED : VAULT_UNAVAILABLE;
}

static const struct batch *committed(struct vault_db *d, struct batch *b, enum vault_status *status)
{
	if (batch_outcome(b) == DB_ERROR) {
		*status = refusal(b);
		db_sync_rollback(d->db);
		return NULL;
	}
	if (batch_outcome(b) == DB_OK && db_sync_commit(d->db))
		return b;
	disconnect(d);
	return NULL;
}

const struct batch *vault_db_exec(struct vault_db *d, struct arena *a, enum vault_status *status,
			      const struct sql *sql, int n, const char *const *params)
{
	const struct batch *b = NULL;

	*status = VAULT_UNAVAILABLE;
	pthread_mutex_lock(&d->lock);
	if (begun(d, a))
		b = committed(d, db_sync_exec(d->db, a, sql, n, params), status);
	pthread_mutex_unlock(&d->lock);
	return b;
}

const char *uuid_text(struct arena *a, struct uuid u)
{
	char *text = arena_alloc(a, UUID_TEXT);

	uuid_format(u, text);
	return text;
}
