/* Things by UUID, owned by the map. */
#pragma once
#include <stddef.h>

#include "base/uuid.h"

struct map;

/* Things are released with free(). */
struct map *map_new(void);
/* Takes NULL. */
void map_free(struct map *m);
/* Adds the thing or replaces the one with its id. */
void map_put(struct map *m, struct uuid id, void *thing);
void map_remove(struct map *m, struct uuid id);
/* NULL where there is none. */
void *map_get(const struct map *m, struct uuid id);
size_t map_count(const struct map *m);
/* The i-th of count, in no particular order. */
void *map_at(const struct map *m, size_t i);
