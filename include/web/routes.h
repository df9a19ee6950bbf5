/* Pages that are no resource: home, assets, what a problem's address says. */
#pragma once
#include "serve/route.h"

extern const struct route web_routes[];
