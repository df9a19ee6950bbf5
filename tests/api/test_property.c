#include "inventory.h"
#include "opened.h"

#define ALL "/api/v1/properties"
#define A_PATH ALL "/" PROPERTY_A
#define HOME "\"public_name\":\"Willow\",\"area_label\":\"West\",\"local_authority\":\"E06000002\""
#define ADDRESS \
	"\"address\":{\"lines\":[\"77 Secret Row\",\"Middlesbrough\"],\"postcode\":\"ts1 3ba\"," \
	"\"access_note\":\"Code QX4711\"}"

TestSuite(property, .init = service_start, .fini = service_stop);

/* The message names the statute, so that the provider knows why this is refused. */
static void assert_single_sex(const struct answer *a)
{
	assert_error(*a, "/residents");
	cr_assert_not_null(strstr(a->body, "SI 2021/991"), "%s", a->body);
	cr_assert_not_null(strstr(a->body, "Domestic Abuse Act 2021 s. 59"), "%s", a->body);
}

Test(property, shared_access_must_be_single_sex)
{
	struct answer a =
		call(ROLE_provider, "POST", ALL,
		     "{" HOME ",\"type\":\"dispersed_full\","
		     "\"outward_code\":\"TS1\",\"residents\":\"any\",\"shared_access\":true}");

	assert_single_sex(&a);
	a = call(ROLE_provider, "POST", ALL,
		 "{" HOME ",\"type\":\"dispersed_full\","
		 "\"outward_code\":\"TS1\",\"residents\":\"any\",\"shared_access\":false}");
	assert_status(a, 201);
	a = change(ROLE_provider, answer_header(&a, "Location"), 1, "{\"shared_access\":true}");
	assert_single_sex(&a);
}

Test(property, refuges_must_be_single_sex)
{
	struct answer a =
		call(ROLE_provider, "POST", ALL,
		     "{" HOME ",\"type\":\"specialist\","
		     "\"outward_code\":\"TS1\",\"residents\":\"any\",\"shared_access\":false}");

	assert_single_sex(&a);
	sql("UPDATE property SET shared_access = false WHERE id = '" PROPERTY_A "'");
	a = change(ROLE_provider, A_PATH, 1, "{\"residents\":\"any\"}");
	assert_single_sex(&a);
	cr_assert_str_eq(sql("SELECT residents FROM property WHERE id = '" PROPERTY_A "'"),
			 "women");
}

Test(property, the_address_goes_into_the_vault_and_into_no_answer)
{
	struct answer a = call(ROLE_provider, "POST", ALL,
			       "{" HOME ",\"type\":\"refuge\","
			       "\"residents\":\"women\",\"shared_access\":true," ADDRESS "}");
	struct answer again;
	static const char *const secrets[] = { "Secret Row", "TS1 3BA", "ts1 3ba",
					       "QX4711",       "TS1 3",   "sector" };

	assert_status(a, 201);
	again = call(ROLE_provider, "GET", ALL "?limit=100", NULL);
	for (size_t i = 0; i < sizeof(secrets) / sizeof(*secrets); i++) {
		cr_assert_null(strstr(a.body, secrets[i]), "%s is told: %s", secrets[i], a.body);
		cr_assert_null(strstr(again.body, secrets[i]), "%s is told: %s", secrets[i],
			       again.body);
	}
	cr_assert_str_eq(answer_text(&a, "outward_code"), "TS1", "from the postcode");
	cr_assert_str_eq(sql("SELECT sector FROM property WHERE id = '%s'", answer_text(&a, "id")),
			 "TS1 3");
	cr_assert_str_eq(opened(service_key_file(), SEAL_ADDRESS, answer_text(&a, "id")),
			 "{\"lines\":[\"77 Secret Row\",\"Middlesbrough\"],\"postcode\":\"TS1 3BA\","
			 "\"access_note\":\"Code QX4711\"}",
			 "the vault has it");
	cr_assert_null(sql("SELECT id FROM audit.event WHERE detail::text ~ 'Secret Row|QX4711'"),
		       "the audit trail tells the address");
}

Test(property, what_is_refused_leaves_no_address)
{
	struct answer a = call(ROLE_provider, "POST", ALL,
			       "{" HOME ",\"type\":\"refuge\",\"residents\":\"women\","
			       "\"shared_access\":true,\"outward_code\":\"TS2\"," ADDRESS "}");

	assert_error(a, "/outward_code");
	a = change(ROLE_provider, A_PATH, 7, "{" ADDRESS "}");
	assert_problem(a, 412, "changed");
	a = change(ACTOR_provider_b, A_PATH, 1, "{" ADDRESS "}");
	assert_status(a, 404);
	cr_assert_str_eq(sql("SELECT count(*) FROM vault.property_address"), "0", "nothing is left");
	cr_assert_str_eq(sql("SELECT count(*) FROM vault.data_key"), "0", "no key either");
	cr_assert_str_eq(sql("SELECT outward_code FROM property WHERE id = '" PROPERTY_A "'"),
			 "TS10");
}

