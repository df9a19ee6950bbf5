#include "inventory.h"

#define A_PATH "/api/v1/organisations/" PROVIDER_A

TestSuite(organisation, .init = service_start, .fini = service_stop);

Test(organisation, only_the_own_partnership_is_seen)
{
	struct answer list = call(ROLE_contractor, "GET", "/api/v1/organisations", NULL);
	struct answer other =
		call(ROLE_administrator, "GET", "/api/v1/organisations/" OTHER_PROVIDER, NULL);

	assert_status(list, 200);
	cr_assert_null(strstr(list.body, OTHER_PROVIDER), "another partnership's: %s", list.body);
	cr_assert_not_null(strstr(list.body, PROVIDER_B), "the own partnership's: %s", list.body);
	assert_status(other, 404);
}

Test(organisation, a_page_goes_on_where_the_one_before_ended)
{
	struct answer first = call(ROLE_provider, "GET", "/api/v1/organisations?limit=3", NULL);
	struct answer rest =
		call(ROLE_provider, "GET", "/api/v1/organisations?limit=3&cursor=%s", NULL);
	char path[256];

	assert_status(first, 200);
	assert_status(rest, 400); /* "%s" is not a cursor */
	snprintf(path, sizeof(path), "/api/v1/organisations?limit=3&cursor=%s",
		 answer_text(&first, "next"));
	rest = call(ROLE_provider, "GET", path, NULL);
	assert_status(rest, 200);
	cr_assert_eq(json_array_size(json_object_get(rest.json, "items")), 1, "four in all: %s",
		     rest.body);
	cr_assert_null(strstr(first.body, answer_text(&rest, "items.0.id")), "none comes twice");
	cr_assert(json_is_null(json_object_get(rest.json, "next")), "the last page: %s", rest.body);
}

Test(organisation, an_administrator_adds_one_to_the_own_partnership)
{
	struct answer a = call(ROLE_administrator, "POST", "/api/v1/organisations",
			       "{\"kind\":\"provider\",\"name\":\"Tees Haven\"}");

	assert_status(a, 201);
	cr_assert_str_eq(sql("SELECT partnership_id FROM organisation WHERE name = 'Tees Haven'"),
			 PARTNERSHIP);
	a = call(ROLE_administrator, "POST", "/api/v1/organisations",
		 "{\"kind\":\"council\",\"name\":\"Tees Haven\"}");
	assert_problem(a, 409, "duplicate");
	a = call(ROLE_provider, "POST", "/api/v1/organisations",
		 "{\"kind\":\"council\",\"name\":\"Mine\"}");
	assert_status(a, 403);
}

Test(organisation, a_name_that_gives_a_place_away_is_refused)
{
	struct answer a = call(ROLE_administrator, "POST", "/api/v1/organisations",
			       "{\"kind\":\"provider\",\"name\":\"Refuge at TS10 1AA\"}");

	assert_error(a, "/name");
	cr_assert_null(strstr(a.body, "TS10"), "the answer repeats it: %s", a.body);
}

Test(organisation, a_change_needs_the_version_it_is_based_on)
{
	struct answer a = call(ROLE_administrator, "PATCH", A_PATH, "{\"name\":\"First\"}");

	assert_problem(a, 428, "if-match-missing");
	a = change(ROLE_administrator, A_PATH, 1, "{\"name\":\"First\"}");
	assert_status(a, 200);
	cr_assert_str_eq(answer_header(&a, "ETag"), "\"2\"");
	a = change(ROLE_administrator, A_PATH, 1, "{\"name\":\"Second\"}");
	assert_problem(a, 412, "changed");
	a = change(ROLE_administrator, "/api/v1/organisations/" OTHER_PROVIDER, 1,
		   "{\"name\":\"Third\"}");
	assert_status(a, 404);
	cr_assert_str_eq(sql("SELECT name FROM organisation WHERE id = '" PROVIDER_A "'"), "First");
	cr_assert_str_eq(sql("SELECT name FROM organisation WHERE id = '" OTHER_PROVIDER "'"),
			 "Other Provider");
}
