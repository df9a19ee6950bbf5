/* Referrals after their first answer: a household that comes again, drafts, and later changes. */
#include <criterion/criterion.h>
#include <string.h>

#include "base/uuid.h"
#include "inventory.h"
#include "memory.h"
#include "referring.h"
#include "service.h"

TestSuite(course, .init = service_start, .fini = service_stop);

/* ---- again ---- */

static struct answer refer_known(const char *household)
{
	return call(ROLE_navigator, "POST", "/api/v1/referrals", "{\"household_id\":\"%s\"}",
		    household);
}

Test(course, known_household_comes_again)
{
	struct answer open = refer_known(HOUSEHOLD), again, listed;

	cr_assert_eq(open.status, 409, "%s", open.body);
	cr_assert_str_eq(answer_text(&open, "type"), "/problems/referral-open");
	cr_assert_str_eq(answer_text(&open, "referral.id"), REFERRAL, "which one: %s", open.body);
	call(ROLE_navigator, "POST", "/api/v1/referrals/" REFERRAL "/close",
	     "{\"reason\":\"stayed_home\"}");
	again = refer_known(HOUSEHOLD);
	cr_assert_eq(again.status, 201, "%s", again.body);
	cr_assert_str_eq(answer_text(&again, "household.id"), HOUSEHOLD);
	cr_assert_str_eq(answer_text(&again, "referral.earlier_referral_id"), REFERRAL);
	cr_assert(json_is_true(json_object_get(json_object_get(again.json, "referral"), "repeat")));
	cr_assert_str_eq(answer_text(&again, "household.situation"), "not_known",
			 "tonight is another night");
	cr_assert_eq(answer_int(&again, "search.total"), 3, "with its options: %s", again.body);
	cr_assert(json_is_null(json_object_get(json_object_get(again.json, "household"),
					       "closed_at")));
	board_settle();
	listed = call(ROLE_navigator, "POST", "/api/v1/vacancy-searches",
		      "{\"household_id\":\"" HOUSEHOLD "\"}");
	cr_assert_eq(listed.status, 200, "it waits again: %s", listed.body);
}

Test(course, only_a_household_of_the_partnership_comes_again)
{
	struct answer none = refer_known(NOBODY), other = refer_known(OTHER_HOUSEHOLD);
	struct answer both = refer("{\"household_id\":\"" HOUSEHOLD "\",\"draft\":{}}");

	cr_assert_eq(none.status, 422, "%s", none.body);
	cr_assert(answer_has_error(&other, "/household_id"), "%s", other.body);
	cr_assert(answer_has_error(&both, ""), "%s", both.body);
	cr_assert(answer_has_error(&both, ""), "%s", refer("{}").body);
}

Test(course, two_at_once_for_a_known_household_make_one)
{
	call(ROLE_navigator, "POST", "/api/v1/referrals/" REFERRAL "/close",
	     "{\"reason\":\"stayed_home\"}");
	cr_assert_eq(race(6, ROLE_navigator, "/api/v1/referrals",
			  "{\"household_id\":\"" HOUSEHOLD "\"}", 201), 1);
	cr_assert_str_eq(sql("SELECT count(*) FROM referral WHERE household_id = '" HOUSEHOLD
			     "' AND state <> 'closed'"), "1");
}

/* ---- drafts ---- */

/* Sends a merge patch with If-Match, as the officer. */
static struct answer patch_at(const char *where, const char *version, const char *body)
{
	char headers[128];

	snprintf(headers, sizeof(headers),
		 "If-Match: \"%s\"\r\nContent-Type: application/merge-patch+json\r\n", version);
	return call_with(ROLE_housing_officer, "PATCH", where, headers, body);
}

