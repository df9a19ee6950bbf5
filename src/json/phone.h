/* Telephone numbers as people type them. */
#pragma once
#include <stdbool.h>

enum {
	PHONE_DIGITS = 15,	/* E.164 */
	PHONE_EXTENSION = 8,
};

struct phone {
	char number[PHONE_DIGITS + 2];	/* "01642900123", "+35312345678" */
	char extension[PHONE_EXTENSION + 1];	/* "" where there is none */
	bool text_relay;		/* reached through Relay UK: the prefix 18001 or 18002 */
};

/* NULL, or the code of what is wrong: bad_phone, digit_missing, digits_missing, digit_over,
 * digits_over, bad_start, bad_extension. */
const char *phone_parse(const char *s, struct phone *out);
