/* What is wrong with a policy file, line by line. */
#include <jansson.h>
#include <string.h>

#include "decision/policy.h"

struct faults {
	struct text *out;
	const char *text;
	int n;
};

static int line_at(const char *text, const char *at)
{
	int line = 1;

	for (; text < at; text++)
		line += *text == '\n';
	return line;
}

/* Keys hold no character that JSON would escape, so the quoted name followed by a colon is the key. */
static int line_of(const struct faults *f, const char *key)
{
	size_t n = strlen(key);

	for (const char *at = f->text; (at = strstr(at, key)); at++)
		if (at > f->text && at[-1] == '"' && at[n] == '"' && at[n + 1 + strspn(at + n + 1, " \t\r\n")] == ':')
			return line_at(f->text, at);
	return line_at(f->text, f->text + strlen(f->text));
}

static void fault(struct faults *f, const char *key, const char *what)
{
	text_printf(f->out, "line %d: %s %s\n", line_of(f, key), key, what);
	f->n++;
}

static const struct policy_key *key_named(const char *name)
{
	const struct policy_key *k = policy_keys;

	while (k->name && strcmp(k->name, name) != 0)
		k++;
	return k->name ? k : NULL;
}

static void check_key(struct faults *f, struct policy *p, const struct policy_key *k, const json_t *v)
{
	struct text what = text_in(f->out->arena);

	if (!v) {
		fault(f, k->name, "is missing");
		return;
	}
	if (json_is_integer(v) && policy_set(p, k->name, json_integer_value(v)))
		return;
	text_printf(&what, "must be a whole number from %d to %d: %s", k->min, k->max, k->help);
	fault(f, k->name, text_done(&what));
}

static void check_version(struct faults *f, struct policy *p, const json_t *v)
{
	size_t n = json_string_length(v);

	if (n == 0 || n >= sizeof(p->version))
		fault(f, "version", "must be a text of at most 31 characters");
	else
		memcpy(p->version, json_string_value(v), n + 1);
}

/* As the database has it too (table policy). */
static void check_minutes(struct faults *f, const struct policy *p)
{
	if (p->hold_minutes < p->hold_least_minutes || p->hold_minutes > p->hold_most_minutes)
		fault(f, "hold_minutes", "must lie between hold_least_minutes and hold_most_minutes");
	if (p->offer_minutes < p->hold_least_minutes || p->offer_minutes > p->hold_most_minutes)
		fault(f, "offer_minutes", "must lie between hold_least_minutes and hold_most_minutes");
}

static void check_names(struct faults *f, json_t *root)
{
	const char *name;
	json_t *value;

	json_object_foreach(root, name, value)
		if (strcmp(name, "version") != 0 && !key_named(name))
			fault(f, name, "is a key that no rule uses");
}

bool policy_faults(const char *text, struct policy *p, struct text *out)
{
	struct faults f = { out, text, 0 };
	json_error_t at;
	json_t *root = json_loads(text, JSON_REJECT_DUPLICATES, &at);

	policy_default(p);
	if (!json_is_object(root)) {
		text_printf(out, "line %d: %s\n", root ? 1 : at.line, root ? "it is no object" : at.text);
		json_decref(root);
		return false;
	}
	check_version(&f, p, json_object_get(root, "version"));
	for (const struct policy_key *k = policy_keys; k->name; k++)
		check_key(&f, p, k, json_object_get(root, k->name));
	check_names(&f, root);
	if (f.n == 0)
		check_minutes(&f, p);
	json_decref(root);
	return f.n == 0;
}
