/* Risk as a range, who asked whom, a MARAC proposed, the band with the line that decided, and police
 * notifications of standard risk. */
#include <criterion/criterion.h>
#include <string.h>

#include "inventory.h"
#include "memory.h"
#include "placing.h"
#include "referring.h"

TestSuite(risk, .init = service_start, .fini = service_stop);

#define HERE "/api/v1/households/" HOUSEHOLD
#define SOURCE "\"dash_tool\":\"2009\",\"dash_asker\":\"police\",\"dash_informant\":\"applicant\""

static struct answer assess(int yes, int no, const char *others, const char *more)
{
	return call(ROLE_navigator, "POST", HERE "/risk-assessments", "{%s," SOURCE "%s}", dash_member(yes, no, others), more);
}

static void expect_level(const struct answer *a, const char *least, const char *level)
{
	const char *is = answer_text(a, "risk_least");

	cr_assert_eq(a->status, 201, "%s", a->body);
	cr_expect_str_eq(answer_text(a, "risk_level"), level, "%s", a->body);
	cr_expect_str_eq(is ? is : "known", least, "%s", a->body);
}

Test(risk, is_a_range_while_answers_are_missing)
{
	struct answer a = assess(5, 3, NULL, "");

	expect_level(&a, "standard", "high");
	cr_expect_eq(answer_int(&a, "dash_missing"), 16);
	a = assess(9, 11, "dont_know", "");
	expect_level(&a, "standard", "medium");
	a = assess(10, 11, "not_asked", "");
	expect_level(&a, "known", "medium");
	a = assess(0, 15, "not_asked", "");
	expect_level(&a, "known", "standard");
	a = assess(14, 0, NULL, "");
	expect_level(&a, "known", "high");
}

Test(risk, keeps_every_assessment_with_who_asked_whom_and_when)
{
	struct answer a = assess(5, 19, NULL, ",\"dash_on\":\"2026-01-05\""), now;

	cr_assert_eq(a.status, 201, "%s", a.body);
	cr_expect_str_eq(answer_text(&a, "dash_tool"), "2009");
	cr_expect_str_eq(answer_text(&a, "dash_asker"), "police");
	cr_expect_str_eq(answer_text(&a, "dash_informant"), "applicant");
	cr_expect_str_eq(answer_text(&a, "dash_on"), "2026-01-05");
	cr_expect_str_eq(answer_header(&a, "Location"), HERE "/risk");
	now = assess(10, 14, NULL, "");
	cr_expect_str_eq(answer_text(&now, "dash_on"), sql("SELECT today()"), "today unless told");
	cr_expect_str_eq(answer_text(&now, "assessments.0.risk_level"), "medium", "%s", now.body);
	cr_expect_str_eq(answer_text(&now, "assessments.1.risk_level"), "standard", "the one before: %s", now.body);
	cr_expect_str_eq(answer_text(&now, "assessments.1.dash_on"), "2026-01-05");
	cr_expect_not_null(answer_text(&now, "assessments.1.recorded_by"), "%s", now.body);
	now = call(ROLE_sanctuary_coordinator, "GET", HERE "/risk", NULL);
	cr_expect_eq(now.status, 200, "%s", now.body);
	now = call(ACTOR_other_officer, "GET", HERE "/risk", NULL);
	cr_expect_eq(now.status, 404, "%s", now.body);
}

Test(risk, answers_say_where_they_come_from)
{
	struct answer bare = call(ROLE_navigator, "POST", HERE "/risk-assessments", "{%s}", dash_member(3, 3, NULL));
	struct answer empty = call(ROLE_navigator, "POST", HERE "/risk-assessments", "{}");
	struct answer twice = call(ROLE_navigator, "POST", HERE "/risk-assessments",
				   "{\"dash\":[{\"topic\":\"injury\",\"answer\":\"yes\"},"
				   "{\"topic\":\"injury\",\"answer\":\"maybe\"}]," SOURCE "}");
	struct answer later = assess(3, 21, NULL, ",\"dash_on\":\"2199-01-01\"");

	assert_error(bare, "/dash_tool");
	assert_error(bare, "/dash_asker");
	assert_error(bare, "/dash_informant");
	assert_error(empty, "/risk_level");
	assert_error(twice, "/dash/1/topic");
	assert_error(twice, "/dash/1/answer");
	assert_error(later, "/dash_on");
	cr_expect_eq(call(ROLE_provider, "POST", HERE "/risk-assessments", "{\"risk_level\":\"high\"}").status, 403);
	cr_expect_eq(call(ACTOR_other_officer, "POST", HERE "/risk-assessments", "{\"risk_level\":\"high\"}").status, 404);
}

