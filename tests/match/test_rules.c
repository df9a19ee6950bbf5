/* Each hard rule: when it passes, asks and fails; and that no unknown fact makes it fail. */
#include <criterion/criterion.h>
#include <stddef.h>
#include <string.h>

#include "fitting.h"

struct edit {
	bool supply;
	size_t offset, size;
	int64_t value;
};

#define NEED(field, value) { false, offsetof(struct need, field), \
	sizeof(((struct need *)0)->field), (value) }
#define SUPPLY(field, value) { true, offsetof(struct supply, field), \
	sizeof(((struct supply *)0)->field), (value) }

#define TAKEN(from, to) SUPPLY(n_taken, 1), SUPPLY(taken[0].first, SAMPLE_TODAY + from), SUPPLY(taken[0].last, SAMPLE_TODAY + to)

#define STUDIO SUPPLY(bedrooms, 0)

enum { EDITS = 5, PASS = OUTCOME_PASS, OPEN = OUTCOME_OPEN, ASK = OUTCOME_ASK, FAIL = OUTCOME_FAIL };

struct rule_case {
	enum rule rule;
	const char *what;
	int want;
	struct edit edit[EDITS];
};

static const struct rule_case cases[] = {
	{ RULE_RESIDENTS_SEX, "a woman in a women's refuge", PASS, { { 0 } } },
	{ RULE_RESIDENTS_SEX, "a man there", FAIL, { NEED(who.women, 0), NEED(who.men, 1) } },
	{ RULE_RESIDENTS_SEX, "her adult son counts", FAIL, { NEED(who.men, 1) } },
	{ RULE_RESIDENTS_SEX, "a woman in a men's refuge", FAIL,
	  { SUPPLY(residents, RESIDENTS_MEN) } },
	{ RULE_RESIDENTS_SEX, "a man in a men's refuge", PASS,
	  { SUPPLY(residents, RESIDENTS_MEN), NEED(who.women, 0), NEED(who.men, 1) } },
	{ RULE_RESIDENTS_SEX, "anybody where anyone may live", PASS,
	  { SUPPLY(residents, RESIDENTS_ANY), NEED(who.men, 1), NEED(who.trans, 1) } },
	{ RULE_RESIDENTS_SEX, "her son turns 18 within the stay", ASK, { NEED(who.men_later, 1) } },
	{ RULE_RESIDENTS_SEX, "her daughter does", PASS, { NEED(who.women_later, 1) } },
	{ RULE_RESIDENTS_SEX, "a trans person is asked", ASK, { NEED(who.women, 0), NEED(who.trans, 1) } },
	{ RULE_RESIDENTS_SEX, "an adult of unknown sex is asked", ASK,
	  { NEED(who.adults_sex_unknown, 1) } },
	{ RULE_RESIDENTS_SEX, "nobody known is asked", ASK, { NEED(who.women, 0) } },
	{ RULE_RESIDENTS_SEX, "residents unknown are asked", ASK,
	  { SUPPLY(residents, RESIDENTS_UNKNOWN) } },

	{ RULE_BOYS_AGE, "a boy as old as accepted", PASS,
	  { NEED(who.oldest_boy.least, 12), NEED(who.oldest_boy.most, 12) } },
	{ RULE_BOYS_AGE, "a year older", FAIL,
	  { NEED(who.oldest_boy.least, 13), NEED(who.oldest_boy.most, 13) } },
	{ RULE_BOYS_AGE, "13 within the stay", ASK, { NEED(who.oldest_boy.least, 12), NEED(who.oldest_boy.most, 13) } },
	{ RULE_BOYS_AGE, "of unknown age", ASK,
	  { NEED(who.oldest_boy.least, 0), NEED(who.oldest_boy.most, 17) } },
	{ RULE_BOYS_AGE, "unit does not say", ASK, { SUPPLY(oldest_boy, -1) } },
	{ RULE_BOYS_AGE, "no boys accepted, a baby boy", FAIL,
	  { SUPPLY(oldest_boy, BOYS_NONE), NEED(who.oldest_boy.least, 0) } },
	{ RULE_BOYS_AGE, "no boys accepted, no boy there", PASS,
	  { SUPPLY(oldest_boy, BOYS_NONE), NEED(who.oldest_boy.least, -1),
	    NEED(who.oldest_boy.most, -1) } },

	{ RULE_ADULT_CHILDREN, "none", PASS, { { 0 } } },
	{ RULE_ADULT_CHILDREN, "one, not accepted", FAIL, { NEED(who.adult_children, TRI_YES) } },
	{ RULE_ADULT_CHILDREN, "one, to be asked", ASK,
	  { NEED(who.adult_children, TRI_YES), SUPPLY(adult_children, ANSWER_ASK) } },
	{ RULE_ADULT_CHILDREN, "not known", ASK, { NEED(who.adult_children, TRI_UNKNOWN) } },

	{ RULE_MIN_AGE, "18 where 18 is the least", PASS, { NEED(who.applicant.least, 18), NEED(who.applicant.most, 18) } },
	{ RULE_MIN_AGE, "17 there", FAIL, { NEED(who.applicant.least, 17), NEED(who.applicant.most, 17) } },
	{ RULE_MIN_AGE, "18 within the stay", ASK, { NEED(who.applicant.least, 17), NEED(who.applicant.most, 18) } },
	{ RULE_MIN_AGE, "age unknown", OPEN, { NEED(who.applicant.least, -1), NEED(who.applicant.most, -1) } },
	{ RULE_MIN_AGE, "least age unknown", ASK, { SUPPLY(min_age, -1) } },
	{ RULE_MIN_AGE, "no least age, age unknown", PASS,
	  { SUPPLY(min_age, 0), NEED(who.applicant.least, -1), NEED(who.applicant.most, -1) } },

	{ RULE_CAPACITY, "as many as there is room for", PASS, { { 0 } } },
	{ RULE_CAPACITY, "one more", FAIL, { NEED(who.people, 4) } },
	{ RULE_CAPACITY, "one more, in a cot", PASS,
	  { NEED(who.people, 4), NEED(who.under_twos, 1), SUPPLY(cots, 1) } },
	{ RULE_CAPACITY, "two more, one cot", FAIL,
	  { NEED(who.people, 5), NEED(who.under_twos, 2), SUPPLY(cots, 1) } },
	{ RULE_CAPACITY, "one more, perhaps under two", ASK,
	  { NEED(who.people, 4), NEED(who.age_unknown, 1), SUPPLY(cots, 1) } },
	{ RULE_CAPACITY, "one more under two, cots unknown", ASK,
	  { NEED(who.people, 4), NEED(who.under_twos, 1), SUPPLY(cots, -1) } },
	{ RULE_CAPACITY, "a birth within the stay, no cot", ASK, { NEED(who.birth, true) } },
	{ RULE_CAPACITY, "a birth, and a cot", PASS, { NEED(who.birth, true), SUPPLY(cots, 1) } },
	{ RULE_CAPACITY, "people unknown", ASK, { NEED(who.people, -1) } },
	{ RULE_CAPACITY, "room unknown", ASK, { SUPPLY(max_people, -1) } },

	{ RULE_BEDROOMS, "as many as needed", PASS, { { 0 } } },
	{ RULE_BEDROOMS, "one too few", FAIL, { SUPPLY(bedrooms, 1) } },
	{ RULE_BEDROOMS, "too few, but a family room", PASS,
	  { SUPPLY(bedrooms, 1), SUPPLY(self_contained, TRI_NO) } },
	{ RULE_BEDROOMS, "too few, kind unknown", ASK,
	  { SUPPLY(bedrooms, 1), SUPPLY(self_contained, TRI_UNKNOWN) } },
	{ RULE_BEDROOMS, "perhaps too few", ASK, { NEED(who.bedrooms.most, 3) } },
	{ RULE_BEDROOMS, "a studio for one", PASS, { STUDIO, NEED(who.people, 1) } },
	{ RULE_BEDROOMS, "for one and a baby in a cot", PASS,
	  { STUDIO, NEED(who.people, 2), NEED(who.under_twos, 1), SUPPLY(cots, 1) } },
	{ RULE_BEDROOMS, "for a couple", PASS, { STUDIO, NEED(who.people, 2), NEED(who.couples, 1) } },
	{ RULE_BEDROOMS, "for two who are none", FAIL, { STUDIO, NEED(who.people, 2) } },
	{ RULE_BEDROOMS, "bedrooms unknown", ASK, { SUPPLY(bedrooms, -1) } },

	{ RULE_ACCESS, "no need", PASS, { { 0 } } },
	{ RULE_ACCESS, "essential rooms, level access", FAIL,
	  { NEED(wheelchair, WHEELCHAIR_ESSENTIAL_ROOMS),
	    SUPPLY(wheelchair, WHEELCHAIR_LEVEL_ACCESS) } },
	{ RULE_ACCESS, "essential rooms, whole unit", PASS,
	  { NEED(wheelchair, WHEELCHAIR_ESSENTIAL_ROOMS),
	    SUPPLY(wheelchair, WHEELCHAIR_FULL) } },
	{ RULE_ACCESS, "wheelchair, unit unknown", ASK,
	  { NEED(wheelchair, WHEELCHAIR_FULL), SUPPLY(wheelchair, WHEELCHAIR_UNKNOWN) } },
	{ RULE_ACCESS, "need unknown", OPEN, { NEED(wheelchair, WHEELCHAIR_UNKNOWN) } },
	{ RULE_ACCESS, "stairs", FAIL, { NEED(step_free, TRI_YES) } },
	{ RULE_ACCESS, "upper floor", FAIL, { NEED(ground_floor, TRI_YES) } },
	{ RULE_ACCESS, "bathroom", FAIL, { NEED(adapted_bathroom, TRI_YES) } },
	{ RULE_ACCESS, "bathroom unknown", ASK,
	  { NEED(adapted_bathroom, TRI_YES), SUPPLY(adapted_bathroom, TRI_UNKNOWN) } },

	{ RULE_SUPPORT, "drugs, no", FAIL,
	  { NEED(support[SUPPORT_DRUGS], TRI_YES), SUPPLY(support[SUPPORT_DRUGS], ANSWER_NO) } },
	{ RULE_SUPPORT, "drugs, ask", ASK,
	  { NEED(support[SUPPORT_DRUGS], TRI_YES), SUPPLY(support[SUPPORT_DRUGS], ANSWER_ASK) } },
	{ RULE_SUPPORT, "drugs, yes", PASS,
	  { NEED(support[SUPPORT_DRUGS], TRI_YES), SUPPLY(support[SUPPORT_DRUGS], ANSWER_YES) } },
	{ RULE_SUPPORT, "drugs, not known", ASK, { NEED(support[SUPPORT_DRUGS], TRI_YES) } },
	{ RULE_SUPPORT, "perhaps, no", OPEN,
	  { NEED(support[SUPPORT_ARSON], TRI_UNKNOWN),
	    SUPPLY(support[SUPPORT_ARSON], ANSWER_NO) } },
	{ RULE_SUPPORT, "one to ask, one not said", ASK,
	  { NEED(support[SUPPORT_DRUGS], TRI_YES), NEED(support[SUPPORT_ARSON], TRI_UNKNOWN),
	    SUPPLY(support[SUPPORT_ARSON], ANSWER_NO) } },
	{ RULE_SUPPORT, "one no of two", FAIL,
	  { NEED(support[SUPPORT_DRUGS], TRI_YES), NEED(support[SUPPORT_ARSON], TRI_YES),
	    SUPPLY(support[SUPPORT_ARSON], ANSWER_NO) } },

	{ RULE_RISK_LEVEL, "high, taken", PASS, { { 0 } } },
	{ RULE_RISK_LEVEL, "high, medium taken", FAIL, { SUPPLY(highest_risk, RISK_MEDIUM) } },
	{ RULE_RISK_LEVEL, "high, second stage", FAIL, { SUPPLY(type, TYPE_SECOND_STAGE) } },
	{ RULE_RISK_LEVEL, "high, hotel without staff", FAIL,
	  { SUPPLY(type, TYPE_INTERIM), SUPPLY(staffed_24h, TRI_NO) } },
	{ RULE_RISK_LEVEL, "high, hotel, staff unknown", ASK,
	  { SUPPLY(type, TYPE_INTERIM), SUPPLY(staffed_24h, TRI_UNKNOWN) } },
	{ RULE_RISK_LEVEL, "not assessed is not a no", OPEN,
	  { NEED(risk_level, RISK_UNKNOWN), SUPPLY(highest_risk, RISK_MEDIUM) } },
	{ RULE_RISK_LEVEL, "possibly high, medium taken", OPEN,
	  { NEED(risk_least, RISK_STANDARD), SUPPLY(highest_risk, RISK_MEDIUM) } },
	{ RULE_RISK_LEVEL, "at least medium, possibly high, standard taken", FAIL,
	  { NEED(risk_least, RISK_MEDIUM), SUPPLY(highest_risk, RISK_STANDARD) } },
	{ RULE_RISK_LEVEL, "possibly high, second stage", OPEN,
	  { NEED(risk_least, RISK_STANDARD), SUPPLY(type, TYPE_SECOND_STAGE) } },
	{ RULE_RISK_LEVEL, "not assessed, high taken", PASS, { NEED(risk_level, RISK_UNKNOWN) } },
	{ RULE_RISK_LEVEL, "unit does not say", ASK, { SUPPLY(highest_risk, RISK_UNKNOWN) } },
	{ RULE_RISK_LEVEL, "standard, unit does not say", PASS,
	  { NEED(risk_level, RISK_STANDARD), SUPPLY(highest_risk, RISK_UNKNOWN) } },

	{ RULE_NRPF, "not taken, no fund", FAIL, { NEED(nrpf, TRI_YES) } },
	{ RULE_NRPF, "not taken, the fund pays", PASS,
	  { NEED(nrpf, TRI_YES), NEED(funded_until, SAMPLE_TODAY + 40) } },
	{ RULE_NRPF, "not taken, the fund pays all nights but the last", FAIL,
	  { NEED(nrpf, TRI_YES), NEED(funded_until, SAMPLE_TODAY + 26) } },
	{ RULE_NRPF, "not taken, the fund pays to the last night", PASS,
	  { NEED(nrpf, TRI_YES), NEED(funded_until, SAMPLE_TODAY + 27) } },
	{ RULE_NRPF, "not taken, the fund pays from the second night on", FAIL,
	  { NEED(nrpf, TRI_YES), NEED(funded_from, SAMPLE_TODAY + 1), NEED(funded_until, SAMPLE_TODAY + 27) } },
	{ RULE_NRPF, "not taken, the fund pays from the first night on", PASS,
	  { NEED(nrpf, TRI_YES), NEED(funded_from, SAMPLE_TODAY), NEED(funded_until, SAMPLE_TODAY + 27) } },
	{ RULE_NRPF, "leave ends within the stay", ASK, { NEED(leave_until, SAMPLE_TODAY + 10) } },
	{ RULE_NRPF, "leave ends after it", PASS, { NEED(leave_until, SAMPLE_TODAY + 30) } },
	{ RULE_NRPF, "taken", PASS, { NEED(nrpf, TRI_YES), SUPPLY(nrpf, ANSWER_YES) } },
	{ RULE_NRPF, "not known", OPEN, { NEED(nrpf, TRI_UNKNOWN) } },

	{ RULE_PETS, "a pet, no", FAIL, { NEED(pets, TRI_YES) } },
	{ RULE_PETS, "a pet, ask", ASK, { NEED(pets, TRI_YES), SUPPLY(pets, ANSWER_ASK) } },
	{ RULE_PETS, "not known", OPEN, { NEED(pets, TRI_UNKNOWN) } },
	{ RULE_PETS, "not known, and the provider would be asked", OPEN,
	  { NEED(pets, TRI_UNKNOWN), SUPPLY(pets, ANSWER_ASK) } },
	{ RULE_PETS, "not known, pets accepted", PASS, { NEED(pets, TRI_UNKNOWN), SUPPLY(pets, ANSWER_YES) } },

	{ RULE_AVAILABLE, "free today", PASS, { { 0 } } },
	{ RULE_AVAILABLE, "free tomorrow, needed today", FAIL, { SUPPLY(from, SAMPLE_TODAY + 1) } },
	{ RULE_AVAILABLE, "a void within the stay", FAIL, { TAKEN(5, 19) } },
	{ RULE_AVAILABLE, "a void on the last night", FAIL, { TAKEN(27, 27) } },
	{ RULE_AVAILABLE, "a void after the last night", PASS, { TAKEN(28, 40) } },
	{ RULE_AVAILABLE, "a void before the day wanted", PASS, { TAKEN(5, 19), NEED(from, SAMPLE_TODAY + 20) } },
	{ RULE_AVAILABLE, "a void within the wanted nights, though past the shortest stay", FAIL,
	  { TAKEN(30, 40), NEED(until, SAMPLE_TODAY + 35) } },
	{ RULE_AVAILABLE, "free tomorrow, day not known", ASK,
	  { SUPPLY(from, SAMPLE_TODAY + 1), NEED(from, DAY_NONE) } },
	{ RULE_AVAILABLE, "over before it is needed", FAIL,
	  { SUPPLY(until, SAMPLE_TODAY + 3), NEED(from, SAMPLE_TODAY + 4) } },
	{ RULE_AVAILABLE, "first day unknown", ASK, { SUPPLY(from, DAY_NONE) } },
	{ RULE_AVAILABLE, "held", FAIL, { SUPPLY(busy_until, SAMPLE_NOW + 1) } },
	{ RULE_AVAILABLE, "hold just over", PASS, { SUPPLY(busy_until, SAMPLE_NOW) } },
	{ RULE_AVAILABLE, "confirmed 72 hours ago", FAIL,
	  { SUPPLY(confirmed, SAMPLE_NOW - 72 * 3600 * SECOND_US) } },
	{ RULE_AVAILABLE, "a moment less", PASS,
	  { SUPPLY(confirmed, SAMPLE_NOW - 72 * 3600 * SECOND_US + 1) } },
	{ RULE_AVAILABLE, "confirmation unknown", ASK, { SUPPLY(confirmed, 0) } },

	{ RULE_STAY, "as long as useful", PASS, { NEED(min_stay, 84) } },
	{ RULE_STAY, "a day too short", FAIL, { NEED(min_stay, 85) } },
	{ RULE_STAY, "no limit", PASS,
	  { NEED(min_stay, 500), SUPPLY(longest_stay, STAY_NO_LIMIT) } },
	{ RULE_STAY, "limit unknown", ASK, { SUPPLY(longest_stay, -1) } },
	{ RULE_STAY, "ends in 20 days", FAIL, { SUPPLY(until, SAMPLE_TODAY + 19) } },
	{ RULE_STAY, "short, nothing asked for", ASK,
	  { NEED(min_stay, -1), SUPPLY(longest_stay, 7) } },

	{ RULE_CONFLICT, "another vacancy", PASS, { NEED(n_conflicts, 1) } },
	{ RULE_CONFLICT, "this vacancy", FAIL,
	  { NEED(n_conflicts, 1), NEED(conflicts[0].hi, 2), NEED(conflicts[0].lo, 2) } },

	{ RULE_DECLINED, "declined as it is now", FAIL,
	  { NEED(n_declined, 1), NEED(declined[0].vacancy.hi, 2),
	    NEED(declined[0].vacancy.lo, 2), NEED(declined[0].version, 1) } },
	{ RULE_DECLINED, "declined, changed since", PASS,
	  { NEED(n_declined, 1), NEED(declined[0].vacancy.hi, 2),
	    NEED(declined[0].vacancy.lo, 2), NEED(declined[0].version, 0) } },

	{ RULE_RESIDENT_MIX, "poses what residents must avoid", FAIL,
	  { NEED(poses, 1 << MIX_ARSON), SUPPLY(avoids, 1 << MIX_ARSON) } },
	{ RULE_RESIDENT_MIX, "the reverse", FAIL,
	  { NEED(avoids, 1 << MIX_GANG), SUPPLY(poses, 1 << MIX_GANG) } },
	{ RULE_RESIDENT_MIX, "something else", PASS,
	  { NEED(poses, 1 << MIX_ARSON), SUPPLY(avoids, 1 << MIX_GANG) } },
	{ RULE_RESIDENT_MIX, "residents not known", ASK,
	  { NEED(poses, 1 << MIX_ARSON), SUPPLY(mix_known, 0) } },
	{ RULE_RESIDENT_MIX, "residents not known, poses and avoids nothing", PASS, { SUPPLY(mix_known, 0) } },
	{ RULE_RESIDENT_MIX, "not asked what it poses, residents avoid something", OPEN,
	  { NEED(poses_known, 0), SUPPLY(avoids, 1 << MIX_ARSON) } },
	{ RULE_RESIDENT_MIX, "not asked what it avoids, residents pose something", OPEN,
	  { NEED(avoids_known, 0), SUPPLY(poses, 1 << MIX_GANG) } },
	{ RULE_RESIDENT_MIX, "not asked, residents known to be safe", PASS,
	  { NEED(poses_known, 0), NEED(avoids_known, 0) } },
	{ RULE_RESIDENT_MIX, "not asked, residents not known", OPEN,
	  { NEED(poses_known, 0), SUPPLY(mix_known, 0) } },
	{ RULE_RESIDENT_MIX, "a harm and what is not asked, residents not known", ASK,
	  { NEED(poses_known, 0), NEED(avoids, 1 << MIX_GANG), SUPPLY(mix_known, 0) } },
	{ RULE_RESIDENT_MIX, "a harm that is known counts beside what is not", FAIL,
	  { NEED(poses_known, 0), NEED(avoids, 1 << MIX_GANG), SUPPLY(poses, 1 << MIX_GANG),
	    SUPPLY(avoids, 1 << MIX_ARSON) } },
};

