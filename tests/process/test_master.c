/* Masters with small workers: forked, and once as in production, by exec of this binary. */
#include <criterion/criterion.h>
#include <dirent.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "../../src/process/master.h"
#include "base/clock.h"
#include "base/date.h"
#include "memory.h"
#include "patience.h"
#include "process/service.h"

enum { WORKERS = 2 };

static char dir[] = "/tmp/haven-master-XXXXXX";
static pid_t master;

/* Children tell the test what they saw by files in a directory. */
static void note(const char *run_dir, const char *name, const char *text)
{
	char path[256];
	int fd;

	snprintf(path, sizeof(path), "%s/%s", run_dir, name);
	fd = open(path, O_WRONLY | O_CREAT | O_APPEND, 0600);
	if (fd < 0 || write(fd, text, strlen(text)) < 0)
		_exit(99);
	close(fd);
}

static size_t noted(const char *name, char *out, size_t size)
{
	char path[128];
	ssize_t n = -1;
	int fd;

	snprintf(path, sizeof(path), "%s/%s", dir, name);
	fd = open(path, O_RDONLY);
	if (fd >= 0) {
		n = read(fd, out, size - 1);
		close(fd);
	}
	n = n < 0 ? 0 : n;
	out[n] = '\0';
	return (size_t)n;
}

static pid_t pid_of(const char *name)
{
	char text[1024], key[32], *at;

	noted("pids", text, sizeof(text));
	snprintf(key, sizeof(key), "%s ", name);
	at = strstr(text, key);
	return at ? (pid_t)strtol(at + strlen(key), NULL, 10) : 0;
}

static pid_t other_pid(const char *name, pid_t old)
{
	int64_t since = clock_mono();
	pid_t pid;

	while ((pid = pid_of(name)) == old || pid == 0)
		cr_assert(wait_on(since), "%s never came", name);
	return pid;
}

static void until_noted(const char *name, size_t bytes)
{
	int64_t since = clock_mono();
	char text[256];

	while (noted(name, text, sizeof(text)) < bytes)
		cr_assert(wait_on(since), "%s: only \"%s\"", name, text);
}

/* ---- workers ---- */

static int worker_waits(void *arg, const struct master_child *w)
{
	(void)w;
	note(arg, "up", ".");
	while (pause() < 0)
		;
	return 0;
}

static int worker_dies(void *arg, const struct master_child *w)
{
	note(arg, w->index == 0 ? "starts-0" : "starts-1", ".");
	return 3;
}

static int worker_ignores_term(void *arg, const struct master_child *w)
{
	signal(SIGTERM, SIG_IGN);
	return worker_waits(arg, w);
}

static bool echoes(int fd)
{
	int64_t sent = getpid(), back = 0;

	if (send(fd, &sent, sizeof(sent), 0) != sizeof(sent))
		return false;
	while (recv(fd, &back, sizeof(back), 0) == sizeof(back))
		if (back == sent)	/* an earlier worker may have left an answer */
			return true;
	return false;
}

static int worker_asks_first_and_last(void *arg, const struct master_child *w)
{
	sigset_t set;
	int sig;

	sigemptyset(&set);
	sigaddset(&set, SIGTERM);
	sigprocmask(SIG_BLOCK, &set, NULL);
	note(arg, "up", echoes(w->fds[0]) ? "." : "x");
	sigwait(&set, &sig);
	usleep(100000);
	note(arg, "last", echoes(w->fds[0]) ? "." : "x");
	return 0;
}

static bool hardened(void)
{
	struct rlimit core, files;

	getrlimit(RLIMIT_CORE, &core);
	getrlimit(RLIMIT_NOFILE, &files);
	return prctl(PR_GET_DUMPABLE) == 0 && prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) == 1 &&
	       core.rlim_cur == 0 && core.rlim_max == 0 && files.rlim_cur == files.rlim_max;
}

