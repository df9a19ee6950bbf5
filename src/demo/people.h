/* The people of a generated household. */
#pragma once
#include "match/household.h"
#include "tables.h"

enum { DEMO_PEOPLE = 8 };

struct demo_people {
	struct member people[DEMO_PEOPLE];	/* the main applicant first */
	int n;
};
struct demo_people demo_people(const struct demo_plan *p, int64_t household);

/* When a household came, and who took its referral. Those beyond the cases wait today. */
struct arrival {
	int64_t partnership, council, submitted, closed;
	bool waits;	/* still without a place */
	bool open;	/* not closed: waits, or lives in a place */
};
struct arrival demo_arrival(const struct demo_plan *p, int64_t household);
