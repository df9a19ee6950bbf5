/* The demo sets on a real database. */
#include <criterion/criterion.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "database.h"
#include "memory.h"
#include "opened.h"
#include "seal/password.h"
#include "tool_rig.h"

enum { DONE, FAILED };

TestSuite(demo, .init = tool_database_migrated, .fini = drop_database, .timeout = 900);

static void is(const char *wanted, const char *question)
{
	const char *answer = database_ask(question);

	cr_assert_str_eq(answer ? answer : "NULL", wanted, "%s: %s, not %s", question,
			 answer ? answer : "NULL", wanted);
}

static void near(double wanted, double tolerance, const char *question)
{
	double got = strtod(database_ask(question), NULL);

	cr_assert(fabs(got - wanted) <= tolerance, "%s: %.1f, not %.1f ± %.1f", question, got,
		  wanted, tolerance);
}

/* ---- the Tees partnership ---- */

static char dir[] = "/tmp/haven-demo-XXXXXX", path[64];

static void make_key(void)
{
	cr_assert(mkdtemp(dir), "directory");
	snprintf(path, sizeof(path), "%s/key", dir);
	setenv("HAVEN_KEY_FILE", path, 1);
	cr_assert_eq(tool("keys", "init", NULL), DONE, "key");
}

static void remove_key(void)
{
	unlink(path);
	rmdir(dir);
}

static void load_with_key(void)
{
	make_key();
	cr_assert_eq(tool("demo", "load", NULL), DONE, "load");
	remove_key();
}

Test(demo, the_demo_loads_once_and_prints_its_accounts_twice)
{
	cr_assert_eq(tool("demo", "load", NULL), DONE, "without a key too");
	cr_assert(strstr(tool_said, "loaded") && strstr(tool_said, "demo-haven-2026"), "accounts");
	cr_assert_eq(tool("demo", "load", NULL), DONE, "again");
	cr_assert(strstr(tool_said, "already there") && strstr(tool_said, "demo-haven-2026"),
		  "accounts again");
	cr_assert(!strstr(tool_said, "argon2"), "no hash");
	is("60", "SELECT count(*) FROM unit");
	cr_assert_eq(password_verify("demo-haven-2026",
				     database_ask("SELECT min(password_hash) FROM account")),
		     PASSWORD_RIGHT, "the password opens the accounts");
	is("1", "SELECT count(DISTINCT password_hash) FROM account");
	cr_assert_eq(tool("demo", "load", "--size", "S", NULL), FAILED, "no second set beside it");
}

Test(demo, the_demo_holds_every_role_type_and_state)
{
	load_with_key();
	is("9", "SELECT count(DISTINCT role) FROM account");
	is("3", "SELECT count(DISTINCT kind) FROM organisation");
	is("7", "SELECT count(DISTINCT type) FROM property");	/* all but sanctuary */
	is("9", "SELECT count(DISTINCT state) FROM placement");
	is("5", "SELECT count(DISTINCT state) FROM unit_state");
	is("held lapsed open placed",
	   "SELECT string_agg(DISTINCT state, ' ' ORDER BY state) FROM vacancy_state");
	is("t", "SELECT count(*) > 0 FROM vacancy_state s JOIN vacancy v ON v.id = s.vacancy_id "
		"WHERE s.state = 'open'"
		" AND v.confirmed_at < now() - interval '24 hours'");
	is("t", "SELECT count(*) > 0 FROM vacancy_state s JOIN vacancy v ON v.id = s.vacancy_id "
		"WHERE s.state = 'open'"
		" AND v.available_from > current_date + 1");
	is("7", "SELECT count(DISTINCT p.type) FROM board_vacancy v JOIN property p ON p.id = v.property_id");
	is("4", "SELECT count(DISTINCT wheelchair) FROM unit");
	is("5", "SELECT count(DISTINCT state) FROM referral");
}