static void put(void *at, size_t size, int64_t value)
{
	int32_t v32 = (int32_t)value;
	uint16_t v16 = (uint16_t)value;

	memcpy(at, size == 8 ? (void *)&value : size == 4 ? (void *)&v32 : (void *)&v16, size);
}

static void apply(struct pair *p, const struct rule_case *c)
{
	for (int i = 0; i < EDITS && c->edit[i].size; i++) {
		char *base = c->edit[i].supply ? (char *)&p->supply : (char *)&p->need;

		put(base + c->edit[i].offset, c->edit[i].size, c->edit[i].value);
	}
}

Test(rules, each_passes_asks_and_fails)
{
	bool seen[RULE_COUNT][OUTCOME_COUNT] = { { false } };

	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		const struct rule_case *c = &cases[i];
		struct verdict v;
		struct pair p;

		pair_new(&p);
		apply(&p, c);
		v = pair_verdict(&p);
		cr_expect_eq(v.outcome[c->rule], c->want, "%s, %s: %s, not %s",
			     rule_rows[c->rule].name, c->what,
			     code_at(&outcome_codes, v.outcome[c->rule]),
			     code_at(&outcome_codes, c->want));
		cr_expect(v.fits == (v.n_failed == 0), "fits without failure only");
		seen[c->rule][c->want] = true;
		arena_free(p.arena);
	}
	for (int r = 0; r < RULE_COUNT; r++)
		if (r != RULE_UNSAFE_AREA)
			cr_expect(seen[r][PASS] + seen[r][FAIL] >= 1 && seen[r][FAIL],
				  "%s has a failing case", rule_rows[r].name);
}

