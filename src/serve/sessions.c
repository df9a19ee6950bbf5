/* Sessions a worker has seen in the last minute, so that most requests need no look-up to know who
 * asks. It only saves time: every batch asks the database again whether the session holds. */
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/die.h"
#include "ctx.h"

enum { SLOTS = 4096, PROBES = 8 };	/* open addressing, the oldest of a run gives way */
#define FRESH_US (60 * INT64_C(1000000))

struct slot {
	char hash[HASH_HEX];
	int64_t at;
	struct user user;
	struct arena *arena;
};

struct sessions {
	struct slot slot[SLOTS];
};

struct sessions *sessions_new(void)
{
	return must_calloc(1, sizeof(struct sessions));
}

void sessions_free(struct sessions *s)
{
	for (size_t i = 0; s && i < SLOTS; i++)
		arena_free(s->slot[i].arena);
	free(s);
}

/* Token hashes are uniform, so their first digits serve as the hash of the table. */
static size_t first_slot(const char *hash)
{
	char digits[9];

	memcpy(digits, hash, 8);
	digits[8] = '\0';
	return strtoul(digits, NULL, 16) % SLOTS;
}

static struct slot *find(struct sessions *s, const char *hash)
{
	for (size_t i = 0; i < PROBES; i++) {
		struct slot *at = &s->slot[(first_slot(hash) + i) % SLOTS];

		if (at->at && strcmp(at->hash, hash) == 0)
			return at;
	}
	return NULL;
}

static void clear(struct slot *at)
{
	arena_free(at->arena);
	*at = (struct slot){ .at = 0 };
}

static struct user copy(struct arena *a, const struct user *u)
{
	return (struct user){
		.session_id = arena_strdup(a, u->session_id),
		.account_id = arena_strdup(a, u->account_id),
		.organisation_id = arena_strdup(a, u->organisation_id),
		.partnership_id = arena_strdup(a, u->partnership_id),
		.name = arena_strdup(a, u->name),
		.organisation = arena_strdup(a, u->organisation),
		.role = u->role,
	};
}

const struct user *sessions_get(struct sessions *s, const char *token_hash, struct arena *a)
{
	struct slot *at = find(s, token_hash);
	struct user *u;

	if (!at || clock_mono() - at->at > FRESH_US)
		return NULL;
	u = arena_new_of(a, struct user);
	*u = copy(a, &at->user);
	return u;
}

static struct slot *room(struct sessions *s, const char *hash)
{
	struct slot *oldest = NULL;

	for (size_t i = 0; i < PROBES; i++) {
		struct slot *at = &s->slot[(first_slot(hash) + i) % SLOTS];

		if (!oldest || at->at < oldest->at)
			oldest = at;
	}
	return oldest;
}

void sessions_put(struct sessions *s, const char *token_hash, const struct user *u)
{
	struct slot *at = find(s, token_hash);

	if (!at)
		at = room(s, token_hash);
	clear(at);
	at->arena = arena_new();
	at->user = copy(at->arena, u);
	at->at = clock_mono();
	memcpy(at->hash, token_hash, HASH_HEX);
}

void sessions_forget(struct sessions *s, const char *token_hash)
{
	struct slot *at = find(s, token_hash);

	if (at)
		clear(at);
}
