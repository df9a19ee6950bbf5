/* Names as small numbers. */
#pragma once
#include "base/arena.h"

struct intern;

struct intern *intern_new(struct arena *a);
/* The number of the name, -1 where it has none. */
int intern_find(const struct intern *in, const char *name);
/* The same, adding it. */
int intern_add(struct intern *in, const char *name);
