/* An erased household: nothing of it can be opened, found or reached; only the statistics stay. */
#include <criterion/criterion.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "canary.h"
#include "inventory.h"
#include "memory.h"
#include "referring.h"
#include "seal/seal.h"
#include "tool_rig.h"

enum { DONE, FAILED, USAGE };

TestSuite(erasure, .init = service_start, .fini = service_stop, .timeout = 120);
TestSuite(erasure_heard, .init = service_start_heard, .fini = service_stop, .timeout = 120);
TestSuite(erasure_own, .init = service_start_own, .fini = service_stop, .timeout = 120);

static int erase(const char *reference)
{
	setenv("HAVEN_DATABASE", database_conninfo(), 1);
	setenv("HAVEN_KEY_FILE", service_key_file(), 1);
	return tool("household", "erase", reference, "--reason", "retention_end", NULL);
}

static const char *reference_of(const char *household)
{
	return sql("SELECT reference FROM household WHERE id = '%s'", household);
}

static void close_case(const char *household)
{
	struct answer a = call(ROLE_navigator, "POST",
			       path("referrals", sql("SELECT id FROM referral WHERE household_id = '%s'", household), "/close"),
			       "{\"reason\":\"changed_mind\"}");

	assert_status(a, 200);
}

/* Makes a case with every kind of record, and closes it. */
static const char *closed_case(void)
{
	const char *household;
	struct answer a;

	canary_draw();
	household = canary_household();
	a = call(ROLE_navigator, "POST", path("households", household, "/unsafe-places"),
		 "{\"kind\":\"school_contact\",\"sector\":\"TS5 6\"}");
	assert_status(a, 201);
	a = call(ROLE_navigator, "POST", path("households", household, "/maracs"), "{}");
	assert_status(a, 201);
	a = call(ROLE_navigator, "POST", path("households", household, "/consents"),
		 "{\"purpose\":\"share_with_police\",\"basis\":\"high_risk_without_consent\",\"reason\":\"Control%s\"}", canary.word + 6);
	assert_status(a, 201);
	close_case(household);
	return household;
}

/* ---- nothing can be opened ---- */

/* The number of the household's wrapped keys in the dump that the present key file unwraps. */
static int keys_in(const char *dumped, const char *household)
{
	struct seal_owner owner = { .kind = SEAL_HOUSEHOLD };
	const char *error;
	struct vault_keys *keys = vault_keys_load(service_key_file(), &error);
	int n = 0;

	cr_assert(keys && uuid_parse(household, &owner.id) && uuid_parse(COUNCIL, &owner.organisation), "%s", error);
	for (const char *at = dumped; (at = strstr(at, "\\x01")); at++) {
		unsigned char wrapped[SEAL_WRAPPED];
		size_t len = strspn(at + 2, "0123456789abcdef");
		struct seal_key key;

		if (len == 2 * sizeof(wrapped) && sodium_hex2bin(wrapped, sizeof(wrapped), at + 2, len, NULL, NULL, NULL) == 0 &&
		    seal_key_open(keys, &owner, wrapped, &key))
			n++;
	}
	vault_keys_free(keys);
	return n;
}

Test(erasure_heard, leaves_no_plaintext_and_no_key_that_opens_anything)
{
	const char *household, *before, *after, *control, *contact;
	size_t nbefore, nafter;

	canary_draw();
	canary_hear_all();
	household = closed_case();
	control = arena_printf(test_memory(), "Control%s", canary.word + 6);
	contact = sql("SELECT encode(sealed, 'hex') FROM vault.safe_contact WHERE household_id = '%s'", household);
	before = canary_dump(&nbefore);
	cr_assert(canary_found(before, nbefore, control) && strstr(before, contact), "the look finds what is there");
	cr_assert_eq(erase(reference_of(household)), DONE, "%s", tool_said);
	cr_assert(strstr(tool_said, "nothing left"), "%s", tool_said);
	superuser("CHECKPOINT");
	after = canary_dump(&nafter);
	canary_expect_nowhere(after, nafter);
	cr_expect(!canary_found(after, nafter, control), "free text is gone");
	cr_expect_null(strstr(after, contact), "and what was sealed");
	cr_expect_eq(keys_in(after, household), 0, "no key in a dump of after opens");
	cr_expect_eq(keys_in(before, household), 1, "that of before does");
	cr_assert_eq(tool("keys", "rotate", NULL), DONE, "%s", tool_said);
	cr_expect_eq(keys_in(before, household), 0, "until the root that it is wrapped under is forgotten");
}

