/* What would mend a near miss. Each function is called only where its rule fails. */
#include "rules.h"

enum mend mend_boys_age(const struct match *m, struct mend_detail *d)
{
	d->wanted = m->who.oldest_boy.least;
	d->there = m->supply->oldest_boy;
	return MEND_BOYS_AGE;
}

enum mend mend_adult_children(const struct match *m, struct mend_detail *d)
{
	(void)m;
	(void)d;
	return MEND_ADULT_CHILDREN;
}

enum mend mend_min_age(const struct match *m, struct mend_detail *d)
{
	d->wanted = m->who.applicant.most;
	d->there = m->supply->min_age;
	return MEND_MIN_AGE;
}

enum mend mend_capacity(const struct match *m, struct mend_detail *d)
{
	d->wanted = m->who.people;
	d->there = m->supply->max_people;
	return MEND_MORE_PEOPLE;
}

enum mend mend_bedrooms(const struct match *m, struct mend_detail *d)
{
	d->wanted = m->who.bedrooms.least;
	d->there = m->supply->bedrooms;
	return MEND_FEWER_ROOMS;
}

enum mend mend_access(const struct match *m, struct mend_detail *d)
{
	(void)m;
	(void)d;
	return MEND_ADAPTATION;
}

enum mend mend_support(const struct match *m, struct mend_detail *d)
{
	for (int i = 0; i < SUPPORT_COUNT; i++)
		if (rule_takes(m->need->support[i], m->supply->support[i]) == OUTCOME_FAIL)
			d->wanted |= 1 << i;
	return MEND_SUPPORT;
}

enum mend mend_risk_level(const struct match *m, struct mend_detail *d)
{
	(void)m;
	(void)d;
	return MEND_RISK_COVER;
}

/* Weeks that nothing covers yet. Nights before the covered ones leave the whole stay to be asked for. */
enum mend mend_nrpf(const struct match *m, struct mend_detail *d)
{
	const struct need *n = m->need;
	int32_t from = m->stay.first;

	d->covered = DAY_NONE;
	if (n->funded_until != DAY_NONE && n->funded_until >= from &&
	    (n->funded_from == DAY_NONE || n->funded_from <= from)) {
		from = n->funded_until + 1;
		d->covered = n->funded_until;
		d->cut_off = n->funding_cut_off;
	}
	d->unfunded = (struct stay){ from, m->stay.last };
	d->wanted = (m->stay.last - from + 1 + 6) / 7;
	d->there = m->supply->weekly_cost;
	return MEND_NRPF_FUNDING;
}

enum mend mend_pets(const struct match *m, struct mend_detail *d)
{
	(void)m;
	(void)d;
	return MEND_PETS;
}

static void add_free(struct mend_detail *d, int32_t first, int32_t last)
{
	if (first <= last && d->n_open < MEND_OPEN)
		d->open[d->n_open++] = (struct stay){ first, last };
}

/* The nights of the stay that are left between those taken, which stand in order. */
static void free_nights(const struct match *m, struct mend_detail *d)
{
	const struct supply *s = m->supply;
	int32_t from = m->stay.first;

	d->n_open = 0;
	for (int i = 0; i < s->n_taken && s->taken[i].first <= m->stay.last; i++) {
		add_free(d, from, s->taken[i].first - 1);
		if (s->taken[i].last >= from && s->taken[i].last < INT32_MAX)
			from = s->taken[i].last + 1;
		else if (s->taken[i].last == INT32_MAX)
			return;
	}
	add_free(d, from, m->stay.last);
}

static enum mend mend_taken(const struct match *m, struct mend_detail *d)
{
	free_nights(m, d);
	return d->n_open ? MEND_FREE_NIGHTS : MEND_NONE;
}

/* Mendable only where a single thing stands in the way, and it has an end. Lapsed: hidden until it is
 * confirmed. */
enum mend mend_available(const struct match *m, struct mend_detail *d)
{
	struct absence a = absence_of(m);

	if (a.over || a.lapsed || a.busy + a.later + a.taken != 1)
		return MEND_NONE;
	if (a.taken)
		return mend_taken(m, d);
	if (a.later) {
		d->wanted = m->supply->from;
		return MEND_FREE_ON;
	}
	d->wanted = m->supply->busy_until;
	return m->supply->busy_until == INT64_MAX ? MEND_NONE : MEND_HOLD_ENDS;
}

enum mend mend_stay(const struct match *m, struct mend_detail *d)
{
	d->wanted = m->need->min_stay;
	d->there = stay_days(m->supply, m->stay.first);
	return MEND_LONGER_STAY;
}

enum mend mend_declined(const struct match *m, struct mend_detail *d)
{
	(void)m;
	(void)d;
	return MEND_ASK_AGAIN;
}

enum mend mend_resident_mix(const struct match *m, struct mend_detail *d)
{
	(void)m;
	(void)d;
	return MEND_MIX_REVIEW;
}
