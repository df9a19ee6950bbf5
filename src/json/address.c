/* Whether a free text gives a place away: rows of words that an address is made of. */
#include "json/address.h"

#include <ctype.h>
#include <string.h>

#include "address_text.h"
#include "base/plain.h"
#include "kinds.h"

enum { SLOTS = 5, JOINED = 7 };

/* One word, or least to most of them: of one of the classes `any` and of none of `none`. */
struct slot {
	unsigned any, none;
	size_t least, most;	/* most 0: exactly one */
	bool close;		/* only a blank stands before it */
	bool stop;		/* no word: here the phrase ends */
};

#define STOP { .stop = true }

static const struct pattern {
	const char *like;
	struct slot slots[SLOTS];
} patterns[] = {
	{ "12 Acacia Road", { { HOUSE_NUMBER }, { NAME, 0, 0, 3 }, { STREET } } },
	{ "4 Rowan Close, 9 The Green", { { FREE }, { NAME | THE, ADJECTIVE, 1, 3 }, { BUILT_NAME } } },
	{ "12 acacia close", { { FREE }, { NAME | THE, ADJECTIVE | COUNTED | PLURAL, 1, 2 }, { BUILT, GENERIC }, STOP } },
	{ "14 Broadway", { { FREE }, { ONE_WORD } } },
	{ "9 Oakdene", { { BARE }, { TITLE, PLURAL, .close = true } } },
	{ "3 The Laurels", { { FREE }, { THE }, { TITLE } } },
	{ "number 14, the willows", { { FREE }, { THE }, { NAME, ADJECTIVE | COUNTED | WHEN }, STOP } },
	{ "fourteen Broadway", { { SPELT | ONE }, { ONE_WORD } } },
	{ "two Church Road", { { SPELT }, { NAME, COUNTED | PLURAL, 1, 2 }, { STREET }, STOP } },
	{ "Flat 3 Laurels", { { FLAT }, { NUMBER | SPELT | ONE }, { TITLE }, STOP } },
	{ "Flat 3 The Laurels", { { FLAT }, { NUMBER | SPELT | ONE }, { THE }, { TITLE } } },
	{ "flat 3 the laurels", { { FLAT }, { NUMBER | SPELT | ONE }, { THE }, { NAME }, STOP } },
	{ "flat 2 rose court", { { FLAT }, { NUMBER | SPELT | ONE }, { NAME | THE, 0, 0, 2 }, { STREET | BUILT }, STOP } },
	{ "Acacia Road 12", { { NAME, LEGAL }, { STREET }, { NUMBER_WORD, 0, 0, 1 }, { HOUSE_NUMBER }, STOP } },
	{ "Rowan Court 12", { { TITLE, LEGAL }, { BUILT_NAME }, { NUMBER_WORD, 0, 0, 1 }, { HOUSE_NUMBER }, STOP } },
	{ "lives at number 14", { { HOME }, { AT | NUMBER_WORD, 0, 1, 2 }, { FREE } } },
};

static bool fits(const struct slot *slot, const struct word *w, bool first)
{
	if (!(w->classes & slot->any) || w->classes & slot->none)
		return false;
	return first || (!w->breaks && !(slot->close && w->first));
}

static bool matches(const struct slot *slot, const struct slot *end, const struct word *w, bool first)
{
	size_t most = slot->most ? slot->most : 1, n = 0;

	if (slot == end || (!slot->any && !slot->stop))
		return true;
	if (slot->stop)
		return w->breaks || w->first == ',' || w->capital;
	for (n = 0; n < (slot->most ? slot->least : 1); n++)
		if (!fits(slot, &w[n], first && n == 0))
			return false;
	for (; !matches(slot + 1, end, &w[n], false); n++)
		if (n == most || !fits(slot, &w[n], first && n == 0))
			return false;
	return true;
}

static bool holds_house(const struct word *words, size_t n)
{
	for (const struct word *w = words; w < words + n; w++)
		for (size_t i = 0; i < sizeof(patterns) / sizeof(*patterns); i++)
			if (matches(patterns[i].slots, patterns[i].slots + SLOTS, w, true))
				return true;
	return false;
}

/* Adds a word to letters and digits that may be a postcode written apart; false where it cannot be. */
static bool join(char joined[JOINED + 1], const struct word *w)
{
	size_t have = strlen(joined), n = strlen(w->text);

	if (have + n > JOINED || strchr(w->text, PLAIN_LETTER))
		return false;
	memcpy(joined + have, w->text, n + 1);
	return true;
}

/* Letters that stand for the digits they look like: "TSI 3BA", "TS1O 1AA". */
static void mend_digits(char *s, size_t n)
{
	size_t digit = isalpha((unsigned char)s[1]) && s[1] != 'O' && s[1] != 'I' ? 2 : 1;

	for (size_t i = digit; i < n; i++) {
		if (i != digit && i != n - 3)
			continue;
		s[i] = s[i] == 'O' ? '0' : s[i] == 'I' || s[i] == 'L' ? '1' : s[i];
	}
}

static bool mistyped_postcode(const char *joined)
{
	char s[JOINED + 1];
	size_t n = strlen(joined);
	struct postcode code;

	if (n < 5 || !strpbrk(joined, "0123456789"))
		return false;
	memcpy(s, joined, n + 1);
	mend_digits(s, n);
	return postcode_area(s) && postcode_parse(s, &code);
}

/* "TS13BA", "TS1 3BA", "T S 1 3 B A". Many short words may look like a postcode by chance, so then its
 * area has to be one. */
static bool postcode_at(const struct word *w, const struct word *end)
{
	char joined[JOINED + 1] = "";
	struct postcode code;

	for (size_t words = 1; w < end && join(joined, w); w++, words++)
		if ((postcode_parse(joined, &code) && (words <= 2 || postcode_area(joined))) ||
		    (words <= 2 && mistyped_postcode(joined)))
			return true;
	return false;
}

static bool holds_postcode(const struct word *words, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (postcode_at(&words[i], words + n))
			return true;
	return false;
}

/* "TS1": with one letter ("B1", "M4") it may as well be a room or a road. */
static bool holds_district(const struct word *words, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		const char *s = words[i].text;

		if (isalpha((unsigned char)s[0]) && isalpha((unsigned char)s[1]) && outward_sound(s))
			return true;
	}
	return false;
}

static bool holds(const char *s, bool districts)
{
	struct arena *a;
	char *plain;
	struct word *words;
	size_t n;
	bool found;

	if (!s)
		return false;
	a = arena_new();
	arena_secret(a);
	plain = plain_text(a, s);
	words = address_words(a, plain, &n);
	found = holds_postcode(words, n) || holds_house(words, n) || holds_position(plain) ||
		(districts && holds_district(words, n));
	arena_free(a);
	return found;
}

bool holds_address(const char *s)
{
	return holds(s, false);
}

bool holds_place(const char *s)
{
	return holds(s, true);
}
