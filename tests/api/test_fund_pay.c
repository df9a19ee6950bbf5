/* Paying: payees, runs, files, confirmations, what comes back; over HTTP, with the ledger added up at the end. */
#include <string.h>

#include "paying.h"

#define OTHER_PAYEE "{\"kind\":\"landlord\",\"account_name\":\"Another Agent\",\"sort_code\":\"204061\",\"account_number\":\"12345678\"}"

static const char *year;

static void begin(void)
{
	year = paying_start();
}

TestSuite(fund_pay, .init = begin, .fini = paying_stop);

static struct answer issued(const char *request, const char *serial)
{
	return fund_act(ROLE_navigator, request, "issue", sql("SELECT '{\"serial\":\"%s\"}'", serial));
}

static bool shared(int role, const char *request)
{
	struct answer a = call(role, "GET", sql("SELECT '/api/v1/fund/requests/%s'", request), NULL);

	assert_status(a, 200);
	return json_is_true(json_object_get(json_object_get(a.json, "payee"), "shared_account"));
}

/* ---- payees ---- */

Test(fund_pay, bank_details_are_sealed_and_told_to_who_pays_alone)
{
	const char *id = pay_asked(FUND_HOME, "bank_transfer", 4000), *payee;
	struct answer a;

	a = fund_act(ROLE_navigator, id, "payee", PAYEE);
	assert_status(a, 200);
	cr_assert_str_eq(answer_text(&a, "payee.kind"), "landlord");
	cr_assert_null(strstr(a.body, "31510604"));
	cr_assert_null(strstr(a.body, "Lettings"));
	payee = payee_of(id);
	cr_assert_null(sql("SELECT 1 FROM vault.payee WHERE strpos(encode(sealed, 'escape'), '31510604') > 0"));
	a = at_payee(ROLE_finance_officer, payee, "readings");
	cr_expect_eq(a.status, 404, "not before it is approved: %s", a.body);
	assert_status(fund_act(ROLE_finance_approver, id, "approve", NOTHING), 200);
	pay_refused(at_payee(ROLE_finance_approver, payee, "readings"), 403, "forbidden");
	pay_refused(at_payee(ROLE_navigator, payee, "readings"), 403, "forbidden");
	pay_refused(at_payee(ROLE_finance_officer, payee, "verify"), 409, "wrong-state");
	a = at_payee(ROLE_finance_officer, payee, "readings");
	assert_status(a, 200);
	cr_assert_str_eq(answer_text(&a, "account_number"), "31510604");
	cr_assert_str_eq(answer_text(&a, "sort_code"), "204060");
	cr_assert_str_eq(sql("SELECT detail ->> 'purpose' FROM audit.event WHERE action = 'reveal' AND subject_id = '%s'", payee),
			 "check_payee");
	assert_status(at_payee(ROLE_finance_officer, payee, "verify"), 200);
	pay_refused(at_payee(ROLE_finance_officer, payee, "verify"), 409, "wrong-state");
	cr_assert_null(pay_obstacle(id));
}

Test(fund_pay, bank_details_are_right_or_named)
{
	const char *id = pay_asked(FUND_HOME, "bank_transfer", 4000);
	struct answer a = fund_act(ROLE_navigator, id, "payee",
				   "{\"kind\":\"landlord\",\"account_name\":\"--\",\"sort_code\":\"2040\",\"account_number\":\"1234567\"}");

	assert_status(a, 422);
	assert_error(a, "/account_name");
	assert_error(a, "/sort_code");
	assert_error(a, "/account_number");
	cr_assert_null(strstr(a.body, "1234567"), "what was typed is not told again");
	id = pay_asked(FUND_OTHER_HOME, "voucher", 4000);
	pay_refused(fund_act(ROLE_navigator, id, "payee", PAYEE), 409, "wrong-state");
}

/* The keeper of the pots pays for the cases of other organisations too, but not for those that are denied to it. */
Test(fund_pay, a_payee_of_a_case_that_is_denied_is_not_there)
{
	const char *id = pay_ready(FUND_HOME, 4000), *payee = payee_of(id);

	sql("INSERT INTO case_access (household_id, account_id, access, reason) SELECT '" FUND_HOME "', id, 'deny', 'Known to them'"
	    " FROM account WHERE username = 'finance_officer'");
	cr_assert_eq(at_payee(ROLE_finance_officer, payee, "readings").status, 404);
	cr_assert_eq(call(ROLE_finance_officer, "GET", sql("SELECT '/api/v1/fund/payees/%s'", payee), NULL).status, 404);
	cr_assert_str_eq(pay_obstacle(id), "not there");
}

