/* Load for the fault tests: users who hold places, offer them, answer and give them up, and who
 * repeat with the same Idempotency-Key whatever ended without an answer, until they know.
 *
 *	fault PORT LEDGER USERS FIRST_HOUSEHOLD SECONDS
 *
 * FAULT_OFFICER and FAULT_PROVIDER hold the session tokens. Ends after SECONDS or with SIGTERM: then
 * each user finishes the request it is at. Writes the ledger and prints its counts, one a line. */
#include <errno.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>

#include "base/clock.h"
#include "base/uuid.h"
#include "ledger.h"
#include "wire.h"

enum {
	VACANCIES = 2000,
	HOT = 8,		/* of those, wanted by everybody */
	HOUSEHOLDS = 24,	/* a user's own */
	KEPT = 6,		/* of those, kept in their place to the end */
	SETTLE_US = 45000000,
	RETRY_US = 50000,
	SAMPLES = 1 << 20,
};

enum act { HOLD, REPEAT, OFFER, ACCEPT, DECLINE, CANCEL, KEEP, DONE };

/* What a user means to do with a place once it is held. */
static const enum act plans[][5] = {
	{ CANCEL, DONE },
	{ REPEAT, CANCEL, DONE },
	{ OFFER, DECLINE, DONE },
	{ OFFER, REPEAT, ACCEPT, CANCEL, DONE },
	{ KEEP, DONE },
	{ OFFER, ACCEPT, KEEP, DONE },
};

static const struct {
	const char *path, *body, *state;
	bool provider;
} acts[] = {
	[OFFER] = { "offer", "{}", "offered", false },
	[ACCEPT] = { "accept", "{}", "accepted", true },
	[DECLINE] = { "decline", "{\"reason\":\"capacity\"}", "declined", true },
	[CANCEL] = { "cancel", "{}", "cancelled", false },
};

struct user {
	struct wire wire;
	bool waiting;			/* for an answer */
	int64_t due;			/* else: when to go on */
	int first_household, households, kept;
	enum act act;
	const enum act *plan;
	char key[UUID_TEXT], path[128], body[256];
	char repeated[2 * UUID_TEXT + 2];	/* last acknowledged: key, path and body of it are kept */
	int64_t lost_us;		/* this key's first loss */
	bool tried;
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

/* ---- what a user asks for ---- */

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
	new_key(u);
	snprintf(u->path, sizeof(u->path), "/api/v1/placements");
	snprintf(u->body, sizeof(u->body),
		 "{\"household_id\":\"10000000-0000-4000-8000-%012d\","
		 "\"vacancy_id\":\"20000000-0000-4000-8000-%012d\"}",
		 u->first_household + dice(u->households), vacancy);
}

static void ask_act(struct user *u)
{
	new_key(u);
	snprintf(u->path, sizeof(u->path), "/api/v1/placements/%s/%s", ledger_id(u->placement),
		 acts[u->act].path);
	snprintf(u->body, sizeof(u->body), "%s", acts[u->act].body);
}

/* The household stays where it is: the user's last one takes its number. */
static void keep(struct user *u)
{
	int household = (int)strtol(strstr(u->body, "household") ? u->body : "0", NULL, 10);

	(void)household;
	u->kept++;
}

static const enum act *choose_plan(const struct user *u)
{
	size_t n = sizeof(plans) / sizeof(*plans);

	return plans[dice(u->kept < KEPT && dice(8) == 0 ? (int)n : (int)n - 2)];
}

static void next_act(struct user *u)
{
	u->act = *u->plan++;
	if (u->act == KEEP) {
		keep(u);
		u->act = DONE;
	}
	if (u->act == DONE)
		ask_hold(u);
	else if (u->act != REPEAT)
		ask_act(u);
}

/* ---- what became of it ---- */

static void acknowledged(struct user *u, int64_t now)
{
	if (count.last_ack && now - count.last_ack > count.longest_gap)
		count.longest_gap = now - count.last_ack;
	count.last_ack = now;
	if (!u->tried && count.n_samples < SAMPLES)
		count.samples[count.n_samples++] = (uint32_t)(now - u->wire.sent_at);
}

static bool find_id(const char *body, char id[LEDGER_ID])
{
	const char *at = strstr(body, "\"id\":\"");

	snprintf(id, LEDGER_ID, "%s", at ? at + 6 : "");
	return at != NULL;
}

static void held(struct user *u)
{
	char id[LEDGER_ID];

	if (!find_id(u->wire.body, id)) {
		count.unexpected++;
		ask_hold(u);
		return;
	}
	u->placement = ledger_placement(id, u->key);
	ledger_key(u->key, id, u->lost_us);
	count.holds++;
	u->plan = choose_plan(u);
	next_act(u);
}
