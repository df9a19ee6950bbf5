/* Cuts a text into words and says of each what it may be. */
#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "address_text.h"
#include "base/plain.h"

static const struct {
	unsigned classes;
	const char *words;	/* each between blanks */
} lists[] = {
#define WORDS(name, list) { name, list },
#include "address_words.def"
};

static bool word_char(char c)
{
	return isalnum((unsigned char)c) || c == PLAIN_LETTER;
}

static bool breaks_behind(const struct word *before, char c)
{
	/* a stop behind a short word shortens it: "St. James", "No. 14" */
	if (c == '.')
		return !before || strlen(before->text) > 3 || isdigit((unsigned char)*before->text);
	return strchr(";!?():\n", c);
}

/* What stands before the next word. */
static const char *read_gap(const char *s, const struct word *before, struct word *w)
{
	const char *from = s;

	for (; *s && !word_char(*s); s++) {
		if (*s == ' ')
			continue;
		if (!w->first)
			w->first = *s;
		w->last = *s;
	}
	w->tight = s == from + 1 && *from != ' ';
	for (; from < s; from++)
		w->breaks = w->breaks || (!w->tight && breaks_behind(before, *from));
	w->breaks = w->breaks || !*s;
	return s;
}

/* An apostrophe inside a word is no end of it. */
static const char *read_word(const char *s, struct word *w)
{
	size_t n = 0;

	w->capital = isupper((unsigned char)*s);
	w->small = w->loud = true;
	for (; word_char(*s) || (*s == '\'' && isalpha((unsigned char)s[1])); s++) {
		w->small = w->small && !isupper((unsigned char)*s);
		w->loud = w->loud && !islower((unsigned char)*s);
		if (*s != '\'' && n < ADDRESS_WORD - 1)
			w->text[n++] = (char)toupper((unsigned char)*s);
	}
	return s;
}

static unsigned listed_classes(const char *text)
{
	char between[ADDRESS_WORD + 2];
	unsigned classes = 0;

	snprintf(between, sizeof(between), " %s ", text);
	for (size_t i = 0; i < sizeof(lists) / sizeof(*lists); i++)
		if (strstr(lists[i].words, between))
			classes |= lists[i].classes;
	return classes;
}

/* "12", "12A"; of a year it says false. */
static bool house_form(const char *s)
{
	size_t digits = strspn(s, "0123456789");
	bool letter = s[digits] >= 'A' && s[digits] <= 'F' && s[digits + 1] == '\0';
	bool year = digits == 4 && (strncmp(s, "19", 2) == 0 || strncmp(s, "20", 2) == 0);

	return digits >= 1 && digits <= 4 && *s != '0' && (s[digits] == '\0' || letter) && !year;
}

static bool plural(const struct word *w)
{
	size_t n = strlen(w->text);

	return n >= 4 && w->text[n - 1] == 'S' && w->text[n - 2] != 'S';
}

/* What a word is by itself. */
static unsigned own_classes(const struct word *w)
{
	size_t n = strlen(w->text);
	unsigned classes = listed_classes(w->text);
	bool letters = strspn(w->text, "0123456789") == 0;

	if (house_form(w->text))
		classes |= NUMBER;
	if (letters && n > 0 && !(classes & GRAMMAR))
		classes |= NAME;
	if (w->capital && n >= 3 && letters && !(classes & (GRAMMAR | TAKEN | COUNTED | WHEN | THE)))
		classes |= TITLE;
	if (w->capital && classes & BUILT)
		classes |= BUILT_NAME;
	if (plural(w) && !(classes & STREET))
		classes |= PLURAL;
	return classes;
}

static bool one_of(char c, const char *chars)
{
	return c && strchr(chars, c);
}

static bool counted(const struct word *w)
{
	return !w->breaks && (w->classes & (COUNTED | WHEN) || (w->classes & PLURAL && w->small));
}

/* A count, a date, a time, an amount or a part of a longer number. */
static bool counts(const struct word *before, const struct word *w, const struct word *after)
{
	if (one_of(w->last, "$#") || (w->tight && one_of(w->last, "/:.")))
		return true;
	if (after->first == '%' || (after->tight && one_of(after->first, "/:.")))
		return true;
	if (before && !w->breaks && before->classes & (WHEN | TRANSPORT))
		return true;
	return counted(after);
}

static void judge_number(const struct word *before, struct word *w, const struct word *after)
{
	unsigned by = before && !w->breaks ? before->classes : 0;

	if (!(w->classes & NUMBER) || counts(before, w, after))
		return;
	w->classes |= HOUSE_NUMBER;
	if (by & NUMBERED)
		return;
	w->classes |= FREE;
	if (!(by & QUANTITY))
		w->classes |= BARE;
}

/* "14 Somali women" counts; "County Court" is no street. */
static void judge_name(const struct word *before, struct word *w, const struct word *after)
{
	bool acronym = w->loud && strlen(w->text) < 6;

	if (counted(after))
		w->classes &= ~(unsigned)TITLE;
	if (acronym && after->classes & NAME && !w->breaks && after->small)
		w->classes &= ~(unsigned)TITLE;
	if (before && !w->breaks && before->classes & LEGAL && strncmp(w->text, "COURT", 5) == 0)
		w->classes &= ~(unsigned)(BUILT | BUILT_NAME);
}

struct word *address_words(struct arena *a, const char *plain, size_t *n)
{
	struct word *words = arena_array_of(a, strlen(plain) / 2 + 2, struct word);

	for (*n = 0;; ++*n) {
		struct word *w = &words[*n];

		plain = read_gap(plain, *n ? w - 1 : NULL, w);
		if (!*plain)
			break;
		plain = read_word(plain, w);
		w->classes = own_classes(w);
	}
	for (size_t i = 0; i < *n; i++) {
		judge_number(i ? &words[i - 1] : NULL, &words[i], &words[i + 1]);
		judge_name(i ? &words[i - 1] : NULL, &words[i], &words[i + 1]);
	}
	return words;
}
