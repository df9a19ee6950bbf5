/* The service: configuration, sockets, key, master. */
#include "process/service.h"

#include <errno.h>
#include <jansson.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "app/config.h"
#include "audit/sealer.h"
#include "base/log.h"
#include "confine.h"
#include "http/server.h"
#include "http/view.h"
#include "master.h"
#include "seal/keys.h"
#include "vault/vault.h"
#include "worker.h"

enum { BACKLOG = 1024 };

static int refuse(const char *what, const char *detail)
{
	log_event(LOG_ERROR, what, "detail", detail, NULL);
	return 1;
}

/* Opens the shared counters first: they belong to the master's user. */
static int run_worker(void *arg, const struct master_child *child)
{
	const struct app_config *config = arg;
	struct counters *counters = counters_map(config->run_dir, config->workers);
	const char *error = confine_become(config->worker_user);

	if (error)
		return refuse("worker_user", error);
	return worker_run(config, child, counters);
}

/* Without a sealer the service goes on; `haven audit verify` shows that links are missing. */
static struct sealer *start_sealer(const struct app_config *config, const struct vault_keys *keys)
{
	struct arena *a = arena_new();
	struct sealer_options o = { .conninfo = app_conninfo(a, config, config->vault_role) };
	struct sealer *sealer = sealer_start(keys, &o);

	if (!sealer)
		log_event(LOG_ERROR, "audit_sealer", "state", "cannot start", NULL);
	arena_free(a);
	return sealer;
}

static struct vault_keys *load_keys(const struct app_config *config, const char **error)
{
	return vault_keys_load(*config->key_file ? config->key_file : NULL, error);
}

static int serve_vault(const struct app_config *config, const int fds[], int n, struct vault_keys *keys)
{
	struct arena *a = arena_new();
	struct sealer *sealer = start_sealer(config, keys);
	int code = vault_serve(fds, n, keys, app_conninfo(a, config, config->vault_role));

	sealer_stop(sealer);
	arena_free(a);
	return code;
}

/* The key file may belong to root, as a systemd credential does. The vault then takes up a rotated
 * file when it starts again. A key file that belongs to the vault's user is read as that user, and
 * a rotated one is taken up at once. */
static int run_vault(void *arg, const int fds[], int n)
{
	const struct app_config *config = arg;
	const char *error = NULL, *refusal;
	struct vault_keys *keys = load_keys(config, &error);
	int code;

	refusal = confine_become(config->vault_user);
	if (refusal)
		return refuse("vault_user", refusal);
	if (!keys)
		keys = load_keys(config, &error);
	if (!keys)
		return refuse("vault", error);
	code = serve_vault(config, fds, n, keys);
	vault_keys_free(keys);
	return code;
}

static const char *option(int argc, char **argv, const char *name)
{
	for (int i = 1; i + 1 < argc; i++)
		if (strcmp(argv[i], name) == 0)
			return argv[i + 1];
	return NULL;
}

static int listen_and_run(struct master_options *o, const struct app_config *c)
{
	const char *error;

	o->listen_fd = http_listen(c->listen_address, (uint16_t)c->listen_port, BACKLOG);
	if (o->listen_fd < 0)
		return refuse("cannot listen", strerror(errno));
	o->metrics_fd = http_listen(c->listen_address, (uint16_t)c->ops_port, 64);
	if (o->metrics_fd < 0)
		return refuse("cannot listen on ops_port", strerror(errno));
	error = confine_master();
	return error ? refuse("rights", error) : master_run(o);
}

static int run_master(struct arena *a, struct master_options *o, const struct app_config *c)
{
	const char *error = view_check_all(a);

	if (error)
		return refuse("view", error);
	error = confine_refusal(c->worker_user, c->vault_user);
	if (error)
		return refuse("users", error);
	if (mkdir(c->run_dir, 0700) != 0 && errno != EEXIST)
		return refuse("run_dir", strerror(errno));
	return listen_and_run(o, c);
}

int service_run(int argc, char **argv)
{
	struct arena *a = arena_new();
	struct app_config config;
	struct master_child child;
	const char *error, *file;
	bool is_child = argc > 1 && master_child_parse(argv[1], &child);
	struct master_options o = {
		.worker_main = run_worker, .vault_main = run_vault, .arg = &config, .argv = argv,
	};

	if (sodium_init() < 0)
		return refuse("libsodium", NULL);
	file = option(argc, argv, "--config");
	if (!config_load(a, app_config_keys, file ? file : getenv("HAVEN_CONFIG"), &config, &error))
		return refuse("configuration", error);
	json_object_seed(0);
	o.workers = config.workers;
	o.stop_ms = config.drain_seconds * 1000;
	o.run_dir = config.run_dir;
	return is_child ? master_child_main(&o, &child) : run_master(a, &o, &config);
}
