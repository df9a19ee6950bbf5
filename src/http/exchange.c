#include "conn.h"

#include <stdlib.h>
#include <string.h>

#include <event2/buffer.h>
#include <event2/event.h>
#include <event2/http_struct.h>

/* The request belongs to the exchange until it is answered: the HTTP library lets go of a request
 * whose connection fails, and frees an answered one itself. */
struct http_exchange {
	struct http_server *server;
	struct conn *conn;		/* valid while http_exchange_connected() */
	struct evhttp_request *req;
	struct http_request request;
	char paths[];			/* the raw path, then the decoded one */
};

static struct http_exchange *exchange_new(struct conn *c, struct evhttp_request *req)
{
	const char *target = evhttp_request_get_uri(req);
	struct http_exchange *x = calloc(1, sizeof(*x) + 2 * strlen(target) + 2);

	if (x == NULL)
		abort();
	*x = (struct http_exchange){ .server = c->server, .conn = c, .req = req };
	x->request.method = c->gate.method;
	request_fill(&x->request, req, x->paths);
	return x;
}

/* The library hands over each request while the gate passes its last byte. */
void exchange_begin(struct evhttp_request *req, void *server)
{
	struct http_server *s = server;
	struct conn *c = s->passing;
	struct evhttp_connection *evcon = evhttp_request_get_connection(req);
	struct http_exchange *x;

	if (c == NULL || evhttp_connection_get_bufferevent(evcon) != c->bev)
		abort();
	x = exchange_new(c, req);
	conn_enter(c, PHASE_BUSY);
	s->stats.exchanges++;
	s->stats.requests++;
	s->handler(x, &x->request, s->arg);
}

bool http_exchange_connected(const struct http_exchange *x)
{
	return evhttp_request_get_connection(x->req) != NULL;
}

static void exchange_end(struct http_exchange *x)
{
	struct http_server *s = x->server;

	s->stats.exchanges--;
	free(x);
	server_check_drained(s);
}

/* Nobody to answer: the request is ours to free. */
static void drop(struct http_exchange *x)
{
	x->server->stats.dropped++;
	evhttp_request_free(x->req);
	exchange_end(x);
}

static void on_taken(struct evhttp_request *req, void *conn)
{
	(void)req;
	conn_next(conn);
}

/* Those the HTTP library names "Client Error" only. */
static const char *phrase(int status)
{
	switch (status) {
	case 422: return "Unprocessable Content";
	case 428: return "Precondition Required";
	case 429: return "Too Many Requests";
	default: return NULL;
	}
}

static bool clean(const char *s)
{
	for (; *s != '\0'; s++)
		if ((unsigned char)*s < ' ' || *s == 0x7f)
			return false;
	return true;
}

static bool add_headers(struct http_exchange *x, const struct http_header *headers, size_t n)
{
	struct evkeyvalq *out = evhttp_request_get_output_headers(x->req);

	if (x->server->draining)
		evhttp_add_header(out, "Connection", "close");
	for (size_t i = 0; i < n; i++) {
		if (!clean(headers[i].name) || !clean(headers[i].value) ||
		    evhttp_add_header(out, headers[i].name, headers[i].value) < 0)
			return false;
	}
	return true;
}

static void send_reply(struct http_exchange *x, int status)
{
	struct conn *c = x->conn;

	evhttp_request_set_on_complete_cb(x->req, on_taken, c);
	evhttp_send_reply(x->req, status, phrase(status), NULL);
	/* What the client sends or closes meanwhile must not cut the reply short. */
	bufferevent_disable(c->bev, EV_READ);
	conn_enter(c, PHASE_SEND);
	conn_flush(c);
	exchange_end(x);
}

static void send_fault(struct http_exchange *x)
{
	struct evkeyvalq *out = evhttp_request_get_output_headers(x->req);

	evhttp_clear_headers(out);
	add_headers(x, NULL, 0);
	send_reply(x, 500);
}

/* For HEAD: the length a GET would have got. */
static void measure(struct http_exchange *x, int status, size_t len)
{
	char digits[24];

	if (x->request.method != HTTP_HEAD || status == 204 || status == 304)
		return;
	snprintf(digits, sizeof(digits), "%zu", len);
	evhttp_add_header(evhttp_request_get_output_headers(x->req), "Content-Length", digits);
}

static bool has_body(const struct http_exchange *x, int status)
{
	return x->request.method != HTTP_HEAD && status != 204 && status != 304;
}

struct release {
	void (*fn)(void *);
	void *arg;
};

static void call_release(const void *bytes, size_t len, void *release)
{
	struct release *r = release;

	(void)bytes, (void)len;
	r->fn(r->arg);
	free(r);
}

/* Takes over the duty to release. */
static void attach(struct evhttp_request *req, const void *body, size_t len, struct release want)
{
	struct evbuffer *out = evhttp_request_get_output_buffer(req);
	struct release *r = NULL;

	if (want.fn != NULL) {
		r = malloc(sizeof(*r));
		if (r == NULL)
			abort();
		*r = want;
	}
	if (evbuffer_add_reference(out, body, len, r != NULL ? call_release : NULL, r) < 0)
		abort();
}

/* False where the exchange has ended already. */
static bool begin_reply(struct http_exchange *x, const struct http_header *headers, size_t n)
{
	if (!http_exchange_connected(x)) {
		drop(x);
		return false;
	}
	if (add_headers(x, headers, n))
		return true;
	send_fault(x);
	return false;
}

void http_reply(struct http_exchange *x, int status, const struct http_header *headers, size_t n,
		const void *body, size_t len)
{
	if (!begin_reply(x, headers, n))
		return;
	measure(x, status, len);
	if (has_body(x, status) && len > 0)
		evbuffer_add(evhttp_request_get_output_buffer(x->req), body, len);
	send_reply(x, status);
}

void http_reply_reference(struct http_exchange *x, int status, const struct http_header *headers,
			  size_t n, const void *body, size_t len, void (*release)(void *),
			  void *arg)
{
	struct release want = { release, arg };
	bool attached = false;

	if (begin_reply(x, headers, n)) {
		measure(x, status, len);
		attached = has_body(x, status) && len > 0;
		if (attached)
			attach(x->req, body, len, want);
		send_reply(x, status);
	}
	if (!attached && release != NULL)
		release(arg);
}

void http_stream_begin(struct http_exchange *x, int status, const struct http_header *headers,
		       size_t n)
{
	if (!http_exchange_connected(x))
		return;
	add_headers(x, headers, n);
	evhttp_send_reply_start(x->req, status, phrase(status));
	/* Without pieces the head itself must be what http_stream_end() waits for. */
	if (has_body(x, status))
		conn_flush(x->conn);
}

bool http_stream_send(struct http_exchange *x, const void *bytes, size_t len, size_t behind)
{
	struct evbuffer *piece;

	if (!http_exchange_connected(x))
		return false;
	if (evbuffer_get_length(bufferevent_get_output(x->conn->sock)) > behind)
		return false;
	piece = evbuffer_new();
	if (piece == NULL || evbuffer_add(piece, bytes, len) < 0)
		abort();
	evhttp_send_reply_chunk(x->req, piece);
	evbuffer_free(piece);
	conn_flush(x->conn);
	return true;
}

void http_stream_end(struct http_exchange *x)
{
	struct conn *c = x->conn;

	if (!http_exchange_connected(x)) {
		drop(x);
		return;
	}
	evhttp_request_set_on_complete_cb(x->req, on_taken, c);
	conn_enter(c, PHASE_SEND);
	evhttp_send_reply_end(x->req);
	conn_flush(c);
	exchange_end(x);
}
