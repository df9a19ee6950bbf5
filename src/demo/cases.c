/* Cases and their offers: the second half of demo_plan.h. */
#include "plan.h"

enum { HOUR = 3600, TRIES = 24 };

/* ---- cases ---- */

static void set_success(const struct demo_plan *p, struct random *d, struct demo_case *c)
{
	struct slot s = plan_slot(p, c->unit, c->slot);

	c->submitted = s.taken - random_between(d, 2, 90) * HOUR;
	c->closed = (int64_t)s.depart * DEMO_DAY + 12 * HOUR;
}

static void set_failure(const struct demo_plan *p, struct random *d, struct demo_case *c)
{
	struct slot s = plan_slot(p, c->unit, c->slot);

	c->submitted = s.posted + (s.taken - s.posted) * random_between(d, 50, 700) / 1000;
	c->closed = c->submitted + random_between(d, 2, 30) * DEMO_DAY;
	if (c->closed > p->load->now)
		c->closed = p->load->now - random_below(d, HOUR);
	if (c->submitted > c->closed - HOUR)
		c->submitted = c->closed - HOUR;
}

struct demo_case plan_case(const struct demo_plan *p, int64_t number)
{
	struct random d = random_for(DEMO_CASE, number);
	int64_t in_slot = number % (p->set.units + p->failures);
	struct demo_case c = {
		.slot = number / (p->set.units + p->failures),
		.success = in_slot < p->set.units,
	};

	c.unit = c.success ? in_slot : random_below(&d, p->set.units);
	c.partnership = plan_partnership_of_unit(p, c.unit);
	c.council = plan_council(p, c.partnership, random_below(&d, p->councils));
	if (c.success)
		set_success(p, &d, &c);
	else
		set_failure(p, &d, &c);
	return c;
}

/* ---- why offers come to nothing ---- */

static const char *const household_reasons[] = {
	"too_near", "too_far", "unsuitable_property", "sharing",
	"refuge_model", "cost", "stay_home", "returned",
	"found_alternative", "changed_mind", "uncontactable", "no_consent",
};
static const char *const inappropriate_reasons[] = {
	"needs_mental_health", "needs_drugs", "needs_alcohol",
	"needs_offending", "access", "family_size",
	"child_age_sex", "language", "nrpf",
	"risk_to_others", "resident_mix", "area_unsafe",
	"ineligible",
};
static const char *const other_reasons[] = {
	"incomplete_referral", "duplicate", "found_elsewhere", "recording_error",
};

/* Refuge referrals that failed, of 1,000: capacity 40.6 %, the household declined 35.4 %,
 * inappropriate 18.0 %. */
static void draw_reason(struct random *d, struct offer *o)
{
	static const int weights[] = {
		[DECLINE_CAPACITY] = 406,
		[DECLINE_HOUSEHOLD] = 354,
		[DECLINE_INAPPROPRIATE] = 180,
		[DECLINE_OTHER] = 60,
	};

	o->end = OFFER_DECLINED;
	o->why = (enum decline_group)RANDOM_WEIGHTED(d, weights);
	switch (o->why) {
	case DECLINE_CAPACITY: o->reason = "capacity"; return;
	case DECLINE_HOUSEHOLD: o->reason = RANDOM_WORD(d, household_reasons); return;
	case DECLINE_INAPPROPRIATE: o->reason = RANDOM_WORD(d, inappropriate_reasons); return;
	case DECLINE_OTHER: o->reason = RANDOM_WORD(d, other_reasons); return;
	}
}

static void draw_end(struct random *d, struct offer *o)
{
	static const int weights[] = {
		[OFFER_STAY] = 0, [OFFER_DECLINED] = 88, [OFFER_EXPIRED] = 6, [OFFER_CANCELLED] = 6
	};

	draw_reason(d, o);
	o->end = (enum offer_end)RANDOM_WEIGHTED(d, weights);
}

/* ---- offers ---- */

/* The slot in which the unit was on offer at that time, or -1. */
static int64_t slot_on_offer(const struct demo_plan *p, int64_t unit, int64_t at)
{
	int64_t guess = (at - plan_slot(p, unit, 0).posted) / p->cycle;

	for (int64_t slot = guess - 1; slot <= guess + 1; slot++) {
		struct slot s;

		if (slot < 0 || slot >= p->slots)
			continue;
		s = plan_slot(p, unit, slot);
		if (at >= s.posted && at < s.taken)
			return slot;
	}
	return -1;
}

/* Another unit of the partnership that was on offer then; false where the dice find none. */
static bool find_place(const struct demo_plan *p, const struct demo_case *c, struct random *d,
		       struct offer *o)
{
	int64_t first = plan_first_unit(p, c->partnership);
	int64_t n = plan_first_unit(p, c->partnership + 1) - first;

	for (int i = 0; i < TRIES; i++) {
		o->unit = first + random_below(d, n);
		if (o->unit == c->unit)
			continue;
		o->slot = slot_on_offer(p, o->unit, o->held);
		if (o->slot >= 0)
			return true;
	}
	return false;
}

static int64_t earlier(int64_t a, int64_t b)
{
	return a < b ? a : b;
}

/* Asked for on the first day, answered on the next, and before somebody else had the place. */
static struct offer vain_offer(const struct slot *s, const struct demo_case *c, struct random *d)
{
	struct offer o = { .unit = c->unit, .slot = c->slot };
	int64_t end = earlier(s->taken, c->closed);

	o.held = earlier(c->submitted + random_between(d, 1, 23) * HOUR,
			 c->submitted + (end - c->submitted) / 2);
	o.decided = earlier(o.held + random_between(d, 1, 30) * HOUR,
			    o.held + (end - o.held) * 9 / 10);
	draw_reason(d, &o);
	return o;
}

static struct offer last_offer(const struct demo_plan *p, const struct demo_case *c,
			       struct random *d)
{
	struct slot s = plan_slot(p, c->unit, c->slot);
	struct offer o = { .unit = c->unit, .slot = c->slot, .end = OFFER_STAY };

	if (!c->success)
		return vain_offer(&s, c, d);
	o.decided = s.taken;
	o.held = o.decided - (o.decided - c->submitted) * random_between(d, 100, 700) / 1000;
	if (o.held < s.posted)
		o.held = s.posted;
	return o;
}

int plan_offers(const struct demo_plan *p, int64_t number, const struct demo_case *c,
		struct offer out[DEMO_OFFERS])
{
	static const int weights[] = { 36, 30, 18, 16 };
	struct random d = random_for(DEMO_OFFER, number);
	struct offer last = last_offer(p, c, &d);
	int wanted = (int)RANDOM_WEIGHTED(&d, weights), n = 0;

	for (int i = 0; i < wanted; i++) {
		struct offer *o = &out[n];

		*o = (struct offer){ 0 };
		o->held = c->submitted + (last.held - c->submitted) * random_below(&d, 1000) / 1000;
		if (!find_place(p, c, &d, o))
			continue;
		o->decided = o->held +
			     (last.decided - o->held) * random_between(&d, 50, 900) / 1000;
		o->decided = earlier(o->decided, plan_slot(p, o->unit, o->slot).taken);
		draw_end(&d, o);
		n++;
	}
	out[n++] = last;
	return n;
}
