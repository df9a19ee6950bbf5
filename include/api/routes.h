/* The route tables of the API, one a resource, from routes.def. Each ends with an empty row. */
#pragma once
#include "serve/route.h"

#define ROUTES(name) extern const struct route name##_routes[];
#include "api/routes.def"
#undef ROUTES
