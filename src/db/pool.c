#include "pool.h"

#include <event2/event.h>
#include <stdlib.h>

#include "base/clock.h"
#include "base/die.h"

enum { DEPTH = 16, TICK_MS = 50, MS = 1000, SPARE_MS = 400 };

#define TIMEOUTS                                                                                   \
	"-c statement_timeout=5000 -c lock_timeout=2000 "                                          \
	"-c idle_in_transaction_session_timeout=10000"
/* A write touches few rows, and its plan is kept: it must not be made for a young table, which is
 * read whole. */
#define BY_INDEX " -c enable_seqscan=off"
/* A read may take the whole board: it is joined in memory, not in files. */
#define ROOM " -c work_mem=32MB"

/* Finding a connection. */

static bool is_free(const struct db_conn *c)
{
	return c->state == CONN_READY && !c->broken && !c->tx && c->depth == 0;
}

static struct db_conn *free_writer(struct db *db)
{
	for (int i = 0; i < db->o.write_connections; i++)
		if (is_free(&db->conns[i]))
			return &db->conns[i];
	return NULL;
}

static struct db_conn *least_loaded_reader(struct db *db)
{
	struct db_conn *best = NULL;

	for (struct db_conn *c = db->conns + db->o.write_connections; c < db->conns + db->count;
	     c++)
		if (c->state == CONN_READY && !c->broken && c->depth < DEPTH &&
		    (!best || c->depth < best->depth))
			best = c;
	return best;
}

static bool any_connected(const struct db *db, int from, int to)
{
	for (int i = from; i < to; i++)
		if (db->conns[i].state == CONN_READY && !db->conns[i].broken)
			return true;
	return false;
}

static bool can_write(const struct db *db)
{
	return any_connected(db, 0, db->o.write_connections);
}

static bool can_read(const struct db *db)
{
	return any_connected(db, db->o.write_connections, db->count);
}

/* Refusing. */

void pool_refuse(struct db *db, struct batch *b, enum db_outcome outcome, const char *sqlstate)
{
	batch_refuse(b, outcome, sqlstate);
	db->stats.refused += outcome == DB_BUSY;
	STAILQ_INSERT_TAIL(&db->refused, b, link);
	event_active(db->soon, EV_TIMEOUT, 0);
}

static void answer_refused(evutil_socket_t fd, short what, void *arg)
{
	struct db *db = arg;
	struct batch *b;

	(void)fd;
	(void)what;
	while ((b = STAILQ_FIRST(&db->refused))) {
		STAILQ_REMOVE_HEAD(&db->refused, link);
		if (b->tx)
			tx_refused(b);
		else
			b->done(b, b->arg);
	}
}

/* The tick. Nothing goes on at rest that it would have to look after. */

static bool at_rest(const struct db *db)
{
	for (int i = 0; i < db->count; i++)
		if (db->conns[i].state != CONN_READY || db->conns[i].depth > 0 || db->conns[i].tx)
			return false;
	return STAILQ_EMPTY(&db->writes.list) && STAILQ_EMPTY(&db->reads.list);
}

static void tick_on(struct db *db)
{
	static const struct timeval period = { .tv_usec = TICK_MS * MS };

	if (!event_pending(db->tick, EV_TIMEOUT, NULL) && event_add(db->tick, &period) != 0)
		die("db: event_add");
}

/* Waiting. */

static void enqueue(struct db *db, struct queue *q, struct batch *b, bool urgent)
{
	if (q->length >= db->o.queue_max) {
		pool_refuse(db, b, DB_BUSY, "");
		return;
	}
	b->queued_at = clock_mono();
	if (urgent)
		STAILQ_INSERT_HEAD(&q->list, b, link);
	else
		STAILQ_INSERT_TAIL(&q->list, b, link);
	q->length++;
	tick_on(db);
}

static struct batch *dequeue(struct queue *q)
{
	struct batch *b = STAILQ_FIRST(&q->list);

	if (b) {
		STAILQ_REMOVE_HEAD(&q->list, link);
		q->length--;
	}
	return b;
}

/* Urgent batches stand in front and may be younger, so the age of the first says nothing of the
 * rest: one turn of the queue looks at each. */
