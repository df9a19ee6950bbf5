/* Pages that are not resources: home, assets, the page of a problem. */
#pragma once
#include "serve/route.h"

extern const struct route web_routes[];
