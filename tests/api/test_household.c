#include <criterion/criterion.h>
#include <string.h>

#include "opened.h"
#include "memory.h"
#include "service.h"

TestSuite(household, .init = service_start, .fini = service_stop);

#define HERE "/api/v1/households/" HOUSEHOLD

static struct answer patch(const char *path, int version, const char *body)
{
	char headers[128];

	snprintf(headers, sizeof(headers),
		 "If-Match: \"%d\"\r\nContent-Type: application/merge-patch+json\r\n", version);
	return call_with(ROLE_navigator, "PATCH", path, headers, body);
}

/* "/api/v1/<what>/<id><more>" */
static const char *path(const char *what, const char *id, const char *more)
{
	static char text[160];

	snprintf(text, sizeof(text), "/api/v1/%s/%s%s", what, id, more);
	return text;
}

static const char *main_member(void)
{
	return sql("SELECT id FROM member WHERE household_id = '" HOUSEHOLD "' AND kind = 'main'");
}

static const char *child(void)
{
	return sql("SELECT id FROM member WHERE household_id = '" HOUSEHOLD "' AND kind <> 'main'");
}

/* ---- reading ---- */

Test(household, seen_by_the_partnership_and_recorded)
{
	struct answer a = call(ROLE_sanctuary_coordinator, "GET", HERE, NULL);

	cr_assert_eq(a.status, 200, "%s", a.body);
	cr_assert_str_eq(answer_header(&a, "ETag"), "\"1\"");
	cr_assert_eq(answer_int(&a, "members.0.age"), 30, "%s", a.body);
	cr_assert_str_eq(sql("SELECT count(*) FROM audit.event WHERE action = 'read' AND "
			"household_id = '" HOUSEHOLD "'"), "1");
	cr_assert_eq(call(ROLE_provider, "GET", HERE, NULL).status, 403);
	cr_assert_eq(call(ROLE_administrator, "GET", HERE, NULL).status, 403);
	cr_assert_eq(call(ACTOR_other_officer, "GET", HERE, NULL).status, 404);
	cr_assert_str_eq(sql("SELECT count(*) FROM audit.event WHERE action = 'read' AND "
			"household_id = '" HOUSEHOLD "'"), "1");
}

Test(household, list_by_reference_within_the_partnership)
{
	struct answer one = call(ROLE_navigator, "GET", "/api/v1/households?reference=H-TEST33",
			NULL);
	struct answer part = call(ROLE_navigator, "GET", "/api/v1/households?reference=H-TEST",
			NULL);
	struct answer other = call(ROLE_navigator, "GET", "/api/v1/households?reference=H-TEST44",
			NULL);

	cr_assert_str_eq(answer_text(&one, "items.0.id"), HOUSEHOLD_2, "%s", one.body);
	cr_assert_eq(json_array_size(json_object_get(part.json, "items")), 0,
			"no part of a reference finds: %s", part.body);
	cr_assert_eq(json_array_size(json_object_get(other.json, "items")), 0, "%s", other.body);
	cr_assert_str_eq(sql("SELECT count(*) FROM audit.event WHERE action = 'search' AND "
			"subject_kind = 'household'"), "3");
}

Test(household, a_reference_is_found_however_it_is_written)
{
	static const char *const written[] = {
		"h-test33", "H%20TEST%2033", "htest33", "%20h%20-%20t%20e%20s%20t%203%203", "H%E2%80%91TEST33",
		"H%E2%80%93Test33", "H%C2%A0TEST33", "%E2%80%8EH-TEST33", "%EF%BC%A8%EF%BC%8DTEST33",
	};

	for (size_t i = 0; i < sizeof(written) / sizeof(*written); i++) {
		struct answer a = call(ROLE_navigator, "GET", arena_printf(test_memory(), "/api/v1/households?reference=%s", written[i]), NULL);

		cr_expect_str_eq(answer_text(&a, "items.0.id"), HOUSEHOLD_2, "%s: %s", written[i], a.body);
	}
	cr_assert_eq(call(ROLE_navigator, "GET", "/api/v1/households?reference=%2D", NULL).status, 422);
}

