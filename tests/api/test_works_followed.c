/* What follows from what was done: days in their order, keys and endings that agree with what was recorded, and a task or a
 * clock wherever somebody waits. */
#include <criterion/criterion.h>

#include "working.h"

static void begin(void)
{
	works_start();
}

TestSuite(works_followed, .init = begin, .fini = works_stop, .timeout = 60);

#define SC ROLE_sanctuary_coordinator
#define JOB_AT(path) "/api/v1/sanctuary/jobs/" WORKS_JOB "/" path

static const char *installed(void)
{
	const char *order = works_on_site();

	assert_status(works_act(ROLE_contractor, order, "report-done", works_report()), 200);
	return order;
}

static struct answer sign_off(int keys)
{
	return job_act(SC, "sign-off", sql("SELECT '{\"way\":\"telephone\",\"interpreter\":false,\"all_there\":true,\"all_work\":true,\"can_use\":true,"
					   "\"keys_hers\":true,\"alarms_heard\":true,\"devices_hers\":true,\"keys\":%d}'", keys));
}

static struct answer incident(const char *kind, const char *held, const char *day)
{
	return job_act(SC, "incidents", sql("SELECT json_build_object('kind', '%s', 'held', %s, 'on_day', %s)", kind, held, day));
}

static struct answer snag(const char *severity, const char *found_on)
{
	return job_act(SC, "snag", sql(
		"SELECT json_build_object('line_id', l.id, 'severity', '%s', 'found_by', 'victim', 'found_on', %s, 'ways', '{ring}'::text[],"
		" 'windows', json_build_array(json_build_object('day', today(), 'from', '00:00', 'until', '23:59'))) FROM sanctuary.order_line l"
		" JOIN sanctuary.works_order o ON o.id = l.order_id WHERE o.kind = 'main' AND l.n = 1", severity, found_on));
}

static const char *tasks(void)
{
	return sql("SELECT coalesce(string_agg(kind, ' ' ORDER BY kind), 'none') FROM task WHERE ended_at IS NULL"
		   " AND kind IN ('works_defect', 'works_operative', 'job_marker', 'job_equipment', 'job_unsafe')");
}

/* ---- days ---- */

Test(works_followed, what_is_found_afterwards_is_not_before_the_works)
{
	struct answer a;

	installed();
	a = snag("fault", "today() - 1");
	assert_error(a, "/found_on");
	a = incident("attempt", "true", "today() - 1");
	assert_error(a, "/on_day");
	a = job_act(SC, "incidents", "{\"kind\":\"attempt\",\"on_day\":\"2026-01-01\",\"measure\":\"nosuch\"}");
	assert_error(a, "/measure");
	assert_status(incident("attempt", "true", "today()"), 200);
}

Test(works_followed, a_visit_was_asked_for_first_and_came_to_something)
{
	const char *visit;
	struct answer a;

	a = job_act(SC, "plan-visit", sql("SELECT json_build_object('kind', 'fire_service', 'asked_on', today(), 'planned_on', today() - 1)"));
	assert_error(a, "/planned_on");
	assert_status(job_act(SC, "plan-visit", "{\"kind\":\"fire_service\"}"), 200);
	visit = sql("SELECT id FROM sanctuary.visit");
	a = job_act(SC, "record-visit", sql("SELECT json_build_object('visit_id', '%s', 'state', 'done', 'on_day', today() - 1)", visit));
	assert_error(a, "/on_day");
	a = job_act(SC, "record-visit", sql("SELECT json_build_object('visit_id', '%s', 'state', 'done')", visit));
	assert_error(a, "/results");
	a = job_act(SC, "record-visit", sql("SELECT json_build_object('visit_id', '%s', 'state', 'done', 'results', '{advice_given}'::text[])", visit));
	assert_error(a, "/alarms");
	assert_status(job_act(SC, "record-visit", sql("SELECT json_build_object('visit_id', '%s', 'state', 'done', 'results', '{advice_given}'::text[],"
						      " 'alarms', 0)", visit)), 200);
}

Test(works_followed, an_owner_answers_after_they_were_asked)
{
	struct answer a;

	sql("UPDATE sanctuary.job SET state = 'consent_requested', tenure = 'private_rent', spec_id = NULL");
	sql("INSERT INTO sanctuary.consent (job_id, household_id, item, asked_by) SELECT id, household_id, 'landlord', referred_by FROM sanctuary.job");
	a = job_act(SC, "record-consent", sql("SELECT json_build_object('item', 'landlord', 'spoke', 'owner', 'proof', 'letter', 'proof_reference', 'L 1',"
					      " 'on_day', today() - 1)"));
	assert_error(a, "/on_day");
	sql("SELECT fund.release_all('" WORKS_JOB "')");
}

