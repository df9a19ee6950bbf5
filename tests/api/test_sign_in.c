/* Signing in: who gets in, that a refusal tells nothing, and the lock-out. */
#include <criterion/criterion.h>
#include <sodium.h>
#include <stdio.h>
#include <string.h>

#include "client.h"
#include "seal/password.h"

TestSuite(sign_in, .init = service_start, .fini = service_stop, .timeout = 120);

#define WRONG "not the right one 1"

Test(sign_in, right_password_gives_a_token_that_works_at_once)
{
	struct answer a, b;

	give_password("provider");
	a = sign_in("Provider", PASSWORD);
	cr_assert_eq(a.status, 201, "usernames know no case: %s", a.body);
	cr_assert_str_eq(answer_header(&a, "Location"), "/api/v1/sessions/current");
	cr_assert_str_eq(answer_text(&a, "role"), "provider");
	cr_assert_null(answer_header(&a, "Set-Cookie"), "a program gets no cookie");
	cr_assert_eq(strlen(answer_text(&a, "token")), 64, "256 bits");
	b = call_with(SIGNED_OUT, "GET", "/api/v1/sessions/current", bearer(answer_text(&a, "token")), NULL);
	cr_assert_eq(b.status, 200, "%s", b.body);
	cr_assert_str_eq(answer_text(&b, "username"), "provider");
	cr_assert_str_eq(answer_text(&b, "organisation_id"), PROVIDER_A);
}

Test(sign_in, database_holds_no_token)
{
	const char *token;

	give_password("provider");
	token = signed_in("provider");
	cr_assert_str_eq(sql("SELECT count(*) FROM session WHERE encode(token_hash, 'hex') = '%s' OR token_hash = '%s'", token,
			     token), "0", "the token itself is stored");
	cr_assert_str_neq(signed_in("provider"), token, "each sign-in has a token of its own");
}

/* Compares head and body of the answers, except the parts that differ in every answer. */
static void expect_same(const struct answer *a, const struct answer *b, const char *who)
{
	static const char *const own[] = { "request_id" };
	static const char *const headers[] = { "Content-Type", "Content-Length", "Cache-Control", "WWW-Authenticate", "Set-Cookie",
					       "Retry-After" };

	cr_expect_eq(a->status, b->status, "%s: %d, not %d", who, b->status, a->status);
	for (size_t i = 0; i < sizeof(headers) / sizeof(*headers); i++) {
		const char *one = answer_header(a, headers[i]), *other = answer_header(b, headers[i]);

		cr_expect(text_eq(one, other), "%s: %s is %s, not %s", who, headers[i], other, one);
	}
	for (size_t i = 0; i < sizeof(own) / sizeof(*own); i++) {
		cr_expect(answer_text(a, own[i]) && answer_text(b, own[i]));
		json_object_del(a->json, own[i]);
		json_object_del(b->json, own[i]);
	}
	cr_expect(json_equal(a->json, b->json), "%s: %s, not %s", who, b->body, a->body);
}

Test(sign_in, refusals_look_alike)
{
	struct answer wrong, unknown, closed, none;

	give_password("provider");
	give_password("analyst");
	sql("UPDATE account SET disabled_at = now() WHERE username = 'analyst'");
	wrong = sign_in("provider", WRONG);
	cr_assert_eq(wrong.status, 401, "%s", wrong.body);
	cr_assert_str_eq(answer_text(&wrong, "type"), "/problems/wrong-password");
	unknown = sign_in("nobody.here", WRONG);
	closed = sign_in("analyst", PASSWORD);
	none = sign_in("navigator", "none");	/* the stored hash is not a hash */
	expect_same(&wrong, &unknown, "an unknown name");
	wrong = sign_in("provider", WRONG);
	expect_same(&wrong, &closed, "a closed account");
	wrong = sign_in("provider", WRONG);
	cr_expect(none.status == 401 || none.status == 503, "no hash, no entry: %d", none.status);
}

Test(sign_in, refusals_leave_no_name_and_no_session)
{
	sign_in("Mirabel.Fenwick", WRONG);
	cr_assert_str_eq(sql("SELECT count(*) FROM audit.event WHERE action = 'sign_in_failed'"), "1");
	cr_assert_str_eq(sql("SELECT count(*) FROM audit.event e WHERE e::text ILIKE '%%mirabel%%'"), "0", "a name in the trail");
	cr_assert_str_eq(sql("SELECT count(*) FROM sign_in_failure f WHERE f::text ILIKE '%%mirabel%%'"), "0");
	cr_assert_str_eq(sql("SELECT count(*) FROM session s JOIN account a ON a.id = s.account_id WHERE s.created_at > now()"), "0");
}

