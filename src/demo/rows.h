/* Writes rows into one table by COPY, in PostgreSQL's text format. Progress goes to standard
 * output: on a terminal as a line that is rewritten, elsewhere as one line for each table. */
#pragma once
#include "random.h"
#include "tool/tool.h"

struct rows {
	struct tool *tool;
	const char *table;
	int64_t n;
	bool begun;		/* the row has a value */
	bool terminal;
	char *buffer;
	size_t len;
};

void rows_begin(struct rows *r, struct tool *t, const char *table, const struct sql *copy);
/* Ends the copy; false after printing why the database did not take it. */
bool rows_end(struct rows *r);

/* One value each, in the order of the statement's columns. Text holds no tab, newline or backslash.
 */
void put_text(struct rows *r, const char *s);	/* NULL is SQL NULL */
void put_null(struct rows *r);
void put_int(struct rows *r, int64_t n);
void put_bool(struct rows *r, bool b);
void put_id(struct rows *r, enum demo_kind kind, int64_t index);
void put_day(struct rows *r, int32_t day);	/* DAY_NONE is SQL NULL */
void put_second(struct rows *r, int64_t at);	/* seconds since the epoch */
/* Binary, as hexadecimal. */
void put_bytes(struct rows *r, const unsigned char *bytes, size_t n);
void put_end(struct rows *r);
