/* The index answers exactly as the plain evaluator over the same vacancies. */
#include <criterion/criterion.h>
#include <string.h>

#include "fitting.h"

static void same_verdict(const struct verdict *a, const struct verdict *b, const char *where)
{
	cr_assert_arr_eq(a->outcome, b->outcome, sizeof(a->outcome), "%s: outcomes", where);
	cr_assert_eq(a->score, b->score, "%s: score %d, %d", where, a->score, b->score);
	cr_assert_eq(a->n_asked, b->n_asked, "%s: asks", where);
}

static void same_answer(const struct match_answer *a, const struct match_answer *b, int seed)
{
	cr_assert_eq(a->visible, b->visible, "visible (seed %d)", seed);
	cr_assert_eq(a->matching, b->matching, "matching %ld, %ld (seed %d)", (long)a->matching,
		     (long)b->matching, seed);
	cr_assert_eq(a->asking, b->asking, "asking (seed %d)", seed);
	for (int r = 0; r < RULE_COUNT; r++)
		cr_assert_eq(a->failed[r], b->failed[r], "failed %s %ld, %ld (seed %d)",
			     rule_rows[r].name, (long)a->failed[r], (long)b->failed[r], seed);
	cr_assert_eq(a->not_suitable, b->not_suitable, "not suitable (seed %d)", seed);
	cr_assert_eq(a->n_options, b->n_options, "options (seed %d)", seed);
	cr_assert_eq(a->n_near, b->n_near, "near %d, %d (seed %d)", a->n_near, b->n_near, seed);
	for (int i = 0; i < a->n_options; i++) {
		cr_assert_eq(a->options[i].supply, b->options[i].supply, "option %d (seed %d)", i,
			     seed);
		same_verdict(&a->options[i].verdict, &b->options[i].verdict, "option");
	}
	for (int i = 0; i < a->n_near; i++) {
		cr_assert_eq(a->near[i].supply, b->near[i].supply, "near miss %d (seed %d)", i,
			     seed);
		cr_assert_eq(a->near[i].mend, b->near[i].mend, "mend %d (seed %d)", i, seed);
		cr_assert_eq(memcmp(&a->near[i].detail, &b->near[i].detail, sizeof(a->near[i].detail)), 0,
			     "detail %d (seed %d)", i, seed);
	}
	cr_assert_eq(a->n_questions, b->n_questions, "questions (seed %d)", seed);
	for (int i = 0; i < a->n_questions; i++) {
		cr_assert_eq(a->questions[i].row, b->questions[i].row, "question %d (seed %d)", i, seed);
		cr_assert_arr_eq(a->questions[i].ruled_out, b->questions[i].ruled_out, sizeof(a->questions[i].ruled_out),
				 "%s (seed %d)", a->questions[i].row->code, seed);
	}
	cr_assert(a->hash.hi == b->hash.hi && a->hash.lo == b->hash.lo, "hash (seed %d)", seed);
}

static struct viewer some_viewer(struct dice *d)
{
	struct viewer v = { .everything = between(d, 0, 1), .n_groups = between(d, 0, 4) };

	for (int i = 0; i < v.n_groups; i++)
		v.groups[i] = (uint16_t)between(d, 0, 7);
	return v;
}

struct world {
	struct arena *arena;
	struct geography *geography;
	struct policy policy;
	struct match_env env;
	struct match_index *index;
	struct dice dice;
};

static void world_new(struct world *w, uint64_t seed, int side)
{
	w->arena = arena_new();
	w->geography = side ? sample_grid(w->arena, side) : sample_tees(w->arena);
	policy_default(&w->policy);
	w->env = (struct match_env){ &w->policy, w->geography, SAMPLE_TODAY, SAMPLE_NOW };
	w->index = match_index_new(w->arena, geography_districts(w->geography));
	w->dice = dice_from(seed);
}

static void world_add(struct world *w, int n, bool likely)
{
	struct supply s;

	for (int i = 0; i < n; i++) {
		(likely ? likely_supply : sample_supply)(&w->dice,
			geography_districts(w->geography), &s);
		match_index_put(w->index, &s);
	}
}

/* Bars some of the vacancies. */
static void some_barred(struct world *w, struct need *n, const struct supply *const *known,
			int n_known)
{
	n->n_conflicts = between(&w->dice, 0, 3);
	for (int i = 0; i < n->n_conflicts; i++)
		n->conflicts[i] = known[between(&w->dice, 0, n_known - 1)]->id;
	n->n_declined = between(&w->dice, 0, 3);
	for (int i = 0; i < n->n_declined; i++) {
		const struct supply *s = known[between(&w->dice, 0, n_known - 1)];

		n->declined[i] = (struct declined){ s->id,
			s->version + between(&w->dice, 0, 1) };
	}
}

struct list {
	const struct supply *row[5000];
	int n;
};

static void collect(void *ctx, const struct supply *s)
{
	struct list *l = ctx;

	l->row[l->n++] = s;
}

static struct match_search search_for(struct world *w, const struct need *n)
{
	return (struct match_search){
		.env = &w->env, .need = n, .viewer = some_viewer(&w->dice),
		.options = between(&w->dice, 0, 100), .near_misses = between(&w->dice, 0, 20),
	};
}

