/* The board equals the database after every kind of change. */
#include <criterion/criterion.h>
#include <stdlib.h>

#include "base/clock.h"
#include "match/household.h"
#include "patience.h"
#include "rig.h"

TestSuite(board, .init = rig_start, .fini = rig_stop, .timeout = 120);

#define HELD(vacancy) \
	"INSERT INTO placement (vacancy_id, unit_id, organisation_id, household_id, requested_by, holder_id, period, expires_at," \
	" unit_version, household_version) SELECT v.id, v.unit_id, v.organisation_id, h.id, a.organisation_id, a.id," \
	" daterange(v.available_from, NULL), now() + interval '1 hour', u.version, h.version" \
	" FROM vacancy v JOIN unit u ON u.id = v.unit_id, household h, account a" \
	" WHERE v.id = '" vacancy "' AND h.id = '" HOUSEHOLD "' AND a.username = 'navigator'"

static size_t rows_of(const char *view)
{
	return strtoul(sql("SELECT count(*) FROM %s", view), NULL, 10);
}

static bool counted(void)
{
	return board_vacancies(rig.board) == rows_of("board_vacancy") && board_households(rig.board) == rows_of("board_household");
}

static void expect_counts(const char *when)
{
	size_t vacancies = rows_of("board_vacancy"), households = rows_of("board_household");

	cr_expect_eq(board_vacancies(rig.board), vacancies, "%s: %zu vacancies, not %zu", when, board_vacancies(rig.board), vacancies);
	cr_expect_eq(board_households(rig.board), households, "%s: %zu households, not %zu", when, board_households(rig.board),
		     households);
}

/* A change may be applied more than once, so tests wait for its effect. */
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
	rig_poll();
	cr_assert_not_null(vacancy(VACANCY_A1), "it is not committed");
	rig_exec(c, "ROLLBACK");
	rig_poll();
	cr_assert_not_null(vacancy(VACANCY_A1));
	expect_counts("rolled back");
	PQfinish(c);
}

/* Numbers of seq do not come in the order of commits: a late commit of an early number must not be
 * missed. */
Test(board, late_commit_is_not_missed)
{
	PGconn *c = rig_connect();

	rig_exec(c, "BEGIN");
	rig_exec(c, "UPDATE vacancy SET withdrawn_at = now(), withdraw_reason = 'no_staff' WHERE id = '" VACANCY_A1 "'");
	sql("UPDATE vacancy SET withdrawn_at = now(), withdraw_reason = 'no_staff' WHERE id = '" VACANCY_A2 "'");
	UNTIL(!vacancy(VACANCY_A2));	/* committed at once, and seen although an older one is open */
	cr_assert_not_null(vacancy(VACANCY_A1));
	rig_poll();
	rig_exec(c, "COMMIT");
	UNTIL(!vacancy(VACANCY_A1));	/* the late one is not missed */
	expect_counts("late");
	PQfinish(c);
}

#define OTHERS "pg_stat_activity WHERE datname = current_database() AND application_name = 'haven-board-test'"

/* After an outage the log no longer has all changes: only loading everything shows them. */
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
	cr_assert_not(board_fresh(rig.board), "it cannot know");
	cr_assert_not_null(vacancy(VACANCY_A1), "what it knew is still there");
	rig_exec(outside, arena_printf(rig.arena, "ALTER DATABASE %s ALLOW_CONNECTIONS true", name));
	for (int64_t since = clock_mono(); !board_fresh(rig.board) && wait_on(since);)
		rig_run(10);
	cr_assert(board_fresh(rig.board), "it did not come back");
	cr_assert_null(vacancy(VACANCY_A1), "it did not load again");
	expect_counts("back");
	PQfinish(c);
	PQfinish(outside);
}

