/* Row-level security, tested by SQL in the workers' database role: the rows that a handler with a
 * forgotten WHERE would show. */
#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "database.h"
#include "memory.h"
#include "role.h"
#include "seed.h"

TestSuite(row_security, .fini = drop_database);

/* A row in every table that the seed leaves empty, once for HOUSEHOLD and once for the other
 * partnership's household. Tables that belong to a case get theirs by themselves. */
static const char *const more[] = {
	"INSERT INTO void_period (unit_id, organisation_id, from_day, reason) VALUES ('" UNIT_A3 "', '" PROVIDER_A "', '2030-01-01', 'pest'),"
	" ('" OTHER_UNIT "', '" OTHER_PROVIDER "', '2030-01-01', 'pest')",
	"INSERT INTO property_party VALUES ('" PROPERTY_A "', sha256('a'), 'staff'), ('" OTHER_PROPERTY "', sha256('b'), 'staff')",
	"INSERT INTO member_characteristic (id, household_id) SELECT id, household_id FROM member"
	" WHERE kind = 'main' AND household_id IN ('" HOUSEHOLD "', '" OTHER_HOUSEHOLD "')",
	"INSERT INTO unsafe_place (household_id, kind, outward_code) VALUES ('" HOUSEHOLD "', 'family', 'TS1'), ('" OTHER_HOUSEHOLD "', 'family', 'TS1')",
	"INSERT INTO person_index (household_id, purpose, hash) VALUES ('" HOUSEHOLD "', 'party', sha256('c')), ('" OTHER_HOUSEHOLD "', 'party', sha256('d'))",
	"INSERT INTO referral (household_id, organisation_id, state, submitted_at) VALUES ('" OTHER_HOUSEHOLD "', '" OTHER_COUNCIL "', 'active', now())",
	"INSERT INTO unmet_need (household_id, organisation_id, reasons, policy_version, inputs_hash)"
	" VALUES ('" HOUSEHOLD "', '" COUNCIL "', '[]', 'x', 'x'), ('" OTHER_HOUSEHOLD "', '" OTHER_COUNCIL "', '[]', 'x', 'x')",
	/* offered to A, held at B, offered elsewhere */
	"INSERT INTO placement (vacancy_id, unit_id, organisation_id, household_id, requested_by, holder_id, state, period, expires_at, offered_at,"
	" household_version, unit_version) SELECT v.id, v.unit_id, v.organisation_id, k.h::uuid, k.by::uuid, a.id, k.state, '[2030-01-01,)',"
	" now() + interval '1 hour', CASE k.state WHEN 'offered' THEN now() END, 1, 1 FROM (VALUES"
	" ('" VACANCY_A1 "', '" HOUSEHOLD "', '" COUNCIL "', 'offered'), ('" VACANCY_B1 "', '" HOUSEHOLD "', '" COUNCIL "', 'held'),"
	" ('" OTHER_VACANCY "', '" OTHER_HOUSEHOLD "', '" OTHER_COUNCIL "', 'offered')) k (v, h, by, state)"
	" JOIN vacancy v ON v.id = k.v::uuid JOIN account a ON a.username = 'navigator'",
	"INSERT INTO check_up (household_id, placement_id, kind, result, checked_on, checked_by)"
	" SELECT h::uuid, (SELECT id FROM placement LIMIT 1), 'safe_and_well_7', 'not_reached', today(), (SELECT id FROM account LIMIT 1)"
	" FROM (VALUES ('" HOUSEHOLD "'), ('" OTHER_HOUSEHOLD "')) k (h)",
	"INSERT INTO idempotency (account_id, key, request_hash) SELECT id, 'k', sha256('k') FROM account",
	"INSERT INTO case_access (household_id, account_id, access, reason) SELECT h::uuid, id, 'allow', 'r' FROM account,"
	" (VALUES ('" HOUSEHOLD "'), ('" OTHER_HOUSEHOLD "')) k (h) WHERE username = 'navigator'",
	"INSERT INTO account_link (account_id, hash, relationship) SELECT id, sha256(id::text::bytea), 'self' FROM account",
	"INSERT INTO break_glass (household_id, account_id, organisation_id, reason) SELECT '" HOUSEHOLD "', id, organisation_id, 'r' FROM account"
	" WHERE username IN ('navigator', 'other_officer')",
	"SELECT raise_alert('search_budget', id, NULL, NULL) FROM account WHERE username IN ('navigator', 'other_officer')",
	"INSERT INTO address_reveal (placement_id, household_id, property_id, organisation_id, account_id, account_organisation, purpose)"
	" SELECT p.id, p.household_id, u.property_id, p.organisation_id, p.holder_id, p.requested_by, 'let_in'"
	" FROM placement p JOIN unit u ON u.id = p.unit_id",
	"DELETE FROM fund.request",
	"SELECT test.fund_of('" HOUSEHOLD "', '" COUNCIL "'), test.fund_of('" OTHER_HOUSEHOLD "', '" OTHER_COUNCIL "')",
	"DELETE FROM audit.event",
	"INSERT INTO audit.event (organisation_id, action, subject_kind, household_id) VALUES ('" COUNCIL "', 'read', 'household', '" HOUSEHOLD "'),"
	" (NULL, 'update', 'household', '" HOUSEHOLD "'), ('" OTHER_COUNCIL "', 'read', 'household', '" OTHER_HOUSEHOLD "'),"
	" (NULL, 'sign_in_failed', 'account', NULL)",
};

