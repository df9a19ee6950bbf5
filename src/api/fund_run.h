/* What payment runs, payments and statements share. */
#pragma once
#include "fund.h"

enum run_outcome;

/* The problem that a refused act on a run, a payment or a statement is: any outcome but done. Kept. */
struct reply run_refused(struct ctx *c, enum run_outcome which);
/* The last step of an act whose batch was: 0 the outcome, 1 the record as it is now; a page goes on to `path`. */
struct reply run_done(struct ctx *c, const char *path);
