/* Measures for `make bench` what wrk cannot: a small HTTP client over loopback.
 *
 *	client idle PORT TOKEN COUNT BODY PID	private bytes of PID for each idle connection
 *	client first PORT TOKEN BODY PROGRAM	milliseconds from exec of PROGRAM to its first search
 *	client fresh PORT HOLDS OTHER SEARCHES TOKEN HOUSEHOLD COUNT PAUSE
 *		holds the best option of HOUSEHOLD's search, COUNT times with PAUSE milliseconds before
 *		each; each time the microseconds from the answer to the hold until a search no longer
 *		counts it. HOLDS and OTHER are the processes of the two workers at PORT: HOLDS takes the
 *		holds, SEARCHES, one of the two, the searches
 *
 * BODY is a file that holds the body of a search. */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"

enum { REPLY_MAX = 1 << 20, REQUEST_MAX = 1 << 16, CONNECTIONS_MAX = 20000, START_TRIES = 60000 };

struct reply {
	int status;
	const char *body;
};

static char reply_bytes[REPLY_MAX], request[REQUEST_MAX];

static void die(const char *what)
{
	fprintf(stderr, "client: %s: %s\n", what, strerror(errno));
	exit(1);
}

static int dial(const char *port)
{
	struct sockaddr_in to = { .sin_family = AF_INET };
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), one = 1;

	to.sin_port = htons((uint16_t)strtoul(port, NULL, 10));
	to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
	if (fd >= 0 && connect(fd, (struct sockaddr *)&to, sizeof(to)) == 0)
		return fd;
	close(fd);
	return -1;
}

static size_t body_length(const char *head)
{
	const char *at = strstr(head, "Content-Length: ");

	return at ? strtoul(at + 16, NULL, 10) : 0;
}

/* True if a whole reply is there. */
static int whole(size_t have)
{
	const char *end = strstr(reply_bytes, "\r\n\r\n");

	return end && have >= (size_t)(end + 4 - reply_bytes) + body_length(reply_bytes);
}

static struct reply ask(int fd)
{
	size_t n = strlen(request), have = 0;

	if (send(fd, request, n, MSG_NOSIGNAL) != (ssize_t)n)
		return (struct reply){ 0, "" };
	reply_bytes[0] = '\0';
	while (!whole(have)) {
		ssize_t got = recv(fd, reply_bytes + have, sizeof(reply_bytes) - have - 1, 0);

		if (got <= 0)
			return (struct reply){ 0, "" };
		have += (size_t)got;
		reply_bytes[have] = '\0';
	}
	return (struct reply){ atoi(reply_bytes + 9), strstr(reply_bytes, "\r\n\r\n") + 4 };
}

static void make_request(const char *path, const char *token, const char *key, const char *body)
{
	snprintf(request, sizeof(request),
		 "POST /api/v1%s HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer %s\r\n"
		 "Content-Type: application/json\r\nIdempotency-Key: %s\r\nContent-Length: %zu\r\n\r\n%s",
		 path, token, key, strlen(body), body);
}

static void make_search(const char *token, const char *file)
{
	static char body[REQUEST_MAX / 2];
	FILE *f = fopen(file, "re");
	size_t n = f ? fread(body, 1, sizeof(body) - 1, f) : 0;

	if (n == 0)
		die(file);
	body[n] = '\0';
	fclose(f);
	make_request("/vacancy-searches", token, "search", body);
}

/* ---- idle ---- */

static long private_kb(const char *pid)
{
	char path[64], line[256];
	long kb = 0;
	FILE *f;

	snprintf(path, sizeof(path), "/proc/%s/smaps_rollup", pid);
	f = fopen(path, "re");
	if (!f)
		die(path);
	while (fgets(line, sizeof(line), f))
		if (strncmp(line, "Private_", 8) == 0)
			kb += strtol(strchr(line, ':') + 1, NULL, 10);
	fclose(f);
	return kb;
}

static void open_many(const char *port, int n)
{
	for (int i = 0; i < n; i++) {
		int fd = dial(port);

		if (fd < 0 || ask(fd).status != 200)
			die("a connection was refused");
	}
}

/* Opens as many connections once before: they use up the memory that loading the board left
 * free. */
