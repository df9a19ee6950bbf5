/* One keep-alive HTTP/1.1 connection of a load client, on epoll: it sends a request, reads the
 * answer, and tells exactly how the exchange ended. */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { WIRE_OUT = 2048, WIRE_IN = 65536, WIRE_PATIENCE_US = 15000000 };

enum wire_event {
	WIRE_BUSY,	/* nothing to tell yet */
	WIRE_ANSWER,	/* status and body are there */
	WIRE_REFUSED,	/* the port was closed: the request was not sent */
	WIRE_LOST,	/* the connection ended before a whole answer: outcome unknown */
	WIRE_LATE,	/* no answer in time: likewise */
};

struct wire {
	int epoll, port;
	int fd;			/* -1: not connected */
	bool connecting, reused;	/* reused: an answer came over this connection before */
	char out[WIRE_OUT], in[WIRE_IN];
	size_t out_len, out_at, in_len;
	int64_t sent_at;	/* clock_mono() */
	int status;
	const char *body;	/* NUL-terminated; until the next wire_send() */
	void *owner;		/* the pointer that epoll hands back */
};

void wire_init(struct wire *w, int epoll, int port, void *owner);
/* Sends a POST; opens a connection if there is none. */
enum wire_event wire_send(struct wire *w, const char *path, const char *token, const char *key,
			  const char *body);
/* epoll said that something happened. */
enum wire_event wire_ready(struct wire *w);
/* Closes the connection if the answer is overdue. */
enum wire_event wire_tick(struct wire *w, int64_t now);
void wire_close(struct wire *w);
