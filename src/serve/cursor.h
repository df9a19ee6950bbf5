/* Cursors of lists: a text that SQL wrote, made opaque. */
#pragma once
#include "serve/serve.h"

/* URL-safe base64 without padding. */
const char *cursor_encode(struct arena *a, const char *plain);
/* The same of a row of this request's list: of no use for another list, or with other filters. */
const char *list_cursor(struct ctx *c, const char *plain);
/* NULL where its form is not ours; SQL judges its content. */
const char *cursor_decode(struct arena *a, const char *cursor);
const char *url_encode(struct arena *a, const char *s);
/* Rows of a page: `limit` of the query, default 25, at most 100. */
int page_limit(const struct ctx *c);
