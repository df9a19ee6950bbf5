#include "seal/blind.h"

#include <sodium.h>
#include <string.h>

#include "base/arena.h"
#include "base/date.h"
#include "base/text.h"

struct bytes {
	unsigned char first, second, third_min, third_max;	/* 0..0: two bytes long */
};

/* What typing programs put where a keyboard has ' - or a blank, in UTF-8. */
static const struct bytes ignored[] = {
	{ 0xc2, 0xa0, 0, 0 },		/* no-break space */
	{ 0xc2, 0xad, 0, 0 },		/* soft hyphen */
	{ 0xc2, 0xb4, 0, 0 },		/* acute accent alone */
	{ 0xca, 0xb9, 0, 0 },		/* modifier prime */
	{ 0xca, 0xbb, 0, 0 },		/* modifier turned comma */
	{ 0xca, 0xbc, 0, 0 },		/* modifier apostrophe */
	{ 0xe2, 0x80, 0x80, 0xbf },	/* U+2000 to U+203F: spaces, dashes, quotation marks */
	{ 0xe2, 0x81, 0x80, 0xaf },	/* U+2040 to U+206F */
	{ 0xe2, 0x88, 0x92, 0x92 },	/* minus sign */
};

static size_t matches(const struct bytes *b, const unsigned char *p)
{
	if (p[0] != b->first || p[1] != b->second)
		return 0;
	if (b->third_max == 0)
		return 2;
	return p[2] >= b->third_min && p[2] <= b->third_max ? 3 : 0;
}

/* Bytes to leave out at p: 0 where a letter or digit stands there. */
static size_t skip(const unsigned char *p)
{
	if (*p < 0x80)
		return !(*p >= 'a' && *p <= 'z') && !(*p >= '0' && *p <= '9');
	for (size_t i = 0; i < sizeof(ignored) / sizeof(ignored[0]); i++) {
		size_t n = matches(&ignored[i], p);

		if (n > 0)
			return n;
	}
	return 0;
}

/* Folds in place; returns the length left. */
static size_t fold(char *name)
{
	char *to = name;

	for (const char *from = name; *from;) {
		size_t n = skip((const unsigned char *)from);

		if (n == 0)
			*to++ = *from++;
		from += n;
	}
	*to = '\0';
	return (size_t)(to - name);
}

static void index_of(const unsigned char key[VAULT_KEY_BYTES], int32_t birth, const char *name,
		     size_t len, char out[BLIND_SIZE])
{
	unsigned char day[4], digest[(BLIND_SIZE - 1) / 2];
	crypto_generichash_state state;

	for (int i = 0; i < 4; i++)
		day[i] = (unsigned char)((uint32_t)birth >> 8 * i);
	crypto_generichash_init(&state, key, VAULT_KEY_BYTES, sizeof(digest));
	crypto_generichash_update(&state, day, sizeof(day));
	crypto_generichash_update(&state, (const unsigned char *)name, len);
	crypto_generichash_final(&state, digest, sizeof(digest));
	sodium_bin2hex(out, BLIND_SIZE, digest, sizeof(digest));
	sodium_memzero(&state, sizeof(state));
}

static void keyed_index(const struct vault_keys *keys, enum blind_purpose purpose, int32_t birth,
			const char *name, size_t len, char out[BLIND_SIZE])
{
	unsigned char key[VAULT_KEY_BYTES];

	vault_keys_derive(keys, VAULT_INDEX, "HavenBlI", (uint64_t)purpose, key);
	index_of(key, birth, name, len, out);
	sodium_memzero(key, sizeof(key));
}

bool blind_name_ok(const char *name)
{
	size_t size = strlen(name);
	struct arena *a = arena_new();
	char *folded = text_normal(a, name);
	bool ok = size <= BLIND_NAME_MAX && fold(folded) > 0;

	sodium_memzero(folded, size);
	arena_free(a);
	return ok;
}

int blind_births(enum blind_side side, int32_t birth, int32_t births[BLIND_BIRTHS])
{
	births[0] = birth;
	if (birth != DAY_NONE)
		births[1] = side == BLIND_IN_CASE ? BLIND_DATED : DAY_NONE;
	else if (side == BLIND_COMPARED)
		births[1] = BLIND_DATED;
	return birth == DAY_NONE && side == BLIND_IN_CASE ? 1 : 2;
}

bool blind_index(const struct vault_keys *keys, enum blind_purpose purpose, const char *name,
		 int32_t birth, char out[BLIND_SIZE])
{
	size_t size = strlen(name), len;
	struct arena *a;
	char *folded;

	if (size > BLIND_NAME_MAX)
		return false;
	a = arena_new();
	folded = text_normal(a, name);
	len = fold(folded);
	if (len > 0)
		keyed_index(keys, purpose, birth, folded, len, out);
	sodium_memzero(folded, size);
	arena_free(a);
	return len > 0;
}
