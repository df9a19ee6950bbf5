/* Safe and well: after a departure, a non-arrival and a return, the owner of the case is asked to check on them. */
#include <criterion/criterion.h>
#include <string.h>

#include "memory.h"
#include "placing.h"
#include "referring.h"

TestSuite(check_up, .init = service_start, .fini = service_stop);

#define ANY "If-Match: *\\r\\n"
#define OPEN "SELECT string_agg(kind || ' ' || due_on - today(), ', ' ORDER BY due_on, kind) FROM task WHERE placement_id IS NOT NULL AND ended_at IS NULL"

static const char *left(const char *body)
{
	const char *id = arrived(HOUSEHOLD, VACANCY_A1);
	struct answer a = act(ROLE_provider, id, "depart", body);

	cr_assert_eq(a.status, 200, "%s", a.body);
	return id;
}

static const char *task_of(const char *kind)
{
	return sql("SELECT id FROM task WHERE kind = '%s' AND placement_id IS NOT NULL", kind);
}

static struct answer check_as(int actor, const char *task, const char *match, const char *body)
{
	const char *headers = sql("SELECT E'Idempotency-Key: ' || gen_random_uuid() || E'\\r\\nContent-Type: application/json\\r\\n%s'", match);

	return call_with(actor, "POST", path("tasks", task, "/check"), headers, body);
}

static struct answer check(const char *kind, const char *body)
{
	return check_as(ROLE_navigator, task_of(kind), ANY, body);
}

Test(check_up, is_due_seven_and_28_days_after_a_departure)
{
	struct answer a;

	left("{\"reason\":\"planned_move_on\",\"destination\":\"private_tenancy\"}");
	cr_assert_str_eq(sql(OPEN), "safe_and_well_7 7, safe_and_well_28 28");
	a = call(ROLE_navigator, "GET", "/api/v1/tasks?kind=safe_and_well_7", NULL);
	cr_assert_eq(json_array_size(json_object_get(a.json, "items")), 1, "%s", a.body);
	cr_expect_str_eq(answer_text(&a, "items.0.household_id"), HOUSEHOLD);
}

Test(check_up, a_return_to_the_perpetrator_is_a_task_at_once)
{
	left("{\"reason\":\"left_by_choice\",\"destination\":\"returned_to_perpetrator\"}");
	cr_assert_str_eq(sql(OPEN), "returned 0, safe_and_well_7 7, safe_and_well_28 28");
}

Test(check_up, a_transfer_is_no_departure)
{
	left("{\"reason\":\"transfer\",\"destination\":\"other_refuge\"}");
	cr_assert_null(sql(OPEN));
}

Test(check_up, people_who_did_not_arrive_are_checked_on_at_once)
{
	const char *id = accepted(HOUSEHOLD, VACANCY_A1);
	struct answer a = act(ROLE_provider, id, "not-arrived", "{\"reason\":\"returned\"}");

	cr_assert_eq(a.status, 200, "%s", a.body);
	cr_assert_str_eq(sql(OPEN), "returned 0, welfare_check 0");
}

Test(check_up, people_not_reached_are_tried_again_and_found_ends_the_task)
{
	const char *id = left("{\"reason\":\"planned_move_on\",\"destination\":\"private_tenancy\"}");
	struct answer a = check("safe_and_well_7", "{\"result\":\"not_reached\"}");

	cr_assert_eq(a.status, 200, "%s", a.body);
	cr_assert_null(answer_text(&a, "ended_as"), "%s", a.body);
	cr_expect_str_eq(answer_text(&a, "checks.0.result"), "not_reached");
	a = check("safe_and_well_7", "{\"result\":\"safe_and_well\"}");
	cr_assert_str_eq(answer_text(&a, "ended_as"), "done", "%s", a.body);
	cr_expect_str_eq(answer_text(&a, "checks.1.result"), "safe_and_well");
	cr_expect_str_eq(sql("SELECT safe_and_well FROM placement WHERE id = '%s'", id), "t");
	a = check("safe_and_well_7", "{\"result\":\"not_safe\"}");
	cr_assert_eq(a.status, 409, "it has ended: %s", a.body);
	cr_assert_str_eq(sql(OPEN), "safe_and_well_28 28", "the other one waits for its day");
}

