/* Rights of rights.def: CAN_place is the set of roles that may place, for the `roles` of a route row. */
#pragma once
#include "serve/route.h"

enum {
#define RIGHT(name, roles) CAN_##name = roles,
#include "api/rights.def"
#undef RIGHT
};

/* The same as a table, for views. */
extern const struct right api_rights[];