/* What stands in the way, one after the other, up to the run. */
Test(fund_pay, nothing_is_paid_before_all_is_right)
{
	const char *id = pay_asked(FUND_HOME, "bank_transfer", 4000), *run;
	struct answer a;

	cr_assert_str_eq(pay_obstacle(id), "not there");
	assert_status(fund_act(ROLE_finance_approver, id, "approve", NOTHING), 200);
	cr_assert_str_eq(pay_obstacle(id), "no_payee");
	cr_assert_str_eq(sql("SELECT kind FROM task WHERE about_id = '%s' AND ended_at IS NULL AND kind LIKE '%%payee'", id), "fund_payee");
	assert_status(fund_act(ROLE_navigator, id, "payee", PAYEE), 200);
	cr_assert_str_eq(pay_obstacle(id), "payee_not_checked");
	cr_assert_str_eq(sql("SELECT kind FROM task WHERE about_id = '%s' AND ended_at IS NULL AND kind LIKE '%%payee'", id), "fund_check_payee");
	run = run_begun();
	a = at_run(run, "freeze", "{\"payments\":1,\"total_pence\":4000}");
	assert_problem(a, 409, "conflict");
	payee_checked(id);
	cr_assert_null(pay_obstacle(id));
	cr_assert_null(sql("SELECT kind FROM task WHERE about_id = '%s' AND ended_at IS NULL AND kind LIKE '%%payee'", id));
	a = at_run(run, "freeze", "{\"payments\":1,\"total_pence\":3999}");
	assert_problem(a, 409, "conflict");
	a = run_frozen(run);
	assert_status(a, 200);
	cr_assert_eq(fund_figure(year, "committed_pence"), 0);
	cr_assert_eq(fund_figure(year, "in_payment_pence"), 4000);
	cr_assert_str_eq(pay_obstacle(id), "not there");
}

/* Another payee ends what was approved, is checked again, and not paid the same day. */
Test(fund_pay, another_payee_is_approved_and_checked_anew)
{
	const char *id = pay_ready(FUND_HOME, 4000);
	struct answer a;

	a = fund_act(ROLE_navigator, id, "payee", OTHER_PAYEE);
	assert_status(a, 200);
	cr_assert_str_eq(pay_obstacle(id), "payee_not_agreed");
	pay_refused(fund_act(ROLE_finance_approver, id, "approve", NOTHING), 409, "wrong-state");
	assert_status(fund_act(ROLE_finance_approver, id, "agree-payee", NOTHING), 200);
	pay_refused(fund_act(ROLE_finance_approver, id, "agree-payee", NOTHING), 409, "wrong-state");
	cr_assert_str_eq(pay_obstacle(id), "payee_not_checked");
	payee_checked(id);
	cr_assert_str_eq(pay_obstacle(id), "payee_new");
	sql("UPDATE fund.payee SET recorded_at = now() - interval '1 day' WHERE id = '%s'", payee_of(id));
	cr_assert_null(pay_obstacle(id));
	cr_assert_eq(fund_figure(year, "committed_pence"), 4000, "promised once");
}

Test(fund_pay, who_changed_the_payee_does_not_agree_to_it)
{
	const char *id = pay_ready(FUND_HOME, 4000);

	assert_status(fund_act(ROLE_housing_officer, id, "payee", OTHER_PAYEE), 200);
	pay_refused(fund_act(ROLE_housing_officer, id, "agree-payee", NOTHING), 409, "own-deed");
	assert_status(fund_act(ROLE_finance_approver, id, "agree-payee", NOTHING), 200);
}

Test(fund_pay, one_account_of_two_households_is_noticed)
{
	const char *one = pay_asked(FUND_HOME, "bank_transfer", 4000), *two = pay_asked(FUND_OTHER_HOME, "bank_transfer", 4000);
	const char *own = "{\"kind\":\"household\",\"account_name\":\"A Name\",\"sort_code\":\"204060\",\"account_number\":\"31510604\"}";

	assert_status(fund_act(ROLE_navigator, one, "payee", own), 200);
	cr_assert_not(shared(ROLE_finance_approver, one));
	assert_status(fund_act(ROLE_navigator, two, "payee", own), 200);
	cr_assert(shared(ROLE_finance_approver, one));
	cr_assert_not(shared(ROLE_navigator, one), "a case worker learns nothing of other cases");
}

