#include "base/text.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/die.h"

enum { FIRST_ROOM = 256 };

struct text text_in(struct arena *a)
{
	struct text t = { .arena = a, .data = arena_room(a, NULL, 0, 0, FIRST_ROOM), .cap = FIRST_ROOM };

	*t.data = '\0';
	return t;
}

char *text_room(struct text *t, size_t more)
{
	if (t->cap - t->len <= more) {
		size_t cap = t->cap * 2;

		while (cap - t->len <= more)
			cap *= 2;
		t->data = arena_room(t->arena, t->data, t->len + 1, t->cap, cap);
		t->cap = cap;
	}
	return t->data + t->len;
}

void text_put(struct text *t, const void *bytes, size_t len)
{
	memcpy(text_room(t, len), bytes, len);
	t->len += len;
	t->data[t->len] = '\0';
}

void text_puts(struct text *t, const char *s)
{
	text_put(t, s, strlen(s));
}

void text_putc(struct text *t, char c)
{
	text_put(t, &c, 1);
}

void text_i64(struct text *t, int64_t n)
{
	char digits[24], *p = digits + sizeof(digits);
	uint64_t left = n < 0 ? -(uint64_t)n : (uint64_t)n;

	do
		*--p = (char)('0' + left % 10);
	while (left /= 10);
	if (n < 0)
		*--p = '-';
	text_put(t, p, (size_t)(digits + sizeof(digits) - p));
}

void text_printf(struct text *t, const char *fmt, ...)
{
	size_t room = t->cap - t->len;
	va_list ap, again;
	int len;

	va_start(ap, fmt);
	va_copy(again, ap);
	len = vsnprintf(t->data + t->len, room, fmt, ap);
	va_end(ap);
	if (len < 0)
		die("text: vsnprintf");
	if ((size_t)len >= room)
		vsnprintf(text_room(t, (size_t)len + 1), (size_t)len + 1, fmt, again);
	va_end(again);
	t->len += (size_t)len;
}

static const char *html_entity(char c)
{
	switch (c) {
	case '&': return "&amp;";
	case '<': return "&lt;";
	case '>': return "&gt;";
	case '"': return "&quot;";
	case '\'': return "&#39;";
	default: return NULL;
	}
}

void text_thousands(struct text *t, uint64_t n)
{
	if (n >= 1000) {
		text_thousands(t, n / 1000);
		text_printf(t, ",%03u", (unsigned)(n % 1000));
	} else {
		text_printf(t, "%u", (unsigned)n);
	}
}

void text_pounds(struct text *t, int64_t pence)
{
	uint64_t magnitude = pence < 0 ? -(uint64_t)pence : (uint64_t)pence;

	text_puts(t, pence < 0 ? "\u2212£" : "£");
	text_thousands(t, magnitude / 100);
	text_printf(t, ".%02u", (unsigned)(magnitude % 100));
}

void text_html(struct text *t, const char *s, size_t len)
{
	size_t from = 0;

	for (size_t i = 0; i < len; i++) {
		const char *entity = html_entity(s[i]);

		if (!entity)
			continue;
		text_put(t, s + from, i - from);
		text_puts(t, entity);
		from = i + 1;
	}
	text_put(t, s + from, len - from);
}

char *text_done(struct text *t)
{
	*text_room(t, 1) = '\0';
	return t->data;
}

bool text_to_i64(const char *s, int64_t *n)
{
	bool negative = *s == '-';
	int64_t value = 0;

	s += negative;
	if (!*s)
		return false;
	for (; *s; s++) {
		if (*s < '0' || *s > '9')
			return false;
		if (__builtin_mul_overflow(value, 10, &value) ||
		    __builtin_sub_overflow(value, *s - '0', &value))
			return false;
	}
	if (!negative && value == INT64_MIN)
		return false;
	*n = negative ? value : -value;
	return true;
}

bool text_eq(const char *a, const char *b)
{
	return a == b || (a && b && strcmp(a, b) == 0);
}

/* Bytes of the sequence that starts with c, 0 where none does. */
static size_t utf8_length(unsigned char c)
{
	if (c < 0x80)
		return 1;
	if (c >= 0xc2 && c < 0xe0)
		return 2;
	if (c >= 0xe0 && c < 0xf0)
		return 3;
	return c >= 0xf0 && c < 0xf5 ? 4 : 0;
}

/* The second byte rules out overlong forms, surrogates and points beyond U+10FFFF. */
static bool utf8_second_ok(unsigned char first, unsigned char second)
{
	switch (first) {
	case 0xe0: return second >= 0xa0;
	case 0xed: return second < 0xa0;
	case 0xf0: return second >= 0x90;
	case 0xf4: return second < 0x90;
	default: return true;
	}
}

static bool utf8_sequence_ok(const unsigned char *p, size_t n)
{
	for (size_t i = 1; i < n; i++)
		if ((p[i] & 0xc0) != 0x80)
			return false;
	return n == 1 || utf8_second_ok(p[0], p[1]);
}

ptrdiff_t text_utf8_len(const char *s, size_t bytes)
{
	const unsigned char *p = (const unsigned char *)s, *end = p + bytes;
	ptrdiff_t points = 0;

	for (; p < end; points++) {
		size_t n = utf8_length(*p);

		if (n == 0 || n > (size_t)(end - p) || !utf8_sequence_ok(p, n))
			return -1;
		p += n;
	}
	return points;
}

uint32_t text_next_point(const char **s)
{
	const unsigned char *p = (const unsigned char *)*s;
	uint32_t c = *p++;
	int more = c < 0xc0 ? 0 : c < 0xe0 ? 1 : c < 0xf0 ? 2 : 3;

	if (more)
		c &= 0x3fu >> more;
	while (more--)
		c = c << 6 | (*p++ & 0x3f);
	*s = (const char *)p;
	return c;
}

static bool blank(char c)
{
	return c == ' ' || (c >= '\t' && c <= '\r');
}

char *text_normal(struct arena *a, const char *s)
{
	char *copy = arena_alloc(a, strlen(s) + 1), *to = copy;

	for (; *s; s++) {
		if (blank(*s)) {
			if (to > copy && to[-1] != ' ')
				*to++ = ' ';
			continue;
		}
		*to++ = *s >= 'A' && *s <= 'Z' ? (char)(*s - 'A' + 'a') : *s;
	}
	if (to > copy && to[-1] == ' ')
		to--;
	*to = '\0';
	return copy;
}
