/* The languages of the census, British Sign Language, and another in words. */
#include <criterion/criterion.h>
#include <string.h>

#include "base/uuid.h"
#include "inventory.h"
#include "memory.h"
#include "referring.h"

TestSuite(languages, .init = service_start, .fini = service_stop);

#define FORM "Accept: text/html\r\nContent-Type: application/x-www-form-urlencoded\r\n"
#define A1 "/api/v1/units/" UNIT_A1
#define MEMBERS "\"members\":[{\"kind\":\"main\",\"sex\":\"female\",\"age\":30}]"

static struct answer refer_speaker(const char *languages)
{
	return call(ROLE_navigator, "POST", "/api/v1/referrals", "{\"household\":{\"situation\":\"rough\"," MEMBERS ",%s}}", languages);
}

static bool scored(struct answer a)
{
	return strstr(a.body, "\"code\":\"language\"") != NULL;
}

static void refused(struct answer a, const char *pointer)
{
	assert_error(a, pointer);
}

static void staff_speak(const char *body)
{
	struct answer a = change(ROLE_provider, A1, 1, body);

	assert_status(a, 200);
	board_settle();
}

Test(languages, of_the_census_are_taken_and_scored)
{
	struct answer a;

	staff_speak("{\"languages\":[\"yo\",\"cy\",\"sco-ulster\"]}");
	a = refer_speaker("\"languages\":[\"yo\",\"bfi\"]");
	assert_status(a, 201);
	cr_assert(scored(a), "somebody there speaks it: %s", a.body);
	cr_assert_not(scored(refer_speaker("\"languages\":[\"lg\"]")));
	cr_assert(scored(refer_speaker("\"languages\":[\"sco-ulster\"]")));
	refused(refer_speaker("\"languages\":[\"xx\"]"), "/household/languages/0");
}

/* The same words may mean two languages, and one language has many names: nobody claims a match. */
Test(languages, in_words_are_told_and_not_matched)
{
	struct answer a;

	staff_speak("{\"languages\":[\"other\",\"sgn\"],\"other_language\":\"Kashmiri\"}");
	a = call(ROLE_provider, "GET", A1, NULL);
	cr_assert_str_eq(answer_text(&a, "other_language"), "Kashmiri", "%s", a.body);
	a = refer_speaker("\"languages\":[\"other\"],\"other_language\":\"Kashmiri\"");
	assert_status(a, 201);
	cr_assert_str_eq(answer_text(&a, "household.other_language"), "Kashmiri", "%s", a.body);
	cr_assert_not(scored(a), "%s", a.body);
	cr_assert_str_eq(sql("SELECT count(*) FROM audit.event WHERE subject_kind = 'household' AND detail::text ~ 'Kashmiri'"), "0");
}

Test(languages, in_words_need_the_words_and_the_code)
{
	struct answer a = refer_speaker("\"languages\":[\"other\"]");

	refused(a, "/household/other_language");
	refused(refer_speaker("\"languages\":[\"en\",\"sgn\"]"), "/household/other_language");
	refused(refer_speaker("\"languages\":[\"ur\"],\"other_language\":\"Kashmiri\""), "/household/other_language");
	refused(refer_speaker("\"other_language\":\"Kashmiri\""), "/household/other_language");
	refused(refer_speaker("\"languages\":[\"other\"],\"other_language\":\"14 Broadway\""), "/household/other_language");
	refused(call(ROLE_housing_officer, "POST", "/api/v1/vacancy-searches",
			  "{\"household\":{\"situation\":\"rough\"," MEMBERS ",\"languages\":[\"other\"]}}"), "/household/other_language");
	refused(call(ROLE_provider, "POST", "/api/v1/units", "{\"property_id\":\"" PROPERTY_A "\",\"reference\":\"Room 9\","
			  "\"self_contained\":false,\"languages\":[\"other\"]}"), "/other_language");
	refused(change(ROLE_provider, A1, 1, "{\"languages\":[\"other\"]}"), "/other_language");
	refused(change(ROLE_provider, A1, 1, "{\"other_language\":\"Kashmiri\"}"), "/other_language");
}

/* A change of one of the two is judged with what is stored of the other. */
Test(languages, of_a_household_change_together)
{
	struct answer a = refer_speaker("\"languages\":[\"ur\"]");
	const char *at = path("households", answer_text(&a, "household.id"), "");

	refused(change(ROLE_navigator, at, 1, "{\"languages\":[\"ur\",\"other\"]}"), "/other_language");
	refused(change(ROLE_navigator, at, 1, "{\"other_language\":\"Kashmiri\"}"), "/other_language");
	a = change(ROLE_navigator, at, 1, "{\"languages\":[\"ur\",\"other\"],\"other_language\":\"Kashmiri\",\"interpreter\":true}");
	assert_status(a, 200);
	a = change(ROLE_navigator, at, 2, "{\"languages\":[\"other\"]}");
	assert_status(a, 200);
	cr_assert_str_eq(answer_text(&a, "other_language"), "Kashmiri", "it stays: %s", a.body);
	refused(change(ROLE_navigator, at, 3, "{\"languages\":[\"ur\"]}"), "/other_language");
	a = change(ROLE_navigator, at, 3, "{\"languages\":[\"ur\"],\"other_language\":null}");
	assert_status(a, 200);
}

#define SENT "household-members-0-kind=main&household-members-0-age=30&household-members-0-sex=female&" \
	     "household-situation=rough&consent=given&"

static struct answer form(const char *languages)
{
	char key[UUID_TEXT];
	struct arena *a = test_memory();

	uuid_random(key);
	return call_with(ROLE_navigator, "POST", "/referrals", arena_printf(a, FORM "Idempotency-Key: %s\r\n", key),
			 arena_printf(a, SENT "%s", languages));
}

/* The page: an input for each language, shown again as it was sent. */
Test(languages, on_the_page_of_a_referral)
{
	struct answer a = form("household-languages-0=ur&household-languages-1=other&household-interpreter=yes");

	cr_assert_eq(a.status, 422, "%s", a.body);
	cr_assert(strstr(a.body, "<option value=\"ur\" selected>Urdu</option>"), "%s", a.body);
	cr_assert(strstr(a.body, "<option value=\"other\" selected>Another language</option>"), "%s", a.body);
	cr_assert(strstr(a.body, "href=\"#household-other_language\""), "%s", a.body);
	a = form("household-languages-0=ur&household-languages-1=other&household-other_language=Kashmiri&"
		 "household-interpreter=yes");
	cr_assert_eq(a.status, 303, "%s", a.body);
	a = call_with(ROLE_navigator, "GET", answer_header(&a, "location"), "Accept: text/html\r\n", NULL);
	cr_assert(strstr(a.body, "<div>Urdu</div>") && strstr(a.body, "Kashmiri"), "%s", a.body);
	cr_assert(strstr(a.body, "<dt>Interpreter needed</dt><dd>Yes</dd>"), "%s", a.body);
}
