/* The table of districts in the database: what matching reads, and what the rules in SQL read. */
#pragma once
#include "tool/tool.h"

/* Takes the words up, and prints what changed. A shipped table does not replace an imported one.
 * Districts that somebody changed by hand are mended. In a transaction of the caller's, or in none. */
int geography_fill(struct tool *t, const char *source, const char *words);
/* The shipped table. */
const char *geography_shipped(struct tool *t);
