/* Answers: objects, lists, problems. */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "ctx.h"
#include "cursor.h"
#include "json/write.h"

struct reply ok(struct ctx *c, const char *json)
{
	(void)c;
	return (struct reply){ .status = 200, .body = json, .len = strlen(json) };
}

static const char *etag(struct ctx *c, int i)
{
	if (batch_column(c->results.batch, i + c->results.skip, "version") < 0)
		return NULL;
	return arena_printf(c->arena, "\"%s\"", value(c, i, 0, "version"));
}

struct reply tagged(struct ctx *c, int i, const char *json)
{
	struct reply r = ok(c, json);

	r.etag = etag(c, i);
	return r;
}

struct reply row_reply(struct ctx *c, int i)
{
	if (rows(c, i) == 0)
		return problem(c, PROBLEM_NOT_FOUND);
	return tagged(c, i, row_json(c, i, 0));
}

static struct reply located(struct ctx *c, int status, const char *json, const char *fmt, va_list ap)
{
	char path[256];
	struct reply r = ok(c, json);

	vsnprintf(path, sizeof(path), fmt, ap);
	r.status = status;
	r.location = arena_strdup(c->arena, path);
	return r;
}

struct reply created(struct ctx *c, const char *json, const char *location_fmt, ...)
{
	struct reply r;
	va_list ap;

	va_start(ap, location_fmt);
	r = located(c, 201, json, location_fmt, ap);
	va_end(ap);
	return r;
}

struct reply done(struct ctx *c, const char *json, const char *location_fmt, ...)
{
	struct reply r;
	va_list ap;

	va_start(ap, location_fmt);
	r = located(c, 200, json, location_fmt, ap);
	va_end(ap);
	return r;
}

struct reply at(struct reply r, const char *path)
{
	r.location = path;
	return r;
}

struct reply leaving(struct reply r, const char *path)
{
	r.leave = path;
	return r;
}

struct reply kept(struct reply r)
{
	r.kept = true;
	return r;
}

struct reply bytes_reply(const void *bytes, size_t len, const char *type)
{
	return (struct reply){ .status = 200, .body = bytes, .len = len, .type = type, .cacheable = true };
}

struct reply file_reply(const void *bytes, size_t len, const char *type)
{
	return (struct reply){ .status = 200, .body = bytes, .len = len, .type = type };
}

static void put_items(struct text *t, const struct ctx *c, int i, int n)
{
	json_object_begin(t);
	json_put_key(t, "items");
	first_rows_put(t, c, i, n);
}

struct reply all_reply(struct ctx *c, int i)
{
	struct text t = text_in(c->arena);

	put_items(&t, c, i, rows(c, i));
	json_object_end(&t);
	return ok(c, text_done(&t));
}

/* The same address with another cursor (RFC 8288). What a form posted beside a list is no filter of it. */
static const char *next_page(struct ctx *c, const char *cursor)
{
	struct text t = text_in(c->arena);

	text_printf(&t, "%s?", c->r->raw_path);
	for (size_t i = 0; c->r->method != HTTP_POST && i < c->form.n; i++) {
		const struct form_pair *p = &c->form.pair[i];

		if (strcmp(p->name, "cursor") != 0 && *p->value)
			text_printf(&t, "%s=%s&", p->name, url_encode(c->arena, p->value));
	}
	text_printf(&t, "cursor=%s", cursor);
	return text_done(&t);
}

/* One row more is asked for than a page has: it says that there is a next page, and is not shown. */
static int rows_shown(const struct ctx *c, int i)
{
	int limit = page_limit(c), n = rows(c, i);

	return n < limit ? n : limit;
}

struct reply list_reply(struct ctx *c, int i)
{
	struct text t = text_in(c->arena);
	int n = rows_shown(c, i);
	const char *cursor = NULL;

	if (rows(c, i) > n) {
		cursor = list_cursor(c, value(c, i, n - 1, "_cursor"));
		c->more = next_page(c, cursor);
		c->link = arena_printf(c->arena, "<%s>; rel=\"next\"", c->more);
	}
	put_items(&t, c, i, n);
	json_put_text(&t, "next", cursor);
	json_object_end(&t);
	return ok(c, text_done(&t));
}

struct reply recorded_list(struct ctx *c, int i, const char *action, const char *kind, const char *id,
			   const char *household)
{
	audit(c, action, kind, id, household, arena_printf(c->arena, "{\"rows\":%d}", rows_shown(c, i)));
	return list_reply(c, i);
}

static void put_problem(struct text *t, const struct ctx *c, enum problem which, const char *detail)
{
	const struct problem_text *p = &problem_texts[which];

	json_object_begin(t);
	json_put_text(t, "type", arena_printf(c->arena, "/problems/%s", p->slug));
	json_put_text(t, "title", p->title);
	json_put_key(t, "status");
	json_put_i64(t, p->status);
	if (detail)
		json_put_text(t, "detail", detail);
	json_put_text(t, "request_id", c->request_id);
}

static struct reply problem_done(struct text *t, enum problem which)
{
	json_object_end(t);
	return (struct reply){
		.status = problem_texts[which].status,
		.body = text_done(t),
		.len = t->len,
		.type = "application/problem+json",
	};
}

struct reply problem_detail(struct ctx *c, enum problem which, const char *detail)
{
	struct text t = text_in(c->arena);

	put_problem(&t, c, which, detail);
	return problem_done(&t, which);
}

struct reply problem(struct ctx *c, enum problem which)
{
	return problem_detail(c, which, NULL);
}

struct reply problem_with(struct ctx *c, enum problem which, const char *members)
{
	struct text t = text_in(c->arena);

	put_problem(&t, c, which, NULL);
	text_printf(&t, ",%s", members);
	return problem_done(&t, which);
}

struct reply invalid(struct ctx *c)
{
	struct text t = text_in(c->arena);

	put_problem(&t, c, PROBLEM_INVALID, NULL);
	json_put_key(&t, "errors");
	json_array_begin(&t);
	for (size_t i = 0; i < c->in.nerrors; i++) {
		const struct field_error *e = &c->in.errors[i];

		json_object_begin(&t);
		json_put_text(&t, "pointer", e->pointer);
		json_put_text(&t, "code", e->code);
		json_put_text(&t, "detail", e->detail);
		json_object_end(&t);
	}
	json_array_end(&t);
	return problem_done(&t, PROBLEM_INVALID);
}
