#include "base/arena.h"

#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "base/die.h"

enum { FIRST_BLOCK = 8 * 1024, ALIGN = 16, HUGE_PAGE = 2 << 20 };

struct block {
	struct block *next;
	size_t size, used;
	_Alignas(ALIGN) char data[];
};

struct deferred {
	struct deferred *next;
	void (*fn)(void *);
	void *object;
};

struct arena {
	struct block *head;	/* the newest block, the only one that still takes allocations */
	struct deferred *deferred;
	int secret;		/* wiped before it goes */
};

/* Filling the largest blocks would fault thousands of times: a fifth of what loading a large board
 * takes. Where the kernel has no huge pages it says so, and nothing is lost. */
static void expect_much(struct block *b, size_t size)
{
	uintptr_t from = ((uintptr_t)b + HUGE_PAGE - 1) / HUGE_PAGE * HUGE_PAGE;

	if (size >= 2 * HUGE_PAGE)
		madvise((void *)from, ((uintptr_t)b->data + size - from) / HUGE_PAGE * HUGE_PAGE, MADV_HUGEPAGE);
}

static struct block *block_new(size_t size, struct block *next)
{
	struct block *b = must_malloc(sizeof(*b) + size);

	expect_much(b, size);
	*b = (struct block){ .next = next, .size = size };
	return b;
}

struct arena *arena_new(void)
{
	struct arena *a = must_calloc(1, sizeof(*a));

	a->head = block_new(FIRST_BLOCK, NULL);
	return a;
}

static void run_deferred(struct arena *a)
{
	while (a->deferred) {
		struct deferred *d = a->deferred;

		a->deferred = d->next;
		d->fn(d->object);
	}
}

void arena_secret(struct arena *a)
{
	a->secret = 1;
}

static void wipe(struct arena *a)
{
	for (struct block *b = a->head; a->secret && b; b = b->next)
		explicit_bzero(b->data, b->used);
}

void arena_reset(struct arena *a)
{
	run_deferred(a);
	wipe(a);
	while (a->head->next) {
		struct block *b = a->head;

		a->head = b->next;
		free(b);
	}
	a->head->used = 0;
}

void arena_free(struct arena *a)
{
	if (!a)
		return;
	arena_reset(a);
	free(a->head);
	free(a);
}

static size_t round_up(size_t size)
{
	if (size > SIZE_MAX - FIRST_BLOCK)
		die("arena: larger than memory");
	return size ? (size + ALIGN - 1) / ALIGN * ALIGN : ALIGN;
}

/* As arena_alloc(), and not zeroed. */
static void *take(struct arena *a, size_t size)
{
	struct block *b = a->head;
	char *p;

	size = round_up(size);
	if (b->size - b->used < size) {
		size_t want = b->size * 2 > size ? b->size * 2 : size;

		a->head = b = block_new(want, b);
	}
	p = b->data + b->used;
	b->used += size;
	return p;
}

void *arena_alloc(struct arena *a, size_t size)
{
	return memset(take(a, size), 0, size);
}

void *arena_array(struct arena *a, size_t n, size_t size)
{
	if (size && n > SIZE_MAX / size)
		die("arena: an array larger than memory");
	return arena_alloc(a, n * size);
}

/* True where p was the last allocation of the newest block and the block has room to stretch it. */
static int stretch(struct block *b, char *p, size_t old_size, size_t new_size)
{
	size_t start = (size_t)(p - b->data);

	if (p < b->data || start + old_size != b->used || start + new_size > b->size)
		return 0;
	b->used = start + new_size;
	return 1;
}

void *arena_room(struct arena *a, void *p, size_t used, size_t old_size, size_t new_size)
{
	void *fresh;

	if (p && stretch(a->head, p, round_up(old_size), round_up(new_size)))
		return p;
	fresh = take(a, new_size);
	if (p)
		memcpy(fresh, p, used);
	return fresh;
}

void *arena_grow(struct arena *a, void *p, size_t old_size, size_t new_size)
{
	size_t kept = !p ? 0 : old_size < new_size ? old_size : new_size;
	char *grown = arena_room(a, p, kept, old_size, new_size);

	memset(grown + kept, 0, new_size - kept);
	return grown;
}

char *arena_strndup(struct arena *a, const char *s, size_t len)
{
	char *copy = take(a, len + 1);

	memcpy(copy, s, len);
	copy[len] = '\0';
	return copy;
}

char *arena_strdup(struct arena *a, const char *s)
{
	return s ? arena_strndup(a, s, strlen(s)) : NULL;
}

/* Nearly all is short, and then is formatted once. */
char *arena_printf(struct arena *a, const char *fmt, ...)
{
	char brief[128], *s;
	va_list ap, again;
	int len;

	va_start(ap, fmt);
	va_copy(again, ap);
	len = vsnprintf(brief, sizeof(brief), fmt, ap);
	va_end(ap);
	if (len < 0)
		die("arena: vsnprintf");
	if ((size_t)len < sizeof(brief)) {
		s = arena_strndup(a, brief, (size_t)len);
	} else {
		s = take(a, (size_t)len + 1);
		vsnprintf(s, (size_t)len + 1, fmt, again);
	}
	va_end(again);
	return s;
}

void arena_defer(struct arena *a, void (*fn)(void *), void *object)
{
	struct deferred *d = arena_alloc(a, sizeof(*d));

	*d = (struct deferred){ .next = a->deferred, .fn = fn, .object = object };
	a->deferred = d;
}
