/* Bedrooms, priority, sanctuary. */
#include <criterion/criterion.h>
#include <string.h>

#include "fitting.h"

#define F SEX_FEMALE
#define M SEX_MALE
#define U SEX_UNKNOWN

enum { MEMBERS = 8 };
static const struct stay tonight = { 0, 0 };

struct rooms_case {
	const char *what;
	int least, most;
	struct member member[MEMBERS];
};

#define ADULT(role, sex) { MEMBER_##role, 30, sex, TRI_NO }
#define COUPLE(role, sex, number) { MEMBER_##role, 30, sex, TRI_NO, .couple = number }
#define CHILD(age, sex) { MEMBER_CHILD, age, sex, TRI_NO }

static const struct rooms_case rooms[] = {
	{ "alone", 1, 1, { ADULT(APPLICANT, F) } },
	{ "a couple", 1, 1, { COUPLE(APPLICANT, F, 1), COUPLE(ADULT, M, 1) } },
	{ "boy 12, boy 8, girl 9, girl 14: two rooms, not three", 3, 3,
	  { ADULT(APPLICANT, F), CHILD(12, M), CHILD(8, M), CHILD(9, F), CHILD(14, F) } },
	{ "boy and girl under 10 share", 2, 2, { ADULT(APPLICANT, F), CHILD(9, M), CHILD(3, F) } },
	{ "not once one is 10", 3, 3, { ADULT(APPLICANT, F), CHILD(10, M), CHILD(3, F) } },
	{ "16 has a room", 3, 3, { ADULT(APPLICANT, F), CHILD(16, M), CHILD(15, M) } },
	{ "adult son", 2, 2, { ADULT(APPLICANT, F), CHILD(30, M) } },
	{ "a couple and her parents, a couple: two rooms, not three", 2, 2,
	  { COUPLE(APPLICANT, F, 1), COUPLE(ADULT, M, 1), COUPLE(ADULT, M, 2), COUPLE(ADULT, F, 2) } },
	{ "two adults who are none", 2, 2, { ADULT(APPLICANT, F), ADULT(ADULT, M) } },
	{ "recorded as an adult, 15, shares", 2, 2,
	  { ADULT(APPLICANT, F), { MEMBER_ADULT, 15, F, TRI_NO }, CHILD(12, F) } },
	{ "carer at night", 2, 2, { ADULT(APPLICANT, F), ADULT(CARER, F) } },
	{ "three of one sex", 3, 3,
	  { ADULT(APPLICANT, F), CHILD(12, F), CHILD(13, F), CHILD(14, F) } },
	{ "unknown sex, both under 10", 2, 2, { ADULT(APPLICANT, F), CHILD(9, U), CHILD(3, F) } },
	{ "unknown sex at 12", 2, 3, { ADULT(APPLICANT, F), CHILD(12, U), CHILD(3, F) } },
	{ "unknown age", 2, 3, { ADULT(APPLICANT, F), CHILD(-1, F), CHILD(3, F) } },
};

static size_t members_of(const struct rooms_case *c)
{
	size_t n = 0;

	while (n < MEMBERS && c->member[n].age != 0)
		n++;
	return n;
}

Test(bedrooms, by_the_size_criteria)
{
	for (size_t i = 0; i < sizeof(rooms) / sizeof(*rooms); i++) {
		struct span s = bedrooms_needed(rooms[i].member, members_of(&rooms[i]), tonight);

		cr_expect_eq(s.least, rooms[i].least, "%s: least %d", rooms[i].what, s.least);
		cr_expect_eq(s.most, rooms[i].most, "%s: most %d", rooms[i].what, s.most);
	}
}

static bool may_share(const struct member *a, const struct member *b)
{
	return a->sex == b->sex || (a->age < 10 && b->age < 10);
}

/* The fewest rooms, found by trying every pairing. */
static int fewest(const struct member *m, int n, unsigned taken)
{
	int first = 0, best;

	while (first < n && taken >> first & 1)
		first++;
	if (first == n)
		return 0;
	best = 1 + fewest(m, n, taken | 1u << first);
	for (int j = first + 1; j < n; j++) {
		int with;

		if (taken >> j & 1 || !may_share(&m[first], &m[j]))
			continue;
		with = 1 + fewest(m, n, taken | 1u << first | 1u << j);
		best = with < best ? with : best;
	}
	return best;
}

Test(bedrooms, the_pairing_is_the_best_there_is)
{
	struct dice d = dice_from(4);

	for (int i = 0; i < 3000; i++) {
		struct member m[MEMBERS];
		int n = between(&d, 1, MEMBERS);
		struct span s;

		for (int k = 0; k < n; k++)
			m[k] = (struct member){ MEMBER_CHILD, between(&d, 0, 15),
				(enum sex)between(&d, F, M), TRI_NO };
		s = bedrooms_needed(m, (size_t)n, tonight);
		cr_assert_eq(s.most, fewest(m, n, 0), "round %d: %d", i, s.most);
		cr_assert_eq(s.least, s.most, "nothing unknown");
	}
}

