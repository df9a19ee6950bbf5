/* Every route row, over HTTP: which requests and which callers it refuses, and that a refused
 * request stores nothing. */
#include <criterion/criterion.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/embedded.h"
#include "http/view.h"
#include "memory.h"
#include "walk.h"

TestSuite(routes, .init = service_start, .fini = service_stop, .timeout = 120);
TestSuite(rows);

/* The block must store nothing. */
#define UNCHANGED(block)                                                                           \
	do {                                                                                       \
		const char *before_ = stored();                                                    \
		block;                                                                             \
		cr_assert_str_eq(stored(), before_, "something was stored");                       \
	} while (0)

static void each_address(void (*visit)(const struct address *at))
{
	size_t n;
	const struct address *all = addresses(&n);

	cr_assert_gt(n, 60, "only %zu addresses", n);
	for (size_t i = 0; i < n; i++)
		visit(&all[i]);
}

static bool has_body(const struct route *r)
{
	return strcmp(r->method, "POST") == 0 || strcmp(r->method, "PATCH") == 0 || strcmp(r->method, "PUT") == 0;
}

static bool is(const struct route *r, const char *method)
{
	return strcmp(r->method, method) == 0;
}

static void expect_html(const struct address *at, const struct answer *a)
{
	const char *type = answer_header(a, "Content-Type");

	cr_expect(type && strncmp(type, "text/html", 9) == 0, "%s answered %s", at->shown, type);
}

/* ---- the rows themselves ---- */

static void row_is_whole(const struct route *r, struct arena *a)
{
	const char *view = arena_printf(a, "src/web/views/%s.html", r->view ? r->view : "error");
	const char *conflict = arena_printf(a, "src/web/views/%s.html", r->conflict_view ? r->conflict_view : "error");
	const char *fault = r->input ? input_fault(a, r->input) : NULL;

	cr_expect_null(fault, "%s %s: %s", r->method, r->path, fault);
	cr_expect(r->first, "%s %s has no first step", r->method, r->path);
	cr_expect(embedded_find(view), "%s %s: no %s", r->method, r->path, view);
	cr_expect(embedded_find(conflict), "%s %s: no %s", r->method, r->path, conflict);
	cr_expect_eq(r->roles & ~EVERYBODY, 0, "%s %s names roles that are not", r->method, r->path);
	if (r->flags & ROUTE_PAGE_ONLY)
		cr_expect(r->view, "%s %s is a page without a view", r->method, r->path);
	if (!(r->flags & (ROUTE_PAGE_ONLY | ROUTE_BARE)))
		cr_expect(r->summary, "%s %s has no summary", r->method, r->path);
	if (r->flags & ROUTE_READS)
		cr_expect(is(r, "POST"), "%s %s: only a POST can be said to read", r->method, r->path);
}

Test(rows, are_whole)
{
	struct arena *a = arena_new();

	for (const struct route *const *t = app_tables; *t; t++)
		for (const struct route *r = *t; r->method; r++)
			row_is_whole(r, a);
	arena_free(a);
}

Test(rows, every_view_parses)
{
	struct arena *a = arena_new();
	const char *error = view_check_all(a);

	cr_assert_null(error, "%s", error);
	arena_free(a);
}

/* ---- rights ---- */

static void signed_out(const struct address *at)
{
	struct answer a;

	if (at->r->roles == PUBLIC)
		return;
	a = send_to(at, SIGNED_OUT, "Idempotency-Key: k\r\n", has_body(at->r) && !at->page ? "{}" : NULL);
	if (at->page && (is(at->r, "GET") || strcmp(at->r->path, "/sign-out") == 0)) {
		const char *to = answer_header(&a, "Location");

		cr_expect_eq(a.status, 303, "%s signed out: %d", at->shown, a.status);
		cr_expect(to && strncmp(to, "/sign", 5) == 0, "%s leads to %s", at->shown, to);
		return;
	}
	cr_expect_eq(a.status, 401, "%s signed out: %d %s", at->shown, a.status, a.body);
	if (at->page)
		expect_html(at, &a);
	else
		cr_expect_str_eq(answer_text(&a, "type"), "/problems/not-signed-in", "%s: %s", at->shown, a.body);
}

Test(routes, signed_out_is_401)
{
	UNCHANGED(each_address(signed_out));
}

