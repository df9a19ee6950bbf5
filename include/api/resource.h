/* What the resources of the API have in common.
 *
 * Scope: a provider's people see and change what is their organisation's; every other role that
 * sees supply sees the partnership's. Statements compare organisation_id with my_supply() or
 * my_partners(), which are of the caller, as row security is: one statement for all roles, and an
 * index scan for all. Outside the scope is 404, as if it did not exist.
 *
 * A change is one batch, in this order, so that it takes one round trip:
 *	0  the row that guards it (the unit), locked; or the change itself where nothing guards it
 *	…  the change, with the caller's version and the rule in its WHERE
 *	n  the row as it is afterwards
 */
#pragma once
#include "serve/route.h"

/* The members of every list's query; the struct holds int64_t limit and const char *cursor. */
#define PAGE_FIELDS(record) \
	FIELD(record, limit, INT, "limit", .min = 1, .max = 100, .def = "25", \
	      .help = "Rows of one page."), \
	FIELD(record, cursor, TEXT, "cursor", .max = 120, \
	      .help = "The next member of the page before.")

/* Rows of the answer that every resource shows. */
#define SHAPE_ID { "id", SHAPE_UUID, false, false, NULL, NULL }
#define SHAPE_VERSION { "version", SHAPE_INT, false, false, NULL, NULL }
#define SHAPE_CREATED { "created_at", SHAPE_INSTANT, false, false, NULL, NULL }
#define SHAPE_ONE(member, kind) { (member), SHAPE_##kind, false, false, NULL, NULL }
#define SHAPE_MAYBE(member, kind) { (member), SHAPE_##kind, true, false, NULL, NULL }
#define SHAPE_CODED(member, list) { (member), SHAPE_CODE, false, false, &(list), NULL }
#define SHAPE_MAYBE_CODED(member, list) { (member), SHAPE_CODE, true, false, &(list), NULL }

/* "t", "f" or NULL: a tri as a parameter. */
const char *tri_param(enum tri b);

/* The last step of a PATCH whose batch was: 0 the change, 1 the row. 404, 412, or 200. */
struct reply changed_row(struct ctx *c);
/* Why a guarded change did not happen, where 0 was the guard, 1 the change and 2 the row: 404, 412
 * where the row's version is not the one in If-Match, else `otherwise`. Only to be asked where the
 * change touched no row. */
struct reply not_changed(struct ctx *c, enum problem otherwise);
