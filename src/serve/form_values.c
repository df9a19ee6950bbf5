#include "serve/form_values.h"

#include <inttypes.h>
#include <stdio.h>

#include "base/date.h"
#include "json/write.h"

static void put_text(struct text *t, const char *name, const char *s)
{
	json_put_name(t, name);
	json_put_str(t, s);
}

static void put_number(struct text *t, const char *name, int64_t n)
{
	put_text(t, name, arena_printf(t->arena, "%" PRId64, n));
}

static void put_date(struct text *t, const char *name, const char *day)
{
	int year, month, of_month;
	int32_t number;

	if (!day || !day_parse(day, &number))
		return;
	day_to_civil(number, &year, &month, &of_month);
	put_number(t, arena_printf(t->arena, "%s-day", name), of_month);
	put_number(t, arena_printf(t->arena, "%s-month", name), month);
	put_number(t, arena_printf(t->arena, "%s-year", name), year);
}

static void put_pounds(struct text *t, const char *name, int64_t pence)
{
	put_text(t, arena_printf(t->arena, "%s-pounds", name),
		 arena_printf(t->arena, "%" PRId64 ".%02d", pence / 100, (int)(pence % 100)));
}

static void put_one(struct text *t, const char *name, const struct field *f, const json_t *v)
{
	if (f->type == FIELD_OBJECT)
		form_values_put(t, arena_printf(t->arena, "%s-", name), v, f->sub);
	else if (f->type == FIELD_DATE)
		put_date(t, name, json_string_value(v));
	else if (f->type == FIELD_PENCE && json_is_integer(v))
		put_pounds(t, name, json_integer_value(v));
	else if (json_is_boolean(v))
		put_text(t, name, json_is_true(v) ? "yes" : "no");
	else if (json_is_integer(v))
		put_number(t, name, json_integer_value(v));
	else if (json_is_string(v))
		put_text(t, name, json_string_value(v));
}

static void put_list(struct text *t, const char *name, const struct field *f, const json_t *list)
{
	for (size_t i = 0; i < json_array_size(list); i++)
		put_one(t, arena_printf(t->arena, "%s-%zu", name, i), f, json_array_get(list, i));
	if (f->type == FIELD_OBJECT)
		return;
	json_put_name(t, name);
	json_put_value(t, list);
}

void form_values_put(struct text *t, const char *prefix, const json_t *record, const struct input *input)
{
	for (const struct field *f = input->fields; f < input->fields + input->n; f++) {
		const json_t *v = json_object_get(record, f->name);
		const char *name = arena_printf(t->arena, "%s%s", prefix, f->name);

		if (f->list && json_is_array(v))
			put_list(t, name, f, v);
		else if (!f->list && v && !json_is_null(v))
			put_one(t, name, f, v);
	}
}
