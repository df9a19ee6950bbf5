/* The forms in which names are compared. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>
#include <utf8proc.h>

#include "base/arena.h"
#include "seal/name.h"

static struct arena *a;

static void begin(void)
{
	a = arena_new();
}

static void end(void)
{
	arena_free(a);
}

TestSuite(name, .init = begin, .fini = end);

static bool equal(enum name_form form, const char *one, const char *other)
{
	return strcmp(name_form(a, form, one), name_form(a, form, other)) == 0;
}

Test(name, exact_form_is_blind_to_case_and_what_cannot_be_seen)
{
	static const char *const pairs[][2] = {
		{ "Ödön Varga", "ÖDÖN VARGA" }, { "Ödön Varga", "O\u0308do\u0308n Varga" },
		{ "Straße", "STRASSE" }, { "ΣΟΦΙΑ ΠΑΠΑΣ", "σοφια παπας" }, { "ＡＮＮ", "ann" },
		{ "A\u200bnn\u00ad Ex\u2060ample\ufeff", "Ann Example" }, { "Ann\u00a0Example", "ANN  example" },
		{ "O'Brien", "O’Brien" }, { "O´Brien", "oʼbrien" }, { "Анна", "АННА" }, { "e\u034fva", "Eva" },
	};

	for (size_t i = 0; i < sizeof(pairs) / sizeof(*pairs); i++) {
		cr_expect(equal(NAME_EXACT, pairs[i][0], pairs[i][1]), "%s", pairs[i][0]);
		cr_expect(equal(NAME_POSSIBLE, pairs[i][0], pairs[i][1]), "%s", pairs[i][0]);
	}
	cr_expect(!equal(NAME_EXACT, "Renée", "Renee"), "diacritics count");
	cr_expect(!equal(NAME_EXACT, "Alice Brown", "Brown Alice"), "and so does the order");
}

Test(name, possible_form_is_blind_to_diacritics_and_order)
{
	static const char *const pairs[][2] = {
		{ "Renée Favé", "Renee Fave" }, { "Alice Brown", "BROWN, Alice" }, { "Jørgen Łuć", "Luc Jorgen" },
		{ "Smith-Jones, Ann", "ann smith jones" }, { "Weiß", "Weiss" }, { "Þóra Æsa", "THORA AESA" },
		{ "Işık Yılmaz", "ISIK YILMAZ" }, { "Nguyễn Thị Đào", "dao thi nguyen" }, { "مُحَمَّد", "محمد" },
		{ "علی", "علي" }, { "O'Brien, Anne", "anne o’brien" },
	};

	for (size_t i = 0; i < sizeof(pairs) / sizeof(*pairs); i++)
		cr_expect(equal(NAME_POSSIBLE, pairs[i][0], pairs[i][1]), "%s: %s, %s", pairs[i][0],
			  name_form(a, NAME_POSSIBLE, pairs[i][0]), name_form(a, NAME_POSSIBLE, pairs[i][1]));
	cr_expect(!equal(NAME_POSSIBLE, "Alice Brown", "Alice Browne"));
	cr_expect(!equal(NAME_POSSIBLE, "राम", "रीमा"), "vowels of other scripts are no diacritics");
	cr_expect(!equal(NAME_POSSIBLE, "かな", "がな"));
}

static const char *point(int32_t c)
{
	static char bytes[5];

	bytes[utf8proc_encode_char(c, (utf8proc_uint8_t *)bytes)] = '\0';
	return bytes;
}

/* Each character of Unicode, alone and between others. */
Test(name, form_of_a_form_is_itself)
{
	for (int32_t c = 1; c < 0x110000; c += c < 0x3400 ? 1 : 7) {
		char name[32];

		if (c >= 0xd800 && c < 0xe000)
			continue;
		snprintf(name, sizeof(name), "E%s\u0301 b%s", point(c), point(c));
		for (int form = NAME_EXACT; form <= NAME_POSSIBLE; form++) {
			const char *once = name_form(a, form, name);

			cr_assert_str_eq(name_form(a, form, once), once, "U+%04X in form %d", (unsigned)c, form);
		}
		arena_reset(a);
	}
}

static char *mapped(const char *name, utf8proc_option_t how)
{
	utf8proc_uint8_t *out = NULL;
	char *copy;

	utf8proc_map((const utf8proc_uint8_t *)name, 0, &out, UTF8PROC_NULLTERM | UTF8PROC_STABLE | how);
	copy = arena_strdup(a, (const char *)out);
	free(out);
	return copy;
}

Test(name, forms_do_not_change_with_the_way_of_writing)
{
	static const char *const names[] = {
		"Ödön Varga", "Renée-Claire Favé", "Đặng Thị Hồng", "Siân Ŵyn", "Łucja Źdźbło", "Ólafur Þórðarson", "İpek Şahin",
		"Εὐδοκία", "Чайковская Ёлка", "김민지", "がぎぐ", "नीलम शर्मा",
	};

	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++) {
		for (int form = NAME_EXACT; form <= NAME_POSSIBLE; form++) {
			const char *right = name_form(a, form, names[i]);
			char *hidden = arena_printf(a, "\u200e%s\u200d \u200b", names[i]);

			cr_expect_str_eq(name_form(a, form, mapped(names[i], UTF8PROC_DECOMPOSE)), right, "%s", names[i]);
			cr_expect_str_eq(name_form(a, form, mapped(names[i], UTF8PROC_COMPOSE)), right, "%s", names[i]);
			cr_expect_str_eq(name_form(a, form, mapped(names[i], UTF8PROC_COMPOSE | UTF8PROC_CASEFOLD)), right, "%s", names[i]);
			cr_expect_str_eq(name_form(a, form, hidden), right, "%s", names[i]);
		}
	}
}

Test(name, placeholders_tell_of_nobody)
{
	static const char *const nobody[] = {
		"", " ", "-", "?", "???", "x", "Xx", "n/a", "N.A.", "none", "Anon", "anonymous", "TBC", "t.b.c.", "unknown", "UNKNOWN UNKNOWN",
		"Not known", "not given", "baby", "Baby Boy", "BABY GIRL", "baby-girl", "Baby B", "Twin 1", "Child 2", "mother", "Unborn child",
		"Mr Unknown", "Miss X", "n/k", "to be confirmed", "no name", "not yet named", "\u200b", "ｂａｂｙ", "12",
	};
	static const char *const somebody[] = {
		"Baby Thomas", "Alice Brown", "A B", "李", "Li Na", "Son Na", "Cher", "Nil Yılmaz", "An", "Mo", "Max X",
	};

	for (size_t i = 0; i < sizeof(nobody) / sizeof(*nobody); i++)
		cr_expect(!name_identifies(nobody[i]), "%s", nobody[i]);
	for (size_t i = 0; i < sizeof(somebody) / sizeof(*somebody); i++)
		cr_expect(name_identifies(somebody[i]), "%s", somebody[i]);
	cr_expect(name_written("?") && name_written("x") && !name_written("---") && !name_written("\u2060 "));
	cr_expect(name_same("Marta Quill", "MARTA  QUILL"));
	cr_expect(name_same("Marta Quill", "QUILL, Marta"));
	cr_expect(name_same("Renée Favé", "Renee Fave"));
	cr_expect(!name_same("Marta Quill", "Marta Quills"));
	cr_expect(!name_same("Baby Boy", "Baby Boy"), "two newborns are two people");
}
