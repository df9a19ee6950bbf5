/* /healthz, /readyz and /metrics, on a listener of their own. */
#pragma once
#include "counters.h"
#include "http/server.h"

struct ops {
	const struct counters *counters;	/* of all workers */
	int workers, self;
	/* NULL if ready, else what is missing: "database", "migrations", "board", "draining". */
	const char *(*missing)(void *arg);
	void (*update)(void *arg);		/* brings this worker's counters up to date */
	void *arg;
};

/* An http_handler; arg is a struct ops. */
void ops_request(struct http_exchange *x, const struct http_request *r, void *ops);
