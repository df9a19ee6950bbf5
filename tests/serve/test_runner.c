/* The runner's promises for every route, tested on some: repeats, versions, pages of lists,
 * headers, the audit. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/embedded.h"
#include "service.h"

#include "../../src/serve/cursor.h"

TestSuite(runner, .init = service_start, .fini = service_stop, .timeout = 120);

#define POSTED(key) "Idempotency-Key: " key "\r\nContent-Type: application/json\r\n"
#define OFFER "{\"unit_id\":\"" UNIT_A3 "\"}"
#define COUNT "SELECT count(*) FROM vacancy WHERE unit_id = '" UNIT_A3 "'"

static struct answer post(int actor, const char *headers, const char *body)
{
	return call_with(actor, "POST", "/api/v1/vacancies", headers, body);
}

/* ---- Idempotency-Key ---- */

Test(runner, repeat_gets_the_first_answer_and_does_nothing)
{
	struct answer a = post(ROLE_provider, POSTED("one"), OFFER), b;

	cr_assert_eq(a.status, 201, "%s", a.body);
	for (int i = 0; i < 3; i++) {
		b = post(ROLE_provider, POSTED("one"), OFFER);
		cr_assert_eq(b.status, 201, "%s", b.body);
		cr_assert_str_eq(b.body, a.body);
		cr_assert_str_eq(answer_header(&b, "Location"), answer_header(&a, "Location"));
	}
	cr_assert_str_eq(sql(COUNT), "1");
}

Test(runner, key_belongs_to_one_request_of_one_person)
{
	struct answer a = post(ROLE_provider, POSTED("one"), OFFER);

	cr_assert_eq(a.status, 201, "%s", a.body);
	a = post(ROLE_provider, POSTED("one"),
		 sql("SELECT json_build_object('unit_id', '" UNIT_A3 "', 'available_from', today() + 100)::text"));
	cr_assert_eq(a.status, 422, "other values: %s", a.body);
	cr_assert_str_eq(answer_text(&a, "type"), "/problems/idempotency-key-reused");
	a = call_with(ROLE_provider, "POST", "/api/v1/vacancies/" VACANCY_A2 "/withdraw", POSTED("one"), "{\"reason\":\"no_staff\"}");
	cr_assert_eq(a.status, 422, "another address: %s", a.body);
	cr_assert_str_eq(sql("SELECT withdrawn_at IS NULL FROM vacancy WHERE id = '" VACANCY_A2 "'"), "t");
	a = post(ACTOR_provider_b, POSTED("one"), OFFER);
	cr_assert_neq(a.status, 201, "another person must not get this answer: %s", a.body);
	cr_assert_str_neq(answer_text(&a, "type"), "/problems/idempotency-key-reused", "nor learn of it");
}

/* A refused request was not done: it may be tried again with the same key. */
Test(runner, refusal_does_not_use_the_key_up)
{
	struct answer a = post(ROLE_provider, POSTED("one"), "{\"unit_id\":\"" NOBODY "\"}");

	cr_assert_eq(a.status, 422, "%s", a.body);
	a = post(ROLE_provider, POSTED("one"), OFFER);
	cr_assert_eq(a.status, 201, "%s", a.body);
	cr_assert_str_eq(sql("SELECT count(*) FROM idempotency"), "1");
}

Test(runner, simultaneous_repeats_do_it_once)
{
	enum { CLIENTS = 8 };
	pid_t pids[CLIENTS];
	int done = 0;

	for (int i = 0; i < CLIENTS; i++) {
		pids[i] = fork();
		if (pids[i] == 0) {
			struct answer a = post(ROLE_provider, POSTED("race"), OFFER);

			_exit(a.status == 201 ? 1 : a.status == 409 ? 2 : 3);
		}
	}
	for (int i = 0; i < CLIENTS; i++) {
		int status;

		waitpid(pids[i], &status, 0);
		cr_expect_neq(WEXITSTATUS(status), 3, "neither 201 nor 409");
		done += WEXITSTATUS(status) == 1;
	}
	cr_assert_geq(done, 1);
	cr_assert_str_eq(sql(COUNT), "1");
}

/* ---- versions ---- */

static struct answer patch(const char *match, const char *body)
{
	char headers[160];

	snprintf(headers, sizeof(headers), "%s%s%sContent-Type: application/merge-patch+json\r\n", match ? "If-Match: " : "",
		 match ? match : "", match ? "\r\n" : "");
	return call_with(ROLE_provider, "PATCH", "/api/v1/units/" UNIT_A3, headers, body);
}

