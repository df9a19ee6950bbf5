/* The worker process: loads the rules, connects to the vault and the database, loads the board, then
 * serves requests until SIGTERM. Everything runs on one event loop. */
#include "worker.h"

#include <event2/event.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "api/conflicts.h"
#include "api/rights.h"
#include "app/migrations.h"
#include "decision/policy.h"
#include "app/routes.h"
#include "base/log.h"
#include "board/board.h"
#include "db/db.h"
#include "http/server.h"
#include "ops.h"
#include "serve/server.h"
#include "sql.h"
#include "vault/client.h"

enum { TIDY_SECONDS = 30, COUNT_SECONDS = 1, LAST_CALL_MS = 50 };

static const char application[] = "haven-worker";

struct worker {
	const struct app_config *config;
	const struct master_child *child;
	struct arena *arena;
	struct event_base *base;
	struct event *on_term, *last_call, *tidy, *count, *bell;
	struct db *db;
	struct vault_client *vault;
	struct policy policy;
	struct board *board;
	json_t *options;
	struct serve *serve;
	struct http_server *http, *ops_server;
	struct ops ops;
	struct counters *counters;
	bool seen;			/* the database was ready once */
	bool migrated, governed;	/* the schema is this program's; the policy was read */
	bool unsure, draining, deaf, failed;
};

/* A question to the database that has its own arena. */
struct asked {
	struct worker *worker;
	struct arena *arena;
};

static void fail(struct worker *w, const char *what, const char *detail)
{
	log_event(LOG_ERROR, what, "detail", detail, NULL);
	w->failed = true;
	event_base_loopbreak(w->base);
}

/* ---- counters and readiness ---- */

static void update_counters(void *arg)
{
	struct worker *w = arg;
	struct counters *c = &w->counters[w->child->index];
	struct db_stats db = db_stats(w->db);

	if (w->http) {
		struct http_stats http = http_server_stats(w->http);

		c->connections = http.connections;
		c->exchanges = http.exchanges;
		c->refused = http.refused;
		c->timed_out = http.timed_out;
		c->evicted = http.evicted;
	}
	c->serve = *serve_stats(w->serve);
	c->db_waiting = (uint64_t)db.waiting;
	c->db_refused = db.refused;
	c->db_lost = db.lost;
	c->board_age_us = (uint64_t)board_age(w->board);
	c->board_vacancies = board_vacancies(w->board);
	c->board_households = board_households(w->board);
	c->ready = w->ops.missing(w) == NULL;
}

static const char *missing(void *arg)
{
	const struct worker *w = arg;

	if (w->draining)
		return "draining";
	if (!db_ready(w->db))
		return "database";
	if (!w->migrated)
		return "migrations";
	if (!w->governed)
		return "policy";
	return board_fresh(w->board) ? NULL : "board";
}

static void on_database(struct db *db, void *arg);
static void ask_policy(struct worker *w);

static void on_count(evutil_socket_t fd, short what, void *arg)
{
	struct worker *w = arg;

	(void)fd;
	(void)what;
	if (w->unsure && db_ready(w->db))
		on_database(w->db, w);
	else if (w->migrated && db_ready(w->db))
		ask_policy(w);
	update_counters(w);
}

/* ---- what workers tell each other ---- */

/* Rung after the commit, outside of it: a NOTIFY in the transaction would let one commit at a time. */
static void ring_others(const struct worker *w)
{
	static const uint64_t one = 1;

	for (int i = MASTER_BELLS; i < w->child->n; i++)
		if (i != MASTER_BELLS + w->child->index && write(w->child->fds[i], &one, sizeof(one)) < 0)
			log_event(LOG_WARN, "bell not rung", NULL);
}

static void on_committed(void *arg)
{
	struct worker *w = arg;

	board_refresh(w->board);
	ring_others(w);
}

static void on_bell(evutil_socket_t fd, short what, void *arg)
{
	struct worker *w = arg;
	uint64_t rung;

	(void)what;
	if (read(fd, &rung, sizeof(rung)) == sizeof(rung))
		board_refresh_soon(w->board);
}

static void hear_bell(struct worker *w)
{
	int bell = MASTER_BELLS + w->child->index;

	if (bell >= w->child->n)
		return;
	w->bell = event_new(w->base, w->child->fds[bell], EV_READ | EV_PERSIST, on_bell, w);
	event_add(w->bell, NULL);
}

/* ---- jobs ---- */

static void on_tidied(struct batch *b, void *arg)
{
	struct asked *asked = arg;
	struct worker *w = asked->worker;

	if (batch_outcome(b) == DB_OK)
		jobs_read(&w->counters[w->child->index].jobs, b, 1);
	else
		log_event(LOG_WARN, "jobs did not run", NULL);
	arena_free(asked->arena);
}

