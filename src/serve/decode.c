/* The body, form or query string by the row's field table; the Idempotency-Key. */
#include <sodium.h>
#include <string.h>

#include "ctx.h"
#include "json/form.h"

enum { KEY_MAX = 128 };

static const struct input nothing = { .name = "nothing" };

static bool refuse(struct reply *refusal, struct reply r)
{
	*refusal = r;
	return false;
}

static bool is_get(const struct ctx *c)
{
	return c->r->method == HTTP_GET || c->r->method == HTTP_HEAD;
}

static bool is_patch(const struct ctx *c)
{
	return c->r->method == HTTP_PATCH || c->route->flags & ROUTE_PATCH;
}

static bool is_form(const struct ctx *c)
{
	return http_media_type_is(http_request_header(c->r, "content-type"),
				  "application/x-www-form-urlencoded");
}

static bool is_json(const struct ctx *c)
{
	const char *type = http_request_header(c->r, "content-type");

	if (http_media_type_is(type, "application/json"))
		return true;
	return c->r->method == HTTP_PATCH && http_media_type_is(type, "application/merge-patch+json");
}

/* Pages name an input by its JSON pointer with - for /, which is also its id: members-0-age is
 * members[0].age here. The parts of a date and pounds keep their dash. */
static bool is_part(const char *segment)
{
	static const char *const parts[] = { "day", "month", "year", "pounds" };

	for (size_t i = 0; i < sizeof(parts) / sizeof(*parts); i++)
		if (strcmp(segment, parts[i]) == 0)
			return true;
	return false;
}

static const char *member_name(struct arena *a, const char *name)
{
	struct text t = text_in(a);
	const char *dash;

	for (; (dash = strchr(name, '-')) != NULL && !is_part(dash + 1); name = dash + 1) {
		text_put(&t, name, (size_t)(dash - name));
		if (dash[1] >= '0' && dash[1] <= '9') {
			name = dash + 1;
			dash = name + strspn(name, "0123456789");
			text_printf(&t, "[%.*s]", (int)(dash - name), name);
			if (*dash != '-') {
				name = dash;
				break;
			}
		}
		text_putc(&t, '.');
	}
	text_puts(&t, name);
	return text_done(&t);
}

static void name_members(struct ctx *c)
{
	for (size_t i = 0; i < c->form.n; i++)
		if (c->form.pair[i].name[0] != '_' && strchr(c->form.pair[i].name, '-'))
			c->form.pair[i].name = member_name(c->arena, c->form.pair[i].name);
}

/* The JSON text to decode, from wherever the values came. */
static bool find_text(struct ctx *c, const char **text, size_t *len, struct reply *refusal)
{
	const struct input *input = c->route->input ? c->route->input : &nothing;
	const char *bytes = is_get(c) ? c->r->query : c->r->body;
	size_t n = is_get(c) ? strlen(bytes) : c->r->body_len;

	if (!is_get(c) && is_json(c)) {
		*text = bytes;
		*len = n;
		return true;
	}
	if (!is_get(c) && n > 0 && !is_form(c))
		return refuse(refusal, problem(c, PROBLEM_MEDIA_TYPE));
	if (!http_form_decode(c->arena, bytes, n, &c->form))
		return refuse(refusal, problem(c, PROBLEM_MALFORMED));
	name_members(c);
	*text = (is_patch(c) ? json_patch_from_form : json_from_form)(c->arena, c->form.pair, c->form.n, input, len);
	return *text || refuse(refusal, problem(c, PROBLEM_MALFORMED));
}

static bool decode_text(struct ctx *c, const char *text, size_t len, struct reply *refusal)
{
	const struct input *input = c->route->input ? c->route->input : &nothing;
	enum json_verdict verdict;

	if (len == 0) {
		text = "{}";
		len = 2;
	}
	c->sent = arena_strndup(c->arena, text, len);
	if (is_patch(c))
		verdict = json_decode_patch(c->arena, text, len, input, &c->in);
	else
		verdict = json_decode(c->arena, text, len, input, &c->in);
	return verdict != JSON_MALFORMED || refuse(refusal, problem(c, PROBLEM_MALFORMED));
}

/* The key proves a repeat only together with the request. A request may hold little more than a
 * telephone number, which a plain hash would give away to anyone who tries them all: so its hash
 * is keyed with the Idempotency-Key, and of that only a hash is stored. */
static void hash_request(struct ctx *c, const char *key)
{
	unsigned char digest[32], secret[32];
	crypto_generichash_state state;

	crypto_generichash(secret, sizeof(secret), (const unsigned char *)key, strlen(key), NULL, 0);
	crypto_generichash_init(&state, secret, sizeof(secret), sizeof(digest));
	crypto_generichash_update(&state, (const unsigned char *)c->r->target, strlen(c->r->target) + 1);
	crypto_generichash_update(&state, (const unsigned char *)c->sent, strlen(c->sent));
	crypto_generichash_final(&state, digest, sizeof(digest));
	sodium_bin2hex(c->request_hash, sizeof(c->request_hash), digest, sizeof(digest));
}

static const char *hash_key(struct ctx *c, const char *key)
{
	unsigned char digest[crypto_hash_sha256_BYTES];
	char *hex = arena_alloc(c->arena, 2 * sizeof(digest) + 1);

	crypto_hash_sha256(digest, (const unsigned char *)key, strlen(key));
	return sodium_bin2hex(hex, 2 * sizeof(digest) + 1, digest, sizeof(digest));
}

static bool key_ok(const char *key)
{
	size_t n = strlen(key);

	if (n == 0 || n > KEY_MAX)
		return false;
	for (; *key; key++)
		if (*key <= ' ' || *key > '~')
			return false;
	return true;
}

static bool find_key(struct ctx *c, struct reply *refusal)
{
	const char *key = http_request_header(c->r, "idempotency-key");

	if (c->r->method != HTTP_POST || c->route->flags & ROUTE_READS || c->route->roles == PUBLIC)
		return true;
	if (!key)
		key = http_pair_value(&c->form, "_key");
	if (!key && c->route->flags & ROUTE_KEYLESS)
		return true;
	if (!key)
		return refuse(refusal, problem(c, PROBLEM_KEY_MISSING));
	if (!key_ok(key))
		return refuse(refusal, problem_detail(c, PROBLEM_BAD_VALUE,
						      "Idempotency-Key must be 1 to 128 visible characters"));
	c->key = hash_key(c, key);
	hash_request(c, key);
	return true;
}

bool decode_request(struct ctx *c, struct reply *refusal)
{
	const char *text;
	size_t len;

	if (!find_text(c, &text, &len, refusal))
		return false;
	if (!csrf_ok(c))
		return refuse(refusal, problem(c, PROBLEM_CROSS_SITE));
	if (!decode_text(c, text, len, refusal) || !find_key(c, refusal))
		return false;
	if (c->route->check)
		c->route->check(c);
	return c->in.nerrors == 0 || refuse(refusal, invalid(c));
}
