/* Writing JSON, append-only, onto a struct text.
 *
 *	json_object_begin(&t);
 *	json_put_key(&t, "total");
 *	json_put_i64(&t, 12);
 *	json_put_key(&t, "items");
 *	json_array_begin(&t);
 *	json_put_str(&t, label);
 *	json_array_end(&t);
 *	json_object_end(&t);
 *
 * Commas come by themselves: a value or key is preceded by one unless the text is empty or ends
 * with {, [, : or a blank. No finished value ends with one of these, so the text itself is the
 * state, and pieces made by different functions join without flags. (An SSE line "data: " or a
 * line of newline-separated JSON ends with a blank, so it works there too.)
 *
 * Numbers are whole: money is integer pence, and no double is ever printed.
 */
#pragma once
#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include <jansson.h>

#include "base/codes.h"
#include "base/text.h"

void json_object_begin(struct text *t);
void json_object_end(struct text *t);
void json_array_begin(struct text *t);
void json_array_end(struct text *t);

/* NULL is written as null. Bytes that are not UTF-8 become U+FFFD, control characters escapes. */
void json_put_str(struct text *t, const char *s);
void json_put_strn(struct text *t, const char *s, size_t len);
void json_put_i64(struct text *t, int64_t n);
void json_put_bool(struct text *t, bool b);
/* Yes, no, or null for unknown: unknown is not no. */
void json_put_tri(struct text *t, enum tri b);
void json_put_null(struct text *t);
/* A value that is JSON already (a json_agg() column): no blanks at its ends, trusted as it is. */
void json_put_raw(struct text *t, const char *json, size_t len);
/* A validated tree. Whole numbers exactly; a real, which no field table admits, becomes null. */
void json_put_value(struct text *t, const json_t *value);

/* Nonzero for the bytes after which a value needs no comma. */
extern const unsigned char json_opens[256];

/* A key known at compile time, which needs no escaping. */
#define json_put_key(t, literal) \
	json_put_quoted_key((t), "\"" literal "\":", sizeof("\"" literal "\":") - 1)
/* The same with a string, or null, as its value. */
#define json_put_text(t, literal, s) \
	json_put_quoted_text((t), "\"" literal "\":", sizeof("\"" literal "\":") - 1, (s))
/* A key known at run time: escaped. */
void json_put_name(struct text *t, const char *name);

/* What json_put_key() expands to: the key with its quotes and colon. Inline, so that the copy of a
 * known length is a few moves; half of all puts are keys. */
static inline void json_put_quoted_key(struct text *t, const char *quoted, size_t len)
{
	char *p = t->cap - t->len > len + 1 ? t->data + t->len : text_room(t, len + 1);

	if (t->len && json_opens[(unsigned char)p[-1]] == 0)
		*p++ = ',';
	memcpy(p, quoted, len);
	p[len] = '\0';
	t->len = (size_t)(p + len - t->data);
}

/* What json_put_text() expands to. */
static inline void json_put_quoted_text(struct text *t, const char *quoted, size_t len, const char *s)
{
	json_put_quoted_key(t, quoted, len);
	json_put_str(t, s);
}
