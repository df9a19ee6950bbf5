#include "http/route.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "http/query.h"

enum { MAX_SEGMENTS = 12, NO_ROW = -1 };

struct segment {
	const char *text;	/* of a name: without the braces */
	size_t len;
	bool named;
};

struct path {
	size_t n;
	struct segment segment[MAX_SEGMENTS];
};

/* One template with the rows of all its methods. */
struct shape {
	struct path path;
	ptrdiff_t row[HTTP_METHODS];
};

struct http_routes {
	struct shape *shape;	/* sorted: by number of segments, then literals before names */
	size_t n;
	size_t first[MAX_SEGMENTS + 2];	/* shapes of n segments are first[n] … first[n + 1] - 1 */
};

/* "/" has no segments. False for an empty segment, or too many. */
static bool split(const char *s, struct path *out)
{
	out->n = 0;
	if (*s++ != '/')
		return false;
	if (*s == '\0')
		return true;
	for (;; s++) {
		size_t len = strcspn(s, "/");

		if (len == 0 || out->n == MAX_SEGMENTS)
			return false;
		out->segment[out->n++] = (struct segment){ s, len, false };
		s += len;
		if (*s == '\0')
			return true;
	}
}

static bool is_name(const char *s, size_t len)
{
	return len > 0 && strspn(s, "abcdefghijklmnopqrstuvwxyz_") >= len;
}

/* Turns "{name}" into a name; false for braces anywhere else. */
static bool read_segment(struct segment *seg)
{
	size_t brace = strcspn(seg->text, "{}");

	if (brace >= seg->len)
		return true;
	if (brace > 0 || seg->len < 3 || seg->text[seg->len - 1] != '}')
		return false;
	*seg = (struct segment){ seg->text + 1, seg->len - 2, true };
	return is_name(seg->text, seg->len);
}

static bool same_text(const struct segment *a, const struct segment *b)
{
	return a->len == b->len && memcmp(a->text, b->text, a->len) == 0;
}

static bool name_repeats(const struct path *p, size_t i)
{
	for (size_t j = 0; j < i; j++)
		if (p->segment[j].named && same_text(&p->segment[i], &p->segment[j]))
			return true;
	return false;
}

static bool read_template(const char *text, struct path *out)
{
	size_t names = 0;

	if (!split(text, out))
		return false;
	for (size_t i = 0; i < out->n; i++) {
		if (!read_segment(&out->segment[i]))
			return false;
		if (!out->segment[i].named)
			continue;
		if (++names > HTTP_MAX_ARGS || name_repeats(out, i))
			return false;
	}
	return true;
}

/* Orders templates as they are tried; 0 where they match the same paths. */
static int compare_segments(const struct segment *a, const struct segment *b)
{
	size_t len = a->len < b->len ? a->len : b->len;
	int order;

	if (a->named || b->named)
		return a->named - b->named;
	order = memcmp(a->text, b->text, len);
	return order != 0 ? order : (a->len > b->len) - (a->len < b->len);
}

static int compare_paths(const struct path *a, const struct path *b)
{
	if (a->n != b->n)
		return a->n < b->n ? -1 : 1;
	for (size_t i = 0; i < a->n; i++) {
		int order = compare_segments(&a->segment[i], &b->segment[i]);

		if (order != 0)
			return order;
	}
	return 0;
}

static int compare_shapes(const void *a, const void *b)
{
	return compare_paths(&((const struct shape *)a)->path, &((const struct shape *)b)->path);
}

static bool same_names(const struct path *a, const struct path *b)
{
	for (size_t i = 0; i < a->n; i++)
		if (!same_text(&a->segment[i], &b->segment[i]))
			return false;
	return true;
}

/* The shape of that template; makes it where there is none yet. */
static struct shape *shape_for(struct http_routes *r, const struct path *path)
{
	struct shape *s = r->shape;

	while (s < r->shape + r->n && compare_paths(&s->path, path) != 0)
		s++;
	if (s < r->shape + r->n)
		return s;
	r->n++;
	s->path = *path;
	for (int m = 0; m < HTTP_METHODS; m++)
		s->row[m] = NO_ROW;
	return s;
}

