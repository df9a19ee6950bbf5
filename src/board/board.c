/* Loading and polling. A load replaces everything: it fills a new index and swaps it in, so a search
 * between two callbacks sees one or the other. */
#include "board/board.h"

#include <event2/event.h>
#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/text.h"
#include "content.h"
#include "db/db.h"
#include "sql.h"

enum { HORIZON_TEXT = 24, SPACING_US = 2000 };

struct board {
	struct event *timer, *soon;
	struct db *db;
	struct arena *arena;		/* names, for ever */
	struct names names;
	const struct policy *policy;
	struct content now;
	char horizon[HORIZON_TEXT];
	int64_t true_at, loaded_at, asked_at;
	uint64_t version;
	bool busy;			/* a load or a poll is under way */
	bool again;			/* poll once more when it ends */
	bool reload;			/* load whole at the next opportunity */
	bool loaded;
	struct arena *work;		/* of the batch under way */
	struct arena *spent;		/* of a load that is over */
	void (*on_ready)(void *arg);
	void *arg;
};

/* ---- conversation with the database ---- */

static void ask(struct board *b);

static void end_batch(struct board *b)
{
	arena_free(b->work);
	b->work = NULL;
	b->busy = false;
	if (b->again || b->reload)
		ask(b);
}

static void keep_horizon(struct board *b, const struct batch *batch)
{
	snprintf(b->horizon, sizeof(b->horizon), "%s", batch_value(batch, 0, 0, "horizon"));
	b->true_at = b->asked_at;
}

/* The rows of a load are many times what stays of them; who waits for the first answer does not wait
 * for this too. */
static void give_back(struct board *b)
{
	if (!b->spent)
		return;
	arena_free(b->spent);
	b->spent = NULL;
	malloc_trim(0);
}

static void on_loaded(struct batch *batch, void *arg)
{
	struct board *b = arg;
	struct content fresh, old = b->now;
	bool first = !b->loaded;

	if (batch_outcome(batch) != DB_OK) {
		b->reload = false;	/* the timer, or the database's return, tries again */
		b->loaded_at = 0;
		end_batch(b);
		return;
	}
	fresh = content_new(b->names.geography);
	content_put_vacancies(&fresh, &b->names, batch, (struct sources){ .homes = 1, .units = 2, .vacancies = 3, .delays = 4 },
			      b->work);
	content_put_households(&fresh, &b->names, batch, 5);
	b->now = fresh;
	content_free(&old);
	keep_horizon(b, batch);
	b->spent = b->work;
	b->work = NULL;
	b->loaded = true;
	b->loaded_at = clock_mono();
	b->version++;
	end_batch(b);
	if (first && b->on_ready)
		b->on_ready(b->arg);
}

static void load(struct board *b)
{
	struct batch *batch = batch_new(b->work);

	give_back(b);
	b->reload = false;
	batch_query(batch, &SQL_BOARD_HORIZON);
	batch_query(batch, &SQL_BOARD_PROPERTIES);
	batch_query(batch, &SQL_BOARD_UNITS);
	batch_query(batch, &SQL_BOARD_VACANCIES);
	batch_query(batch, &SQL_BOARD_DELAYS);
	batch_query(batch, &SQL_BOARD_HOUSEHOLDS);
	db_read(b->db, batch, on_loaded, b);
}

/* What changed is taken out, and what still is current comes back in. */
static void remove_changed(struct board *b, const struct batch *batch)
{
	for (int row = 0; row < batch_rows(batch, 1); row++) {
		struct uuid id;

		if (!uuid_parse(batch_value(batch, 1, row, "id"), &id))
			continue;
		if (*batch_value(batch, 1, row, "kind") == 'h') {
			map_remove(b->now.waiting, id);
			continue;
		}
		content_remove_vacancy(&b->now, id);
	}
}

static void on_changes(struct batch *batch, void *arg)
{
	struct board *b = arg;

	if (batch_outcome(batch) == DB_OK) {
		if (batch_rows(batch, 1) > 0) {
			remove_changed(b, batch);
			content_put_vacancies(&b->now, &b->names, batch,
					      (struct sources){ .homes = 2, .units = 3, .vacancies = 3 }, b->work);
			content_put_households(&b->now, &b->names, batch, 4);
			b->version++;
		}
		keep_horizon(b, batch);
	}
	end_batch(b);
}

static void poll_changes(struct board *b)
{
	struct batch *batch = batch_new(b->work);

	b->again = false;
	batch_query(batch, &SQL_BOARD_HORIZON);
	batch_query(batch, &SQL_BOARD_CHANGES, b->horizon);
	batch_query(batch, &SQL_BOARD_PROPERTIES_CHANGED, b->horizon);
	batch_query(batch, &SQL_BOARD_VACANCIES_CHANGED, b->horizon);
	batch_query(batch, &SQL_BOARD_HOUSEHOLDS_CHANGED, b->horizon);
	db_read(b->db, batch, on_changes, b);
}

