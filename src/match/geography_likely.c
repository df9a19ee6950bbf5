/* What somebody probably meant who wrote a code that is no district: the slips in the order in which
 * people make them. */
#include <string.h>

#include "geography_impl.h"

static const char *known(const struct geography *g, const char *outward)
{
	return geography_outward(g, geography_district(g, outward));
}

static void swap(char *a, char *b)
{
	char kept = *a;

	*a = *b;
	*b = kept;
}

/* TS81 for TS18. */
static const char *two_changed(const struct geography *g, char *s)
{
	const char *found = NULL;

	for (size_t i = 0; s[0] && s[i + 1] && !found; i++) {
		swap(&s[i], &s[i + 1]);
		found = known(g, s);
		swap(&s[i], &s[i + 1]);
	}
	return found;
}

/* TSI for TS1. */
static const char *looks_alike(const struct geography *g, char *s)
{
	static const char letters[] = "OILZSB", digits[] = "011258";
	const char *found = NULL;

	for (char *at = s; *at && !found; at++) {
		char kept = *at;
		const char *letter = strchr(letters, kept), *digit = strchr(digits, kept);

		if (letter)
			*at = digits[letter - letters];
		else if (digit)
			*at = letters[digit - digits];
		found = known(g, s);
		*at = kept;
	}
	return found;
}

/* EC1 for EC1A. */
static const char *last_missing(const struct geography *g, const char *s)
{
	char longer[OUTWARD_TEXT] = "";
	size_t n = strlen(s);
	const char *found = NULL;

	if (n + 1 >= OUTWARD_TEXT)
		return NULL;
	for (size_t i = 0; i < n; i++)
		longer[i] = s[i];
	for (char c = 'A'; c <= 'Z' && !found; c++) {
		longer[n] = c;
		found = known(g, longer);
	}
	return found;
}

/* TS188 for TS18. */
static const char *one_too_many(const struct geography *g, const char *s)
{
	char shorter[OUTWARD_TEXT + 1] = "";
	size_t n = strlen(s);
	const char *found = NULL;

	for (size_t without = n; without-- > 0 && !found;) {
		for (size_t i = 0; i < n; i++)
			shorter[i] = s[i < without ? i : i + 1];
		found = known(g, shorter);
	}
	return found;
}

/* XS18 for TS18: the first wrong letter, then the digits from the end. */
static const char *one_wrong(const struct geography *g, char *s)
{
	static const char all[] = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ";
	const char *found = NULL;

	for (char *at = s; *at && !found; at++) {
		char kept = *at;

		for (const char *c = all; *c && !found; c++) {
			*at = *c;
			found = known(g, s);
		}
		*at = kept;
	}
	return found;
}

const char *geography_likely(const struct geography *g, struct arena *a, const char *outward)
{
	size_t n = strlen(outward);
	char *s = arena_strndup(a, outward, n);
	const char *found;

	if (n > OUTWARD_TEXT)
		return NULL;
	found = looks_alike(g, s);
	found = found ? found : two_changed(g, s);
	found = found ? found : last_missing(g, s);
	found = found ? found : one_too_many(g, s);
	return found ? found : one_wrong(g, s);
}
