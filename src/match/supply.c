#include "match/supply.h"

#include <string.h>

void supply_init(struct supply *s)
{
	memset(s, 0, sizeof(*s));
	s->area = -1;
	s->district = DISTRICT_NONE;
	s->max_people = s->cots = s->bedrooms = -1;
	s->min_age = s->oldest_boy = -1;
	s->from = s->until = DAY_NONE;
	s->longest_stay = s->weekly_cost = s->answer_minutes = -1;
}
