/* The sanctuary scheme from referral to approval: what each step needs, what it does, and what a refusal names. */
#include <stdlib.h>
#include <string.h>

#include "hardening.h"

TestSuite(sanctuary, .init = service_start, .fini = service_stop);

#define SC ROLE_sanctuary_coordinator

static const char *state_of(const char *job)
{
	return sql("SELECT state FROM sanctuary.job WHERE id = '%s'", job);
}

/* A refusal of a field: 422 that names it. */
static void refused(struct answer a, const char *field, const char *code)
{
	cr_assert_eq(a.status, 422, "%d %s", a.status, a.body);
	cr_assert_str_eq(answer_text(&a, "errors.0.pointer"), field, "%s", a.body);
	cr_assert_str_eq(answer_text(&a, "errors.0.code"), code, "%s", a.body);
}

Test(sanctuary, a_job_goes_from_referral_to_approval)
{
	const char *pot = fund_pot("Safe at home", 1000000);
	const char *job;
	struct answer a;

	fund_limit("finance_approver", 100000, 200000, 0, 0);
	job = hardening_to("approved");
	a = call(SC, "GET", sql("SELECT '/api/v1/sanctuary/jobs/%s'", job), NULL);
	assert_status(a, 200);
	cr_assert_str_eq(answer_text(&a, "state"), "approved");
	cr_assert_eq(answer_int(&a, "spec.total_pence"), HARDENING_TOTAL);
	cr_assert_str_eq(sql("SELECT promised FROM fund.commitment WHERE cause_id = '%s' AND pot_year_id = '%s'", job, pot),
			 sql("SELECT '%d'", HARDENING_TOTAL));
	cr_assert_str_eq(sql("SELECT count(*) = max(n) AND bool_and(account_id IS NOT NULL AND organisation_id IS NOT NULL"
			     " AND on_day = today()) FROM sanctuary.step WHERE job_id = '%s'", job), "t");
}

Test(sanctuary, a_referral_carries_over_what_the_case_knows_and_asks_the_rest)
{
	const char *job;
	struct answer a;

	sql("UPDATE household SET perpetrator_at_home = false WHERE id = '" HARDENED "'");
	job = hardening_job();
	cr_assert_str_eq(sql("SELECT string_agg(condition || '=' || answer, ' ' ORDER BY condition) FROM sanctuary.condition"
			     " WHERE job_id = '%s'", job),
			 "consent=not_known perpetrator_away=yes sole_occupation=not_known wants_to_stay=yes");
	cr_assert_str_eq(sql("SELECT count(*) FROM task WHERE kind = 'sanctuary_conditions' AND ended_at IS NULL"), "1");
	a = hardening_act(SC, job, "accept", "{}");
	refused(a, "/conditions", "not_met");
	hardening_conditions(job);
	cr_assert_str_eq(sql("SELECT count(*) FROM task WHERE kind = 'sanctuary_conditions' AND ended_at IS NULL"), "0");
	hardening_done(SC, job, "accept", "{}");
	a = call(ROLE_navigator, "POST", "/api/v1/households/" HARDENED "/sanctuary-jobs", "{\"address_safe\":true}");
	assert_status(a, 409);
}

Test(sanctuary, a_home_is_referred_with_its_address_where_it_is_safe_to_come)
{
	struct answer a = call(ROLE_navigator, "POST", "/api/v1/households/" HARDENED "/sanctuary-jobs",
			       "{\"wants_to_stay\":true,\"address_safe\":true}");

	refused(a, "/home", "missing");
	a = call(ROLE_navigator, "POST", "/api/v1/households/" HARDENED "/sanctuary-jobs", "{\"address_safe\":true}");
	refused(a, "/wants_to_stay", "missing");
	a = call(ROLE_navigator, "POST", "/api/v1/households/" HARDENED "/sanctuary-jobs",
		 "{\"wants_to_stay\":true,\"address_safe\":false}");
	refused(a, "/address_safe", "home_unsafe");
	a = call(ROLE_provider, "POST", "/api/v1/households/" HARDENED "/sanctuary-jobs", "{\"address_safe\":true}");
	assert_status(a, 403);
}