/* The person who decided alone cannot pass the review by agreeing to another payee. */
Test(fund_pay, another_payee_does_not_replace_the_review)
{
	const char *id = pay_asked(FUND_HOME, "bank_transfer", 3000);

	assert_status(fund_act(ROLE_navigator, id, "payee", PAYEE), 200);
	assert_status(fund_act(ROLE_finance_approver, id, "approve-now", "{\"lane\":\"approvers_unreachable\"}"), 200);
	assert_status(fund_act(ROLE_navigator, id, "payee", OTHER_PAYEE), 200);
	pay_refused(fund_act(ROLE_finance_approver, id, "agree-payee", NOTHING), 409, "own-deed");
	assert_status(fund_act(ROLE_housing_officer, id, "agree-payee", NOTHING), 200);
	payee_checked(id);
	sql("UPDATE fund.payee SET recorded_at = now() - interval '1 day'");
	cr_assert_str_eq(pay_obstacle(id), "not_reviewed");
}

/* A payee that is changed twice needs as many people as the request did. */
Test(fund_pay, two_people_stay_two)
{
	const char *id = pay_asked(FUND_HOME, "bank_transfer", 20000);

	fund_limit("finance_approver", 300000, 600000, 10000, 0);
	fund_limit("housing_officer", 300000, 600000, 10000, 0);
	assert_status(fund_act(ROLE_navigator, id, "payee", PAYEE), 200);
	assert_status(fund_act(ROLE_finance_approver, id, "approve", NOTHING), 200);
	assert_status(fund_act(ROLE_housing_officer, id, "approve", NOTHING), 200);
	for (int i = 0; i < 2; i++) {
		assert_status(fund_act(ROLE_navigator, id, "payee", OTHER_PAYEE), 200);
		assert_status(fund_act(ROLE_finance_approver, id, "agree-payee", NOTHING), 200);
		cr_assert_str_eq(pay_obstacle(id), "payee_not_agreed", "after change %d", i);
	}
	assert_status(fund_act(ROLE_housing_officer, id, "agree-payee", NOTHING), 200);
	cr_assert_str_eq(pay_obstacle(id), "payee_not_checked");
}

/* ---- runs ---- */

Test(fund_pay, the_file_says_the_same_however_often_it_is_written)
{
	const char *id = pay_ready(FUND_HOME, 4050), *run = run_begun(), *path = sql("SELECT '/fund/runs/%s/payments.csv'", run);
	struct answer a, b;

	pay_refused(call(ROLE_finance_officer, "GET", path, NULL), 409, "wrong-state");
	assert_status(run_frozen(run), 200);
	pay_refused(call(ROLE_finance_officer, "GET", path, NULL), 409, "wrong-state");
	assert_status(at_run(run, "export", NOTHING), 200);
	a = call(ROLE_finance_officer, "GET", path, NULL);
	assert_status(a, 200);
	cr_assert_str_eq(answer_header(&a, "Content-Type"), "text/csv; charset=utf-8");
	cr_assert(strstr(a.body, sql("SELECT reference || ',40.50,204060,31510604,ODON SON LETTINGS,' || today() || E',bank_transfer\\r\\n' FROM fund.payment WHERE cause_id = '%s'", id)), "%s", a.body);
	cr_assert(strstr(a.body, ",total,1,40.50,,,,,\r\n"), "%s", a.body);
	b = call(ROLE_finance_officer, "GET", path, NULL);
	cr_assert_str_eq(a.body, b.body);
	cr_assert_str_eq(sql("SELECT count(*) FROM audit.event WHERE action = 'reveal' AND detail ->> 'purpose' = 'pay'"), "2");
	pay_refused(call(ROLE_finance_approver, "GET", path, NULL), 403, "forbidden");
	/* another payee afterwards changes nothing of it */
	frozen_by_a_colleague();
	assert_status(at_payment(payment_of(id), "bounce", settled_today(",\"reason\":\"wrong_details\"")), 200);
	assert_status(fund_act(ROLE_navigator, id, "payee", OTHER_PAYEE), 200);
	b = call(ROLE_finance_officer, "GET", path, NULL);
	cr_assert_str_eq(a.body, b.body);
}

