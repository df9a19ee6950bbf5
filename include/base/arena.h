/* Memory for one piece of work (a request, a rebuild, a test), freed all at once.
 *
 * Everything allocated lives until arena_free(). Foreign objects (json_t, PGresult) ride along
 * by arena_defer(); deferred calls run in reverse order before the memory goes. Allocation never
 * fails quietly: on exhaustion the process aborts, so callers do not test. Not thread safe.
 */
#pragma once
#include <stddef.h>

struct arena;

struct arena *arena_new(void);
/* Runs the deferred calls, then frees. Takes NULL. */
void arena_free(struct arena *a);
/* Runs the deferred calls and keeps the first block for reuse; every pointer handed out dies. */
void arena_reset(struct arena *a);

/* From now on the arena overwrites its memory before it is freed or reused: for arenas that take
 * in passwords, names, addresses. */
void arena_secret(struct arena *a);

/* Zeroed, aligned for any type. size 0 gives a unique pointer. */
void *arena_alloc(struct arena *a, size_t size) __attribute__((returns_nonnull, malloc));
/* n objects of size, zeroed; aborts where n * size overflows. */
void *arena_array(struct arena *a, size_t n, size_t size) __attribute__((returns_nonnull));
/* Grows p from old_size to new_size, in place where p was the last allocation; the added part is
 * zeroed. p may be NULL. */
void *arena_grow(struct arena *a, void *p, size_t old_size, size_t new_size)
	__attribute__((returns_nonnull));
/* The same for bytes of which only the first `used` count: nothing is zeroed. */
void *arena_room(struct arena *a, void *p, size_t used, size_t old_size, size_t new_size)
	__attribute__((returns_nonnull));

/* NULL in, NULL out. */
char *arena_strdup(struct arena *a, const char *s);
char *arena_strndup(struct arena *a, const char *s, size_t len) __attribute__((returns_nonnull));
char *arena_printf(struct arena *a, const char *fmt, ...)
	__attribute__((format(printf, 2, 3), returns_nonnull));

/* Calls fn(object) when the arena is freed or reset. */
void arena_defer(struct arena *a, void (*fn)(void *), void *object);

#define arena_new_of(a, type) ((type *)arena_alloc((a), sizeof(type)))
#define arena_array_of(a, n, type) ((type *)arena_array((a), (n), sizeof(type)))