static int idle(char **v)
{
	struct rlimit files = { CONNECTIONS_MAX + 100, CONNECTIONS_MAX + 100 };
	int count = atoi(v[2]);
	long before;

	setrlimit(RLIMIT_NOFILE, &files);
	make_search(v[1], v[3]);
	open_many(v[0], count);
	before = private_kb(v[4]);
	open_many(v[0], count);
	usleep(200000);
	printf("%ld\n", (private_kb(v[4]) - before) * 1024 / count);
	return 0;
}

/* ---- first ---- */

static pid_t start(const char *program)
{
	pid_t pid = fork();

	if (pid == 0) {
		execl(program, program, (char *)NULL);
		_exit(127);
	}
	return pid;
}

static int first(char **v)
{
	struct reply r = { .status = 0 };
	long long from;
	pid_t pid;

	make_search(v[1], v[2]);
	from = clock_mono();
	pid = start(v[3]);
	for (int i = 0; i < START_TRIES && r.status != 200; i++) {
		int fd = dial(v[0]);

		if (fd >= 0)
			r = ask(fd);
		if (fd >= 0)
			close(fd);
		if (r.status != 200)
			usleep(500);
	}
	printf("%lld\n", (clock_mono() - from) / 1000);
	kill(pid, SIGTERM);
	waitpid(pid, NULL, 0);
	return r.status != 200;
}

/* ---- fresh ---- */

static long matching(const struct reply *r)
{
	const char *at = strstr(r->body, "\"matching\":");

	if (r->status != 200 || !at)
		die("no search");
	return strtol(at + 11, NULL, 10);
}

static void hold(int fd, const struct reply *best, const char *token, const char *household, int i)
{
	const char *vacancy = strstr(best->body, "\"vacancy_id\":\"");
	char body[256], key[32];

	if (!vacancy)
		die("nothing left to hold");
	snprintf(body, sizeof(body), "{\"household_id\":\"%s\",\"vacancy_id\":\"%.36s\"}", household,
		 vacancy + 14);
	snprintf(key, sizeof(key), "fresh-%d-%d", (int)getpid(), i);
	make_request("/placements", token, key, body);
	if (ask(fd).status != 201)
		die(reply_bytes);
}

/* A connection that another worker than this process has accepted: it sleeps meanwhile. */
static int dial_around(const char *port, const char *pid)
{
	pid_t sleeper = atoi(pid);
	int fd;

	kill(sleeper, SIGSTOP);
	fd = dial(port);
	if (fd < 0 || ask(fd).status != 200)
		die("connect");
	kill(sleeper, SIGCONT);
	return fd;
}

static long long gone_after(int here, int there, const char *token, const char *household, int i)
{
	char search[256];
	struct reply r;
	long before;
	long long from;

	snprintf(search, sizeof(search), "{\"household_id\":\"%s\",\"limit\":1,\"near_misses\":0}", household);
	make_request("/vacancy-searches", token, "search", search);
	r = ask(there);
	before = matching(&r);
	hold(here, &r, token, household, i);
	from = clock_mono();
	make_request("/vacancy-searches", token, "search", search);
	do
		r = ask(there);
	while (matching(&r) >= before);
	return clock_mono() - from;
}

static int fresh(char **v)
{
	int here, there, count = atoi(v[6]), rest = atoi(v[7]);

	make_request("/vacancy-searches", v[4], "search", "{\"household\":{\"members\":[{\"kind\":\"main\"}]}}");
	here = dial_around(v[0], v[2]);
	there = dial_around(v[0], strcmp(v[3], v[1]) == 0 ? v[2] : v[1]);
	for (int i = 0; i < count; i++) {
		usleep((useconds_t)rest * 1000);
		printf("%lld\n", gone_after(here, there, v[4], v[5], i));
	}
	return 0;
}

int main(int argc, char **argv)
{
	static const struct {
		const char *name;
		int words;
		int (*run)(char **v);
	} commands[] = { { "idle", 5, idle }, { "first", 4, first }, { "fresh", 8, fresh } };

	for (size_t i = 0; argc > 1 && i < sizeof(commands) / sizeof(*commands); i++)
		if (strcmp(argv[1], commands[i].name) == 0 && argc == commands[i].words + 2)
			return commands[i].run(argv + 2);
	fprintf(stderr, "usage: client idle|first|fresh ...; see the head of client.c\n");
	return 2;
}
