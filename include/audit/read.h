/* Feeds the verifier (audit/verify.h): from a database, or from what pg_dump wrote. Both are read
 * as COPY text, by the same reader.
 *
 * From a database: one snapshot of one connection, links in order by their index, memory that does
 * not grow with the trail. From a dump: one pass over the file, 72 bytes for each event, since
 * pg_dump writes events before links and neither in their order.
 *
 * A dump is plain text as from `pg_dump -t 'audit.*' haven`; a whole database's dump will do as
 * well: other tables are passed over. Nothing in it is trusted or run.
 */
#pragma once
#include <stdio.h>

#include "audit/verify.h"
#include "db/sync.h"

/* Called after every so many rows, with the rows so far. */
typedef void audit_progress(int64_t rows, void *arg);

/* A row of COPY text, without its line's end, taken apart in place: the number of fields, of which
 * no more than max are kept, or -1 where it is none. */
int audit_copy_split(char *line, size_t len, struct audit_field *fields, int max);

/* False with *error, in the arena, where the rows cannot be read; their faults are told to the
 * verifier. */
bool audit_read_database(struct db_sync *db, struct arena *a, struct audit_verify *v,
			 audit_progress *progress, void *arg, const char **error)
	__attribute__((warn_unused_result));
/* The same; the file need not be seekable. *error is a constant text. */
bool audit_read_dump(FILE *f, struct audit_verify *v, audit_progress *progress, void *arg,
		     const char **error) __attribute__((warn_unused_result));

/* The newest head of a database; number 0 where there is none. */
bool audit_read_newest(struct db_sync *db, struct arena *a, struct audit_head *head,
		       const char **error) __attribute__((warn_unused_result));
