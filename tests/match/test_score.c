/* Scores: each reason's points, and the characteristics that must never lower a score. */
#include <criterion/criterion.h>

#include "fitting.h"

static int32_t points(const struct pair *p, enum score_reason code)
{
	struct verdict v = pair_verdict(p);
	int32_t sum = 0, found = 0;

	for (int i = 0; i < v.n_reasons; i++) {
		sum += v.reasons[i].points;
		if (v.reasons[i].code == code)
			found = v.reasons[i].points;
	}
	cr_expect_eq(sum, v.score, "the score is the sum of its reasons");
	return found;
}

Test(score, distance_in_three_bands)
{
	struct pair p;

	pair_new(&p);
	cr_expect_eq(points(&p, SCORE_DISTANCE), 0, "no unsafe place");
	p.need.n_unsafe = 1;
	p.need.unsafe[0] = (struct area){ AREA_OUTWARD, district(&p, "TS8"), 0, 0, 0 };
	p.supply.district = district(&p, "TS2");
	cr_expect_eq(points(&p, SCORE_DISTANCE), 0, "10 km");
	p.supply.district = district(&p, "TS13");
	cr_expect_eq(points(&p, SCORE_DISTANCE), p.policy.distance_mid, "23 km");
	p.supply.district = district(&p, "YO62");
	p.policy.distance_far_km = 30;
	cr_expect_eq(points(&p, SCORE_DISTANCE), p.policy.distance_far, "31 km");
	p.need.n_unsafe = 2;
	p.need.unsafe[1] = p.need.unsafe[0];
	p.need.unsafe[1].district = district(&p, "YO21");
	cr_expect_eq(points(&p, SCORE_DISTANCE), p.policy.distance_far, "30 km from the second");
	p.need.unsafe[1].district = district(&p, "DL6");
	cr_expect_eq(points(&p, SCORE_DISTANCE), p.policy.distance_mid, "the nearest counts");
	arena_free(p.arena);
}

Test(score, fit_of_the_service)
{
	struct pair p;

	pair_new(&p);
	p.supply.specialisms = 1u << SPECIALISM_SOUTH_ASIAN | 1u << SPECIALISM_DEAF;
	cr_expect_eq(points(&p, SCORE_SPECIALISM), 0, "not wanted: no points, no loss");
	p.need.wished_specialisms = 1u << SPECIALISM_SOUTH_ASIAN;
	cr_expect_eq(points(&p, SCORE_SPECIALISM), p.policy.specialism, "wanted");
	p.need.wished_specialisms = p.supply.specialisms |= 1u << SPECIALISM_MIGRANT;
	cr_expect_eq(points(&p, SCORE_SPECIALISM), p.policy.specialism_most, "bounded");
	p.need.support[SUPPORT_ALCOHOL] = TRI_YES;
	p.supply.support[SUPPORT_ALCOHOL] = ANSWER_YES;
	cr_expect_eq(points(&p, SCORE_SUPPORT), p.policy.support, "support that meets need");
	p.need.languages = code_bit(LANGUAGE_UR);
	p.supply.languages = code_bit(LANGUAGE_UR) | code_bit(LANGUAGE_EN);
	cr_expect_eq(points(&p, SCORE_LANGUAGE), p.policy.language, "language");
	p.need.languages = p.supply.languages = LANGUAGES_IN_WORDS;
	cr_expect_eq(points(&p, SCORE_LANGUAGE), 0, "words are not compared");
	cr_expect_eq(match_share(&p.env, &p.need, 1000), 100);
	arena_free(p.arena);
}

Test(score, size_and_scarcity)
{
	struct pair p;

	pair_new(&p);
	cr_expect_eq(points(&p, SCORE_SIZE), p.policy.size_exact, "just right");
	p.supply.max_people = 5;
	cr_expect_eq(points(&p, SCORE_SIZE), 2 * p.policy.size_spare, "two too many");
	p.supply.max_people = 20;
	cr_expect_eq(points(&p, SCORE_SIZE), p.policy.size_spare_most, "bounded");
	p.supply.wheelchair = WHEELCHAIR_FULL;
	cr_expect_eq(points(&p, SCORE_ADAPTED), p.policy.adapted_kept, "kept for households that need it");
	p.need.wheelchair = WHEELCHAIR_FULL;
	cr_expect_eq(points(&p, SCORE_ADAPTED), p.policy.adapted_needed, "needed");
	arena_free(p.arena);
}

Test(score, reach_and_wishes)
{
	struct pair p;

	pair_new(&p);
	p.need.n_reach = 2;
	p.need.reach[0] = district(&p, "TS12");
	p.need.reach[1] = district(&p, "DL6");
	cr_expect_eq(points(&p, SCORE_REACH), p.policy.reach_near / 2, "one of two is near");
	p.need.n_wish_areas = 1;
	p.need.wish_areas[0] = p.supply.area;
	p.need.wishes = 1u << TYPE_REFUGE;
	cr_expect_eq(points(&p, SCORE_WISH_AREA), p.policy.wish_area, "area");
	cr_expect_eq(points(&p, SCORE_WISH_TYPE), p.policy.wish_type, "type");
	p.need.wishes = 1u << TYPE_DISPERSED_FULL;
	cr_expect_eq(points(&p, SCORE_WISH_TYPE), 0, "a wish does not exclude");
	cr_expect(pair_verdict(&p).fits, "a wish does not exclude");
	arena_free(p.arena);
}

