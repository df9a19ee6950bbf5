/* What a hold was decided from is kept, and `haven decision replay` gives its answer again, whatever has
 * become of household, supply, policy and geography. */
#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "inventory.h"
#include "memory.h"
#include "patience.h"
#include "placing.h"
#include "referring.h"
#include "tool_rig.h"

enum { DONE, FAILED };

TestSuite(replay, .init = service_start, .fini = service_stop, .timeout = 120);
TestSuite(replay_own, .init = service_start_own, .fini = service_stop, .timeout = 120);

static int replay(const char *which)
{
	setenv("HAVEN_DATABASE", database_conninfo(), 1);
	return tool("decision", "replay", which, NULL);
}

static void expect_same(const char *id)
{
	cr_assert_eq(replay(id), DONE, "%s", tool_said);
	cr_assert_str_eq(tool_said, arena_printf(test_memory(), "%s  the same\n", id));
}

static void expect_different(const char *id, const char *why)
{
	cr_assert_eq(replay(id), FAILED, "%s", tool_said);
	cr_assert(strstr(tool_said, "different: ") && strstr(tool_said, why), "%s", tool_said);
}

Test(replay, a_decision_is_the_same)
{
	const char *id = held(HOUSEHOLD, VACANCY_A2);

	expect_same(id);
	cr_assert_eq(replay("--all"), DONE, "%s", tool_said);
	cr_assert(strstr(tool_said, "decisions: 1 the same, 0 different, 0 not kept, 0 erased\n"), "%s", tool_said);
}

Test(replay, places_passed_over_are_kept)
{
	const char *id = held(HOUSEHOLD, VACANCY_A2);
	const char *passed = sql("SELECT answer::jsonb ->> 'passed_over' FROM decision WHERE placement_id = '%s'", id);

	cr_assert_str_eq(sql("SELECT jsonb_array_length(inputs::jsonb -> 'places')::text FROM decision WHERE placement_id = '%s'", id),
			 sql("SELECT (%s + 1)::text", passed), "the chosen one beside them");
	cr_assert_str_neq(passed, "0", "others rank before the larger unit");
}

Test(replay, nothing_kept_names_anybody)
{
	const char *id = held(HOUSEHOLD, VACANCY_A1);

	cr_assert_str_eq(sql("SELECT (inputs || answer) ~ '[0-9a-f]{8}-[0-9a-f]{4}' OR (inputs || answer) ~ 'TS[0-9]'"
			     " OR position(reference IN inputs || answer) > 0"
			     "  FROM decision d JOIN household h ON h.id = d.household_id WHERE placement_id = '%s'", id), "f");
}

Test(replay_own, whatever_changes_afterwards)
{
	const char *id;

	sql("INSERT INTO unsafe_place (household_id, kind, outward_code) VALUES ('" HOUSEHOLD "', 'perpetrator_home', 'TS1')");
	board_settle();
	id = held(HOUSEHOLD, VACANCY_A1);
	sql("UPDATE member SET age = 17, sex = 'male' WHERE household_id = '" HOUSEHOLD "'");
	sql("UPDATE household SET pets = true, nrpf = true WHERE id = '" HOUSEHOLD "'");
	sql("UPDATE unit SET max_people = 1, pets = 'no' WHERE id = '" UNIT_A1 "'");
	sql("UPDATE policy SET numbers = numbers || '{\"fresh\": 9, \"size_exact\": 1}'");
	sql("UPDATE district SET neighbours = '{}', east_km = east_km + 100");
	sql("UPDATE geography SET words = 'neighbours TS1 TS10', taken_at = now()");
	expect_same(id);
}

/* The worker takes a policy up within a second. */
static void wait_for_points(const char *words)
{
	int64_t since = clock_mono();
	struct answer a;

	do {
		usleep(100000);
		a = call(ROLE_navigator, "POST", "/api/v1/vacancy-searches", "{\"household_id\":\"" HOUSEHOLD "\"}");
	} while (!strstr(a.body, words) && wait_on(since));
}

/* Two policies of one version are two policies. */
Test(replay_own, each_by_the_policy_of_its_day)
{
	const char *first = held(HOUSEHOLD, VACANCY_A1), *second;

	sql("UPDATE policy SET numbers = numbers || '{\"fresh\": 9}'");
	wait_for_points("\"freshness\",\"points\":9");
	second = held(HOUSEHOLD, VACANCY_A2);
	cr_assert_str_eq(sql("SELECT count(*) FROM policy_kept"), "2");
	cr_assert_str_eq(sql("SELECT count(DISTINCT policy_digest) FROM decision"), "2", "the worker has taken it up");
	expect_same(first);
	expect_same(second);
}

