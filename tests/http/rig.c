#include "rig.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <event2/event.h>

#include "memory.h"
#include "patience.h"

/* --- the server --- */

struct later {
	struct http_exchange *exchange;
	struct event *timer;
};

static struct event_base *base;
static struct http_server *server;
static size_t left_over;

static const struct http_header plain[] = { { "Content-Type", "text/plain" } };

static void on_later(int fd, short what, void *arg)
{
	struct later *l = arg;

	(void)fd, (void)what;
	http_reply(l->exchange, 200, plain, 1, "later", 5);
	event_free(l->timer);
	free(l);
}

static void on_tick(int fd, short what, void *arg)
{
	struct later *l = arg;

	(void)fd, (void)what;
	if (http_stream_send(l->exchange, "tick\n", 5, 100000))
		return;
	http_stream_end(l->exchange);
	event_free(l->timer);
	free(l);
}

static void start_timer(struct http_exchange *x, int ms, short flags, event_callback_fn fn)
{
	struct timeval tv = { .tv_sec = ms / 1000, .tv_usec = ms % 1000 * 1000 };
	struct later *l = malloc(sizeof(*l));

	l->exchange = x;
	l->timer = event_new(base, -1, flags, fn, l);
	event_add(l->timer, &tv);
}

static void answer_stats(struct http_exchange *x)
{
	struct http_stats s = http_server_stats(server);
	struct rusage use;
	char text[512];
	int len;

	getrusage(RUSAGE_SELF, &use);
	len = snprintf(text, sizeof(text), "connections=%zu\nexchanges=%zu\naccepted=%zu\n"
		       "requests=%zu\nrefused=%zu\ntimed_out=%zu\nevicted=%zu\ndropped=%zu\n"
		       "pauses=%zu\ncpu_ms=%ld\n", s.connections, s.exchanges, (size_t)s.accepted,
		       (size_t)s.requests, (size_t)s.refused, (size_t)s.timed_out,
		       (size_t)s.evicted, (size_t)s.dropped, (size_t)s.pauses,
		       (use.ru_utime.tv_sec + use.ru_stime.tv_sec) * 1000L +
		       (use.ru_utime.tv_usec + use.ru_stime.tv_usec) / 1000L);
	http_reply(x, 200, plain, 1, text, (size_t)len);
}

/* Everything that a handler sees of a request, one line each. */
static void show(struct http_exchange *x, const struct http_request *r)
{
	const char *test = http_request_header(r, "x-TEST");
	size_t len = 0;
	const char *cookie = http_request_cookie(r, "sid", &len);
	char text[1024];
	int n = snprintf(text, sizeof(text), "%s\n%s\n%s\n%s\n%s\n%s\n%s\n%.*s\n",
			 http_method_name(r->method), r->target, r->raw_path, r->path, r->query,
			 r->peer, test != NULL ? test : "(none)", (int)len,
			 cookie != NULL ? cookie : "");

	http_reply(x, 200, plain, 1, text, (size_t)n);
}

static void on_drained(size_t left, void *arg)
{
	(void)arg;
	left_over = left;
	event_base_loopbreak(base);
}

static void handle(struct http_exchange *x, const struct http_request *r, void *arg)
{
	static const struct http_header split[] = { { "X-A", "b\nSet-Cookie: c=d" } };
	static char big[1 << 20];
	int n = atoi(r->query);

	(void)arg;
	if (strcmp(r->path, "/big") == 0) {
		memset(big, 'x', sizeof(big));
		http_reply_reference(x, 200, plain, 1, big, sizeof(big), NULL, NULL);
	} else if (strcmp(r->path, "/later") == 0) {
		start_timer(x, n, 0, on_later);
	} else if (strcmp(r->path, "/stream") == 0) {
		http_stream_begin(x, 200, plain, 1);
		start_timer(x, 10, EV_PERSIST, on_tick);
	} else if (strcmp(r->path, "/stats") == 0) {
		answer_stats(x);
	} else if (strncmp(r->path, "/show", 5) == 0) {
		show(x, r);
	} else if (strcmp(r->path, "/bad") == 0) {
		http_reply(x, 200, split, 1, "bad", 3);
	} else if (strcmp(r->path, "/drain") == 0) {
		http_server_drain(server, n, on_drained, NULL);
		http_reply(x, 200, plain, 1, "draining", 8);
	} else {
		http_reply(x, 200, plain, 1, r->body_len ? r->body : "ok",
			   r->body_len ? r->body_len : 2);
	}
}

static void on_term(int sig, short what, void *arg)
{
	(void)sig, (void)what, (void)arg;
	event_base_loopbreak(base);
}

static void prepare_child(const struct rig *r)
{
	struct rlimit limit = { (rlim_t)r->descriptors, (rlim_t)r->descriptors };
	int log = open(r->log, O_WRONLY | O_CREAT | O_TRUNC, 0600);

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	signal(SIGPIPE, SIG_IGN);
	dup2(log, STDERR_FILENO);
	close(log);
	if (r->descriptors > 0)
		setrlimit(RLIMIT_NOFILE, &limit);
}