static void expect_lock(const char *name, const char *last_password)
{
	struct answer a;

	for (int i = 1; i <= 5; i++) {
		a = sign_in(name, WRONG);
		cr_assert_eq(a.status, 401, "%s, attempt %d: %d %s", name, i, a.status, a.body);
	}
	a = sign_in(name, last_password);
	cr_assert_eq(a.status, 429, "%s after five: %d %s", name, a.status, a.body);
	cr_assert_str_eq(answer_text(&a, "type"), "/problems/locked-out");
}

Test(sign_in, five_wrong_lock_a_name_that_exists)
{
	give_password("provider");
	give_password("navigator");
	expect_lock("provider", PASSWORD);
	cr_assert_eq(sign_in("PROVIDER", PASSWORD).status, 429, "the lock knows no case");
	cr_assert_eq(sign_in("navigator", PASSWORD).status, 201, "others are not locked");
	sql("UPDATE sign_in_failure SET locked_until = now() - interval '1 second'");
	cr_assert_eq(sign_in("provider", PASSWORD).status, 201, "the lock ends");
	cr_assert_eq(sign_in("provider", WRONG).status, 401, "and the count began anew");
}

Test(sign_in, five_wrong_lock_a_name_that_does_not_exist)
{
	struct answer real, invented;

	give_password("provider");
	expect_lock("no.such.person", WRONG);
	expect_lock("provider", WRONG);
	invented = sign_in("no.such.person", WRONG);
	real = sign_in("provider", WRONG);
	expect_same(&real, &invented, "a locked name without an account");
}

Test(sign_in, lock_lasts_a_quarter_of_an_hour)
{
	give_password("provider");
	for (int i = 0; i < 5; i++)
		sign_in("provider", WRONG);
	cr_assert_str_eq(sql("SELECT round(extract(epoch FROM locked_until - now()) / 60) FROM sign_in_failure"), "15");
}

Test(sign_in, one_right_password_forgets_the_wrong_ones)
{
	give_password("provider");
	for (int i = 0; i < 4; i++)
		sign_in("provider", WRONG);
	signed_in("provider");
	for (int i = 0; i < 4; i++)
		cr_assert_eq(sign_in("provider", WRONG).status, 401);
	cr_assert_eq(sign_in("provider", PASSWORD).status, 201, "eight wrong, but never five in a row");
}

Test(sign_in, password_of_outdated_costs_is_hashed_anew)
{
	char cheap[PASSWORD_HASH_SIZE];
	const char *stored;

	cr_assert(crypto_pwhash_str(cheap, PASSWORD, strlen(PASSWORD), 1, 8192) == 0);
	sql("UPDATE account SET password_hash = '%s' WHERE username = 'provider'", cheap);
	cr_assert_eq(sign_in("provider", WRONG).status, 401);
	cr_assert_str_eq(sql("SELECT password_hash FROM account WHERE username = 'provider'"), cheap, "not for a wrong one");
	signed_in("provider");
	stored = sql("SELECT password_hash FROM account WHERE username = 'provider'");
	cr_assert(!password_outdated(stored), "renewed: %s", stored);
	cr_assert_eq(password_verify(PASSWORD, stored), PASSWORD_RIGHT, "the same password");
}

Test(sign_in, page_counts_wrong_passwords_too)
{
	struct answer a;

	give_password("provider");
	for (int i = 1; i <= 5; i++) {
		a = sign_in_page("provider", "not+the+right+one+1", "");
		cr_assert_eq(a.status, 422, "attempt %d: %d", i, a.status);
		cr_assert(strstr(a.body, "The username or password is not right"), "%s", a.body);
		cr_assert_null(strstr(a.body, "not the right one"), "the page repeats the password");
	}
	a = sign_in_page("provider", "a+kettle+of+fish+42", "");
	cr_assert_eq(a.status, 422, "%d", a.status);
	cr_assert(strstr(a.body, "Too many wrong passwords"), "%s", a.body);
	cr_assert_eq(sign_in("provider", PASSWORD).status, 429, "the API knows");
}

