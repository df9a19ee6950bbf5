#include "sealer.h"

#include <sodium.h>

#include "seal/keys.h"

struct demo_sealer demo_sealer_open(struct tool *t)
{
	const char *path = t->config.key_file, *error;
	struct demo_sealer s = { .keys = vault_keys_load(*path ? path : NULL, &error) };

	if (!s.keys)
		printf("this demo has no addresses, names, conflicts and repeats, because there is no key "
		       "(%s): run `haven keys init` first\n", error);
	return s;
}

void demo_sealer_close(struct demo_sealer *s)
{
	if (s->n)
		sodium_memzero(s->made, s->n * sizeof(*s->made));
	vault_keys_free(s->keys);
}

struct seal_key demo_key_make(struct demo_sealer *s, struct arena *a, const struct seal_owner *owner,
			      unsigned char wrapped[SEAL_WRAPPED])
{
	struct seal_key key;

	if (s->n == s->cap) {
		size_t cap = s->cap ? 2 * s->cap : 64;

		s->made = arena_grow(a, s->made, s->cap * sizeof(key), cap * sizeof(key));
		s->cap = cap;
	}
	seal_key_make(s->keys, owner, &key, wrapped);
	s->made[s->n++] = key;
	return key;
}

const struct seal_key *demo_key_next(struct demo_sealer *s)
{
	return &s->made[s->next++];
}