Test(course, draft_is_on_no_board_until_submitted)
{
	struct answer draft = refer("{\"draft\":{}}"), search, hold, early, done;
	char referral[UUID_TEXT], household[UUID_TEXT];

	cr_assert_eq(draft.status, 201, "%s", draft.body);
	snprintf(referral, sizeof(referral), "%s", answer_text(&draft, "referral.id"));
	snprintf(household, sizeof(household), "%s", answer_text(&draft, "household.id"));
	cr_assert_str_eq(answer_text(&draft, "referral.state"), "draft");
	cr_assert(json_is_null(json_object_get(draft.json, "search")), "%s", draft.body);
	cr_assert_null(answer_text(&draft, "household.waiting_since"), "%s", draft.body);
	board_settle();
	search = call(ROLE_navigator, "POST", "/api/v1/vacancy-searches",
		      "{\"household_id\":\"%s\"}", household);
	cr_assert(answer_has_error(&search, "/household_id"), "%s", search.body);
	hold = call(ROLE_navigator, "POST", "/api/v1/placements",
		    "{\"household_id\":\"%s\",\"vacancy_id\":\"" VACANCY_A1 "\"}", household);
	cr_assert_str_eq(answer_text(&hold, "type"), "/problems/household-draft", "%s", hold.body);
	early = patch_at(path("referrals", referral, ""), "1", "{\"state\":\"submitted\"}");
	cr_assert(answer_has_error(&early, "/state"), "nobody said where they are: %s", early.body);
	done = patch_at(path("households", household, ""), "1", "{\"situation\":\"rough\"}");
	cr_assert_eq(done.status, 200, "%s", done.body);
	done = patch_at(path("referrals", referral, ""), "1", "{\"state\":\"submitted\"}");
	cr_assert_eq(done.status, 200, "%s", done.body);
	cr_assert_not_null(answer_text(&done, "submitted_at"), "%s", done.body);
	board_settle();
	search = call(ROLE_navigator, "POST", "/api/v1/vacancy-searches",
		      "{\"household_id\":\"%s\"}", household);
	cr_assert_eq(search.status, 200, "%s", search.body);
}

Test(course, draft_obeys_the_rules_of_what_it_says)
{
	struct answer two = refer("{\"draft\":{\"members\":[{\"kind\":\"main\"},"
				  "{\"kind\":\"main\"}]}}");
	struct answer young = refer("{\"draft\":{\"members\":[{\"kind\":\"main\",\"age\":15}]}}");

	cr_assert(answer_has_error(&two, "/draft/members"), "%s", two.body);
	cr_assert(answer_has_error(&young, "/draft/members/0/age"), "%s", young.body);
}

/* ---- course ---- */

static struct answer patch(const char *version, const char *body)
{
	return patch_at("/api/v1/referrals/" REFERRAL, version, body);
}

Test(course, no_step_is_left_out)
{
	struct answer skip, triaged;

	sql("UPDATE referral SET state = 'submitted' WHERE id = '" REFERRAL "'");
	skip = patch("1", "{\"state\":\"active\"}");
	cr_assert_eq(skip.status, 409, "%s", skip.body);
	triaged = patch("1", "{\"state\":\"triaged\"}");
	cr_assert_eq(triaged.status, 200, "%s", triaged.body);
	cr_assert_not_null(answer_text(&triaged, "triaged_at"), "%s", triaged.body);
}

/* A household that waits at home, with a plan. */
static const char *waiting(void)
{
	return arena_printf(test_memory(),
			    "{\"state\":\"waiting_at_home\",\"safety_plan\":{\"measures\":[\"code_word\",\"locks_changed\"],"
			    "\"review_on\":\"%s\"}}", sql("SELECT today() + 30"));
}

