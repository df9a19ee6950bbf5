#include "conn.h"

#include <stdlib.h>
#include <sys/socket.h>

#include <event2/buffer.h>
#include <event2/event.h>

#include "base/clock.h"

/* READ_AHEAD bounds unread input: a head, or as much of the body as one read brings. */
enum { READ_AHEAD = 16384, MIN_TIMER_MS = 10, EVICT_AGE_MS = 100 };

/* Milliseconds a phase may last, 0 for ever. */
static int phase_ms(const struct http_server *s, enum phase phase)
{
	switch (phase) {
	case PHASE_HEAD: return s->limits.head_ms;
	case PHASE_BODY: return s->limits.body_ms;
	case PHASE_SEND: return s->limits.send_ms;
	case PHASE_IDLE: return s->draining ? s->limits.drain_idle_ms : s->limits.idle_ms;
	case PHASE_LINGER: return s->limits.linger_ms;
	default: return 0;
	}
}

static void wake_at(struct http_server *s, int64_t at)
{
	int64_t wait = at - clock_mono();
	struct timeval tv;

	if (s->timer_at != 0 && s->timer_at <= at)
		return;
	if (wait < MIN_TIMER_MS * 1000)
		wait = MIN_TIMER_MS * 1000;
	tv = (struct timeval){ .tv_sec = wait / 1000000, .tv_usec = wait % 1000000 };
	s->timer_at = at;
	event_add(s->timer, &tv);
}

void conn_enter(struct conn *c, enum phase phase)
{
	struct http_server *s = c->server;
	int ms = phase_ms(s, phase);

	TAILQ_REMOVE(&s->phase[c->phase], c, link);
	TAILQ_INSERT_TAIL(&s->phase[phase], c, link);
	c->phase = phase;
	if (ms == 0)
		return;
	c->deadline = clock_mono() + (int64_t)ms * 1000;
	wake_at(s, c->deadline);
}

static void write_refusal(struct evbuffer *out, const struct gate_refusal *r)
{
	char body[256];
	int len = snprintf(body, sizeof(body),
			   "{\"type\":\"/problems/%s\",\"title\":\"%s\",\"status\":%d}\n",
			   r->slug, r->title, r->status);

	evbuffer_add_printf(out, "HTTP/1.1 %d %s\r\nContent-Type: application/problem+json\r\n"
			    "Content-Length: %d\r\nCache-Control: no-store\r\n"
			    "Connection: close\r\n\r\n%s", r->status, r->title, len, body);
}

/* Writes at once what the socket takes: most replies go out whole, without waiting in the loop and
 * without two changes to the epoll set. The event does the rest, errors included. */
static void push(struct conn *c)
{
	struct evbuffer *out = bufferevent_get_output(c->sock);

	evbuffer_unfreeze(out, 1);
	evbuffer_write(out, bufferevent_getfd(c->sock));
	evbuffer_freeze(out, 1);
	if (evbuffer_get_length(out) > 0)
		bufferevent_enable(c->sock, EV_WRITE);
	else
		bufferevent_disable(c->sock, EV_WRITE);
}

static void refuse(struct conn *c, enum gate_verdict verdict)
{
	conn_enter(c, PHASE_LINGER);
	write_refusal(bufferevent_get_output(c->sock), gate_refusal(verdict));
	push(c);
}

static enum gate_verdict scan(struct gate *g, struct evbuffer *src)
{
	enum gate_verdict verdict = GATE_MORE;
	struct evbuffer_iovec piece;
	struct evbuffer_ptr at;

	while (verdict == GATE_MORE && evbuffer_get_length(src) > g->seen) {
		evbuffer_ptr_set(src, &at, g->seen, EVBUFFER_PTR_SET);
		evbuffer_peek(src, -1, &at, &piece, 1);
		verdict = gate_feed(g, piece.iov_base, piece.iov_len);
	}
	return verdict;
}

/* A body beyond the common limit is for certain targets only. */
static bool body_allowed(const struct conn *c, struct evbuffer *src)
{
	const struct http_limits *l = &c->server->limits;
	const struct gate *g = &c->gate;
	const char *head;

	if (g->body <= l->body)
		return true;
	head = (const char *)evbuffer_pullup(src, (ev_ssize_t)g->seen);
	return l->large_body != NULL && l->large_body(g->method, head + g->target_at, g->path_len);
}

