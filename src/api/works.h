/* What works orders and the acts on them have in common. */
#pragma once
#include "serve/serve.h"

/* Shows an order: the first step of its page, and what a refused act loads. */
step works_get;
/* The last step of an act whose batch was: 0 the outcome, 1 the order as it is now. */
step works_acted;

/* A time of the day, where one was sent. */
void works_check_time(struct ctx *c, const char *pointer, const char *time);

/* A quantity is said once: in whole units, or in tenths of one. */
void works_check_once(struct ctx *c, const char *pointer, int64_t whole, int64_t tenths);

extern const struct shape works_shape;
