#include "ledger.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

struct placed {
	char id[LEDGER_ID], key[LEDGER_ID];
	const char *state;
};

struct known {
	char key[LEDGER_ID], placement[LEDGER_ID];
	int64_t lost_us;
	bool unknown;
};

static struct {
	struct placed *placed;
	struct known *keys;
	size_t n_placed, n_keys;
} ledger;

/* Room for one more: doubled at every power of two. */
static void *grown(void *at, size_t n, size_t size)
{
	void *more = (n & (n - 1)) == 0 ? reallocarray(at, n ? 2 * n : 1, size) : at;

	if (!more)
		abort();
	return more;
}

static void copy(char to[LEDGER_ID], const char *from)
{
	snprintf(to, LEDGER_ID, "%s", from);
}

size_t ledger_placement(const char *id, const char *key)
{
	struct placed *p;

	ledger.placed = grown(ledger.placed, ledger.n_placed, sizeof(*ledger.placed));
	p = &ledger.placed[ledger.n_placed];
	copy(p->id, id);
	copy(p->key, key);
	p->state = "held";
	return ledger.n_placed++;
}

const char *ledger_id(size_t placement)
{
	return ledger.placed[placement].id;
}

void ledger_state(size_t placement, const char *state)
{
	ledger.placed[placement].state = state;
}

static struct known *add_key(const char *key)
{
	struct known *k;

	ledger.keys = grown(ledger.keys, ledger.n_keys, sizeof(*ledger.keys));
	k = &ledger.keys[ledger.n_keys++];
	*k = (struct known){ .lost_us = 0 };
	copy(k->key, key);
	return k;
}

void ledger_key(const char *key, const char *placement, int64_t lost_us)
{
	struct known *k = add_key(key);

	copy(k->placement, placement);
	k->lost_us = lost_us;
}

void ledger_unknown(const char *key)
{
	add_key(key)->unknown = true;
}

bool ledger_write(const char *path)
{
	FILE *f = fopen(path, "w");

	if (!f)
		return false;
	for (size_t i = 0; i < ledger.n_placed; i++)
		fprintf(f, "placement\t%s\t%s\t%s\t0\n", ledger.placed[i].key, ledger.placed[i].id,
			ledger.placed[i].state);
	for (size_t i = 0; i < ledger.n_keys; i++)
		fprintf(f, "%s\t%s\t%s\t\t%" PRId64 "\n", ledger.keys[i].unknown ? "unknown" : "key",
			ledger.keys[i].key, ledger.keys[i].placement, ledger.keys[i].lost_us);
	return fclose(f) == 0;
}