Test(course, nobody_waits_at_home_without_a_plan)
{
	struct answer bare = patch("1", "{\"state\":\"waiting_at_home\"}");
	struct answer half = patch("1", "{\"state\":\"waiting_at_home\",\"safety_plan\":{\"measures\":[]}}");
	struct answer past = patch("1", "{\"safety_plan\":{\"measures\":[\"code_word\"],"
				   "\"review_on\":\"2020-01-01\"}}");
	struct answer good = patch("1", waiting()), due, later;

	cr_assert(answer_has_error(&bare, "/safety_plan"), "%s", bare.body);
	cr_assert_eq(half.status, 422, "%s", half.body);
	cr_assert(answer_has_error(&past, "/safety_plan/review_on"), "%s", past.body);
	cr_assert_eq(good.status, 200, "%s", good.body);
	cr_assert_str_eq(answer_text(&good, "plan_measures.1"), "locks_changed");
	cr_assert(json_is_true(json_object_get(good.json, "standing_search")), "%s", good.body);
	due = call(ROLE_navigator, "GET", "/api/v1/referrals?plan_review_within=7", NULL);
	cr_assert_eq(json_array_size(json_object_get(due.json, "items")), 0, "%s", due.body);
	sql("UPDATE referral SET plan_review_on = current_date + 7 WHERE id = '" REFERRAL "'");
	later = call(ROLE_navigator, "GET", "/api/v1/referrals?plan_review_within=7", NULL);
	cr_assert_str_eq(answer_text(&later, "items.0.id"), REFERRAL, "%s", later.body);
}

/* ---- the clock of the first decision ---- */

static size_t listed(const char *query)
{
	struct answer a = call(ROLE_navigator, "GET", arena_printf(test_memory(), "/api/v1/referrals%s", query), NULL);

	cr_assert_eq(a.status, 200, "%s", a.body);
	return json_array_size(json_object_get(a.json, "items"));
}

/* What is overdue is a task of the case's owner, and nothing else is. */
static size_t overdue(void)
{
	size_t n = listed("?overdue=true");
	struct answer a = call(ROLE_navigator, "GET", "/api/v1/tasks?kind=decision_overdue", NULL);

	cr_assert_eq(n + listed("?overdue=false"), listed(""), "each is one or the other");
	cr_assert_eq(json_array_size(json_object_get(a.json, "items")), n, "%s", a.body);
	if (n)
		cr_assert_str_eq(answer_text(&a, "items.0.about_id"), REFERRAL);
	return n;
}

static void submitted_before(const char *urgency, const char *interval)
{
	sql("UPDATE household SET urgency = '%s' WHERE id = '" HOUSEHOLD "'", urgency);
	sql("UPDATE referral SET submitted_at = now() - interval '%s' WHERE id = '" REFERRAL "'",
	    interval);
}

Test(course, decision_is_due_by_urgency_round_the_clock)
{
	struct answer a;

	submitted_before("emergency", "119 minutes");
	cr_assert_eq(overdue(), 0);
	submitted_before("emergency", "121 minutes");
	cr_assert_eq(overdue(), 1, "two hours, at night and at weekends too");
	submitted_before("urgent", "71 hours");
	cr_assert_eq(overdue(), 0);
	submitted_before("urgent", "73 hours");
	cr_assert_eq(overdue(), 1);
	a = call(ROLE_navigator, "GET", "/api/v1/referrals/" REFERRAL, NULL);
	cr_assert(json_is_true(json_object_get(json_object_get(a.json, "referral"), "overdue")), "%s", a.body);
	submitted_before("planned", "1 year");
	cr_assert_eq(overdue(), 0, "planned has no limit");
}

