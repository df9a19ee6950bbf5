/* The demo sets: a Tees partnership described in config/demo/tees.json, and generated ones of a
 * size. */
#pragma once
#include <stdint.h>

#include "tool/tool.h"

/* A set is known by the second group of its partnerships' identities, de300000-<code>-…. */
struct demo_set {
	const char *option;	/* of --size; NULL for the others */
	const char *code;
	int64_t partnerships, units, referrals_a_year, open_households, years;
	int64_t homes_a_year;	/* made safe by the sanctuary scheme */
	bool all_vacant;	/* every unit has one open vacancy, and no other history */
};

struct demo_sealer;

struct demo_load {
	struct tool *tool;
	struct demo_sealer *sealer;
	struct demo_set set;
	int64_t events;		/* audit events for each offer */
	const char *policy_version;	/* in force */
	const char *password_hash;	/* of every account */
	int32_t today;		/* in London */
	int64_t now;		/* seconds since the epoch */
};

/* Each runs within the open transaction; false after printing why it failed. */
bool demo_tees_fill(const struct demo_load *l);
bool demo_size_fill(const struct demo_load *l);
