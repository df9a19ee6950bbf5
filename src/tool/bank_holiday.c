/* Bank holidays as they are proclaimed, or moved: turnarounds leave them out. */
#include "base/date.h"
#include "sql.h"
#include "tool/tool.h"

static int change(struct tool *t, const struct sql *sql, const char *day, const char *name, const char *nothing)
{
	struct batch *b;
	int32_t ignored;

	if (!day_parse(day, &ignored))
		return tool_fail("the day must be a real date, like 2023-05-08");
	if (!tool_open(t))
		return TOOL_FAILED;
	b = name ? db_sync_query(t->db, t->arena, sql, day, name) : db_sync_query(t->db, t->arena, sql, day);
	return tool_found(b, nothing);
}

int tool_bank_holiday_add(struct tool *t)
{
	if (t->argc != 2)
		return tool_usage(t);
	return change(t, &SQL_TOOL_BANK_HOLIDAY_ADD, t->argv[0], t->argv[1], "that day is a weekend, or a bank holiday already");
}

int tool_bank_holiday_remove(struct tool *t)
{
	if (t->argc != 1)
		return tool_usage(t);
	return change(t, &SQL_TOOL_BANK_HOLIDAY_REMOVE, t->argv[0], NULL, "that day is no bank holiday");
}