Test(rules, the_fitting_pair_leaves_nothing_to_ask)
{
	struct pair p;
	struct verdict v;

	pair_new(&p);
	v = pair_verdict(&p);
	cr_assert(v.fits, "fits");
	cr_assert_eq(v.n_asked, 0, "nothing to ask");
	arena_free(p.arena);
}

Test(rules, nothing_unknown_fails)
{
	struct pair p;
	struct verdict v;

	pair_new(&p);
	need_init(&p.need);
	v = pair_verdict(&p);
	cr_assert(v.fits, "an unknown household fails %s",
		  v.first_failed < 0 ? "" : rule_rows[v.first_failed].name);
	fitting_need(&p.need);
	supply_init(&p.supply);
	v = pair_verdict(&p);
	cr_assert(v.fits, "an unknown vacancy fails %s",
		  v.first_failed < 0 ? "" : rule_rows[v.first_failed].name);
	arena_free(p.arena);
}

Test(rules, table_is_in_the_order_of_the_codes)
{
	cr_assert_eq(rule_codes.n, RULE_COUNT, "a code for each");
	for (int r = 0; r < RULE_COUNT; r++)
		cr_assert_str_eq(rule_rows[r].name, code_at(&rule_codes, r), "row %d", r);
}

/* mends.def names a rule's ways to mend, and rules.def whether it has any. */
Test(rules, what_is_mended_has_a_way_to_mend)
{
	bool mended[RULE_COUNT] = { false };

#define MEND(enumerator, code, label, rule, ...) mended[RULE_##rule] = true;
#include "match/mends.def"
	for (int r = 0; r < RULE_COUNT; r++)
		cr_assert_eq(mended[r], rule_rows[r].mend != NULL, "%s", rule_rows[r].name);
}

