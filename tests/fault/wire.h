/* One keep-alive HTTP/1.1 connection of a load client, on epoll: a request out, its answer in, and
 * an honest account of how it ended. */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { WIRE_OUT = 2048, WIRE_IN = 65536, WIRE_PATIENCE_US = 15000000 };

enum wire_event {
	WIRE_BUSY,	/* nothing to tell yet */
	WIRE_ANSWER,	/* status and body are there */
	WIRE_REFUSED,	/* nobody listened: the request was not sent */
	WIRE_LOST,	/* the connection ended before a whole answer: outcome unknown */
	WIRE_LATE,	/* no answer in time: likewise */
};

struct wire {
	int epoll, port;
	int fd;			/* -1: not connected */
	bool connecting, reused;	/* reused: an answer came over it before */
	char out[WIRE_OUT], in[WIRE_IN];
	size_t out_len, out_at, in_len;
	int64_t sent_at;	/* clock_mono() */
	int status;
	const char *body;	/* NUL-terminated; until the next wire_send() */
	void *owner;		/* what epoll hands back */
};

void wire_init(struct wire *w, int epoll, int port, void *owner);
/* Sends a POST, over a new connection where there is none. */
enum wire_event wire_send(struct wire *w, const char *path, const char *token, const char *key,
			  const char *body);
/* epoll said that something happened. */
enum wire_event wire_ready(struct wire *w);
/* Whether the answer is overdue; then the connection is closed. */
enum wire_event wire_tick(struct wire *w, int64_t now);
void wire_close(struct wire *w);
