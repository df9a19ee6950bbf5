#include "cursor.h"

#include <jansson.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#include "ctx.h"

struct page_query {
	int64_t limit;
	const char *cursor;
};
static const struct field page_fields[] = { PAGE_FIELDS(struct page_query) };
const struct input page_input = INPUT(struct page_query, page_fields);

enum { DEFAULT_LIMIT = 25, MAX_LIMIT = 100, CURSOR_MAX = 256, TAG_BYTES = 4 };

const char *cursor_encode(struct arena *a, const char *plain)
{
	size_t n = strlen(plain);
	size_t room = sodium_base64_encoded_len(n, sodium_base64_VARIANT_URLSAFE_NO_PADDING);

	return sodium_bin2base64(arena_alloc(a, room), room, (const unsigned char *)plain, n,
				 sodium_base64_VARIANT_URLSAFE_NO_PADDING);
}

const char *cursor_decode(struct arena *a, const char *cursor)
{
	char *plain = arena_alloc(a, CURSOR_MAX + 1);
	size_t n;

	if (sodium_base642bin((unsigned char *)plain, CURSOR_MAX, cursor, strlen(cursor), NULL, &n, NULL,
			      sodium_base64_VARIANT_URLSAFE_NO_PADDING) != 0)
		return NULL;
	if (memchr(plain, '\0', n) || text_utf8_len(plain, n) < 0)
		return NULL;
	/* libsodium reads bytes beyond ASCII as digits */
	return text_eq(cursor_encode(a, plain), cursor) ? plain : NULL;
}

const char *url_encode(struct arena *a, const char *s)
{
	static const char plain[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~";
	struct text t = text_in(a);

	for (; *s; s++) {
		if (strchr(plain, *s))
			text_putc(&t, *s);
		else
			text_printf(&t, "%%%02X", (unsigned char)*s);
	}
	return text_done(&t);
}

int page_limit(const struct ctx *c)
{
	const char *limit = http_pair_value(&c->form, "limit");
	int64_t n;

	if (!limit || !text_to_i64(limit, &n) || n < 1)
		return DEFAULT_LIMIT;
	return n > MAX_LIMIT ? MAX_LIMIT : (int)n;
}

const char *page_size(struct ctx *c)
{
	return arena_printf(c->arena, "%d", page_limit(c) + 1);
}

/* Of which list, with which filters, a cursor is: its sort keys mean nothing in another. */
static const char *list_tag(struct ctx *c)
{
	unsigned char digest[crypto_generichash_BYTES_MIN];
	char *hex = arena_alloc(c->arena, 2 * TAG_BYTES + 1);
	crypto_generichash_state state;
	/* what a form posted beside a list is no filter of it */
	json_t *filters = c->r->method == HTTP_POST ? json_object() : json_copy(c->in.json);
	char *text;

	json_object_del(filters, "cursor");
	json_object_del(filters, "limit");
	text = json_dumps(filters, JSON_SORT_KEYS | JSON_COMPACT);
	crypto_generichash_init(&state, NULL, 0, crypto_generichash_BYTES_MIN);
	crypto_generichash_update(&state, (const unsigned char *)c->r->path, strlen(c->r->path) + 1);
	crypto_generichash_update(&state, (const unsigned char *)text, text ? strlen(text) : 0);
	crypto_generichash_final(&state, digest, crypto_generichash_BYTES_MIN);
	free(text);
	json_decref(filters);
	return sodium_bin2hex(hex, 2 * TAG_BYTES + 1, digest, TAG_BYTES);
}

const char *list_cursor(struct ctx *c, const char *plain)
{
	return cursor_encode(c->arena, arena_printf(c->arena, "%s%s", list_tag(c), plain));
}

const char *page_cursor(struct ctx *c)
{
	const char *cursor = http_pair_value(&c->form, "cursor");
	const char *tag;

	if (!cursor || !*cursor)
		return NULL;
	cursor = cursor_decode(c->arena, cursor);
	tag = list_tag(c);
	if (!cursor || strncmp(cursor, tag, strlen(tag)) != 0)
		return "|";	/* which SQL refuses as no instant: 400 */
	return cursor + strlen(tag);
}
