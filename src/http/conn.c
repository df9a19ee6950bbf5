#include "conn.h"

#include <errno.h>
#include <netdb.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <event2/buffer.h>

#include "base/clock.h"
#include "base/die.h"

enum { MIN_TIMER_MS = 10, EVICT_AGE_MS = 100, REFUSAL_SIZE = 512 };

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

void http_conn_enter(struct http_conn *c, enum phase phase)
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

static void on_event(int fd, short what, void *conn);

static void watch(struct http_conn *c, short what)
{
	if (c->watching == what)
		return;
	if (c->watching != 0)
		event_del(&c->event);
	c->watching = what;
	if (what == 0)
		return;
	event_assign(&c->event, c->server->base, c->fd, (short)(what | EV_PERSIST), on_event, c);
	if (event_add(&c->event, NULL) < 0)
		die("http_conn: event_add");
}

void http_conn_new(struct http_server *s, int fd, const struct sockaddr *peer, int len)
{
	struct http_conn *c = must_calloc(1, sizeof(*c));

	c->server = s;
	c->fd = fd;
	gate_init(&c->gate, &s->limits);
	if (getnameinfo(peer, (socklen_t)len, c->peer, sizeof(c->peer), NULL, 0,
			NI_NUMERICHOST) != 0)
		c->peer[0] = '\0';
	TAILQ_INSERT_TAIL(&s->phase[PHASE_HEAD], c, link);
	http_conn_enter(c, PHASE_HEAD);
	watch(c, EV_READ);
}

static void forget_input(struct http_conn *c)
{
	if (c->in != NULL)
		explicit_bzero(c->in, c->in_len);
	free(c->in);
	c->in = NULL;
	c->in_len = 0;
}

void http_conn_free(struct http_conn *c)
{
	struct http_server *s = c->server;

	if (c->exchange != NULL)
		exchange_lost(c->exchange);
	watch(c, 0);
	close(c->fd);
	TAILQ_REMOVE(&s->phase[c->phase], c, link);
	forget_input(c);
	if (c->out != NULL)
		evbuffer_free(c->out);
	free(c);
	server_conn_freed(s);
}

/* ---- out ---- */

struct evbuffer *http_conn_out(struct http_conn *c)
{
	if (c->out == NULL)
		c->out = evbuffer_new();
	if (c->out == NULL)
		die("evbuffer_new");
	return c->out;
}

static bool again(void)
{
	return errno == EAGAIN || errno == EINTR;
}

/* A request that came while another was answered waits for the loop: any number may come at once,
 * and each would be another call on the stack. */
static void next_request(struct http_conn *c)
{
	gate_init(&c->gate, &c->server->limits);
	if (c->in_len > 0) {
		http_conn_enter(c, PHASE_NEXT);
		event_active(c->server->turn, EV_TIMEOUT, 0);
		return;
	}
	http_conn_enter(c, PHASE_IDLE);
	watch(c, EV_READ);
}

/* Nothing more is sent; what comes is dropped. A close() while bytes are unread would make the kernel
 * reset the connection, and the client lose what it has not read yet. */
static void linger(struct http_conn *c)
{
	shutdown(c->fd, SHUT_WR);
	forget_input(c);
	http_conn_enter(c, PHASE_LINGER);
	watch(c, EV_READ);
}

static void all_taken(struct http_conn *c)
{
	if (c->watching == EV_WRITE)
		watch(c, 0);
	if (c->phase != PHASE_SEND)
		return;
	if (c->last)
		linger(c);
	else
		next_request(c);
}

void http_conn_flush(struct http_conn *c)
{
	bool lost = c->out != NULL && evbuffer_write(c->out, c->fd) < 0 && !again();

	if (lost) {
		http_conn_free(c);
		return;
	}
	if (c->out != NULL && evbuffer_get_length(c->out) > 0) {
		watch(c, EV_WRITE);
		return;
	}
	if (c->out != NULL)
		evbuffer_free(c->out);
	c->out = NULL;
	all_taken(c);
}

/* No reply is on its way while a request comes: the kernel has room for this one, and where it has
 * not the client does not read. */
static void refuse(struct http_conn *c, enum gate_verdict verdict)
{
	const struct gate_refusal *r = gate_refusal(verdict);
	char body[REFUSAL_SIZE / 2], text[REFUSAL_SIZE];
	int len = snprintf(body, sizeof(body),
			   "{\"type\":\"/problems/%s\",\"title\":\"%s\",\"status\":%d}\n",
			   r->slug, r->title, r->status);

	len = snprintf(text, sizeof(text),
		       "HTTP/1.1 %d %s\r\nContent-Type: application/problem+json\r\n"
		       "Content-Length: %d\r\nCache-Control: no-store\r\n"
		       "Connection: close\r\n\r\n%s", r->status, r->title, len, body);
	send(c->fd, text, (size_t)len, MSG_NOSIGNAL);
	linger(c);
}

/* ---- in ---- */

/* Not by realloc(), which would leave what it copied: a request may hold a password. */
static void keep(struct http_conn *c, const char *bytes, size_t len)
{
	size_t before = c->in_len;
	char *grown = must_malloc(before + len + 1);

	if (before > 0)
		memcpy(grown, c->in, before);
	memcpy(grown + before, bytes, len);
	forget_input(c);
	c->in = grown;
	c->in_len = before + len;
}

char *http_conn_take(struct http_conn *c)
{
	size_t len = c->gate.seen + c->gate.body, rest = c->in_len - len;
	char *bytes = c->in;

	c->in = NULL;
	c->in_len = 0;
	if (rest > 0)
		keep(c, bytes + len, rest);
	explicit_bzero(bytes + len, rest);
	bytes[len] = '\0';
	return bytes;
}

