#include "app/routes.h"

#include <stdio.h>
#include <string.h>

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

static json_t *codes_json(const struct code_list *list)
{
	json_t *codes = json_array();

	for (size_t i = 0; i < list->n; i++)
		json_array_append_new(codes, json_pack("{s:s, s:s}", "code", list->rows[i].code, "label",
						       list->rows[i].label));
	return codes;
}

/* The questions of DASH are licensed, so the council has them in a file. */
static bool add_question(json_t *questions, char *line, struct arena *a, const char **error)
{
	char *text = strchr(line, '\t');
	int topic;

	if (*line == '#' || *line == '\0')
		return true;
	if (text)
		*text++ = '\0';
	topic = code_index(&dash_topic_codes, line);
	if (topic < 0 || !text || !*text) {
		*error = arena_printf(a, "each line is a topic, a tab and its question; this is none: %s", line);
		return false;
	}
	json_object_set_new(json_array_get(questions, (size_t)topic), "label", json_string(text));
	return true;
}

static bool read_questions(json_t *questions, const char *path, struct arena *a, const char **error)
{
	char line[1024];
	FILE *f = fopen(path, "re");
	bool good = true;

	if (!f) {
		*error = arena_printf(a, "%s cannot be read: %m", path);
		return false;
	}
	while (good && fgets(line, sizeof(line), f)) {
		line[strcspn(line, "\r\n")] = '\0';
		good = add_question(questions, line, a, error);
	}
	fclose(f);
	return good;
}

json_t *app_page_options(const char *dash_wording, struct arena *a, const char **error)
{
	json_t *options = json_object(), *questions = codes_json(&dash_topic_codes);

	json_object_set_new(options, "dash_question", questions);
	if (*dash_wording && !read_questions(questions, dash_wording, a, error)) {
		json_decref(options);
		return NULL;
	}

	for (const struct code_list *const *list = code_lists; *list; list++)
		json_object_set_new(options, (*list)->name, codes_json(*list));
	return options;
}
