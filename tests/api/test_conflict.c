/* Conflicts of interest: people of a property are compared with parties, declared links with
 * everyone in a case. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

#include "base/date.h"
#include "referring.h"
#include "seal/blind.h"

TestSuite(conflict, .init = service_start, .fini = service_stop);

/* Adds a person of Heather House, as an import of its staff would. */
static void staff(const char *name, int32_t birth)
{
	const char *error = NULL;
	struct vault_keys *keys = vault_keys_load(service_key_file(), &error);
	int32_t births[BLIND_BIRTHS];
	int n = blind_births(BLIND_COMPARED, birth, births);
	char hash[BLIND_SIZE];

	cr_assert(keys, "%s", error);
	for (int i = 0; i < n; i++) {
		for (int form = NAME_EXACT; form <= NAME_POSSIBLE; form++) {
			cr_assert(blind_index(keys, BLIND_PARTY, form, name, births[i], hash), "%s", name);
			sql("INSERT INTO property_party VALUES ('" PROPERTY_A "', decode('%s', 'hex'), 'staff', '%s')", hash, blind_form(form, births[i]));
		}
	}
	vault_keys_free(keys);
}

/* Two of three places are in Heather House. */
static json_int_t matching_with(const char *party)
{
	struct answer a = call(ROLE_navigator, "POST", "/api/v1/referrals",
			       "{\"household\":{\"situation\":\"rough\",\"members\":[{\"kind\":\"main\",\"sex\":\"female\",\"age\":30}],"
			       "\"parties\":[%s]}}", party);

	cr_assert_eq(a.status, 201, "%s", a.body);
	return answer_int(&a, "search.matching");
}

Test(conflict, is_found_where_either_side_knows_no_birth_date)
{
	staff("Finch, Oskar", day_from_civil(1980, 1, 1));
	staff("Wren, Pavel", DAY_NONE);
	cr_assert_eq(matching_with("{\"name\":\"finch oskar\"}"), 1, "the case knows none");
	cr_assert_eq(matching_with("{\"name\":\"finch oskar\",\"birth_date\":\"1980-01-01\"}"), 1, "same date");
	cr_assert_eq(matching_with("{\"name\":\"finch oskar\",\"birth_date\":\"1981-01-01\"}"), 3, "another");
	cr_assert_eq(matching_with("{\"name\":\"wren pavel\",\"birth_date\":\"1981-01-01\"}"), 1, "the property knows none");
	cr_assert_eq(matching_with("{\"name\":\"wren pavel\"}"), 1, "nobody knows");
}

/* A victim may be known in a house: that is not a conflict. */
Test(conflict, members_of_the_household_are_no_parties)
{
	struct answer a;

	staff("Quill, Marta", day_from_civil(1990, 2, 3));
	a = refer("{\"household\":{\"situation\":\"rough\",\"members\":[{\"kind\":\"main\",\"sex\":\"female\","
		  "\"name\":\"Quill Marta\",\"birth_date\":\"1990-02-03\"}]}}");
	cr_assert_eq(answer_int(&a, "search.matching"), 3, "%s", a.body);
}

/* ---- declared links ---- */

#define DECLARE "/api/v1/conflict-declarations"

static struct answer declare(int actor, const char *name, const char *birth)
{
	if (!birth)
		return call(actor, "POST", DECLARE, "{\"name\":\"%s\",\"relationship\":\"family\"}", name);
	return call(actor, "POST", DECLARE, "{\"name\":\"%s\",\"birth_date\":\"%s\",\"relationship\":\"family\"}", name, birth);
}

/* "t" if both functions hide the household of a referral from a role's account. */
static const char *hidden(const char *household, const char *role)
{
	const char *one = sql("SELECT case_hidden('%s', id) FROM account WHERE username = '%s'", household, role);
	const char *all = sql("SELECT set_config('haven.account', id::text, false) <> '' AND set_config('haven.role', role, false) <> ''"
			      " AND set_config('haven.partners', partners_of(organisation_id)::text, false) <> ''"
			      " AND set_config('haven.denied', '', false) = '' AND set_config('haven.opened', '', false) = '' AND EXISTS (SELECT FROM withheld_cases() c WHERE c = '%s') FROM account WHERE username = '%s'",
			      household, role);

	cr_assert_str_eq(one, all, "both functions say the same");
	return one;
}

