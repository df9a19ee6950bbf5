/* The course of a referral, for its route rows. */
#pragma once
#include "serve/serve.h"

/* Of a new referral and of a patch. */
#define REFERRAL_FIELDS(R) \
	FIELD(R, source, CODE, "source", .codes = &referral_source_codes, .def = "not_known"), \
	FIELD(R, out_of_hours, BOOL, "out_of_hours", .def = "false"), \
	FIELD(R, consent, CODE, "consent", .codes = &consent_basis_codes), \
	FIELD(R, consent_reason, TEXT, "consent_reason", .max = 300, \
	      .help = "Why shared without consent. No address.")

extern const struct input referral_patch_input, referral_close_input;

step referral_change, referral_close;
