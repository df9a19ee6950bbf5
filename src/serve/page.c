/* A page is a reply plus a view. This makes the data that a view is given
 * (src/web/views/layout/head.html lists it). */
#include <jansson.h>
#include <string.h>

#include "base/clock.h"
#include "base/date.h"
#include "ctx.h"
#include "http/view.h"

static void drop(void *json)
{
	json_decref(json);
}

static json_t *text_or_null(const char *s)
{
	return s ? json_string(s) : json_null();
}

static json_t *user_json(const struct user *u)
{
	return json_pack("{s:s, s:s}", "name", u->name, "organisation", u->organisation);
}

/* The rights of the person's role alone: who has none has an empty object, which a view can test. */
static json_t *can_json(const struct ctx *c)
{
	json_t *can = json_object();

	for (const struct right *r = c->serve->o.rights; r && r->name; r++)
		if (ctx_can(c, r->roles))
			json_object_set_new(can, r->name, json_true());
	return can;
}

static bool page_at(struct ctx *c, const char *path)
{
	struct http_match m = http_route_match(c->serve->routes, c->arena, HTTP_GET, path);

	return m.kind == HTTP_MATCH_FOUND && c->serve->pages[m.index];
}

/* Where a form that was sent came from: the nearest page above the address that took it. */
static const char *way_back(struct ctx *c)
{
	char *path = arena_strdup(c->arena, c->r->raw_path), *slash;

	while (!page_at(c, path) && (slash = strrchr(path, '/')) != NULL && slash != path)
		*slash = '\0';
	return page_at(c, path) ? path : "/";
}

static json_t *page_json(struct ctx *c)
{
	char key[UUID_TEXT], now[21];
	json_t *page;

	uuid_random(key);
	instant_format(clock_now(), now);
	page = json_pack("{s:s, s:s, s:s, s:s, s:s}", "path", c->r->path, "now", now, "csrf",
			 csrf_token(c), "idempotency_key", key, "request_id", c->request_id);
	if (c->r->method != HTTP_GET)
		json_object_set_new(page, "back", json_string(way_back(c)));
	if (c->user)
		json_object_set_new(page, "user", user_json(c->user));
	if (c->user)
		json_object_set_new(page, "can", can_json(c));
	if (c->serve->o.page_options)
		json_object_set(page, "codes", (json_t *)(uintptr_t)c->serve->o.page_options);
	return page;
}

enum { ROWS_MAX = 200 };

/* An empty row of the form is no entry of the list (json/form.h), so the n-th entry is the n-th
 * row in use. Returns the number of that row on the page. prefix is the name up to the number,
 * "members-". */
static int row_on_page(const struct http_pairs *sent, const char *prefix, int n)
{
	bool used[ROWS_MAX] = { false };
	size_t len = strlen(prefix);

	for (size_t i = 0; i < sent->n; i++) {
		const char *name = sent->pair[i].name;
		int row = 0;

		if (strncmp(name, prefix, len) != 0 || !*sent->pair[i].value)
			continue;
		for (name += len; *name >= '0' && *name <= '9' && row < ROWS_MAX; name++)
			row = row * 10 + *name - '0';
		if (row < ROWS_MAX)
			used[row] = true;
	}
	for (int row = 0, left = n; row < ROWS_MAX; row++)
		if (used[row] && left-- == 0)
			return row;
	return n;
}

/* "/members/0/age" as members-0-age: name and id of the input. */
static const char *field_name(struct ctx *c, const struct http_pairs *sent, const char *pointer)
{
	struct text t = text_in(c->arena);

	for (pointer += *pointer == '/'; *pointer; pointer += *pointer == '/') {
		size_t len = strcspn(pointer, "/");
		char *part = arena_strndup(c->arena, pointer, len);
		int64_t n;

		if (text_to_i64(part, &n) && n >= 0 && n < ROWS_MAX)
			text_i64(&t, row_on_page(sent, text_done(&t), (int)n));
		else
			text_puts(&t, part);
		pointer += len;
		if (*pointer)
			text_putc(&t, '-');
	}
	return text_done(&t);
}

