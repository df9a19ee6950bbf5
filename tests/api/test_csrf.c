/* A form counts only if it comes from one of our pages: cookies alone prove nothing. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

#include "client.h"

TestSuite(csrf, .init = service_start, .fini = service_stop, .timeout = 120);

static const char *cookie(void)
{
	struct answer a;

	give_password("provider");
	a = sign_in_page("provider", "a+kettle+of+fish+42", "");
	cr_assert_eq(a.status, 303, "%d %s", a.status, a.body);
	return cookie_of(&a);
}

/* The token in the page's form. */
static const char *token_of_page(const char *cookie_line)
{
	static char token[128];
	struct answer a = call_with(SIGNED_OUT, "GET", "/vacancies/new", cookie_line, NULL);
	const char *at = strstr(a.body, "name=\"_csrf\" value=\"");

	cr_assert(at, "no _csrf in the form: %d %s", a.status, a.body);
	snprintf(token, sizeof(token), "%.*s", (int)strcspn(at + 20, "\""), at + 20);
	cr_assert_eq(strlen(token), 64, "%s", token);
	return token;
}

static struct answer post(const char *more_headers, const char *cookie_line, const char *csrf)
{
	char headers[900], form[400];

	snprintf(headers, sizeof(headers), "%s%sContent-Type: application/x-www-form-urlencoded\r\nAccept: text/html\r\n", cookie_line,
		 more_headers);
	snprintf(form, sizeof(form), "_key=once&unit_id=" UNIT_A3 "%s%s", csrf ? "&_csrf=" : "", csrf ? csrf : "");
	return call_with(SIGNED_OUT, "POST", "/vacancies", headers, form);
}

#define POSTED sql("SELECT count(*) FROM vacancy WHERE unit_id = '" UNIT_A3 "'")

Test(csrf, form_of_ours_is_taken)
{
	const char *c = cookie(), *token = token_of_page(c);
	struct answer a = post("Sec-Fetch-Site: same-origin\r\n", c, token);

	cr_assert_eq(a.status, 303, "%d %s", a.status, a.body);
	cr_assert_str_eq(POSTED, "1");
}

Test(csrf, cookie_without_token_is_refused)
{
	static char other[65] = "0000000000000000000000000000000000000000000000000000000000000000";
	const char *c = cookie();
	struct answer a = post("", c, NULL);

	cr_assert_eq(a.status, 403, "no token: %d %s", a.status, a.body);
	a = post("", c, "");
	cr_assert_eq(a.status, 403, "an empty token: %d", a.status);
	a = post("", c, other);
	cr_assert_eq(a.status, 403, "a wrong token: %d", a.status);
	cr_assert_str_eq(POSTED, "0");
}

Test(csrf, token_belongs_to_one_session)
{
	const char *mine = cookie(), *other = cookie();
	struct answer a = post("", mine, token_of_page(other));

	cr_assert_eq(a.status, 403, "another session's token: %d", a.status);
	cr_assert_str_eq(POSTED, "0");
}

Test(csrf, other_sites_are_refused_even_with_the_token)
{
	static const char *const from[] = {
		"Sec-Fetch-Site: cross-site\r\n", "Sec-Fetch-Site: same-site\r\n", "Origin: https://elsewhere.example\r\n",
		"Origin: null\r\n", "Sec-Fetch-Site: cross-site\r\nOrigin: https://elsewhere.example\r\n",
	};
	const char *c = cookie(), *token = token_of_page(c);

	for (size_t i = 0; i < sizeof(from) / sizeof(*from); i++) {
		struct answer a = post(from[i], c, token);

		cr_expect_eq(a.status, 403, "%s: %d", from[i], a.status);
	}
	cr_assert_str_eq(POSTED, "0");
}

Test(csrf, api_with_a_cookie_wants_the_token_too)
{
	const char *c = cookie(), *token = token_of_page(c);
	char headers[600];
	struct answer a;

	snprintf(headers, sizeof(headers), "%sContent-Type: application/json\r\nIdempotency-Key: k\r\n", c);
	a = call_with(SIGNED_OUT, "POST", "/api/v1/vacancies", headers, "{\"unit_id\":\"" UNIT_A3 "\"}");
	cr_assert_eq(a.status, 403, "%d %s", a.status, a.body);
	cr_assert_str_eq(answer_text(&a, "type"), "/problems/cross-site");
	a = call_with(SIGNED_OUT, "DELETE", "/api/v1/sessions/current", headers, NULL);
	cr_assert_eq(a.status, 403, "signing somebody out: %d %s", a.status, a.body);
	snprintf(headers, sizeof(headers), "%sX-CSRF-Token: %s\r\nContent-Type: application/json\r\nIdempotency-Key: k\r\n", c, token);
	a = call_with(SIGNED_OUT, "POST", "/api/v1/vacancies", headers, "{\"unit_id\":\"" UNIT_A3 "\"}");
	cr_assert_eq(a.status, 201, "%d %s", a.status, a.body);
}

/* Signing a user in as another person without their knowledge is an attack too. */
Test(csrf, sign_in_from_elsewhere_is_refused)
{
	struct answer a;

	give_password("provider");
	a = sign_in_page("provider", "a+kettle+of+fish+42", "Sec-Fetch-Site: cross-site\r\n");
	cr_assert_eq(a.status, 403, "%d", a.status);
	cr_assert_null(answer_header(&a, "Set-Cookie"));
	a = sign_in_page("provider", "a+kettle+of+fish+42", "Origin: https://elsewhere.example\r\n");
	cr_assert_eq(a.status, 403, "%d", a.status);
}

/* A program's token is not a cookie: no browser sends it unasked. */
Test(csrf, bearer_needs_no_token)
{
	struct answer a = call(ROLE_provider, "POST", "/api/v1/vacancies", "{\"unit_id\":\"" UNIT_A3 "\"}");

	cr_assert_eq(a.status, 201, "%s", a.body);
}

Test(csrf, reading_needs_no_token)
{
	const char *c = cookie();

	cr_assert_eq(who(c), 200);
	cr_assert_eq(call_with(SIGNED_OUT, "GET", "/vacancies", c, NULL).status, 200);
}
