/* What owners agreed to, and what that decides: the measures that may be specified, the conditions that are met or not for
 * a reason, standing consents with their days, and owners who do not answer. */
#include <string.h>

#include "hardening.h"

TestSuite(sanctuary_leave, .init = service_start, .fini = service_stop);

#define SC ROLE_sanctuary_coordinator
#define LIGHT(more) "{\"lines\":[{\"measure\":\"light_sensor\",\"opening\":\"outside\",\"quantity_tenths\":10}]" more "}"
#define STANDING "00000000-0000-4000-8000-000000000b01"

static void refused(struct answer a, const char *field, const char *code)
{
	cr_assert_eq(a.status, 422, "%d %s", a.status, a.body);
	cr_assert_str_eq(answer_text(&a, "errors.0.pointer"), field, "%s", a.body);
	cr_assert_str_eq(answer_text(&a, "errors.0.code"), code, "%s", a.body);
}

static const char *surveyed(void)
{
	fund_pot("Safe at home", 1000000);
	return hardening_to("surveyed");
}

Test(sanctuary_leave, a_measure_without_its_owners_leave_blocks_its_line)
{
	const char *job = surveyed();
	struct answer a;

	sql("UPDATE sanctuary.consent SET measures = '{viewer}'");
	a = hardening_act(SC, job, "specify", LIGHT());
	refused(a, "/lines/0/measure", "no_consent");
	cr_assert(strstr(a.body, "Security light with sensor"), "it names the measure: %s", a.body);
	hardening_done(SC, job, "specify", HARDENING_LINES);	/* no leave is needed for these */
	sql("UPDATE sanctuary.consent SET measures = '{viewer,light_sensor}'");
	hardening_done(SC, job, "specify", LIGHT());
	sql("UPDATE sanctuary.consent SET measures = '{}', state = 'withdrawn'");
	refused(hardening_act(SC, job, "specify", LIGHT()), "/lines/0/measure", "no_consent");
}

Test(sanctuary_leave, an_owners_conditions_are_met_or_a_reason_says_why_not)
{
	const char *job = surveyed();

	sql("UPDATE sanctuary.consent SET state = 'granted_with_conditions', terms = '{colour,make_good}'");
	refused(hardening_act(SC, job, "specify", LIGHT()), "/terms_met", "term_open");
	refused(hardening_act(SC, job, "specify", LIGHT(",\"terms_met\":[\"colour\"]")), "/terms_met", "term_open");
	hardening_done(SC, job, "specify", LIGHT(",\"terms_met\":[\"colour\",\"make_good\"]"));
	hardening_done(SC, job, "specify", LIGHT(",\"terms_met\":[\"colour\"],\"terms_reason\":\"owner_agreed_otherwise\""));
	cr_assert_str_eq(sql("SELECT string_agg(array_to_string(terms_met, ' ') || coalesce(': ' || terms_reason, ''), ', ' ORDER BY n)"
			     " FROM sanctuary.spec"), "colour make_good, colour: owner_agreed_otherwise");
	hardening_done(SC, job, "specify", HARDENING_LINES);	/* what needs no leave has no conditions */
}

static struct answer granted(const char *job, const char *standing)
{
	return hardening_act(SC, job, "record-consent", sql(
		"SELECT '{\"item\":\"landlord\",\"spoke\":\"housing_association\",\"proof\":\"standing_consent\",\"proof_reference\":\"Agreement 7\"%s}'",
		standing));
}

Test(sanctuary_leave, a_standing_consent_is_known_and_holds_for_its_measures_and_days)
{
	const char *job;

	fund_pot("Safe at home", 1000000);
	job = hardening_to("consent_requested");
	sql("INSERT INTO sanctuary.standing_consent SELECT '" STANDING "', organisation_id, 'A housing association', 'landlord', '{light_sensor}',"
	    " 'Agreement 7', today() - 400, today() FROM sanctuary.job");
	refused(granted(job, ""), "/standing_id", "no_standing");
	refused(granted(job, ",\"standing_id\":\"" STANDING "\""), "/standing_id", "no_standing");	/* it ended today */
	sql("UPDATE sanctuary.standing_consent SET until_day = today() + 1, item = 'freeholder'");
	refused(granted(job, ",\"standing_id\":\"" STANDING "\""), "/standing_id", "no_standing");
	sql("UPDATE sanctuary.standing_consent SET item = 'landlord'");
	cr_assert_eq(granted(job, ",\"standing_id\":\"" STANDING "\"").status, 200);
	hardening_surveyed(job);
	hardening_done(SC, job, "complete-survey", "{}");
	hardening_done(SC, job, "specify", LIGHT());
	refused(hardening_act(SC, job, "specify", "{\"lines\":[{\"measure\":\"fence\",\"opening\":\"outside\",\"quantity_tenths\":10}]}"),
		"/lines/0/measure", "no_consent");
	sql("UPDATE sanctuary.standing_consent SET until_day = today()");
	refused(hardening_act(SC, job, "specify", LIGHT()), "/lines/0/measure", "no_consent");
}

static const char *tasks(void)
{
	return sql("SELECT coalesce(string_agg(kind, ' ' ORDER BY kind), '') FROM task WHERE kind LIKE 'job_consent%%' AND ended_at IS NULL");
}

/* Days before today that are n working days ago. */
static void asked_ago(int n)
{
	sql("UPDATE sanctuary.consent SET asked_on = (SELECT max(d)::date FROM generate_series(today() - 30, today(), '1 day') d"
	    " WHERE add_working_days(d::date, %d) <= today())", n);
	sql("SELECT keep_works()");
}

Test(sanctuary_leave, an_owner_who_does_not_answer_is_a_task_after_two_days_and_another_after_five)
{
	const char *job = hardening_to("consent_requested");

	asked_ago(1);
	cr_assert_str_eq(tasks(), "");
	asked_ago(2);
	cr_assert_str_eq(tasks(), "job_consent");
	asked_ago(5);
	cr_assert_str_eq(tasks(), "job_consent job_consent_late");
	asked_ago(5);
	cr_assert_str_eq(sql("SELECT count(*) FROM task WHERE kind LIKE 'job_consent%%'"), "2", "each once");
	hardening_done(SC, job, "record-refusal", "{\"item\":\"landlord\",\"spoke\":\"owner\",\"reason\":\"no_answer\"}");
	cr_assert_str_eq(tasks(), "");
	sql("SELECT keep_works()");
	cr_assert_str_eq(tasks(), "");
}
