#include "intern.h"

#include <string.h>

/* Partnerships and local authorities are a few hundred at most, and looked up once a row. */
struct intern {
	struct arena *arena;
	const char **names;
	int n, cap;
};

struct intern *intern_new(struct arena *a)
{
	struct intern *in = arena_new_of(a, struct intern);

	in->arena = a;
	return in;
}

int intern_find(const struct intern *in, const char *name)
{
	for (int i = 0; i < in->n; i++)
		if (strcmp(in->names[i], name) == 0)
			return i;
	return -1;
}

int intern_add(struct intern *in, const char *name)
{
	int i = intern_find(in, name);

	if (i >= 0)
		return i;
	if (in->n == in->cap) {
		int cap = in->cap ? in->cap * 2 : 16;

		in->names = arena_grow(in->arena, in->names, (size_t)in->cap * sizeof(char *),
				       (size_t)cap * sizeof(char *));
		in->cap = cap;
	}
	in->names[in->n] = arena_strdup(in->arena, name);
	return in->n++;
}
