/* What functions of the database answer: for each list of api/outcomes.def an enum whose constants
 * are <list>_<code>, and a `struct code_list <list>_codes`. */
#pragma once
#include "base/codes.h"
#include "serve/serve.h"

#define LIST(name) extern const struct code_list name##_codes; enum name {
#define CODE(list, code, label) list##_##code,
#define END(name) name##_count };
#include "api/outcomes.def"
#undef LIST
#undef CODE
#undef END

/* Every list, ended by NULL; look one up with code_list_find(). */
extern const struct code_list *const outcome_lists[];

/* The column _outcome of the first row of the first result, as an index of the list. Aborts where
 * the list does not have it: program and database would not mean the same. */
int outcome_of(const struct ctx *c, const struct code_list *list);
