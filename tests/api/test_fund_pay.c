/* Paying: payees, runs, files, confirmations, what comes back; over HTTP, with the ledger added up at the end. */
#include <string.h>

#include "funding.h"

#define NOTHING "{}"
#define PAYEE "{\"kind\":\"landlord\",\"account_name\":\"Ödön & Søn Lettings\",\"sort_code\":\"20-40-60\",\"account_number\":\"31510604\"}"
#define OTHER_PAYEE "{\"kind\":\"landlord\",\"account_name\":\"Another Agent\",\"sort_code\":\"204061\",\"account_number\":\"12345678\"}"

static const char *year;

static void no_fault(void)
{
	cr_expect_null(sql("SELECT string_agg(what || ' ' || which, '; ') FROM fund.faults()"), "%s",
		       sql("SELECT string_agg(what || ' ' || which, '; ') FROM fund.faults()"));
}

static void end(void)
{
	no_fault();
	service_stop();
}

static void begin(void)
{
	service_start();
	year = fund_pot("Flee", 1000000);
	fund_limit("finance_approver", 300000, 600000, 0, 50000);
	fund_limit("housing_officer", 300000, 600000, 0, 50000);
}

TestSuite(fund_pay, .init = begin, .fini = end);

/* ---- words of the tests ---- */

static void refused(struct answer a, int status, const char *slug)
{
	const char *type = answer_text(&a, "type");

	cr_assert(a.status == status && type && strcmp(type, sql("SELECT '/problems/%s'", slug)) == 0, "%d, not %s: %s", a.status, slug, a.body);
}

static const char *asked(const char *home, const char *means, long pence)
{
	struct answer a = call(ROLE_navigator, "POST", sql("SELECT '/api/v1/households/%s/fund-requests'", home),
			       "{\"category\":\"travel\",\"amount_pence\":%ld,\"means\":\"%s\"}", pence, means);

	assert_status(a, 201);
	return answer_text(&a, "id");
}

static bool shared(int role, const char *request)
{
	struct answer a = call(role, "GET", sql("SELECT '/api/v1/fund/requests/%s'", request), NULL);

	assert_status(a, 200);
	return json_is_true(json_object_get(json_object_get(a.json, "payee"), "shared_account"));
}

static const char *payee_of(const char *request)
{
	return sql("SELECT id FROM fund.payee WHERE request_id = '%s' AND ended_at IS NULL", request);
}

static struct answer at_payee(int role, const char *payee, const char *act)
{
	return call(role, "POST", sql("SELECT '/api/v1/fund/payees/%s/%s'", payee, act), NOTHING);
}

static void check_payee(const char *request)
{
	const char *payee = payee_of(request);

	assert_status(at_payee(ROLE_finance_officer, payee, "readings"), 200);
	assert_status(at_payee(ROLE_finance_officer, payee, "verify"), 200);
}

/* A request that is approved and whose payee is checked. */
static const char *ready(const char *home, long pence)
{
	const char *id = asked(home, "bank_transfer", pence);

	assert_status(fund_act(ROLE_navigator, id, "payee", PAYEE), 200);
	assert_status(fund_act(ROLE_finance_approver, id, "approve", "{\"overrule\":\"another_need\"}"), 200);
	check_payee(id);
	return id;
}

static const char *obstacle(const char *request)
{
	struct answer a = call(ROLE_finance_officer, "GET", "/api/v1/fund/payable", NULL);
	json_t *item;
	size_t i;

	json_array_foreach(json_object_get(a.json, "items"), i, item)
		if (strcmp(json_string_value(json_object_get(item, "request_id")), request) == 0)
			return json_string_value(json_object_get(item, "obstacle"));
	return "not there";
}

static const char *headers(const char *table, const char *id)
{
	return sql("SELECT E'If-Match: \"' || version || E'\"\\r\\nIdempotency-Key: ' || gen_random_uuid() || "
		   "E'\\r\\nContent-Type: application/json\\r\\n' FROM fund.%s WHERE id = '%s'", table, id);
}

