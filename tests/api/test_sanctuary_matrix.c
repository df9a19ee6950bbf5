/* Every state of a sanctuary job, with every act, by every role: allowed where sanctuary.move has a row and the act's
 * roles name the role, refused otherwise. And the table itself: each need and deed is a function, each route has the
 * act's roles, the drawn diagram has every move. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "app/routes.h"
#include "hardening.h"

TestSuite(sanctuary_matrix, .init = service_start, .fini = service_stop, .timeout = 300);

#define OWNER "\"item\":\"landlord\",\"spoke\":\"owner\""

static const struct act {
	const char *name, *path, *body;
} acts[] = {
	{ "answer_condition", "answer-condition", "{\"condition\":\"consent\",\"answer\":\"yes\",\"source\":\"landlord\"}" },
	{ "accept", "accept", "{}" },
	{ "refuse", "refuse", "{\"reason\":\"risk_beyond_hardening\"}" },
	{ "reconsider", "reconsider", "{}" },
	{ "assess_risk", "assess-risk", "{}" },
	{ "no_consent_needed", "no-consent-needed", "{\"tenure\":\"owner\",\"managed_building\":false}" },
	{ "ask_consent", "ask-consent", "{\"tenure\":\"private_rent\",\"managed_building\":false,\"safe_to_ask\":true}" },
	{ "record_consent", "record-consent", "{" OWNER ",\"proof\":\"email\",\"proof_reference\":\"Mail\"}" },
	{ "record_refusal", "record-refusal", "{" OWNER ",\"reason\":\"cost\"}" },
	{ "withdraw_consent", "withdraw-consent", "{" OWNER ",\"reason\":\"cost\"}" },
	{ "visit_plan", "plan-visit", "{\"kind\":\"police\"}" },
	{ "visit_done", "record-visit", "{\"visit_id\":\"5d8f1a5e-0000-4000-8000-000000000002\",\"state\":\"done\"}" },
	{ "survey", "complete-survey", "{}" },
	{ "nothing_needed", "nothing-needed", "{\"reason\":\"safe_already\"}" },
	{ "specify", "specify", HARDENING_LINES },
	{ "send_back", "send-back", "{\"reason\":\"too_dear\"}" },
	{ "approve", "approve", "{}" },
	{ "unapprove", "unapprove", "{\"reason\":\"not_wanted\"}" },
	{ "withdraw", "withdraw", "{\"reason\":\"not_reached\",\"wished_by\":\"scheme\"}" },
	{ "correct", "correct", "{\"reason\":\"wrong_button\"}" },
	{ "confirm_correction", "confirm-correction", "{}" },
	{ "drop_correction", "drop-correction", "{}" },
	{ "reopen", "reopen", "{\"reason\":\"new_incident\"}" },
};
enum { ACTS = sizeof(acts) / sizeof(*acts) };

static const char *const states[] = {
	"referred", "ineligible", "eligible", "risk_assessed", "consent_requested", "consent_refused", "consent_granted",
	"surveyed", "specified", "approved", "ordered", "scheduled", "installed", "signed_off", "reviewed_3m",
	"reviewed_6m", "closed", "withdrawn",
};
enum { STATES = sizeof(states) / sizeof(*states) };

static bool yes(const char *question)
{
	return strcmp(question, "t") == 0;
}

static bool wrong_state(const struct answer *a)
{
	return a->status == 409 && strstr(a->body, "wrong-state");
}

/* The role's part of the table, and the state's. */
static void judge(const char *job, const char *state, const struct act *act, int role)
{
	const char *who = code_at(&role_codes, role);
	bool theirs = yes(sql("SELECT bool_or('%s' = ANY (roles)) FROM sanctuary.act_rule WHERE asked_as = '%s'", who, act->name));
	bool possible = yes(sql("SELECT EXISTS (SELECT FROM sanctuary.move m JOIN sanctuary.act_rule r ON r.act = m.act"
				" WHERE m.state = '%s' AND r.asked_as = '%s')", state, act->name));
	struct answer a;

	sql("UPDATE sanctuary.job SET state = '%s', ended_at = NULL,"
	    " keeper_id = '00000000-0000-4000-8000-000000000011' WHERE id = '%s'", state, job);
	a = hardening_act(role, job, act->path, act->body);
	if (!theirs)
		cr_expect_eq(a.status, 403, "%s, %s, %s: %d", state, act->name, who, a.status);
	else
		cr_expect(wrong_state(&a) == !possible && a.status != 403 && a.status != 404 && a.status < 500,
			  "%s, %s, %s: %d %s", state, act->name, who, a.status, a.body);
}