static void on_tidy(evutil_socket_t fd, short what, void *arg)
{
	struct worker *w = arg;
	struct asked *asked;
	struct arena *a;
	struct batch *b;

	(void)fd;
	(void)what;
	if (!db_ready(w->db))
		return;
	a = arena_new();
	b = batch_new(a);
	asked = arena_new_of(a, struct asked);
	*asked = (struct asked){ w, a };
	batch_query(b, &SQL_TIDY);
	batch_query(b, &SQL_JOB_TIMES);
	db_tx_commit(db_tx_begin(w->db), b, on_tidied, asked);
}

static void every(struct worker *w, struct event **e, int seconds, event_callback_fn fn)
{
	struct timeval tv = { .tv_sec = seconds };

	*e = event_new(w->base, -1, EV_PERSIST, fn, w);
	event_add(*e, &tv);
}

/* ---- start and stop ---- */

/* Accepts connections only now: until the board is loaded and the policy read every search would be wrong. */
static void serve_when_ready(struct worker *w)
{
	if (w->http || w->draining || !w->migrated || !w->governed || board_age(w->board) == INT64_MAX)
		return;
	w->http = http_server_new(w->base, w->child->listen_fd, NULL, serve_request, w->serve);
	if (!w->http) {
		fail(w, "no server", NULL);
		return;
	}
	log_event(LOG_INFO, "worker serves", NULL);
}

static void on_board(void *arg)
{
	serve_when_ready(arg);
}

static void on_load_failed(const char *statement, const char *sqlstate, void *arg)
{
	(void)arg;
	log_event(LOG_WARN, "board not loaded", "statement", statement, "sqlstate", sqlstate, NULL);
}

/* ---- the policy: the row that the database decides by is what this worker matches by ---- */

static void govern(struct worker *w, struct arena *a, const char *text, const char *digest)
{
	const char *error;
	struct policy read;

	w->governed = policy_read(a, &read, text, &error);
	snprintf(read.digest, sizeof(read.digest), "%s", digest);
	if (!w->governed)
		log_event(LOG_ERROR, "the database has no policy that this program knows: run `haven migrate`",
			  "detail", error, NULL);
	else if (memcmp(&read, &w->policy, sizeof(read)) != 0) {
		w->policy = read;
		log_event(LOG_INFO, "policy taken up", "version", read.version, NULL);
	}
}

static void on_policy(struct batch *b, void *arg)
{
	struct asked *asked = arg;
	struct worker *w = asked->worker;

	if (batch_outcome(b) == DB_OK)		/* else asked again within a second */
		govern(w, asked->arena, batch_rows(b, 0) ? batch_value(b, 0, 0, "numbers") : "",
		       batch_rows(b, 0) ? batch_value(b, 0, 0, "digest") : "");
	arena_free(asked->arena);
	serve_when_ready(w);
}

static void ask_policy(struct worker *w)
{
	struct arena *a = arena_new();
	struct asked *asked = arena_alloc(a, sizeof(*asked));
	struct batch *b = batch_new(a);

	*asked = (struct asked){ w, a };
	batch_query(b, &SQL_POLICY_NOW);
	db_read(w->db, b, on_policy, asked);
}

static void on_migration(struct batch *b, void *arg)
{
	struct worker *w = arg;
	const char *latest;

	w->unsure = batch_outcome(b) != DB_OK;
	if (w->unsure)
		return;		/* asked again within a second */
	latest = batch_rows(b, 0) ? batch_value(b, 0, 0, "name") : "";
	w->migrated = strcmp(latest, migrations_latest()) == 0;
	if (!w->migrated) {
		log_event(LOG_ERROR, "the database is not at this program's migrations: run `haven migrate`", NULL);
		return;
	}
	if (w->seen)
		board_reload(w->board);
	w->seen = true;
	ask_policy(w);
	serve_when_ready(w);
}

static void on_database(struct db *db, void *arg)
{
	struct worker *w = arg;
	struct batch *b = batch_new(w->arena);

	batch_query(b, &SQL_MIGRATION_LATEST);
	db_read(db, b, on_migration, w);
}

static void on_trouble(struct db *db, const char *text, void *arg)
{
	(void)db;
	(void)arg;
	log_event(LOG_WARN, "database", "detail", text, NULL);
}

static void on_drained(size_t left, void *arg)
{
	struct worker *w = arg;

	if (left)
		log_event(LOG_WARN, "stopped with requests open", NULL);
	event_base_loopbreak(w->base);
}

