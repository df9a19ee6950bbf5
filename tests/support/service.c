#include "service.h"

#include <criterion/criterion.h>
#include <signal.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "../../src/process/counters.h"
#include "../../src/process/master.h"
#include "../../src/process/worker.h"
#include "base/clock.h"
#include "http/server.h"
#include "kept.h"
#include "memory.h"
#include "patience.h"
#include "seal/keys.h"
#include "seal/token.h"
#include "vault/vault.h"

/* Started here, or lent. */
enum { SHIPPED = 4 };	/* connections for writes */

static struct {
	char dir[64];
	int port, ops_port, listen_fd, ops_fd, line[2], bells[2];
	int index;			/* of the worker, of two */
	struct app_config config;
	struct counters *counters;
	pid_t vault, worker;
	bool lent;
	struct loan loan;
} service;

static struct app_config service_config(int write_connections)
{
	struct app_config c;
	const char *error;

	if (!config_load(test_memory(), app_config_keys, NULL, &c, &error))
		test_fail("%s", error);
	c.database = fresh_database("haven_template");
	c.run_dir = service.dir;
	c.key_file = service_key_file();
	c.workers = 2;
	c.write_connections = write_connections;
	return c;
}

static pid_t child(void)
{
	pid_t parent = getpid(), pid = fork();

	if (pid == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		if (getppid() != parent)
			_exit(1);
	}
	return pid;
}

static void start_vault(const struct app_config *c, int fd)
{
	const char *error;

	service.vault = child();
	if (service.vault == 0) {
		struct vault_keys *keys = vault_keys_load(c->key_file, &error);
		const char *conninfo = app_conninfo(test_memory(), c, c->vault_role);
		int code = keys ? vault_serve(&fd, 1, keys, conninfo) : 1;

		vault_keys_free(keys);
		child_end(code);
	}
}

static void start_worker(const struct app_config *c, int vault_fd)
{
	struct master_child m = {
		.role = MASTER_WORKER, .index = service.index, .listen_fd = service.listen_fd, .metrics_fd = service.ops_fd,
		.fds = { [MASTER_LINE] = vault_fd, [MASTER_BELLS] = service.bells[0], service.bells[1] },
		.n = MASTER_BELLS + 2,
	};

	service.worker = child();
	if (service.worker == 0)
		child_end(worker_run(c, &m, service.counters));
}

/* The worker accepts connections once its board is loaded. */
static void wait_until_served(void)
{
	int64_t since = clock_mono();

	while (call_with(SIGNED_OUT, "GET", "/assets/favicon.svg", "", NULL).status != 200) {
		test_must(waitpid(service.worker, NULL, WNOHANG) == 0, "the worker ended at its start");
		test_must(wait_on(since), "the service did not start");
	}
}

static const char *username(int actor)
{
	static const char *const extra[] = { "provider_b", "other_officer", "other_provider" };

	return actor < ROLES ? code_at(&role_codes, actor) : extra[actor - ROLES];
}

static const char *hash_of(int actor)
{
	char *hash = arena_alloc(test_memory(), TOKEN_HASH);

	token_hash(service_token(actor), hash);
	return hash;
}

/* One session for each actor, on the accounts of the seed. */
static void open_sessions(void)
{
	for (int actor = 0; actor < ACTORS; actor++)
		sql("INSERT INTO session (account_id, token_hash, idle_minutes, expires_at) "
		    "SELECT id, sha256(decode('%s', 'hex')), 600, now() + interval '12 hours' FROM account WHERE username = '%s'",
		    hash_of(actor), username(actor));
}

static void start(int write_connections)
{
	const char *error;

	test_must(sodium_init() >= 0, "no sodium");
	strcpy(service.dir, "/tmp/haven-test-XXXXXX");
	test_must(mkdtemp(service.dir), "no directory");
	service.config = service_config(write_connections);
	open_sessions();
	test_must(vault_keys_create(service.config.key_file, &error), "%s", error);
	service.counters = counters_map(service.dir, service.config.workers);
	service.listen_fd = http_listen("127.0.0.1", 0, 1024);
	service.ops_fd = http_listen("127.0.0.1", 0, 16);
	service.port = http_port(service.listen_fd);
	service.ops_port = http_port(service.ops_fd);
	test_must(vault_line(service.line), "no line");
	for (int i = 0; i < 2; i++)
		service.bells[i] = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
	start_vault(&service.config, service.line[0]);
	start_worker(&service.config, service.line[1]);
	wait_until_served();
}

void service_start_own(void)
{
	start(1);
}

void service_start_crowded(void)
{
	start(SHIPPED);
}

static int heard_fd = -1;

void service_start_heard(void)
{
	int saved = dup(STDERR_FILENO);

	heard_fd = test_scratch();
	dup2(heard_fd, STDERR_FILENO);
	service_start_crowded();
	dup2(saved, STDERR_FILENO);
	close(saved);
}

