/* The matching policy has one home, the row that `haven migrate` writes: a search and a hold decide
 * by the same numbers, and a worker that runs takes up another row. */
#include <criterion/criterion.h>
#include <unistd.h>

#include "patience.h"
#include "placing.h"

TestSuite(policy_row, .init = service_start_own, .fini = service_stop, .timeout = 120);

static json_int_t matching(void)
{
	struct answer a = call(ROLE_navigator, "POST", "/api/v1/vacancy-searches",
			       "{\"household_id\":\"" HOUSEHOLD "\"}");

	cr_assert_eq(a.status, 200, "%s", a.body);
	return answer_int(&a, "matching");
}

/* Waits until the worker has taken up the row: a search tells so. */
static void expect_matching(json_int_t wanted)
{
	int64_t since = clock_mono();
	json_int_t found = matching();

	while (found != wanted && wait_on(since)) {
		usleep(300000);
		found = matching();
	}
	cr_assert_eq(found, wanted, "%lld match, not %lld", (long long)found, (long long)wanted);
}

static void govern(const char *numbers)
{
	cr_assert_str_eq(
		sql("UPDATE policy SET numbers = numbers || '%s' RETURNING 'yes'", numbers), "yes");
}

static const char *shown(const char *vacancy, const char *member)
{
	struct answer a = call(ROLE_navigator, "GET", vacancy, NULL);

	cr_assert_eq(a.status, 200, "%s", a.body);
	return answer_text(&a, member);
}

#define SHOW_A1 "/api/v1/vacancies/" VACANCY_A1

static const char *lapses_after(const char *hours)
{
	return sql("SELECT utc(confirmed_at + interval '%s hours') FROM vacancy WHERE id = "
		   "'" VACANCY_A1 "'",
		   hours);
}

Test(policy_row, a_longer_time_until_a_vacancy_lapses)
{
	sql("UPDATE vacancy SET confirmed_at = now() - interval '80 hours' WHERE id = '" VACANCY_A1
	    "'");
	board_settle();
	expect_matching(2);
	cr_expect_eq(hold(HOUSEHOLD, VACANCY_A1).status, 409, "after 72 hours");
	govern("{\"lapse_hours\": 96}");
	expect_matching(3);
	cr_expect_str_eq(shown(SHOW_A1, "state"), "open");
	cr_expect_str_eq(shown(SHOW_A1, "lapses_at"), lapses_after("96"));
	cr_expect_eq(hold(HOUSEHOLD, VACANCY_A1).status, 201, "what the search offers may be held");
}

Test(policy_row, a_shorter_time_until_a_vacancy_lapses)
{
	sql("UPDATE vacancy SET confirmed_at = now() - interval '60 hours' WHERE id = '" VACANCY_A1
	    "'");
	board_settle();
	expect_matching(3);
	govern("{\"lapse_hours\": 48}");
	expect_matching(2);
	cr_expect_str_eq(shown(SHOW_A1, "state"), "lapsed");
	cr_expect_str_eq(shown(SHOW_A1, "lapses_at"), lapses_after("48"));
	cr_expect_eq(hold(HOUSEHOLD, VACANCY_A1).status, 409,
		     "what no search offers cannot be held");
}

/* TS2 is beside TS10, where Heather House is with two of the three places. */
Test(policy_row, a_neighbouring_district_may_be_safe)
{
	sql("INSERT INTO unsafe_place (household_id, kind, outward_code) VALUES ('" HOUSEHOLD
	    "', 'family', 'TS2')");
	board_settle();
	expect_matching(1);
	cr_expect_eq(hold(HOUSEHOLD, VACANCY_A1).status, 409, "unsafe");
	govern("{\"unsafe_neighbour\": 0}");
	expect_matching(3);
	cr_expect_eq(hold(HOUSEHOLD, VACANCY_A1).status, 201, "both accept it");
}

Test(policy_row, the_same_district_may_be_safe)
{
	sql("INSERT INTO unsafe_place (household_id, kind, outward_code) VALUES ('" HOUSEHOLD
	    "', 'family', 'TS10')");
	board_settle();
	expect_matching(1);
	cr_expect_eq(hold(HOUSEHOLD, VACANCY_A1).status, 409, "unsafe");
	govern("{\"unsafe_same\": 0}");
	expect_matching(3);
	cr_expect_eq(hold(HOUSEHOLD, VACANCY_A1).status, 201, "both accept it");
}

