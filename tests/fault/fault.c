/* Load for the fault tests. Users hold places, offer them, answer and give them up. A request that
 * ended without an answer is repeated with the same Idempotency-Key until its user knows the
 * outcome.
 *
 *	fault load PORT LEDGER USERS FIRST_HOUSEHOLD SECONDS
 *	fault trickle PORT CONNECTIONS SECONDS
 *
 * FAULT_OFFICER and FAULT_PROVIDER hold the session tokens of the load. It ends after SECONDS or
 * with SIGTERM: then each user finishes the request it is at. Prints its counts, one a line. */
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>

#include "base/clock.h"
#include "base/uuid.h"
#include "ledger.h"
#include "trickle.h"
#include "wire.h"

enum {
	VACANCIES = 2000,
	HOT = 8,		/* of those, wanted by every user */
	HOUSEHOLDS = 24,	/* of each user */
	KEPT = 6,		/* of those, kept in their place to the end */
	SETTLE_US = 45000000,
	RETRY_US = 50000,
	SAMPLES = 1 << 20,
};

enum act { HOLD, REPEAT, OFFER, ACCEPT, DECLINE, CANCEL, KEEP, DONE };

static const struct {
	const char *path, *body, *state;
	bool provider;
} acts[] = {
	[OFFER] = { "offer", "{}", "offered", false },
	[ACCEPT] = { "accept", "{}", "accepted", true },
	[DECLINE] = { "decline", "{\"reason\":\"capacity\"}", "declined", true },
	[CANCEL] = { "cancel", "{}", "cancelled", false },
};

/* The acts of a user once a place is held. The last two plans leave it taken. */
static const enum act plans[][6] = {
	{ CANCEL, DONE },
	{ REPEAT, CANCEL, DONE },
	{ OFFER, DECLINE, DONE },
	{ OFFER, REPEAT, ACCEPT, CANCEL, DONE },
	{ KEEP, DONE },
	{ OFFER, ACCEPT, KEEP, DONE },
};

enum { PLANS = sizeof(plans) / sizeof(*plans), KEEPING = 2 };

struct user {
	struct wire wire;
	bool waiting;		/* for an answer; else the user goes on when due */
	int64_t due;
	int homes[HOUSEHOLDS], n_homes, home;
	enum act act;
	const enum act *plan;
	char key[UUID_TEXT], path[128], body[256];
	int64_t lost_us;	/* this key's first loss, since 1970 */
	bool tried, as_provider;
	size_t placement;
};

static struct {
	uint64_t holds, acts, conflicts, in_progress, repeats, refused, lost_fresh, lost_reused, late,
		unavailable, outcome_unknown, errors, unexpected, mismatched, unknown;
	int64_t last_ack, longest_gap;
	uint32_t *samples;
	size_t n_samples;
} count;

static const char *officer, *provider;
static volatile sig_atomic_t stopping;

static void on_signal(int sig)
{
	(void)sig;
	stopping = 1;
}

static int dice(int sides)
{
	return (int)(random() % sides);
}

/* ---- requests ---- */

static void new_key(struct user *u)
{
	uuid_random(u->key);
	u->lost_us = 0;
	u->tried = false;
}

static void ask_hold(struct user *u)
{
	int vacancy = dice(10) < 3 ? dice(HOT) : dice(VACANCIES);

	u->act = HOLD;
	u->as_provider = false;
	u->home = dice(u->n_homes);
	new_key(u);
	snprintf(u->path, sizeof(u->path), "/api/v1/placements");
	snprintf(u->body, sizeof(u->body),
		 "{\"household_id\":\"10000000-0000-4000-8000-%012d\","
		 "\"vacancy_id\":\"20000000-0000-4000-8000-%012d\"}",
		 u->homes[u->home], vacancy);
}

static void ask_act(struct user *u)
{
	new_key(u);
	u->as_provider = acts[u->act].provider;
	snprintf(u->path, sizeof(u->path), "/api/v1/placements/%s/%s", ledger_id(u->placement),
		 acts[u->act].path);
	snprintf(u->body, sizeof(u->body), "%s", acts[u->act].body);
}

static const enum act *choose_plan(const struct user *u)
{
	bool may_keep = HOUSEHOLDS - u->n_homes < KEPT && dice(8) == 0;

	return plans[may_keep ? PLANS - KEEPING + dice(KEEPING) : dice(PLANS - KEEPING)];
}

