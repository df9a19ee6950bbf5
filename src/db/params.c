#include "params.h"

#include <libpq-fe.h>
#include <string.h>

#define SETTINGS "-c TimeZone=UTC -c DateStyle=ISO -c client_min_messages=warning "

/* The `options` of the conninfo; a later entry would replace them. "" where it cannot be read:
 * connecting reports that. */
static const char *own_options(struct arena *a, const char *conninfo)
{
	PQconninfoOption *all = PQconninfoParse(conninfo, NULL);
	const char *found = "";

	for (PQconninfoOption *o = all; o && o->keyword; o++)
		if (strcmp(o->keyword, "options") == 0 && o->val)
			found = arena_strdup(a, o->val);
	PQconninfoFree(all);
	return found;
}

struct params params_of(struct arena *a, const char *conninfo, const char *application_name,
			const char *settings)
{
	struct params p = {
		.keywords = { "dbname", "application_name", "client_encoding", "options" },
		.values = { conninfo, application_name, "UTF8" },
	};

	p.values[3] = arena_printf(a, "%s " SETTINGS "%s", own_options(a, conninfo), settings);
	return p;
}