Test(sanctuary, a_condition_answered_no_makes_it_ineligible_and_says_which)
{
	const char *job = hardening_job();

	hardening_done(SC, job, "answer-condition",
		       "{\"condition\":\"perpetrator_away\",\"answer\":\"no\",\"source\":\"police\"}");
	cr_assert_str_eq(sql("SELECT perpetrator_at_home FROM household WHERE id = '" HARDENED "'"), "t", "the answer asks anew");
	refused(hardening_act(SC, job, "refuse", "{\"reason\":\"consent\"}"), "/reason", "none_failed");
	hardening_done(SC, job, "refuse", "{\"reason\":\"perpetrator_away\"}");
	cr_assert_str_eq(sql("SELECT count(*) FROM task WHERE kind = 'sanctuary_refused' AND ended_at IS NULL"), "1");
	refused(hardening_act(SC, job, "reconsider", "{}"), "/conditions", "unchanged");
	hardening_done(SC, job, "answer-condition",
		       "{\"condition\":\"perpetrator_away\",\"answer\":\"yes\",\"source\":\"police\"}");
	hardening_done(SC, job, "reconsider", "{}");
	cr_assert_str_eq(state_of(job), "referred");
}

Test(sanctuary, a_joint_tenancy_is_a_question_with_a_document)
{
	const char *job = hardening_job();

	sql("UPDATE sanctuary.job SET tenure = 'joint_with_perpetrator' WHERE id = '%s'", job);
	refused(hardening_act(SC, job, "answer-condition",
			      "{\"condition\":\"sole_occupation\",\"answer\":\"no\",\"source\":\"document\"}"),
		"/answer", "joint_tenancy");
	refused(hardening_act(SC, job, "answer-condition",
			      "{\"condition\":\"sole_occupation\",\"answer\":\"yes\",\"source\":\"document\"}"),
		"/legal", "joint_tenancy");
	hardening_done(SC, job, "answer-condition", "{\"condition\":\"sole_occupation\",\"answer\":\"yes\","
						    "\"source\":\"document\",\"legal\":\"occupation_order\"}");
}

Test(sanctuary, the_risk_is_fresh_and_unknown_counts_as_high)
{
	const char *job = hardening_to("eligible");

	sql("DELETE FROM risk_assessment WHERE household_id = '" HARDENED "'");
	refused(hardening_act(SC, job, "assess-risk", "{}"), "/risk", "assessment_old");
	hardening_assessed(29);
	refused(hardening_act(SC, job, "assess-risk", "{}"), "/risk", "assessment_old");
	hardening_assessed(28);
	sql("UPDATE household SET risk_level = NULL WHERE id = '" HARDENED "'");
	hardening_done(SC, job, "assess-risk", "{}");
	cr_assert_str_eq(sql("SELECT risk_level || ' ' || target_hours FROM sanctuary.job WHERE id = '%s'", job), "high 24");
}

