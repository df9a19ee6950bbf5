/* What offers came to: placements, unmet need, the audit trail. */
#include <stdio.h>

#include "base/date.h"
#include "people.h"

enum { TEXT = 160, OFFER_MINUTES = 20 };

/* ---- placements ---- */

static const char *state_of(const struct demo_plan *p, const struct offer *o)
{
	switch (o->end) {
	case OFFER_DECLINED: return "declined";
	case OFFER_EXPIRED: return "expired";
	case OFFER_CANCELLED: return "cancelled";
	case OFFER_STAY: break;
	}
	if (o->slot < p->slots - 1)
		return "departed";
	switch (plan_unit_now(p, o->unit)) {
	case UNIT_OCCUPIED: return "arrived";
	case UNIT_AWAITED: return "accepted";
	default: return "departed";
	}
}

static void put_period(struct rows *r, int32_t from, int32_t until)
{
	char text[TEXT], first[11], end[11];

	day_format(from, first);
	day_format(until, end);
	snprintf(text, sizeof(text), "[%s,%s)", first, end);
	put_text(r, text);
}

/* From the days of the stay; of other offers from the days that were wanted. */
static void put_stay(struct rows *r, const struct offer *o, const struct slot *s, char state)
{
	int32_t wanted = (int32_t)(o->held / DEMO_DAY);
	int64_t offered = o->held + OFFER_MINUTES * 60;

	if (o->end == OFFER_STAY)
		put_period(r, s->arrive, s->depart);
	else
		put_period(r, wanted, wanted + 90);
	put_second(r, o->held);
	put_second(r, offered < o->decided ? offered : o->decided);
	if (o->end == OFFER_STAY || o->end == OFFER_DECLINED)
		put_second(r, o->decided);
	else
		put_null(r);
	put_day(r, state == 'D' || state == 'R' ? s->arrive : DAY_NONE);
	put_day(r, state == 'D' ? s->depart : DAY_NONE);
}

static void put_refusal(struct rows *r, const struct offer *o)
{
	bool declined = o->end == OFFER_DECLINED;

	put_text(r, !declined ? NULL : o->why == DECLINE_HOUSEHOLD ? "household" : "provider");
	put_text(r, declined ? o->reason : NULL);
	put_text(r, o->end == OFFER_CANCELLED ? "other_offer_accepted" : NULL);
}

static void put_departure(struct rows *r, bool departed, struct random *d)
{
	static const char *const reasons[] = {
		"planned_move_on", "planned_move_on", "planned_move_on", "left_by_choice",
		"left_by_choice", "end_of_stay", "asked_to_leave", "not_known",
	};
	static const char *const destinations[] = {
		"social_tenancy",
		"social_tenancy",
		"private_tenancy",
		"second_stage",
		"family_friends",
		"family_friends",
		"other_refuge",
		"own_home",
		"own_home_with_sanctuary",
		"returned_to_perpetrator",
		"not_known",
	};

	put_text(r, departed ? RANDOM_WORD(d, reasons) : NULL);
	put_text(r, departed ? RANDOM_WORD(d, destinations) : NULL);
}

static void put_placement(const struct demo_plan *p, struct rows *r, int64_t number,
			  const struct demo_case *c, const struct offer *o, int64_t id)
{
	struct slot s = plan_slot(p, o->unit, o->slot);
	struct random d = random_for(DEMO_OFFER, ~id);
	const char *state = state_of(p, o);
	bool departed = o->end == OFFER_STAY && *state == 'd';
	bool arrived = o->end == OFFER_STAY && state[1] == 'r';

	put_id(r, DEMO_OFFER, id);
	put_id(r, DEMO_VACANCY, plan_vacancy(p, o->unit, o->slot));
	put_id(r, DEMO_UNIT, o->unit);
	put_id(r, DEMO_ORGANISATION, plan_provider_of_unit(p, o->unit));
	put_id(r, DEMO_HOUSEHOLD, number);
	put_id(r, DEMO_ORGANISATION, c->council);
	put_id(r, DEMO_ACCOUNT, plan_officer(c->partnership));
	put_text(r, state);
	put_stay(r, o, &s, departed ? 'D' : arrived ? 'R' : '-');
	put_refusal(r, o);
	put_departure(r, departed, &d);
	put_text(r, p->load->policy_version);
	put_int(r, 1);
	put_int(r, 1);
	put_end(r);
}