Test(fund_pay, a_payment_is_confirmed_once_and_by_another_person)
{
	const char *id = pay_ready(FUND_HOME, 4050), *run = run_exported(), *payment = payment_of(id);
	struct answer a;

	a = at_payment(payment, "confirm", settled_today(""));
	assert_problem(a, 409, "own-deed");
	frozen_by_a_colleague();
	a = at_payment(payment, "confirm", settled_today(""));
	assert_status(a, 200);
	cr_assert_str_eq(answer_text(&a, "state"), "confirmed");
	cr_assert_str_eq(fund_state_of(id), "paid");
	cr_assert_str_eq(sql("SELECT state FROM fund.run WHERE id = '%s'", run), "confirmed");
	cr_assert_eq(fund_figure(year, "spent_pence"), 4050);
	pay_refused(at_payment(payment, "confirm", settled_today("")), 409, "wrong-state");
	/* every older act is over */
	pay_refused(fund_act(ROLE_finance_approver, id, "approve", NOTHING), 409, "wrong-state");
	pay_refused(fund_act(ROLE_navigator, id, "cancel", "{\"reason\":\"not_needed\"}"), 409, "wrong-state");
	pay_refused(fund_act(ROLE_navigator, id, "payee", PAYEE), 409, "wrong-state");
	pay_refused(at_run(run, "freeze", "{\"payments\":1,\"total_pence\":4050}"), 409, "wrong-state");
}

Test(fund_pay, what_comes_back_is_promised_as_before)
{
	const char *id = pay_ready(FUND_HOME, 4050), *payment;
	struct answer a;

	run_exported();
	frozen_by_a_colleague();
	payment = payment_of(id);
	assert_status(at_payment(payment, "confirm", settled_today("")), 200);
	a = at_payment(payment, "bounce", settled_today(",\"reason\":\"account_closed\""));
	assert_status(a, 200);
	cr_assert_str_eq(fund_state_of(id), "approved");
	cr_assert_eq(fund_figure(year, "spent_pence"), 0);
	cr_assert_eq(fund_figure(year, "committed_pence"), 4050);
	cr_assert_str_eq(pay_obstacle(id), "payee_refused");
	cr_assert_str_eq(sql("SELECT kind FROM task WHERE about_id = '%s' AND ended_at IS NULL AND kind LIKE '%%payee'", id), "fund_payee");
	pay_refused(at_payment(payment, "bounce", settled_today(",\"reason\":\"account_closed\"")), 409, "wrong-state");
	assert_status(fund_act(ROLE_navigator, id, "cancel", "{\"reason\":\"paid_otherwise\"}"), 200);
	cr_assert_eq(fund_figure(year, "free_pence"), 1000000);
}

Test(fund_pay, a_wrong_confirmation_is_taken_back_once)
{
	const char *id = pay_ready(FUND_HOME, 4050), *payment, *confirmed;

	run_exported();
	frozen_by_a_colleague();
	payment = payment_of(id);
	assert_status(at_payment(payment, "confirm", settled_today("")), 200);
	confirmed = sql("SELECT confirmed_by FROM fund.payment WHERE id = '%s'", payment);
	assert_status(at_payment(payment, "unconfirm", NOTHING), 200);
	pay_refused(at_payment(payment, "unconfirm", NOTHING), 409, "wrong-state");
	cr_assert_str_eq(sql("SELECT count(*) FROM fund.posting WHERE reverses = '%s'", confirmed), "1");
	cr_assert_str_eq(fund_state_of(id), "approved");
	cr_assert_eq(fund_figure(year, "in_payment_pence"), 4050);
	no_fund_fault();
	assert_status(at_payment(payment, "confirm", settled_today("")), 200);
	cr_assert_str_eq(fund_state_of(id), "paid");
}

Test(fund_pay, money_that_came_back_later_is_free_and_no_more_than_was_paid)
{
	const char *id = pay_ready(FUND_HOME, 4050), *payment;
	struct answer a;

	run_exported();
	frozen_by_a_colleague();
	payment = payment_of(id);
	pay_refused(at_payment(payment, "recover", "{\"amount_pence\":1,\"reason\":\"unspent\"}"), 409, "wrong-state");
	assert_status(at_payment(payment, "confirm", settled_today("")), 200);
	pay_refused(at_payment(payment, "recover", "{\"amount_pence\":4051,\"reason\":\"unspent\"}"), 409, "wrong-state");
	assert_status(at_payment(payment, "recover", "{\"amount_pence\":50,\"reason\":\"unspent\"}"), 200);
	a = at_payment(payment, "recover", "{\"amount_pence\":4000,\"reason\":\"deposit_returned\"}");
	assert_status(a, 200);
	cr_assert_eq(answer_int(&a, "recovered_pence"), 4050);
	pay_refused(at_payment(payment, "recover", "{\"amount_pence\":1,\"reason\":\"unspent\"}"), 409, "wrong-state");
	cr_assert_eq(fund_figure(year, "free_pence"), 1000000);
	cr_assert_eq(fund_figure(year, "spent_pence"), 0);
	cr_assert_eq(fund_figure(year, "budget_pence"), 1000000);
}

