#include "conn.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include <event2/buffer.h>
#include <event2/util.h>

#include "base/die.h"

struct http_exchange {
	struct http_server *server;
	struct http_conn *conn;		/* NULL once the client has gone */
	char *bytes;			/* the request, cut into strings */
	struct http_request request;
	char peer[PEER_SIZE];
	struct http_header headers[];	/* then the raw path and the decoded one */
};

static struct http_exchange *exchange_new(struct http_conn *c)
{
	size_t headers = (c->gate.headers + 1u) * sizeof(struct http_header);
	struct http_exchange *x = must_calloc(1, sizeof(*x) + headers + 2 * (c->gate.path_len + 1u));

	x->server = c->server;
	x->conn = c;
	x->request.peer = memcpy(x->peer, c->peer, PEER_SIZE);
	x->bytes = http_conn_take(c);
	request_fill(&x->request, &c->gate, x->bytes, x->headers, (char *)x->headers + headers);
	return x;
}

void exchange_begin(struct http_conn *c)
{
	struct http_server *s = c->server;
	struct http_exchange *x = exchange_new(c);

	c->exchange = x;
	http_conn_enter(c, PHASE_BUSY);
	s->stats.exchanges++;
	s->stats.requests++;
	s->handler(x, &x->request, s->arg);
}

void exchange_lost(struct http_exchange *x)
{
	x->conn = NULL;
}

bool http_exchange_connected(const struct http_exchange *x)
{
	return x->conn != NULL;
}

/* Tokens, passwords and names came in by it. */
static void forget_bytes(struct http_exchange *x)
{
	explicit_bzero(x->bytes, (size_t)(x->request.body - x->bytes) + x->request.body_len);
	free(x->bytes);
}

static void exchange_end(struct http_exchange *x)
{
	struct http_server *s = x->server;

	s->stats.exchanges--;
	forget_bytes(x);
	free(x);
	server_check_drained(s);
}

/* What has been written is the whole reply. */
static void send_reply(struct http_exchange *x)
{
	struct http_conn *c = x->conn;

	exchange_end(x);
	if (c == NULL)
		return;
	c->exchange = NULL;
	http_conn_enter(c, PHASE_SEND);
	http_conn_flush(c);
}

/* ---- the head ---- */

static const char *phrase(int status)
{
	static const struct {
		int status;
		const char *phrase;
	} known[] = {
		{ 200, "OK" }, { 201, "Created" }, { 202, "Accepted" }, { 204, "No Content" },
		{ 303, "See Other" }, { 304, "Not Modified" }, { 400, "Bad Request" },
		{ 401, "Unauthorized" }, { 403, "Forbidden" }, { 404, "Not Found" },
		{ 405, "Method Not Allowed" }, { 406, "Not Acceptable" }, { 409, "Conflict" },
		{ 410, "Gone" }, { 412, "Precondition Failed" }, { 413, "Content Too Large" },
		{ 415, "Unsupported Media Type" }, { 422, "Unprocessable Content" },
		{ 428, "Precondition Required" }, { 429, "Too Many Requests" },
		{ 500, "Internal Server Error" }, { 503, "Service Unavailable" },
	};

	for (size_t i = 0; i < sizeof(known) / sizeof(*known); i++)
		if (known[i].status == status)
			return known[i].phrase;
	return "";
}

static bool clean(const char *s)
{
	for (; *s != '\0'; s++)
		if ((unsigned char)*s < ' ' || *s == 0x7f)
			return false;
	return true;
}

static bool all_clean(const struct http_header *headers, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (!clean(headers[i].name) || !clean(headers[i].value))
			return false;
	return true;
}

static bool lists_close(const char *options)
{
	size_t len;

	for (options += strspn(options, ", \t"); *options != '\0'; options += strspn(options, ", \t")) {
		len = strcspn(options, ", \t");
		if (len == strlen("close") && strncasecmp(options, "close", len) == 0)
			return true;
		options += len;
	}
	return false;
}

/* Options may come in several lines (RFC 9110 §7.6.1). */
static bool wants_close(const struct http_request *r)
{
	for (const struct http_header *h = r->headers; h->name != NULL; h++)
		if (strcasecmp(h->name, "Connection") == 0 && lists_close(h->value))
			return true;
	return false;
}