Test(sign_in, page_sets_a_cookie_that_scripts_can_not_read)
{
	struct answer a, home;
	const char *set;

	give_password("provider");
	a = sign_in_page("provider", "a+kettle+of+fish+42", "Cookie: haven=chosen-by-somebody-else\r\n");
	cr_assert_eq(a.status, 303, "%d %s", a.status, a.body);
	cr_assert_str_eq(answer_header(&a, "Location"), "/");
	set = answer_header(&a, "Set-Cookie");
	cr_assert(strstr(set, "; HttpOnly") && strstr(set, "; SameSite=Lax") && strstr(set, "; Path=/"), "%s", set);
	cr_assert_null(strstr(set, "Domain"), "%s", set);
	cr_assert_null(strstr(set, "chosen-by-somebody-else"), "a session of somebody's choice");
	home = call_with(SIGNED_OUT, "GET", "/", cookie_of(&a), NULL);
	cr_assert_eq(home.status, 200, "%d", home.status);
	cr_assert_str_eq(answer_header(&home, "Cache-Control"), "no-store");
}

/* ---- what signing in must not lose ---- */

#define PAGE "Accept: text/html\r\n"
#define FORM PAGE "Content-Type: application/x-www-form-urlencoded\r\n"

static const char *location(struct answer a)
{
	const char *to = answer_header(&a, "Location");

	cr_assert(a.status == 303 && to, "%d: %s", a.status, a.body);
	return to;
}

Test(sign_in, a_link_is_followed_all_the_same)
{
	struct answer a = call_with(SIGNED_OUT, "GET", "/alerts?state=open", PAGE, NULL);

	cr_assert_str_eq(location(a), "/sign-in?then=/alerts%3Fstate%3Dopen");
	a = call_with(SIGNED_OUT, "GET", location(a), PAGE, NULL);
	cr_assert(strstr(a.body, "name=\"then\" value=\"/alerts?state=open\""), "%s", a.body);
	give_password("navigator");
	a = call_with(SIGNED_OUT, "POST", "/sign-in", FORM, "username=navigator&password=" PASSWORD "&then=/vacancies?cursor=x");
	cr_assert_str_eq(location(a), "/vacancies?cursor=x");
}

Test(sign_in, a_link_to_another_host_is_not_followed)
{
	static const char *const elsewhere[] = { "//evil.example", "https://evil.example", "/%5Cevil.example", "evil" };

	give_password("navigator");
	for (size_t i = 0; i < sizeof(elsewhere) / sizeof(*elsewhere); i++) {
		char form[200];

		snprintf(form, sizeof(form), "username=navigator&password=%s&then=%s", PASSWORD, elsewhere[i]);
		cr_expect_str_eq(location(call_with(SIGNED_OUT, "POST", "/sign-in", FORM, form)), "/", "%s", elsewhere[i]);
	}
}

Test(sign_in, a_half_filled_form_is_sent_after_it)
{
	struct answer a = call_with(SIGNED_OUT, "POST", "/vacancies", FORM "Cookie: haven=ended\r\n",
				    "unit_id=7&available_from=2030-01-02&_key=abc&_csrf=old");

	cr_assert_eq(a.status, 401);
	cr_assert(strstr(a.body, "name=\"_kept-available_from\" value=\"2030-01-02\""), "%s", a.body);
	cr_assert(strstr(a.body, "name=\"resume\" value=\"/vacancies\""), "%s", a.body);
	cr_assert_null(strstr(a.body, "_kept-_csrf"), "%s", a.body);
	give_password("provider");
	a = call_with(SIGNED_OUT, "POST", "/sign-in", FORM,
		      "username=provider&password=" PASSWORD "&resume=/vacancies&_kept-available_from=2030-01-02&_kept-_key=abc");
	cr_assert_eq(a.status, 200, "%s", a.body);
	cr_assert(strstr(a.body, "action=\"/vacancies\""), "%s", a.body);
	cr_assert(strstr(a.body, "name=\"available_from\" value=\"2030-01-02\""), "%s", a.body);
	cr_assert(strstr(a.body, "name=\"_key\" value=\"abc\""), "%s", a.body);
	cr_assert_null(strstr(a.body, "name=\"_csrf\" value=\"\""), "of the new session: %s", a.body);
	cr_assert_not_null(answer_header(&a, "Set-Cookie"));
}

Test(sign_in, another_site_s_form_is_not_kept)
{
	struct answer a = call_with(SIGNED_OUT, "POST", "/vacancies", FORM "Sec-Fetch-Site: cross-site\r\n", "unit_id=7");

	cr_assert_eq(a.status, 401);
	cr_assert_null(strstr(a.body, "_kept-"), "%s", a.body);
	cr_assert_null(strstr(a.body, "name=\"resume\""), "%s", a.body);
}

Test(sign_in, signing_out_twice_is_no_error)
{
	cr_assert_str_eq(location(call_with(SIGNED_OUT, "POST", "/sign-out", FORM, "_csrf=old")), "/signed-out");
}
