/* The OpenAPI 3.1 document, made from the route rows and the field tables, so it describes them. */
#pragma once
#include "base/arena.h"
#include "serve/route.h"

/* tables are as app_tables of app/routes.h; only their routes at /api/v1 are described. */
const char *app_openapi(struct arena *a, const struct route *const *tables);
