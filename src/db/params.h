/* Connection parameters: the caller's conninfo with this layer's settings laid over it. */
#pragma once
#include "base/arena.h"

enum { PARAMS_MAX = 5 };

struct params {
	const char *keywords[PARAMS_MAX + 1], *values[PARAMS_MAX + 1];
};

/* settings is libpq's `options` ("-c name=value …"), added after those of the conninfo. */
struct params params_of(struct arena *a, const char *conninfo, const char *application_name,
			const char *settings);