static int worker_tells_limits(void *arg, const struct master_child *w)
{
	note(arg, "hardened", hardened() ? "." : "x");
	return worker_waits(arg, w);
}

static int vault_echoes(void *arg, const int fds[], int n)
{
	int64_t word;

	(void)arg;
	while (usleep(1000) == 0)
		for (int i = 0; i < n; i++)
			if (recv(fds[i], &word, sizeof(word), MSG_DONTWAIT) == sizeof(word))
				send(fds[i], &word, sizeof(word), MSG_DONTWAIT);
	return 0;
}

static pid_t spawn_fork(const struct master_options *o, const struct master_child *c)
{
	pid_t pid = fork();

	if (pid != 0)
		return pid;
	child_end(master_child_main(o, c));
}

static struct master_options options(int (*worker)(void *, const struct master_child *))
{
	return (struct master_options){
		.workers = WORKERS, .listen_fd = -1, .metrics_fd = -1, .run_dir = dir,
		.worker_main = worker, .vault_main = vault_echoes, .arg = dir,
		.spawn = spawn_fork,
	};
}

static void run_master(const struct master_options *o)
{
	master = fork();
	if (master == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		child_end(master_run(o));
	}
}

static int end_master(int sig)
{
	int status = -1;

	if (master > 0) {
		kill(master, sig);
		waitpid(master, &status, 0);
	}
	master = 0;
	return status;
}

static void make_dir(void)
{
	cr_assert(mkdtemp(dir) != NULL, "a directory");
}

static void remove_dir(void)
{
	DIR *d;

	end_master(SIGKILL);
	d = opendir(dir);
	for (struct dirent *e; (e = readdir(d));)
		unlinkat(dirfd(d), e->d_name, 0);
	closedir(d);
	rmdir(dir);
}

TestSuite(master, .init = make_dir, .fini = remove_dir, .timeout = 120);

/* A dead orphan stays a zombie if there is no init process to reap it, as in some containers. */
static bool runs(pid_t pid)
{
	char path[32], stat[128] = "", *state;
	ssize_t n;
	int fd;

	snprintf(path, sizeof(path), "/proc/%d/stat", (int)pid);
	fd = open(path, O_RDONLY);
	if (fd < 0)
		return false;
	n = read(fd, stat, sizeof(stat) - 1);
	close(fd);
	state = strrchr(stat, ')');
	return n > 0 && state && state[2] != 'Z';
}

static bool gone(pid_t pid)
{
	int64_t since = clock_mono();

	while (runs(pid))
		if (!wait_on(since))
			return false;
	return true;
}

Test(master, what_dies_is_started_again_and_the_rest_stays)
{
	struct master_options o = options(worker_waits);
	pid_t vault, zero, one;

	run_master(&o);
	until_noted("up", WORKERS);
	vault = other_pid("vault", 0);
	zero = other_pid("worker-0", 0);
	one = other_pid("worker-1", 0);
	cr_assert_eq(other_pid("master", 0), master, "the master's own line");
	kill(one, SIGKILL);
	cr_assert_neq(other_pid("worker-1", one), one, "another worker");
	kill(vault, SIGSEGV);
	cr_assert_neq(other_pid("vault", vault), vault, "another vault");
	cr_assert_eq(pid_of("worker-0"), zero, "the other is left alone");
	cr_assert(runs(zero), "and runs");
	until_noted("up", WORKERS + 1);
}

Test(master, stops_all_on_sigterm_and_on_sigint)
{
	static const int signals[] = { SIGTERM, SIGINT };

	for (int i = 0; i < 2; i++) {
		struct master_options o = options(worker_waits);
		int64_t start;
		pid_t pids[3];

		run_master(&o);
		until_noted("up", (size_t)(i + 1) * WORKERS);
		pids[0] = other_pid("vault", 0);
		pids[1] = other_pid("worker-0", 0);
		pids[2] = other_pid("worker-1", 0);
		start = clock_mono();
		cr_assert_eq(end_master(signals[i]), 0, "in order");
		cr_assert(clock_mono() - start < 2 * SECOND_US, "and at once");
		for (int p = 0; p < 3; p++)
			cr_assert(gone(pids[p]), "child %d is gone", p);
		cr_assert_eq(pid_of("master"), 0, "and so is the file");
	}
}

