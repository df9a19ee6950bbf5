/* A connection: the socket, the gate over it, and where it stands. Private to src/http.
 *
 * Under the HTTP library lies a filter. Inwards it holds a head back until the gate has passed the
 * whole of it, hands over the body that was declared and not a byte more, and keeps what follows
 * for the next request. Outwards it reports "written" only once the kernel has taken everything.
 *
 * Each phase is a list in order of deadline; one timer serves them all.
 */
#pragma once
#include <stdint.h>
#include <sys/queue.h>

#include <event2/bufferevent.h>
#include <event2/http.h>

#include "gate.h"

enum phase {
	PHASE_HEAD,	/* a head is wanted or under way */
	PHASE_BODY,	/* the head has passed, its body is under way */
	PHASE_BUSY,	/* the handler has the request; no deadline */
	PHASE_SEND,	/* the reply is on its way */
	PHASE_TAKEN,	/* the kernel has taken it all; the HTTP library is yet to be told */
	PHASE_IDLE,	/* between requests */
	PHASE_LINGER,	/* refused: the client may read why */
	PHASE_GONE,	/* closing */
	PHASES
};

struct conn {
	TAILQ_ENTRY(conn) link;
	struct http_server *server;	/* NULL once the server has gone */
	struct bufferevent *sock, *bev;	/* bev is the filter over sock */
	int64_t deadline;
	uint64_t body_left;
	struct gate gate;
	enum phase phase;
};
TAILQ_HEAD(conn_list, conn);

/* The server as connections and exchanges see it. */
struct http_server {
	struct event_base *base;
	struct evhttp *http;
	struct evhttp_bound_socket *bound;	/* NULL once draining */
	struct evconnlistener *listener;
	struct event *timer, *taken, *pause, *drain;
	struct http_limits limits;
	http_handler handler;
	void *arg;
	struct conn_list phase[PHASES];
	struct conn *passing;	/* whose bytes the gate let through last */
	int64_t timer_at;	/* when the timer fires; 0 where it does not */
	bool full, paused, draining;
	void (*done)(size_t left, void *arg);
	void *done_arg;
	struct http_stats stats;
	struct http_server *next;
};

/* The filtered bufferevent of a new connection, for the HTTP library. */
struct bufferevent *conn_new(struct http_server *s);
void conn_enter(struct conn *c, enum phase phase);
/* Pushes out what the HTTP library has written. Call after each write. */
void conn_flush(struct conn *c);
/* The reply has been taken: looks for the next request. */
void conn_next(struct conn *c);
/* Tells the HTTP library of the replies that have been taken. */
void conn_tell_taken(struct http_server *s);
/* Closes at once. Never from inside a callback of the same connection. */
void conn_close(struct conn *c);
/* Closes the connection with the oldest unfinished head, or else the one idle longest. Where all
 * are too young to have been heard, tries again from the timer while the server is full. */
void conn_evict(struct http_server *s);
/* While draining: connections between requests get drain_idle_ms. */
void conn_drain_idle(struct http_server *s);
/* What the timer does: closes or refuses whatever is past its deadline. */
void conn_sweep(struct http_server *s);

/* A connection has been freed. */
void server_conn_freed(struct http_server *s);
/* A connection or an exchange has ended: a drain may be over. */
void server_check_drained(struct http_server *s);
/* The HTTP library's callback for each request. */
void exchange_begin(struct evhttp_request *req, void *server);
/* Fills everything but the method; paths has room for twice the target and two NULs. */
void request_fill(struct http_request *r, struct evhttp_request *req, char *paths);
