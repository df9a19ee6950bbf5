/* The tables of a generated set, each written in one pass. */
#pragma once
#include "plan.h"

typedef void demo_fill(const struct demo_plan *p, struct rows *r);

demo_fill fill_partnerships, fill_organisations, fill_accounts;
demo_fill fill_properties, fill_root_key, fill_data_keys, fill_addresses, fill_units, fill_vacancies, fill_voids;
demo_fill fill_households, fill_members, fill_names, fill_unsafe_places, fill_referrals;
demo_fill fill_consents;
demo_fill fill_unmet_needs, fill_placements, fill_events;

/* Where things are: the Tees for the first partnership, elsewhere codes of the real form. */
enum { DEMO_PLACE = 16, DEMO_AUTHORITY = 24 };
void demo_outward(int64_t partnership, int64_t n, char out[DEMO_PLACE]);
void demo_authority(int64_t partnership, int64_t n, char out[DEMO_AUTHORITY]);

/* A name of no meaning. */
const char *demo_bird(int64_t n);
/* Calls each for every property that has units. */
void demo_each_property(const struct demo_plan *p, struct rows *r,
			void (*each)(const struct demo_plan *, struct rows *, int64_t));

/* Whether its units have a kitchen and a bathroom of their own. */
bool demo_self_contained(int64_t property);
/* Most people a unit takes: what a household that lives there fits into. */
int64_t demo_max_people(int64_t unit);
