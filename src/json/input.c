#include "json/input.h"

#include <stdint.h>
#include <string.h>

#include "base/text.h"
#include "json/address.h"
#include "json/write.h"
#include "kinds.h"
#include "phone.h"

/* Where in the body we are: a chain on the stack, spelt out only where an error points. */
struct place {
	const struct place *up;
	const char *name;	/* NULL: the entry `index` of a list */
	size_t index;
};

/* One object on its way into its struct. */
struct reading {
	struct decoded *d;
	const struct place *place;
	bool patch;
};

static void put_pointer(struct text *t, const struct place *p)
{
	if (!p)
		return;
	put_pointer(t, p->up);
	text_putc(t, '/');
	if (!p->name) {
		text_i64(t, (int64_t)p->index);
		return;
	}
	for (const char *s = p->name; *s; s++) {
		if (*s == '~')
			text_lit(t, "~0");
		else if (*s == '/')
			text_lit(t, "~1");
		else
			text_putc(t, *s);
	}
}

static bool found_before(const struct decoded *d, const char *pointer)
{
	for (size_t i = 0; i < d->nerrors; i++)
		if (text_eq(d->errors[i].pointer, pointer))
			return true;
	return false;
}

void json_add_error(struct decoded *d, const char *pointer, const char *code, const char *detail)
{
	size_t size = sizeof(*d->errors);

	if (d->nerrors == JSON_ERRORS || found_before(d, pointer))
		return;
	d->errors = arena_grow(d->arena, d->errors, d->nerrors * size, (d->nerrors + 1) * size);
	d->errors[d->nerrors++] = (struct field_error){ pointer, code, detail };
}

static void add_value_error(struct reading r, const struct place *at, const struct field *f,
			    const char *code, const char *value)
{
	struct text pointer;

	if (r.d->nerrors == JSON_ERRORS)
		return;
	pointer = text_in(r.d->arena);
	put_pointer(&pointer, at);
	json_add_error(r.d, text_done(&pointer), code, error_sentence(r.d->arena, f, code, value));
}

static void add_error(struct reading r, const struct place *at, const struct field *f, const char *code)
{
	add_value_error(r, at, f, code, NULL);
}

/* The readers of one value store it at `to` and return an error code or NULL; where the normal
 * form differs from the value sent they leave it in *normal. */
static const char *read_word(struct reading r, const struct field *f, const json_t *v, void *to,
			     json_t **normal)
{
	const char *code;
	char *s;

	if (!json_is_string(v))
		return "wrong_type";
	s = trimmed(r.d->arena, json_string_value(v));
	if (!*s)
		return f->required ? "required" : f->type == FIELD_TEXT || f->type == FIELD_MULTILINE ? "too_short" : "empty";
	code = kinds[f->type].check(f, s);
	if (code)
		return code;
	if (f->prose && holds_address(s))
		return "holds_address";
	code = f->type == FIELD_DATE ? day_fault(f, s) : NULL;
	if (code) {
		add_value_error(r, r.place, f, code, s);
		return NULL;
	}
	*(const char **)to = s;
	if (strcmp(s, json_string_value(v)) != 0)
		*normal = json_string(s);
	return NULL;
}

static const char *read_int(const struct field *f, const json_t *v, int64_t *to)
{
	int64_t n;

	*to = INT_ABSENT;
	if (!json_is_integer(v))
		return "wrong_type";
	n = json_integer_value(v);
	if (n < field_min(f) || n > field_max(f))
		return "out_of_range";
	*to = n;
	return NULL;
}

static const char *read_bool(const json_t *v, enum tri *to)
{
	if (!json_is_boolean(v))
		return "wrong_type";
	*to = json_is_true(v) ? TRI_YES : TRI_NO;
	return NULL;
}

/* Marks what is absent in a struct that is all zero: an absent number is not 0. */
static void put_absent(const struct input *input, void *to)
{
	for (const struct field *f = input->fields; f < input->fields + input->n; f++)
		if (!f->list && (f->type == FIELD_INT || f->type == FIELD_PENCE))
			*(int64_t *)(void *)((char *)to + f->offset) = INT_ABSENT;
}

static void read_members(struct reading r, const struct input *input, json_t *object, void *to);

static const char *read_object(struct reading r, const struct field *f, json_t *v, void *to)
{
	if (!json_is_object(v))
		return "wrong_type";
	read_members(r, f->sub, v, to);
	return NULL;
}

/* One value: a member, or an entry of a list. Returns its normal form where that differs. */
static json_t *read_one(struct reading r, const struct field *f, json_t *v, void *to)
{
	json_t *normal = NULL;
	const char *code;

	switch (f->type) {
	case FIELD_OBJECT: code = read_object(r, f, v, to); break;
	case FIELD_BOOL: code = read_bool(v, to); break;
	case FIELD_INT:
	case FIELD_PENCE: code = read_int(f, v, to); break;
	default: code = read_word(r, f, v, to, &normal); break;
	}
	if (code)
		add_error(r, r.place, f, code);
	return normal;
}

