#include "api/resource.h"

#include <string.h>

bool is_time_of_day(const char *s)
{
	bool digits = strlen(s) == 5 && strspn(s, "0123456789") == 2 && s[2] == ':' && strspn(s + 3, "0123456789") == 2;

	return digits && strncmp(s, "24", 2) < 0 && s[3] < '6';
}

const char *tri_param(enum tri b)
{
	static const char *const params[] = {
		[TRI_UNKNOWN] = NULL, [TRI_NO] = "f", [TRI_YES] = "t",
	};

	return params[b];
}

struct reply changed_row(struct ctx *c)
{
	if (rows(c, 1) == 0)
		return problem(c, PROBLEM_NOT_FOUND);
	if (affected(c, 0) == 0)
		return problem(c, PROBLEM_CHANGED);
	return row_reply(c, 1);
}

struct reply not_changed(struct ctx *c, enum problem otherwise)
{
	if (rows(c, 0) == 0 || rows(c, 2) == 0)
		return problem(c, PROBLEM_NOT_FOUND);
	if (!ctx_matches(c, value(c, 2, 0, "version")))
		return problem(c, PROBLEM_CHANGED);
	return problem(c, otherwise);
}
