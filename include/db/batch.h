/* A batch: statements that travel together, and their results.
 *
 *	struct batch *b = batch_new(arena);
 *	batch_query(b, &SQL_HOLD_CREATE, household, vacancy, "120");
 *	db_tx_commit(tx, b, hold_created, ctx);
 *	…
 *	if (batch_outcome(b) == DB_OK && batch_rows(b, 0) == 1)
 *		id = batch_value(b, 0, 0, "id");
 *
 * Everything lives in the arena, results too. A batch is submitted once; while it is under way its
 * arena must live. Parameters and values are PostgreSQL's text form in UTF-8: bool "t" or "f",
 * times ISO 8601 in UTC ("2026-11-22 02:14:00.5+00"), date "2026-11-22"; binary values where the
 * statement says so.
 */
#pragma once
#include <stdbool.h>

#include "base/arena.h"
#include "db/sql.h"

enum db_outcome {
	DB_OK,
	DB_ERROR,	/* the database refused; nothing of the transaction stays: batch_error() */
	DB_BUSY,	/* never sent: queue full, waited too long, not connected. 503, repeat */
	DB_LOST,	/* connection lost. A commit may or may not have happened: 503, the caller
			 * repeats with its Idempotency-Key. Nothing uncommitted stays. */
};

/* What an error may tell. The server's message can hold personal data and is left out. */
struct db_error {
	char sqlstate[6];
	const char *constraint;	/* or NULL */
	const char *table;	/* or NULL */
	const char *statement;	/* name of the statement that failed, or NULL */
};

/* Result types that a writer of JSON tells apart (OIDs of pg_type, fixed by PostgreSQL). */
enum db_type {
	DB_TYPE_BOOL = 16,
	DB_TYPE_INT8 = 20,
	DB_TYPE_INT2 = 21,
	DB_TYPE_INT4 = 23,
	DB_TYPE_TEXT = 25,
	DB_TYPE_JSON = 114,
	DB_TYPE_FLOAT4 = 700,
	DB_TYPE_FLOAT8 = 701,
	DB_TYPE_VARCHAR = 1043,
	DB_TYPE_DATE = 1082,
	DB_TYPE_TIMESTAMPTZ = 1184,
	DB_TYPE_NUMERIC = 1700,
	DB_TYPE_UUID = 2950,
	DB_TYPE_JSONB = 3802,
};

struct batch;

struct batch *batch_new(struct arena *a);
/* Appends a statement; n must be its nparams (asserted). Copies the parameters; a NULL parameter is
 * SQL NULL. Returns the statement's index, from 0, by which its rows are read. */
int batch_add(struct batch *b, const struct sql *s, int n, const char *const *params);
/* batch_query(b, &SQL_X), batch_query(b, &SQL_X, first, second): each argument a const char *. */
#define batch_query(b, s, ...)                                                                     \
	batch_add((b), (s),                                                                        \
		  (int)(sizeof((const char *const[]){ NULL, __VA_ARGS__ }) / sizeof(char *)) - 1,  \
		  (const char *const[]){ NULL, __VA_ARGS__ } + 1)
/* The number of statements. */
int batch_size(const struct batch *b);

/* Known once the callback runs. */
enum db_outcome batch_outcome(const struct batch *b);
/* Of a DB_ERROR; NULL otherwise. */
const struct db_error *batch_error(const struct batch *b);
/* True for serialisation failure (40001) and deadlock (40P01): nothing was applied and the same
 * steps may well succeed in a new transaction. Resubmit once. */
bool db_retryable(const struct batch *b);
/* The server's message, or "". May quote personal values: for tests and debuggers, never logged. */
const char *batch_debug(const struct batch *b);

/* Results of statement i; only after DB_OK. Rows and columns count from 0. Out of range is a
 * programming error (asserted), and so is a column name that the statement does not return. */
int batch_rows(const struct batch *b, int i);
int batch_columns(const struct batch *b, int i);
const char *batch_column_name(const struct batch *b, int i, int col);
/* The column's index, or -1. */
int batch_column(const struct batch *b, int i, const char *name);
/* The column's type OID: an enum db_type or another. */
unsigned int batch_type(const struct batch *b, int i, int col);
/* NULL for SQL NULL. Lives as long as the arena. */
const char *batch_value(const struct batch *b, int i, int row, const char *name);
const char *batch_value_at(const struct batch *b, int i, int row, int col);
/* Bytes of the value, without its NUL. */
int batch_length_at(const struct batch *b, int i, int row, int col);
/* Rows that an INSERT, UPDATE, DELETE or SELECT touched. */
int batch_affected(const struct batch *b, int i);