static int held_for(int minutes)
{
	struct answer a = call(ROLE_navigator, "POST", "/api/v1/placements",
			       "{\"household_id\":\"" HOUSEHOLD "\",\"vacancy_id\":\"" VACANCY_A1
			       "\",\"minutes\":%d}",
			       minutes);

	cr_expect(a.status != 422 || answer_has_error(&a, "/minutes"), "%s", a.body);
	return a.status;
}

/* As a worker would hand its verdict over. */
#define JUDGED                                                                                                    \
	"(SELECT jsonb_build_object('household_version', h.version, 'judged_version', v.version,"                 \
	"        'place_version', u.version + p.version, 'policy_digest', y.digest)"                              \
	"   FROM household h, vacancy v JOIN unit u ON u.id = v.unit_id JOIN property p ON p.id = u.property_id," \
	"        policy y WHERE h.id = '" HOUSEHOLD "' AND v.id = '" VACANCY_A1 "')"

static const char *database_says(int minutes)
{
	return sql("SELECT (take_hold(jsonb_build_object('household_id', '" HOUSEHOLD
		   "', 'vacancy_id', '" VACANCY_A1 "', 'minutes', %d) || " JUDGED ")).outcome"
		   "  FROM account a, set_config('haven.account', a.id::text, true) x, "
		   "set_config('haven.organisation', a.organisation_id::text, true) y,"
		   " set_config('haven.partners', partners_of(a.organisation_id)::text, true) z"
		   " WHERE a.username = 'navigator'",
		   minutes);
}

/* The row is changed for the whole of a test; a hold shows when the worker knows. */
static void wait_for_length(int minutes)
{
	int64_t since = clock_mono();

	while (held_for(minutes) != 422 && wait_on(since)) {
		sql("UPDATE placement SET state = 'cancelled', cancel_reason = 'changed_mind'");
		usleep(300000);
	}
}

Test(policy_row, a_hold_is_as_long_as_the_policy_allows)
{
	govern("{\"hold_most_minutes\": 130, \"hold_least_minutes\": 60}");
	wait_for_length(131);
	cr_expect_eq(held_for(131), 422);
	cr_expect_eq(held_for(59), 422);
	cr_expect_str_eq(database_says(131), "minutes", "whatever a worker thinks");
	cr_expect_str_eq(database_says(59), "minutes");
	cr_expect_eq(held_for(60), 201);
	cr_expect_str_eq(sql("SELECT expires_at - held_at FROM placement WHERE state = 'held'"),
			 "01:00:00");
}

Test(policy_row, a_hold_without_a_length_has_the_policys)
{
	govern("{\"hold_minutes\": 45}");
	cr_assert_eq(hold(HOUSEHOLD, VACANCY_A1).status, 201);
	cr_expect_str_eq(sql("SELECT expires_at - held_at FROM placement WHERE state = 'held'"),
			 "00:45:00");
}

Test(policy_row, a_hold_is_extended_to_the_policys_longest)
{
	const char *id = held(HOUSEHOLD, VACANCY_A1);

	govern("{\"hold_most_minutes\": 140}");
	cr_expect_eq(act(ROLE_navigator, id, "extend", "{\"minutes\":20}").status, 200);
	cr_expect_eq(act(ROLE_navigator, id, "extend", "{\"minutes\":1}").status, 422);
}

/* Lengths that contradict each other are no policy: the row is refused. */
Test(policy_row, the_row_holds_no_contradiction)
{
	sql("DO $$ BEGIN UPDATE policy SET numbers = numbers || '{\"hold_minutes\": 241}'; RAISE "
	    "'stored';"
	    " EXCEPTION WHEN check_violation THEN NULL; END $$");
	sql("DO $$ BEGIN UPDATE policy SET numbers = numbers - 'lapse_hours'; RAISE 'stored';"
	    " EXCEPTION WHEN not_null_violation THEN NULL; END $$");
}
