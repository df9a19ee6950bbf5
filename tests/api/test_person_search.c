/* Searching for a person: by whole name, with masked rows and a budget. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

#include "referring.h"

static void start(void)
{
	setenv("HAVEN_PERSON_SEARCH_BUDGET", "12", 1);
	service_start_own();
}

TestSuite(person_search, .init = start, .fini = service_stop);

#define WHY "\"reason_code\":\"police\",\"reason\":\"They ask about a person at risk\""

static struct answer find(int actor, const char *who)
{
	return call(actor, "POST", "/api/v1/person-searches", "{%s," WHY "}", who);
}

static size_t found(const struct answer *a)
{
	cr_assert_eq(a->status, 200, "%s", a->body);
	return json_array_size(json_object_get(a->json, "items"));
}

/* Makes a case of the navigator's council. Returns its id. */
static const char *refer_marta(const char *birth)
{
	struct answer a = call(ROLE_navigator, "POST", "/api/v1/referrals",
			       "{\"household\":{\"situation\":\"rough\",\"members\":[{\"kind\":\"main\",\"name\":\"Marta Quill\"%s%s%s}],"
			       "\"parties\":[{\"name\":\"Oskar Finch\"}]}}", birth ? ",\"birth_date\":\"" : "", birth ? birth : "", birth ? "\"" : "");

	cr_assert_eq(a.status, 201, "%s", a.body);
	return answer_text(&a, "household.id");
}

Test(person_search, finds_members_by_the_whole_name_and_no_parties)
{
	const char *household = refer_marta("1990-02-03");
	struct answer same = find(ROLE_housing_officer, "\"name\":\"QUILL-marta\",\"birth_date\":\"1990-02-03\"");
	struct answer swapped = find(ROLE_housing_officer, "\"name\":\"marta quill\",\"birth_date\":\"1990-02-03\"");
	struct answer undated = find(ROLE_housing_officer, "\"name\":\"marta quill\"");
	struct answer other = find(ROLE_housing_officer, "\"name\":\"marta quill\",\"birth_date\":\"1991-02-03\"");
	struct answer party = find(ROLE_housing_officer, "\"name\":\"oskar finch\"");

	cr_assert_eq(found(&same), 1, "%s", same.body);
	cr_assert_str_eq(answer_text(&same, "items.0.kind"), "similar_name_and_birth", "another order of the parts");
	cr_assert_eq(found(&swapped), 1);
	cr_assert_str_eq(answer_text(&swapped, "items.0.kind"), "name_and_birth");
	cr_assert_str_eq(answer_text(&swapped, "items.0.household_id"), household);
	cr_assert_eq(found(&undated), 1);
	cr_assert_str_eq(answer_text(&undated, "items.0.kind"), "name");
	cr_assert_eq(found(&other), 0, "another of that name: %s", other.body);
	cr_assert_eq(found(&party), 0, "%s", party.body);
}

Test(person_search, other_organisations_rows_tell_whose_they_are_alone)
{
	const char *household = refer_marta(NULL);
	struct answer a, elsewhere, denied;

	sql("INSERT INTO organisation (id, partnership_id, kind, name) VALUES ('00000000-0000-4000-8000-000000000015', '" PARTNERSHIP
	    "', 'council', 'Second Council')");
	sql("UPDATE household SET organisation_id = '00000000-0000-4000-8000-000000000015' WHERE id = '%s'", household);
	a = find(ROLE_housing_officer, "\"name\":\"Marta Quill\"");
	cr_assert_eq(found(&a), 1);
	cr_assert_str_eq(answer_text(&a, "items.0.organisation"), "Second Council");
	cr_assert_null(strstr(a.body, household), "%s", a.body);
	cr_assert_null(answer_text(&a, "items.0.household_reference"), "%s", a.body);
	elsewhere = find(ACTOR_other_officer, "\"name\":\"Marta Quill\"");
	cr_assert_eq(found(&elsewhere), 0, "another partnership: %s", elsewhere.body);
	sql("INSERT INTO case_access (household_id, account_id, access, reason) SELECT '%s', id, 'deny', 'r' FROM account"
	    " WHERE username = 'housing_officer'", household);
	denied = find(ROLE_housing_officer, "\"name\":\"Marta Quill\"");
	cr_assert_eq(found(&denied), 0, "%s", denied.body);
}

