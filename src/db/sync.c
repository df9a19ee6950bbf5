#include "sync.h"

#include <assert.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "base/die.h"
#include "batch.h"
#include "params.h"

enum { PIECE = 1 << 20 };

static void ignore_notice(void *arg, const PGresult *r)
{
	(void)arg;
	(void)r;
}

struct db_sync *db_sync_open(struct arena *a, const char *conninfo, const char **error)
{
	return db_sync_open_as(a, conninfo, "haven-tool", "-c lock_timeout=60000", error);
}

struct db_sync *db_sync_open_as(struct arena *a, const char *conninfo, const char *application_name,
				const char *settings, const char **error)
{
	struct params p = params_of(a, conninfo, application_name, settings);
	struct db_sync *s = must_calloc(1, sizeof(*s));

	s->pg = PQconnectdbParams(p.keywords, p.values, 1);
	if (PQstatus(s->pg) != CONNECTION_OK) {
		*error = arena_strdup(a, PQerrorMessage(s->pg));
		db_sync_close(s);
		return NULL;
	}
	PQsetNoticeReceiver(s->pg, ignore_notice, NULL);
	*error = NULL;
	return s;
}

void db_sync_close(struct db_sync *s)
{
	if (!s)
		return;
	PQclear(s->copy_error);
	PQfinish(s->pg);
	free(s);
}

/* libpq returns NULL only where memory or the connection is gone. */
static PGresult *some(struct db_sync *s, PGresult *r)
{
	return r ? r : PQmakeEmptyPGresult(s->pg, PGRES_FATAL_ERROR);
}

/* A broken connection is reported as DB_LOST here too. */
static struct batch *finished(struct db_sync *s, struct arena *a, const struct sql *sql,
			      PGresult *r)
{
	struct batch *b = batch_of_result(a, sql, some(s, r));

	if (b->outcome == DB_ERROR && PQstatus(s->pg) == CONNECTION_BAD)
		batch_refuse(b, DB_LOST, "");
	return b;
}

struct batch *db_sync_exec(struct db_sync *s, struct arena *a, const struct sql *sql, int n,
			   const char *const *params)
{
	assert(n == sql->nparams && !s->copying);
	return finished(s, a, sql,
			PQexecParams(s->pg, sql->text, n, NULL, params, NULL, NULL, sql->binary));
}

static bool command(struct db_sync *s, const char *text, const char *tag)
{
	PGresult *r = PQexec(s->pg, text);
	bool ok = PQresultStatus(r) == PGRES_COMMAND_OK && strcmp(PQcmdStatus(r), tag) == 0;

	PQclear(r);
	return ok;
}

bool db_sync_begin(struct db_sync *s)
{
	return command(s, "BEGIN", "BEGIN");
}

bool db_sync_commit(struct db_sync *s)
{
	return command(s, "COMMIT", "COMMIT");	/* of a failed transaction the tag is ROLLBACK */
}

void db_sync_rollback(struct db_sync *s)
{
	if (PQtransactionStatus(s->pg) != PQTRANS_IDLE)
		command(s, "ROLLBACK", "ROLLBACK");
}

void db_sync_copy_start(struct db_sync *s, const struct sql *sql)
{
	PGresult *r;

	assert(!s->copying);
	s->copying = sql;
	r = some(s, PQexec(s->pg, sql->text));
	if (PQresultStatus(r) == PGRES_COPY_IN)
		PQclear(r);
	else
		s->copy_error = r;
}

static void put_piece(struct db_sync *s, const char *bytes, int len)
{
	/* The server's reason comes with the result at the end. */
	if (!s->copy_error && PQputCopyData(s->pg, bytes, len) != 1)
		s->copy_error = PQmakeEmptyPGresult(s->pg, PGRES_FATAL_ERROR);
}

void db_sync_copy_put(struct db_sync *s, const char *bytes, size_t len)
{
	assert(s->copying);
	for (; len > PIECE; bytes += PIECE, len -= PIECE)
		put_piece(s, bytes, PIECE);
	put_piece(s, bytes, (int)len);
}

static PGresult *end_copy(struct db_sync *s)
{
	PGresult *r, *extra;

	PQputCopyEnd(s->pg, NULL);
	r = some(s, PQgetResult(s->pg));
	while ((extra = PQgetResult(s->pg)))
		PQclear(extra);
	return r;
}

struct batch *db_sync_copy_end(struct db_sync *s, struct arena *a)
{
	PGresult *r = s->copy_error ? s->copy_error : end_copy(s);
	const struct sql *sql = s->copying;

	s->copy_error = NULL;
	s->copying = NULL;
	return finished(s, a, sql, r);
}

static PGresult *rows_out(struct db_sync *s, void (*row)(char *line, size_t len, void *arg),
			  void *arg)
{
	char *line;
	int len;

	while ((len = PQgetCopyData(s->pg, &line, 0)) > 0) {
		line[--len] = '\0';	/* a row ends its line */
		row(line, (size_t)len, arg);
		PQfreemem(line);
	}
	return PQgetResult(s->pg);
}

struct batch *db_sync_copy_out(struct db_sync *s, struct arena *a, const struct sql *sql,
			       void (*row)(char *line, size_t len, void *arg), void *arg)
{
	PGresult *r = some(s, PQexec(s->pg, sql->text)), *extra;

	assert(!s->copying);
	if (PQresultStatus(r) == PGRES_COPY_OUT) {
		PQclear(r);
		r = rows_out(s, row, arg);
	}
	while ((extra = PQgetResult(s->pg)))
		PQclear(extra);
	return finished(s, a, sql, r);
}