Test(master, worker_that_ignores_sigterm_is_killed_after_the_limit)
{
	struct master_options o = options(worker_ignores_term);
	int64_t start;
	pid_t worker;

	o.stop_ms = 300;
	run_master(&o);
	until_noted("up", WORKERS);
	worker = other_pid("worker-0", 0);
	start = clock_mono();
	cr_assert_eq(end_master(SIGTERM), 0, "in order");
	cr_assert(clock_mono() - start >= 300 * 1000, "not before its time");
	cr_assert(clock_mono() - start < 3 * SECOND_US, "and not much after");
	cr_assert(gone(worker), "killed");
}

Test(master, sighup_and_a_workers_sigint_change_nothing)
{
	struct master_options o = options(worker_waits);
	pid_t worker;

	run_master(&o);
	until_noted("up", WORKERS);
	worker = other_pid("worker-0", 0);
	kill(master, SIGHUP);
	kill(worker, SIGHUP);
	kill(worker, SIGINT);
	usleep(150000);
	cr_assert_eq(waitpid(master, NULL, WNOHANG), 0, "the master runs");
	cr_assert_eq(pid_of("worker-0"), worker, "the worker too");
	cr_assert(runs(worker), "the worker too");
}

Test(master, line_to_the_vault_outlives_worker_and_vault_and_serves_to_the_end)
{
	struct master_options o = options(worker_asks_first_and_last);
	char text[16];
	pid_t old;

	run_master(&o);
	until_noted("up", WORKERS);
	old = other_pid("worker-0", 0);
	kill(old, SIGKILL);
	until_noted("up", WORKERS + 1);
	old = pid_of("vault");
	kill(old, SIGKILL);
	other_pid("vault", old);
	cr_assert_eq(end_master(SIGTERM), 0, "in order");
	noted("up", text, sizeof(text));
	cr_assert_str_eq(text, "...", "each worker was answered");
	noted("last", text, sizeof(text));
	cr_assert_str_eq(text, "..", "also while stopping: the vault goes last");
}

Test(master, killed_master_leaves_no_orphans)
{
	struct master_options o = options(worker_ignores_term);
	pid_t vault, worker;

	run_master(&o);
	until_noted("up", WORKERS);
	vault = other_pid("vault", 0);
	worker = other_pid("worker-1", 0);
	end_master(SIGKILL);
	cr_assert(gone(vault), "no vault");
	cr_assert(gone(worker), "no worker");
}

Test(master, children_are_hardened)
{
	struct master_options o = options(worker_tells_limits);
	char text[8];

	run_master(&o);
	until_noted("hardened", WORKERS);
	noted("hardened", text, sizeof(text));
	cr_assert_str_eq(text, "..", "no dumps, no new rights, all descriptors");
}

Test(master, wait_doubles_to_its_limit_and_starts_anew_for_the_steady)
{
	static const int waits[] = { 100, 200, 400, 800, 1600, 3200, 5000, 5000 };
	int wait = 0;

	for (size_t i = 0; i < sizeof(waits) / sizeof(waits[0]); i++) {
		wait = master_backoff(wait, 10);
		cr_assert_eq(wait, waits[i], "wait %zu: %d", i, wait);
	}
	cr_assert_eq(master_backoff(5000, MASTER_STEADY_MS - 1), 5000, "not steady yet");
	cr_assert_eq(master_backoff(5000, MASTER_STEADY_MS), 100, "steady");
}

