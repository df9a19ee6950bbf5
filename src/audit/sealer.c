#include "audit/sealer.h"

#include <pthread.h>
#include <signal.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/die.h"
#include "base/log.h"
#include "linking.h"

enum {
	ROUND_MS = 1000,
	HEAD_MS = 60000,
	BATCH = 10000,
	STOP_MS = 1000,
	AGAIN_MIN_MS = 500,	/* after a lost connection */
	AGAIN_MAX_MS = 10000,
	NICE = 10,
};

/* The plan of every round: by the index of transactions, each event's link looked up, one process. */
static const char settings[] = "-c enable_seqscan=off -c enable_hashjoin=off -c enable_mergejoin=off "
			       "-c enable_sort=off -c max_parallel_workers_per_gather=0 -c jit=off";

struct sealer {
	pthread_t thread;
	pthread_mutex_t lock;
	pthread_cond_t wake;
	bool stopping;
	char *conninfo;
	int round_ms, head_ms, batch;
	unsigned char *secret;		/* sodium_malloc() */
	const char *state;		/* as logged */
};

static struct timespec after_ms(clockid_t clock, int64_t ms)
{
	struct timespec t;

	clock_gettime(clock, &t);
	t.tv_sec += ms / 1000;
	t.tv_nsec += ms % 1000 * 1000000;
	if (t.tv_nsec >= 1000000000) {
		t.tv_sec++;
		t.tv_nsec -= 1000000000;
	}
	return t;
}

/* Waits, unless the sealer stops; whether it does. */
static bool stop_within(struct sealer *s, int64_t ms)
{
	struct timespec until = after_ms(CLOCK_MONOTONIC, ms);
	bool stopping;

	pthread_mutex_lock(&s->lock);
	while (!s->stopping && pthread_cond_timedwait(&s->wake, &s->lock, &until) == 0)
		;
	stopping = s->stopping;
	pthread_mutex_unlock(&s->lock);
	return stopping;
}

/* A line where it changes, not one a round. */
static void note(struct sealer *s, enum log_level level, const char *state)
{
	if (s->state != state)
		log_event(level, "audit_sealer", "state", state, NULL);
	s->state = state;
}

/* ---- the thread ---- */

/* Rests as long as it worked while it catches up, so that half of the database's core is left. */
static bool seal_on(struct sealer *s, struct linking *work)
{
	int64_t began = clock_mono();
	bool stopping = stop_within(s, 0);
	enum linking_result result = linking_round(work, stopping);

	if (result == LINKING_LOST || stopping)
		return false;
	stop_within(s, result == LINKING_MORE ? (clock_mono() - began) / 1000 : s->round_ms);
	return true;
}

/* Until this one seals; false where it stops or the connection is lost. */
static bool take_turn(struct sealer *s, struct linking *work)
{
	bool lost;

	while (!linking_lock(work, &lost)) {
		if (lost)
			return false;
		note(s, LOG_INFO, "another sealer is at work");
		arena_reset(work->arena);
		if (stop_within(s, s->round_ms))
			return false;
	}
	return true;
}

static void work_on(struct sealer *s, struct linking *work)
{
	if (!take_turn(s, work))
		return;
	if (!linking_load(work)) {
		note(s, LOG_ERROR, "the audit tables can not be read");
		return;
	}
	note(s, LOG_INFO, "sealing");
	while (seal_on(s, work))
		;
}

static void connect_and_work(struct sealer *s)
{
	struct arena *a = arena_new();
	struct linking *work = arena_new_of(a, struct linking);
	const char *error;

	*work = (struct linking){ .arena = arena_new(), .secret = s->secret, .batch = s->batch,
			       .head_every = s->head_ms * INT64_C(1000) };
	work->db = db_sync_open_as(a, s->conninfo, "haven-sealer", settings, &error);
	if (work->db)
		work_on(s, work);
	if (!work->db || !stop_within(s, 0))
		note(s, LOG_WARN, "the database is away or refuses");
	db_sync_close(work->db);
	arena_free(work->arena);
	arena_free(a);
}

static void *run(void *arg)
{
	struct sealer *s = arg;
	int64_t wait = AGAIN_MIN_MS, began;

	setpriority(PRIO_PROCESS, (id_t)syscall(SYS_gettid), NICE);
	do {
		began = clock_mono();
		connect_and_work(s);
		wait = clock_mono() - began > AGAIN_MAX_MS * INT64_C(1000) ? AGAIN_MIN_MS : wait * 2;
		if (wait > AGAIN_MAX_MS)
			wait = AGAIN_MAX_MS;
	} while (!stop_within(s, wait));
	return NULL;
}

/* ---- starting and stopping ---- */

static void sealer_free(struct sealer *s)
{
	pthread_cond_destroy(&s->wake);
	pthread_mutex_destroy(&s->lock);
	sodium_free(s->secret);
	free(s->conninfo);
	free(s);
}

static void init_waiting(struct sealer *s)
{
	pthread_condattr_t attr;

	pthread_condattr_init(&attr);
	pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
	if (pthread_mutex_init(&s->lock, NULL) != 0 || pthread_cond_init(&s->wake, &attr) != 0)
		die("sealer: pthread_mutex_init, pthread_cond_init");
	pthread_condattr_destroy(&attr);
}

/* With every signal blocked: the process takes its signals elsewhere. */
static bool start_thread(struct sealer *s)
{
	sigset_t all, before;
	bool ok;

	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	ok = pthread_create(&s->thread, NULL, run, s) == 0;
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	return ok;
}

static bool take_key(struct sealer *s, const struct vault_keys *keys)
{
	unsigned char public_key[AUDIT_KEY];

	s->secret = sodium_malloc(AUDIT_SECRET);
	if (!s->secret)
		return false;
	audit_key_derive(keys, public_key, s->secret);
	return sodium_mprotect_readonly(s->secret) == 0;
}

struct sealer *sealer_start(const struct vault_keys *keys, const struct sealer_options *options)
{
	struct sealer *s = calloc(1, sizeof(*s));

	if (!s)
		return NULL;
	init_waiting(s);
	s->round_ms = options->round_ms ? options->round_ms : ROUND_MS;
	s->head_ms = options->head_ms ? options->head_ms : HEAD_MS;
	s->batch = options->batch ? options->batch : BATCH;
	s->conninfo = strdup(options->conninfo);
	if (s->conninfo && take_key(s, keys) && start_thread(s))
		return s;
	sealer_free(s);
	return NULL;
}

void sealer_stop(struct sealer *s)
{
	struct timespec until;

	if (!s)
		return;
	pthread_mutex_lock(&s->lock);
	s->stopping = true;
	pthread_cond_broadcast(&s->wake);
	pthread_mutex_unlock(&s->lock);
	until = after_ms(CLOCK_REALTIME, STOP_MS);
	if (pthread_timedjoin_np(s->thread, NULL, &until) == 0)
		sealer_free(s);
}
