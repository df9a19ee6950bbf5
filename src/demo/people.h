/* The people of a generated household. */
#pragma once
#include "match/household.h"
#include "tables.h"

enum { HOME_PEOPLE = 8 };

struct home {
	struct member people[HOME_PEOPLE];	/* the main applicant first */
	int n;
};
struct home demo_home(const struct plan *p, int64_t household);

/* When a household came, and the council that took its referral. Households beyond the cases wait
 * today. */
struct arrival {
	int64_t partnership, council, submitted, closed;
	bool waits;	/* still without a place */
	bool open;	/* not closed: it waits, or lives in a place */
};
struct arrival demo_arrival(const struct plan *p, int64_t household);
