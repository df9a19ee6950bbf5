/* The end of a process that cannot go on: memory has run out, a library call that must not fail has
 * failed, or the program has broken a promise of its own. One line in the log says what the process
 * was doing. An error that can be answered or tried again is no reason to die.
 *
 *	if (!event)
 *		die("event_new");
 */
#pragma once
#include <stddef.h>

/* Logs `what`, the call that failed or what could not be done, and aborts. */
_Noreturn void die(const char *what);

/* Like the C functions of these names, but they never return NULL. */
void *must_calloc(size_t n, size_t size)
	__attribute__((malloc, returns_nonnull, warn_unused_result));
void *must_malloc(size_t size) __attribute__((malloc, returns_nonnull, warn_unused_result));
void *must_reallocarray(void *p, size_t n, size_t size)
	__attribute__((returns_nonnull, warn_unused_result));
char *must_strdup(const char *s) __attribute__((malloc, returns_nonnull, warn_unused_result));
