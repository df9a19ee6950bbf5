/* The end of a process that can not go on: there is no memory, a library fails where it may not, or
 * the program breaks a promise of its own. One line in the log says what it was doing; the core and
 * the stack are left to who looks for more. What can be answered or tried again does not die.
 *
 *	if (!event)
 *		die("event_new");
 */
#pragma once
#include <stddef.h>

/* Logs `what`, the call that failed or what could not be done, and aborts. */
_Noreturn void die(const char *what);

/* As their namesakes of C, but never NULL. */
void *must_calloc(size_t n, size_t size)
	__attribute__((malloc, returns_nonnull, warn_unused_result));
void *must_malloc(size_t size) __attribute__((malloc, returns_nonnull, warn_unused_result));
void *must_reallocarray(void *p, size_t n, size_t size)
	__attribute__((returns_nonnull, warn_unused_result));
char *must_strdup(const char *s) __attribute__((malloc, returns_nonnull, warn_unused_result));
