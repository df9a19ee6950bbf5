/* Reading a JSON document: nesting is bounded, and what was read is wiped when it is freed. */
#include <malloc.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "kinds.h"

/* Whether brackets nest no deeper than JSON_DEPTH: checked before jansson reads the text, because
 * it recurses up to 2048 deep. Text that is not JSON may pass; jansson refuses it. */
static bool depth_ok(const char *s, size_t len)
{
	bool quoted = false;
	int depth = 0;

	for (const char *end = s + len; s < end; s++) {
		if (quoted && *s == '\\') {
			s++;
			continue;
		}
		if (*s == '"')
			quoted = !quoted;
		if (quoted)
			continue;
		if ((*s == '{' || *s == '[') && ++depth > JSON_DEPTH)
			return false;
		depth -= *s == '}' || *s == ']';
	}
	return true;
}

/* Memory for the nodes of documents being read. Most requests end before the next begins, so
 * their nodes, some hundred of them, are taken one after the other from a region, which is empty
 * again when the last of the documents is forgotten. Nodes that find no room there come from the
 * heap. */
enum { REGION = 128 * 1024, ALIGN = 16 };
static _Alignas(ALIGN) char region[REGION];
static size_t region_used;
static int documents;
static bool reading;

static void *take(size_t size)
{
	size_t rounded = (size + ALIGN - 1) / ALIGN * ALIGN;
	char *p = region + region_used;

	if (!reading || rounded < size || rounded > REGION - region_used)
		return malloc(size);
	region_used += rounded;
	return p;
}

/* Wiped before it is freed: it may hold a password or a name. */
static void give(void *p)
{
	if (!p || (uintptr_t)p - (uintptr_t)region < REGION)
		return;
	explicit_bzero(p, malloc_usable_size(p));
	free(p);
}

static void region_empty(void)
{
	if (documents > 0)
		return;
	explicit_bzero(region, region_used);
	region_used = 0;
}

static void forget(void *tree)
{
	json_decref(tree);
	documents--;
	region_empty();
}

static json_t *read_object(const char *body, size_t len)
{
	json_t *tree = json_loadb(body, len, JSON_REJECT_DUPLICATES, NULL);

	if (json_is_object(tree))
		return tree;
	json_decref(tree);
	return NULL;
}

json_t *json_read(struct arena *a, const char *body, size_t len)
{
	json_t *tree;

	if (len == 0 || memchr(body, '\0', len) || !depth_ok(body, len))
		return NULL;
	json_set_alloc_funcs(take, give);
	reading = true;
	tree = read_object(body, len);
	reading = false;
	if (!tree) {
		region_empty();
		return NULL;
	}
	documents++;
	arena_defer(a, forget, tree);
	return tree;
}

/* Numbers and answers as in a form, lists and objects as JSON. */
json_t *default_value(const struct field *f)
{
	int64_t n;

	if (f->list || f->type == FIELD_OBJECT)
		return json_loads(f->def, 0, NULL);
	if (f->type == FIELD_BOOL)
		return json_boolean(text_eq(f->def, "true"));
	if (kinds[f->type].check || !text_to_i64(f->def, &n))
		return json_string(f->def);
	return json_integer(n);
}
