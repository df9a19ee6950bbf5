/* What a council sets for itself: the hours of its offices, which make a referral one out of hours, and the
 * services that a person is told who may ask for help directly. */
#include <string.h>

#include "api/resource.h"
#include "sql.h"
#include "tool/tool.h"

/* ---- office hours ---- */

/* 1 Monday to 7 Sunday; NULL where it is none. */
static const char *weekday(const char *name)
{
	static const struct {
		const char *name, *number;
	} days[] = {
		{ "monday", "1" }, { "tuesday", "2" },	{ "wednesday", "3" }, { "thursday", "4" },
		{ "friday", "5" }, { "saturday", "6" }, { "sunday", "7" },
	};

	for (size_t i = 0; i < sizeof(days) / sizeof(*days); i++)
		if (strcasecmp(name, days[i].name) == 0)
			return days[i].number;
	return NULL;
}

int tool_office_hours_list(struct tool *t)
{
	return tool_list(t, &SQL_TOOL_OFFICE_HOURS_LIST);
}

int tool_office_hours_set(struct tool *t)
{
	const char *day;

	if (t->argc != 3)
		return tool_usage(t);
	day = weekday(t->argv[0]);
	if (!day)
		return tool_fail("the day must be one of the week, like monday");
	if (!is_time_of_day(t->argv[1]) || !is_time_of_day(t->argv[2]) || strcmp(t->argv[1], t->argv[2]) >= 0)
		return tool_fail("give two times like 09:00 and 17:00, the later one last");
	if (!tool_open(t))
		return TOOL_FAILED;
	if (!tool_ok(db_sync_query(t->db, t->arena, &SQL_TOOL_OFFICE_HOURS_SET, day, t->argv[1], t->argv[2])))
		return TOOL_FAILED;
	return TOOL_DONE;
}

/* Removes the row of that number. */
static int remove_row(struct tool *t, const struct sql *sql, const char *number, const char *nothing)
{
	return tool_open(t) ? tool_found(db_sync_query(t->db, t->arena, sql, number), nothing) : TOOL_FAILED;
}

int tool_office_hours_close(struct tool *t)
{
	const char *day;

	if (t->argc != 1)
		return tool_usage(t);
	day = weekday(t->argv[0]);
	if (!day)
		return tool_fail("the day must be one of the week, like monday");
	return remove_row(t, &SQL_TOOL_OFFICE_HOURS_CLOSE, day, "no office is open on that day");
}

/* ---- helplines ---- */

static bool is_position(const char *s)
{
	return *s >= '1' && *s <= '9' && strlen(s) <= 2 && strspn(s, "0123456789") == strlen(s);
}

/* As it is read out: also a short number, such as 999. */
static bool is_number(const char *s)
{
	return strlen(s) >= 3 && strlen(s) <= 20 && strspn(s, "0123456789 +") == strlen(s);
}

int tool_helpline_list(struct tool *t)
{
	return tool_list(t, &SQL_TOOL_HELPLINE_LIST);
}

int tool_helpline_set(struct tool *t)
{
	if (t->argc != 5)
		return tool_usage(t);
	if (!is_position(t->argv[0]))
		return tool_fail("the place in the order must be a number from 1 to 99");
	if (!is_number(t->argv[2]))
		return tool_fail("the telephone number must be one, like 0808 2000 247");
	if (!tool_open(t))
		return TOOL_FAILED;
	if (!tool_ok(db_sync_query(t->db, t->arena, &SQL_TOOL_HELPLINE_SET, t->argv[0], t->argv[1], t->argv[2],
				   t->argv[3], t->argv[4])))
		return TOOL_FAILED;
	return TOOL_DONE;
}

int tool_helpline_remove(struct tool *t)
{
	if (t->argc != 1)
		return tool_usage(t);
	if (!is_position(t->argv[0]))
		return tool_fail("the place in the order must be a number from 1 to 99");
	return remove_row(t, &SQL_TOOL_HELPLINE_REMOVE, t->argv[0], "no helpline has that place");
}
