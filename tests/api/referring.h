/* Helpers that the tests of referrals share. */
#pragma once
#include "service.h"

/* POST /referrals as the navigator. */
struct answer refer(const char *body);
/* "/api/v1/<what>/<id><more>" in the memory of the test. */
const char *path(const char *what, const char *id, const char *more);
