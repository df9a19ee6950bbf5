#include <criterion/criterion.h>
#include <criterion/parameterized.h>
#include <string.h>

#include "opened.h"
#include "referring.h"
#include "service.h"

TestSuite(referral, .init = service_start, .fini = service_stop);

#define MINIMUM "{\"household\":{\"situation\":\"rough\",\"members\":[{\"kind\":\"main\"}]}}"
#define WITH_MEMBERS(members) "{\"household\":{\"situation\":\"rough\",\"members\":[" members "]}}"
#define WITH_NEEDS(needs) \
	"{\"household\":{\"situation\":\"rough\",\"members\":[{\"kind\":\"main\"}]," needs "}}"

/* ---- one request ---- */

Test(referral, minimum_gives_ranked_options)
{
	struct answer a = refer(MINIMUM), again;
	const char *id = answer_text(&a, "referral.id");

	cr_assert_eq(a.status, 201, "%s", a.body);
	cr_assert_str_eq(answer_header(&a, "Location"), path("referrals", id, ""));
	cr_assert_str_eq(answer_text(&a, "referral.state"), "submitted");
	cr_assert_str_eq(answer_text(&a, "household.urgency"), "emergency",
			"an emergency unless told");
	cr_assert_null(answer_text(&a, "household.risk_level"), "risk is unknown until assessed");
	cr_assert_eq(answer_int(&a, "search.total"), 3, "the partnership's three vacancies: %s",
			a.body);
	cr_assert_not_null(answer_text(&a, "search.options.0.vacancy_id"), "%s", a.body);
	board_settle();
	again = call(ROLE_housing_officer, "GET", path("referrals", id, ""), NULL);
	cr_assert_eq(again.status, 200, "%s", again.body);
	cr_assert_eq(answer_int(&again, "search.total"), 3, "%s", again.body);
}

Test(referral, unsafe_area_leaves_the_options)
{
	struct answer a = refer(WITH_NEEDS(
		"\"unsafe_places\":[{\"kind\":\"perpetrator_home\",\"outward_code\":\"ts10\"}]"));

	cr_assert_eq(a.status, 201, "%s", a.body);
	cr_assert_eq(answer_int(&a, "search.matching"), 1, "the refuge in TS10 is out: %s", a.body);
	cr_assert_str_eq(answer_text(&a, "search.options.0.vacancy_id"), VACANCY_B1);
}

/* Heather House is in TS10. An unsafe sector in TS10 or next to it excludes the house, whichever
 * sector it is, so no search tells the sector of the house. */
Test(referral, sector_counts_for_its_district_and_the_neighbours)
{
	static const struct { const char *sector; int matching; } cases[] = {
		{ "TS10 1", 1 }, { "TS10 9", 1 }, { "TS11 3", 1 }, { "TS13 2", 3 },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct answer a = call(ROLE_navigator, "POST", "/api/v1/referrals",
			WITH_NEEDS("\"unsafe_places\":[{\"kind\":\"perpetrator_home\",\"sector\":\"%s\"}]"),
			cases[i].sector), hold;

		cr_assert_eq(a.status, 201, "%s", a.body);
		cr_expect_eq(answer_int(&a, "search.matching"), cases[i].matching, "%s: %s", cases[i].sector, a.body);
		hold = call(ROLE_navigator, "POST", "/api/v1/placements",
			    "{\"household_id\":\"%s\",\"vacancy_id\":\"" VACANCY_A1 "\",\"minutes\":30}",
			    answer_text(&a, "household.id"));
		cr_expect_eq(hold.status, cases[i].matching == 1 ? 409 : 201,
			     "the database says the same of %s: %s", cases[i].sector, hold.body);
	}
}

Test(referral, bedrooms_by_the_size_criteria)
{
	struct answer a = refer(WITH_MEMBERS(
		"{\"kind\":\"main\",\"age\":35},{\"kind\":\"child\",\"age\":12,\"sex\":\"male\"},"
		"{\"kind\":\"child\",\"age\":8,\"sex\":\"male\"},{\"kind\":\"child\","
				"\"age\":9,\"sex\":\"female\"},"
		"{\"kind\":\"child\",\"age\":14,\"sex\":\"female\"}"));

	cr_assert_eq(answer_int(&a, "household.bedrooms_needed"), 3, "%s", a.body);
}

