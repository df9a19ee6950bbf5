/* Every rule over every night of the stay: what a search, a hold and a ranking answer. Ages, births,
 * voids, who belongs to whom; staying at home; tonight; what is kept for others. */
#include <criterion/criterion.h>
#include <string.h>
#include <unistd.h>

#include "inventory.h"
#include "memory.h"
#include "referring.h"

TestSuite(whole_stay, .init = service_start, .fini = service_stop);

static const char *day(int days)
{
	return sql("SELECT (today() %+d)::text", days);
}

/* A birth date that makes somebody so many years old in so many days. */
static const char *born(int years, int in_days)
{
	return sql("SELECT (today() %+d - interval '%d years')::date::text", in_days, years);
}

static const char *person(const char *kind, const char *sex, const char *birth)
{
	return arena_printf(test_memory(), "{\"kind\":\"%s\",\"sex\":\"%s\",\"gender_identity\":\"same_as_sex\",\"birth_date\":\"%s\"}",
			    kind, sex, birth);
}

#define MOTHER "{\"kind\":\"main\",\"sex\":\"female\",\"gender_identity\":\"same_as_sex\",\"age\":35}"

static struct answer search(const char *needs, const char *members)
{
	struct answer a = call(ROLE_navigator, "POST", "/api/v1/vacancy-searches",
			       "{\"household\":{\"situation\":\"friends\",%s,\"members\":[%s]}}", needs, members);

	cr_assert_eq(a.status, 200, "%s", a.body);
	return a;
}

static json_t *row_of(const struct answer *a, const char *list, const char *vacancy)
{
	json_t *row;
	size_t i;

	json_array_foreach(json_object_get(a->json, list), i, row)
		if (text_eq(json_string_value(json_object_get(row, "vacancy_id")), vacancy))
			return row;
	return NULL;
}

static bool asks(const struct answer *a, const char *vacancy, const char *rule)
{
	json_t *ask, *list = json_object_get(row_of(a, "options", vacancy), "asks");
	size_t i;

	json_array_foreach(list, i, ask)
		if (text_eq(json_string_value(ask), rule))
			return true;
	return false;
}

/* The rule by which a vacancy nearly fits, "fits", "asks" with that rule, or "". */
static const char *verdict(const struct answer *a, const char *vacancy, const char *rule)
{
	json_t *near = row_of(a, "near_misses", vacancy);

	if (row_of(a, "options", vacancy))
		return asks(a, vacancy, rule) ? "asks" : "fits";
	return near ? json_string_value(json_object_get(near, "rule")) : "";
}

/* Changes the world, and waits until the service has followed. */
static void follow(const char *statement)
{
	sql("%s", statement);
	board_settle();
}

static const char *nights(int from, int until)
{
	return arena_printf(test_memory(), "\"want_from\":\"%s\",\"want_until\":\"%s\"", day(from), day(until));
}

#define expect_verdict(a, vacancy, rule, expected) \
	cr_expect_str_eq(verdict(&(a), vacancy, rule), expected, "%s %s: %s", vacancy, rule, (a).body)

Test(whole_stay, an_applicant_old_enough_on_the_first_night)
{
	const char *girl = person("main", "female", born(18, 30));
	struct answer later = search(nights(60, 90), girl), now = search(nights(0, 20), girl), within = search(nights(0, 40), girl);

	expect_verdict(later, VACANCY_A1, "min_age", "fits");
	expect_verdict(now, VACANCY_A1, "min_age", "min_age");
	expect_verdict(within, VACANCY_A1, "min_age", "asks");
}

Test(whole_stay, a_boy_who_grows_too_old)
{
	const char *before = arena_printf(test_memory(), MOTHER ",%s", person("child", "male", born(13, -1)));
	const char *within = arena_printf(test_memory(), MOTHER ",%s", person("child", "male", born(13, 15)));
	const char *after = arena_printf(test_memory(), MOTHER ",%s", person("child", "male", born(13, 60)));
	struct answer old = search(nights(0, 30), before), turns = search(nights(0, 30), within), young = search(nights(0, 30), after);

	expect_verdict(old, VACANCY_A1, "boys_age", "boys_age");
	expect_verdict(turns, VACANCY_A1, "boys_age", "asks");
	expect_verdict(young, VACANCY_A1, "boys_age", "fits");
}

