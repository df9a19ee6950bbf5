/* The first page after signing in: what a person can do, and what waits for them: alerts for the information officer, for
 * the sides of a placement what happened without them, for case workers which of their cases somebody else has taken
 * over. */
#include "api/codes.h"
#include "api/rights.h"
#include "api/routes.h"
#include "json/write.h"
#include "sql.h"

static struct reply home_counted(struct ctx *c)
{
	return ok(c, row_json(c, 0, 0));
}

static int64_t count_of(struct ctx *c, int i)
{
	int64_t n;

	return text_to_i64(value(c, i, 0, "tasks"), &n) ? n : 0;
}

/* Statement 0 holds the notices of who decides on placements, the next two what was taken over of who sees cases,
 * and the number of their tasks. */
static struct reply home_told(struct ctx *c)
{
	struct text t = text_in(ctx_arena(c));
	int i = 0;

	json_object_begin(&t);
	if (ctx_can(c, CAN_decide)) {
		json_put_key(&t, "notices");
		rows_put(&t, c, i++);
	}
	if (ctx_can(c, CAN_see_cases)) {
		json_put_key(&t, "taken");
		rows_put(&t, c, i++);
	}
	if (ctx_can(c, CAN_have_tasks)) {
		json_put_key(&t, "tasks");
		json_put_i64(&t, count_of(c, i));
	}
	json_object_end(&t);
	return ok(c, text_done(&t));
}

static struct reply home(struct ctx *c)
{
	if (ctx_can(c, CAN_review)) {
		query(c, &SQL_HOME_ALERTS, ctx_user(c)->account_id);
		return then(home_counted);
	}
	if (!ctx_can(c, CAN_decide) && !ctx_can(c, CAN_have_tasks))
		return ok(c, "{}");
	if (ctx_can(c, CAN_decide))
		query(c, &SQL_HOME_NOTICES, "20");
	if (ctx_can(c, CAN_see_cases))
		query(c, &SQL_HOME_TAKEN);
	if (ctx_can(c, CAN_have_tasks))
		query(c, &SQL_HOME_TASKS);
	return then(home_told);
}

/* ---- the same for programs ---- */

static struct reply listed(struct ctx *c)
{
	return all_reply(c, 0);
}

static struct reply notice_list(struct ctx *c)
{
	query(c, &SQL_HOME_NOTICES, "100");
	return then(listed);
}

static const struct shape_member members[] = {
	SHAPE_ID,
	SHAPE("kind", CODE, .codes = &notice_kind_codes),
	SHAPE("vacancy_id", UUID),
	SHAPE("placement_id", UUID, .nullable = true),
	SHAPE("unit_reference", TEXT),
	SHAPE("provider", TEXT),
	SHAPE("household_reference", TEXT, .nullable = true),
	SHAPE("at", INSTANT),
	SHAPE("expires_at", INSTANT, .nullable = true),
	SHAPE("arrival_time", TEXT, .nullable = true),
	{ 0 },
};
static const struct shape many = { .name = "notice", .members = members, .list = true };

const struct route home_routes[] = {
	{ "GET", "/", EVERYBODY, NULL, home, "home", .flags = ROUTE_PAGE_ONLY },
	{ "GET", "/notices", CAN_decide, NULL, notice_list, .output = &many,
	  .summary = "What your organisation is told: offers that wait, arrivals that moved, vacancies that lapsed, "
		     "offers that ended because the place went out of service" },
	{ 0 },
};