static const char *run_begun(void)
{
	struct answer a = call(ROLE_finance_officer, "POST", "/api/v1/fund/runs", "{\"pay_on\":\"%s\"}", sql("SELECT today()"));

	assert_status(a, 201);
	return answer_text(&a, "id");
}

static struct answer at_run(const char *run, const char *act, const char *body)
{
	return call_with(ROLE_finance_officer, "POST", sql("SELECT '/api/v1/fund/runs/%s/%s'", run, act), headers("run", run), body);
}

static struct answer freeze(const char *run)
{
	struct answer a = call(ROLE_finance_officer, "GET", sql("SELECT '/api/v1/fund/runs/%s'", run), NULL);

	return at_run(run, "freeze", sql("SELECT '{\"payments\":%ld,\"total_pence\":%ld}'", (long)answer_int(&a, "payable_count"),
					(long)answer_int(&a, "payable_pence")));
}

static const char *exported(void)
{
	const char *run = run_begun();

	assert_status(freeze(run), 200);
	assert_status(at_run(run, "export", NOTHING), 200);
	return run;
}

static const char *payment_of(const char *request)
{
	return sql("SELECT id FROM fund.payment WHERE cause_id = '%s' ORDER BY made_at DESC, id LIMIT 1", request);
}

static struct answer at_payment(const char *payment, const char *act, const char *body)
{
	return call_with(ROLE_finance_officer, "POST", sql("SELECT '/api/v1/fund/payments/%s/%s'", payment, act),
			 headers("payment", payment), body);
}

/* The seed has one finance officer: who froze the run was another one. */
static void frozen_by_a_colleague(void)
{
	sql("UPDATE fund.payment SET made_by = NULL");
}

static const char *state_of(const char *request)
{
	return sql("SELECT state FROM fund.request WHERE id = '%s'", request);
}

static const char *today(const char *more)
{
	return sql("SELECT '{\"settled_on\":\"' || today() || '\"%s}'", more);
}

/* ---- payees ---- */

Test(fund_pay, bank_details_are_sealed_and_told_to_who_pays_alone)
{
	const char *id = asked(FUND_HOME, "bank_transfer", 4000), *payee;
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
	refused(at_payee(ROLE_finance_approver, payee, "readings"), 403, "forbidden");
	refused(at_payee(ROLE_navigator, payee, "readings"), 403, "forbidden");
	refused(at_payee(ROLE_finance_officer, payee, "verify"), 409, "wrong-state");
	a = at_payee(ROLE_finance_officer, payee, "readings");
	assert_status(a, 200);
	cr_assert_str_eq(answer_text(&a, "account_number"), "31510604");
	cr_assert_str_eq(answer_text(&a, "sort_code"), "204060");
	cr_assert_str_eq(sql("SELECT detail ->> 'purpose' FROM audit.event WHERE action = 'reveal' AND subject_id = '%s'", payee),
			 "check_payee");
	assert_status(at_payee(ROLE_finance_officer, payee, "verify"), 200);
	refused(at_payee(ROLE_finance_officer, payee, "verify"), 409, "wrong-state");
	cr_assert_null(obstacle(id));
}

Test(fund_pay, bank_details_are_right_or_named)
{
	const char *id = asked(FUND_HOME, "bank_transfer", 4000);
	struct answer a = fund_act(ROLE_navigator, id, "payee",
				   "{\"kind\":\"landlord\",\"account_name\":\"--\",\"sort_code\":\"2040\",\"account_number\":\"1234567\"}");

	assert_status(a, 422);
	assert_error(a, "/account_name");
	assert_error(a, "/sort_code");
	assert_error(a, "/account_number");
	cr_assert_null(strstr(a.body, "1234567"), "what was typed is not told again");
	id = asked(FUND_OTHER_HOME, "voucher", 4000);
	refused(fund_act(ROLE_navigator, id, "payee", PAYEE), 409, "wrong-state");
}

