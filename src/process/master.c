#include "master.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/filter.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/date.h"
#include "base/die.h"
#include "base/log.h"
#include "base/text.h"
#include "confine.h"
#include "vault/vault.h"

#define HIDDEN "--haven-child="
#define MS_US INT64_C(1000)

enum {
	VAULT_STOP_MS = 2000,	/* the vault only finishes the hashes it has begun */
	LONG_WAIT_MS = 60000,
	NAME_SIZE = 16,
	FDS_MAX = MASTER_BELLS + MASTER_WORKERS_MAX,
	ARG_SIZE = 32 + 12 * (FDS_MAX + 6),
};

_Static_assert((int)MASTER_WORKERS_MAX == (int)VAULT_WORKERS_MAX, "a line for every worker");

struct child {
	char name[NAME_SIZE];
	struct master_child start;
	pid_t pid;		/* 0: not running */
	int backoff;		/* ms, the last wait */
	int64_t started, due;	/* clock_mono() */
};

struct master {
	const struct master_options *o;
	sigset_t signals;
	int lines[MASTER_WORKERS_MAX][2], bells[MASTER_WORKERS_MAX];
	int n;			/* children */
	struct child children[MASTER_WORKERS_MAX + 1];	/* the vault, then the workers */
};

int master_backoff(int last, int64_t alive)
{
	if (last == 0 || alive >= MASTER_STEADY_MS)
		return MASTER_BACKOFF_MIN_MS;
	return last >= MASTER_BACKOFF_MAX_MS / 2 ? MASTER_BACKOFF_MAX_MS : last * 2;
}

/* The hidden argument: numbers with commas between them. */

enum { ARG_ROLE, ARG_INDEX, ARG_MASTER, ARG_LISTEN, ARG_METRICS, ARG_FDS };

static void arg_format(const struct master_child *c, char out[ARG_SIZE])
{
	int len = snprintf(out, ARG_SIZE, HIDDEN "%d,%d,%d,%d,%d", (int)c->role, c->index,
			   (int)c->master, c->listen_fd, c->metrics_fd);

	for (int i = 0; i < c->n; i++)
		len += snprintf(out + len, ARG_SIZE - (size_t)len, ",%d", c->fds[i]);
}

static bool number_take(const char **at, int *out)
{
	size_t len = strcspn(*at, ",");
	char digits[12] = "";
	int64_t n;

	if (len >= sizeof(digits))
		return false;
	memcpy(digits, *at, len);
	if (!text_to_i64(digits, &n) || n < -1 || n > INT32_MAX)
		return false;
	*out = (int)n;
	*at += len + ((*at)[len] == ',');
	return true;
}

bool master_child_parse(const char *arg, struct master_child *c)
{
	int numbers[ARG_FDS + FDS_MAX], n = 0;

	if (strncmp(arg, HIDDEN, sizeof(HIDDEN) - 1) != 0)
		return false;
	arg += sizeof(HIDDEN) - 1;
	for (; *arg && n < ARG_FDS + FDS_MAX; n++)
		if (!number_take(&arg, &numbers[n]))
			return false;
	if (*arg || n <= ARG_FDS || numbers[ARG_ROLE] < MASTER_VAULT ||
	    numbers[ARG_ROLE] > MASTER_WORKER)
		return false;
	*c = (struct master_child){
		.role = (enum master_role)numbers[ARG_ROLE], .index = numbers[ARG_INDEX],
		.master = numbers[ARG_MASTER], .listen_fd = numbers[ARG_LISTEN],
		.metrics_fd = numbers[ARG_METRICS], .n = n - ARG_FDS,
	};
	memcpy(c->fds, numbers + ARG_FDS, (size_t)c->n * sizeof(c->fds[0]));
	return true;
}

/* A child's own start. */

static void child_name(const struct master_child *c, char out[NAME_SIZE])
{
	if (c->role == MASTER_VAULT)
		snprintf(out, NAME_SIZE, "vault");
	else
		snprintf(out, NAME_SIZE, "worker-%d", c->index);
}

static void child_signals(void)
{
	sigset_t none;

	signal(SIGINT, SIG_IGN);
	signal(SIGHUP, SIG_IGN);
	signal(SIGPIPE, SIG_IGN);
	signal(SIGTERM, SIG_DFL);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
}

int master_child_main(const struct master_options *o, const struct master_child *c)
{
	char name[NAME_SIZE];

	/* The master may have died before the first line took hold. */
	if (prctl(PR_SET_PDEATHSIG, SIGKILL) != 0 || getppid() != c->master)
		return 1;
	child_name(c, name);
	prctl(PR_SET_NAME, name);
	confine_process();
	child_signals();
	return c->role == MASTER_VAULT ? o->vault_main(o->arg, c->fds, c->n)
				       : o->worker_main(o->arg, c);
}

/* Starting. */

static void keep_open(int fd)
{
	if (fd >= 0)
		fcntl(fd, F_SETFD, 0);
}

