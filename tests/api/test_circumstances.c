/* Facts of a household besides its needs: reviews, leave, income, MARAC, allegations. */
#include <criterion/criterion.h>

#include "inventory.h"
#include "memory.h"
#include "service.h"

TestSuite(circumstances, .init = service_start, .fini = service_stop);

#define HERE "/api/v1/households/" HOUSEHOLD

static size_t listed(const char *filter)
{
	char path[120];
	struct answer a;

	snprintf(path, sizeof(path), "/api/v1/households?%s", filter);
	a = call(ROLE_navigator, "GET", path, NULL);
	cr_assert_eq(a.status, 200, "%s", a.body);
	return json_array_size(json_object_get(a.json, "items"));
}

static const char *day(int from_today)
{
	return sql("SELECT current_date + %d", from_today);
}

static struct answer refer_to_marac(const char *referred, const char *heard)
{
	return call(ROLE_navigator, "POST", HERE "/maracs",
		    "{\"referred_on\":\"%s\",\"heard_on\":\"%s\"}", referred, heard);
}

Test(circumstances, marac_within_twelve_months_is_a_repeat)
{
	struct answer old = refer_to_marac(day(-800), day(-790));
	struct answer first = refer_to_marac(day(-400), day(-360));
	struct answer again = refer_to_marac(day(-3), day(-1)), twice, shown;

	cr_assert_eq(old.status, 201, "%s", old.body);
	cr_assert(json_is_false(json_object_get(first.json, "repeat")), "390 days: %s", first.body);
	cr_assert(json_is_true(json_object_get(again.json, "repeat")), "357 days: %s", again.body);
	twice = refer_to_marac(day(-3), day(-1));
	cr_assert_eq(twice.status, 409, "%s", twice.body);
	shown = call(ROLE_navigator, "GET", HERE, NULL);
	cr_assert_str_eq(answer_text(&shown, "maracs.0.id"), answer_text(&again, "id"), "%s", shown.body);
}

Test(circumstances, marac_is_heard_after_it_was_referred_and_not_to_come)
{
	struct answer early = refer_to_marac(day(-3), day(-4)), soon = refer_to_marac(day(-3), day(1));
	struct answer open = call(ROLE_navigator, "POST", HERE "/maracs", "{}"), heard;
	struct answer other = call(ACTOR_other_officer, "POST", HERE "/maracs", "{}");
	char path[80], body[60];

	cr_assert(answer_has_error(&early, "/heard_on"), "%s", early.body);
	cr_assert(answer_has_error(&soon, "/heard_on"), "%s", soon.body);
	cr_assert_eq(other.status, 404, "%s", other.body);
	cr_assert_eq(open.status, 201, "%s", open.body);
	snprintf(path, sizeof(path), "/api/v1/maracs/%s", answer_text(&open, "id"));
	snprintf(body, sizeof(body), "{\"heard_on\":\"%s\"}", day(0));
	heard = change(ROLE_navigator, path, 1, body);
	cr_assert_eq(heard.status, 200, "%s", heard.body);
	cr_assert_eq(change(ROLE_navigator, path, 1, body).status, 412);
}

Test(circumstances, the_day_of_a_marac_is_recorded_for_its_own_case)
{
	struct answer open = call(ROLE_navigator, "POST", HERE "/maracs", "{}"), shown;
	const char *id = answer_text(&open, "id");
	const char *path = arena_printf(test_memory(), "/api/v1/maracs/%s/heard", id);
	const char *heard = arena_printf(test_memory(), "{\"heard_on\":\"%s\"}", day(0));
	struct answer early = call(ROLE_navigator, "POST", path, "{\"heard_on\":\"%s\"}", day(-1));
	struct answer none = call(ROLE_navigator, "POST", path, "{}");

	cr_assert(answer_has_error(&early, "/heard_on"), "%s", early.body);
	cr_assert(answer_has_error(&none, "/heard_on"), "%s", none.body);
	cr_assert_eq(call(ACTOR_other_officer, "POST", path, "%s", heard).status, 404);
	cr_assert_eq(call(ROLE_navigator, "POST", path, "%s", heard).status, 200);
	shown = call(ROLE_navigator, "GET", arena_printf(test_memory(), "/api/v1/maracs/%s", id), NULL);
	cr_assert_str_eq(answer_text(&shown, "heard_on"), day(0), "%s", shown.body);
}

Test(circumstances, reviews_and_leave_that_end_soon_are_found)
{
	char body[200];
	struct answer a;

	snprintf(body, sizeof(body), "{\"risk_review_on\":\"%s\"}", day(10));
	cr_assert_eq(change(ROLE_navigator, HERE, 1, body).status, 200);
	snprintf(body, sizeof(body), "{\"immigration_status\":\"mvdac\",\"immigration_evidence\":"
		 "\"concession_letter\",\"immigration_expires_on\":\"%s\",\"weekly_income_pence\":12050}", day(30));
	a = change(ROLE_navigator, HERE, 2, body);
	cr_assert_eq(a.status, 200, "%s", a.body);
	cr_assert_str_eq(answer_text(&a, "income_source"), "not_asked");
	cr_assert_eq(answer_int(&a, "weekly_income_pence"), 12050);
	cr_assert_eq(listed("risk_review_within=9"), 0);
	cr_assert_eq(listed("risk_review_within=10"), 1);
	cr_assert_eq(listed("immigration_expires_within=29"), 0);
	cr_assert_eq(listed("immigration_expires_within=30"), 1);
	a = change(ROLE_navigator, HERE, 3, "{\"immigration_status\":null}");
	cr_assert_str_eq(answer_text(&a, "immigration_status"), "not_asked", "%s", a.body);
}

#define FOUND(who) \
	"{\"counter_allegation\":true,\"primary_victim\":\"" who "\"," \
	"\"primary_victim_on\":\"2026-01-05\",\"primary_victim_reason\":\"pattern_of_control\"}"

static json_int_t matching(void)
{
	struct answer a;

	board_settle();
	a = call(ROLE_navigator, "POST", "/api/v1/vacancy-searches", "{\"household_id\":\"" HOUSEHOLD "\"}");
	cr_assert_eq(a.status, 200, "%s", a.body);
	return answer_int(&a, "matching");
}

Test(circumstances, determination_says_when_and_why_and_excludes_nobody)
{
	struct answer bare = change(ROLE_navigator, HERE, 1, "{\"primary_victim\":\"this_household\"}");
	struct answer half = change(ROLE_navigator, HERE, 1, "{\"primary_victim_reason\":\"fear\"}");
	struct answer later = change(ROLE_navigator, HERE, 1, "{\"primary_victim\":\"this_household\","
				     "\"primary_victim_on\":\"2199-01-01\",\"primary_victim_reason\":\"fear\"}");
	json_int_t before = matching();

	cr_assert(answer_has_error(&bare, "/primary_victim_reason"), "%s", bare.body);
	cr_assert_eq(half.status, 422, "%s", half.body);
	cr_assert(answer_has_error(&later, "/primary_victim_on"), "%s", later.body);
	cr_assert_eq(change(ROLE_navigator, HERE, 1, FOUND("other_party")).status, 200);
	cr_assert_gt(before, 0);
	cr_assert_eq(matching(), before, "the same places as before");
	cr_assert_eq(change(ROLE_navigator, HERE, 2, FOUND("this_household")).status, 200);
	cr_assert_eq(matching(), before);
}