static enum bufferevent_filter_result pass(struct conn *c, struct evbuffer *src,
					   struct evbuffer *dst, size_t len)
{
	if (len == 0)
		return BEV_NEED_MORE;
	c->server->passing = c;
	return evbuffer_remove_buffer(src, dst, len) < 0 ? BEV_ERROR : BEV_OK;
}

static enum bufferevent_filter_result read_head(struct conn *c, struct evbuffer *src,
						struct evbuffer *dst)
{
	enum gate_verdict verdict = scan(&c->gate, src);

	if (verdict == GATE_MORE)
		return BEV_NEED_MORE;
	if (verdict == GATE_HEAD && !body_allowed(c, src))
		verdict = GATE_BODY_LARGE;
	if (verdict != GATE_HEAD) {
		c->server->stats.refused++;
		refuse(c, verdict);
		return BEV_NEED_MORE;
	}
	c->body_left = c->gate.body;
	conn_enter(c, PHASE_BODY);
	return pass(c, src, dst, c->gate.seen);
}

static enum bufferevent_filter_result read_body(struct conn *c, struct evbuffer *src,
						struct evbuffer *dst)
{
	size_t have = evbuffer_get_length(src);
	size_t len = have < c->body_left ? have : (size_t)c->body_left;

	c->body_left -= len;
	return pass(c, src, dst, len);
}

static enum bufferevent_filter_result filter_in(struct evbuffer *src, struct evbuffer *dst,
						ev_ssize_t limit, enum bufferevent_flush_mode mode,
						void *conn)
{
	struct conn *c = conn;

	(void)limit, (void)mode;
	if (evbuffer_get_length(src) == 0)
		return BEV_NEED_MORE;
	if (c->phase == PHASE_IDLE)
		conn_enter(c, PHASE_HEAD);
	switch (c->phase) {
	case PHASE_HEAD: return read_head(c, src, dst);
	case PHASE_BODY: return read_body(c, src, dst);
	case PHASE_LINGER: evbuffer_drain(src, evbuffer_get_length(src)); break;
	default: break;
	}
	return BEV_NEED_MORE;
}

/* Passes everything, and says that more is needed: a plain OK would make the filter report the
 * reply as written while it still waits for the socket, and the connection could be closed under
 * it. drained() reports instead. */
static enum bufferevent_filter_result filter_out(struct evbuffer *src, struct evbuffer *dst,
						 ev_ssize_t limit, enum bufferevent_flush_mode mode,
						 void *conn)
{
	(void)limit, (void)mode, (void)conn;
	return evbuffer_add_buffer(dst, src) < 0 ? BEV_ERROR : BEV_NEED_MORE;
}

static void drained(struct evbuffer *out, const struct evbuffer_cb_info *info, void *conn)
{
	struct conn *c = conn;

	if (info->n_deleted == 0 || evbuffer_get_length(out) > 0)
		return;
	if (c->phase == PHASE_LINGER)
		shutdown(bufferevent_getfd(c->sock), SHUT_WR);
	if (c->phase != PHASE_SEND)
		return;
	/* Not at once: the library may be above us on the stack. One event for all of them, since
	 * libevent puts off all but 32 deferred callbacks a round. */
	conn_enter(c, PHASE_TAKEN);
	event_active(c->server->taken, EV_WRITE, 0);
}

void conn_tell_taken(struct http_server *s)
{
	struct conn *c;

	while ((c = TAILQ_FIRST(&s->phase[PHASE_TAKEN])) != NULL) {
		conn_enter(c, PHASE_GONE);
		bufferevent_trigger(c->bev, EV_WRITE, BEV_TRIG_IGNORE_WATERMARKS);
	}
}

/* The HTTP library has let go of the filter. */
static void conn_free(void *conn)
{
	struct conn *c = conn;
	struct http_server *s = c->server;

	evbuffer_remove_cb(bufferevent_get_output(c->sock), drained, c);
	if (s != NULL) {
		TAILQ_REMOVE(&s->phase[c->phase], c, link);
		if (s->passing == c)
			s->passing = NULL;
		server_conn_freed(s);
	}
	free(c);
}

