#include "rows.h"

#include <sodium.h>
#include <string.h>
#include <unistd.h>

#include "base/date.h"
#include "seal/seal.h"

enum { BUFFER = 1 << 16, VALUE_MAX = 512, TOLD_EVERY = 20000 };

void rows_begin(struct rows *r, struct tool *t, const char *table, const struct sql *copy)
{
	*r = (struct rows){ .tool = t, .table = table, .terminal = isatty(STDOUT_FILENO) == 1,
			    .buffer = r->buffer ? r->buffer : arena_alloc(t->arena, BUFFER) };
	db_sync_copy_start(t->db, copy);
}

static void flush(struct rows *r)
{
	db_sync_copy_put(r->tool->db, r->buffer, r->len);
	r->len = 0;
}

bool rows_end(struct rows *r)
{
	bool ok;

	flush(r);
	ok = tool_ok(db_sync_copy_end(r->tool->db, r->tool->arena));
	if (ok)
		printf("%s%-18s %10lld\n", r->terminal ? "\r" : "", r->table, (long long)r->n);
	fflush(stdout);
	return ok;
}

static void put(struct rows *r, const char *s, size_t len)
{
	if (r->len + VALUE_MAX + len > BUFFER)
		flush(r);
	if (r->begun)
		r->buffer[r->len++] = '\t';
	memcpy(&r->buffer[r->len], s, len);
	r->len += len;
	r->begun = true;
}

void put_text(struct rows *r, const char *s)
{
	put(r, s ? s : "\\N", s ? strlen(s) : 2);
}

void put_null(struct rows *r)
{
	put_text(r, NULL);
}

void put_int(struct rows *r, int64_t n)
{
	char digits[24];
	int len = snprintf(digits, sizeof(digits), "%lld", (long long)n);

	put(r, digits, (size_t)len);
}

void put_bool(struct rows *r, bool b)
{
	put(r, b ? "t" : "f", 1);
}

void put_id(struct rows *r, enum demo_kind kind, int64_t index)
{
	char text[UUID_TEXT];

	uuid_format(demo_uuid(kind, index), text);
	put(r, text, UUID_TEXT - 1);
}

void put_day(struct rows *r, int32_t day)
{
	char text[11];

	if (day == DAY_NONE) {
		put_null(r);
		return;
	}
	day_format(day, text);
	put(r, text, 10);
}

void put_second(struct rows *r, int64_t at)
{
	char text[21];

	instant_format(at * SECOND_US, text);
	put(r, text, 20);
}

void put_bytes(struct rows *r, const unsigned char *bytes, size_t n)
{
	char hex[3 + 2 * SEAL_SEALED_MAX + 1] = "\\\\x";

	sodium_bin2hex(hex + 3, sizeof(hex) - 3, bytes, n);
	put(r, hex, 3 + 2 * n);
}

void put_end(struct rows *r)
{
	r->buffer[r->len++] = '\n';
	r->begun = false;
	r->n++;
	if (!r->terminal || r->n % TOLD_EVERY)
		return;
	printf("\r%-18s %10lld", r->table, (long long)r->n);
	fflush(stdout);
}
