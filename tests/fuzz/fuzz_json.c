/* Any bytes through the decoder, as a whole document and as a patch. If it accepts a document, it
 * must also accept its own output for it, and must write the same output again. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "../json/example.h"
#include "base/text.h"

typedef enum json_verdict decoder(struct arena *, const char *, size_t, const struct input *,
				  struct decoded *);

static void hold(bool truth)
{
	if (!truth)
		abort();
}

static void check_errors(const struct decoded *d)
{
	hold(d->nerrors > 0 && d->nerrors <= JSON_ERRORS && d->value);
	for (size_t i = 0; i < d->nerrors; i++) {
		hold(*d->errors[i].code && *d->errors[i].detail);
		hold(!*d->errors[i].pointer || *d->errors[i].pointer == '/');
	}
}

static void check(struct arena *a, decoder *decode, const char *body, size_t len)
{
	struct decoded d, again;
	char *text;

	switch (decode(a, body, len, &referral_input, &d)) {
	case JSON_MALFORMED: hold(!d.json && !d.value); return;
	case JSON_INVALID: check_errors(&d); return;
	case JSON_OK: break;
	}
	hold(d.value && d.nerrors == 0);
	text = json_input_text(a, &d);
	hold(decode(a, text, strlen(text), &referral_input, &again) == JSON_OK);
	hold(text_eq(json_input_text(a, &again), text));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena *a = arena_new();

	check(a, json_decode, (const char *)data, size);
	check(a, json_decode_patch, (const char *)data, size);
	arena_free(a);
	return 0;
}
