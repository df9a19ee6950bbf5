#include "match/index.h"

#include <stdlib.h>
#include <string.h>

#include "index_impl.h"

enum { FIRST_TABLE = 1024 };

struct match_index *match_index_new(struct arena *a, size_t districts)
{
	struct match_index *ix = arena_new_of(a, struct match_index);

	ix->arena = a;
	ix->districts = districts;
	ix->latest = DAY_NONE;
	ix->table_size = FIRST_TABLE;
	ix->table = arena_array_of(a, FIRST_TABLE, struct known);
	return ix;
}

static bool same(struct uuid a, struct uuid b)
{
	return a.hi == b.hi && a.lo == b.lo;
}

static size_t home_of(const struct match_index *ix, struct uuid id)
{
	uint64_t h = (id.hi ^ (id.lo << 1)) * UINT64_C(0x9e3779b97f4a7c15);

	return (size_t)(h >> 32) & (ix->table_size - 1);
}

static struct known entry_of(struct uuid id, int32_t slot)
{
	return (struct known){ slot + 1, (uint32_t)id.hi };
}

/* Where the id stands in the table, or the empty place where it would. */
static size_t place_of(const struct match_index *ix, struct uuid id)
{
	size_t at = home_of(ix, id);

	while (ix->table[at].slot && (ix->table[at].tag != (uint32_t)id.hi ||
				      !same(supply_at(ix, ix->table[at].slot - 1)->id, id)))
		at = (at + 1) & (ix->table_size - 1);
	return at;
}

int32_t index_find(const struct match_index *ix, struct uuid id)
{
	return ix->table[place_of(ix, id)].slot - 1;
}

static void table_grow(struct match_index *ix, size_t size)
{
	struct known *old = ix->table;
	size_t old_size = ix->table_size;

	ix->table_size = size;
	ix->table = arena_array_of(ix->arena, ix->table_size, struct known);
	for (size_t i = 0; i < old_size; i++)
		if (old[i].slot)
			ix->table[place_of(ix, supply_at(ix, old[i].slot - 1)->id)] = old[i];
}

/* Empties a place and moves up the entries that could no longer be found behind it. */
static void table_remove(struct match_index *ix, size_t at)
{
	size_t mask = ix->table_size - 1;

	ix->table[at].slot = 0;
	for (size_t i = (at + 1) & mask; ix->table[i].slot; i = (i + 1) & mask) {
		struct known entry = ix->table[i];

		ix->table[i].slot = 0;
		ix->table[place_of(ix, supply_at(ix, entry.slot - 1)->id)] = entry;
	}
}

static void add_block(struct match_index *ix)
{
	if (ix->n_blocks == ix->cap_blocks) {
		size_t cap = ix->cap_blocks ? ix->cap_blocks * 2 : 8;

		ix->blocks = arena_grow(ix->arena, ix->blocks,
					ix->cap_blocks * sizeof(*ix->blocks),
					cap * sizeof(*ix->blocks));
		ix->cap_blocks = cap;
	}
	ix->blocks[ix->n_blocks++] = arena_new_of(ix->arena, struct block);
}

static int32_t take_slot(struct match_index *ix)
{
	if (ix->n_free)
		return ix->free[--ix->n_free];
	if (ix->n_slots == ix->n_blocks * BLOCK_SLOTS)
		add_block(ix);
	return (int32_t)ix->n_slots++;
}

static void give_slot(struct match_index *ix, int32_t slot)
{
	if (ix->n_free == ix->cap_free) {
		size_t cap = ix->cap_free ? ix->cap_free * 2 : 64;

		ix->free = arena_grow(ix->arena, ix->free, ix->cap_free * sizeof(*ix->free),
				      cap * sizeof(*ix->free));
		ix->cap_free = cap;
	}
	ix->free[ix->n_free++] = slot;
}

void match_index_expect(struct match_index *ix, size_t n)
{
	size_t size = ix->table_size;

	while ((ix->count + n) * 2 > size)
		size *= 2;
	if (size > ix->table_size)
		table_grow(ix, size);
}

void match_index_put(struct match_index *ix, const struct supply *s)
{
	size_t at;
	int32_t slot;

	match_index_expect(ix, 1);
	at = place_of(ix, s->id);
	slot = ix->table[at].slot - 1;
	if (slot == NO_SLOT) {
		slot = take_slot(ix);
		ix->table[at] = entry_of(s->id, slot);
		ix->count++;
	} else {
		slot_clear(ix, slot);
	}
	*supply_at(ix, slot) = *s;
	slot_fill(ix, slot);
}

bool match_index_remove(struct match_index *ix, struct uuid id)
{
	size_t at = place_of(ix, id);
	int32_t slot = ix->table[at].slot - 1;

	if (slot == NO_SLOT)
		return false;
	slot_clear(ix, slot);
	table_remove(ix, at);
	give_slot(ix, slot);
	ix->count--;
	return true;
}

const struct supply *match_index_get(const struct match_index *ix, struct uuid id)
{
	int32_t slot = index_find(ix, id);

	return slot == NO_SLOT ? NULL : supply_at(ix, slot);
}

size_t match_index_count(const struct match_index *ix)
{
	return ix->count;
}

static bool used(const struct match_index *ix, int32_t slot)
{
	int at = slot % BLOCK_SLOTS;

	return block_of(ix, slot)->planes[PLANE_USED].w[at / 64] >> (at % 64) & 1;
}

void match_index_each(const struct match_index *ix,
		      void (*visit)(void *ctx, const struct supply *s), void *ctx)
{
	for (int32_t slot = 0; (size_t)slot < ix->n_slots; slot++)
		if (used(ix, slot))
			visit(ctx, supply_at(ix, slot));
}
