/* Languages of the list, and the one that is written in words beside it (match/codes.h). */
#pragma once
#include "json/input.h"
#include "serve/serve.h"

/* Checks `at`/other_language against the codes of a record that is new: it goes with a code that stands for
 * another language, and with no other. For a change of one of the two the database checks (api/conflicts.h). */
void check_languages(struct ctx *c, const char *at, const struct json_list *codes);
