#include <criterion/criterion.h>

#include "base/plain.h"

static const struct {
	const char *typed, *plain;
} cases[] = {
	{ "TS1 3BA", "TS1 3BA" },
	{ "\uff34\uff33\uff11\u3000\uff13\uff22\uff21", "TS1 3BA" },	/* full-width */
	{ "\u0422\u04051\u00a03\u0412\u0410", "TS1 3BA" },		/* Cyrillic */
	{ "\u03a4S1 3\u0392\u0391", "TS1 3BA" },			/* Greek */
	{ "\U0001d413\U0001d412\U0001d7cf \U0001d7d1\U0001d401\U0001d400", "TS1 3BA" },	/* mathematical */
	{ "\u24c9\u24c8\u2460 \u2462\u24b7\u24b6", "TS1 3BA" },		/* in circles */
	{ "T\u200bS\u2060" "1\u00ad 3B\ufeffA", "TS1 3BA" },		/* zero-width */
	{ "T\u0301S1", "TS1" },						/* marks over a letter */
	{ "\u00c1cacia Cl\u00f3se", "Acacia Close" },
	{ "12\u201314, O\u2019Neill", "12-14, O'Neill" },
	{ "54\u00b034\u203227\u2033N", "54\x01" "34'27\"N" },
	{ "\u65e5", "\x02" },						/* no letter of ours */
	{ "\u00a312", "$12" },
	{ "a\nb\tc", "a\nb c" },
	{ "", "" },
};

Test(plain, reads_what_a_person_sees)
{
	struct arena *a = arena_new();

	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++)
		cr_expect_str_eq(plain_text(a, cases[i].typed), cases[i].plain, "%s", cases[i].typed);
	arena_free(a);
}

Test(plain, a_key_is_letters_and_digits)
{
	struct arena *a = arena_new();

	cr_assert_str_eq(plain_key(a, " h\u2011 7kq 2mx"), "H7KQ2MX");
	cr_assert_str_eq(plain_key(a, "---"), "");
	arena_free(a);
}
