#include "referring.h"

#include <stdio.h>

struct answer refer(const char *body)
{
	return call(ROLE_navigator, "POST", "/api/v1/referrals", "%s", body);
}

const char *path(const char *what, const char *id, const char *more)
{
	static char text[160];

	snprintf(text, sizeof(text), "/api/v1/%s/%s%s", what, id, more);
	return text;
}