static void next_act(struct user *u)
{
	u->act = *u->plan++;
	if (u->act == KEEP)
		u->homes[u->home] = u->homes[--u->n_homes];
	if (u->act == KEEP || u->act == DONE)
		ask_hold(u);
	else if (u->act != REPEAT)	/* that asks the same again */
		ask_act(u);
}

/* ---- answers ---- */

static void note_answer(struct user *u, int64_t now)
{
	if (count.last_ack && now - count.last_ack > count.longest_gap)
		count.longest_gap = now - count.last_ack;
	count.last_ack = now;
	if (!u->tried && count.n_samples < SAMPLES)
		count.samples[count.n_samples++] = (uint32_t)(now - u->wire.sent_at);
}

static void surprised(struct user *u)
{
	if (count.unexpected++ < 5)
		fprintf(stderr, "unexpected: %s %s: %d %.300s\n", u->path, u->key, u->wire.status,
			u->wire.body);
	ask_hold(u);
}

static void find_id(const char *body, char id[LEDGER_ID])
{
	const char *at = strstr(body, "\"id\":\"");

	snprintf(id, LEDGER_ID, "%s", at ? at + 6 : "");
}

static void check_repeat(struct user *u, const char *id)
{
	count.repeats++;
	if (strcmp(id, ledger_id(u->placement)) != 0)
		count.mismatched++;
}

static void succeeded(struct user *u)
{
	char id[LEDGER_ID];

	find_id(u->wire.body, id);
	if (u->act == HOLD) {
		count.holds++;
		u->placement = ledger_placement(id, u->key);
		ledger_key(u->key, id, u->lost_us);
		u->plan = choose_plan(u);
	} else if (u->act == REPEAT) {
		check_repeat(u, id);
	} else {
		count.acts++;
		ledger_state(u->placement, acts[u->act].state);
		ledger_key(u->key, id, u->lost_us);
	}
	next_act(u);
}

static void again(struct user *u, int64_t now)
{
	u->tried = true;
	u->due = now + RETRY_US + dice(RETRY_US);
}

static void refused_for_now(struct user *u, int64_t now)
{
	if (strstr(u->wire.body, "outcome-unknown")) {
		count.outcome_unknown++;
		if (!u->lost_us)
			u->lost_us = clock_now();
	} else {
		count.unavailable++;
	}
	again(u, now);
}

static void answered(struct user *u, int64_t now)
{
	int status = u->wire.status;

	if (status == 503) {
		refused_for_now(u, now);
		return;
	}
	note_answer(u, now);
	if (status == 409 && strstr(u->wire.body, "/problems/in-progress")) {
		count.in_progress++;
		again(u, now);
	} else if (status == 200 || status == 201) {
		succeeded(u);
	} else if (status == 409 && u->act == HOLD) {
		count.conflicts++;
		ask_hold(u);
	} else {
		count.errors += status >= 500;
		surprised(u);
	}
}

static void lost(struct user *u, uint64_t *counter, int64_t now)
{
	(*counter)++;
	if (!u->lost_us)
		u->lost_us = clock_now();
	again(u, now);
}

static void happened(struct user *u, enum wire_event e, bool reused)
{
	int64_t now = clock_mono();

	if (e == WIRE_BUSY)
		return;
	u->waiting = false;
	u->due = now;
	if (e == WIRE_ANSWER) {
		answered(u, now);
	} else if (e == WIRE_REFUSED) {
		count.refused++;
		again(u, now);
	} else if (e == WIRE_LATE) {
		lost(u, &count.late, now);
	} else {
		lost(u, reused ? &count.lost_reused : &count.lost_fresh, now);
	}
}

/* ---- the loop ---- */

static void go_on(struct user *u)
{
	bool reused = u->wire.reused;

	u->waiting = true;
	happened(u, wire_send(&u->wire, u->path, u->as_provider ? provider : officer, u->key, u->body),
		 reused);
}

/* A user between two requests may stop. A user that must repeat a request may not. */
static bool may_rest(const struct user *u)
{
	return stopping && !u->waiting && !u->tried;
}

