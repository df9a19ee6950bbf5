/* The settings of the service and of the operator's tool: one file, one struct. `haven config`
 * prints each with its help. */
#pragma once
#include <stdbool.h>

#include "base/arena.h"
#include "base/config.h"

struct app_config {
	const char *listen_address;
	int listen_port, ops_port;
	int workers;
	const char *database;		/* libpq conninfo without user */
	const char *worker_role, *board_role, *vault_role, *owner_role;
	const char *worker_user, *vault_user;	/* of the system; "": the user who started it */
	int write_connections;
	const char *key_file, *run_dir, *dash_wording;
	bool secure_cookies;
	int search_budget, person_search_budget;
	int drain_seconds;
};

extern const struct config_key app_config_keys[];

/* libpq's form for a database role. */
const char *app_conninfo(struct arena *a, const struct app_config *c, const char *role);
