#include "app/routes.h"

#include "api/codes.h"
#include "api/routes.h"
#include "app/openapi.h"
#include "web/routes.h"

static struct reply openapi(struct ctx *c)
{
	return ok(c, app_openapi(ctx_arena(c), app_tables));
}

static const struct route document_routes[] = {
	{ "GET", "/openapi.json", PUBLIC, NULL, openapi, .summary = "This document" },
	{ 0 },
};

const struct route *const app_tables[] = {
#define ROUTES(name) name##_routes,
#include "api/routes.def"
#undef ROUTES
	web_routes,
	document_routes,
	NULL,
};

static json_t *codes_json(const struct code_list *list, size_t from, size_t to)
{
	json_t *codes = json_array();

	for (size_t i = from; i < to; i++)
		json_array_append_new(codes, json_pack("{s:s, s:s}", "code", list->rows[i].code, "label",
						       list->rows[i].label));
	return codes;
}

/* A page offers the decline reasons of one side. In the list the provider's come first. */
static void add_decline_reasons(json_t *options)
{
	const struct code_list *list = &decline_reason_codes;
	size_t n = 0;

	while (n < list->n && decline_reason_side((int)n) == decline_side_provider)
		n++;
	json_object_set_new(options, "provider_decline_reason", codes_json(list, 0, n));
	json_object_set_new(options, "household_decline_reason", codes_json(list, n, list->n));
}

json_t *app_page_options(void)
{
	json_t *options = json_object();

	for (const struct code_list *const *list = code_lists; *list; list++)
		json_object_set_new(options, (*list)->name, codes_json(*list, 0, (*list)->n));
	add_decline_reasons(options);
	return options;
}