/* The viewers: each is a username. */
enum viewer { OFFICER, NAVIGATOR, SANCTUARY, PROVIDER, SECOND_PROVIDER, FINANCE, APPROVER, ANALYST, CONTRACTOR, ADMINISTRATOR,
	      OTHER_OFFICER, UNTOLD, VIEWERS };
static const char *const usernames[VIEWERS] = {
	"housing_officer", "navigator", "sanctuary_coordinator", "provider", "provider_b", "finance_officer", "finance_approver", "analyst",
	"contractor", "administrator", "other_officer", NULL,
};

/* The number of rows of each table that each viewer sees. Of a table with the policy of cases that is not here a row
 * about HOUSEHOLD and one about the other partnership's is seen as belonging[] says. */
static const struct sight {
	const char *table;
	int seen[VIEWERS];
} sights[] = {
#include "sights.def"
};

static const int belonging[VIEWERS] = { 1, 1, 1, 0, 0, 0, 0, 0, 0, 0, 1, 0 };

static PGconn *worker;

static const char *run(const char *statement)
{
	return outcome(worker, statement);
}

/* The tables of cases that sights[] does not name, each with a blank behind it. */
static const char *belonging_tables(void)
{
	struct text known = text_in(test_memory());

	for (size_t i = 0; i < sizeof(sights) / sizeof(*sights); i++)
		text_printf(&known, "%s'%s'", i ? "," : "", sights[i].table);
	return sql("SELECT string_agg(polrelid::regclass || ' ', '' ORDER BY polrelid) FROM pg_policy"
		   " WHERE polname = 'cases' AND polrelid::regclass::text NOT IN (%s)", text_done(&known));
}

/* The next word of the list, which begins behind it then; NULL at its end. */
static const char *next_word(const char **list)
{
	size_t n = *list ? strcspn(*list, " ") : 0;
	const char *word = n ? arena_strndup(test_memory(), *list, n) : NULL;

	if (word)
		*list += n + 1;
	return word;
}

/* Fills the database, and connects in the workers' role. */
static void start(void)
{
	fresh_database("haven_template");
	sql("ALTER TABLE audit.event DISABLE TRIGGER event_append_only");
	for (const char *list = belonging_tables(), *table; (table = next_word(&list));)
		sql("SELECT test.row('%s', jsonb_build_object('household_id', h))"
		    " FROM unnest('{" HOUSEHOLD "," OTHER_HOUSEHOLD "}'::uuid[]) h", table);
	for (size_t i = 0; i < sizeof(more) / sizeof(*more); i++)
		sql("%s", more[i]);
	worker = connect_as("haven_app");
}

static void sign_in(const char *username)
{
	sql("INSERT INTO session (account_id, token_hash, idle_minutes, expires_at) SELECT id, sha256(sha256('%s')), 30, now() + interval '1 hour'"
	    " FROM account WHERE username = '%s' ON CONFLICT DO NOTHING", username, username);
}

/* Begins a transaction for that person, as a request does; NULL: for no person. */
static void begin_as(const char *username)
{
	run("BEGIN");
	if (!username)
		return;
	sign_in(username);
	cr_assert_eq(strlen(run(arena_printf(test_memory(), "SELECT open_request(sha256('%s'), 'r')", username))), 36, "%s", username);
}

