#include "json/write.h"

#include <string.h>

#define ONES (~UINT64_C(0) / 255)
#define HIGHS (ONES * 0x80)

enum { WORD = sizeof(uint64_t), LANES = 16 };

typedef signed char lanes __attribute__((vector_size(LANES)));

const unsigned char json_opens[256] = {
	['{'] = 1, ['['] = 1, [':'] = 1, [' '] = 1, ['\n'] = 1, ['\t'] = 1,
};

/* Bytes that stand in a string as they are: ASCII but controls, quote and backslash. */
static const bool plain[256] = {
	[0x20 ... '"' - 1] = true, ['"' + 1 ... '\\' - 1] = true, ['\\' + 1 ... 0x7f] = true,
};

static inline char *room(struct text *t, size_t more)
{
	return t->cap - t->len > more ? t->data + t->len : text_room(t, more);
}

/* Where a value of up to `more` bytes begins, after the comma it may need. */
static inline char *value_start(struct text *t, size_t more)
{
	char *p = room(t, more + 1);

	if (t->len && !json_opens[(unsigned char)p[-1]])
		*p++ = ',';
	return p;
}

static inline void value_end(struct text *t, char *end)
{
	*end = '\0';
	t->len = (size_t)(end - t->data);
}

void json_put_raw(struct text *t, const char *json, size_t len)
{
	char *p = value_start(t, len);

	memcpy(p, json, len);
	value_end(t, p + len);
}

#define put_literal(t, literal) json_put_quoted_key((t), "" literal, sizeof(literal) - 1)

static inline void put_closing(struct text *t, char c)
{
	char *p = room(t, 1);

	*p = c;
	value_end(t, p + 1);
}

void json_object_begin(struct text *t)
{
	put_literal(t, "{");
}

void json_object_end(struct text *t)
{
	put_closing(t, '}');
}

void json_array_begin(struct text *t)
{
	put_literal(t, "[");
}

void json_array_end(struct text *t)
{
	put_closing(t, ']');
}

void json_put_null(struct text *t)
{
	put_literal(t, "null");
}

void json_put_bool(struct text *t, bool b)
{
	if (b)
		put_literal(t, "true");
	else
		put_literal(t, "false");
}

void json_put_tri(struct text *t, enum tri b)
{
	if (b == TRI_UNKNOWN)
		json_put_null(t);
	else
		json_put_bool(t, b == TRI_YES);
}

/* Nearly all numbers of an answer are of one or two digits. */
void json_put_i64(struct text *t, int64_t n)
{
	char digits[24], *end = digits + sizeof(digits), *from = end;
	uint64_t left = n < 0 ? -(uint64_t)n : (uint64_t)n;
	char *p = value_start(t, sizeof(digits));

	if (n < 0)
		*p++ = '-';
	for (; left >= 10; left /= 10)
		*--from = (char)('0' + left % 10);
	*p++ = (char)('0' + left);
	while (from < end)
		*p++ = *from++;
	value_end(t, p);
}

/* Copies eight bytes and says whether none of them needs an escape or a check. Subtracting sets
 * the high bit of a byte below 0x20 and, after the xor, of a quote or backslash; a borrow comes
 * only from such a byte. */
static inline bool copy_word(char *to, const char *s)
{
	uint64_t w;

	memcpy(&w, s, sizeof(w));
	memcpy(to, &w, sizeof(w));
	return ((w | (w - ONES * 0x20) | ((w ^ ONES * '"') - ONES) | ((w ^ ONES * '\\') - ONES)) &
		HIGHS) == 0;
}

/* The same for sixteen. As signed bytes those that are not ASCII lie below 0x20 too. */
static inline bool copy_lanes(char *to, const char *s)
{
	lanes v, special;
	uint64_t half[2];

	memcpy(&v, s, sizeof(v));
	memcpy(to, &v, sizeof(v));
	special = (v < 0x20) | (v == '"') | (v == '\\');
	memcpy(half, &special, sizeof(half));
	return (half[0] | half[1]) == 0;
}

/* Copies the bytes at the front of s that need neither escape nor check and returns how many they
 * were; `to` has room for len. It copies sixteen or eight at a time, and the last copy may
 * overlap the one before. */
