/* Whatever changes of who lives where, of people and of links, the board bars a waiting household from the vacancies
 * that a plain reading of the tables bars it from. */
#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#include "patience.h"
#include "rig.h"

TestSuite(conflicts, .init = rig_start, .fini = rig_stop, .timeout = 120);

#define HASH "sha256('#')"
#define MAIN_OF(household) "(SELECT id FROM member WHERE household_id = '" household "' AND kind = 'main')"
#define NOW_THERE "state IN ('held', 'offered', 'accepted', 'arrived')"

/* One statement each; # is one of three people, or places. */
static const char *const changes[] = {
	"INSERT INTO person_index (household_id, purpose, hash) VALUES ('" HOUSEHOLD "', 'party', " HASH ") RETURNING household_id",
	"INSERT INTO person_index (household_id, purpose, hash) VALUES ('" HOUSEHOLD_2 "', 'party', " HASH ") RETURNING household_id",
	"INSERT INTO person_index (household_id, purpose, hash) VALUES ('" HOUSEHOLD "', 'link', " HASH ") RETURNING household_id",
	"INSERT INTO person_index (household_id, member_id, purpose, hash) VALUES ('" HOUSEHOLD_2 "', " MAIN_OF(HOUSEHOLD_2) ", 'resident', " HASH ")"
	" RETURNING household_id",
	"INSERT INTO person_index (household_id, member_id, purpose, hash) VALUES ('" HOUSEHOLD "', " MAIN_OF(HOUSEHOLD) ", 'resident', " HASH ")"
	" RETURNING household_id",
	"WITH gone AS (DELETE FROM property_party WHERE hash = " HASH " RETURNING 1) SELECT count(*) FROM gone",
	"INSERT INTO property_party (property_id, hash, link) VALUES ('" PROPERTY_B "', " HASH ", 'landlord') RETURNING property_id",
	"INSERT INTO account_link (account_id, hash, relationship) SELECT id, " HASH ", 'family' FROM account WHERE username = 'provider_b'"
	" RETURNING id",
	"WITH ended AS (UPDATE account_link SET ended_at = now(), end_reason = 'over', ended_by = (SELECT id FROM account WHERE username = 'administrator')"
	" WHERE hash = " HASH " AND ended_at IS NULL RETURNING 1) SELECT count(*) FROM ended",
	"INSERT INTO placement (vacancy_id, unit_id, organisation_id, household_id, requested_by, holder_id, period, expires_at,"
	" unit_version, household_version) SELECT v.id, v.unit_id, v.organisation_id, h.id, a.organisation_id, a.id,"
	" daterange(v.available_from, NULL), now() + interval '1 hour', 1, 1 FROM vacancy v, household h, account a"
	" WHERE v.id = (ARRAY['" VACANCY_A1 "', '" VACANCY_A2 "', '" VACANCY_B1 "'])[# + 1]::uuid AND h.id = '" HOUSEHOLD_2 "'"
	" AND a.username = 'navigator' AND NOT EXISTS (SELECT FROM placement WHERE " NOW_THERE ") RETURNING id",
	"WITH was AS (UPDATE placement SET state = 'accepted', version = version + # WHERE state = 'held' RETURNING 1) SELECT count(*) FROM was",
	"WITH was AS (UPDATE placement SET state = 'cancelled', cancel_reason = 'changed_mind', version = version + # WHERE " NOW_THERE
	" RETURNING 1) SELECT count(*) FROM was",
	"WITH was AS (UPDATE member SET ended_at = CASE WHEN ended_at IS NULL AND # = 0 THEN now() END WHERE household_id = '" HOUSEHOLD_2 "'"
	" RETURNING 1) SELECT count(*) FROM was",
	"WITH was AS (UPDATE vacancy SET withdrawn_at = CASE WHEN withdrawn_at IS NULL THEN now() END,"
	" withdraw_reason = CASE WHEN withdrawn_at IS NULL THEN 'no_staff' END WHERE id = '" VACANCY_A2 "' AND # >= 0 RETURNING 1)"
	" SELECT count(*) FROM was",
};
enum { CHANGES = sizeof(changes) / sizeof(*changes) };

static void change(const char *what, int one)
{
	char *statement = arena_strdup(rig.arena, what);

	for (char *at = statement; (at = strchr(at, '#')); at++)
		*at = (char)('0' + one);
	database_ask(statement);
}

