/* Rows by UUID, while a batch is taken apart. */
#pragma once
#include "base/arena.h"
#include "base/uuid.h"

struct finder;

/* For at most n ids; lives in the arena. */
struct finder *finder_new(struct arena *a, size_t n);
/* Ids are put once each. */
void finder_put(struct finder *f, struct uuid id, int row);
/* -1 where there is none. */
int finder_get(const struct finder *f, struct uuid id);