/* The input that an error's link leads to: of a date in three inputs the one that is wrong. */
static const char *input_id(struct ctx *c, const struct http_pairs *sent, const char *field, const char *code)
{
	static const struct {
		const char *code, *part;
	} parts[] = {
		{ "no_month", "month" }, { "no_month_year", "month" }, { "no_year", "year" }, { "bad_year", "year" },
	};
	const char *part = "day";

	if (!http_pair_value(sent, arena_printf(c->arena, "%s-day", field)))
		return field;
	for (size_t i = 0; i < sizeof(parts) / sizeof(*parts); i++)
		if (text_eq(parts[i].code, code))
			part = parts[i].part;
	return arena_printf(c->arena, "%s-%s", field, part);
}

static void put_errors(struct ctx *c, const struct http_pairs *sent, json_t *data)
{
	json_t *errors = json_array(), *first = json_object();

	for (size_t i = 0; i < c->in.nerrors; i++) {
		const struct field_error *e = &c->in.errors[i];
		const char *field = field_name(c, sent, e->pointer);

		json_array_append_new(errors, json_pack("{s:s, s:s}", "field", input_id(c, sent, field, e->code),
							"detail", e->detail));
		if (!json_object_get(first, field))
			json_object_set_new(first, field, json_string(e->detail));
	}
	json_object_set_new(data, "errors", errors);
	json_object_set_new(data, "error", first);
}

/* The values sent, by name of input; an input sent several times is a list. */
static json_t *form_json(const struct http_pairs *sent)
{
	json_t *form = json_object();

	for (size_t i = 0; i < sent->n; i++) {
		const struct form_pair *p = &sent->pair[i];
		json_t *before = json_object_get(form, p->name);

		if (*p->name == '_' || !*p->value)
			continue;
		if (!before)
			json_object_set_new(form, p->name, json_string(p->value));
		else if (json_is_array(before))
			json_array_append_new(before, json_string(p->value));
		else
			json_object_set_new(form, p->name, json_pack("[O, s]", before, p->value));
	}
	return form;
}

/* A form that came when its session had ended: signing in does not lose what was entered. */
static bool interrupted(const struct ctx *c, const struct reply *r)
{
	return r->status == 401 && c->r->method == HTTP_POST;
}

#define KEPT "_kept-"

/* What was entered before: as it was sent, or as the page that asks to sign in has carried it since. */
static json_t *kept_json(const struct ctx *c, const struct reply *r, const struct http_pairs *sent)
{
	bool now = interrupted(c, r);
	json_t *kept = json_array();

	for (size_t i = 0; i < sent->n && !csrf_from_elsewhere(c); i++) {
		const char *name = sent->pair[i].name;

		if (!now && strncmp(name, KEPT, sizeof(KEPT) - 1) != 0)
			continue;
		name += now ? 0 : sizeof(KEPT) - 1;
		if (strcmp(name, "_csrf") != 0)
			json_array_append_new(kept, json_pack("{s:s, s:s}", "name", name, "value", sent->pair[i].value));
	}
	return kept;
}

static json_t *values_json(const struct ctx *c, const struct reply *r, const struct http_pairs *sent)
{
	if (!interrupted(c, r))
		return form_json(sent);
	return csrf_from_elsewhere(c) ? json_object() : json_pack("{s:s}", "resume", c->r->raw_path);
}

static const char *view_of(const struct ctx *c, const struct reply *r)
{
	if (interrupted(c, r))
		return "sign-in";
	if (r->status < 400 || c->again)
		return c->route->view;
	if (r->status == 409 && c->route && c->route->conflict_view)
		return c->route->conflict_view;
	return "error";
}

bool page_render(struct ctx *c, struct reply r, struct text *html)
{
	json_t *data = json_object();
	json_t *body = r.body ? json_loadb(r.body, r.len, 0, NULL) : NULL;
	struct http_pairs sent;

	if (!http_form_decode(c->arena, c->r->body, c->r->body_len, &sent))
		sent.n = 0;
	arena_defer(c->arena, drop, data);
	json_object_set_new(data, "page", page_json(c));
	json_object_set_new(data, "data", body ? body : json_object());
	json_object_set_new(data, "form", values_json(c, &r, &sent));
	json_object_set_new(data, "kept", kept_json(c, &r, &sent));
	json_object_set_new(data, "more", text_or_null(c->more));
	put_errors(c, &sent, data);
	if (c->serve->o.page_options)
		json_object_set(data, "options", (json_t *)(uintptr_t)c->serve->o.page_options);
	return view_render(c->arena, html, view_of(c, &r), data);
}
