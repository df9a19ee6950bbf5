#include <string.h>

#include "base/text.h"
#include "kinds.h"

/* Whether brackets nest no deeper than JSON_DEPTH: looked at before jansson, which recurses up to
 * 2048 deep. Text that is not JSON may pass; jansson refuses it. */
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

json_t *json_read(const char *body, size_t len)
{
	json_t *tree;

	if (len == 0 || memchr(body, '\0', len) || !depth_ok(body, len))
		return NULL;
	tree = json_loadb(body, len, JSON_REJECT_DUPLICATES, NULL);
	if (json_is_object(tree))
		return tree;
	json_decref(tree);
	return NULL;
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
