#include "referring.h"

#include "memory.h"

struct answer refer(const char *body)
{
	return call(ROLE_navigator, "POST", "/api/v1/referrals", "%s", body);
}

const char *path(const char *what, const char *id, const char *more)
{
	return arena_printf(test_memory(), "/api/v1/%s/%s%s", what, id, more);
}