static void compare(struct world *w, const struct need *n, int seed)
{
	struct match_search s = search_for(w, n);
	struct match_answer fast, plain;
	struct arena *a = arena_new();

	match_index_search(w->index, &s, a, &fast);
	match_plain_search(w->index, &s, a, &plain);
	same_answer(&fast, &plain, seed);
	arena_free(a);
}

/* Now and then makes a random policy within its ranges. */
static void shake_policy(struct world *w)
{
	for (const struct policy_key *key = policy_keys; key->name; key++)
		if (between(&w->dice, 0, 3) == 0)
			cr_assert(policy_set(&w->policy, key->name,
					     between(&w->dice, key->min, key->max)), "policy");
}

static void one_world(int seed, int side, int size, int needs, bool likely)
{
	struct world w;
	struct need n;

	world_new(&w, (uint64_t)seed, side);
	world_add(&w, size, likely);
	if (seed % 2)
		shake_policy(&w);
	for (int i = 0; i < needs; i++) {
		struct list l = { .n = 0 };
		size_t districts = geography_districts(w.geography);

		(likely ? likely_need : sample_need)(&w.dice, districts, &n);
		match_index_each(w.index, collect, &l);
		some_barred(&w, &n, l.row, l.n);
		w.env.now = SAMPLE_NOW + between(&w.dice, -4, 4) * 1800 * SECOND_US;
		w.env.today = SAMPLE_TODAY + between(&w.dice, -1, 1);
		compare(&w, &n, seed);
	}
	arena_free(w.arena);
}

Test(index, equals_the_plain_evaluator_on_anything)
{
	for (int seed = 1; seed <= 150; seed++)
		one_world(seed, 0, between(&(struct dice){ (uint64_t)seed }, 1, 300), 40, false);
}

Test(index, equals_the_plain_evaluator_on_likely_needs)
{
	for (int seed = 1; seed <= 40; seed++)
		one_world(seed, 9, 2500, 20, true);
}

static bool asked(const struct match_answer *a, int rule)
{
	for (int i = 0; i < a->n_questions; i++)
		if (a->questions[i].row->rule == rule)
			return true;
	return false;
}

/* Nothing that a place waits for is left unsaid. */
Test(index, whatever_is_open_is_asked)
{
	struct world w;
	struct need n;
	int open = 0;

	world_new(&w, 21, 0);
	world_add(&w, 400, true);
	for (int i = 0; i < 2000; i++) {
		struct match_search s;
		struct match_answer a;

		sample_need(&w.dice, geography_districts(w.geography), &n);
		s = search_for(&w, &n);
		match_index_search(w.index, &s, w.arena, &a);
		for (int k = 0; k < a.n_options; k++)
			for (int rule = 0; rule < RULE_COUNT; rule++) {
				if (a.options[k].verdict.outcome[rule] != OUTCOME_OPEN)
					continue;
				open++;
				cr_assert(asked(&a, rule), "%s is open, and no question is asked", rule_rows[rule].name);
			}
	}
	cr_assert_gt(open, 1000, "seen %d times", open);
	arena_free(w.arena);
}

/* Changing, removing and adding vacancies leaves no trace of earlier ones. */
Test(index, stays_exact_under_churn)
{
	struct world w;
	struct need n;
	struct supply s;

	world_new(&w, 77, 0);
	world_add(&w, 1500, false);
	for (int round = 0; round < 60; round++) {
		struct list l = { .n = 0 };
		struct uuid ids[5000];

		match_index_each(w.index, collect, &l);
		for (int i = 0; i < l.n; i++)
			ids[i] = l.row[i]->id;
		for (int i = 0; i < l.n; i++) {
			int what = between(&w.dice, 0, 9);

			sample_supply(&w.dice, geography_districts(w.geography), &s);
			if (what == 0)
				cr_assert(match_index_remove(w.index, ids[i]), "was there");
			s.id = what == 1 ? ids[i] : s.id;
			if (what == 1 || what == 2)
				match_index_put(w.index, &s);
		}
		sample_need(&w.dice, geography_districts(w.geography), &n);
		compare(&w, &n, round);
	}
	arena_free(w.arena);
}

/* The order in which vacancies came does not matter, and the same question has the same answer. */
Test(index, order_of_arrival_does_not_matter)
{
	struct world w;
	struct match_index *reverse;
	struct list l = { .n = 0 };
	struct need n;

	world_new(&w, 5, 0);
	world_add(&w, 1200, true);
	match_index_each(w.index, collect, &l);
	reverse = match_index_new(w.arena, geography_districts(w.geography));
	for (int i = l.n; i > 0; i--)
		match_index_put(reverse, l.row[i - 1]);
	for (int i = 0; i < 100; i++) {
		struct match_answer a, b;
		struct match_search s;

		likely_need(&w.dice, geography_districts(w.geography), &n);
		s = search_for(&w, &n);
		match_index_search(w.index, &s, w.arena, &a);
		match_index_search(reverse, &s, w.arena, &b);
		cr_assert_eq(a.n_options, b.n_options, "as many options");
		for (int k = 0; k < a.n_options; k++) {
			cr_assert_eq(uuid_cmp(a.options[k].supply->id, b.options[k].supply->id), 0,
				     "the same option at %d", k);
			cr_assert_arr_eq(&a.options[k].verdict, &b.options[k].verdict,
					 sizeof(struct verdict), "the same bytes");
		}
		cr_assert_arr_eq(a.failed, b.failed, sizeof(a.failed), "the same counts");
	}
	arena_free(w.arena);
}

