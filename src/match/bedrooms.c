/* How many bedrooms a household needs, at least and at most, as far as its people are known. */
#include "match/household.h"

/* Children under 16 by the facts that decide who can share: sex, and being under 10. */
struct children {
	int boys_under_10, girls_under_10, boys, girls;
	int under_10, older;		/* of unknown sex */
};

struct tally {
	int own_room;			/* adults, couples, carers: one room each */
	int age_unknown;
	struct children known;		/* by their ages */
	struct children young;		/* the same, and each unknown age taken as under 10 */
};

static int least_of(int a, int b)
{
	return a < b ? a : b;
}

static int greatest_of(int a, int b)
{
	return a > b ? a : b;
}

/* The fewest rooms: an odd older child shares with a younger one of the same sex, which never costs
 * a room, then the rest of the younger ones pair among themselves. */
static int rooms_for(const struct children *c)
{
	int with_boy = c->boys % 2 && c->boys_under_10 > 0;
	int with_girl = c->girls % 2 && c->girls_under_10 > 0;
	int young = c->boys_under_10 + c->girls_under_10 - with_boy - with_girl;

	return (c->boys + 1) / 2 + (c->girls + 1) / 2 + (young + 1) / 2;
}

static struct children split(const struct children *c, int young_boys, int older_boys)
{
	struct children s = *c;

	s.boys_under_10 += young_boys;
	s.girls_under_10 += c->under_10 - young_boys;
	s.boys += older_boys;
	s.girls += c->older - older_boys;
	return s;
}

/* Over every way in which the unknown sexes may turn out. */
static struct span rooms_span(const struct children *c)
{
	struct span rooms = { .least = 1000, .most = 0 };

	for (int young = 0; young <= c->under_10; young++)
		for (int older = 0; older <= c->older; older++) {
			struct children s = split(c, young, older);
			int n = rooms_for(&s);

			rooms.least = least_of(rooms.least, n);
			rooms.most = greatest_of(rooms.most, n);
		}
	return rooms;
}

static void count_child(struct children *c, enum sex sex, bool under_10)
{
	if (sex == SEX_MALE)
		*(under_10 ? &c->boys_under_10 : &c->boys) += 1;
	else if (sex == SEX_FEMALE)
		*(under_10 ? &c->girls_under_10 : &c->girls) += 1;
	else
		*(under_10 ? &c->under_10 : &c->older) += 1;
}

static bool may_be_child(const struct member *m)
{
	return (m->role == MEMBER_CHILD || m->role == MEMBER_OTHER) && m->age < 16;
}

static void count_member(struct tally *t, const struct member *m)
{
	if (!may_be_child(m)) {
		t->own_room++;
	} else if (m->age < 0) {
		t->age_unknown++;
		count_child(&t->young, m->sex, true);
	} else {
		count_child(&t->known, m->sex, m->age < 10);
		count_child(&t->young, m->sex, m->age < 10);
	}
}

static bool couple(const struct member *members, size_t n)
{
	bool has[MEMBER_CARER + 1] = { false };

	for (size_t i = 0; i < n; i++)
		has[members[i].role] = true;
	return has[MEMBER_APPLICANT] && has[MEMBER_PARTNER];
}

struct span bedrooms_needed(const struct member *members, size_t n)
{
	struct tally t = { 0 };
	struct span known, young;

	for (size_t i = 0; i < n; i++)
		count_member(&t, &members[i]);
	t.own_room -= couple(members, n);
	known = rooms_span(&t.known);
	young = rooms_span(&t.young);
	/* An unknown age costs most as 16 or over, and least as under 10. */
	return (struct span){
		.least = t.own_room + young.least,
		.most = t.own_room + t.age_unknown + known.most,
	};
}
