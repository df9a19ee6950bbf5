/* A worker process: one event loop, one pool, one board, one runner. */
#pragma once
#include "app/config.h"
#include "counters.h"
#include "master.h"

/* Runs until SIGTERM; returns the exit code. `counters` comes from counters_map(). */
int worker_run(const struct app_config *config, const struct master_child *child, struct counters *counters);
