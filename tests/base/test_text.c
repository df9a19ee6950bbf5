#include <criterion/criterion.h>
#include <stdint.h>

#include "base/text.h"

static struct arena *a;

static void begin(void)
{
	a = arena_new();
}

static void end(void)
{
	arena_free(a);
}

TestSuite(text, .init = begin, .fini = end);

Test(text, grows_and_stays_terminated)
{
	struct text t = text_in(a);

	for (int i = 0; i < 10000; i++) {
		text_putc(&t, 'a');
		cr_assert_eq(t.data[t.len], '\0', "at %d", i);
	}
	text_printf(&t, "%s-%d", "b", 12);
	text_put(&t, "\0c", 2);
	text_lit(&t, "end");
	cr_assert_eq(t.len, 10000 + 4 + 2 + 3);
	cr_assert_str_eq(text_done(&t) + 10000, "b-12");
	cr_assert_str_eq(t.data + 10000 + 5, "cend", "a NUL is a byte like others");
}

Test(text, empty_is_empty_text)
{
	struct text t = text_in(a);

	cr_assert_str_eq(text_done(&t), "");
}

Test(text, numbers_to_the_limits)
{
	struct text t = text_in(a);

	text_i64(&t, INT64_MIN);
	text_putc(&t, ' ');
	text_i64(&t, 0);
	text_putc(&t, ' ');
	text_i64(&t, INT64_MAX);
	cr_assert_str_eq(text_done(&t), "-9223372036854775808 0 9223372036854775807");
}

Test(text, reads_whole_numbers_only)
{
	static const char *const wrong[] = {
		"", "-", "+1", " 1", "1 ", "1.0", "0x10", "1e3", "--1", "9223372036854775808", "-9223372036854775809", "12a", "\xd9\xa1",
		"99999999999999999999999999",
	};
	int64_t n = 0;

	for (size_t i = 0; i < sizeof(wrong) / sizeof(*wrong); i++)
		cr_expect_not(text_to_i64(wrong[i], &n), "\"%s\" was read as %lld", wrong[i], (long long)n);
	cr_assert(text_to_i64("9223372036854775807", &n) && n == INT64_MAX);
	cr_assert(text_to_i64("-9223372036854775808", &n) && n == INT64_MIN);
	cr_assert(text_to_i64("007", &n) && n == 7);
}

Test(text, html_has_no_way_out_of_text_or_attribute)
{
	static const char evil[] = "</p><script>\"x\" & 'y'";
	struct text t = text_in(a);

	text_html(&t, evil, sizeof(evil) - 1);
	cr_assert_str_eq(text_done(&t), "&lt;/p&gt;&lt;script&gt;&quot;x&quot; &amp; &#39;y&#39;");
}

Test(text, utf8_is_counted_and_judged)
{
	static const struct {
		const char *s;
		ptrdiff_t n;
	} cases[] = {
		{ "", 0 }, { "abc", 3 }, { "\xc3\xa9", 1 }, { "\xe2\x82\xac", 1 }, { "\xf0\x9f\x8f\xa0x", 2 }, { "\xed\x9f\xbf", 1 },
		{ "\xf4\x8f\xbf\xbf", 1 },
		{ "\xc0\x80", -1 }, { "\xc1\xbf", -1 }, { "\xe0\x80\xaf", -1 }, { "\xf0\x80\x80\xaf", -1 }, { "\xed\xa0\x80", -1 },
		{ "\xf4\x90\x80\x80", -1 }, { "\xf5\x80\x80\x80", -1 }, { "\xff", -1 }, { "\x80", -1 }, { "\xc3", -1 }, { "\xe2\x82", -1 },
		{ "\xc3(", -1 }, { "a\xf0\x9f\x8f", -1 },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++)
		cr_expect_eq(text_utf8_len(cases[i].s, strlen(cases[i].s)), cases[i].n, "case %zu", i);
	cr_expect_eq(text_utf8_len("\xc3\xa9", 1), -1, "the length ends inside a character");
}

Test(text, normal_form_of_names)
{
	cr_assert_str_eq(text_normal(a, "  Marta   QUILL "), "marta quill");
	cr_assert_str_eq(text_normal(a, ""), "");
	cr_assert_str_eq(text_normal(a, "   "), "");
	cr_assert_str_eq(text_normal(a, "Zo\xc3\x8b"), "zo\xc3\x8b", "ASCII case only");
}

Test(text, equality_knows_null)
{
	cr_assert(text_eq("a", "a") && text_eq(NULL, NULL));
	cr_assert(!text_eq("a", NULL) && !text_eq(NULL, "a") && !text_eq("a", "b"));
}