/* What stands in the way, one after the other, up to the run. */
Test(fund_pay, nothing_is_paid_before_all_is_right)
{
	const char *id = asked(FUND_HOME, "bank_transfer", 4000), *run;
	struct answer a;

	cr_assert_str_eq(obstacle(id), "not there");
	assert_status(fund_act(ROLE_finance_approver, id, "approve", NOTHING), 200);
	cr_assert_str_eq(obstacle(id), "no_payee");
	cr_assert_str_eq(sql("SELECT kind FROM task WHERE about_id = '%s' AND ended_at IS NULL AND kind LIKE '%%payee'", id), "fund_payee");
	assert_status(fund_act(ROLE_navigator, id, "payee", PAYEE), 200);
	cr_assert_str_eq(obstacle(id), "payee_not_checked");
	cr_assert_str_eq(sql("SELECT kind FROM task WHERE about_id = '%s' AND ended_at IS NULL AND kind LIKE '%%payee'", id), "fund_check_payee");
	run = run_begun();
	a = at_run(run, "freeze", "{\"payments\":1,\"total_pence\":4000}");
	assert_problem(a, 409, "conflict");
	check_payee(id);
	cr_assert_null(obstacle(id));
	cr_assert_null(sql("SELECT kind FROM task WHERE about_id = '%s' AND ended_at IS NULL AND kind LIKE '%%payee'", id));
	a = at_run(run, "freeze", "{\"payments\":1,\"total_pence\":3999}");
	assert_problem(a, 409, "conflict");
	a = freeze(run);
	assert_status(a, 200);
	cr_assert_eq(fund_figure(year, "committed_pence"), 0);
	cr_assert_eq(fund_figure(year, "in_payment_pence"), 4000);
	cr_assert_str_eq(obstacle(id), "not there");
}

/* Another payee ends what was approved, is checked again, and not paid the same day. */
Test(fund_pay, another_payee_is_approved_and_checked_anew)
{
	const char *id = ready(FUND_HOME, 4000);
	struct answer a;

	a = fund_act(ROLE_navigator, id, "payee", OTHER_PAYEE);
	assert_status(a, 200);
	cr_assert_str_eq(obstacle(id), "payee_not_agreed");
	refused(fund_act(ROLE_finance_approver, id, "approve", NOTHING), 409, "wrong-state");
	assert_status(fund_act(ROLE_finance_approver, id, "agree-payee", NOTHING), 200);
	refused(fund_act(ROLE_finance_approver, id, "agree-payee", NOTHING), 409, "wrong-state");
	cr_assert_str_eq(obstacle(id), "payee_not_checked");
	check_payee(id);
	cr_assert_str_eq(obstacle(id), "payee_new");
	sql("UPDATE fund.payee SET recorded_at = now() - interval '1 day' WHERE id = '%s'", payee_of(id));
	cr_assert_null(obstacle(id));
	cr_assert_eq(fund_figure(year, "committed_pence"), 4000, "promised once");
}

Test(fund_pay, who_changed_the_payee_does_not_agree_to_it)
{
	const char *id = ready(FUND_HOME, 4000);

	assert_status(fund_act(ROLE_housing_officer, id, "payee", OTHER_PAYEE), 200);
	refused(fund_act(ROLE_housing_officer, id, "agree-payee", NOTHING), 409, "own-deed");
	assert_status(fund_act(ROLE_finance_approver, id, "agree-payee", NOTHING), 200);
}

Test(fund_pay, one_account_of_two_households_is_noticed)
{
	const char *one = asked(FUND_HOME, "bank_transfer", 4000), *two = asked(FUND_OTHER_HOME, "bank_transfer", 4000);
	const char *own = "{\"kind\":\"household\",\"account_name\":\"A Name\",\"sort_code\":\"204060\",\"account_number\":\"31510604\"}";

	assert_status(fund_act(ROLE_navigator, one, "payee", own), 200);
	cr_assert_not(shared(ROLE_finance_approver, one));
	assert_status(fund_act(ROLE_navigator, two, "payee", own), 200);
	cr_assert(shared(ROLE_finance_approver, one));
	cr_assert_not(shared(ROLE_navigator, one), "a case worker learns nothing of other cases");
}