Test(erasure, nothing_can_be_sealed_for_it_any_more)
{
	close_case(HOUSEHOLD);
	cr_assert_eq(erase(reference_of(HOUSEHOLD)), DONE, "it never had a key");
	sql("DO $$ BEGIN PERFORM vault.put_key('household', '" HOUSEHOLD "', '" COUNCIL "', decode('01' || repeat('ab', 80), 'hex')); "
	    "RAISE 'stored'; EXCEPTION WHEN serialization_failure THEN NULL; END $$");
	sql("DO $$ BEGIN PERFORM vault.put_contact(gen_random_uuid(), '" HOUSEHOLD "', "
	    "decode('0103' || repeat('00', 1072), 'hex')); RAISE 'stored'; EXCEPTION WHEN serialization_failure THEN NULL; END $$");
}

/* ---- nothing can be reached ---- */

static void expect(int status, const char *method, const char *target, const char *body)
{
	struct answer a = body ? strcmp(method, "PATCH") == 0 ? change(ROLE_navigator, target, 1, body)
							      : call(ROLE_navigator, method, target, "%s", body)
			       : call(ROLE_navigator, method, target, NULL);

	cr_expect_eq(a.status, status, "%s %s: %d, not %d: %s", method, target, a.status, status, a.body);
}

static void expect_in_no_list(const char *list, const char *household)
{
	struct answer a = call(ROLE_navigator, "GET", list, NULL);

	cr_expect_eq(a.status, 200, "%s: %s", list, a.body);
	cr_expect_null(strstr(a.body, household), "%s: %s", list, a.body);
}

Test(erasure, is_answered_as_what_does_not_exist)
{
	const char *h = closed_case(), *reference = reference_of(h);
	const char *member = sql("SELECT id FROM member WHERE household_id = '%s'", h);
	const char *referral = sql("SELECT id FROM referral WHERE household_id = '%s'", h);

	expect(200, "GET", path("households", h, ""), NULL);
	cr_assert_eq(erase(reference), DONE);
	expect(404, "GET", path("households", h, ""), NULL);
	expect(404, "GET", path("households", h, "/consents"), NULL);
	expect(404, "GET", path("households", h, "/characteristics"), NULL);
	expect(404, "GET", path("households", h, "/audit-events"), NULL);
	expect(404, "GET", path("referrals", referral, ""), NULL);
	expect(404, "PATCH", path("households", h, ""), "{\"urgency\":\"planned\"}");
	expect(404, "PATCH", path("referrals", referral, ""), "{\"source\":\"police\"}");
	expect(404, "PATCH", path("members", member, ""), "{\"age\":30}");
	expect(404, "POST", path("households", h, "/members"), "{\"kind\":\"child\"}");
	expect(404, "POST", path("households", h, "/safe-contact"), "{\"phone\":\"07700 900321\"}");
	expect(404, "POST", path("households", h, "/first-name"), "{\"first_name\":\"Ann\"}");
	expect(404, "GET", path("households", h, "/secrets"), NULL);
	expect(404, "POST", path("households", h, "/unsafe-places"), "{\"kind\":\"family\",\"outward_code\":\"TS1\"}");
	expect(404, "POST", path("households", h, "/maracs"), "{}");
	expect_in_no_list("/api/v1/households", h);
	expect_in_no_list("/api/v1/referrals", h);
	expect_in_no_list(arena_printf(test_memory(), "/api/v1/households?reference=%s", reference), h);
}