Test(board, a_load_that_fails_is_told_and_tried_again)
{
	PGconn *c = rig_connect();
	uint64_t version;

	rig_exec(c, "REVOKE SELECT ON board_property FROM haven_board");
	board_reload(rig.board);
	UNTIL(rig.failures > 0);
	cr_expect_str_eq(rig.failed, "board_properties 42501");
	cr_expect_not_null(vacancy(VACANCY_A1), "what it knew is still there");
	rig_run(300);
	cr_expect_eq(rig.failures, 1, "tried again at once: %d times", rig.failures);
	version = board_version(rig.board);
	rig_exec(c, "GRANT SELECT ON board_property TO haven_board");
	UNTIL(board_version(rig.board) > version);
	cr_expect(board_fresh(rig.board));
	expect_counts("loaded again");
	PQfinish(c);
}

/* Some sixty units with every kind of past and future, each in many combinations. */
static const char *const history[] = {
	"CREATE FUNCTION pg_temp.pick(n integer, reference text, codes text[] DEFAULT '{yes,no,ask}') RETURNS text LANGUAGE sql AS"
	" $$ SELECT codes[abs(hashtext(n || reference)) % (cardinality(codes) + 1)] $$",
	"INSERT INTO unit (property_id, organisation_id, reference, self_contained, bedrooms, max_people, cots, floor, min_age, oldest_boy,"
	" weekly_cost_pence, longest_stay_days)"
	" SELECT CASE WHEN n % 2 = 0 THEN '" PROPERTY_B "' ELSE '" PROPERTY_A "' END::uuid,"
	" CASE WHEN n % 2 = 0 THEN '" PROVIDER_B "' ELSE '" PROVIDER_A "' END::uuid, 'R' || n, n % 3 = 0, CASE WHEN n % 5 > 0 THEN n % 21 END,"
	" CASE WHEN n % 4 > 0 THEN n % 30 + 1 END, n % 11, CASE WHEN n % 6 > 0 THEN n % 63 - 2 END, CASE WHEN n % 7 > 0 THEN n % 121 END,"
	" CASE WHEN n % 3 > 0 THEN n % 19 END, CASE WHEN n % 4 > 1 THEN n * 1000 END, CASE WHEN n % 5 > 1 THEN n * 20 + 1 END"
	" FROM generate_series(100, 161) n",
	"UPDATE unit SET step_free = pg_temp.pick(1, reference, '{true,false}')::boolean, wheelchair = pg_temp.pick(2, reference, '{full,essential_rooms,level_access,none}'),"
	" adapted_bathroom = pg_temp.pick(3, reference, '{true,false}')::boolean, pets = pg_temp.pick(4, reference), adult_children = pg_temp.pick(5, reference),"
	" mental_health = pg_temp.pick(6, reference), drugs = pg_temp.pick(7, reference), alcohol = pg_temp.pick(8, reference), offending = pg_temp.pick(9, reference),"
	" arson = pg_temp.pick(10, reference), violence = pg_temp.pick(11, reference), sexual_offending = pg_temp.pick(12, reference), nrpf = pg_temp.pick(13, reference),"
	" mix_reviewed_at = CASE WHEN pg_temp.pick(15, reference) = 'yes' THEN now() END, highest_risk = pg_temp.pick(14, reference, '{standard,medium,high}') WHERE reference LIKE 'R1%'",
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

static void make_history(void)
{
	PGconn *c = rig_connect();

	for (const char *const *s = history; *s; s++)
		rig_exec(c, *s);
	PQfinish(c);
}

#define ROWS_APART "SELECT count(*) FROM ((SELECT to_jsonb(a) FROM (%s) a) EXCEPT ALL (SELECT to_jsonb(b) FROM (%s) b)) d"
#define VIEWED "SELECT * FROM board_vacancy"

/* Loading joins lists in memory, and changes are read from a view: the two must not drift apart. */
Test(board, loading_all_says_what_the_view_says)
{
	const char *loaded;

	make_history();
	loaded = arena_printf(rig.arena,
			      "SELECT v.id, v.version, v.unit_id, u.property_id, u.reference, u.facts, greatest(v.free_from, d.free_from) AS free_from,"
			      " v.available_until, v.confirmed_at, coalesce(d.busy_until, v.busy_until) AS busy_until,"
			      " coalesce(d.taken, v.taken) AS taken, u.languages, u.unit_version"
			      " FROM (%s) v JOIN (%s) u USING (unit_id) JOIN (%s) p ON p.id = u.property_id LEFT JOIN (%s) d ON d.id = v.id",
			      SQL_BOARD_VACANCIES.text, SQL_BOARD_UNITS.text, SQL_BOARD_PROPERTIES.text, SQL_BOARD_DELAYS.text);
	cr_assert_str_eq(sql(ROWS_APART, loaded, VIEWED), "0", "loaded, but not in the view");
	cr_assert_str_eq(sql(ROWS_APART, VIEWED, loaded), "0", "in the view, but not loaded");
	cr_assert_str_eq(sql("SELECT count(*) > 40 AND count(*) FILTER (WHERE free_from = 'infinity') > 5"
			     " AND count(DISTINCT free_from) > 15 AND count(busy_until) > 3 FROM board_vacancy"),
			 "t", "a history in which the parts show");
	cr_assert_str_eq(sql("SELECT count(*) FROM board_vacancy WHERE reference IN ('R120', 'R121')"), "0", "closed");
}

static void expect_the_same(void *was, const struct supply *now)
{
	struct supply a = *match_index_get(was, now->id), b = *now;
	const struct shown *x = a.shown, *y = b.shown;

	cr_expect_str_eq(x->provider, y->provider);
	cr_expect_str_eq(x->area_label, y->area_label);
	cr_expect_str_eq(x->unit_reference, y->unit_reference);
	a.shown = b.shown = NULL;
	a.answer_minutes = b.answer_minutes;	/* a new answer time is not logged: it waits for a load */
	cr_expect_arr_eq(&a, &b, sizeof(a), "unit %s", y->unit_reference);
}

/* Copies the labels too: the board may replace them while the second one loads. */
static void keep(void *index, const struct supply *s)
{
	const struct shown *from = s->shown;
	struct shown *shown = arena_new_of(rig.arena, struct shown);
	struct supply copy = *s;

	shown->provider = arena_strdup(rig.arena, from->provider);
	shown->area_label = arena_strdup(rig.arena, from->area_label);
	shown->unit_reference = arena_strdup(rig.arena, from->unit_reference);
	copy.shown = shown;
	match_index_put(index, &copy);
}

/* A board that followed every change equals a board that is loaded afterwards. */
Test(board, following_ends_where_loading_begins)
{
	struct match_index *followed = match_index_new(rig.arena, geography_districts(board_geography(rig.board)));
	PGconn *c = rig_connect();
	size_t n;

	make_history();
	UNTIL(counted());
	rig_poll();
	expect_counts("followed");
	match_index_each(board_index(rig.board), keep, followed);
	n = match_index_count(followed);
	rig_exec(c, "DELETE FROM change_log");
	PQfinish(c);
	rig_second_board();
	cr_assert_gt(n, 40);
	cr_assert_eq(match_index_count(board_index(rig.second)), n);
	match_index_each(board_index(rig.second), expect_the_same, followed);
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
	code_set both = code_bit(LANGUAGE_AF) | code_bit(LANGUAGE_YO);

	sql("UPDATE unit SET languages = ARRAY['%s', '%s'], oldest_boy = -1, floor = 2, version = version + 1 WHERE id = '" UNIT_A1 "'",
	    code_at(&language_codes, LANGUAGE_AF), code_at(&language_codes, LANGUAGE_YO));
	UNTIL(vacancy(VACANCY_A1)->languages == both);
	cr_assert_eq(vacancy(VACANCY_A1)->oldest_boy, BOYS_NONE);
	cr_assert_eq(vacancy(VACANCY_A1)->ground_floor, TRI_NO);
}

static int code(PGresult *r, int row, const char *column, const struct code_list *list)
{
	int i = code_index(list, PQgetvalue(r, row, PQfnumber(r, column)));

	return i < 0 ? 0 : i;
}

static int amount(PGresult *r, int row, const char *column)
{
	int col = PQfnumber(r, column);

	return PQgetisnull(r, row, col) ? -1 : (int)strtol(PQgetvalue(r, row, col), NULL, 10);
}

static int tri(PGresult *r, int row, const char *column)
{
	int col = PQfnumber(r, column);

	return PQgetisnull(r, row, col) ? TRI_UNKNOWN : *PQgetvalue(r, row, col) == 't' ? TRI_YES : TRI_NO;
}

static void expect_codes(PGresult *r, int row, const struct supply *s)
{
	cr_expect_eq((int)s->self_contained, tri(r, row, "self_contained"));
	cr_expect_eq((int)s->ground_floor, tri(r, row, "ground_floor"));
	cr_expect_eq((int)s->step_free, tri(r, row, "step_free"));
	cr_expect_eq((int)s->adapted_bathroom, tri(r, row, "adapted_bathroom"));
	cr_expect_eq((int)s->wheelchair, code(r, row, "wheelchair", &wheelchair_codes));
	cr_expect_eq((int)s->pets, code(r, row, "pets", &answer_codes));
	cr_expect_eq((int)s->adult_children, code(r, row, "adult_children", &answer_codes));
	for (int i = 0; i < SUPPORT_COUNT; i++)
		cr_expect_eq((int)s->support[i], code(r, row, code_at(&support_need_codes, i), &answer_codes));
	cr_expect_eq((int)s->nrpf, code(r, row, "nrpf", &answer_codes));
	cr_expect_eq((int)s->highest_risk, code(r, row, "highest_risk", &risk_level_codes));
	cr_expect_eq(s->mix_known, tri(r, row, "mix_known") == TRI_YES);
}

static void expect_amounts(PGresult *r, int row, const struct supply *s)
{
	int boy = amount(r, row, "oldest_boy");

	cr_expect_eq(s->bedrooms, amount(r, row, "bedrooms"));
	cr_expect_eq(s->max_people, amount(r, row, "max_people"));
	cr_expect_eq(s->cots, amount(r, row, "cots"));
	cr_expect_eq(s->min_age, amount(r, row, "min_age"));
	cr_expect_eq(s->oldest_boy, boy > 17 ? 17 : boy);
	cr_expect_eq(s->weekly_cost, amount(r, row, "weekly_cost_pence"));
	cr_expect_eq(s->longest_stay, amount(r, row, "longest_stay_days"));
	cr_expect_eq(s->confirmed, strtoll(PQgetvalue(r, row, PQfnumber(r, "confirmed_us")), NULL, 10));
}

/* The packed column says the same as the columns from which it is made. */
Test(board, packed_facts_are_the_facts)
{
	PGconn *c = rig_connect();
	PGresult *r;

	make_history();
	r = PQexec(c, "SELECT v.id AS vacancy, u.*, floor <= 0 AS ground_floor, mix_reviewed_at IS NOT NULL OR NOT p.shared_access AS mix_known,"
		      " (extract(epoch FROM v.confirmed_at) * 1000000)::bigint AS confirmed_us"
		      " FROM board_vacancy v JOIN unit u ON u.id = v.unit_id JOIN property p ON p.id = u.property_id");
	cr_assert_gt(PQntuples(r), 40);
	UNTIL(board_vacancies(rig.board) == (size_t)PQntuples(r));
	for (int row = 0; row < PQntuples(r); row++) {
		const struct supply *s = vacancy(PQgetvalue(r, row, 0));

		cr_assert(s);
		expect_codes(r, row, s);
		expect_amounts(r, row, s);
	}
	PQclear(r);
	PQfinish(c);
}

/* The lists in the column's expression are the program's lists, in the same order. */
Test(board, every_specialism_and_risk_has_its_bit)
{
	const struct supply *s;

	for (int i = 0; i < SPECIALISM_COUNT; i++) {
		sql("UPDATE unit SET specialisms = ARRAY['no such', '%s'], version = version + 1 WHERE id = '" UNIT_A1 "' RETURNING id",
		    code_at(&specialism_codes, i));
		UNTIL(vacancy(VACANCY_A1)->specialisms == 1u << i);
	}
	for (int i = 0; i < MIX_COUNT; i++) {
		sql("UPDATE unit SET mix_poses = ARRAY['%s'], mix_avoids = ARRAY['%s'], mix_reviewed_at = now() WHERE id = '" UNIT_A1 "' RETURNING id",
		    code_at(&mix_risk_codes, i), code_at(&mix_risk_codes, MIX_COUNT - 1 - i));
		UNTIL(vacancy(VACANCY_A1)->poses == 1u << i && vacancy(VACANCY_A1)->avoids == 1u << (MIX_COUNT - 1 - i));
	}
	s = vacancy(VACANCY_A1);
	cr_assert_eq(s->specialisms, 1u << (SPECIALISM_COUNT - 1));
}

static void speak(const char *codes)
{
	sql("UPDATE unit SET languages = '%s', other_language = CASE WHEN '%s' && '{sgn,sign_system,other}'::text[] THEN 'Nobiin' END"
	    " WHERE id = '" UNIT_A1 "' RETURNING id", codes, codes);
}

Test(board, every_language_has_its_bit)
{
	for (int l = 0; l < LANGUAGE_COUNT; l++) {
		speak(arena_printf(rig.arena, "{no such,%s}", code_at(&language_codes, l)));
		UNTIL(vacancy(VACANCY_A1)->languages == code_bit(l));
	}
}

Test(board, household_arrives_with_its_members_and_dangers)
{
	int32_t today = instant_london_day(clock_now());
	const struct stay tonight = { today, today };
	const struct waiting *w;
	struct people who;

	sql("WITH h AS (UPDATE household SET pets = true, step_free = true, support_needs = '[{\"need\": \"drugs\", \"severity\": \"high\"}]',"
	    " version = version + 1 WHERE id = '" HOUSEHOLD "' RETURNING id)"
	    " INSERT INTO unsafe_place (household_id, kind, outward_code) SELECT id, 'perpetrator_home', 'TS10' FROM h");
	UNTIL(board_waiting(rig.board, rig_id(HOUSEHOLD))->need.n_unsafe == 1);
	w = board_waiting(rig.board, rig_id(HOUSEHOLD));
	cr_assert_str_eq(w->reference, "H-TEST22");
	who = people_of(&w->need, tonight);
	cr_assert(who.people == 2 && who.women == 1 && who.applicant.least == 30 && who.children == TRI_YES);
	cr_assert_eq(who.oldest_boy.most, -1, "a girl");
	cr_assert(w->need.pets == TRI_YES && w->need.step_free == TRI_YES && w->need.ground_floor == TRI_UNKNOWN);
	cr_assert_eq(w->need.support[code_index(&support_need_codes, "drugs")], TRI_YES);
	cr_assert_eq((int)w->need.unsafe[0].kind, AREA_OUTWARD);
	cr_assert_eq(w->need.unsafe[0].district, geography_district(board_geography(rig.board), "TS10"));
	cr_assert_eq(w->group, board_group(rig.board, PARTNERSHIP));
}

/* A danger in a district that the table does not know is kept. */
Test(board, unsafe_place_outside_the_geography_stays)
{
	const struct need *n;

	sql("INSERT INTO unsafe_place (household_id, kind, outward_code) VALUES ('" HOUSEHOLD "', 'perpetrator_home', 'ZE9')");
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
	size_t n = board_needs(rig.board, group, (struct board_hidden){ NULL, 0 }, a, &needs, &who);

	cr_assert_eq(n, strtoul(sql("SELECT count(*) FROM board_household WHERE partnership_id = '" PARTNERSHIP "'"), NULL, 10));
	for (size_t i = 0; i < n; i++) {
		cr_assert_eq(who[i]->group, group);
		cr_assert_eq(uuid_cmp(needs[i].id, who[i]->household), 0, "needs and households go together");
	}
	arena_free(a);
}
