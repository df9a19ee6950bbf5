#include "plan.h"

#include "base/date.h"

/* SUCCESSES of 1,000 referrals find a place: over 60 % of refuge referrals fail. */
enum { SUCCESSES = 385, TEES_COUNCILS = 5 };

struct demo_plan plan_of(const struct demo_load *l)
{
	struct demo_plan p = { .load = l, .set = l->set };
	int64_t units = p.set.units / p.set.partnerships,
		referrals = p.set.referrals_a_year * p.set.years;

	p.councils = p.set.partnerships == 1 ? TEES_COUNCILS : 1;
	p.providers = units / DEMO_UNITS_A_PROVIDER + 2;
	p.properties = units / DEMO_UNITS_A_PROPERTY + 2;
	p.households = p.set.open_households;
	if (p.set.all_vacant)
		return p;
	p.slots = referrals * SUCCESSES / 1000 / p.set.units;
	p.cycle = p.set.years * 365 * DEMO_DAY / p.slots;
	p.failures = referrals / p.slots - p.set.units;
	p.cases = p.slots * (p.set.units + p.failures);
	p.households += p.cases;
	return p;
}

/* ---- which unit, property and organisation belong together ---- */

int64_t plan_partnership_of_unit(const struct demo_plan *p, int64_t unit)
{
	return unit * p->set.partnerships / p->set.units;
}

int64_t plan_first_unit(const struct demo_plan *p, int64_t partnership)
{
	return (partnership * p->set.units + p->set.partnerships - 1) / p->set.partnerships;
}

int64_t plan_property_of_unit(const struct demo_plan *p, int64_t unit)
{
	int64_t partnership = plan_partnership_of_unit(p, unit);

	return partnership * p->properties +
	       (unit - plan_first_unit(p, partnership)) / DEMO_UNITS_A_PROPERTY;
}

int64_t plan_organisations(const struct demo_plan *p)
{
	return p->councils + p->providers + 1;
}

int64_t plan_council(const struct demo_plan *p, int64_t partnership, int64_t n)
{
	return partnership * plan_organisations(p) + n % p->councils;
}

int64_t plan_provider(const struct demo_plan *p, int64_t partnership, int64_t n)
{
	return partnership * plan_organisations(p) + p->councils + n % p->providers;
}

int64_t plan_firm(const struct demo_plan *p, int64_t partnership)
{
	return (partnership + 1) * plan_organisations(p) - 1;
}

int64_t plan_provider_of_property(const struct demo_plan *p, int64_t property)
{
	return plan_provider(p, property / p->properties, property % p->properties);
}

int64_t plan_provider_of_unit(const struct demo_plan *p, int64_t unit)
{
	return plan_provider_of_property(p, plan_property_of_unit(p, unit));
}

int64_t plan_officer(int64_t partnership)
{
	return partnership * DEMO_ROLES;
}

/* ---- a unit's history ---- */

enum unit_now plan_unit_now(const struct demo_plan *p, int64_t unit)
{
	static const int weights[] = { [UNIT_OCCUPIED] = 840,
				       [UNIT_AWAITED] = 20,
				       [UNIT_VOID] = 30,
				       [UNIT_CLEANED] = 30,
				       [UNIT_VACANT] = 80 };
	struct random d = random_for(DEMO_UNIT, unit);

	return p->set.all_vacant ? UNIT_VACANT : (enum unit_now)RANDOM_WEIGHTED(&d, weights);
}

/* Units change hands at different times: each has a phase of its own. */
static int64_t history_start(const struct demo_plan *p, int64_t unit)
{
	struct random d = random_for(DEMO_TIMELINE, unit);

	return p->load->now - p->cycle * (p->slots - 1) -
	       p->cycle * random_between(&d, 100, 1000) / 1000;
}

/* The start of a slot is the end of the one before, so slots never overlap. It moves by less than
 * half a cycle. */
static int64_t slot_start(const struct demo_plan *p, int64_t unit, int64_t slot)
{
	struct random d = random_for(DEMO_SLOT, unit * (p->slots + 1) + slot);
	int64_t at, last = p->load->now - 12 * DEMO_DAY;

	if (slot >= p->slots)
		return p->load->now;
	at = history_start(p, unit) + slot * p->cycle +
	     p->cycle * random_between(&d, -300, 300) / 1000;
	return slot == p->slots - 1 && at > last ? last : at;
}

static int32_t day_of(int64_t second)
{
	return (int32_t)(second / DEMO_DAY);
}

/* Most households stay for most of the slot, some only for days. */
static int32_t stay_end(struct random *d, int32_t arrive, int32_t latest)
{
	int64_t lost = random_between(d, 0, 1000);
	int64_t stay = (latest - arrive) * (1000 - 7 * lost * lost / 10000) / 1000;

	return arrive + (int32_t)(stay < 2 ? 2 : stay);
}

/* Fits the last slot to the state of the unit today. */
static void end_today(const struct demo_plan *p, int64_t unit, struct random *d, struct slot *s)
{
	int32_t today = p->load->today;

	switch (plan_unit_now(p, unit)) {
	case UNIT_OCCUPIED:
		s->arrive = s->arrive < today ? s->arrive : today - 1;
		s->depart = today + (int32_t)random_between(d, 5, 150);
		return;
	case UNIT_AWAITED:
		s->arrive = today + (int32_t)random_between(d, 1, 3);
		s->depart = today + (int32_t)random_between(d, 60, 180);
		return;
	case UNIT_CLEANED:
		s->arrive = s->arrive < today - 9 ? s->arrive : today - 9;
		s->depart = today - 1;
		return;
	case UNIT_VOID:
	case UNIT_VACANT:
		s->arrive = s->arrive < today - 9 ? s->arrive : today - 9;
		s->depart = today - (int32_t)random_between(d, 3, 6);
		return;
	}
}

struct slot plan_slot(const struct demo_plan *p, int64_t unit, int64_t slot)
{
	struct random d = random_for(DEMO_VACANCY, plan_vacancy(p, unit, slot));
	int64_t start = slot_start(p, unit, slot),
		gap = p->cycle * random_between(&d, 40, 120) / 1000;
	struct slot s = { .posted = start + DEMO_DAY / 5, .next = slot_start(p, unit, slot + 1) };
	int64_t ahead = random_between(&d, 2, 40) * 3600;

	s.arrive = day_of(start + 5 * DEMO_DAY + gap);
	s.depart = stay_end(&d, s.arrive, day_of(s.next) - 2);
	if (slot == p->slots - 1)
		end_today(p, unit, &d, &s);
	s.taken = (int64_t)s.arrive * DEMO_DAY - ahead;
	if (s.taken > p->load->now - 3600)
		s.taken = p->load->now - random_between(&d, 1, 20) * 3600;
	return s;
}

int64_t plan_vacancy(const struct demo_plan *p, int64_t unit, int64_t slot)
{
	return unit * (p->slots + 1) + slot;
}