Test(check_up, to_help_people_who_are_not_safe_is_a_task_of_today)
{
	struct answer a;

	left("{\"reason\":\"left_by_choice\",\"destination\":\"own_home\"}");
	a = check("safe_and_well_7", "{\"result\":\"not_safe\"}");
	cr_assert_eq(a.status, 200, "%s", a.body);
	cr_assert_str_eq(sql(OPEN), "not_safe 0, safe_and_well_28 28");
	a = check("not_safe", "{\"result\":\"not_safe\"}");
	cr_assert_eq(a.status, 200, "%s", a.body);
	cr_assert_str_eq(sql(OPEN), "not_safe 0, safe_and_well_28 28", "until they are: %s", a.body);
}

Test(check_up, is_refused_with_the_field)
{
	struct answer a;

	left("{\"reason\":\"planned_move_on\",\"destination\":\"private_tenancy\"}");
	a = check("safe_and_well_7", "{}");
	cr_expect(a.status == 422 && answer_has_error(&a, "/result"), "%s", a.body);
	a = check("safe_and_well_7", "{\"result\":\"safe_and_well\",\"on\":\"2199-01-01\"}");
	cr_expect(a.status == 422 && answer_has_error(&a, "/on"), "%s", a.body);
	a = check("safe_and_well_7", sql("SELECT '{\"result\":\"safe_and_well\",\"on\":\"' || today() - 1 || '\"}'"));
	cr_expect(a.status == 422 && answer_has_error(&a, "/on"), "before they left: %s", a.body);
	a = check_as(ROLE_navigator, task_of("safe_and_well_7"), "", "{\"result\":\"safe_and_well\"}");
	cr_expect_eq(a.status, 428, "%s", a.body);
	a = check_as(ROLE_navigator, task_of("safe_and_well_7"), "If-Match: \"77\"\\r\\n", "{\"result\":\"safe_and_well\"}");
	cr_expect_eq(a.status, 412, "%s", a.body);
	a = check_as(ACTOR_other_officer, task_of("safe_and_well_7"), ANY, "{\"result\":\"safe_and_well\"}");
	cr_expect_eq(a.status, 404, "%s", a.body);
	a = check_as(ROLE_provider, task_of("safe_and_well_7"), ANY, "{\"result\":\"safe_and_well\"}");
	cr_expect_eq(a.status, 403, "%s", a.body);
	cr_assert_str_eq(sql("SELECT count(*) FROM check_up"), "0");
}

Test(check_up, is_of_no_other_task)
{
	struct answer a;

	sql("INSERT INTO task (household_id, organisation_id, kind) SELECT id, organisation_id, 'risk_review' FROM household WHERE id = '" HOUSEHOLD "'");
	a = check_as(ROLE_navigator, sql("SELECT id FROM task WHERE kind = 'risk_review'"), ANY, "{\"result\":\"safe_and_well\"}");
	cr_assert_eq(a.status, 409, "%s", a.body);
}

Test(check_up, of_the_provider_is_the_one_that_is_due)
{
	const char *id = left("{\"reason\":\"planned_move_on\",\"destination\":\"private_tenancy\"}");
	struct answer a = act(ROLE_provider, id, "check-up", "{\"safe_and_well\":true}");

	cr_assert_eq(a.status, 200, "%s", a.body);
	cr_assert_str_eq(sql(OPEN), "safe_and_well_7 7, safe_and_well_28 28", "none is due");
	sql("UPDATE task SET due_on = due_on - 30 WHERE placement_id IS NOT NULL");
	a = act(ACTOR_provider_b, id, "check-up", "{\"safe_and_well\":true}");
	cr_assert_eq(a.status, 404, "%s", a.body);
	a = act(ROLE_provider, id, "check-up", "{\"safe_and_well\":true}");
	cr_assert_eq(a.status, 200, "%s", a.body);
	cr_assert_str_eq(sql(OPEN), "safe_and_well_28 -2", "one check is one check");
	cr_assert_str_eq(sql("SELECT string_agg(kind || ' ' || result, ',') FROM check_up"), "safe_and_well_7 safe_and_well");
}
