/* The first page after signing in: what a person can do, for the information officer what waits, and for
 * case workers which of their cases somebody else has taken over. */
#include "api/routes.h"
#include "api/rights.h"
#include "json/write.h"
#include "sql.h"

static struct reply home_counted(struct ctx *c)
{
	return ok(c, row_json(c, 0, 0));
}

static struct reply home_told(struct ctx *c)
{
	struct text t = text_in(ctx_arena(c));

	json_object_begin(&t);
	json_put_key(&t, "taken");
	rows_put(&t, c, 0);
	json_object_end(&t);
	return ok(c, text_done(&t));
}

static struct reply home(struct ctx *c)
{
	if (ctx_can(c, CAN_see_cases)) {
		query(c, &SQL_HOME_TAKEN);
		return then(home_told);
	}
	if (!ctx_can(c, CAN_review))
		return ok(c, "{}");
	query(c, &SQL_HOME_ALERTS, ctx_user(c)->account_id);
	return then(home_counted);
}

const struct route home_routes[] = {
	{ "GET", "/", EVERYBODY, NULL, home, "home", .flags = ROUTE_PAGE_ONLY },
	{ 0 },
};