static enum outcome unsafe_outcome(struct pair *p, struct area a, const char *where)
{
	p->need.n_unsafe = 1;
	p->need.unsafe[0] = a;
	p->supply.district = district(p, where);
	return (enum outcome)pair_verdict(p).outcome[RULE_UNSAFE_AREA];
}

static struct area outward(const struct pair *p, const char *code)
{
	return (struct area){ AREA_OUTWARD, district(p, code), 0, 0, 0 };
}

/* TS1 is not a prefix of TS10 to TS19: of these only TS18 is its neighbour. */
Test(unsafe, same_and_neighbouring_district)
{
	static const struct { const char *where; int want; } rows[] = {
		{ "TS1", FAIL }, { "TS2", FAIL }, { "TS5", FAIL }, { "TS18", FAIL },
		{ "TS10", PASS }, { "TS11", PASS }, { "TS12", PASS }, { "TS13", PASS },
		{ "TS14", PASS }, { "TS15", PASS }, { "TS16", PASS }, { "TS17", PASS },
		{ "TS19", PASS }, { "TS6", PASS }, { "DL6", PASS }, { "SW1", PASS },
	};
	struct pair p;

	pair_new(&p);
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++)
		cr_expect_eq(unsafe_outcome(&p, outward(&p, "TS1"), rows[i].where), rows[i].want,
			     "TS1 unsafe, vacancy in %s", rows[i].where);
	cr_expect_eq(unsafe_outcome(&p, outward(&p, "SW1"), "TS1"), PASS, "far away");
	cr_expect_eq(unsafe_outcome(&p, outward(&p, "DL1"), "DL2"), PASS, "edge of the table");
	cr_expect_eq(unsafe_outcome(&p, outward(&p, "SW1"), "SW1"), FAIL, "the same, also outside the table");
	p.policy.unsafe_neighbour = 0;
	cr_expect_eq(unsafe_outcome(&p, outward(&p, "TS1"), "TS2"), PASS, "switched off");
	cr_expect_eq(unsafe_outcome(&p, outward(&p, "TS1"), "TS1"), FAIL, "still on");
	p.policy.unsafe_neighbour = 1;
	p.policy.unsafe_same = 0;
	cr_expect_eq(unsafe_outcome(&p, outward(&p, "TS1"), "TS1"), PASS, "switched off");
	arena_free(p.arena);
}

