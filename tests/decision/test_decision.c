/* A decision is judged again from what is kept of it, and gives the answer that it gave. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

#include "../match/fitting.h"
#include "decision/decision.h"
#include "memory.h"

enum { WORLDS = 3000 };

struct world {
	struct arena *arena;
	struct geography *geography;
	struct policy policy;
	struct match_env env;
	struct need need;
	struct supply supply[DECISION_PLACES];
	struct decision_made made;
};

/* As the service has it on the day: what was wished for a day that has passed is for today. */
static void as_of_today(struct world *w)
{
	if (w->need.from == DAY_NONE || w->need.from < w->env.today)
		w->need.from = w->env.today;
	household_facts(&w->need, stay_wanted(&w->env, &w->need));
}

/* Of nobody matching knows nothing. */
static void nobody(struct need *n)
{
	struct need unknown;

	need_init(&unknown);
	if (n->n_members == 0)
		n->who = unknown.who;
}

/* Matching takes any bits; a code stands for each of these. */
static void known_codes(struct world *w)
{
	const uint32_t specialisms = (1u << SPECIALISM_COUNT) - 1;
	const code_set languages = code_bit(LANGUAGE_COUNT) - 1;

	w->need.wished_specialisms &= specialisms;
	w->need.languages &= languages;
	for (int i = 0; i < w->made.n; i++) {
		w->supply[i].specialisms &= specialisms;
		w->supply[i].languages &= languages;
	}
}

static int by_rank(const struct world *w, int i, int k)
{
	struct verdict a, b;

	match_pair(&w->env, &w->need, &w->supply[i], &a);
	match_pair(&w->env, &w->need, &w->supply[k], &b);
	if (a.fits != b.fits)
		return a.fits ? -1 : 1;
	return a.score == b.score ? 0 : a.score > b.score ? -1 : 1;
}

/* The best first; what does not fit at the end. */
static void rank(struct world *w)
{
	for (int i = 0; i < w->made.n; i++)
		for (int k = i; k > 0 && by_rank(w, k, k - 1) < 0; k--) {
			struct supply kept = w->supply[k];

			w->supply[k] = w->supply[k - 1];
			w->supply[k - 1] = kept;
		}
}

static void meet(struct dice *d, struct world *w)
{
	if (between(d, 0, 3) == 0)
		w->need.conflicts[w->need.n_conflicts++] = w->supply[between(d, 0, w->made.n - 1)].id;
	if (between(d, 0, 3) == 0) {
		const struct supply *s = &w->supply[between(d, 0, w->made.n - 1)];

		w->need.declined[w->need.n_declined++] = (struct declined){ s->id, s->version + between(d, 0, 1) };
	}
}

static void world_new(struct world *w, struct dice *d)
{
	size_t districts;

	memset(w, 0, sizeof(*w));
	w->arena = arena_new();
	w->geography = sample_tees(w->arena);
	districts = geography_districts(w->geography);
	policy_default(&w->policy);
	w->env = (struct match_env){ &w->policy, w->geography, SAMPLE_TODAY, SAMPLE_NOW };
	between(d, 0, 1) ? sample_need(d, districts, &w->need) : likely_need(d, districts, &w->need);
	nobody(&w->need);
	w->made = (struct decision_made){ .env = &w->env, .need = &w->need, .n = between(d, 1, DECISION_PLACES) };
	for (int i = 0; i < w->made.n; i++) {
		between(d, 0, 1) ? sample_supply(d, districts, &w->supply[i]) : likely_supply(d, districts, &w->supply[i]);
		w->made.places[i] = &w->supply[i];
	}
	w->made.chosen = between(d, 0, w->made.n - 1);
	meet(d, w);
	known_codes(w);
	as_of_today(w);
	rank(w);
}

static const char *again(struct world *w, const char *inputs)
{
	struct decision_made read;
	const char *error;

	cr_assert(decision_read(w->arena, inputs, &w->policy, &read, &error), "%s: %s", error, inputs);
	return decision_answer(w->arena, &read);
}

Test(decision, gives_the_same_answer_from_what_is_kept)
{
	struct dice d = dice_from(38);

	for (int i = 0; i < WORLDS; i++) {
		struct world w;
		const char *inputs, *then, *now;

		world_new(&w, &d);
		inputs = decision_inputs(w.arena, &w.made);
		then = decision_answer(w.arena, &w.made);
		now = again(&w, inputs);
		cr_assert_str_eq(now, then, "world %d: %s\n%s", i, decision_difference(w.arena, then, now), inputs);
		arena_free(w.arena);
	}
}

/* What is kept is enough: the world may change as it likes. */
Test(decision, does_not_follow_the_world)
{
	struct dice d = dice_from(39);
	struct world w, other;
	const char *inputs, *then;

	for (int i = 0; i < 100; i++) {
		world_new(&w, &d);
		inputs = decision_inputs(w.arena, &w.made);
		then = decision_answer(w.arena, &w.made);
		world_new(&other, &d);
		other.arena = w.arena;
		cr_assert_str_eq(again(&other, inputs), then, "world %d", i);
	}
}