Test(erasure, takes_neither_another_referral_nor_a_place)
{
	const char *h = closed_case();
	struct answer known = refer("{\"household_id\":\"" NOBODY "\"}"), erased;
	struct answer nobody = call(ROLE_navigator, "POST", "/api/v1/placements",
				    "{\"household_id\":\"" NOBODY "\",\"vacancy_id\":\"" VACANCY_A1 "\"}");

	cr_assert_eq(erase(reference_of(h)), DONE);
	erased = refer(arena_printf(test_memory(), "{\"household_id\":\"%s\"}", h));
	cr_expect_eq(erased.status, known.status, "%s", erased.body);
	cr_expect_str_eq(answer_text(&erased, "type"), answer_text(&known, "type"), "%s", erased.body);
	erased = call(ROLE_navigator, "POST", "/api/v1/placements", "{\"household_id\":\"%s\",\"vacancy_id\":\"" VACANCY_A1 "\"}", h);
	cr_expect_eq(erased.status, nobody.status, "%s", erased.body);
	cr_expect_str_eq(answer_text(&erased, "type"), answer_text(&nobody, "type"), "%s", erased.body);
	cr_expect_str_eq(sql("SELECT count(*) FROM placement"), "0");
}

Test(erasure, its_placements_are_seen_by_neither_side)
{
	const char *id = place_a1("offered");

	sql("UPDATE placement SET state = 'declined', decline_side = 'household', decline_reason = 'too_near' WHERE id = '%s'", id);
	close_case(HOUSEHOLD);
	cr_assert_eq(erase(reference_of(HOUSEHOLD)), DONE, "%s", tool_said);
	cr_expect_eq(call(ROLE_navigator, "GET", path("placements", id, ""), NULL).status, 404);
	cr_expect_eq(call(ROLE_provider, "GET", path("placements", id, ""), NULL).status, 404);
	expect_in_no_list("/api/v1/placements", id);
	cr_expect_str_eq(sql("SELECT state FROM placement WHERE id = '%s'", id), "declined", "counted all the same");
}

static struct answer repeated(const char *key, const char *target, const char *body)
{
	return call_with(ROLE_navigator, "POST", target,
			 arena_printf(test_memory(), "Content-Type: application/json\r\nIdempotency-Key: %s\r\n", key), body);
}

/* The answer is that for a case that does not exist. It does not repeat the stored answer or tell
 * that there was one, and nothing is done twice. */
Test(erasure, a_stored_answer_is_neither_given_again_nor_is_it_done_twice)
{
	static const char body[] = "{\"household\":{\"situation\":\"rough\",\"members\":[{\"kind\":\"main\"}]}}",
		place[] = "{\"kind\":\"family\",\"outward_code\":\"TS1\"}";
	struct answer first = repeated("one-key-for-the-same-referral", "/api/v1/referrals", body), again;
	const char *h = answer_text(&first, "household.id"), *places = path("households", h, "/unsafe-places");
	const char *there = sql("SELECT count(*) FROM household");

	assert_status(first, 201);
	assert_status(repeated("of-a-place", places, place), 201);
	close_case(h);
	cr_assert_eq(erase(reference_of(h)), DONE);
	again = repeated("one-key-for-the-same-referral", "/api/v1/referrals", body);
	assert_problem(again, 404, "not-found");
	cr_expect_null(strstr(again.body, h));
	cr_expect_str_eq(sql("SELECT count(*) FROM household"), there, "nor done twice");
	first = repeated("a-new-one", places, place);
	again = repeated("of-a-place", places, place);
	cr_expect_eq(again.status, first.status, "%s", again.body);
	cr_expect_str_eq(answer_text(&again, "type"), answer_text(&first, "type"), "%s", again.body);
}

