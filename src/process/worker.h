/* A worker process: one event loop, one pool, one board, one runner. */
#pragma once
#include "app/config.h"
#include "counters.h"
#include "master.h"

/* Runs until SIGTERM; returns the exit code. counters is what counters_map() gave. */
int worker_run(const struct app_config *config, const struct master_child *child, struct counters *counters);
