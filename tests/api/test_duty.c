/* Duty telephones: who holds or may hold a place can call its provider. */
#include <string.h>
#include <unistd.h>

#include "inventory.h"
#include "memory.h"
#include "patience.h"
#include "placing.h"

TestSuite(duty, .init = service_start, .fini = service_stop);

#define OWN "/api/v1/organisations/current/duty-telephone"
#define SET(organisation) "/api/v1/organisations/" organisation "/duty-telephone"
#define BOTH "{\"day\":\"01642 900123\",\"night\":\"07700 900123\",\"day_begins\":\"00:01\",\"day_ends\":\"23:59\"}"

Test(duty, a_provider_sets_its_own)
{
	struct answer a = call(ROLE_provider, "POST", OWN, BOTH);

	assert_status(a, 200);
	cr_expect_str_eq(answer_text(&a, "duty_telephone.day"), "01642900123");
	cr_expect_str_eq(answer_text(&a, "duty_telephone.now"), "01642900123");
	a = call(ROLE_provider, "POST", SET(PROVIDER_B), BOTH);
	cr_expect_eq(a.status, 403, "%s", a.body);
	a = call(ROLE_navigator, "POST", OWN, BOTH);
	cr_expect_eq(a.status, 403, "%s", a.body);
	a = call(ROLE_administrator, "POST", SET(OTHER_PROVIDER), BOTH);
	cr_expect_eq(a.status, 404, "%s", a.body);
	cr_expect_str_eq(sql("SELECT count(*) FROM organisation WHERE day_phone IS NOT NULL"), "1");
}

Test(duty, an_administrator_sets_those_of_the_partnership)
{
	struct answer a = call(ROLE_administrator, "POST", SET(PROVIDER_B), "{\"day\":\"01642 900124\"}");

	assert_status(a, 200);
	cr_expect_str_eq(answer_text(&a, "duty_telephone.now"), "01642900124", "round the clock");
	a = call(ROLE_administrator, "POST", SET(PROVIDER_B), "{}");
	cr_expect(json_is_null(json_object_get(a.json, "duty_telephone")), "removed: %s", a.body);
}

Test(duty, hours_are_both_or_none_and_in_order)
{
	static const struct {
		const char *body, *pointer;
	} wrong[] = {
		{ "{\"day\":\"01642 900123\",\"day_begins\":\"8\",\"day_ends\":\"18:00\"}", "/day_begins" },
		{ "{\"day\":\"01642 900123\",\"day_begins\":\"08:00\"}", "/day_ends" },
		{ "{\"day\":\"01642 900123\",\"day_begins\":\"18:00\",\"day_ends\":\"08:00\"}", "/day_ends" },
		{ "{\"day\":\"01642 900123\",\"day_begins\":\"24:00\",\"day_ends\":\"25:00\"}", "/day_begins" },
		{ "{\"night\":\"07700 900123\",\"day_begins\":\"08:00\",\"day_ends\":\"18:00\"}", "/day" },
		{ "{\"day\":\"yes\"}", "/day" },
	};

	for (size_t i = 0; i < sizeof(wrong) / sizeof(*wrong); i++) {
		struct answer a = call(ROLE_provider, "POST", OWN, "%s", wrong[i].body);

		cr_expect(a.status == 422 && answer_has_error(&a, wrong[i].pointer), "%s: %s", wrong[i].body, a.body);
	}
}

/* The board follows a change within a second. */
static struct answer search_once_followed(const char *number)
{
	struct answer a = { .body = "" };
	int64_t since = clock_mono();

	while (!strstr(a.body, number) && wait_on(since)) {
		a = call(ROLE_navigator, "POST", "/api/v1/vacancy-searches", "{\"household_id\":\"" HOUSEHOLD "\"}");
		assert_status(a, 200);
	}
	return a;
}

/* The database says it beside a placement, the worker beside an option. */
Test(duty, a_search_calls_the_number_that_the_page_calls)
{
	static const char *const hours[] = { "00:00\",\"day_ends\":\"11:59", "12:00\",\"day_ends\":\"23:59" };

	for (size_t i = 0; i < 2; i++) {
		struct answer a = call(ROLE_provider, "POST", OWN,
				       "{\"day\":\"01642 90013%zu\",\"night\":\"07700 90013%zu\",\"day_begins\":\"%s\"}", i, i, hours[i]);
		const char *now;

		assert_status(a, 200);
		now = answer_text(&a, "duty_telephone.now");
		cr_assert(strstr(search_once_followed(now).body, arena_printf(test_memory(), "\"now\":\"%s\"", now)), "%s", now);
	}
}

Test(duty, it_stands_beside_every_option_and_placement)
{
	struct answer a = call(ROLE_provider, "POST", OWN, BOTH);
	const char *id;

	assert_status(a, 200);
	a = search_once_followed(answer_text(&a, "duty_telephone.now"));
	for (size_t i = 0; i < json_array_size(json_object_get(a.json, "options")); i++) {
		const json_t *o = json_array_get(json_object_get(a.json, "options"), i);
		const char *now = json_string_value(json_object_get(json_object_get(o, "duty_telephone"), "now"));
		bool own = strcmp(json_string_value(json_object_get(o, "provider")), "Provider A") == 0;

		cr_expect_str_eq(now ? now : "none", own ? "01642900123" : "none", "%s", a.body);
	}
	a = call(ROLE_navigator, "GET", "/api/v1/referrals/" REFERRAL, NULL);
	cr_expect(strstr(a.body, "01642900123"), "%s", a.body);
	id = offered(HOUSEHOLD, VACANCY_A1);
	a = get(ROLE_navigator, id);
	cr_expect_str_eq(answer_text(&a, "duty_telephone.night"), "07700900123");
	a = hold(HOUSEHOLD_2, VACANCY_A1);
	cr_expect_eq(a.status, 409);
	cr_expect_str_eq(answer_text(&a, "reason"), "held");
	a = call(ROLE_administrator, "POST", SET(COUNCIL), "{\"night\":\"07700 900125\"}");
	a = get(ROLE_provider, id);
	cr_expect_str_eq(answer_text(&a, "duty_telephone.now"), "07700900125", "who asked: %s", a.body);
	a = get(ROLE_analyst, id);
	cr_expect(json_is_null(json_object_get(a.json, "duty_telephone")), "%s", a.body);
	a = call(ROLE_analyst, "GET", "/api/v1/organisations/" PROVIDER_A, NULL);
	cr_expect(json_is_null(json_object_get(a.json, "duty_telephone")), "%s", a.body);
}
