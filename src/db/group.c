#include "pool.h"

#include <assert.h>
#include <event2/event.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/die.h"
#include "base/text.h"

struct item {
	STAILQ_ENTRY(item) link;
	struct arena *arena;	/* the submitter's */
	const char *json;
	db_done done;
	void *arg;
	int64_t queued_at;
	int company;		/* largest group it may be part of: halved by each failure */
	struct batch *answer;
};

static void send_group(evutil_socket_t fd, short what, void *arg);

struct db_group *db_group_new(struct db *db, const struct sql *s,
			      const struct db_group_options *o)
{
	struct db_group *g = must_calloc(1, sizeof(*g));

	assert(s->nparams == 1);
	g->db = db;
	g->sql = s;
	g->o = o ? *o : (struct db_group_options){ 0 };
	g->o.group_max = g->o.group_max ? g->o.group_max : 64;
	g->o.queue_max = g->o.queue_max ? g->o.queue_max : 1024;
	g->o.queue_age_ms = g->o.queue_age_ms ? g->o.queue_age_ms : 2000;
	STAILQ_INIT(&g->waiting);
	STAILQ_INIT(&g->sent);
	g->soon = event_new(db->base, -1, 0, send_group, g);
	if (!g->soon)
		die("db_group: event_new");
	SLIST_INSERT_HEAD(&db->groups, g, link);
	return g;
}

uint64_t db_group_sent(const struct db_group *g)
{
	return g->statements;
}

static void wake(struct db_group *g)
{
	if (!g->arena && !STAILQ_EMPTY(&g->waiting))
		event_active(g->soon, EV_TIMEOUT, 0);
}

/* The pool's list of refused batches calls back from the loop. */
static void refuse(struct db_group *g, struct item *i)
{
	i->answer->done = i->done;
	i->answer->arg = i->arg;
	pool_refuse(g->db, i->answer, DB_BUSY, "");
}

void db_group_submit(struct db_group *g, struct arena *a, const char *json, db_done done,
		     void *arg)
{
	struct item *i = arena_new_of(a, struct item);

	*i = (struct item){
		.arena = a,
		.json = arena_strdup(a, json),
		.done = done,
		.arg = arg,
		.queued_at = clock_mono(),
		.company = g->o.group_max,
		.answer = batch_new(a),
	};
	if (g->db->stopping || g->length >= g->o.queue_max) {
		refuse(g, i);
		return;
	}
	STAILQ_INSERT_TAIL(&g->waiting, i, link);
	g->length++;
	wake(g);
}

static struct item *take(struct item_list *list)
{
	struct item *i = STAILQ_FIRST(list);

	if (i)
		STAILQ_REMOVE_HEAD(list, link);
	return i;
}

/* An item that was sent before is never too old: it has had its wait. */
static bool too_old(const struct db_group *g, const struct item *i, int64_t now)
{
	return i->company == g->o.group_max &&
	       now - i->queued_at > (int64_t)g->o.queue_age_ms * 1000;
}

/* Moves the next group's items to sent and returns how many. */
static int choose(struct db_group *g)
{
	int64_t now = clock_mono();
	int n = 0, limit = g->o.group_max;
	struct item *i;

	while ((i = STAILQ_FIRST(&g->waiting))) {
		limit = i->company < limit ? i->company : limit;
		if (n >= limit)
			break;
		take(&g->waiting);
		g->length--;
		if (too_old(g, i, now)) {
			refuse(g, i);
			continue;
		}
		STAILQ_INSERT_TAIL(&g->sent, i, link);
		n++;
	}
	return n;
}

static const char *array_of(struct arena *a, const struct item_list *items)
{
	struct text t = text_in(a);
	const struct item *i;

	STAILQ_FOREACH(i, items, link) {
		text_putc(&t, t.len ? ',' : '[');
		text_puts(&t, i->json);
	}
	text_putc(&t, ']');
	return text_done(&t);
}

static void group_done(struct batch *b, void *arg);

