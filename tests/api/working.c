#include "working.h"

#include <criterion/criterion.h>

static const char *const rig[] = {
	"INSERT INTO sanctuary.firm (organisation_id, trades, areas, contract_from, contract_until, fire_doors) VALUES ('" WORKS_FIRM "',"
	" '{locksmith,carpenter,electrician}', '{E06000002}', today() - 30, today() + 300, true)",
	"INSERT INTO organisation (id, partnership_id, kind, name) SELECT '" WORKS_OTHER_FIRM "', partnership_id, 'contractor', 'Second firm'"
	" FROM organisation WHERE id = '" WORKS_FIRM "'",
	"INSERT INTO account (organisation_id, username, display_name, role, password_hash) VALUES ('" WORKS_OTHER_FIRM "', 'fitter_b', 'Fitter B',"
	" 'contractor', 'none')",
	"INSERT INTO sanctuary.firm (organisation_id, trades, areas, contract_from, contract_until, fire_doors) VALUES ('" WORKS_OTHER_FIRM "',"
	" '{locksmith,carpenter,electrician}', '{E06000002}', today() - 30, today() + 300, true)",
	"INSERT INTO sanctuary.job (id, household_id, organisation_id, state, risk_level, assessed_on, target_hours, surveyed_at, due_at, keeper_id,"
	" referred_by) SELECT '" WORKS_JOB "', '" FUND_HOME "', o.id, 'approved', 'medium', today(), 72, now(), now() + interval '72 hours', o.id, a.id"
	" FROM organisation o, account a WHERE o.id = '00000000-0000-4000-8000-000000000011' AND a.username = 'housing_officer'",
	"INSERT INTO sanctuary.spec (id, job_id, household_id, n, total_pence, made_by) SELECT '" WORKS_SPEC "', '" WORKS_JOB "', '" FUND_HOME "', 1,"
	" 36100, id FROM account WHERE username = 'sanctuary_coordinator'",
	"UPDATE sanctuary.job SET spec_id = '" WORKS_SPEC "'",
	"INSERT INTO case_secret (id, household_id, kind) VALUES ('" WORKS_HOME "', '" FUND_HOME "', 'home')",
	"UPDATE sanctuary.job SET home_id = '" WORKS_HOME "'",
	"INSERT INTO sanctuary.line (id, job_id, household_id, spec_id, n, measure, opening, quantity_tenths, unit_pence, total_pence)"
	" SELECT ('00000000-0000-4000-8000-000000000a1' || v.n)::uuid, '" WORKS_JOB "', '" FUND_HOME "', '" WORKS_SPEC "', v.n, v.measure, v.opening,"
	" v.tenths, v.pence, v.tenths * v.pence / 10 FROM (VALUES (1, 'lock_euro', 'front_door', 20, 8900), (2, 'viewer', 'front_door', 10, 3500),"
	" (3, 'light_sensor', 'outside', 10, 14800)) v (n, measure, opening, tenths, pence)",
	"INSERT INTO sanctuary.survey_section (job_id, household_id, section, answers, saved_by) SELECT '" WORKS_JOB "', '" FUND_HOME "', 'fire',"
	" '{\"alarm_each_floor\": true}', id FROM account WHERE username = 'sanctuary_coordinator'",
	"INSERT INTO sanctuary.step (job_id, household_id, n, act, becomes) VALUES ('" WORKS_JOB "', '" FUND_HOME "', 1, 'survey', 'surveyed')",
};

const char *works_start(void)
{
	const char *year;

	service_start();
	year = fund_pot("Locks", 1000000);
	fund_limit("finance_approver", 100000, 1000000, 80000, 0);
	for (size_t i = 0; i < sizeof(rig) / sizeof(*rig); i++)
		sql("%s", rig[i]);
	sql("SELECT fund.commit_money('works_order', '" WORKS_JOB "', '" FUND_HOME "', ARRAY['%s']::uuid[], ARRAY[36100], NULL)", year);
	return year;
}

