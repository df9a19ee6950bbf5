/* Clocks that never stop, with what was lost and why; defects, the victim's own word, reviews, and the end of a job. */
#include <criterion/criterion.h>

#include "working.h"

static void begin(void)
{
	works_start();
}

TestSuite(works_after, .init = begin, .fini = works_stop, .timeout = 60);

static const char *installed(void)
{
	const char *order = works_on_site();

	assert_status(works_act(ROLE_contractor, order, "report-done", works_report()), 200);
	cr_assert_str_eq(job_state_of(), "installed");
	return order;
}

#define WORD(work) "{\"way\":\"telephone\",\"interpreter\":false,\"all_there\":true,\"all_work\":" work ",\"can_use\":true,\"keys_hers\":true," \
		   "\"alarms_heard\":true,\"devices_hers\":true,\"keys\":4,\"felt_before\":2,\"feels_now\":8}"

static void signed_off(void)
{
	installed();
	assert_status(job_act(ROLE_sanctuary_coordinator, "sign-off", WORD("true")), 200);
}

/* ---- arithmetic, by the calendar ---- */

Test(works_after, seventy_two_hours_are_hours_that_pass)
{
	cr_assert_str_eq(sql("SELECT utc(sanctuary.due_of(r, j, '2026-10-24 10:00 Europe/London')) FROM sanctuary.clock_rule r, sanctuary.job j"
			     " WHERE r.kind = 'installation'"), "2026-10-27T09:00:00Z");
	cr_assert_str_eq(sql("SELECT utc(sanctuary.due_of(r, j, '2026-03-28 10:00 Europe/London')) FROM sanctuary.clock_rule r, sanctuary.job j"
			     " WHERE r.kind = 'installation'"), "2026-03-31T10:00:00Z");
	sql("UPDATE sanctuary.job SET risk_level = NULL");
	cr_assert_str_eq(sql("SELECT utc(sanctuary.due_of(r, j, '2026-03-28 10:00 Europe/London')) FROM sanctuary.clock_rule r, sanctuary.job j"
			     " WHERE r.kind = 'installation'"), "2026-03-29T10:00:00Z", "an unknown risk is a high one");
}

Test(works_after, a_survey_is_due_at_the_end_of_the_second_working_day)
{
	cr_assert_str_eq(sql("SELECT end_of_working_day('2026-12-24 15:00 Europe/London', 2) AT TIME ZONE 'Europe/London'"), "2026-12-31 00:00:00");
	cr_assert_str_eq(sql("SELECT end_of_working_day('2027-03-24 12:00 Europe/London', 2) AT TIME ZONE 'Europe/London'"), "2027-03-31 00:00:00");
}

Test(works_after, an_answer_has_four_working_hours)
{
	cr_assert_str_eq(sql("SELECT add_working_time('2026-11-27 16:00 Europe/London', '4 hours') AT TIME ZONE 'Europe/London'"), "2026-11-30 12:00:00");
	cr_assert_str_eq(sql("SELECT add_working_time('2026-12-24 16:30 Europe/London', '4 hours') AT TIME ZONE 'Europe/London'"), "2026-12-29 12:30:00");
}

Test(works_after, reminders_come_in_hours)
{
	cr_assert_str_eq(sql("SELECT told_in_hours('2026-12-01 10:00 Europe/London') AT TIME ZONE 'Europe/London'"), "2026-12-01 10:00:00");
	cr_assert_str_eq(sql("SELECT told_in_hours('2026-11-30 07:30 Europe/London') AT TIME ZONE 'Europe/London'"), "2026-11-27 18:00:00");
}

/* ---- losses ---- */

#define CLOCK "UPDATE sanctuary.clock SET started_at = '2026-11-27 12:00Z', due_at = '2026-11-30 12:00Z', ended_at = '2026-12-02 12:00Z'," \
	      " ended_as = 'met' WHERE kind = 'installation'"