/* A circle counts for the whole districts that it touches: TS10 reaches 6 km from 460 524. */
Test(referral, circle_is_snapped_and_touches_whole_districts)
{
	struct answer a = refer(WITH_NEEDS(
		"\"unsafe_places\":[{\"kind\":\"family\",\"circle\":{\"easting\":460999,"
		"\"northing\":516500,\"radius_m\":1500}}]"));
	const char *id = answer_text(&a, "household.id");
	struct answer hold;

	cr_assert_eq(a.status, 201, "%s", a.body);
	cr_assert_str_eq(sql("SELECT cell_east || ' ' || cell_north || ' ' || radius_cells "
			     "FROM unsafe_place WHERE household_id = '%s'", id), "230 258 2");
	cr_assert_eq(answer_int(&a, "search.matching"), 1, "the refuge in TS10 is out: %s", a.body);
	hold = call(ROLE_navigator, "POST", "/api/v1/placements",
		    "{\"household_id\":\"%s\",\"vacancy_id\":\"" VACANCY_A1 "\"}", id);
	cr_assert_eq(hold.status, 409, "the database says the same as the search: %s", hold.body);
	cr_assert_str_eq(answer_text(&hold, "reason"), "not_suitable");
}

/* The required fields, and more. */
#define RICH WITH_NEEDS("\"pets\":true,\"nrpf\":false,\"pregnant\":true,\"step_free\":true," \
	"\"wishes\":[\"refuge\"],\"languages\":[\"ur\"],\"poses\":[],\"support_needs\":[]," \
	"\"places_to_reach\":[\"TS1\"],\"shortest_stay_days\":7," \
	"\"unsafe_places\":[{\"kind\":\"family\",\"sector\":\"TS1 2\"}]")

Test(referral, answer_is_of_the_search_that_is_repeated_later)
{
	struct answer a = refer(RICH), again;
	const char *hash = answer_text(&a, "search.inputs_hash");

	cr_assert_eq(a.status, 201, "%s", a.body);
	cr_assert_not_null(hash, "%s", a.body);
	board_settle();
	again = call(ROLE_navigator, "GET", path("referrals", answer_text(&a, "referral.id"), ""), NULL);
	cr_assert_str_eq(answer_text(&again, "search.inputs_hash"), hash,
			 "asked for the same: %s and %s", a.body, again.body);
}

/* ---- refusals and their pointers ---- */

struct refusal {
	char body[400], pointer[64];
};