/* A code that is none would leave no measure named, and a consent that names none is for all. */
Test(works_followed, an_owner_is_asked_for_measures_that_need_leave)
{
	struct answer a;

	sql("UPDATE sanctuary.job SET state = 'risk_assessed'");
	a = job_act(SC, "ask-consent", "{\"tenure\":\"private_rent\",\"managed_building\":false,\"safe_to_ask\":true,\"measures\":[\"viewer\",\"nosuch\"]}");
	assert_error(a, "/measures/1");
	a = job_act(SC, "ask-consent", "{\"tenure\":\"private_rent\",\"managed_building\":false,\"safe_to_ask\":true,\"measures\":[\"lock_euro\"]}");
	assert_error(a, "/measures/0");
	assert_status(job_act(SC, "ask-consent", "{\"tenure\":\"private_rent\",\"managed_building\":false,\"safe_to_ask\":true,\"measures\":[\"viewer\"]}"), 200);
}

/* ---- keys and endings ---- */

Test(works_followed, no_key_that_was_made_is_missing_at_the_sign_off)
{
	struct answer a;

	installed();
	a = sign_off(3);
	assert_error(a, "/keys");
	assert_status(sign_off(4), 200);
}

/* The job as a review of six months left it. */
static void reviewed(const char *columns, const char *values)
{
	installed();
	assert_status(sign_off(4), 200);
	sql("UPDATE sanctuary.review SET (held_on, %s) = (today(), %s) WHERE months = 6", columns, values);
	sql("UPDATE sanctuary.job SET state = 'reviewed_6m'");
	sql("UPDATE sanctuary.works_order SET state = 'cancelled'");
	sql("DELETE FROM sanctuary.equipment");
}

static bool ends_as(const char *ending)
{
	struct answer a = job_act(SC, "close", sql("SELECT '{\"ending\":\"%s\"}'", ending));

	if (a.status == 200)
		return true;
	assert_status(a, 422);
	assert_error(a, "/ending");
	return false;
}

Test(works_followed, a_household_that_moved_is_not_still_at_home)
{
	reviewed("reached, home, contact", "true, 'moved', 'none'");
	cr_assert_not(ends_as("still_at_home"));
	cr_assert_not(ends_as("not_reached"));
	cr_assert_not(ends_as("repeat_incident_held"));
	cr_assert(ends_as("moved_planned"));
}

Test(works_followed, an_incident_is_in_the_ending)
{
	reviewed("reached, home, contact", "true, 'at_home', 'none'");
	assert_status(incident("attempt", "true", "today()"), 200);
	cr_assert_not(ends_as("still_at_home"));
	cr_assert_not(ends_as("repeat_incident_entered"));
	assert_status(incident("entry", "false", "today()"), 200);
	cr_assert_not(ends_as("repeat_incident_held"));
	cr_assert(ends_as("repeat_incident_entered"));
	/* the owner of the case is told at once */
	cr_assert_str_eq(tasks(), "job_unsafe");
}

Test(works_followed, nobody_is_still_at_home_whom_nobody_reached)
{
	reviewed("reached, home", "false, NULL");
	cr_assert_not(ends_as("still_at_home"));
	cr_assert(ends_as("not_reached"));
}

/* ---- tasks ---- */

static void marker(const char *body)
{
	assert_status(job_act(SC, "marker", body), 200);
}

Test(works_followed, a_task_of_a_marker_ends_with_what_is_done_about_it)
{
	marker(sql("SELECT json_build_object('state', 'set', 'reference', 'P 1', 'review_on', today() + 7)"));
	sql("SELECT keep_works()");
	cr_assert_str_eq(tasks(), "job_marker");
	marker(sql("SELECT json_build_object('state', 'set', 'reference', 'P 1', 'review_on', today() + 180)"));
	cr_assert_str_eq(tasks(), "none");
	assert_status(job_act(SC, "withdraw", "{\"reason\":\"moved_to_safe_place\",\"wished_by\":\"household\"}"), 200);
	cr_assert_str_eq(tasks(), "job_marker", "the marker is still on the home");
	marker("{\"state\":\"removed\",\"removal\":\"moved_away\"}");
	cr_assert_str_eq(tasks(), "none");
}