void works_stop(void)
{
	cr_assert_str_eq(sql("SELECT coalesce(string_agg(what || ': ' || which, ', '), 'none') FROM fund.faults()"), "none");
	service_stop();
}

static const char *headers(const char *version)
{
	return sql("SELECT E'If-Match: \"%s\"\\r\\nIdempotency-Key: ' || gen_random_uuid() || E'\\r\\nContent-Type: application/json\\r\\n'",
		   version);
}

struct answer job_act(int role, const char *act, const char *body)
{
	return call_with(role, "POST", sql("SELECT '/api/v1/sanctuary/jobs/" WORKS_JOB "/%s'", act),
			 headers(sql("SELECT version FROM sanctuary.job WHERE id = '" WORKS_JOB "'")), body);
}

struct answer works_act(int role, const char *order, const char *act, const char *body)
{
	return call_with(role, "POST", sql("SELECT '/api/v1/works/%s/%s'", order, act),
			 headers(sql("SELECT coalesce((SELECT version FROM sanctuary.works_order WHERE id = '%s'), 1)", order)), body);
}

const char *works_ordered(void)
{
	struct answer a = job_act(ROLE_sanctuary_coordinator, "order", sql(
		"SELECT json_build_object('local_authority', 'E06000002', 'ways', '{ring}'::text[], 'pets', true, 'windows', json_build_array("
		" json_build_object('day', today() + 1, 'from', '08:00', 'until', '18:00')), 'lines', (SELECT json_agg(json_build_object("
		" 'line_id', l.id, 'firm_id', '" WORKS_FIRM "')) FROM sanctuary.line l))"));

	assert_status(a, 200);
	return sql("SELECT id FROM sanctuary.works_order WHERE kind = 'main' ORDER BY made_at DESC LIMIT 1");
}

const char *works_accepted(void)
{
	const char *order = works_ordered();

	assert_status(works_act(ROLE_contractor, order, "accept", "{}"), 200);
	return order;
}

const char *works_booked(void)
{
	const char *order = works_accepted();

	assert_status(works_act(ROLE_contractor, order, "book", sql(
		"SELECT json_build_object('day', today() + 1, 'from', '09:00', 'until', '11:00', 'agreed', 'by_telephone')")), 200);
	return order;
}

const char *works_on_site(void)
{
	const char *order = works_booked();

	assert_status(works_act(ROLE_contractor, order, "arrive", "{}"), 200);
	return order;
}

const char *works_report(void)
{
	return "{\"lines\":[{\"n\":1,\"fitted\":2},{\"n\":2,\"fitted\":1},{\"n\":3,\"fitted_tenths\":10}],\"alarms_tested\":true,"
	       "\"keys_made\":4,\"keys_given\":4,\"home_secure\":true}";
}

const char *works_state_of(const char *order)
{
	return sql("SELECT state FROM sanctuary.works_order WHERE id = '%s'", order);
}

const char *job_state_of(void)
{
	return sql("SELECT state FROM sanctuary.job WHERE id = '" WORKS_JOB "'");
}

const char *works_first_body(void)
{
	return sql("SELECT json_build_object('local_authority', 'E06000002', 'ways', '{knock}'::text[], 'firm_id', '" WORKS_FIRM "', 'windows',"
		   " json_build_array(json_build_object('day', today(), 'from', '00:00', 'until', '23:59')), 'lines', json_build_array("
		   " json_build_object('measure', 'lock_euro', 'opening', 'back_door', 'quantity', 1, 'confirmed', '{keyless_inside}'::text[])))");
}

const char *works_first(void)
{
	const char *order;

	sql("UPDATE sanctuary.job SET state = 'consent_requested', spec_id = NULL");
	sql("SELECT fund.release_all('" WORKS_JOB "')");
	assert_status(job_act(ROLE_sanctuary_coordinator, "order-first", works_first_body()), 200);
	order = sql("SELECT id FROM sanctuary.works_order WHERE kind = 'first'");
	assert_status(works_act(ROLE_finance_approver, order, "approve", "{}"), 200);
	return order;
}
