#include "loop.h"

#include <criterion/criterion.h>
#include <string.h>

#include "base/clock.h"
#include "base/date.h"
#include "patience.h"

void loop_database(struct loop *l)
{
	*l = (struct loop){ .arena = arena_new(), .conninfo = fresh_database(NULL) };
	database_ask("CREATE TABLE thing (id int PRIMARY KEY, note text NOT NULL,"
		     " CONSTRAINT note_short CHECK (length(note) < 20))");
	database_ask("CREATE TABLE late (id int CONSTRAINT late_key UNIQUE"
		     " DEFERRABLE INITIALLY DEFERRED)");
}

static void on_ready(struct db *db, void *arg)
{
	struct loop *l = arg;

	(void)db;
	l->readies++;
	event_base_loopbreak(l->base);
}

static void on_trouble(struct db *db, const char *text, void *arg)
{
	struct loop *l = arg;

	(void)db;
	snprintf(l->trouble, sizeof(l->trouble), "%s", text);
}

static struct event_base *base_new(void)
{
	struct event_config *c = event_config_new();
	struct event_base *base;

	event_config_set_flag(c, EVENT_BASE_FLAG_EPOLL_USE_CHANGELIST);
	base = event_base_new_with_config(c);
	event_config_free(c);
	return base;
}

void loop_open(struct loop *l, const struct sql *const *statements, struct db_options o)
{
	l->base = base_new();
	o.conninfo = l->conninfo;
	o.statements = statements;
	o.on_ready = on_ready;
	o.on_trouble = on_trouble;
	o.arg = l;
	l->db = db_new(l->base, &o);
}

void loop_start(struct loop *l, const struct sql *const *statements, struct db_options o)
{
	loop_open(l, statements, o);
	loop_until_ready(l);
}

void loop_stop(struct loop *l)
{
	db_stop(l->db);
	event_base_free(l->base);
	arena_free(l->arena);
}

void loop_answered(struct batch *b, void *arg)
{
	struct loop *l = arg;

	(void)b;
	l->answers++;
	event_base_loopbreak(l->base);
}

static void turn(struct loop *l, int64_t deadline, const char *what)
{
	cr_assert(clock_mono() < deadline, "waited too long for %s (%s)", what, l->trouble);
	event_base_loop(l->base, EVLOOP_ONCE);
}

void loop_until_answers(struct loop *l, int n)
{
	int64_t deadline = clock_mono() + PATIENCE_S * SECOND_US;

	while (l->answers < n)
		turn(l, deadline, "an answer");
}

void loop_until_ready(struct loop *l)
{
	int64_t deadline = clock_mono() + PATIENCE_S * SECOND_US;

	while (!db_ready(l->db))
		turn(l, deadline, "a connection");
}

void loop_for(struct loop *l, int ms)
{
	const struct timeval end = { ms / 1000, ms % 1000 * 1000 };

	/* the end is an event itself: an idle pool has none */
	event_base_loopexit(l->base, &end);
	event_base_dispatch(l->base);
}

struct batch *loop_read(struct loop *l, struct batch *b)
{
	db_read(l->db, b, loop_answered, l);
	loop_until_answers(l, l->answers + 1);
	return b;
}

struct batch *loop_submit(struct loop *l, struct db_tx *tx, struct batch *b)
{
	db_tx_submit(tx, b, loop_answered, l);
	loop_until_answers(l, l->answers + 1);
	return b;
}

struct batch *loop_commit(struct loop *l, struct db_tx *tx, struct batch *b)
{
	db_tx_commit(tx, b, loop_answered, l);
	loop_until_answers(l, l->answers + 1);
	return b;
}

static void rolled_back(void *arg)
{
	loop_answered(NULL, arg);
}

void loop_rollback(struct loop *l, struct db_tx *tx)
{
	db_tx_rollback(tx, rolled_back, l);
	loop_until_answers(l, l->answers + 1);
}
