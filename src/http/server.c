#include "conn.h"

#include <malloc.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

#include <event2/listener.h>

#include "base/die.h"

/* Descriptors kept for the database, files and pipes. */
enum { SPARE_DESCRIPTORS = 200, MAX_HEAD = 65000 };

struct http_limits http_default_limits(void)
{
	return (struct http_limits){
		.head = 8192, .headers = 64, .body = 65536,
		.head_ms = 10000, .body_ms = 20000, .idle_ms = 30000, .send_ms = 60000,
		.linger_ms = 1000, .drain_idle_ms = 250, .pause_ms = 1000,
	};
}

/* What waits to be sent may be a session's token or an address. */
static void give(void *p)
{
	if (p != NULL)
		explicit_bzero(p, malloc_usable_size(p));
	free(p);
}

struct event_base *http_event_base(void)
{
	struct event_config *config;
	struct event_base *base;

	event_set_mem_functions(malloc, realloc, give);
	config = event_config_new();
	if (config == NULL)
		die("event_config_new");
	event_config_set_flag(config, EVENT_BASE_FLAG_NOLOCK);
	event_config_set_flag(config, EVENT_BASE_FLAG_EPOLL_USE_CHANGELIST);
	base = event_base_new_with_config(config);
	event_config_free(config);
	if (base == NULL)
		die("event_base_new_with_config");
	return base;
}

static struct timeval milliseconds(int ms)
{
	return (struct timeval){ .tv_sec = ms / 1000, .tv_usec = ms % 1000 * 1000 };
}

/* Accepts or not, as the state says. */
static void set_accepting(struct http_server *s)
{
	if (s->listener == NULL)
		return;
	if (s->full || s->paused)
		evconnlistener_disable(s->listener);
	else
		evconnlistener_enable(s->listener);
}

static void accepted(struct evconnlistener *listener, int fd, struct sockaddr *peer, int len,
		     void *server)
{
	struct http_server *s = server;

	(void)listener;
	s->stats.accepted++;
	if (++s->stats.connections > s->limits.connections) {
		s->full = true;
		http_conn_evict(s);
		set_accepting(s);
	}
	http_conn_new(s, fd, peer, len);
}

void server_conn_freed(struct http_server *s)
{
	s->stats.connections--;
	if (s->full && s->stats.connections <= s->limits.connections) {
		s->full = false;
		set_accepting(s);
	}
	server_check_drained(s);
}

static void accept_failed(struct evconnlistener *listener, void *server)
{
	struct http_server *s = server;
	struct timeval tv;

	(void)listener;
	s->stats.pauses++;
	s->paused = true;
	set_accepting(s);
	tv = milliseconds(s->limits.pause_ms);
	event_add(s->pause, &tv);
}

static void on_pause_over(int fd, short what, void *server)
{
	struct http_server *s = server;

	(void)fd, (void)what;
	s->paused = false;
	set_accepting(s);
}

static void on_timer(int fd, short what, void *server)
{
	(void)fd, (void)what;
	http_conn_sweep(server);
}

static void on_turn(int fd, short what, void *server)
{
	(void)fd, (void)what;
	http_conn_take_turns(server);
}

static void on_drained(int fd, short what, void *server)
{
	struct http_server *s = server;
	void (*done)(size_t, void *) = s->done;
	size_t connections = s->stats.connections, exchanges = s->stats.exchanges;

	(void)fd, (void)what;
	event_del(s->drain);
	s->done = NULL;
	if (done != NULL)
		done(connections > exchanges ? connections : exchanges, s->done_arg);
}

void server_check_drained(struct http_server *s)
{
	if (s->done != NULL && s->stats.connections == 0 && s->stats.exchanges == 0)
		event_active(s->drain, EV_TIMEOUT, 0);
}

static size_t default_connections(void)
{
	struct rlimit rl;

	if (getrlimit(RLIMIT_NOFILE, &rl) < 0 || rl.rlim_cur <= 2 * SPARE_DESCRIPTORS)
		return SPARE_DESCRIPTORS / 2;
	return rl.rlim_cur - SPARE_DESCRIPTORS;
}

static void set_limits(struct http_server *s, const struct http_limits *limits)
{
	s->limits = limits != NULL ? *limits : http_default_limits();
	if (s->limits.connections == 0)
		s->limits.connections = default_connections();
	if (s->limits.head > MAX_HEAD)
		s->limits.head = MAX_HEAD;
}

static bool start(struct http_server *s, int fd)
{
	s->timer = evtimer_new(s->base, on_timer, s);
	s->turn = event_new(s->base, -1, 0, on_turn, s);
	s->pause = evtimer_new(s->base, on_pause_over, s);
	s->drain = evtimer_new(s->base, on_drained, s);
	s->listener = evconnlistener_new(s->base, accepted, s, LEV_OPT_CLOSE_ON_EXEC, 0, fd);
	if (!s->timer || !s->turn || !s->pause || !s->drain || !s->listener)
		return false;
	evconnlistener_set_error_cb(s->listener, accept_failed);
	return true;
}

struct http_server *http_server_new(struct event_base *base, int listener,
				    const struct http_limits *limits, http_handler handler,
				    void *arg)
{
	struct http_server *s = must_calloc(1, sizeof(*s));

	s->base = base;
	s->handler = handler;
	s->arg = arg;
	for (enum phase p = 0; p < PHASES; p++)
		TAILQ_INIT(&s->phase[p]);
	set_limits(s, limits);
	if (start(s, listener))
		return s;
	http_server_free(s);
	return NULL;
}

static void stop_accepting(struct http_server *s)
{
	if (s->listener != NULL)
		evconnlistener_free(s->listener);
	s->listener = NULL;
}

void http_server_drain(struct http_server *s, int deadline_ms,
		       void (*done)(size_t left, void *arg), void *arg)
{
	struct timeval tv = milliseconds(deadline_ms);

	s->draining = true;
	s->done = done;
	s->done_arg = arg;
	stop_accepting(s);
	http_conn_drain_idle(s);
	event_add(s->drain, &tv);
	server_check_drained(s);
}

static void free_event(struct event *ev)
{
	if (ev != NULL)
		event_free(ev);
}

void http_server_free(struct http_server *s)
{
	struct http_conn *c;

	if (s == NULL)
		return;
	stop_accepting(s);
	for (enum phase p = 0; p < PHASES; p++)
		while ((c = TAILQ_FIRST(&s->phase[p])) != NULL)
			http_conn_free(c);
	free_event(s->timer);
	free_event(s->turn);
	free_event(s->pause);
	free_event(s->drain);
	free(s);
}

struct http_stats http_server_stats(const struct http_server *s)
{
	return s->stats;
}
