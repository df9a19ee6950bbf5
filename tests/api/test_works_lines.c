/* A line of works obeys one set of rules, wherever it is entered: in a specification, an order of first measures, or a
 * change. */
#include <criterion/criterion.h>

#include "working.h"

static void begin(void)
{
	works_start();
}

TestSuite(works_lines, .init = begin, .fini = works_stop);

#define SC ROLE_sanctuary_coordinator

/* The first line of each kind of input is this one, of n tenths, with what is confirmed. */
static struct answer specified(const char *measure, const char *opening, int tenths, const char *confirmed)
{
	sql("UPDATE sanctuary.job SET state = 'surveyed', tenure = 'owner'");
	return job_act(SC, "specify", sql("SELECT json_build_object('lines', json_build_array(json_build_object('measure', '%s', 'opening', '%s',"
					  " 'quantity_tenths', %d, 'confirmed', '%s'::text[])))", measure, opening, tenths, confirmed));
}

static struct answer first_ordered(const char *measure, const char *opening, int tenths, const char *confirmed)
{
	sql("UPDATE sanctuary.job SET state = 'surveyed', tenure = 'owner'");
	return job_act(SC, "order-first", sql("SELECT jsonb_set('%s'::jsonb, '{lines,0}', jsonb_build_object('measure', '%s', 'opening', '%s',"
					      " 'quantity', %d / 10, 'confirmed', '%s'::text[]))", works_first_body(), measure, opening,
					      tenths, confirmed));
}

static struct answer changed(const char *measure, const char *opening, int tenths, const char *confirmed)
{
	const char *order = sql("SELECT id FROM sanctuary.works_order WHERE kind = 'main' AND state = 'on_site'");

	sql("UPDATE sanctuary.job SET state = 'scheduled', tenure = 'owner'");
	return works_act(ROLE_contractor, order ? order : works_on_site(), "ask-change", sql(
		"SELECT json_build_object('reason', 'hidden_defect', 'lines', json_build_array(json_build_object('measure', '%s', 'opening', '%s',"
		" 'quantity_tenths', %d, 'confirmed', '%s'::text[])))", measure, opening, tenths, confirmed));
}

static struct answer (*const inputs[])(const char *, const char *, int, const char *) = { specified, first_ordered, changed };
enum { INPUTS = sizeof(inputs) / sizeof(*inputs) };

static void refused_by_all(const char *measure, const char *opening, const char *confirmed, const char *pointer)
{
	sql("UPDATE sanctuary.works_order SET state = 'on_site' WHERE kind = 'main'");
	for (int i = 0; i < INPUTS; i++) {
		struct answer a = inputs[i](measure, opening, 10, confirmed);

		assert_status(a, 422);
		assert_error(a, pointer);
	}
}

Test(works_lines, a_rule_holds_in_every_input)
{
	works_on_site();
	refused_by_all("nosuch", "front_door", "{}", "/lines/0/measure");
	/* a lock at the loft would escape the rules of doors */
	refused_by_all("lock_euro", "loft", "{keyless_inside}", "/lines/0/opening");
	refused_by_all("doorbell_video", "front_door", "{}", "/lines/0/confirmed");
	refused_by_all("lock_euro", "garage", "{}", "/lines/0/confirmed");
	refused_by_all("room_kit", "safe_room", "{}", "/lines/0/measure");
}

Test(works_lines, a_lock_wants_a_tested_alarm_or_brings_one)
{
	works_on_site();
	sql("DELETE FROM sanctuary.survey_section");
	sql("UPDATE sanctuary.firm SET trades = trades || '{fire_service}'::text[]");
	refused_by_all("lock_euro", "side_door", "{keyless_inside}", "/lines/0/measure");
	assert_status(first_ordered("smoke", "whole_home", 10, "{}"), 200);
	assert_status(changed("lock_euro", "side_door", 10, "{keyless_inside}"), 200);
}

