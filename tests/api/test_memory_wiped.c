/* Secrets that a worker received are nowhere in its memory once it has answered. */
#include <criterion/criterion.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "canary.h"
#include "inventory.h"
#include "memory.h"
#include "patience.h"
#include "referring.h"
#include "tool_rig.h"

TestSuite(memory_wiped, .init = service_start_crowded, .fini = service_stop, .timeout = 120);

enum { PIECE = 1 << 20, OVERLAP = 64 };

static size_t count_in(const char *bytes, size_t n, const char *needle)
{
	size_t found = 0, len = strlen(needle);

	for (const char *at; (at = memmem(bytes, n, needle, len)); found++) {
		n -= (size_t)(at - bytes) + len;
		bytes = at + len;
	}
	return found;
}

/* Reads in pieces. They overlap by so little that no needle counts twice. */
static size_t count_between(int mem, off_t from, off_t to, const char *needle)
{
	static char piece[PIECE];
	size_t found = 0, overlap = strlen(needle) - 1;

	while (from < to) {
		ssize_t n = pread(mem, piece, to - from < PIECE ? (size_t)(to - from) : PIECE, from);

		if (n <= 0)
			break;
		found += count_in(piece, (size_t)n, needle);
		from += n == PIECE ? n - (ssize_t)overlap : n;
	}
	return found;
}

/* Larger mappings are a sanitizer's own, which hold a bit for each byte. */
#define MAP_MOST ((off_t)1 << 30)

/* How often the needle is in the memory that the worker can write to. */
static size_t in_worker(const char *needle)
{
	FILE *maps = fopen(arena_printf(test_memory(), "/proc/%d/maps", service_worker()), "re");
	int mem = open(arena_printf(test_memory(), "/proc/%d/mem", service_worker()), O_RDONLY);
	char line[512], *end;
	size_t found = 0;

	if (mem < 0)
		cr_skip_test("the worker's memory cannot be read here");
	while (fgets(line, sizeof(line), maps)) {
		off_t from = (off_t)strtoull(line, &end, 16), to = (off_t)strtoull(end + 1, &end, 16);

		if (end[2] == 'w' && to - from < MAP_MOST)
			found += count_between(mem, from, to, needle);
	}
	close(mem);
	fclose(maps);
	return found;
}

/* The answer may arrive a moment before the worker has wiped the memory that it was made in. */
static size_t left_in_worker(const char *needle)
{
	int64_t since = clock_mono();
	size_t n = in_worker(needle);

	while (n > 0 && wait_on(since))
		n = in_worker(needle);
	return n;
}

static struct answer sign_in(const char *password)
{
	return call(SIGNED_OUT, "POST", "/api/v1/sessions", "{\"username\":\"navigator\",\"password\":\"%s\"}", password);
}

Test(memory_wiped, password_and_token_are_gone_when_the_sign_in_is_answered)
{
	struct answer a;

	canary_draw();
	setenv("HAVEN_DATABASE", database_conninfo(), 1);
	cr_assert_eq(tool_hears(canary.word, "user", "password", "navigator", "--password-stdin", NULL), 0);
	cr_assert_gt(in_worker("haven-worker"), 0, "the look finds what is there");
	a = sign_in(canary.word);
	cr_assert_eq(a.status, 201, "%s", a.body);
	cr_expect_eq(left_in_worker(canary.word), 0, "the password %zu times", in_worker(canary.word));
	cr_expect_eq(left_in_worker(answer_text(&a, "token")), 0, "the token %zu times", in_worker(answer_text(&a, "token")));
	a = sign_in(canary.word + 1);
	cr_assert_eq(a.status, 401, "%s", a.body);
	cr_expect_eq(left_in_worker(canary.word + 1), 0, "a wrong one %zu times", in_worker(canary.word + 1));
}

Test(memory_wiped, names_and_numbers_are_gone_when_they_are_sealed)
{
	canary_draw();
	canary_tell();
	cr_expect_eq(left_in_worker(canary.word), 0, "a name %zu times", in_worker(canary.word));
	cr_expect_eq(left_in_worker(canary.phone), 0, "a telephone number %zu times", in_worker(canary.phone));
	cr_expect_eq(left_in_worker(canary.postcode), 0, "a postcode %zu times", in_worker(canary.postcode));
}