Test(sanctuary, an_owner_is_asked_safely_and_silence_is_no_consent)
{
	const char *job = hardening_to("risk_assessed");

	refused(hardening_act(SC, job, "no-consent-needed", "{\"tenure\":\"private_rent\",\"managed_building\":false}"),
		"/tenure", "consent_needed");
	refused(hardening_act(SC, job, "ask-consent",
			      "{\"tenure\":\"owner\",\"managed_building\":false,\"safe_to_ask\":true}"), "/tenure", "no_owner");
	refused(hardening_act(SC, job, "ask-consent",
			      "{\"tenure\":\"private_rent\",\"managed_building\":false,\"safe_to_ask\":false}"),
		"/safe_to_ask", "not_safe_to_ask");
	hardening_done(SC, job, "ask-consent",
		       "{\"tenure\":\"leasehold_flat\",\"managed_building\":true,\"safe_to_ask\":true}");
	refused(hardening_act(SC, job, "record-consent",
			      "{\"item\":\"landlord\",\"spoke\":\"agent\",\"proof\":\"email\",\"proof_reference\":\"Mail\"}"),
		"/item", "no_item");
	hardening_done(SC, job, "record-consent", "{\"item\":\"freeholder\",\"spoke\":\"agent\",\"proof\":\"email\","
						  "\"proof_reference\":\"Mail\",\"terms\":[\"colour\"]}");
	cr_assert_str_eq(state_of(job), "consent_requested", "one of two");
	hardening_done(SC, job, "record-refusal", "{\"item\":\"manager\",\"spoke\":\"manager\",\"reason\":\"no_answer\"}");
	cr_assert_str_eq(state_of(job), "consent_refused");
	cr_assert_str_eq(sql("SELECT consent_obtainable FROM household WHERE id = '" HARDENED "'"), "f",
			 "the ranked answer offers it no longer");
	hardening_done(SC, job, "ask-consent",
		       "{\"tenure\":\"leasehold_flat\",\"managed_building\":true,\"safe_to_ask\":true}");
	hardening_done(SC, job, "record-consent",
		       "{\"item\":\"manager\",\"spoke\":\"manager\",\"proof\":\"letter\",\"proof_reference\":\"Letter\"}");
	cr_assert_str_eq(state_of(job), "consent_granted", "the freeholder's consent stood");
}

Test(sanctuary, an_early_survey_starts_the_clock_and_consent_goes_straight_on)
{
	const char *job = hardening_to("consent_requested");

	refused(hardening_act(SC, job, "complete-survey", "{}"), "/sections", "survey_open");
	hardening_surveyed(job);
	hardening_done(SC, job, "complete-survey", "{}");
	cr_assert_str_eq(state_of(job), "consent_requested");
	cr_assert_str_eq(sql("SELECT due_at - surveyed_at FROM sanctuary.job WHERE id = '%s'", job), "3 days");
	hardening_done(SC, job, "record-consent",
		       "{\"item\":\"landlord\",\"spoke\":\"agent\",\"proof\":\"email\",\"proof_reference\":\"Mail\"}");
	cr_assert_str_eq(state_of(job), "surveyed");
	sql("UPDATE household SET risk_level = 'high' WHERE id = '" HARDENED "'");
	hardening_done(SC, job, "assess-risk", "{}");
	cr_assert_str_eq(sql("SELECT due_at < now() + interval '25 hours' FROM sanctuary.job WHERE id = '%s'", job), "t");
	sql("UPDATE household SET risk_level = 'standard' WHERE id = '" HARDENED "'");
	hardening_done(SC, job, "assess-risk", "{}");
	cr_assert_str_eq(sql("SELECT due_at < now() + interval '25 hours' FROM sanctuary.job WHERE id = '%s'", job), "t",
			 "what is due moves only to an earlier time");
}

Test(sanctuary, fire_and_safety_rules_block_a_specification)
{
	const char *job;

	fund_pot("Safe at home", 1000000);
	job = hardening_to("surveyed");
	refused(hardening_act(SC, job, "specify", "{\"lines\":[{\"measure\":\"lock_euro\",\"opening\":\"front_door\","
			      "\"quantity_tenths\":10}]}"), "/lines/0/confirmed", "fire_rule");
	refused(hardening_act(SC, job, "specify", "{\"lines\":[{\"measure\":\"lock_euro\",\"opening\":\"front_door\","
			      "\"quantity_tenths\":10,\"confirmed\":[\"keyless_inside\"]}]}"), "/lines/0/measure", "smoke");
	refused(hardening_act(SC, job, "specify", "{\"lines\":[{\"measure\":\"room_bolts\",\"opening\":\"safe_room\","
			      "\"quantity_tenths\":10}]}"), "/lines/0/measure", "goes_with");
	refused(hardening_act(SC, job, "specify", "{\"lines\":[{\"measure\":\"callout\",\"opening\":\"whole_home\","
			      "\"quantity_tenths\":10}]}"), "/lines/0/measure", "by_variation");
	refused(hardening_act(SC, job, "specify", "{\"lines\":[{\"measure\":\"moat\",\"opening\":\"outside\","
			      "\"quantity_tenths\":10}]}"), "/lines/0/measure", "no_measure");
	refused(hardening_act(SC, job, "specify", "{\"lines\":[{\"measure\":\"grille\",\"opening\":\"window_ground_back\","
			      "\"quantity_tenths\":10,\"confirmed\":[\"quick_release\"]}]}"), "/lines/0/opening", "fire_never");
	hardening_done(SC, job, "specify", HARDENING_LINES);
}