/* ---- runs ---- */

Test(fund_pay, the_file_says_the_same_however_often_it_is_written)
{
	const char *id = ready(FUND_HOME, 4050), *run = run_begun(), *path = sql("SELECT '/api/v1/fund/runs/%s/file'", run);
	struct answer a, b;

	refused(call(ROLE_finance_officer, "GET", path, NULL), 409, "wrong-state");
	assert_status(freeze(run), 200);
	refused(call(ROLE_finance_officer, "GET", path, NULL), 409, "wrong-state");
	assert_status(at_run(run, "export", NOTHING), 200);
	a = call(ROLE_finance_officer, "GET", path, NULL);
	assert_status(a, 200);
	cr_assert_str_eq(answer_header(&a, "Content-Type"), "text/csv; charset=utf-8");
	cr_assert(strstr(a.body, sql("SELECT reference || ',40.50,204060,31510604,ODON SON LETTINGS,' || today() || E',bank_transfer\\r\\n' FROM fund.payment WHERE cause_id = '%s'", id)), "%s", a.body);
	cr_assert(strstr(a.body, ",total,1,40.50,,,,,\r\n"), "%s", a.body);
	b = call(ROLE_finance_officer, "GET", path, NULL);
	cr_assert_str_eq(a.body, b.body);
	cr_assert_str_eq(sql("SELECT count(*) FROM audit.event WHERE action = 'reveal' AND detail ->> 'purpose' = 'pay'"), "2");
	refused(call(ROLE_finance_approver, "GET", path, NULL), 403, "forbidden");
	/* another payee afterwards changes nothing of it */
	frozen_by_a_colleague();
	assert_status(at_payment(payment_of(id), "bounce", today(",\"reason\":\"wrong_details\"")), 200);
	assert_status(fund_act(ROLE_navigator, id, "payee", OTHER_PAYEE), 200);
	b = call(ROLE_finance_officer, "GET", path, NULL);
	cr_assert_str_eq(a.body, b.body);
}

Test(fund_pay, a_run_can_leave_out_take_out_and_be_given_up)
{
	const char *one = ready(FUND_HOME, 1000), *two = ready(FUND_OTHER_HOME, 2000), *run = run_begun();
	struct answer a;

	a = at_run(run, "freeze", sql("SELECT '{\"payments\":2,\"total_pence\":3000,\"left_out\":[\"%s\"]}'", one));
	assert_status(a, 200);
	cr_assert_eq(answer_int(&a, "payments"), 1);
	cr_assert_eq(answer_int(&a, "total_pence"), 2000);
	cr_assert_null(obstacle(one));
	assert_status(call(ROLE_finance_officer, "POST", sql("SELECT '/api/v1/fund/payments/%s/take-out'", payment_of(two)), NOTHING), 200);
	cr_assert_null(obstacle(two), "it can be paid in another run");
	a = at_run(run, "export", NOTHING);
	assert_problem(a, 409, "wrong-state");
	assert_status(at_run(run, "abandon", NOTHING), 200);
	run = run_begun();
	assert_status(freeze(run), 200);
	cr_assert_eq(fund_figure(year, "in_payment_pence"), 3000);
	assert_status(at_run(run, "abandon", NOTHING), 200);
	cr_assert_eq(fund_figure(year, "in_payment_pence"), 0);
	cr_assert_eq(fund_figure(year, "committed_pence"), 3000);
	run = exported();
	refused(at_run(run, "abandon", NOTHING), 409, "wrong-state");
	refused(call(ROLE_finance_officer, "POST", sql("SELECT '/api/v1/fund/payments/%s/take-out'", payment_of(two)), NOTHING), 409, "wrong-state");
}

