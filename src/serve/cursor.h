/* Cursors of lists: what SQL wrote, made opaque. */
#pragma once
#include "serve/serve.h"

/* URL-safe base64 without padding. */
const char *cursor_encode(struct arena *a, const char *plain);
/* NULL where it is none of ours in form; its content is SQL's to judge. */
const char *cursor_decode(struct arena *a, const char *cursor);
const char *url_encode(struct arena *a, const char *s);
/* Rows of a page: `limit` of the query, default 25, at most 100. */
int page_limit(const struct ctx *c);
