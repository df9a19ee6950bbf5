/* Whose a case is: the organisation's that took it. Others see it by a share, made by the owner, by an open
 * emergency for the navigators, or by a person in an emergency. The walk over all routes is in
 * tests/app/test_who_sees_what.c, row security in tests/db/test_row_security.c. */
#include <string.h>

#include "inventory.h"
#include "memory.h"
#include "placing.h"
#include "referring.h"
#include "volley.h"

#define CASE "/api/v1/households/" HOUSEHOLD
#define SHARES CASE "/shares"
#define SECOND "00000000-0000-4000-8000-000000000015"
#define PERSON(name) sql("SELECT id FROM account WHERE username = '" name "'")

/* People of a second council of the partnership, in place of the other partnership's. */
enum { SECOND_OFFICER = ACTOR_other_officer, SECOND_NAVIGATOR = ACTOR_other_provider };

static void second_council(void)
{
	sql("INSERT INTO organisation (id, partnership_id, kind, name) VALUES ('" SECOND "', '" PARTNERSHIP "', 'council', 'Second Council')");
	sql("INSERT INTO account (organisation_id, username, display_name, role, password_hash) VALUES"
	    " ('" SECOND "', 'second_officer', 'Second officer', 'housing_officer', 'none'),"
	    " ('" SECOND "', 'second_navigator', 'Second navigator', 'navigator', 'none')");
	sql("UPDATE session s SET account_id = n.id FROM account a, account n WHERE a.id = s.account_id"
	    " AND (a.username, n.username) IN (('other_officer', 'second_officer'), ('other_provider', 'second_navigator'))");
}

static void start(void)
{
	service_start();
	second_council();
}

static void start_crowded(void)
{
	service_start_crowded();
	second_council();
}

TestSuite(case_share, .init = start, .fini = service_stop, .timeout = 120);
TestSuite(case_share_race, .init = start_crowded, .fini = service_stop, .timeout = 120);

static struct answer share(int actor, const char *receiver, const char *access)
{
	return call(actor, "POST", SHARES, "{%s,\"access\":\"%s\",\"purpose\":\"joint_work\",\"until\":\"%s\"}", receiver, access,
		    sql("SELECT today() + 7"));
}

#define TO_SECOND "\"organisation_id\":\"" SECOND "\""

static int status(int actor)
{
	return call(actor, "GET", CASE, NULL).status;
}

static struct answer add_area(int actor)
{
	return call(actor, "POST", CASE "/unsafe-places", "{\"kind\":\"family\",\"outward_code\":\"TS19\"}");
}

static struct answer end_share(int actor, const char *id)
{
	return call(actor, "POST", path("case-shares", id, "/end"), NULL);
}

/* ---- without a share ---- */

Test(case_share, without_one_another_council_s_case_is_as_none)
{
	static const char *const lists[] = { "/api/v1/households", "/api/v1/referrals", "/api/v1/placements", "/api/v1/households?reference=H-TEST22",
					     "/api/v1/placements?household_id=" HOUSEHOLD };
	const char *placement = offered(HOUSEHOLD, VACANCY_A1);
	struct answer a, b;

	cr_assert_eq(status(SECOND_OFFICER), 404);
	cr_assert_eq(status(SECOND_NAVIGATOR), 404, "no emergency is shared that was not consented to");
	assert_status(add_area(SECOND_OFFICER), 404);
	assert_status(call(SECOND_OFFICER, "GET", "/api/v1/referrals/" REFERRAL, NULL), 404);
	assert_status(get(SECOND_OFFICER, placement), 404);
	assert_status(act(SECOND_OFFICER, placement, "cancel", "{}"), 404);
	for (size_t i = 0; i < sizeof(lists) / sizeof(*lists); i++) {
		a = call(SECOND_OFFICER, "GET", lists[i], NULL);
		cr_assert_null(strstr(a.body, "H-TEST22"), "%s: %s", lists[i], a.body);
	}
	a = call(SECOND_OFFICER, "POST", "/api/v1/placements", "{\"household_id\":\"" HOUSEHOLD "\",\"vacancy_id\":\"" VACANCY_B1 "\"}");
	b = call(SECOND_OFFICER, "POST", "/api/v1/placements", "{\"household_id\":\"" NOBODY "\",\"vacancy_id\":\"" VACANCY_B1 "\"}");
	assert_status(a, 422);
	cr_assert_str_eq(json_told(json_object_get(a.json, "errors")), json_told(json_object_get(b.json, "errors")));
	a = call(SECOND_OFFICER, "POST", "/api/v1/vacancy-searches", "{\"household_id\":\"" HOUSEHOLD "\"}");
	assert_error(a, "/household_id");
	a = call(SECOND_OFFICER, "POST", "/api/v1/referrals", "{\"household_id\":\"" HOUSEHOLD "\"}");
	assert_error(a, "/household_id");
}

