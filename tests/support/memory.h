/* Memory that a test keeps until its end, and the end of its child processes. Under `make asan` a
 * leak in the test or in a child fails. */
#pragma once
#include <jansson.h>
#include <stdarg.h>

#include "base/arena.h"

/* Strings and answers live here as long as the process, which is one test. Tests free none of
 * them. */
struct arena *test_memory(void);
char *test_vprintf(const char *fmt, va_list ap) __attribute__((format(printf, 1, 0)));
/* NULL if the bytes are not JSON. */
json_t *test_json(const char *bytes, size_t n);

/* For what is asked of tests and keepers (kept.h): fails the test; a keeper, which is none, ends. */
#define test_must(condition, ...) ((condition) ? (void)0 : test_fail(__VA_ARGS__))
void test_fail(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
void test_is_keeper(void);

/* An empty file without a name, for the output of other processes. The caller closes it. */
int test_scratch(void);
/* All bytes of a file that may still be written to, with a NUL after them; n may be NULL. */
const char *test_bytes(int fd, size_t *n);

/* Ends a forked child that ran a part of the service and has freed all its memory. Under the leak
 * sanitizer a leak is logged and changes the exit status. */
_Noreturn void child_end(int code);
