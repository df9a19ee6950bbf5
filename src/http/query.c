#include "http/query.h"

#include <string.h>

#include "base/text.h"

/* The value of a hexadecimal digit, or -1. */
static int hex(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c |= 0x20;
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* The byte of the escape at s; -1 where the escape is bad or the byte is NUL. */
static int escaped_byte(const char *s, const char *end)
{
	int high, low;

	if (end - s < 3)
		return -1;
	high = hex(s[1]);
	low = hex(s[2]);
	if (high < 0 || low < 0 || high + low == 0)
		return -1;
	return high << 4 | low;
}

/* plus is what "+" stands for: a space in forms, elsewhere "+" itself. */
static char *decode(struct arena *a, const char *s, size_t len, char plus)
{
	char *out = arena_alloc(a, len + 1), *o = out;
	const char *end = s + len;

	while (s < end) {
		int byte = *s == '%' ? escaped_byte(s, end) : (unsigned char)*s;

		if (byte <= 0)
			return NULL;
		s += *s == '%' ? 3 : 1;
		*o++ = byte == '+' && s[-1] == '+' ? plus : (char)byte;
	}
	*o = '\0';
	return text_utf8_len(out, (size_t)(o - out)) < 0 ? NULL : out;
}

char *http_percent_decode(struct arena *a, const char *s, size_t len)
{
	return decode(a, s, len, '+');
}

static bool decode_pair(struct arena *a, const char *s, size_t len, struct form_pair *out)
{
	const char *equals = memchr(s, '=', len);
	size_t name_len = equals != NULL ? (size_t)(equals - s) : len;

	out->name = decode(a, s, name_len, ' ');
	out->value = equals != NULL ? decode(a, equals + 1, len - name_len - 1, ' ') : "";
	return out->name != NULL && out->value != NULL;
}

static size_t count_pairs(const char *s, size_t len)
{
	size_t n = len > 0;

	for (size_t i = 0; i < len; i++)
		n += s[i] == '&';
	return n;
}

bool http_form_decode(struct arena *a, const char *bytes, size_t len, struct http_pairs *out)
{
	const char *end = bytes + len;
	size_t most = count_pairs(bytes, len);

	*out = (struct http_pairs){ 0 };
	if (most > HTTP_MAX_PAIRS)
		return false;
	out->pair = arena_array_of(a, most, struct form_pair);
	while (bytes < end) {
		const char *amp = memchr(bytes, '&', (size_t)(end - bytes));
		size_t piece = (size_t)((amp != NULL ? amp : end) - bytes);

		if (piece > 0 && !decode_pair(a, bytes, piece, &out->pair[out->n++]))
			return false;
		bytes += piece + 1;
	}
	return true;
}

const char *http_pair_value(const struct http_pairs *pairs, const char *name)
{
	for (size_t i = 0; i < pairs->n; i++)
		if (strcmp(pairs->pair[i].name, name) == 0)
			return pairs->pair[i].value;
	return NULL;
}