Test(case_share, candidates_of_others_are_counted_without_identity)
{
	struct answer ours, theirs;

	ours = call(ROLE_housing_officer, "GET", "/api/v1/vacancies/" VACANCY_B1 "/candidates", NULL);
	theirs = call(SECOND_OFFICER, "GET", "/api/v1/vacancies/" VACANCY_B1 "/candidates", NULL);
	cr_assert_not_null(strstr(ours.body, HOUSEHOLD), "%s", ours.body);
	cr_assert_eq(answer_int(&theirs, "waiting"), answer_int(&ours, "waiting"), "%s", theirs.body);
	cr_assert_eq(answer_int(&theirs, "fitting"), answer_int(&ours, "fitting"), "%s", theirs.body);
	cr_assert_null(strstr(theirs.body, HOUSEHOLD), "%s", theirs.body);
	cr_assert_null(strstr(theirs.body, "H-TEST"), "%s", theirs.body);
}

/* ---- given by the owner ---- */

Test(case_share, to_read_is_to_see_and_not_to_change)
{
	const char *placement = held(HOUSEHOLD, VACANCY_A1);
	struct answer a = share(ROLE_housing_officer, TO_SECOND, "read");

	assert_status(a, 201);
	cr_assert_str_eq(answer_text(&a, "organisation"), "Second Council", "%s", a.body);
	cr_assert_eq(status(SECOND_OFFICER), 200);
	assert_status(get(SECOND_OFFICER, placement), 200);
	cr_assert_not_null(strstr(call(SECOND_OFFICER, "GET", "/api/v1/households", NULL).body, "H-TEST22"));
	cr_assert_not_null(strstr(call(SECOND_OFFICER, "GET", "/api/v1/referrals", NULL).body, "H-TEST22"));
	cr_assert_not_null(strstr(call(SECOND_OFFICER, "GET", "/api/v1/placements", NULL).body, "H-TEST22"));
	a = add_area(SECOND_OFFICER);
	assert_problem(a, 403, "case-shared-to-read");
	a = call(SECOND_OFFICER, "POST", CASE "/members", "{\"kind\":\"child\",\"age\":4,\"name\":\"Ann Vale\"}");
	assert_problem(a, 403, "case-shared-to-read");
	a = act(SECOND_OFFICER, placement, "offer", "{}");
	assert_problem(a, 403, "case-shared-to-read");
	a = call(SECOND_OFFICER, "POST", "/api/v1/placements", "{\"household_id\":\"" HOUSEHOLD "\",\"vacancy_id\":\"" VACANCY_B1 "\"}");
	assert_problem(a, 403, "case-shared-to-read");
	a = share(SECOND_OFFICER, TO_SECOND, "work_on");
	assert_problem(a, 403, "case-shared-to-read");
	cr_assert_eq(call(SECOND_OFFICER, "GET", CASE "/access", NULL).status, 404, "who else sees it is for the owner");
	cr_assert_eq(call(SECOND_OFFICER, "GET", SHARES, NULL).status, 404);
}

Test(case_share, to_work_on_carries_on_what_the_owner_began)
{
	const char *placement = held(HOUSEHOLD, VACANCY_A1), *theirs;
	struct answer a;

	assert_status(share(ROLE_housing_officer, TO_SECOND, "work_on"), 201);
	assert_status(add_area(SECOND_OFFICER), 201);
	assert_status(act(SECOND_NAVIGATOR, placement, "extend", "{\"minutes\":10}"), 200);
	assert_status(act(SECOND_NAVIGATOR, placement, "offer", "{}"), 200);
	assert_status(act(SECOND_NAVIGATOR, placement, "cancel", "{}"), 200);
	a = call(SECOND_NAVIGATOR, "POST", "/api/v1/placements", "{\"household_id\":\"" HOUSEHOLD "\",\"vacancy_id\":\"" VACANCY_A2 "\"}");
	assert_status(a, 201);
	theirs = answer_text(&a, "id");
	cr_assert_str_eq(answer_text(&a, "requested_by"), COUNCIL, "for the owner: %s", a.body);
	assert_status(act(ROLE_housing_officer, theirs, "offer", "{}"), 200);
	a = share(SECOND_OFFICER, TO_SECOND, "work_on");
	cr_assert_eq(a.status, 404, "a person of another council does not share it on: %s", a.body);
}