static size_t tick(struct user *users, int n)
{
	int64_t now = clock_mono();
	size_t active = 0;

	for (int i = 0; i < n; i++) {
		struct user *u = &users[i];

		if (may_rest(u))
			continue;
		active++;
		if (u->waiting)
			happened(u, wire_tick(&u->wire, now), u->wire.reused);
		else if (u->due <= now)
			go_on(u);
	}
	return active;
}

static void serve_events(int epoll)
{
	struct epoll_event events[64];
	int n = epoll_wait(epoll, events, 64, 5);

	for (int i = 0; i < n; i++) {
		struct user *u = events[i].data.ptr;
		bool reused = u->wire.reused;

		if (u->waiting)
			happened(u, wire_ready(&u->wire), reused);
		else
			wire_close(&u->wire);	/* the server closes an idle connection */
	}
}

static void run(int epoll, struct user *users, int n, int seconds)
{
	int64_t end = clock_mono() + seconds * INT64_C(1000000);

	while (tick(users, n) > 0 && clock_mono() < end + SETTLE_US) {
		serve_events(epoll);
		if (clock_mono() > end)
			stopping = 1;
	}
	for (int i = 0; i < n; i++) {
		if (may_rest(&users[i]))
			continue;
		count.unknown++;
		ledger_unknown(users[i].key);
	}
}

static int by_size(const void *a, const void *b)
{
	uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;

	return x < y ? -1 : x > y;
}

static void print(const char *name, uint64_t n)
{
	printf("%s %" PRIu64 "\n", name, n);
}

static void report(void)
{
	size_t n = count.n_samples;

	qsort(count.samples, n, sizeof(*count.samples), by_size);
	print("holds", count.holds);
	print("acts", count.acts);
	print("conflicts", count.conflicts);
	print("repeats", count.repeats);
	print("in_progress", count.in_progress);
	print("refused", count.refused);
	print("lost_fresh", count.lost_fresh);
	print("lost_reused", count.lost_reused);
	print("late", count.late);
	print("unavailable", count.unavailable);
	print("outcome_unknown", count.outcome_unknown);
	print("errors", count.errors);
	print("unexpected", count.unexpected);
	print("mismatched", count.mismatched);
	print("unknown", count.unknown);
	print("longest_gap_ms", (uint64_t)count.longest_gap / 1000);
	print("p50_us", n ? count.samples[n / 2] : 0);
	print("p99_us", n ? count.samples[n * 99 / 100] : 0);
}

static void user_init(struct user *u, int epoll, int port, int first)
{
	wire_init(&u->wire, epoll, port, u);
	for (int i = 0; i < HOUSEHOLDS; i++)
		u->homes[i] = first + i;
	u->n_homes = HOUSEHOLDS;
	ask_hold(u);
}

static int load(char **argv)
{
	int port = (int)strtol(argv[0], NULL, 10), n = (int)strtol(argv[2], NULL, 10);
	int first = (int)strtol(argv[3], NULL, 10), epoll = epoll_create1(EPOLL_CLOEXEC);
	struct user *users = calloc((size_t)n, sizeof(*users));

	officer = getenv("FAULT_OFFICER");
	provider = getenv("FAULT_PROVIDER");
	count.samples = calloc(SAMPLES, sizeof(*count.samples));
	if (!users || !count.samples || epoll < 0 || !officer || !provider)
		return 2;
	srandom((unsigned)first + 1);
	for (int i = 0; i < n; i++)
		user_init(&users[i], epoll, port, first + i * HOUSEHOLDS);
	run(epoll, users, n, (int)strtol(argv[4], NULL, 10));
	report();
	free(count.samples);
	free(users);
	return ledger_write(argv[1]) ? 0 : 1;
}

int main(int argc, char **argv)
{
	signal(SIGTERM, on_signal);
	signal(SIGPIPE, SIG_IGN);
	if (argc == 7 && strcmp(argv[1], "load") == 0)
		return load(argv + 2);
	if (argc == 5 && strcmp(argv[1], "trickle") == 0)
		return trickle((int)strtol(argv[2], NULL, 10), (int)strtol(argv[3], NULL, 10),
			       (int)strtol(argv[4], NULL, 10), &stopping);
	fputs("usage: fault load PORT LEDGER USERS FIRST_HOUSEHOLD SECONDS\n"
	      "       fault trickle PORT CONNECTIONS SECONDS\n", stderr);
	return 2;
}
