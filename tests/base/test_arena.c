#include <criterion/criterion.h>
#include <signal.h>
#include <stdint.h>
#include <string.h>

#include "base/arena.h"

static int calls[8], n_calls;

static void note(void *object)
{
	calls[n_calls++] = *(int *)object;
}

Test(arena, memory_is_zeroed_aligned_and_apart)
{
	struct arena *a = arena_new();
	unsigned char *before = NULL;

	for (size_t size = 0; size < 3000; size += 7) {
		unsigned char *p = arena_alloc(a, size);

		cr_assert_eq((uintptr_t)p % _Alignof(max_align_t), 0, "%zu bytes at %p", size, (void *)p);
		cr_assert_neq(p, before, "an empty object has an address of its own");
		for (size_t i = 0; i < size; i++)
			cr_assert_eq(p[i], 0, "byte %zu of %zu", i, size);
		memset(p, 0xff, size);
		before = p;
	}
	arena_free(a);
}

Test(arena, reset_gives_zeroed_memory_again)
{
	struct arena *a = arena_new();

	for (int round = 0; round < 3; round++) {
		unsigned char *p = arena_alloc(a, 500);

		for (size_t i = 0; i < 500; i++)
			cr_assert_eq(p[i], 0, "round %d", round);
		memset(p, 0xff, 500);
		memset(arena_alloc(a, 1 << 20), 0xff, 1 << 20);
		arena_reset(a);
	}
	arena_free(a);
}

Test(arena, growing_keeps_what_was_there_and_zeroes_the_rest)
{
	struct arena *a = arena_new();
	char *p, *other;

	memset(arena_alloc(a, 4000), 'd', 4000);
	arena_reset(a);		/* in place or not, it grows over bytes that were written before */
	p = arena_grow(a, NULL, 0, 3);
	memcpy(p, "abc", 3);
	p = arena_grow(a, p, 3, 300);
	cr_assert(memcmp(p, "abc", 3) == 0 && p[3] == 0 && p[299] == 0);
	memset(p, 'x', 300);
	other = arena_alloc(a, 16);
	memset(other, 'o', 16);
	p = arena_grow(a, p, 300, 100000);
	cr_assert(p[0] == 'x' && p[299] == 'x' && p[300] == 0 && p[99999] == 0);
	memset(p, 'y', 100000);
	cr_assert(other[0] == 'o' && other[15] == 'o', "a neighbour was overwritten");
	arena_free(a);
}

Test(arena, deferred_calls_run_backwards_and_once)
{
	struct arena *a = arena_new();
	int one = 1, two = 2, three = 3;

	arena_defer(a, note, &one);
	arena_defer(a, note, &two);
	arena_reset(a);
	cr_assert(n_calls == 2 && calls[0] == 2 && calls[1] == 1);
	arena_defer(a, note, &three);
	arena_free(a);
	cr_assert(n_calls == 3 && calls[2] == 3, "%d calls", n_calls);
	arena_free(NULL);
}

Test(arena, text)
{
	struct arena *a = arena_new();
	char *big = arena_printf(a, "%0*d", 5000, 7);

	cr_assert_null(arena_strdup(a, NULL));
	cr_assert_str_eq(arena_strdup(a, "haven"), "haven");
	cr_assert_str_eq(arena_strndup(a, "haven", 3), "hav");
	cr_assert_eq(strlen(big), 5000, "longer than any first guess");
	cr_assert_eq(big[4999], '7');
	arena_free(a);
}

Test(arena, product_that_overflows_aborts, .signal = SIGABRT)
{
	arena_array(arena_new(), SIZE_MAX / 2, 3);
}
