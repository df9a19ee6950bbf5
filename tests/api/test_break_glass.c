/* Emergency access ("breaking the glass"), and alerts and their review. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

#include "referring.h"

TestSuite(break_glass, .init = service_start, .fini = service_stop);

#define GLASS "/api/v1/break-glass"
#define REASON "The police rang: they need the case tonight"

static struct answer smash(int actor, const char *reference)
{
	return call(actor, "POST", GLASS, "{\"household_reference\":\"%s\",\"reason\":\"" REASON "\"}", reference);
}

static void restrict_case(const char *household)
{
	sql("UPDATE household SET restricted = true WHERE id = '%s'", household);
}

/* The body without the request's id. */
static const char *said(struct answer *a)
{
	json_object_del(a->json, "request_id");
	return json_told(a->json);
}

Test(break_glass, opens_a_restricted_case_for_an_hour_and_tells_at_once)
{
	struct answer a, again, list;

	restrict_case(HOUSEHOLD);
	a = smash(ROLE_navigator, "h-test22");
	cr_assert_eq(a.status, 201, "%s", a.body);
	cr_assert_str_eq(answer_text(&a, "household_id"), HOUSEHOLD);
	cr_assert_str_eq(sql("SELECT case_hidden('" HOUSEHOLD "', id) FROM account WHERE username = 'navigator'"), "f");
	cr_assert_str_eq(sql("SELECT case_hidden('" HOUSEHOLD "', id) FROM account WHERE username = 'housing_officer'"), "t");
	cr_assert_str_eq(sql("SELECT kind || ' ' || reason || (review_due_on > today()) FROM alert"), "break_glass " REASON "true");
	cr_assert_str_eq(sql("SELECT count(*) FROM audit.event WHERE action = 'break_glass' AND household_id = '" HOUSEHOLD "'"), "1");
	again = smash(ROLE_navigator, "H-TEST22");
	cr_assert_eq(again.status, 409, "%s", again.body);
	cr_assert_str_eq(answer_text(&again, "type"), "/problems/case-visible");
	list = call(ROLE_administrator, "GET", GLASS, NULL);
	cr_assert_str_eq(answer_text(&list, "items.0.household_reference"), "H-TEST22", "%s", list.body);
	cr_assert(json_is_null(json_object_get(json_array_get(json_object_get(list.json, "items"), 0), "household_id")),
		  "the id is for the person who opened it: %s", list.body);
	sql("UPDATE break_glass SET opened_at = opened_at - interval '61 minutes', expires_at = expires_at - interval '61 minutes'");
	cr_assert_str_eq(sql("SELECT case_hidden('" HOUSEHOLD "', id) FROM account WHERE username = 'navigator'"), "t", "over");
}

Test(break_glass, takes_a_reference_however_it_is_written)
{
	static const char *const written[] = { "HTEST22", "h test 22", " H - TEST 22 ", "H\u2011TEST22" };

	restrict_case(HOUSEHOLD);
	for (size_t i = 0; i < sizeof(written) / sizeof(*written); i++) {
		struct answer a = smash(ROLE_navigator, written[i]);

		cr_expect_eq(a.status, i == 0 ? 201 : 409, "%s: %s", written[i], a.body);
	}
}

Test(break_glass, tells_nothing_of_cases_that_it_does_not_open)
{
	struct answer none = smash(ROLE_navigator, "H-TEST99"), elsewhere, denied, linked;

	cr_assert_eq(none.status, 404, "%s", none.body);
	sql("UPDATE household SET restricted = true");
	elsewhere = smash(ROLE_navigator, "H-TEST44");
	cr_assert_str_eq(said(&elsewhere), said(&none), "another partnership's");
	sql("INSERT INTO case_access (household_id, account_id, access, reason) SELECT '" HOUSEHOLD "', id, 'deny', 'r'"
	    " FROM account WHERE username = 'navigator'");
	denied = smash(ROLE_navigator, "H-TEST22");
	cr_assert_str_eq(said(&denied), said(&none), "denied");
	sql("INSERT INTO person_index (household_id, purpose, hash) VALUES ('" HOUSEHOLD_2 "', 'link', decode(repeat('ab', 32), 'hex'))");
	sql("INSERT INTO account_link (account_id, hash, relationship) SELECT id, decode(repeat('ab', 32), 'hex'), 'family'"
	    " FROM account WHERE username = 'navigator'");
	linked = smash(ROLE_navigator, "H-TEST33");
	cr_assert_str_eq(said(&linked), said(&none), "a declared link");
	cr_assert_str_eq(sql("SELECT count(*) + (SELECT count(*) FROM alert) FROM break_glass"), "0");
	cr_assert_eq(smash(ROLE_provider, "H-TEST22").status, 403);
	cr_assert_eq(smash(ROLE_housing_officer, "H-TEST22").status, 201, "a colleague may");
}

