/* Small languages of HTTP: query strings and form bodies, media types, Accept. */
#pragma once
#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "json/form.h"

enum { HTTP_MAX_PAIRS = 200 };

struct http_pairs {
	size_t n;
	struct form_pair *pair;
};

/* Decodes application/x-www-form-urlencoded (WHATWG URL §5, strictly): "a=1&b=x+y%21". Order and
 * repeats are kept; a piece without "=" has the value ""; empty pieces are skipped. False for a bad
 * percent escape, NUL, invalid UTF-8 or more than HTTP_MAX_PAIRS pairs. */
bool http_form_decode(struct arena *a, const char *bytes, size_t len, struct http_pairs *out)
	__attribute__((warn_unused_result));
/* The first value of that name, or NULL. */
const char *http_pair_value(const struct http_pairs *pairs, const char *name);

/* Percent-decodes a path segment or the like ("+" stays); NULL for a bad escape, NUL or invalid
 * UTF-8. */
char *http_percent_decode(struct arena *a, const char *s, size_t len);

/* Whether a Content-Type header names this media type ("application/json"), whatever its
 * parameters. A NULL header is no type. */
bool http_media_type_is(const char *content_type, const char *type);

/* The weight, 0 to 1000, that an Accept header gives a type: that of the range that names it most
 * closely. A header that is missing or empty allows all. */
int http_accept_weight(const char *accept, const char *type);
/* Whether an Accept header (RFC 9110 §12.5.1) wants a page: text/html is acceptable and weighs more
 * than application/json and application/problem+json. Browsers do; NULL and "*" alone do not. */
bool http_prefers_html(const char *accept);