Test(case_share, ends_when_the_owner_ends_it_and_on_its_day)
{
	static const char area[] = "{\"kind\":\"family\",\"outward_code\":\"TS19\"}", key[] = "Idempotency-Key: the-same\r\nContent-Type: application/json\r\n";
	struct answer a = share(ROLE_housing_officer, TO_SECOND, "work_on"), list;
	const char *id = answer_text(&a, "id");

	assert_status(call_with(SECOND_OFFICER, "POST", CASE "/unsafe-places", key, area), 201);
	assert_status(call_with(SECOND_OFFICER, "POST", CASE "/unsafe-places", key, area), 201);
	assert_status(end_share(SECOND_OFFICER, id), 404);
	assert_status(end_share(ROLE_navigator, id), 200);
	assert_status(end_share(ROLE_navigator, id), 409);
	cr_assert_eq(status(SECOND_OFFICER), 404);
	assert_status(call_with(SECOND_OFFICER, "POST", CASE "/unsafe-places", key, area), 404);
	list = call(ROLE_housing_officer, "GET", SHARES, NULL);
	cr_assert_str_eq(answer_text(&list, "shares.0.ended_by"), "Test navigator", "%s", list.body);
	cr_assert_str_eq(sql("SELECT string_agg(action, ' ' ORDER BY id) FROM audit.event WHERE subject_kind = 'case_share' AND subject_id = '%s'", id),
			 "insert update");
	assert_status(share(ROLE_housing_officer, TO_SECOND, "read"), 201);
	cr_assert_eq(status(SECOND_OFFICER), 200);
	sql("UPDATE case_share SET given_at = now() - interval '8 days', ends_at = now() - interval '1 second' WHERE ends_at > now()");
	cr_assert_eq(status(SECOND_OFFICER), 404, "its time is over");
}

Test(case_share, with_one_person_is_not_with_colleagues)
{
	assert_status(share(ROLE_housing_officer, arena_printf(test_memory(), "\"account_id\":\"%s\"", PERSON("second_officer")), "read"), 201);
	cr_assert_eq(status(SECOND_OFFICER), 200);
	cr_assert_eq(status(SECOND_NAVIGATOR), 404);
}

Test(case_share, what_cannot_be_shared_is_refused)
{
	struct answer a = share(ROLE_housing_officer, "\"organisation_id\":\"" PROVIDER_A "\"", "read");

	assert_error(a, "/organisation_id");
	a = share(ROLE_housing_officer, "\"organisation_id\":\"" OTHER_COUNCIL "\"", "read");
	assert_error(a, "/organisation_id");
	a = share(ROLE_housing_officer, "\"organisation_id\":\"" COUNCIL "\"", "read");
	assert_error(a, "/organisation_id");
	a = share(ROLE_housing_officer, "\"account_id\":\"" NOBODY "\"", "read");
	assert_error(a, "/account_id");
	a = share(ROLE_housing_officer, TO_SECOND ",\"account_id\":\"" NOBODY "\"", "read");
	assert_error(a, "/organisation_id");
	a = call(ROLE_housing_officer, "POST", SHARES, "{" TO_SECOND ",\"access\":\"read\",\"purpose\":\"emergency\",\"until\":\"2020-01-01\"}");
	assert_error(a, "/purpose");
	assert_error(a, "/until");
	assert_status(call(ROLE_provider, "GET", SHARES, NULL), 403);
	cr_assert_str_eq(sql("SELECT count(*) FROM case_share"), "0");
}

/* ---- made by itself for the navigators ---- */

static void consent(const char *basis)
{
	assert_status(call(ROLE_navigator, "POST", CASE "/consents", "{\"purpose\":\"share_with_providers\",\"basis\":\"%s\"%s}", basis,
			   strcmp(basis, "high_risk_without_consent") == 0 ? ",\"reason\":\"She cannot be asked safely\"" : ""), 201);
}

