/* The matching policy: config/policy/<version>.json, compiled in. `haven migrate` writes it into
 * the database's table policy, and that row is the one in force: the database decides by it, and
 * the workers match by it, so that the two cannot disagree. */
#pragma once
#include "base/arena.h"
#include "match/policy.h"

/* The text of the file. */
const char *policy_text(void);
/* As policy_read() of decision/policy.h, of the file. */
bool policy_load(struct arena *a, struct policy *p, const char **error);