Test(risk, judgement_raises_with_a_reason_and_lowers_nothing)
{
	struct answer lowered = assess(14, 10, NULL, ",\"risk_level\":\"medium\"");
	struct answer bare = assess(3, 21, NULL, ",\"risk_level\":\"high\"");
	struct answer raised = assess(3, 21, NULL, ",\"risk_level\":\"high\",\"risk_raised_reason\":\"Escalating\"");
	struct answer open = assess(3, 0, NULL, ",\"risk_level\":\"medium\",\"risk_raised_reason\":\"Escalating\"");
	struct answer again;

	assert_error(lowered, "/risk_level");
	assert_error(bare, "/risk_raised_reason");
	expect_level(&raised, "known", "high");
	expect_level(&open, "medium", "high");
	again = assess(3, 21, NULL, "");
	expect_level(&again, "known", "standard");
	cr_expect_null(answer_text(&again, "risk_judged"), "a new assessment replaces the judgement: %s", again.body);
}

/* A POST with If-Match. */
static struct answer post(int actor, const char *to, int version, const char *body)
{
	static int key;

	return call_with(actor, "POST", to,
			 arena_printf(test_memory(), "If-Match: \"%d\"\r\nContent-Type: application/json\r\n"
				      "Idempotency-Key: 00000000-0000-4000-8000-%012d\r\n", version, ++key),
			 body);
}

/* Two people assess at once: the second is told that the first was there. */
Test(risk, assessments_do_not_overwrite_each_other)
{
	struct answer a = post(ROLE_navigator, HERE "/risk-assessments", 1, "{\"risk_level\":\"standard\"}");
	struct answer b = post(ROLE_navigator, HERE "/risk-assessments", 1, "{\"risk_level\":\"medium\"}");

	cr_expect_eq(a.status, 201, "%s", a.body);
	cr_expect_eq(b.status, 412, "%s", b.body);
}

static const char *answers(const char *household)
{
	struct answer a;

	board_settle();
	a = call(ROLE_navigator, "POST", "/api/v1/vacancy-searches", "{\"household_id\":\"%s\"}", household);
	cr_assert_eq(a.status, 200, "%s", a.body);
	return a.body;
}

Test(risk, ranks_as_the_upper_end_in_searches_and_among_those_who_wait)
{
	struct answer a, list;

	sql("UPDATE unit SET highest_risk = 'standard'");
	a = assess(5, 3, NULL, "");
	cr_assert_eq(a.status, 201, "%s", a.body);
	cr_expect_null(strstr(answers(HOUSEHOLD), "\"rule\":\"risk_level\""), "asked, not refused");
	cr_expect_not_null(strstr(answers(HOUSEHOLD), "\"risk_level\""), "asked");
	list = call(ROLE_navigator, "GET", "/api/v1/vacancies/" VACANCY_B1 "/candidates", NULL);
	cr_expect_not_null(strstr(list.body, "\"risk_level\":\"high\",\"risk_least\":\"standard\""), "%s", list.body);
	a = assess(14, 10, NULL, "");
	cr_assert_eq(a.status, 201, "%s", a.body);
	cr_expect_not_null(strstr(answers(HOUSEHOLD), "\"rule\":\"risk_level\""), "known to be high");
}

Test(risk, is_told_to_the_provider_with_both_ends)
{
	struct answer a = assess(5, 3, NULL, ""), offer;
	const char *id;

	cr_assert_eq(a.status, 201, "%s", a.body);
	sql("INSERT INTO consent (household_id, purpose, basis) VALUES ('" HOUSEHOLD "', 'share_with_providers', 'given')");
	id = offered(HOUSEHOLD, VACANCY_A1);
	offer = call(ROLE_provider, "GET", path("placements", id, ""), NULL);
	cr_expect_str_eq(answer_text(&offer, "household.risk_level"), "high", "%s", offer.body);
	cr_expect_str_eq(answer_text(&offer, "household.risk_least"), "standard", "%s", offer.body);
}

