#include "base/log.h"

#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/date.h"

enum { LINE_MAX_BYTES = 2048 };

static enum log_level lowest = LOG_INFO;

void log_set_level(enum log_level level)
{
	lowest = level;
}

struct line {
	char data[LINE_MAX_BYTES];
	size_t len;
};

/* Room for `"}` and a line end always remains. */
static size_t room(const struct line *l)
{
	return sizeof(l->data) - 3 - l->len;
}

static void put(struct line *l, const char *s, size_t n)
{
	if (n > room(l))
		return;
	memcpy(l->data + l->len, s, n);
	l->len += n;
}

static bool plain(char c)
{
	return c >= 0x20 && c < 0x7f && c != '"' && c != '\\';
}

/* Runs that need no escape go in whole: nearly every value is one. */
static void put_quoted(struct line *l, const char *s)
{
	put(l, "\"", 1);
	while (*s) {
		char escape[8];
		size_t n = 0;

		while (plain(s[n]))
			n++;
		put(l, s, n < room(l) ? n : room(l));
		s += n;
		if (*s == '\0')
			break;
		snprintf(escape, sizeof(escape), "\\u%04x", (unsigned char)*s++);
		put(l, escape, 6);
	}
	put(l, "\"", 1);
}

static void put_pair(struct line *l, const char *key, const char *value)
{
	put(l, ",", 1);
	put_quoted(l, key);
	put(l, ":", 1);
	put_quoted(l, value);
}

void log_event(enum log_level level, const char *event, ...)
{
	static const char *const names[] = { "debug", "info", "warn", "error" };
	struct line l = { .len = 0 };
	char at[21];
	const char *key;
	va_list ap;

	if (level < lowest)
		return;
	instant_format(clock_now(), at);
	put(&l, "{\"at\":", 6);
	put_quoted(&l, at);
	put_pair(&l, "level", names[level]);
	put_pair(&l, "event", event);
	va_start(ap, event);
	while ((key = va_arg(ap, const char *)) != NULL) {
		const char *value = va_arg(ap, const char *);

		if (value)
			put_pair(&l, key, value);
	}
	va_end(ap);
	memcpy(l.data + l.len, "}\n", 2);
	/* One write a line keeps the lines of several processes whole; a full disk loses one
	 * line, no more. */
	if (write(STDERR_FILENO, l.data, l.len + 2) < 0)
		return;
}
