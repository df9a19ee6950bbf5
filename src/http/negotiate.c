/* Media types: what a body is, and whether the client would rather have a page (RFC 9110 §12). */
#include "http/query.h"

#include <string.h>
#include <strings.h>

static const char BLANK[] = " \t";

static bool word_is(const char *s, size_t len, const char *word)
{
	return strlen(word) == len && strncasecmp(s, word, len) == 0;
}

bool http_media_type_is(const char *content_type, const char *type)
{
	if (content_type == NULL)
		return false;
	content_type += strspn(content_type, BLANK);
	return word_is(content_type, strcspn(content_type, "; \t"), type);
}

/* "0.8" as 800; RFC 9110 §12.4.2 allows up to three decimals. Anything else weighs nothing. */
static int weight(const char *s, size_t len)
{
	int scale = 100, w;

	if (len == 0 || len > 5 || (*s != '0' && *s != '1') || (len > 1 && s[1] != '.'))
		return 0;
	w = (*s - '0') * 1000;
	for (size_t i = 2; i < len; i++, scale /= 10) {
		if (s[i] < '0' || s[i] > '9')
			return 0;
		w += (s[i] - '0') * scale;
	}
	return w > 1000 ? 0 : w;
}

/* The weight a media range carries: its q parameter, or 1000. */
static int range_weight(const char *s, size_t len)
{
	const char *end = s + len;

	while ((s = memchr(s, ';', (size_t)(end - s))) != NULL) {
		s++;
		while (s < end && strchr(BLANK, *s) != NULL)
			s++;
		if (end - s < 2 || (*s | 0x20) != 'q' || s[1] != '=')
			continue;
		s += 2;
		len = strcspn(s, "; \t,");
		return weight(s, len < (size_t)(end - s) ? len : (size_t)(end - s));
	}
	return 1000;
}

/* How closely a media range names a type: 3 exactly, 2 by "text/" and a star, 1 by two stars. */
static int closeness(const char *s, size_t len, const char *type)
{
	size_t major = (size_t)(strchr(type, '/') - type) + 1;

	if (word_is(s, len, type))
		return 3;
	if (len == major + 1 && s[major] == '*' && strncasecmp(s, type, major) == 0)
		return 2;
	return word_is(s, len, "*/*");
}

int http_accept_weight(const char *accept, const char *type)
{
	int best = 0, w = 0;

	if (accept == NULL || *(accept += strspn(accept, ", \t")) == '\0')
		return 1000;
	while (*accept != '\0') {
		size_t len = strcspn(accept, ",");
		int close = closeness(accept, strcspn(accept, ",; \t"), type);

		if (close > best) {
			best = close;
			w = range_weight(accept, len);
		}
		accept += len;
		accept += strspn(accept, ", \t");
	}
	return w;
}

static bool names_html(const char *accept)
{
	for (const char *p = accept; (p = strchr(p, '/')) != NULL; p++)
		if (p - accept >= 4 && strncasecmp(p - 4, "text/html", 9) == 0)
			return true;
	return false;
}

bool http_prefers_html(const char *accept)
{
	int html;

	if (accept == NULL)
		return false;
	accept += strspn(accept, ", \t");
	if (!names_html(accept))
		return false;
	html = http_accept_weight(accept, "text/html");
	return html > 0 && html > http_accept_weight(accept, "application/json") &&
	       html > http_accept_weight(accept, "application/problem+json");
}