/* Table by table, without a thought for how many people there are. */
#define BARRED \
	"SELECT coalesce(string_agg(DISTINCT v.id::text, ';' ORDER BY v.id::text), '')" \
	"  FROM vacancy v JOIN unit u ON u.id = v.unit_id JOIN property p ON p.id = u.property_id JOIN person_index i ON i.household_id = '%s'" \
	" WHERE v.withdrawn_at IS NULL AND v.taken_at IS NULL" \
	"   AND (i.purpose = 'party' AND EXISTS (SELECT FROM property_party x WHERE x.property_id = p.id AND x.hash = i.hash)" \
	"     OR i.purpose = 'link' AND i.member_id IS NULL AND EXISTS (SELECT FROM account_link l JOIN account a ON a.id = l.account_id" \
	"           WHERE a.organisation_id = p.organisation_id AND l.ended_at IS NULL AND l.hash = i.hash)" \
	"     OR EXISTS (SELECT FROM placement s JOIN unit n ON n.id = s.unit_id JOIN person_index r ON r.household_id = s.household_id" \
	"           WHERE n.property_id = p.id AND s." NOW_THERE " AND s.household_id <> i.household_id AND r.hash = i.hash" \
	"             AND (i.purpose = 'party' AND r.purpose = 'resident' AND EXISTS (SELECT FROM member m WHERE m.id = r.member_id AND m.ended_at IS NULL)" \
	"               OR i.purpose = 'resident' AND r.purpose = 'party' AND EXISTS (SELECT FROM member m WHERE m.id = i.member_id AND m.ended_at IS NULL))))"

/* A vacancy that is none any more may stay in the list of a household: nothing is found by it. */
static const char *barred_on_board(const char *household)
{
	const struct waiting *w = board_waiting(rig.board, rig_id(household));
	char *list = arena_alloc(rig.arena, NEED_CONFLICTS * UUID_TEXT + 1), *at = list;

	*at = '\0';
	for (int i = 0; w && i < w->need.n_conflicts; i++) {
		if (!match_index_get(board_index(rig.board), w->need.conflicts[i]))
			continue;
		if (at > list)
			*at++ = ';';
		uuid_format(w->need.conflicts[i], at);
		at += strlen(at);
	}
	return list;
}

static bool as_read(const char *household)
{
	return !board_waiting(rig.board, rig_id(household)) ||
	       strcmp(barred_on_board(household), sql(BARRED, household)) == 0;
}

Test(conflicts, follow_whatever_changes)
{
	int some = 0;

	srand(11);
	for (int step = 0; step < 150; step++) {
		int which = rand() % CHANGES, person = rand() % 3;

		change(changes[which], person);
		for (int i = 0; i < 400 && !(as_read(HOUSEHOLD) && as_read(HOUSEHOLD_2)); i++)
			rig_run(5);
		cr_assert(as_read(HOUSEHOLD), "step %d: %s: %s, not %s", step, changes[which], barred_on_board(HOUSEHOLD), sql(BARRED, HOUSEHOLD));
		cr_assert(as_read(HOUSEHOLD_2), "step %d: %s: %s, not %s", step, changes[which], barred_on_board(HOUSEHOLD_2),
			  sql(BARRED, HOUSEHOLD_2));
		some += *barred_on_board(HOUSEHOLD) != '\0';
	}
	cr_assert(some > 30 && some < 145, "both happen: %d of 150", some);
}

/* What keeps two holds of one house apart, that are in two transactions and of two units. */
Test(conflicts, two_who_must_not_meet_wait_for_each_other)
{
	PGconn *one = rig_connect(), *other = rig_connect();
	PGresult *r;

	change(changes[0], 1);
	change(changes[3], 1);
	rig_exec(one, "BEGIN");
	rig_exec(one, "SELECT lock_meetings('" HOUSEHOLD "')");
	rig_exec(other, "SET lock_timeout = '200ms'");
	rig_exec(other, "SELECT lock_meetings('" OTHER_HOUSEHOLD "')");
	r = PQexec(other, "SELECT lock_meetings('" HOUSEHOLD_2 "')");
	cr_assert_str_eq(PQresultErrorField(r, PG_DIAG_SQLSTATE), "55P03", "it waits");
	PQclear(r);
	rig_exec(one, "COMMIT");
	rig_exec(other, "SELECT lock_meetings('" HOUSEHOLD_2 "')");
	PQfinish(one);
	PQfinish(other);
}
