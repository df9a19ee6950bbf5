/* Loading and polling. A load replaces everything: it fills a new index and swaps it in, so a
 * search between two callbacks sees one or the other.
 *
 * A load opens connections of its own and closes them when it is over. They prepare only the
 * statements of the load, so that it need not wait for the worker's other connections nor holds
 * up their readers, and its lists come side by side. The horizon is read before the lists: what
 * one list has and another misses stands in the log after it. */
#include "board/board.h"

#include <event2/event.h>
#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/die.h"
#include "base/text.h"
#include "board_impl.h"
#include "db/db.h"
#include "sql.h"

enum {
	SPACING_US = 2000,
	POLL_US = BOARD_POLL_MS * 1000,
	IDLE_US = BOARD_IDLE_MS * 1000,
	AGAIN_US = 1000000,
};

/* Where in the batches of a load the lists are. */
enum { UNITS, HOUSEHOLDS };
enum { PROPERTIES, VACANCIES, DELAYS };

static const struct sql *const load_statements[] = {
	&SQL_BOARD_LOAD_HORIZON, &SQL_BOARD_UNITS, &SQL_BOARD_HOUSEHOLDS, &SQL_BOARD_VACANCIES, &SQL_BOARD_DELAYS,
	&SQL_BOARD_PROPERTIES, &SQL_BOARD_GEOGRAPHY, NULL,
};

/* ---- conversation with the database ---- */

static void ask(struct board *b);

static void ask_by(struct board *b, int64_t when)
{
	int64_t rest = when - clock_mono();
	struct timeval tv = { 0 };

	if (event_pending(b->timer, EV_TIMEOUT, NULL) && b->due <= when)
		return;
	if (rest > 0)
		tv = (struct timeval){ .tv_sec = rest / SECOND_US, .tv_usec = rest % SECOND_US };
	b->due = when;
	event_add(b->timer, &tv);
}

/* There may be no database to ask, or it may be too early for the next load. */
static void ask_now(struct board *b)
{
	ask(b);
	if (!b->busy)
		ask_by(b, clock_mono() + POLL_US);
}

static void end_batch(struct board *b)
{
	arena_free(b->work);
	b->work = NULL;
	b->busy = false;
	if (b->again || b->reload)
		ask_now(b);
	else
		ask_by(b, clock_mono() + b->pace);
}

/* Where nothing has changed for a while nothing is expected soon: a worker of this service that commits
 * says so, and only other writers are found by polling. */
static void set_pace(struct board *b, bool quiet)
{
	b->pace = quiet ? b->pace * 2 : POLL_US;
	if (b->pace > IDLE_US)
		b->pace = IDLE_US;
}

static void keep_horizon(struct board *b, const struct batch *batch)
{
	snprintf(b->horizon, sizeof(b->horizon), "%s", batch_value(batch, 0, 0, "horizon"));
	b->true_at = b->asked_at;
}

/* ---- a load ---- */

/* The rows of a load take many times the memory of what stays of them. The timer frees them: the
 * callers who wait for the first answer do not wait for this too, and connections must not be
 * closed from their own callbacks. */
static void give_back(struct board *b)
{
	if (!b->spent)
		return;
	db_stop(b->loader);
	b->loader = NULL;
	arena_free(b->spent);
	b->spent = NULL;
	malloc_trim(0);
}

static void end_load(struct board *b)
{
	b->spent = b->work;
	b->work = NULL;
	set_pace(b, false);
	end_batch(b);
}

static const struct batch *failed_part(const struct board *b)
{
	for (int i = 0; i < PARTS; i++)
		if (b->part[i] && batch_outcome(b->part[i]) != DB_OK)
			return b->part[i];
	return NULL;
}

static void give_up(struct board *b, const struct batch *failed)
{
	const struct db_error *e = batch_error(failed);

	b->reload = true;
	b->not_before = clock_mono() + AGAIN_US;
	if (b->o.on_failed)
		b->o.on_failed(e && e->statement ? e->statement : "", e ? e->sqlstate : "", b->o.arg);
	end_load(b);
}