Test(score, freshness_stay_answer_and_cost)
{
	struct pair p;

	pair_new(&p);
	cr_expect_eq(points(&p, SCORE_FRESHNESS), p.policy.fresh, "fresh");
	p.supply.confirmed = SAMPLE_NOW - 24 * 3600 * SECOND_US;
	cr_expect_eq(points(&p, SCORE_FRESHNESS), p.policy.stale, "stale after 24 hours");
	p.supply.longest_stay = 90;
	cr_expect_eq(points(&p, SCORE_STAY), p.policy.stay_long, "long");
	p.supply.answer_minutes = 30;
	cr_expect_eq(points(&p, SCORE_ANSWER_TIME), p.policy.answer_fast, "fast");
	p.supply.answer_minutes = 240;
	cr_expect_eq(points(&p, SCORE_ANSWER_TIME), p.policy.answer_slow, "slow");
	p.supply.weekly_cost = 70000;
	cr_expect_eq(points(&p, SCORE_COST), 0, "the fund does not pay");
	p.need.fund_pays = TRI_YES;
	cr_expect_eq(points(&p, SCORE_COST), p.policy.cost_high, "dear");
	arena_free(p.arena);
}

/* The best hotel ranks behind a refuge that has no other merit. */
Test(score, interim_is_a_last_resort)
{
	struct pair p;

	pair_new(&p);
	p.supply.type = TYPE_REFUGE;
	cr_expect_eq(points(&p, SCORE_INTERIM), 0, "a refuge");
	p.supply.type = TYPE_INTERIM;
	cr_expect_eq(points(&p, SCORE_INTERIM), p.policy.interim, "an interim place");
	cr_expect_leq(p.policy.interim, p.policy.stale + p.policy.size_spare_most,
		      "worth less than a refuge that is stale and too large");
	arena_free(p.arena);
}

Test(score, a_question_costs_unless_a_characteristic_asks_it)
{
	struct pair p;

	pair_new(&p);
	p.supply.pets = ANSWER_ASK;
	p.need.pets = TRI_YES;
	cr_expect_eq(points(&p, SCORE_ASK), p.policy.ask, "a pet");
	p.need.who.trans = 1;
	p.need.who.women = 0;
	cr_expect_eq(pair_verdict(&p).n_asked, 2, "two questions");
	cr_expect_eq(points(&p, SCORE_ASK), p.policy.ask, "one of them costs");
	arena_free(p.arena);
}

/* It is the same question for every place. */
Test(score, what_the_household_has_not_said_costs_no_place_any_points)
{
	struct dice d = dice_from(11);
	struct pair p;

	pair_new(&p);
	for (int i = 0; i < 20000; i++) {
		struct verdict v;
		int costly = 0;

		sample_need(&d, geography_districts(p.env.geography), &p.need);
		sample_supply(&d, geography_districts(p.env.geography), &p.supply);
		v = pair_verdict(&p);
		for (int r = 0; r < RULE_COUNT; r++)
			costly += v.outcome[r] == OUTCOME_ASK && rule_rows[r].costs;
		cr_assert_eq(points(&p, SCORE_ASK), costly * p.policy.ask, "round %d", i);
	}
	arena_free(p.arena);
}

/* Gives the household a characteristic. The vacancy does not change. */
static void characterise(struct dice *d, struct need *n)
{
	switch (between(d, 0, 7)) {
	case 0: n->members[0].trans = TRI_YES; break;
	case 1: n->wished_specialisms |= 1u << between(d, 0, SPECIALISM_COUNT - 1); break;
	case 2: n->languages |= code_bit(between(d, 0, LANGUAGE_COUNT - 1)); break;
	case 3: n->wheelchair = (enum wheelchair)between(d, (int)n->wheelchair, WHEELCHAIR_FULL);
		break;
	case 4: n->adapted_bathroom = n->step_free = TRI_YES; break;
	case 5: n->support[SUPPORT_MENTAL_HEALTH] = TRI_YES; break;
	case 6: n->members[0].age = between(d, 18, 90); break;
	default: n->pregnant = TRI_YES; break;
	}
}

/* A protected characteristic may add fit; it never lowers a score. */
Test(score, no_protected_characteristic_lowers_it)
{
	struct dice d = dice_from(11);
	struct pair p;
	int higher = 0;

	pair_new(&p);
	for (int i = 0; i < 40000; i++) {
		struct verdict before, after;

		likely_need(&d, geography_districts(p.tees), &p.need);
		sample_supply(&d, geography_districts(p.tees), &p.supply);
		/* whom a place is kept for by age, another age does not have */
		p.supply.specialisms &= ~(1u << SPECIALISM_YOUNG | 1u << SPECIALISM_OLDER);
		before = pair_verdict(&p);
		characterise(&d, &p.need);
		after = pair_verdict(&p);
		cr_assert_geq(after.score, before.score, "round %d: %d, then %d", i, before.score,
			      after.score);
		higher += after.score > before.score;
	}
	cr_assert_gt(higher, 1000, "and at times it adds");
	arena_free(p.arena);
}