ParameterizedTestParameters(referral, refused)
{
	static struct refusal cases[] = {
		{ "{\"household\":{\"members\":[{\"kind\":\"main\"}]}}", "/household/situation" },
		{ WITH_MEMBERS("{\"kind\":\"adult\"}"), "/household/members" },
		{ WITH_MEMBERS("{\"kind\":\"main\"},{\"kind\":\"main\"}"), "/household/members" },
		{ WITH_MEMBERS("{\"kind\":\"main\",\"age\":15}"), "/household/members/0/age" },
		{ WITH_MEMBERS("{\"kind\":\"main\"},{\"kind\":\"adult\",\"age\":15}"),
		  "/household/members/1/age" },
		{ WITH_MEMBERS("{\"kind\":\"main\",\"birth_date\":\"2199-01-01\"}"),
		  "/household/members/0/birth_date" },
		{ WITH_MEMBERS("{\"kind\":\"main\",\"birth_date\":\"1900-01-01\"}"),
		  "/household/members/0/birth_date" },
		{ WITH_MEMBERS("{\"kind\":\"main\"},{\"kind\":\"adult\","
				"\"birth_date\":\"2020-05-05\"}"),
		  "/household/members/1/birth_date" },
		{ WITH_MEMBERS("{\"kind\":\"main\"},{\"kind\":\"child\",\"couple\":true}"),
		  "/household/members/1/couple" },
		{ WITH_MEMBERS("{\"kind\":\"main\",\"relationship\":\"lives at 12 Acacia Road\"}"),
		  "/household/members/0/relationship" },
		{ WITH_MEMBERS("{\"kind\":\"main\",\"name\":\"---\","
				"\"birth_date\":\"1990-01-01\"}"),
		  "/household/members/0/name" },
		{ WITH_NEEDS("\"unsafe_places\":[{\"kind\":\"family\"}]"),
				"/household/unsafe_places/0/outward_code" },
		{ WITH_NEEDS("\"unsafe_places\":[{\"kind\":\"family\",\"outward_code\":\"TS1\","
			     "\"sector\":\"TS1 2\"}]"), "/household/unsafe_places/0" },
		{ WITH_NEEDS("\"unsafe_places\":[{\"kind\":\"family\",\"sector\":\"TS1 2AB\"}]"),
		  "/household/unsafe_places/0/sector" },
		{ WITH_NEEDS("\"want_from\":\"2030-02-02\",\"want_until\":\"2030-02-02\""),
		  "/household/want_until" },
		{ WITH_NEEDS("\"band\":\"band_3\""), "/household/band_reason" },
		{ WITH_NEEDS("\"safe_contact\":{\"hours\":\"at TS1 3BA after six\"}"),
		  "/household/safe_contact/hours" },
		{ WITH_NEEDS("\"dash\":[{\"topic\":\"injury\",\"answer\":\"yes\"},"
			     "{\"topic\":\"injury\",\"answer\":\"no\"}]"), "/household/dash/1/topic"
					},
		{ "{\"consent\":\"high_risk_without_consent\","
				"\"household\":{\"situation\":\"rough\","
		  "\"members\":[{\"kind\":\"main\"}]}}", "/consent_reason" },
		{ "{\"consent_reason\":\"he knows TS10 1AA\","
				"\"household\":{\"situation\":\"rough\","
		  "\"members\":[{\"kind\":\"main\"}]}}", "/consent_reason" },
	};
	return cr_make_param_array(struct refusal, cases, sizeof(cases) / sizeof(*cases));
}

ParameterizedTest(struct refusal *t, referral, refused)
{
	const char *before = sql("SELECT count(*) FROM household");
	struct answer a = refer(t->body);

	cr_assert_eq(a.status, 422, "%s: %s", t->body, a.body);
	cr_assert(answer_has_error(&a, t->pointer), "%s at %s: %s", t->body, t->pointer, a.body);
	cr_assert_str_eq(sql("SELECT count(*) FROM household"), before, "nothing is stored");
}

Test(referral, every_error_at_once)
{
	struct answer a = refer("{\"consent_reason\":\"TS1 3BA\","
			"\"household\":{\"situation\":\"rough\","
				"\"band\":\"band_2\",\"members\":[{\"kind\":\"adult\","
						"\"age\":12}]}}");

	cr_assert(answer_has_error(&a, "/household/members"), "%s", a.body);
	cr_assert(answer_has_error(&a, "/household/members/0/age"), "%s", a.body);
	cr_assert(answer_has_error(&a, "/household/band_reason"), "%s", a.body);
	cr_assert(answer_has_error(&a, "/consent_reason"), "%s", a.body);
}

/* ---- risk ---- */

static struct answer refer_risk(int yes, const char *more)
{
	return call(ROLE_navigator, "POST", "/api/v1/referrals",
		    "{\"household\":{\"situation\":\"rough\","
				"\"members\":[{\"kind\":\"main\"}],%s%s}}",
		    dash_member(yes, 24 - yes, NULL), more);
}

Test(referral, dash_gives_the_level)
{
	struct answer high = refer_risk(14, ""), medium = refer_risk(13, ""),
			standard = refer_risk(9, "");

	cr_assert_str_eq(answer_text(&high, "household.risk_level"), "high", "%s", high.body);
	cr_assert_str_eq(answer_text(&medium, "household.risk_level"), "medium", "%s", medium.body);
	cr_assert_str_eq(answer_text(&standard, "household.risk_level"), "standard", "%s",
			standard.body);
	cr_assert_null(answer_text(&standard, "household.risk_least"), "known: %s", standard.body);
	cr_assert_str_eq(answer_text(&high, "household.dash.injury"), "yes", "%s", high.body);
}

