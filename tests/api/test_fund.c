/* The fund over HTTP: what is asked, approved, refused, and that no pound is promised twice. */
#include <string.h>

#include "funding.h"

#define NOTHING "{}"

TestSuite(fund, .init = service_start, .fini = service_stop);

Test(fund, a_request_is_approved_and_its_money_promised)
{
	const char *year = fund_pot("Flee", 100000), *id;
	struct answer a;

	fund_limit("finance_approver", 60000, 90000, 0, 0);
	id = fund_asked(FUND_HOME, "travel", 4050);
	cr_assert_eq(fund_figure(year, "requested_pence"), 4050);
	cr_assert_eq(fund_figure(year, "free_pence"), 100000, "asking reserves nothing");
	a = fund_act(ROLE_finance_approver, id, "approve", NOTHING);
	assert_status(a, 200);
	cr_assert_str_eq(answer_text(&a, "state"), "approved");
	cr_assert_eq(answer_int(&a, "money.open"), 4050, "%s", a.body);
	cr_assert_eq(fund_figure(year, "free_pence"), 95950);
	cr_assert_eq(fund_figure(year, "committed_pence"), 4050);
	a = fund_act(ROLE_navigator, id, "cancel", "{\"reason\":\"not_needed\"}");
	assert_status(a, 200);
	cr_assert_eq(fund_figure(year, "free_pence"), 100000, "what was promised goes back");
	a = fund_act(ROLE_finance_approver, id, "approve", NOTHING);
	assert_problem(a, 409, "wrong-state");
}

Test(fund, nobody_approves_their_own)
{
	const char *id;
	struct answer a;

	fund_pot("Flee", 100000);
	fund_limit("housing_officer", 60000, 90000, 0, 0);
	a = call(ROLE_housing_officer, "POST", "/api/v1/households/" FUND_HOME "/fund-requests",
		 "{\"category\":\"travel\",\"amount_pence\":100,\"means\":\"voucher\"}");
	assert_status(a, 201);
	id = answer_text(&a, "id");
	cr_assert_null(strstr(json_told(json_object_get(a.json, "acts")), "approve"));
	a = fund_act(ROLE_housing_officer, id, "approve", NOTHING);
	assert_problem(a, 409, "own-deed");
	a = fund_act(ROLE_housing_officer, id, "approve-now", "{\"lane\":\"approvers_unreachable\"}");
	assert_problem(a, 409, "own-deed");
	a = fund_act(ROLE_housing_officer, id, "reject", "{\"reason\":\"no_money\"}");
	assert_problem(a, 409, "own-deed");
	/* nor what they made of a colleague's */
	id = fund_asked(FUND_OTHER_HOME, "travel", 100);
	a = call_with(ROLE_housing_officer, "PATCH", sql("SELECT '/api/v1/fund/requests/%s'", id),
		      "If-Match: *\r\nContent-Type: application/merge-patch+json\r\n", "{\"amount_pence\":200}");
	assert_status(a, 200);
	a = fund_act(ROLE_housing_officer, id, "approve", NOTHING);
	assert_problem(a, 409, "own-deed");
}

Test(fund, without_a_limit_nobody_approves)
{
	const char *id;
	struct answer a;

	fund_pot("Flee", 100000);
	id = fund_asked(FUND_HOME, "travel", 100);
	a = fund_act(ROLE_finance_approver, id, "approve", NOTHING);
	assert_problem(a, 409, "fund-limit");
	cr_assert_str_eq(answer_text(&a, "reason"), "no_limit");
	fund_limit("finance_approver", 99, 200, 0, 0);
	a = fund_act(ROLE_finance_approver, id, "approve", NOTHING);
	cr_assert_str_eq(answer_text(&a, "reason"), "over_limit");
	cr_assert_eq(answer_int(&a, "figures.most_pence"), 99);
	fund_limit("finance_approver", 100, 200, 0, 0);
	a = fund_act(ROLE_finance_approver, id, "approve", NOTHING);
	assert_status(a, 200);
}

