/* A statement from a .sql file, embedded by src/db/embed.awk as SQL_<NAME>.
 *
 *	-- name: hold_create
 *	-- role: worker
 *	-- result: binary
 *	-- plan: custom
 *	-- (further comment lines are for the reader)
 *	INSERT INTO placement (…) SELECT … WHERE unit_id = $1 RETURNING id
 *
 * One file holds many blocks, each one statement; a closing semicolon is allowed, a second
 * statement or a second use of a name fails the build. The generated "sql.h" declares every
 * constant, sql_all lists them.
 */
#pragma once
#include <stdbool.h>

/* Which process prepares it when it connects; the database role of the others may lack the right.
 * Written `-- role: worker`, `board`, `vault` or `tool`; worker where the line is missing. */
enum sql_role {
	SQL_ROLE_WORKER,
	SQL_ROLE_BOARD,	/* a worker's too, on the connections that load its board */
	SQL_ROLE_VAULT,
	SQL_ROLE_TOOL,	/* never prepared: the operator's tool runs it once, by db/sync.h */
};

struct sql {
	const char *name;	/* also the name under which it is prepared */
	const char *text;
	int nparams;		/* the highest $n */
	enum sql_role role;
	/* Written `-- result: binary`: values come in PostgreSQL's binary form, which spares both
	 * sides the text of large results. Text where the line is missing. */
	bool binary;
	/* Written `-- plan: custom`: planned at each use, for the values at hand. For lists with several
	 * optional filters: a plan for any values could use no filter's index, and would read all rows that
	 * there ever were to find a few. */
	bool custom;
};

/* Ended by NULL. */
extern const struct sql *const sql_all[];
