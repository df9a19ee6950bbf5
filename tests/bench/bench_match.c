/* One search by the index against the same search by the plain evaluator, side by side in one run:
 * the ratio is what counts. Links with the objects of src/match, src/base and tests/match/sample.c.
 *
 *	bench_match [rounds]
 *
 * Each round times both sides on the same needs, one after the other; the median of the rounds'
 * ratios is printed with its spread. Every answer is compared: a difference ends the run with 1. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/text.h"
#include "tests/match/sample.h"

enum { NEEDS = 64, ROUNDS_MAX = 99, GRID_SIDE = 10 };

struct bench {
	struct arena *arena, *scratch;
	struct policy policy;
	struct match_env env;
	struct match_index *index;
	struct need needs[NEEDS];
	struct match_search search[NEEDS];
	int64_t matching;
};

typedef void search_fn(struct match_index *ix, const struct match_search *s, struct arena *a,
		       struct match_answer *out);

static void plain(struct match_index *ix, const struct match_search *s, struct arena *a,
		  struct match_answer *out)
{
	match_plain_search(ix, s, a, out);
}

static void fill(struct bench *b, int vacancies)
{
	struct dice d = dice_from(2026);
	size_t districts;
	struct supply s;

	b->arena = arena_new();
	b->scratch = arena_new();
	policy_default(&b->policy);
	b->env = (struct match_env){ &b->policy, sample_grid(b->arena, GRID_SIDE), SAMPLE_TODAY,
		SAMPLE_NOW };
	districts = geography_districts(b->env.geography);
	b->index = match_index_new(b->arena, districts);
	for (int i = 0; i < vacancies; i++) {
		likely_supply(&d, districts, &s);
		match_index_put(b->index, &s);
	}
	for (int i = 0; i < NEEDS; i++) {
		likely_need(&d, districts, &b->needs[i]);
		b->search[i] = (struct match_search){ .env = &b->env, .need = &b->needs[i],
			.viewer = { .groups = { 0, 1, 2, 3, 4, 5 }, .n_groups = 6 },
			.options = 20, .near_misses = 10 };
	}
}

static int64_t cpu_us(void)
{
	struct timespec t;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
	return t.tv_sec * SECOND_US + t.tv_nsec / 1000;
}

/* Nanoseconds of this process for each search, over as many passes. */
static int64_t time_search(struct bench *b, search_fn *search, int passes)
{
	struct match_answer out;
	int64_t from = cpu_us();

	b->matching = 0;
	for (int i = 0; i < passes * NEEDS; i++) {
		search(b->index, &b->search[i % NEEDS], b->scratch, &out);
		b->matching += out.matching;
		arena_reset(b->scratch);
	}
	b->matching /= passes * NEEDS;
	return (cpu_us() - from) * 1000 / (passes * NEEDS);
}

static int differ(struct bench *b)
{
	for (int i = 0; i < NEEDS; i++) {
		struct match_answer x, y;

		match_index_search(b->index, &b->search[i], b->scratch, &x);
		match_plain_search(b->index, &b->search[i], b->scratch, &y);
		if (x.matching != y.matching || x.n_options != y.n_options ||
		    memcmp(x.failed, y.failed, sizeof(x.failed)) != 0)
			return 1;
		for (int k = 0; k < x.n_options; k++)
			if (x.options[k].supply != y.options[k].supply)
				return 1;
	}
	return 0;
}

static int by_value(const void *a, const void *b)
{
	const int64_t *x = a, *y = b;

	return (*x > *y) - (*x < *y);
}

static int run(int vacancies, int rounds)
{
	int64_t ratio[ROUNDS_MAX], fast = 0, slow = 0;
	struct bench *b = calloc(1, sizeof(*b));
	int passes = 1 + 200000 / vacancies;

	if (!b)
		abort();
	fill(b, vacancies);
	if (differ(b)) {
		printf("%d vacancies: the answers differ\n", vacancies);
		return 1;
	}
	for (int i = 0; i < rounds; i++) {
		fast = time_search(b, match_index_search, passes);
		slow = time_search(b, plain, 1 + passes / 20);
		ratio[i] = slow * 10 / fast;
	}
	qsort(ratio, (size_t)rounds, sizeof(*ratio), by_value);
	printf("%7d vacancies, %ld fit: index %ld.%02ld us, plain %ld us, ratio %ld.%ld "
	       "[%ld.%ld..%ld.%ld]\n", vacancies, (long)b->matching, (long)fast / 1000,
	       (long)fast % 1000 / 10, (long)slow / 1000, (long)ratio[rounds / 2] / 10,
	       (long)ratio[rounds / 2] % 10, (long)ratio[0] / 10, (long)ratio[0] % 10,
	       (long)ratio[rounds - 1] / 10, (long)ratio[rounds - 1] % 10);
	arena_free(b->scratch);
	arena_free(b->arena);
	free(b);
	return 0;
}

int main(int argc, char **argv)
{
	static const int sizes[] = { 1000, 10000, 100000 };
	int64_t rounds = 5;
	int failed = 0;

	if (argc > 1 && (!text_to_i64(argv[1], &rounds) || rounds < 1 || rounds > ROUNDS_MAX)) {
		fprintf(stderr, "usage: bench_match [rounds, 1 to %d]\n", ROUNDS_MAX);
		return 2;
	}
	for (size_t i = 0; i < sizeof(sizes) / sizeof(*sizes); i++)
		failed |= run(sizes[i], (int)rounds);
	return failed;
}