/* Parts below the limit add up: of one household and category in 30 days. */
Test(fund, splitting_below_the_limit_does_not_help)
{
	struct answer a;

	fund_pot("Flee", 100000);
	fund_limit("finance_approver", 3000, 5000, 0, 0);
	a = fund_act(ROLE_finance_approver, fund_asked(FUND_HOME, "school", 3000), "approve", NOTHING);
	assert_status(a, 200);
	a = fund_act(ROLE_finance_approver, fund_asked(FUND_HOME, "school", 2001), "approve", NOTHING);
	assert_problem(a, 409, "fund-limit");
	cr_assert_str_eq(answer_text(&a, "reason"), "over_month");
	cr_assert_eq(answer_int(&a, "figures.so_far_pence"), 3000);
}

Test(fund, two_people_from_the_amount_on)
{
	const char *year = fund_pot("Flee", 100000), *id;
	struct answer a;

	fund_limit("finance_approver", 60000, 90000, 5000, 0);
	fund_limit("housing_officer", 60000, 90000, 5000, 0);
	id = fund_asked(FUND_HOME, "school", 5000);
	a = fund_act(ROLE_finance_approver, id, "approve", NOTHING);
	assert_status(a, 200);
	cr_assert_str_eq(answer_text(&a, "state"), "second_needed");
	cr_assert_eq(fund_figure(year, "committed_pence"), 0);
	a = fund_act(ROLE_finance_approver, id, "approve", NOTHING);
	assert_problem(a, 409, "own-deed");
	/* more money needs the first approval again */
	a = call_with(ROLE_navigator, "PATCH", sql("SELECT '/api/v1/fund/requests/%s'", id),
		      "If-Match: *\r\nContent-Type: application/merge-patch+json\r\n", "{\"amount_pence\":5001}");
	assert_status(a, 200);
	cr_assert_str_eq(answer_text(&a, "state"), "requested");
	a = fund_act(ROLE_housing_officer, id, "approve", NOTHING);
	cr_assert_str_eq(answer_text(&a, "state"), "second_needed");
	/* less does not */
	a = call_with(ROLE_navigator, "PATCH", sql("SELECT '/api/v1/fund/requests/%s'", id),
		      "If-Match: *\r\nContent-Type: application/merge-patch+json\r\n", "{\"amount_pence\":5000}");
	cr_assert_str_eq(answer_text(&a, "state"), "second_needed");
	a = fund_act(ROLE_finance_approver, id, "approve", NOTHING);
	assert_status(a, 200);
	cr_assert_eq(fund_figure(year, "committed_pence"), 5000);
}

Test(fund, a_household_has_no_more_than_its_ceiling)
{
	struct answer a;

	fund_pot("Flee", 1000000);
	fund_limit("finance_approver", 600000, 900000, 0, 0);
	a = fund_act(ROLE_finance_approver, fund_asked(FUND_HOME, "travel", 30000), "approve", NOTHING);
	assert_status(a, 200);
	cr_assert_str_eq(sql("SELECT count(*) FROM fund.request"), "1");
	a = call(ROLE_navigator, "POST", "/api/v1/households/" FUND_HOME "/fund-requests",
		 "{\"category\":\"phone\",\"amount_pence\":20001,\"means\":\"voucher\"}");
	assert_problem(a, 409, "fund-ceiling");
	cr_assert_str_eq(answer_text(&a, "reason"), "over_ceiling");
	cr_assert_str_eq(answer_text(&a, "detail"),
			 "The household would have more than the most of such help in 12 months: £300.00 so far, "
			 "at most £500.00");
	cr_assert_str_eq(sql("SELECT count(*) FROM fund.request"), "1", "a refusal leaves nothing");
	a = call(ROLE_navigator, "POST", "/api/v1/households/" FUND_HOME "/fund-requests",
		 "{\"category\":\"deposit\",\"amount_pence\":250001,\"means\":\"voucher\"}");
	cr_assert_str_eq(answer_text(&a, "reason"), "over_payment");
}

