/* Compiles the route table, and lets requests in. */
#include "serve/server.h"

#include <string.h>

#include "base/clock.h"
#include "base/uuid.h"
#include "ctx.h"

#define API "/api/v1"

static enum http_method method_number(const char *name)
{
	enum http_method m = HTTP_GET;

	while (m < HTTP_METHODS && strcmp(http_method_name(m), name) != 0)
		m++;
	return m;
}

static size_t count_rows(const struct route *const *tables)
{
	size_t n = 0;

	for (; *tables; tables++)
		for (const struct route *r = *tables; r->method; r++)
			n++;
	return n;
}

static void add_address(struct serve *s, struct http_route *out, const struct route *r, bool page,
			const char *prefix)
{
	out[s->n] = (struct http_route){
		.method = method_number(r->method),
		.path = arena_printf(s->arena, "%s%s", prefix, r->path),
		.index = s->n,
	};
	s->rows[s->n] = r;
	s->pages[s->n] = page;
	s->n++;
}

static void add_addresses(struct serve *s, struct http_route *out, const struct route *r)
{
	if (r->flags & ROUTE_BARE) {
		add_address(s, out, r, false, "");
		return;
	}
	if (!(r->flags & ROUTE_PAGE_ONLY))
		add_address(s, out, r, false, API);
	if (r->view)
		add_address(s, out, r, true, "");
}

struct serve *serve_new(struct arena *a, const struct serve_options *o, const char **error)
{
	size_t most = 2 * count_rows(o->tables);
	struct http_route *addresses = arena_array_of(a, most, struct http_route);
	struct serve *s = arena_new_of(a, struct serve);

	*s = (struct serve){ .o = *o, .arena = a };
	s->rows = arena_array(a, most, sizeof(*s->rows));
	s->pages = arena_array_of(a, most, bool);
	for (const struct route *const *t = o->tables; *t; t++)
		for (const struct route *r = *t; r->method; r++)
			add_addresses(s, addresses, r);
	s->routes = http_routes_compile(a, addresses, s->n, error);
	if (!s->routes)
		return NULL;
	s->sessions = sessions_new();
	return s;
}

void serve_free(struct serve *s)
{
	if (s)
		sessions_free(s->sessions);
}

const struct serve_stats *serve_stats(const struct serve *s)
{
	return &s->stats;
}

/* A browser that asks for an address outside /api/v1 gets a page; its errors are pages too. */
static bool wants_page(const struct ctx *c)
{
	const struct http_request *r = c->r;

	if (c->match.kind == HTTP_MATCH_FOUND)
		return c->serve->pages[c->match.index];
	return strncmp(r->path, API "/", sizeof(API)) != 0 &&
	       http_prefers_html(http_request_header(r, "accept"));
}

static struct ctx *ctx_new(struct serve *s, struct http_exchange *x, const struct http_request *r)
{
	struct arena *a = arena_new();
	struct ctx *c = arena_new_of(a, struct ctx);

	*c = (struct ctx){ .arena = a, .serve = s, .x = x, .r = r, .started = clock_mono() };
	uuid_random(c->request_id);
	if (r->body_len > 0)
		arena_secret(a);
	c->match = http_route_match(s->routes, a, r->method, r->raw_path);
	c->page = wants_page(c);
	return c;
}

static struct reply begin(struct ctx *c)
{
	struct reply refusal;

	if (c->route->roles != PUBLIC && !ctx_can(c, c->route->roles))
		return problem(c, PROBLEM_FORBIDDEN);
	if (!acceptable(c))
		return problem(c, PROBLEM_NOT_ACCEPTABLE);
	if (!decode_request(c, &refusal))
		return refusal;
	return c->route->first(c);
}

static void method_problem(struct ctx *c)
{
	c->link = NULL;
	if (c->r->method == HTTP_OPTIONS) {
		ctx_finish(c, (struct reply){ .status = 204 });
		return;
	}
	ctx_finish(c, problem(c, PROBLEM_METHOD_NOT_ALLOWED));
}

static bool writes(const struct ctx *c)
{
	return c->r->method != HTTP_GET && c->r->method != HTTP_HEAD &&
	       !(c->route->flags & (ROUTE_READS | ROUTE_GROUPED));
}

void serve_request(struct http_exchange *x, const struct http_request *r, void *arg)
{
	struct ctx *c = ctx_new(arg, x, r);

	if (c->match.kind == HTTP_MATCH_NONE) {
		ctx_finish(c, problem(c, PROBLEM_NOT_FOUND));
		return;
	}
	if (c->match.kind == HTTP_MATCH_METHOD) {
		method_problem(c);
		return;
	}
	c->route = c->serve->rows[c->match.index];
	c->writes = writes(c);
	if (c->route->roles == PUBLIC)
		ctx_run(c, begin);
	else
		authenticate(c, begin);
}