/* Fails only for want of memory, and must not: without the filter there would be no gate. */
static void build(struct conn *c, struct event_base *base)
{
	c->sock = bufferevent_socket_new(base, -1, BEV_OPT_CLOSE_ON_FREE);
	if (c->sock == NULL)
		abort();
	c->bev = bufferevent_filter_new(c->sock, filter_in, filter_out, BEV_OPT_CLOSE_ON_FREE,
					conn_free, c);
	if (c->bev == NULL)
		abort();
	bufferevent_disable(c->sock, EV_WRITE);
	bufferevent_setwatermark(c->sock, EV_READ, 0, READ_AHEAD);
	if (evbuffer_add_cb(bufferevent_get_output(c->sock), drained, c) == NULL)
		abort();
}

struct bufferevent *conn_new(struct http_server *s)
{
	struct conn *c = calloc(1, sizeof(*c));

	if (c == NULL)
		abort();
	c->server = s;
	gate_init(&c->gate, &s->limits);
	build(c, s->base);
	TAILQ_INSERT_TAIL(&s->phase[PHASE_HEAD], c, link);
	conn_enter(c, PHASE_HEAD);
	return c->bev;
}

void conn_flush(struct conn *c)
{
	bufferevent_flush(c->bev, EV_WRITE, BEV_FLUSH);
	push(c);
}

void conn_next(struct conn *c)
{
	gate_init(&c->gate, &c->server->limits);
	conn_enter(c, PHASE_IDLE);
	if (evbuffer_get_length(bufferevent_get_input(c->sock)) > 0)
		bufferevent_trigger(c->sock, EV_READ,
				    BEV_TRIG_IGNORE_WATERMARKS | BEV_TRIG_DEFER_CALLBACKS);
}

void conn_close(struct conn *c)
{
	conn_enter(c, PHASE_GONE);
	bufferevent_trigger_event(c->bev, BEV_EVENT_READING | BEV_EVENT_EOF, 0);
}

/* The connection longest in a phase, where that is long enough for its bytes to have been read. */
static struct conn *oldest(const struct http_server *s, enum phase phase)
{
	struct conn *c = TAILQ_FIRST(&s->phase[phase]);
	int64_t left = ((int64_t)phase_ms(s, phase) - EVICT_AGE_MS) * 1000;

	return c != NULL && c->deadline - clock_mono() <= left ? c : NULL;
}

void conn_evict(struct http_server *s)
{
	struct conn *c = oldest(s, PHASE_HEAD);

	if (c == NULL)
		c = oldest(s, PHASE_IDLE);
	if (c == NULL) {
		wake_at(s, clock_mono() + EVICT_AGE_MS * 1000);
		return;
	}
	s->stats.evicted++;
	conn_close(c);
}

void conn_drain_idle(struct http_server *s)
{
	struct conn *c, *next, *last = TAILQ_LAST(&s->phase[PHASE_IDLE], conn_list);

	for (c = TAILQ_FIRST(&s->phase[PHASE_HEAD]); c != NULL; c = next) {
		next = TAILQ_NEXT(c, link);
		if (c->gate.seen == 0)
			conn_enter(c, PHASE_IDLE);
	}
	while (last != NULL) {
		c = TAILQ_FIRST(&s->phase[PHASE_IDLE]);
		conn_enter(c, PHASE_IDLE);
		if (c == last)
			return;
	}
}

static void expire(struct conn *c)
{
	bool begun = c->phase == PHASE_BODY || (c->phase == PHASE_HEAD && c->gate.seen > 0);

	if (c->phase != PHASE_LINGER && c->phase != PHASE_IDLE)
		c->server->stats.timed_out++;
	if (begun)
		refuse(c, GATE_TIMEOUT);
	else
		conn_close(c);
}

void conn_sweep(struct http_server *s)
{
	int64_t now = clock_mono(), next = 0;

	s->timer_at = 0;
	for (enum phase p = 0; p < PHASES; p++) {
		struct conn *c;

		if (phase_ms(s, p) == 0)
			continue;
		while ((c = TAILQ_FIRST(&s->phase[p])) != NULL && c->deadline <= now)
			expire(c);
		if (c != NULL && (next == 0 || c->deadline < next))
			next = c->deadline;
	}
	if (next != 0)
		wake_at(s, next);
	if (s->full)
		conn_evict(s);
}
