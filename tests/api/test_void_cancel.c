/* A void that has not begun is cancelled, one that has begun is ended; and a void laid over a hold or an offer ends
 * it, in whatever order the two come. */
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "inventory.h"
#include "memory.h"
#include "placing.h"

#define ALL "/api/v1/voids"

TestSuite(void_cancel, .init = service_start, .fini = service_stop);
TestSuite(void_race, .init = service_start_crowded, .fini = service_stop, .timeout = 120);

static struct answer lay(const char *from, const char *until)
{
	return call(ROLE_provider, "POST", ALL,
		    "{\"unit_id\":\"" UNIT_A1 "\",\"from_day\":\"%s\",\"until_day\":\"%s\",\"reason\":\"repair\"}",
		    from, until);
}

static const char *day(int ahead)
{
	return sql("SELECT today() + %d", ahead);
}

static struct answer then_do(struct answer laid, const char *act, const char *body)
{
	assert_status(laid, 201);
	return call(ROLE_provider, "POST", arena_printf(test_memory(), "%s/%s", answer_header(&laid, "Location"), act),
		    "%s", body);
}

Test(void_cancel, before_it_begins_with_its_history)
{
	struct answer laid = lay(day(30), day(40)), a = then_do(laid, "cancel", "{}");
	const char *path = answer_header(&laid, "Location");

	assert_status(a, 200);
	cr_expect_str_eq(answer_text(&a, "state"), "cancelled");
	cr_expect_str_eq(answer_text(&a, "cancelled_by"), "Test provider");
	cr_expect_str_eq(answer_text(&a, "from_day"), day(30));
	cr_expect_str_eq(answer_text(&a, "until_day"), day(40), "as it was planned");
	cr_expect(answer_text(&a, "cancelled_at"), "%s", a.body);
	cr_expect_str_eq(sql("SELECT unit_ready_on('" UNIT_A1 "', today() + 35) = today() + 35"), "t");
	a = lay(day(30), day(40));
	assert_status(a, 201); /* another may stand there now */
	a = then_do(laid, "cancel", "{}");
	assert_problem(a, 409, "wrong-state"); /* not twice */
	a = change(ROLE_provider, path, 2, "{\"until_day\":null}");
	assert_problem(a, 409, "wrong-state");
	a = call(ROLE_analyst, "GET", path, NULL);
	cr_expect_str_eq(answer_text(&a, "state"), "cancelled");
	cr_expect(json_is_null(json_object_get(a.json, "cancelled_by")), "nobody else's name: %s", a.body);
}

Test(void_cancel, not_once_it_has_begun)
{
	struct answer laid = lay(day(0), day(9)), a = then_do(laid, "cancel", "{}");

	assert_problem(a, 409, "wrong-state");
	cr_expect(strstr(a.body, "end it instead"), "%s", a.body);
	a = then_do(lay(day(20), day(29)), "end", "{}");
	assert_problem(a, 409, "wrong-state");
	cr_expect(strstr(a.body, "cancel it instead"), "%s", a.body);
	sql("UPDATE void_period SET from_day = today() - 3 WHERE from_day = today()");
	a = then_do(laid, "end", "{}");
	assert_status(a, 200);
	cr_expect_str_eq(answer_text(&a, "until_day"), day(0));
	cr_expect_str_eq(answer_text(&a, "state"), "ended");
}

Test(void_cancel, nobody_else_cancels_it)
{
	struct answer laid = lay(day(30), day(40));
	const char *path = arena_printf(test_memory(), "%s/cancel", answer_header(&laid, "Location"));

	cr_expect_eq(call(ACTOR_provider_b, "POST", path, "{}").status, 404);
	cr_expect_eq(call(ROLE_navigator, "POST", path, "{}").status, 403);
}

Test(void_cancel, one_over_an_offer_ends_it_and_tells_both_sides)
{
	const char *id = offered(HOUSEHOLD, VACANCY_A1);
	struct answer a = lay(day(5), day(20));

	assert_status(a, 201);
	a = get(ROLE_navigator, id);
	cr_expect_str_eq(answer_text(&a, "state"), "cancelled");
	cr_expect_str_eq(answer_text(&a, "cancel_reason"), "out_of_service");
	a = get(ROLE_provider, id);
	cr_expect_str_eq(answer_text(&a, "cancel_reason"), "out_of_service");
	for (int actor = 0; actor < 2; actor++) {
		a = call(actor ? ROLE_provider : ROLE_navigator, "GET", "/api/v1/notices", NULL);
		cr_expect_str_eq(answer_text(&a, "items.0.kind"), "place_out_of_service", "%s", a.body);
		cr_expect_str_eq(answer_text(&a, "items.0.placement_id"), id);
	}
	a = call(ACTOR_provider_b, "GET", "/api/v1/notices", NULL);
	cr_expect_eq(json_array_size(json_object_get(a.json, "items")), 0, "%s", a.body);
	cr_expect_str_eq(sql("SELECT count(*) FROM audit.event WHERE subject_id = '%s' AND action = 'update'"
			     " AND account_id = (SELECT id FROM account WHERE username = 'provider')", id), "1");
	a = act(ROLE_provider, id, "accept", "{}");
	assert_problem(a, 409, "wrong-state");
	cr_expect_str_eq(answer_text(&a, "reason"), "out_of_service", "%s", a.body);
}

Test(void_cancel, one_beside_an_offer_leaves_it)
{
	const char *id;

	sql("UPDATE household SET want_until = today() + 5, shortest_stay_days = 3");
	board_settle();
	id = offered(HOUSEHOLD, VACANCY_A1);
	cr_assert_eq(lay(day(5), day(20)).status, 201);
	cr_expect_str_eq(stored(id), "offered");
}

Test(void_cancel, a_hold_that_was_never_offered_is_the_council_s_alone)
{
	struct answer a;

	held(HOUSEHOLD, VACANCY_A1);
	cr_assert_eq(lay(day(0), day(9)).status, 201);
	a = call(ROLE_provider, "GET", "/api/v1/notices", NULL);
	cr_expect_eq(json_array_size(json_object_get(a.json, "items")), 0, "%s", a.body);
	a = call(ROLE_navigator, "GET", "/api/v1/notices", NULL);
	cr_expect_eq(json_array_size(json_object_get(a.json, "items")), 1, "%s", a.body);
}

/* ---- an acceptance and a void at the same moment ---- */

static void race_once(int round)
{
	const char *id = offered(round % 2 ? HOUSEHOLD : HOUSEHOLD_2, VACANCY_A1), *state;
	int how, accepted_first;
	pid_t other = fork();

	if (other == 0)
		_exit(act(ROLE_provider, id, "accept", "{}").status == 200);
	how = lay(day(1), day(9)).status;
	cr_assert_eq(waitpid(other, &accepted_first, 0), other);
	state = stored(id);
	cr_expect_eq(how, WEXITSTATUS(accepted_first) ? 409 : 201, "round %d: %d with %s", round, how, state);
	cr_expect_str_eq(state, WEXITSTATUS(accepted_first) ? "accepted" : "cancelled");
	sql("DELETE FROM void_period");
	sql("DELETE FROM notice");
	sql("DELETE FROM placement");
	sql("UPDATE vacancy SET taken_at = NULL");
	sql("UPDATE referral SET state = 'active'");
}

Test(void_race, an_acceptance_and_a_void_have_one_winner)
{
	for (int round = 0; round < 8; round++)
		race_once(round);
}
