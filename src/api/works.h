/* What works orders and the acts on them have in common. */
#pragma once
#include "serve/serve.h"

/* The answer to an act of the sanctuary scheme that was refused: statement 0 has _outcome, _field, _money and, of a
 * refusal by the fund, its figures. Kept. */
struct reply works_refused(struct ctx *c, int outcome);
/* Shows an order: the first step of its page, and what a refused act loads. */
step works_get;
/* The last step of an act whose batch was: 0 the outcome, 1 the order as it is now. */
step works_acted;

/* A time of the day, where one was sent. */
void works_check_time(struct ctx *c, const char *pointer, const char *time);

extern const struct shape works_shape;