Test(referral, judgement_raises_with_a_reason_and_never_lowers)
{
	struct answer lowered = refer_risk(14, ",\"risk_level\":\"medium\"");
	struct answer bare = refer_risk(3, ",\"risk_level\":\"high\"");
	struct answer raised = refer_risk(3,
			",\"risk_level\":\"high\",\"risk_raised_reason\":\"Escalating\"");

	cr_assert(answer_has_error(&lowered, "/household/risk_level"), "%s", lowered.body);
	cr_assert(answer_has_error(&bare, "/household/risk_raised_reason"), "%s", bare.body);
	cr_assert_str_eq(answer_text(&raised, "household.risk_level"), "high", "%s", raised.body);
}

/* ---- people: sealed, and recognised ---- */

#define PERSON(name, birth) \
	WITH_MEMBERS("{\"kind\":\"main\",\"sex\":\"female\",\"name\":\"" name "\"," \
		     "\"birth_date\":\"" birth "\"}")

Test(referral, names_stay_in_the_vault_schema)
{
	struct answer a = refer("{\"household\":{\"situation\":\"rough\","
				"\"members\":[{\"kind\":\"main\",\"name\":\"Canary Quill\","
						"\"birth_date\":\"1991-07-13\"}],"
				"\"parties\":[{\"name\":\"Canary Rook\",\"relation\":\"former "
						"partner\"}],"
				"\"safe_contact\":{\"phone\":\"07700 900123\","
						"\"code_word\":\"canary\"}}}");
	const char *id = answer_text(&a, "household.id");
	struct answer got;

	cr_assert_eq(a.status, 201, "%s", a.body);
	got = call(ROLE_navigator, "GET", path("households", id, ""), NULL);
	cr_assert_eq(got.status, 200);
	cr_assert_null(strcasestr(a.body, "canary"), "%s", a.body);
	cr_assert_null(strcasestr(got.body, "canary"), "%s", got.body);
	cr_assert_null(strstr(got.body, "1991"), "%s", got.body);
	cr_assert_str_eq(sql("SELECT count(*) FROM audit.event WHERE detail::text ~* "
			"'canary|1991-07|900123'"), "0");
	cr_assert_str_eq(sql("SELECT count(*) FROM idempotency WHERE body ~* "
			"'canary|1991-07|900123'"), "0");
	cr_assert_str_eq(opened(service_key_file(), SEAL_PERSON,
				sql("SELECT member_id FROM vault.person WHERE household_id = '%s'", id)),
			 "{\"name\":\"Canary Quill\",\"birth_date\":\"1991-07-13\"}");
	cr_assert_str_eq(opened(service_key_file(), SEAL_CONTACT,
				sql("SELECT id FROM vault.safe_contact WHERE household_id = '%s'", id)),
			 "{\"phone\":\"07700900123\",\"phone_extension\":null,\"phone_text_relay\":null,\"hours\":null,\"voicemail\":null,\"code_word\":\"canary\"}");
	cr_assert_str_eq(sql("SELECT string_agg(purpose, ' ' ORDER BY purpose) FROM person_index "
			"WHERE household_id = '%s'",
			     id), "link link link link link link party party person person resident resident resident resident",
			 "each in both forms of the name");
}

