/* Ten households as they come to a refuge worker, the place that she would call first, and why. They are a test
 * of the policy: who changes a weight sees here whom it moves. */
#include <criterion/criterion.h>
#include "base/text.h"
#include "fitting.h"

enum place {
	STAFFED_REFUGE, DAY_REFUGE, FAMILY_HOUSE, FLAT_FOR_ONE, LGBT_FLAT, MENS_FLAT, BY_AND_FOR_REFUGE, ADAPTED_FLAT,
	COMPLEX_NEEDS, SECOND_STAGE, HOTEL, PLACES,
};

static const char *const names[PLACES] = {
	"the refuge with staff at night", "the refuge with staff by day", "the family house", "the flat for one", "the LGBT+ flat",
	"the men's flat", "the refuge by and for South Asian women", "the adapted flat", "the complex needs service",
	"second stage", "the hotel",
};

#define BIT(specialism) (1u << SPECIALISM_##specialism)

/* What differs from a place for women that says yes to little: fitting_supply(). */
static void describe(enum place which, struct supply *s)
{
	switch (which) {
	case STAFFED_REFUGE:
		s->self_contained = TRI_NO;
		break;
	case DAY_REFUGE:
		s->self_contained = TRI_NO;
		s->staffed_24h = TRI_NO;
		s->answer_minutes = 25;
		break;
	case FAMILY_HOUSE:
		s->type = TYPE_DISPERSED_FULL;
		s->residents = RESIDENTS_ANY;
		s->staffed_24h = TRI_NO;
		s->max_people = 5;
		s->bedrooms = 3;
		s->oldest_boy = 17;
		s->adult_children = ANSWER_YES;
		break;
	case FLAT_FOR_ONE:
		s->type = TYPE_DISPERSED_SEMI;
		s->residents = RESIDENTS_ANY;
		s->staffed_24h = TRI_NO;
		s->max_people = s->bedrooms = 1;
		break;
	case LGBT_FLAT:
		s->type = TYPE_SPECIALIST;
		s->residents = RESIDENTS_ANY;
		s->staffed_24h = TRI_NO;
		s->max_people = s->bedrooms = 1;
		s->specialisms = BIT(LGBT);
		s->answer_minutes = 25;
		break;
	case MENS_FLAT:
		s->type = TYPE_SPECIALIST;
		s->residents = RESIDENTS_MEN;
		s->staffed_24h = TRI_NO;
		s->max_people = s->bedrooms = 1;
		s->specialisms = BIT(MALE);
		break;
	case BY_AND_FOR_REFUGE:
		s->self_contained = TRI_NO;
		s->specialisms = BIT(SOUTH_ASIAN);
		s->nrpf = ANSWER_YES;
		break;
	case ADAPTED_FLAT:
		s->type = TYPE_DISPERSED_FULL;
		s->staffed_24h = TRI_NO;
		s->wheelchair = WHEELCHAIR_FULL;
		s->step_free = s->ground_floor = s->adapted_bathroom = TRI_YES;
		break;
	case COMPLEX_NEEDS:
		s->type = TYPE_SPECIALIST;
		s->max_people = s->bedrooms = 1;
		s->specialisms = BIT(COMPLEX);
		s->support[SUPPORT_DRUGS] = s->support[SUPPORT_MENTAL_HEALTH] = ANSWER_YES;
		break;
	case SECOND_STAGE:
		s->type = TYPE_SECOND_STAGE;
		s->staffed_24h = TRI_NO;
		s->longest_stay = 365;
		s->answer_minutes = 25;
		break;
	case HOTEL:
		s->type = TYPE_INTERIM;
		s->residents = RESIDENTS_ANY;
		s->max_people = 4;
		s->oldest_boy = 17;
		s->pets = s->nrpf = ANSWER_YES;
		s->answer_minutes = 10;
		break;
	default:
		break;
	}
}

struct market {
	struct arena *arena;
	struct policy policy;
	struct match_env env;
	struct match_index *index;
};

static struct market market_new(void)
{
	struct market m = { .arena = arena_new() };
	const struct geography *tees = sample_tees(m.arena);

	policy_default(&m.policy);
	m.index = match_index_new(m.arena, geography_districts(tees));
	for (int i = 0; i < PLACES; i++) {
		struct supply s;

		fitting_supply(tees, &s);
		s.id = (struct uuid){ 9, (uint64_t)i };
		describe((enum place)i, &s);
		match_index_put(m.index, &s);
	}
	m.env = (struct match_env){ NULL, tees, SAMPLE_TODAY, SAMPLE_NOW };
	return m;
}

/* The place of each option, best first; returns how many. */
static int ranked(struct market *m, const struct need *n, enum place out[PLACES])
{
	struct match_search s = { &m->env, n, { .everything = true }, PLACES, 0 };
	struct match_answer a;

	m->env.policy = &m->policy;
	match_index_search(m->index, &s, m->arena, &a);
	for (int i = 0; i < a.n_options; i++)
		out[i] = (enum place)a.options[i].supply->id.lo;
	return a.n_options;
}

static const char *told(struct arena *a, const enum place *order, int n)
{
	struct text t = text_in(a);

	for (int i = 0; i < n; i++)
		text_printf(&t, "%s%s", i ? ", " : "", names[order[i]]);
	return text_done(&t);
}

static struct need woman_alone(void)
{
	struct need n;