Test(demo, the_demo_tells_the_local_facts)
{
	load_with_key();
	is("14", "SELECT count(*) FROM unit u JOIN property p ON p.id = u.property_id WHERE p.type "
		 "= 'refuge'"
		 " AND p.area_label = 'Middlesbrough' AND u.self_contained AND u.min_age = 18 AND "
		 "p.residents = 'women'");
	is("7", "SELECT count(*) FROM unit u JOIN property p ON p.id = u.property_id WHERE p.type "
		"= 'refuge'"
		" AND p.area_label = 'Stockton-on-Tees' AND u.self_contained");
	is("t",
	   "SELECT bool_and('by_and_for_forced_marriage_hba' = ANY (u.specialisms)) FROM unit u"
	   " JOIN property p ON p.id = u.property_id WHERE p.type = 'specialist'");
	is("6", "SELECT count(*) FROM organisation WHERE kind = 'council'");
	is("40", "SELECT count(*) FROM board_household b WHERE NOT EXISTS (SELECT FROM sanctuary.job j WHERE j.household_id = b.id)");
	is("40", "SELECT count(*) FROM sanctuary.job");
	is("0", "SELECT count(*) FROM property WHERE residents = 'any' AND shared_access");
	is("0",
	   "SELECT count(*) FROM property p WHERE NOT EXISTS (SELECT FROM vault.property_address a"
	   " WHERE a.property_id = p.id)");
}

Test(demo, what_the_program_works_out_is_right_in_the_demo)
{
	load_with_key();
	/* a woman, boys of 12 and 8, girls of 9 and 14 */
	is("3", "SELECT DISTINCT bedrooms_needed FROM household h WHERE (SELECT string_agg(sex || "
		"age, ' ' ORDER BY age)"
		" FROM member m WHERE m.household_id = h.id) = 'male8 female9 male12 female14 "
		"female34'");
	is("0", "SELECT count(*) FROM household h WHERE dash IS NOT NULL AND risk_level <> (SELECT "
		"CASE WHEN count(*) >= 14"
		" THEN 'high' WHEN count(*) >= 10 THEN 'medium' ELSE 'standard' END FROM "
		"jsonb_each_text(dash)"
		" WHERE value = 'yes') AND risk_raised_reason IS NULL");
	is("1", "SELECT count(*) FROM board_household WHERE conflicts IS NOT NULL");
	is("0", "SELECT count(*) FROM member m WHERE NOT EXISTS (SELECT FROM person_index i WHERE "
		"i.member_id = m.id)");
	is("0", "SELECT count(*) FROM placement p WHERE state IN ('held', 'offered', 'accepted', "
		"'arrived')"
		" AND safety_refusal(household_id, unit_id, lower(period)) IS NOT NULL");
}

/* ---- its fund and its homes made safe ---- */

static void act_as_finance(void)
{
	database_ask("SELECT set_config('haven.account', id::text, false), set_config('haven.role', role, false),"
		     " set_config('haven.organisation', organisation_id::text, false) FROM account WHERE username = 'finance'");
}

Test(demo, the_demo_s_fund_has_a_year_of_history_that_verifies_whole)
{
	load_with_key();
	cr_assert_eq(tool("ledger", "verify", NULL), DONE, "whole");
	is("3", "SELECT count(*) FROM fund.pot");
	is("3", "SELECT count(*) FROM fund.pot_year WHERE state IN ('soft_closed', 'closed')");
	is("8", "SELECT min(cardinality(fund.weeks_before(ARRAY[id], NULL, today()))) FROM fund.pot");
	is("t", "SELECT sum(pence) > 0 FROM fund.pot, unnest(fund.weeks_before(ARRAY[id], NULL, today())) pence");
	is("approved cancelled paid rejected requested second_needed sent_back",
	   "SELECT string_agg(DISTINCT state, ' ' ORDER BY state) FROM fund.request WHERE state <> 'expired'");
	is("t", "SELECT count(*) > 10 FROM fund.run WHERE state = 'confirmed'");
	is("t", "SELECT count(*) > 10 FROM fund.request WHERE evidence IN ('receipt', 'tenancy_agreement') AND state = 'paid'");
	is("t", "SELECT max(n) > 3 FROM (SELECT count(*) AS n FROM fund.payment JOIN fund.promise ON request_id = cause_id"
		" WHERE state = 'confirmed' GROUP BY cause_id) weeks_paid");
	act_as_finance();
	is("t", "SELECT bool_and(n > 0) FROM (SELECT (SELECT count(*) FROM fund.weeks_of_year(y.id)) AS n"
		" FROM fund.pot_year y WHERE y.state = 'open') weeks");
	is("t", "SELECT count(*) > 0 FROM fund.forecast(fund.year_of(today())) WHERE (o).band IS NOT NULL");
}