Test(whole_stay, a_grown_up_son)
{
	const char *son = "{\"kind\":\"child\",\"sex\":\"male\",\"gender_identity\":\"same_as_sex\",\"age\":19}";
	const char *daughter = "{\"kind\":\"child\",\"sex\":\"female\",\"gender_identity\":\"same_as_sex\",\"age\":19}";
	struct answer a = search(nights(0, 30), arena_printf(test_memory(), MOTHER ",%s", son));
	struct answer b = search(nights(0, 30), arena_printf(test_memory(), MOTHER ",%s", daughter));
	struct answer stored = refer(arena_printf(test_memory(),
		"{\"household\":{\"situation\":\"friends\",\"members\":[" MOTHER ",%s]}}", son));

	expect_verdict(a, VACANCY_B1, "adult_children", "fits");
	expect_verdict(b, VACANCY_A1, "adult_children", "adult_children");
	cr_assert_eq(stored.status, 201, "%s", stored.body);
	cr_assert_eq(answer_int(&stored, "household.members.1.age"), 19, "%s", stored.body);
}

#define CHILD_OF "11111111-1111-4111-8111-111111111111"
#define PARTNER "22222222-2222-4222-8222-222222222222"
#define FATHER "33333333-3333-4333-8333-333333333333"
#define GRANDMOTHER "44444444-4444-4444-8444-444444444444"

Test(whole_stay, who_belongs_to_whom)
{
	static const char body[] = "{\"household\":{\"situation\":\"friends\",\"members\":["
		"{\"id\":\"" CHILD_OF "\",\"kind\":\"main\",\"age\":30,\"partner_of\":\"" PARTNER "\"},"
		"{\"id\":\"" PARTNER "\",\"kind\":\"adult\",\"age\":31,\"partner_of\":\"" CHILD_OF "\"},"
		"{\"id\":\"" FATHER "\",\"kind\":\"adult\",\"age\":60,\"partner_of\":\"" GRANDMOTHER "\"},"
		"{\"id\":\"" GRANDMOTHER "\",\"kind\":\"adult\",\"age\":58,\"partner_of\":\"" FATHER "\"},"
		"{\"kind\":\"adult\",\"age\":19,\"child_of\":\"" CHILD_OF "\"}]}}";
	struct answer a = refer(body), wrong;
	const char *main = answer_text(&a, "household.members.0.id");

	cr_assert_eq(a.status, 201, "%s", a.body);
	cr_assert_eq(answer_int(&a, "household.bedrooms_needed"), 3, "two couples and a grown-up child: %s", a.body);
	cr_assert_str_neq(main, CHILD_OF, "the name of the sender's is not the id");
	cr_assert_str_eq(sql("SELECT count(*) FROM member m JOIN member p ON p.id = m.partner_of AND p.partner_of = m.id"), "4");
	cr_assert_str_eq(sql("SELECT child_of FROM member WHERE child_of IS NOT NULL"), main);
	cr_assert_str_eq(sql("SELECT members ~ 'adult,-,not_asked,19,[0-9]*,f,true,0' FROM board_household WHERE id = '%s'",
			     answer_text(&a, "household.id")), "t");
	wrong = refer("{\"household\":{\"situation\":\"friends\",\"members\":[{\"kind\":\"main\",\"age\":30,"
		      "\"partner_of\":\"" PARTNER "\"}]}}");
	assert_error(wrong, "/household/members/0/partner_of");
}

