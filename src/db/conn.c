#include "conn.h"

#include <event2/event.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/die.h"
#include "base/uuid.h"

enum {
	CONNECT_US = 5 * 1000 * 1000,
	BACKOFF_FIRST_US = 100 * 1000,
	BACKOFF_DOUBLINGS = 4,		/* up to 1.6 s: a try costs little, a long wait after the
					 * server is back much */
};

const struct sql db_conn_begin = { .name = "db_begin", .text = "BEGIN" };
const struct sql db_conn_commit = { .name = "db_commit", .text = "COMMIT" };
const struct sql db_conn_rollback = { .name = "db_rollback", .text = "ROLLBACK" };

static const struct sql *const own_statements[] = {
	&db_conn_begin, &db_conn_commit, &db_conn_rollback,
};

enum { OWN_STATEMENTS = sizeof(own_statements) / sizeof(own_statements[0]) };

void db_conn_init(struct db_conn *c)
{
	STAILQ_INIT(&c->flight);
}

bool db_conn_in_transaction(const struct db_conn *c)
{
	return PQtransactionStatus(c->pg) != PQTRANS_IDLE;
}

/* Watching. With epoll's change list an event must be gone before its descriptor is closed. */

static void on_event(evutil_socket_t fd, short what, void *arg);

static void unwatch(struct db_conn *c)
{
	if (c->event)
		event_free(c->event);
	c->event = NULL;
	c->watching = 0;
}

static void watch(struct db_conn *c, short what)
{
	int fd = PQsocket(c->pg);

	if (c->watching == what && c->watched_fd == fd)
		return;
	unwatch(c);
	c->event = event_new(c->base, fd, (short)(what | EV_PERSIST), on_event, c);
	if (!c->event || event_add(c->event, NULL))
		die("db_conn: event_add");
	c->watching = what;
	c->watched_fd = fd;
}

/* Losing. */

static int64_t backoff(int failures)
{
	int64_t longest = (int64_t)BACKOFF_FIRST_US
			  << (failures < BACKOFF_DOUBLINGS ? failures : BACKOFF_DOUBLINGS);
	uint32_t jitter;

	/* All workers lose the server together; they should not come back together. */
	random_bytes(&jitter, sizeof(jitter));
	return longest / 2 + jitter % (longest / 2);
}

static void fail_flight(struct db_conn *c)
{
	struct batch *b;

	while ((b = STAILQ_FIRST(&c->flight))) {
		STAILQ_REMOVE_HEAD(&c->flight, link);
		c->depth--;
		batch_refuse(b, DB_LOST, "");
		c->hooks->done(c, b);
	}
}

void db_conn_drop(struct db_conn *c, const char *why)
{
	char *copy = must_strdup(why);	/* it may be libpq's own */

	unwatch(c);
	PQfinish(c->pg);
	c->pg = NULL;
	free(c->trouble);
	c->trouble = NULL;
	c->state = CONN_DOWN;
	c->broken = c->unconfirmed = false;
	c->deadline = INT64_MAX;
	c->retry_at = clock_mono() + backoff(c->failures++);
	fail_flight(c);
	c->hooks->lost(c, copy);
	free(copy);
}

/* Sending. */

static void flush(struct db_conn *c)
{
	int left = PQflush(c->pg);

	/* While output waits the server may itself be blocked on output that we do not read. */
	watch(c, left == 1 ? EV_READ | EV_WRITE : EV_READ);
	if (left >= 0)
		return;
	c->broken = true;
	event_active(c->event, EV_READ, 0);
}

static bool send_frame(struct db_conn *c, const struct sql *s, const char *const params[])
{
	if (s->custom)
		return PQsendQueryParams(c->pg, s->text, s->nparams, NULL, params, NULL, NULL, s->binary);
	return PQsendQueryPrepared(c->pg, s->name, s->nparams, params, NULL, NULL, s->binary);
}

static bool is_own(const struct sql *s)
{
	for (int i = 0; i < OWN_STATEMENTS; i++)
		if (own_statements[i] == s)
			return true;
	return false;
}

