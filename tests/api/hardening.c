#include "hardening.h"

#include <string.h>

static const char *of_job(const char *job, const char *path)
{
	return sql("SELECT '/api/v1/sanctuary/jobs/%s%s%s'", job, *path ? "/" : "", path);
}

struct answer hardening_act(int actor, const char *job, const char *path, const char *body)
{
	const char *version = sql("SELECT coalesce((SELECT version FROM sanctuary.job WHERE id = '%s'), 1)", job);

	return call_with(actor, "POST", of_job(job, path),
			 sql("SELECT E'If-Match: \"%s\"\\r\\nIdempotency-Key: ' || gen_random_uuid() ||"
			     " E'\\r\\nContent-Type: application/json\\r\\n'", version), body);
}

void hardening_done(int actor, const char *job, const char *path, const char *body)
{
	struct answer a = hardening_act(actor, job, path, body);

	cr_assert_eq(a.status, 200, "%s: %d %s", path, a.status, a.body);
}

const char *hardening_job(void)
{
	struct answer a = call(ROLE_navigator, "POST", "/api/v1/households/" HARDENED "/home",
			       "{\"lines\":[\"3 Merlin Demonstration Way\"],\"postcode\":\"TS4 2ZZ\"}");

	assert_status(a, 201);
	a = call(ROLE_navigator, "POST", "/api/v1/households/" HARDENED "/sanctuary-jobs",
		 "{\"wants_to_stay\":true,\"address_safe\":true,\"tenure\":\"private_rent\",\"managed_building\":false}");
	assert_status(a, 201);
	return answer_text(&a, "id");
}

void hardening_conditions(const char *job)
{
	static const char *const conditions[] = { "wants_to_stay", "perpetrator_away", "sole_occupation", "consent" };

	for (size_t i = 0; i < sizeof(conditions) / sizeof(*conditions); i++)
		hardening_done(ROLE_housing_officer, job, "answer-condition",
			       sql("SELECT '{\"condition\":\"%s\",\"answer\":\"yes\",\"source\":\"household\"}'", conditions[i]));
}

void hardening_assessed(int days_ago)
{
	sql("INSERT INTO risk_assessment (household_id, risk_level, recorded_at) VALUES ('" HARDENED "', 'medium',"
	    " now() - interval '%d days')", days_ago);
}

static void save(const char *job, const char *section, const char *body)
{
	struct answer a = call(ROLE_sanctuary_coordinator, "POST", of_job(job, sql("SELECT 'survey/%s'", section)), "%s", body);

	cr_assert_eq(a.status, 200, "%s: %d %s", section, a.status, a.body);
}

void hardening_surveyed(const char *job)
{
	save(job, "before", "{\"householder_present\":true,\"safe_to_talk\":true}");
	save(job, "home", "{\"kind\":\"house\"}");
	save(job, "fire", "{\"alarm_each_floor\":false}");
	save(job, "outside", "{\"lit\":true}");
	save(job, "devices", "{\"advice_given\":true}");
	save(job, "people", "{\"can_work_bolts\":true}");
	save(job, "safe-times", "{\"days\":[\"monday\"],\"from\":\"09:30\",\"until\":\"15:00\"}");
	save(job, "interim", "{\"stay_elsewhere\":false}");
	save(job, "outcome", "{\"asbestos_suspected\":false}");
	save(job, "openings", "{\"opening\":\"front_door\",\"fire_door\":\"not_marked\",\"escape\":\"one_of_several\"}");
	save(job, "openings", "{\"opening\":\"letter_plate\",\"fire_door\":\"not_marked\",\"escape\":\"no\"}");
}

static void go_eligible(const char *job)
{
	hardening_conditions(job);
	hardening_done(ROLE_sanctuary_coordinator, job, "accept", "{}");
}

static void go_assessed(const char *job)
{
	hardening_assessed(1);
	hardening_done(ROLE_sanctuary_coordinator, job, "assess-risk", "{}");
}

static void go_asked(const char *job)
{
	hardening_done(ROLE_sanctuary_coordinator, job, "ask-consent",
		       "{\"tenure\":\"private_rent\",\"managed_building\":false,\"safe_to_ask\":true}");
}

static void go_granted(const char *job)
{
	hardening_done(ROLE_sanctuary_coordinator, job, "record-consent",
		       "{\"item\":\"landlord\",\"spoke\":\"agent\",\"proof\":\"email\",\"proof_reference\":\"Mail of Monday\"}");
}

static void go_surveyed(const char *job)
{
	hardening_surveyed(job);
	hardening_done(ROLE_sanctuary_coordinator, job, "complete-survey", "{}");
}

static void go_specified(const char *job)
{
	hardening_done(ROLE_sanctuary_coordinator, job, "specify", HARDENING_LINES);
}

static void go_approved(const char *job)
{
	hardening_done(ROLE_finance_approver, job, "approve", "{}");
}

const char *hardening_to(const char *state)
{
	static const struct {
		const char *state;
		void (*go)(const char *job);
	} way[] = {
		{ "eligible", go_eligible }, { "risk_assessed", go_assessed }, { "consent_requested", go_asked },
		{ "consent_granted", go_granted }, { "surveyed", go_surveyed }, { "specified", go_specified },
		{ "approved", go_approved },
	};
	const char *job = hardening_job();

	for (size_t i = 0; i < sizeof(way) / sizeof(*way); i++) {
		way[i].go(job);
		if (strcmp(way[i].state, state) == 0)
			return job;
	}
	cr_assert(false, "no such state: %s", state);
	return job;
}
