/* The routes of this layer: sessions and accounts. */
#pragma once
#include "serve/route.h"

extern const struct route session_routes[];
extern const struct route account_routes[];
