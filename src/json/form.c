#include "json/form.h"

#include <string.h>

#include "base/date.h"
#include "base/plain.h"
#include "base/text.h"
#include "json/write.h"
#include "kinds.h"

/* The object a name has led to so far, and the rest of the name. */
struct step {
	struct arena *arena;
	json_t *object;
	const struct input *input;
	bool patch;		/* empty values are kept as null */
	const char *rest;
};

static const char *const date_parts[] = { "day", "month", "year" };

static json_t *answer(const char *s)
{
	static const struct {
		const char *word;
		enum tri means;
	} words[] = {
		{ "true", TRI_YES }, { "yes", TRI_YES }, { "on", TRI_YES },
		{ "false", TRI_NO }, { "no", TRI_NO }, { "unknown", TRI_UNKNOWN },
	};

	for (size_t i = 0; i < sizeof(words) / sizeof(*words); i++) {
		if (strcmp(words[i].word, s) != 0)
			continue;
		return words[i].means == TRI_UNKNOWN ? json_null() :
						       json_boolean(words[i].means == TRI_YES);
	}
	return json_string(s);
}

static json_t *typed(const struct field *f, const char *s)
{
	int64_t n;

	if (f->type == FIELD_BOOL)
		return answer(s);
	if ((f->type == FIELD_INT || f->type == FIELD_PENCE) && text_to_i64(s, &n))
		return json_integer(n);
	return json_string(s);
}

/* "£1,200.5" as 120050; false where it is no amount of money. */
static bool pounds(struct arena *a, const char *s, int64_t *pence)
{
	struct text digits = text_in(a);
	int decimals = -1;

	if (strncmp(s, "£", strlen("£")) == 0)
		s += strlen("£");
	for (; *s; s++) {
		if (*s == '.' && decimals < 0 && digits.len) {
			decimals = 0;
			continue;
		}
		if (*s == ',' && decimals < 0 && digits.len)
			continue;
		if (*s < '0' || *s > '9' || decimals == 2)
			return false;
		text_putc(&digits, *s);
		decimals += decimals >= 0;
	}
	if (decimals == 0 || digits.len == 0)
		return false;
	text_puts(&digits, decimals < 0 ? "00" : decimals == 1 ? "0" : "");
	return text_to_i64(text_done(&digits), pence);
}

/* A second value for a field that is no list makes a list, which the decoder refuses. */
static void add(json_t *object, const struct field *f, json_t *v)
{
	json_t *old = json_object_get(object, f->name);

	if (!f->list && (!old || json_is_null(old))) {
		json_object_set_new(object, f->name, v);
		return;
	}
	if (!json_is_array(old)) {
		json_t *both = json_array();

		if (old)
			json_array_append(both, old);
		json_object_set_new(object, f->name, both);
		old = both;
	}
	json_array_append_new(old, v);
}

static void add_empty(struct step s, const struct field *f)
{
	if (s.patch && !json_object_get(s.object, f->name))
		json_object_set_new(s.object, f->name, f->list ? json_array() : json_null());
}

static void add_pounds(struct step s, const struct field *f, const char *value)
{
	int64_t pence;

	if (!*value)
		add_empty(s, f);
	else if (pounds(s.arena, value, &pence))
		add(s.object, f, json_integer(pence));
	else
		add(s.object, f, json_string(value));
}

/* The parts wait in an object of their own until all pairs are read. */
static void add_date_part(struct step s, const struct field *f, const char *part,
			  const char *value)
{
	json_t *parts = json_object_get(s.object, f->name);

	if (!parts) {
		parts = json_object();
		json_object_set_new(s.object, f->name, parts);
	}
	if (!json_is_object(parts) || json_object_get(parts, part))
		add(s.object, f, json_string(value));
	else if (*value)
		json_object_set_new(parts, part, json_string(value));
}

/* "birth_date-day", "amount-pounds": false where the name is none of these. */
static bool put_part(struct step s, const char *value)
{
	const char *dash = strrchr(s.rest, '-');
	const struct field *f;

	if (!dash)
		return false;
	f = input_field(s.input, s.rest, (size_t)(dash - s.rest));
	if (!f || f->list)
		return false;
	if (f->type == FIELD_PENCE && strcmp(dash + 1, "pounds") == 0) {
		add_pounds(s, f, value);
		return true;
	}
	for (size_t i = 0; f->type == FIELD_DATE && i < 3; i++) {
		if (strcmp(dash + 1, date_parts[i]) != 0)
			continue;
		add_date_part(s, f, date_parts[i], value);
		return true;
	}
	return false;
}

