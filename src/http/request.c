/* A request's strings, cut from the bytes that the gate has passed. */
#include "conn.h"

#include <string.h>
#include <strings.h>

static int hex_digit(char c)
{
	return c <= '9' ? c - '0' : (c | 0x20) - 'a' + 10;
}

/* The gate has seen to it that escapes are whole and hide nothing. */
static void decode(char *out, const char *raw)
{
	for (; *raw != '\0'; raw++, out++) {
		*out = *raw;
		if (*raw != '%')
			continue;
		*out = (char)(hex_digit(raw[1]) << 4 | hex_digit(raw[2]));
		raw += 2;
	}
	*out = '\0';
}

static void set_target(struct http_request *r, char *target, char *paths)
{
	size_t len = strcspn(target, "? ");

	target[strcspn(target, " ")] = '\0';
	memcpy(paths, target, len);
	paths[len] = '\0';
	r->target = target;
	r->raw_path = r->path = paths;
	r->query = target[len] == '?' ? target + len + 1 : "";
	if (strchr(paths, '%') == NULL)
		return;
	decode(paths + len + 1, paths);
	r->path = paths + len + 1;
}

static bool blank(char c)
{
	return c == ' ' || c == '\t';
}

/* Cuts the header line at `at` and returns where the next line begins. */
static char *cut_header(char *at, struct http_header *h)
{
	char *value = strchr(at, ':') + 1, *end = strchr(value, '\r'), *next = end + 2;

	value[-1] = '\0';
	while (blank(*value))
		value++;
	while (end > value && blank(end[-1]))
		end--;
	*end = '\0';
	*h = (struct http_header){ at, value };
	return next;
}

/* The gate has seen to it that every line ends with CR LF and has a name and a colon, and that none
 * goes on in the next. */
void request_fill(struct http_request *r, const struct gate *g, char *bytes,
		  struct http_header *headers, char *paths)
{
	char *at = strchr(bytes, '\n') + 1;

	r->method = g->method;
	r->headers = headers;
	r->body = bytes + g->seen;
	r->body_len = g->body;
	set_target(r, bytes + g->target_at, paths);
	while (*at != '\r')
		at = cut_header(at, headers++);
	headers->name = NULL;
}

const char *http_request_header(const struct http_request *r, const char *name)
{
	for (const struct http_header *h = r->headers; h->name != NULL; h++)
		if (strcasecmp(h->name, name) == 0)
			return h->value;
	return NULL;
}

const char *http_request_cookie(const struct http_request *r, const char *name, size_t *len)
{
	const char *p = http_request_header(r, "Cookie");
	size_t name_len = strlen(name);

	while (p != NULL && *p != '\0') {
		size_t pair = strcspn(p, ";");

		if (pair > name_len && p[name_len] == '=' && memcmp(p, name, name_len) == 0) {
			*len = pair - name_len - 1;
			return p + name_len + 1;
		}
		p += pair;
		p += strspn(p, "; ");
	}
	return NULL;
}
