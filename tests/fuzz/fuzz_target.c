/* From bytes to a route's arguments and a query's pairs: every head that the gate passes is cut
 * into a request, matched and decoded. The result names the same path as the input, and is the same
 * when it is encoded and decoded again. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "../../src/http/conn.h"
#include "../../src/serve/cursor.h"
#include "http/query.h"
#include "http/route.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const struct http_route templates[] = {
	{ HTTP_GET, "/", 0 },
	{ HTTP_GET, "/households/{id}", 1 },
	{ HTTP_PATCH, "/households/{id}/characteristics/{member}", 2 },
	{ HTTP_POST, "/referrals/new", 3 },
	{ HTTP_GET, "/referrals/{id}", 4 },
};

static void hold(bool truth)
{
	if (!truth)
		abort();
}

static void check_args(struct arena *a, const struct http_match *m)
{
	hold(m->n <= HTTP_MAX_ARGS && (m->kind == HTTP_MATCH_FOUND || m->n == 0 || m->allow));
	for (size_t i = 0; i < m->n; i++) {
		const char *value = m->args[i].value, *again = url_encode(a, value);

		hold(*value && !strpbrk(value, "/\\"));
		hold(strcmp(http_percent_decode(a, again, strlen(again)), value) == 0);
	}
}

static void check_pairs(struct arena *a, const struct http_pairs *p)
{
	struct text t = text_in(a);
	struct http_pairs again;

	hold(p->n <= HTTP_MAX_PAIRS);
	for (size_t i = 0; i < p->n; i++)
		text_printf(&t, "%s%s=%s", i ? "&" : "", url_encode(a, p->pair[i].name),
			    url_encode(a, p->pair[i].value));
	text_done(&t);
	hold(http_form_decode(a, t.data, t.len, &again) && again.n == p->n);
	for (size_t i = 0; i < p->n; i++)
		hold(strcmp(again.pair[i].name, p->pair[i].name) == 0 &&
		     strcmp(again.pair[i].value, p->pair[i].value) == 0);
}

static void check_path(struct arena *a, enum http_method method, const char *raw)
{
	static struct http_routes *routes;
	static struct arena *forever;
	const char *error;
	struct http_match m;

	if (!routes) {
		forever = arena_new();
		routes = http_routes_compile(forever, templates, sizeof(templates) / sizeof(*templates), &error);
	}
	hold(routes != NULL);
	m = http_route_match(routes, a, method, raw);
	check_args(a, &m);
}

static void check_query(struct arena *a, const char *bytes, size_t len)
{
	struct http_pairs pairs;

	if (http_form_decode(a, bytes, len, &pairs))
		check_pairs(a, &pairs);
}

static void check_head(struct arena *a, const struct gate *g, const uint8_t *data, size_t size)
{
	char *bytes = arena_alloc(a, size + 1), *paths = arena_alloc(a, 2 * (g->path_len + 1u));
	struct http_header *headers = arena_array_of(a, g->headers + 1u, struct http_header);
	struct http_request r = { 0 };
	size_t len;

	memcpy(bytes, data, size);
	request_fill(&r, g, bytes, headers, paths);
	hold(r.path[0] == '/' && !strchr(r.path, '\\') && strlen(r.path) <= g->path_len);
	check_path(a, r.method, r.raw_path);
	check_query(a, r.query, strlen(r.query));
	hold(http_request_header(&r, "Host") != NULL);
	http_prefers_html(http_request_header(&r, "Accept"));
	http_media_type_is(http_request_header(&r, "Content-Type"), "application/json");
	http_request_cookie(&r, "haven", &len);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const struct http_limits limits = { .head = 8192, .headers = 64, .body = 65536 };
	struct arena *a = arena_new();
	const char *text = arena_strndup(a, (const char *)data, size);
	struct gate g;

	gate_init(&g, &limits);
	if (gate_feed(&g, (const char *)data, size) == GATE_HEAD)
		check_head(a, &g, data, size);
	check_query(a, (const char *)data, size);
	check_path(a, HTTP_GET, text);
	arena_free(a);
	return 0;
}