Test(sanctuary, prices_are_of_the_day_and_round_once_a_line)
{
	const char *job;

	fund_pot("Safe at home", 1000000);
	job = hardening_to("surveyed");
	sql("INSERT INTO sanctuary.price VALUES ('window_film', today(), 3333, 'A test')");
	hardening_done(SC, job, "specify", "{\"lines\":[{\"measure\":\"window_film\",\"opening\":\"window_upper_back\","
					   "\"quantity_tenths\":25},{\"measure\":\"window_film\",\"opening\":\"patio_door\",\"quantity_tenths\":1},"
					   "{\"measure\":\"window_film\",\"opening\":\"back_door\",\"quantity_tenths\":2}]}");
	cr_assert_str_eq(sql("SELECT string_agg(total_pence::text, ' ' ORDER BY n) FROM sanctuary.line"), "8333 333 667");
	sql("INSERT INTO sanctuary.price VALUES ('smoke', today(), 9999, 'A test'), ('lock_euro', today(), 1, 'A test')");
	cr_assert_str_eq(sql("SELECT total_pence FROM sanctuary.spec"), "9333");
}

Test(sanctuary, a_second_person_approves_within_the_limit_and_two_above_the_higher)
{
	const char *job;
	struct answer a;

	fund_pot("Safe at home", 1000000);
	job = hardening_to("specified");
	a = hardening_act(ROLE_finance_approver, job, "approve", "{}");
	cr_assert_eq(a.status, 409, "%s", a.body);
	cr_assert_str_eq(answer_text(&a, "reason"), "no_limit");
	fund_limit("finance_approver", 10000, 10000, 0, 0);
	a = hardening_act(ROLE_finance_approver, job, "approve", "{}");
	cr_assert_str_eq(answer_text(&a, "reason"), "over_limit", "%s", a.body);
	fund_limit("finance_approver", 100000, 200000, 20000, 0);
	hardening_done(ROLE_finance_approver, job, "approve", "{}");
	cr_assert_str_eq(state_of(job), "specified", "the first of two");
	a = hardening_act(ROLE_finance_approver, job, "approve", "{}");
	cr_assert_eq(a.status, 409);
	cr_assert(strstr(a.body, "own-deed"), "%s", a.body);
	cr_assert_str_eq(sql("SELECT count(*) FROM fund.commitment"), "0");
	sql("UPDATE sanctuary.approval SET approved_by = (SELECT id FROM account WHERE username = 'analyst')");
	hardening_done(ROLE_finance_approver, job, "approve", "{}");
	cr_assert_str_eq(state_of(job), "approved");
	hardening_done(SC, job, "unapprove", "{\"reason\":\"works_changed\"}");
	cr_assert_str_eq(sql("SELECT sum(open) FROM fund.commitment"), "0", "it went back to its pot");
}

Test(sanctuary, a_pot_with_too_little_refuses_and_books_nothing)
{
	const char *job;
	struct answer a;

	fund_pot("Safe at home", HARDENING_TOTAL - 1);
	fund_limit("finance_approver", 100000, 200000, 0, 0);
	job = hardening_to("specified");
	a = hardening_act(ROLE_finance_approver, job, "approve", "{}");
	cr_assert_eq(a.status, 409, "%s", a.body);
	cr_assert_str_eq(answer_text(&a, "reason"), "short", "%s", a.body);
	cr_assert_str_eq(state_of(job), "specified");
	cr_assert_str_eq(sql("SELECT count(*) FROM sanctuary.approval"), "0");
}

