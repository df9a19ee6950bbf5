/* `haven migrate`: the schema, then the policy, the districts and their neighbours. */
#include "app/migrations.h"
#include "app/policy.h"
#include "geography.h"
#include "sql.h"
#include "tool/tool.h"

static void report(const char *name, void *arg)
{
	(void)arg;
	printf("applying %s\n", name);
	fflush(stdout);
}

static int fill_policy(struct tool *t)
{
	const char *error;
	struct policy p;
	struct batch *b;

	if (!policy_load(t->arena, &p, &error))
		return tool_fail("%s", error);
	b = db_sync_query(t->db, t->arena, &SQL_TOOL_POLICY, policy_text());
	if (!tool_ok(b))
		return TOOL_FAILED;
	printf("policy: %s%s\n", p.version, batch_affected(b, 0) ? ", taken up" : "");
	return TOOL_DONE;
}

int tool_migrate(struct tool *t)
{
	const char *error;

	if (!tool_open(t))
		return TOOL_FAILED;
	if (!migrate_run(t->db, t->arena, migrations_list(t->arena), report, NULL, &error))
		return tool_fail("%s", error);
	puts("the schema is up to date");
	return fill_policy(t) == TOOL_DONE ? geography_fill(t, "shipped", geography_shipped(t)) : TOOL_FAILED;
}

int tool_migrate_status(struct tool *t)
{
	const struct migration_status *s;
	const char *error;
	int code = TOOL_DONE;

	if (!tool_open(t))
		return TOOL_FAILED;
	s = migrate_status(t->db, t->arena, migrations_list(t->arena), &error);
	if (!s)
		return tool_fail("%s", error);
	for (; s->name; s++) {
		printf("%-32s %-12s %s\n", s->name, migration_state_name(s->state),
		       s->applied_at ? s->applied_at : "");
		if (s->state != MIGRATION_APPLIED)
			code = TOOL_FAILED;
	}
	return code;
}
