/* Reading result columns by name: a list of names is looked up once a batch. Shared by this
 * layer. */
#pragma once
#include <stdint.h>

#include "db/batch.h"
#include "match/codes.h"

/* One row of a result; columns are those of the list it was made with. */
struct row {
	const struct batch *batch;
	int statement, row;
	const int *column;
};

enum { COLUMNS_MAX = 64 };

/* names ends with NULL; every one must be there (asserted). */
void columns_find(const struct batch *b, int statement, const char *const names[], int column[COLUMNS_MAX]);

const char *row_text(const struct row *r, int col);
int64_t row_int(const struct row *r, int col, int64_t unknown);
enum tri row_tri(const struct row *r, int col);
/* DAY_NONE where NULL; infinity is INT32_MAX. */
int32_t row_day(const struct row *r, int col);
/* The code's index, or 0 (unknown) where NULL. */
int row_code(const struct row *r, int col, const struct code_list *list);
struct uuid row_uuid(const struct row *r, int col);
/* Bits of the codes of a text array ("{a,b}"); codes the list does not have are left out. */
code_set row_bits(const struct row *r, int col, const struct code_list *list);

/* The same of binary results. */
struct uuid cell_uuid(const struct row *r, int col);
bool cell_bool(const struct row *r, int col);
int64_t cell_int(const struct row *r, int col, int64_t unknown);	/* integer, of four bytes */
int32_t cell_day(const struct row *r, int col);
int64_t cell_instant(const struct row *r, int col, int64_t unknown);	/* timestamptz */

/* The pieces of a list in one text: next_piece(&at, ';', buffer) copies the next one and returns
 * false at the end. Pieces that do not fit are cut. */
enum { PIECE_MAX = 128 };
bool next_piece(const char **at, char separator, char piece[PIECE_MAX]);