Test(master, worker_that_can_not_live_is_not_started_in_a_tight_loop)
{
	struct master_options o = options(worker_dies);
	char text[64];
	size_t n;

	run_master(&o);
	until_noted("starts-0", 3);
	usleep(500000);
	n = noted("starts-0", text, sizeof(text));
	cr_assert(n >= 3 && n <= 4, "at 0, 100, 300 and 700 ms: %zu", n);
	cr_assert_eq(end_master(SIGTERM), 0, "and the master lives");
}

Test(master, impossible_options_are_refused)
{
	struct master_options o = options(worker_waits);

	o.workers = 0;
	run_master(&o);
	cr_assert_eq(WEXITSTATUS(end_master(0)), 1, "no worker");
	o.workers = MASTER_WORKERS_MAX + 1;
	run_master(&o);
	cr_assert_eq(WEXITSTATUS(end_master(0)), 1, "too many");
	o = options(worker_waits);
	o.spawn = NULL;
	run_master(&o);
	cr_assert_eq(WEXITSTATUS(end_master(0)), 1, "nothing to exec with");
}

Test(master, hidden_argument_is_read_strictly)
{
	static const char *const bad[] = {
		"", "--help", "--haven-child=", "--haven-child=1", "--haven-child=1,0,5,6,7",
		"--haven-child=2,0,5,6,7,8", "--haven-child=-1,0,5,6,7,8",
		"--haven-child=1,0,5,6,7,x", "--haven-child=1,0,5,6,7,99999999999",
		"--haven-child=1,0,5,6,7,-2", "--haven-child=1,,5,6,7,8",
	};
	struct master_child c;

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		cr_assert(!master_child_parse(bad[i], &c), "%s", bad[i]);
	cr_assert(master_child_parse("--haven-child=1,3,77,6,-1,8", &c), "a worker's");
	cr_assert(c.role == MASTER_WORKER && c.index == 3 && c.master == 77 && c.listen_fd == 6 &&
		  c.metrics_fd == -1 && c.n == 1 && c.fds[0] == 8, "as written");
}

/* As in production: the child is this binary, started anew, and never reaches Criterion's main. */

static bool is_open(int fd)
{
	return fcntl(fd, F_GETFD) >= 0;
}

static int exec_worker(void *arg, const struct master_child *w)
{
	bool ok = hardened() && is_open(w->listen_fd) && w->metrics_fd == -1 && echoes(w->fds[0]);
	int others = 0;

	for (int fd = 3; fd < 256; fd++) {
		int type = 0;
		socklen_t len = sizeof(type);

		if (getsockopt(fd, SOL_SOCKET, SO_TYPE, &type, &len) == 0 &&
		    type == SOCK_SEQPACKET && fd != w->fds[0])
			others++;
	}
	note(arg, "exec", ok && others == 0 ? "." : "x");
	return worker_waits(arg, w);
}

static void __attribute__((constructor)) become_child(int argc, char **argv)
{
	struct master_options o = { .worker_main = exec_worker, .vault_main = vault_echoes };
	struct master_child child;

	if (argc < 2 || !master_child_parse(argv[1], &child))
		return;
	if (getenv("HAVEN_TEST_SERVICE"))
		_exit(service_run(argc, argv));	/* tests/process/test_confine.c */
	o.arg = argv[2];
	_exit(master_child_main(&o, &child));
}

Test(master, exec_gives_each_child_its_own_line_and_nothing_else)
{
	static char program[] = "test", *argv[] = { program, dir, NULL };
	struct master_options o = options(worker_dies);
	char text[8];

	o.spawn = NULL;
	o.argv = argv;
	o.listen_fd = open("/dev/null", O_RDONLY);
	run_master(&o);
	until_noted("exec", WORKERS);
	kill(other_pid("worker-1", 0), SIGKILL);
	until_noted("exec", WORKERS + 1);
	noted("exec", text, sizeof(text));
	cr_assert_str_eq(text, "...", "hardened, listening, answered, and no other's line");
	cr_assert_eq(end_master(SIGTERM), 0, "in order");
}