static const char *count(const char *table)
{
	return run(arena_printf(test_memory(), "SELECT count(*) FROM %s", table));
}

static void expect_seen(int viewer, const char *table, int rows)
{
	cr_expect_eq(atoi(count(table)), rows, "%s sees %s of %s, not %d", usernames[viewer] ? usernames[viewer] : "nobody", count(table),
		     table, rows);
}

Test(row_security, everybody_sees_the_rows_of_their_role_organisation_and_relation)
{
	const char *tables;

	start();
	tables = belonging_tables();
	cr_assert(tables, "no table belongs to a case");
	for (int v = 0; v < VIEWERS; v++) {
		begin_as(usernames[v]);
		for (size_t i = 0; i < sizeof(sights) / sizeof(*sights); i++)
			expect_seen(v, sights[i].table, sights[i].seen[v]);
		for (const char *list = tables, *table; (table = next_word(&list));)
			expect_seen(v, table, belonging[v]);
		run("ROLLBACK");
	}
}

/* A table that is added later must be closed too, or be named here with the reason why it is
 * open. */
Test(row_security, every_table_of_cases_and_supply_is_closed)
{
	static const char *const open_tables[] = {
		"account", "organisation",	/* who works where: read before a person is signed in */
		"session",
		"provider_answer",		/* a median per provider */
	};
	const char *open = "";

	fresh_database("haven_template");
	for (size_t i = 0; i < sizeof(open_tables) / sizeof(*open_tables); i++)
		open = arena_printf(test_memory(), "%s,'%s'", open, open_tables[i]);
	cr_assert_null(sql("SELECT string_agg(c.relname, ' ') FROM pg_class c WHERE c.relkind = 'r' AND c.relnamespace = 'public'::regnamespace"
			   " AND NOT (c.relrowsecurity AND c.relforcerowsecurity) AND c.relname NOT IN (%s)"
			   " AND (c.relname = 'household' OR EXISTS (SELECT FROM pg_attribute a WHERE a.attrelid = c.oid AND a.attname IN"
			   "  ('household_id', 'organisation_id', 'account_id', 'property_id', 'unit_id', 'placement_id')))", open + 1));
	cr_assert_str_eq(sql("SELECT relrowsecurity AND relforcerowsecurity FROM pg_class WHERE oid = 'audit.event'::regclass"), "t");
}

Test(row_security, views_look_with_the_eyes_of_who_asks)
{
	fresh_database("haven_template");
	cr_assert_null(sql("SELECT string_agg(c.relname, ' ') FROM pg_class c WHERE c.relkind = 'v' AND c.relnamespace = 'public'::regnamespace"
			   " AND NOT coalesce('security_invoker=true' = ANY (c.reloptions), false)"));
}

Test(row_security, what_is_not_seen_is_not_changed)
{
	static const struct {
		const char *who, *statement, *outcome;
	} tries[] = {
		{ NULL, "UPDATE household SET version = version", "0" },
		{ NULL, "UPDATE placement SET version = version", "0" },
		{ NULL, "INSERT INTO household (organisation_id) VALUES ('" COUNCIL "')", "HV401" },
		{ "other_officer", "UPDATE household SET version = version WHERE id = '" HOUSEHOLD "'", "0" },
		{ "navigator", "INSERT INTO household (organisation_id) VALUES ('" OTHER_COUNCIL "')", "HV401" },
		{ "navigator", "INSERT INTO member (household_id, kind) VALUES ('" OTHER_HOUSEHOLD "', 'adult')", "HV401" },
		{ "navigator", "UPDATE household SET organisation_id = '" OTHER_COUNCIL "' WHERE id = '" HOUSEHOLD "'", "42501" },
		{ "navigator", "UPDATE vacancy SET taken_at = now()", "0" },
		{ "provider", "UPDATE vacancy SET version = version", "2" },
		{ "provider", "UPDATE household SET version = version", "0" },
		{ "provider", "UPDATE vacancy SET organisation_id = '" PROVIDER_B "'", "42501" },
		{ "provider_b", "UPDATE placement SET state = 'offered'", "0" },
		{ "administrator", "UPDATE household SET version = version", "0" },
		{ "administrator", "UPDATE alert SET version = version", "42501" },	/* by function alone */
		{ "navigator", "INSERT INTO break_glass (household_id, account_id, organisation_id, reason) SELECT NULL, NULL, NULL, ''", "42501" },
	};

	start();
	for (size_t i = 0; i < sizeof(tries) / sizeof(*tries); i++) {
		begin_as(tries[i].who);
		cr_expect_str_eq(run(tries[i].statement), tries[i].outcome, "%s: %s", tries[i].who ? tries[i].who : "nobody", tries[i].statement);
		run("ROLLBACK");
	}
}