static void put(struct evbuffer *out, const char *s)
{
	evbuffer_add(out, s, strlen(s));
}

/* framing is the line that says how long the body is, or "". */
static void add_head(struct http_exchange *x, int status, const struct http_header *headers,
		     size_t n, const char *framing)
{
	struct http_conn *c = x->conn;
	struct evbuffer *out = http_conn_out(c);
	char date[40];

	c->last = x->server->draining || wants_close(&x->request);
	evutil_date_rfc1123(date, sizeof(date), NULL);
	evbuffer_add_printf(out, "HTTP/1.1 %d %s\r\n", status, phrase(status));
	for (size_t i = 0; i < n; i++) {
		put(out, headers[i].name);
		put(out, ": ");
		put(out, headers[i].value);
		put(out, "\r\n");
	}
	evbuffer_add_printf(out, "Date: %s\r\n%s%s\r\n", date, framing,
			    c->last ? "Connection: close\r\n" : "");
}

/* ---- replies ---- */

static bool has_body(const struct http_exchange *x, int status)
{
	return x->request.method != HTTP_HEAD && status != 204 && status != 304;
}

/* False where nobody is there to be answered; then the exchange has ended. */
static bool begin_reply(struct http_exchange *x, int status, const struct http_header *headers,
			size_t n, size_t len)
{
	char framing[48] = "";

	if (x->conn == NULL) {
		x->server->stats.dropped++;
		exchange_end(x);
		return false;
	}
	if (status != 204 && status != 304)
		snprintf(framing, sizeof(framing), "Content-Length: %zu\r\n", len);
	add_head(x, status, headers, n, framing);
	return true;
}

void http_reply(struct http_exchange *x, int status, const struct http_header *headers, size_t n,
		const void *body, size_t len)
{
	if (!all_clean(headers, n)) {
		http_reply(x, 500, NULL, 0, NULL, 0);
		return;
	}
	if (!begin_reply(x, status, headers, n, len))
		return;
	if (has_body(x, status) && len > 0)
		evbuffer_add(x->conn->out, body, len);
	send_reply(x);
}

struct release {
	void (*fn)(void *);
	void *arg;
};

static void call_release(const void *bytes, size_t len, void *release)
{
	struct release *r = release;

	(void)bytes, (void)len;
	if (r->fn != NULL)
		r->fn(r->arg);
	free(r);
}

void http_reply_reference(struct http_exchange *x, int status, const struct http_header *headers,
			  size_t n, const void *body, size_t len, void (*release)(void *),
			  void *arg)
{
	struct release *r = must_malloc(sizeof(*r));

	*r = (struct release){ release, arg };
	if (len == 0 || !has_body(x, status) || !all_clean(headers, n)) {
		http_reply(x, status, headers, n, body, len);
		call_release(body, len, r);
	} else if (!begin_reply(x, status, headers, n, len)) {
		call_release(body, len, r);
	} else {
		evbuffer_add_reference(x->conn->out, body, len, call_release, r);
		send_reply(x);
	}
}

void http_stream_begin(struct http_exchange *x, int status, const struct http_header *headers,
		       size_t n)
{
	if (x->conn == NULL)
		return;
	add_head(x, status, headers, n, has_body(x, status) ? "Transfer-Encoding: chunked\r\n" : "");
	http_conn_flush(x->conn);
}

bool http_stream_send(struct http_exchange *x, const void *bytes, size_t len, size_t behind)
{
	struct evbuffer *out;

	if (x->conn == NULL)
		return false;
	out = http_conn_out(x->conn);
	if (evbuffer_get_length(out) > behind)
		return false;
	if (has_body(x, 200) && len > 0) {
		evbuffer_add_printf(out, "%zx\r\n", len);
		evbuffer_add(out, bytes, len);
		evbuffer_add(out, "\r\n", 2);
	}
	http_conn_flush(x->conn);
	return true;
}

void http_stream_end(struct http_exchange *x)
{
	if (x->conn == NULL)
		x->server->stats.dropped++;
	else if (has_body(x, 200))
		evbuffer_add(http_conn_out(x->conn), "0\r\n\r\n", 5);
	send_reply(x);
}