static bool is_prepared(const struct db_conn *c, const struct sql *s)
{
	if (s->custom || is_own(s))
		return true;
	for (int i = 0; i < c->n_known; i++)
		if (c->known[i] == s)
			return true;
	return false;
}

/* In a sync of their own, so that no error of the batch takes a statement back of which later batches
 * think that it is there. */
static bool send_unprepared(struct db_conn *c, struct batch *b)
{
	const char *const *params;

	b->preparing = false;
	for (int i = 0; c->known && i < batch_frames(b); i++) {
		const struct sql *s = batch_frame(b, i, &params);

		if (is_prepared(c, s))
			continue;
		if (!PQsendPrepare(c->pg, s->name, s->text, s->nparams, NULL))
			return false;
		c->known[c->n_known++] = s;
		b->preparing = true;
	}
	return !b->preparing || PQpipelineSync(c->pg);
}

static bool send_frames(struct db_conn *c, const struct batch *b)
{
	const char *const *params;

	for (int i = 0; i < batch_frames(b); i++) {
		const struct sql *s = batch_frame(b, i, &params);

		if (!send_frame(c, s, params))
			return false;
	}
	return PQpipelineSync(c->pg);
}

void db_conn_send(struct db_conn *c, struct batch *b)
{
	STAILQ_INSERT_TAIL(&c->flight, b, link);
	if (c->depth++ == 0)
		c->deadline = clock_mono() + c->patience;
	if (!send_unprepared(c, b) || !send_frames(c, b)) {
		c->broken = true;
		event_active(c->event, EV_READ, 0);
		return;
	}
	flush(c);
}

/* Receiving. */

static void finish_batch(struct db_conn *c)
{
	struct batch *b = STAILQ_FIRST(&c->flight);

	STAILQ_REMOVE_HEAD(&c->flight, link);
	c->deadline = --c->depth ? clock_mono() + c->patience : INT64_MAX;
	if (b->commits && c->unconfirmed)
		batch_refuse(b, DB_LOST, "");
	c->unconfirmed = false;
	c->hooks->done(c, b);
}

static void finish_preparing(struct db_conn *c)
{
	c->deadline = INT64_MAX;
	if (c->trouble) {
		c->broken = true;
		return;
	}
	c->state = CONN_READY;
	c->failures = 0;
	c->hooks->ready(c);
}

/* An error after the last answer is the connection's. */
static const char *prepared_name(const struct db_conn *c, int i)
{
	const struct sql *const *s = c->statements;

	if (i < OWN_STATEMENTS)
		return own_statements[i]->name;
	if (c->known)
		return i - OWN_STATEMENTS < c->n_known ? c->known[i - OWN_STATEMENTS]->name : "statements";
	for (i -= OWN_STATEMENTS; *s && i > 0; i--)
		s++;
	return *s ? (*s)->name : "statements";
}

/* A statement that cannot be prepared is reported by name, with the server's reason, which holds
 * no data: there are no parameters yet. */
static void take_prepared(struct db_conn *c, PGresult *r)
{
	int i = c->prepared++;

	if (PQresultStatus(r) != PGRES_COMMAND_OK && !c->trouble &&
	    asprintf(&c->trouble, "preparing %s: %s", prepared_name(c, i),
		     PQresultErrorMessage(r)) < 0)
		die("asprintf");
	PQclear(r);
}

static void take_sync(struct db_conn *c)
{
	struct batch *b = STAILQ_FIRST(&c->flight);

	if (c->state == CONN_PREPARING) {
		finish_preparing(c);
	} else if (b->preparing) {
		b->preparing = false;
		c->broken = c->trouble != NULL;
	} else {
		finish_batch(c);
	}
}

static void take_result(struct db_conn *c, PGresult *r)
{
	if (PQresultStatus(r) == PGRES_PIPELINE_SYNC) {
		PQclear(r);
		take_sync(c);
	} else if (c->state == CONN_PREPARING || STAILQ_FIRST(&c->flight)->preparing) {
		take_prepared(c, r);
	} else {
		batch_take(STAILQ_FIRST(&c->flight), r);
	}
}

