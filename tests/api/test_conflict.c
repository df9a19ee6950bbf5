/* Conflicts of interest: people of a property against parties, declared links against everybody. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

#include "base/date.h"
#include "referring.h"
#include "vault/blind.h"

TestSuite(conflict, .init = service_start, .fini = service_stop);

/* Somebody of Heather House, as an import of its staff would write them. */
static void staff(const char *name, int32_t birth)
{
	const char *error = NULL;
	struct vault_keys *keys = vault_keys_load(service_key_file(), &error);
	int32_t births[BLIND_BIRTHS];
	int n = blind_births(BLIND_COMPARED, birth, births);
	char hash[BLIND_SIZE];

	cr_assert(keys, "%s", error);
	for (int i = 0; i < n; i++) {
		cr_assert(blind_index(keys, BLIND_PARTY, name, births[i], hash), "%s", name);
		sql("INSERT INTO property_party VALUES ('" PROPERTY_A "', decode('%s', 'hex'), 'staff')", hash);
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

/* A victim may be known in a house: that is no conflict. */
Test(conflict, members_of_the_household_are_no_parties)
{
	struct answer a;

	staff("Quill, Marta", day_from_civil(1990, 2, 3));
	a = refer("{\"household\":{\"situation\":\"rough\",\"members\":[{\"kind\":\"main\",\"sex\":\"female\","
		  "\"name\":\"Quill Marta\",\"birth_date\":\"1990-02-03\"}]}}");
	cr_assert_eq(answer_int(&a, "search.matching"), 3, "%s", a.body);
}