static inline size_t copy_plain(char *to, const char *s, size_t len)
{
	size_t n = 0;

	while (n + LANES <= len && copy_lanes(to + n, s + n))
		n += LANES;
	if (len >= LANES && n + LANES > len && copy_lanes(to + len - LANES, s + len - LANES))
		return len;
	if (len >= WORD && len < LANES && copy_word(to, s) &&
	    copy_word(to + len - WORD, s + len - WORD))
		return len;
	for (; n < len && plain[(unsigned char)s[n]]; n++)
		to[n] = s[n];
	return n;
}

/* Bytes of the valid UTF-8 sequence at s, or 0. */
static size_t sequence(const char *s, size_t left)
{
	unsigned char c = (unsigned char)*s;
	size_t n = c < 0xe0 ? 2 : c < 0xf0 ? 3 : 4;

	return n <= left && text_utf8_len(s, n) == 1 ? n : 0;
}

static void put_escape(struct text *t, unsigned char c)
{
	static const char hex[] = "0123456789abcdef";
	static const char shorts[] = { ['\b'] = 'b', ['\t'] = 't', ['\n'] = 'n', ['\f'] = 'f',
				       ['\r'] = 'r', ['"'] = '"', ['\\'] = '\\' };

	if (shorts[c])
		text_put(t, (char[]){ '\\', shorts[c] }, 2);
	else
		text_put(t, (char[]){ '\\', 'u', '0', '0', hex[c >> 4], hex[c & 15] }, 6);
}

/* Writes the character at s, which is not plain; returns how many bytes of s it was. */
static size_t put_special(struct text *t, const char *s, size_t left)
{
	size_t n;

	if ((unsigned char)*s < 0x80) {
		put_escape(t, (unsigned char)*s);
		return 1;
	}
	n = sequence(s, left);
	if (n == 0) {
		text_lit(t, "\xef\xbf\xbd");
		return 1;
	}
	text_put(t, s, n);
	return n;
}

static void put_rest(struct text *t, const char *s, size_t len)
{
	while (len) {
		size_t n = put_special(t, s, len);

		s += n;
		len -= n;
		n = copy_plain(room(t, len), s, len);
		t->len += n;
		s += n;
		len -= n;
	}
	put_closing(t, '"');
}

void json_put_strn(struct text *t, const char *s, size_t len)
{
	char *p = value_start(t, len + 2);
	size_t n;

	*p++ = '"';
	n = copy_plain(p, s, len);
	p += n;
	if (n == len) {
		*p++ = '"';
		value_end(t, p);
		return;
	}
	value_end(t, p);
	put_rest(t, s + n, len - n);
}

void json_put_str(struct text *t, const char *s)
{
	if (s)
		json_put_strn(t, s, strlen(s));
	else
		json_put_null(t);
}

static void put_name(struct text *t, const char *name, size_t len)
{
	json_put_strn(t, name, len);
	text_putc(t, ':');
}

void json_put_name(struct text *t, const char *name)
{
	put_name(t, name, strlen(name));
}

static void put_members(struct text *t, const json_t *object)
{
	json_t *own = (json_t *)(uintptr_t)object;	/* jansson's iterators take no const */

	json_object_begin(t);
	for (void *i = json_object_iter(own); i; i = json_object_iter_next(own, i)) {
		put_name(t, json_object_iter_key(i), json_object_iter_key_len(i));
		json_put_value(t, json_object_iter_value(i));
	}
	json_object_end(t);
}

static void put_items(struct text *t, const json_t *array)
{
	json_array_begin(t);
	for (size_t i = 0; i < json_array_size(array); i++)
		json_put_value(t, json_array_get(array, i));
	json_array_end(t);
}

void json_put_value(struct text *t, const json_t *value)
{
	switch (json_typeof(value)) {
	case JSON_OBJECT: put_members(t, value); return;
	case JSON_ARRAY: put_items(t, value); return;
	case JSON_STRING:
		json_put_strn(t, json_string_value(value), json_string_length(value));
		return;
	case JSON_INTEGER: json_put_i64(t, json_integer_value(value)); return;
	case JSON_TRUE: json_put_bool(t, true); return;
	case JSON_FALSE: json_put_bool(t, false); return;
	case JSON_REAL:
	case JSON_NULL: json_put_null(t); return;
	}
}
