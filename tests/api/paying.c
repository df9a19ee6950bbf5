#include "paying.h"

#include <string.h>

void no_fund_fault(void)
{
	cr_expect_null(sql("SELECT string_agg(what || ' ' || which, '; ') FROM fund.faults()"), "%s",
		       sql("SELECT string_agg(what || ' ' || which, '; ') FROM fund.faults()"));
}

void paying_stop(void)
{
	no_fund_fault();
	service_stop();
}

const char *paying_start(void)
{
	const char *year;

	service_start();
	year = fund_pot("Flee", 1000000);
	fund_limit("finance_approver", 300000, 600000, 0, 50000);
	fund_limit("housing_officer", 300000, 600000, 0, 50000);
	return year;
}

void pay_refused(struct answer a, int status, const char *slug)
{
	const char *type = answer_text(&a, "type");

	cr_assert(a.status == status && type && strcmp(type, sql("SELECT '/problems/%s'", slug)) == 0, "%d, not %s: %s", a.status, slug, a.body);
}

const char *pay_asked(const char *home, const char *means, long pence)
{
	struct answer a = call(ROLE_navigator, "POST", sql("SELECT '/api/v1/households/%s/fund-requests'", home),
			       "{\"category\":\"travel\",\"amount_pence\":%ld,\"means\":\"%s\"}", pence, means);

	assert_status(a, 201);
	return answer_text(&a, "id");
}

const char *payee_of(const char *request)
{
	return sql("SELECT id FROM fund.payee WHERE request_id = '%s' AND ended_at IS NULL", request);
}

struct answer at_payee(int role, const char *payee, const char *act)
{
	return call(role, "POST", sql("SELECT '/api/v1/fund/payees/%s/%s'", payee, act), NOTHING);
}

void payee_checked(const char *request)
{
	const char *payee = payee_of(request);

	assert_status(at_payee(ROLE_finance_officer, payee, "readings"), 200);
	assert_status(at_payee(ROLE_finance_officer, payee, "verify"), 200);
}

/* A request that is approved and whose payee is checked. */
const char *pay_ready(const char *home, long pence)
{
	const char *id = pay_asked(home, "bank_transfer", pence);

	assert_status(fund_act(ROLE_navigator, id, "payee", PAYEE), 200);
	assert_status(fund_act(ROLE_finance_approver, id, "approve", "{\"overrule\":\"another_need\"}"), 200);
	payee_checked(id);
	return id;
}

const char *pay_obstacle(const char *request)
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

const char *run_begun(void)
{
	struct answer a = call(ROLE_finance_officer, "POST", "/api/v1/fund/runs", "{\"pay_on\":\"%s\"}", sql("SELECT today()"));

	assert_status(a, 201);
	return answer_text(&a, "id");
}

struct answer at_run(const char *run, const char *act, const char *body)
{
	return call_with(ROLE_finance_officer, "POST", sql("SELECT '/api/v1/fund/runs/%s/%s'", run, act), headers("run", run), body);
}

struct answer run_frozen(const char *run)
{
	struct answer a = call(ROLE_finance_officer, "GET", sql("SELECT '/api/v1/fund/runs/%s'", run), NULL);

	return at_run(run, "freeze", sql("SELECT '{\"payments\":%ld,\"total_pence\":%ld}'", (long)answer_int(&a, "payable_count"),
					(long)answer_int(&a, "payable_pence")));
}

const char *run_exported(void)
{
	const char *run = run_begun();

	assert_status(run_frozen(run), 200);
	assert_status(at_run(run, "export", NOTHING), 200);
	return run;
}

const char *payment_of(const char *request)
{
	return sql("SELECT id FROM fund.payment WHERE cause_id = '%s' ORDER BY made_at DESC, id LIMIT 1", request);
}

struct answer at_payment(const char *payment, const char *act, const char *body)
{
	return call_with(ROLE_finance_officer, "POST", sql("SELECT '/api/v1/fund/payments/%s/%s'", payment, act),
			 headers("payment", payment), body);
}

/* The seed has one finance officer: who froze the run was another one. */
void frozen_by_a_colleague(void)
{
	sql("UPDATE fund.payment SET made_by = NULL");
}

const char *fund_state_of(const char *request)
{
	return sql("SELECT state FROM fund.request WHERE id = '%s'", request);
}

const char *settled_today(const char *more)
{
	return sql("SELECT '{\"settled_on\":\"' || today() || '\"%s}'", more);
}
