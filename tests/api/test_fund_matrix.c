/* Every state of a request, with every act, by every role: allowed where fund.request_step has a row and the role is of
 * its side, refused otherwise. And what happens when many are approved at the same moment. */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "funding.h"
#include "volley.h"

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

enum { MANY = 200, BUDGET = 8000, LEAVERS = 1000, AT_ONCE = 100 };

/* n requests of two households, with an amount of its own each, as if asked for one by one. */
static void many_asked(int n, const char *year)
{
	sql("WITH asked AS (INSERT INTO fund.request (household_id, organisation_id, keeper_id, category, amount_pence, means, needed_on, asked_by, changed_by)"
	    " SELECT CASE i %% 2 WHEN 0 THEN '" FUND_HOME "'::uuid ELSE '" FUND_OTHER_HOME "' END, a.organisation_id, y.organisation_id, 'school', 100 + i, 'voucher',"
	    " today(), a.id, a.id FROM generate_series(0, %d - 1) i, account a, fund.pot_year y WHERE a.username = 'navigator' AND y.id = '%s' RETURNING id, amount_pence)"
	    " INSERT INTO fund.part SELECT id, 1, '%s', amount_pence FROM asked", n, year, year);
}

static struct shot approval(int i)
{
	struct shot s = shot(ROLE_finance_approver, sql("SELECT '/api/v1/fund/requests/' || id || '/approve' FROM fund.request WHERE amount_pence = 100 + %d", i), NULL, "{}");

	s.version = 1;
	return s;
}

/* Sends those again, with their keys, that were not answered: 503 says that they waited too long for the others, and
 * 409 that the first one still runs. How many there were. */
static int again(struct shot *shots, int n)
{
	static struct shot left[AT_ONCE];
	int which[AT_ONCE], k = 0;

	for (int i = 0; i < n && k < AT_ONCE; i++) {
		const char *type = shots[i].a.status ? answer_text(&shots[i].a, "type") : NULL;

		if (shots[i].a.status == 0 || shots[i].a.status == 503 || (type && strcmp(type, "/problems/in-progress") == 0)) {
			which[k] = i;
			left[k++] = shots[i];
		}
	}
	volley(left, k);
	for (int i = 0; i < k; i++)
		shots[which[i]] = left[i];
	return k;
}

static void whole(const char *year, int64_t budget)
{
	cr_assert_eq(fund_figure(year, "committed_pence") + fund_figure(year, "free_pence"), budget);
	cr_assert_eq(fund_figure(year, "committed_pence"),
		     atol(sql("SELECT coalesce(sum(amount_pence), 0) FROM fund.request WHERE state = 'approved'")));
	cr_assert_str_eq(sql("SELECT count(*) FROM fund.posting WHERE act = 'commit' GROUP BY cause_id HAVING count(*) > 1 UNION ALL SELECT 0 LIMIT 1"), "0");
	cr_assert_str_eq(sql("SELECT count(*) FROM fund.faults()"), "0");
}

Test(fund_matrix, approvals_at_the_same_moment_promise_exactly_what_there_is, .timeout = 240)
{
	static struct shot shots[MANY];
	const char *year = fund_pot("Flee", BUDGET);
	long refused_least;

	fund_limit("finance_approver", 60000, 90000000, 0, 0);
	many_asked(MANY, year);
	for (int i = 0; i < MANY; i++)
		shots[i] = approval(i);
	volley(shots, MANY);
	while (again(shots, MANY))
		;
	refused_least = atol(sql("SELECT min(amount_pence) FROM fund.request WHERE state = 'requested'"));
	cr_assert_eq(answered(shots, MANY, 200), atoi(sql("SELECT count(*) FROM fund.request WHERE state = 'approved'")));
	cr_assert_eq(answered(shots, MANY, 200) + answered(shots, MANY, 409), MANY);
	cr_assert_lt(fund_figure(year, "free_pence"), refused_least, "another one would have fitted");
	whole(year, BUDGET);
}

/* Clients that are cut off within a spend, and ask again with the same key: nothing is lost, and nothing is done twice. */
Test(fund_matrix, clients_that_are_cut_off_lose_nothing_and_spend_nothing_twice, .timeout = 400)
{
	static struct shot shots[LEAVERS];
	const int64_t budget = 10000000;
	const char *year = fund_pot("Flee", budget);

	fund_limit("finance_approver", 60000, 90000000, 0, 0);
	many_asked(LEAVERS, year);
	for (int i = 0; i < LEAVERS; i++) {
		shots[i] = approval(i);
		send_and_leave(&shots[i], i % 2);
	}
	while (again(shots, LEAVERS))
		;
	cr_assert_eq(answered(shots, LEAVERS, 200), LEAVERS);
	cr_assert_eq(atoi(sql("SELECT count(*) FROM fund.request WHERE state = 'approved'")), LEAVERS);
	whole(year, budget);
}

/* ---- keys and locks ---- */

static const char *waiting;

static bool waits_too_long(int i)
{
	if (i == 0) {
		sql("WITH held AS MATERIALIZED (SELECT a.id FROM fund.account a FOR UPDATE) SELECT pg_sleep(3) FROM held LIMIT 1");
		return false;
	}
	usleep(400000);
	return fund_act(ROLE_finance_approver, waiting, "approve", "{}").status == 503;
}

/* The request is new: it is not another one that still runs, and it may be sent again. */
Test(fund_matrix, a_lock_that_takes_too_long_is_no_request_that_runs)
{
	fund_pot("Flee", BUDGET);
	fund_limit("finance_approver", 60000, 900000, 0, 0);
	waiting = fund_asked(FUND_HOME, "school", 100);
	cr_assert_eq(fund_at_once(2, waits_too_long), 1);
	assert_status(fund_act(ROLE_finance_approver, waiting, "approve", "{}"), 200);
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