/* Holds store their answers in another way (hold_many). */
Test(erasure, a_hold_that_is_asked_for_again_finds_no_household)
{
	static const char place[] = "{\"household_id\":\"" HOUSEHOLD "\",\"vacancy_id\":\"" VACANCY_A1 "\"}";
	struct answer first = repeated("a-hold", "/api/v1/placements", place), again;

	assert_status(first, 201);
	sql("UPDATE placement SET state = 'cancelled', cancel_reason = 'changed_mind'");
	close_case(HOUSEHOLD);
	cr_assert_eq(erase(reference_of(HOUSEHOLD)), DONE, "%s", tool_said);
	again = repeated("a-hold", "/api/v1/placements", place);
	assert_error(again, "/household_id");
	cr_expect_null(strstr(again.body, answer_text(&first, "id")), "%s", again.body);
}

/* ---- the rows that stay ---- */

static const char *row(const char *table, const char *id)
{
	return sql("SELECT to_jsonb(t) FROM %s t WHERE id = '%s'", table, id);
}

/* The columns in which two rows differ, except those that an erasure writes. */
static const char *changed(const char *before, const char *after)
{
	return sql("SELECT coalesce(string_agg(b.key, '|'), 'none') FROM jsonb_each($row$%s$row$) b JOIN jsonb_each($row$%s$row$) a USING (key) "
		   "WHERE a.value <> b.value AND key NOT IN ('version', 'erased_at', 'erasure_reason', 'owner_id', 'erased')", before, after);
}

static void expect_not_in_the_trail(const char *table, const char *id, const char *before)
{
	const char *columns = changed(before, row(table, id));

	cr_expect_str_neq(columns, "none", "%s", table);
	cr_expect_str_eq(sql("SELECT coalesce(string_agg(DISTINCT k, ' '), '') FROM audit.event, jsonb_object_keys(detail) k "
			     "WHERE subject_kind = '%s' AND k ~ '^(%s)$'", table, columns), "", "the trail knows of %s", table);
}

/* The trail cannot be edited, so nothing that an erasure removes may ever have been in it. */
Test(erasure, what_is_taken_was_never_in_the_audit_trail)
{
	const char *h = closed_case(), *household, *member, *member_id;

	sql("UPDATE household SET dash = '{\"weapons\":\"yes\"}', due_on = today(), want_from = today(), "
	    "want_until = today() + 9, shortest_stay_days = 3, wishes = '{refuge}', wished_areas = '{E06000002}', wished_specialisms = '{deaf}', "
	    "places_to_reach = '{TS1}', languages = '{ti,other}', other_language = 'Kashmiri', interpreter = true, support_needs = '[{\"need\":\"drugs\",\"severity\":\"high\"}]', "
	    "wants_to_stay = true, perpetrator_at_home = true, sole_occupation = true, consent_obtainable = true, counter_allegation = true, "
	    "primary_victim = 'this_household', primary_victim_on = today(), primary_victim_reason = 'fear', immigration_status = 'no_leave', "
	    "immigration_evidence = 'passport', immigration_expires_on = today(), income_source = 'none', weekly_income_pence = 7, "
	    "risk_review_on = today(), poses = '{arson}', avoids = '{gang}', overnight_carer = true, risk_raised_reason = 'Because' WHERE id = '%s'", h);
	sql("UPDATE member SET age = 33, relationship = 'sister', couple = true WHERE household_id = '%s'", h);
	member_id = sql("SELECT id FROM member WHERE household_id = '%s'", h);
	household = row("household", h);
	member = row("member", member_id);
	cr_assert_eq(erase(reference_of(h)), DONE);
	expect_not_in_the_trail("household", h, household);
	expect_not_in_the_trail("member", member_id, member);
	cr_expect_str_eq(sql("SELECT count(*) FROM audit.event WHERE detail::text ~ 'Control|TS5|%s'", canary.word + 6), "0");
	cr_expect_str_eq(sql("SELECT detail ->> 'reason' FROM audit.event WHERE action = 'erase' AND household_id = '%s'", h), "retention_end");
}

