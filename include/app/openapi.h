/* The OpenAPI 3.1 document, made from the route rows and the field tables: it describes what runs. */
#pragma once
#include "base/arena.h"
#include "serve/route.h"

/* tables as app_tables of app/routes.h; of their routes those at /api/v1. */
const char *app_openapi(struct arena *a, const struct route *const *tables);