static _Noreturn void run_child(struct rig *r)
{
	struct event *term;

	prepare_child(r);
	base = http_event_base();
	term = event_new(base, SIGTERM, EV_SIGNAL, on_term, NULL);
	event_add(term, NULL);
	server = http_server_new(base, r->listener, &r->limits, handle, NULL);
	if (server == NULL)
		_exit(99);
	event_base_dispatch(base);
	if (left_over > 0)
		_exit((int)left_over);
	http_server_free(server);
	event_free(term);
	event_base_free(base);
	child_end(0);
}

struct rig rig_new(void)
{
	return (struct rig){ .limits = http_default_limits(), .listener = -1 };
}

void rig_start(struct rig *r)
{
	snprintf(r->log, sizeof(r->log), "/tmp/haven-http-test.%ld", (long)getpid());
	r->listener = http_listen("127.0.0.1", 0, 1024);
	r->port = http_port(r->listener);
	r->child = fork();
	if (r->child == 0)
		run_child(r);
}

int rig_wait(struct rig *r)
{
	int status;

	if (waitpid(r->child, &status, 0) < 0)
		return -1000;
	close(r->listener);
	unlink(r->log);
	return WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
}

int rig_stop(struct rig *r)
{
	kill(r->child, SIGTERM);
	return rig_wait(r);
}

/* --- the clients --- */

int rig_connect(const struct rig *r)
{
	struct sockaddr_in sa = { .sin_family = AF_INET, .sin_port = htons((uint16_t)r->port),
				  .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	struct timeval patience = { .tv_sec = PATIENCE_S };
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
	if (connect(fd, (const struct sockaddr *)&sa, sizeof(sa)) < 0)
		perror("connect");
	return fd;
}

void rig_send_bytes(int fd, const void *bytes, size_t len)
{
	const char *p = bytes;

	while (len > 0) {
		ssize_t n = send(fd, p, len, MSG_NOSIGNAL);

		if (n <= 0)
			return;
		p += n;
		len -= (size_t)n;
	}
}

void rig_send(int fd, const char *text)
{
	rig_send_bytes(fd, text, strlen(text));
}

/* Reads byte by byte, so that no byte of the next reply is taken. */
static size_t read_head(int fd, char *buf, size_t size)
{
	size_t n = 0;

	while (n + 1 < size && recv(fd, buf + n, 1, 0) == 1) {
		buf[++n] = '\0';
		if (n >= 4 && strcmp(buf + n - 4, "\r\n\r\n") == 0)
			return n;
	}
	return 0;
}

int rig_reply(int fd, char *buf, size_t size)
{
	size_t n = read_head(fd, buf, size), want = 0;
	const char *length = n > 0 ? strcasestr(buf, "Content-Length:") : NULL;

	if (n == 0)
		return 0;
	if (length != NULL)
		want = strtoul(length + strlen("Content-Length:"), NULL, 10);
	while (want > 0 && n + 1 < size) {
		ssize_t got = recv(fd, buf + n, want < size - 1 - n ? want : size - 1 - n, 0);

		if (got <= 0)
			return 0;
		n += (size_t)got;
		want -= (size_t)got;
		buf[n] = '\0';
	}
	return (int)strtol(buf + strlen("HTTP/1.1 "), NULL, 10);
}

ssize_t rig_drain(int fd, char *buf, size_t size)
{
	size_t n = 0;

	for (;;) {
		ssize_t got = recv(fd, buf + n, size - 1 - n, 0);

		if (got < 0)
			return -1;
		n += (size_t)got;
		buf[n] = '\0';
		if (got == 0 || n + 1 == size)
			return (ssize_t)n;
	}
}

int rig_get(const struct rig *r, const char *target, char *buf, size_t size)
{
	int fd = rig_connect(r), status;
	char request[512];

	snprintf(request, sizeof(request),
		 "GET %s HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n", target);
	rig_send(fd, request);
	status = rig_reply(fd, buf, size);
	close(fd);
	return status;
}

long rig_stat(const struct rig *r, const char *name)
{
	char buf[2048], key[64];
	const char *at;

	if (rig_get(r, "/stats", buf, sizeof(buf)) != 200)
		return -1;
	snprintf(key, sizeof(key), "\n%s=", name);
	at = strstr(buf, key);
	return at != NULL ? strtol(at + strlen(key), NULL, 10) : -1;
}

int rig_stat_becomes(const struct rig *r, const char *name, long want)
{
	int64_t since = clock_mono();

	while (rig_stat(r, name) != want)
		if (!wait_on(since))
			return 0;
	return 1;
}

long rig_now_ms(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec * 1000L + ts.tv_nsec / 1000000L;
}

void rig_sleep_ms(int ms)
{
	struct timespec ts = { .tv_sec = ms / 1000, .tv_nsec = ms % 1000 * 1000000L };

	nanosleep(&ts, NULL);
}