Test(case_share, an_open_emergency_is_the_navigators_while_consent_stands)
{
	cr_assert_eq(status(SECOND_NAVIGATOR), 404);
	consent("given");
	cr_assert_eq(status(SECOND_NAVIGATOR), 200);
	cr_assert_eq(status(SECOND_OFFICER), 404, "not an officer's");
	assert_status(add_area(SECOND_NAVIGATOR), 201);
	consent("withdrawn");
	cr_assert_eq(status(SECOND_NAVIGATOR), 404);
	consent("high_risk_without_consent");
	cr_assert_eq(status(SECOND_NAVIGATOR), 200);
	sql("UPDATE household SET urgency = 'planned' WHERE id = '" HOUSEHOLD "'");
	cr_assert_eq(status(SECOND_NAVIGATOR), 404);
	sql("UPDATE household SET urgency = 'emergency' WHERE id = '" HOUSEHOLD "'");
	cr_assert_eq(status(SECOND_NAVIGATOR), 200);
	assert_status(call(ROLE_housing_officer, "POST", "/api/v1/referrals/" REFERRAL "/close", "{\"reason\":\"stayed_home\"}"), 200);
	cr_assert_eq(status(SECOND_NAVIGATOR), 404, "the emergency is over");
	cr_assert_str_eq(sql("SELECT count(*) || ' ' || count(*) FILTER (WHERE ends_at > now()) FROM case_share"), "3 0", "what was is kept");
}

/* ---- taken in an emergency ---- */

#define WHY "She rang in danger and her worker is away"

static struct answer take(int actor)
{
	return call(actor, "POST", "/api/v1/break-glass", "{\"household_reference\":\"H-TEST22\",\"reason\":\"" WHY "\"}");
}

Test(case_share, an_emergency_takes_a_case_for_twelve_hours_and_tells_at_once)
{
	struct answer a = take(SECOND_OFFICER), list;

	assert_status(a, 201);
	cr_assert_eq(status(SECOND_OFFICER), 200);
	cr_assert_eq(status(SECOND_NAVIGATOR), 404, "one person's");
	assert_status(add_area(SECOND_OFFICER), 201);
	cr_assert_str_eq(sql("SELECT kind || ' ' || reason FROM alert"), "case_taken " WHY);
	cr_assert_not_null(strstr(call(ROLE_administrator, "GET", "/api/v1/alerts", NULL).body, "H-TEST22"), "the owner's information officer");
	list = call(ROLE_housing_officer, "GET", SHARES, NULL);
	cr_assert_str_eq(answer_text(&list, "shares.0.person"), "Second officer", "%s", list.body);
	cr_assert_str_eq(answer_text(&list, "shares.0.reason"), WHY, "%s", list.body);
	a = take(SECOND_OFFICER);
	assert_problem(a, 409, "case-visible");
	sql("UPDATE case_share SET given_at = given_at - interval '12 hours', ends_at = ends_at - interval '12 hours'");
	cr_assert_eq(status(SECOND_OFFICER), 404, "twelve hours are over");
}

Test(case_share, the_owner_ends_what_was_taken)
{
	struct answer list;

	assert_status(take(SECOND_OFFICER), 201);
	list = call(ROLE_housing_officer, "GET", SHARES, NULL);
	assert_status(end_share(ROLE_housing_officer, answer_text(&list, "shares.0.id")), 200);
	cr_assert_eq(status(SECOND_OFFICER), 404);
	list = call(SECOND_OFFICER, "GET", "/api/v1/break-glass", NULL);
	cr_assert(json_is_false(json_object_get(json_array_get(json_object_get(list.json, "items"), 0), "open")), "%s", list.body);
}

Test(case_share, a_reader_takes_over_and_a_denied_person_does_not)
{
	assert_status(share(ROLE_housing_officer, TO_SECOND, "read"), 201);
	assert_status(take(SECOND_OFFICER), 201);
	assert_status(add_area(SECOND_OFFICER), 201);
	sql("INSERT INTO case_access (household_id, account_id, access, reason) VALUES ('" HOUSEHOLD "', '%s', 'deny', 'r')", PERSON("second_navigator"));
	assert_status(take(SECOND_NAVIGATOR), 404);
	cr_assert_eq(status(SECOND_NAVIGATOR), 404);
}