Test(household, list_goes_on_at_the_cursor)
{
	struct answer first = call(ROLE_navigator, "GET", "/api/v1/households?limit=1", NULL),
			second;
	char next[200];

	cr_assert_not_null(answer_text(&first, "next"), "%s", first.body);
	snprintf(next, sizeof(next), "/api/v1/households?limit=1&cursor=%s", answer_text(&first,
			"next"));
	second = call(ROLE_navigator, "GET", next, NULL);
	cr_assert_eq(second.status, 200, "%s", second.body);
	cr_assert_str_neq(answer_text(&second, "items.0.id"), answer_text(&first, "items.0.id"));
	cr_assert_null(answer_text(&second, "next"), "two households in all: %s", second.body);
}

/* ---- needs ---- */

Test(household, patch_keeps_what_was_not_sent)
{
	struct answer a = patch(HERE, 1, "{\"wheelchair\":\"full\",\"languages\":[\"pl\","
			"\"uk\"],\"pets\":null}");

	cr_assert_eq(a.status, 200, "%s", a.body);
	cr_assert_str_eq(answer_text(&a, "wheelchair"), "full");
	cr_assert_str_eq(answer_text(&a, "languages.1"), "uk");
	cr_assert_str_eq(answer_text(&a, "situation"), "friends", "as before");
	cr_assert_str_eq(answer_text(&a, "risk_level"), "medium", "as before");
	cr_assert(json_is_null(json_object_get(a.json, "pets")), "null is unknown: %s", a.body);
	cr_assert_eq(answer_int(&a, "version"), 2);
}

Test(household, two_editors_do_not_overwrite_each_other)
{
	struct answer none = call(ROLE_navigator, "PATCH", HERE, "{\"pets\":true}");
	struct answer first = patch(HERE, 1, "{\"pets\":true}"), second = patch(HERE, 1,
			"{\"pets\":false}");

	cr_assert_eq(none.status, 428, "%s", none.body);
	cr_assert_eq(first.status, 200, "%s", first.body);
	cr_assert_eq(second.status, 412, "%s", second.body);
	cr_assert_str_eq(sql("SELECT pets FROM household WHERE id = '" HOUSEHOLD "'"), "t");
}

Test(household, stay_ends_after_it_begins)
{
	struct answer a = patch(HERE, 1, "{\"want_from\":\"2030-03-03\"}");
	struct answer b = patch(HERE, 2, "{\"want_until\":\"2030-03-03\"}");

	cr_assert_eq(a.status, 200, "%s", a.body);
	cr_assert_eq(b.status, 422, "against what is stored: %s", b.body);
	cr_assert(answer_has_error(&b, "/want_until"), "%s", b.body);
}

Test(household, stay_that_is_over_is_not_wanted)
{
	struct answer a = patch(HERE, 1, "{\"want_from\":null,\"want_until\":\"2020-12-01\"}");

	cr_assert_eq(a.status, 422, "nothing could be held for it: %s", a.body);
	cr_assert(answer_has_error(&a, "/want_until"), "%s", a.body);
}

Test(household, risk_is_never_lowered_below_the_stored_answers)
{
	struct answer low, raise, reason;

	sql("UPDATE household SET dash = (SELECT jsonb_object_agg('t' || i, 'yes') FROM "
			"generate_series(1, 14) i),"
	    " risk_level = 'high' WHERE id = '" HOUSEHOLD "'");
	low = patch(HERE, 1, "{\"risk_level\":\"standard\"}");
	cr_assert(answer_has_error(&low, "/risk_level"), "%s", low.body);
	raise = patch(HERE, 1, "{\"dash\":[{\"topic\":\"injury\",\"answer\":\"yes\"}]}");
	cr_assert_str_eq(answer_text(&raise, "risk_least"), "standard",
			"new answers, scored anew: %s", raise.body);
	cr_assert_str_eq(answer_text(&raise, "risk_level"), "high", "23 are missing: %s", raise.body);
	reason = patch(HERE, 2, "{\"risk_level\":\"high\",\"risk_raised_reason\":\"Threats "
			"today\"}");
	cr_assert_str_eq(answer_text(&reason, "risk_level"), "high", "%s", reason.body);
}

/* Unknown risk ranks as high, in a list too. */
Test(household, the_list_of_high_risk_has_who_is_not_assessed)
{
	struct answer a;

	sql("UPDATE household SET risk_level = NULL, risk_least = NULL WHERE id = '" HOUSEHOLD "'");
	a = call(ROLE_navigator, "GET", "/api/v1/households?risk_level=high", NULL);
	cr_assert(strstr(a.body, HOUSEHOLD), "%s", a.body);
	a = call(ROLE_navigator, "GET", "/api/v1/households?risk_level=standard", NULL);
	cr_assert_null(strstr(a.body, HOUSEHOLD), "%s", a.body);
}