/* The log is pruned after ten minutes: who has not looked for half of that starts again. */
static bool must_load(const struct board *b)
{
	int64_t now = clock_mono();

	return b->reload || !b->loaded_at || now - b->loaded_at > BOARD_RELOAD_S * SECOND_US ||
	       now - b->true_at > 300 * SECOND_US;
}

static void ask(struct board *b)
{
	if (b->busy) {
		b->again = true;
		return;
	}
	if (!db_ready(b->db))
		return;
	b->busy = true;
	b->work = arena_new();
	b->asked_at = clock_mono();
	if (must_load(b))
		load(b);
	else
		poll_changes(b);
}

static void on_soon(evutil_socket_t fd, short what, void *arg)
{
	(void)fd;
	(void)what;
	ask(arg);
}

static void on_timer(evutil_socket_t fd, short what, void *arg)
{
	struct board *b = arg;

	(void)fd;
	(void)what;
	give_back(b);
	if (!b->busy)
		ask(b);
}

/* ---- the outside ---- */

struct board *board_new(struct event_base *base, struct db *db, const struct policy *policy,
			const struct geography *geography, void (*on_ready)(void *arg), void *arg)
{
	static const struct timeval every = { .tv_usec = BOARD_POLL_MS * 1000 };
	struct board *b = calloc(1, sizeof(*b));

	if (!b)
		abort();
	b->db = db;
	b->arena = arena_new();
	b->policy = policy;
	b->names = (struct names){ intern_new(b->arena), intern_new(b->arena), geography };
	b->now = content_new(geography);
	b->on_ready = on_ready;
	b->arg = arg;
	b->timer = event_new(base, -1, EV_PERSIST, on_timer, b);
	b->soon = evtimer_new(base, on_soon, b);
	if (!b->soon || !b->timer || event_add(b->timer, &every) != 0)
		abort();
	return b;
}

void board_free(struct board *b)
{
	if (!b)
		return;
	event_free(b->timer);
	event_free(b->soon);
	content_free(&b->now);
	arena_free(b->work);
	arena_free(b->spent);
	arena_free(b->arena);
	free(b);
}

void board_reload(struct board *b)
{
	b->reload = true;
	ask(b);
}

/* Commits that follow one another share a poll: it costs the database some 0.2 ms. */
void board_refresh(struct board *b)
{
	int64_t rest = b->asked_at + SPACING_US - clock_mono();
	struct timeval tv = { .tv_usec = rest };

	if (rest <= 0)
		ask(b);
	else if (!event_pending(b->soon, EV_TIMEOUT, NULL))
		event_add(b->soon, &tv);
}

int64_t board_age(const struct board *b)
{
	return b->loaded ? clock_mono() - b->true_at : INT64_MAX;
}

bool board_fresh(const struct board *b)
{
	return board_age(b) <= BOARD_STALE_MS * INT64_C(1000);
}

uint64_t board_version(const struct board *b)
{
	return b->version;
}

size_t board_vacancies(const struct board *b)
{
	return match_index_count(b->now.index);
}

size_t board_households(const struct board *b)
{
	return map_count(b->now.waiting);
}

struct match_index *board_index(struct board *b)
{
	return b->now.index;
}

struct match_env board_env(const struct board *b)
{
	int64_t now = clock_now();

	return (struct match_env){
		.policy = b->policy,
		.geography = b->names.geography,
		.today = instant_london_day(now),
		.now = now,
	};
}

const struct geography *board_geography(const struct board *b)
{
	return b->names.geography;
}

bool board_waiting_read(const struct board *b, const struct batch *rows, int statement, struct waiting *out)
{
	int column[COLUMNS_MAX];
	struct row r = { .batch = rows, .statement = statement, .column = column };

	if (batch_rows(rows, statement) == 0)
		return false;
	columns_find(rows, statement, need_columns, column);
	waiting_from_row(&r, &b->names, out);
	return true;
}

uint16_t board_group(struct board *b, const char *partnership_id)
{
	return (uint16_t)intern_add(b->names.groups, partnership_id);
}

int board_area(const struct board *b, const char *local_authority)
{
	return intern_find(b->names.areas, local_authority);
}

const struct waiting *board_waiting(const struct board *b, struct uuid household)
{
	return map_get(b->now.waiting, household);
}

size_t board_needs(const struct board *b, uint16_t group, struct arena *a, const struct need **needs,
		   const struct waiting ***who)
{
	size_t all = map_count(b->now.waiting), n = 0;
	struct need *copies = arena_array_of(a, all, struct need);

	*who = arena_array(a, all, sizeof(**who));
	for (size_t i = 0; i < all; i++) {
		const struct waiting *w = map_at(b->now.waiting, i);

		if (w->group != group)
			continue;
		copies[n] = w->need;
		(*who)[n++] = w;
	}
	*needs = copies;
	return n;
}
