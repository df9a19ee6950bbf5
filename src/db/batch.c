#include "batch.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"

enum { FIRST_STEPS = 4 };

struct batch *batch_new(struct arena *a)
{
	struct batch *b = arena_new_of(a, struct batch);

	b->arena = a;
	return b;
}

static struct step *add_step(struct batch *b, const struct sql *s)
{
	if (b->n == b->cap) {
		int cap = b->cap ? b->cap * 2 : FIRST_STEPS;

		b->steps = arena_grow(b->arena, b->steps, (size_t)b->cap * sizeof(*b->steps),
				      (size_t)cap * sizeof(*b->steps));
		b->cap = cap;
	}
	b->steps[b->n] = (struct step){ .sql = s };
	return &b->steps[b->n++];
}

int batch_add(struct batch *b, const struct sql *s, int n, const char *const *params)
{
	const char **copy = n ? arena_array_of(b->arena, (size_t)n, const char *) : NULL;

	assert(n == s->nparams);
	for (int i = 0; i < n; i++)
		copy[i] = arena_strdup(b->arena, params[i]);
	add_step(b, s)->params = copy;
	return b->n - 1;
}

int batch_size(const struct batch *b)
{
	return b->n;
}

int batch_frames(const struct batch *b)
{
	return b->n + (b->head ? 1 : 0) + (b->tail ? 1 : 0);
}

const struct sql *batch_frame(const struct batch *b, int i, const char *const **params)
{
	int at = b->head ? i - 1 : i;

	*params = NULL;
	if (at < 0)
		return b->head;
	if (at >= b->n)
		return b->tail;
	*params = b->steps[at].params;
	return b->steps[at].sql;
}

static void clear_result(void *r)
{
	PQclear(r);
}

static const char *field(const struct batch *b, const PGresult *r, int code)
{
	return arena_strdup(b->arena, PQresultErrorField(r, code));
}

static void take_error(struct batch *b, const PGresult *r, const char *statement)
{
	const char *state = PQresultErrorField(r, PG_DIAG_SQLSTATE);

	/* libpq makes its own results without a state, for a connection that broke. */
	batch_refuse(b, DB_ERROR, state ? state : "08006");
	b->error.constraint = field(b, r, PG_DIAG_CONSTRAINT_NAME);
	b->error.table = field(b, r, PG_DIAG_TABLE_NAME);
	b->error.statement = statement;
	b->debug = arena_strdup(b->arena, PQresultErrorMessage(r));
}

static void keep(struct batch *b, int at, PGresult *r)
{
	b->steps[at].result = r;
	arena_defer(b->arena, clear_result, r);
}

/* COMMIT of a transaction that failed earlier succeeds with the tag ROLLBACK. */
static void check_tail(struct batch *b, PGresult *r)
{
	if (strcmp(PQcmdStatus(r), "COMMIT") != 0)
		batch_refuse(b, DB_ERROR, "25P02");
}

static void take_success(struct batch *b, int frame, PGresult *r)
{
	int at = b->head ? frame - 1 : frame;

	if (at >= 0 && at < b->n) {
		keep(b, at, r);
		return;
	}
	if (at == b->n)
		check_tail(b, r);
	PQclear(r);
}

void batch_take(struct batch *b, PGresult *r)
{
	ExecStatusType status = PQresultStatus(r);
	const char *const *params;
	int frame = b->got++;
	bool known = frame < batch_frames(b);

	if (known && (status == PGRES_TUPLES_OK || status == PGRES_COMMAND_OK)) {
		take_success(b, frame, r);
		return;
	}
	/* After an error come only PGRES_PIPELINE_ABORTED: the first result has the reason. */
	if (b->outcome == DB_OK)
		take_error(b, r, known ? batch_frame(b, frame, &params)->name : NULL);
	PQclear(r);
}

void batch_refuse(struct batch *b, enum db_outcome outcome, const char *sqlstate)
{
	b->outcome = outcome;
	memcpy(b->error.sqlstate, sqlstate, strnlen(sqlstate, sizeof(b->error.sqlstate) - 1));
}

struct batch *batch_of_result(struct arena *a, const struct sql *s, PGresult *r)
{
	struct batch *b = batch_new(a);

	add_step(b, s);
	batch_take(b, r);
	return b;
}

enum db_outcome batch_outcome(const struct batch *b)
{
	return b->outcome;
}

const struct db_error *batch_error(const struct batch *b)
{
	return b->outcome == DB_ERROR ? &b->error : NULL;
}

bool db_retryable(const struct batch *b)
{
	return b->outcome == DB_ERROR && (strcmp(b->error.sqlstate, "40001") == 0 ||
					  strcmp(b->error.sqlstate, "40P01") == 0);
}

const char *batch_debug(const struct batch *b)
{
	return b->debug ? b->debug : "";
}

static const PGresult *result(const struct batch *b, int i)
{
	assert(b->outcome == DB_OK && i >= 0 && i < b->n && b->steps[i].result);
	return b->steps[i].result;
}

int batch_rows(const struct batch *b, int i)
{
	return PQntuples(result(b, i));
}

int batch_columns(const struct batch *b, int i)
{
	return PQnfields(result(b, i));
}

const char *batch_column_name(const struct batch *b, int i, int col)
{
	return PQfname(result(b, i), col);
}

int batch_column(const struct batch *b, int i, const char *name)
{
	const PGresult *r = result(b, i);

	/* Not PQfnumber(): it folds case and copies the name each time. */
	for (int col = 0; col < PQnfields(r); col++)
		if (strcmp(PQfname(r, col), name) == 0)
			return col;
	return -1;
}

unsigned int batch_type(const struct batch *b, int i, int col)
{
	return PQftype(result(b, i), col);
}

const char *batch_value(const struct batch *b, int i, int row, const char *name)
{
	int col = batch_column(b, i, name);

	assert(col >= 0);
	return batch_value_at(b, i, row, col);
}

const char *batch_value_at(const struct batch *b, int i, int row, int col)
{
	const PGresult *r = result(b, i);
	const char *value = PQgetvalue(r, row, col);	/* checks the row and the column itself */

	assert(value);
	return *value == '\0' && PQgetisnull(r, row, col) ? NULL : value;
}

int batch_length_at(const struct batch *b, int i, int row, int col)
{
	return PQgetlength(result(b, i), row, col);
}

int batch_affected(const struct batch *b, int i)
{
	(void)result(b, i);
	return (int)strtol(PQcmdTuples(b->steps[i].result), NULL, 10);
}
