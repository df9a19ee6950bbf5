/* A list as comma-separated values (RFC 4180), for spreadsheets. */
#include <jansson.h>
#include <string.h>

#include "ctx.h"
#include "json/write.h"
#include "serve/csv.h"

/* A spreadsheet takes a text that begins with one of these for a formula: an apostrophe stops it. */
void csv_put_text(struct text *t, const char *s)
{
	if (strcspn(s, ",\"\r\n") == strlen(s) && (!*s || !strchr("=+-@\t", *s))) {
		text_puts(t, s);
		return;
	}
	text_putc(t, '"');
	if (strchr("=+-@\t\r", *s))
		text_putc(t, '\'');
	for (; *s; s++) {
		if (*s == '"')
			text_putc(t, '"');
		text_putc(t, *s);
	}
	text_putc(t, '"');
}

void csv_put_pence(struct text *t, int64_t pence)
{
	uint64_t size = pence < 0 ? 0 - (uint64_t)pence : (uint64_t)pence;

	text_printf(t, "%s%llu.%02llu", pence < 0 ? "-" : "", (unsigned long long)size / 100, (unsigned long long)size % 100);
}

static void put_list(struct text *t, const json_t *list)
{
	struct text words = text_in(t->arena);

	for (size_t i = 0; i < json_array_size(list); i++) {
		const char *word = json_string_value(json_array_get(list, i));

		text_printf(&words, "%s%s", i ? "; " : "", word ? word : "");
	}
	csv_put_text(t, text_done(&words));
}

static void put_cell(struct text *t, const json_t *v)
{
	if (json_is_string(v))
		csv_put_text(t, json_string_value(v));
	else if (json_is_array(v))
		put_list(t, v);
	else if (json_is_boolean(v))
		text_puts(t, json_is_true(v) ? "true" : "false");
	else if (json_is_integer(v))
		text_i64(t, json_integer_value(v));
}

static void put_row(struct text *t, const struct shape *s, const json_t *row)
{
	for (const struct shape_member *m = s->members; m->name; m++) {
		if (m > s->members)
			text_putc(t, ',');
		if (row)
			put_cell(t, json_object_get(row, m->name));
		else
			text_puts(t, m->name);
	}
	text_puts(t, "\r\n");
}

struct reply csv_reply(struct ctx *c, struct reply r)
{
	json_t *body = json_loadb(r.body, r.len, 0, NULL), *items = json_object_get(body, "items");
	struct text t = text_in(c->arena);

	put_row(&t, c->route->output, NULL);
	for (size_t i = 0; i < json_array_size(items); i++)
		put_row(&t, c->route->output, json_array_get(items, i));
	json_decref(body);
	r.body = text_done(&t);
	r.len = t.len;
	r.type = "text/csv; charset=utf-8";
	return r;
}
