/* Taking a referral and changing it later, for its route rows. */
#pragma once
#include "serve/serve.h"

/* A field that a new referral and a patch share. */
#define REFERRAL_SOURCE(R) FIELD(R, source, CODE, "source", .codes = &referral_source_codes, .def = "not_known")

/* What comes next for a household that the police notified, of standard risk. */
#define SELF_REFERRAL_NEXT \
	"Give the household the self-referral information and record it. If the risk turns out higher, assess it " \
	"again: then the referral can go on"

extern const struct shape case_shape;

/* Asks for the answer of a referral, as the first statements of the batch: the household, its
 * referral, cases that may be about the same people, its place, self-referral information, and what is
 * searched for: as it is stored, since the board may be a moment behind what this user has just
 * changed. */
void referral_ask(struct ctx *c, const char *household, const char *referral);
/* The answer from those statements, with the household's best options. A search that finds nothing
 * counts as an unmet need of the household `counted`; where that is NULL it is not counted
 * again. */
const char *referral_answer(struct ctx *c, const char *counted);

extern const struct input referral_input, referral_patch_input, referral_close_input;

step referral_get, referral_create, referral_change, referral_close, referral_self_given;
checks referral_check, referral_change_check;