#define MARTA "{\"household\":{\"situation\":\"rough\",\"members\":[{\"kind\":\"main\",\"sex\":\"female\",\"name\":\"Marta Quill\"," \
	"\"birth_date\":\"1990-02-03\"}],\"parties\":[{\"name\":\"Oskar Finch\"}]}}"

Test(conflict, declared_link_hides_the_cases_of_members_and_parties)
{
	struct answer a = refer(MARTA);
	char household[64];

	snprintf(household, sizeof(household), "%s", answer_text(&a, "household.id"));
	cr_assert_eq(declare(ROLE_housing_officer, "Quill, Marta", "1991-02-03").status, 201);
	cr_assert_str_eq(hidden(household, "housing_officer"), "f", "another of that name");
	cr_assert_eq(declare(ROLE_housing_officer, "marta quill", "1990-02-03").status, 201, "a member");
	cr_assert_str_eq(hidden(household, "housing_officer"), "t");
	cr_assert_eq(declare(ROLE_sanctuary_coordinator, "oskar finch", "1980-01-01").status, 201, "a party without a date");
	cr_assert_str_eq(hidden(household, "sanctuary_coordinator"), "t");
	cr_assert_eq(declare(ROLE_analyst, "marta quill", NULL).status, 201, "the declarer knows no date");
	cr_assert_str_eq(hidden(household, "analyst"), "t");
	cr_assert_str_eq(hidden(household, "navigator"), "f", "everybody else sees it");
}

Test(conflict, name_of_a_declared_link_is_kept_nowhere)
{
	struct answer a = declare(ROLE_navigator, "Canary Quill", "1990-02-03");
	struct answer own = call(ROLE_navigator, "GET", DECLARE, NULL);
	struct answer other = call(ROLE_housing_officer, "GET", DECLARE, NULL);
	struct answer officer = call(ROLE_administrator, "GET", DECLARE, NULL);
	struct answer elsewhere = call(ACTOR_other_officer, "GET", DECLARE, NULL);

	cr_assert_eq(a.status, 201, "%s", a.body);
	cr_assert_str_eq(answer_text(&own, "items.0.relationship"), "family", "%s", own.body);
	cr_assert_eq(json_array_size(json_object_get(own.json, "items")), 1, "one declaration of two hashes");
	cr_assert_eq(json_array_size(json_object_get(other.json, "items")), 0, "%s", other.body);
	cr_assert_eq(json_array_size(json_object_get(officer.json, "items")), 1, "%s", officer.body);
	cr_assert_eq(json_array_size(json_object_get(elsewhere.json, "items")), 0, "%s", elsewhere.body);
	cr_assert(!strcasestr(a.body, "canary") && !strstr(own.body, "1990"), "%s", own.body);
	cr_assert_str_eq(sql("SELECT count(*) FROM audit.event WHERE detail::text ~* 'canary|1990-02|hash'"), "0");
	cr_assert_str_eq(sql("SELECT count(*) FROM idempotency WHERE body ~* 'canary|1990-02'"), "0");
}

Test(conflict, nobody_records_a_person_whom_they_declared)
{
	const char *before = sql("SELECT count(*) || ' ' || (SELECT count(*) FROM referral) || ' ' || (SELECT count(*) FROM vault.person) FROM household");
	struct answer a, b, child;

	cr_assert_eq(declare(ROLE_navigator, "quill marta", NULL).status, 201);
	a = refer("{\"household\":{\"situation\":\"rough\",\"members\":[{\"kind\":\"main\",\"name\":\"Quill Marta\",\"birth_date\":\"1990-02-03\"}]}}");
	cr_assert_eq(a.status, 409, "%s", a.body);
	cr_assert_str_eq(answer_text(&a, "type"), "/problems/conflict-of-interest");
	b = refer("{\"draft\":{\"parties\":[{\"name\":\"Quill Marta\"}]}}");
	cr_assert_eq(b.status, 409, "%s", b.body);
	child = call(ROLE_navigator, "POST", path("households", HOUSEHOLD, "/members"), "{\"kind\":\"child\",\"age\":4,\"name\":\"Quill Marta\"}");
	cr_assert_eq(child.status, 409, "%s", child.body);
	cr_assert_str_eq(sql("SELECT count(*) || ' ' || (SELECT count(*) FROM referral) || ' ' || (SELECT count(*) FROM vault.person) FROM household"),
			 before, "nothing was stored");
}