Test(fund, the_same_again_needs_a_reason_and_two_people)
{
	const char *id;
	struct answer a;

	fund_pot("Flee", 1000000);
	fund_limit("finance_approver", 60000, 90000, 0, 0);
	fund_limit("housing_officer", 60000, 90000, 0, 0);
	fund_asked(FUND_HOME, "school", 5000);
	id = fund_asked(FUND_HOME, "school", 5000);
	a = call(ROLE_finance_approver, "GET", sql("SELECT '/api/v1/fund/requests/%s'", id), NULL);
	cr_assert_str_eq(answer_text(&a, "alike.0.level"), "same");
	cr_assert_str_eq(answer_text(&a, "alike.0.rule"), "same_household");
	a = fund_act(ROLE_finance_approver, id, "approve", NOTHING);
	assert_problem(a, 409, "fund-alike");
	a = fund_act(ROLE_finance_approver, id, "approve", "{\"overrule\":\"another_need\"}");
	cr_assert_str_eq(answer_text(&a, "state"), "second_needed");
	a = fund_act(ROLE_housing_officer, id, "approve", NOTHING);
	assert_problem(a, 409, "fund-alike");
	a = fund_act(ROLE_housing_officer, id, "approve", "{\"overrule\":\"another_need\"}");
	cr_assert_str_eq(answer_text(&a, "state"), "approved");
}

/* Households without a person that is known by name and date of birth are not each other's duplicates. */
Test(fund, empty_never_equals_empty)
{
	const char *id;
	struct answer a;

	fund_pot("Flee", 1000000);
	fund_asked(FUND_HOME, "school", 5000);
	id = fund_asked(FUND_OTHER_HOME, "school", 5000);
	a = call(ROLE_finance_approver, "GET", sql("SELECT '/api/v1/fund/requests/%s'", id), NULL);
	cr_assert_eq(json_array_size(json_object_get(a.json, "alike")), 0, "%s", a.body);
}

Test(fund, the_last_pound_is_promised_once_and_a_refusal_stays_one)
{
	const char *year = fund_pot("Flee", 5000), *first, *second, *key = "Idempotency-Key: the-same-key-0001\r\n";
	struct answer a;

	fund_limit("finance_approver", 60000, 90000, 0, 0);
	first = fund_asked(FUND_HOME, "school", 5000);
	second = fund_asked(FUND_OTHER_HOME, "school", 1);
	a = fund_act(ROLE_finance_approver, first, "approve", NOTHING);
	assert_status(a, 200);
	key = sql("SELECT E'If-Match: \"1\"\\r\\nContent-Type: application/json\\r\\n%s'", key);
	a = call_with(ROLE_finance_approver, "POST", sql("SELECT '/api/v1/fund/requests/%s/approve'", second), key, NOTHING);
	assert_problem(a, 409, "fund-short");
	cr_assert_eq(answer_int(&a, "figures.left_pence"), 0);
	a = fund_act(ROLE_navigator, first, "cancel", "{\"reason\":\"not_needed\"}");
	assert_status(a, 200);
	a = call_with(ROLE_finance_approver, "POST", sql("SELECT '/api/v1/fund/requests/%s/approve'", second), key, NOTHING);
	assert_problem(a, 409, "fund-short");
	cr_assert_eq(fund_figure(year, "committed_pence"), 0, "a late repeat is refused as before");
	a = call_with(ROLE_finance_approver, "POST", sql("SELECT '/api/v1/fund/requests/%s/approve'", first), key, NOTHING);
	assert_problem(a, 422, "idempotency-key-reused");
	a = fund_act(ROLE_finance_approver, second, "approve", NOTHING);
	assert_status(a, 200);
}

Test(fund, a_document_must_be_seen_where_the_category_wants_one)
{
	const char *id;
	struct answer a;

	fund_pot("Flee", 1000000);
	fund_limit("finance_approver", 60000, 90000, 0, 0);
	a = call(ROLE_navigator, "POST", "/api/v1/households/" FUND_HOME "/fund-requests",
		 "{\"category\":\"furniture\",\"amount_pence\":100,\"means\":\"supplier\"}");
	assert_status(a, 201);
	id = answer_text(&a, "id");
	a = fund_act(ROLE_finance_approver, id, "approve", NOTHING);
	assert_problem(a, 409, "fund-evidence");
	a = fund_act(ROLE_finance_approver, id, "send-back", "{\"reason\":\"evidence_missing\"}");
	assert_status(a, 200);
	cr_assert_str_eq(answer_text(&a, "state"), "sent_back");
	a = call_with(ROLE_navigator, "PATCH", sql("SELECT '/api/v1/fund/requests/%s'", id),
		      "If-Match: *\r\nContent-Type: application/merge-patch+json\r\n", "{\"evidence\":\"quote\"}");
	cr_assert_str_eq(answer_text(&a, "state"), "requested");
	a = fund_act(ROLE_finance_approver, id, "approve", NOTHING);
	assert_status(a, 200);
}

