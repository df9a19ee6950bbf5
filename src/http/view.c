#include "http/view.h"

#include "base/embedded.h"
#include "view_template.h"

/* Where names are looked up: an element of the data, or the arguments of a partial. */
struct scope {
	const json_t *value;
	const struct view_arg *args;
	const json_t **arg_values;
	size_t arg_count;
	const struct scope *up;
};

static void render_nodes(struct text *out, const struct view_template *t, size_t from, size_t to,
			 const struct scope *s);

/* True where s knows the name; *found may then still be NULL or null, which hides outer ones. */
static bool scope_has(const struct scope *s, const char *name, const json_t **found)
{
	for (size_t i = 0; i < s->arg_count; i++)
		if (text_eq(s->args[i].name, name)) {
			*found = s->arg_values[i];
			return true;
		}
	*found = json_object_get(s->value, name);
	return *found != NULL;
}

static const json_t *look_up(const struct scope *s, const struct view_name *name)
{
	const json_t *v = NULL;

	if (name->count == 0)
		return s->value;
	while (s && !scope_has(s, name->parts[0], &v))
		s = s->up;
	for (size_t i = 1; v && i < name->count; i++)
		v = json_object_get(v, name->parts[i]);
	return v;
}

static const json_t *filter_arg(const struct view_value *value, const struct scope *s)
{
	return value->filter->arg == ARG_NAME ? look_up(s, &value->other) : NULL;
}

static void render_value(struct text *out, const struct view_value *value, const struct scope *s)
{
	const json_t *v = look_up(s, &value->name);
	char digits[VIEW_SCALAR];
	size_t len;
	const char *plain;

	if (!v)
		return;
	if (value->filter && value->filter->print(out, v, filter_arg(value, s)))
		return;
	plain = view_scalar(v, digits, &len);
	text_html(out, plain, len);
}

static bool holds(const struct view_value *value, const json_t *v, const struct scope *s)
{
	if (!value->filter)
		return !view_is_empty(v);
	return value->filter->test(v, value->word, filter_arg(value, s));
}

static void render_section(struct text *out, const struct view_template *t, size_t at,
			   const struct scope *s)
{
	const struct view_node *n = &t->nodes[at];
	const json_t *v = look_up(s, &n->value.name);

	if (holds(&n->value, v, s) != (n->op == VIEW_SECTION))
		return;
	if (n->op == VIEW_INVERTED || n->value.filter)
		return render_nodes(out, t, at + 1, n->end, s);
	if (!json_is_array(v)) {
		struct scope in = { .value = v, .up = s };

		return render_nodes(out, t, at + 1, n->end, &in);
	}
	for (size_t i = 0; i < json_array_size(v); i++) {
		struct scope in = { .value = json_array_get(v, i), .up = s };

		render_nodes(out, t, at + 1, n->end, &in);
	}
}

static void render_partial(struct text *out, const struct view_node *n, const struct scope *s)
{
	const json_t *values[VIEW_ARGS];
	struct scope in = { .args = n->args, .arg_values = values, .arg_count = n->arg_count };

	if (!n->arg_count)
		return render_nodes(out, n->partial, 0, n->partial->count, s);
	for (size_t i = 0; i < n->arg_count; i++)
		values[i] = n->args[i].literal ? n->args[i].literal
					       : look_up(s, &n->args[i].value);
	render_nodes(out, n->partial, 0, n->partial->count, &in);
}

static void render_nodes(struct text *out, const struct view_template *t, size_t from, size_t to,
			 const struct scope *s)
{
	for (size_t i = from; i < to; i++) {
		const struct view_node *n = &t->nodes[i];

		switch (n->op) {
		case VIEW_TEXT:
			text_put(out, n->text, n->len);
			break;
		case VIEW_VALUE:
			render_value(out, &n->value, s);
			break;
		case VIEW_PARTIAL:
			render_partial(out, n, s);
			break;
		case VIEW_SECTION:
		case VIEW_INVERTED:
			render_section(out, t, i, s);
			i = n->end - 1;
			break;
		}
	}
}

static void render_all(struct text *out, const struct view_template *t, const json_t *data)
{
	struct scope top = { .value = data };

	render_nodes(out, t, 0, t->count, &top);
}

bool view_render(struct arena *a, struct text *out, const char *view, const json_t *data)
{
	const char *error;
	const struct view_template *t = view_load(view_path(a, view), &error);

	if (!t)
		return false;
	render_all(out, t, data);
	return true;
}

bool view_render_source(struct arena *a, struct text *out, const char *source, const json_t *data)
{
	struct view_template t;

	if (view_compile(a, "template", source, strlen(source), &t))
		return false;
	render_all(out, &t, data);
	return true;
}

const char *view_check_source(struct arena *a, const char *source)
{
	struct view_template t;

	return view_compile(a, "template", source, strlen(source), &t);
}

const char *view_check_all(struct arena *a)
{
	static const char prefix[] = "src/web/views/";
	const char *error = NULL;

	for (const struct embedded *f = embedded_files; f->path && !error; f++)
		if (strncmp(f->path, prefix, sizeof(prefix) - 1) == 0)
			view_load(f->path, &error);
	return arena_strdup(a, error);
}