/* From Friday 17:00 to Monday 09:00: 64 hours of the household's, the target where it was, and all hours somebody's. */
Test(works_after, lost_hours_are_attributed_and_stop_nothing)
{
	sql(CLOCK);
	assert_status(job_act(ROLE_sanctuary_coordinator, "losses", "{\"from_day\":\"2026-11-27\",\"from\":\"17:00\",\"until_day\":\"2026-11-30\","
			      "\"until\":\"09:00\",\"cause\":\"household\"}"), 200);
	cr_assert_str_eq(sql("SELECT seconds FROM sanctuary.clock c, sanctuary.clock_shares(c) s WHERE s.cause = 'household'"), "230400");
	cr_assert_str_eq(sql("SELECT sum(seconds) FROM sanctuary.clock c, sanctuary.clock_shares(c) s"), "432000");
	cr_assert_str_eq(sql("SELECT utc(due_at) FROM sanctuary.clock WHERE kind = 'installation'"), "2026-11-30T12:00:00Z");
}

/* Hours that two causes took are the first one's, in whatever order they are entered. */
Test(works_after, no_two_losses_overlap)
{
	sql(CLOCK);
	sql("SELECT sanctuary.put_loss(c, '[2026-11-28 00:00Z,2026-11-29 00:00Z)', 'weather') FROM sanctuary.clock c WHERE kind = 'installation'");
	sql("SELECT sanctuary.put_loss(c, '[2026-11-28 06:00Z,2026-11-28 12:00Z)', 'household') FROM sanctuary.clock c WHERE kind = 'installation'");
	sql("SELECT sanctuary.put_loss(c, '[2026-11-28 00:00Z,2026-11-29 12:00Z)', 'service') FROM sanctuary.clock c WHERE kind = 'installation'");
	cr_assert_str_eq(sql("SELECT string_agg(cause || ' ' || extract(epoch FROM upper(during) - lower(during))::integer / 3600, ', ' ORDER BY during)"
			     " FROM sanctuary.clock_loss"), "weather 6, household 6, weather 12, service 12");
	pay_refused(job_act(ROLE_sanctuary_coordinator, "losses", "{\"from_day\":\"2026-11-26\",\"from\":\"17:00\",\"until_day\":\"2026-11-27\","
			    "\"until\":\"09:00\",\"cause\":\"owner\"}"), 422, "invalid");
}

/* ---- reminders ---- */

Test(works_after, each_reminder_fires_once)
{
	sql("UPDATE sanctuary.clock SET started_at = now() - interval '40 hours', due_at = now() + interval '32 hours' WHERE kind = 'installation'");
	cr_assert_str_eq(sql("SELECT sanctuary.remind()"), "1");
	cr_assert_str_eq(sql("SELECT sanctuary.remind()"), "0");
	cr_assert_str_eq(sql("SELECT kind FROM task WHERE about = 'sanctuary_job' AND ended_at IS NULL"), "job_due");
	sql("UPDATE sanctuary.clock SET due_at = now() - interval '1 hour' WHERE kind = 'installation'");
	cr_assert_str_eq(sql("SELECT sanctuary.remind()"), "1");
	cr_assert_str_eq(sql("SELECT string_agg(kind, ' ' ORDER BY kind) FROM task WHERE about = 'sanctuary_job' AND ended_at IS NULL"),
			 "job_due job_overdue");
}

/* ---- after the installation ---- */

Test(works_after, the_victim_signs_off_and_the_firm_never)
{
	struct answer a;

	installed();
	pay_refused(job_act(ROLE_contractor, "sign-off", WORD("true")), 403, "forbidden");
	a = job_act(ROLE_sanctuary_coordinator, "sign-off", WORD("false"));
	assert_status(a, 422);
	assert_error(a, "/all_work");
	assert_status(job_act(ROLE_sanctuary_coordinator, "sign-off", WORD("true")), 200);
	cr_assert_str_eq(job_state_of(), "signed_off");
	cr_assert_str_eq(sql("SELECT string_agg(months || ' ' || (due_on = (today() + make_interval(months => months))::date), ', ' ORDER BY months)"
			     " FROM sanctuary.review"), "3 true, 6 true");
	cr_assert_str_eq(sql("SELECT string_agg(kind, ' ' ORDER BY kind) FROM task WHERE about = 'sanctuary_job' AND ended_at IS NULL"),
			 "job_review_3m job_review_6m");
}