Test(demo, the_demo_s_contractors_have_orders_in_every_state)
{
	load_with_key();
	is("accepted booked done invoiced offered on_site paid refused taken_over",
	   "SELECT string_agg(DISTINCT state, ' ' ORDER BY state) FROM sanctuary.works_order");
	is("2", "SELECT count(DISTINCT firm_id) FROM sanctuary.works_order");
	is("t", "SELECT count(*) > 0 FROM sanctuary.works_order WHERE kind = 'snag' AND state = 'offered'");
	is("0", "SELECT count(*) FROM sanctuary.job j WHERE j.state IN ('ordered', 'scheduled', 'installed')"
		" AND NOT EXISTS (SELECT FROM sanctuary.works_order o WHERE o.job_id = j.id)");
}

/* Opens the n-th member. */
static json_t *person(int n, const char **id)
{
	const char *text;

	*id = sql("SELECT member_id FROM vault.person ORDER BY member_id OFFSET %d LIMIT 1", n);
	text = opened(path, SEAL_PERSON, *id);
	return test_json(text, strlen(text));
}

Test(demo, what_is_secret_in_it_opens_with_the_service_s_key)
{
	const char *id, *address;

	make_key();
	cr_assert_eq(tool("demo", "load", NULL), DONE, "load");
	is("0", "SELECT count(*) FROM member m WHERE NOT EXISTS (SELECT FROM vault.person v WHERE v.member_id = m.id)");
	for (int n = 0; n < 12; n++) {
		json_t *p = person(n, &id);
		const char *born = json_string_value(json_object_get(p, "birth_date"));

		cr_assert_str_eq(sql("SELECT extract(year FROM age(age_on, '%s')) = age FROM member WHERE id = '%s'", born, id),
				 "t", "born %s", born);
	}
	address = opened(path, SEAL_ADDRESS, sql("SELECT id FROM property ORDER BY id LIMIT 1"));
	cr_assert(address && strstr(address, "Demonstration Way\",\"") && strstr(address, "ZZ\""), "%s", address);
	cr_assert_not_null(opened(path, SEAL_CONTACT, sql("SELECT id FROM vault.safe_contact LIMIT 1")));
	remove_key();
}

Test(demo, a_generated_set_is_sealed_too)
{
	const char *address, *name;

	make_key();
	cr_assert_eq(tool("demo", "load", "--size", "S", NULL), DONE, "load");
	is("0", "SELECT count(*) FROM property p WHERE NOT EXISTS (SELECT FROM vault.property_address a WHERE a.property_id = p.id)");
	is("0", "SELECT count(*) FROM board_household b WHERE NOT EXISTS (SELECT FROM vault.person v WHERE v.household_id = b.id)");
	for (int n = 0; n < 12; n += 3) {
		address = opened(path, SEAL_ADDRESS, sql("SELECT property_id FROM vault.property_address OFFSET %d LIMIT 1", n));
		name = opened(path, SEAL_PERSON, sql("SELECT member_id FROM vault.person OFFSET %d LIMIT 1", 5 * n));
		cr_assert(strstr(address, "Demonstration Way"), "%s", address);
		cr_assert(strstr(name, "birth_date"), "%s", name);
	}
	remove_key();
}

Test(demo, real_data_are_never_mixed_with_the_demo)
{
	tool("organisation", "add", "Real Council", "--kind", "council", "--partnership", "Real",
	     NULL);
	cr_assert_eq(tool("demo", "load", NULL), FAILED, "refused");
	cr_assert_eq(tool("demo", "load", "--vacancies", "10", NULL), FAILED, "generated sets too");
	is("1", "SELECT count(*) FROM organisation");
}

/* ---- generated sets ---- */