Test(break_glass, case_that_is_open_to_all_needs_none)
{
	struct answer a = smash(ROLE_navigator, "H-TEST22");
	struct answer hasty = call(ROLE_navigator, "POST", GLASS, "{\"household_reference\":\"H-TEST22\",\"reason\":\"urgent\"}");

	cr_assert_eq(a.status, 409, "%s", a.body);
	cr_assert(answer_has_error(&hasty, "/reason"), "%s", hasty.body);
}

/* ---- alerts ---- */

static char alert[64];

/* One alert about the navigator, and one about the administrator. */
static void raise_two(void)
{
	snprintf(alert, sizeof(alert), "%s", sql("SELECT raise_alert('break_glass', id, '" HOUSEHOLD "', '" REASON "') FROM account WHERE username = 'navigator'"));
	sql("SELECT raise_alert('person_search', id, NULL, NULL) FROM account WHERE username = 'administrator'");
}

static struct answer review(int actor, const char *id, int version, const char *body)
{
	char headers[160];

	snprintf(headers, sizeof(headers), "Idempotency-Key: k%d%.8s\r\nIf-Match: \"%d\"\r\nContent-Type: application/json\r\n", version, id, version);
	return call_with(actor, "POST", path("alerts", id, "/review"), headers, body);
}

Test(break_glass, alerts_are_for_the_administrators_of_the_partnership)
{
	struct answer list, one, open, overdue;

	raise_two();
	cr_assert_eq(call(ROLE_navigator, "GET", "/api/v1/alerts", NULL).status, 403);
	list = call(ROLE_administrator, "GET", "/api/v1/alerts?kind=break_glass", NULL);
	cr_assert_eq(json_array_size(json_object_get(list.json, "items")), 1, "%s", list.body);
	cr_assert_str_eq(answer_text(&list, "items.0.household_reference"), "H-TEST22");
	cr_assert_null(strstr(list.body, HOUSEHOLD), "%s", list.body);
	cr_assert_null(strstr(list.body, "police"), "a list holds no reasons: %s", list.body);
	one = call(ROLE_administrator, "GET", path("alerts", alert, ""), NULL);
	cr_assert_str_eq(answer_text(&one, "reason"), REASON, "%s", one.body);
	overdue = call(ROLE_administrator, "GET", "/api/v1/alerts?state=overdue", NULL);
	cr_assert_eq(json_array_size(json_object_get(overdue.json, "items")), 0, "%s", overdue.body);
	sql("UPDATE alert SET review_due_on = today() - 1 WHERE id = '%s'", alert);
	overdue = call(ROLE_administrator, "GET", "/api/v1/alerts?state=overdue", NULL);
	cr_assert_eq(json_array_size(json_object_get(overdue.json, "items")), 1, "%s", overdue.body);
	open = call(ROLE_administrator, "GET", "/api/v1/alerts?state=open", NULL);
	cr_assert_eq(json_array_size(json_object_get(open.json, "items")), 2, "%s", open.body);
	sql("UPDATE alert SET organisation_id = '" OTHER_COUNCIL "'");
	one = call(ROLE_administrator, "GET", path("alerts", alert, ""), NULL);
	cr_assert_eq(one.status, 404, "another partnership's: %s", one.body);
}

Test(break_glass, review_is_once_and_never_of_ones_own)
{
	const char *own;
	struct answer stale, good, again;

	raise_two();
	own = sql("SELECT id FROM alert WHERE kind = 'person_search'");
	cr_assert_eq(review(ROLE_administrator, own, 1, "{\"finding\":\"justified\"}").status, 409);
	cr_assert_eq(review(ROLE_administrator, NOBODY, 1, "{\"finding\":\"justified\"}").status, 404);
	stale = review(ROLE_administrator, alert, 7, "{\"finding\":\"justified\"}");
	cr_assert_eq(stale.status, 412, "%s", stale.body);
	good = review(ROLE_administrator, alert, 1, "{\"finding\":\"needs_action\",\"note\":\"Talked to them\"}");
	cr_assert_eq(good.status, 200, "%s", good.body);
	cr_assert_str_eq(answer_text(&good, "finding"), "needs_action", "%s", good.body);
	again = review(ROLE_administrator, alert, 2, "{\"finding\":\"justified\"}");
	cr_assert_eq(again.status, 409, "%s", again.body);
	cr_assert_str_eq(sql("SELECT finding FROM alert WHERE id = '%s'", alert), "needs_action");
}

/* The case's reference would tell that there is a case. The alert still tells the act. */
Test(break_glass, an_alert_about_a_case_denied_to_the_administrator_names_no_case)
{
	struct answer list;

	raise_two();
	sql("INSERT INTO case_access (household_id, account_id, access, reason) SELECT '" HOUSEHOLD "', id, 'deny', 'r'"
	    " FROM account WHERE username = 'administrator'");
	list = call(ROLE_administrator, "GET", "/api/v1/alerts?kind=break_glass", NULL);
	cr_assert_eq(json_array_size(json_object_get(list.json, "items")), 1, "%s", list.body);
	cr_assert_null(answer_text(&list, "items.0.household_reference"), "%s", list.body);
	cr_assert_eq(review(ROLE_administrator, alert, 1, "{\"finding\":\"justified\"}").status, 200);
}
