/* Text: a growing buffer in an arena, and strict readers of numbers and names.
 *
 *	struct text t = text_in(arena);
 *	text_puts(&t, "{\"total\":");
 *	text_i64(&t, 12);
 *	return text_done(&t);
 *
 * The buffer is always NUL-terminated; len does not count the NUL. Bytes may hold NUL.
 */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "base/arena.h"

struct text {
	struct arena *arena;
	char *data;
	size_t len, cap;
};

struct text text_in(struct arena *a);
/* Makes room for `more` bytes after len and returns where they go; the caller adds to len. */
char *text_room(struct text *t, size_t more);
void text_put(struct text *t, const void *bytes, size_t len);
void text_puts(struct text *t, const char *s);
void text_putc(struct text *t, char c);
void text_i64(struct text *t, int64_t n);
void text_printf(struct text *t, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
/* "1,234" */
void text_thousands(struct text *t, uint64_t n);
/* Pence as "£1,234.56"; a sum below nothing has a minus sign before it. */
void text_pounds(struct text *t, int64_t pence);
/* Escapes & < > " ' for HTML text and quoted attributes. */
void text_html(struct text *t, const char *s, size_t len);
/* The finished, NUL-terminated text. */
char *text_done(struct text *t);

/* A literal without its strlen(). */
#define text_lit(t, literal) text_put((t), "" literal, sizeof(literal) - 1)

/* The whole of s as a decimal integer ("-12", no blanks, no plus); false where it is none or
 * overflows. */
bool text_to_i64(const char *s, int64_t *n) __attribute__((warn_unused_result));
/* NULL-safe equality. */
bool text_eq(const char *a, const char *b);
/* The number of code points of valid UTF-8, or -1 where s is not valid UTF-8 (overlong and
 * surrogate forms are invalid). */
ptrdiff_t text_utf8_len(const char *s, size_t bytes);
/* The code point of the valid UTF-8 sequence at *s, which moves behind it. */
uint32_t text_next_point(const char **s);
/* Lower-case copy with blanks at both ends removed and inner runs of blanks made one (ASCII case
 * only): the form under which names are compared. */
char *text_normal(struct arena *a, const char *s);