static void exec_child(const struct master_options *o, const struct master_child *c)
{
	char hidden[ARG_SIZE], **argv;
	size_t n = 0;

	while (o->argv[n])
		n++;
	argv = calloc(n + 2, sizeof(*argv));
	if (!argv)
		return;
	arg_format(c, hidden);
	argv[0] = o->argv[0];
	argv[1] = hidden;
	for (size_t i = 1; i < n; i++)
		argv[i + 1] = o->argv[i];
	keep_open(c->listen_fd);
	keep_open(c->metrics_fd);
	for (int i = 0; i < c->n; i++)
		keep_open(c->fds[i]);
	execv("/proc/self/exe", argv);
	free(argv);
}

static pid_t spawn_exec(const struct master_options *o, const struct master_child *c)
{
	pid_t pid = fork();

	if (pid != 0)
		return pid;
	exec_child(o, c);
	_exit(127);
}

static void schedule(struct child *c, int64_t now)
{
	c->pid = 0;
	c->backoff = master_backoff(c->backoff, (now - c->started) / MS_US);
	c->due = now + c->backoff * MS_US;
}

static void log_death(const struct child *c, pid_t pid, int status, bool stopping)
{
	enum log_level level = !stopping ? LOG_ERROR : status == 0 ? LOG_INFO : LOG_WARN;
	bool signalled = WIFSIGNALED(status);
	char number[12], code[12], wait[12];

	snprintf(number, sizeof(number), "%d", (int)pid);
	snprintf(code, sizeof(code), "%d", signalled ? WTERMSIG(status) : WEXITSTATUS(status));
	snprintf(wait, sizeof(wait), "%d", c->backoff);
	log_event(level, stopping ? "child_stopped" : "child_died", "name", c->name,
		  "pid", number, signalled ? "signal" : "exit_code", code,
		  "restart_ms", stopping ? NULL : wait, NULL);
}

static void start(struct master *m, struct child *c)
{
	pid_t pid;

	c->started = clock_mono();
	pid = m->o->spawn ? m->o->spawn(m->o, &c->start) : spawn_exec(m->o, &c->start);
	if (pid > 0) {
		c->pid = pid;
		return;
	}
	schedule(c, c->started);
	log_event(LOG_ERROR, "child_not_started", "name", c->name, "error", strerror(errno), NULL);
}

/* The list of pids: the file is replaced as a whole, so that a reader never sees half of it. */

static FILE *pids_open(const char *run_dir, char **part, char **whole)
{
	if (asprintf(part, "%s/pids.new", run_dir) < 0 || asprintf(whole, "%s/pids", run_dir) < 0)
		die("asprintf");
	return fopen(*part, "we");
}

static bool pids_write(const struct master *m, FILE *f)
{
	bool ok;

	fprintf(f, "master %d\n", (int)getpid());
	for (int i = 0; i < m->n; i++)
		if (m->children[i].pid > 0)
			fprintf(f, "%s %d\n", m->children[i].name, (int)m->children[i].pid);
	ok = !ferror(f);
	return fclose(f) == 0 && ok;
}

static void pids_update(const struct master *m)
{
	char *part, *whole;
	FILE *f;

	if (!m->o->run_dir)
		return;
	f = pids_open(m->o->run_dir, &part, &whole);
	if (!f || !pids_write(m, f) || rename(part, whole) != 0)
		log_event(LOG_WARN, "pids_not_written", "error", strerror(errno), NULL);
	free(part);
	free(whole);
}

static void pids_remove(const struct master *m)
{
	char *whole;

	if (!m->o->run_dir)
		return;
	if (asprintf(&whole, "%s/pids", m->o->run_dir) < 0)
		die("asprintf");
	unlink(whole);
	free(whole);
}

/* The loop: start what is due, wait for a signal, bury the dead. */

static void start_due(struct master *m)
{
	int64_t now = clock_mono();
	bool changed = false;

	for (int i = 0; i < m->n; i++) {
		struct child *c = &m->children[i];

		if (c->pid > 0 || c->due > now)
			continue;
		start(m, c);
		changed = true;
	}
	if (changed)
		pids_update(m);
}

static void reap(struct master *m, bool stopping)
{
	bool changed = false;

	for (int i = 0; i < m->n; i++) {
		struct child *c = &m->children[i];
		pid_t pid = c->pid;
		int status;

		if (pid <= 0 || waitpid(pid, &status, WNOHANG) != pid)
			continue;
		schedule(c, clock_mono());
		log_death(c, pid, status, stopping);
		changed = true;
	}
	if (changed)
		pids_update(m);
}

/* The signal that came before the deadline, or -1. */
static int wait_signal(const struct master *m, int64_t deadline)
{
	int64_t left = deadline - clock_mono();
	struct timespec wait = { 0 };

	if (left > 0) {
		wait.tv_sec = left / SECOND_US;
		wait.tv_nsec = left % SECOND_US * 1000;
	}
	return sigtimedwait(&m->signals, NULL, &wait);
}

static int64_t next_due(const struct master *m)
{
	int64_t due = clock_mono() + LONG_WAIT_MS * MS_US;

	for (int i = 0; i < m->n; i++)
		if (m->children[i].pid <= 0 && m->children[i].due < due)
			due = m->children[i].due;
	return due;
}