/* The socket is closed one turn later, once libevent has let go of it. */
static void on_last_call(evutil_socket_t fd, short what, void *arg)
{
	static const struct timeval at_once = { 0 };
	struct worker *w = arg;

	(void)fd;
	(void)what;
	if (w->deaf) {
		close(w->child->listen_fd);
		return;
	}
	w->deaf = true;
	http_server_drain(w->http, w->config->drain_seconds * 1000 - LAST_CALL_MS, on_drained, w);
	event_add(w->last_call, &at_once);
}

/* Accepts first the connections that the kernel took before the master stopped listening. */
static void on_term(evutil_socket_t fd, short what, void *arg)
{
	static const struct timeval last_call = { .tv_usec = LAST_CALL_MS * 1000 };
	struct worker *w = arg;

	(void)fd;
	(void)what;
	if (w->draining)
		return;
	w->draining = true;
	if (w->http)
		event_add(w->last_call, &last_call);
	else
		event_base_loopbreak(w->base);
}

static void open_database(struct worker *w, const char *conninfo)
{
	struct db_options o = {
		.conninfo = conninfo,
		.application_name = application,
		.role = SQL_ROLE_WORKER,
		.statements = sql_all,
		.write_connections = w->config->write_connections,
		.on_ready = on_database,
		.on_trouble = on_trouble,
		.arg = w,
	};

	w->db = db_new(w->base, &o);
}

static void open_board(struct worker *w, const char *conninfo)
{
	struct board_options o = {
		.db = w->db,
		.conninfo = conninfo,
		.application_name = application,
		.policy = &w->policy,
		.on_ready = on_board,
		.on_trouble = on_trouble,
		.on_failed = on_load_failed,
		.arg = w,
	};

	w->board = board_new(w->base, &o);
}

static bool open_serve(struct worker *w)
{
	const char *error = NULL;
	struct serve_options o = {
		.tables = app_tables,
		.rights = api_rights,
		.conflicts = conflicts,
		.db = w->db,
		.vault = w->vault,
		.board = w->board,
		.page_options = w->options,
		.secure_cookies = w->config->secure_cookies,
		.search_budget = w->config->search_budget,
		.person_search_budget = w->config->person_search_budget,
		.committed = on_committed,
		.arg = w,
	};

	w->serve = serve_new(w->arena, &o, &error);
	if (!w->serve)
		fail(w, "routes", error);
	return w->serve != NULL;
}

static bool open_ops(struct worker *w)
{
	if (!w->counters) {
		fail(w, "run_dir cannot be written", NULL);
		return false;
	}
	w->ops = (struct ops){ w->counters, w->config->workers, w->child->index, missing, update_counters, w };
	w->ops_server = http_server_new(w->base, w->child->metrics_fd, NULL, ops_request, &w->ops);
	return w->ops_server != NULL;
}

static bool open_options(struct worker *w)
{
	const char *error;

	w->options = app_page_options(w->config->dash_wording, w->arena, &error);
	if (!w->options)
		fail(w, "dash_wording", error);
	return w->options != NULL;
}

static bool start(struct worker *w)
{
	w->arena = arena_new();
	w->base = http_event_base();
	w->vault = vault_client_new(w->base, w->child->fds[MASTER_LINE]);
	w->on_term = evsignal_new(w->base, SIGTERM, on_term, w);
	w->last_call = evtimer_new(w->base, on_last_call, w);
	event_add(w->on_term, NULL);
	policy_default(&w->policy);
	open_database(w, app_conninfo(w->arena, w->config, w->config->worker_role));
	open_board(w, app_conninfo(w->arena, w->config, w->config->board_role));
	hear_bell(w);
	if (!open_options(w))
		return false;
	if (!open_serve(w) || !open_ops(w))
		return false;
	every(w, &w->count, COUNT_SECONDS, on_count);
	if (w->child->index == 0)
		every(w, &w->tidy, TIDY_SECONDS, on_tidy);
	return true;
}

/* Requests still open at the deadline end with the process: their callers repeat them. */
static int stop(struct worker *w)
{
	if (w->http && http_server_stats(w->http).exchanges > 0)
		return 1;
	db_stop(w->db);
	http_server_free(w->http);
	http_server_free(w->ops_server);
	board_free(w->board);
	serve_free(w->serve);
	vault_client_free(w->vault);
	json_decref(w->options);
	event_free(w->on_term);
	event_free(w->last_call);
	if (w->bell)
		event_free(w->bell);
	if (w->count)
		event_free(w->count);
	if (w->tidy)
		event_free(w->tidy);
	event_base_free(w->base);
	arena_free(w->arena);
	return w->failed;
}

int worker_run(const struct app_config *config, const struct master_child *child, struct counters *counters)
{
	struct worker w = { .config = config, .child = child, .counters = counters };

	signal(SIGPIPE, SIG_IGN);
	if (start(&w))
		event_base_dispatch(w.base);
	return w.failed ? 1 : stop(&w);
}
