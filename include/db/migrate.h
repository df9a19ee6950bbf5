/* Schema migrations: numbered files, forward only, each in a transaction of its own.
 *
 * public.haven_migration records name and SHA-256 of what was applied. The applied files must be
 * the first ones of the list, unedited; anything else is refused before a change is made. Two
 * runners at once are safe: the second waits on an advisory lock and finds the work done.
 */
#pragma once
#include <stdbool.h>

#include "db/sync.h"

/* name is "0001_households.sql": four digits, strictly increasing. */
struct migration {
	const char *name, *text;
};

enum migration_state {
	MIGRATION_APPLIED,
	MIGRATION_PENDING,
	MIGRATION_EDITED,	/* applied with another text */
	MIGRATION_MISSING,	/* applied, but not in the list */
	MIGRATION_DISORDERED,	/* not applied, though a later one is */
};

struct migration_status {
	const char *name;
	enum migration_state state;
	const char *applied_at;	/* or NULL */
};

/* Applies what is pending, calling progress (or NULL) before each file. list ends with a row
 * without name. On false *error says what and why, in the arena; files before it stay applied. */
bool migrate_run(struct db_sync *s, struct arena *a, const struct migration *list,
		 void (*progress)(const char *name, void *arg), void *arg, const char **error)
	__attribute__((warn_unused_result));
/* Every file and every applied migration by name, ended by a row without name; changes nothing.
 * NULL with *error set where the database cannot be asked. */
struct migration_status *migrate_status(struct db_sync *s, struct arena *a,
					const struct migration *list, const char **error)
	__attribute__((warn_unused_result));
const char *migration_state_name(enum migration_state state);