static void unknown_token(const struct address *at)
{
	struct answer a;

	if (at->r->roles == PUBLIC || at->page)
		return;
	a = send_to(at, SIGNED_OUT, "Authorization: Bearer no-such-token\r\nIdempotency-Key: k\r\n",
		    has_body(at->r) ? "{}" : NULL);
	cr_expect_eq(a.status, 401, "%s with an unknown token: %d %s", at->shown, a.status, a.body);
}

Test(routes, unknown_token_is_401)
{
	UNCHANGED(each_address(unknown_token));
}

static void wrong_roles(const struct address *at)
{
	for (int role = 0; role < ROLES && at->r->roles != PUBLIC; role++) {
		struct answer a;

		if (at->r->roles & 1u << role)
			continue;
		a = send_to(at, role, "Idempotency-Key: k\r\n", has_body(at->r) && !at->page ? "{}" : NULL);
		cr_expect_eq(a.status, 403, "%s as %s: %d %s", at->shown, code_at(&role_codes, role), a.status, a.body);
	}
}

Test(routes, wrong_role_is_403)
{
	UNCHANGED(each_address(wrong_roles));
}

/* Signing out ends the session the other addresses need. */
static void open_again(void)
{
	sql("UPDATE session SET revoked_at = NULL");
}

static void right_roles(const struct address *at)
{
	for (int role = 0; role < ROLES; role++) {
		struct answer a;

		if (!(at->r->roles & 1u << role))
			continue;
		a = send_to(at, role, "Idempotency-Key: once\r\nIf-Match: \"1\"\r\n", has_body(at->r) && !at->page ? "{}" : NULL);
		cr_expect(a.status >= 200 && a.status < 500 && a.status != 401 && a.status != 403 && a.status != 405,
			  "%s as %s: %d %s", at->shown, code_at(&role_codes, role), a.status, a.body);
		if (strstr(at->r->path, "/sessions/current") || strstr(at->r->path, "/sign-out"))
			open_again();
	}
}

Test(routes, right_role_is_let_in)
{
	each_address(right_roles);
}

static void nobodys_record(const struct address *at)
{
	struct answer a;

	if (!is(at->r, "GET") || !strstr(at->r->path, "{id}") || at->r->roles == PUBLIC)
		return;
	a = send_to(at, right_role(at->r), "", NULL);
	cr_expect(a.status == 404 || a.status == 422, "%s of an unknown id: %d %s", at->shown, a.status, a.body);
}

Test(routes, unknown_id_is_404)
{
	UNCHANGED(each_address(nobodys_record));
}

/* ---- bodies and queries ---- */

static struct answer send_document(const struct address *at, const json_t *document)
{
	char *body = json_dumps(document, JSON_COMPACT);
	struct answer a = send_to(at, right_role(at->r), "Idempotency-Key: k\r\nIf-Match: \"1\"\r\n", body);

	free(body);
	return a;
}

/* An address, and the errors that its example has by rules across fields: they come with every
 * fault. */
struct walked {
	const struct address *at;
	struct answer example;
};

static void expect_fault(const struct walked *w, const struct fault *f, const struct answer *a)
{
	size_t i, found = 0;
	json_t *error;

	cr_expect_eq(a->status, 422, "%s, %s at %s: %d %s", w->at->shown, f->code, f->pointer, a->status, a->body);
	json_array_foreach(json_object_get(a->json, "errors"), i, error) {
		const char *pointer = json_string_value(json_object_get(error, "pointer"));
		const char *code = json_string_value(json_object_get(error, "code"));

		if (text_eq(pointer, f->pointer) && text_eq(code, f->code))
			found++;
		else
			cr_expect(answer_has_error(&w->example, pointer), "%s, %s at %s: %s at %s is no fault of it",
				  w->at->shown, f->code, f->pointer, code, pointer);
	}
	cr_expect_eq(found, 1, "%s, %s at %s: %s", w->at->shown, f->code, f->pointer, a->body);
}

static void send_fault(const struct fault *f, void *arg)
{
	const struct walked *w = arg;
	struct answer a = send_document(w->at, f->body);

	expect_fault(w, f, &a);
}

/* The example has a member too many, so that it is refused and stores nothing. */
static void broken_fields(const struct address *at)
{
	struct walked w = { .at = at };
	json_t *document;

	if (!at->r->input || !has_body(at->r) || at->page)
		return;
	document = example(at->r->input);
	json_object_set_new(document, "no_such_member", json_true());
	w.example = send_document(at, document);
	json_decref(document);
	each_fault(at->r->input, is(at->r, "PATCH"), send_fault, &w);
}

Test(routes, each_broken_field_is_named)
{
	UNCHANGED(each_address(broken_fields));
}

