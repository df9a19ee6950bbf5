/* What a text looks like in plain ASCII, however it was typed or pasted.
 *
 * A telephone pastes no-break spaces and direction marks, a keyboard of another language full-width
 * digits, and someone who wants to pass a check Cyrillic letters that look like Latin ones. All of
 * them are read here as what a person sees:
 *
 *	for (const char *s = typed; (c = plain_next(&s));)
 */
#pragma once
#include "base/arena.h"

enum {
	PLAIN_DEGREE = 1,	/* ° and what looks like it */
	PLAIN_LETTER = 2,	/* a letter that looks like none of ours */
};

/* The next character that can be seen, as printable ASCII, a line break or one of the above: any
 * blank is ' ', any dash '-', any digit 0 to 9. '\0' at the end. */
char plain_next(const char **s);
/* The whole text, never longer than s. */
char *plain_text(struct arena *a, const char *s);
/* The letters and digits alone, capitals: how references are compared. */
char *plain_key(struct arena *a, const char *s);