Test(household, a_band_set_by_hand_keeps_its_reason)
{
	struct answer set = patch(HERE, 1, "{\"band\":\"band_2\",\"band_reason\":\"Agreed with the panel\"}");
	struct answer bare = patch(HERE, 2, "{\"band_reason\":null}");
	struct answer back = patch(HERE, 2, "{\"band\":null,\"band_reason\":null}");

	cr_assert_eq(set.status, 200, "%s", set.body);
	cr_assert(answer_has_error(&bare, "/band_reason"), "%s", bare.body);
	cr_assert_eq(back.status, 200, "%s", back.body);
	cr_assert_str_eq(answer_text(&back, "band"), "band_1", "%s", back.body);
}

Test(household, a_support_need_is_given_once)
{
	struct answer a = patch(HERE, 1, "{\"support_needs\":[{\"need\":\"drugs\",\"severity\":\"high\"},"
					 "{\"need\":\"drugs\",\"severity\":\"low\"}]}");

	cr_assert(answer_has_error(&a, "/support_needs/1/need"), "%s", a.body);
}

Test(household, carer_needs_a_room)
{
	struct answer a = patch(HERE, 1, "{\"overnight_carer\":true}");

	cr_assert_eq(answer_int(&a, "bedrooms_needed"), 3, "mother, child, carer: %s", a.body);
}

Test(household, closed_case_stays_as_it_is)
{
	struct answer a;

	sql("UPDATE household SET closed_at = now() WHERE id = '" HOUSEHOLD "'");
	a = patch(HERE, 1, "{\"pets\":true}");
	cr_assert_eq(a.status, 409, "%s", a.body);
	cr_assert_str_eq(answer_text(&a, "type"), "/problems/household-closed");
}

/* ---- members ---- */

Test(household, member_changes_the_bedrooms)
{
	struct answer a = call(ROLE_navigator, "POST", HERE "/members",
			"{\"kind\":\"child\",\"age\":12,\"sex\":\"male\"}");
	const char *child_id;
	struct answer gone;

	cr_assert_eq(a.status, 201, "%s", a.body);
	cr_assert_eq(answer_int(&a, "bedrooms_needed"), 3, "a girl of 5 and a boy of 12: %s",
			a.body);
	cr_assert_eq(answer_int(&a, "version"), 2, "what was searched before is out of date");
	child_id = sql("SELECT id FROM member WHERE household_id = '" HOUSEHOLD "' AND age = 12");
	gone = call(ROLE_navigator, "POST", path("members", child_id, "/end"), NULL);
	cr_assert_eq(gone.status, 200, "%s", gone.body);
	cr_assert_eq(answer_int(&gone, "bedrooms_needed"), 2, "%s", gone.body);
	cr_assert_eq(call(ROLE_navigator, "POST", path("members", child_id, "/end"), NULL).status,
			404);
}

Test(household, member_patch_is_merged_and_checked)
{
	const char *child_id = child();
	struct answer grown = patch(path("members", child_id, ""), 1, "{\"age\":121}");
	struct answer half = patch(path("members", child_id, ""), 1, "{\"name\":\"Ida Quill\"}");
	struct answer stale = patch(path("members", child_id, ""), 7, "{\"age\":6}");
	struct answer good = patch(path("members", child_id, ""), 1,
				   "{\"sex\":\"male\",\"name\":\"Ida Quill\","
						"\"birth_date\":\"2019-01-02\"}");

	cr_assert(answer_has_error(&grown, "/age"), "nobody is that old: %s",
			grown.body);
	cr_assert(answer_has_error(&half, "/birth_date"), "%s", half.body);
	cr_assert_eq(stale.status, 412, "%s", stale.body);
	cr_assert_eq(good.status, 200, "%s", good.body);
	cr_assert_str_eq(answer_text(&good, "members.1.sex"), "male", "%s", good.body);
	cr_assert_str_eq(answer_text(&good, "members.1.kind"), "child", "as before");
	cr_assert_str_eq(opened(service_key_file(), SEAL_PERSON, child_id),
			 "{\"name\":\"Ida Quill\",\"birth_date\":\"2019-01-02\"}");
	cr_assert_str_eq(sql("SELECT string_agg(purpose, ' ' ORDER BY purpose) FROM person_index "
			     "WHERE member_id = '%s'", child_id), "link link link link person person resident resident resident resident",
			 "each in both forms of the name");
}