static void put_encoded(struct text *t, const char *name, const json_t *v)
{
	const char *s = json_string_value(v);
	char number[24];

	if (json_is_integer(v)) {
		snprintf(number, sizeof(number), "%lld", (long long)json_integer_value(v));
		s = number;
	} else if (!s) {
		s = json_is_true(v) ? "true" : "false";
	}
	text_printf(t, "%c%s=", strchr(t->data ? t->data : "", '?') ? '&' : '?', name);
	for (; *s; s++)
		text_printf(t, "%%%02X", (unsigned char)*s);
}

/* The faults that a query string can have: its values are text. */
static void ask_fault(const struct fault *f, void *arg)
{
	static const char *const textual[] = {
		"too_long", "bad_text", "bad_uuid", "bad_date", "bad_instant", "unknown_code", "bad_outward",
		"out_of_range", "unknown_member",
	};
	struct address at = *(const struct address *)arg;
	struct arena *a = arena_new();
	struct text path = text_in(a);
	struct answer answer;
	const char *name;
	json_t *v;
	size_t i = 0;

	while (i < sizeof(textual) / sizeof(*textual) && strcmp(textual[i], f->code) != 0)
		i++;
	text_puts(&path, at.path);
	json_object_foreach(f->body, name, v)
		put_encoded(&path, name, v);
	if (i < sizeof(textual) / sizeof(*textual)) {
		answer = call(right_role(at.r), "GET", text_done(&path), NULL);
		expect_fault(&(struct walked){ .at = &at }, f, &answer);
	}
	arena_free(a);
}

static void broken_query(const struct address *at)
{
	if (at->r->input && is(at->r, "GET") && !at->page)
		each_fault(at->r->input, false, ask_fault, (void *)(uintptr_t)at);
}

Test(routes, each_broken_query_is_named)
{
	UNCHANGED(each_address(broken_query));
}

static void too_deep(char out[80])
{
	strcpy(out, "{\"a\":");
	for (int i = 0; i < 32; i++)
		strcat(out, "[");
	for (int i = 0; i < 32; i++)
		strcat(out, "]");
	strcat(out, "}");
}

static void malformed(const struct address *at)
{
	char deep[80];
	const char *const bodies[] = {
		"{\"a\":1,\"a\":1}", "{\"a\":", "{", "[]", "\"text\"", "null", "7", "{} {}", "{\"a\":NaN}", "{'a':1}",
		"{\"a\":99999999999999999999999}", "{\"a\":\"\xc3\x28\"}", "{\"a\":\"\\u0000\"}", "{\"a\":1,}", deep,
	};

	too_deep(deep);
	if (!has_body(at->r) || at->page)
		return;
	for (size_t i = 0; i < sizeof(bodies) / sizeof(*bodies); i++) {
		struct answer a = send_to(at, right_role(at->r), "Idempotency-Key: k\r\nIf-Match: \"1\"\r\n", bodies[i]);

		cr_expect_eq(a.status, 400, "%s %s: %d %s", at->shown, bodies[i], a.status, a.body);
		cr_expect_str_eq(answer_text(&a, "type"), "/problems/malformed", "%s", a.body);
	}
}

Test(routes, malformed_is_400)
{
	UNCHANGED(each_address(malformed));
}

static bool wants_something(const struct input *input)
{
	for (size_t i = 0; input && i < input->n; i++)
		if (input->fields[i].required)
			return true;
	return false;
}

static void without_body(const struct address *at)
{
	struct answer a;

	if (!has_body(at->r) || at->page || is(at->r, "PATCH") || !wants_something(at->r->input))
		return;
	a = call_with(right_role(at->r), at->r->method, at->path,
		      "Content-Type: application/json\r\nIdempotency-Key: k\r\n", "");
	cr_expect_eq(a.status, 422, "%s without a body: %d %s", at->shown, a.status, a.body);
	a = call_with(right_role(at->r), at->r->method, at->path, "Content-Type: text/xml\r\nIdempotency-Key: k\r\n", "<a/>");
	cr_expect_eq(a.status, 415, "%s with XML: %d %s", at->shown, a.status, a.body);
}

Test(routes, a_body_is_wanted_as_json)
{
	UNCHANGED(each_address(without_body));
}

static void empty_form(const struct address *at)
{
	struct answer a;

	if (!at->page || !is(at->r, "POST") || !wants_something(at->r->input))
		return;
	a = send_to(at, right_role(at->r), "", "_key=once");
	cr_expect(a.status == 422 || (a.status == 404 && strstr(at->r->path, "{id}")), "%s sent empty: %d %s", at->shown,
		  a.status, a.body);
	expect_html(at, &a);
}

