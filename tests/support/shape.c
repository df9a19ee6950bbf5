#include "shape.h"

#include <string.h>

#include "app/routes.h"
#include "base/date.h"
#include "base/uuid.h"

static const char *object_fault(struct arena *a, const struct shape *s, const json_t *v, const char *at);

static bool text_is(enum shape_type type, const struct code_list *codes, const char *s)
{
	int32_t day;
	int64_t us;

	switch (type) {
	case SHAPE_TEXT: return true;
	case SHAPE_UUID: return uuid_valid(s);
	case SHAPE_DATE: return day_parse(s, &day);
	case SHAPE_INSTANT: return s[strlen(s) - (*s != '\0')] == 'Z' && instant_parse(s, &us);
	case SHAPE_CODE: return codes && code_index(codes, s) >= 0;
	default: return false;
	}
}

static const char *one_fault(struct arena *a, const struct shape_member *m, const json_t *v, const char *at)
{
	if (m->type == SHAPE_OBJECT && !json_is_object(v))
		return arena_printf(a, "%s: no object", at);
	if (m->type == SHAPE_OBJECT)
		return m->sub ? object_fault(a, m->sub, v, at) : NULL;
	if (m->type == SHAPE_INT)
		return json_is_integer(v) ? NULL : arena_printf(a, "%s: no integer", at);
	if (m->type == SHAPE_BOOL)
		return json_is_boolean(v) ? NULL : arena_printf(a, "%s: no boolean", at);
	if (!json_is_string(v))
		return arena_printf(a, "%s: no text", at);
	if (!text_is(m->type, m->codes, json_string_value(v)))
		return arena_printf(a, "%s: \"%s\" is no %s", at, json_string_value(v),
				    m->type == SHAPE_CODE && m->codes ? m->codes->name : "such text");
	return NULL;
}

static const char *list_fault(struct arena *a, const struct shape_member *m, const json_t *v, const char *at)
{
	const char *fault = json_is_array(v) ? NULL : arena_printf(a, "%s: no list", at);

	for (size_t i = 0; i < json_array_size(v) && !fault; i++)
		fault = one_fault(a, m, json_array_get(v, i), arena_printf(a, "%s.%zu", at, i));
	return fault;
}

static const char *member_fault(struct arena *a, const struct shape_member *m, const json_t *object, const char *at)
{
	const json_t *v = json_object_get(object, m->name);
	const char *here = arena_printf(a, "%s%s%s", at, *at ? "." : "", m->name);

	if (!v)
		return arena_printf(a, "%s: missing", here);
	if (json_is_null(v))
		return m->nullable ? NULL : arena_printf(a, "%s: null", here);
	return m->list ? list_fault(a, m, v, here) : one_fault(a, m, v, here);
}

static const char *extra_fault(struct arena *a, const struct shape *s, const json_t *v, const char *at)
{
	const char *name;
	json_t *member;

	json_object_foreach((json_t *)(uintptr_t)v, name, member) {
		const struct shape_member *m = s->members;

		while (m->name && strcmp(m->name, name) != 0)
			m++;
		if (!m->name)
			return arena_printf(a, "%s%s%s: not in the shape \"%s\"", at, *at ? "." : "", name, s->name);
	}
	return NULL;
}

static const char *object_fault(struct arena *a, const struct shape *s, const json_t *v, const char *at)
{
	const char *fault = extra_fault(a, s, v, at);

	for (const struct shape_member *m = s->members; m->name && !fault; m++)
		fault = member_fault(a, m, v, at);
	return fault;
}

const char *shape_fault(struct arena *a, const struct shape *s, const json_t *answer)
{
	const struct shape_member items = SHAPE("items", OBJECT, .list = true, .sub = s);
	const struct shape_member next = SHAPE("next", TEXT, .nullable = true);
	size_t known = 1;

	if (!json_is_object(answer))
		return "no object";
	if (!s->list)
		return object_fault(a, s, answer, "");
	if (json_object_get(answer, "next")) {
		known = 2;
		if (member_fault(a, &next, answer, ""))
			return "next: neither text nor null";
	}
	if (json_object_size(answer) != known)
		return "a list has items and next, and nothing else";
	return member_fault(a, &items, answer, "");
}

bool route_has(const char *pattern, const char *path)
{
	while (*pattern && *path) {
		size_t n = strcspn(pattern, "/"), m = strcspn(path, "/");

		if (*pattern != '{' && (n != m || strncmp(pattern, path, n) != 0))
			return false;
		pattern += n + (pattern[n] == '/');
		path += m + (path[m] == '/');
	}
	return *pattern == *path;
}

/* Of two rows for a path the one that names more of it. */
static const struct route *row_of(const char *method, const char *path)
{
	const struct route *found = NULL;

	for (const struct route *const *t = app_tables; *t; t++)
		for (const struct route *r = *t; r->method; r++)
			if (!(r->flags & (ROUTE_PAGE_ONLY | ROUTE_BARE)) && strcmp(r->method, method) == 0 &&
			    route_has(r->path, path) && (!found || strchr(found->path, '{')))
				found = r;
	return found;
}

const char *answer_fault(struct arena *a, const char *method, const char *target, const json_t *answer)
{
	static const char api[] = "/api/v1";
	size_t n = sizeof(api) - 1;
	const struct route *r = NULL;

	if (strncmp(target, api, n) == 0)
		r = row_of(method, arena_strndup(a, target + n, strcspn(target + n, "?")));
	return r && r->output ? shape_fault(a, r->output, answer) : NULL;
}
