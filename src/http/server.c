#include "conn.h"

#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

#include <event2/event.h>
#include <event2/listener.h>

/* Descriptors kept for the database, files and pipes. */
enum { SPARE_DESCRIPTORS = 200, MAX_HEAD = 65000 };

/* The HTTP library hands the listener's error callback nothing by which to find the server. */
static struct http_server *servers;

struct http_limits http_default_limits(void)
{
	return (struct http_limits){
		.head = 8192, .headers = 64, .body = 65536,
		.head_ms = 10000, .body_ms = 20000, .idle_ms = 30000, .send_ms = 60000,
		.linger_ms = 1000, .drain_idle_ms = 250, .pause_ms = 1000,
	};
}

struct event_base *http_event_base(void)
{
	struct event_config *config = event_config_new();
	struct event_base *base;

	if (config == NULL)
		abort();
	event_config_set_flag(config, EVENT_BASE_FLAG_NOLOCK);
	event_config_set_flag(config, EVENT_BASE_FLAG_EPOLL_USE_CHANGELIST);
	base = event_base_new_with_config(config);
	event_config_free(config);
	if (base == NULL)
		abort();
	return base;
}

static struct timeval milliseconds(int ms)
{
	return (struct timeval){ .tv_sec = ms / 1000, .tv_usec = ms % 1000 * 1000 };
}

/* Accepts or not, as the state says. */
static void set_accepting(struct http_server *s)
{
	if (s->bound == NULL)
		return;
	if (s->full || s->paused)
		evconnlistener_disable(s->listener);
	else
		evconnlistener_enable(s->listener);
}

/* The library's hook for each accepted connection. At the cap one accepting round takes one
 * connection, since what is evicted gives its descriptor back only in the next round. */
static struct bufferevent *accepted(struct event_base *base, void *server)
{
	struct http_server *s = server;

	(void)base;
	s->stats.accepted++;
	if (++s->stats.connections > s->limits.connections) {
		conn_evict(s);
		s->full = true;
		set_accepting(s);
	}
	return conn_new(s);
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

static void accept_failed(struct evconnlistener *listener, void *http)
{
	struct http_server *s = servers;
	struct timeval tv;

	(void)http;
	while (s != NULL && s->listener != listener)
		s = s->next;
	if (s == NULL)
		return;
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
	conn_sweep(server);
}

static void on_taken(int fd, short what, void *server)
{
	(void)fd, (void)what;
	conn_tell_taken(server);
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

static void set_up_library(struct http_server *s)
{
	const struct http_limits *l = &s->limits;
	size_t body = l->body > l->body_large ? l->body : l->body_large;

	evhttp_set_allowed_methods(s->http, EVHTTP_REQ_GET | EVHTTP_REQ_HEAD | EVHTTP_REQ_POST |
				   EVHTTP_REQ_PUT | EVHTTP_REQ_PATCH | EVHTTP_REQ_DELETE |
				   EVHTTP_REQ_OPTIONS);
	evhttp_set_max_headers_size(s->http, (ev_ssize_t)l->head);
	evhttp_set_max_body_size(s->http, (ev_ssize_t)body);
	evhttp_set_default_content_type(s->http, NULL);
	evhttp_set_bevcb(s->http, accepted, s);
	evhttp_set_gencb(s->http, exchange_begin, s);
}

static bool start(struct http_server *s, int fd)
{
	s->timer = evtimer_new(s->base, on_timer, s);
	s->taken = event_new(s->base, -1, 0, on_taken, s);
	s->pause = evtimer_new(s->base, on_pause_over, s);
	s->drain = evtimer_new(s->base, on_drained, s);
	s->http = evhttp_new(s->base);
	s->listener = evconnlistener_new(s->base, NULL, NULL, LEV_OPT_CLOSE_ON_EXEC, 0, fd);
	if (!s->timer || !s->taken || !s->pause || !s->drain || !s->http || !s->listener)
		return false;
	set_up_library(s);
	evconnlistener_set_error_cb(s->listener, accept_failed);
	s->bound = evhttp_bind_listener(s->http, s->listener);
	return s->bound != NULL;
}

struct http_server *http_server_new(struct event_base *base, int listener,
				    const struct http_limits *limits, http_handler handler,
				    void *arg)
{
	struct http_server *s = calloc(1, sizeof(*s));

	if (s == NULL)
		abort();
	*s = (struct http_server){ .base = base, .handler = handler, .arg = arg, .next = servers };
	for (enum phase p = 0; p < PHASES; p++)
		TAILQ_INIT(&s->phase[p]);
	set_limits(s, limits);
	servers = s;
	if (start(s, listener))
		return s;
	http_server_free(s);
	return NULL;
}

static void stop_accepting(struct http_server *s)
{
	if (s->bound != NULL)
		evhttp_del_accept_socket(s->http, s->bound);
	else if (s->listener != NULL)
		evconnlistener_free(s->listener);
	s->bound = NULL;
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
	conn_drain_idle(s);
	event_add(s->drain, &tv);
	server_check_drained(s);
}

static void forget(struct http_server *s)
{
	struct http_server **at = &servers;

	while (*at != s)
		at = &(*at)->next;
	*at = s->next;
}

static void free_event(struct event *ev)
{
	if (ev != NULL)
		event_free(ev);
}

void http_server_free(struct http_server *s)
{
	struct conn *c;

	if (s == NULL)
		return;
	forget(s);
	stop_accepting(s);
	for (enum phase p = 0; p < PHASES; p++)
		TAILQ_FOREACH(c, &s->phase[p], link)
			c->server = NULL;
	if (s->http != NULL)
		evhttp_free(s->http);
	free_event(s->timer);
	free_event(s->taken);
	free_event(s->pause);
	free_event(s->drain);
	free(s);
}

struct http_stats http_server_stats(const struct http_server *s)
{
	return s->stats;
}