/* ---- records of searches ---- */

/* An item as the programs send it: a person with a session searches for a case, within a budget of
 * two a day. */
static const char *item(const char *who, const char *action, const char *household)
{
	return arena_printf(test_memory(), "json_build_object('token', encode(sha256('%s'), 'hex'), 'request', 'r', 'budget', 2, 'events',"
			    " json_build_array(json_build_object('action', '%s', 'kind', 'household', 'id', '%s', 'household', '%s', 'detail',"
			    " json_build_object('matching', 0, 'not_fitting', '[]'::json, 'policy_version', 'p', 'inputs_hash', 'h', 'places', 'q',"
			    " 'case', '%s'))))", who, action, household, household, household);
}

/* For each item "t" or "f" for signed in, hidden and over the budget, and its alert. */
static const char *record(const char *items)
{
	return run(arena_printf(test_memory(), "SELECT string_agg(concat_ws(' ', r.signed_in, r.hidden, r.over, r.alert), ', ' ORDER BY r.ord)"
				" FROM audit.record_many(jsonb_build_array(%s)) r", items));
}

static const char *recorded(void)
{
	return sql("SELECT concat_ws(' ', (SELECT count(*) FROM audit.event), (SELECT count(*) FROM unmet_need), (SELECT count(*) FROM search_count))");
}

Test(row_security, a_worker_writes_no_trail_of_its_own)
{
	static const char *const tries[] = {
		"INSERT INTO audit.event (action, subject_kind) VALUES ('read', 'household')",
		"INSERT INTO audit.event (action, subject_kind) VALUES ('sign_in_failed', 'account')",
		"INSERT INTO audit.event (account_id, organisation_id, request_id, action, subject_kind, household_id)"
		" SELECT audit.me('account')::uuid, '" COUNCIL "', 'r', 'read', 'household', '" HOUSEHOLD "'",
		"INSERT INTO unmet_need (household_id, organisation_id, reasons, policy_version, inputs_hash)"
		" VALUES ('" HOUSEHOLD "', '" COUNCIL "', '[]', 'y', 'y')",
		"UPDATE unmet_need SET reasons = '[1]'",
		"INSERT INTO search_count (account_id, bucket, day, searches) SELECT audit.me('account')::uuid, '" HOUSEHOLD "', today(), 0",
		"SELECT count_searches(ARRAY[audit.me('account')::uuid], ARRAY['" HOUSEHOLD "'::uuid], ARRAY['x'], 1)",
	};
	const char *before;

	start();
	sign_in("navigator");
	before = recorded();
	for (size_t i = 0; i < sizeof(tries) / sizeof(*tries); i++) {
		begin_as("navigator");
		cr_expect_str_eq(run(tries[i]), "42501", "%s", tries[i]);
		run("ROLLBACK");
	}
	cr_expect_str_eq(record(item("nobody", "search", HOUSEHOLD)), "f f f", "a session that is none");
	cr_expect_str_eq(record(item("navigator", "reveal", HOUSEHOLD)), "23502", "what only a look at an address is");
	cr_expect_str_eq(recorded(), before);
	cr_expect_str_eq(record(item("navigator", "search", HOUSEHOLD)), "t f f");
	cr_expect_str_neq(recorded(), before);
}

