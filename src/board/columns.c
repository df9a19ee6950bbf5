#include "columns.h"

#include <assert.h>
#include <endian.h>
#include <string.h>

#include "base/date.h"
#include "base/text.h"
#include "base/uuid.h"

void columns_find(const struct batch *b, int statement, const char *const names[], int column[COLUMNS_MAX])
{
	for (int i = 0; names[i]; i++) {
		assert(i < COLUMNS_MAX);
		column[i] = batch_column(b, statement, names[i]);
		assert(column[i] >= 0);
	}
}

const char *row_text(const struct row *r, int col)
{
	return batch_value_at(r->batch, r->statement, r->row, r->column[col]);
}

int64_t row_int(const struct row *r, int col, int64_t unknown)
{
	const char *s = row_text(r, col);
	int64_t n;

	return s && text_to_i64(s, &n) ? n : unknown;
}

enum tri row_tri(const struct row *r, int col)
{
	const char *s = row_text(r, col);

	if (!s)
		return TRI_UNKNOWN;
	return *s == 't' ? TRI_YES : TRI_NO;
}

int32_t row_day(const struct row *r, int col)
{
	const char *s = row_text(r, col);
	int32_t day;

	if (!s)
		return DAY_NONE;
	return day_parse(s, &day) ? day : INT32_MAX;
}

int row_code(const struct row *r, int col, const struct code_list *list)
{
	int i = code_index(list, row_text(r, col));

	return i < 0 ? 0 : i;
}

struct uuid row_uuid(const struct row *r, int col)
{
	const char *s = row_text(r, col);
	struct uuid u = { 0, 0 };

	if (!s || !uuid_parse(s, &u))
		return (struct uuid){ 0, 0 };
	return u;
}

/* PostgreSQL counts from 2000-01-01. */
enum { EPOCH_DAY = 10957 };
static const int64_t epoch_us = EPOCH_DAY * INT64_C(86400) * SECOND_US;

static int32_t four_bytes(const char *s)
{
	uint32_t n;

	memcpy(&n, s, sizeof(n));
	return (int32_t)be32toh(n);
}

static uint64_t eight_bytes(const char *s)
{
	uint64_t n;

	memcpy(&n, s, sizeof(n));
	return be64toh(n);
}

struct uuid cell_uuid(const struct row *r, int col)
{
	const char *s = row_text(r, col);

	return s ? (struct uuid){ eight_bytes(s), eight_bytes(s + 8) } : (struct uuid){ 0, 0 };
}

bool cell_bool(const struct row *r, int col)
{
	return *row_text(r, col) != 0;
}

int64_t cell_int(const struct row *r, int col, int64_t unknown)
{
	const char *s = row_text(r, col);

	return s ? four_bytes(s) : unknown;
}

int32_t cell_day(const struct row *r, int col)
{
	const char *s = row_text(r, col);
	int32_t day = s ? four_bytes(s) : DAY_NONE;

	return day == DAY_NONE || day == INT32_MAX ? day : day + EPOCH_DAY;
}

int64_t cell_instant(const struct row *r, int col, int64_t unknown)
{
	const char *s = row_text(r, col);

	return s ? (int64_t)eight_bytes(s) + epoch_us : unknown;
}

bool next_piece(const char **at, char separator, char piece[PIECE_MAX])
{
	const char *from = *at, *end;
	size_t len;

	if (!from || !*from)
		return false;
	end = strchr(from, separator);
	len = end ? (size_t)(end - from) : strlen(from);
	*at = end ? end + 1 : from + len;
	if (len >= PIECE_MAX)
		len = PIECE_MAX - 1;
	memcpy(piece, from, len);
	piece[len] = '\0';
	return true;
}

code_set row_bits(const struct row *r, int col, const struct code_list *list)
{
	const char *at = row_text(r, col);
	char piece[PIECE_MAX];
	code_set bits = 0;

	if (!at || *at != '{')
		return 0;
	for (at++; next_piece(&at, ',', piece);) {
		int i;

		piece[strcspn(piece, "}")] = '\0';
		i = code_index(list, piece);
		if (i >= 0)
			bits |= code_bit(i);
	}
	return bits;
}