static void put_value(struct step s, const struct field *f, const char *value)
{
	if (*value)
		add(s.object, f, typed(f, value));
	else
		add_empty(s, f);
}

static bool put_member(struct step s, const char *value)
{
	const struct field *f = input_field(s.input, s.rest, strlen(s.rest));

	if (!f)
		return put_part(s, value);
	put_value(s, f, value);
	return true;
}

/* "[12]" at s: the index and, in *rest, what follows; or -1. */
static ptrdiff_t index_at(const char *s, const char **rest)
{
	ptrdiff_t n = 0;

	if (*s != '[' || s[1] == ']')
		return -1;
	for (s++; *s >= '0' && *s <= '9' && n < 10000; s++)
		n = n * 10 + *s - '0';
	*rest = s + 1;
	return *s == ']' ? n : -1;
}

/* "languages[1]": one of several inputs of a list of values. */
static bool put_entry(struct step s, const struct field *f, size_t len, const char *value)
{
	const char *rest;
	ptrdiff_t i = index_at(s.rest + len, &rest);

	if (!f->list || i < 0 || (size_t)i >= field_max_items(f) || *rest)
		return false;
	put_value(s, f, value);
	return true;
}

static json_t *list_entry(json_t *object, const struct field *f, size_t i)
{
	json_t *list = json_object_get(object, f->name);

	if (!list) {
		list = json_array();
		json_object_set_new(object, f->name, list);
	}
	while (json_array_size(list) <= i)
		json_array_append_new(list, json_null());
	if (json_is_null(json_array_get(list, i)))
		json_array_set_new(list, i, json_object());
	return json_array_get(list, i);
}

static json_t *member_object(json_t *object, const struct field *f)
{
	if (!json_object_get(object, f->name))
		json_object_set_new(object, f->name, json_object());
	return json_object_get(object, f->name);
}

/* One step down, past "contact." or "members[0].". False where the name leads nowhere. */
static bool descend(struct step *s, const struct field *f, size_t len)
{
	const char *rest = s->rest + len;
	ptrdiff_t i;

	if (f->list) {
		i = index_at(rest, &rest);
		if (i < 0 || (size_t)i >= field_max_items(f))
			return false;
		s->object = list_entry(s->object, f, (size_t)i);
		s->patch = false;
	} else {
		s->object = member_object(s->object, f);
	}
	s->input = f->sub;
	s->rest = rest + 1;
	return *rest == '.' && json_is_object(s->object);
}

static bool put_pair(struct step s, const char *value)
{
	for (;;) {
		size_t len = strcspn(s.rest, ".[");
		const struct field *f = input_field(s.input, s.rest, len);

		if (s.rest[len] == '\0')
			return put_member(s, value);
		if (f && f->type != FIELD_OBJECT)
			return put_entry(s, f, len, value);
		if (!f || !descend(&s, f, len))
			return false;
	}
}

/* A part as a person sees it, in small letters, without a stop or the "th" of a day. */
static char *part(struct arena *a, const json_t *parts, const char *name)
{
	const char *typed = json_string_value(json_object_get(parts, name));
	char *s = text_normal(a, plain_text(a, typed ? typed : ""));
	size_t digits = strspn(s, "0123456789"), n = strlen(s);

	if (n && s[n - 1] == '.')
		s[--n] = '\0';
	if (digits && (strcmp(s + digits, "st") == 0 || strcmp(s + digits, "nd") == 0 ||
		       strcmp(s + digits, "rd") == 0 || strcmp(s + digits, "th") == 0))
		s[digits] = '\0';
	return s;
}

/* "3", "03", "mar", "march" as "3": a name may be cut after three letters. */
static char *month_number(struct arena *a, char *s)
{
	static const char *const names[] = {
		"january", "february", "march", "april", "may", "june", "july", "august", "september",
		"october", "november", "december",
	};
	size_t n = strlen(s);

	for (int i = 0; n >= 3 && i < 12; i++)
		if (strncmp(names[i], s, n) == 0)
			return arena_printf(a, "%d", i + 1);
	return s;
}

