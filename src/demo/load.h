/* The demo sets: a Tees partnership told by config/demo/tees.json, and generated ones of a size. */
#pragma once
#include <stdint.h>

#include "tool/tool.h"

/* A set is known by the second group of its partnerships' identities, de300000-<code>-…. */
struct demo_set {
	const char *option;	/* of --size; NULL for the others */
	const char *code;
	int64_t partnerships, units, referrals_a_year, open_households, years;
	bool all_vacant;	/* every unit has one open vacancy, nothing else ever happened */
};

struct demo_sealer;

struct demo_load {
	struct tool *tool;
	struct demo_sealer *sealer;
	struct demo_set set;
	int64_t events;		/* audit events an offer */
	const char *policy_version;	/* in force */
	const char *password_hash;	/* of every account */
	int32_t today;		/* in London */
	int64_t now;		/* seconds since the epoch */
};

/* Each within the transaction that is open; false after telling why not. */
bool demo_tees_fill(const struct demo_load *l);
bool demo_size_fill(const struct demo_load *l);