Test(row_security, searches_of_a_group_are_judged_one_by_one)
{
	const char *one = item("navigator", "search", HOUSEHOLD);

	start();
	sql("INSERT INTO case_access (household_id, account_id, access, reason) SELECT '" HOUSEHOLD "', id, 'deny', 'r' FROM account"
	    " WHERE username = 'sanctuary_coordinator'");
	sign_in("navigator");
	sign_in("housing_officer");
	sign_in("sanctuary_coordinator");
	cr_assert_str_eq(record(arena_printf(test_memory(), "%s, %s, %s, %s, %s, %s, %s", one, item("housing_officer", "search", HOUSEHOLD),
					     item("sanctuary_coordinator", "search", HOUSEHOLD), one, one,
					     item("navigator", "search", HOUSEHOLD_2), one)),
			 "t f f, t f f, t t f, t f f, t f t search_budget, t f f, t f t");
	cr_assert_str_eq(record(one), "t f t");
	cr_assert_str_eq(sql("SELECT string_agg(a.username || ' ' || left(c.bucket::text, 4) || ' ' || c.searches, ', ' ORDER BY a.username, c.bucket)"
			     " FROM search_count c JOIN account a ON a.id = c.account_id"),
			 "housing_officer 0000 1, housing_officer ffff 1, navigator 0000 5, navigator 0000 1, navigator ffff 6", "the hidden one not");
	cr_assert_str_eq(sql("SELECT count(*) FROM audit.event WHERE action = 'search'"), "7", "what is over is recorded too");
	cr_assert_str_eq(sql("SELECT count(*) FROM alert x JOIN account a ON a.id = x.account_id WHERE a.username = 'navigator'"
			     " AND x.kind = 'search_budget' AND x.household_id = '" HOUSEHOLD "'"), "1");
}

Test(row_security, who_asked_is_forgotten_with_the_transaction)
{
	start();
	begin_as("navigator");
	cr_assert_str_eq(count("household"), "2");
	run("COMMIT");
	cr_assert_str_eq(count("household"), "0", "the next to use the connection is nobody");
}

/* An error of uniqueness tells that a row exists. So no constraint compares rows of organisations
 * that do not see each other, except the few here. */
Test(row_security, no_unique_constraint_tells_of_anothers_rows)
{
	fresh_database("haven_template");
	cr_assert_str_eq(sql("SELECT string_agg(i.indexrelid::regclass::text, ' ' ORDER BY i.indexrelid::regclass::text COLLATE \"C\") FROM pg_index i JOIN pg_class c ON c.oid = i.indrelid"
			     " WHERE i.indisunique AND c.relnamespace IN ('public'::regnamespace, 'vault'::regnamespace)"
			     " AND NOT EXISTS (SELECT FROM unnest(i.indkey::int[]) k JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum = k"
			     "  WHERE a.atttypid = 'uuid'::regtype)"),
			 /* drawn at random by the service, the operator's or the owner's own, or code lists */
			 "account_username_key bank_holiday_pkey change_log_pkey decision_limit_pkey decline_ground_pkey district_pkey geography_pkey"
			 " ground_exception_pkey guard_kind_pkey guarded_pkey haven_migration_pkey"
			 " household_reference_key job_pkey office_hours_pkey partnership_name_key policy_kept_pkey policy_pkey self_referral_information_pkey session_token_hash_key sign_in_failure_pkey"
			 " vault.root_key_id_usable_key vault.root_key_pkey");
}

#define SAME "SELECT coalesce(string_agg(concat_ws(' ', c.household_id, c.kind), ' '), '') FROM same_people('" HOUSEHOLD "') c"

static void expect_same(const char *username, const char *wanted)
{
	begin_as(username);
	cr_expect_str_eq(run(SAME), wanted, "%s", username ? username : "nobody");
	run("ROLLBACK");
}

Test(row_security, the_same_person_is_found_in_cases_that_who_asks_sees)
{
	start();
	sql("INSERT INTO person_index (household_id, purpose, hash) SELECT id, 'person', sha256('same') FROM household");
	for (int v = 0; v < UNTOLD; v++)
		expect_same(usernames[v], v <= SANCTUARY ? HOUSEHOLD_2 " duplicate" : "");
	expect_same(NULL, "");
	sql("UPDATE household SET restricted = true WHERE id = '" HOUSEHOLD_2 "'");
	expect_same("housing_officer", "");
	sql("UPDATE household SET restricted = id = '" HOUSEHOLD "'");
	expect_same("housing_officer", "");
}

/* ---- whose a case is ---- */

#define NEIGHBOUR "00000000-0000-4000-8000-000000000015"

/* A second council of the partnership with an officer, a navigator and an analyst. */
static void start_with_neighbours(void)
{
	start();
	sql("INSERT INTO organisation (id, partnership_id, kind, name) VALUES ('" NEIGHBOUR "', '" PARTNERSHIP "', 'council', 'Second Council')");
	sql("INSERT INTO account (organisation_id, username, display_name, role, password_hash)"
	    " SELECT '" NEIGHBOUR "', 'second_' || r, r, r, 'none' FROM unnest('{housing_officer,navigator,analyst}'::text[]) r");
	sql("UPDATE case_share SET ends_at = now()");
}

