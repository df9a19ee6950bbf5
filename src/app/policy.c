#include "app/policy.h"

#include "base/embedded.h"
#include "decision/policy.h"

static const char path[] = "config/policy/2026-3.json";

const char *policy_text(void)
{
	return (const char *)embedded_find(path)->bytes;
}

bool policy_load(struct arena *a, struct policy *p, const char **error)
{
	if (policy_read(a, p, policy_text(), error))
		return true;
	*error = arena_printf(a, "%s: %s", path, *error);
	return false;
}
