#include "decision/policy.h"

#include <jansson.h>
#include <stdio.h>

/* A key that the text lacks takes what was before it. */
static int64_t value_before(const struct policy_key *k)
{
	return k->min <= 0 && k->max >= 0 ? 0 : k->def;
}

static bool set_key(struct arena *a, struct policy *p, const struct policy_key *k, const json_t *v, const char **error)
{
	if (json_is_integer(v) && policy_set(p, k->name, json_integer_value(v)))
		return true;
	*error = arena_printf(a, "%s must be a whole number from %d to %d", k->name, k->min, k->max);
	return false;
}

static bool set_all(struct arena *a, struct policy *p, const json_t *root, bool kept, const char **error)
{
	size_t n = 1;	/* the version */

	for (const struct policy_key *k = policy_keys; k->name; k++) {
		const json_t *v = json_object_get(root, k->name);

		if (!v && kept) {
			if (!policy_set(p, k->name, value_before(k)))
				return false;
			continue;
		}
		n++;
		if (!set_key(a, p, k, v, error))
			return false;
	}
	*error = "it has a key that no rule uses";
	return json_object_size(root) == n;
}

static bool read_policy(struct arena *a, struct policy *p, const char *text, bool kept, const char **error)
{
	json_t *root = json_loads(text, JSON_REJECT_DUPLICATES, NULL);
	const char *version = json_string_value(json_object_get(root, "version"));
	struct policy read;
	bool good = false;

	policy_default(p);
	policy_default(&read);
	*error = "it is not a policy";
	if (version) {
		snprintf(read.version, sizeof(read.version), "%s", version);
		good = set_all(a, &read, root, kept, error);
	}
	if (good)
		*p = read;
	json_decref(root);
	return good;
}

bool policy_read(struct arena *a, struct policy *p, const char *text, const char **error)
{
	return read_policy(a, p, text, false, error);
}

bool policy_read_kept(struct arena *a, struct policy *p, const char *text, const char **error)
{
	return read_policy(a, p, text, true, error);
}
