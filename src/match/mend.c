/* What would mend a near miss. Each function is asked only where its rule fails. */
#include "rules.h"

enum mend mend_boys_age(const struct match *m, int64_t *detail)
{
	*detail = m->need->oldest_boy.least;
	return MEND_BOYS_AGE;
}

enum mend mend_adult_children(const struct match *m, int64_t *detail)
{
	(void)m;
	*detail = 0;
	return MEND_ADULT_CHILDREN;
}

enum mend mend_min_age(const struct match *m, int64_t *detail)
{
	*detail = m->need->applicant_age;
	return MEND_MIN_AGE;
}

enum mend mend_capacity(const struct match *m, int64_t *detail)
{
	*detail = m->need->people;
	return MEND_MORE_PEOPLE;
}

enum mend mend_bedrooms(const struct match *m, int64_t *detail)
{
	*detail = m->supply->bedrooms;
	return MEND_FEWER_ROOMS;
}

enum mend mend_access(const struct match *m, int64_t *detail)
{
	(void)m;
	*detail = 0;
	return MEND_ADAPTATION;
}

enum mend mend_support(const struct match *m, int64_t *detail)
{
	*detail = 0;
	for (int i = 0; i < SUPPORT_COUNT; i++)
		if (rule_takes(m->need->support[i], m->supply->support[i]) == OUTCOME_FAIL)
			*detail |= 1 << i;
	return MEND_SUPPORT;
}

enum mend mend_risk_level(const struct match *m, int64_t *detail)
{
	(void)m;
	*detail = 0;
	return MEND_RISK_COVER;
}

enum mend mend_nrpf(const struct match *m, int64_t *detail)
{
	(void)m;
	*detail = 0;
	return MEND_NRPF_FUNDING;
}

enum mend mend_pets(const struct match *m, int64_t *detail)
{
	(void)m;
	*detail = 0;
	return MEND_PETS;
}

/* Mendable only where a single thing stands in the way, and it has an end. */
enum mend mend_available(const struct match *m, int64_t *detail)
{
	struct absence a = absence_of(m);

	*detail = 0;
	if (a.over || a.lapsed || a.busy + a.later != 1)	/* lapsed: hidden until it is confirmed */
		return MEND_NONE;
	if (a.later) {
		*detail = m->supply->from;
		return MEND_FREE_ON;
	}
	*detail = m->supply->busy_until;
	return m->supply->busy_until == INT64_MAX ? MEND_NONE : MEND_HOLD_ENDS;
}

enum mend mend_stay(const struct match *m, int64_t *detail)
{
	*detail = m->need->min_stay;
	return MEND_LONGER_STAY;
}

enum mend mend_declined(const struct match *m, int64_t *detail)
{
	(void)m;
	*detail = 0;
	return MEND_ASK_AGAIN;
}

enum mend mend_resident_mix(const struct match *m, int64_t *detail)
{
	(void)m;
	*detail = 0;
	return MEND_MIX_REVIEW;
}
