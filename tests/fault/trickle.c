#include "trickle.h"

#include <errno.h>
#include <inttypes.h>
#include <netinet/in.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/clock.h"

enum { EVERY_US = 2000000, PAUSE_US = 10000 };

struct slow {
	int fd;
	size_t at;
	int64_t due;
};

static struct {
	uint64_t opened, bytes, ended;
} count;

static void dial(struct slow *s, int port)
{
	struct sockaddr_in to = { .sin_family = AF_INET, .sin_port = htons((uint16_t)port) };

	to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	s->fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (s->fd < 0)
		return;
	if (connect(s->fd, (struct sockaddr *)&to, sizeof(to)) != 0 && errno != EINPROGRESS) {
		close(s->fd);
		s->fd = -1;
		return;
	}
	s->at = 0;
	count.opened++;
}

/* True if the server has closed the connection, or has answered and will close it. */
static bool ended(const struct slow *s)
{
	char answer[512];
	ssize_t n = recv(s->fd, answer, sizeof(answer), MSG_DONTWAIT);

	return n >= 0 || errno != EAGAIN;
}

static void send_byte(struct slow *s)
{
	static const char head[] = "GET /api/v1/vacancies HTTP/1.1\r\nHost: 127.0.0.1\r\nX-Slow: ";
	char byte = s->at < sizeof(head) - 1 ? head[s->at] : 'a';

	if (ended(s)) {
		close(s->fd);
		s->fd = -1;
		count.ended++;
		return;
	}
	if (send(s->fd, &byte, 1, MSG_NOSIGNAL) != 1)
		return;
	s->at++;
	count.bytes++;
}

static void turn(struct slow *s, int port, int64_t now)
{
	if (s->due > now)
		return;
	s->due = now + EVERY_US;
	if (s->fd < 0)
		dial(s, port);
	else
		send_byte(s);
}

int trickle(int port, int n, int seconds, const volatile sig_atomic_t *stop)
{
	struct slow *all = calloc((size_t)n, sizeof(*all));
	int64_t now = clock_mono(), end = now + seconds * INT64_C(1000000);

	if (!all)
		return 2;
	for (int i = 0; i < n; i++)	/* spread over the two seconds */
		all[i] = (struct slow){ .fd = -1, .due = now + EVERY_US * (int64_t)i / n };
	for (; now < end && !*stop; now = clock_mono()) {
		for (int i = 0; i < n; i++)
			turn(&all[i], port, now);
		usleep(PAUSE_US);
	}
	printf("opened %" PRIu64 "\nbytes %" PRIu64 "\nended %" PRIu64 "\n", count.opened, count.bytes,
	       count.ended);
	free(all);
	return 0;
}
