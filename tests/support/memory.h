/* What a test keeps until its end, and how its children end: under `make asan` a leak in either fails. */
#pragma once
#include <jansson.h>
#include <stdarg.h>

#include "base/arena.h"

/* Strings and answers live here as long as the process, which is one test; tests free none of them. */
struct arena *test_memory(void);
char *test_vprintf(const char *fmt, va_list ap) __attribute__((format(printf, 1, 0)));
/* NULL where the bytes are no JSON. */
json_t *test_json(const char *bytes, size_t n);

/* An empty file without a name, for what others write; the caller closes it. */
int test_scratch(void);
/* All bytes of a file that may be written to still, with a NUL after them; n may be NULL. */
const char *test_bytes(int fd, size_t *n);

/* Ends a forked child that ran a part of the service, which has freed all it had. Under the leak
 * sanitizer a leak is logged and its exit status is another. */
_Noreturn void child_end(int code);
