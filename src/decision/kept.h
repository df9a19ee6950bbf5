/* Shared by writing and reading: the names of what is in no list of codes. */
#pragma once
#include "match/need.h"

enum { ORIGIN_KM = 1000 };	/* where the first district with a centre is moved to, east and north */

/* By enum member_role. */
static const char *const role_names[] = { "applicant", "child", "adult", "carer" };

/* The id of the n-th place, for what is told of a pair: conflicts and declines. */
static inline struct uuid place_id(int n)
{
	return (struct uuid){ 0, (uint64_t)n + 1 };
}
