#include "match/need.h"

#include <string.h>

void need_init(struct need *n)
{
	memset(n, 0, sizeof(*n));
	n->people = n->under_twos = n->applicant_age = n->min_stay = -1;
	n->oldest_boy = (struct span){ -1, 17 };
	n->bedrooms = (struct span){ 0, -1 };
	n->from = n->until = DAY_NONE;
}

int need_min_stay(int asked, int32_t from, int32_t until)
{
	if (asked >= 0 || from == DAY_NONE || until == DAY_NONE)
		return asked;
	return until - from;
}

/* Two lanes of multiply and fold. It shows that two inputs were the same, but does not withstand
 * an adversary. */
static void add(struct input_hash *h, int64_t value)
{
	uint64_t v = (uint64_t)value;

	h->hi = (h->hi ^ v) * UINT64_C(0x9e3779b97f4a7c15);
	h->hi ^= h->hi >> 29;
	h->lo = (h->lo + v) * UINT64_C(0xc2b2ae3d27d4eb4f);
	h->lo ^= h->lo >> 31;
}

static void add_uuid(struct input_hash *h, struct uuid u)
{
	add(h, (int64_t)u.hi);
	add(h, (int64_t)u.lo);
}

static struct input_hash fresh(void)
{
	return (struct input_hash){ UINT64_C(0x48617665), UINT64_C(0x6e) };
}

/* A list counts as a set with multiplicity: sums do not depend on order. */
struct sum {
	struct input_hash total;
	int n;
};

static void sum_add(struct sum *s, struct input_hash one)
{
	s->total.hi += one.hi;
	s->total.lo += one.lo;
	s->n++;
}

static void add_sum(struct input_hash *h, const struct sum *s)
{
	add(h, s->n);
	add(h, (int64_t)s->total.hi);
	add(h, (int64_t)s->total.lo);
}

static void add_ints(struct input_hash *h, const int *values, int n)
{
	struct sum s = { 0 };

	for (int i = 0; i < n; i++) {
		struct input_hash one = fresh();

		add(&one, values[i]);
		sum_add(&s, one);
	}
	add_sum(h, &s);
}

static struct input_hash area_hash(const struct area *a)
{
	struct input_hash one = fresh();

	add(&one, a->kind);
	if (a->kind == AREA_OUTWARD) {
		add(&one, a->district);
	} else {
		add(&one, a->easting);
		add(&one, a->northing);
		add(&one, a->radius);
	}
	return one;
}

static void add_unsafe(struct input_hash *h, const struct need *n)
{
	struct sum s = { 0 };

	for (int i = 0; i < n->n_unsafe; i++)
		sum_add(&s, area_hash(&n->unsafe[i]));
	add_sum(h, &s);
}

static void add_barred(struct input_hash *h, const struct need *n)
{
	struct sum conflicts = { 0 }, declined = { 0 };

	for (int i = 0; i < n->n_conflicts; i++) {
		struct input_hash one = fresh();

		add_uuid(&one, n->conflicts[i]);
		sum_add(&conflicts, one);
	}
	for (int i = 0; i < n->n_declined; i++) {
		struct input_hash one = fresh();

		add_uuid(&one, n->declined[i].vacancy);
		add(&one, n->declined[i].version);
		sum_add(&declined, one);
	}
	add_sum(h, &conflicts);
	add_sum(h, &declined);
}

static void add_household(struct input_hash *h, const struct need *n)
{
	const int64_t fields[] = {
		n->people, n->under_twos, n->age_unknown, n->women, n->men, n->trans,
		n->adults_sex_unknown, n->applicant_age, n->oldest_boy.least, n->oldest_boy.most,
		n->adult_children, n->bedrooms.least, n->bedrooms.most,
	};

	for (size_t i = 0; i < sizeof(fields) / sizeof(*fields); i++)
		add(h, fields[i]);
}

static void add_needed(struct input_hash *h, const struct need *n)
{
	const int64_t fields[] = {
		n->wheelchair, n->step_free, n->ground_floor, n->adapted_bathroom, n->risk,
		n->nrpf, n->nrpf_funded, n->fund_pays, n->pets, n->from, n->until, n->min_stay,
		n->poses_known, n->poses, n->avoids_known, n->avoids,
	};

	for (size_t i = 0; i < sizeof(fields) / sizeof(*fields); i++)
		add(h, fields[i]);
	for (int i = 0; i < SUPPORT_COUNT; i++)
		add(h, n->support[i]);
	add_unsafe(h, n);
	add_barred(h, n);
}

static void add_rest(struct input_hash *h, const struct need *n)
{
	const int64_t fields[] = {
		n->wish_types, n->specialisms, n->languages, n->wants_to_stay,
		n->perpetrator_at_home, n->sole_occupation, n->consent_obtainable, n->urgency,
		n->situation, n->band, n->children, n->pregnant, n->waiting_since,
		(int64_t)n->tie,
	};

	for (size_t i = 0; i < sizeof(fields) / sizeof(*fields); i++)
		add(h, fields[i]);
	add_ints(h, n->wish_areas, n->n_wish_areas);
	add_ints(h, n->reach, n->n_reach);
}

struct input_hash need_places_hash(const struct need *n)
{
	struct input_hash h = fresh();

	add_unsafe(&h, n);
	add_ints(&h, n->reach, n->n_reach);
	return h;
}

struct input_hash need_hash(const struct need *n, const char *policy_version, int32_t today)
{
	struct input_hash h = fresh();

	add_uuid(&h, n->id);
	add_household(&h, n);
	add_needed(&h, n);
	add_rest(&h, n);
	for (const char *c = policy_version; *c; c++)
		add(&h, *c);
	add(&h, today);
	return h;
}
