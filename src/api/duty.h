/* Duty telephones: who holds a place, or may hold it, can call its provider by day and by night. */
#pragma once
#include "base/uuid.h"
#include "serve/shape.h"
#include "serve/serve.h"

extern const struct shape duty_shape;

/* Where the answers of duty_ask() stand. */
struct duties {
	const struct ctx *c;
	int statement;		/* of the last batch; negative where nobody asked */
};

/* Adds to the batch what duty_put() reads, as one statement. For callers who place. */
void duty_ask(struct ctx *c);
/* Appends a member duty_telephone: of this organisation, or null. */
void duty_put(struct text *t, const struct duties *d, struct uuid organisation);