Test(household, who_changes_kind_is_of_an_age_for_it)
{
	struct answer adult = patch(path("members", child(), ""), 1, "{\"kind\":\"adult\"}");
	struct answer grown = patch(path("members", child(), ""), 1,
				    "{\"kind\":\"adult\",\"age\":19,\"couple\":true}");
	struct answer back = patch(path("members", child(), ""), 2, "{\"kind\":\"child\",\"age\":9}");

	cr_assert(answer_has_error(&adult, "/age"), "a girl of 5: %s", adult.body);
	cr_assert_eq(grown.status, 200, "%s", grown.body);
	cr_assert(answer_has_error(&back, "/couple"), "%s", back.body);
}

Test(household, an_age_that_nobody_knows_any_more)
{
	struct answer a = patch(path("members", child(), ""), 1, "{\"age\":null}");

	cr_assert_eq(a.status, 200, "%s", a.body);
	cr_assert_str_eq(sql("SELECT count(*) FROM member WHERE household_id = '" HOUSEHOLD
			     "' AND kind = 'child' AND age IS NULL"), "1");
}

Test(household, no_more_members_than_a_search_counts)
{
	struct answer a;

	sql("INSERT INTO member (household_id, kind) SELECT '" HOUSEHOLD "', 'child' FROM generate_series(1, 18)");
	a = call(ROLE_navigator, "POST", HERE "/members", "{\"kind\":\"child\"}");
	cr_assert_eq(a.status, 422, "%s", a.body);
	cr_assert_str_eq(answer_text(&a, "errors.0.code"), "too_many", "%s", a.body);
}

Test(household, one_main_applicant)
{
	struct answer second = call(ROLE_navigator, "POST", HERE "/members", "{\"kind\":\"main\"}");
	struct answer promoted = patch(path("members", child(), ""), 1, "{\"kind\":\"main\"}");
	struct answer ended = call(ROLE_navigator, "POST", path("members", main_member(), "/end"),
			NULL);

	cr_assert(answer_has_error(&second, "/kind"), "%s", second.body);
	cr_assert(answer_has_error(&promoted, "/kind"), "%s", promoted.body);
	cr_assert_eq(ended.status, 409, "%s", ended.body);
}

Test(household, others_can_not_change_it)
{
	struct answer a = call(ACTOR_other_officer, "POST", HERE "/members",
			"{\"kind\":\"child\"}");
	struct answer b = call(ACTOR_other_officer, "POST", path("members", child(), "/end"), NULL);
	struct answer c = call(ROLE_sanctuary_coordinator, "POST", HERE "/members",
			"{\"kind\":\"child\"}");

	cr_assert_eq(a.status, 404, "%s", a.body);
	cr_assert_eq(b.status, 404, "%s", b.body);
	cr_assert_eq(c.status, 403, "%s", c.body);
	cr_assert_str_eq(sql("SELECT count(*) FROM member WHERE household_id = '" HOUSEHOLD
			"' AND ended_at IS NULL"), "2");
}

/* ---- unsafe places ---- */

Test(household, unsafe_place_forbids_until_it_ends)
{
	struct answer a = call(ROLE_navigator, "POST", HERE "/unsafe-places",
			"{\"kind\":\"family\",\"outward_code\":\"TS10\"}");
	struct answer hold, end;

	cr_assert_eq(a.status, 201, "%s", a.body);
	hold = call(ROLE_navigator, "POST", "/api/v1/placements",
		    "{\"household_id\":\"" HOUSEHOLD "\",\"vacancy_id\":\"" VACANCY_A1 "\"}");
	cr_assert_eq(hold.status, 409, "%s", hold.body);
	end = call(ROLE_navigator, "POST", path("unsafe-places", answer_text(&a,
			"unsafe_places.0.id"), "/end"), NULL);
	cr_assert_eq(end.status, 200, "%s", end.body);
	cr_assert_eq(json_array_size(json_object_get(end.json, "unsafe_places")), 0, "%s",
			end.body);
	hold = call(ROLE_navigator, "POST", "/api/v1/placements",
		    "{\"household_id\":\"" HOUSEHOLD "\",\"vacancy_id\":\"" VACANCY_A1 "\"}");
	cr_assert_eq(hold.status, 201, "%s", hold.body);
}

static const char *place_of(const struct answer *a)
{
	return arena_strndup(test_memory(), answer_text(a, "unsafe_places.0.id"), 36);
}

