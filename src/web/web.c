/* The home page, the assets, and what the type of a problem leads to. */
#include <string.h>

#include "base/embedded.h"
#include "json/write.h"
#include "web/routes.h"

static const char *asset_type(const char *name)
{
	static const struct {
		const char *ending, *type;
	} types[] = {
		{ ".css", "text/css; charset=utf-8" },
		{ ".svg", "image/svg+xml" },
	};
	size_t n = strlen(name);

	for (size_t i = 0; i < sizeof(types) / sizeof(*types); i++) {
		size_t end = strlen(types[i].ending);

		if (n > end && strcmp(name + n - end, types[i].ending) == 0)
			return types[i].type;
	}
	return "application/octet-stream";
}

static struct reply asset(struct ctx *c)
{
	const char *name = ctx_arg(c, "name");
	const struct embedded *f = embedded_find(arena_printf(ctx_arena(c), "src/web/assets/%s", name));

	if (!f)
		return problem(c, PROBLEM_NOT_FOUND);
	return bytes_reply(f->bytes, f->size, asset_type(name));
}

/* The page to which the type URI of a problem leads. */
static struct reply problem_page(struct ctx *c)
{
	const char *slug = ctx_arg(c, "slug");
	struct text t = text_in(ctx_arena(c));

	for (int i = 0; i < PROBLEMS; i++) {
		if (strcmp(problem_texts[i].slug, slug) != 0)
			continue;
		json_object_begin(&t);
		json_put_text(&t, "title", problem_texts[i].title);
		json_put_key(&t, "status");
		json_put_i64(&t, problem_texts[i].status);
		json_object_end(&t);
		return ok(c, text_done(&t));
	}
	return problem(c, PROBLEM_NOT_FOUND);
}

const struct route web_routes[] = {
	{ "GET", "/assets/{name}", PUBLIC, NULL, asset, .flags = ROUTE_BARE },
	{ "GET", "/problems/{slug}", PUBLIC, NULL, problem_page, .flags = ROUTE_BARE },
	{ 0 },
};
