/* An open-loop load: requests are due at Poisson times whatever the server does. The latency of a
 * request counts from its due time, so that waiting for a slow server is not hidden.
 *
 *	open PORT RATE SECONDS REQUESTS
 *
 * REQUESTS is a file of whole HTTP requests with a byte 1 between them, sent in turn over 64 keep-
 * alive connections. Prints "requests failed p50 p99", latencies in microseconds. */
#include <arpa/inet.h>
#include <errno.h>
#include <math.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"

enum {
	CONNECTIONS = 64,
	REQUESTS_MAX = 4096,
	FILE_MAX = 1 << 22,
	REPLY_MAX = 1 << 20,
	SAMPLES_MAX = 1 << 20,
};

struct connection {
	int fd;
	long long due;		/* of the request under way; 0: free */
	size_t have, want;	/* of its reply; want 0: the head is not there yet */
	char *bytes;
};

static struct connection connections[CONNECTIONS];
static char *requests[REQUESTS_MAX];
static int n_requests, sent, failed;
static long long latency[SAMPLES_MAX];
static int n_latency;

static void die(const char *what)
{
	fprintf(stderr, "open: %s: %s\n", what, strerror(errno));
	exit(1);
}

static void read_requests(const char *file)
{
	static char bytes[FILE_MAX];
	FILE *f = fopen(file, "re");
	size_t n = f ? fread(bytes, 1, sizeof(bytes) - 1, f) : 0;
	char *save = NULL;

	if (n == 0)
		die(file);
	bytes[n] = '\0';
	fclose(f);
	for (char *r = strtok_r(bytes, "\1", &save); r; r = strtok_r(NULL, "\1", &save))
		if (n_requests < REQUESTS_MAX)
			requests[n_requests++] = r;
}

static void open_connection(struct connection *c, int epoll, const char *port)
{
	struct sockaddr_in to = { .sin_family = AF_INET };
	struct epoll_event e = { .events = EPOLLIN, .data.ptr = c };
	int one = 1;

	to.sin_port = htons((uint16_t)strtoul(port, NULL, 10));
	to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	c->fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	c->bytes = malloc(REPLY_MAX);
	setsockopt(c->fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
	if (!c->bytes || connect(c->fd, (struct sockaddr *)&to, sizeof(to)) != 0 ||
	    epoll_ctl(epoll, EPOLL_CTL_ADD, c->fd, &e) != 0)
		die("connect");
}

static struct connection *free_connection(void)
{
	for (int i = 0; i < CONNECTIONS; i++)
		if (connections[i].due == 0)
			return &connections[i];
	return NULL;
}

static void send_next(struct connection *c, long long due)
{
	const char *r = requests[sent++ % n_requests];
	size_t n = strlen(r);

	c->due = due;
	c->have = c->want = 0;
	if (send(c->fd, r, n, MSG_NOSIGNAL) != (ssize_t)n)
		die("send");
}

static void find_end(struct connection *c)
{
	const char *end, *length;

	c->bytes[c->have] = '\0';
	end = strstr(c->bytes, "\r\n\r\n");
	if (!end)
		return;
	length = strcasestr(c->bytes, "content-length: ");
	c->want = (size_t)(end + 4 - c->bytes) + (length ? strtoul(length + 16, NULL, 10) : 0);
}

static void receive(struct connection *c)
{
	ssize_t n = recv(c->fd, c->bytes + c->have, REPLY_MAX - c->have - 1, 0);

	if (n <= 0)
		die("a connection ended");
	c->have += (size_t)n;
	if (c->want == 0)
		find_end(c);
	if (c->want == 0 || c->have < c->want)
		return;
	failed += strncmp(c->bytes, "HTTP/1.1 200", 12) != 0;
	if (n_latency < SAMPLES_MAX)
		latency[n_latency++] = clock_mono() - c->due;
	c->due = 0;
}

static void wait_until(int epoll, long long when)
{
	struct epoll_event events[CONNECTIONS];
	struct timespec left = { 0 };
	long long now = clock_mono();
	int n;

	if (when > now)
		left = (struct timespec){ (when - now) / 1000000, (when - now) % 1000000 * 1000 };
	n = epoll_pwait2(epoll, events, CONNECTIONS, &left, NULL);
	for (int i = 0; i < n; i++)
		receive(events[i].data.ptr);
}

static void run(int epoll, double rate, int seconds)
{
	long long end = clock_mono() + seconds * 1000000LL, due = clock_mono();
	struct connection *c;

	while (due < end) {
		while (clock_mono() < due || !(c = free_connection()))
			wait_until(epoll, clock_mono() < due ? due : clock_mono() + 1000);
		send_next(c, due);
		due += (long long)(-log(1 - drand48()) * 1e6 / rate);
	}
	for (long long until = clock_mono() + 5000000; n_latency < sent && clock_mono() < until;)
		wait_until(epoll, clock_mono() + 10000);
}

static int by_value(const void *a, const void *b)
{
	const long long *x = a, *y = b;

	return (*x > *y) - (*x < *y);
}

int main(int argc, char **argv)
{
	int epoll = epoll_create1(EPOLL_CLOEXEC);

	if (argc != 5) {
		fprintf(stderr, "usage: open PORT RATE SECONDS REQUESTS\n");
		return 2;
	}
	read_requests(argv[4]);
	for (int i = 0; i < CONNECTIONS; i++)
		open_connection(&connections[i], epoll, argv[1]);
	run(epoll, strtod(argv[2], NULL), atoi(argv[3]));
	failed += sent - n_latency;
	qsort(latency, (size_t)n_latency, sizeof(*latency), by_value);
	printf("%d %d %lld %lld\n", n_latency, failed, latency[n_latency / 2],
	       latency[n_latency * 99 / 100]);
	return 0;
}
