/* Checks that an answer has the shape that its route row names: every member of the shape, of its
 * type, and no other member. */
#pragma once
#include <jansson.h>

#include "base/text.h"
#include "serve/route.h"

/* NULL, or the fault, as "options.0.rank: no integer"; in the arena. */
const char *shape_fault(struct arena *a, const struct shape *s, const json_t *answer);

/* Whether a path is one of the pattern: "/units/{id}" has "/units/7", not "/units". */
bool route_has(const char *pattern, const char *path);
/* The same for a success at /api/v1, by the shape of its row; NULL also where it has none. */
const char *answer_fault(struct arena *a, const char *method, const char *target, const json_t *answer);
