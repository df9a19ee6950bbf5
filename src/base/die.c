#include "base/die.h"

#include <stdlib.h>
#include <string.h>

#include "base/log.h"

void die(const char *what)
{
	log_event(LOG_ERROR, "died", "what", what, NULL);
	abort();
}

static void *there(void *p)
{
	if (!p)
		die("out of memory");
	return p;
}

void *must_calloc(size_t n, size_t size)
{
	return there(calloc(n, size));
}

void *must_malloc(size_t size)
{
	return there(malloc(size));
}

void *must_reallocarray(void *p, size_t n, size_t size)
{
	return there(reallocarray(p, n, size));
}

char *must_strdup(const char *s)
{
	return there(strdup(s));
}