	fitting_need(&n);
	n.situation = SITUATION_WITH_PERPETRATOR;
	n.urgency = URGENCY_URGENT;
	n.who.people = 1;
	n.who.oldest_boy = (struct span){ -1, -1 };
	n.who.bedrooms = (struct span){ 1, 1 };
	return n;
}

static void expect(const struct need *n, bool first, enum place want, const char *why)
{
	struct market m = market_new();
	enum place order[PLACES];
	int count = ranked(&m, n, order);

	cr_assert_gt(count, 0);
	cr_assert_eq(order[first ? 0 : count - 1], want, "%s: %s", why, told(m.arena, order, count));
	arena_free(m.arena);
}

Test(practice, a_mother_with_a_small_boy_tonight)
{
	struct need n;

	fitting_need(&n);
	n.situation = SITUATION_WITH_PERPETRATOR;
	n.urgency = URGENCY_EMERGENCY;
	expect(&n, true, STAFFED_REFUGE, "somebody opens the door at night; the family house is kept for a larger family");
	n.risk_level = RISK_MEDIUM;
	expect(&n, false, SECOND_STAGE, "second stage is for people who move on");
}

/* What is kept for others comes after all that is not, but before the last resort. */
Test(practice, a_man_who_asks_for_nothing_special)
{
	struct need n = woman_alone();
	struct market m = market_new();
	enum place order[PLACES];
	int count;

	n.who.women = 0;
	n.who.men = 1;
	count = ranked(&m, &n, order);
	cr_assert(count == 5 && order[3] == LGBT_FLAT && order[4] == HOTEL, "%s", told(m.arena, order, count));
	cr_assert(order[2] == FAMILY_HOUSE, "the house is too large for him: %s", told(m.arena, order, count));
	arena_free(m.arena);
}

Test(practice, a_woman_who_wants_an_lgbt_service)
{
	struct need n = woman_alone();

	n.wished_specialisms = BIT(LGBT);
	expect(&n, true, LGBT_FLAT, "she asked for it");
}

Test(practice, a_woman_who_asks_for_nothing_is_not_sent_to_a_service_for_others)
{
	struct need n = woman_alone();
	struct market m = market_new();
	enum place order[PLACES];
	int kept = -1, count = ranked(&m, &n, order);

	for (int i = 0; i < count; i++)
		if (order[i] == LGBT_FLAT)
			kept = i;
	cr_assert(order[0] != LGBT_FLAT && order[0] != BY_AND_FOR_REFUGE && order[0] != ADAPTED_FLAT, "%s",
		  told(m.arena, order, count));
	cr_assert_gt(kept, 0, "choice is offered, never forced: it stays among the options");
	arena_free(m.arena);
}

Test(practice, a_woman_in_a_wheelchair)
{
	struct need n = woman_alone();

	n.wheelchair = WHEELCHAIR_FULL;
	n.step_free = TRI_YES;
	expect(&n, true, ADAPTED_FLAT, "no other place can be lived in");
}

Test(practice, a_mother_with_three_teenagers_one_a_boy_of_15)
{
	struct need n;

	fitting_need(&n);
	n.situation = SITUATION_FRIENDS;
	n.urgency = URGENCY_URGENT;
	n.who.people = 4;
	n.who.oldest_boy = (struct span){ 15, 15 };
	n.who.bedrooms = (struct span){ 3, 3 };
	expect(&n, true, FAMILY_HOUSE, "refuges turn the boy away; they stay together");
}

Test(practice, a_south_asian_woman_without_recourse_to_public_funds)
{
	struct need n = woman_alone();

	n.nrpf = TRI_YES;
	n.wished_specialisms = BIT(SOUTH_ASIAN);
	expect(&n, true, BY_AND_FOR_REFUGE, "the service that she wants, and it takes her without the fund");
}

Test(practice, a_woman_who_uses_drugs_and_is_unwell)
{
	struct need n = woman_alone();

	n.support[SUPPORT_DRUGS] = n.support[SUPPORT_MENTAL_HEALTH] = TRI_YES;
	expect(&n, true, COMPLEX_NEEDS, "it says yes, and supports what she needs");
}

Test(practice, a_woman_in_a_refuge_who_is_ready_to_move_on)
{
	struct need n = woman_alone();

	n.situation = SITUATION_SAFE_ACCOMMODATION;
	n.urgency = URGENCY_PLANNED;
	n.risk_level = RISK_STANDARD;
	n.wishes = 1u << TYPE_SECOND_STAGE;
	expect(&n, true, SECOND_STAGE, "this is what second stage is for");
}

Test(practice, a_woman_with_a_dog_tonight)
{
	struct need n = woman_alone();

	n.urgency = URGENCY_EMERGENCY;
	n.pets = TRI_YES;
	expect(&n, true, HOTEL, "nobody else takes the dog tonight: a last resort, but a door that opens");
}

/* Staying put is no place: it stands before all of them. */
Test(practice, a_woman_who_wants_to_stay_and_can)
{
	struct need n = woman_alone();

	n.situation = SITUATION_OWN_HOME;
	n.wants_to_stay = n.sole_occupation = n.consent_obtainable = TRI_YES;
	n.perpetrator_at_home = TRI_NO;
	cr_assert(sanctuary_of(&n).ranked);
	n.perpetrator_at_home = TRI_UNKNOWN;
	cr_assert(sanctuary_of(&n).asked && !sanctuary_of(&n).ranked, "one unknown is a question");
}