Test(household, unsafe_places_are_listed_the_longest_unchecked_first)
{
	struct answer a;

	sql("INSERT INTO unsafe_place (household_id, kind, outward_code, checked_on, recorded_at) VALUES "
	    "('" HOUSEHOLD "', 'family', 'TS24', today(), now()), ('" HOUSEHOLD "', 'perpetrator_home', 'TS1', today() - 40, NULL)");
	sql("INSERT INTO unsafe_place (household_id, kind, cell_east, cell_north, radius_cells, checked_on, ended_at) VALUES "
	    "('" HOUSEHOLD "', 'associates', 223, 260, 2, today() - 3, NULL), ('" HOUSEHOLD "', 'family', 1, 1, 1, today() - 90, now())");
	a = call(ROLE_navigator, "GET", HERE "/unsafe-places", NULL);
	cr_assert_eq(a.status, 200, "%s", a.body);
	cr_assert_eq(json_array_size(json_object_get(a.json, "items")), 3, "%s", a.body);
	cr_expect_str_eq(answer_text(&a, "items.0.outward_code"), "TS1", "%s", a.body);
	cr_expect(json_is_null(json_object_get(json_array_get(json_object_get(a.json, "items"), 0), "recorded_at")), "%s", a.body);
	cr_expect_eq(answer_int(&a, "items.1.circle.easting"), 446000, "%s", a.body);
	cr_expect_eq(answer_int(&a, "items.1.circle.radius_m"), 4000, "%s", a.body);
	cr_expect_str_eq(answer_text(&a, "items.2.outward_code"), "TS24", "%s", a.body);
	cr_expect_eq(call(ROLE_provider, "GET", HERE "/unsafe-places", NULL).status, 403);
	cr_expect_eq(call(ACTOR_other_officer, "GET", HERE "/unsafe-places", NULL).status, 404);
}

Test(household, a_place_that_is_still_unsafe_is_confirmed)
{
	struct answer a = call(ROLE_navigator, "POST", HERE "/unsafe-places", "{\"kind\":\"family\",\"outward_code\":\"TS24\"}");
	const char *id = place_of(&a);

	sql("UPDATE unsafe_place SET checked_on = today() - 40");
	a = call(ROLE_navigator, "POST", path("unsafe-places", id, "/confirm"), NULL);
	cr_assert_eq(a.status, 200, "%s", a.body);
	cr_expect_str_eq(sql("SELECT checked_on = today() AND ended_at IS NULL FROM unsafe_place"), "t");
	cr_expect_eq(answer_int(&a, "version"), 3, "%s", a.body);
	cr_expect_eq(call(ROLE_navigator, "POST", path("unsafe-places", id, "/end"), NULL).status, 200);
	cr_expect_eq(call(ROLE_navigator, "POST", path("unsafe-places", id, "/confirm"), NULL).status, 404, "it is safe again");
	cr_expect_str_eq(sql("SELECT ended_at IS NOT NULL FROM unsafe_place"), "t");
}

/* The page offers its way back to itself, and an error stands at its field. */
Test(household, a_page_comes_back_to_the_unsafe_places)
{
	struct answer a = call_with(ROLE_navigator, "POST", "/households/" HOUSEHOLD "/unsafe-places",
				    "Accept: text/html\r\nContent-Type: application/x-www-form-urlencoded\r\n"
				    "Idempotency-Key: 11111111-2222-4333-8444-555555555555\r\n",
				    "kind=family&outward_code=TS24");

	cr_expect_eq(a.status, 303, "%s", a.body);
	cr_expect_str_eq(answer_header(&a, "Location"), "/households/" HOUSEHOLD "/unsafe-places");
	a = call(ROLE_navigator, "POST", HERE "/unsafe-places", "{\"kind\":\"family\"}");
	cr_assert_eq(a.status, 422, "%s", a.body);
	cr_expect_str_eq(answer_text(&a, "errors.0.pointer"), "/outward_code", "%s", a.body);
}