static bool expects_results(const struct db_conn *c)
{
	return !c->broken && (c->state == CONN_PREPARING || c->depth > 0);
}

static void receive(struct db_conn *c)
{
	int gaps = 0;	/* NULL separates two statements; after two in a row nothing is left */

	while (expects_results(c) && gaps < 2 && !PQisBusy(c->pg)) {
		PGresult *r = PQgetResult(c->pg);

		if (r)
			take_result(c, r);
		gaps = r ? 0 : gaps + 1;
	}
	/* With nothing expected, this still reads a notice or the server's good-bye. */
	if (!c->depth && c->state == CONN_READY)
		PQisBusy(c->pg);
}

/* A COMMIT that stopped waiting for its standby is durable on this server and perhaps not on the
 * standby. The text of the warning is translated, the name of the server's function is not. */
static void on_notice(void *arg, const PGresult *r)
{
	struct db_conn *c = arg;
	const char *function = PQresultErrorField(r, PG_DIAG_SOURCE_FUNCTION);
	const char *message = PQresultErrorField(r, PG_DIAG_MESSAGE_PRIMARY);

	if ((function && strcmp(function, "SyncRepWaitForLSN") == 0) ||
	    (message && strstr(message, "wait for synchronous replication")))
		c->unconfirmed = true;
}

/* Connecting. */

static void send_prepares(struct db_conn *c)
{
	bool sent = PQsetnonblocking(c->pg, 1) == 0 && PQenterPipelineMode(c->pg);

	for (int i = 0; sent && i < OWN_STATEMENTS; i++)
		sent = PQsendPrepare(c->pg, own_statements[i]->name, own_statements[i]->text, 0,
				     NULL);
	for (const struct sql *const *s = c->statements; sent && !c->known && *s; s++)
		sent = PQsendPrepare(c->pg, (*s)->name, (*s)->text, (*s)->nparams, NULL);
	c->state = CONN_PREPARING;
	c->prepared = c->n_known = 0;
	c->broken = !sent || !PQpipelineSync(c->pg);
	flush(c);
}

static void poll_connecting(struct db_conn *c)
{
	/* Trying the next address of a list closes the descriptor under the event. */
	unwatch(c);
	switch (PQconnectPoll(c->pg)) {
	case PGRES_POLLING_READING:
		watch(c, EV_READ);
		break;
	case PGRES_POLLING_WRITING:
		watch(c, EV_WRITE);
		break;
	case PGRES_POLLING_OK:
		send_prepares(c);
		break;
	default:
		db_conn_drop(c, PQerrorMessage(c->pg));
	}
}

static void start(struct db_conn *c)
{
	c->pg = PQconnectStartParams(c->params->keywords, c->params->values, 1);
	if (!c->pg)
		die("PQconnectStartParams");
	if (PQstatus(c->pg) == CONNECTION_BAD) {
		db_conn_drop(c, PQerrorMessage(c->pg));
		return;
	}
	PQsetNoticeReceiver(c->pg, on_notice, c);
	c->state = CONN_CONNECTING;
	c->deadline = clock_mono() + CONNECT_US;
	watch(c, EV_WRITE);
}

/* Once statements run, libpq's message may quote a row that one of them refused. */
static const char *why_lost(const struct db_conn *c)
{
	if (c->trouble)
		return c->trouble;
	return c->state == CONN_READY ? "connection lost" : PQerrorMessage(c->pg);
}

static void on_event(evutil_socket_t fd, short what, void *arg)
{
	struct db_conn *c = arg;
	bool alive;

	(void)fd;
	if (c->state == CONN_CONNECTING) {
		poll_connecting(c);
		return;
	}
	alive = !(what & EV_READ) || PQconsumeInput(c->pg);
	receive(c);
	if (!alive || c->broken)
		db_conn_drop(c, why_lost(c));
	else
		flush(c);
}

void db_conn_tick(struct db_conn *c, int64_t now)
{
	if (c->state == CONN_DOWN) {
		if (now >= c->retry_at)
			start(c);
	} else if (now >= c->deadline) {
		db_conn_drop(c, "no answer in time");
	}
}
