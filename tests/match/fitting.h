/* A household and a vacancy that fit in every respect, with nothing left to ask. Tests change one
 * fact and check the effect. */
#pragma once
#include "sample.h"

void fitting_need(struct need *n);
void fitting_supply(const struct geography *tees, struct supply *s);

struct pair {
	struct arena *arena;
	struct geography *tees;
	struct policy policy;
	struct match_env env;
	struct need need;
	struct supply supply;
};

void pair_new(struct pair *p);
struct verdict pair_verdict(const struct pair *p);
int district(const struct pair *p, const char *outward);
