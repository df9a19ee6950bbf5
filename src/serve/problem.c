#include "serve/problem.h"

const struct problem_text problem_texts[PROBLEMS] = {
#define PROBLEM(name, status, slug, title) [PROBLEM_##name] = { status, slug, title },
#include "serve/problems.def"
#undef PROBLEM
};