Test(works_after, a_defect_that_leaves_the_home_insecure_blocks_the_sign_off)
{
	installed();
	assert_status(job_act(ROLE_sanctuary_coordinator, "snag", sql(
		"SELECT json_build_object('line_id', l.id, 'severity', 'insecure', 'found_by', 'victim', 'found_on', today(), 'ways', '{ring}'::text[],"
		" 'windows', json_build_array(json_build_object('day', today(), 'from', '00:00', 'until', '23:59'))) FROM sanctuary.order_line l WHERE n = 1")),
		200);
	pay_refused(job_act(ROLE_sanctuary_coordinator, "sign-off", WORD("true")), 422, "invalid");
	cr_assert_str_eq(sql("SELECT state || ' ' || fast || ' ' || sanctuary.order_pence(id) FROM sanctuary.works_order WHERE kind = 'snag'"),
			 "offered true 0");
	cr_assert_str_eq(sql("SELECT ended_as FROM sanctuary.clock WHERE kind = 'installation'"), "met");
}

/* Within twelve months a defect is the firm's own cost; what is found later has a price. */
Test(works_after, a_defect_is_the_firms_cost_while_its_warranty_runs)
{
	const char *body;
	struct answer a;

	installed();
	body = sql("SELECT json_build_object('line_id', l.id, 'severity', 'fault', 'found_by', 'victim', 'found_on', today(), 'ways', '{ring}'::text[],"
		   " 'windows', json_build_array(json_build_object('day', today(), 'from', '00:00', 'until', '23:59'))) FROM sanctuary.order_line l WHERE n = 1");
	sql("UPDATE sanctuary.works_order SET done_at = now() - interval '12 months'");
	a = job_act(ROLE_sanctuary_coordinator, "snag", body);
	assert_status(a, 422);
	assert_error(a, "/line_id");
	sql("UPDATE sanctuary.works_order SET done_at = now() - interval '12 months' + interval '1 day'");
	assert_status(job_act(ROLE_sanctuary_coordinator, "snag", body), 200);
	cr_assert_str_eq(sql("SELECT sanctuary.order_pence(id) FROM sanctuary.works_order WHERE kind = 'snag'"), "0");
}

#define REVIEWED "{\"reached\":true,\"home\":\"at_home\",\"contact\":\"none\",\"wish\":\"nothing\"}"

Test(works_after, a_review_has_answers_or_three_tries)
{
	struct answer a;

	signed_off();
	a = job_act(ROLE_sanctuary_coordinator, "review-3m", REVIEWED);
	pay_refused(a, 422, "invalid");
	cr_assert(strstr(a.body, "too_early"), "three months have not passed");
	sql("UPDATE sanctuary.review SET due_on = due_on - 80");
	a = job_act(ROLE_sanctuary_coordinator, "review-3m", "{\"reached\":true}");
	assert_status(a, 422);
	assert_error(a, "/home");
	a = job_act(ROLE_sanctuary_coordinator, "review-3m", "{\"reached\":false,\"tries\":[\"2026-11-28\",\"2026-11-28\",\"2026-11-29\"]}");
	assert_error(a, "/tries");
	a = job_act(ROLE_sanctuary_coordinator, "review-3m", sql("SELECT json_build_object('reached', false, 'tries', ARRAY[today(), today() + 1, today() + 2])"));
	assert_error(a, "/tries");
	assert_status(job_act(ROLE_sanctuary_coordinator, "review-3m", REVIEWED), 200);
	cr_assert_str_eq(job_state_of(), "reviewed_3m");
}

Test(works_after, an_incident_asks_for_the_risk_today)
{
	signed_off();
	assert_status(job_act(ROLE_sanctuary_coordinator, "incidents", sql("SELECT json_build_object('kind', 'attempt', 'on_day', today(), 'held', true)")),
		      200);
	cr_assert_str_eq(sql("SELECT risk_review_on = today() FROM household WHERE id = '" FUND_HOME "'"), "t");
}

Test(works_after, a_job_is_not_closed_while_an_order_is_unpaid)
{
	signed_off();
	pay_refused(job_act(ROLE_sanctuary_coordinator, "close-early", "{\"ending\":\"still_at_home\"}"), 422, "invalid");
	pay_refused(job_act(ROLE_sanctuary_coordinator, "close-early", "{\"ending\":\"moved_planned\"}"), 422, "invalid");
	sql("UPDATE sanctuary.works_order SET state = 'cancelled', pull = 'no_longer_needed'");
	assert_status(job_act(ROLE_sanctuary_coordinator, "close-early", "{\"ending\":\"moved_planned\"}"), 200);
	cr_assert_str_eq(job_state_of(), "closed");
}