/* Case 14: a slip of the keys protects nobody, so it is refused with what was probably meant. */
Test(household, none_is_unsafe_only_where_none_is_listed)
{
	struct answer none = patch(HERE, atoi(sql("SELECT version FROM household WHERE id = '" HOUSEHOLD "'")), "{\"unsafe_none_said_by\":\"applicant\"}"), answered;

	cr_assert_eq(none.status, 200, "%s", none.body);
	cr_assert_eq(call(ROLE_navigator, "POST", HERE "/unsafe-places", "{\"kind\":\"family\",\"outward_code\":\"TS1\"}").status, 201);
	none = patch(HERE, atoi(sql("SELECT version FROM household WHERE id = '" HOUSEHOLD "'")), "{\"unsafe_none_said_by\":\"applicant\"}");
	cr_assert(answer_has_error(&none, "/unsafe_none_said_by"), "%s", none.body);
	answered = call(ROLE_navigator, "POST", "/api/v1/referrals/" REFERRAL "/answers", "{\"unsafe_none_said_by\":\"applicant\"}");
	cr_assert(answer_has_error(&answered, "/unsafe_none_said_by"), "%s", answered.body);
	sql("UPDATE unsafe_place SET ended_at = now() WHERE household_id = '" HOUSEHOLD "'");
	none = patch(HERE, atoi(sql("SELECT version FROM household WHERE id = '" HOUSEHOLD "'")), "{\"unsafe_none_said_by\":\"applicant\"}");
	cr_assert_eq(none.status, 200, "%s", none.body);
}

Test(household, an_unsafe_district_that_does_not_exist_is_refused)
{
	struct answer a = call(ROLE_navigator, "POST", HERE "/unsafe-places",
			"{\"kind\":\"family\",\"outward_code\":\"TS81\"}");

	cr_assert_eq(a.status, 422, "%s", a.body);
	cr_assert_str_eq(answer_text(&a, "errors.0.code"), "no_district", "%s", a.body);
	cr_assert(strstr(answer_text(&a, "errors.0.detail"), "TS18"), "%s", a.body);
	cr_assert_str_eq(sql("SELECT count(*) FROM unsafe_place WHERE household_id = '" HOUSEHOLD "'"), "0");
}

/* Northern Ireland and the islands are known by their pattern: the same code is unsafe, the others are not. */
Test(household, a_district_without_neighbours_is_unsafe_itself)
{
	sql("UPDATE property SET outward_code = 'BT7' WHERE id = (SELECT u.property_id FROM unit u JOIN vacancy v "
	    "ON v.unit_id = u.id WHERE v.id = '" VACANCY_A1 "')");
	cr_assert_eq(call(ROLE_navigator, "POST", HERE "/unsafe-places",
			  "{\"kind\":\"family\",\"outward_code\":\"BT9\"}").status, 201);
	cr_assert_str_eq(sql("SELECT count(*) FROM unsafe_here('" HOUSEHOLD "', 'BT7')"), "0");
	cr_assert_eq(call(ROLE_navigator, "POST", HERE "/unsafe-places",
			  "{\"kind\":\"family\",\"outward_code\":\"BT7\"}").status, 201);
	cr_assert_eq(call(ROLE_navigator, "POST", "/api/v1/placements",
			  "{\"household_id\":\"" HOUSEHOLD "\",\"vacancy_id\":\"" VACANCY_A1 "\"}").status, 409);
}

/* A place beyond those that a search looks at is refused, not stored in silence. */
Test(household, no_more_unsafe_places_than_a_search_looks_at)
{
	struct answer a;

	sql("INSERT INTO unsafe_place (household_id, kind, outward_code) SELECT '" HOUSEHOLD
	    "', 'family', 'DL' || i FROM generate_series(1, 15) i");
	a = call(ROLE_navigator, "POST", HERE "/unsafe-places", "{\"kind\":\"family\",\"outward_code\":\"DL16\"}");
	cr_assert_eq(a.status, 201, "%s", a.body);
	a = call(ROLE_navigator, "POST", HERE "/unsafe-places", "{\"kind\":\"family\",\"outward_code\":\"TS10\"}");
	cr_assert_eq(a.status, 422, "%s", a.body);
	cr_assert_str_eq(answer_text(&a, "errors.0.code"), "too_many", "%s", a.body);
}

Test(household, contact_is_sealed)
{
	struct answer a = call(ROLE_navigator, "POST", HERE "/safe-contact",
			"{\"phone\":\"07700 900321\",\"voicemail\":false}");

	cr_assert_eq(a.status, 201, "%s", a.body);
	cr_assert_null(strstr(a.body, "900321"), "%s", a.body);
	cr_assert_str_eq(opened(service_key_file(), SEAL_CONTACT,
				sql("SELECT id FROM vault.safe_contact WHERE household_id = '" HOUSEHOLD "'")),
			 "{\"phone\":\"07700900321\",\"phone_extension\":null,\"phone_text_relay\":null,\"hours\":null,\"voicemail\":false,\"code_word\":null}");
}