/* One person does not pay twice by calling the first payment back. */
Test(fund_pay, who_froze_a_run_records_nothing_of_it_by_hand)
{
	const char *payment;

	pay_ready(FUND_HOME, 4050);
	run_exported();
	payment = sql("SELECT id FROM fund.payment");
	pay_refused(at_payment(payment, "bounce", settled_today(",\"reason\":\"recalled\"")), 409, "own-deed");
	pay_refused(at_payment(payment, "confirm", settled_today("")), 409, "own-deed");
	frozen_by_a_colleague();
	pay_refused(at_payment(payment, "confirm", sql("SELECT '{\"settled_on\":\"' || today() - 1 || '\"}'")), 409, "wrong-state");
	sql("INSERT INTO case_access (household_id, account_id, access, reason) SELECT '" FUND_HOME "', id, 'deny', 'Known to them'"
	    " FROM account WHERE username = 'finance_officer'");
	cr_assert_eq(at_payment(payment, "confirm", settled_today("")).status, 404, "a denied case is not there");
}

/* The file of a run has the details of all its payees: none is erased while money is on its way. */
Test(fund_pay, a_case_is_not_erased_while_money_is_on_its_way)
{
	pay_ready(FUND_HOME, 4050);
	run_exported();
	sql("UPDATE referral SET state = 'closed', close_reason = coalesce(close_reason, 'changed_mind'), closed_at = now() WHERE household_id = '" FUND_HOME "'");
	sql("UPDATE household SET closed_at = now() WHERE id = '" FUND_HOME "'");
	cr_assert_str_eq(sql("SELECT erasure_refusal('" FUND_HOME "'::uuid)"), "in_payment");
	frozen_by_a_colleague();
	assert_status(at_payment(sql("SELECT id FROM fund.payment"), "confirm", settled_today("")), 200);
	cr_assert_null(sql("SELECT erasure_refusal('" FUND_HOME "'::uuid)"));
}

/* What was erased on its way is settled, and pays nobody afterwards. */
Test(fund_pay, of_an_erased_case_what_comes_back_is_free)
{
	const char *id = pay_ready(FUND_HOME, 4050);

	run_exported();
	frozen_by_a_colleague();
	sql("UPDATE household SET closed_at = now(), erased_at = now(), erasure_reason = 'retention_end' WHERE id = '" FUND_HOME "'");
	cr_assert_eq(fund_figure(year, "in_payment_pence"), 4050);
	assert_status(at_payment(payment_of(id), "bounce", settled_today(",\"reason\":\"wrong_details\"")), 200);
	cr_assert_eq(fund_figure(year, "free_pence"), 1000000);
	cr_assert_str_eq(sql("SELECT count(*) FROM task WHERE about_id = '%s' AND ended_at IS NULL", id), "0");
}

Test(fund_pay, a_card_number_has_no_room_for_words)
{
	const char *id = pay_asked(FUND_HOME, "prepaid_card", 3000);
	struct answer a;

	assert_status(fund_act(ROLE_finance_approver, id, "approve", NOTHING), 200);
	a = issued(id, "12 Acacia Avenue TS1 2AB");
	assert_error(a, "/serial");
	a = issued(id, "Jane Smithson 1");
	assert_error(a, "/serial");
}

Test(fund_pay, what_has_lapsed_is_not_paid_although_no_job_has_run)
{
	const char *id = pay_ready(FUND_HOME, 4050);

	sql("UPDATE fund.commitment SET expires_on = today() WHERE cause_id = '%s'", id);
	cr_assert_str_eq(pay_obstacle(id), "lapsed");
	pay_refused(at_run(run_begun(), "freeze", "{\"payments\":1,\"total_pence\":4050}"), 409, "conflict");
	cr_assert_eq(fund_figure(year, "committed_pence"), 4050);
	sql("SELECT fund.expire()");
	cr_assert_str_eq(fund_state_of(id), "expired");
	cr_assert_eq(fund_figure(year, "free_pence"), 1000000);
}

/* ---- cards and vouchers ---- */

