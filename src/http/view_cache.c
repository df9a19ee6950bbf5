/* Parsed views, kept for the life of the process. */
#include "base/embedded.h"
#include "view_template.h"

enum state { NEW, LINKING, READY };

struct entry {
	enum state state;
	struct view_template template;
	const char *error;
};

/* One entry for each embedded file, in its order; filled as views are asked for. */
static struct {
	struct arena *arena;
	struct entry *entries;
} cache;

static struct entry *entry_of(const struct embedded *file)
{
	size_t count = 0;

	if (!cache.arena) {
		while (embedded_files[count].path)
			count++;
		cache.arena = arena_new();
		cache.entries = arena_array_of(cache.arena, count + 1, struct entry);
	}
	return &cache.entries[file - embedded_files];
}

/* NULL where no such view is embedded. */
static struct entry *load(const char *path)
{
	const struct embedded *file = embedded_find(path);
	struct entry *e;

	if (!file)
		return NULL;
	e = entry_of(file);
	if (e->state == NEW) {
		e->state = LINKING;
		e->error = view_compile(cache.arena, path, (const char *)file->bytes, file->size,
					&e->template);
		e->state = READY;
	}
	return e;
}

static const char *link_partial(struct arena *a, const char *path, struct view_node *n)
{
	const struct entry *e = load(view_path(a, n->text));

	if (!e)
		return arena_printf(a, "%s:%d: no such view: %s", path, n->line, n->text);
	if (e->state == LINKING)
		return arena_printf(a, "%s:%d: a view within itself: %s", path, n->line, n->text);
	n->partial = &e->template;
	return e->error;
}

const char *view_compile(struct arena *a, const char *path, const char *source, size_t len,
			 struct view_template *t)
{
	const char *error = view_parse(a, path, source, len, t);

	for (size_t i = 0; !error && i < t->count; i++)
		if (t->nodes[i].op == VIEW_PARTIAL)
			error = link_partial(a, path, &t->nodes[i]);
	return error;
}

const char *view_path(struct arena *a, const char *view)
{
	return arena_printf(a, "src/web/views/%s.html", view);
}

const struct view_template *view_load(const char *path, const char **error)
{
	const struct entry *e = load(path);

	*error = e ? e->error : NULL;
	return e && !e->error ? &e->template : NULL;
}