/* ---- MARAC ---- */

static const char *open_tasks(void)
{
	return sql("SELECT count(*) FROM task WHERE household_id = '" HOUSEHOLD "' AND ended_at IS NULL");
}

Test(risk, high_proposes_a_marac_once_to_the_owner)
{
	struct answer a = assess(13, 1, NULL, ""), list;

	cr_expect_str_eq(open_tasks(), "0", "only possibly high");
	cr_expect(json_is_null(json_object_get(a.json, "marac_proposed")), "%s", a.body);
	a = assess(14, 10, NULL, "");
	cr_expect_not_null(answer_text(&a, "marac_proposed.id"), "%s", a.body);
	a = assess(20, 4, NULL, "");
	cr_expect_str_eq(open_tasks(), "1", "once");
	sql("UPDATE household SET owner_id = (SELECT id FROM account WHERE username = 'navigator') WHERE id = '" HOUSEHOLD "'");
	list = call(ROLE_navigator, "GET", "/api/v1/tasks?kind=marac_referral", NULL);
	cr_expect_not_null(strstr(list.body, HOUSEHOLD), "%s", list.body);
	list = call(ACTOR_other_officer, "GET", "/api/v1/tasks", NULL);
	cr_expect_null(strstr(list.body, HOUSEHOLD), "%s", list.body);
}

Test(risk, a_marac_of_the_last_twelve_months_makes_the_proposal_a_repeat)
{
	struct answer a;

	sql("INSERT INTO marac (household_id, referred_on, heard_on) VALUES ('" HOUSEHOLD "', today() - 200, today() - 190)");
	a = assess(14, 10, NULL, "");
	cr_expect_str_eq(answer_text(&a, "marac_proposed.repeat_of"), sql("SELECT today() - 190"), "%s", a.body);
	cr_assert_eq(call(ROLE_navigator, "POST", HERE "/maracs", "{}").status, 201);
	cr_expect_str_eq(open_tasks(), "0", "referring them ends it");
	cr_expect_str_eq(sql("SELECT ended_as FROM task WHERE household_id = '" HOUSEHOLD "'"), "done");
	a = assess(3, 21, NULL, "");
	a = assess(14, 10, NULL, "");
	cr_expect_str_eq(open_tasks(), "0", "a conference is to hear them: %s", a.body);
}

Test(risk, a_marac_that_is_not_needed_needs_a_reason)
{
	struct answer a = assess(14, 10, NULL, ""), bare, end, again, foreign;
	const char *id = answer_text(&a, "marac_proposed.id"), *ends = path("tasks", id, "/end");

	foreign = post(ACTOR_other_officer, ends, 1, "{\"reason\":\"No\"}");
	cr_expect_eq(foreign.status, 404, "%s", foreign.body);
	bare = post(ROLE_navigator, ends, 1, "{}");
	assert_error(bare, "/reason");
	end = post(ROLE_navigator, ends, 1, "{\"reason\":\"Heard in another area\"}");
	cr_expect_eq(end.status, 200, "%s", end.body);
	cr_expect_str_eq(answer_text(&end, "ended_as"), "not_needed");
	again = post(ROLE_navigator, ends, 2, "{\"reason\":\"Twice\"}");
	cr_expect_eq(again.status, 409, "%s", again.body);
	cr_expect_str_eq(open_tasks(), "0");
}

Test(risk, an_assessment_that_is_due_is_a_task)
{
	struct answer list;

	sql("UPDATE household SET risk_review_on = today() - 1 WHERE id = '" HOUSEHOLD "'");
	list = call(ROLE_navigator, "GET", "/api/v1/tasks?kind=risk_review", NULL);
	cr_expect_str_eq(answer_text(&list, "items.0.household_id"), HOUSEHOLD, "%s", list.body);
	cr_expect(json_is_true(json_object_get(json_array_get(json_object_get(list.json, "items"), 0), "overdue")), "%s",
		  list.body);
	sql("UPDATE household SET risk_review_on = today() + 1 WHERE id = '" HOUSEHOLD "'");
	list = call(ROLE_navigator, "GET", "/api/v1/tasks?kind=risk_review", NULL);
	cr_expect_null(answer_text(&list, "items.0.household_id"), "not yet: %s", list.body);
}

