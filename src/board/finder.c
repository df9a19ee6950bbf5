#include "finder.h"

#include <assert.h>
#include <stdint.h>

/* Open addressing, at most half full. */
struct place {
	struct uuid id;
	int number;		/* the row plus one; 0 is an empty place */
};

struct finder {
	size_t mask, left;
	struct place *places;
};

struct finder *finder_new(struct arena *a, size_t n)
{
	struct finder *f = arena_new_of(a, struct finder);
	size_t size = 2;

	while (size < 2 * n)
		size *= 2;
	f->mask = size - 1;
	f->left = n;
	f->places = arena_array_of(a, size, struct place);
	return f;
}

/* Ids are random: no mixing needed. */
static struct place *place_of(const struct finder *f, struct uuid id)
{
	size_t at = id.lo & f->mask;

	while (f->places[at].number && uuid_cmp(f->places[at].id, id) != 0)
		at = (at + 1) & f->mask;
	return &f->places[at];
}

void finder_put(struct finder *f, struct uuid id, int row)
{
	assert(f->left);
	f->left--;
	*place_of(f, id) = (struct place){ id, row + 1 };
}

int finder_get(const struct finder *f, struct uuid id)
{
	return place_of(f, id)->number - 1;
}
