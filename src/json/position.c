/* Places written as numbers or codes: coordinates, grid references, plus codes, what3words, maps. */
#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "address_text.h"
#include "base/plain.h"

/* A number that begins here. */
struct number {
	long whole;		/* without its sign */
	bool minus;
	size_t digits, decimals;
	const char *end;
};

static bool begins_word(const char *text, const char *s)
{
	return s == text || !(isalnum((unsigned char)s[-1]) || s[-1] == PLAIN_LETTER);
}

static bool read_number(const char *s, struct number *n)
{
	*n = (struct number){ .minus = *s == '-' };
	s += *s == '-' || *s == '+';
	n->digits = strspn(s, "0123456789");
	if (n->digits == 0 || n->digits > 6)
		return false;
	n->whole = strtol(s, NULL, 10);
	s += n->digits;
	if (*s == '.') {
		n->decimals = strspn(s + 1, "0123456789");
		s += n->decimals ? n->decimals + 1 : 0;
	}
	n->end = s;
	return true;
}

static const char *skip(const char *s, const char *chars)
{
	return s + strspn(s, chars);
}

static bool north_south(const char *s)
{
	return *s && strchr("NSns", *s) && !isalpha((unsigned char)s[1]);
}

/* What stands between two coordinates, and whether it names a direction. */
static const char *between(const char *s, bool *direction)
{
	static const char *const names[] = { "latitude", "longitude", "latitud", "lat", "long", "lng", "lon", "and", NULL };
	const char *from;

	do {
		from = s;
		s = skip(s, " ,;/:=()\n\1");
		for (const char *const *name = names; *name; name++)
			if (strncasecmp(s, *name, strlen(*name)) == 0)
				s += strlen(*name);
		if (*s && strchr("NSEWnsew", *s) && !isalpha((unsigned char)s[1])) {
			*direction = true;
			s++;
		}
	} while (s != from);
	return s;
}

/* "54.5742, -1.2350"; with two decimals only where the kingdom lies. */
static bool decimal_pair(const char *s)
{
	struct number lat, lon;
	bool direction = north_south(s), kingdom;

	if (!read_number(direction ? skip(s + 1, " ") : s, &lat) || lat.decimals < 2 || lat.whole > 90)
		return false;
	if (!read_number(between(lat.end, &direction), &lon) || lon.decimals < 2 || lon.whole > 180)
		return false;
	kingdom = lat.whole >= 49 && lat.whole <= 61 && lon.whole <= 9 && (lon.minus || direction);
	return kingdom || (lat.decimals >= 3 && lon.decimals >= 3);
}

/* 54°34'27"N, 54° 34.452' N, 54.5742° N */
static bool with_degrees(const char *s)
{
	struct number degrees, minutes;
	const char *sign;

	if (!read_number(s, &degrees))
		return false;
	sign = skip(degrees.end, " ");
	if (*sign != PLAIN_DEGREE && strncasecmp(sign, "deg", 3) != 0 && (*sign != 'd' || !isdigit((unsigned char)sign[1])))
		return false;
	sign = *sign == PLAIN_DEGREE ? sign + 1 : sign + strspn(sign, "degresDEGRES");
	sign = skip(sign, " ");
	if (north_south(sign) || (*sign && strchr("EWew", *sign) && !isalpha((unsigned char)sign[1])))
		return true;
	return read_number(sign, &minutes) && minutes.whole < 60 && strchr("'\"mM", *skip(minutes.end, " ")) &&
	       *skip(minutes.end, " ");
}

/* 54 34 27 N, N54 34.452 */
static bool with_direction(const char *s)
{
	struct number degrees, minutes, seconds;
	bool before = *s && strchr("NSns", *s) && s[1] != '\0';

	if (!read_number(before ? skip(s + 1, " ") : s, &degrees) || degrees.whole > 90 || degrees.digits > 2 ||
	    !read_number(skip(degrees.end, " -:"), &minutes) || minutes.whole >= 60 || minutes.digits > 2 ||
	    minutes.end == degrees.end)
		return false;
	if (before)
		return minutes.decimals >= 2 || (read_number(skip(minutes.end, " -:"), &seconds) && seconds.whole < 60);
	if (minutes.decimals >= 2 && north_south(skip(minutes.end, " ")))
		return true;
	return read_number(skip(minutes.end, " -:"), &seconds) && seconds.whole < 60 && seconds.digits <= 2 &&
	       north_south(skip(seconds.end, " "));
}

