/* What follows from a household's members over the nights of one stay. */
#include "match/household.h"

enum { CHILD_MOST = ADULT_AGE - 1 };

/* The applicant and a carer count as adults, whatever their age. */
static bool adult_by_role(const struct member *m)
{
	return m->role == MEMBER_APPLICANT || m->role == MEMBER_CARER;
}

static void count_adult(struct people *p, const struct member *m, bool surely)
{
	if (m->trans == TRI_YES)
		p->trans++;
	else if (m->sex == SEX_FEMALE)
		*(surely ? &p->women : &p->women_later) += 1;
	else if (m->sex == SEX_MALE)
		*(surely ? &p->men : &p->men_later) += 1;
	else
		p->adults_sex_unknown++;
}

static void raise_to(int *value, int to)
{
	if (*value < to)
		*value = to;
}

/* A trans child's sex counts as unknown: the provider is asked. */
static void count_boy(struct people *p, const struct member *m, struct span age)
{
	bool known = m->trans != TRI_YES;

	if (known && m->sex == SEX_FEMALE)
		return;
	if (known && m->sex == SEX_MALE && age.most <= CHILD_MOST)
		raise_to(&p->oldest_boy.least, age.least);
	raise_to(&p->oldest_boy.most, age.most < CHILD_MOST ? age.most : CHILD_MOST);
}

static void count_young(struct people *p, const struct member *m, struct span age)
{
	if (age.most <= CHILD_MOST)
		p->children = TRI_YES;
	else if (p->children == TRI_NO)
		p->children = TRI_UNKNOWN;
	if (age.most < 2)
		p->under_twos++;
	else if (age.least < 2)
		p->age_unknown++;
	count_boy(p, m, age);
}

static void count_adult_child(struct people *p, const struct member *m, struct span age)
{
	bool theirs = m->role == MEMBER_CHILD ? !m->not_applicants : m->role == MEMBER_ADULT && m->grown_up_child;

	if (!theirs)
		return;
	if (age.least >= ADULT_AGE)
		p->adult_children = TRI_YES;
	else if (age.most >= ADULT_AGE && p->adult_children == TRI_NO)
		p->adult_children = TRI_UNKNOWN;
}

static void count_member(struct people *p, const struct member *m)
{
	struct span age = member_ages(m, p->stay);

	if (m->role == MEMBER_APPLICANT)
		p->applicant = m->age < 0 ? (struct span){ 0, -1 } : age;
	count_adult_child(p, m, age);
	if (adult_by_role(m) || age.most >= ADULT_AGE)
		count_adult(p, m, adult_by_role(m) || age.least >= ADULT_AGE);
	if (!adult_by_role(m) && age.least < ADULT_AGE)
		count_young(p, m, age);
}

static bool birth_before(const struct need *n, int32_t day)
{
	return n->pregnant == TRI_YES && (n->due == DAY_NONE || n->due <= day);
}

struct people people_of(const struct need *n, struct stay s)
{
	struct people p = {
		.stay = s, .people = n->n_members, .oldest_boy = { -1, -1 }, .applicant = { 0, -1 },
		.adult_children = TRI_NO, .children = TRI_NO, .birth = birth_before(n, s.last),
	};

	for (int i = 0; i < n->n_members; i++)
		count_member(&p, &n->members[i]);
	p.couples = couples_of(n->members, (size_t)n->n_members);
	p.bedrooms = bedrooms_needed(n->members, (size_t)n->n_members, s);
	return p;
}

struct people people_on(const struct need *n, struct stay s)
{
	bool known = n->who.stay.first == s.first && n->who.stay.last == s.last;

	return n->n_members == 0 || known ? n->who : people_of(n, s);
}

void household_facts(struct need *n, struct stay s)
{
	if (n->n_members > 0)
		n->who = people_of(n, s);
}

enum tri children_on(const struct need *n, int32_t day)
{
	enum tri children = TRI_NO;

	if (n->n_members == 0)
		return n->who.children;
	for (int i = 0; i < n->n_members; i++) {
		const struct member *m = &n->members[i];
		struct span age = member_ages(m, (struct stay){ day, day });

		if (!adult_by_role(m) && age.most <= CHILD_MOST)
			return TRI_YES;
		if (!adult_by_role(m) && age.least <= CHILD_MOST)
			children = TRI_UNKNOWN;
	}
	return children;
}
