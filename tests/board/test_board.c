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
	cr_assert_lt(clock_mono() - began, 30 * SECOND_US, "not by the hourly load");
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

/* Some sixty units with every kind of past and future, each in many combinations. */
static const char *const history[] = {
	"INSERT INTO unit SELECT (jsonb_populate_record(u, jsonb_build_object('id', gen_random_uuid(), 'reference', 'R' || n))).*"
	" FROM unit u, generate_series(100, 161) n WHERE u.id = CASE WHEN n % 2 = 0 THEN '" UNIT_B1 "' ELSE '" UNIT_A1 "' END::uuid",
	"CREATE TEMP VIEW r AS SELECT u.id, u.organisation_id, substr(u.reference, 2)::integer AS n FROM unit u WHERE u.reference ~ '^R[0-9]'",
	"INSERT INTO vacancy (unit_id, organisation_id, available_from, available_until, withdrawn_at, withdraw_reason, taken_at)"
	" SELECT id, organisation_id, current_date + n % 31 - 12, CASE WHEN n % 4 = 0 THEN current_date + 200 END,"
	" CASE WHEN n % 13 = 0 THEN now() END, CASE WHEN n % 13 = 0 THEN 'no_staff' END, CASE WHEN n % 11 = 0 THEN now() END FROM r",
	"INSERT INTO void_period (unit_id, organisation_id, from_day, until_day, reason)"
	" SELECT id, organisation_id, current_date + n % 17 - 9, CASE WHEN n % 2 = 0 THEN current_date + n % 17 + 5 END, 'repair' FROM r WHERE n % 3 = 0",
	"INSERT INTO household (organisation_id, reference) SELECT '" COUNCIL "', 'R-' || n FROM r",
	"CREATE TEMP VIEW one AS SELECT v.id AS vacancy_id, r.id AS unit_id, r.organisation_id, h.id AS household_id, a.organisation_id AS asker,"
	" a.id AS holder, r.n FROM r JOIN vacancy v ON v.unit_id = r.id JOIN household h ON h.reference = 'R-' || r.n, account a"
	" WHERE a.username = 'navigator'",
	"INSERT INTO placement (vacancy_id, unit_id, organisation_id, household_id, requested_by, holder_id, state, period, departed_on,"
	" departure_reason, destination, household_version, unit_version) SELECT vacancy_id, unit_id, organisation_id, household_id, asker, holder,"
	" 'departed', daterange(current_date - 300 - k, current_date - n % 120 - k), current_date - n % 120 - k,"
	" 'planned_move_on', 'private_tenancy', 1, 1 FROM one, generate_series(0, 40, 20) k",
	"INSERT INTO placement (vacancy_id, unit_id, organisation_id, household_id, requested_by, holder_id, state, period, expires_at,"
	" household_version, unit_version) SELECT vacancy_id, unit_id, organisation_id, household_id, asker, holder, 'held',"
	" daterange(current_date + 300, NULL), now() + (n % 3 - 1) * interval '1 hour', 1, 1 FROM one WHERE n % 4 = 1",
	"INSERT INTO placement (vacancy_id, unit_id, organisation_id, household_id, requested_by, holder_id, state, period, arrived_on,"
	" household_version, unit_version) SELECT vacancy_id, unit_id, organisation_id, household_id, asker, holder,"
	" CASE WHEN n % 2 = 0 THEN 'arrived' ELSE 'accepted' END, daterange(current_date - n % 9, CASE WHEN n % 4 < 2 THEN current_date + n % 23 + 1 END),"
	" CASE WHEN n % 2 = 0 THEN current_date - n % 9 END, 1, 1 FROM one WHERE n % 5 = 0 AND n % 4 <> 1",
	"UPDATE unit SET closed_at = now() WHERE reference IN ('R120', 'R121')",
	"INSERT INTO provider_answer VALUES ('" PROVIDER_A "', 25)",
	NULL,
};

#define ROWS_APART "SELECT count(*) FROM ((SELECT to_jsonb(a) FROM (%s) a) EXCEPT ALL (SELECT to_jsonb(b) FROM (%s) b)) d"
#define VIEWED "SELECT * FROM board_vacancy"

/* The statement that loads all and the view that changes are read from must not drift apart. */
Test(board, loading_all_says_what_the_view_says)
{
	PGconn *c = rig_connect();

	for (const char *const *s = history; *s; s++)
		rig_exec(c, *s);
	PQfinish(c);
	cr_assert_str_eq(sql(ROWS_APART, SQL_BOARD_VACANCIES.text, VIEWED), "0", "loaded, but not in the view");
	cr_assert_str_eq(sql(ROWS_APART, VIEWED, SQL_BOARD_VACANCIES.text), "0", "in the view, but not loaded");
	cr_assert_str_eq(sql("SELECT count(*) > 40 AND count(*) FILTER (WHERE free_from = 'infinity') > 5"
			     " AND count(DISTINCT free_from) > 15 AND count(busy_until_us) > 3 AND count(answer_minutes) > 5 FROM board_vacancy"),
			 "t", "a history in which the parts show");
	cr_assert_str_eq(sql("SELECT count(*) FROM board_vacancy WHERE unit_reference IN ('R120', 'R121')"), "0", "closed");
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
