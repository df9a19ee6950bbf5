/* The board is what the database says, after every kind of change. */
#include <criterion/criterion.h>
#include <stdlib.h>

#include "base/clock.h"
#include "rig.h"

TestSuite(board, .init = rig_start, .fini = rig_stop, .timeout = 60);

#define HELD(vacancy) \
	"INSERT INTO placement (vacancy_id, unit_id, organisation_id, household_id, requested_by, holder_id, period, expires_at," \
	" unit_version, household_version) SELECT v.id, v.unit_id, v.organisation_id, h.id, a.organisation_id, a.id," \
	" daterange(v.available_from, NULL), now() + interval '1 hour', u.version, h.version" \
	" FROM vacancy v JOIN unit u ON u.id = v.unit_id, household h, account a" \
	" WHERE v.id = '" vacancy "' AND h.id = '" HOUSEHOLD "' AND a.username = 'navigator'"

static void expect_counts(const char *when)
{
	size_t vacancies = strtoul(sql("SELECT count(*) FROM board_vacancy"), NULL, 10);
	size_t households = strtoul(sql("SELECT count(*) FROM board_household"), NULL, 10);

	cr_expect_eq(board_vacancies(rig.board), vacancies, "%s: %zu vacancies, not %zu", when, board_vacancies(rig.board), vacancies);
	cr_expect_eq(board_households(rig.board), households, "%s: %zu households, not %zu", when, board_households(rig.board),
		     households);
}

/* A change may be applied more than once: so what is waited for is the effect. */
#define UNTIL(effect)                                                                              \
	do {                                                                                       \
		for (int i_ = 0; i_ < 1000 && !(effect); i_++)                                     \
			rig_run(5);                                                                \
		cr_assert(effect, "it did not come");                                              \
	} while (0)

static const struct supply *vacancy(const char *id)
{
	return match_index_get(board_index(rig.board), rig_id(id));
}

Test(board, loads_all_that_is_open)
{
	cr_assert_gt(board_vacancies(rig.board), 2);
	cr_assert_gt(board_households(rig.board), 1);
	expect_counts("loaded");
	cr_assert(board_fresh(rig.board));
	cr_assert_str_eq(((const struct shown *)vacancy(VACANCY_A1)->shown)->unit_reference, "Room 1");
}

Test(board, change_is_visible_within_a_few_polls)
{
	int64_t began = clock_mono();
	size_t before = board_vacancies(rig.board);

	sql("UPDATE vacancy SET withdrawn_at = now(), withdraw_reason = 'no_staff' WHERE id = '" VACANCY_A1 "'");
	UNTIL(!vacancy(VACANCY_A1));
	cr_assert_lt(clock_mono() - began, SECOND_US, "20 ms a poll");
	expect_counts("withdrawn");
	sql("INSERT INTO vacancy (unit_id, organisation_id, available_from) VALUES ('" UNIT_A3 "', '" PROVIDER_A "', current_date)");
	UNTIL(board_vacancies(rig.board) == before);
	expect_counts("posted");
	sql("UPDATE household SET closed_at = now() WHERE id = '" HOUSEHOLD_2 "'");
	UNTIL(!board_waiting(rig.board, rig_id(HOUSEHOLD_2)));
	expect_counts("closed");
}

Test(board, facts_follow_unit_property_void_and_hold)
{
	static const char *const changes[] = {
		"UPDATE unit SET max_people = 9, version = version + 1 WHERE id = '" UNIT_A1 "'",
		"UPDATE property SET residents = 'men', version = version + 1 WHERE id = '" PROPERTY_A "'",
		HELD(VACANCY_A1),
	};

	cr_assert_eq(vacancy(VACANCY_A1)->max_people, 4);
	cr_assert_eq(vacancy(VACANCY_A1)->busy_until, 0);
	sql("%s", changes[0]);
	UNTIL(vacancy(VACANCY_A1)->max_people == 9);
	sql("%s", changes[1]);
	UNTIL((int)vacancy(VACANCY_A1)->residents == code_index(&residents_codes, "men"));
	sql("%s", changes[2]);
	UNTIL(vacancy(VACANCY_A1)->busy_until > clock_now() + 3500 * SECOND_US);
}

Test(board, rollback_is_invisible)
{
	PGconn *c = rig_connect();

	rig_exec(c, "BEGIN");
	rig_exec(c, "UPDATE vacancy SET withdrawn_at = now(), withdraw_reason = 'no_staff'");
	rig_run(150);
	cr_assert_not_null(vacancy(VACANCY_A1), "it is not committed");
	rig_exec(c, "ROLLBACK");
	rig_run(150);
	cr_assert_not_null(vacancy(VACANCY_A1));
	expect_counts("rolled back");
	PQfinish(c);
}

