/* Cursors of lists as clients hand them back. A cursor that can be read holds text without NUL that
 * fits, and is written as the same cursor again. A cursor that was written is read unchanged. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "../../src/serve/cursor.h"
#include "base/text.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { LONGEST = 256 };

static void hold(bool truth)
{
	if (!truth)
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena *a = arena_new();
	const char *text = arena_strndup(a, (const char *)data, size), *plain = cursor_decode(a, text);
	size_t len = strlen(text);

	if (plain) {
		hold(strlen(plain) <= LONGEST && text_utf8_len(plain, strlen(plain)) >= 0);
		hold(strcmp(cursor_encode(a, plain), text) == 0);
	}
	if (len <= LONGEST && text_utf8_len(text, len) >= 0) {
		plain = cursor_decode(a, cursor_encode(a, text));
		hold(plain && strcmp(plain, text) == 0);
	}
	arena_free(a);
	return 0;
}