Test(fund_pay, a_card_is_paid_by_being_handed_out_once)
{
	const char *id = pay_asked(FUND_HOME, "prepaid_card", 3000), *two = pay_asked(FUND_OTHER_HOME, "voucher", 3000);
	struct answer a;

	pay_refused(fund_act(ROLE_navigator, id, "issue", "{\"serial\":\"AB-1\"}"), 409, "wrong-state");
	assert_status(fund_act(ROLE_finance_approver, id, "approve", NOTHING), 200);
	assert_status(fund_act(ROLE_finance_approver, two, "approve", NOTHING), 200);
	a = fund_act(ROLE_navigator, id, "issue", "{\"serial\":\"ab 1\"}");
	assert_status(a, 200);
	cr_assert_eq(answer_int(&a, "money.in_payment"), 3000, "%s", a.body);
	pay_refused(fund_act(ROLE_navigator, id, "issue", "{\"serial\":\"AB-2\"}"), 409, "wrong-state");
	pay_refused(fund_act(ROLE_navigator, two, "issue", "{\"serial\":\"AB-1\"}"), 409, "duplicate");
	assert_status(at_payment(payment_of(id), "confirm", settled_today("")), 200);
	cr_assert_str_eq(fund_state_of(id), "paid");
}

/* At night: decided alone, handed out at once; a bank payment waits for the review. */
Test(fund_pay, what_was_decided_alone_is_handed_out_but_not_transferred_before_the_review)
{
	const char *card = pay_asked(FUND_HOME, "prepaid_card", 3000), *bank = pay_asked(FUND_OTHER_HOME, "bank_transfer", 3000);

	assert_status(fund_act(ROLE_navigator, bank, "payee", PAYEE), 200);
	assert_status(fund_act(ROLE_finance_approver, card, "approve-now", "{\"lane\":\"approvers_unreachable\"}"), 200);
	assert_status(fund_act(ROLE_finance_approver, bank, "approve-now", "{\"lane\":\"approvers_unreachable\"}"), 200);
	assert_status(fund_act(ROLE_navigator, card, "issue", "{\"serial\":\"1\"}"), 200);
	payee_checked(bank);
	cr_assert_str_eq(pay_obstacle(bank), "not_reviewed");
}

/* ---- VAT ---- */

static const char *vat_told(void)
{
	assert_status(call(ROLE_finance_officer, "POST", "/api/v1/fund/gl-batches", NULL), 201);
	return sql("SELECT string_agg(vat_code || ' ' || debit || ' ' || credit || ' ' || vat, ', ' ORDER BY n) FROM fund.gl_line"
		   " WHERE batch_id = (SELECT id FROM fund.gl_batch ORDER BY n DESC LIMIT 1)");
}

Test(fund_pay, vat_is_kept_apart_and_exported)
{
	const char *id = pay_asked(FUND_HOME, "supplier", 12000), *payment;
	struct answer a;

	sql("UPDATE fund.pot SET gl_code = '1', cost_centre = '2'");
	sql("INSERT INTO fund.gl_setting (organisation_id, clearing_code, vat_code) SELECT organisation_id, '9', 'SR' FROM fund.pot");
	assert_status(fund_act(ROLE_navigator, id, "payee", PAYEE), 200);
	assert_status(fund_act(ROLE_finance_approver, id, "approve", NOTHING), 200);
	payee_checked(id);
	run_exported();
	frozen_by_a_colleague();
	payment = payment_of(id);
	a = at_payment(payment, "vat", "{\"vat_pence\":12001}");
	assert_error(a, "/vat_pence");
	cr_assert_eq(at_payment(payment, "vat", "{\"vat_pence\":-1}").status, 422);
	assert_status(at_payment(payment, "vat", "{\"vat_pence\":2000}"), 200);
	assert_status(at_payment(payment, "confirm", settled_today("")), 200);
	pay_refused(at_payment(payment, "vat", "{\"vat_pence\":0}"), 409, "wrong-state");
	cr_assert_str_eq(vat_told(), "SR 12000 0 2000, SR 0 12000 0");
	assert_status(at_payment(payment, "bounce", settled_today(",\"reason\":\"recalled\"")), 200);
	cr_assert_str_eq(vat_told(), "SR 12000 0 0, SR 0 12000 2000");
}

Test(fund_pay, only_a_supplier_charges_vat)
{
	const char *id = pay_ready(FUND_HOME, 4000);

	run_exported();
	pay_refused(at_payment(payment_of(id), "vat", "{\"vat_pence\":100}"), 409, "wrong-state");
}