Test(course, the_first_decision_ends_the_clock)
{
	struct answer hold;
	char offer[120];

	submitted_before("emergency", "3 hours");
	hold = call(ROLE_navigator, "POST", "/api/v1/placements",
		    "{\"household_id\":\"" HOUSEHOLD "\",\"vacancy_id\":\"" VACANCY_A1 "\"}");
	cr_assert_eq(overdue(), 1, "a hold decides nothing yet: %s", hold.body);
	snprintf(offer, sizeof(offer), "/api/v1/placements/%s/offer", answer_text(&hold, "id"));
	hold = call(ROLE_navigator, "POST", offer, "{}");
	cr_assert_eq(hold.status, 200, "%s", hold.body);
	cr_assert_eq(overdue(), 0, "offered");
	sql("UPDATE placement SET state = 'expired', offered_at = NULL WHERE id = '%s'", answer_text(&hold, "id"));
	cr_assert_eq(overdue(), 1);
	cr_assert_eq(patch("1", waiting()).status, 200);
	cr_assert_eq(overdue(), 0, "waiting at home");
	cr_assert_eq(patch("2", "{\"state\":\"active\"}").status, 200);
	cr_assert_eq(overdue(), 0, "the first decision stays the first");
}

Test(course, only_legal_transitions)
{
	struct answer home = patch("1", waiting());
	struct answer back = patch("2", "{\"state\":\"draft\"}"), placed = patch("2",
			"{\"state\":\"placed\"}");
	struct answer stale = patch("1", "{\"state\":\"active\"}"), active = patch("2",
			"{\"state\":\"active\"}");

	cr_assert_eq(home.status, 200, "%s", home.body);
	cr_assert_eq(back.status, 409, "%s", back.body);
	cr_assert_str_eq(answer_text(&back, "state"), "waiting_at_home");
	cr_assert_eq(placed.status, 409, "only an acceptance places: %s", placed.body);
	cr_assert_eq(stale.status, 412, "%s", stale.body);
	cr_assert_eq(active.status, 200, "%s", active.body);
}

Test(course, change_needs_the_version)
{
	struct answer a = call(ROLE_navigator, "PATCH", "/api/v1/referrals/" REFERRAL,
			"{\"source\":\"health\"}");

	cr_assert_eq(a.status, 428, "%s", a.body);
}

Test(course, closing_lets_go_of_what_is_held)
{
	struct answer hold = call(ROLE_navigator, "POST", "/api/v1/placements",
				  "{\"household_id\":\"" HOUSEHOLD "\",\"vacancy_id\":\"" VACANCY_A1
						"\"}");
	struct answer close, again;

	cr_assert_eq(hold.status, 201, "%s", hold.body);
	close = call(ROLE_navigator, "POST", "/api/v1/referrals/" REFERRAL "/close",
			"{\"reason\":\"stayed_home\"}");
	cr_assert_eq(close.status, 200, "%s", close.body);
	cr_assert_str_eq(sql("SELECT state || ' ' || cancel_reason FROM placement WHERE id = '%s'",
			answer_text(&hold, "id")),
			 "cancelled no_longer_needed");
	cr_assert_not_null(sql("SELECT closed_at FROM household WHERE id = '" HOUSEHOLD "'"));
	again = call(ROLE_navigator, "POST", "/api/v1/referrals/" REFERRAL "/close",
			"{\"reason\":\"stayed_home\"}");
	cr_assert_eq(again.status, 409, "%s", again.body);
	hold = call(ROLE_navigator, "POST", "/api/v1/placements",
		    "{\"household_id\":\"" HOUSEHOLD "\",\"vacancy_id\":\"" VACANCY_A1 "\"}");
	cr_assert_eq(hold.status, 409, "nothing is held for a closed case: %s", hold.body);
	cr_assert_str_eq(answer_text(&hold, "type"), "/problems/household-closed");
}

Test(course, a_closed_case_stays_as_it_is)
{
	struct answer closed = call(ROLE_navigator, "POST", "/api/v1/referrals/" REFERRAL "/close",
				    "{\"reason\":\"stayed_home\"}");
	struct answer a = change(ROLE_navigator, "/api/v1/referrals/" REFERRAL,
				 answer_int(&closed, "version"), "{\"source\":\"police\"}");

	assert_problem(a, 409, "wrong-state");
	cr_assert_str_eq(answer_text(&a, "state"), "closed", "%s", a.body);
}