Test(routes, empty_form_comes_back)
{
	UNCHANGED(each_address(empty_form));
}

/* ---- headers ---- */

static bool wants_key(const struct address *at)
{
	return is(at->r, "POST") && !at->page && at->r->roles != PUBLIC && !(at->r->flags & (ROUTE_READS | ROUTE_KEYLESS));
}

static const char *right_body(const struct address *at)
{
	static const struct input nothing = { .name = "nothing" };
	json_t *document = example(at->r->input ? at->r->input : &nothing);
	char *body = json_dumps(document, JSON_COMPACT);

	json_decref(document);
	arena_defer(test_memory(), free, body);
	return body;
}

static void without_key(const struct address *at)
{
	static const char *const bad[] = { "Idempotency-Key: a b\r\n", "Idempotency-Key: \xc3\xa9\r\n" };
	char long_key[200];
	const char *body = right_body(at);
	struct answer a;

	if (!wants_key(at))
		return;
	a = send_to(at, right_role(at->r), "", body);
	cr_expect_eq(a.status, 400, "%s without a key: %d %s", at->shown, a.status, a.body);
	cr_expect_str_eq(answer_text(&a, "type"), "/problems/idempotency-key-missing", "%s", a.body);
	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
		a = send_to(at, right_role(at->r), bad[i], body);
		cr_expect_eq(a.status, 400, "%s with a bad key: %d %s", at->shown, a.status, a.body);
	}
	snprintf(long_key, sizeof(long_key), "Idempotency-Key: %0129d\r\n", 1);
	a = send_to(at, right_role(at->r), long_key, body);
	cr_expect_eq(a.status, 400, "%s with a key of 129: %d %s", at->shown, a.status, a.body);
}

Test(routes, posts_want_a_key)
{
	UNCHANGED(each_address(without_key));
}

static void without_match(const struct address *at)
{
	struct answer a;

	if (!is(at->r, "PATCH"))
		return;
	a = send_to(at, right_role(at->r), "", "{}");
	cr_expect_eq(a.status, 428, "%s without If-Match: %d %s", at->shown, a.status, a.body);
	a = send_to(at, right_role(at->r), "If-Match: \"1\"\r\n", "{}");
	cr_expect_eq(a.status, 404, "%s of an unknown id: %d %s", at->shown, a.status, a.body);
}

Test(routes, patches_want_a_version)
{
	UNCHANGED(each_address(without_match));
}

/* A well-formed request about a record that does not exist: its writes are undone with the
 * refusal. */
static void work_on_nothing(const struct address *at)
{
	const char *body = right_body(at);
	struct answer a;

	if (!at->page && has_body(at->r) && strstr(at->r->path, "{id}") && !strstr(at->r->path, "/sign-out")) {
		a = send_to(at, right_role(at->r), "Idempotency-Key: k\r\nIf-Match: \"1\"\r\n", body);
		cr_expect(a.status == 404 || a.status == 422, "%s of an unknown id: %d %s", at->shown, a.status, a.body);
	}
}

Test(routes, work_on_nothing_leaves_nothing)
{
	UNCHANGED(each_address(work_on_nothing));
}

static bool taken(const char *method, const char *path)
{
	size_t n;
	const struct address *all = addresses(&n);

	for (size_t i = 0; i < n; i++)
		if (strcmp(all[i].path, path) == 0 && is(all[i].r, method))
			return true;
	return false;
}

static void wrong_methods(const struct address *at)
{
	static const char *const methods[] = { "GET", "POST", "PUT", "PATCH", "DELETE" };
	struct answer a;

	for (size_t i = 0; i < sizeof(methods) / sizeof(*methods); i++) {
		if (taken(methods[i], at->path))
			continue;
		a = call_with(0, methods[i], at->path, "", NULL);
		cr_expect_eq(a.status, 405, "%s %s: %d %s", methods[i], at->path, a.status, a.body);
		cr_expect(answer_header(&a, "Allow") && strstr(answer_header(&a, "Allow"), at->r->method),
			  "%s %s allows %s", methods[i], at->path, answer_header(&a, "Allow"));
		cr_expect_null(strstr(answer_header(&a, "Allow"), methods[i]), "%s %s is refused and allowed", methods[i], at->path);
	}
}

Test(routes, other_methods_are_405)
{
	UNCHANGED(each_address(wrong_methods));
}