static void run(struct master *m)
{
	int sig;

	do {
		start_due(m);
		sig = wait_signal(m, next_due(m));
		reap(m, sig == SIGTERM || sig == SIGINT);
	} while (sig != SIGTERM && sig != SIGINT);
}

/* Stopping. Children are numbered as in m->children; `to` is one past the last. */

/* The kernel takes no new connection now, while workers still accept those in its queue, which would
 * be cut off with the last copy of the socket. A client that dials now tries again after a second. */
static void stop_listening(const struct master *m)
{
	struct sock_filter nothing = BPF_STMT(BPF_RET | BPF_K, 0);
	struct sock_fprog filter = { .len = 1, .filter = &nothing };

	if (m->o->listen_fd < 0)
		return;
	if (setsockopt(m->o->listen_fd, SOL_SOCKET, SO_ATTACH_FILTER, &filter, sizeof(filter)) != 0)
		log_event(LOG_WARN, "door_not_shut", "error", strerror(errno), NULL);
	close(m->o->listen_fd);
}

static bool signal_running(const struct master *m, int from, int to, int sig)
{
	bool any = false;

	for (int i = from; i < to; i++)
		if (m->children[i].pid > 0 && kill(m->children[i].pid, sig) == 0)
			any = true;
	return any;
}

static void stop(struct master *m, int from, int to, int ms)
{
	int64_t deadline = clock_mono() + ms * MS_US;

	signal_running(m, from, to, SIGTERM);
	while (signal_running(m, from, to, 0) && clock_mono() < deadline) {
		wait_signal(m, deadline);
		reap(m, true);
	}
	while (signal_running(m, from, to, SIGKILL)) {
		wait_signal(m, clock_mono() + SECOND_US);
		reap(m, true);
	}
}

/* Setting up. */

static void signals_take(struct master *m)
{
	signal(SIGHUP, SIG_IGN);
	signal(SIGPIPE, SIG_IGN);
	signal(SIGCHLD, SIG_DFL);
	sigemptyset(&m->signals);
	sigaddset(&m->signals, SIGTERM);
	sigaddset(&m->signals, SIGINT);
	sigaddset(&m->signals, SIGCHLD);
	sigprocmask(SIG_BLOCK, &m->signals, NULL);
}

static void close_on_exec(int fd)
{
	if (fd >= 0)
		fcntl(fd, F_SETFD, FD_CLOEXEC);
}

static void child_set(struct master *m, struct master_child start)
{
	struct child *c = &m->children[m->n++];

	start.master = getpid();
	c->start = start;
	child_name(&c->start, c->name);
}

static void vault_set(struct master *m)
{
	struct master_child vault = { .role = MASTER_VAULT, .listen_fd = -1, .metrics_fd = -1,
				      .n = m->o->workers };

	for (int i = 0; i < m->o->workers; i++)
		vault.fds[i] = m->lines[i][0];
	child_set(m, vault);
}

static void worker_set(struct master *m, int index)
{
	const struct master_options *o = m->o;
	struct master_child worker = { .role = MASTER_WORKER, .index = index, .listen_fd = o->listen_fd,
				       .metrics_fd = o->metrics_fd, .n = MASTER_BELLS + o->workers };

	worker.fds[MASTER_LINE] = m->lines[index][1];
	memcpy(worker.fds + MASTER_BELLS, m->bells, (size_t)o->workers * sizeof(m->bells[0]));
	child_set(m, worker);
}

static void children_set(struct master *m)
{
	vault_set(m);
	for (int i = 0; i < m->o->workers; i++)
		worker_set(m, i);
}

static void channels_close(const struct master *m)
{
	for (int i = 0; i < m->o->workers; i++) {
		close(m->lines[i][0]);
		close(m->lines[i][1]);
		close(m->bells[i]);
	}
}

/* A line to the vault and a bell, for each worker. Where it fails the process ends. */
static bool channels_open(struct master *m)
{
	for (int i = 0; i < m->o->workers; i++) {
		m->bells[i] = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
		if (m->bells[i] < 0 || !vault_line(m->lines[i]))
			return false;
	}
	return true;
}

static bool options_sound(const struct master_options *o)
{
	return o->workers >= 1 && o->workers <= MASTER_WORKERS_MAX && o->worker_main &&
	       o->vault_main && (o->spawn || (o->argv && o->argv[0]));
}

int master_run(const struct master_options *o)
{
	struct master m = { .o = o };

	confine_process();
	if (!options_sound(o) || !channels_open(&m))
		return 1;
	signals_take(&m);
	close_on_exec(o->listen_fd);
	close_on_exec(o->metrics_fd);
	children_set(&m);
	run(&m);
	log_event(LOG_INFO, "stopping", NULL);
	stop_listening(&m);
	stop(&m, 1, m.n, o->stop_ms > 0 ? o->stop_ms : MASTER_STOP_MS);
	stop(&m, 0, 1, VAULT_STOP_MS);
	pids_remove(&m);
	channels_close(&m);
	return 0;
}
