/* The answer on the wire, the log line, and the end of the request. */
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/log.h"
#include "ctx.h"

enum { HEADERS_MAX = 20 };

struct headers {
	struct http_header h[HEADERS_MAX];
	size_t n;
};

static void add(struct headers *h, const char *name, const char *value)
{
	if (value)
		h->h[h->n++] = (struct http_header){ name, value };
}

static void add_page_headers(struct headers *h)
{
	add(h, "Content-Security-Policy", "default-src 'self'; frame-ancestors 'none'; form-action 'self'; base-uri 'none'");
	add(h, "Permissions-Policy", "camera=(), geolocation=(), microphone=()");
	add(h, "Cross-Origin-Opener-Policy", "same-origin");
	add(h, "Referrer-Policy", "same-origin");
}

static void add_common(struct ctx *c, struct headers *h, const struct reply *r)
{
	add(h, "Cache-Control", r->cacheable ? "public, max-age=3600" : "no-store");
	add(h, "X-Content-Type-Options", "nosniff");
	add(h, "X-Request-Id", c->request_id);
	add(h, "Set-Cookie", c->cookie);
	add(h, "ETag", r->etag);
	add(h, "Link", c->link);
	if (r->status == 401 && !c->page)
		add(h, "WWW-Authenticate", "Bearer");
	if (r->status == 405 || r->status == 204)
		add(h, "Allow", c->match.allow);
	if (r->status == 503)
		add(h, "Retry-After", "2");
	if (r->status == 415 && c->r->method == HTTP_PATCH)
		add(h, "Accept-Patch", "application/merge-patch+json");
}

static void count(struct ctx *c, int status, int64_t us)
{
	struct serve_stats *s = &c->serve->stats;
	int i = 0;

	while (i < SERVE_BUCKETS && us > serve_bucket_us[i])
		i++;
	s->bucket[i]++;
	s->microseconds += (uint64_t)us;
	s->requests[status / 100 % 6]++;
}

static void log_request(struct ctx *c, int status, int64_t us)
{
	char number[16], took[24];

	snprintf(number, sizeof(number), "%d", status);
	snprintf(took, sizeof(took), "%lld", (long long)us);
	log_event(status >= 500 ? LOG_WARN : LOG_INFO, "request", "id", c->request_id, "method",
		  http_method_name(c->r->method), "route", c->route ? c->route->path : NULL, "status",
		  number, "us", took, "account", c->user ? c->user->account_id : NULL, NULL);
}

/* Tells at once that somebody has to look. A request that was rolled back raised no alert. */
static void note_alert(struct ctx *c, const struct reply *r)
{
	if (!c->alert || (r->status >= 400 && !r->kept))
		return;
	c->serve->stats.alerts++;
	log_event(LOG_WARN, "alert", "kind", c->alert, "id", c->request_id, NULL);
}

static void end(struct ctx *c, struct headers *h, const struct reply *r, const char *type)
{
	int64_t us = clock_mono() - c->started;

	if (r->len)
		add(h, "Content-Type", type);
	count(c, r->status, us);
	log_request(c, r->status, us);
	note_alert(c, r);
	if (r->cacheable)
		http_reply_reference(c->x, r->status, h->h, h->n, r->body, r->len, NULL, NULL);
	else
		http_reply(c->x, r->status, h->h, h->n, r->body, r->len);
	arena_free(c->arena);
}

/* A link is followed all the same, once its reader has signed in. */
static const char *sign_in_first(struct ctx *c)
{
	struct text t = text_in(c->arena);

	if (strcmp(c->r->path, "/") == 0)
		return "/sign-in";
	text_puts(&t, "/sign-in?then=");
	for (const char *p = c->r->target; *p; p++)
		if ((*p >= 'a' && *p <= 'z') || (*p >= 'A' && *p <= 'Z') || (*p && strchr("0123456789-_.~/", *p)))
			text_putc(&t, *p);
		else
			text_printf(&t, "%%%02X", (unsigned char)*p);
	return text_done(&t);
}

/* A page's form was accepted: the browser goes on to where the result is shown (POST, redirect,
 * GET). */
static bool page_redirects(struct ctx *c, struct reply *r, struct headers *h)
{
	if (r->status == 401 && c->r->method == HTTP_GET)
		r->location = sign_in_first(c);
	else if (r->status == 401 && strcmp(c->r->path, "/sign-out") == 0)
		r->location = "/signed-out";
	else if (r->status >= 400 || !r->location)
		return false;
	*r = (struct reply){ .status = 303, .location = r->location };
	add(h, "Location", r->location);
	return true;
}

static void send_page(struct ctx *c, struct reply r)
{
	struct headers h = { .n = 0 };
	struct text html = text_in(c->arena);
	const char *type = "application/problem+json";

	add_page_headers(&h);
	if (c->again && r.status == 200)
		r.status = c->again;
	if (r.leave)
		add(&h, "Refresh", arena_printf(c->arena, "%d; url=%s", SHOWN_SECONDS, r.leave));
	if (!page_redirects(c, &r, &h) && page_render(c, r, &html)) {
		r.body = text_done(&html);
		r.len = html.len;
		r.cacheable = false;
		type = "text/html; charset=utf-8";
	}
	add_common(c, &h, &r);
	end(c, &h, &r, type);
}

void send_reply(struct ctx *c, struct reply r)
{
	struct headers h = { .n = 0 };

	if (c->page) {
		send_page(c, r);
		return;
	}
	if (c->csv && r.status == 200)
		r = csv_reply(c, r);
	if (r.location)
		add(&h, "Location", arena_printf(c->arena, "/api/v1%s", r.location));
	add_common(c, &h, &r);
	end(c, &h, &r, r.type ? r.type : "application/json");
}
