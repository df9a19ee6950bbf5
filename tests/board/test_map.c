/* The map against a plain array, at random: ids collide on purpose. */
#include <criterion/criterion.h>
#include <stdint.h>
#include <stdlib.h>

#include "../../src/board/map.h"

enum { IDS = 300, STEPS = 200000 };

static uint32_t seed = 20261122;

static uint32_t dice(uint32_t sides)
{
	seed = seed * 1664525u + 1013904223u;
	return (seed >> 8) % sides;
}

/* Few values of lo, so that runs of the table are long and wrap round its end. */
static struct uuid id_of(uint32_t i)
{
	return (struct uuid){ i, i % 7 == 0 ? UINT64_MAX : (uint64_t)(i % 40) };
}

static int *number(int n)
{
	int *p = malloc(sizeof(*p));

	*p = n;
	return p;
}

static void compare(const struct map *m, const int plain[IDS], size_t count)
{
	size_t seen = 0;

	cr_assert_eq(map_count(m), count);
	for (uint32_t i = 0; i < IDS; i++) {
		const int *at = map_get(m, id_of(i));

		cr_assert_eq(at ? *at : 0, plain[i], "id %u", i);
	}
	for (size_t i = 0; i < map_count(m); i++)
		seen += *(int *)map_at(m, i) != 0;
	cr_assert_eq(seen, count, "walking gives each once");
}

Test(map, does_what_an_array_does)
{
	struct map *m = map_new();
	int plain[IDS] = { 0 };
	size_t count = 0;

	for (int step = 1; step <= STEPS; step++) {
		/* Waves, so that it grows and empties again. */
		bool fill = dice(10) < (step / 5000 % 2 ? 3u : 7u);
		uint32_t i = dice(IDS);

		count += fill && !plain[i];
		count -= !fill && plain[i];
		plain[i] = fill ? step : 0;
		if (fill)
			map_put(m, id_of(i), number(step));
		else
			map_remove(m, id_of(i));
		if (step % 500 == 0)
			compare(m, plain, count);
	}
	map_free(m);
}

Test(map, empty_and_null)
{
	struct map *m = map_new();

	cr_assert_null(map_get(m, id_of(1)));
	map_remove(m, id_of(1));
	cr_assert_eq(map_count(m), 0);
	map_free(m);
	map_free(NULL);
}
