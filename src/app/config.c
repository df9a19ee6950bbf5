#include "app/config.h"

#include <stddef.h>

#define KEY(key, config_type, default_text, ...) \
	{ .name = #key, .type = config_type, .offset = offsetof(struct app_config, key), .def = default_text, __VA_ARGS__ }

const struct config_key app_config_keys[] = {
	KEY(board_role, CONFIG_TEXT, "haven_board", .help = "Database role of the connections that load a worker's board"),
	KEY(dash_wording, CONFIG_TEXT, "",
	    .help = "File with the questions of DASH, a line each: the topic's code, a tab, the question; empty: the topics' names"),
	KEY(database, CONFIG_TEXT, "dbname=haven", .help = "libpq connection string, without a user"),
	KEY(drain_seconds, CONFIG_INT, "20", .min = 1, .max = 600, .help = "Longest wait for open requests when the service stops, in seconds"),
	KEY(key_file, CONFIG_TEXT, "var/key", .help = "Key file of the vault, mode 0400; empty: the systemd credential vault_key"),
	KEY(listen_address, CONFIG_TEXT, "127.0.0.1", .help = "Numeric address of the service"),
	KEY(listen_port, CONFIG_INT, "8080", .min = 1, .max = 65535, .help = "Port of the service"),
	KEY(ops_port, CONFIG_INT, "8081", .min = 1, .max = 65535,
	    .help = "Port of /healthz, /readyz and /metrics, on the same address"),
	KEY(owner_role, CONFIG_TEXT, "haven_owner", .help = "Database role of migrations and of the operator's tool"),
	KEY(person_search_budget, CONFIG_INT, "30", .min = 1, .max = 10000, .help = "Searches for people that one person may make in a day"),
	KEY(run_dir, CONFIG_TEXT, "var/run", .help = "Directory for process ids and shared counters"),
	KEY(search_budget, CONFIG_INT, "200", .min = 0, .max = 1000000,
	    .help = "Vacancy searches for one case, and lists of candidates, that one person may make in a day; 0 (no limit) only in benchmarks"),
	KEY(secure_cookies, CONFIG_BOOL, "false", .help = "Session cookies for https only; true behind TLS"),
	KEY(vault_role, CONFIG_TEXT, "haven_vault", .help = "Database role of the vault, which seals the audit trail"),
	KEY(vault_user, CONFIG_TEXT, "", .help = "System user of the vault if root starts the service; empty: the user who starts it"),
	KEY(worker_role, CONFIG_TEXT, "haven_app", .help = "Database role of the workers"),
	KEY(worker_user, CONFIG_TEXT, "", .help = "System user of the workers, not the vault's, if root starts the service; empty: the user who starts it"),
	KEY(workers, CONFIG_INT, "1", .min = 1, .max = 64, .help = "Worker processes"),
	KEY(write_connections, CONFIG_INT, "4", .min = 1, .max = 32, .help = "Database connections for writes, for each worker"),
	{ 0 },
};

const char *app_conninfo(struct arena *a, const struct app_config *c, const char *role)
{
	return arena_printf(a, "%s user=%s", c->database, role);
}
