/* What works orders and the acts on them have in common. */
#pragma once
#include "serve/serve.h"

/* Shows an order: the first step of its page, and what a refused act loads. */
step works_get;
/* The last step of an act whose batch was: 0 the outcome, 1 the order as it is now. */
step works_acted;

/* A time of the day, where one was sent. */
void works_check_time(struct ctx *c, const char *pointer, const char *time);

extern const struct shape works_shape;