static struct match_answer ask(struct world *w, const struct need *n, const struct viewer *v)
{
	struct match_search s = { &w->env, n, *v, 100, 10 };
	struct match_answer out;

	match_index_search(w->index, &s, w->arena, &out);
	return out;
}

/* A vacancy that the viewer may not see changes no number. */
Test(index, what_is_not_visible_is_not_counted)
{
	struct viewer two = { .groups = { 2 }, .n_groups = 1 };
	struct world w;
	struct supply s;
	struct need n;

	world_new(&w, 9, 0);
	for (int i = 0; i < 500; i++) {
		likely_supply(&w.dice, geography_districts(w.geography), &s);
		s.groups[0] = i % 2 ? 2 : 3;
		match_index_put(w.index, &s);
	}
	for (int i = 0; i < 20; i++) {
		struct match_answer out;
		int64_t counted;

		likely_need(&w.dice, geography_districts(w.geography), &n);
		out = ask(&w, &n, &two);
		counted = out.matching + out.not_suitable;
		for (int r = 0; r < RULE_COUNT; r++)
			counted += out.failed[r];
		cr_assert_eq(out.visible, 250, "half is visible");
		cr_assert_eq(counted, 250, "and nothing else is counted");
		for (int k = 0; k < out.n_options; k++)
			cr_assert_eq(out.options[k].supply->groups[0], 2, "nor offered");
		for (int k = 0; k < out.n_near; k++)
			cr_assert_eq(out.near[k].supply->groups[0], 2, "nor nearly");
	}
	arena_free(w.arena);
}

/* Failures by unsafe area and by conflict only count in a total: they are no near misses and have
 * no count of their own. */
Test(index, barred_is_only_ever_a_total)
{
	struct viewer everyone = { .everything = true };
	struct world w;
	struct match_answer out;
	struct supply s;
	struct need n;

	world_new(&w, 3, 0);
	likely_need(&w.dice, geography_districts(w.geography), &n);
	likely_supply(&w.dice, geography_districts(w.geography), &s);
	n.n_unsafe = 1;
	n.unsafe[0].district = geography_district(w.geography, "TS1");
	for (int i = 0; i < 6; i++) {
		s.id.lo++;
		s.district = geography_district(w.geography, i < 3 ? "TS18" : "TS12");
		s.busy_until = 0;
		s.confirmed = SAMPLE_NOW;
		s.from = SAMPLE_TODAY;
		match_index_put(w.index, &s);
		if (i >= 3)
			n.conflicts[n.n_conflicts++] = s.id;
	}
	out = ask(&w, &n, &everyone);
	cr_assert_eq(out.matching, 0, "none is offered");
	cr_assert_eq(out.n_options, 0, "none is listed");
	cr_assert_eq(out.n_near, 0, "none is a near miss");
	cr_assert_eq(out.failed[RULE_UNSAFE_AREA], 0, "no count of its own");
	cr_assert_eq(out.failed[RULE_CONFLICT], 0, "no count of its own");
	arena_free(w.arena);
}

/* Equal scores are ordered by id, to its last bit, in whatever order they came. */
Test(index, equal_scores_go_by_id)
{
	enum { N = 2000, SHOWN = 5 };
	struct world w;
	struct match_answer out;
	struct match_search q;
	struct supply s;
	struct need n;

	world_new(&w, 6, 0);
	fitting_need(&n);
	fitting_supply(w.geography, &s);
	for (uint64_t i = N; i > 0; i--) {
		s.id = (struct uuid){ 7, i };
		match_index_put(w.index, &s);
	}
	q = (struct match_search){ &w.env, &n, { .everything = true }, SHOWN, 0 };
	match_index_search(w.index, &q, w.arena, &out);
	cr_assert_eq(out.matching, N, "all fit alike");
	for (uint64_t i = 0; i < SHOWN; i++)
		cr_expect_eq(out.options[i].supply->id.lo, i + 1, "the first ids, in order");
	arena_free(w.arena);
}

Test(index, forgets_and_refuses)
{
	struct world w;
	struct supply s;

	world_new(&w, 4, 0);
	supply_init(&s);
	s.id = (struct uuid){ 1, 2 };
	cr_assert_not(match_index_remove(w.index, s.id), "not there yet");
	match_index_put(w.index, &s);
	match_index_put(w.index, &s);
	cr_assert_eq(match_index_count(w.index), 1, "one vacancy, put twice");
	cr_assert(match_index_remove(w.index, s.id), "removed");
	cr_assert_null(match_index_get(w.index, s.id), "gone");
	cr_assert_not(match_index_remove(w.index, s.id), "not twice");
	arena_free(w.arena);
}
