#include "rig.h"

#include <criterion/criterion.h>
#include <event2/event.h>
#include <stdio.h>
#include <stdlib.h>

#include "app/policy.h"
#include "base/clock.h"
#include "base/embedded.h"
#include "patience.h"

struct rig rig;

static void on_board(void *arg)
{
	(void)arg;
	rig.ready++;
}

static void on_database(struct db *db, void *arg)
{
	(void)db;
	(void)arg;
	board_reload(rig.board);
}

/* The latest trouble, for the message of a test that waits in vain. */
static char trouble[256];

static void on_trouble(struct db *db, const char *text, void *arg)
{
	(void)db;
	(void)arg;
	snprintf(trouble, sizeof(trouble), "%s", text);
}

static void on_failed(const char *statement, const char *sqlstate, void *arg)
{
	(void)arg;
	rig.failures++;
	snprintf(rig.failed, sizeof(rig.failed), "%s %s", statement, sqlstate);
}

static struct board *board(void)
{
	struct board_options o = {
		.db = rig.db,
		.conninfo = arena_printf(rig.arena, "%s user=haven_board", rig.conninfo),
		.application_name = "haven-board-test",
		.policy = &rig.policy,
		.on_ready = on_board,
		.on_trouble = on_trouble,
		.on_failed = on_failed,
	};

	return board_new(rig.base, &o);
}

static void until_ready(int times)
{
	int64_t since = clock_mono();

	while (rig.ready < times && wait_on(since))
		rig_run(5);
}

void rig_start(void)
{
	/* a board writes nothing, and each connection prepares every statement */
	static struct db_options o = {
		.application_name = "haven-board-test", .statements = sql_all, .reads_only = true,
		.on_ready = on_database, .on_trouble = on_trouble,
	};
	const char *error;

	rig.arena = arena_new();
	rig.base = event_base_new();
	rig.conninfo = fresh_database("haven_template");
	o.conninfo = arena_printf(rig.arena, "%s user=haven_app", rig.conninfo);
	cr_assert(policy_load(rig.arena, &rig.policy, &error), "%s", error);
	rig.db = db_new(rig.base, &o);
	rig.board = board();
	until_ready(1);
	cr_assert_eq(rig.ready, 1, "the board was not loaded: %s", trouble);
}

void rig_second_board(void)
{
	int before = rig.ready;

	rig.second = board();
	until_ready(before + 1);
	cr_assert_eq(rig.ready, before + 1, "the second board was not loaded");
}

void rig_stop(void)
{
	db_stop(rig.db);
	board_free(rig.board);
	board_free(rig.second);
	event_base_free(rig.base);
	drop_database();
	arena_free(rig.arena);
}

static void on_end(evutil_socket_t fd, short what, void *base)
{
	(void)fd;
	(void)what;
	event_base_loopbreak(base);
}

void rig_run(int ms)
{
	struct timeval tv = { .tv_sec = ms / 1000, .tv_usec = ms % 1000 * 1000 };
	struct event *end = evtimer_new(rig.base, on_end, rig.base);

	event_add(end, &tv);
	event_base_dispatch(rig.base);
	event_free(end);
}

void rig_poll(void)
{
	int64_t began = clock_mono();

	board_refresh(rig.board);
	while (board_age(rig.board) > clock_mono() - began && wait_on(began))
		rig_run(5);
	cr_assert_leq(board_age(rig.board), clock_mono() - began, "no answer: %s", trouble);
}

PGconn *rig_connect(void)
{
	PGconn *c = PQconnectdb(rig.conninfo);

	cr_assert_eq(PQstatus(c), CONNECTION_OK, "%s", PQerrorMessage(c));
	return c;
}

void rig_exec(PGconn *c, const char *statement)
{
	PGresult *r = PQexec(c, statement);

	cr_assert(PQresultStatus(r) == PGRES_COMMAND_OK || PQresultStatus(r) == PGRES_TUPLES_OK, "%s: %s", statement,
		  PQerrorMessage(c));
	PQclear(r);
}

struct uuid rig_id(const char *text)
{
	struct uuid id;

	cr_assert(uuid_parse(text, &id), "%s", text);
	return id;
}