Test(fund_pay, a_payment_is_confirmed_once_and_by_another_person)
{
	const char *id = ready(FUND_HOME, 4050), *run = exported(), *payment = payment_of(id);
	struct answer a;

	a = at_payment(payment, "confirm", today(""));
	assert_problem(a, 409, "own-deed");
	frozen_by_a_colleague();
	a = at_payment(payment, "confirm", today(""));
	assert_status(a, 200);
	cr_assert_str_eq(answer_text(&a, "state"), "confirmed");
	cr_assert_str_eq(state_of(id), "paid");
	cr_assert_str_eq(sql("SELECT state FROM fund.run WHERE id = '%s'", run), "confirmed");
	cr_assert_eq(fund_figure(year, "spent_pence"), 4050);
	refused(at_payment(payment, "confirm", today("")), 409, "wrong-state");
	/* every older act is over */
	refused(fund_act(ROLE_finance_approver, id, "approve", NOTHING), 409, "wrong-state");
	refused(fund_act(ROLE_navigator, id, "cancel", "{\"reason\":\"not_needed\"}"), 409, "wrong-state");
	refused(fund_act(ROLE_navigator, id, "payee", PAYEE), 409, "wrong-state");
	refused(at_run(run, "freeze", "{\"payments\":1,\"total_pence\":4050}"), 409, "wrong-state");
}

Test(fund_pay, what_comes_back_is_promised_as_before)
{
	const char *id = ready(FUND_HOME, 4050), *payment;
	struct answer a;

	exported();
	frozen_by_a_colleague();
	payment = payment_of(id);
	assert_status(at_payment(payment, "confirm", today("")), 200);
	a = at_payment(payment, "bounce", today(",\"reason\":\"account_closed\""));
	assert_status(a, 200);
	cr_assert_str_eq(state_of(id), "approved");
	cr_assert_eq(fund_figure(year, "spent_pence"), 0);
	cr_assert_eq(fund_figure(year, "committed_pence"), 4050);
	cr_assert_str_eq(obstacle(id), "payee_refused");
	cr_assert_str_eq(sql("SELECT kind FROM task WHERE about_id = '%s' AND ended_at IS NULL AND kind LIKE '%%payee'", id), "fund_payee");
	refused(at_payment(payment, "bounce", today(",\"reason\":\"account_closed\"")), 409, "wrong-state");
	assert_status(fund_act(ROLE_navigator, id, "cancel", "{\"reason\":\"paid_otherwise\"}"), 200);
	cr_assert_eq(fund_figure(year, "free_pence"), 1000000);
}

Test(fund_pay, a_wrong_confirmation_is_taken_back_once)
{
	const char *id = ready(FUND_HOME, 4050), *payment, *confirmed;

	exported();
	frozen_by_a_colleague();
	payment = payment_of(id);
	assert_status(at_payment(payment, "confirm", today("")), 200);
	confirmed = sql("SELECT confirmed_by FROM fund.payment WHERE id = '%s'", payment);
	assert_status(at_payment(payment, "unconfirm", NOTHING), 200);
	refused(at_payment(payment, "unconfirm", NOTHING), 409, "wrong-state");
	cr_assert_str_eq(sql("SELECT count(*) FROM fund.posting WHERE reverses = '%s'", confirmed), "1");
	cr_assert_str_eq(state_of(id), "approved");
	cr_assert_eq(fund_figure(year, "in_payment_pence"), 4050);
	no_fault();
	assert_status(at_payment(payment, "confirm", today("")), 200);
	cr_assert_str_eq(state_of(id), "paid");
}

