/* Erasing a household: its key is destroyed, a tombstone and statistics stay (migrations/0019_erasure.sql). */
#include <string.h>

#include "api/codes.h"
#include "base/text.h"
#include "sql.h"
#include "tool/tool.h"

/* Prints what the database still holds after the commit. */
static int prove(struct tool *t, const char *id)
{
	struct batch *b = db_sync_query(t->db, t->arena, &SQL_ERASURE_LEFT, id);
	const char *left;

	if (!tool_ok(b))
		return TOOL_FAILED;
	putchar('\n');
	tool_print(b);
	b = db_sync_query(t->db, t->arena, &SQL_ERASURE_LEFT_IN_ALL, id);
	if (!tool_ok(b))
		return TOOL_FAILED;
	left = batch_value(b, 0, 0, "remaining");
	if (strcmp(left, "0") != 0)
		return tool_fail("%s rows are left that should be gone: the erasure is not complete", left);
	puts("\nnothing left; older backups hold the wrapped key until they expire, or until you run "
	     "`haven keys rotate` and keep no copy of today's key file");
	return TOOL_DONE;
}

/* For a household that was erased before, this also checks again that nothing is left. */
static int refuse(struct tool *t, const struct batch *found)
{
	const char *why = batch_value(found, 0, 0, "refusal"), *name = t->argv[0];

	if (strcmp(why, "placed") == 0)
		return tool_fail("%s has a place, or a place is held for it: nothing is erased", name);
	if (strcmp(why, "open") == 0)
		return tool_fail("the case of %s is open: nothing is erased, close it first", name);
	if (strcmp(why, "in_payment") == 0)
		return tool_fail("money of the fund is on its way for %s: nothing is erased, settle its payments first", name);
	if (strcmp(why, "in_works") == 0)
		return tool_fail("the home of %s is being made safe: nothing is erased, end its sanctuary job first", name);
	if (prove(t, batch_value(found, 0, 0, "id")) != TOOL_DONE)
		return TOOL_FAILED;
	return tool_fail("%s is erased already, since %s (%s)", name,
			 batch_value(found, 0, 0, "erased_at"), batch_value(found, 0, 0, "erasure_reason"));
}

/* Runs inside the transaction. *id is set once the transaction may be committed. */
static int erase(struct tool *t, const char *reason, const char **id)
{
	struct batch *found = db_sync_query(t->db, t->arena, &SQL_ERASURE_FIND, t->argv[0]), *gone;

	if (!tool_ok(found))
		return TOOL_FAILED;
	if (batch_rows(found, 0) == 0)
		return tool_fail("there is no case %s", t->argv[0]);
	if (batch_value(found, 0, 0, "refusal"))
		return refuse(t, found);
	gone = db_sync_query(t->db, t->arena, &SQL_ERASURE_RUN, batch_value(found, 0, 0, "id"), reason);
	if (!tool_ok(gone))
		return TOOL_FAILED;
	tool_print(gone);
	*id = batch_value(found, 0, 0, "id");
	return TOOL_DONE;
}

static int erase_and_commit(struct tool *t, const char *reason)
{
	const char *id = NULL;
	struct batch *stone;
	int code;

	if (!db_sync_begin(t->db))
		return tool_fail("the connection to the database was lost");
	code = erase(t, reason, &id);
	if (!id) {
		db_sync_rollback(t->db);
		return code;
	}
	if (!db_sync_commit(t->db))
		return tool_fail("not committed: nothing is erased");
	stone = db_sync_query(t->db, t->arena, &SQL_ERASURE_TOMBSTONE, id);
	if (!tool_ok(stone))
		return TOOL_FAILED;
	printf("\nerased: the tombstone is %s, the old reference is kept nowhere\n",
	       batch_value(stone, 0, 0, "reference"));
	return prove(t, id);
}

int tool_household_erase(struct tool *t)
{
	enum { REASON, VALUES };
	static const struct option options[] = { { "reason", required_argument, NULL, REASON }, { 0 } };
	const char *v[VALUES] = { NULL };

	if (!tool_options(t, options, v) || t->argc != 1 || !v[REASON])
		return tool_usage(t);
	if (code_index(&erasure_reason_codes, v[REASON]) < 0)
		return tool_fail("--reason must be one of %s", tool_names(t->arena, &erasure_reason_codes));
	return tool_open(t) ? erase_and_commit(t, v[REASON]) : TOOL_FAILED;
}
