/* Master, workers and vault as three users, and the rights of each. Only root can test this.
 * Started by another user, all processes are that user, and only the tests of that case run. */
#include <criterion/criterion.h>
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <libpq-fe.h>
#include <pwd.h>
#include <signal.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "../../src/process/confine.h"
#include "database.h"
#include "http/server.h"
#include "memory.h"
#include "patience.h"
#include "process/service.h"
#include "seal/keys.h"

/* As deploy/users.sh names them, and the cluster knows them. */
#define WORKER "nobody"
#define VAULT "daemon"
#define ROOT_ONLY()                                                                        \
	do {                                                                               \
		if (geteuid() != 0)                                                        \
			cr_skip_test("only root can become another user");                \
	} while (0)

static char dir[] = "/tmp/haven-confine-XXXXXX";
static pid_t master;

/* ---- one process ---- */

static int status_of(pid_t pid)
{
	int status = -1;

	waitpid(pid, &status, 0);
	return status;
}

static bool is_nobody(void)
{
	int on_death = 0;
	const struct passwd *p = getpwnam(WORKER);

	prctl(PR_GET_PDEATHSIG, &on_death);
	return getuid() == p->pw_uid && geteuid() == p->pw_uid && getgid() == p->pw_gid && getgroups(0, NULL) == 0 &&
	       setuid(0) == -1 && seteuid(0) == -1 && setgid(0) == -1 && setgroups(0, NULL) == -1 &&
	       on_death == SIGKILL && prctl(PR_GET_DUMPABLE) == 0;
}

Test(confine, becomes_another_user_for_good)
{
	pid_t pid;

	ROOT_ONLY();
	pid = fork();
	if (pid == 0) {
		confine_process();
		_exit(confine_become(WORKER) == NULL && is_nobody() ? 0 : 1);
	}
	cr_assert_eq(status_of(pid), 0, "no way back, and killed with its parent");
}

Test(confine, becomes_neither_root_nor_nobody_known)
{
	pid_t pid = fork();

	if (pid == 0)
		_exit(confine_become("root") && confine_become("no-such-user") && !confine_become("") ? 0 : 1);
	cr_assert_eq(status_of(pid), 0);
}

Test(confine, root_needs_two_users_and_others_none)
{
	if (geteuid() != 0) {
		cr_assert_null(confine_refusal("", ""), "everything stays one user");
		cr_assert_not_null(confine_refusal(WORKER, VAULT), "nobody else can be become");
		return;
	}
	cr_assert_null(confine_refusal(WORKER, VAULT));
	cr_assert_not_null(confine_refusal("", ""), "not as root");
	cr_assert_not_null(confine_refusal(WORKER, ""), "the vault not either");
	cr_assert_not_null(confine_refusal(WORKER, WORKER), "not the same");
	cr_assert_not_null(confine_refusal(WORKER, "root"));
	cr_assert_not_null(confine_refusal("no-such-user", VAULT));
}

/* ---- the service ---- */

static const char *file(const char *name)
{
	return arena_printf(test_memory(), "%s/%s", dir, name);
}

static const char *text_of(const char *path)
{
	char *text = arena_alloc(test_memory(), 16384);
	FILE *f = fopen(path, "re");

	if (f) {
		text[fread(text, 1, 16383, f)] = '\0';
		fclose(f);
	}
	return text;
}

static pid_t pid_of(const char *name)
{
	const char *at = strstr(text_of(file("run/pids")), name);

	return at ? (pid_t)strtol(at + strlen(name), NULL, 10) : 0;
}

static const char *free_port(void)
{
	int fd = http_listen("127.0.0.1", 0, 1), port = http_port(fd);

	close(fd);
	return arena_printf(test_memory(), "%d", port);
}

static void settings(void)
{
	const char *error;

	/* libpq takes the last user that is named */
	setenv("HAVEN_DATABASE", fresh_database("haven_template"), 1);
	cr_assert(mkdtemp(dir) != NULL && sodium_init() >= 0);
	chmod(dir, 0711);	/* so that file rights, not the path, keep others out */
	cr_assert(vault_keys_create(file("key"), &error), "%s", error);
	setenv("HAVEN_KEY_FILE", file("key"), 1);
	setenv("HAVEN_RUN_DIR", file("run"), 1);
	setenv("HAVEN_LISTEN_PORT", free_port(), 1);
	setenv("HAVEN_OPS_PORT", free_port(), 1);
	setenv("HAVEN_TEST_SERVICE", "1", 1);
	if (geteuid() == 0) {
		setenv("HAVEN_WORKER_USER", WORKER, 1);
		setenv("HAVEN_VAULT_USER", VAULT, 1);
	}
}

/* The worker is there, and the vault, which begins to seal when it has become its user. */
static bool serves(void)
{
	const char *log = text_of(file("log"));

	return strstr(log, "worker serves") && strstr(log, "\"state\":\"sealing\"");
}

static void start(void)
{
	static char name[] = "havend", *argv[] = { name, NULL };
	int64_t since;

	settings();
	master = fork();
	if (master == 0) {
		int log = open(file("log"), O_WRONLY | O_CREAT | O_APPEND, 0600);

		prctl(PR_SET_PDEATHSIG, SIGKILL);
		dup2(log, STDERR_FILENO);
		_exit(service_run(1, argv));
	}
	since = clock_mono();
	while (!serves())
		cr_assert(wait_on(since), "%s", text_of(file("log")));
}

static void stop(void)
{
	static const char *const left[] = { "run/counters", "run/pids", "run", "key", "log" };
	int status;

	kill(master, SIGTERM);
	status = status_of(master);
	drop_database();
	for (size_t i = 0; i < sizeof(left) / sizeof(*left); i++)
		remove(file(left[i]));
	rmdir(dir);
	cr_assert_eq(status, 0, "ended in order");
}