/* A circle tells no more than the district: every place in it has the same answer. */
Test(unsafe, circle)
{
	struct pair p;
	struct area centre;

	pair_new(&p);
	centre = area_circle(449700, 520300, 500);
	cr_expect_eq(unsafe_outcome(&p, centre, "TS1"), FAIL, "over Middlesbrough");
	cr_expect_eq(unsafe_outcome(&p, centre, "TS13"), PASS, "Loftus is far");
	cr_expect_eq(unsafe_outcome(&p, centre, "SW1"), FAIL, "nobody can say that it is away");
	p.supply.district = district(&p, "TS1");
	cr_expect_eq(pair_verdict(&p).outcome[RULE_UNSAFE_AREA], FAIL, "wherever in the district");
	centre = area_circle(466000, 508000, 2000);
	cr_expect_eq(unsafe_outcome(&p, centre, "TS9"), FAIL, "touches the district's far end");
	centre = area_circle(470000, 508000, 2000);
	cr_expect_eq(unsafe_outcome(&p, centre, "TS9"), PASS, "beyond it");
	arena_free(p.arena);
}

/* Of a barred pair, a caller learns only that it is not suitable. */
Test(rules, hidden_rules_are_told_only_as_not_suitable)
{
	struct verdict area, conflict;
	struct pair p;

	pair_new(&p);
	unsafe_outcome(&p, outward(&p, "TS1"), "TS1");
	p.need.pets = TRI_YES;
	area = pair_verdict(&p);
	verdict_hide(&area);
	p.need.n_unsafe = 0;
	p.need.pets = TRI_NO;
	p.need.n_conflicts = 1;
	p.need.conflicts[0] = p.supply.id;
	conflict = pair_verdict(&p);
	verdict_hide(&conflict);
	cr_assert_eq(memcmp(&area, &conflict, sizeof(area)), 0, "told apart");
	cr_assert_not(area.fits, "not suitable");
	arena_free(p.arena);
}

