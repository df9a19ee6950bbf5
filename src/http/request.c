#include "conn.h"

#include <string.h>

#include <event2/buffer.h>
#include <event2/http_struct.h>

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

static void set_target(struct http_request *r, const char *target, char *paths)
{
	size_t len = strcspn(target, "?");

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

static void set_body(struct http_request *r, struct evbuffer *in)
{
	r->body = "";
	r->body_len = evbuffer_get_length(in);
	if (r->body_len > 0)
		r->body = (const char *)evbuffer_pullup(in, -1);
}

void request_fill(struct http_request *r, struct evhttp_request *req, char *paths)
{
	r->peer = req->remote_host;
	r->headers = evhttp_request_get_input_headers(req);
	set_target(r, evhttp_request_get_uri(req), paths);
	set_body(r, evhttp_request_get_input_buffer(req));
}

const char *http_request_header(const struct http_request *r, const char *name)
{
	const char *value = evhttp_find_header(r->headers, name);

	/* The HTTP library takes blanks off both ends, but leaves a tab at the first. */
	return value != NULL ? value + strspn(value, " \t") : NULL;
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
