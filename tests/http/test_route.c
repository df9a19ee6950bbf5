#include <criterion/criterion.h>

#include <stdio.h>
#include <string.h>

#include "http/route.h"

static const struct http_route rows[] = {
	{ HTTP_GET, "/", 10 },
	{ HTTP_GET, "/placements", 11 },
	{ HTTP_POST, "/placements", 12 },
	{ HTTP_GET, "/placements/{id}", 13 },
	{ HTTP_PATCH, "/placements/{id}", 14 },
	{ HTTP_POST, "/placements/search", 15 },
	{ HTTP_GET, "/placements/{id}/history/{seq}", 16 },
	{ HTTP_DELETE, "/{kind}/{id}/history/all", 17 },
	{ HTTP_OPTIONS, "/placements/{id}/history/{seq}", 18 },
};

static struct http_match match(struct arena *a, enum http_method method, const char *path)
{
	const char *error = NULL;
	struct http_routes *r = http_routes_compile(a, rows, sizeof(rows) / sizeof(*rows), &error);

	cr_assert_not_null(r, "%s", error);
	return http_route_match(r, a, method, path);
}

struct found_case {
	enum http_method method;
	char path[64];
	enum http_match_kind kind;
	size_t index;
	char allow[64], id[32];
};

static const struct found_case found[] = {
	{ HTTP_GET, "/", HTTP_MATCH_FOUND, 10, "", "" },
	{ HTTP_GET, "/placements", HTTP_MATCH_FOUND, 11, "", "" },
	{ HTTP_HEAD, "/placements", HTTP_MATCH_FOUND, 11, "", "" },
	{ HTTP_POST, "/placements", HTTP_MATCH_FOUND, 12, "", "" },
	{ HTTP_DELETE, "/placements", HTTP_MATCH_METHOD, 0, "GET, HEAD, POST, OPTIONS", "" },
	{ HTTP_OPTIONS, "/placements", HTTP_MATCH_METHOD, 0, "GET, HEAD, POST, OPTIONS", "" },
	{ HTTP_GET, "/placements/7", HTTP_MATCH_FOUND, 13, "", "7" },
	{ HTTP_PATCH, "/placements/search", HTTP_MATCH_METHOD, 0, "POST, OPTIONS", "" },
	{ HTTP_POST, "/placements/search", HTTP_MATCH_FOUND, 15, "", "" },
	{ HTTP_GET, "/placements/a%20%C3%A9", HTTP_MATCH_FOUND, 13, "", "a \xc3\xa9" },
	{ HTTP_GET, "/placements/a+b", HTTP_MATCH_FOUND, 13, "", "a+b" },
	{ HTTP_GET, "/placements/%2520", HTTP_MATCH_FOUND, 13, "", "%20" },
	{ HTTP_GET, "/placements/7/history/2", HTTP_MATCH_FOUND, 16, "", "7" },
	{ HTTP_GET, "/placements/7/history/all", HTTP_MATCH_FOUND, 16, "", "7" },
	{ HTTP_DELETE, "/voids/7/history/all", HTTP_MATCH_FOUND, 17, "", "7" },
	{ HTTP_OPTIONS, "/placements/7/history/2", HTTP_MATCH_FOUND, 18, "GET, HEAD, OPTIONS",
	  "7" },
	{ HTTP_GET, "/placements/", HTTP_MATCH_NONE, 0, "", "" },
	{ HTTP_GET, "/placements/7/", HTTP_MATCH_NONE, 0, "", "" },
	{ HTTP_GET, "//placements", HTTP_MATCH_NONE, 0, "", "" },
	{ HTTP_GET, "/placement", HTTP_MATCH_NONE, 0, "", "" },
	{ HTTP_GET, "/placements/%00", HTTP_MATCH_NONE, 0, "", "" },
	{ HTTP_GET, "/placements/a%2Fb", HTTP_MATCH_NONE, 0, "", "" },
	{ HTTP_GET, "/placements/a%5Cb", HTTP_MATCH_NONE, 0, "", "" },
	{ HTTP_GET, "/placements/%0A", HTTP_MATCH_NONE, 0, "", "" },
	{ HTTP_GET, "/placements/%FF", HTTP_MATCH_NONE, 0, "", "" },
	{ HTTP_GET, "/placements/%C0%AF", HTTP_MATCH_NONE, 0, "", "" },
	{ HTTP_GET, "/placements/%4", HTTP_MATCH_NONE, 0, "", "" },
	{ HTTP_GET, "/a/b/c/d/e/f/g/h/i/j/k/l/m/n", HTTP_MATCH_NONE, 0, "", "" },
	{ HTTP_GET, "", HTTP_MATCH_NONE, 0, "", "" },
};

