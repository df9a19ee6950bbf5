/* What is sealed about a case: recording, showing and ending it. test_secret_matrix.c has who is shown which. */
#include <string.h>

#include "memory.h"
#include "placing.h"
#include "referring.h"
#include "revealing.h"
#include "telling.h"

TestSuite(case_secrets, .init = start_telling, .fini = service_stop, .timeout = 240);

/* ---- consent ---- */

Test(case_secrets, a_provider_has_the_first_name_only_while_they_agree)
{
	static const struct {
		const char *basis;
		bool stands;
	} bases[] = { { "refused", false }, { "high_risk_without_consent", false }, { "given", true }, { "withdrawn", false } };
	static const char *const states[] = { "offered", "accepted", "arrived" };

	record_all();
	for (size_t i = 0; i < sizeof(states) / sizeof(*states); i++) {
		const char *id = placed(states[i]);

		sql("DELETE FROM consent");
		cr_expect_eq(read_fact(ROLE_provider, ids[FIRST_NAME]).status, 404, "%s, not asked", states[i]);
		for (size_t k = 0; k < sizeof(bases) / sizeof(*bases); k++) {
			consent(bases[k].basis);
			cr_expect_eq(read_fact(ROLE_provider, ids[FIRST_NAME]).status, bases[k].stands ? 200 : 404, "%s, %s", states[i], bases[k].basis);
			cr_expect_eq(read_fact(ROLE_provider, ids[CONTACT]).status, i > 0 ? 200 : 404, "%s, %s: the contact goes by acceptance",
				     states[i], bases[k].basis);
			cr_expect_eq(read_fact(ROLE_navigator, ids[FIRST_NAME]).status, 200, "who works on the case");
		}
		sql("UPDATE placement SET state = 'cancelled', cancel_reason = 'changed_mind' WHERE id = '%s'", id);
	}
}

/* ---- what is answered, and its traces ---- */

Test(case_secrets, what_is_shown_is_whole_and_not_kept)
{
	struct answer a;

	record_all();
	a = read_fact(ROLE_navigator, ids[CONTACT]);
	assert_status(a, 200);
	cr_expect_str_eq(answer_text(&a, "safe_contact.phone"), "07700900123");
	cr_expect_str_eq(answer_text(&a, "safe_contact.hours"), "after six");
	cr_expect_str_eq(answer_text(&a, "safe_contact.code_word"), "Canarycode");
	cr_expect(strstr(a.body, "\"voicemail\":false") && strstr(a.body, "\"interpreter\":true"), "%s", a.body);
	cr_expect_str_eq(answer_header(&a, "Cache-Control"), "no-store");
	cr_expect_not_null(answer_text(&a, "expires_at"));
	a = read_fact(ROLE_navigator, ids[FIRST_NAME]);
	cr_expect_str_eq(answer_text(&a, "first_name"), "Canaryname");
	a = read_fact(ROLE_navigator, ids[PERPETRATOR]);
	cr_expect_str_eq(answer_text(&a, "perpetrator.description"), "A Canaryscar");
	cr_expect_str_eq(answer_text(&a, "perpetrator.vehicle"), "red van");
	cr_expect_null(strstr(a.body, "Rook"), "of the name a hash alone is kept");
	cr_expect_str_eq(sql("SELECT string_agg(detail ->> 'kind' || ' ' || (detail ->> 'purpose'), ', ' ORDER BY id) FROM audit.event"
			     " WHERE action = 'reveal' AND account_id = " ACCOUNT("navigator") " AND household_id = '" HOUSEHOLD "'"),
			 "safe_contact let_in, first_name let_in, perpetrator let_in");
	cr_expect_str_eq(sql("SELECT count(*) FROM idempotency WHERE concat(body, location) ~ 'Canary'"), "0");
	cr_expect_str_eq(sql("SELECT count(*) FROM audit.event WHERE detail::text ~ 'Canary'"), "0");
	a = call(ROLE_housing_officer, "GET", path("case-secrets", ids[CONTACT], ""), NULL);
	cr_expect_str_eq(answer_text(&a, "readings.0.account"), "Test navigator");
	cr_expect_str_eq(answer_text(&a, "readings.0.purpose"), "let_in");
}

Test(case_secrets, a_purpose_of_the_list_is_needed)
{
	struct answer a;

	record_all();
	a = call(ROLE_navigator, "POST", path("case-secrets", ids[CONTACT], "/readings"), "{}");
	assert_error(a, "/purpose");
	a = call(ROLE_navigator, "POST", path("case-secrets", ids[CONTACT], "/readings"), "{\"purpose\":\"other\"}");
	assert_error(a, "/purpose");
	cr_assert_eq(readings(), 0);
}

