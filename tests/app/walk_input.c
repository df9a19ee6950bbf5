/* Documents from input tables: valid ones, and ones with a single fault. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../../src/json/kinds.h"
#include "base/clock.h"
#include "base/date.h"
#include "walk.h"

static json_t *letters(int64_t n)
{
	char *s = malloc((size_t)n + 1);
	json_t *v;

	memset(s, 'a', (size_t)n);
	s[n] = '\0';
	v = json_string(s);
	free(s);
	return v;
}

static json_t *example_value(const struct field *f)
{
	char today[11];

	day_format(instant_london_day(clock_now()), today);
	switch (f->type) {
	case FIELD_TEXT:
	case FIELD_MULTILINE: return letters(field_min(f));
	case FIELD_UUID: return json_string(NOBODY);
	case FIELD_INT:
	case FIELD_PENCE: return json_integer(field_min(f));
	case FIELD_BOOL: return json_true();
	case FIELD_DATE: return json_string(today);
	case FIELD_INSTANT: return json_string("2026-11-22T02:14:00Z");
	case FIELD_CODE: return json_string(f->codes->rows[0].code);
	case FIELD_OUTWARD: return json_string("TS1");
	case FIELD_EMAIL: return json_string("name@example.com");
	case FIELD_PHONE: return json_string("01632960001");
	case FIELD_CASE_REFERENCE: return json_string("H-7KQ2MX");
	case FIELD_DIGITS: return json_string("12");
	case FIELD_OBJECT: return example(f->sub);
	}
	return NULL;
}

static json_t *example_member(const struct field *f)
{
	json_t *list;

	if (!f->list)
		return example_value(f);
	cr_assert_leq(f->min_items, 1, "%s: give example_member() lists of more", f->name);
	list = json_array();
	json_array_append_new(list, example_value(f));
	return list;
}

json_t *example(const struct input *input)
{
	json_t *object = json_object();

	for (size_t i = 0; i < input->n; i++)
		json_object_set_new(object, input->fields[i].name, example_member(&input->fields[i]));
	return object;
}

json_t *smallest(const struct input *input)
{
	json_t *object = json_object();

	for (size_t i = 0; i < input->n; i++)
		if (input->fields[i].required)
			json_object_set_new(object, input->fields[i].name, example_member(&input->fields[i]));
	return object;
}

/* ---- the faults ---- */

struct breaking {
	json_t *root;		/* the whole document */
	const char *prefix;	/* pointer of the object at hand */
	bool patch;
	on_fault *found;
	void *arg;
};

/* Puts v into the object, hands the document out, and restores the old value. v NULL: leaves the
 * member out. */
static void try(struct breaking b, json_t *object, const struct field *f, const char *inside, const char *code,
		json_t *v)
{
	json_t *before = json_incref(json_object_get(object, f->name));
	struct fault fault = { .code = code, .body = b.root };

	snprintf(fault.pointer, sizeof(fault.pointer), "%s/%s%s", b.prefix, f->name, inside);
	if (v)
		json_object_set_new(object, f->name, v);
	else
		json_object_del(object, f->name);
	b.found(&fault, b.arg);
	json_object_set_new(object, f->name, before);
}

static json_t *listed(const struct field *f, json_t *v)
{
	json_t *list;

	if (!f->list)
		return v;
	list = json_array();
	json_array_append_new(list, v);
	return list;
}

static void try_value(struct breaking b, json_t *object, const struct field *f, const char *code, json_t *v)
{
	try(b, object, f, f->list ? "/0" : "", code, listed(f, v));
}

static void break_text(struct breaking b, json_t *object, const struct field *f)
{
	try_value(b, object, f, "too_long", letters(field_max(f) + 1));
	try_value(b, object, f, "bad_text", json_string("bell \a rings"));
	try_value(b, object, f, "bad_text", json_string("right to left \xe2\x80\xae turned"));
	if (f->prose)
		try_value(b, object, f, "holds_address", json_string("Call at 12 High Street, TS1 3BA"));
	try_value(b, object, f, f->required ? "required" : f->type == FIELD_TEXT || f->type == FIELD_MULTILINE ? "too_short" : "empty",
		  json_string("  "));
}