Test(person_search, shows_five_and_says_that_there_are_more)
{
	struct answer a;

	for (int i = 0; i < 6; i++)
		refer_marta(NULL);
	a = find(ROLE_navigator, "\"name\":\"Marta Quill\"");
	cr_assert_eq(found(&a), 5, "%s", a.body);
	cr_assert(json_is_true(json_object_get(a.json, "more")), "%s", a.body);
}

Test(person_search, wildcards_and_searches_for_nothing_are_refused)
{
	static const char *const wild[] = { "Marta*", "Mart%", "Mart_", "Q?ill" };
	struct answer bare = call(ROLE_navigator, "POST", "/api/v1/person-searches", "{\"name\":\"Marta Quill\"}");
	struct answer both = call(ROLE_navigator, "POST", "/api/v1/person-searches",
				  "{\"name\":\"Marta Quill\",\"referral_id\":\"" REFERRAL "\"," WHY "}");
	struct answer related = call(ROLE_navigator, "POST", "/api/v1/person-searches",
				     "{\"name\":\"Marta Quill\",\"referral_id\":\"" REFERRAL "\"}");
	struct answer stranger = call(ACTOR_other_officer, "POST", "/api/v1/person-searches",
				      "{\"name\":\"Marta Quill\",\"referral_id\":\"" REFERRAL "\"}");

	for (size_t i = 0; i < 4; i++) {
		struct answer a = call(ROLE_navigator, "POST", "/api/v1/person-searches", "{\"name\":\"%s\"," WHY "}", wild[i]);

		cr_assert(a.status == 422 && answer_has_error(&a, "/name"), "%s: %s", wild[i], a.body);
	}
	cr_assert_eq(bare.status, 422, "%s", bare.body);
	cr_assert_eq(both.status, 422, "%s", both.body);
	cr_assert_eq(related.status, 200, "%s", related.body);
	cr_assert(stranger.status == 422 && answer_has_error(&stranger, "/referral_id"), "%s", stranger.body);
	cr_assert_eq(call(ROLE_provider, "POST", "/api/v1/person-searches", "{\"name\":\"Marta Quill\"," WHY "}").status, 403);
}

/* Guessing names raises an alert at the tenth guess, and is stopped at the end of the budget. */
Test(person_search, guessing_is_told_and_searching_has_an_end)
{
	char who[64];

	for (int i = 1; i <= 14; i++) {
		struct answer a;

		snprintf(who, sizeof(who), "\"name\":\"Invented %d\"", i);
		a = find(ROLE_navigator, who);
		cr_assert_eq(a.status, i <= 12 ? 200 : 429, "%d: %s", i, a.body);
		cr_assert_str_eq(sql("SELECT count(*) FROM alert WHERE kind = 'person_search'"), i < 10 ? "0" : i <= 12 ? "1" : "2", "after %d", i);
	}
	for (int i = 0; i < 2; i++) {
		struct answer a = call_with(ROLE_navigator, "POST", "/api/v1/person-searches",
					    "Idempotency-Key: again\r\nContent-Type: application/json\r\n", "{\"name\":\"Nobody Else\"," WHY "}");

		cr_assert_eq(a.status, 429, "sent again it is refused again: %s", a.body);
	}
	cr_assert_str_eq(sql("SELECT count(*) FROM audit.event WHERE action = 'person_search'"), "15", "each is recorded");
	cr_assert_str_eq(sql("SELECT count(*) FROM audit.event WHERE detail::text ~* 'invented|nobody|at risk'"), "0", "and not for whom");
	sql("UPDATE person_search_count SET day = day - 1");
	cr_assert_eq(find(ROLE_navigator, "\"name\":\"Marta Quill\"").status, 200, "another day");
}