const char *service_heard(size_t *n)
{
	return test_bytes(heard_fd, n);
}

/* How the process ended, as waitpid() tells it. */
static int end(pid_t *pid)
{
	int status = 0;

	if (*pid > 0 && kill(*pid, SIGTERM) == 0)
		waitpid(*pid, &status, 0);
	*pid = 0;
	return status;
}

static void close_fds(void)
{
	const int fds[] = { service.listen_fd, service.ops_fd, service.line[0], service.line[1], service.bells[0], service.bells[1] };

	for (size_t i = 0; i < sizeof(fds) / sizeof(*fds); i++)
		close(fds[i]);
}

static void end_service(int *worker, int *vault)
{
	static const char *const files[] = { "key", "counters" };

	*worker = end(&service.worker);
	*vault = end(&service.vault);
	for (size_t i = 0; i < 2; i++)
		unlink(arena_printf(test_memory(), "%s/%s", service.dir, files[i]));
	rmdir(service.dir);
	close_fds();
	drop_database();
}

void service_stop(void)
{
	int worker, vault;

	if (service.lent) {
		kept_give_back(&service.loan);
		return;
	}
	end_service(&worker, &vault);
	cr_assert(worker == 0 && vault == 0, "the worker ended with %#x, the vault with %#x", worker, vault);
}

/* ---- a service that is lent ---- */

static const char *ask_keeper(const char *statement)
{
	return kept_ask(&service.loan, statement);
}

void service_start(void)
{
	service.loan = kept_borrow();
	service.lent = true;
	service.port = service.loan.port;
	service.ops_port = service.loan.ops_port;
	service.worker = service.loan.worker;
	service.vault = service.loan.vault;
	strcpy(service.dir, service.loan.dir);
	use_database(service.loan.database, ask_keeper);
}

/* What is written from now on is not as it was kept. */
static void note_restored(void)
{
	superuser_inside("SELECT set_config('test.restored', pg_current_snapshot()::text, false)");
}

void service_start_kept(void)
{
	service.index = 1;
	start(SHIPPED);
	superuser_inside("SELECT test.keep()");
	superuser_inside("SET session_replication_role = replica");
	note_restored();
}

struct loan service_lend(void)
{
	struct loan l = {
		.port = service.port, .ops_port = service.ops_port, .turn = service.loan.turn,
		.worker = service.worker, .vault = service.vault,
	};

	strcpy(l.dir, service.dir);
	strcpy(l.database, database_name());
	return l;
}

static void renew_sessions(void)
{
	struct text t = text_in(test_memory());

	service.loan.turn++;
	for (int actor = 0; actor < ACTORS; actor++)
		text_printf(&t, "%s('%s', '%s')", actor ? ", " : "", username(actor), hash_of(actor));
	superuser_inside("UPDATE session SET token_hash = sha256(decode(n.hash, 'hex')) FROM account a JOIN (VALUES %s) n (name, hash)"
			 " ON a.username = n.name WHERE a.id = account_id", text_done(&t));
}

/* Sessions that the test opened itself would be in the way. */
void service_restore(void)
{
	database_renew();
	sql("SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity"
	    " WHERE datname = current_database() AND usename = 'haven_owner' AND pid <> pg_backend_pid()");
	superuser_inside("SELECT test.restore()");
	note_restored();
	renew_sessions();
}

/* The board is older than a change until a poll has begun after it. */
bool service_settled(int64_t since)
{
	const struct counters *c = &service.counters[service.index];

	return service_metrics().status == 200 && c->ready && (int64_t)c->board_age_us < clock_mono() - since;
}

bool service_alive(void)
{
	return waitpid(service.worker, NULL, WNOHANG) == 0 && waitpid(service.vault, NULL, WNOHANG) == 0;
}

int service_end(void)
{
	int worker, vault;

	end_service(&worker, &vault);
	return worker || vault;
}

/* ---- what tests ask of it ---- */

int service_port(void)
{
	return service.port;
}

int service_ops_port(void)
{
	return service.ops_port;
}

int service_worker(void)
{
	return service.worker;
}

int service_vault(void)
{
	return service.vault;
}

void service_lose_vault(void)
{
	kill(service.vault, SIGKILL);
	waitpid(service.vault, NULL, 0);
	service.vault = 0;
}

void service_new_vault(void)
{
	start_vault(&service.config, service.line[0]);
}

int service_line(void)
{
	return service.line[1];
}

void service_ring(void)
{
	if (service.lent)
		kept_ring(&service.loan);
	else
		test_must(eventfd_write(service.bells[service.index], 1) == 0, "no bell");
}

int service_other_bell(void)
{
	return service.bells[!service.index];
}

const char *service_key_file(void)
{
	return arena_printf(test_memory(), "%s/key", service.dir);
}

const char *service_token(int actor)
{
	return actor < 0 ? NULL : arena_printf(test_memory(), "test-%u-%s", service.loan.turn, username(actor));
}