Test(conflict, only_an_administrator_ends_a_declaration_and_never_an_own_one)
{
	struct answer a = declare(ROLE_navigator, "Marta Quill", NULL), mine = declare(ROLE_administrator, "Marta Quill", NULL);
	struct answer refused = call(ROLE_navigator, "POST", path("conflict-declarations", answer_text(&a, "id"), "/end"),
				     "{\"reason\":\"It was a mistake\"}");
	struct answer own = call(ROLE_administrator, "POST", path("conflict-declarations", answer_text(&mine, "id"), "/end"),
				 "{\"reason\":\"It was a mistake\"}");
	struct answer none = call(ROLE_administrator, "POST", path("conflict-declarations", NOBODY, "/end"),
				  "{\"reason\":\"It was a mistake\"}");
	struct answer good = call(ROLE_administrator, "POST", path("conflict-declarations", answer_text(&a, "id"), "/end"),
				  "{\"reason\":\"It was a mistake\"}");
	struct answer again = call(ROLE_administrator, "POST", path("conflict-declarations", answer_text(&a, "id"), "/end"),
				   "{\"reason\":\"It was a mistake\"}");
	struct answer referral = refer(MARTA);

	cr_assert_eq(refused.status, 403, "%s", refused.body);
	cr_assert_eq(own.status, 409, "%s", own.body);
	cr_assert_str_eq(answer_text(&own, "type"), "/problems/own-deed");
	cr_assert_eq(none.status, 404, "%s", none.body);
	cr_assert_eq(good.status, 200, "%s", good.body);
	cr_assert_eq(again.status, 409, "%s", again.body);
	cr_assert_eq(referral.status, 201, "no link holds any more: %s", referral.body);
	cr_assert_str_eq(sql("SELECT count(*) > 0 FROM audit.event WHERE subject_kind = 'account_link' AND action = 'update'"
			     " AND account_id = (SELECT id FROM account WHERE username = 'administrator')"), "t");
}

/* A user who declares name after name and looks which cases vanish learns who is in them. */
Test(conflict, declaring_name_after_name_is_told)
{
	static const char *const names[] = { "Ann Example", "Bea Example", "Cat Example", "Dee Example" };

	for (int i = 0; i < 4; i++) {
		cr_assert_str_eq(sql("SELECT count(*) FROM alert"), "0", "after %d", i);
		cr_assert_eq(declare(ROLE_analyst, names[i], NULL).status, 201);
	}
	cr_assert_str_eq(sql("SELECT kind FROM alert"), "conflict_probing");
}

/* ---- how names are compared ---- */

#define ONE "{\"household\":{\"situation\":\"rough\",\"members\":[{\"kind\":\"main\",\"sex\":\"female\",\"name\":\"%s\",\"birth_date\":\"1990-02-03\"}]}}"

static struct answer refer_one(const char *name)
{
	struct answer a = call(ROLE_navigator, "POST", "/api/v1/referrals", ONE, name);

	cr_assert_eq(a.status, 201, "%s", a.body);
	return a;
}

static int seen(int actor, const struct answer *referral)
{
	return call(actor, "GET", path("households", answer_text(referral, "household.id"), ""), NULL).status;
}

Test(conflict, declared_link_holds_in_any_writing_of_the_name)
{
	static const char *const names[] = { "ÖDÖN VARGA", "O\u0308do\u0308n Varga", "Varga, Odon", "ödön varga" };
	struct answer other = refer_one("Odin Varga");

	cr_assert_eq(declare(ROLE_housing_officer, "Ödön Varga", NULL).status, 201);
	cr_expect_eq(seen(ROLE_housing_officer, &other), 200, "another name");
	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++) {
		struct answer a = refer_one(names[i]);

		cr_expect_eq(seen(ROLE_housing_officer, &a), 404, "%s", names[i]);
		cr_expect_eq(seen(ROLE_navigator, &a), 200, "%s", names[i]);
	}
}

Test(conflict, people_of_a_property_are_compared_without_diacritics_and_order)
{
	staff("Brown, Alice", day_from_civil(1980, 1, 1));
	staff("Renée Favé", DAY_NONE);
	cr_assert_eq(matching_with("{\"name\":\"Alice Brown\",\"birth_date\":\"1980-01-01\"}"), 1);
	cr_assert_eq(matching_with("{\"name\":\"Alice Brown\",\"birth_date\":\"1981-01-01\"}"), 3, "another date");
	cr_assert_eq(matching_with("{\"name\":\"RENEE FAVE\"}"), 1);
	cr_assert_eq(matching_with("{\"name\":\"unknown\"}"), 3, "a placeholder is no identity");
}