Test(referral, what_a_perpetrator_looks_like_is_sealed)
{
	struct answer a = refer(WITH_NEEDS("\"parties\":[{\"name\":\"Canary Rook\","
					   "\"description\":\"Canary tattoo\","
					   "\"vehicle\":\"Canary van, AB12 CDE\"}]"));
	struct answer street = refer(WITH_NEEDS("\"parties\":[{\"name\":\"A Rook\",\"description\":"
						"\"Waits in 12 Acacia Road\"}]"));
	struct answer got = call(ROLE_navigator, "GET",
				 path("households", answer_text(&a, "household.id"), ""), NULL);

	cr_assert_eq(a.status, 201, "%s", a.body);
	cr_assert_eq(got.status, 200, "%s", got.body);
	cr_assert(!strcasestr(a.body, "canary") && !strcasestr(got.body, "canary"), "%s", got.body);
	cr_assert_str_eq(opened(service_key_file(), SEAL_PARTY, sql("SELECT id FROM vault.party")),
			 "{\"description\":\"Canary tattoo\",\"vehicle\":\"Canary van, AB12 CDE\"}");
	cr_assert_str_eq(sql("SELECT count(*) FROM audit.event WHERE detail::text ~* 'canary'"), "0");
	cr_assert(answer_has_error(&street, "/household/parties/0/description"), "%s", street.body);
}

Test(referral, duplicate_then_repeat)
{
	struct answer first = refer(PERSON("Marta O'Quill", "1990-02-03"));
	struct answer twin, other, later, closed;

	cr_assert_eq(first.status, 201, "%s", first.body);
	cr_assert_eq(json_array_size(json_object_get(first.json, "duplicates")), 0, "%s",
			first.body);
	twin = refer(PERSON("marta oquill", "1990-02-03"));
	cr_assert_str_eq(answer_text(&twin, "duplicates.0.kind"), "duplicate", "%s", twin.body);
	cr_assert_str_eq(answer_text(&twin, "duplicates.0.household_id"),
			 answer_text(&first, "household.id"));
	cr_assert_str_eq(answer_text(&twin, "duplicates.0.referral_id"),
			 answer_text(&first, "referral.id"));
	other = refer(PERSON("Marta O'Quill", "1990-02-04"));
	cr_assert_eq(json_array_size(json_object_get(other.json, "duplicates")), 0,
		     "another birth date is another person: %s", other.body);
	closed = call(ROLE_navigator, "POST",
		      path("referrals", answer_text(&first, "referral.id"), "/close"),
		      "{\"reason\":\"changed_mind\"}");
	cr_assert_eq(closed.status, 200, "%s", closed.body);
	call(ROLE_navigator, "POST", path("referrals", answer_text(&twin, "referral.id"), "/close"),
	     "{\"reason\":\"duplicate\"}");
	later = refer(PERSON("Marta O'Quill", "1990-02-03"));
	cr_assert_str_eq(answer_text(&later, "duplicates.0.kind"), "repeat", "%s", later.body);
}

Test(referral, duplicates_end_at_the_partnership)
{
	struct answer a = refer(PERSON("Marta Quill", "1990-02-03")), b;

	cr_assert_eq(a.status, 201);
	b = call(ACTOR_other_officer, "POST", "/api/v1/referrals", "%s",
		 PERSON("Marta Quill", "1990-02-03"));
	cr_assert_eq(b.status, 201, "%s", b.body);
	cr_assert_eq(json_array_size(json_object_get(b.json, "duplicates")), 0, "%s", b.body);
}

#define WITH_PARTY WITH_NEEDS("\"parties\":[{\"name\":\"Oskar Finch\"," \
		"\"birth_date\":\"1980-01-01\"}]")

Test(referral, party_told_of_later_counts_as_well)
{
	struct answer a = refer(MINIMUM), told, search, other;
	char household[64];

	snprintf(household, sizeof(household), "%s", answer_text(&a, "household.id"));
	told = call(ROLE_navigator, "POST", path("households", household, "/parties"),
		    "{\"name\":\"Canary Finch\",\"birth_date\":\"1980-01-01\",\"description\":\"Canary scar\"}");
	cr_assert_eq(told.status, 201, "%s", told.body);
	cr_assert_null(strcasestr(told.body, "canary"), "%s", told.body);
	cr_assert_str_eq(opened(service_key_file(), SEAL_PARTY, sql("SELECT id FROM vault.party")),
			 "{\"description\":\"Canary scar\",\"vehicle\":null}");
	sql("INSERT INTO property_party SELECT '" PROPERTY_A
	    "', hash, 'staff' FROM person_index WHERE household_id = '%s'", household);
	sql("UPDATE household SET version = version + 1 WHERE id = '%s'", household);
	board_settle();
	search = call(ROLE_navigator, "POST", "/api/v1/vacancy-searches",
		      "{\"household_id\":\"%s\"}", household);
	cr_assert_eq(answer_int(&search, "matching"), 1, "%s", search.body);
	other = call(ACTOR_other_officer, "POST", path("households", household, "/parties"),
		     "{\"name\":\"A Finch\"}");
	cr_assert_eq(other.status, 404, "%s", other.body);
}