/* ---- band ---- */

Test(risk, band_is_calculated_and_explained)
{
	struct answer a = call(ROLE_navigator, "GET", HERE "/risk", NULL);

	cr_expect_str_eq(answer_text(&a, "band"), "band_1", "%s", a.body);
	cr_expect_str_eq(answer_text(&a, "band_line"), "friends", "%s", a.body);
	a = change(ROLE_navigator, HERE, 1, "{\"situation\":\"own_home\",\"wants_to_stay\":true,\"home_works\":true}");
	cr_expect_str_eq(answer_text(&a, "band"), "band_3", "%s", a.body);
	cr_expect_str_eq(answer_text(&a, "band_line"), "works", "%s", a.body);
	a = change(ROLE_navigator, HERE, 2, "{\"home_works\":false}");
	cr_expect_str_eq(answer_text(&a, "band"), "band_4", "%s", a.body);
	board_settle();
	a = call(ROLE_navigator, "GET", "/api/v1/vacancies/" VACANCY_B1 "/candidates", NULL);
	cr_expect_not_null(strstr(a.body, "\"band\":\"band_4\",\"band_reason\":\"At home without works"), "%s", a.body);
}

Test(risk, band_is_set_by_hand_with_a_reason_and_taken_back)
{
	struct answer bare = call(ROLE_navigator, "POST", HERE "/band", "{\"band\":\"band_4\"}");
	struct answer half = call(ROLE_navigator, "POST", HERE "/band", "{\"band_reason\":\"Agreed\"}");
	struct answer set = call(ROLE_navigator, "POST", HERE "/band",
				 "{\"band\":\"band_4\",\"band_reason\":\"Agreed with the panel\"}"), back;

	assert_error(bare, "/band_reason");
	assert_error(half, "/band");
	cr_assert_eq(set.status, 201, "%s", set.body);
	cr_expect_str_eq(answer_text(&set, "band"), "band_4");
	cr_expect_str_eq(answer_text(&set, "band_line"), "override");
	cr_expect_str_eq(answer_text(&set, "band_reason"), "Agreed with the panel");
	cr_expect_not_null(answer_text(&set, "band_set_by"), "%s", set.body);
	cr_expect_not_null(answer_text(&set, "band_set_at"), "%s", set.body);
	back = call(ROLE_navigator, "POST", HERE "/band", "{}");
	cr_expect_str_eq(answer_text(&back, "band"), "band_1", "%s", back.body);
	cr_expect_null(answer_text(&back, "band_set_by"), "%s", back.body);
}

/* ---- police ---- */

#define NOTIFIED \
	"{\"source\":\"police\",\"household\":{\"situation\":\"friends\",\"urgency\":\"urgent\"," \
	"\"members\":[{\"kind\":\"main\",\"sex\":\"female\",\"age\":30}],\"risk_level\":\"%s\"}}"

static struct answer move(const char *referral, int version, const char *state)
{
	return change(ROLE_navigator, path("referrals", referral, ""), version,
		      arena_printf(test_memory(), "{\"state\":\"%s\"}", state));
}

