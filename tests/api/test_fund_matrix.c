/* Every state of a request, with every act, by every role: allowed where fund.request_step has a row and the role is of
 * its side, refused otherwise. And what happens when many are approved at the same moment. */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "funding.h"

TestSuite(fund_matrix, .init = service_start, .fini = service_stop);

static const struct act {
	const char *name, *path, *body, *side;
} acts[] = {
	{ "change", "", "{\"evidence\":\"letter\"}", "asker" },
	{ "cancel", "cancel", "{\"reason\":\"not_needed\"}", "asker" },
	{ "reopen", "reopen", "{\"reason\":\"asked_again\"}", "asker" },
	{ "approve", "approve", "{}", "approver" },
	{ "approve_now", "approve-now", "{\"lane\":\"approvers_unreachable\"}", "approver" },
	{ "reject", "reject", "{\"reason\":\"no_money\"}", "approver" },
	{ "send_back", "send-back", "{\"reason\":\"amount_unclear\"}", "approver" },
};

/* Of support by the week alone. */
static const struct act weekly_acts[] = {
	{ "stop", "stop", "{\"reason\":\"leave_granted\"}", "either" },
	{ "review", "need-goes-on", "{\"review_on\":\"%s\"}", "asker" },
};

static const char *const states[] = {
	"requested", "second_needed", "sent_back", "approved", "paid", "rejected", "cancelled", "expired",
};

static bool of_side(int role, const char *side)
{
	if (strcmp(side, "either") == 0)
		return of_side(role, "asker") || of_side(role, "approver") || role == ROLE_finance_officer;
	return role == ROLE_housing_officer || role == (*side == 'a' && side[1] == 's' ? ROLE_navigator : ROLE_finance_approver);
}

static void put_in(const char *id, const char *state)
{
	sql("DELETE FROM fund.approval WHERE request_id = '%s'", id);
	sql("DELETE FROM fund.commitment WHERE cause_id = '%s'", id);
	sql("UPDATE fund.promise SET stopped_on = NULL, stop_reason = NULL WHERE request_id = '%s'", id);
	sql("UPDATE fund.request SET state = '%s', touched = '{}' WHERE id = '%s'", state, id);
}

static struct answer act_on(int role, const char *id, const struct act *a)
{
	if (*a->path)
		return fund_act(role, id, a->path, a->body);
	return call_with(role, "PATCH", sql("SELECT '/api/v1/fund/requests/%s'", id),
			 "If-Match: *\r\nContent-Type: application/merge-patch+json\r\n", a->body);
}

static void judge(const char *id, const char *state, const struct act *a, int role)
{
	bool possible = atoi(sql("SELECT count(*) FROM fund.request_step WHERE state = '%s' AND act = '%s'", state, a->name)) > 0;
	int expected = !of_side(role, a->side) ? 403 : possible ? 200 : 409;
	struct answer answer;

	put_in(id, state);
	answer = act_on(role, id, a);
	cr_expect_eq(answer.status, expected, "%s, %s, %s: %d instead of %d: %s", state, a->name, code_at(&role_codes, role),
		     answer.status, expected, answer.body);
	if (expected == 200)
		cr_expect_str_eq(sql("SELECT r.state = ANY (s.becomes) FROM fund.request r, fund.request_step s WHERE r.id = '%s'"
				     " AND s.state = '%s' AND s.act = '%s'", id, state, a->name), "t", "%s, %s: as drawn", state, a->name);
	if (expected != 200)
		cr_expect_str_eq(sql("SELECT state FROM fund.request WHERE id = '%s'", id), state);
}

Test(fund_matrix, every_state_act_and_role)
{
	const char *id;

	fund_pot("Flee", 100000000);
	fund_limit("finance_approver", 60000, 90000, 0, 60000);
	fund_limit("housing_officer", 60000, 90000, 0, 60000);
	sql("UPDATE fund.approval_limit SET lane_week_pence = 90000");
	id = fund_asked(FUND_HOME, "school", 5);
	/* asked by a person who never approves, so that no request is anybody's own */
	sql("UPDATE fund.request SET asked_by = a.id, changed_by = a.id, touched = '{}' FROM account a WHERE a.username = 'analyst'");
	cr_assert_str_eq(sql("SELECT count(*) FROM regexp_matches((SELECT pg_get_constraintdef(oid) FROM pg_constraint"
			     " WHERE contypid = 'fund_state'::regtype), '''[a-z_]+''', 'g')"), "8", "states[] has all of them");
	for (size_t state = 0; state < sizeof(states) / sizeof(*states); state++)
		for (size_t i = 0; i < sizeof(acts) / sizeof(*acts); i++)
			for (int role = 0; role < ROLES; role++)
				judge(id, states[state], &acts[i], role);
	cr_assert_str_eq(sql("SELECT string_agg(DISTINCT act || ' ' || side, ', ' ORDER BY act || ' ' || side) FROM fund.request_step"
			     " WHERE act NOT IN ('stop', 'review', 'payee', 'agree_payee', 'issue')"),
			 "approve approver, approve_now approver, cancel asker, change asker, reject approver, reopen asker, send_back approver",
			 "the acts here are those of the table; test_fund_pay.c has what is done before a payment");
}