static const char *add_row(struct http_routes *r, const struct http_route *row)
{
	struct path path;
	struct shape *s;

	if (!read_template(row->path, &path))
		return "bad template";
	s = shape_for(r, &path);
	if (!same_names(&s->path, &path))
		return "differs from another template in names only";
	if (s->row[row->method] != NO_ROW)
		return "given twice";
	s->row[row->method] = (ptrdiff_t)row->index;
	return NULL;
}

static void index_shapes(struct http_routes *r)
{
	size_t i = 0;

	qsort(r->shape, r->n, sizeof(*r->shape), compare_shapes);
	for (size_t segments = 0; segments <= MAX_SEGMENTS + 1; segments++) {
		while (i < r->n && r->shape[i].path.n < segments)
			i++;
		r->first[segments] = i;
	}
}

struct http_routes *http_routes_compile(struct arena *a, const struct http_route *rows, size_t n,
					const char **error)
{
	struct http_routes *r = arena_new_of(a, struct http_routes);

	r->shape = arena_array_of(a, n, struct shape);
	for (size_t i = 0; i < n; i++) {
		const char *fault = add_row(r, &rows[i]);

		if (fault == NULL)
			continue;
		*error = arena_printf(a, "%s %s: %s", http_method_name(rows[i].method),
				      rows[i].path, fault);
		return NULL;
	}
	index_shapes(r);
	return r;
}

static bool arg_ok(const char *value)
{
	if (value == NULL)
		return false;
	for (; *value != '\0'; value++)
		if ((unsigned char)*value < ' ' || *value == 0x7f || *value == '/' ||
		    *value == '\\')
			return false;
	return true;
}

static bool take_arg(struct http_match *m, struct arena *a, const struct segment *name,
		     const struct segment *value)
{
	struct http_arg *arg = &m->args[m->n++];

	arg->name = arena_strndup(a, name->text, name->len);
	arg->value = http_percent_decode(a, value->text, value->len);
	return arg_ok(arg->value);
}

/* Literals first: they cost nothing and rule most templates out. */
static bool literals_match(const struct path *template, const struct path *path)
{
	for (size_t i = 0; i < path->n; i++)
		if (!template->segment[i].named &&
		    !same_text(&template->segment[i], &path->segment[i]))
			return false;
	return true;
}

static bool shape_matches(const struct shape *s, const struct path *path, struct arena *a,
			  struct http_match *m)
{
	m->n = 0;
	if (!literals_match(&s->path, path))
		return false;
	for (size_t i = 0; i < path->n; i++)
		if (s->path.segment[i].named &&
		    !take_arg(m, a, &s->path.segment[i], &path->segment[i]))
			return false;
	return true;
}

static const char *allow_text(const struct shape *s, struct arena *a)
{
	struct text t = text_in(a);

	for (enum http_method m = 0; m < HTTP_METHODS; m++) {
		if (m == HTTP_OPTIONS || (s->row[m] == NO_ROW &&
					  (m != HTTP_HEAD || s->row[HTTP_GET] == NO_ROW)))
			continue;
		text_puts(&t, http_method_name(m));
		text_lit(&t, ", ");
	}
	text_lit(&t, "OPTIONS");
	return text_done(&t);
}

static void choose_row(const struct shape *s, struct arena *a, enum http_method method,
		       struct http_match *m)
{
	ptrdiff_t row = s->row[method];

	if (row == NO_ROW && method == HTTP_HEAD)
		row = s->row[HTTP_GET];
	if (row == NO_ROW || method == HTTP_OPTIONS)
		m->allow = allow_text(s, a);
	m->kind = row == NO_ROW ? HTTP_MATCH_METHOD : HTTP_MATCH_FOUND;
	m->index = row == NO_ROW ? 0 : (size_t)row;
}

struct http_match http_route_match(const struct http_routes *routes, struct arena *a,
				   enum http_method method, const char *path)
{
	struct http_match m = { .kind = HTTP_MATCH_NONE };
	struct path split_path;

	if (!split(path, &split_path))
		return m;
	for (size_t i = routes->first[split_path.n]; i < routes->first[split_path.n + 1]; i++) {
		if (!shape_matches(&routes->shape[i], &split_path, a, &m))
			continue;
		choose_row(&routes->shape[i], a, method, &m);
		return m;
	}
	m.n = 0;
	return m;
}

const char *http_match_arg(const struct http_match *m, const char *name)
{
	for (size_t i = 0; i < m->n; i++)
		if (strcmp(m->args[i].name, name) == 0)
			return m->args[i].value;
	return NULL;
}
