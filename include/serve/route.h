/* A route row says everything about an address: which roles may use it, what is decoded, which
 * step is first, how a page shows it. From the same rows come 404, 405 with Allow, the OpenAPI
 * document, the rights matrix and the test that walks every route signed out, with each wrong
 * role and with each broken field.
 *
 * A row is reached at /api/v1<path>, answering JSON, and, where it names a view, at <path>,
 * answering a page.
 */
#pragma once
#include "json/input.h"
#include "serve/serve.h"
#include "serve/shape.h"

enum role {
#define ROLE(name, label) ROLE_##name,
#include "serve/roles.def"
#undef ROLE
	ROLES
};

#define ROLE_BIT(name) (1u << ROLE_##name)
#define EVERYBODY ((1u << ROLES) - 1)	/* every signed-in person */
#define PUBLIC 0u			/* no session needed */

extern const struct code_list role_codes;

/* A kind of work, and the roles whose work it is. */
struct right {
	const char *name;
	unsigned roles;
};

enum {
	ROUTE_READS = 1,	/* a POST that changes nothing: read connection, no key needed */
	ROUTE_KEYLESS = 2,	/* a POST that may be repeated without an Idempotency-Key */
	ROUTE_PAGE_ONLY = 4,	/* no JSON at /api/v1 */
	ROUTE_GROUPED = 8,	/* its one write goes through together(): no transaction of its own */
	ROUTE_BARE = 16,	/* at <path> itself, without /api/v1 and without a view: assets, problems */
	ROUTE_CSV = 32,		/* a list of plain values, none of a person: also given as text/csv; with
				 * ROUTE_BARE as that alone, a file that a page links to */
	ROUTE_PATCH = 64,	/* a POST of a page that changes a record as PATCH does: what is sent empty is cleared */
};

struct route {
	const char *method, *path;
	unsigned roles;			/* bits of enum role; PUBLIC */
	const struct input *input;	/* of the body; for GET of the query string; or NULL */
	step *first;
	const char *view;		/* template of the page, or NULL */
	unsigned flags;
	checks *check;			/* rules that the input's table cannot say, or NULL */
	step *form;			/* page: loads what the view needs to show the form again with errors */
	const char *conflict_view;	/* page: template of a 409, or NULL for the error page */
	const struct shape *output;	/* members of the answer, for the OpenAPI document */
	const char *summary;		/* one line for the OpenAPI document */
};

/* The members of every list's query; the struct holds int64_t limit and const char *cursor. */
#define PAGE_FIELDS(record) \
	FIELD(record, limit, INT, "limit", .min = 1, .max = 100, .def = "25", \
	      .help = "Rows of one page."), \
	FIELD(record, cursor, TEXT, "cursor", .max = 120, \
	      .help = "The next member of the page before.")
/* The query of a list that takes nothing else. */
extern const struct input page_input;