Test(fund_pay, money_that_came_back_later_is_free_and_no_more_than_was_paid)
{
	const char *id = ready(FUND_HOME, 4050), *payment;
	struct answer a;

	exported();
	frozen_by_a_colleague();
	payment = payment_of(id);
	refused(at_payment(payment, "recover", "{\"amount_pence\":1,\"reason\":\"unspent\"}"), 409, "wrong-state");
	assert_status(at_payment(payment, "confirm", today("")), 200);
	refused(at_payment(payment, "recover", "{\"amount_pence\":4051,\"reason\":\"unspent\"}"), 409, "wrong-state");
	assert_status(at_payment(payment, "recover", "{\"amount_pence\":50,\"reason\":\"unspent\"}"), 200);
	a = at_payment(payment, "recover", "{\"amount_pence\":4000,\"reason\":\"deposit_returned\"}");
	assert_status(a, 200);
	cr_assert_eq(answer_int(&a, "recovered_pence"), 4050);
	refused(at_payment(payment, "recover", "{\"amount_pence\":1,\"reason\":\"unspent\"}"), 409, "wrong-state");
	cr_assert_eq(fund_figure(year, "free_pence"), 1000000);
	cr_assert_eq(fund_figure(year, "spent_pence"), 0);
	cr_assert_eq(fund_figure(year, "budget_pence"), 1000000);
}

/* Freezing what has lapsed is refused though nothing has booked it. */
Test(fund_pay, what_has_lapsed_is_not_paid_although_no_job_has_run)
{
	const char *id = ready(FUND_HOME, 4050);

	sql("UPDATE fund.commitment SET expires_on = today() WHERE cause_id = '%s'", id);
	cr_assert_str_eq(obstacle(id), "lapsed");
	refused(at_run(run_begun(), "freeze", "{\"payments\":1,\"total_pence\":4050}"), 409, "conflict");
	cr_assert_eq(fund_figure(year, "committed_pence"), 4050);
	sql("SELECT fund.expire()");
	cr_assert_str_eq(state_of(id), "expired");
	cr_assert_eq(fund_figure(year, "free_pence"), 1000000);
}

/* ---- cards and vouchers ---- */

Test(fund_pay, a_card_is_paid_by_being_handed_out_once)
{
	const char *id = asked(FUND_HOME, "prepaid_card", 3000), *two = asked(FUND_OTHER_HOME, "voucher", 3000);
	struct answer a;

	refused(fund_act(ROLE_navigator, id, "issue", "{\"serial\":\"AB-1\"}"), 409, "wrong-state");
	assert_status(fund_act(ROLE_finance_approver, id, "approve", NOTHING), 200);
	assert_status(fund_act(ROLE_finance_approver, two, "approve", NOTHING), 200);
	a = fund_act(ROLE_navigator, id, "issue", "{\"serial\":\"ab 1\"}");
	assert_status(a, 200);
	cr_assert_eq(answer_int(&a, "money.in_payment"), 3000, "%s", a.body);
	refused(fund_act(ROLE_navigator, id, "issue", "{\"serial\":\"AB-2\"}"), 409, "wrong-state");
	refused(fund_act(ROLE_navigator, two, "issue", "{\"serial\":\"AB-1\"}"), 409, "duplicate");
	assert_status(at_payment(payment_of(id), "confirm", today("")), 200);
	cr_assert_str_eq(state_of(id), "paid");
}

/* At night: decided alone, handed out at once; a bank payment waits for the review. */
Test(fund_pay, what_was_decided_alone_is_handed_out_but_not_transferred_before_the_review)
{
	const char *card = asked(FUND_HOME, "prepaid_card", 3000), *bank = asked(FUND_OTHER_HOME, "bank_transfer", 3000);

	assert_status(fund_act(ROLE_navigator, bank, "payee", PAYEE), 200);
	assert_status(fund_act(ROLE_finance_approver, card, "approve-now", "{\"lane\":\"approvers_unreachable\"}"), 200);
	assert_status(fund_act(ROLE_finance_approver, bank, "approve-now", "{\"lane\":\"approvers_unreachable\"}"), 200);
	assert_status(fund_act(ROLE_navigator, card, "issue", "{\"serial\":\"1\"}"), 200);
	check_payee(bank);
	cr_assert_str_eq(obstacle(bank), "not_reviewed");
}
