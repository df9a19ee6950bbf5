/* Problems: the closed set of ways a request can fail, from problems.def. */
#pragma once

enum problem {
#define PROBLEM(name, status, slug, title) PROBLEM_##name,
#include "serve/problems.def"
#undef PROBLEM
	PROBLEMS
};

struct problem_text {
	int status;
	const char *slug, *title;
};

extern const struct problem_text problem_texts[PROBLEMS];