Test(sanctuary, a_step_is_taken_back_by_a_second_person)
{
	const char *job;

	fund_pot("Safe at home", 1000000);
	fund_limit("finance_approver", 100000, 200000, 0, 0);
	job = hardening_to("approved");
	hardening_done(SC, job, "correct", "{\"reason\":\"wrong_job\"}");
	cr_assert_str_eq(state_of(job), "approved");
	refused(hardening_act(SC, job, "correct", "{\"reason\":\"wrong_job\"}"), "", "correction_open");
	cr_assert_eq(hardening_act(SC, job, "confirm-correction", "{}").status, 409, "not the person who asked");
	hardening_done(ROLE_finance_approver, job, "confirm-correction", "{}");
	cr_assert_str_eq(state_of(job), "specified");
	cr_assert_str_eq(sql("SELECT sum(open) FROM fund.commitment"), "0");
}

Test(sanctuary, a_withdrawn_job_gives_its_money_back_and_opens_again)
{
	const char *job;

	fund_pot("Safe at home", 1000000);
	fund_limit("finance_approver", 100000, 200000, 0, 0);
	job = hardening_to("approved");
	hardening_done(ROLE_housing_officer, job, "withdraw", "{\"reason\":\"wishes_otherwise\",\"wished_by\":\"household\"}");
	cr_assert_str_eq(sql("SELECT sum(open) FROM fund.commitment"), "0");
	sql("UPDATE sanctuary.job SET ended_at = now() - interval '13 months'");
	refused(hardening_act(SC, job, "reopen", "{\"reason\":\"new_incident\"}"), "", "too_late");
	sql("UPDATE sanctuary.job SET ended_at = now()");
	hardening_done(SC, job, "reopen", "{\"reason\":\"new_incident\"}");
	cr_assert_str_eq(state_of(job), "referred");
}

Test(sanctuary, finance_sees_the_cost_and_not_the_case)
{
	const char *job;
	struct answer a;

	fund_pot("Safe at home", 1000000);
	job = hardening_to("surveyed");
	assert_status(call(ROLE_finance_approver, "GET", sql("SELECT '/api/v1/sanctuary/jobs/%s'", job), NULL), 404);
	hardening_done(SC, job, "specify", HARDENING_LINES);
	a = call(ROLE_finance_approver, "GET", sql("SELECT '/api/v1/sanctuary/jobs/%s'", job), NULL);
	assert_status(a, 200);
	cr_assert_eq(answer_int(&a, "spec.total_pence"), HARDENING_TOTAL);
	cr_assert(strstr(a.body, "\"household_id\":null"), "%s", a.body);
	cr_assert(strstr(a.body, "\"conditions\":[]"), "%s", a.body);
	sql("INSERT INTO case_access (household_id, account_id, access, given_by, reason) SELECT '" HARDENED "', id, 'deny', id, 'A test'"
	    " FROM account WHERE username = 'finance_approver'");
	assert_status(call(ROLE_finance_approver, "GET", sql("SELECT '/api/v1/sanctuary/jobs/%s'", job), NULL), 404);
	assert_status(hardening_act(ROLE_finance_approver, job, "approve", "{}"), 404);
}

Test(sanctuary, a_stale_page_changes_nothing)
{
	const char *job = hardening_job();
	struct answer a = call_with(SC, "POST", sql("SELECT '/api/v1/sanctuary/jobs/%s/withdraw'", job),
				    "If-Match: \"9\"\r\nIdempotency-Key: 5d8f1a5e-0000-4000-8000-000000000001\r\n"
				    "Content-Type: application/json\r\n",
				    "{\"reason\":\"not_reached\",\"wished_by\":\"scheme\"}");

	assert_status(a, 412);
	cr_assert_str_eq(state_of(job), "referred");
}
