/* One answer names every error at once, those of a field table and those of rules across fields. It
 * does not name errors that only follow from a value that could not be read. */
#include <criterion/criterion.h>
#include <criterion/parameterized.h>
#include <string.h>

#include "inventory.h"

TestSuite(every_error, .init = service_start, .fini = service_stop);

struct wrong {
	int actor;
	char method[8], path[80], body[420], errors[320];
};

#define REFER(household) ROLE_navigator, "POST", "/api/v1/referrals", "{\"household\":{" household "}}"
#define MAIN "\"members\":[{\"kind\":\"main\"}]"

ParameterizedTestParameters(every_error, at_once)
{
	static struct wrong cases[] = {
		{ REFER("\"situation\":\"x\",\"band\":\"band_3\",\"members\":[{\"kind\":\"adult\",\"age\":12}]"),
		  "/household/situation unknown_code; /household/band_reason required; "
		  "/household/members one_main; /household/members/0/age out_of_range" },
		{ REFER("\"situation\":\"rough\",\"band\":\"band_3\",\"band_reason\":7," MAIN),
		  "/household/band_reason wrong_type" },
		{ REFER("\"situation\":\"rough\",\"members\":[{\"kind\":\"x\"},{\"kind\":\"child\"}]"),
		  "/household/members/0/kind unknown_code" },
		{ REFER("\"situation\":\"rough\",\"members\":[{\"kind\":\"main\"},{\"kind\":\"main\"},7]"),
		  "/household/members/2 wrong_type; /household/members one_main" },
		{ REFER("\"situation\":\"rough\"," MAIN ",\"unsafe_places\":[{\"kind\":\"family\","
			"\"outward_code\":\"?\"},{\"kind\":\"family\",\"sector\":7,\"circle\":{}}]"),
		  "/household/unsafe_places/0/outward_code bad_outward; "
		  "/household/unsafe_places/1/sector wrong_type; "
		  "/household/unsafe_places/1/circle/easting required; "
		  "/household/unsafe_places/1/circle/northing required; "
		  "/household/unsafe_places/1/circle/radius_m required; /household/unsafe_places/1 one_of" },
		{ REFER("\"situation\":\"rough\"," MAIN ",\"places_to_reach\":[\"TS1\",\"TS0\"],\"unsafe_places\":["
			"{\"kind\":\"family\",\"outward_code\":\"TS81\"},{\"kind\":\"family\",\"sector\":\"TS81 1\"}]"),
		  "/household/places_to_reach/1 no_district; "
		  "/household/unsafe_places/0/outward_code no_district; "
		  "/household/unsafe_places/1/sector no_district" },
		{ ROLE_navigator, "POST", "/api/v1/vacancy-searches",
		  "{\"household\":{\"situation\":\"rough\"," MAIN ",\"unsafe_places\":["
		  "{\"kind\":\"family\",\"outward_code\":\"TS81\"}]}}",
		  "/household/unsafe_places/0/outward_code no_district" },
		{ ROLE_navigator, "POST", "/api/v1/households/" HOUSEHOLD "/unsafe-places",
		  "{\"kind\":\"family\",\"outward_code\":\"TS81\"}", "/outward_code no_district" },
		{ ROLE_provider, "POST", "/api/v1/properties",
		  "{\"type\":\"dispersed_full\",\"public_name\":\"Rowan\",\"area_label\":\"Tees\",\"shared_access\":false,"
		  "\"local_authority\":\"E06000002\",\"residents\":\"any\",\"outward_code\":\"TS81\"}",
		  "/outward_code no_district" },
		{ ROLE_provider, "POST", "/api/v1/properties",
		  "{\"type\":\"dispersed_full\",\"public_name\":\"Rowan\",\"area_label\":\"Tees\",\"shared_access\":false,"
		  "\"local_authority\":\"E06000002\",\"residents\":\"any\",\"address\":"
		  "{\"lines\":[\"1 Rowan Walk\"],\"postcode\":\"TS81 3BA\"}}",
		  "/address/postcode no_district" },
		{ REFER("\"situation\":\"rough\"," MAIN ",\"risk_level\":\"high\",\"dash\":["
			"{\"topic\":\"injury\",\"answer\":\"perhaps\"},{\"topic\":\"injury\",\"answer\":\"no\"}]"),
		  "/household/dash/0/answer unknown_code; /household/dash/1/topic repeated" },
		{ REFER("\"situation\":\"rough\"," MAIN ",\"parties\":[{\"name\":\"--\"},{\"name\":\"...\"}]"),
		  "/household/parties/0/name bad_text; /household/parties/1/name bad_text" },
		{ ROLE_navigator, "POST", "/api/v1/referrals",
		  "{\"source\":\"x\",\"consent\":\"withdrawn\",\"consent_reason\":\"near TS1 3BA\"}",
		  "/source unknown_code; /consent_reason holds_address; / one_of; /consent not_given" },
		{ ROLE_navigator, "POST", "/api/v1/referrals", "{\"household_id\":7}",
		  "/household_id wrong_type" },
		{ ROLE_navigator, "POST", "/api/v1/referrals",
		  "{\"household\":7,\"draft\":{\"members\":[]},\"household_id\":\"" HOUSEHOLD "\"}",
		  "/household wrong_type; / one_of" },
		{ ROLE_navigator, "POST", "/api/v1/vacancy-searches",
		  "{\"limit\":0,\"household\":{\"situation\":\"rough\",\"members\":[{\"kind\":\"adult\"}]}}",
		  "/limit out_of_range; /household/members one_main" },
		{ ROLE_provider, "POST", "/api/v1/properties",
		  "{\"type\":\"refuge\",\"public_name\":\"TS1 House\",\"area_label\":\"Tees\","
		  "\"local_authority\":\"x\",\"residents\":\"any\",\"shared_access\":\"yes\"}",
		  "/local_authority unknown_code; /shared_access wrong_type; /residents single_sex; "
		  "/public_name holds_address; /outward_code required" },
		{ ROLE_provider, "POST", "/api/v1/voids",
		  "{\"unit_id\":\"x\",\"from_day\":\"2026-12-02\",\"until_day\":\"2026-12-01\","
		  "\"reason\":\"x\",\"note\":\"key at 12 Acacia Road\"}",
		  "/unit_id bad_uuid; /reason unknown_code; /note holds_address; /until_day out_of_range" },
		{ ROLE_provider, "POST", "/api/v1/vacancies",
		  "{\"unit_id\":\"x\",\"available_until\":\"2020-01-01\"}",
		  "/unit_id bad_uuid; /available_until out_of_range" },
		{ ROLE_provider, "POST", "/api/v1/vacancies",
		  "{\"unit_id\":\"" UNIT_A3 "\",\"available_from\":\"soon\",\"available_until\":\"2020-01-01\"}",
		  "/available_from bad_date" },
		{ ROLE_navigator, "POST", "/api/v1/households/" HOUSEHOLD "/consents",
		  "{\"purpose\":\"contact\",\"basis\":\"high_risk_without_consent\",\"more\":1}",
		  "/more unknown_member; /reason required; /basis wrong_purpose" },
		{ ROLE_navigator, "POST", "/api/v1/households/" HOUSEHOLD "/maracs",
		  "{\"referred_on\":\"2026-02-30\",\"heard_on\":\"2199-01-01\"}",
		  "/referred_on bad_date; /heard_on in_future" },
		{ ROLE_navigator, "POST", "/api/v1/households/" HOUSEHOLD "/members",
		  "{\"kind\":\"main\",\"age\":5,\"sex\":\"x\",\"name\":\"!\"}",
		  "/sex unknown_code; /name bad_text; /age out_of_range; /kind one_main" },
		{ ROLE_navigator, "PATCH", "/api/v1/referrals/" REFERRAL,
		  "{\"state\":\"x\",\"safety_plan\":{\"review_on\":\"2020-01-01\"}}",
		  "/state unknown_code; /safety_plan/review_on in_past; /safety_plan/measures required" },
		{ ROLE_provider, "POST", "/api/v1/placements/" NOBODY "/decline",
		  "{\"side\":\"household\",\"reason\":\"x\",\"equality_ground\":true}",
		  "/reason unknown_code; /side wrong_side; /equality_exception required" },
	};
	return cr_make_param_array(struct wrong, cases, sizeof(cases) / sizeof(*cases));
}

/* "/a code; /b code"; the whole is "/". */
static const char *errors_of(const struct answer *a)
{
	static char all[2000];
	json_t *errors = json_object_get(a->json, "errors"), *e;
	size_t i, len = 0;

	all[0] = '\0';
	json_array_foreach(errors, i, e) {
		const char *pointer = json_string_value(json_object_get(e, "pointer"));

		len += (size_t)snprintf(all + len, sizeof(all) - len, "%s%s %s", i ? "; " : "",
					*pointer ? pointer : "/",
					json_string_value(json_object_get(e, "code")));
	}
	return all;
}

ParameterizedTest(struct wrong *w, every_error, at_once)
{
	struct answer a = call(w->actor, w->method, w->path, "%s", w->body);

	assert_status(a, 422);
	cr_assert_str_eq(errors_of(&a), w->errors, "%s gives %s", w->body, errors_of(&a));
}
