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

enum {
	ROUTE_READS = 1,	/* a POST that changes nothing: read connection, no key needed */
	ROUTE_KEYLESS = 2,	/* a POST that may be repeated without an Idempotency-Key */
	ROUTE_PAGE_ONLY = 4,	/* no JSON at /api/v1 */
	ROUTE_GROUPED = 8,	/* its one write goes through together(): no transaction of its own */
	ROUTE_BARE = 16,	/* at <path> itself, without /api/v1 and without a view: assets, problems */
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

/* What an answer holds; the OpenAPI document is made from it and live answers are checked with it. */
enum shape_type { SHAPE_TEXT, SHAPE_UUID, SHAPE_INT, SHAPE_BOOL, SHAPE_DATE, SHAPE_INSTANT, SHAPE_CODE, SHAPE_OBJECT };

struct shape_member {
	const char *name;
	enum shape_type type;
	bool nullable;
	bool list;
	const struct code_list *codes;	/* SHAPE_CODE */
	const struct shape *sub;	/* SHAPE_OBJECT; NULL: any object */
};

struct shape {
	const char *name;
	const struct shape_member *members;	/* ended by a row without name */
	bool list;				/* the answer is {"items": [of these], "next": …} */
};
