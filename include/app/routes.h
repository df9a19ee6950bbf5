/* Every route of the service, and the code lists that every page may show. */
#pragma once
#include <jansson.h>

#include "base/arena.h"
#include "serve/route.h"
#include "serve/server.h"

extern const struct route *const app_tables[];	/* ended by NULL */
/* {"<code list>": [{"code", "label"}…]}; the caller's reference. dash_question has the questions of DASH in the
 * file dash_wording; a topic that it leaves out, and all where its name is "", by the topic's name. NULL with *error
 * (in a) where the file cannot be read or a line is wrong. */
json_t *app_page_options(const char *dash_wording, struct arena *a, const char **error);
