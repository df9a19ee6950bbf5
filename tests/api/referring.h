/* Helpers that the tests of referrals share. */
#pragma once
#include "service.h"

/* POST /referrals as the navigator. */
struct answer refer(const char *body);
/* The member "dash" of a household: so many topics answered yes, then so many no, the others with that answer; NULL
 * leaves them out. */
const char *dash_member(int yes, int no, const char *others);
/* "/api/v1/<what>/<id><more>" in the memory of the test. */
const char *path(const char *what, const char *id, const char *more);
