/* What is no resource: assets, and what a problem's address says. */
#pragma once
#include "serve/route.h"

extern const struct route web_routes[];