Test(fund, one_person_decides_at_night_and_a_colleague_reviews)
{
	const char *id, *approval;
	struct answer a;

	fund_pot("Flee", 1000000);
	fund_limit("housing_officer", 60000, 90000, 100, 5000);
	fund_limit("finance_approver", 60000, 90000, 0, 0);
	sql("DELETE FROM office_hours");
	id = fund_asked(FUND_HOME, "school", 5000);
	a = fund_act(ROLE_housing_officer, id, "approve-now", "{\"lane\":\"out_of_hours\"}");
	assert_status(a, 200);
	cr_assert_str_eq(answer_text(&a, "state"), "approved");
	approval = answer_text(&a, "approvals.0.id");
	a = call(ROLE_housing_officer, "POST", sql("SELECT '/api/v1/fund/approvals/%s/review'", approval), "{\"upheld\":true}");
	assert_problem(a, 409, "own-deed");
	a = fund_act(ROLE_housing_officer, fund_asked(FUND_OTHER_HOME, "school", 1), "approve-now", "{\"lane\":\"out_of_hours\"}");
	assert_problem(a, 409, "fund-limit"); /* the week's is spent */
	cr_assert_str_eq(answer_text(&a, "reason"), "lane_limit");
	sql("UPDATE fund.approval SET review_on = today() - 1, approved_at = now() - interval '8 days'");
	a = fund_act(ROLE_housing_officer, fund_asked(FUND_OTHER_HOME, "childcare", 1), "approve-now", "{\"lane\":\"out_of_hours\"}");
	cr_assert_str_eq(answer_text(&a, "reason"), "lane_unreviewed");
	a = call(ROLE_finance_approver, "POST", sql("SELECT '/api/v1/fund/approvals/%s/review'", approval), "{\"upheld\":true}");
	assert_status(a, 200);
	a = fund_act(ROLE_housing_officer, fund_asked(FUND_OTHER_HOME, "phone", 1), "approve-now", "{\"lane\":\"out_of_hours\"}");
	assert_status(a, 200);
}

Test(fund, the_lane_is_closed_within_office_hours)
{
	struct answer a;

	fund_pot("Flee", 1000000);
	fund_limit("housing_officer", 60000, 90000, 0, 5000);
	sql("DELETE FROM office_hours");
	sql("INSERT INTO office_hours SELECT d, '00:00', '24:00' FROM generate_series(1, 7) d");
	sql("DELETE FROM bank_holiday");
	a = fund_act(ROLE_housing_officer, fund_asked(FUND_HOME, "school", 5000), "approve-now", "{\"lane\":\"out_of_hours\"}");
	cr_assert_str_eq(answer_text(&a, "reason"), "lane_hours");
}

Test(fund, expiry_is_judged_by_the_clock_and_booked_once)
{
	const char *year = fund_pot("Flee", 1000000), *id;
	struct answer a;

	fund_limit("finance_approver", 60000, 90000, 0, 0);
	id = fund_asked(FUND_HOME, "school", 5000);
	a = fund_act(ROLE_finance_approver, id, "approve", NOTHING);
	assert_status(a, 200);
	sql("UPDATE fund.commitment SET expires_on = today()");
	sql("SELECT tidy()");
	sql("SELECT tidy()");
	cr_assert_eq(fund_figure(year, "free_pence"), 1000000);
	cr_assert_str_eq(sql("SELECT count(*) FROM fund.posting WHERE act = 'release'"), "1");
	a = call(ROLE_navigator, "GET", sql("SELECT '/api/v1/fund/requests/%s'", id), NULL);
	cr_assert_str_eq(answer_text(&a, "state"), "expired");
	a = fund_act(ROLE_navigator, id, "reopen", "{\"reason\":\"asked_again\"}");
	cr_assert_str_eq(answer_text(&a, "state"), "requested");
}

