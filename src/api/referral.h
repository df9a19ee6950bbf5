/* Taking a referral and its course, for its route rows. */
#pragma once
#include "serve/serve.h"

/* Of a new referral and of a patch. */
#define REFERRAL_FIELDS(R) \
	FIELD(R, source, CODE, "source", .codes = &referral_source_codes, .def = "not_known"), \
	FIELD(R, out_of_hours, BOOL, "out_of_hours", .def = "false")

struct need;

/* The need that the search is asked with; false where there is none to ask for. */
typedef bool referral_need(struct ctx *c, const char *household, struct need *need);
/* As the board has it. */
referral_need referral_need_stored;

/* Asks for the answer of a referral: a household, its referral, and who may be the same, as the
 * first statements of the batch. */
enum { REFERRAL_STATEMENTS = 3 };
void referral_ask(struct ctx *c, const char *household, const char *referral);
/* The answer from those statements, with the household's best options. A search that finds nothing
 * is unmet need, counted for `counted` or, where that is NULL, not again. */
const char *referral_answer(struct ctx *c, referral_need *find, const char *counted);

extern const struct input referral_input, referral_patch_input, referral_close_input;

step referral_create, referral_change, referral_close;
checks referral_check, referral_change_check;