Test(erasure, keeps_what_statistics_count)
{
	const char *h = closed_case();

	sql("UPDATE household SET pregnant = true, nrpf = true WHERE id = '%s'", h);
	sql("UPDATE member SET age = 33, sex = 'female' WHERE household_id = '%s'", h);
	cr_assert_eq(erase(reference_of(h)), DONE);
	cr_expect_str_eq(sql("SELECT concat_ws(' ', band, pregnant, nrpf, erasure_reason) FROM household WHERE id = '%s'", h),
			 "band_2 t t retention_end");
	cr_expect_str_eq(sql("SELECT concat_ws(' ', kind, sex, age) FROM member WHERE household_id = '%s'", h), "main female 25");
	cr_expect_str_eq(sql("SELECT concat_ws(' ', state, close_reason) FROM referral WHERE household_id = '%s'", h), "closed changed_mind");
	cr_expect_str_eq(sql("SELECT string_agg(basis, ' ') FROM consent WHERE household_id = '%s' AND purpose = 'share_with_police'", h),
			 "high_risk_without_consent");
}

/* ---- refused ---- */

Test(erasure, not_of_an_open_case_nor_of_one_with_a_place)
{
	const char *untouched = row("household", HOUSEHOLD), *reference = reference_of(HOUSEHOLD);

	cr_expect_eq(erase(reference), FAILED, "open");
	sql("UPDATE referral SET state = 'closed', closed_at = now() WHERE household_id = '" HOUSEHOLD "'");
	sql("UPDATE household SET closed_at = now() WHERE id = '" HOUSEHOLD "'");
	untouched = row("household", HOUSEHOLD);
	for (int i = 0; i < 4; i++) {
		static const char *const states[] = { "held", "offered", "accepted", "arrived" };
		const char *id = place_a1(states[i]);

		cr_expect_eq(erase(reference), FAILED, "%s", states[i]);
		sql("DELETE FROM placement WHERE id = '%s'", id);
	}
	cr_expect_str_eq(row("household", HOUSEHOLD), untouched, "and nothing was taken");
	cr_expect_eq(erase(reference), DONE, "then it may: %s", tool_said);
}

Test(erasure, is_done_once_and_can_be_looked_at_again)
{
	const char *h = closed_case(), *reference = reference_of(h), *stone;

	cr_expect_eq(erase("H-QQQQQQ"), FAILED, "unknown");
	cr_expect_eq(tool("household", "erase", reference, NULL), USAGE, "no reason");
	cr_expect_eq(tool("household", "erase", reference, "--reason", "tidying", NULL), FAILED, "no such reason");
	cr_assert_eq(erase(reference), DONE);
	stone = row("household", h);
	cr_expect_eq(erase(reference), FAILED, "nobody finds it by the old reference");
	cr_expect_eq(erase(reference_of(h)), FAILED, "by its tombstone: erased already");
	cr_expect(strstr(tool_said, "nothing left"), "with the proof: %s", tool_said);
	cr_expect_eq(erase(h), FAILED, "and by its identity");
	cr_expect_str_eq(row("household", h), stone, "as it was");
}

/* The proof does not use the list by which the erasure works. */
Test(erasure_own, what_was_forgotten_shows)
{
	const char *h = closed_case();

	sql("CREATE TABLE vault.later (household_id uuid, sealed bytea)");
	sql("INSERT INTO vault.later VALUES ('%s', '\\x01')", h);
	cr_assert_eq(erase(reference_of(h)), FAILED);
	cr_expect(strstr(tool_said, "vault.later") && !strstr(tool_said, "nothing left"), "%s", tool_said);
}
