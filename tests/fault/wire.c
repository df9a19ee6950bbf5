#include "wire.h"

#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/clock.h"

void wire_init(struct wire *w, int epoll, int port, void *owner)
{
	w->epoll = epoll;
	w->port = port;
	w->owner = owner;
	w->fd = -1;
}

void wire_close(struct wire *w)
{
	if (w->fd >= 0)
		close(w->fd);
	w->fd = -1;
	w->reused = false;
}

static void watch(struct wire *w, int op, uint32_t events)
{
	struct epoll_event e = { .events = events, .data.ptr = w->owner };

	if (epoll_ctl(w->epoll, op, w->fd, &e) != 0)
		abort();
}

static enum wire_event end(struct wire *w, enum wire_event how)
{
	wire_close(w);
	return how;
}

static enum wire_event dial(struct wire *w)
{
	struct sockaddr_in to = { .sin_family = AF_INET, .sin_port = htons((uint16_t)w->port) };
	int on = 1;

	to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	w->fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (w->fd < 0)
		abort();
	setsockopt(w->fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
	w->connecting = true;
	if (connect(w->fd, (struct sockaddr *)&to, sizeof(to)) != 0 && errno != EINPROGRESS)
		return end(w, WIRE_REFUSED);
	watch(w, EPOLL_CTL_ADD, EPOLLIN | EPOLLOUT);
	return WIRE_BUSY;
}

static enum wire_event push(struct wire *w)
{
	ssize_t n = send(w->fd, w->out + w->out_at, w->out_len - w->out_at, MSG_NOSIGNAL);

	if (n < 0 && errno != EAGAIN)
		return end(w, WIRE_LOST);
	if (n > 0)
		w->out_at += (size_t)n;
	watch(w, EPOLL_CTL_MOD, w->out_at < w->out_len ? EPOLLIN | EPOLLOUT : EPOLLIN);
	return WIRE_BUSY;
}

enum wire_event wire_send(struct wire *w, const char *path, const char *token, const char *key,
			  const char *body)
{
	int n = snprintf(w->out, sizeof(w->out),
			 "POST %s HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer %s\r\n"
			 "Idempotency-Key: %s\r\nContent-Type: application/json\r\n"
			 "Content-Length: %zu\r\n\r\n%s",
			 path, token, key, strlen(body), body);

	if (n < 0 || n >= (int)sizeof(w->out))
		abort();
	w->out_len = (size_t)n;
	w->out_at = w->in_len = 0;
	w->sent_at = clock_mono();
	return w->fd < 0 ? dial(w) : push(w);
}

/* ---- answers ---- */

static const char *header(const char *head, const char *name)
{
	size_t n = strlen(name);

	for (const char *line = strstr(head, "\r\n"); line; line = strstr(line + 2, "\r\n"))
		if (strncasecmp(line + 2, name, n) == 0 && line[2 + n] == ':')
			return line + 2 + n + 1 + strspn(line + 2 + n + 1, " ");
	return NULL;
}

static enum wire_event take(struct wire *w)
{
	char *blank = strstr(w->in, "\r\n\r\n");
	const char *length, *connection;
	size_t body;

	if (!blank || strncmp(w->in, "HTTP/1.1 ", 9) != 0)
		return WIRE_BUSY;
	length = header(w->in, "content-length");
	body = length ? strtoul(length, NULL, 10) : 0;
	if (w->in_len < (size_t)(blank + 4 - w->in) + body)
		return WIRE_BUSY;
	connection = header(w->in, "connection");
	w->status = (int)strtol(w->in + 9, NULL, 10);
	w->body = blank + 4;
	w->reused = true;
	if (connection && strncasecmp(connection, "close", 5) == 0)
		wire_close(w);
	return WIRE_ANSWER;
}

static enum wire_event read_some(struct wire *w)
{
	ssize_t n = recv(w->fd, w->in + w->in_len, sizeof(w->in) - 1 - w->in_len, 0);

	if (n < 0 && errno == EAGAIN)
		return WIRE_BUSY;
	if (n <= 0)
		return WIRE_LOST;
	w->in_len += (size_t)n;
	w->in[w->in_len] = '\0';
	return take(w);
}

static bool connected(struct wire *w)
{
	int error = 0;
	socklen_t len = sizeof(error);

	getsockopt(w->fd, SOL_SOCKET, SO_ERROR, &error, &len);
	w->connecting = false;
	return error == 0;
}

enum wire_event wire_ready(struct wire *w)
{
	enum wire_event e;

	if (w->fd < 0)
		return WIRE_BUSY;
	if (w->connecting && !connected(w))
		return end(w, WIRE_REFUSED);
	if (w->out_at < w->out_len && push(w) == WIRE_LOST)
		return WIRE_LOST;
	e = read_some(w);
	return e == WIRE_LOST ? end(w, e) : e;
}

enum wire_event wire_tick(struct wire *w, int64_t now)
{
	if (w->fd < 0 || now - w->sent_at < WIRE_PATIENCE_US)
		return WIRE_BUSY;
	return end(w, WIRE_LATE);
}