Test(runner, only_the_version_that_was_read_is_changed)
{
	struct answer a = call(ROLE_provider, "GET", "/api/v1/units/" UNIT_A3, NULL);
	const char *read = answer_header(&a, "ETag");

	cr_assert_str_eq(read, "\"1\"");
	a = patch(read, "{\"bedrooms\":2}");
	cr_assert_eq(a.status, 200, "%s", a.body);
	cr_assert_str_eq(answer_header(&a, "ETag"), "\"2\"");
	a = patch(read, "{\"bedrooms\":3}");
	cr_assert_eq(a.status, 412, "the second of two who read the same: %s", a.body);
	a = patch("W/\"2\"", "{\"bedrooms\":3}");
	cr_assert_neq(a.status, 200, "a weak tag proves nothing: %s", a.body);
	a = patch("\"2x\"", "{\"bedrooms\":3}");
	cr_assert(a.status >= 400 && a.status < 500, "%d %s", a.status, a.body);
	a = patch("\"99999999999999999999\"", "{\"bedrooms\":3}");
	cr_assert(a.status >= 400 && a.status < 500, "%d %s", a.status, a.body);
	cr_assert_str_eq(sql("SELECT bedrooms FROM unit WHERE id = '" UNIT_A3 "'"), "2");
}

/* The version belongs to the row. A lapsed vacancy changes the answer without changing the row. */
Test(runner, what_a_tag_does_not_cover_is_told_all_the_same)
{
	static const char path[] = "/api/v1/vacancies/" VACANCY_A1;
	struct answer a = call(ROLE_provider, "GET", path, NULL), b;
	char headers[64];

	cr_assert_str_eq(answer_text(&a, "state"), "open", "%s", a.body);
	snprintf(headers, sizeof(headers), "If-None-Match: %s\r\n", answer_header(&a, "ETag"));
	sql("UPDATE vacancy SET confirmed_at = now() - interval '73 hours' WHERE id = '" VACANCY_A1 "'");
	b = call_with(ROLE_provider, "GET", path, headers, NULL);
	cr_assert_eq(b.status, 200);
	cr_assert_str_eq(answer_text(&b, "state"), "lapsed", "%s", b.body);
}

/* ---- compiled-in files ---- */

Test(runner, asset_is_sent_whole_and_kept_by_browsers)
{
	const struct embedded *css = embedded_find("src/web/assets/haven.css");
	struct answer a = call(SIGNED_OUT, "GET", "/assets/haven.css", NULL);

	cr_assert_eq(a.status, 200);
	cr_assert_eq(a.len, css->size);
	cr_assert_eq(memcmp(a.body, css->bytes, a.len), 0);
	cr_assert_str_eq(answer_header(&a, "Cache-Control"), "public, max-age=3600");
}

/* ---- lists ---- */

static void more_units(int n)
{
	sql("INSERT INTO unit (property_id, organisation_id, reference, self_contained, created_at) "
	    "SELECT '" PROPERTY_A "', '" PROVIDER_A "', 'Flat ' || i, true, now() - i %% 3 * interval '1 day' "
	    "FROM generate_series(1, %d) i", n);
}

Test(runner, pages_of_a_list_hold_each_row_once)
{
	char path[600] = "/api/v1/units?limit=7";
	json_t *seen = json_object();
	size_t rows = 0, pages = 0;
	const char *next = "";

	more_units(40);
	for (; next; pages++) {
		struct answer a = call(ROLE_provider, "GET", path, NULL);
		json_t *items = json_object_get(a.json, "items"), *item;
		size_t i;

		cr_assert_eq(a.status, 200, "%s", a.body);
		json_array_foreach(items, i, item)
			json_object_set_new(seen, json_string_value(json_object_get(item, "id")), json_true());
		rows += json_array_size(items);
		next = answer_text(&a, "next");
		cr_assert_eq(next != NULL, answer_header(&a, "Link") != NULL, "the Link header says the same");
		snprintf(path, sizeof(path), "/api/v1/units?limit=7&cursor=%s", next ? next : "");
	}
	cr_assert_eq(rows, 43, "%zu rows", rows);
	cr_assert_eq(json_object_size(seen), rows, "a row came twice");
	cr_assert_eq(pages, 7);
	json_decref(seen);
}

Test(runner, cursors_of_somebodys_making_are_refused)
{
	static const char *const wrong[] = { "x", "!!!!", "AAAA", "bm90IGEgY3Vyc29y", "fA", "%00", "MjAyNi0xMS0yMnxub3QtYS11dWlk" };
	char path[200];

	for (size_t i = 0; i < sizeof(wrong) / sizeof(*wrong); i++) {
		struct answer a;

		snprintf(path, sizeof(path), "/api/v1/units?cursor=%s", wrong[i]);
		a = call(ROLE_provider, "GET", path, NULL);
		cr_expect(a.status >= 400 && a.status < 500, "%s: %d %s", wrong[i], a.status, a.body);
	}
}

Test(cursor, goes_there_and_back)
{
	struct arena *a = arena_new();
	const char *plain = "2026-11-22 02:14:00.123456+00|00000000-0000-4000-8000-000000000001";

	cr_assert_str_eq(cursor_decode(a, cursor_encode(a, plain)), plain);
	cr_assert_eq(strspn(cursor_encode(a, "\xff\xfe~~~???"), "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"),
		     strlen(cursor_encode(a, "\xff\xfe~~~???")), "safe in an address");
	cr_assert_null(cursor_decode(a, cursor_encode(a, "\xff")), "no text");
	cr_assert_null(cursor_decode(a, "a b"));
	arena_free(a);
}