static void replace_content(struct board *b)
{
	const struct batch *units = b->part[PART_UNITS], *vacancies = b->part[PART_VACANCIES];
	struct content old = b->now;
	struct sources from = {
		{ vacancies, PROPERTIES }, { units, UNITS }, { vacancies, VACANCIES }, { vacancies, DELAYS },
	};

	b->now = content_new(b->names.geography);
	content_put_vacancies(&b->now, &b->names, from, b->work);
	content_put_households(&b->now, &b->names, units, HOUSEHOLDS);
	content_free(&old);
}

static void finish_load(struct board *b)
{
	const struct batch *failed = failed_part(b);
	bool first = !b->loaded;

	if (failed || !names_geography(&b->names, b->part[PART_HORIZON], 1, b->arena)) {
		give_up(b, failed ? failed : b->part[PART_HORIZON]);
		return;
	}
	replace_content(b);
	keep_horizon(b, b->part[PART_HORIZON]);
	b->loaded = true;
	b->loaded_at = clock_mono();
	b->version++;
	end_load(b);
	if (first && b->o.on_ready)
		b->o.on_ready(b->o.arg);
}

static void on_list(struct batch *batch, void *arg)
{
	struct board *b = arg;

	(void)batch;
	if (++b->parts == PARTS)
		finish_load(b);
}

static void on_horizon(struct batch *batch, void *arg)
{
	struct board *b = arg;

	b->parts++;
	if (batch_outcome(batch) != DB_OK) {
		give_up(b, batch);
		return;
	}
	for (int i = PART_HORIZON + 1; i < PARTS; i++)
		b->part[i] = batch_new(b->work);
	batch_query(b->part[PART_UNITS], &SQL_BOARD_UNITS);
	batch_query(b->part[PART_UNITS], &SQL_BOARD_HOUSEHOLDS);
	batch_query(b->part[PART_VACANCIES], &SQL_BOARD_PROPERTIES);
	batch_query(b->part[PART_VACANCIES], &SQL_BOARD_VACANCIES);
	batch_query(b->part[PART_VACANCIES], &SQL_BOARD_DELAYS);
	for (int i = PART_HORIZON + 1; i < PARTS; i++)
		db_read(b->loader, b->part[i], on_list, b);
}

static void on_loader(struct db *loader, void *arg)
{
	struct board *b = arg;

	if (b->part[PART_HORIZON])
		return;		/* connected again after a loss: this load has failed */
	b->asked_at = clock_mono();
	b->part[PART_HORIZON] = batch_new(b->work);
	batch_query(b->part[PART_HORIZON], &SQL_BOARD_LOAD_HORIZON);
	batch_query(b->part[PART_HORIZON], &SQL_BOARD_GEOGRAPHY, b->names.geography_taken);
	db_read(loader, b->part[PART_HORIZON], on_horizon, b);
}

static void on_trouble(struct db *loader, const char *text, void *arg)
{
	struct board *b = arg;

	if (b->o.on_trouble)
		b->o.on_trouble(loader, text, b->o.arg);
}

static void load(struct board *b)
{
	struct db_options o = {
		.conninfo = b->o.conninfo,
		.application_name = b->o.application_name,
		.role = SQL_ROLE_BOARD,
		.statements = load_statements,
		.read_connections = LISTS,
		.reads_only = true,
		.on_ready = on_loader,
		.on_trouble = on_trouble,
		.arg = b,
	};

	b->reload = false;
	b->parts = 0;
	memset(b->part, 0, sizeof(b->part));
	b->loader = db_new(b->base, &o);
}

/* ---- what has changed since ---- */

static void end_poll(struct board *b, const struct batch *batch)
{
	bool told = batch_outcome(batch) == DB_OK;

	if (told)
		keep_horizon(b, batch);
	set_pace(b, told && batch_rows(batch, 1) == 0);
	end_batch(b);
}