Test(fund, finance_sees_the_case_s_reference_and_no_more)
{
	const char *id;
	struct answer a;

	fund_pot("Flee", 1000000);
	id = fund_asked(FUND_HOME, "school", 5000);
	a = call(ROLE_finance_approver, "GET", sql("SELECT '/api/v1/fund/requests/%s'", id), NULL);
	cr_assert_str_eq(answer_text(&a, "household_reference"), "H-TEST22");
	cr_assert(json_is_null(json_object_get(a.json, "household_id")), "%s", a.body);
	a = call(ACTOR_other_officer, "GET", sql("SELECT '/api/v1/fund/requests/%s'", id), NULL);
	assert_status(a, 404);
	sql("UPDATE household SET restricted = true WHERE id = '" FUND_HOME "'");
	a = call(ROLE_finance_approver, "GET", sql("SELECT '/api/v1/fund/requests/%s'", id), NULL);
	assert_status(a, 404);
	a = fund_act(ROLE_finance_approver, id, "approve", NOTHING);
	assert_status(a, 404);
}

Test(fund, a_budget_cannot_shrink_below_what_is_promised)
{
	const char *year = fund_pot("Flee", 5000);
	struct answer a;

	fund_limit("finance_approver", 60000, 90000, 0, 0);
	a = fund_act(ROLE_finance_approver, fund_asked(FUND_HOME, "school", 3000), "approve", NOTHING);
	assert_status(a, 200);
	a = call_with(ROLE_finance_officer, "POST", sql("SELECT '/api/v1/fund/years/%s/budget'", year),
		      "If-Match: \"3\"\r\nIdempotency-Key: k-1-shrink-a-budget\r\nContent-Type: application/json\r\n",
		      "{\"change\":\"less\",\"amount_pence\":2001}");
	assert_problem(a, 409, "fund-short");
	a = call_with(ROLE_finance_officer, "POST", sql("SELECT '/api/v1/fund/years/%s/state'", year),
		      "If-Match: \"3\"\r\nIdempotency-Key: k-2-shrink-a-budget\r\nContent-Type: application/json\r\n",
		      "{\"state\":\"closed\"}");
	assert_problem(a, 409, "wrong-state");
}

static const char *kinds(int actor)
{
	struct answer a = call(actor, "GET", "/api/v1/tasks", NULL);
	const json_t *items = json_object_get(a.json, "items"), *item;
	char words[512] = "";
	size_t i;

	assert_status(a, 200);
	json_array_foreach(items, i, item)
		if (json_is_string(json_object_get(item, "about_reference")))
			snprintf(words + strlen(words), sizeof(words) - strlen(words), "%s ",
				 json_string_value(json_object_get(item, "kind")));
	return sql("SELECT '%s'", words);
}

/* A task ends by the thing itself. */
Test(fund, what_waits_is_work_of_those_who_can_do_it)
{
	const char *id, *task;
	struct answer a;

	fund_pot("Flee", 1000000);
	fund_limit("finance_approver", 60000, 90000, 0, 0);
	id = fund_asked(FUND_HOME, "school", 5000);
	cr_assert_str_eq(kinds(ROLE_finance_approver), "fund_decision ");
	cr_assert_str_eq(kinds(ROLE_finance_officer), "");
	cr_assert_str_eq(kinds(ROLE_housing_officer), "", "no limit lets this role approve it");
	a = fund_act(ROLE_finance_approver, id, "send-back", "{\"reason\":\"amount_unclear\"}");
	assert_status(a, 200);
	cr_assert_str_eq(kinds(ROLE_finance_approver), "");
	cr_assert_str_eq(kinds(ROLE_navigator), "fund_changes ");
	a = call_with(ROLE_navigator, "PATCH", sql("SELECT '/api/v1/fund/requests/%s'", id),
		      "If-Match: *\r\nContent-Type: application/merge-patch+json\r\n", "{\"amount_pence\":4000}");
	assert_status(a, 200);
	cr_assert_str_eq(kinds(ROLE_navigator), "");
	/* handed over: only to a colleague of the role */
	task = sql("SELECT id FROM task WHERE about_id = '%s' AND ended_at IS NULL", id);
	a = call_with(ROLE_finance_approver, "POST", sql("SELECT '/api/v1/tasks/%s/hand-over'", task),
		      "If-Match: *\r\nIdempotency-Key: hand-over-0001\r\nContent-Type: application/json\r\n",
		      sql("SELECT json_build_object('account_id', id) FROM account WHERE username = 'navigator'"));
	assert_error(a, "/account_id");
	a = call_with(ROLE_finance_approver, "POST", sql("SELECT '/api/v1/tasks/%s/hand-over'", task),
		      "If-Match: *\r\nIdempotency-Key: hand-over-0002\r\nContent-Type: application/json\r\n",
		      sql("SELECT json_build_object('account_id', id) FROM account WHERE username = 'finance_approver'"));
	assert_status(a, 200);
	cr_assert_str_eq(answer_text(&a, "owner"), "Test finance_approver");
	a = call(ROLE_finance_officer, "POST", sql("SELECT '/api/v1/tasks/%s/hand-over'", task),
		 "{\"account_id\":\"%s\"}", sql("SELECT id FROM account WHERE username = 'finance_officer'"));
	cr_assert_eq(a.status, 428, "%s", a.body);
	a = fund_act(ROLE_finance_approver, id, "approve", NOTHING);
	assert_status(a, 200);
	cr_assert_str_eq(kinds(ROLE_finance_approver), "");
	cr_assert_str_eq(sql("SELECT count(*) FROM task WHERE about_id = '%s' AND ended_at IS NULL", id), "0");
}

