/* The first page after signing in: what a person can do, and for the information officer what waits. */
#include "api/routes.h"
#include "api/rights.h"
#include "sql.h"

static struct reply home_counted(struct ctx *c)
{
	return ok(c, row_json(c, 0, 0));
}

static struct reply home(struct ctx *c)
{
	if (!ctx_can(c, CAN_review))
		return ok(c, "{}");
	query(c, &SQL_HOME_ALERTS, ctx_user(c)->account_id);
	return then(home_counted);
}

const struct route home_routes[] = {
	{ "GET", "/", EVERYBODY, NULL, home, "home", .flags = ROUTE_PAGE_ONLY },
	{ 0 },
};
