/* How often the board asks for changes, and who may make it ask earlier. */
#include <criterion/criterion.h>

#include "base/clock.h"
#include "base/date.h"
#include "patience.h"
#include "rig.h"

TestSuite(pace, .init = rig_start, .fini = rig_stop, .timeout = 120);

enum { RARE_US = BOARD_IDLE_MS * 700, JUST_US = BOARD_IDLE_MS * 100, SOON_MS = BOARD_IDLE_MS / 2 };

/* Nothing has changed for so long that polls are rare, and one has just been answered. */
static void wait_for_quiet(void)
{
	int64_t since = clock_mono();

	while (board_age(rig.board) < RARE_US && wait_on(since))
		rig_run(5);
	cr_assert_geq(board_age(rig.board), RARE_US, "polls do not grow rare");
	while (board_age(rig.board) > JUST_US && wait_on(since))
		rig_run(5);
	cr_assert_leq(board_age(rig.board), JUST_US, "no poll");
}

static void withdraw(void)
{
	sql("UPDATE vacancy SET withdrawn_at = now(), withdraw_reason = 'no_staff' WHERE id = '" VACANCY_A1 "'");
}

static bool is_withdrawn(void)
{
	return !match_index_get(board_index(rig.board), rig_id(VACANCY_A1));
}

static bool seen_within(int ms)
{
	int64_t until = clock_mono() + ms * INT64_C(1000);

	while (!is_withdrawn() && clock_mono() < until)
		rig_run(5);
	return is_withdrawn();
}

Test(pace, a_quiet_board_asks_rarely_and_is_never_stale)
{
	int64_t until = clock_mono() + 5 * SECOND_US;

	wait_for_quiet();
	while (clock_mono() < until) {
		rig_run(10);
		cr_assert(board_fresh(rig.board), "%d us", (int)board_age(rig.board));
	}
}

Test(pace, what_another_writer_commits_is_seen_before_the_board_is_stale)
{
	wait_for_quiet();
	withdraw();
	cr_assert(seen_within(BOARD_STALE_MS));
}

Test(pace, what_this_worker_commits_is_seen_at_once)
{
	wait_for_quiet();
	withdraw();
	board_refresh(rig.board);
	cr_assert(seen_within(SOON_MS));
}

Test(pace, what_another_worker_commits_is_seen_soon)
{
	wait_for_quiet();
	withdraw();
	board_refresh_soon(rig.board);
	cr_assert(seen_within(SOON_MS));
}

Test(pace, a_change_makes_polls_frequent_again)
{
	wait_for_quiet();
	withdraw();
	cr_assert(seen_within(BOARD_STALE_MS));
	sql("UPDATE vacancy SET withdrawn_at = NULL, withdraw_reason = NULL WHERE id = '" VACANCY_A1 "'");
	rig_run(SOON_MS / 2);
	cr_assert_not(is_withdrawn(), "the next change is seen without a word");
}
