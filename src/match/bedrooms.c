/* How many bedrooms a household needs, at least and at most, as far as its people are known and over
 * the nights of its stay. A member who grows older never needs less, so the least is that of the first
 * night and the most that of the last. */
#include "match/household.h"

enum { OWN_ROOM_AGE = 16, SHARE_AGE = 10 };

/* Children under 16 by the facts that decide who can share: sex, and being under 10. */
struct children {
	int boys_under_10, girls_under_10, boys, girls;
	int under_10, older;		/* of unknown sex */
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

/* A couple shares a room, whatever their ages: neither shares with anybody else. */
static bool own_room(const struct member *m, int age)
{
	return m->role == MEMBER_APPLICANT || m->role == MEMBER_CARER || m->couple || age >= OWN_ROOM_AGE;
}

/* The rooms of all as old as they are in one corner of the span. */
static struct span rooms_of(const struct member *members, size_t n, struct stay s, bool oldest)
{
	struct children c = { 0 };
	int own = -couples_of(members, n);
	struct span rooms;

	for (size_t i = 0; i < n; i++) {
		struct span ages = member_ages(&members[i], s);
		int age = oldest ? ages.most : ages.least;

		if (own_room(&members[i], age))
			own++;
		else
			count_child(&c, members[i].sex, age < SHARE_AGE);
	}
	rooms = rooms_span(&c);
	return (struct span){ own + rooms.least, own + rooms.most };
}

struct span bedrooms_needed(const struct member *members, size_t n, struct stay s)
{
	return (struct span){
		.least = rooms_of(members, n, s, false).least,
		.most = rooms_of(members, n, s, true).most,
	};
}