#define CLEAR "{\"household_reference\":\"%s\",\"declaration_id\":\"%s\",\"reason\":\"Both gave another place of birth\"}"

static struct answer clear(int actor, const struct answer *referral, const struct answer *link)
{
	return call(actor, "POST", "/api/v1/cleared-pairs", CLEAR, answer_text(referral, "household.reference"), answer_text(link, "id"));
}

Test(conflict, possible_conflict_holds_until_an_administrator_clears_it)
{
	struct answer similar = refer_one("Renee Fave"), same = refer_one("Renée Favé");
	struct answer link = declare(ROLE_housing_officer, "Renée Favé", "1990-02-03");
	struct answer listed = call(ROLE_administrator, "GET", "/api/v1/possible-conflicts", NULL), cleared, pairs;

	cr_assert_eq(seen(ROLE_housing_officer, &similar), 404);
	cr_assert_eq(json_array_size(json_object_get(listed.json, "items")), 1, "the other is no question: %s", listed.body);
	cr_assert_str_eq(answer_text(&listed, "items.0.declaration_id"), answer_text(&link, "id"));
	cr_assert_eq(clear(ROLE_housing_officer, &similar, &link).status, 403);
	cr_assert_eq(clear(ROLE_administrator, &same, &link).status, 409, "name and date are the same");
	cleared = clear(ROLE_administrator, &similar, &link);
	cr_assert_eq(cleared.status, 201, "%s", cleared.body);
	cr_assert_eq(seen(ROLE_housing_officer, &similar), 200);
	cr_assert_eq(seen(ROLE_housing_officer, &same), 404);
	cr_assert_eq(clear(ROLE_administrator, &similar, &link).status, 404, "there is none any more");
	pairs = call(ROLE_administrator, "GET", "/api/v1/cleared-pairs", NULL);
	cr_assert_str_eq(answer_text(&pairs, "items.0.id"), answer_text(&cleared, "id"), "%s", pairs.body);
	cr_assert_str_eq(answer_text(&pairs, "items.0.reason"), "Both gave another place of birth");
	cr_assert_str_eq(sql("SELECT count(*) > 0 FROM audit.event WHERE subject_kind = 'cleared_pair' AND action = 'insert'"
			     " AND account_id = (SELECT id FROM account WHERE username = 'administrator') AND detail::text !~ 'hash|Both'"), "t");
}

Test(conflict, nobody_clears_a_pair_of_their_own_declaration)
{
	struct answer similar = refer_one("Renee Fave"), link = declare(ROLE_administrator, "Renée Favé", NULL);

	cr_assert_eq(clear(ROLE_administrator, &similar, &link).status, 409);
}

Test(conflict, people_who_come_later_are_not_cleared)
{
	struct answer similar = refer_one("Renee Fave"), link = declare(ROLE_housing_officer, "Renée Favé", NULL), later;

	cr_assert_eq(clear(ROLE_administrator, &similar, &link).status, 201);
	cr_assert_eq(seen(ROLE_housing_officer, &similar), 200);
	later = call(ROLE_navigator, "POST", path("households", answer_text(&similar, "household.id"), "/parties"), "{\"name\":\"Renée Favé\"}");
	cr_assert_eq(later.status, 201, "%s", later.body);
	cr_assert_eq(seen(ROLE_housing_officer, &similar), 404);
}

Test(conflict, cleared_place_is_offered_again)
{
	struct answer a;

	staff("Favé, Renée", day_from_civil(1980, 1, 1));
	a = refer("{\"household\":{\"situation\":\"rough\",\"members\":[{\"kind\":\"main\",\"sex\":\"female\",\"age\":30}],"
		  "\"parties\":[{\"name\":\"Renee Fave\",\"birth_date\":\"1980-01-01\"}]}}");
	cr_assert_eq(answer_int(&a, "search.matching"), 1);
	cr_assert_eq(call(ROLE_administrator, "POST", "/api/v1/cleared-pairs",
			  "{\"household_reference\":\"%s\",\"property_id\":\"" PROPERTY_A "\",\"reason\":\"Both gave another place of birth\"}",
			  answer_text(&a, "household.reference")).status, 201);
	cr_assert_str_eq(sql("SELECT conflicts IS NULL FROM board_household WHERE id = '%s'", answer_text(&a, "household.id")), "t");
	cr_assert_str_eq(sql("SELECT count(*) FROM conflicts_of('%s')", answer_text(&a, "household.id")), "0");
}
