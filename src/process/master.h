/* The master: starts the vault and the workers, starts a child that died again, and stops all in
 * order. It opens nothing and parses nothing from the network, and holds no key and no database
 * connection.
 *
 * A child is fork and exec of this same binary (/proc/self/exe, which stays this version when the
 * file on disk is replaced) with one hidden first argument that names its role and inherited
 * descriptors. Exec, not fork alone: a child starts with fresh memory and a layout of its own, so
 * nothing the vault reads can be in a worker and one worker's addresses tell nothing of another's.
 *
 *	int main(int argc, char **argv)
 *	{
 *		struct master_child child;
 *
 *		if (argc > 1 && master_child_parse(argv[1], &child))
 *			… take argv[1] out, read the configuration …
 *			return master_child_main(&options, &child);
 *		… read the configuration, open the sockets …
 *		return master_run(&options);
 *	}
 *
 * Children have SIGINT and SIGHUP ignored (Ctrl-C reaches the whole group; the master alone turns
 * it into an orderly stop), SIGTERM at its default and unblocked, and are killed when the master
 * is. No process leaves a core dump or may be traced by its own user.
 */
#pragma once
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

enum {
	MASTER_WORKERS_MAX = 64,
	MASTER_STOP_MS = 20000,
	MASTER_BACKOFF_MIN_MS = 100,
	MASTER_BACKOFF_MAX_MS = 5000,
	MASTER_STEADY_MS = 30000,	/* a child that lived so long waits least for its next start */
};

enum master_role { MASTER_VAULT, MASTER_WORKER };

/* A bell is an eventfd: a process that writes to it wakes its worker. Bells outlive the workers. */
enum { MASTER_LINE, MASTER_BELLS };

struct master_child {
	enum master_role role;
	int index;			/* of the worker, from 0; 0 for the vault */
	pid_t master;
	int listen_fd, metrics_fd;	/* worker; -1: none */
	/* Vault: its end of every line. Worker: MASTER_LINE, its own line to the vault; then the bell of
	 * every worker, its own at MASTER_BELLS + index. */
	int fds[MASTER_BELLS + MASTER_WORKERS_MAX];
	int n;
};

struct master_options {
	int workers;			/* 1 to MASTER_WORKERS_MAX */
	int listen_fd;			/* inherited by every worker, closed at a stop; -1: none */
	int metrics_fd;			/* likewise */
	int stop_ms;			/* from SIGTERM to SIGKILL; 0: MASTER_STOP_MS */
	const char *run_dir;		/* the file "pids" is kept there; NULL: none */
	/* The main functions of the children; the result is the exit code. */
	int (*worker_main)(void *arg, const struct master_child *worker);
	int (*vault_main)(void *arg, const int fds[], int n);
	void *arg;
	/* The program's own arguments, repeated to each child after the hidden one. */
	char *const *argv;
	/* NULL: fork and exec. Tests fork only, and call master_child_main() in the child.
	 * Returns the pid, or -1 with errno. */
	pid_t (*spawn)(const struct master_options *o, const struct master_child *child);
};

/* Runs until SIGTERM or SIGINT: workers get SIGTERM and stop_ms, then SIGKILL; the vault stops
 * last. 0 after such a stop, 1 if it cannot start. <run_dir>/pids holds "master 12", "vault 13",
 * "worker-0 14", … one a line. The file is replaced on every change and removed at the end. */
int master_run(const struct master_options *o);

/* True if arg is the hidden argument; then fills *child. */
bool master_child_parse(const char *arg, struct master_child *child)
	__attribute__((warn_unused_result));
/* Hardens the process and runs its role; returns its exit code. */
int master_child_main(const struct master_options *o, const struct master_child *child);

/* The wait before the next start of a child that waited `last` (0: never) and then lived `alive`,
 * all in ms. */
int master_backoff(int last, int64_t alive);