Test(fund, what_is_promised_and_soon_lapses_is_work_of_those_who_pay)
{
	const char *id;
	struct answer a;

	fund_pot("Flee", 1000000);
	fund_limit("finance_approver", 60000, 90000, 0, 0);
	id = fund_asked(FUND_HOME, "school", 5000);
	a = fund_act(ROLE_finance_approver, id, "approve", NOTHING);
	assert_status(a, 200);
	sql("SELECT tidy()");
	cr_assert_str_eq(kinds(ROLE_finance_officer), "");
	sql("UPDATE fund.commitment SET expires_on = today() + 14");
	sql("SELECT tidy()");
	sql("SELECT tidy()");
	cr_assert_str_eq(kinds(ROLE_finance_officer), "fund_lapses ");
	a = fund_act(ROLE_navigator, id, "cancel", "{\"reason\":\"not_needed\"}");
	assert_status(a, 200);
	cr_assert_str_eq(kinds(ROLE_finance_officer), "");
}

/* What was divided between pots is shown so, on the request and in the queue. */
Test(fund, a_request_of_two_pots_is_shown_divided)
{
	const char *one = fund_pot("Flee", 9000), *two = fund_pot("Home", 9000), *id;
	struct answer a;

	a = call(ROLE_navigator, "POST", "/api/v1/households/" FUND_HOME "/fund-requests",
		 "{\"category\":\"travel\",\"amount_pence\":5000,\"means\":\"voucher\",\"parts\":[{\"pot_year_id\":\"%s\",\"amount_pence\":3000},"
		 "{\"pot_year_id\":\"%s\",\"amount_pence\":1000}]}", one, two);
	assert_error(a, "/parts");
	a = call(ROLE_navigator, "POST", "/api/v1/households/" FUND_HOME "/fund-requests",
		 "{\"category\":\"travel\",\"amount_pence\":5000,\"means\":\"voucher\",\"parts\":[{\"pot_year_id\":\"%s\",\"amount_pence\":3000},"
		 "{\"pot_year_id\":\"%s\",\"amount_pence\":2000}]}", one, two);
	assert_status(a, 201);
	id = answer_text(&a, "id");
	cr_assert(json_is_true(json_object_get(a.json, "split")));
	a = call(ROLE_finance_approver, "GET", "/api/v1/fund/requests?waiting=true", NULL);
	cr_assert_str_eq(answer_text(&a, "items.0.parts.1.pot"), "Home");
	cr_assert_eq(answer_int(&a, "items.0.parts.1.amount_pence"), 2000);
	fund_limit("finance_approver", 60000, 90000, 0, 0);
	assert_status(fund_act(ROLE_finance_approver, id, "approve", "{}"), 200);
	cr_assert_eq(fund_figure(two, "committed_pence"), 2000);
}