Test(demo, a_generated_set_has_the_known_ratios)
{
	cr_assert_eq(tool("demo", "load", "--size", "S", NULL), DONE, "load");
	is("60", "SELECT count(*) FROM unit");
	is("40", "SELECT count(*) FROM board_household");
	near(4200, 100, "SELECT count(*) FROM referral WHERE state IN ('placed', 'closed')");
	near(62.5, 1.5,
	     "SELECT 100.0 * avg((state = 'closed')::integer) FROM referral WHERE state IN "
	     "('placed', 'closed')");
	near(40.6, 2.5,
	     "SELECT 100.0 * avg((decline_reason = 'capacity')::integer) FROM placement WHERE "
	     "state = 'declined'");
	near(35.4, 2.5,
	     "SELECT 100.0 * avg((decline_side = 'household')::integer) FROM placement WHERE state "
	     "= 'declined'");
	near(18.0, 2.5,
	     "SELECT 100.0 * avg((decline_side = 'provider' AND decline_reason NOT IN ('capacity',"
	     " 'incomplete_referral', 'duplicate', 'found_elsewhere', 'recording_error'))::integer)"
	     " FROM placement WHERE state = 'declined'");
	near(2.0, 0.2,
	     "SELECT (SELECT count(*) FROM placement)::numeric / (SELECT count(*) FROM referral)");
	is("t", "SELECT (SELECT count(*) FROM audit.event WHERE subject_kind = 'placement') = (SELECT count(*) FROM placement)");
	cr_assert(strstr(tool_said, "placements"), "one line a table");
}

Test(demo, the_generated_history_is_possible)
{
	cr_assert_eq(tool("demo", "load", "--size", "S", "--events", "3", NULL), DONE, "load");
	is("0", "SELECT count(*) FROM placement a JOIN placement b ON b.unit_id = a.unit_id AND "
		"b.id > a.id"
		" AND b.period && a.period WHERE a.state IN ('arrived', 'accepted', 'departed')"
		" AND b.state IN ('arrived', 'accepted', 'departed')");
	is("0", "SELECT count(*) FROM placement p JOIN vacancy v ON v.id = p.vacancy_id WHERE "
		"p.held_at < v.created_at"
		" OR p.decided_at > v.taken_at OR p.offered_at > p.decided_at OR p.offered_at < "
		"p.held_at");
	is("0", "SELECT count(*) FROM placement p JOIN referral r USING (household_id) WHERE "
		"p.held_at < r.submitted_at");
	is("0", "SELECT count(*) FROM placement WHERE greatest(held_at, offered_at, decided_at) > "
		"now()");
	is("0", "SELECT count(*) FROM placement p JOIN unit u ON u.id = p.unit_id JOIN property x "
		"ON x.id = u.property_id"
		" JOIN organisation o ON o.id = p.organisation_id WHERE x.organisation_id <> o.id");
	is("0", "SELECT count(*) FROM placement p JOIN unit u ON u.id = p.unit_id WHERE p.state IN "
		"('arrived', 'accepted')"
		" AND u.max_people < (SELECT count(*) FROM member m WHERE m.household_id = "
		"p.household_id)");
	is("0", "SELECT count(*) FROM void_period v JOIN placement p ON p.unit_id = v.unit_id AND "
		"p.state = 'departed'"
		" AND p.period && daterange(v.from_day, v.until_day)");
	is("t", "SELECT (SELECT count(*) FROM audit.event WHERE subject_kind = 'placement') = 3 * (SELECT count(*) FROM placement)");
}

Test(demo, a_generated_set_has_years_of_the_fund_and_of_homes_made_safe)
{
	cr_assert_eq(tool("demo", "load", "--size", "S", NULL), DONE, "load");
	cr_assert_eq(tool("ledger", "verify", NULL), DONE, "whole");
	is("t", "SELECT count(DISTINCT year) = 8 AND count(DISTINCT pot_id) = 3 FROM fund.pot_year");
	near(7, 1.5, "SELECT (SELECT count(*) FROM sanctuary.job) / 66.0");
	near(70, 20, "SELECT 100.0 * avg((ended_at <= due_at)::integer) FROM sanctuary.clock WHERE kind = 'installation' AND ended_as = 'met'");
	is("0", "SELECT count(*) FROM sanctuary.job j WHERE j.state <> (SELECT s.becomes FROM sanctuary.step s"
		" WHERE s.job_id = j.id ORDER BY s.n DESC LIMIT 1)");
	is("0", "SELECT count(*) FROM sanctuary.step s WHERE s.act NOT IN ('refer') AND NOT EXISTS ("
		"SELECT FROM sanctuary.move m WHERE m.act = s.act AND m.state = s.was AND m.becomes = s.becomes)");
	is("0", "SELECT count(*) FROM sanctuary.step a JOIN sanctuary.step b ON b.job_id = a.job_id AND b.n = a.n + 1 WHERE b.at < a.at OR b.was <> a.becomes");
	is("0", "SELECT count(*) FROM sanctuary.job j JOIN household h ON h.id = j.household_id WHERE h.closed_at IS NOT NULL AND j.ended_at IS NULL");
	is("0", "SELECT count(*) FROM fund.request r JOIN household h ON h.id = r.household_id WHERE r.asked_at > h.closed_at OR r.asked_at < h.created_at");
}