/* An owner who restricts the case shuts out the person who took it. */
Test(case_share, a_restriction_beats_what_was_taken)
{
	assert_status(take(SECOND_OFFICER), 201);
	assert_status(call(ROLE_housing_officer, "POST", CASE "/access", "{\"account_id\":\"%s\",\"access\":\"allow\",\"reason\":\"Known to the family\"}",
			   PERSON("navigator")), 200);
	cr_assert_eq(status(SECOND_OFFICER), 404);
	assert_status(share(ROLE_sanctuary_coordinator, TO_SECOND, "read"), 404);
	assert_status(share(ROLE_navigator, TO_SECOND, "read"), 201);
	cr_assert_eq(status(SECOND_OFFICER), 404, "a share does not open a restricted case");
}

/* ---- what is found by hashes ---- */

#define MARTA "\"members\":[{\"kind\":\"main\",\"name\":\"Marta Quill\",\"birth_date\":\"1990-02-03\"}]"

static struct answer refer_as(int actor)
{
	struct answer a = call(actor, "POST", "/api/v1/referrals", "{\"household\":{\"situation\":\"rough\"," MARTA "}}");

	assert_status(a, 201);
	return a;
}

Test(case_share, a_repeat_is_found_in_another_council_s_case_and_no_identity_told)
{
	struct answer first = refer_as(ROLE_navigator), second, found;
	const char *household = answer_text(&first, "household.id");

	cr_assert(json_is_false(json_object_get(json_object_get(first.json, "referral"), "repeat")), "%s", first.body);
	sql("UPDATE referral SET created_at = created_at - interval '1 minute' WHERE household_id = '%s'", household);
	second = refer_as(SECOND_OFFICER);
	cr_assert(json_is_true(json_object_get(json_object_get(second.json, "referral"), "repeat")), "%s", second.body);
	cr_assert_str_eq(answer_text(&second, "duplicates.0.organisation"), "Test Council", "%s", second.body);
	cr_assert_null(answer_text(&second, "duplicates.0.reference"), "%s", second.body);
	cr_assert_null(strstr(second.body, household), "%s", second.body);
	found = call(ROLE_housing_officer, "GET", path("households", household, "/audit-events?action=person_search"), NULL);
	cr_assert_str_eq(answer_text(&found, "items.0.account"), "Second officer", "the owner is told: %s", found.body);
}

Test(case_share, a_repeat_of_a_hidden_case_counts_and_is_not_told)
{
	struct answer first = refer_as(ROLE_navigator), second;
	const char *household = answer_text(&first, "household.id");

	sql("UPDATE referral SET created_at = created_at - interval '1 minute' WHERE household_id = '%s'", household);
	sql("UPDATE household SET restricted = true WHERE id = '%s'", household);
	second = refer_as(ROLE_housing_officer);
	cr_assert(json_is_false(json_object_get(json_object_get(second.json, "referral"), "repeat")), "%s", second.body);
	cr_assert_eq(json_array_size(json_object_get(second.json, "duplicates")), 0, "%s", second.body);
	cr_assert_str_eq(sql("SELECT count(*) FROM referral_repeat WHERE referral_id = '%s'", answer_text(&second, "referral.id")), "1");
}

/* ---- probing by holds ---- */

Test(case_share, holds_refused_as_unsafe_are_counted_like_edits)
{
	sql("INSERT INTO unsafe_place (household_id, kind, outward_code) VALUES ('" HOUSEHOLD "', 'family', 'TS10')");
	for (int i = 0; i < 6; i++) {
		cr_assert_str_eq(sql("SELECT count(*) FROM alert"), "0", "%d", i);
		assert_status(hold(HOUSEHOLD, VACANCY_A1), 409);
	}
	cr_assert_str_eq(sql("SELECT kind FROM alert"), "area_probing");
}

/* ---- together ---- */

Test(case_share_race, two_shares_with_one_receiver_leave_one)
{
	const char *day = sql("SELECT today() + 7");
	struct shot s[2];

	for (int i = 0; i < 2; i++)
		s[i] = shot(ROLE_housing_officer, SHARES, NULL, "{" TO_SECOND ",\"access\":\"%s\",\"purpose\":\"cover\",\"until\":\"%s\"}",
			    i ? "read" : "work_on", day);
	volley(s, 2);
	for (int i = 0; i < 2; i++)
		cr_expect_eq(s[i].a.status, 201, "%d: %s", s[i].a.status, s[i].a.body);
	cr_expect_str_eq(sql("SELECT count(*) || ' ' || count(*) FILTER (WHERE ends_at > now()) FROM case_share"), "2 1");
}
