/* The events of a generated set, as functions of an index.
 *
 * Partnerships have councils, providers and units; five units make a property. The history of a
 * unit is a row of slots: in each it is offered, taken and lived in. A case is one referral. The
 * successful cases are the stays of the slots, and the failed ones lie between them. A household
 * beyond the stays waits today.
 */
#pragma once
#include "load.h"
#include "random.h"
#include "rows.h"

enum {
	DEMO_UNITS_A_PROPERTY = 5,
	DEMO_UNITS_A_PROVIDER = 50,
	DEMO_OFFERS = 5,	/* at most, in a case */
	DEMO_ROLES = 16,	/* account numbers of a partnership */
	DEMO_DAY = 86400,
};

struct demo_plan {
	const struct demo_load *load;
	struct demo_set set;
	int64_t councils, providers;	/* of each partnership */
	int64_t properties;		/* property numbers of each partnership, not all used */
	int64_t slots;			/* of each unit */
	int64_t cycle;			/* mean length of a slot in seconds */
	int64_t failures;		/* between the stays of one slot */
	int64_t cases, households;
};

struct demo_plan plan_of(const struct demo_load *l);

/* Which unit, property and organisation belong together. */
int64_t plan_partnership_of_unit(const struct demo_plan *p, int64_t unit);
int64_t plan_first_unit(const struct demo_plan *p,
			int64_t partnership); /* also of the one behind the last */
int64_t plan_property_of_unit(const struct demo_plan *p, int64_t unit);
int64_t plan_organisations(const struct demo_plan *p);	/* of each partnership */
int64_t plan_council(const struct demo_plan *p, int64_t partnership, int64_t n);
int64_t plan_provider(const struct demo_plan *p, int64_t partnership, int64_t n);
int64_t plan_firm(const struct demo_plan *p, int64_t partnership);	/* of works at homes: the last organisation */
int64_t plan_provider_of_property(const struct demo_plan *p, int64_t property);
int64_t plan_provider_of_unit(const struct demo_plan *p, int64_t unit);
/* The account that holds places for a partnership. */
int64_t plan_officer(int64_t partnership);

/* Where a unit stands today. */
enum unit_now {
	UNIT_OCCUPIED,
	UNIT_AWAITED,	/* accepted; the household comes in the next days */
	UNIT_VOID,
	UNIT_CLEANED,
	UNIT_VACANT,
};
enum unit_now plan_unit_now(const struct demo_plan *p, int64_t unit);

struct slot {
	int64_t posted, taken;		/* instants, seconds */
	int32_t arrive, depart;		/* days; of the last slot depart may lie ahead */
	int64_t next;			/* when the following slot begins */
};
struct slot plan_slot(const struct demo_plan *p, int64_t unit, int64_t slot);
/* Number of the slot's vacancy; the vacancy that is open today is plan_vacancy(p, unit, p->slots).
 */
int64_t plan_vacancy(const struct demo_plan *p, int64_t unit, int64_t slot);

struct demo_case {
	int64_t unit, slot;	/* of the stay, or of the place that the council did not get */
	int64_t partnership, council;
	int64_t submitted, closed;
	bool success;
};
struct demo_case plan_case(const struct demo_plan *p, int64_t number);

enum offer_end { OFFER_STAY, OFFER_DECLINED, OFFER_EXPIRED, OFFER_CANCELLED };
enum decline_group { DECLINE_CAPACITY, DECLINE_HOUSEHOLD, DECLINE_INAPPROPRIATE, DECLINE_OTHER };

struct offer {
	int64_t unit, slot;
	int64_t held, decided;
	enum offer_end end;
	enum decline_group why;
	const char *reason;	/* of a decline */
};
/* The offers of a case; the last one decided it. Returns their number. */
int plan_offers(const struct demo_plan *p, int64_t number, const struct demo_case *c,
		struct offer out[DEMO_OFFERS]);