/* NZ 4956 2034; without blanks six figures may be a case's, eight are no accident. */
static bool grid_reference(const char *s)
{
	static const char squares[] = "HP HT HU HW HX HY HZ NA NB NC ND NF NG NH NJ NK NL NM NN NO NR NS NT NU NW NX NY NZ OV"
				      " SC SD SE SH SJ SK SM SN SO SP SR SS ST SU SV SW SX SY SZ TA TF TG TL TM TQ TR TV";
	char square[3] = { (char)toupper((unsigned char)s[0]), s[0] ? (char)toupper((unsigned char)s[1]) : '\0' };
	size_t east, north;

	if (!isalpha((unsigned char)square[0]) || !isalpha((unsigned char)square[1]) || !strstr(squares, square))
		return false;
	s = skip(s + 2, " ");
	east = strspn(s, "0123456789");
	if ((east == 8 || east == 10) && !isalnum((unsigned char)s[east]))
		return true;
	s += east;
	north = strspn(skip(s, " "), "0123456789");
	return *s == ' ' && east >= 3 && east <= 5 && north == east && !isalnum((unsigned char)skip(s, " ")[north]);
}

/* HQF8+XR, 9C6WHQF8+XR */
static bool plus_code(const char *s)
{
	static const char alphabet[] = "23456789CFGHJMPQRVWXcfghjmpqrvwx";
	size_t before = strspn(s, alphabet), after;

	if (before < 4 || before > 8 || s[before] != '+' || strspn(s, "23456789") == before)
		return false;
	after = strspn(s + before + 1, alphabet);
	return after >= 2 && after <= 7;
}

static size_t letters(const char *s)
{
	size_t n = 0;

	while (isalpha((unsigned char)s[n]) || s[n] == PLAIN_LETTER)
		n++;
	return n;
}

static bool ends_host(const char *s, size_t n)
{
	static const char ends[] = " uk com org net gov info eu co police nhs html pdf docx jpg png ";
	char end[8] = " ";

	if (n > 6)
		return false;
	for (size_t i = 0; i < n; i++)
		end[i + 1] = (char)tolower((unsigned char)s[i]);
	end[n + 1] = ' ';
	return strstr(ends, end);
}

/* filled.count.soap, but no host and no part of an address for mail */
static bool three_words(const char *text, const char *s)
{
	size_t n[3];
	const char *word = s;

	if (s > text && strchr("@.", s[-1]))
		return false;
	for (int i = 0; i < 3; i++) {
		n[i] = letters(word);
		if (n[i] < 3 || (i < 2 && word[n[i]] != '.'))
			return false;
		word += i < 2 ? n[i] + 1 : 0;
	}
	if (ends_host(word, n[2]) || strncasecmp(s, "www", 3) == 0)
		return false;
	word += n[2];
	return *word != '@' && !(*word == '.' && isalnum((unsigned char)word[1]));
}

static bool slashes(const char *s)
{
	return strncmp(s, "///", 3) == 0 && letters(skip(s, "/ ")) > 0;
}

static bool map_link(const char *s)
{
	static const char *const links[] = { "maps.google", "maps.app.goo", "goo.gl/maps", "google.com/maps", "google.co.uk/maps",
					     "maps.apple", "w3w.co/", "what3words.com/", "openstreetmap.org", "geo:", NULL };

	for (const char *const *link = links; *link; link++)
		if (strncasecmp(s, *link, strlen(*link)) == 0)
			return true;
	return false;
}

static bool position_at(const char *text, const char *s)
{
	return decimal_pair(s) || with_degrees(s) || with_direction(s) || grid_reference(s) || plus_code(s) ||
	       three_words(text, s) || map_link(s);
}

bool holds_position(const char *plain)
{
	for (const char *s = plain; *s; s++) {
		if (slashes(s))
			return true;
		if (begins_word(plain, s) && position_at(plain, s))
			return true;
	}
	return false;
}
