/* The code lists, for forms and programs: all at one address, or one by name. */
#include "api/codes.h"
#include "api/routes.h"
#include "json/write.h"

static const struct shape_member code_members[] = {
	SHAPE("code", TEXT),
	SHAPE("label", TEXT),
	{ 0 },
};
static const struct shape code_shape = { .name = "code", .members = code_members };
static const struct shape_member list_members[] = {
	SHAPE("name", TEXT),
	SHAPE("codes", OBJECT, .list = true, .sub = &code_shape),
	{ 0 },
};
static const struct shape one = { .name = "code_list", .members = list_members };
static const struct shape_member lists_members[] = {
	SHAPE("lists", OBJECT, .list = true, .sub = &one),
	{ 0 },
};
static const struct shape all = { .name = "code_lists", .members = lists_members };

static void put_list(struct text *t, const struct code_list *list)
{
	json_object_begin(t);
	json_put_text(t, "name", list->name);
	json_put_key(t, "codes");
	json_array_begin(t);
	for (size_t i = 0; i < list->n; i++) {
		json_object_begin(t);
		json_put_text(t, "code", list->rows[i].code);
		json_put_text(t, "label", list->rows[i].label);
		json_object_end(t);
	}
	json_array_end(t);
	json_object_end(t);
}

static struct reply code_all(struct ctx *c)
{
	struct text t = text_in(ctx_arena(c));

	json_object_begin(&t);
	json_put_key(&t, "lists");
	json_array_begin(&t);
	for (const struct code_list *const *list = code_lists; *list; list++)
		put_list(&t, *list);
	json_array_end(&t);
	json_object_end(&t);
	return ok(c, text_done(&t));
}

static struct reply code_get(struct ctx *c)
{
	const struct code_list *list = code_list_find(code_lists, ctx_arg(c, "name"));
	struct text t = text_in(ctx_arena(c));

	if (!list)
		return problem(c, PROBLEM_NOT_FOUND);
	put_list(&t, list);
	return ok(c, text_done(&t));
}

const struct route code_routes[] = {
	{ "GET", "/codes", EVERYBODY, NULL, code_all, .output = &all,
	  .summary = "Every code list with its labels" },
	{ "GET", "/codes/{name}", EVERYBODY, NULL, code_get, .output = &one,
	  .summary = "One code list" },
	{ 0 },
};
