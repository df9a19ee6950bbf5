/* A board for a tool: read through a blocking connection, and never refreshed. */
#include "board_impl.h"

#include "base/die.h"
#include "db/sync.h"
#include "sql.h"

/* The lists of a load, one after the other. */
static bool read_lists(struct board *b, struct db_sync *db, const char **failed)
{
	static const struct sql *const lists[] = {
		&SQL_BOARD_PROPERTIES, &SQL_BOARD_UNITS, &SQL_BOARD_VACANCIES, &SQL_BOARD_DELAYS, &SQL_BOARD_HOUSEHOLDS,
	};
	enum { N = sizeof(lists) / sizeof(*lists) };
	const struct batch *of[N], *geography = db_sync_query(db, b->work, &SQL_BOARD_GEOGRAPHY, "");

	*failed = "the geography";
	if (batch_outcome(geography) != DB_OK || !names_geography(&b->names, geography, 0, b->arena))
		return false;
	for (int i = 0; i < N; i++) {
		of[i] = db_sync_exec(db, b->work, lists[i], 0, NULL);
		*failed = lists[i]->name;
		if (batch_outcome(of[i]) != DB_OK)
			return false;
	}
	b->now = content_new(b->names.geography);
	content_put_vacancies(&b->now, &b->names, (struct sources){ { of[0], 0 }, { of[1], 0 }, { of[2], 0 }, { of[3], 0 } }, b->work);
	content_put_households(&b->now, &b->names, of[N - 1], 0);
	return true;
}

struct board *board_read_once(struct db_sync *db, const struct policy *policy, const char **failed)
{
	struct board *b = must_calloc(1, sizeof(*b));

	b->o.policy = policy;
	b->arena = arena_new();
	b->work = arena_new();
	b->names = (struct names){ .groups = intern_new(b->arena), .areas = intern_new(b->arena) };
	b->loaded = read_lists(b, db, failed);
	if (b->loaded)
		return b;
	b->now = content_new(NULL);
	board_free(b);
	return NULL;
}
