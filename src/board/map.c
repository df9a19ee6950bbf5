#include "map.h"

#include <stdint.h>
#include <stdlib.h>

#include "base/die.h"

/* A dense array, and a table of indexes into it by open addressing; 0 is an empty place of the
 * table, so entries are the index plus one. */
struct item {
	struct uuid id;
	void *thing;
};

struct map {
	struct item *items;
	size_t n, cap;
	uint32_t *table;
	size_t slots;		/* power of two, at least twice cap */
};

enum { FIRST = 64 };

struct map *map_new(void)
{
	struct map *m = must_calloc(1, sizeof(*m));

	m->cap = FIRST;
	m->slots = 2 * FIRST;
	m->items = must_calloc(m->cap, sizeof(struct item));
	m->table = must_calloc(m->slots, sizeof(uint32_t));
	return m;
}

void map_free(struct map *m)
{
	if (!m)
		return;
	for (size_t i = 0; i < m->n; i++)
		free(m->items[i].thing);
	free(m->items);
	free(m->table);
	free(m);
}

/* The place of the id, or the empty place where it would go. Ids are random: no mixing needed. */
static size_t place(const struct map *m, struct uuid id)
{
	size_t i = id.lo & (m->slots - 1);

	while (m->table[i] && uuid_cmp(m->items[m->table[i] - 1].id, id) != 0)
		i = (i + 1) & (m->slots - 1);
	return i;
}

static void rebuild(struct map *m)
{
	free(m->table);
	m->table = must_calloc(m->slots, sizeof(uint32_t));
	for (size_t i = 0; i < m->n; i++)
		m->table[place(m, m->items[i].id)] = (uint32_t)i + 1;
}

static void grow(struct map *m)
{
	m->cap *= 2;
	m->slots *= 2;
	m->items = must_reallocarray(m->items, m->cap, sizeof(struct item));
	rebuild(m);
}

void map_put(struct map *m, struct uuid id, void *thing)
{
	size_t at = place(m, id);

	if (m->table[at]) {
		free(m->items[m->table[at] - 1].thing);
		m->items[m->table[at] - 1].thing = thing;
		return;
	}
	if (m->n == m->cap) {
		grow(m);
		at = place(m, id);
	}
	m->items[m->n] = (struct item){ id, thing };
	m->table[at] = (uint32_t)++m->n;
}

/* Closes the gap behind a removed place, so that look-ups need no tombstones. */
static void close_gap(struct map *m, size_t gap)
{
	size_t mask = m->slots - 1;

	for (size_t i = (gap + 1) & mask; m->table[i]; i = (i + 1) & mask) {
		size_t home = m->items[m->table[i] - 1].id.lo & mask;

		if (((i - home) & mask) < ((i - gap) & mask))
			continue;
		m->table[gap] = m->table[i];
		gap = i;
	}
	m->table[gap] = 0;
}

void map_remove(struct map *m, struct uuid id)
{
	size_t at = place(m, id);
	uint32_t i = m->table[at];

	if (!i)
		return;
	close_gap(m, at);
	m->n--;
	if (--i != m->n) {	/* the last one moves into the hole of the array */
		m->table[place(m, m->items[m->n].id)] = (uint32_t)i + 1;
		free(m->items[i].thing);
		m->items[i] = m->items[m->n];
		return;
	}
	free(m->items[i].thing);
}

void *map_get(const struct map *m, struct uuid id)
{
	uint32_t i = m->table[place(m, id)];

	return i ? m->items[i - 1].thing : NULL;
}

size_t map_count(const struct map *m)
{
	return m->n;
}

void *map_at(const struct map *m, size_t i)
{
	return m->items[i].thing;
}
