/* A board on an event loop of its own, on a copy of the seeded database. */
#pragma once
#include <libpq-fe.h>

#include "board/board.h"
#include "database.h"
#include "db/db.h"
#include "seed.h"
#include "sql.h"

struct rig {
	struct arena *arena;
	struct event_base *base;
	struct db *db;
	struct board *board, *second;
	struct policy policy;
	const char *conninfo;
	int ready;		/* calls of the board's on_ready */
	int failures;		/* calls of its on_failed */
	char failed[64];	/* the statement that the last of them named */
};

extern struct rig rig;

/* .init and .fini. */
void rig_start(void);
void rig_stop(void);
/* Loads another board from the same database. */
void rig_second_board(void);
/* Lets the loop run. */
void rig_run(int ms);
/* The same until the board has asked for what is committed now, and has its answer. */
void rig_poll(void);
/* A connection of the test's own, as owner. */
PGconn *rig_connect(void);
/* Runs a statement on it; an error fails the test. */
void rig_exec(PGconn *c, const char *statement);
struct uuid rig_id(const char *text);
