/* A blocking connection: for the operator's tool, and for the sealer's thread in the vault. Never
 * on an event loop. */
#pragma once
#include <stddef.h>

#include "db/batch.h"

struct db_sync;

/* Connects, or returns NULL with *error set in the arena. No statement timeout; UTC, ISO dates. */
struct db_sync *db_sync_open(struct arena *a, const char *conninfo, const char **error)
	__attribute__((warn_unused_result));
/* The same under an application name of its own and with settings ("-c jit=off"). */
struct db_sync *db_sync_open_as(struct arena *a, const char *conninfo, const char *application_name,
				const char *settings, const char **error)
	__attribute__((warn_unused_result));
/* Takes NULL. */
void db_sync_close(struct db_sync *s);

/* Runs one statement; the batch returned has its outcome and, as result 0, its rows. */
struct batch *db_sync_exec(struct db_sync *s, struct arena *a, const struct sql *sql, int n,
			   const char *const *params);
/* db_sync_query(s, a, &SQL_X, first, second). */
#define db_sync_query(s, a, sql, ...)                                                              \
	db_sync_exec((s), (a), (sql),                                                              \
		     (int)(sizeof((const char *const[]){ 0, __VA_ARGS__ }) / sizeof(char *)) - 1,  \
		     (const char *const[]){ 0, __VA_ARGS__ } + 1)

/* One transaction around several statements; each says whether it worked. An error in between
 * leaves only db_sync_rollback(); a commit then returns false. */
bool db_sync_begin(struct db_sync *s) __attribute__((warn_unused_result));
bool db_sync_commit(struct db_sync *s) __attribute__((warn_unused_result));
void db_sync_rollback(struct db_sync *s);

/* COPY … FROM STDIN: start, put any number of times (text or CSV as the statement says), end.
 * The outcome and the number of rows (batch_affected) are in the batch that end returns; a failed
 * start or put is reported there too, so start and put need no test. */
void db_sync_copy_start(struct db_sync *s, const struct sql *sql);
void db_sync_copy_put(struct db_sync *s, const char *bytes, size_t len);
struct batch *db_sync_copy_end(struct db_sync *s, struct arena *a);

/* COPY … TO STDOUT: calls row for every row as it comes, without its line's end, and returns the
 * outcome at the end. The line may be written to; it is gone when row returns. */
struct batch *db_sync_copy_out(struct db_sync *s, struct arena *a, const struct sql *sql,
			       void (*row)(char *line, size_t len, void *arg), void *arg);