static void send_group(evutil_socket_t fd, short what, void *arg)
{
	struct db_group *g = arg;
	struct batch *b;
	const char *items;

	(void)fd;
	(void)what;
	if (g->arena || choose(g) == 0)
		return;
	g->arena = arena_new();
	g->statements++;
	b = batch_new(g->arena);
	items = array_of(g->arena, &g->sent);
	batch_add(b, g->sql, 1, &items);
	tx_commit_urgent(db_tx_begin(g->db), b, group_done, g);
}

/* Splitting rows by their ord. */

static PGresult *empty_like(const PGresult *r)
{
	PGresult *copy = PQcopyResult(r, PG_COPYRES_ATTRS);

	if (!copy)
		die("PQcopyResult");
	return copy;
}

static void copy_row(PGresult *to, const PGresult *from, int row)
{
	int at = PQntuples(to);

	for (int col = 0; col < PQnfields(from); col++) {
		bool null = PQgetisnull(from, row, col);

		if (!PQsetvalue(to, at, col, null ? NULL : PQgetvalue(from, row, col),
				null ? -1 : PQgetlength(from, row, col)))
			die("PQsetvalue");
	}
}

static struct item **by_ord(struct db_group *g, int *n)
{
	struct item **items = arena_array_of(g->arena, (size_t)g->o.group_max, struct item *);
	struct item *i;

	*n = 0;
	STAILQ_FOREACH(i, &g->sent, link)
		items[(*n)++] = i;
	return items;
}

static void share_rows(struct db_group *g, struct batch *b)
{
	const PGresult *all = b->steps[0].result;
	int ord = batch_column(b, 0, "ord"), n;
	struct item **items = by_ord(g, &n);

	assert(ord >= 0);
	for (int i = 0; i < n; i++)
		items[i]->answer = batch_of_result(items[i]->arena, g->sql, empty_like(all));
	for (int row = 0; row < batch_rows(b, 0); row++) {
		int64_t to;

		if (!text_to_i64(batch_value_at(b, 0, row, ord), &to) || to < 1 || to > n)
			die("a group's row belongs to none of its items");	/* nor may another get it */
		copy_row(items[to - 1]->answer->steps[0].result, all, row);
	}
}

static void share_failure(struct db_group *g, const struct batch *b)
{
	struct item *i;

	STAILQ_FOREACH(i, &g->sent, link) {
		batch_refuse(i->answer, b->outcome, b->error.sqlstate);
		i->answer->error.constraint = arena_strdup(i->arena, b->error.constraint);
		i->answer->error.table = arena_strdup(i->arena, b->error.table);
		i->answer->error.statement = b->error.statement;
		i->answer->debug = arena_strdup(i->arena, b->debug);
	}
}

/* Puts the items back in front, to come again in groups half as large. */
static void split(struct db_group *g, int n)
{
	struct item *i;

	STAILQ_FOREACH(i, &g->sent, link)
		i->company = (n + 1) / 2;
	STAILQ_CONCAT(&g->sent, &g->waiting);
	STAILQ_CONCAT(&g->waiting, &g->sent);
	g->length += n;
}

static int count(const struct item_list *list)
{
	const struct item *i;
	int n = 0;

	STAILQ_FOREACH(i, list, link)
		n++;
	return n;
}

static void call_back(struct item_list *answered)
{
	struct item *i;

	while ((i = take(answered)))
		i->done(i->answer, i->arg);
}

static void group_done(struct batch *b, void *arg)
{
	struct db_group *g = arg;
	struct item_list answered = STAILQ_HEAD_INITIALIZER(answered);
	int n = count(&g->sent);

	if (b->outcome == DB_ERROR && n > 1 && !g->db->stopping) {
		split(g, n);
	} else {
		if (b->outcome == DB_OK)
			share_rows(g, b);
		else
			share_failure(g, b);
		STAILQ_CONCAT(&answered, &g->sent);
	}
	arena_free(g->arena);	/* b with it */
	g->arena = NULL;
	wake(g);
	call_back(&answered);
}

void group_free(struct db_group *g)
{
	struct item *i;

	while ((i = take(&g->waiting)))
		refuse(g, i);
	event_free(g->soon);
	free(g);
}
