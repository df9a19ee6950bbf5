#include "seal/blind.h"

#include <sodium.h>
#include <string.h>

#include "base/arena.h"
#include "base/date.h"
#include "seal/name.h"

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

static uint64_t subkey(enum blind_purpose purpose, enum name_form form)
{
	return (uint64_t)purpose + (form == NAME_POSSIBLE ? BLIND_POSSIBLE_KEYS : 0);
}

static void keyed_index(const struct vault_keys *keys, uint64_t subkey, int32_t birth,
			const char *name, char out[BLIND_SIZE])
{
	unsigned char key[VAULT_KEY_BYTES];

	vault_keys_derive(keys, VAULT_INDEX, "HavenBlI", subkey, key);
	index_of(key, birth, name, strlen(name), out);
	sodium_memzero(key, sizeof(key));
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

bool blind_index(const struct vault_keys *keys, enum blind_purpose purpose, enum name_form form,
		 const char *name, int32_t birth, char out[BLIND_SIZE])
{
	struct arena *a;

	if (strlen(name) > BLIND_NAME_MAX || !name_identifies(name))
		return false;
	a = arena_new();
	arena_secret(a);
	keyed_index(keys, subkey(purpose, form), birth, name_form(a, form, name), out);
	arena_free(a);
	return true;
}

const char *blind_form(enum name_form form, int32_t birth)
{
	if (birth == DAY_NONE || birth == BLIND_DATED)
		return "name";
	return form == NAME_EXACT ? "exact" : "possible";
}