Test(property, a_new_address_moves_the_district_along)
{
	struct answer a = change(ROLE_provider, A_PATH, 1, "{" ADDRESS "}");

	assert_status(a, 200);
	cr_assert_str_eq(
		sql("SELECT outward_code || '|' || sector FROM property WHERE id = '" PROPERTY_A
		    "'"),
		"TS1|TS1 3");
	cr_assert_str_eq(sql("SELECT count(*) FROM vault.data_key WHERE subject_kind = 'property'"), "1",
			 "the first address makes the key");
	a = change(ROLE_provider, A_PATH, 2, "{\"address\":{\"lines\":[\"8 Later Row\"],\"postcode\":\"TS1 3BB\"}}");
	assert_status(a, 200);
	cr_assert_str_eq(opened(service_key_file(), SEAL_ADDRESS, PROPERTY_A),
			 "{\"lines\":[\"8 Later Row\"],\"postcode\":\"TS1 3BB\",\"access_note\":null}",
			 "the next is sealed with the same");
	a = change(ROLE_provider, A_PATH, 3, "{\"outward_code\":\"TS5\"}");
	assert_status(a, 200);
	cr_assert_null(sql("SELECT sector FROM property WHERE id = '" PROPERTY_A "'"),
		       "the sector of another district stays");
	a = change(ROLE_provider, A_PATH, 4, "{\"outward_code\":null,\"address\":null}");
	assert_error(a, "/outward_code");
	assert_error(a, "/address");
}

Test(property, only_its_provider_sees_the_district)
{
	struct answer own = call(ROLE_provider, "GET", A_PATH, NULL);
	struct answer council = call(ROLE_housing_officer, "GET", A_PATH, NULL);
	struct answer list = call(ROLE_analyst, "GET", ALL, NULL);

	cr_assert_str_eq(answer_text(&own, "outward_code"), "TS10");
	assert_status(council, 200);
	cr_assert_null(strstr(council.body, "TS10"), "%s", council.body);
	assert_status(list, 200);
	cr_assert_null(strstr(list.body, "TS1"), "%s", list.body);
	cr_assert_not_null(strstr(list.body, PROPERTY_B), "the partnership's: %s", list.body);
}

Test(property, others_are_as_if_absent)
{
	struct answer a = call(ACTOR_provider_b, "GET", A_PATH, NULL);

	assert_status(a, 404);
	a = call(ACTOR_other_officer, "GET", A_PATH, NULL);
	assert_status(a, 404);
	a = call(ACTOR_provider_b, "GET", ALL, NULL);
	cr_assert_null(strstr(a.body, PROPERTY_A), "%s", a.body);
	a = call(ROLE_housing_officer, "GET", ALL, NULL);
	cr_assert_null(strstr(a.body, OTHER_PROPERTY), "%s", a.body);
	a = change(ACTOR_provider_b, A_PATH, 1, "{\"area_label\":\"Mine\"}");
	assert_status(a, 404);
	a = call(ROLE_administrator, "GET", A_PATH, NULL);
	assert_status(a, 403);
}

Test(property, every_error_is_told_at_once)
{
	struct answer a = call(ROLE_provider, "POST", ALL,
			       "{\"public_name\":\"12 Acacia Road\","
			       "\"area_label\":\"near "
			       "TS10\",\"local_authority\":\"E06000002\",\"type\":\"refuge\","
			       "\"residents\":\"any\",\"shared_access\":true,"
			       "\"address\":{\"lines\":[\"x\"],\"postcode\":\"TS1\"}}");

	assert_error(a, "/public_name");
	assert_error(a, "/area_label");
	assert_error(a, "/residents");
	assert_error(a, "/address/postcode");
	a = call(ROLE_provider, "POST", ALL,
		 "{" HOME ",\"type\":\"refuge\",\"residents\":\"women\","
		 "\"shared_access\":true}");
	assert_error(a, "/outward_code");
}

Test(property, a_list_is_filtered)
{
	struct answer a = call(ROLE_navigator, "GET", ALL "?type=refuge", NULL);

	assert_status(a, 200);
	cr_assert_eq(json_array_size(json_object_get(a.json, "items")), 1, "%s", a.body);
	a = call(ROLE_navigator, "GET", ALL "?local_authority=E06000004", NULL);
	cr_assert_str_eq(answer_text(&a, "items.0.id"), PROPERTY_B, "%s", a.body);
	a = call(ROLE_navigator, "GET", ALL "?type=castle", NULL);
	assert_error(a, "/type");
}

Test(property, what_has_open_units_is_not_given_up)
{
	struct answer a = call(ACTOR_provider_b, "POST", ALL "/" PROPERTY_B "/close", NULL);

	assert_problem(a, 409, "wrong-state");
	sql("UPDATE unit SET closed_at = now() WHERE id = '" UNIT_B1 "'");
	a = call(ROLE_provider, "POST", ALL "/" PROPERTY_B "/close", NULL);
	assert_status(a, 404);
	a = call(ACTOR_provider_b, "POST", ALL "/" PROPERTY_B "/close", NULL);
	assert_status(a, 200);
	a = call(ACTOR_provider_b, "POST", "/api/v1/units",
		 "{\"property_id\":\"" PROPERTY_B "\","
		 "\"reference\":\"Home 2\",\"self_contained\":true}");
	assert_error(a, "/property_id");
}