Test(works_lines, what_is_counted_is_whole)
{
	const char *order = works_on_site();
	struct answer a;

	a = changed("viewer", "back_door", 5, "{certified_firm}");
	assert_error(a, "/lines/0/quantity_tenths");
	a = works_act(ROLE_contractor, order, "ask-change", "{\"reason\":\"wrong_size\",\"lines\":[{\"n\":1,\"quantity_tenths\":25}]}");
	assert_error(a, "/lines/0/quantity_tenths");
	a = works_act(ROLE_contractor, order, "report-done", sql("SELECT replace('%s', '\"fitted_tenths\":10', '\"fitted_tenths\":5,\"reason\":\"wrong_size\"')",
								works_report()));
	assert_error(a, "/lines/2/fitted_tenths");
	a = specified("viewer", "front_door", 9995, "{certified_firm}");
	assert_error(a, "/lines/0/quantity_tenths");
	/* glass is measured */
	assert_status(specified("window_film", "window_ground_front", 25, "{}"), 200);
}

Test(works_lines, a_quantity_is_said_once)
{
	const char *order = works_on_site();
	struct answer a;

	a = works_act(ROLE_contractor, order, "ask-change", "{\"reason\":\"wrong_size\",\"lines\":[{\"n\":1,\"quantity\":7,\"quantity_tenths\":10}]}");
	assert_error(a, "/lines/0/quantity");
	a = works_act(ROLE_contractor, order, "report-done", sql("SELECT replace('%s', '\"fitted\":2', '\"fitted\":2,\"fitted_tenths\":10')", works_report()));
	assert_error(a, "/lines/0/fitted");
}

Test(works_lines, a_change_is_of_lines_of_the_order_each_once)
{
	const char *order = works_on_site();
	struct answer a;

	a = works_act(ROLE_contractor, order, "ask-change", "{\"reason\":\"wrong_size\",\"lines\":[{\"n\":1,\"quantity\":3},{\"n\":1,\"quantity\":4}]}");
	assert_error(a, "/lines/1/n");
	a = works_act(ROLE_contractor, order, "ask-change", "{\"reason\":\"wrong_size\",\"lines\":[{\"n\":99,\"quantity\":3}]}");
	assert_error(a, "/lines/0/n");
}

Test(works_lines, what_a_change_adds_is_for_the_firm_to_do)
{
	struct answer a;

	works_on_site();
	a = changed("window_film", "window_ground_front", 20, "{}");	/* a glazier's */
	assert_error(a, "/lines/0/measure");
	sql("UPDATE sanctuary.firm SET fire_doors = false");
	a = changed("viewer", "back_door", 10, "{certified_firm}");
	assert_error(a, "/lines/0/measure");
}

/* What the home is insecure without waits for no alarm, and breaks no rule of escape all the same. */
Test(works_lines, a_home_is_made_safe_within_the_rules_of_escape)
{
	const char *order = works_on_site();
	struct answer a;

	sql("DELETE FROM sanctuary.survey_section");
	a = works_act(ROLE_contractor, order, "make-safe",
		      "{\"reason\":\"home_insecure\",\"lines\":[{\"measure\":\"lock_euro\",\"opening\":\"side_door\",\"quantity\":1}]}");
	assert_error(a, "/lines/0/confirmed");
	assert_status(works_act(ROLE_contractor, order, "make-safe", "{\"reason\":\"home_insecure\",\"lines\":[{\"measure\":\"lock_euro\","
				"\"opening\":\"side_door\",\"quantity\":1,\"confirmed\":[\"keyless_inside\"]}]}"), 200);
}

Test(works_lines, a_firm_that_is_none_or_does_not_fit_is_named)
{
	struct answer a;

	sql("UPDATE sanctuary.job SET state = 'surveyed'");
	a = job_act(SC, "order-first", sql("SELECT jsonb_set('%s'::jsonb, '{firm_id}', to_jsonb(gen_random_uuid()))", works_first_body()));
	assert_error(a, "/firm_id");
	sql("UPDATE sanctuary.firm SET trades = '{carpenter}'");
	a = job_act(SC, "order-first", works_first_body());
	assert_error(a, "/firm_id");
	cr_assert_str_eq(sql("SELECT count(*) FROM sanctuary.works_order"), "0");
	a = call(SC, "POST", "/api/v1/sanctuary/firm-prices", "{\"organisation_id\":\"" WORKS_FIRM "\",\"measure\":\"nosuch\",\"unit_pence\":1}");
	assert_error(a, "/measure");
}
