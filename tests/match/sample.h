/* Invented needs and vacancies from a seed, for property tests and benchmarks. Every field is drawn
 * from its whole range, unknown included, so that each rule passes, asks and fails. */
#pragma once
#include <stddef.h>
#include <stdint.h>

#include "match/index.h"

struct dice {
	uint64_t state;
};

struct dice dice_from(uint64_t seed);
uint64_t roll(struct dice *d);
/* least..most, both included. */
int between(struct dice *d, int least, int most);

enum { SAMPLE_TODAY = 20780 };		/* 2026-11-23 */
#define SAMPLE_NOW (SAMPLE_TODAY * 86400 * SECOND_US + 9 * 3600 * SECOND_US)

/* A grid of districts AA1, AA2, … side × side with neighbours and centres. */
struct geography *sample_grid(struct arena *a, int side);
/* The 38 districts on and around the Tees: few enough that random ones often meet. */
struct geography *sample_tees(struct arena *a);
/* Its text. */
const char *sample_text(struct arena *a, size_t *len);
/* The shipped table. */
struct geography *sample_kingdom(struct arena *a);

/* Anything is possible; `districts` is the geography's number of districts. */
void sample_supply(struct dice *d, size_t districts, struct supply *s);
void sample_need(struct dice *d, size_t districts, struct need *n);
/* As they are in practice: mostly known, and about one in ten vacancies fits. */
void likely_supply(struct dice *d, size_t districts, struct supply *s);
void likely_need(struct dice *d, size_t districts, struct need *n);