Test(replay, a_changed_row_is_told)
{
	const char *id = held(HOUSEHOLD, VACANCY_A1);

	sql("UPDATE decision SET inputs = regexp_replace(inputs, '\"max_people\":4', '\"max_people\":5')");
	expect_different(id, "place 1: points was");
	sql("UPDATE decision SET inputs = 'nonsense'");
	expect_different(id, "its inputs cannot be read");
	sql("DELETE FROM decision");
	expect_different(id, "what was kept is gone");
}

/* Also where the answer does not turn on it. */
Test(replay, a_change_that_decides_nothing_is_told)
{
	const char *id = held(HOUSEHOLD, VACANCY_A1);

	sql("UPDATE decision SET inputs = regexp_replace(inputs, '\"urgency\":\"[a-z]*\"', '\"urgency\":\"planned\"')");
	expect_different(id, "");
	sql("UPDATE decision SET policy_digest = repeat('0', 64)");
	expect_different(id, "its policy is not in the database");
}

/* All of it changed, so that it fits together: the trail still knows. */
Test(replay, another_decision_in_its_place_is_told)
{
	const char *id = held(HOUSEHOLD, VACANCY_A1), *other = held(HOUSEHOLD_2, VACANCY_A2);

	sql("UPDATE decision d SET inputs = o.inputs, answer = o.answer FROM decision o WHERE d.placement_id = '%s' AND o.placement_id = '%s'", id, other);
	sql("UPDATE placement p SET decision_hash = o.decision_hash FROM placement o WHERE p.id = '%s' AND o.id = '%s'", id, other);
	expect_different(id, "the audit trail has recorded another decision");
	expect_same(other);
	sql("DELETE FROM decision");
	sql("UPDATE placement SET decision_hash = NULL");
	expect_different(other, "what was kept is gone");
}

/* As it was taken before inputs were kept. */
static const char *held_long_ago(void)
{
	return sql("INSERT INTO placement (vacancy_id, unit_id, organisation_id, household_id, requested_by, holder_id, period, expires_at,"
		   " household_version, unit_version) SELECT v.id, v.unit_id, v.organisation_id, '" HOUSEHOLD "', '" COUNCIL "', a.id,"
		   " daterange(current_date, NULL), now() + interval '1 hour', 1, 1 FROM vacancy v, account a"
		   " WHERE v.id = '" VACANCY_A1 "' AND a.username = 'navigator' RETURNING id");
}

Test(replay, an_older_placement_is_not_called_the_same)
{
	const char *id = held_long_ago();

	cr_assert_eq(replay(id), FAILED, "%s", tool_said);
	cr_assert(strstr(tool_said, "not kept") && !strstr(tool_said, "the same"), "%s", tool_said);
	cr_assert_eq(replay("--all"), DONE, "%s", tool_said);
	cr_assert(strstr(tool_said, "decisions: 0 the same, 0 different, 1 not kept, 0 erased\n"), "%s", tool_said);
}

/* The household's erasure takes what was kept, and the replay says so. */
Test(replay, what_was_erased_is_counted_apart)
{
	const char *id = held(HOUSEHOLD, VACANCY_A1);

	sql("UPDATE placement SET state = 'expired', expires_at = now() - interval '1 hour' WHERE id = '%s'", id);
	sql("UPDATE referral SET state = 'closed', closed_at = now(), close_reason = 'changed_mind' WHERE household_id = '" HOUSEHOLD "'");
	sql("UPDATE household SET closed_at = now() WHERE id = '" HOUSEHOLD "'");
	sql("SELECT count(*) FROM erase_household('" HOUSEHOLD "', 'retention_end')");
	cr_assert_str_eq(sql("SELECT count(*) FROM decision"), "0");
	cr_assert_eq(replay("--all"), DONE, "%s", tool_said);
	cr_assert(strstr(tool_said, "0 different, 0 not kept, 1 erased\n"), "%s", tool_said);
}

Test(replay, no_worker_reads_it)
{
	static const char *const tables[] = { "decision", "policy_kept" };

	for (int i = 0; i < 2; i++)
		cr_assert_str_eq(sql("SELECT bool_or(has_any_column_privilege(r, '%s', 'SELECT, INSERT, UPDATE'))::text"
				     "  FROM unnest('{haven_app,haven_board,haven_vault}'::text[]) r", tables[i]), "false");
}

Test(replay, a_wrong_word_is_refused)
{
	cr_assert_eq(replay("H-123456"), FAILED);
	cr_assert_eq(replay(NOBODY), FAILED);
	cr_assert_eq(replay("--some"), 2);
	cr_assert_eq(tool("decision", "replay", NULL), 2);
}
