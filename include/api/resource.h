/* What the resources of the API have in common.
 *
 * Scope: a provider's people see and change the records of their organisation; all other people
 * with a right to see supply see those of the partnership. Statements compare organisation_id with
 * my_supply() or my_partners(), which go by the caller as row security does: one statement for all
 * roles, and an index scan for all. A record outside the scope is 404, as if it did not exist.
 *
 * A change is one batch, in this order, so that it takes one round trip:
 *	0  the row that guards it (the unit), locked; or the change itself where nothing guards it
 *	…  the change, with the caller's version and the rule in its WHERE
 *	n  the row as it is afterwards
 */
#pragma once
#include "serve/route.h"

/* Whether it is a time of the day as "08:00", up to "23:59". */
bool is_time_of_day(const char *s);
/* "t", "f" or NULL: a tri as a parameter. */
const char *tri_param(enum tri b);

/* The last step of a PATCH whose batch was: 0 the change, 1 the row. 404, 412, or 200. */
struct reply changed_row(struct ctx *c);
/* Why a guarded change did not happen, where 0 was the guard, 1 the change and 2 the row: 404,
 * 412 where the row's version is not the one in If-Match, else `otherwise`. Call it only where
 * the change touched no row. */
struct reply not_changed(struct ctx *c, enum problem otherwise);