Test(case_secrets, nobody_is_shown_a_value_that_ended_or_was_replaced)
{
	struct answer a;
	const char *later;

	record_all();
	placed("accepted");
	a = call(ROLE_navigator, "POST", CASE "/safe-contact", "{\"phone\":\"07700 900456\"}");
	assert_status(a, 201);
	later = id_of(CONTACT);
	cr_assert_eq(read_fact(ROLE_navigator, ids[CONTACT]).status, 404, "the number before");
	cr_assert_eq(read_fact(ROLE_provider, ids[CONTACT]).status, 404);
	a = read_fact(ROLE_provider, later);
	cr_assert_str_eq(answer_text(&a, "safe_contact.phone"), "07700900456");
	a = call(ROLE_navigator, "POST", path("case-secrets", later, "/end"), NULL);
	assert_status(a, 200);
	cr_assert_eq(read_fact(ROLE_navigator, later).status, 404, "ended");
	cr_assert_eq(read_fact(ROLE_provider, later).status, 404);
	cr_assert_eq(call(ROLE_navigator, "POST", path("case-secrets", later, "/end"), NULL).status, 404, "once");
	a = call(ROLE_navigator, "GET", CASE "/secrets", NULL);
	cr_assert(strstr(a.body, later) && strstr(a.body, ids[CONTACT]), "the register keeps that they were: %s", a.body);
	a = call(ROLE_navigator, "POST", path("case-secrets", ids[FIRST_NAME], "/end"), NULL);
	assert_status(a, 200);
	a = call(ROLE_navigator, "POST", CASE "/first-name", "{\"first_name\":\"Later\"}");
	assert_status(a, 201);
	a = read_fact(ROLE_provider, ids[FIRST_NAME]);
	cr_assert_str_eq(answer_text(&a, "first_name"), "Later");
}

Test(case_secrets, only_who_works_on_the_case_records_and_ends)
{
	static const int others[] = { ROLE_provider, ACTOR_provider_b, ROLE_analyst, ROLE_administrator, ROLE_finance_officer };
	struct answer a;

	record_all();
	placed("accepted");
	for (size_t i = 0; i < sizeof(others) / sizeof(*others); i++) {
		cr_expect_eq(call(others[i], "POST", CASE "/first-name", "{\"first_name\":\"X\"}").status, 403);
		cr_expect_eq(call(others[i], "POST", path("case-secrets", ids[CONTACT], "/end"), NULL).status, 403);
	}
	cr_expect_eq(call(ACTOR_other_officer, "POST", CASE "/first-name", "{\"first_name\":\"X\"}").status, 404);
	cr_expect_eq(call(ACTOR_other_officer, "POST", path("case-secrets", ids[CONTACT], "/end"), NULL).status, 404);
	all_of(SHARE("read"));
	a = call(ROLE_housing_officer, "POST", CASE "/first-name", "{\"first_name\":\"X\"}");
	cr_expect_eq(a.status, 403, "%s", a.body);
	a = call(ROLE_housing_officer, "POST", path("case-secrets", ids[CONTACT], "/end"), NULL);
	cr_expect_eq(a.status, 403, "%s", a.body);
	cr_expect_str_eq(sql("SELECT count(*) FROM case_secret WHERE ended_at IS NULL"), "3");
}

Test(case_secrets, an_address_is_no_description)
{
	static const struct {
		const char *path, *body, *pointer;
	} wrong[] = {
		{ CASE "/parties", "{\"name\":\"A Rook\",\"description\":\"lives at 14 Broadway\"}", "/description" },
		{ CASE "/parties", "{\"name\":\"A Rook\",\"description\":\"is at TS1 3BA\"}", "/description" },
		{ CASE "/parties", "{\"name\":\"A Rook\",\"vehicle\":\"van at 14 Broadway\"}", "/vehicle" },
		{ CASE "/first-name", "{\"first_name\":\"14 Broadway\"}", "/first_name" },
		{ CASE "/first-name", "{\"first_name\":\"--\"}", "/first_name" },
		{ CASE "/first-name", "{}", "/first_name" },
		{ CASE "/safe-contact", "{\"phone\":\"07700 900 12\"}", "/phone" },
		{ CASE "/safe-contact", "{\"phone\":\"07700 900123\",\"code_word\":\"at TS1 3BA\"}", "/code_word" },
	};

	for (size_t i = 0; i < sizeof(wrong) / sizeof(*wrong); i++) {
		struct answer a = call(ROLE_navigator, "POST", wrong[i].path, "%s", wrong[i].body);

		cr_expect(a.status == 422 && answer_has_error(&a, wrong[i].pointer), "%s: %d %s", wrong[i].body, a.status, a.body);
	}
	cr_expect_str_eq(sql("SELECT count(*) FROM case_secret"), "0");
}