static const char *give(const char *level, const char *purpose)
{
	return arena_printf(test_memory(), "INSERT INTO case_share (household_id, organisation_id, access, purpose, ends_at)"
			    " VALUES ('" HOUSEHOLD "', '" NEIGHBOUR "', '%s', '%s', now() + interval '1 day')", level, purpose);
}

/* Every row about HOUSEHOLD that any statement of that person gets, in any table. */
static int about_case(const char *username)
{
	const char *tables = sql("SELECT string_agg(a.attrelid::regclass || ' ', '') FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid"
				 " WHERE a.attname = 'household_id' AND c.relkind IN ('r', 'v') AND has_column_privilege('haven_app', c.oid, a.attnum, 'SELECT')");
	int n;

	begin_as(username);
	n = atoi(run("SELECT count(*) FROM household WHERE id = '" HOUSEHOLD "'"));
	for (const char *table; (table = next_word(&tables));)
		n += atoi(run(arena_printf(test_memory(), "SELECT count(*) FROM %s WHERE household_id = '" HOUSEHOLD "'", table)));
	run("ROLLBACK");
	return n;
}

static const char *tried(const char *username, const char *statement)
{
	const char *found;

	begin_as(username);
	found = run(statement);
	run("ROLLBACK");
	return found;
}

Test(row_security, another_council_sees_a_case_by_its_share_alone)
{
	start_with_neighbours();
	cr_expect_eq(about_case("second_housing_officer"), 0);
	cr_expect_eq(about_case("second_navigator"), 0);
	cr_expect_eq(about_case("second_analyst"), 0, "not what was searched for it either");
	cr_expect_str_eq(tried("second_housing_officer", "UPDATE household SET version = version WHERE id = '" HOUSEHOLD "'"), "0");
	sql("%s", give("read", "joint_work"));
	cr_expect_gt(about_case("second_housing_officer"), 10);
	cr_expect_str_eq(tried("second_housing_officer", "UPDATE household SET version = version WHERE id = '" HOUSEHOLD "'"), "HV401");
	cr_expect_str_eq(tried("second_housing_officer", "INSERT INTO member (household_id, kind) VALUES ('" HOUSEHOLD "', 'adult')"), "HV401");
	cr_expect_str_eq(tried("second_housing_officer", "SELECT lock_case('" HOUSEHOLD "')"), "HV403");
	cr_expect_str_eq(tried("second_housing_officer", "SELECT count(*) FROM case_share"), "0", "with whom else is not told");
	sql("UPDATE case_share SET access = 'work_on' WHERE ends_at > now()");
	cr_expect_str_eq(tried("second_housing_officer", "UPDATE household SET version = version WHERE id = '" HOUSEHOLD "'"), "1");
	sql("UPDATE case_share SET ends_at = now()");
	cr_expect_eq(about_case("second_housing_officer"), 0, "it ended");
}

Test(row_security, a_share_opens_neither_a_denied_case_nor_a_restricted_one)
{
	start_with_neighbours();
	sql("%s", give("work_on", "placing"));
	sql("UPDATE household SET restricted = true WHERE id = '" HOUSEHOLD "'");
	cr_expect_eq(about_case("second_housing_officer"), 0, "allow beats share");
	sql("INSERT INTO case_access (household_id, account_id, access, reason) SELECT '" HOUSEHOLD "', id, 'allow', 'r' FROM account"
	    " WHERE username = 'second_housing_officer'");
	cr_expect_gt(about_case("second_housing_officer"), 10, "a person of another council can be allowed");
	sql("UPDATE case_access SET access = 'deny' WHERE account_id = (SELECT id FROM account WHERE username = 'second_housing_officer')");
	sql("UPDATE household SET restricted = false WHERE id = '" HOUSEHOLD "'");
	cr_expect_eq(about_case("second_housing_officer"), 0, "deny beats share");
	cr_expect_gt(about_case("second_navigator"), 10, "a colleague's denial is not theirs");
}