Test(whole_stay, a_partner_is_named_later)
{
	struct answer a = refer("{\"household\":{\"situation\":\"friends\",\"members\":[{\"kind\":\"main\",\"age\":30},{\"kind\":\"adult\",\"age\":40}]}}");
	const char *main = answer_text(&a, "household.members.0.id"), *other = answer_text(&a, "household.members.1.id");
	struct answer one, two, nobody;

	cr_assert_eq(answer_int(&a, "household.bedrooms_needed"), 2, "%s", a.body);
	one = change(ROLE_navigator, path("members", main, ""), 1, arena_printf(test_memory(), "{\"partner_of\":\"%s\"}", other));
	cr_assert_eq(answer_int(&one, "bedrooms_needed"), 2, "one alone says so: %s", one.body);
	two = change(ROLE_navigator, path("members", other, ""), 2, arena_printf(test_memory(), "{\"partner_of\":\"%s\"}", main));
	cr_assert_eq(answer_int(&two, "bedrooms_needed"), 1, "%s", two.body);
	nobody = change(ROLE_navigator, path("members", other, ""), 3, "{\"partner_of\":\"" NOBODY "\"}");
	assert_error(nobody, "/partner_of");
}

Test(whole_stay, an_age_is_right_on_any_day)
{
	struct answer a = refer(arena_printf(test_memory(), "{\"household\":{\"situation\":\"friends\",\"members\":[%s]}}",
					     person("main", "female", born(18, 1))));

	cr_assert_eq(answer_int(&a, "household.members.0.age"), 17, "%s", a.body);
	cr_assert_str_eq(sql("SELECT (ages_on(m, today())).youngest || ' ' || (ages_on(m, today() + 1)).youngest || ' ' ||"
			     " (ages_on(m, (today() + 1 + interval '1 year')::date)).youngest FROM member m WHERE id = '%s'",
			     answer_text(&a, "household.members.0.id")), "17 18 19");
}

Test(whole_stay, a_birth_needs_a_cot)
{
	follow("UPDATE unit SET cots = 0, max_people = 1, version = version + 1 WHERE id = '" UNIT_A1 "'");
	struct answer due = search(arena_printf(test_memory(), "\"pregnant\":true,\"due_on\":\"%s\",%s", day(6), nights(0, 120)), MOTHER);
	struct answer later = search(arena_printf(test_memory(), "\"pregnant\":true,\"due_on\":\"%s\",%s", day(160), nights(0, 120)), MOTHER);
	struct answer no_day = search(arena_printf(test_memory(), "\"pregnant\":true,%s", nights(0, 120)), MOTHER);

	expect_verdict(due, VACANCY_A1, "capacity", "asks");
	expect_verdict(later, VACANCY_A1, "capacity", "fits");
	expect_verdict(no_day, VACANCY_A1, "capacity", "asks");
}

Test(whole_stay, a_studio_houses_one_or_a_couple)
{
	follow("UPDATE unit SET bedrooms = 0, version = version + 1 WHERE id = '" UNIT_B1 "'");
	struct answer one = search(nights(0, 30), MOTHER);
	struct answer couple = search(nights(0, 30), MOTHER ",{\"kind\":\"adult\",\"age\":40,\"couple\":true}");
	struct answer two = search(nights(0, 30), MOTHER ",{\"kind\":\"adult\",\"age\":40}");

	expect_verdict(one, VACANCY_B1, "bedrooms", "fits");
	expect_verdict(couple, VACANCY_B1, "bedrooms", "fits");
	expect_verdict(two, VACANCY_B1, "bedrooms", "bedrooms");
}