/* A body beyond the common limit is for certain targets only. */
static bool body_allowed(const struct http_conn *c)
{
	const struct http_limits *l = &c->server->limits;
	const struct gate *g = &c->gate;

	return g->body <= l->body ||
	       (l->large_body != NULL && l->large_body(g->method, c->in + g->target_at, g->path_len));
}

static void read_head(struct http_conn *c)
{
	struct gate *g = &c->gate;
	enum gate_verdict verdict = gate_feed(g, c->in + g->seen, c->in_len - g->seen);

	if (verdict == GATE_MORE)
		return;
	if (verdict == GATE_HEAD && !body_allowed(c))
		verdict = GATE_BODY_LARGE;
	if (verdict == GATE_HEAD) {
		http_conn_enter(c, PHASE_BODY);
		return;
	}
	c->server->stats.refused++;
	refuse(c, verdict);
}

/* The connection may be gone after the call. */
static void look(struct http_conn *c)
{
	if (c->phase == PHASE_HEAD)
		read_head(c);
	if (c->phase == PHASE_BODY && c->in_len - c->gate.seen >= c->gate.body)
		exchange_begin(c);
}

static void on_readable(struct http_conn *c)
{
	char *bytes = c->server->bytes;
	ssize_t n = recv(c->fd, bytes, READ_MAX, 0);

	if (n < 0 && again())
		return;
	if (n <= 0) {
		http_conn_free(c);
		return;
	}
	if (c->phase == PHASE_LINGER)
		return;
	if (c->phase == PHASE_IDLE)
		http_conn_enter(c, PHASE_HEAD);
	keep(c, bytes, (size_t)n);
	explicit_bzero(bytes, (size_t)n);
	look(c);
}

static bool reads(const struct http_conn *c)
{
	return c->phase == PHASE_HEAD || c->phase == PHASE_BODY || c->phase == PHASE_IDLE ||
	       c->phase == PHASE_LINGER;
}

/* While a request is answered nothing is read, so that a client can not fill the memory, and one
 * that has closed its sending half still gets the reply. Most are answered before more comes, so the
 * event is taken out only when it fires. */
static void on_event(int fd, short what, void *conn)
{
	struct http_conn *c = conn;

	(void)fd;
	if (what & EV_WRITE)
		http_conn_flush(c);
	else if (reads(c))
		on_readable(c);
	else
		watch(c, 0);
}

/* Each once: what comes after that goes to the end of the list. */
void http_conn_take_turns(struct http_server *s)
{
	struct http_conn *c, *last = TAILQ_LAST(&s->phase[PHASE_NEXT], http_conn_list);
	bool more = last != NULL;

	while (more) {
		c = TAILQ_FIRST(&s->phase[PHASE_NEXT]);
		more = c != last;
		http_conn_enter(c, PHASE_HEAD);
		watch(c, EV_READ);
		look(c);
	}
}

/* ---- limits ---- */

/* The connection longest in a phase, where that is long enough for its bytes to have been read. */
static struct http_conn *oldest(const struct http_server *s, enum phase phase)
{
	struct http_conn *c = TAILQ_FIRST(&s->phase[phase]);
	int64_t left = ((int64_t)phase_ms(s, phase) - EVICT_AGE_MS) * 1000;

	return c != NULL && c->deadline - clock_mono() <= left ? c : NULL;
}

void http_conn_evict(struct http_server *s)
{
	static const enum phase order[] = { PHASE_HEAD, PHASE_BODY, PHASE_IDLE };
	struct http_conn *c = NULL;

	for (size_t i = 0; c == NULL && i < sizeof(order) / sizeof(*order); i++)
		c = oldest(s, order[i]);
	if (c == NULL) {
		wake_at(s, clock_mono() + EVICT_AGE_MS * 1000);
		return;
	}
	s->stats.evicted++;
	http_conn_free(c);
}

void http_conn_drain_idle(struct http_server *s)
{
	struct http_conn *c, *next, *last = TAILQ_LAST(&s->phase[PHASE_IDLE], http_conn_list);

	for (c = TAILQ_FIRST(&s->phase[PHASE_HEAD]); c != NULL; c = next) {
		next = TAILQ_NEXT(c, link);
		if (c->gate.seen == 0)
			http_conn_enter(c, PHASE_IDLE);
	}
	while (last != NULL) {
		c = TAILQ_FIRST(&s->phase[PHASE_IDLE]);
		http_conn_enter(c, PHASE_IDLE);
		if (c == last)
			return;
	}
}

static void expire(struct http_conn *c)
{
	bool begun = c->phase == PHASE_BODY || (c->phase == PHASE_HEAD && c->gate.seen > 0);

	if (c->phase != PHASE_LINGER && c->phase != PHASE_IDLE)
		c->server->stats.timed_out++;
	if (begun)
		refuse(c, GATE_TIMEOUT);
	else
		http_conn_free(c);
}

void http_conn_sweep(struct http_server *s)
{
	int64_t now = clock_mono(), next = 0;

	s->timer_at = 0;
	for (enum phase p = 0; p < PHASES; p++) {
		struct http_conn *c = TAILQ_FIRST(&s->phase[p]), *behind;

		if (phase_ms(s, p) == 0)
			continue;
		for (; c != NULL && c->deadline <= now; c = behind) {
			behind = TAILQ_NEXT(c, link);
			expire(c);
		}
		if (c != NULL && (next == 0 || c->deadline < next))
			next = c->deadline;
	}
	if (next != 0)
		wake_at(s, next);
	if (s->full)
		http_conn_evict(s);
}
