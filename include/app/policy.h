/* The matching policy in force: config/policy/<version>.json, compiled in. */
#pragma once
#include "base/arena.h"
#include "match/policy.h"

/* False with *error set in the arena where the file names a key that no rule has, lacks one, or a
 * value is out of range. */
bool policy_load(struct arena *a, struct policy *p, const char **error);