/* A fact that becomes known narrows the span, and never goes outside it. */
Test(bedrooms, an_unknown_spans_every_way_it_may_turn_out)
{
	struct dice d = dice_from(6);

	for (int i = 0; i < 2000; i++) {
		struct member m[5];
		struct span before, after;
		int k = between(&d, 0, 4);

		for (int j = 0; j < 5; j++)
			m[j] = (struct member){ MEMBER_CHILD, between(&d, -1, 17),
				(enum sex)between(&d, U, M), TRI_NO };
		before = bedrooms_needed(m, 5, tonight);
		m[k].age = m[k].age < 0 ? between(&d, 0, 17) : m[k].age;
		m[k].sex = m[k].sex == U ? (enum sex)between(&d, F, M) : m[k].sex;
		after = bedrooms_needed(m, 5, tonight);
		cr_assert_leq(before.least, after.least, "round %d", i);
		cr_assert_geq(before.most, after.most, "round %d", i);
	}
}

/* A need of these members. */
static struct need family_of(const struct member *m, size_t n)
{
	struct need need;

	need_init(&need);
	memcpy(need.members, m, n * sizeof(*m));
	need.n_members = (int)n;
	return need;
}
#define FAMILY(...) family_of((const struct member[]){ __VA_ARGS__ }, \
			      sizeof((const struct member[]){ __VA_ARGS__ }) / sizeof(struct member))

