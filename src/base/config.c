#include "base/config.h"

#include <ctype.h>
#include <ini.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"

enum { CREDENTIAL_MAX = 4096 };

struct load {
	struct arena *arena;
	const struct config_key *keys;
	char *target;
	const char *error;
};

static const struct config_key *find(const struct config_key *keys, const char *name)
{
	for (; keys->name; keys++)
		if (strcmp(keys->name, name) == 0)
			return keys;
	return NULL;
}

static bool set_int(struct load *l, const struct config_key *k, const char *value)
{
	int64_t n;

	if (!text_to_i64(value, &n) || n < k->min || n > k->max) {
		l->error = arena_printf(l->arena, "%s must be a whole number from %d to %d",
					k->name, k->min, k->max);
		return false;
	}
	*(int *)(void *)(l->target + k->offset) = (int)n;
	return true;
}

static bool set_bool(struct load *l, const struct config_key *k, const char *value)
{
	bool yes = strcmp(value, "true") == 0;

	if (!yes && strcmp(value, "false") != 0) {
		l->error = arena_printf(l->arena, "%s must be true or false", k->name);
		return false;
	}
	*(bool *)(void *)(l->target + k->offset) = yes;
	return true;
}

static bool set(struct load *l, const struct config_key *k, const char *value)
{
	if (k->type == CONFIG_INT)
		return set_int(l, k, value);
	if (k->type == CONFIG_BOOL)
		return set_bool(l, k, value);
	*(const char **)(void *)(l->target + k->offset) = arena_strdup(l->arena, value);
	return true;
}

/* inih's callback: 1 goes on, 0 makes ini_parse() return the line. */
static int on_line(void *arg, const char *section, const char *name, const char *value)
{
	struct load *l = arg;
	const struct config_key *k = find(l->keys, name);

	if (*section || !k) {
		l->error = arena_printf(l->arena, "unknown key %s", name);
		return 0;
	}
	return set(l, k, value);
}

static bool load_file(struct load *l, const char *file)
{
	int line = ini_parse(file, on_line, l);

	if (line == 0)
		return true;
	if (line < 0)
		l->error = arena_printf(l->arena, "%s: cannot be read", file);
	else
		l->error = arena_printf(l->arena, "%s:%d: %s", file, line,
					l->error ? l->error : "not a `key = value` line");
	return false;
}

static bool load_environment(struct load *l)
{
	for (const struct config_key *k = l->keys; k->name; k++) {
		char *variable = arena_printf(l->arena, "HAVEN_%s", k->name);
		const char *value;

		for (char *p = variable; *p; p++)
			*p = (char)toupper((unsigned char)*p);
		value = getenv(variable);
		if (value && !set(l, k, value)) {
			l->error = arena_printf(l->arena, "%s: %s", variable, l->error);
			return false;
		}
	}
	return true;
}

static bool load_credential(struct load *l, const struct config_key *k, const char *directory)
{
	char value[CREDENTIAL_MAX];
	FILE *f = fopen(arena_printf(l->arena, "%s/%s", directory, k->name), "re");
	size_t n;

	if (!f)
		return true;	/* a key without a credential keeps its value */
	n = fread(value, 1, sizeof(value) - 1, f);
	fclose(f);
	while (n > 0 && isspace((unsigned char)value[n - 1]))
		n--;
	value[n] = '\0';
	return set(l, k, value);
}

static bool load_credentials(struct load *l)
{
	const char *directory = getenv("CREDENTIALS_DIRECTORY");

	for (const struct config_key *k = l->keys; directory && k->name; k++)
		if (!load_credential(l, k, directory))
			return false;
	return true;
}

bool config_load(struct arena *a, const struct config_key *keys, const char *file, void *target,
		 const char **error)
{
	struct load l = { .arena = a, .keys = keys, .target = target };
	bool ok = true;

	for (const struct config_key *k = keys; ok && k->name; k++)
		ok = set(&l, k, k->def);
	ok = ok && (!file || load_file(&l, file)) && load_environment(&l) && load_credentials(&l);
	*error = ok ? NULL : l.error;
	return ok;
}

static void print_value(const struct config_key *k, const char *at, FILE *out)
{
	if (k->type == CONFIG_INT)
		fprintf(out, " %d", *(const int *)(const void *)at);
	else if (k->type == CONFIG_BOOL)
		fputs(*(const bool *)(const void *)at ? " true" : " false", out);
	else if (**(const char *const *)(const void *)at)
		fprintf(out, " %s", *(const char *const *)(const void *)at);
}

static void print_secret(const char *at, FILE *out)
{
	fputs(**(const char *const *)(const void *)at ? " (set)" : " (not set)", out);
}

void config_print(const struct config_key *keys, const void *target, FILE *out)
{
	for (const struct config_key *k = keys; k->name; k++) {
		const char *at = (const char *)target + k->offset;

		fprintf(out, "# %s\n%s%s =", k->help, k->secret ? "# " : "", k->name);
		if (k->secret)
			print_secret(at, out);
		else
			print_value(k, at, out);
		fputs("\n\n", out);
	}
}
