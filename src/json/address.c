#include "json/address.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "kinds.h"

enum { INWARD = 3, POSTCODE_MIN = 5, POSTCODE_MAX = 7, STREET_WITHIN = 4, WORD = 16 };

/* Upper-cased letters and digits of s without blanks; 0 where there is anything else. */
static size_t squeeze(const char *s, char out[POSTCODE_MAX + 1])
{
	size_t n = 0;

	for (; *s; s++) {
		if (*s == ' ')
			continue;
		if (!isalnum((unsigned char)*s) || n == POSTCODE_MAX)
			return 0;
		out[n++] = (char)toupper((unsigned char)*s);
	}
	out[n] = '\0';
	return n;
}

/* A digit and two letters; the letters C I K M O V are never used. */
static bool inward_valid(const char *s)
{
	return strlen(s) == INWARD && isdigit((unsigned char)s[0]) &&
	       strspn(s + 1, "ABDEFGHJLNPQRSTUWXYZ") == 2;
}

bool postcode_parse(const char *s, struct postcode *out)
{
	char all[POSTCODE_MAX + 1];
	size_t n = squeeze(s, all);
	const char *inward;

	if (n < POSTCODE_MIN)
		return false;
	inward = &all[n - INWARD];
	snprintf(out->outward, sizeof(out->outward), "%.*s", (int)(n - INWARD), all);
	snprintf(out->sector, sizeof(out->sector), "%s %c", out->outward, inward[0]);
	snprintf(out->full, sizeof(out->full), "%s %s", out->outward, inward);
	return outward_sound(out->outward) && inward_valid(inward);
}

/* The letter or digit at s, also where it was written full-width (U+FF10 to U+FF5A), or 0; *len is
 * how many bytes it takes. */
static char letter_at(const char *s, size_t *len)
{
	const unsigned char *u = (const unsigned char *)s;
	int c = u[0];

	*len = 1;
	if (u[0] == 0xef && (u[1] == 0xbc || u[1] == 0xbd) && u[2]) {
		*len = 3;
		c = (u[1] - 0xbc) * 0x40 + (u[2] - 0x80) + 0x20;
	}
	return c < 0x80 && isalnum(c) ? (char)c : '\0';
}

/* The next run of letters and digits, upper-cased and cut to WORD - 1, and whether it was written
 * with a capital; false at the end. */
static bool next_word(const char **s, char word[WORD], bool *capital)
{
	size_t n = 0, len;
	char c;

	while (**s && !letter_at(*s, &len))
		*s += len;
	*capital = isupper((unsigned char)letter_at(*s, &len));
	for (; (c = letter_at(*s, &len)); *s += len)
		if (n < WORD - 1)
			word[n++] = (char)toupper((unsigned char)c);
	word[n] = '\0';
	return n > 0;
}

/* "12", "12A" */
static bool house_number(const char *word)
{
	size_t digits = strspn(word, "0123456789");
	const char *rest = word + digits;

	return digits >= 1 && digits <= 4 &&
	       (*rest == '\0' || (isalpha((unsigned char)*rest) && rest[1] == '\0'));
}

static bool listed(const char *const *words, const char *word)
{
	for (; *words; words++)
		if (strcmp(*words, word) == 0)
			return true;
	return false;
}

/* Some words mean a street only where they are written as a name: "14 flats close to a school". */
static bool street_word(const char *word, bool capital)
{
	static const char *const always[] = {
		"ROAD", "RD", "STREET", "AVENUE", "AVE", "LANE", "DRIVE", "CRESCENT", "TERRACE",
		"GROVE", "MEWS", NULL,
	};
	static const char *const as_name[] = {
		"BANK", "CLOSE", "COURT", "GARDENS", "GREEN", "HILL", "PARK", "PLACE", "RISE",
		"ROW", "SQUARE", "ST", "VIEW", "WALK", "WAY", NULL,
	};

	return listed(always, word) || (capital && listed(as_name, word));
}

/* "TS1": with one letter ("B1", "M4") it may as well be a room or a road. */
static bool district_word(const char *word)
{
	return isalpha((unsigned char)word[0]) && isalpha((unsigned char)word[1]) &&
	       outward_sound(word);
}

/* The words read before this one. */
struct before {
	char last[WORD], last_but_one[WORD];
	bool street;		/* the last was a street word */
	int since_number;	/* words since a house number */
};

/* "TS13BA", "TS1 3BA", "TS1 3 BA" */
static bool postcode_word(const struct before *b, const char *word)
{
	struct postcode code;
	char inward[2 * WORD];

	snprintf(inward, sizeof(inward), "%s%s", b->last, word);
	return postcode_parse(word, &code) || (outward_sound(b->last) && inward_valid(word)) ||
	       (outward_sound(b->last_but_one) && strlen(b->last) == 1 && inward_valid(inward));
}

/* "12 Acacia Road", "Acacia Road 12" */
static bool house_in_street(struct before *b, const char *word, bool capital)
{
	bool after = b->street && house_number(word);

	b->street = street_word(word, capital);
	if (after || (++b->since_number < STREET_WITHIN && b->street))
		return true;
	if (house_number(word))
		b->since_number = 0;
	return false;
}

static bool holds(const char *s, bool districts)
{
	struct before before = { .since_number = STREET_WITHIN };
	char word[WORD];
	bool capital;

	while (s && next_word(&s, word, &capital)) {
		if (postcode_word(&before, word) || (districts && district_word(word)) ||
		    house_in_street(&before, word, capital))
			return true;
		memcpy(before.last_but_one, before.last, sizeof(before.last));
		memcpy(before.last, word, sizeof(before.last));
	}
	return false;
}

bool holds_address(const char *s)
{
	return holds(s, false);
}

bool holds_place(const char *s)
{
	return holds(s, true);
}