static void refuse_older(struct db *db, struct queue *q, int64_t oldest)
{
	for (int left = q->length; left > 0; left--) {
		struct batch *b = dequeue(q);

		if (b->queued_at < oldest) {
			pool_refuse(db, b, DB_BUSY, "");
			continue;
		}
		STAILQ_INSERT_TAIL(&q->list, b, link);
		q->length++;
	}
}

/* Handing out. */

static void serve_reads(struct db *db)
{
	struct db_conn *c;

	while (!STAILQ_EMPTY(&db->reads.list) && (c = least_loaded_reader(db)))
		db_conn_send(c, dequeue(&db->reads));
}

static void serve_writes(struct db *db)
{
	struct db_conn *c;

	while (!STAILQ_EMPTY(&db->writes.list) && (c = free_writer(db)))
		tx_start(c, dequeue(&db->writes));
}

void pool_write(struct db *db, struct batch *b, bool urgent)
{
	if (db->stopping || !can_write(db)) {
		pool_refuse(db, b, DB_BUSY, "");
		return;
	}
	enqueue(db, &db->writes, b, urgent);
	serve_writes(db);
}

void pool_release(struct db_conn *c)
{
	if (!c->db->stopping)
		serve_writes(c->db);
}

void db_read(struct db *db, struct batch *b, db_done done, void *arg)
{
	b->done = done;
	b->arg = arg;
	if (db->stopping || !can_read(db)) {
		pool_refuse(db, b, DB_BUSY, "");
		return;
	}
	enqueue(db, &db->reads, b, false);
	serve_reads(db);
}

/* What connections tell. */

static void on_ready(struct db_conn *c)
{
	struct db *db = c->db;
	bool was = db->ready;

	db->proved = db->proved || c == &db->conns[0];
	db->ready = db_ready(db);
	serve_reads(db);
	serve_writes(db);
	if (db->ready && !was && db->o.on_ready)
		db->o.on_ready(db, db->o.arg);
}

static void on_done(struct db_conn *c, struct batch *b)
{
	struct db *db = c->db;

	if (b->tx) {
		tx_done(c, b);
		return;
	}
	b->done(b, b->arg);
	if (c->writer)
		pool_release(c);
	else if (!db->stopping)
		serve_reads(db);
}

static void on_lost(struct db_conn *c, const char *why)
{
	struct db *db = c->db;

	if (c->tx)
		tx_lost(c);
	db->ready = db_ready(db);
	db->stats.lost++;
	if (!db->stopping)
		tick_on(db);
	if (db->o.on_trouble && !db->stopping)
		db->o.on_trouble(db, why, db->o.arg);
}

static const struct db_conn_hooks hooks = { on_ready, on_done, on_lost };

static void on_tick(evutil_socket_t fd, short what, void *arg)
{
	struct db *db = arg;
	int64_t now = clock_mono(), oldest = now - (int64_t)db->o.queue_age_ms * MS;

	(void)fd;
	(void)what;
	for (int i = 0; i < db->count; i++) {
		db_conn_tick(&db->conns[i], now);
		if (db->conns[i].tx)
			tx_tick(&db->conns[i], now);
	}
	refuse_older(db, &db->writes, oldest);
	refuse_older(db, &db->reads, oldest);
	if (!at_rest(db))
		tick_on(db);
}

/* Building and taking down. */

static const struct sql *const *statements_of(struct arena *a, const struct db_options *o)
{
	const struct sql **mine;
	int all = 0, n = 0;

	while (o->statements[all])
		all++;
	mine = arena_array_of(a, (size_t)all + 1, const struct sql *);
	for (int i = 0; i < all; i++)
		if (o->statements[i]->role == o->role)
			mine[n++] = o->statements[i];
	return mine;
}

static const struct sql **room_for(struct arena *a, const struct sql *const *statements)
{
	size_t n = 0;

	while (statements[n])
		n++;
	return arena_array_of(a, n + 1, const struct sql *);
}

static int or_default(int value, int otherwise)
{
	return value ? value : otherwise;
}

static struct db_options with_defaults(const struct db_options *given)
{
	struct db_options o = *given;

