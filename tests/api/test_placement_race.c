#include <criterion/criterion.h>
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

#include "placing.h"

TestSuite(placement_race, .init = service_start, .fini = service_stop);

/* ---- races: requests at the same instant, each from a process of its own ---- */

enum { ASKERS_MAX = 24 };

struct asked {
	int actor;
	char path[160], body[200];
};

static void ask_apart(const struct asked *q, int go, int answers)
{
	char byte;
	struct answer a;

	if (read(go, &byte, 1) < 0)
		_exit(1);
	a = call(q->actor, "POST", q->path, "%s", q->body);
	if (write(answers, &a.status, sizeof(a.status)) < 0)
		_exit(1);
	_exit(0);
}

/* Statuses in no particular order. */
static void race(const struct asked *list, int n, int *status)
{
	int go[2], answers[2];

	cr_assert(pipe(go) == 0 && pipe(answers) == 0);
	for (int i = 0; i < n; i++)
		if (fork() == 0) {
			close(go[1]);
			ask_apart(&list[i], go[0], answers[1]);
		}
	close(go[0]);
	close(go[1]);	/* every child's read returns now */
	for (int i = 0; i < n; i++)
		cr_assert(read(answers[0], &status[i], sizeof(*status)) == sizeof(*status));
	while (n--)
		wait(NULL);
}

static int count(const int *status, int n, int wanted)
{
	int found = 0;

	for (int i = 0; i < n; i++)
		found += status[i] == wanted;
	return found;
}

static struct asked ask_for(int actor, const char *id, const char *verb, const char *body)
{
	struct asked q = { .actor = actor };

	snprintf(q.path, sizeof(q.path), "/api/v1/placements/%s/%s", id, verb);
	snprintf(q.body, sizeof(q.body), "%s", body);
	return q;
}

Test(placement_race, one_of_many_holds_wins)
{
	struct asked list[ASKERS_MAX];
	int status[ASKERS_MAX];

	for (int i = 0; i < ASKERS_MAX; i++) {
		list[i] = (struct asked){ .actor = i % 2 ? ROLE_navigator : ROLE_housing_officer };
		snprintf(list[i].path, sizeof(list[i].path), "/api/v1/placements");
		snprintf(list[i].body, sizeof(list[i].body),
				"{\"household_id\":\"%s\",\"vacancy_id\":\"" VACANCY_A1 "\"}",
			 i % 3 ? HOUSEHOLD : HOUSEHOLD_2);
	}
	race(list, ASKERS_MAX, status);
	cr_assert_eq(count(status, ASKERS_MAX, 201), 1, "one hold");
	cr_assert_eq(count(status, ASKERS_MAX, 409), ASKERS_MAX - 1, "all others are told");
	cr_assert_str_eq(sql("SELECT count(*) FROM placement"), "1");
}

Test(placement_race, two_providers_accept_one_household)
{
	struct asked list[2] = {
		ask_for(ROLE_provider, offered(HOUSEHOLD, VACANCY_A1), "accept", "{}"),
		ask_for(ACTOR_provider_b, offered(HOUSEHOLD, VACANCY_B1), "accept", "{}"),
	};
	int status[2];

	race(list, 2, status);
	cr_assert_eq(count(status, 2, 200), 1, "%d %d", status[0], status[1]);
	cr_assert_eq(count(status, 2, 409), 1, "%d %d", status[0], status[1]);
	cr_assert_str_eq(sql("SELECT string_agg(state || coalesce(' ' || cancel_reason, ''), ', ' "
			"ORDER BY state) FROM placement"),
			 "accepted, cancelled other_offer_accepted");
	cr_assert_str_eq(sql("SELECT count(*) FROM vacancy WHERE taken_at IS NOT NULL"), "1",
			"the other is open again");
	cr_assert_str_eq(sql("SELECT state FROM referral WHERE id = '" REFERRAL "'"), "placed");
}

Test(placement_race, accept_and_decline_at_once)
{
	const char *id = offered(HOUSEHOLD, VACANCY_A1);
	struct asked list[4] = {
		ask_for(ROLE_provider, id, "accept", "{}"),
		ask_for(ROLE_provider, id, "decline", "{\"reason\":\"capacity\"}"),
		ask_for(ROLE_navigator, id, "decline", "{\"reason\":\"too_far\"}"),
		ask_for(ROLE_navigator, id, "extend", "{\"minutes\":10}"),
	};
	const char *taken;
	int status[4];

	race(list, 4, status);
	cr_assert_eq(count(status, 4, 200), 1, "one answer counts: %d %d %d %d", status[0],
			status[1], status[2], status[3]);
	cr_assert_eq(count(status, 4, 409), 3);
	taken = sql("SELECT (taken_at IS NOT NULL) = (p.state = 'accepted') FROM vacancy v JOIN "
			"placement p ON p.vacancy_id = v.id");
	cr_assert_str_eq(taken, "t", "the vacancy goes with the answer");
}

Test(placement_race, cancel_and_accept_leave_nothing_half_done)
{
	const char *id = offered(HOUSEHOLD, VACANCY_A1), *sum;
	struct asked list[2] = {
		ask_for(ROLE_provider, id, "accept", "{}"),
		ask_for(ROLE_navigator, id, "cancel", "{}"),
	};
	int status[2];

	race(list, 2, status);
	cr_assert_geq(count(status, 2, 200), 1, "%d %d", status[0], status[1]);
	cr_assert_str_eq(stored(id), "cancelled", "an accepted place may be cancelled too");
	sum = sql("SELECT (SELECT count(*) FROM vacancy WHERE taken_at IS NOT NULL) || ' ' || "
			"state FROM referral WHERE id = '" REFERRAL "'");
	cr_assert_str_eq(sum, "0 active", "%s", sum);
}

/* Taking a hold does not lock the household. A hold that came in while the case was being closed,
 * or while another offer was being accepted, cannot be offered. */
Test(placement_race, a_hold_that_slipped_through_is_not_offered)
{
	const char *id = held(HOUSEHOLD, VACANCY_A1);
	struct answer closed, placed;

	sql("UPDATE household SET closed_at = now() WHERE id = '" HOUSEHOLD "'");
	closed = act(ROLE_navigator, id, "offer", "{}");
	sql("UPDATE household SET closed_at = NULL WHERE id = '" HOUSEHOLD "'");
	sql("INSERT INTO placement (vacancy_id, unit_id, organisation_id, household_id, requested_by, holder_id, state, period,"
	    " household_version, unit_version)"
	    " SELECT '" VACANCY_B1 "', '" UNIT_B1 "', '" PROVIDER_B "', household_id, requested_by, holder_id, 'accepted', period, 1, 1"
	    " FROM placement WHERE id = '%s'", id);
	placed = act(ROLE_navigator, id, "offer", "{}");
	cr_assert_eq(closed.status, 409, "%s", closed.body);
	cr_assert_str_eq(answer_text(&closed, "type"), "/problems/household-closed", "%s", closed.body);
	cr_assert_eq(placed.status, 409, "%s", placed.body);
	cr_assert_str_eq(answer_text(&placed, "type"), "/problems/household-placed", "%s", placed.body);
	cr_assert_str_eq(stored(id), "held");
}