void fill_placements(const struct demo_plan *p, struct rows *r)
{
	for (int64_t number = 0; number < p->cases; number++) {
		struct demo_case c = plan_case(p, number);
		struct offer offers[DEMO_OFFERS];
		int n = plan_offers(p, number, &c, offers);

		for (int i = 0; i < n; i++)
			put_placement(p, r, number, &c, &offers[i], number * DEMO_OFFERS + i);
	}
}

/* ---- unmet need ---- */

static void put_unmet(const struct demo_plan *p, struct rows *r, int64_t number,
		      const struct demo_case *c)
{
	struct random d = random_for(DEMO_REFERRAL, ~number);
	char reasons[TEXT], hash[40];

	snprintf(reasons, sizeof(reasons),
		 "[{\"rule\": \"capacity\", \"count\": %d},"
		 " {\"rule\": \"available\", \"count\": %d}]",
		 (int)random_between(&d, 1, 9), (int)random_between(&d, 1, 30));
	snprintf(hash, sizeof(hash), "%016llx%016llx",
		 (unsigned long long)random_below(&d, INT64_MAX),
		 (unsigned long long)random_below(&d, INT64_MAX));
	put_id(r, DEMO_CASE, number);
	put_id(r, DEMO_HOUSEHOLD, number);
	put_id(r, DEMO_ORGANISATION, c->council);
	put_text(r, reasons);
	put_text(r, p->load->policy_version);
	put_text(r, hash);
	put_second(r, c->submitted + DEMO_DAY / 48);
	put_end(r);
}

/* A referral that failed for want of room ended in a search that found nothing. */
void fill_unmet_needs(const struct demo_plan *p, struct rows *r)
{
	for (int64_t number = 0; number < p->cases; number++) {
		struct demo_case c = plan_case(p, number);
		struct offer offers[DEMO_OFFERS];
		int n;

		if (c.success)
			continue;
		n = plan_offers(p, number, &c, offers);
		if (offers[n - 1].why == DECLINE_CAPACITY)
			put_unmet(p, r, number, &c);
	}
}

/* ---- the audit trail ---- */

static void put_event(struct rows *r, int64_t number, const struct demo_case *c,
		      const struct offer *o, int64_t id, int64_t event, int64_t events)
{
	static const char *const actions[] = { "insert", "read", "update" };
	int64_t minutes = (o->decided - o->held) / 60 * event / events;

	put_second(r, o->held + minutes * 60);
	put_id(r, DEMO_ACCOUNT, plan_officer(c->partnership));
	put_id(r, DEMO_ORGANISATION, c->council);
	put_text(r, actions[event == 0 ? 0 : event == events - 1 ? 2 : 1]);
	put_text(r, "placement");
	put_id(r, DEMO_OFFER, id);
	put_id(r, DEMO_HOUSEHOLD, number);
	put_end(r);
}

void fill_events(const struct demo_plan *p, struct rows *r)
{
	for (int64_t number = 0; number < p->cases && p->load->events; number++) {
		struct demo_case c = plan_case(p, number);
		struct offer offers[DEMO_OFFERS];
		int n = plan_offers(p, number, &c, offers);

		for (int i = 0; i < n; i++)
			for (int64_t e = 0; e < p->load->events; e++)
				put_event(r, number, &c, &offers[i], number * DEMO_OFFERS + i, e,
					  p->load->events);
	}
}