static enum mend mend_of(const struct pair *p, struct mend_detail *detail)
{
	return match_mend(&p->env, &p->need, &p->supply, detail);
}

Test(mend, names_what_would_mend)
{
	struct pair p;
	struct mend_detail detail;

	pair_new(&p);
	cr_expect_eq(mend_of(&p, &detail), MEND_NONE, "nothing to mend");
	p.need.nrpf = TRI_YES;
	cr_expect_eq(mend_of(&p, &detail), MEND_NRPF_FUNDING, "the fund");
	p.need.pets = TRI_YES;
	cr_expect_eq(mend_of(&p, &detail), MEND_NONE, "two rules are no near miss");
	p.need.nrpf = TRI_NO;
	cr_expect_eq(mend_of(&p, &detail), MEND_PETS, "the pet");
	p.need.pets = TRI_NO;
	p.supply.from = SAMPLE_TODAY + 19;
	cr_expect_eq(mend_of(&p, &detail), MEND_FREE_ON, "later");
	cr_expect_eq(detail.wanted, SAMPLE_TODAY + 19, "the day");
	p.supply.busy_until = SAMPLE_NOW + 60;
	cr_expect_eq(mend_of(&p, &detail), MEND_NONE, "later and held");
	p.supply.from = SAMPLE_TODAY;
	cr_expect_eq(mend_of(&p, &detail), MEND_HOLD_ENDS, "held");
	cr_expect_eq(detail.wanted, SAMPLE_NOW + 60, "until when");
	p.supply.busy_until = INT64_MAX;
	cr_expect_eq(mend_of(&p, &detail), MEND_NONE, "no end known");
	p.supply.busy_until = 0;
	p.supply.confirmed = SAMPLE_NOW - 80 * 3600 * SECOND_US;
	cr_expect_eq(mend_of(&p, &detail), MEND_NONE, "lapsed: hidden from search");
	arena_free(p.arena);
}

Test(mend, never_what_may_not_be_told)
{
	struct pair p;
	struct mend_detail detail;

	pair_new(&p);
	unsafe_outcome(&p, outward(&p, "TS1"), "TS1");
	cr_expect_eq(mend_of(&p, &detail), MEND_NONE, "unsafe area");
	p.need.n_unsafe = 0;
	p.need.n_conflicts = 1;
	p.need.conflicts[0] = p.supply.id;
	cr_expect_eq(mend_of(&p, &detail), MEND_NONE, "conflict");
	arena_free(p.arena);
}

/* A place that ends before the wanted period is not free in that period. */
Test(rules, the_period_wanted_is_the_shortest_stay_where_none_was_asked_for)
{
	cr_expect_eq(need_min_stay(28, 100, 200), 28, "asked for");
	cr_expect_eq(need_min_stay(-1, 100, 142), 42, "the whole period");
	cr_expect_eq(need_min_stay(-1, DAY_NONE, 142), -1, "no first day: not known");
	cr_expect_eq(need_min_stay(-1, 100, DAY_NONE), -1, "no last day: not known");
}
