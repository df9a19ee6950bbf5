/* Sessions end at once, in whichever way they are ended. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

#include "client.h"

TestSuite(session, .init = service_start, .fini = service_stop, .timeout = 120);

/* One request of each kind: answered from the database, from memory, from the board, and by
 * writing. Each is sent once before, so that the worker remembers the session. */
static const struct asked {
	const char *method, *path, *body;
} kinds[] = {
	{ "GET", "/api/v1/sessions/current", NULL },
	{ "GET", "/api/v1/codes/sex", NULL },
	{ "GET", "/api/v1/households", NULL },
	{ "POST", "/api/v1/vacancy-searches", "{\"household_id\":\"" HOUSEHOLD "\"}" },
	{ "POST", "/api/v1/placements", "{\"household_id\":\"" HOUSEHOLD "\",\"vacancy_id\":\"" VACANCY_A1 "\"}" },
	{ "POST", "/api/v1/referrals", "{\"household\":{\"situation\":\"rough\",\"members\":[{\"kind\":\"main\"}]}}" },
	{ "GET", "/", NULL },
};

static void expect_refused(const char *why, const struct asked *k)
{
	struct answer a = call(ROLE_navigator, k->method, k->path, k->body ? "%s" : NULL, k->body);

	cr_expect(a.status == 401 || (a.status == 303 && strcmp(answer_header(&a, "Location"), "/sign-in") == 0),
		  "%s: %s %s: %d %s", why, k->method, k->path, a.status, a.json ? a.body : "a page");
}

static void expect_nothing_stored(const char *why)
{
	cr_expect_str_eq(sql("SELECT count(*) FROM placement"), "0", "%s: a placement was stored", why);
	cr_expect_str_eq(sql("SELECT count(*) FROM referral"), "2", "%s: a referral was stored", why);
	cr_expect_str_eq(sql("SELECT count(*) FROM audit.event WHERE action = 'search'"), "0", "%s: a search was answered", why);
}

static void expect_ended(const char *why)
{
	for (size_t i = 0; i < sizeof(kinds) / sizeof(*kinds); i++)
		expect_refused(why, &kinds[i]);
	expect_nothing_stored(why);
}

static void known_to_the_worker(void)
{
	struct answer a = call(ROLE_navigator, "GET", "/api/v1/sessions/current", NULL);

	cr_assert_eq(a.status, 200, "%s", a.body);
}

#define OF_NAVIGATOR "WHERE account_id = (SELECT id FROM account WHERE username = 'navigator')"

/* Each kind of request is tried as the first after the end. */
Test(session, revoked)
{
	for (size_t i = 0; i < sizeof(kinds) / sizeof(*kinds); i++) {
		sql("UPDATE session SET revoked_at = NULL " OF_NAVIGATOR);
		known_to_the_worker();
		sql("UPDATE session SET revoked_at = now() " OF_NAVIGATOR);
		expect_refused("revoked", &kinds[i]);
	}
	expect_nothing_stored("revoked");
}

Test(session, expired)
{
	known_to_the_worker();
	sql("UPDATE session SET expires_at = now() - interval '1 second' " OF_NAVIGATOR);
	expect_ended("expired");
}

Test(session, idle_too_long)
{
	known_to_the_worker();
	sql("UPDATE session SET seen_at = now() - interval '601 minutes' " OF_NAVIGATOR);
	expect_ended("idle");
}

Test(session, of_a_closed_account)
{
	known_to_the_worker();
	sql("UPDATE account SET disabled_at = now() WHERE username = 'navigator'");
	expect_ended("closed");
}

Test(session, ended_by_signing_out)
{
	struct answer a = call(ROLE_navigator, "DELETE", "/api/v1/sessions/current", NULL);

	cr_assert_eq(a.status, 200, "%s", a.body);
	expect_ended("signed out");
}

/* Any request keeps a session alive, but never beyond its end. */
Test(session, use_moves_only_the_idle_limit)
{
	const char *ends = sql("SELECT expires_at FROM session " OF_NAVIGATOR);

	sql("UPDATE session SET seen_at = now() - interval '9 hours' " OF_NAVIGATOR);
	known_to_the_worker();
	cr_assert_str_eq(sql("SELECT seen_at > now() - interval '5 minutes' FROM session " OF_NAVIGATOR), "t", "use was not noted");
	cr_assert_str_eq(sql("SELECT expires_at FROM session " OF_NAVIGATOR), ends);
}

/* ---- administrators ---- */

static const char *account(const char *username)
{
	return sql("SELECT id FROM account WHERE username = '%s'", username);
}

static struct answer administer(const char *username, const char *verb)
{
	char path[120];

