#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/codes.h"
#include "base/embedded.h"
#include "base/uuid.h"

Test(uuid, random_ones_are_version_4_and_differ)
{
	char before[UUID_TEXT] = "", id[UUID_TEXT];

	for (int i = 0; i < 1000; i++) {
		uuid_random(id);
		cr_assert_eq(strlen(id), 36);
		cr_assert_eq(id[14], '4', "%s", id);
		cr_assert(strchr("89ab", id[19]), "%s", id);
		cr_assert(uuid_valid(id), "%s", id);
		cr_assert_str_neq(id, before);
		memcpy(before, id, sizeof(id));
	}
}

Test(uuid, a_child_of_fork_has_none_of_its_parent)
{
	char mine[UUID_TEXT], its[UUID_TEXT];
	int ends[2];

	uuid_random(mine);
	cr_assert_eq(pipe(ends), 0, "a pipe");
	if (fork() == 0) {
		uuid_random(its);
		_exit(write(ends[1], its, sizeof(its)) != sizeof(its));
	}
	uuid_random(mine);
	cr_assert_eq(read(ends[0], its, sizeof(its)), sizeof(its), "the child's id");
	cr_assert_str_neq(its, mine, "the next id of both");
}

Test(uuid, reads_and_writes_the_same)
{
	struct uuid u;
	char text[UUID_TEXT];

	cr_assert(uuid_parse("01234567-89AB-cdef-0123-456789ABCDEF", &u));
	cr_assert(u.hi == UINT64_C(0x0123456789abcdef) && u.lo == UINT64_C(0x0123456789abcdef));
	uuid_format(u, text);
	cr_assert_str_eq(text, "01234567-89ab-cdef-0123-456789abcdef");
}

Test(uuid, refuses_other_forms)
{
	static const char *const wrong[] = {
		"", "01234567-89ab-cdef-0123-456789abcde", "01234567-89ab-cdef-0123-456789abcdef0", "0123456789abcdef0123456789abcdef",
		"{01234567-89ab-cdef-0123-456789abcdef}", "01234567-89ab-cdef-0123-456789abcdeg", "01234567-89ab-cdef-01234-56789abcdef",
		" 1234567-89ab-cdef-0123-456789abcdef", "0x234567-89ab-cdef-0123-456789abcdef", "+1234567-89ab-cdef-0123-456789abcdef",
	};
	struct uuid u;

	for (size_t i = 0; i < sizeof(wrong) / sizeof(*wrong); i++)
		cr_expect_not(uuid_parse(wrong[i], &u), "%s was read", wrong[i]);
}

Test(uuid, order_is_that_of_the_text)
{
	char x[UUID_TEXT], y[UUID_TEXT];
	struct uuid u, v;

	for (int i = 0; i < 1000; i++) {
		uuid_random(x);
		uuid_random(y);
		cr_assert(uuid_parse(x, &u) && uuid_parse(y, &v));
		cr_assert_eq(uuid_cmp(u, v) < 0, strcmp(x, y) < 0, "%s %s", x, y);
		cr_assert_eq(uuid_cmp(u, u), 0);
	}
}

Test(codes, unknown_names_have_no_number)
{
	cr_assert_eq(code_index(&tri_codes, "yes"), 2);
	cr_assert_eq(code_index(&tri_codes, "unknown"), 0, "unknown is zero");
	cr_assert_eq(code_index(&tri_codes, "Yes"), -1);
	cr_assert_eq(code_index(&tri_codes, ""), -1);
	cr_assert_eq(code_index(&tri_codes, NULL), -1);
	cr_assert_null(code_at(&tri_codes, -1));
	cr_assert_null(code_at(&tri_codes, 3));
	cr_assert_null(code_label(&tri_codes, 3));
}

Test(embedded, files_are_sorted_and_whole)
{
	const struct embedded *f = embedded_find("migrations/0001_codes.sql");

	cr_assert(f && f->bytes[f->size] == '\0', "bytes are followed by a NUL");
	cr_assert_eq(strlen((const char *)f->bytes), f->size);
	for (f = embedded_files; f[0].path && f[1].path; f++)
		cr_assert_lt(strcmp(f[0].path, f[1].path), 0, "%s stands before %s", f[0].path, f[1].path);
	cr_assert_null(embedded_find("migrations"));
	cr_assert_null(embedded_find("migrations/../migrations/0001_codes.sql"));
	cr_assert_null(embedded_find(""));
}

/* The files are byte for byte those of the repository, in which the test runs. */
Test(embedded, files_are_those_of_the_repository)
{
	int compared = 0;

	for (const struct embedded *f = embedded_files; f->path; f++) {
		FILE *file = fopen(f->path, "rb");
		size_t i = 0;
		int c;

		cr_assert(file, "%s: run the tests from the repository's root", f->path);
		while ((c = getc(file)) != EOF)
			cr_assert(i < f->size && f->bytes[i++] == c, "%s differs at %zu", f->path, i);
		cr_assert_eq(i, f->size, "%s", f->path);
		fclose(file);
		compared++;
	}
	cr_assert_gt(compared, 10);
}