static void on_changes(struct batch *batch, void *arg)
{
	struct board *b = arg;

	if (batch_outcome(batch) == DB_OK && batch_rows(batch, 1) > 0) {
		content_change(&b->now, &b->names, batch, b->work);
		b->version++;
	}
	end_poll(b, batch);
}

static struct batch *changes(struct board *b)
{
	struct batch *batch = batch_new(b->work);

	b->again = false;
	b->asked_at = clock_mono();
	batch_query(batch, &SQL_BOARD_HORIZON);
	batch_query(batch, &SQL_BOARD_CHANGES, b->horizon);
	return batch;
}

static void fetch(struct board *b)
{
	struct batch *batch = changes(b);

	batch_query(batch, &SQL_BOARD_PROPERTIES_CHANGED, b->horizon);
	batch_query(batch, &SQL_BOARD_VACANCIES_CHANGED, b->horizon);
	batch_query(batch, &SQL_BOARD_HOUSEHOLDS_CHANGED, b->horizon);
	db_read(b->o.db, batch, on_changes, b);
}

static void on_glance(struct batch *batch, void *arg)
{
	if (batch_outcome(batch) == DB_OK && batch_rows(batch, 1) > 0)
		fetch(arg);
	else
		end_poll(arg, batch);
}

/* A rare poll, which will find nothing, asks only whether there is something. */
static void poll_changes(struct board *b)
{
	if (b->pace == POLL_US)
		fetch(b);
	else
		db_read(b->o.db, changes(b), on_glance, b);
}

/* The log is pruned after ten minutes: who has not looked for half of that starts again. */
static bool must_load(const struct board *b)
{
	int64_t now = clock_mono();

	return b->reload || !b->loaded_at || now - b->loaded_at > BOARD_RELOAD_S * SECOND_US ||
	       now - b->true_at > 300 * SECOND_US;
}

/* What a load has left must be given back before the next: never in a callback of its connections,
 * so the timer does both. */
static bool may_load(const struct board *b)
{
	return !b->spent && clock_mono() >= b->not_before;
}

static void ask(struct board *b)
{
	bool whole = must_load(b);

	if (b->busy) {
		b->again = true;
		return;
	}
	if (whole ? !may_load(b) : !db_ready(b->o.db))
		return;
	b->busy = true;
	b->work = arena_new();
	if (whole)
		load(b);
	else
		poll_changes(b);
}

static void on_timer(evutil_socket_t fd, short what, void *arg)
{
	struct board *b = arg;

	(void)fd;
	(void)what;
	give_back(b);
	ask_now(b);
}

/* ---- the outside ---- */

struct board *board_new(struct event_base *base, const struct board_options *o)
{
	struct board *b = must_calloc(1, sizeof(*b));

	b->o = *o;
	b->base = base;
	b->arena = arena_new();
	b->names = (struct names){ .groups = intern_new(b->arena), .areas = intern_new(b->arena) };
	b->now = content_new(NULL);
	b->timer = evtimer_new(base, on_timer, b);
	if (!b->timer)
		die("board: event_new");
	set_pace(b, false);
	ask_now(b);
	return b;
}

void board_free(struct board *b)
{
	if (!b)
		return;
	if (b->timer)
		event_free(b->timer);
	b->o.on_failed = NULL;	/* a load that is stopped has not failed */
	db_stop(b->loader);
	content_free(&b->now);
	arena_free(b->work);
	arena_free(b->spent);
	arena_free(b->arena);
	free(b);
}

void board_reload(struct board *b)
{
	if (b->loader && !b->spent)
		return;
	b->reload = true;
	ask_now(b);
}

/* Commits that follow one another share a poll: it costs the database some 0.2 ms. */
void board_refresh(struct board *b)
{
	set_pace(b, false);
	ask_by(b, b->asked_at + SPACING_US);
}

void board_refresh_soon(struct board *b)
{
	set_pace(b, false);
	ask_by(b, b->asked_at + POLL_US);
}
