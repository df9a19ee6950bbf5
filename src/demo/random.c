#include "random.h"

#include <assert.h>

enum { KIND_SHIFT = 56, VERSION = 4 };

static const uint64_t seed = UINT64_C(0x48617665446d6f31), golden = UINT64_C(0x9e3779b97f4a7c15);

/* The finaliser of SplitMix64 (Steele, Lea, Flood 2014). */
static uint64_t mix(uint64_t z)
{
	z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
	z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
	return z ^ (z >> 31);
}

static uint64_t next(struct random *d)
{
	d->state += golden;
	return mix(d->state);
}

struct random random_for(enum demo_kind kind, int64_t index)
{
	return (struct random){ mix(seed ^ ((uint64_t)kind << KIND_SHIFT) ^ (uint64_t)index) };
}

int64_t random_below(struct random *d, int64_t n)
{
	return (int64_t)((next(d) >> 1) % (uint64_t)n);
}

int64_t random_between(struct random *d, int64_t least, int64_t most)
{
	return least + random_below(d, most - least + 1);
}

bool random_chance(struct random *d, int n)
{
	return random_below(d, 1000) < n;
}

size_t random_weighted(struct random *d, const int *weights, size_t n)
{
	int64_t total = 0, at;
	size_t i = 0;

	for (size_t w = 0; w < n; w++)
		total += weights[w];
	assert(total > 0);
	for (at = random_below(d, total); at >= weights[i]; i++)
		at -= weights[i];
	return i;
}

const char *random_word(struct random *d, const char *const *words, size_t n)
{
	return words[random_below(d, (int64_t)n)];
}

/* Looks like version 4, so that nothing downstream tells demo data from other. */
struct uuid demo_uuid(enum demo_kind kind, int64_t index)
{
	struct random d = random_for(kind, ~index);
	struct uuid u;

	u.hi = (next(&d) & ~UINT64_C(0xf000)) | VERSION << 12;
	u.lo = (next(&d) >> 2) | UINT64_C(1) << 63;
	return u;
}

const char *demo_partnership_id(struct arena *a, const char *code, int64_t partnership)
{
	return arena_printf(a, "de300000-%s-4000-8000-%012llx", code,
			    (unsigned long long)partnership);
}
