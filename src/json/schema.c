#include "json/schema.h"

#include "json/write.h"
#include "kinds.h"

static void put_type(struct text *t, const char *type, bool nullable)
{
	json_put_key(t, "type");
	if (!nullable) {
		json_put_str(t, type);
		return;
	}
	json_array_begin(t);
	json_put_str(t, type);
	json_put_str(t, "null");
	json_array_end(t);
}

static void put_named(struct text *t, const char *key, const char *value)
{
	if (!value)
		return;
	json_put_name(t, key);
	json_put_str(t, value);
}

static void put_number(struct text *t, const char *key, int64_t n)
{
	json_put_name(t, key);
	json_put_i64(t, n);
}

/* An enum must list null where null is an answer. */
static void put_codes(struct text *t, const struct code_list *codes, bool nullable)
{
	json_put_key(t, "enum");
	json_array_begin(t);
	for (size_t i = 0; i < codes->n; i++)
		json_put_str(t, codes->rows[i].code);
	if (nullable)
		json_put_null(t);
	json_array_end(t);
}

static void put_bounds(struct text *t, const struct field *f)
{
	bool number = f->type == FIELD_INT || f->type == FIELD_PENCE;

	if (!number && !bounded_text(f))
		return;
	put_number(t, number ? "minimum" : "minLength", field_min(f));
	put_number(t, number ? "maximum" : "maxLength", field_max(f));
}

static void put_members(struct text *t, const struct input *input)
{
	json_put_key(t, "properties");
	json_object_begin(t);
	for (size_t i = 0; i < input->n; i++) {
		json_put_name(t, input->fields[i].name);
		schema_put_field(t, &input->fields[i]);
	}
	json_object_end(t);
	json_put_key(t, "required");
	json_array_begin(t);
	for (size_t i = 0; i < input->n; i++)
		if (input->fields[i].required && !input->fields[i].def)
			json_put_str(t, input->fields[i].name);
	json_array_end(t);
	json_put_key(t, "additionalProperties");
	json_put_bool(t, false);
}

/* The constraints of one value: the member, or an entry of its list. */
static void put_value(struct text *t, const struct field *f, bool nullable)
{
	const struct kind *kind = &kinds[f->type];

	put_type(t, kind->type, nullable);
	put_named(t, "format", kind->format);
	put_named(t, "pattern", kind->pattern);
	put_bounds(t, f);
	if (f->type == FIELD_CODE)
		put_codes(t, f->codes, nullable);
	if (f->type == FIELD_OBJECT)
		put_members(t, f->sub);
}

static void put_list(struct text *t, const struct field *f)
{
	put_type(t, "array", f->nullable);
	json_put_key(t, "items");
	json_object_begin(t);
	put_value(t, f, false);
	json_object_end(t);
	if (f->min_items)
		put_number(t, "minItems", (int64_t)f->min_items);
	put_number(t, "maxItems", (int64_t)field_max_items(f));
	if (!kinds[f->type].set)
		return;
	json_put_key(t, "uniqueItems");
	json_put_bool(t, true);
}

static void put_default(struct text *t, const struct field *f)
{
	json_t *def;

	if (!f->def)
		return;
	def = default_value(f);
	json_put_key(t, "default");
	json_put_value(t, def);
	json_decref(def);
}

void schema_put_field(struct text *t, const struct field *f)
{
	json_object_begin(t);
	if (f->list)
		put_list(t, f);
	else
		put_value(t, f, f->nullable);
	put_default(t, f);
	put_named(t, "title", f->label);
	put_named(t, "description", f->help);
	json_object_end(t);
}

void schema_put(struct text *t, const struct input *input)
{
	json_object_begin(t);
	put_type(t, "object", false);
	put_members(t, input);
	put_named(t, "description", input->help);
	json_object_end(t);
}
