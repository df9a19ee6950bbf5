/* The same person in two cases, and twice in one household. */
#include <criterion/criterion.h>

#include "referring.h"

TestSuite(same_person, .init = service_start, .fini = service_stop);

#define BORN ",\"birth_date\":\"1990-02-03\""

static struct answer refer_two(const char *first, const char *second)
{
	return call(ROLE_navigator, "POST", "/api/v1/referrals",
		    "{\"household\":{\"situation\":\"rough\",\"members\":[{\"kind\":\"main\",\"sex\":\"female\",\"age\":30},"
		    "{\"kind\":\"adult\",%s},{\"kind\":\"adult\",%s}]}}", first, second);
}

static struct answer refer_one(const char *name)
{
	struct answer a = call(ROLE_navigator, "POST", "/api/v1/referrals",
			       "{\"household\":{\"situation\":\"rough\",\"members\":[{\"kind\":\"main\",\"name\":\"%s\"" BORN "}]}}", name);

	cr_assert_eq(a.status, 201, "%s", a.body);
	return a;
}

Test(same_person, duplicates_say_whether_they_are_exact_or_possible)
{
	struct answer first = refer_one("Renée Favé"), same = refer_one("RENÉE  favé"), similar = refer_one("Fave, Renee");
	struct answer stranger = refer_one("Renata Fave");

	cr_assert_eq(json_array_size(json_object_get(first.json, "duplicates")), 0, "%s", first.body);
	cr_assert_str_eq(answer_text(&same, "duplicates.0.match"), "exact", "%s", same.body);
	cr_assert_eq(json_array_size(json_object_get(similar.json, "duplicates")), 2, "%s", similar.body);
	cr_assert_str_eq(answer_text(&similar, "duplicates.0.match"), "possible", "%s", similar.body);
	cr_assert_eq(json_array_size(json_object_get(stranger.json, "duplicates")), 0, "%s", stranger.body);
	cr_assert(json_is_true(json_object_get(json_object_get(same.json, "referral"), "repeat")), "%s", same.body);
	cr_assert(json_is_false(json_object_get(json_object_get(similar.json, "referral"), "repeat")), "statistics count what is sure");
}

Test(same_person, placeholders_are_nobody)
{
	struct answer one = refer_two("\"name\":\"Baby Boy\"" BORN, "\"name\":\"baby boy\"" BORN);
	struct answer other = refer_two("\"name\":\"BABY BOY\"" BORN, "\"name\":\"Not known\"" BORN);

	cr_assert_eq(one.status, 201, "unnamed twins: %s", one.body);
	cr_assert_eq(other.status, 201, "%s", other.body);
	cr_assert_eq(json_array_size(json_object_get(other.json, "duplicates")), 0, "%s", other.body);
	cr_assert_str_eq(sql("SELECT count(*) FROM person_index WHERE household_id IN ('%s', '%s')", answer_text(&one, "household.id"),
			     answer_text(&other, "household.id")), "0");
}

Test(same_person, nobody_is_declared_or_searched_for_by_a_placeholder)
{
	struct answer link = call(ROLE_navigator, "POST", "/api/v1/conflict-declarations", "{\"name\":\"Unknown\",\"relationship\":\"friend\"}");
	struct answer search = call(ROLE_navigator, "POST", "/api/v1/person-searches",
				    "{\"name\":\"baby\",\"reason_code\":\"police\",\"reason\":\"They ask about a person\"}");

	cr_assert(link.status == 422 && answer_has_error(&link, "/name"), "%s", link.body);
	cr_assert(search.status == 422 && answer_has_error(&search, "/name"), "%s", search.body);
}

Test(same_person, is_one_member_of_a_household)
{
	struct answer twice = refer_two("\"name\":\"Marta Quill\"" BORN, "\"name\":\"MARTA quill\"" BORN);
	struct answer turned = refer_two("\"name\":\"Marta Quill\"" BORN, "\"name\":\"Quill Marta\"" BORN);
	struct answer twins = refer_two("\"name\":\"Marta Quill\"" BORN, "\"name\":\"Maria Quill\"" BORN);
	struct answer undated = refer_two("\"name\":\"Marta Quill\"", "\"name\":\"Marta Quill\"");
	struct answer added;
	const char *members;

	cr_assert(twice.status == 422 && answer_has_error(&twice, "/household/members/2/name"), "%s", twice.body);
	cr_assert(turned.status == 422 && answer_has_error(&turned, "/household/members/2/name"), "%s", turned.body);
	cr_assert_eq(undated.status, 201, "%s", undated.body);
	cr_assert_eq(twins.status, 201, "%s", twins.body);
	members = path("households", answer_text(&twins, "household.id"), "/members");
	added = call(ROLE_navigator, "POST", members, "{\"kind\":\"adult\",\"name\":\"maria quill\"" BORN "}");
	cr_assert(added.status == 422 && answer_has_error(&added, "/name"), "%s", added.body);
	added = call(ROLE_navigator, "POST", members, "{\"kind\":\"adult\",\"name\":\"QUILL, Maria\"" BORN "}");
	cr_assert(added.status == 422 && answer_has_error(&added, "/name"), "in another order: %s", added.body);
	added = call(ROLE_navigator, "POST", members, "{\"kind\":\"adult\",\"name\":\"Quill Maria\",\"birth_date\":\"1990-02-04\"}");
	cr_assert_eq(added.status, 201, "born another day: %s", added.body);
	added = call(ROLE_navigator, "POST", members, "{\"kind\":\"adult\",\"name\":\"Marie Quill\"" BORN "}");
	cr_assert_eq(added.status, 201, "%s", added.body);
}