static void check_found(struct arena *a, const struct found_case *c)
{
	struct http_match m = match(a, c->method, c->path);
	const char *id = http_match_arg(&m, "id");

	cr_expect_eq(m.kind, c->kind, "%s: kind %d", c->path, m.kind);
	cr_expect_eq(m.index, c->index, "%s: row %zu", c->path, m.index);
	cr_expect_str_eq(m.allow != NULL ? m.allow : "", c->allow, "%s: allow %s", c->path,
			 m.allow != NULL ? m.allow : "none");
	if (c->kind == HTTP_MATCH_FOUND)
		cr_expect_str_eq(id != NULL ? id : "", c->id, "%s: id %s", c->path, id);
}

Test(route, finds_rows_and_decodes_once)
{
	struct arena *a = arena_new();

	for (size_t i = 0; i < sizeof(found) / sizeof(*found); i++)
		check_found(a, &found[i]);
	arena_free(a);
}

static const struct {
	struct http_route rows[2];
	size_t n;
	const char *error;
} faults[] = {
	{ { { HTTP_GET, "a", 0 } }, 1, "GET a: bad template" },
	{ { { HTTP_GET, "/a/", 0 } }, 1, "GET /a/: bad template" },
	{ { { HTTP_GET, "/a{b}", 0 } }, 1, "GET /a{b}: bad template" },
	{ { { HTTP_GET, "/{}", 0 } }, 1, "GET /{}: bad template" },
	{ { { HTTP_GET, "/{A}", 0 } }, 1, "GET /{A}: bad template" },
	{ { { HTTP_GET, "/{a}/{a}", 0 } }, 1, "GET /{a}/{a}: bad template" },
	{ { { HTTP_GET, "/a/{b", 0 } }, 1, "GET /a/{b: bad template" },
	{ { { HTTP_GET, "/a", 0 }, { HTTP_GET, "/a", 1 } }, 2, "GET /a: given twice" },
	{ { { HTTP_GET, "/a/{b}", 0 }, { HTTP_POST, "/a/{c}", 1 } }, 2,
	  "POST /a/{c}: differs from another template in names only" },
};

Test(route, refuses_tables_with_faults)
{
	struct arena *a = arena_new();

	for (size_t i = 0; i < sizeof(faults) / sizeof(*faults); i++) {
		const char *error = "(none)";

		cr_expect_null(http_routes_compile(a, faults[i].rows, faults[i].n, &error),
			       "accepted; expected %s", faults[i].error);
		cr_expect_str_eq(error, faults[i].error, "%s", error);
	}
	arena_free(a);
}

Test(route, tells_a_thousand_rows_apart)
{
	struct arena *a = arena_new();
	struct http_route *many = arena_array_of(a, 1000, struct http_route);
	const char *error = NULL;
	struct http_routes *r;

	for (size_t i = 0; i < 1000; i++)
		many[i] = (struct http_route){ HTTP_GET,
			arena_printf(a, "/%s%zu/{id}%s", i % 2 ? "a" : "ab", i / 2,
				     i % 3 ? "/x" : ""), i };
	r = http_routes_compile(a, many, 1000, &error);
	cr_assert_not_null(r, "%s", error);
	for (size_t i = 0; i < 1000; i++) {
		const char *path = arena_printf(a, "/%s%zu/7%s", i % 2 ? "a" : "ab", i / 2,
						i % 3 ? "/x" : "");
		struct http_match m = http_route_match(r, a, HTTP_GET, path);

		cr_assert(m.kind == HTTP_MATCH_FOUND && m.index == i, "%s: row %zu", path, m.index);
	}
	arena_free(a);
}