static void break_kind(struct breaking b, json_t *object, const struct field *f)
{
	static const char *const wrong[][2] = {
		[FIELD_UUID] = { "bad_uuid", "00000000-0000-4000-8000-00000000000g" },
		[FIELD_DATE] = { "bad_date", "2023-02-30" },
		[FIELD_INSTANT] = { "bad_instant", "2026-11-22T25:00:00Z" },
		[FIELD_CODE] = { "unknown_code", "no_such_code" },
		[FIELD_OUTWARD] = { "bad_outward", "123" },
		[FIELD_EMAIL] = { "bad_email", "nobody" },
		[FIELD_PHONE] = { "bad_phone", "12" },
		[FIELD_CASE_REFERENCE] = { "bad_reference", "?" },
		[FIELD_DIGITS] = { "bad_digits", "twelve" },
		[FIELD_OBJECT] = { NULL },
	};

	if (f->type == FIELD_TEXT || f->type == FIELD_MULTILINE) {
		break_text(b, object, f);
	} else if (f->type == FIELD_INT || f->type == FIELD_PENCE) {
		try_value(b, object, f, "out_of_range", json_integer(field_max(f) + 1));
		try_value(b, object, f, "out_of_range", json_integer(field_min(f) - 1));
		try_value(b, object, f, "wrong_type", json_real(1.5));
	} else if (wrong[f->type][0]) {
		if (f->type == FIELD_DATE && (f->past || f->ahead))
			try_value(b, object, f, f->ahead ? "out_of_range" : "in_future", json_string("2199-03-27"));
		try_value(b, object, f, wrong[f->type][0], json_string(wrong[f->type][1]));
	}
}

static void break_list(struct breaking b, json_t *object, const struct field *f)
{
	json_t *many = json_array(), *twice = json_array();

	for (size_t i = 0; i <= field_max_items(f); i++)
		json_array_append_new(many, example_value(f));
	try(b, object, f, "", "too_many", many);
	json_array_append_new(twice, example_value(f));
	json_array_append_new(twice, example_value(f));
	if (kinds[f->type].set)
		try(b, object, f, "/1", "repeated", twice);
	else
		json_decref(twice);
	try(b, object, f, "", "wrong_type", json_string("no list"));
	try(b, object, f, "/0", "wrong_type", listed(f, json_null()));
	if (f->min_items)
		try(b, object, f, "", "too_few", json_array());
}

static void break_members(struct breaking b, const struct input *input, json_t *object);

static void break_inside(struct breaking b, json_t *object, const struct field *f)
{
	char prefix[120];
	json_t *inner = json_object_get(object, f->name);

	snprintf(prefix, sizeof(prefix), "%s/%s%s", b.prefix, f->name, f->list ? "/0" : "");
	b.prefix = prefix;
	b.patch = b.patch && !f->list;
	break_members(b, f->sub, f->list ? json_array_get(inner, 0) : inner);
}

static void break_field(struct breaking b, json_t *object, const struct field *f)
{
	bool text = f->type != FIELD_INT && f->type != FIELD_PENCE;

	if (f->required && !b.patch)
		try(b, object, f, "", "required", NULL);
	if (f->required && !f->nullable)
		try(b, object, f, "", "required", json_null());
	else if (!f->nullable && (!b.patch || f->def))
		try(b, object, f, "", "null", json_null());
	try_value(b, object, f, "wrong_type", text ? json_integer(7) : json_string("seven"));
	break_kind(b, object, f);
	if (f->list)
		break_list(b, object, f);
	if (f->type == FIELD_OBJECT)
		break_inside(b, object, f);
}

static void break_members(struct breaking b, const struct input *input, json_t *object)
{
	static const struct field nonsense = { .name = "no_such_member" };

	for (size_t i = 0; i < input->n; i++)
		break_field(b, object, &input->fields[i]);
	try(b, object, &nonsense, "", "unknown_member", json_true());
	json_object_del(object, nonsense.name);
}

void each_fault(const struct input *input, bool patch, on_fault *found, void *arg)
{
	json_t *root = example(input);

	break_members((struct breaking){ root, "", patch, found, arg }, input, root);
	json_decref(root);
}