Test(fund_matrix, every_state_and_role_of_a_promise)
{
	struct answer a;
	const char *id, *day = sql("SELECT today()");
	struct act review = weekly_acts[1];

	fund_pot("Flee", 100000000);
	a = call(ROLE_navigator, "POST", "/api/v1/households/" FUND_HOME "/fund-promises",
		 "{\"category\":\"nrpf_subsistence\",\"start_on\":\"%s\",\"end_on\":\"%s\",\"review_on\":\"%s\",\"means\":\"voucher\"}", day,
		 sql("SELECT today() + 7"), day);
	assert_status(a, 201);
	id = answer_text(&a, "id");
	review.body = sql("SELECT format('%s', today())", review.body);
	for (size_t state = 0; state < sizeof(states) / sizeof(*states); state++)
		for (int role = 0; role < ROLES; role++) {
			judge(id, states[state], &weekly_acts[0], role);
			judge(id, states[state], &review, role);
		}
}

/* ---- many at the same moment ---- */

enum { MANY = 60, BUDGET = 3000 };

static const char *many[MANY];

static bool approve_one(int i)
{
	struct answer a;

	/* 503 says that it waited too long for the others, and may be sent again */
	do
		a = fund_act(ROLE_finance_approver, many[i], "approve", "{}");
	while (a.status == 503);
	return a.status == 200;
}

Test(fund_matrix, approvals_at_the_same_moment_promise_exactly_what_there_is)
{
	const char *year = fund_pot("Flee", BUDGET);
	long refused_least, free;
	int approved;

	fund_limit("finance_approver", 60000, 900000, 0, 0);
	for (int i = 0; i < MANY; i++)
		many[i] = fund_asked(i % 2 ? FUND_HOME : FUND_OTHER_HOME, "school", 100 + i);
	approved = fund_at_once(MANY, approve_one);
	free = fund_figure(year, "free_pence");
	refused_least = atol(sql("SELECT min(amount_pence) FROM fund.request WHERE state = 'requested'"));
	cr_assert_eq(approved, atoi(sql("SELECT count(*) FROM fund.request WHERE state = 'approved'")));
	cr_assert_eq(fund_figure(year, "committed_pence") + free, BUDGET);
	cr_assert_eq(fund_figure(year, "committed_pence"),
		     atol(sql("SELECT sum(amount_pence) FROM fund.request WHERE state = 'approved'")));
	cr_assert_lt(free, refused_least, "another one would have fitted: %ld left, %ld refused", free, refused_least);
	cr_assert_str_eq(sql("SELECT count(*) FROM fund.faults()"), "0");
}

/* ---- keys and locks ---- */

static bool waits_too_long(int i)
{
	if (i == 0) {
		sql("WITH held AS MATERIALIZED (SELECT a.id FROM fund.account a FOR UPDATE) SELECT pg_sleep(3) FROM held LIMIT 1");
		return false;
	}
	usleep(400000);
	return fund_act(ROLE_finance_approver, many[0], "approve", "{}").status == 503;
}

/* The request is new: it is not another one that still runs, and it may be sent again. */
Test(fund_matrix, a_lock_that_takes_too_long_is_no_request_that_runs)
{
	fund_pot("Flee", BUDGET);
	fund_limit("finance_approver", 60000, 900000, 0, 0);
	many[0] = fund_asked(FUND_HOME, "school", 100);
	cr_assert_eq(fund_at_once(2, waits_too_long), 1);
	assert_status(fund_act(ROLE_finance_approver, many[0], "approve", "{}"), 200);
}

static struct answer with_key(const char *id, int version, const char *body)
{
	return call_with(ROLE_finance_approver, "POST", sql("SELECT '/api/v1/fund/requests/%s/reject'", id),
			 sql("SELECT E'If-Match: \"%d\"\\r\\nIdempotency-Key: k-of-a-stale-page\\r\\nContent-Type: application/json\\r\\n'", version), body);
}

Test(fund_matrix, a_key_that_was_used_with_a_stale_version_is_used)
{
	const char *id;
	struct answer a;

	fund_pot("Flee", BUDGET);
	fund_limit("finance_approver", 60000, 900000, 0, 0);
	id = fund_asked(FUND_HOME, "school", 100);
	a = with_key(id, 99, "{\"reason\":\"no_money\"}");
	assert_status(a, 412);
	a = with_key(id, 99, "{\"reason\":\"no_money\"}");
	assert_status(a, 412);
	a = with_key(id, 1, "{\"reason\":\"duplicate\"}");
	assert_problem(a, 422, "idempotency-key-reused");
	cr_assert_str_eq(sql("SELECT state FROM fund.request WHERE id = '%s'", id), "requested");
}
