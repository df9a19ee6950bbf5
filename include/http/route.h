/* Which route a request is for.
 *
 * A template is a path whose segments are literal or "{name}": "/placements/{id}/history". A
 * literal segment wins over a name, and is compared as sent. HEAD is served by GET rows. The table
 * is compiled once and read only afterwards.
 */
#pragma once
#include <stddef.h>

#include "base/arena.h"
#include "http/server.h"

struct http_routes;

struct http_route {
	enum http_method method;
	const char *path;	/* the template; kept by reference */
	size_t index;		/* the caller's row: what a match returns */
};

enum http_match_kind {
	HTTP_MATCH_NONE,	/* 404 */
	HTTP_MATCH_METHOD,	/* 405, with allow */
	HTTP_MATCH_FOUND,
};

enum { HTTP_MAX_ARGS = 8 };

struct http_match {
	enum http_match_kind kind;
	size_t index;		/* found: the row's index */
	const char *allow;	/* 405 and OPTIONS: "GET, HEAD, POST, OPTIONS", in the arena */
	size_t n;
	struct http_arg {
		const char *name, *value;	/* value percent-decoded, in the arena */
	} args[HTTP_MAX_ARGS];
};

/* Compiles n rows into the arena. On a bad template, a row given twice, or two templates that
 * differ in names only, returns NULL with *error set in the arena. */
struct http_routes *http_routes_compile(struct arena *a, const struct http_route *rows, size_t n,
					const char **error);

/* Matches a request's raw_path. A segment that decodes to NUL, a slash, a backslash, a control
 * character or invalid UTF-8 matches no name; an empty segment matches nothing (so "/x/" is not
 * "/x"). OPTIONS without a row of its own gives HTTP_MATCH_METHOD with allow, for the caller to
 * answer 204. */
struct http_match http_route_match(const struct http_routes *routes, struct arena *a,
				   enum http_method method, const char *path);

/* The named argument of a match, or NULL. */
const char *http_match_arg(const struct http_match *m, const char *name);
