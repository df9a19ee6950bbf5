#include "kept.h"

#include <criterion/criterion.h>
#include <criterion/hooks.h>
#include <criterion/options.h>
#include <signal.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "database.h"
#include "memory.h"
#include "patience.h"
#include "service.h"

#define NAMED "HAVEN_TEST_KEEPERS"

enum { KEEPERS_MAX = 16, TRIES = 3 };
enum { RING = 'r', ASK = 'q', BACK = 'b' };	/* a test says */
enum { VALUE = 'v', NOTHING = 'n', FAILED = 'f', WELL = 'w', ENDED = 'e' };	/* a keeper answers */

static struct {
	pid_t pid[KEEPERS_MAX];
	int n, listen_fd;
} keepers = { .listen_fd = -1 };

/* In no directory, so that it ends with the runner. */
static socklen_t address(struct sockaddr_un *a, const char *name)
{
	*a = (struct sockaddr_un){ .sun_family = AF_UNIX };
	snprintf(a->sun_path + 1, sizeof(a->sun_path) - 1, "%s", name);
	return (socklen_t)(offsetof(struct sockaddr_un, sun_path) + 1 + strlen(name));
}

/* ---- texts on the line: what they are, their length, their bytes; as one message, since children of a test ring
 * on the same line ---- */

static bool text_send(int fd, char what, const char *text)
{
	struct arena *a = arena_new();
	uint32_t n = (uint32_t)strlen(text);
	char *message = arena_alloc(a, 1 + sizeof(n) + n);
	bool sent;

	*message = what;
	memcpy(message + 1, &n, sizeof(n));
	memcpy(message + 1 + sizeof(n), text, n);
	sent = send(fd, message, 1 + sizeof(n) + n, MSG_NOSIGNAL) == (ssize_t)(1 + sizeof(n) + n);
	arena_free(a);
	return sent;
}

/* What follows the first byte; NULL if nothing came. */
static char *text_recv(int fd, struct arena *a)
{
	uint32_t n;
	char *text;

	if (recv(fd, &n, sizeof(n), MSG_WAITALL) != sizeof(n))
		return NULL;
	text = arena_alloc(a, n + 1);
	text[n] = '\0';
	return n == 0 || recv(fd, text, n, MSG_WAITALL) == (ssize_t)n ? text : NULL;
}

/* ---- a keeper ---- */

static bool settle(void)
{
	int64_t since = clock_mono();

	service_ring();
	while (service_alive() && !service_settled(since) && wait_on(since))
		;
	return service_settled(since);
}

static bool start(void)
{
	service_start_kept();
	return settle();
}

static bool restore(void)
{
	service_restore();
	return settle();
}

static bool throw_away(void)
{
	kill(service_worker(), SIGKILL);
	kill(service_vault(), SIGKILL);
	service_end();
	return false;
}

/* A borrower that was taken waits for a service that did not come up: for another one. */
static bool start_surely(void)
{
	bool started = false;

	for (int i = 0; i < TRIES && !started; i++)
		started = start() || throw_away();
	return started;
}

static bool answer(int to)
{
	struct arena *a = arena_new();
	const char *statement = text_recv(to, a), *value;
	struct batch *b = statement ? database_try(a, statement) : NULL;
	bool sent = false;

	if (b && batch_outcome(b) != DB_OK)
		sent = text_send(to, FAILED, batch_debug(b));
	else if (b)
		sent = (value = database_first(b)) ? text_send(to, VALUE, value) : text_send(to, NOTHING, "");
	arena_free(a);
	return sent;
}

static bool serve(int to, char said)
{
	if (said == RING)
		service_ring();
	return said == RING || (said == ASK && answer(to));
}

/* Until the test gives it back; false if it does not, or if there is little left to give. */
static bool lend(int to)
{
	struct loan l = service_lend();
	char said = 0, last;

	if (send(to, &l, sizeof(l), MSG_NOSIGNAL) != sizeof(l))
		return false;
	while (recv(to, &said, 1, 0) == 1 && serve(to, said))
		;
	if (said != BACK)
		return false;
	last = service_alive() ? WELL : ENDED;
	send(to, &last, 1, MSG_NOSIGNAL);
	return last == WELL;
}

static void keep(int listen_fd)
{
	bool started = false;
	int to;

	while ((to = accept(listen_fd, NULL, NULL)) >= 0) {
		started = started || start_surely();
		started = started && lend(to);
		close(to);
		started = (started && restore()) || throw_away();
	}
	_exit(started ? service_end() : 0);
}

/* ---- the runner ---- */

static void fork_keeper(pid_t runner)
{
	pid_t pid = fork();

	if (pid != 0) {
		keepers.pid[keepers.n++] = pid;
		return;
	}
	test_is_keeper();
	prctl(PR_SET_PDEATHSIG, SIGKILL);	/* Criterion catches SIGTERM */
	if (getppid() == runner)
		keep(keepers.listen_fd);
	_exit(1);
}

ReportHook(PRE_ALL)(struct criterion_test_set *tests)
{
	int n = criterion_options.jobs ? (int)criterion_options.jobs : (int)sysconf(_SC_NPROCESSORS_ONLN);
	struct sockaddr_un a;
	char name[40];

	(void)tests;
	snprintf(name, sizeof(name), "haven-test-%d", getpid());
	setenv(NAMED, name, 1);
	keepers.listen_fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (bind(keepers.listen_fd, (struct sockaddr *)&a, address(&a, name)) != 0 || listen(keepers.listen_fd, 64) != 0)
		abort();
	for (int i = 0; i < n && i < KEEPERS_MAX; i++)
		fork_keeper(getpid());
}

/* Every keeper's accept() fails now. */
ReportHook(POST_ALL)(struct criterion_global_stats *stats)
{
	int status;

	(void)stats;
	shutdown(keepers.listen_fd, SHUT_RD);
	for (int i = 0; i < keepers.n; i++)
		if (waitpid(keepers.pid[i], &status, 0) > 0 && status != 0)
			fprintf(stderr, "a kept service ended with %#x\n", status);
}

/* ---- a test ---- */

struct loan kept_borrow(void)
{
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	struct timeval patience = { .tv_sec = PATIENCE_S };
	const char *name = getenv(NAMED);
	struct sockaddr_un a;
	struct loan l;

	cr_assert(name, NAMED " is not set");
	setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
	cr_assert_eq(connect(fd, (struct sockaddr *)&a, address(&a, name)), 0, "no keeper is left");
	cr_assert_eq(recv(fd, &l, sizeof(l), MSG_WAITALL), sizeof(l), "no service was lent");
	l.fd = fd;
	return l;
}

const char *kept_ask(const struct loan *l, const char *statement)
{
	char said = 0;
	const char *text = NULL;

	if (text_send(l->fd, ASK, statement) && recv(l->fd, &said, 1, 0) == 1)
		text = text_recv(l->fd, test_memory());
	cr_assert(text, "%s: no answer", statement);
	cr_assert(said != FAILED, "%s: %s", statement, text);
	return said == VALUE ? text : NULL;
}

void kept_ring(const struct loan *l)
{
	static const char said = RING;

	cr_assert_eq(send(l->fd, &said, 1, MSG_NOSIGNAL), 1, "the keeper has ended");
}

void kept_give_back(const struct loan *l)
{
	static const char said = BACK;
	char answer = ENDED;

	send(l->fd, &said, 1, MSG_NOSIGNAL);
	cr_assert(recv(l->fd, &answer, 1, 0) == 1 && answer == WELL, "the worker or the vault has ended");
	close(l->fd);
}
