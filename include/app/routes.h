/* Every route of the service, and the code lists that every page may show. */
#pragma once
#include <jansson.h>

#include "serve/route.h"
#include "serve/server.h"

extern const struct route *const app_tables[];	/* ended by NULL */
/* {"<code list>": [{"code", "label"}…]}; the caller's reference. */
json_t *app_page_options(void);