	o.application_name = o.application_name ? o.application_name : "haven";
	o.statements = o.statements ? o.statements : sql_all;
	o.write_connections = o.reads_only ? 0 : or_default(o.write_connections, 4);
	o.read_connections = or_default(o.read_connections, 1);
	o.queue_max = or_default(o.queue_max, 512);
	o.queue_age_ms = or_default(o.queue_age_ms, 2000);
	o.tx_idle_ms = or_default(o.tx_idle_ms, 5000);
	o.reply_ms = or_default(o.reply_ms, 8000);
	return o;
}

static void set_up_connections(struct db *db)
{
	const struct sql *const *statements = statements_of(db->arena, &db->o);

	db->count = db->o.write_connections + db->o.read_connections;
	db->conns = arena_array_of(db->arena, (size_t)db->count, struct db_conn);
	for (int i = 0; i < db->count; i++) {
		bool writer = i < db->o.write_connections, spare = writer && i > 0;
		bool first = i == 0;

		db->conns[i] = (struct db_conn){
			.base = db->base,
			.hooks = &hooks,
			.params = writer ? &db->write_params : &db->read_params,
			.statements = statements,
			.known = first ? NULL : room_for(db->arena, statements),
			.patience = (int64_t)db->o.reply_ms * MS,
			.db = db,
			.writer = writer,
			/* The first prepares all statements, which shows that all can be; the others
			 * what they are used for. One for writes is enough to be ready: if all
			 * connected at once, they would take the processors from the work that
			 * readiness waits for. */
			.retry_at = spare ? clock_mono() + SPARE_MS * MS : 0,
		};
		db_conn_init(&db->conns[i]);
	}
}

static void set_up_events(struct db *db)
{
	db->soon = event_new(db->base, -1, 0, answer_refused, db);
	db->tick = evtimer_new(db->base, on_tick, db);
	if (!db->soon || !db->tick)
		die("db: event_new");
	event_active(db->tick, EV_TIMEOUT, 0);	/* connects at once */
}

struct db *db_new(struct event_base *base, const struct db_options *options)
{
	struct arena *a = arena_new();
	struct db *db = arena_new_of(a, struct db);

	db->base = base;
	db->arena = a;
	db->o = with_defaults(options);
	db->write_params = params_of(a, db->o.conninfo, db->o.application_name, TIMEOUTS BY_INDEX);
	db->read_params = params_of(a, db->o.conninfo, db->o.application_name,
				    TIMEOUTS " -c default_transaction_read_only=on" ROOM);
	STAILQ_INIT(&db->writes.list);
	STAILQ_INIT(&db->reads.list);
	STAILQ_INIT(&db->refused);
	SLIST_INIT(&db->groups);
	set_up_connections(db);
	set_up_events(db);
	return db;
}

bool db_ready(const struct db *db)
{
	return !db->stopping && db->proved && can_read(db) && (db->o.reads_only || can_write(db));
}

static void refuse_waiting(struct db *db, struct queue *q)
{
	struct batch *b;

	while ((b = dequeue(q)))
		pool_refuse(db, b, DB_BUSY, "");
}

void db_stop(struct db *db)
{
	struct db_group *g;

	if (!db)
		return;
	db->stopping = true;
	event_free(db->tick);
	refuse_waiting(db, &db->writes);
	refuse_waiting(db, &db->reads);
	for (int i = 0; i < db->count; i++)
		if (db->conns[i].state != CONN_DOWN)
			db_conn_drop(&db->conns[i], "stopped");
	answer_refused(-1, 0, db);
	while ((g = SLIST_FIRST(&db->groups))) {
		SLIST_REMOVE_HEAD(&db->groups, link);
		group_free(g);
	}
	answer_refused(-1, 0, db);
	event_free(db->soon);
	arena_free(db->arena);
}

struct db_stats db_stats(const struct db *db)
{
	struct db_stats s = db->stats;

	s.waiting = db->writes.length + db->reads.length;
	for (int i = 0; i < db->count; i++) {
		s.connected += db->conns[i].state == CONN_READY;
		s.transactions += db->conns[i].tx != NULL;
	}
	return s;
}
