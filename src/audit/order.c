#include "order.h"

#include <stdlib.h>
#include <string.h>

#include "base/die.h"

/* A heap: the lowest number is first. Each entry is a number and its row. */
struct order {
	size_t row_size, n, cap;
	char *entries;
};

static size_t entry_size(const struct order *o)
{
	return sizeof(int64_t) + o->row_size;
}

static char *entry(const struct order *o, size_t i)
{
	return o->entries + i * entry_size(o);
}

static int64_t number(const struct order *o, size_t i)
{
	int64_t n;

	memcpy(&n, entry(o, i), sizeof(n));
	return n;
}

struct order *order_new(size_t row_size)
{
	struct order *o = must_calloc(1, sizeof(*o));

	o->row_size = row_size;
	return o;
}

void order_free(struct order *o)
{
	if (o)
		free(o->entries);
	free(o);
}

size_t order_waiting(const struct order *o)
{
	return o->n;
}

static void swap(struct order *o, size_t i, size_t j)
{
	char *a = entry(o, i), *b = entry(o, j);

	for (size_t k = 0; k < entry_size(o); k++) {
		char c = a[k];

		a[k] = b[k];
		b[k] = c;
	}
}

void order_put(struct order *o, int64_t n, const void *row)
{
	if (o->n == o->cap) {
		o->cap = o->cap ? o->cap * 2 : 256;
		o->entries = must_reallocarray(o->entries, o->cap, entry_size(o));
	}
	memcpy(entry(o, o->n), &n, sizeof(n));
	memcpy(entry(o, o->n) + sizeof(n), row, o->row_size);
	for (size_t i = o->n++; i > 0 && number(o, i) < number(o, (i - 1) / 2); i = (i - 1) / 2)
		swap(o, i, (i - 1) / 2);
}

static size_t lower_child(const struct order *o, size_t i)
{
	size_t left = 2 * i + 1;

	return left + 1 < o->n && number(o, left + 1) < number(o, left) ? left + 1 : left;
}

bool order_take(struct order *o, int64_t until, void *row)
{
	size_t i = 0, child;

	if (o->n == 0 || number(o, 0) > until)
		return false;
	memcpy(row, entry(o, 0) + sizeof(int64_t), o->row_size);
	swap(o, 0, --o->n);
	while ((child = lower_child(o, i)) < o->n && number(o, child) < number(o, i)) {
		swap(o, i, child);
		i = child;
	}
	return true;
}