/* A share with a person ends when they work elsewhere. */
Test(row_security, a_share_with_a_person_is_not_their_colleagues)
{
	start_with_neighbours();
	sql("%s", give("read", "joint_work"));
	sql("UPDATE case_share SET account_id = (SELECT id FROM account WHERE username = 'second_housing_officer') WHERE ends_at > now()");
	cr_expect_gt(about_case("second_housing_officer"), 10);
	cr_expect_eq(about_case("second_navigator"), 0);
	sql("UPDATE account SET organisation_id = '" OTHER_COUNCIL "' WHERE username = 'second_housing_officer'");
	sql("DELETE FROM session");
	cr_expect_eq(about_case("second_housing_officer"), 0);
}

/* Forms of the rule agree: for one case, for all cases, the household's policy, and the policy of the tables
 * that belong to a household. */
Test(row_security, all_forms_of_the_rule_agree)
{
	start_with_neighbours();
	sql("INSERT INTO household (organisation_id, restricted) SELECT CASE WHEN n %% 2 = 0 THEN '" COUNCIL "' ELSE '" NEIGHBOUR "' END::uuid, random() < 0.3"
	    " FROM generate_series(1, 80) n");
	sql("INSERT INTO person_index (household_id, purpose, hash) SELECT id, 'person', sha256((random() * 20)::integer::text::bytea) FROM household");
	sql("INSERT INTO account_link (account_id, hash, relationship) SELECT a.id, sha256(n::text::bytea), 'friend'"
	    " FROM account a, generate_series(1, 3) n WHERE random() < 0.5");
	sql("UPDATE account_link l SET ended_at = now(), ended_by = a.id, end_reason = 'r' FROM account a"
	    " WHERE a.username = 'administrator' AND l.account_id <> a.id AND get_byte(l.hash, 0) %% 2 = 0");
	sql("INSERT INTO case_access (household_id, account_id, access, reason) SELECT h.id, a.id, CASE WHEN random() < 0.5 THEN 'allow' ELSE 'deny' END, 'r'"
	    " FROM household h, account a WHERE random() < 0.2 ON CONFLICT DO NOTHING");
	sql("INSERT INTO break_glass (household_id, account_id, organisation_id, reason, opened_at, expires_at) SELECT h.id, a.id, a.organisation_id, 'r',"
	    " now() - t.ago, now() - t.ago + interval '60 minutes' FROM household h, account a,"
	    " LATERAL (SELECT random() * interval '2 hours' AS ago WHERE h.id IS NOT NULL) t WHERE random() < 0.1");
	sql("INSERT INTO case_share (household_id, organisation_id, account_id, access, purpose, given_at, ends_at) SELECT h.id, a.organisation_id,"
	    " CASE WHEN random() < 0.5 THEN a.id END, 'read', 'placing', now() - interval '2 days', now() + (random() - 0.5) * interval '2 days'"
	    " FROM household h, account a WHERE random() < 0.1 AND h.organisation_id <> '" OTHER_COUNCIL "'");
	sql("INSERT INTO case_share (household_id, partnership_id, access, purpose, ends_at) SELECT id, '" PARTNERSHIP "', 'work_on', 'navigator_scheme',"
	    " 'infinity' FROM household WHERE random() < 0.2 AND organisation_id <> '" OTHER_COUNCIL "' ON CONFLICT DO NOTHING");
	for (int v = 0; v < OTHER_OFFICER; v++) {
		begin_as(usernames[v]);
		if (strcmp(run("SELECT sees_cases()"), "t") == 0) {
			cr_expect_str_eq(run("SELECT string_agg(id::text, ' ' ORDER BY id::text) FROM household"),
					 sql("SELECT string_agg(h.id::text, ' ' ORDER BY h.id::text) FROM household h, account a"
					     " WHERE h.organisation_id IN ('" COUNCIL "', '" NEIGHBOUR "') AND a.username = '%s' AND NOT case_hidden(h.id, a.id)", usernames[v]),
					 "%s", usernames[v]);
			cr_expect_str_eq(run("SELECT string_agg(DISTINCT household_id::text, ' ' ORDER BY household_id::text) FROM person_index"),
					 run("SELECT string_agg(id::text, ' ' ORDER BY id::text) FROM household"), "%s", usernames[v]);
			cr_expect_str_eq(run("SELECT count(*) FROM withheld_cases() w JOIN household h ON h.id = w"), "0",
					 "%s: withheld and seen", usernames[v]);
		}
		run("ROLLBACK");
	}
}