TestSuite(confined, .init = start, .fini = stop, .timeout = 120);

static const char *proc(const char *name, const char *what)
{
	return text_of(arena_printf(test_memory(), "/proc/%d/%s", (int)pid_of(name), what));
}

static const char *const names[] = { "master ", "vault ", "worker-0 " };

Test(confined, no_process_leaves_a_core_dump)
{
	for (size_t i = 0; i < 3; i++) {
		const char *core = strstr(proc(names[i], "limits"), "Max core file size");

		cr_assert(core, "%s", names[i]);
		cr_expect(strncmp(core + strcspn(core, "0123456789u"), "0 ", 2) == 0, "%s: %.60s", names[i], core);
		cr_expect(strstr(proc(names[i], "status"), "NoNewPrivs:\t1"), "%s", names[i]);
		/* only root can read more about a process that is not dumpable */
		if (geteuid() == 0)
			cr_expect_str_eq(proc(names[i], "coredump_filter"), "00000000\n", "%s", names[i]);
	}
}

static void expect_user(const char *name, const char *user, const char *rights)
{
	const struct passwd *p = getpwnam(user);
	const char *status = proc(name, "status");
	int uid = (int)p->pw_uid, gid = (int)p->pw_gid;

	cr_expect(strstr(status, arena_printf(test_memory(), "\nUid:\t%d\t%d\t%d\t%d\n", uid, uid, uid, uid)), "%s: %s", name, status);
	cr_expect(strstr(status, arena_printf(test_memory(), "\nGid:\t%d\t%d\t%d\t%d\n", gid, gid, gid, gid)), "%s: %s", name, status);
	cr_expect(strstr(status, arena_printf(test_memory(), "\nCapPrm:\t%s\nCapEff:\t%s\nCapBnd:\t00000000000010e0\n", rights, rights)),
		  "%s: %s", name, status);
}

Test(confined, each_kind_is_a_user_of_its_own)
{
	ROOT_ONLY();
	expect_user("master ", "root", "00000000000010e0");	/* setuid, setgid, kill, net_admin */
	expect_user("vault ", VAULT, "0000000000000000");
	expect_user("worker-0 ", WORKER, "0000000000000000");
}

/* True if that user can connect as that role; tried in a process of its own. */
static bool connects(const char *user, const char *role)
{
	const char *conninfo = arena_printf(test_memory(), "%s user=%s", database_conninfo(), role);
	const struct passwd *p = getpwnam(user);
	pid_t pid = fork();

	if (pid == 0) {
		bool in = setgroups(0, NULL) == 0 && setgid(p->pw_gid) == 0 && setuid(p->pw_uid) == 0 &&
			  PQstatus(PQconnectdb(conninfo)) == CONNECTION_OK;

		_exit(in ? 0 : 1);
	}
	return status_of(pid) == 0;
}

Test(confined, a_user_is_its_own_database_role_alone)
{
	ROOT_ONLY();
	cr_expect(connects(WORKER, "haven_app") && connects(WORKER, "haven_board") && connects(VAULT, "haven_vault"));
	cr_expect(!connects(WORKER, "haven_vault"), "a worker is not the vault");
	cr_expect(!connects(WORKER, "haven_owner") && !connects(WORKER, "haven_root"));
	cr_expect(!connects(VAULT, "haven_app") && !connects(VAULT, "haven_owner") && !connects(VAULT, "haven_root"));
}

/* A compromised worker: tries what its user can do to the other processes. */
static int attack(void)
{
	const struct passwd *p = getpwnam(WORKER);
	const char *memory = arena_printf(test_memory(), "/proc/%d/mem", (int)pid_of("vault "));
	pid_t vault = pid_of("vault ");

	if (setgroups(0, NULL) != 0 || setgid(p->pw_gid) != 0 || setuid(p->pw_uid) != 0)
		return 1;
	if (open(file("key"), O_RDONLY) >= 0 || errno != EACCES)
		return 2;
	if (open(memory, O_RDONLY) >= 0)
		return 3;
	return kill(vault, SIGKILL) == 0 || kill(master, SIGKILL) == 0 ? 4 : 0;
}

Test(confined, a_workers_user_reads_no_key_and_touches_neither_vault_nor_master)
{
	pid_t pid;

	ROOT_ONLY();
	pid = fork();
	if (pid == 0)
		_exit(attack());
	cr_assert_eq(WEXITSTATUS(status_of(pid)), 0);
}

/* A child begins as root, and is in the list before it has become another user. */
static void wait_until_user(const char *name, const char *user)
{
	const char *line = arena_printf(test_memory(), "\nUid:\t%d\t", (int)getpwnam(user)->pw_uid);
	int64_t since = clock_mono();

	while (!strstr(proc(name, "status"), line) && wait_on(since))
		;
}

/* The master can still start the other two as their users again. */
Test(confined, what_dies_becomes_its_user_again)
{
	pid_t vault = pid_of("vault "), worker = pid_of("worker-0 ");
	int64_t since = clock_mono();

	kill(vault, SIGKILL);
	kill(worker, SIGKILL);
	while ((pid_of("vault ") == vault || pid_of("worker-0 ") == worker || !pid_of("vault ") || !pid_of("worker-0 ")) &&
	       wait_on(since))
		;
	ROOT_ONLY();
	wait_until_user("vault ", VAULT);
	wait_until_user("worker-0 ", WORKER);
	expect_user("vault ", VAULT, "0000000000000000");
	expect_user("worker-0 ", WORKER, "0000000000000000");
}