static void fitting_world(struct world *w)
{
	struct dice d = dice_from(1);

	world_new(w, &d);
	fitting_need(&w->need);
	w->need.n_members = 1;
	w->need.members[0] = (struct member){ .role = MEMBER_APPLICANT, .sex = SEX_FEMALE, .trans = TRI_NO, .age = 34,
					      .age_on = SAMPLE_TODAY - 400, .age_exact = true };
	fitting_supply(w->geography, &w->supply[0]);
	w->made.n = 1;
	w->made.chosen = 0;
	as_of_today(w);
}

/* Neither the household's districts nor the place's stand in it, nor where on the map they are. */
Test(decision, holds_no_identity)
{
	struct world w;
	const char *inputs;
	char id[UUID_TEXT];

	fitting_world(&w);
	w.need.unsafe[0] = (struct area){ .kind = AREA_OUTWARD, .district = geography_district(w.geography, "TS1") };
	w.need.unsafe[1] = area_circle(450000, 520000, 4000);
	w.need.n_unsafe = 2;
	inputs = decision_inputs(w.arena, &w.made);
	uuid_format(w.supply[0].id, id);
	cr_assert(!strstr(inputs, "TS") && !strstr(inputs, "450") && !strstr(inputs, "520") && !strstr(inputs, id),
		  "%s", inputs);
	cr_assert_str_eq(again(&w, inputs), decision_answer(w.arena, &w.made));
}

static const char *with_birthday(struct world *w, int32_t day)
{
	w->need.members[0].age_on = day - 365;
	as_of_today(w);
	return decision_inputs(w->arena, &w->made);
}

Test(decision, keeps_a_birthday_only_within_a_stay)
{
	struct world w;
	const char *one, *other;

	fitting_world(&w);
	one = with_birthday(&w, SAMPLE_TODAY + 200);
	other = with_birthday(&w, SAMPLE_TODAY + 201);
	cr_assert_str_eq(one, other, "months from the stay no day can be told");
	one = with_birthday(&w, SAMPLE_TODAY + 3);
	other = with_birthday(&w, SAMPLE_TODAY + 4);
	cr_assert_str_neq(one, other, "within it a rule may turn on the day");
}

Test(decision, is_refused_where_it_was_not_written_so)
{
	static const char *const wrong[] = {
		"", "{}", "[]", "{\"format\":1}", "{\"format\":2,\"geography\":\"\"}",
		"{\"format\":1,\"now\":1,\"chosen\":0,\"places\":[],\"need\":{},\"geography\":\"\"}",
		"{\"format\":1,\"now\":1,\"chosen\":0,\"places\":[{}],\"need\":{},\"geography\":\"\"}",
		"{\"format\":1,\"now\":1,\"chosen\":0,\"places\":[7],\"need\":7,\"geography\":\"centre A1\"}",
	};
	struct policy p;

	policy_default(&p);
	for (size_t i = 0; i < sizeof(wrong) / sizeof(*wrong); i++) {
		struct decision_made read;
		const char *error = NULL;

		cr_assert(!decision_read(test_memory(), wrong[i], &p, &read, &error), "%s", wrong[i]);
		cr_assert(error, "%s", wrong[i]);
	}
}

/* Any one byte changed in the inputs: not whole, or another answer, or another hash. */
Test(decision, hash_covers_every_byte)
{
	struct world w;
	char *inputs, then[DECISION_HASH], now[DECISION_HASH];
	const char *answer;

	fitting_world(&w);
	inputs = (char *)(uintptr_t)decision_inputs(w.arena, &w.made);
	answer = decision_answer(w.arena, &w.made);
	decision_hash("p", inputs, answer, then);
	for (char *c = inputs; *c; c++) {
		*c ^= 1;
		decision_hash("p", inputs, answer, now);
		cr_assert_str_neq(now, then, "byte %d", (int)(c - inputs));
		*c ^= 1;
	}
	decision_hash("q", inputs, answer, now);
	cr_assert_str_neq(now, then, "the policy");
}

Test(decision, tells_what_differs)
{
	struct arena *a = test_memory();

	cr_assert_null(decision_difference(a, "{\"a\":1}", "{\"a\":1}"));
	cr_assert_str_eq(decision_difference(a, "{\"passed_over\":1}", "{\"passed_over\":2}"),
			 "passed_over was 1, is 2");
	cr_assert_str_eq(decision_difference(a, "{\"places\":[{\"points\":7},{\"asks\":[]}]}",
					     "{\"places\":[{\"points\":7},{\"asks\":[\"pets\"]}]}"),
			 "place 2: asks was [], is [\"pets\"]");
	cr_assert_str_eq(decision_difference(a, "x", "{}"), "the answer that was kept cannot be read");
}
