#include "phone.h"

#include <ctype.h>
#include <string.h>

#include "base/plain.h"

enum { TYPED = 64 };

/* What a national number may begin with, and its digits (Ofcom, the national telephone numbering
 * plan). The first row that fits counts. */
static const struct {
	const char *begins;
	size_t least, most;	/* 0: no such numbers */
} plan[] = {
	{ "00", 0, 0 }, { "01", 10, 11 }, { "02", 10, 11 }, { "03", 10, 11 }, { "04", 0, 0 },
	{ "05", 10, 11 }, { "06", 0, 0 }, { "07", 11, 11 }, { "08", 10, 11 },
	{ "09", 11, 11 },
};

static bool starts(const char *s, const char *with)
{
	return strncmp(s, with, strlen(with)) == 0;
}

/* What was typed without what only separates, in small letters; false where there is too much of it.
 * The zero in "+44 (0)1642" is not dialled. */
static bool squeeze(const char *s, char out[TYPED])
{
	size_t n = 0;
	char c;

	while ((c = plain_next(&s))) {
		if (n && c == '(' && *out == '+' && starts(s, "0)"))
			s += 2;
		if (strchr(" -.,()/;:=", c))
			continue;
		if (n == TYPED - 1)
			return false;
		out[n++] = (char)tolower((unsigned char)c);
		out[n] = '\0';
	}
	out[n] = '\0';
	return true;
}

static const char *skip(const char *s, const char *const *words)
{
	for (; *words; words++)
		if (starts(s, *words))
			return s + strlen(*words);
	return s;
}

/* Takes an extension off the end of the number. */
static const char *take_extension(char *s, char extension[PHONE_EXTENSION + 1])
{
	static const char *const words[] = { "extension", "extn", "ext", "xtn", "x", "#", NULL };
	char *word = s + strspn(s, "+0123456789");
	const char *digits = skip(word, words);
	size_t n = strlen(digits);

	if (!*word)
		return NULL;
	if (digits == word)
		return "bad_phone";
	if (n == 0 || n > PHONE_EXTENSION || strspn(digits, "0123456789") != n)
		return "bad_extension";
	memcpy(extension, digits, n + 1);
	*word = '\0';
	return NULL;
}

static const char *judge_length(size_t n, size_t least, size_t most)
{
	if (n < least)
		return n + 1 == least ? "digit_missing" : "digits_missing";
	if (n > most)
		return n == most + 1 ? "digit_over" : "digits_over";
	return NULL;
}

/* digits: with the 0 in front. */
static const char *judge_national(const char *digits)
{
	if (strcmp(digits, "08001111") == 0)	/* Childline: the one shorter number */
		return NULL;
	for (size_t i = 0; i < sizeof(plan) / sizeof(*plan); i++) {
		if (!starts(digits, plan[i].begins))
			continue;
		if (!plan[i].most)
			return "bad_start";
		return judge_length(strlen(digits), plan[i].least, plan[i].most);
	}
	return "bad_phone";
}

/* "00" is dialled for the plus. */
static bool international(const char *s, const char **digits)
{
	*digits = *s == '+' ? s + 1 : s + 2;
	return *s == '+' || starts(s, "00");
}

/* normal: the number as it is kept. */
static const char *judge_number(const char *s, char normal[TYPED + 3])
{
	char national[TYPED] = "0";
	const char *digits = s;

	if (!international(s, &digits)) {
		memcpy(normal, s, strlen(s) + 1);
		return *s == '0' ? judge_national(s) : "bad_phone";
	}
	*normal = '+';
	memcpy(normal + 1, digits, strlen(digits) + 1);
	if (!starts(digits, "44"))
		return *digits == '0' ? "bad_start" : judge_length(strlen(digits), 8, PHONE_DIGITS);
	digits += 2;
	digits += strspn(digits, "0");
	memcpy(normal + 3, digits, strlen(digits) + 1);
	memcpy(national + 1, digits, strlen(digits) + 1);
	return judge_national(national);
}

const char *phone_parse(const char *s, struct phone *out)
{
	static const char *const marks[] = { "telephone", "tel", "phone", "mobile", "mob", NULL };
	static const char *const relay[] = { "18001", "18002", NULL };
	char typed[TYPED] = "", normal[TYPED + 3];
	const char *number, *fault;

	*out = (struct phone){ .text_relay = false };
	if (!squeeze(s, typed))
		return "digits_over";
	number = skip(typed, marks);
	out->text_relay = skip(number, relay) != number;
	number = skip(number, relay);
	fault = take_extension(typed + (number - typed), out->extension);
	if (fault)
		return fault;
	if (!*number || strchr(number + 1, '+'))
		return "bad_phone";
	fault = judge_number(number, normal);
	if (!fault)
		memcpy(out->number, normal, strlen(normal) + 1);
	return fault;
}