/* The order of seq is not that of commits: a late commit of an early number must not be missed. */
Test(board, late_commit_is_not_missed)
{
	PGconn *c = rig_connect();

	rig_exec(c, "BEGIN");
	rig_exec(c, "UPDATE vacancy SET withdrawn_at = now(), withdraw_reason = 'no_staff' WHERE id = '" VACANCY_A1 "'");
	sql("UPDATE vacancy SET withdrawn_at = now(), withdraw_reason = 'no_staff' WHERE id = '" VACANCY_A2 "'");
	UNTIL(!vacancy(VACANCY_A2));	/* committed at once, visible though an older one is open */
	cr_assert_not_null(vacancy(VACANCY_A1));
	rig_run(200);
	rig_exec(c, "COMMIT");
	UNTIL(!vacancy(VACANCY_A1));	/* and the late one is not missed */
	expect_counts("late");
	PQfinish(c);
}

#define OTHERS "pg_stat_activity WHERE datname = current_database() AND application_name = 'haven-board-test'"

/* What happened while nobody looked is not in the log any more: only loading all shows it. */
Test(board, reloads_after_an_outage)
{
	PGconn *c = rig_connect();
	const char *name = PQdb(c);
	PGconn *outside = PQconnectdb(arena_printf(rig.arena, "%s dbname=postgres", getenv("HAVEN_TEST_PG")));

	rig_exec(outside, arena_printf(rig.arena, "ALTER DATABASE %s ALLOW_CONNECTIONS false", name));
	rig_exec(c, "SELECT pg_terminate_backend(pid) FROM " OTHERS);
	rig_exec(c, "UPDATE vacancy SET withdrawn_at = now(), withdraw_reason = 'no_staff' WHERE id = '" VACANCY_A1 "'");
	rig_exec(c, "DELETE FROM change_log");
	rig_run(BOARD_STALE_MS + 300);
	cr_assert_not(board_fresh(rig.board), "it can not know");
	cr_assert_not_null(vacancy(VACANCY_A1), "what it knew is still there");
	rig_exec(outside, arena_printf(rig.arena, "ALTER DATABASE %s ALLOW_CONNECTIONS true", name));
	for (int i = 0; i < 1500 && !board_fresh(rig.board); i++)
		rig_run(10);
	cr_assert(board_fresh(rig.board), "it did not come back");
	cr_assert_null(vacancy(VACANCY_A1), "it did not load again");
	expect_counts("back");
	PQfinish(c);
	PQfinish(outside);
}

/* The statement that loads all and the view that changes are read from must not drift apart. */
Test(board, loading_all_says_what_the_view_says)
{
	sql("INSERT INTO void_period (unit_id, organisation_id, reason, from_day, until_day)"
	    " VALUES ('" UNIT_A2 "', '" PROVIDER_A "', 'repair', current_date - 2, current_date + 20)");
	sql("%s", HELD(VACANCY_B1));
	cr_assert_str_eq(sql("SELECT count(*) FROM (%s) l", SQL_BOARD_VACANCIES.text), sql("SELECT count(*) FROM board_vacancy"));
	cr_assert_str_eq(sql("SELECT count(*) FROM (SELECT to_jsonb(l) AS j FROM (%s) l EXCEPT SELECT to_jsonb(v) FROM board_vacancy v) d",
			     SQL_BOARD_VACANCIES.text), "0", "a row differs");
	cr_assert_str_neq(sql("SELECT count(*) FROM board_vacancy WHERE free_from > current_date"), "0", "the void shows");
	cr_assert_str_neq(sql("SELECT count(busy_until_us) FROM board_vacancy"), "0", "the hold shows");
}

/* ---- rows into what matching takes ---- */

Test(board, unknown_facts_stay_unknown)
{
	const struct supply *s;
	const char *id = sql("INSERT INTO vacancy (unit_id, organisation_id, available_from, available_until)"
			     " VALUES ('" UNIT_A3 "', '" PROVIDER_A "', current_date + 1, current_date + 31) RETURNING id");

	UNTIL(vacancy(id));
	s = vacancy(id);
	cr_assert(s->step_free == TRI_UNKNOWN && s->ground_floor == TRI_UNKNOWN && s->adapted_bathroom == TRI_UNKNOWN);
	cr_assert_eq((int)s->wheelchair, 0);
	cr_assert(s->oldest_boy == -1 && s->weekly_cost == -1 && s->longest_stay == -1);
	cr_assert(s->pets == 0 && s->nrpf == 0 && s->highest_risk == 0 && s->adult_children == 0);
	cr_assert_eq(s->max_people, 2);
	cr_assert_eq(s->until, s->from + 29, "the column holds the day after the last night");
	cr_assert_eq(s->busy_until, 0);
}