Test(referral, linked_property_is_no_option_and_no_reason_is_told)
{
	struct answer a = refer(WITH_PARTY), b, hold;

	cr_assert_eq(a.status, 201, "%s", a.body);
	sql("INSERT INTO property_party SELECT '" PROPERTY_A
			"', hash, 'staff' FROM person_index WHERE purpose = 'party'");
	b = refer(WITH_PARTY);
	cr_assert_eq(answer_int(&b, "search.matching"), 1, "two of Heather House are gone: %s",
			b.body);
	cr_assert_null(strstr(b.body, "conflict"), "%s", b.body);
	hold = call(ROLE_navigator, "POST", "/api/v1/placements",
		    "{\"household_id\":\"%s\",\"vacancy_id\":\"" VACANCY_A1 "\"}", answer_text(&a,
				"household.id"));
	cr_assert_eq(hold.status, 409, "%s", hold.body);
	cr_assert_str_eq(answer_text(&hold, "reason"), "not_suitable", "%s", hold.body);
}

/* ---- keys ---- */

#define KEYED "Idempotency-Key: night-1\r\nContent-Type: application/json\r\n"

Test(referral, repeated_request_stores_once)
{
	struct answer a = call_with(ROLE_navigator, "POST", "/api/v1/referrals", KEYED, MINIMUM), b,
			c;
	const char *n = sql("SELECT count(*) FROM household");

	b = call_with(ROLE_navigator, "POST", "/api/v1/referrals", KEYED, MINIMUM);
	cr_assert_eq(a.status, 201, "%s", a.body);
	cr_assert_eq(b.status, 201);
	cr_assert_str_eq(a.body, b.body, "the same answer");
	cr_assert_str_eq(sql("SELECT count(*) FROM household"), n, "and no second household");
	c = call_with(ROLE_navigator, "POST", "/api/v1/referrals", KEYED,
			WITH_MEMBERS("{\"kind\":\"main\",\"age\":30}"));
	cr_assert_eq(c.status, 422, "the key is of another request: %s", c.body);
	cr_assert_str_eq(answer_text(&c, "type"), "/problems/idempotency-key-reused");
}

/* ---- rights ---- */

Test(referral, seen_by_the_partnership_only)
{
	struct answer provider = call(ROLE_provider, "GET", "/api/v1/referrals/" REFERRAL, NULL);
	struct answer other = call(ACTOR_other_officer, "GET", "/api/v1/referrals/" REFERRAL, NULL);
	struct answer none = call(ROLE_navigator, "GET", "/api/v1/referrals/" NOBODY, NULL);
	struct answer list = call(ACTOR_other_officer, "GET", "/api/v1/referrals", NULL);

	cr_assert_eq(provider.status, 403);
	cr_assert_eq(other.status, 404);
	cr_assert_str_eq(answer_text(&other, "title"), answer_text(&none, "title"),
			"as if it were not there");
	cr_assert_eq(json_array_size(json_object_get(list.json, "items")), 0, "%s", list.body);
}

Test(referral, reading_is_recorded)
{
	struct answer a = call(ROLE_navigator, "GET", "/api/v1/referrals/" REFERRAL, NULL);

	cr_assert_eq(a.status, 200, "%s", a.body);
	cr_assert_str_eq(sql("SELECT count(*) FROM audit.event WHERE action = 'read' AND "
			"subject_id = '" REFERRAL
			     "' AND household_id = '" HOUSEHOLD "'"), "1");
}
