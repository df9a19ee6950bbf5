/* Jobs: what is done without anybody asking, when each last ran, and which is late. */
#include "api/codes.h"
#include "api/resource.h"
#include "api/rights.h"
#include "api/routes.h"
#include "sql.h"

static struct reply listed(struct ctx *c)
{
	return all_reply(c, 0);
}

static struct reply job_list(struct ctx *c)
{
	query(c, &SQL_JOB_LIST);
	return then(listed);
}

static const struct shape_member members[] = {
	SHAPE("name", CODE, .codes = &job_codes),
	SHAPE("ran_at", INSTANT, .nullable = true),
	SHAPE("did", INT),
	SHAPE("late_after_minutes", INT),
	SHAPE("late", BOOL),
	{ 0 },
};
static const struct shape many = { .name = "job", .members = members, .list = true };

const struct route job_routes[] = {
	{ "GET", "/jobs", CAN_administer, NULL, job_list, "jobs/list", .flags = ROUTE_CSV, .output = &many,
	  .summary = "What is done without anybody asking: when it last ran, and what is late" },
	{ 0 },
};