/* ---- methods and headers ---- */

Test(runner, head_is_get_without_its_body)
{
	struct answer get = call(ROLE_provider, "GET", "/api/v1/units/" UNIT_A1, NULL);
	struct answer head = call(ROLE_provider, "HEAD", "/api/v1/units/" UNIT_A1, NULL);

	cr_assert_eq(head.status, 200);
	cr_assert_eq(head.len, 0);
	cr_assert_str_eq(answer_header(&head, "ETag"), answer_header(&get, "ETag"));
}

Test(runner, options_names_the_methods)
{
	struct answer a = call(SIGNED_OUT, "OPTIONS", "/api/v1/units", NULL);

	cr_assert_eq(a.status, 204);
	cr_assert(strstr(answer_header(&a, "Allow"), "GET") && strstr(answer_header(&a, "Allow"), "POST"), "%s", a.head);
}

Test(runner, unknown_addresses_are_404_in_the_askers_form)
{
	struct answer a = call(ROLE_provider, "GET", "/api/v1/no-such-thing", NULL);

	cr_assert_eq(a.status, 404);
	cr_assert_str_eq(answer_header(&a, "Content-Type"), "application/problem+json");
	a = call_with(SIGNED_OUT, "GET", "/no-such-page", "Accept: text/html\r\n", NULL);
	cr_assert_eq(a.status, 404);
	cr_assert(strstr(answer_header(&a, "Content-Type"), "text/html"));
	a = call_with(SIGNED_OUT, "GET", "/no-such-page", "Accept: application/json\r\n", NULL);
	cr_assert_str_eq(answer_header(&a, "Content-Type"), "application/problem+json");
}

Test(runner, problems_carry_the_request_id)
{
	struct answer a = call(ROLE_provider, "GET", "/api/v1/units/" NOBODY, NULL), p;

	cr_assert_eq(a.status, 404);
	cr_assert_str_eq(answer_text(&a, "request_id"), answer_header(&a, "X-Request-Id"));
	cr_assert_eq(answer_int(&a, "status"), 404);
	p = call(SIGNED_OUT, "GET", answer_text(&a, "type"), NULL);
	cr_assert_eq(p.status, 200, "the type leads somewhere: %s", p.body);
	cr_assert_str_eq(answer_text(&p, "title"), answer_text(&a, "title"));
}

Test(runner, nothing_personal_is_kept_by_browsers_or_proxies)
{
	static const char *const paths[] = { "/api/v1/households/" HOUSEHOLD, "/api/v1/referrals", "/placements", "/", "/sign-in" };

	for (size_t i = 0; i < sizeof(paths) / sizeof(*paths); i++) {
		struct answer a = call(ROLE_navigator, "GET", paths[i], NULL);

		cr_expect_eq(a.status, 200, "%s: %d", paths[i], a.status);
		cr_expect_str_eq(answer_header(&a, "Cache-Control"), "no-store", "%s", paths[i]);
		cr_expect_str_eq(answer_header(&a, "X-Content-Type-Options"), "nosniff", "%s", paths[i]);
	}
}

Test(runner, pages_allow_no_foreign_content_and_no_frame)
{
	struct answer a = call(SIGNED_OUT, "GET", "/sign-in", NULL);
	const char *policy = answer_header(&a, "Content-Security-Policy");

	cr_assert(strstr(policy, "default-src 'self'") && strstr(policy, "frame-ancestors 'none'"), "%s", policy);
	cr_assert_null(strstr(policy, "unsafe"), "%s", policy);
	cr_assert_null(strstr(a.body, "<script>"), "no inline script");
	cr_assert_null(strstr(a.body, "style=\""), "no inline style");
}

/* ---- the audit ---- */

#define READS sql("SELECT count(*) FROM audit.event WHERE action = 'read' AND household_id = '" HOUSEHOLD "'")

Test(runner, read_is_recorded_before_it_is_answered)
{
	struct answer a = call(ROLE_navigator, "GET", "/api/v1/households/" HOUSEHOLD, NULL);

	cr_assert_eq(a.status, 200);
	cr_assert_str_eq(READS, "1");
	cr_assert_str_eq(sql("SELECT request_id FROM audit.event WHERE action = 'read'"), answer_header(&a, "X-Request-Id"));
	cr_assert_str_eq(sql("SELECT a.username FROM audit.event e JOIN account a ON a.id = e.account_id WHERE e.action = 'read'"),
			 "navigator");
	a = call(ACTOR_other_officer, "GET", "/api/v1/households/" HOUSEHOLD, NULL);
	cr_assert_eq(a.status, 404, "%s", a.body);
	cr_assert_str_eq(READS, "1", "nothing was read");
}