Test(demo, a_thousand_vacancies_are_as_hard_to_fit_as_real_ones)
{
	cr_assert_eq(tool("demo", "load", "--vacancies", "1000", NULL), DONE, "load");
	is("1000", "SELECT count(*) FROM vacancy_state WHERE state = 'open'");
	is("300", "SELECT count(*) FROM board_household");
	is("9", "SELECT count(*) FROM unit WHERE wheelchair = 'full'");
	is("91", "SELECT count(*) FROM unit WHERE nrpf IN ('yes', 'ask')");
	near(46, 0.1, "SELECT 100.0 * avg((max_people >= 3)::integer) FROM unit");
	is("1", "SELECT count(*) FROM partnership");
	is("0", "SELECT count(*) FROM placement");
}

/* Every constraint, index and trigger of the schema. */
static const char *print_of_schema(void)
{
	return database_ask("SELECT count(*) || ' ' || md5(string_agg(it, E'\\n' ORDER BY it)) FROM ("
			    "SELECT conrelid::regclass::text || conname::text || pg_get_constraintdef(oid) AS it FROM pg_constraint"
			    " UNION ALL SELECT indexdef FROM pg_indexes UNION ALL SELECT tgrelid::regclass::text || tgname::text || tgenabled::text"
			    " FROM pg_trigger WHERE NOT tgisinternal) all_of_it");
}

Test(demo, a_bulk_load_leaves_triggers_and_constraints_as_they_were)
{
	const char *before = print_of_schema();

	cr_assert_eq(tool("demo", "load", "--vacancies", "20", NULL), DONE, "load");
	cr_assert_str_eq(print_of_schema(), before, "constraints, indexes and triggers are back");
	is("0", "SELECT count(*) FROM pg_trigger WHERE tgenabled <> 'O'");
	is("0", "SELECT count(*) FROM pg_constraint WHERE NOT convalidated");
	database_ask("UPDATE unit SET cots = 2 WHERE reference = 'Unit 1'");
	is("unit", "SELECT subject_kind FROM audit.event WHERE action = 'update'");
}

Test(demo, a_row_that_breaks_a_constraint_stops_the_whole_load)
{
	database_ask("ALTER TABLE unit ADD CONSTRAINT small CHECK (max_people < 6)");
	cr_assert_eq(tool("demo", "load", "--size", "S", NULL), FAILED, "refused");
	is("0", "SELECT count(*) FROM organisation");
	is("0", "SELECT count(*) FROM pg_trigger WHERE tgenabled <> 'O'");
	database_ask("ALTER TABLE unit DROP CONSTRAINT small");
	database_ask("ALTER TABLE member ADD CONSTRAINT orphans FOREIGN KEY (id) REFERENCES "
		     "household (id)");
	cr_assert_eq(tool("demo", "load", "--size", "S", NULL), FAILED, "foreign keys are checked");
}

static const char *print_of_load(void)
{
	cr_assert_eq(tool("demo", "load", "--vacancies", "50", NULL), DONE, "load");
	return database_ask("SELECT md5(string_agg(u.id || u.reference || coalesce(u.wheelchair, "
			    "'-') || h.reference, ','"
			    " ORDER BY u.id, h.id)) FROM unit u, household h");
}

Test(demo, the_same_set_is_the_same_everywhere)
{
	const char *first = print_of_load();

	drop_database();
	tool_database_migrated();
	cr_assert_str_eq(print_of_load(), first, "identities, facts and references repeat");
}