Test(board, known_facts_arrive)
{
	const struct supply *s = vacancy(VACANCY_B1);

	cr_assert(s->bedrooms == 3 && s->max_people == 6 && s->cots == 1 && s->min_age == 16 && s->oldest_boy == 17);
	cr_assert_eq(s->weekly_cost, 40000);
	cr_assert_eq(s->longest_stay, 365);
	cr_assert(s->step_free == TRI_YES && s->ground_floor == TRI_YES && s->self_contained == TRI_YES);
	cr_assert_eq((int)s->wheelchair, code_index(&wheelchair_codes, "full"));
	cr_assert_eq((int)s->pets, code_index(&answer_codes, "yes"));
	cr_assert_eq((int)s->highest_risk, code_index(&risk_level_codes, "high"));
	cr_assert_eq(s->district, geography_district(board_geography(rig.board), "TS19"));
	cr_assert_eq(s->staffed_24h, TRI_NO, "visiting staff");
	cr_assert_eq(vacancy(VACANCY_A1)->staffed_24h, TRI_YES);
	cr_assert_eq(vacancy(VACANCY_A1)->groups[0], board_group(rig.board, PARTNERSHIP));
	cr_assert_neq(vacancy(OTHER_VACANCY)->groups[0], board_group(rig.board, PARTNERSHIP), "who may see it");
	cr_assert_eq(s->area, board_area(rig.board, "E06000004"));
}

Test(board, lists_and_boys)
{
	uint32_t both = 1u << code_index(&language_codes, language_codes.rows[1].code) |
			1u << code_index(&language_codes, language_codes.rows[2].code);

	sql("UPDATE unit SET languages = ARRAY['%s', '%s'], oldest_boy = 0, floor = 2, version = version + 1 WHERE id = '" UNIT_A1 "'",
	    language_codes.rows[1].code, language_codes.rows[2].code);
	UNTIL(vacancy(VACANCY_A1)->languages == both);
	cr_assert_eq(vacancy(VACANCY_A1)->oldest_boy, BOYS_NONE);
	cr_assert_eq(vacancy(VACANCY_A1)->ground_floor, TRI_NO);
}

Test(board, household_arrives_with_its_members_and_dangers)
{
	const struct waiting *w;

	sql("WITH h AS (UPDATE household SET pets = true, step_free = true, support_needs = '[{\"need\": \"drugs\", \"severity\": \"high\"}]',"
	    " version = version + 1 WHERE id = '" HOUSEHOLD "' RETURNING id)"
	    " INSERT INTO unsafe_place (household_id, kind, outward_code) SELECT id, 'perpetrator_home', 'TS10' FROM h");
	UNTIL(board_waiting(rig.board, rig_id(HOUSEHOLD))->need.n_unsafe == 1);
	w = board_waiting(rig.board, rig_id(HOUSEHOLD));
	cr_assert_str_eq(w->reference, "H-TEST22");
	cr_assert(w->need.people == 2 && w->need.women == 1 && w->need.applicant_age == 30 && w->need.children == TRI_YES);
	cr_assert_eq(w->need.oldest_boy.most, -1, "a girl");
	cr_assert(w->need.pets == TRI_YES && w->need.step_free == TRI_YES && w->need.ground_floor == TRI_UNKNOWN);
	cr_assert_eq(w->need.support[code_index(&support_need_codes, "drugs")], TRI_YES);
	cr_assert_eq((int)w->need.unsafe[0].kind, AREA_OUTWARD);
	cr_assert_eq(w->need.unsafe[0].district, geography_district(board_geography(rig.board), "TS10"));
	cr_assert_eq(w->group, board_group(rig.board, PARTNERSHIP));
}

/* A danger in a place that the table does not know is a danger still: somebody must be asked. */
Test(board, unsafe_place_outside_the_geography_stays)
{
	const struct need *n;

	sql("INSERT INTO unsafe_place (household_id, kind, outward_code) VALUES ('" HOUSEHOLD "', 'perpetrator_home', 'ZE1')");
	UNTIL(board_waiting(rig.board, rig_id(HOUSEHOLD))->need.n_unsafe == 1);
	n = &board_waiting(rig.board, rig_id(HOUSEHOLD))->need;
	cr_assert_eq(n->unsafe[0].district, DISTRICT_NONE);
}

Test(board, needs_are_those_of_one_group)
{
	struct arena *a = arena_new();
	const struct need *needs;
	const struct waiting **who;
	uint16_t group = board_group(rig.board, PARTNERSHIP);
	size_t n = board_needs(rig.board, group, a, &needs, &who);

	cr_assert_eq(n, strtoul(sql("SELECT count(*) FROM board_household WHERE partnership_id = '" PARTNERSHIP "'"), NULL, 10));
	for (size_t i = 0; i < n; i++) {
		cr_assert_eq(who[i]->group, group);
		cr_assert_eq(uuid_cmp(needs[i].id, who[i]->household), 0, "needs and households go together");
	}
	arena_free(a);
}
