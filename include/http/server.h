/* The HTTP server: connections in, requests to one handler, replies out.
 *
 * Under it stands the gate (src/http/gate.h), which refuses malformed framing, oversized heads and
 * bodies, and slow senders before a handler hears of them; those refusals are problem+json with a
 * type of "/problems/<slug>". What reaches the handler is a well-formed HTTP/1.1 request of a known
 * method with its whole body.
 *
 *	struct event_base *base = http_event_base();
 *	struct http_server *s = http_server_new(base, fd, NULL, handle, worker);
 *	event_base_dispatch(base);
 *
 *	static void handle(struct http_exchange *x, const struct http_request *r, void *worker)
 *	{
 *		http_reply(x, 200, headers, 1, "{}", 2);	now, or from any later callback
 *	}
 *
 * One thread: all calls are made on the loop's thread. SIGPIPE must be ignored by the process.
 */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct event_base;
struct http_server;
struct http_exchange;

enum http_method {
	HTTP_GET, HTTP_HEAD, HTTP_POST, HTTP_PUT, HTTP_PATCH, HTTP_DELETE, HTTP_OPTIONS,
	HTTP_METHODS
};

/* "GET" … "OPTIONS". */
const char *http_method_name(enum http_method method);

/* A request. Everything stays valid until the exchange is answered, also when its client has gone;
 * text is NUL-terminated. */
struct http_request {
	enum http_method method;
	const char *target;	/* as sent, with the query string; printable ASCII */
	const char *path;	/* percent-decoded once; no NUL, no backslash, no . or .. segment,
				 * no //; other bytes (control, invalid UTF-8) possible */
	const char *raw_path;	/* as sent, without the query string: for http_route_match() */
	const char *query;	/* after the "?", as sent; "" where there is none */
	const char *body;	/* not text: may hold NUL; "" where there is none */
	size_t body_len;
	const char *peer;	/* numeric address of the other end (perhaps a proxy) */
	const void *headers;	/* private: see http_request_header() */
};

struct http_header {
	const char *name, *value;
};

/* Called for each request. r is valid until x is answered; x must be answered exactly once, now
 * or later. */
typedef void (*http_handler)(struct http_exchange *x, const struct http_request *r, void *arg);

/* Sizes in bytes, times in milliseconds (at least 1), each measured from the start of its phase:
 * not idle times, so a trickle does not prolong them. */
struct http_limits {
	size_t head;		/* request line and headers: 8192 */
	size_t headers;		/* how many headers: 64 */
	size_t body;		/* declared length of a body: 65536 */
	size_t body_large;	/* the same where large_body() allows it; 0 = nowhere */
	/* path is raw and not NUL-terminated */
	bool (*large_body)(enum http_method method, const char *path, size_t len);
	int head_ms;		/* start of the connection or request to its blank line: 10000 */
	int body_ms;		/* blank line to last byte of the body: 20000 */
	int idle_ms;		/* keep-alive between requests: 30000 */
	int send_ms;		/* reply given to reply taken by the client: 60000 */
	int linger_ms;		/* how long a client may take to read a refusal or a last reply, and
				 * to close: 1000 */
	int drain_idle_ms;	/* while draining, a last chance for idle connections: 250 */
	int pause_ms;		/* no accepting after the descriptors ran out: 1000 */
	size_t connections;	/* 0 = descriptor limit less 200; beyond it the connection with the
				 * oldest unfinished head is closed, else the oldest unfinished
				 * body, else the one idle longest */
};

/* The defaults named above; change a copy. */
struct http_limits http_default_limits(void);

/* An event loop for the server: epoll change list, no locks. Aborts where it cannot be made. */
struct event_base *http_event_base(void);

/* Opens a listening TCP socket, TCP_NODELAY set (connections inherit it), non-blocking and
 * close-on-exec; port 0 lets the kernel choose. For the master process: workers inherit the
 * descriptor. -1 with errno on failure (EINVAL: not a numeric address). */
int http_listen(const char *address, uint16_t port, int backlog);
/* The port a listening socket has, or 0. */
uint16_t http_port(int listener);

/* Serves connections of an inherited listening socket. limits NULL: the defaults; they are copied.
 * The descriptor stays the caller's. NULL where libevent has no memory or the socket is no good. */
struct http_server *http_server_new(struct event_base *base, int listener,
				    const struct http_limits *limits, http_handler handler,
				    void *arg);

/* Stops accepting, answers what has begun (replies carry Connection: close), closes idle
 * connections, then calls done(left, arg) once: with 0 when nothing is left, or with the number of
 * open connections after deadline_ms. */
void http_server_drain(struct http_server *s, int deadline_ms,
		       void (*done)(size_t left, void *arg), void *arg);
/* Closes everything at once. No exchange may be open: http_server_exchanges() is 0. Takes NULL. */
void http_server_free(struct http_server *s);

/* What /metrics and /readyz show. */
struct http_stats {
	size_t connections;	/* open now */
	size_t exchanges;	/* handed to the handler and not yet answered */
	uint64_t accepted, requests, refused, timed_out, evicted, dropped;
				/* since the start; dropped: replies whose client had gone */
	uint64_t pauses;	/* times accepting paused for want of descriptors */
};
struct http_stats http_server_stats(const struct http_server *s);

/* The first header of that name (any case), or NULL. */
const char *http_request_header(const struct http_request *r, const char *name);
/* The value of the first cookie of that name (exact case), as sent; *len its length, since it is
 * not terminated. NULL where there is none. */
const char *http_request_cookie(const struct http_request *r, const char *name, size_t *len);

/* Answers, and ends the exchange: x and its request are gone after the call. Dropped without harm
 * where the client has gone. Content-Length, Date and Connection are added here; for HEAD the body
 * is measured, not sent; for 204 and 304 there is none. Headers and body are copied. A header with
 * a control character is a fault of the program: the client gets a bare 500 instead. */
void http_reply(struct http_exchange *x, int status, const struct http_header *headers, size_t n,
		const void *body, size_t len);
/* The same with the body by reference: it must stay as it is until release(arg) is called, which
 * may be before this returns. release NULL: the bytes live for ever (compiled-in files). */
void http_reply_reference(struct http_exchange *x, int status, const struct http_header *headers,
			  size_t n, const void *body, size_t len, void (*release)(void *),
			  void *arg);
/* Whether a reply would still find its client, as far as known. */
bool http_exchange_connected(const struct http_exchange *x);

/* Streams (server-sent events): instead of http_reply(), a status and headers now and pieces later.
 * The exchange stays open until http_stream_end(). http_stream_send() returns false where the
 * client has gone or is more than `behind` bytes late in reading: then end the stream. A vanished
 * client is noticed only by sending, so send a comment line now and then. */
void http_stream_begin(struct http_exchange *x, int status, const struct http_header *headers,
		       size_t n);
bool http_stream_send(struct http_exchange *x, const void *bytes, size_t len, size_t behind)
	__attribute__((warn_unused_result));
void http_stream_end(struct http_exchange *x);
