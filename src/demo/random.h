/* Chance that repeats: what is drawn depends on what it is drawn for, never on what was drawn
 * before. So each table can be written in a pass of its own without keeping the others. */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/uuid.h"

/* What an identity or a throw of dice belongs to. */
enum demo_kind {
	DEMO_ORGANISATION,
	DEMO_ACCOUNT,
	DEMO_PROPERTY,
	DEMO_UNIT,
	DEMO_VACANCY,
	DEMO_VOID,
	DEMO_HOUSEHOLD,
	DEMO_MEMBER,
	DEMO_UNSAFE,
	DEMO_REFERRAL,
	DEMO_CONSENT,
	DEMO_CASE,
	DEMO_OFFER,
	DEMO_SLOT,
	DEMO_TIMELINE,
	DEMO_NEED,
};

struct random {
	uint64_t state;
};

struct random random_for(enum demo_kind kind, int64_t index);
/* 0 to n - 1. */
int64_t random_below(struct random *d, int64_t n);
/* least to most. */
int64_t random_between(struct random *d, int64_t least, int64_t most);
/* True n times in 1,000. */
bool random_chance(struct random *d, int n);
/* An index, each as often as its weight says. */
size_t random_weighted(struct random *d, const int *weights, size_t n);
const char *random_word(struct random *d, const char *const *words, size_t n);

#define RANDOM_WEIGHTED(d, weights) \
	random_weighted((d), (weights), sizeof(weights) / sizeof(*(weights)))
#define RANDOM_WORD(d, words) random_word((d), (words), sizeof(words) / sizeof(*(words)))

struct uuid demo_uuid(enum demo_kind kind, int64_t index);

/* "de300000-<code>-4000-8000-<partnership>" */
const char *demo_partnership_id(struct arena *a, const char *code, int64_t partnership);