#define EXACT(role_, age_, sex_, on) \
	{ .role = MEMBER_##role_, .age = age_, .sex = sex_, .trans = TRI_NO, .age_on = on, .age_exact = true }
#define ABOUT(role_, age_, sex_, on) { .role = MEMBER_##role_, .age = age_, .sex = sex_, .trans = TRI_NO, .age_on = on }

Test(household, facts_of_a_family)
{
	struct need n = FAMILY(EXACT(APPLICANT, 41, F, 0), EXACT(CHILD, 19, M, 0), EXACT(CHILD, 14, M, 0),
			       EXACT(CHILD, 1, F, 0), EXACT(CHILD, -1, U, 0));
	struct people who = people_of(&n, tonight);

	cr_expect_eq(who.people, 5, "people");
	cr_expect_eq(who.women, 1, "women");
	cr_expect_eq(who.men, 1, "the son of 19 is a man");
	cr_expect_eq(who.adult_children, TRI_YES, "adult children");
	cr_expect_eq(who.oldest_boy.least, 14, "the oldest boy");
	cr_expect_eq(who.oldest_boy.most, 17, "the youngest may be an older one");
	cr_expect_eq(who.under_twos, 1, "under two");
	cr_expect_eq(who.age_unknown, 1, "may be under two");
	cr_expect_eq(who.children, TRI_YES, "children");
	cr_expect(who.applicant.least == 41 && who.applicant.most == 41, "applicant");
}

Test(household, a_person_under_18_is_a_child_however_recorded)
{
	struct need n = FAMILY(EXACT(APPLICANT, 30, F, 0), EXACT(ADULT, 16, M, 0));
	struct people who = people_of(&n, tonight);

	cr_expect_eq(who.men, 0);
	cr_expect_eq(who.oldest_boy.least, 16);
	cr_expect_eq(who.adult_children, TRI_NO, "an adult who is no child of hers");
	n.members[1].age = 18;
	n.members[1].grown_up_child = true;
	who = people_of(&n, tonight);
	cr_expect_eq(who.men, 1);
	cr_expect_eq(who.adult_children, TRI_YES, "an adult who is");
	n.members[1] = (struct member)EXACT(CHILD, 20, M, 0);
	n.members[1].not_applicants = true;
	who = people_of(&n, tonight);
	cr_expect_eq(who.adult_children, TRI_NO, "a grandson");
}

Test(household, an_age_on_any_day)
{
	int32_t born, entered;
	struct member exact = EXACT(APPLICANT, 17, F, 0), about = ABOUT(APPLICANT, 17, F, 0);
	struct span a;

	cr_assert(day_parse("2025-11-30", &born) && day_parse("2026-11-29", &entered));
	exact.age_on = born;
	about.age_on = entered;
#define AGES(m, day) (a = member_ages(m, (struct stay){ day, day }))
	AGES(&exact, born + 364);
	cr_expect(a.least == 17 && a.most == 17, "the day before the birthday");
	AGES(&exact, born + 365);
	cr_expect(a.least == 18 && a.most == 18, "the birthday");
	AGES(&about, entered);
	cr_expect(a.least == 17 && a.most == 17, "the day on which it was said");
	AGES(&about, entered + 1);
	cr_expect(a.least == 17 && a.most == 18, "may have the birthday");
	AGES(&about, entered + 365);
	cr_expect(a.least == 18 && a.most == 18, "a year later");
	a = member_ages(&exact, (struct stay){ born + 300, born + 400 });
	cr_expect(a.least == 17 && a.most == 18, "turns 18 within the stay");
}

/* Each step decides before all later steps. */
Test(priority, in_the_order_of_the_steps)
{
	struct need first[PRIORITY_COUNT], second;

	for (int i = 0; i < PRIORITY_COUNT; i++) {
		struct priority a, b;
		enum priority_step why;
		struct policy p;

		policy_default(&p);
		fitting_need(&second);
		second.urgency = i > PRIORITY_UNSAFE ? URGENCY_EMERGENCY : URGENCY_PLANNED;
		second.situation = SITUATION_FRIENDS;
		second.risk_level = i > PRIORITY_RISK ? RISK_UNKNOWN : RISK_MEDIUM;
		second.band = i > PRIORITY_BAND ? BAND_1 : BAND_2;
		second.pregnant = i > PRIORITY_CHILDREN ? TRI_YES : TRI_NO;
		second.who.children = TRI_NO;
		second.waiting_since = i > PRIORITY_WAITING ? 1000 : 2000;
		second.tie = 5;
		first[i] = second;
		first[i].urgency = URGENCY_EMERGENCY;
		first[i].risk_level = i == PRIORITY_UNSAFE ? RISK_STANDARD : RISK_HIGH;
		first[i].band = i < PRIORITY_BAND ? BAND_4 : BAND_1;
		first[i].pregnant = i < PRIORITY_CHILDREN ? TRI_NO : TRI_YES;
		first[i].waiting_since = i < PRIORITY_WAITING ? 9000 : 1000;
		first[i].tie = i < PRIORITY_TIE ? 1 : 6;
		a = priority_of(&p, &first[i], SAMPLE_TODAY);
		b = priority_of(&p, &second, SAMPLE_TODAY);
		cr_expect_lt(priority_cmp(&a, &b, &why), 0, "%s goes first",
			     code_at(&priority_step_codes, i));
		cr_expect_eq(why, i, "and says why: %s", code_at(&priority_step_codes, why));
		cr_expect_gt(priority_cmp(&b, &a, NULL), 0, "both ways");
	}
}

Test(priority, unknown_risk_ranks_as_high)
{
	struct need a, b;
	struct priority high, unknown;
	struct policy p;

	policy_default(&p);
	fitting_need(&a);
	b = a;
	b.risk_level = RISK_UNKNOWN;
	high = priority_of(&p, &a, SAMPLE_TODAY);
	unknown = priority_of(&p, &b, SAMPLE_TODAY);
	cr_assert_eq(high.step[PRIORITY_RISK], unknown.step[PRIORITY_RISK], "the same step");
	b.risk_level = RISK_HIGH;
	b.risk_least = RISK_STANDARD;
	unknown = priority_of(&p, &b, SAMPLE_TODAY);
	cr_assert_eq(high.step[PRIORITY_RISK], unknown.step[PRIORITY_RISK], "a range ranks as its upper end");
}

Test(candidates, in_priority_whatever_the_order_given)
{
	enum { N = 300, MAX = 25 };
	static struct need needs[N], reverse[N];
	static struct candidate out[MAX], again[MAX];
	struct dice d = dice_from(8);
	struct pair p;
	size_t fit;

	pair_new(&p);
	for (int i = 0; i < N; i++) {
		likely_need(&d, geography_districts(p.tees), &needs[i]);
		reverse[N - 1 - i] = needs[i];
	}
	p.supply.max_people = 9;
	p.supply.bedrooms = 5;
	fit = match_candidates(&p.env, &p.supply, needs, N, out, MAX);
	cr_assert_gt(fit, MAX, "more fit than are listed");
	cr_assert_eq(match_candidates(&p.env, &p.supply, reverse, N, again, MAX), fit, "as many");
	for (int i = 0; i < MAX; i++) {
		cr_expect_eq(uuid_cmp(out[i].priority.id, again[i].priority.id), 0,
			     "the same at %d", i);
		cr_expect(out[i].verdict.fits, "fits");
		if (i > 0)
			cr_expect_lt(priority_cmp(&out[i - 1].priority, &out[i].priority, NULL), 0,
				     "in order at %d", i);
	}
	for (int i = 0; i < N; i++) {
		struct priority rank = priority_of(p.env.policy, &needs[i], SAMPLE_TODAY);
		struct verdict v;

		match_pair(&p.env, &needs[i], &p.supply, &v);
		if (v.fits && priority_cmp(&rank, &out[MAX - 1].priority, NULL) < 0) {
			bool listed = false;

			for (int k = 0; k < MAX; k++)
				listed |= out[k].need == (size_t)i;
			cr_expect(listed, "nobody before the last is left out");
		}
	}
	arena_free(p.arena);
}

Test(sanctuary, names_what_is_missing)
{
	struct need n;

	need_init(&n);
	n.wants_to_stay = n.sole_occupation = TRI_YES;
	n.perpetrator_at_home = TRI_NO;
	cr_expect(sanctuary_of(&n).offered, "offered");
	cr_expect(sanctuary_of(&n).asked, "consent is to be asked");
	cr_expect_eq(sanctuary_of(&n).condition[SANCTUARY_CONSENT], TRI_UNKNOWN, "named");
	n.consent_obtainable = TRI_YES;
	cr_expect_not(sanctuary_of(&n).asked, "complete");
	n.perpetrator_at_home = TRI_YES;
	cr_expect_not(sanctuary_of(&n).offered, "not with the perpetrator there");
	cr_expect_eq(sanctuary_of(&n).condition[SANCTUARY_PERPETRATOR_AWAY], TRI_NO, "named");
}

static bool hashes_alike(const struct need *a, const struct need *b)
{
	struct input_hash x = need_hash(a, "2026-1", SAMPLE_TODAY);
	struct input_hash y = need_hash(b, "2026-1", SAMPLE_TODAY);

	return x.hi == y.hi || x.lo == y.lo;
}

/* Adds one more entry to each list, in turn. */
Test(hash, of_every_list)
{
	struct need n, other;

	fitting_need(&n);
	other = n;
	other.reach[other.n_reach++] = 3;
	cr_expect_not(hashes_alike(&n, &other), "places to reach");
	other = n;
	other.wish_areas[other.n_wish_areas++] = 3;
	cr_expect_not(hashes_alike(&n, &other), "wished areas");
	other = n;
	other.unsafe[other.n_unsafe++] = area_circle(450000, 520000, 2000);
	cr_expect_not(hashes_alike(&n, &other), "unsafe places");
	other = n;
	other.conflicts[other.n_conflicts++] = (struct uuid){ 1, 2 };
	cr_expect_not(hashes_alike(&n, &other), "conflicts");
	other = n;
	other.declined[other.n_declined++] = (struct declined){ { 1, 2 }, 1 };
	cr_expect_not(hashes_alike(&n, &other), "declined");
	other = n;
	other.support[SUPPORT_VIOLENCE] = TRI_YES;
	cr_expect_not(hashes_alike(&n, &other), "support");
}

/* Each byte of a member, and of the first entry of a list: of an area, what an outward code has. */
static void expect_hashed(struct need *n, const char *name, void *member, size_t size)
{
	const struct need before = *n;
	unsigned char *byte = member;

	for (size_t i = 0; i < size; i++) {
		byte[i] ^= 1;
		cr_expect_not(hashes_alike(&before, n), "byte %zu of %s", i, name);
		byte[i] ^= 1;
	}
}

Test(hash, of_every_member)
{
	struct need n;

	fitting_need(&n);
#define ONE(type, name) expect_hashed(&n, #name, &n.name, sizeof(n.name));
#define EACH(type, name, count) ONE(type, name)
#define MANY(type, name, most) \
	n.n_##name = 1; memset(n.name, 0, sizeof(*n.name)); \
	expect_hashed(&n, #name, n.name, _Generic(n.name[0], \
		struct area: offsetof(struct area, easting), default: sizeof(*n.name))); \
	expect_hashed(&n, "n_" #name, &n.n_##name, 1);
#include "match/struct_need.def"
}

Test(hash, of_content_not_of_order)
{
	struct need a, b;
	struct input_hash x, y;

	fitting_need(&a);
	memset(&b, 0xaa, sizeof(b));
	fitting_need(&b);
	a.n_reach = b.n_reach = 2;
	a.reach[0] = b.reach[1] = 3;
	a.reach[1] = b.reach[0] = 4;
	x = need_hash(&a, "2026-1", SAMPLE_TODAY);
	y = need_hash(&b, "2026-1", SAMPLE_TODAY);
	cr_expect(x.hi == y.hi && x.lo == y.lo, "order does not matter");
	b.pets = TRI_YES;
	y = need_hash(&b, "2026-1", SAMPLE_TODAY);
	cr_expect(x.hi != y.hi && x.lo != y.lo, "a fact does");
	y = need_hash(&a, "2026-2", SAMPLE_TODAY);
	cr_expect(x.hi != y.hi && x.lo != y.lo, "so does the policy");
	y = need_hash(&a, "2026-1", SAMPLE_TODAY + 1);
	cr_expect(x.hi != y.hi && x.lo != y.lo, "so does the day");
}