/* Entries are compared pairwise: a list is bounded, and mostly short. */
static void refuse_repeats(struct reading r, const struct field *f, const struct json_list *list)
{
	const char *const *words = list->items;

	for (size_t i = 1; i < list->n; i++)
		for (size_t j = 0; j < i; j++) {
			if (!words[i] || !text_eq(words[i], words[j]))
				continue;
			add_error(r, &(struct place){ r.place, NULL, i }, f, "repeated");
			break;
		}
}

static const char *list_size_error(const struct field *f, const json_t *v)
{
	if (!json_is_array(v))
		return "wrong_type";
	if (json_array_size(v) < f->min_items)
		return "too_few";
	return json_array_size(v) > field_max_items(f) ? "too_many" : NULL;
}

static void read_list(struct reading r, const struct field *f, json_t *v, struct json_list *to)
{
	const char *code = list_size_error(f, v);
	size_t size = field_size(f);

	if (code) {
		add_error(r, r.place, f, code);
		return;
	}
	to->n = json_array_size(v);
	to->items = arena_array(r.d->arena, to->n, size);
	for (size_t i = 0; i < to->n; i++) {
		struct place at = { r.place, NULL, i };
		char *item = (char *)to->items + i * size;
		json_t *normal;

		if (f->type == FIELD_OBJECT)
			put_absent(f->sub, item);
		normal = read_one((struct reading){ r.d, &at, false }, f, json_array_get(v, i), item);
		if (normal)
			json_array_set_new(v, i, normal);
	}
	if (kinds[f->type].set)
		refuse_repeats(r, f, to);
}

/* A default is made only where nothing was sent, and is judged like a value that was sent. */
static json_t *or_default(struct reading r, const struct field *f, json_t *object, json_t *v)
{
	if (v || r.patch || !f->def)
		return v;
	v = default_value(f);
	json_object_set_new(object, f->name, v);
	return v;
}

static bool null_allowed(struct reading r, const struct field *f)
{
	return f->nullable || (r.patch && !f->required && !f->def);
}

static const char *absence_error(struct reading r, const struct field *f, const json_t *v)
{
	if (!v)
		return f->required && !r.patch ? "required" : NULL;
	if (null_allowed(r, f))
		return NULL;
	return f->required ? "required" : "null";
}

static void *member_struct(struct reading r, const struct field *f, void *to)
{
	void *made = arena_alloc(r.d->arena, f->sub->size);

	put_absent(f->sub, made);
	return *(void **)to = made;
}

static void read_member(struct reading r, const struct field *f, json_t *object, json_t *v, void *to)
{
	json_t *normal;
	const char *code;

	if (!v || json_is_null(v)) {
		code = absence_error(r, f, v);
		if (code)
			add_error(r, r.place, f, code);
		return;
	}
	if (f->list) {
		read_list(r, f, v, to);
		return;
	}
	if (f->type == FIELD_OBJECT && json_is_object(v))
		to = member_struct(r, f, to);
	normal = read_one(r, f, v, to);
	if (normal)
		json_object_set_new(object, f->name, normal);
}

/* A name too long to be a slip of the pen is not repeated: the error points at its object. */
static void refuse_unknown(struct reading r, const struct input *input, json_t *object)
{
	enum { NAME_MAX_SHOWN = 64 };

	for (void *i = json_object_iter(object); i; i = json_object_iter_next(object, i)) {
		size_t len = json_object_iter_key_len(i);
		struct place at = { r.place, json_object_iter_key(i), 0 };

		if (r.d->nerrors == JSON_ERRORS)
			return;
		if (!input_field(input, at.name, len))
			add_error(r, len > NAME_MAX_SHOWN ? r.place : &at, NULL, "unknown_member");
	}
}

/* The members sent, by their field's number; returns how many have a field. */
static size_t find_members(const struct input *input, json_t *object, json_t *found[])
{
	size_t n = 0;

	for (void *i = json_object_iter(object); i; i = json_object_iter_next(object, i)) {
		const struct field *f = input_field(input, json_object_iter_key(i),
						    json_object_iter_key_len(i));

		if (!f)
			continue;
		found[f - input->fields] = json_object_iter_value(i);
		n++;
	}
	return n;
}

static void note_present(struct reading r, size_t n, json_t *const found[])
{
	for (size_t i = 0; !r.place && i < n; i++)
		if (found[i])
			r.d->present |= UINT64_C(1) << i;
}

/* A part of a telephone number that was typed with it. A patch of the number replaces all parts. */
static void put_phone_part(struct reading r, const struct input *input, const struct field *phone, const char *part,
			   json_t *v, json_t *object)
{
	const char *name = arena_printf(r.d->arena, "%s_%s", phone->name, part);
	const json_t *sent = json_object_get(object, name);
	struct place at = { r.place, name, 0 };

	if (sent && v && !json_equal(sent, v))
		add_error(r, &at, input_field(input, name, strlen(name)), "part_twice");
	else if (v || (r.patch && !sent))
		json_object_set(object, name, v ? v : json_null());
	json_decref(v);
}

