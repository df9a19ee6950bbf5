#include "people.h"

#include "base/date.h"

/* ---- who they are ---- */

static int most_people(const struct demo_plan *p, int64_t household)
{
	struct demo_case c;

	if (household >= p->cases)
		return DEMO_PEOPLE;
	c = plan_case(p, household);
	return c.success && demo_max_people(c.unit) < DEMO_PEOPLE ? (int)demo_max_people(c.unit)
								  : DEMO_PEOPLE;
}

static struct member main_applicant(struct random *d)
{
	static const int weights[] = { [SEX_UNKNOWN] = 5, [SEX_FEMALE] = 925, [SEX_MALE] = 70 };
	struct member m = { .role = MEMBER_APPLICANT,
			    .sex = (enum sex)RANDOM_WEIGHTED(d, weights),
			    .trans = TRI_NO };

	m.age = (int)(18 + random_below(d, 28) + random_below(d, 28) * random_below(d, 2));
	return m;
}

static struct member another(struct random *d)
{
	struct member m = { .role = MEMBER_CHILD,
			    .trans = TRI_NO,
			    .sex = random_chance(d, 500) ? SEX_FEMALE : SEX_MALE };

	if (random_chance(d, 960)) {
		m.age = (int)(random_below(d, 12) + random_below(d, 6));
		return m;
	}
	m.role = MEMBER_ADULT;
	m.age = (int)random_between(d, 18, 80);
	return m;
}

struct demo_people demo_people(const struct demo_plan *p, int64_t household)
{
	static const int others[] = { 380, 270, 200, 95, 40, 15 };
	struct random d = random_for(DEMO_HOUSEHOLD, household);
	struct demo_people h = { .n = 1 + (int)RANDOM_WEIGHTED(&d, others) };
	int most = most_people(p, household);

	if (h.n > most)
		h.n = most;
	h.people[0] = main_applicant(&d);
	for (int i = 1; i < h.n; i++)
		h.people[i] = another(&d);
	return h;
}

static const char *kind_of(const struct member *m)
{
	return m->role == MEMBER_APPLICANT ? "main" : m->role == MEMBER_CHILD ? "child" : "adult";
}

static int32_t known_since(const struct demo_plan *p, int64_t household)
{
	return (int32_t)(demo_arrival(p, household).submitted / DEMO_DAY);
}

void fill_members(const struct demo_plan *p, struct rows *r)
{
	for (int64_t household = 0; household < p->households; household++) {
		struct demo_people h = demo_people(p, household);
		int32_t day = known_since(p, household);

		for (int i = 0; i < h.n; i++) {
			put_id(r, DEMO_MEMBER, household * DEMO_PEOPLE + i);
			put_id(r, DEMO_HOUSEHOLD, household);
			put_text(r, kind_of(&h.people[i]));
			put_text(r, h.people[i].sex ? code_at(&sex_codes, (int)h.people[i].sex)
						    : NULL);
			put_int(r, h.people[i].age);
			put_day(r, day);
			put_end(r);
		}
	}
}

/* ---- when they came ---- */

static struct arrival arrival_of_case(const struct demo_plan *p, int64_t household)
{
	struct demo_case c = plan_case(p, household);
	enum unit_now now = plan_unit_now(p, c.unit);

	return (struct arrival){
		.partnership = c.partnership,
		.council = c.council,
		.submitted = c.submitted,
		.closed = c.closed,
		.open = c.success && c.slot == p->slots - 1 &&
			(now == UNIT_OCCUPIED || now == UNIT_AWAITED),
	};
}

struct arrival demo_arrival(const struct demo_plan *p, int64_t household)
{
	struct random d = random_for(DEMO_REFERRAL, household);
	struct arrival a = { .waits = true, .open = true };
	int64_t days;

	if (household < p->cases)
		return arrival_of_case(p, household);
	days = random_below(&d, 7) *
	       random_below(&d, 7); /* most came in the last days, some weeks ago */
	a.partnership = household % p->set.partnerships;
	a.council = plan_council(p, a.partnership, random_below(&d, p->councils));
	a.submitted = p->load->now - days * DEMO_DAY - random_between(&d, 300, DEMO_DAY);
	return a;
}