Test(works_followed, equipment_is_recovered_after_the_end)
{
	struct answer a;

	sql("INSERT INTO sanctuary.equipment (job_id, household_id, measure, plan, due_on) SELECT id, household_id, 'phone', 'recover', today() + 14"
	    " FROM sanctuary.job");
	sql("SELECT sanctuary.put_works_task(organisation_id, 'job_equipment', 'sanctuary_job', id, 'sanctuary_coordinator', today() + 14)"
	    " FROM sanctuary.job");
	sql("UPDATE sanctuary.job SET state = 'closed', ended_at = now()");
	a = call(SC, "POST", JOB_AT("equipment"), "{\"equipment_id\":\"00000000-0000-4000-8000-000000000001\",\"plan\":\"recovered\"}");
	assert_error(a, "/equipment_id");
	assert_status(call(SC, "POST", JOB_AT("equipment"), "{\"equipment_id\":\"%s\",\"plan\":\"recovered\"}",
			   sql("SELECT id FROM sanctuary.equipment")), 200);
	cr_assert_str_eq(sql("SELECT plan FROM sanctuary.equipment"), "recovered");
	cr_assert_str_eq(tasks(), "none");
	sql("SELECT fund.release_all('" WORKS_JOB "')");
}

Test(works_followed, a_defect_past_its_time_is_a_task_and_late)
{
	struct answer a;

	installed();
	assert_status(snag("insecure", "today()"), 200);
	sql("UPDATE sanctuary.defect SET due_at = now() - interval '2 hours'");
	sql("SELECT keep_works()");
	cr_assert_str_eq(tasks(), "works_defect");
	a = call(SC, "GET", "/api/v1/sanctuary/late", NULL);
	assert_status(a, 200);
	cr_assert_str_eq(sql("SELECT '%s'::jsonb #>> '{late,0,what}'", a.body), "defect");
	assert_status(works_act(SC, sql("SELECT snag_id FROM sanctuary.defect"), "pull", "{\"reason\":\"entered_wrongly\"}"), 200);
	cr_assert_str_eq(tasks(), "none");
}

Test(works_followed, an_operative_who_may_not_come_is_a_task)
{
	const char *order = works_accepted();

	sql("INSERT INTO case_access (household_id, account_id, access, reason) SELECT '" FUND_HOME "', o.operative_id, 'deny', 'test'"
	    " FROM sanctuary.works_order o");
	sql("SELECT keep_works()");
	cr_assert_str_eq(tasks(), "works_operative");
	assert_status(works_act(SC, order, "pull", "{\"reason\":\"link_to_party\"}"), 200);
	cr_assert_str_eq(tasks(), "none");
}

/* ---- first measures ---- */

Test(works_followed, first_measures_have_a_clock_of_24_hours_whatever_becomes_of_the_consent)
{
	const char *order = works_first();

	cr_assert_str_eq(sql("SELECT due_at = started_at + interval '24 hours' FROM sanctuary.clock WHERE kind = 'first'"), "t");
	sql("INSERT INTO sanctuary.consent (job_id, household_id, item, asked_by) SELECT id, household_id, 'landlord', referred_by FROM sanctuary.job");
	assert_status(job_act(SC, "record-refusal", "{\"item\":\"landlord\",\"spoke\":\"owner\",\"reason\":\"cost\"}"), 200);
	cr_assert_null(sql("SELECT ended_at FROM sanctuary.clock WHERE kind = 'first'"));
	assert_status(works_act(ROLE_contractor, order, "accept", "{}"), 200);
	assert_status(works_act(SC, order, "pull", "{\"reason\":\"firm_is_late\"}"), 200);
	cr_assert_str_eq(sql("SELECT ended_as FROM sanctuary.clock WHERE kind = 'first'"), "ended");
}

/* ---- figures ---- */

Test(works_followed, a_defect_is_counted_to_the_firm_that_did_the_works)
{
	struct answer a;

	installed();
	assert_status(snag("fault", "today()"), 200);
	sql("UPDATE sanctuary.works_order SET firm_id = '" WORKS_OTHER_FIRM "' WHERE kind = 'snag'");
	sql("UPDATE sanctuary.works_offer SET firm_id = '" WORKS_OTHER_FIRM "' WHERE order_id IN (SELECT snag_id FROM sanctuary.defect)");
	a = call(SC, "GET", "/api/v1/sanctuary/late", NULL);
	assert_status(a, 200);
	cr_assert_str_eq(sql("SELECT string_agg(m ->> 'firm' || ' ' || (m ->> 'snags'), ', ' ORDER BY m ->> 'firm') FROM"
			     " jsonb_array_elements('%s'::jsonb -> 'months') m", a.body), "Contractor 1, Second firm 0");
}
