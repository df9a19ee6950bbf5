/* Proof that a form came from our own page. */
#include <sodium.h>
#include <string.h>

#include "ctx.h"

static void hex_hash(char out[HASH_HEX], const void *bytes, size_t len, const void *key, size_t key_len)
{
	unsigned char digest[32];

	crypto_generichash(digest, sizeof(digest), bytes, len, key, key_len);
	sodium_bin2hex(out, HASH_HEX, digest, sizeof(digest));
}

/* A keyed hash of the token: a page of another site can neither read nor make it. */
const char *csrf_token(struct ctx *c)
{
	static const char purpose[] = "form";
	char *hex;

	if (!c->token)
		return "";
	hex = arena_alloc(c->arena, CSRF_HEX);
	hex_hash(hex, purpose, sizeof(purpose), c->token_hash, HASH_HEX - 1);
	return hex;
}

/* Browsers say in a header which site sent a form; old programs do not. */
bool csrf_from_elsewhere(const struct ctx *c)
{
	const char *site = http_request_header(c->r, "sec-fetch-site");
	const char *origin = http_request_header(c->r, "origin");
	const char *host = http_request_header(c->r, "host"), *slashes;

	if (site)
		return strcmp(site, "same-origin") != 0 && strcmp(site, "none") != 0;
	if (!origin)
		return false;
	slashes = strstr(origin, "://");
	return !slashes || strcmp(slashes + 3, host) != 0;
}

bool csrf_ok(struct ctx *c)
{
	const char *sent = http_pair_value(&c->form, "_csrf");
	const char *wanted = csrf_token(c);

	if (c->r->method == HTTP_GET || c->r->method == HTTP_HEAD)
		return true;
	if (csrf_from_elsewhere(c))
		return false;
	if (!c->by_cookie)
		return true;
	if (!sent)
		sent = http_request_header(c->r, "x-csrf-token");
	return sent && strlen(sent) == strlen(wanted) && sodium_memcmp(sent, wanted, strlen(wanted)) == 0;
}