	snprintf(path, sizeof(path), "/api/v1/accounts/%s/%s", account(username), verb);
	return call(ROLE_administrator, "POST", path, NULL);
}

Test(session, ended_by_an_administrator)
{
	struct answer a;

	known_to_the_worker();
	a = administer("navigator", "sign-out");
	cr_assert_eq(a.status, 200, "%s", a.body);
	cr_assert_eq(answer_int(&a, "sessions_ended"), 1);
	expect_ended("signed out by an administrator");
}

Test(session, account_closed_by_an_administrator)
{
	struct answer a;

	give_password("navigator");
	known_to_the_worker();
	a = administer("navigator", "disable");
	cr_assert_eq(a.status, 200, "%s", a.body);
	expect_ended("closed by an administrator");
	cr_assert_eq(sign_in("navigator", PASSWORD).status, 401, "and nobody gets in again");
}

Test(session, administrators_stay_in_their_partnership)
{
	struct answer a = administer("other_officer", "disable");

	cr_assert_eq(a.status, 404, "%s", a.body);
	a = administer("other_officer", "sign-out");
	cr_assert_eq(a.status, 404, "%s", a.body);
	a = call(ACTOR_other_officer, "GET", "/api/v1/sessions/current", NULL);
	cr_assert_eq(a.status, 200, "%s", a.body);
	a = administer("administrator", "disable");
	cr_assert_eq(a.status, 404, "nobody closes the door behind himself: %s", a.body);
}

Test(session, account_made_by_an_administrator_signs_in)
{
	struct answer a = call(ROLE_administrator, "POST", "/api/v1/accounts",
			       "{\"organisation_id\":\"" PROVIDER_A "\",\"username\":\"New.Person\",\"name\":\"Ada Example\","
			       "\"role\":\"provider\",\"password\":\"" PASSWORD "\"}");

	cr_assert_eq(a.status, 201, "%s", a.body);
	cr_assert_null(strstr(a.body, PASSWORD), "%s", a.body);
	signed_in("new.person");
	a = call(ROLE_administrator, "POST", "/api/v1/accounts",
		 "{\"organisation_id\":\"" PROVIDER_A "\",\"username\":\"new.person\",\"name\":\"Ada Again\","
		 "\"role\":\"provider\",\"password\":\"" PASSWORD "\"}");
	cr_assert(a.status == 409 || a.status == 422, "a name taken: %d %s", a.status, a.body);
	a = call(ROLE_administrator, "POST", "/api/v1/accounts",
		 "{\"organisation_id\":\"" OTHER_PROVIDER "\",\"username\":\"elsewhere\",\"name\":\"Ada Elsewhere\","
		 "\"role\":\"provider\",\"password\":\"" PASSWORD "\"}");
	cr_assert_eq(a.status, 422, "an organisation of another partnership: %d %s", a.status, a.body);
	cr_assert(answer_has_error(&a, "/organisation_id"), "%s", a.body);
}

/* ---- one's own password ---- */

Test(session, guesses_at_the_current_password_lock_too)
{
	const char *mine;
	struct answer a;

	give_password("provider");
	mine = signed_in("provider");
	for (int i = 0; i < 5; i++)
		a = change_password(mine, "not the right one 1", "another kettle of fish");
	cr_assert_eq(a.status, 422, "the fifth: %s", a.body);
	a = change_password(mine, PASSWORD, "another kettle of fish");
	cr_assert_eq(a.status, 429, "locked: %s", a.body);
	cr_assert_str_eq(sql("SELECT count(*) FROM audit.event WHERE action = 'sign_in_failed'"), "5");
	cr_assert_eq(who(bearer(mine)), 200, "who is signed in stays so");
}

Test(session, new_password_ends_the_other_sessions)
{
	const char *mine, *other;
	struct answer a;

	give_password("provider");
	mine = signed_in("provider");
	other = signed_in("provider");
	cr_assert_eq(who(bearer(other)), 200);
	a = change_password(mine, "not the right one 1", "another kettle of fish");
	cr_assert_eq(a.status, 422, "%s", a.body);
	cr_assert(answer_has_error(&a, "/current_password"), "%s", a.body);
	cr_assert_eq(who(bearer(other)), 200, "a wrong password ends nothing");
	a = change_password(mine, PASSWORD, "another kettle of fish");
	cr_assert_eq(a.status, 200, "%s", a.body);
	cr_assert_eq(who(bearer(mine)), 200, "the session that changed it stays");
	cr_assert_eq(who(bearer(other)), 401, "the others end");
	cr_assert_eq(sign_in("provider", PASSWORD).status, 401, "the old one opens nothing");
	cr_assert_eq(sign_in("provider", "another kettle of fish").status, 201);
}
