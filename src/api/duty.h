/* Duty telephones: who holds a place, or may hold it, can call its provider by day and by night. */
#pragma once
#include "base/text.h"
#include "board/board.h"
#include "serve/shape.h"

extern const struct shape duty_shape;

/* Appends a member duty_telephone: both numbers, their hours and the one to call at this instant, or null.
 * For callers who place: others are given no phones. */
void duty_put(struct text *t, const struct duty_phones *d, int64_t now);
