/* Checks that an answer has the shape that its route row names: every member of the shape, of its
 * type, and no other member. */
#pragma once
#include <jansson.h>

#include "base/text.h"
#include "serve/route.h"

/* NULL, or the fault, as "options.0.rank: no integer"; in the arena. */
const char *shape_fault(struct arena *a, const struct shape *s, const json_t *answer);