Test(sanctuary_matrix, every_state_act_and_role)
{
	const char *job;

	fund_pot("Safe at home", 1000000);
	fund_limit("finance_approver", 100000, 10000000, 0, 0);
	job = hardening_to("specified");
	for (int state = 0; state < STATES; state++)
		for (int act = 0; act < ACTS; act++)
			for (int role = 0; role < ROLES; role++)
				judge(job, states[state], &acts[act], role);
}

Test(sanctuary_matrix, every_need_and_deed_is_a_function)
{
	cr_assert_str_eq(sql("SELECT coalesce(string_agg(f, ' '), '') FROM sanctuary.act_rule r,"
			     " unnest(ARRAY(SELECT 'need_' || n FROM unnest(r.needs) n) || ARRAY(SELECT 'do_' || d FROM unnest(r.does) d)) f"
			     " WHERE to_regprocedure(format('sanctuary.%%I(sanctuary.job, jsonb)', f)) IS NULL"), "");
	cr_assert_str_eq(sql("SELECT coalesce(string_agg(act, ' '), '') FROM sanctuary.act_rule r"
			     " WHERE act <> 'refer' AND NOT EXISTS (SELECT FROM sanctuary.move m WHERE m.act = r.act)"), "");
}

static void compare_roles(const struct route *r, const char *act)
{
	for (int role = 0; role < ROLES; role++)
		cr_expect_eq((r->roles & 1u << role) != 0,
			     yes(sql("SELECT bool_or('%s' = ANY (roles)) FROM sanctuary.act_rule WHERE asked_as = '%s'",
				     code_at(&role_codes, role), act)),
			     "%s %s, %s", r->method, r->path, code_at(&role_codes, role));
}

/* Where a route has an act's name, its roles are those of the table: the form's, and the act's. */
Test(sanctuary_matrix, the_routes_have_the_roles_of_the_table)
{
	for (int i = 0; i < ACTS; i++) {
		const char *path = sql("SELECT '/sanctuary/jobs/{id}/%s'", acts[i].path);
		int found = 0;

		for (const struct route *const *table = app_tables; *table; table++)
			for (const struct route *r = *table; r->method; r++)
				if (strcmp(r->path, path) == 0) {
					compare_roles(r, acts[i].name);
					found++;
				}
		cr_expect_eq(found, 2, "%s has a form and an act", path);
	}
}

/* The drawn diagram is made from the table, and says the same. */
Test(sanctuary_matrix, the_diagram_is_drawn_from_the_table)
{
	static char drawn[16384];
	FILE *f = fopen("deploy/docs/sanctuary-states.mmd", "r");

	cr_assert(f);
	drawn[fread(drawn, 1, sizeof(drawn) - 1, f)] = '\0';
	fclose(f);
	cr_assert_str_eq(drawn, sql("SELECT E'stateDiagram-v2\\n' || string_agg(line, '' ORDER BY line COLLATE \"C\") FROM ("
				    "SELECT DISTINCT format(E'    %%s --> %%s: %%s\\n', m.state, m.becomes, r.asked_as) AS line"
				    "  FROM sanctuary.move m JOIN sanctuary.act_rule r ON r.act = m.act"
				    " WHERE m.becomes <> m.state) l"));
}