/* The first name comes with the name, by itself: nothing else of the name, and nobody else's, is shown. */
Test(case_secrets, a_name_that_was_sent_gives_the_first_name)
{
	static const struct {
		const char *name, *first;
	} names[] = {
		{ "Alice Brown", "Alice" }, { "BROWN, Alice Mary", "Alice" }, { "Zoë", "Zoë" }, { "not known", NULL }, { "?", NULL },
	};

	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++) {
		struct answer a = refer(arena_printf(test_memory(), "{\"household\":{\"situation\":\"rough\",\"members\":[{\"kind\":\"main\",\"name\":\"%s\"},"
						     "{\"kind\":\"child\",\"name\":\"Ivy Brown\"}]}}", names[i].name));
		const char *id;

		assert_status(a, 201);
		id = sql("SELECT id FROM case_secret WHERE household_id = '%s'", answer_text(&a, "household.id"));
		cr_expect_eq(id != NULL, names[i].first != NULL, "%s", names[i].name);
		if (!id)
			continue;
		a = read_fact(ROLE_navigator, id);
		cr_expect_str_eq(answer_text(&a, "first_name"), names[i].first);
		cr_expect_null(strstr(a.body, "Brown"), "%s", a.body);
	}
}

/* ---- the budget, sessions, erasure ---- */

Test(case_secrets, forty_cases_a_day_and_the_next_raises_an_alert)
{
	struct answer a;

	record_all();
	sql("INSERT INTO audit.event (account_id, action, subject_kind, household_id) SELECT " ACCOUNT("navigator")
	    ", 'reveal', 'case_secret', gen_random_uuid() FROM generate_series(1, 39)");
	cr_assert_eq(read_fact(ROLE_navigator, ids[CONTACT]).status, 200, "the fortieth");
	sql("INSERT INTO audit.event (account_id, action, subject_kind, household_id) SELECT " ACCOUNT("navigator")
	    ", 'reveal', 'case_secret', gen_random_uuid()");
	a = read_fact(ROLE_navigator, ids[CONTACT]);
	assert_problem(a, 429, "readings-spent");
	cr_assert_eq(read_fact(ROLE_housing_officer, ids[CONTACT]).status, 200, "another person has a budget of their own");
	cr_assert_str_eq(sql("SELECT count(*) FROM alert WHERE kind = 'reveal_budget' AND account_id = " ACCOUNT("navigator")), "1");
}

Test(case_secrets, a_session_that_ended_is_told_so_and_nothing_else)
{
	struct answer a;

	record_all();
	sql("UPDATE session SET revoked_at = now() WHERE account_id = " ACCOUNT("navigator"));
	a = read_fact(ROLE_navigator, ids[CONTACT]);
	assert_problem(a, 401, "not-signed-in");
	cr_assert_eq(readings(), 0);
}

Test(case_secrets, a_destroyed_key_shows_nothing)
{
	record_all();
	placed("accepted");
	sql("UPDATE vault.data_key SET wrapped = NULL, destroyed_at = now() WHERE subject_id = '" HOUSEHOLD "'");
	for (int f = 0; f < FACTS; f++)
		cr_expect_eq(read_fact(ROLE_navigator, ids[f]).status, 404, "%s", fact_names[f]);
	cr_assert_eq(readings(), 0);
}

/* ---- the offer ---- */

Test(case_secrets, an_offer_says_when_they_can_arrive_and_what_is_not_known)
{
	const char *id = held(HOUSEHOLD, VACANCY_A1);
	struct answer a = act(ROLE_navigator, id, "offer", "{\"arrival_time\":\"25:00\"}");

	assert_error(a, "/arrival_time");
	a = act(ROLE_navigator, id, "offer", "{\"arrival_time\":\"21:30\"}");
	assert_status(a, 200);
	cr_expect_str_eq(answer_text(&a, "arrival_time"), "21:30");
	board_settle();
	a = get(ROLE_provider, id);
	cr_expect_str_eq(answer_text(&a, "arrival_time"), "21:30");
	cr_expect(strstr(a.body, "\"questions\":[{\"code\":\"unsafe_places\""), "nobody asked where it is not safe: %s", a.body);
	cr_expect(strstr(a.body, "{\"code\":\"poses\",\"text\":"), "%s", a.body);
	cr_expect(json_is_false(json_object_get(json_object_get(a.json, "household"), "poses_asked")), "not asked is not none: %s", a.body);
	sql("UPDATE household SET interpreter = true, poses = '{}', version = version + 1 WHERE id = '" HOUSEHOLD "'");
	board_settle();
	a = get(ROLE_provider, id);
	cr_expect_null(strstr(a.body, "{\"code\":\"poses\""), "answered since: %s", a.body);
	cr_expect(json_is_true(json_object_get(json_object_get(a.json, "household"), "poses_asked")), "%s", a.body);
	a = get(ROLE_analyst, id);
	cr_expect(json_is_null(json_object_get(a.json, "questions")), "%s", a.body);
}
