/* Faults of a field table itself: names given twice, bounds and defaults that cannot be. */
#include <string.h>

#include "base/text.h"
#include "json/write.h"
#include "kinds.h"

/* Whether the decoder accepts the default, sent in a document of its own. */
static bool default_ok(struct arena *a, const struct input *input, const struct field *f)
{
	json_t *def = default_value(f);
	struct text t = text_in(a);
	struct decoded d;

	if (!def)
		return false;
	json_object_begin(&t);
	json_put_name(&t, f->name);
	json_put_value(&t, def);
	json_object_end(&t);
	json_decref(def);
	return json_decode_patch(a, t.data, t.len, input, &d) == JSON_OK;
}

/* Whether name is "<whole>_<part>". */
static bool part_of(const char *whole, const char *name, const char *part)
{
	size_t len = strlen(whole);

	return strncmp(whole, name, len) == 0 && name[len] == '_' && text_eq(name + len + 1, part);
}

static bool named_before(const struct input *input, const struct field *f)
{
	for (const struct field *before = input->fields; before < f; before++)
		if (text_eq(before->name, f->name))
			return true;
	return false;
}

/* The decoder moves what was typed with a number into these fields. */
static bool phone_parted(const struct input *input, const struct field *f)
{
	static const struct {
		const char *part;
		enum field_type type;
	} parts[] = { { "extension", FIELD_DIGITS }, { "text_relay", FIELD_BOOL } };
	size_t found = 0;

	for (const struct field *p = input->fields; p < input->fields + input->n; p++)
		for (size_t i = 0; i < sizeof(parts) / sizeof(*parts); i++)
			found += p->type == parts[i].type && part_of(f->name, p->name, parts[i].part);
	return !f->list && found == sizeof(parts) / sizeof(*parts);
}

static const char *field_fault(struct arena *a, const struct input *input, const struct field *f)
{
	if (!f->name || !*f->name)
		return "has no name";
	if (named_before(input, f))
		return "is there twice";
	if (f->type == FIELD_CODE && (!f->codes || f->codes->n == 0))
		return "has no codes";
	if (f->type == FIELD_OBJECT && !f->sub)
		return "has no table";
	if (f->type == FIELD_PHONE && !f->line && !phone_parted(input, f))
		return "has no fields for extension and text relay: PHONE_FIELDS()";
	if (field_min(f) > field_max(f) || f->min_items > field_max_items(f))
		return "has bounds that nothing meets";
	if (f->type == FIELD_OBJECT)
		return input_fault(a, f->sub);
	return NULL;
}

const char *input_fault(struct arena *a, const struct input *input)
{
	const struct field *end = input->fields + input->n;

	for (const struct field *f = input->fields; f < end; f++) {
		const char *fault = field_fault(a, input, f);

		if (fault)
			return arena_printf(a, "%s: %s %s", input->name, f->name ? f->name : "?",
					    fault);
	}
	for (const struct field *f = input->fields; f < end; f++)
		if (f->def && !default_ok(a, input, f))
			return arena_printf(a, "%s: %s refuses its own default", input->name,
					    f->name);
	return NULL;
}
