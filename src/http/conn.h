/* A connection: the socket, the gate before it, and where it stands. Private to src/http.
 *
 * Bytes are kept until the gate has passed the whole of a head and the body that was declared has
 * come; then they become an exchange's, and what follows is kept for the next request. Between
 * requests a connection holds no memory but itself.
 *
 * Each phase is a list in order of deadline; one timer serves them all.
 */
#pragma once
#include <stdint.h>
#include <sys/queue.h>

#include <event2/event.h>
#include <event2/event_struct.h>

#include "gate.h"

struct evbuffer;
struct evconnlistener;
struct sockaddr;

enum phase {
	PHASE_HEAD,	/* a head is wanted or under way */
	PHASE_BODY,	/* the head has passed, its body is under way */
	PHASE_BUSY,	/* the handler has the request; no deadline */
	PHASE_SEND,	/* the reply is on its way */
	PHASE_NEXT,	/* the next request has begun to come, and is yet to be looked at */
	PHASE_IDLE,	/* between requests */
	PHASE_LINGER,	/* refused, or the last reply is taken: the client may read it to its end */
	PHASES
};

/* READ_MAX is what one read takes; the text of an address has a NUL. */
enum { READ_MAX = 16384, PEER_SIZE = 48 };

struct http_conn {
	TAILQ_ENTRY(http_conn) link;
	struct http_server *server;
	struct http_exchange *exchange;	/* in PHASE_BUSY */
	struct evbuffer *out;		/* what the kernel is yet to take, or NULL */
	char *in;			/* unread: in_len bytes and room for a NUL, or NULL */
	size_t in_len;
	int64_t deadline;
	struct gate gate;
	struct event event;		/* waits for what watching says */
	int fd;
	short watching;			/* EV_READ, EV_WRITE or 0 */
	bool last;			/* closes after the reply */
	enum phase phase;
	char peer[PEER_SIZE];
};
TAILQ_HEAD(http_conn_list, http_conn);

/* The server as connections and exchanges see it. */
struct http_server {
	struct event_base *base;
	struct evconnlistener *listener;	/* NULL once draining */
	struct event *timer, *turn, *pause, *drain;
	struct http_limits limits;
	http_handler handler;
	void *arg;
	struct http_conn_list phase[PHASES];
	int64_t timer_at;	/* when the timer fires; 0 where it does not */
	bool full, paused, draining;
	void (*done)(size_t left, void *arg);
	void *done_arg;
	struct http_stats stats;
	char bytes[READ_MAX];	/* of the read under way */
};

/* Takes the descriptor over. */
void http_conn_new(struct http_server *s, int fd, const struct sockaddr *peer, int len);
/* Closes at once; its exchange, where it has one, goes on without it. */
void http_conn_free(struct http_conn *c);
void http_conn_enter(struct http_conn *c, enum phase phase);
/* Hands over the request that has come whole, with a NUL behind it: to be freed. */
char *http_conn_take(struct http_conn *c);
/* Where to write to; then http_conn_flush(). */
struct evbuffer *http_conn_out(struct http_conn *c);
/* Writes what the kernel takes, and the rest when it can. In PHASE_SEND all that is left is then
 * the end of the reply. The connection may be gone after the call. */
void http_conn_flush(struct http_conn *c);
/* Looks at the requests of PHASE_NEXT. */
void http_conn_take_turns(struct http_server *s);
/* Closes the connection with the oldest unfinished head, else with the oldest unfinished body, else
 * the one idle longest. Where all are too young to have been heard, tries again from the timer while
 * the server is full. */
void http_conn_evict(struct http_server *s);
/* While draining: connections between requests get drain_idle_ms. */
void http_conn_drain_idle(struct http_server *s);
/* What the timer does: closes or refuses whatever is past its deadline. */
void http_conn_sweep(struct http_server *s);

/* A connection has been freed. */
void server_conn_freed(struct http_server *s);
/* A connection or an exchange has ended: a drain may be over. */
void server_check_drained(struct http_server *s);
/* A whole request has come: on to the handler. The connection may be gone after the call. */
void exchange_begin(struct http_conn *c);
/* Its connection is going. */
void exchange_lost(struct http_exchange *x);
/* Cuts the bytes of a request that the gate has passed into strings. headers has room for one more
 * than the gate counted, paths for the path twice, with NULs. */
void request_fill(struct http_request *r, const struct gate *g, char *bytes,
		  struct http_header *headers, char *paths);
