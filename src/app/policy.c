#include "app/policy.h"

#include <jansson.h>
#include <stdio.h>
#include <string.h>

#include "base/embedded.h"

static const char path[] = "config/policy/2026-1.json";

static bool set_all(struct arena *a, struct policy *p, const json_t *root, const char **error)
{
	size_t n = 1;	/* the version */

	for (const struct policy_key *k = policy_keys; k->name; k++, n++) {
		const json_t *v = json_object_get(root, k->name);

		if (!json_is_integer(v) || !policy_set(p, k->name, json_integer_value(v))) {
			*error = arena_printf(a, "%s: %s must be a whole number from %d to %d", path, k->name, k->min, k->max);
			return false;
		}
	}
	*error = arena_printf(a, "%s has a key that no rule uses", path);
	return json_object_size(root) == n;
}

bool policy_load(struct arena *a, struct policy *p, const char **error)
{
	const struct embedded *f = embedded_find(path);
	json_t *root = f ? json_loadb((const char *)f->bytes, f->size, JSON_REJECT_DUPLICATES, NULL) : NULL;
	const char *version = json_string_value(json_object_get(root, "version"));
	bool good = false;

	policy_default(p);
	*error = arena_printf(a, "%s is not a policy", path);
	if (version) {
		snprintf(p->version, sizeof(p->version), "%s", version);
		good = set_all(a, p, root, error);
	}
	json_decref(root);
	return good;
}
