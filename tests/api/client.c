#include "client.h"

#include <criterion/criterion.h>
#include <sodium.h>
#include <stdio.h>
#include <string.h>

#include "memory.h"
#include "seal/password.h"

static const char *print(const char *name, const char *s)
{
	return arena_printf(test_memory(), "%s%s\r\n", name, s);
}

void give_password(const char *username)
{
	char hash[PASSWORD_HASH_SIZE];

	cr_assert(password_hash(PASSWORD, hash));
	sql("UPDATE account SET password_hash = '%s' WHERE username = '%s'", hash, username);
}

struct answer sign_in(const char *username, const char *password)
{
	return call(SIGNED_OUT, "POST", "/api/v1/sessions", "{\"username\":\"%s\",\"password\":\"%s\"}", username, password);
}

struct answer sign_in_page(const char *username, const char *password, const char *headers)
{
	char form[256], all[700];

	snprintf(form, sizeof(form), "username=%s&password=%s", username, password);
	snprintf(all, sizeof(all), "Accept: text/html\r\nContent-Type: application/x-www-form-urlencoded\r\n%s", headers);
	return call_with(SIGNED_OUT, "POST", "/sign-in", all, form);
}

const char *signed_in(const char *username)
{
	struct answer a = sign_in(username, PASSWORD);

	cr_assert_eq(a.status, 201, "%s cannot sign in: %s", username, a.body);
	return answer_text(&a, "token");
}

const char *bearer(const char *token)
{
	return print("Authorization: Bearer ", token);
}

const char *cookie_of(const struct answer *a)
{
	const char *set = answer_header(a, "Set-Cookie");
	char pair[200];

	cr_assert(set && strcspn(set, ";") < sizeof(pair), "no cookie in %s", a->head);
	snprintf(pair, sizeof(pair), "%.*s", (int)strcspn(set, ";"), set);
	return print("Cookie: ", pair);
}

int who(const char *headers)
{
	struct answer a = call_with(SIGNED_OUT, "GET", "/api/v1/sessions/current", headers, NULL);

	return a.status;
}

struct answer change_password(const char *token, const char *old, const char *new)
{
	char headers[300], body[300];

	snprintf(headers, sizeof(headers), "%sContent-Type: application/json\r\n", bearer(token));
	snprintf(body, sizeof(body), "{\"current_password\":\"%s\",\"new_password\":\"%s\"}", old, new);
	return call_with(SIGNED_OUT, "POST", "/api/v1/accounts/current/password", headers, body);
}
