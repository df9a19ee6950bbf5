/* Any names and values through the form reader. The decoder must be able to read its output,
 * whether or not it accepts it. Lines are pairs, cut at the first "=". */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "../json/example.h"
#include "json/form.h"

enum { PAIRS = 100 };

static size_t cut(char *lines, struct form_pair *pairs)
{
	size_t n = 0;

	for (char *line; n < PAIRS && (line = strsep(&lines, "\n")); n++) {
		pairs[n].name = strsep(&line, "=");
		pairs[n].value = line ? line : "";
	}
	return n;
}

static void hold(bool truth)
{
	if (!truth)
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena *a = arena_new();
	struct form_pair pairs[PAIRS];
	struct decoded d;
	size_t n = cut(arena_strndup(a, (const char *)data, size), pairs), len;
	char *json = json_from_form(a, pairs, n, &referral_input, &len);

	hold(!json || json_decode(a, json, len, &referral_input, &d) != JSON_MALFORMED);
	json = json_patch_from_form(a, pairs, n, &referral_input, &len);
	hold(!json || json_decode_patch(a, json, len, &referral_input, &d) != JSON_MALFORMED);
	arena_free(a);
	return 0;
}
