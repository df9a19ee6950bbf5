#include "ops.h"

#include <string.h>

#include "base/text.h"
#include "json/write.h"

static void answer(struct http_exchange *x, int status, const char *type, const struct text *t)
{
	const struct http_header headers[] = { { "Content-Type", type }, { "Cache-Control", "no-store" } };

	http_reply(x, status, headers, 2, t->data, t->len);
}

static void state(struct http_exchange *x, struct text *t, const char *missing)
{
	json_object_begin(t);
	json_put_text(t, "status", missing ? "not ready" : "ok");
	if (missing)
		json_put_text(t, "missing", missing);
	json_object_end(t);
	answer(x, missing ? 503 : 200, "application/json", t);
}

static void family(struct text *t, const char *name, const char *type, const char *help)
{
	text_printf(t, "# HELP haven_%s %s\n# TYPE haven_%s %s\n", name, help, name, type);
}

struct gauge {
	const char *name, *type, *help;
	size_t offset;
};

#define GAUGE(member, type, help) { #member, type, help, offsetof(struct counters, member) }

static const struct gauge gauges[] = {
	GAUGE(connections, "gauge", "Open connections"),
	GAUGE(exchanges, "gauge", "Requests being worked on"),
	GAUGE(refused, "counter", "Connections refused for malformed framing"),
	GAUGE(timed_out, "counter", "Connections closed at a deadline"),
	GAUGE(evicted, "counter", "Connections closed to make room"),
	GAUGE(db_waiting, "gauge", "Batches waiting for a database connection"),
	GAUGE(db_refused, "counter", "Batches refused because too many waited"),
	GAUGE(db_lost, "counter", "Database connections lost"),
	GAUGE(board_age_us, "gauge", "Microseconds since the board was last known to be current"),
	GAUGE(board_vacancies, "gauge", "Vacancies on the board"),
	GAUGE(board_households, "gauge", "Waiting households on the board"),
	GAUGE(ready, "gauge", "1 if the worker serves requests"),
};

static void put_gauge(struct text *t, const struct ops *o, const struct gauge *g)
{
	family(t, g->name, g->type, g->help);
	for (int w = 0; w < o->workers; w++) {
		const char *slot = (const char *)&o->counters[w];
		uint64_t n;

		memcpy(&n, slot + g->offset, sizeof(n));
		text_printf(t, "haven_%s{worker=\"%d\"} %llu\n", g->name, w, (unsigned long long)n);
	}
}

static void put_requests(struct text *t, const struct ops *o)
{
	family(t, "requests_total", "counter", "Answers by class of status");
	for (int class = 1; class < 6; class++) {
		uint64_t n = 0;

		for (int w = 0; w < o->workers; w++)
			n += o->counters[w].serve.requests[class];
		text_printf(t, "haven_requests_total{status=\"%dxx\"} %llu\n", class, (unsigned long long)n);
	}
}

/* Worker 0 runs the jobs. */
static void put_jobs(struct text *t, const struct ops *o)
{
	const struct job_times *times = &o->counters[0].jobs;

	family(t, "job_last_run_seconds", "gauge", "When a job last ran, in seconds since 1970; 0 is never");
	for (int job = 0; job < JOBS; job++)
		text_printf(t, "haven_job_last_run_seconds{job=\"%s\"} %llu\n", job_names[job],
			    (unsigned long long)times->ran[job]);
	family(t, "job_late", "gauge", "1 if a job has not run for longer than it may");
	for (int job = 0; job < JOBS; job++)
		text_printf(t, "haven_job_late{job=\"%s\"} %d\n", job_names[job], job_late(times, job));
}

static void put_alerts(struct text *t, const struct ops *o)
{
	uint64_t n = 0;

	for (int w = 0; w < o->workers; w++)
		n += o->counters[w].serve.alerts;
	family(t, "alerts_total", "counter", "Alerts raised for the information officer");
	text_printf(t, "haven_alerts_total %llu\n", (unsigned long long)n);
}

static void put_latency(struct text *t, const struct ops *o)
{
	uint64_t below = 0, us = 0;

	family(t, "request_seconds", "histogram", "Time from request to answer");
	for (int i = 0; i <= SERVE_BUCKETS; i++) {
		for (int w = 0; w < o->workers; w++)
			below += o->counters[w].serve.bucket[i];
		if (i < SERVE_BUCKETS)
			text_printf(t, "haven_request_seconds_bucket{le=\"%lld.%06lld\"} %llu\n",
				    (long long)serve_bucket_us[i] / 1000000, (long long)serve_bucket_us[i] % 1000000,
				    (unsigned long long)below);
	}
	for (int w = 0; w < o->workers; w++)
		us += o->counters[w].serve.microseconds;
	text_printf(t, "haven_request_seconds_bucket{le=\"+Inf\"} %llu\n", (unsigned long long)below);
	text_printf(t, "haven_request_seconds_sum %llu.%06llu\n", (unsigned long long)us / 1000000,
		    (unsigned long long)us % 1000000);
	text_printf(t, "haven_request_seconds_count %llu\n", (unsigned long long)below);
}

static void metrics(struct http_exchange *x, struct text *t, const struct ops *o)
{
	o->update(o->arg);
	put_requests(t, o);
	put_latency(t, o);
	put_alerts(t, o);
	put_jobs(t, o);
	for (size_t i = 0; i < sizeof(gauges) / sizeof(*gauges); i++)
		put_gauge(t, o, &gauges[i]);
	answer(x, 200, "text/plain; version=0.0.4", t);
}

void ops_request(struct http_exchange *x, const struct http_request *r, void *arg)
{
	const struct ops *o = arg;
	struct arena *a = arena_new();
	struct text t = text_in(a);

	if (r->method != HTTP_GET && r->method != HTTP_HEAD)
		answer(x, 405, "application/json", &t);
	else if (strcmp(r->path, "/healthz") == 0)
		state(x, &t, NULL);
	else if (strcmp(r->path, "/readyz") == 0)
		state(x, &t, o->missing(o->arg));
	else if (strcmp(r->path, "/metrics") == 0)
		metrics(x, &t, o);
	else
		answer(x, 404, "application/json", &t);
	arena_free(a);
}
