/* `haven migrate`: the schema, then the districts and their neighbours. */
#include "app/migrations.h"
#include "base/embedded.h"
#include "match/geography.h"
#include "sql.h"
#include "tool/tool.h"

static const char geography_path[] = "config/geography/tees.txt";

static void report(const char *name, void *arg)
{
	(void)arg;
	printf("applying %s\n", name);
	fflush(stdout);
}

static int fill_geography(struct tool *t)
{
	const struct embedded *f = embedded_find(geography_path);
	const char *text = (const char *)f->bytes, *error;
	struct batch *districts, *neighbours;

	if (!geography_parse(t->arena, text, f->size, &error))
		return tool_fail("%s: %s", geography_path, error);
	districts = db_sync_query(t->db, t->arena, &SQL_TOOL_DISTRICTS, text);
	if (!tool_ok(districts))
		return TOOL_FAILED;
	neighbours = db_sync_query(t->db, t->arena, &SQL_TOOL_NEIGHBOURS, text);
	if (!tool_ok(neighbours))
		return TOOL_FAILED;
	printf("geography: %d districts and %d neighbour pairs changed\n",
	       batch_affected(districts, 0), batch_affected(neighbours, 0));
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
	return fill_geography(t);
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
