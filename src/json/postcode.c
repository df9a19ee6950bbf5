/* Postcodes, by Royal Mail's forms. */
#include "json/address.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "kinds.h"

enum { INWARD = 3, POSTCODE_MIN = 5, POSTCODE_MAX = 7 };

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

bool postcode_area(const char *s)
{
	static const char areas[] =
		" AB AL B BA BB BD BF BH BL BN BR BS BT BX CA CB CF CH CM CO CR CT CV CW DA DD DE DG DH DL DN DT DY E EC EH EN EX"
		" FK FY G GL GU GY HA HD HG HP HR HS HU HX IG IM IP IV JE KA KT KW KY L LA LD LE LL LN LS LU M ME MK ML N NE NG"
		" NN NP NR NW OL OX PA PE PH PL PO PR RG RH RM S SA SE SG SK SL SM SN SO SP SR SS ST SW SY TA TD TF TN TQ TR TS"
		" TW UB W WA WC WD WF WN WR WS WV YO ZE ";
	char area[5] = " ";
	size_t n = 0;

	for (; n < 2 && s[n] >= 'A' && s[n] <= 'Z'; n++)
		area[n + 1] = s[n];
	area[n + 1] = ' ';
	return n > 0 && strstr(areas, area);
}