Test(risk, a_police_notification_of_standard_risk_is_no_specialist_referral)
{
	struct answer a = call(ROLE_navigator, "POST", "/api/v1/referrals", NOTIFIED, "standard"), no, hold, given, now;
	const char *referral = answer_text(&a, "referral.id"), *household = answer_text(&a, "household.id");

	cr_assert_eq(a.status, 201, "%s", a.body);
	cr_expect_not_null(answer_text(&a, "self_referral.0.telephone"), "%s", a.body);
	cr_expect(json_is_null(json_object_get(a.json, "search")), "%s", a.body);
	no = move(referral, 1, "triaged");
	assert_problem(no, 409, "self-referral");
	cr_expect_not_null(answer_text(&no, "detail"), "the next step: %s", no.body);
	hold = call(ROLE_navigator, "POST", "/api/v1/placements", "{\"household_id\":\"%s\",\"vacancy_id\":\"" VACANCY_A1 "\"}",
		    household);
	assert_problem(hold, 409, "self-referral");
	given = call(ROLE_navigator, "POST", path("referrals", referral, "/self-referral"), NULL);
	cr_assert_eq(given.status, 200, "%s", given.body);
	cr_expect_not_null(answer_text(&given, "self_referral_at"), "%s", given.body);
	cr_expect_not_null(answer_text(&given, "decided_at"), "that is the decision: %s", given.body);
	now = call(ROLE_navigator, "POST", path("households", household, "/risk-assessments"), "{\"risk_level\":\"medium\"}");
	cr_assert_eq(now.status, 201, "%s", now.body);
	no = move(referral, 2, "triaged");
	cr_expect_eq(no.status, 200, "the risk rose: %s", no.body);
	board_settle();
	now = call(ROLE_navigator, "GET", path("referrals", referral, ""), NULL);
	cr_expect_eq(answer_int(&now, "search.total"), 3, "and places are searched for: %s", now.body);
}

Test(risk, a_police_notification_of_unknown_or_higher_risk_goes_on)
{
	struct answer medium = call(ROLE_navigator, "POST", "/api/v1/referrals", NOTIFIED, "medium");
	struct answer unknown = call(ROLE_navigator, "POST", "/api/v1/referrals",
				     "{\"source\":\"police\",\"household\":{\"situation\":\"friends\",\"members\":[{\"kind\":\"main\"}]}}");
	struct answer range = call(ROLE_navigator, "POST", "/api/v1/referrals",
				   "{\"source\":\"police\",\"household\":{\"situation\":\"friends\",\"members\":[{\"kind\":\"main\"}],%s}}",
				   dash_member(3, 5, NULL));
	struct answer given;

	cr_expect_eq(move(answer_text(&medium, "referral.id"), 1, "triaged").status, 200, "%s", medium.body);
	cr_expect_eq(move(answer_text(&unknown, "referral.id"), 1, "triaged").status, 200, "unknown ranks as high");
	cr_expect_eq(move(answer_text(&range, "referral.id"), 1, "triaged").status, 200, "possibly high");
	given = call(ROLE_navigator, "POST", path("referrals", answer_text(&medium, "referral.id"), "/self-referral"), NULL);
	cr_expect_eq(given.status, 409, "%s", given.body);
}

Test(risk, another_source_takes_the_household_to_the_boards)
{
	struct answer a = call(ROLE_navigator, "POST", "/api/v1/referrals", NOTIFIED, "standard"), now;
	const char *referral = answer_text(&a, "referral.id");

	now = change(ROLE_navigator, path("referrals", referral, ""), 1, "{\"source\":\"self\"}");
	cr_assert_eq(now.status, 200, "%s", now.body);
	board_settle();
	now = call(ROLE_navigator, "GET", path("referrals", referral, ""), NULL);
	cr_expect_eq(answer_int(&now, "search.total"), 3, "%s", now.body);
}

/* ---- hours ---- */

Test(risk, out_of_hours_is_derived)
{
	static const struct { const char *at, *out; } cases[] = {
		{ "2026-11-30 09:00 Europe/London", "f" },	/* a Monday */
		{ "2026-11-30 08:59 Europe/London", "t" },
		{ "2026-11-30 17:00 Europe/London", "t" },
		{ "2026-11-28 12:00 Europe/London", "t" },	/* a Saturday */
		{ "2026-12-25 12:00 Europe/London", "t" },	/* a Friday */
		{ "2026-12-28 12:00 Europe/London", "t" },	/* instead of Boxing Day */
		{ "2026-07-01 16:30 UTC", "t" },		/* half past five in summer */
	};
	struct answer typed = refer("{\"out_of_hours\":true,\"household\":{\"situation\":\"rough\",\"members\":[{\"kind\":\"main\"}]}}");

	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++)
		cr_expect_str_eq(sql("SELECT outside_office_hours('%s')", cases[i].at), cases[i].out, "%s", cases[i].at);
	assert_error(typed, "/out_of_hours");
	cr_expect_str_eq(sql("SELECT count(*) FROM referral WHERE out_of_hours <> outside_office_hours(coalesce(submitted_at, created_at))"),
			 "0");
}