static void part_phone(struct reading r, const struct input *input, const struct field *f, json_t *object)
{
	const char *typed = json_string_value(json_object_get(object, f->name));
	struct phone phone;

	if (f->line || !typed || phone_parse(typed, &phone))
		return;
	put_phone_part(r, input, f, "extension", *phone.extension ? json_string(phone.extension) : NULL, object);
	put_phone_part(r, input, f, "text_relay", phone.text_relay ? json_true() : NULL, object);
	json_object_set_new(object, f->name, json_string(phone.number));
}

static void part_phones(struct reading r, const struct input *input, json_t *object)
{
	for (const struct field *f = input->fields; f < input->fields + input->n; f++)
		if (f->type == FIELD_PHONE)
			part_phone(r, input, f, object);
}

static void read_members(struct reading r, const struct input *input, json_t *object, void *to)
{
	json_t *found[JSON_FIELDS] = { NULL };
	size_t known, sent;

	part_phones(r, input, object);
	known = find_members(input, object, found);
	sent = json_object_size(object);
	note_present(r, input->n, found);
	for (size_t i = 0; i < input->n; i++) {
		const struct field *f = &input->fields[i];
		struct place at = { r.place, f->name, 0 };

		read_member((struct reading){ r.d, &at, r.patch }, f, object,
			    or_default(r, f, object, found[i]), (char *)to + f->offset);
	}
	if (known < sent)
		refuse_unknown(r, input, object);
}

static enum json_verdict decode(struct decoded *out, const char *body, size_t len, bool patch)
{
	out->json = json_read(out->arena, body, len);
	if (!out->json)
		return JSON_MALFORMED;
	out->value = arena_alloc(out->arena, out->input->size);
	put_absent(out->input, out->value);
	read_members((struct reading){ out, NULL, patch }, out->input, out->json, out->value);
	return out->nerrors ? JSON_INVALID : JSON_OK;
}

enum json_verdict json_decode(struct arena *a, const char *body, size_t len,
			      const struct input *input, struct decoded *out)
{
	*out = (struct decoded){ .arena = a, .input = input };
	return decode(out, body, len, false);
}

enum json_verdict json_decode_patch(struct arena *a, const char *body, size_t len,
				    const struct input *input, struct decoded *out)
{
	*out = (struct decoded){ .arena = a, .input = input };
	return decode(out, body, len, true);
}

bool json_sent_at(const struct decoded *d, size_t offset)
{
	for (size_t i = 0; i < d->input->n; i++)
		if (d->input->fields[i].offset == offset)
			return d->present >> i & 1;
	return false;
}

/* ~1 and ~0 stand for / and ~ in a name of a pointer. */
static char *pointer_name(struct arena *a, const char *from, size_t len)
{
	char *name = arena_strndup(a, from, len), *to = name;

	for (const char *s = name; *s; s++) {
		bool escaped = s[0] == '~' && s[1];

		*to++ = !escaped ? *s : s[1] == '1' ? '/' : '~';
		s += escaped;
	}
	*to = '\0';
	return name;
}

static const json_t *step_into(struct arena *a, const json_t *v, const char *name, size_t len)
{
	int64_t index;
	char *step = pointer_name(a, name, len);

	if (json_is_object(v))
		return json_object_get(v, step);
	return text_to_i64(step, &index) && index >= 0 ? json_array_get(v, (size_t)index) : NULL;
}

const json_t *json_sent_to(const struct decoded *d, const char *pointer)
{
	const json_t *v = d->json;

	while (v && *pointer == '/') {
		size_t len = strcspn(++pointer, "/");

		v = step_into(d->arena, v, pointer, len);
		pointer += len;
	}
	return v;
}

static void put_unsealed(struct text *t, const struct input *input, const json_t *v);

static void put_unsealed_items(struct text *t, const struct input *input, const json_t *list)
{
	json_array_begin(t);
	for (size_t i = 0; i < json_array_size(list); i++)
		put_unsealed(t, input, json_array_get(list, i));
	json_array_end(t);
}

/* v is an object or a list of objects of that table, or null. */
static void put_unsealed(struct text *t, const struct input *input, const json_t *v)
{
	if (json_is_array(v)) {
		put_unsealed_items(t, input, v);
		return;
	}
	if (!json_is_object(v)) {
		json_put_null(t);
		return;
	}
	json_object_begin(t);
	for (const struct field *f = input->fields; f < input->fields + input->n; f++) {
		const json_t *member = f->sealed ? NULL : json_object_get(v, f->name);

		if (!member)
			continue;
		json_put_name(t, f->name);
		if (f->sub)
			put_unsealed(t, f->sub, member);
		else
			json_put_value(t, member);
	}
	json_object_end(t);
}

char *json_input_text(struct arena *a, const struct decoded *d)
{
	struct text t = text_in(a);

	put_unsealed(&t, d->input, d->json);
	return text_done(&t);
}