Test(whole_stay, a_void_within_it)
{
	const char *stay = nights(0, 30);
	struct answer a, refused, referral;
	json_t *free;

	follow("INSERT INTO void_period (unit_id, organisation_id, from_day, until_day, reason) VALUES ('" UNIT_A1 "', '" PROVIDER_A "',"
	    " today() + 5, today() + 20, 'repair')");
	a = search(stay, MOTHER);
	expect_verdict(a, VACANCY_A1, "available", "available");
	referral = refer(arena_printf(test_memory(), "{\"household\":{\"situation\":\"friends\",%s,\"members\":[" MOTHER "]}}", stay));
	free = json_object_get(row_of(&a, "near_misses", VACANCY_A1), "free_nights");
	cr_assert_eq(json_array_size(free), 2, "%s", a.body);
	cr_assert_eq(json_integer_value(json_object_get(json_array_get(free, 0), "nights")), 5, "%s", a.body);
	cr_assert_eq(json_integer_value(json_object_get(json_array_get(free, 1), "nights")), 10, "%s", a.body);
	cr_assert_str_eq(json_string_value(json_object_get(json_array_get(free, 1), "from")), day(20), "%s", a.body);
	refused = call(ROLE_navigator, "POST", "/api/v1/placements",
		       "{\"household_id\":\"%s\",\"vacancy_id\":\"" VACANCY_A1 "\"}", answer_text(&referral, "household.id"));
	cr_assert_eq(refused.status, 409, "%s", refused.body);
	a = search(nights(20, 30), MOTHER);
	expect_verdict(a, VACANCY_A1, "available", "fits");
}

#define AT_HOME(wants) wants "\"perpetrator_at_home\":false,\"sole_occupation\":true,\"consent_obtainable\":true," \
	"\"urgency\":\"emergency\""

Test(whole_stay, sanctuary_is_ranked_where_all_is_met_and_second_stage_last)
{
	struct answer a, maybe, no;
	size_t n;

	follow("UPDATE property SET type = 'second_stage' WHERE id = '" PROPERTY_B "'");
	a = search(AT_HOME("\"wants_to_stay\":true,"), MOTHER);
	maybe = search(AT_HOME(""), MOTHER);
	no = search(AT_HOME("\"wants_to_stay\":false,"), MOTHER);
	cr_assert_eq(answer_int(&a, "sanctuary.rank"), 1, "%s", a.body);
	cr_assert_eq(answer_int(&a, "options.0.rank"), 2, "%s", a.body);
	n = json_array_size(json_object_get(a.json, "options"));
	cr_assert_gt(n, 1);
	cr_assert_str_eq(json_string_value(json_object_get(json_array_get(json_object_get(a.json, "options"), n - 1), "type")),
			 "second_stage", "%s", a.body);
	cr_assert_str_eq(answer_text(&maybe, "sanctuary.missing.0.code"), "wants_to_stay", "%s", maybe.body);
	cr_assert_eq(answer_int(&maybe, "options.0.rank"), 1, "%s", maybe.body);
	cr_assert_str_eq(answer_text(&no, "sanctuary.against.0.code"), "wants_to_stay", "%s", no.body);
}

/* The rank of the vacancy among the options. */
static json_int_t rank(const struct answer *a, const char *vacancy)
{
	return json_integer_value(json_object_get(row_of(a, "options", vacancy), "rank"));
}

Test(whole_stay, a_place_made_for_others_is_kept_and_no_score_is_negative)
{
	static const char man[] = "{\"kind\":\"main\",\"sex\":\"male\",\"gender_identity\":\"same_as_sex\",\"age\":35}";
	struct answer a, wanted;
	json_t *row;
	size_t i;

	follow("UPDATE property SET type = 'dispersed_full', residents = 'any', shared_access = false, version = version + 1");
	follow("UPDATE unit SET specialisms = '{lgbt}', version = version + 1 WHERE id = '" UNIT_B1 "'");
	a = search("\"urgency\":\"planned\"", man);
	wanted = search("\"urgency\":\"planned\",\"wished_specialisms\":[\"lgbt\"]", man);
	cr_assert_gt(rank(&a, VACANCY_B1), rank(&a, VACANCY_A1), "%s", a.body);
	cr_assert_eq(rank(&wanted, VACANCY_B1), 1, "%s", wanted.body);
	json_array_foreach(json_object_get(a.json, "options"), i, row)
		cr_assert_geq(json_integer_value(json_object_get(row, "score")), 0, "%s", a.body);
}