/* Three parts that make no day are passed on as DATE_PARTS, so that the decoder says which is wrong. */
static json_t *joined_date(struct arena *a, const json_t *parts)
{
	char *day = part(a, parts, "day"), *month = month_number(a, part(a, parts, "month")), *year = part(a, parts, "year");
	const char *date = arena_printf(a, "%s-%s%s-%s%s", year, strlen(month) == 1 ? "0" : "", month,
					strlen(day) == 1 ? "0" : "", day);
	int32_t number;

	return day_parse(date, &number) ? json_string(date) : json_sprintf(DATE_PARTS, day, month, year);
}

static void finish(struct step s);

static void finish_date(struct step s, const struct field *f, json_t *parts)
{
	if (json_object_size(parts))
		json_object_set_new(s.object, f->name, joined_date(s.arena, parts));
	else if (s.patch)
		json_object_set_new(s.object, f->name, json_null());
	else
		json_object_del(s.object, f->name);
}

/* Nobody has filled a row that holds only what the form had chosen. */
static bool is_filled(const json_t *entry, const struct input *input)
{
	const char *name;
	json_t *v;

	if (!json_is_object(entry))
		return !json_is_null(entry);
	json_object_foreach((json_t *)(uintptr_t)entry, name, v) {
		const struct field *f = input_field(input, name, strlen(name));

		if (!f || !f->chosen)
			return true;
	}
	return false;
}

static void finish_list(struct step s, const struct field *f, json_t *list)
{
	for (size_t i = json_array_size(list); i-- > 0;) {
		json_t *entry = json_array_get(list, i);

		if (json_is_object(entry))
			finish((struct step){ s.arena, entry, f->sub, false, NULL });
		if (!is_filled(entry, f->sub))
			json_array_remove(list, i);
	}
	if (json_array_size(list) == 0 && !s.patch)
		json_object_del(s.object, f->name);
}

static void finish_object(struct step s, const struct field *f, json_t *object)
{
	finish((struct step){ s.arena, object, f->sub, s.patch, NULL });
	if (json_object_size(object) == 0)
		json_object_del(s.object, f->name);
}

/* Joins the parts of dates, and drops empty dates, objects and entries of lists. */
static void finish(struct step s)
{
	for (const struct field *f = s.input->fields; f < s.input->fields + s.input->n; f++) {
		json_t *v = json_object_get(s.object, f->name);

		if (f->type == FIELD_DATE && json_is_object(v))
			finish_date(s, f, v);
		else if (f->type == FIELD_OBJECT && f->list && json_is_array(v))
			finish_list(s, f, v);
		else if (f->type == FIELD_OBJECT && json_is_object(v))
			finish_object(s, f, v);
	}
}

static bool utf8(const char *s)
{
	return text_utf8_len(s, strlen(s)) >= 0;
}

static bool put_pairs(struct step root, const struct form_pair *pairs, size_t n)
{
	for (const struct form_pair *p = pairs; p < pairs + n; p++) {
		if (*p->name == '_')
			continue;
		if (!utf8(p->name) || !utf8(p->value))
			return false;
		root.rest = p->name;
		if (!put_pair(root, trimmed(root.arena, p->value)) &&
		    !json_object_get(root.object, p->name))
			json_object_set_new(root.object, p->name, json_true());
	}
	return true;
}

static char *form_text(struct step root, const struct form_pair *pairs, size_t n, size_t *len)
{
	struct text t = text_in(root.arena);
	bool ok = put_pairs(root, pairs, n);

	if (ok) {
		finish(root);
		json_put_value(&t, root.object);
	}
	json_decref(root.object);
	*len = t.len;
	return ok ? text_done(&t) : NULL;
}

char *json_from_form(struct arena *a, const struct form_pair *pairs, size_t n,
		     const struct input *input, size_t *len)
{
	return form_text((struct step){ a, json_object(), input, false, NULL }, pairs, n, len);
}

char *json_patch_from_form(struct arena *a, const struct form_pair *pairs, size_t n,
			   const struct input *input, size_t *len)
{
	return form_text((struct step){ a, json_object(), input, true, NULL }, pairs, n, len);
}
