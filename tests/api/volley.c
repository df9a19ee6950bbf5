#include "volley.h"

#include <arpa/inet.h>
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/date.h"
#include "base/text.h"
#include "base/uuid.h"
#include "memory.h"
#include "patience.h"

enum { VOLLEY_MAX = 512 };

struct shot shot(int actor, const char *path, const char *key, const char *body, ...)
{
	struct shot s = { .actor = actor, .path = arena_strdup(test_memory(), path) };
	va_list ap;

	if (key)
		snprintf(s.key, sizeof(s.key), "%s", key);
	else
		uuid_random(s.key);
	if (body) {
		va_start(ap, body);
		s.body = test_vprintf(body, ap);
		va_end(ap);
	}
	return s;
}

struct shot shot_hold(const char *household, const char *vacancy)
{
	return shot(ROLE_housing_officer, "/api/v1/placements", NULL,
		    "{\"household_id\":\"%s\",\"vacancy_id\":\"%s\"}", household, vacancy);
}

struct shot shot_act(int actor, const char *placement, const char *act, const char *body)
{
	const char *path = arena_printf(test_memory(), "/api/v1/placements/%s/%s", placement, act);

	return shot(actor, path, NULL, "%s", body ? body : "{}");
}

/* ---- on the wire ---- */

static int dial(void)
{
	struct sockaddr_in to = { .sin_family = AF_INET, .sin_port = htons((uint16_t)service_port()) };
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	cr_assert(fd >= 0 && connect(fd, (struct sockaddr *)&to, sizeof(to)) == 0, "connecting: %s",
		  strerror(errno));
	return fd;
}

static const char *request_of(const struct shot *s)
{
	const char *body = s->body ? s->body : "";
	const char *match = s->version ? arena_printf(test_memory(), "If-Match: \"%d\"\r\n", s->version) : "";

	return arena_printf(test_memory(),
			    "POST %s HTTP/1.1\r\nHost: 127.0.0.1:%d\r\nConnection: close\r\n"
			    "Authorization: Bearer %s\r\nIdempotency-Key: %s\r\n%s"
			    "Content-Type: application/json\r\nContent-Length: %zu\r\n\r\n%s",
			    s->path, service_port(), service_token(s->actor), s->key, match, strlen(body), body);
}

static void send_request(int fd, const char *request)
{
	size_t n = strlen(request);

	cr_assert_eq(send(fd, request, n, MSG_NOSIGNAL), (ssize_t)n, "sending: %s", strerror(errno));
}

void send_and_leave(const struct shot *s, bool abrupt)
{
	struct linger reset = { .l_onoff = abrupt };
	int fd = dial();

	send_request(fd, request_of(s));
	setsockopt(fd, SOL_SOCKET, SO_LINGER, &reset, sizeof(reset));
	close(fd);
}

/* ---- the answers ---- */

static struct answer parse(struct text *t)
{
	struct answer a = { .body = "", .head = text_done(t) };
	char *blank = strstr(t->data, "\r\n\r\n");

	if (!blank || strncmp(t->data, "HTTP/1.1 ", 9) != 0)
		return a;
	*blank = '\0';
	a.status = (int)strtol(t->data + 9, NULL, 10);
	a.body = blank + 4;
	a.len = t->len - (size_t)(a.body - t->data);
	a.json = test_json(a.body, a.len);
	return a;
}

/* False once the other end has nothing more to say. */
static bool read_some(int fd, struct text *t)
{
	ssize_t n = recv(fd, text_room(t, 65536), 65536, MSG_DONTWAIT);

	if (n > 0)
		t->len += (size_t)n;
	return n > 0 || (n < 0 && (errno == EAGAIN || errno == EINTR));
}

static int read_ready(struct shot *shots, struct pollfd *fds, struct text *texts, int n)
{
	int ended = 0;

	for (int i = 0; i < n; i++) {
		if (fds[i].fd < 0 || !fds[i].revents || read_some(fds[i].fd, &texts[i]))
			continue;
		close(fds[i].fd);
		fds[i].fd = -1;
		shots[i].a = parse(&texts[i]);
		ended++;
	}
	return ended;
}

static void read_answers(struct shot *shots, struct pollfd *fds, struct text *texts, int n)
{
	int64_t deadline = clock_mono() + PATIENCE_S * SECOND_US;

	for (int left = n; left > 0; left -= read_ready(shots, fds, texts, n)) {
		cr_assert(clock_mono() < deadline, "%d requests were never answered", left);
		poll(fds, (nfds_t)n, 1000);
	}
}

void volley(struct shot *shots, int n)
{
	struct pollfd fds[VOLLEY_MAX];
	struct text texts[VOLLEY_MAX];
	const char *requests[VOLLEY_MAX];

	cr_assert(n <= VOLLEY_MAX);
	for (int i = 0; i < n; i++) {
		fds[i] = (struct pollfd){ .fd = dial(), .events = POLLIN };
		texts[i] = text_in(test_memory());
		requests[i] = request_of(&shots[i]);
	}
	for (int i = 0; i < n; i++)
		send_request(fds[i].fd, requests[i]);
	read_answers(shots, fds, texts, n);
}

int answered(const struct shot *shots, int n, int status)
{
	int count = 0;

	for (int i = 0; i < n; i++)
		count += shots[i].a.status == status;
	return count;
}

const struct shot *winner(const struct shot *shots, int n, int status)
{
	for (int i = 0; i < n; i++)
		if (shots[i].a.status == status)
			return &shots[i];
	return NULL;
}

static bool is_running(pid_t pid)
{
	siginfo_t ended = { .si_pid = 0 };

	return waitid(P_PID, (id_t)pid, &ended, WEXITED | WNOHANG | WNOWAIT) == 0 && ended.si_pid == 0;
}

void wait_asleep(pid_t holder)
{
	while (is_running(holder) &&
	       *sql("SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event = 'PgSleep'") == '0')
		usleep(10000);
}
