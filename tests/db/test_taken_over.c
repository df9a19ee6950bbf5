/* A compromised worker, with all rights of its database role. It cannot invent a person, and it
 * cannot change anything in the name of a person whose token it does not have. */
#include <criterion/criterion.h>
#include <string.h>

#include "base/text.h"
#include "database.h"
#include "memory.h"
#include "role.h"
#include "seed.h"

TestSuite(taken_over, .fini = drop_database);

#define PLACEMENT "00000000-0000-4000-8000-0000000009a1"
#define ACCEPT "UPDATE placement SET state = 'accepted', decided_at = now() WHERE id = '" PLACEMENT "'"

static PGconn *worker;

static const char *run(const char *statement)
{
	return outcome(worker, statement);
}

/* Makes an offer to provider A, and signs every account in. */
static void start(void)
{
	fresh_database("haven_template");
	sql("INSERT INTO placement (id, vacancy_id, unit_id, organisation_id, household_id, requested_by, holder_id, state, period, expires_at,"
	    " offered_at, household_version, unit_version) SELECT '" PLACEMENT "', v.id, v.unit_id, v.organisation_id, '" HOUSEHOLD "', '" COUNCIL "',"
	    " a.id, 'offered', daterange(today(), NULL), now() + interval '1 hour', now(), 1, 1"
	    " FROM vacancy v, account a WHERE v.id = '" VACANCY_A1 "' AND a.username = 'navigator'");
	sql("INSERT INTO session (account_id, token_hash, idle_minutes, expires_at)"
	    " SELECT id, sha256(sha256(username::bytea)), 30, now() + interval '1 hour' FROM account");
	sql("INSERT INTO vault.root_key (id) VALUES ('0000000000000000')");
	sql("INSERT INTO vault.data_key (subject_id, subject_kind, organisation_id, wrapped) VALUES ('" PROPERTY_A "', 'property', '" PROVIDER_A "',"
	    " decode('01' || repeat('00', 80), 'hex'))");
	worker = connect_as("haven_app");
}

/* Begins a transaction with that person's token, as if it had come to the worker. */
static void begin_as(const char *username)
{
	run("BEGIN");
	cr_assert_eq(strlen(run(arena_printf(test_memory(), "SELECT open_request(sha256('%s'), 'r')", username))), 36, "%s", username);
}

/* Makes the settings of a request without the token. */
static void make_up(const char *username)
{
	const char *rest = sql("SELECT format('set_config(''haven.account'', %%L, true), set_config(''haven.organisation'', %%L, true),"
			       " set_config(''haven.role'', %%L, true), set_config(''haven.partners'', %%L, true)', id, organisation_id, role,"
			       " partners_of(organisation_id)) FROM account WHERE username = '%s'", username);

	run(arena_printf(test_memory(), "SELECT %s", rest));
}

static void is(const char *wanted, const char *statement)
{
	const char *got = run(statement);

	cr_expect(text_eq(got, wanted), "%s, not %s: %s", got, wanted, statement);
	if (PQtransactionStatus(worker) != PQTRANS_IDLE)
		run("ROLLBACK");
}

Test(taken_over, a_worker_opens_no_session_and_makes_no_account)
{
	static const char *const tries[] = {
		"INSERT INTO session (account_id, token_hash, idle_minutes, expires_at) SELECT id, sha256(sha256('mine')), 30, now() + interval '1 hour' FROM account",
		"UPDATE session SET token_hash = sha256(sha256('mine'))", "UPDATE session SET revoked_at = NULL", "UPDATE session SET seen_at = now()",
		"INSERT INTO account (organisation_id, username, display_name, role, password_hash) VALUES ('" COUNCIL "', 'made-up', 'M', 'navigator', 'x')",
		"UPDATE account SET password_hash = 'x'", "UPDATE account SET disabled_at = NULL", "UPDATE account SET role = 'navigator'",
		"SELECT password_hash FROM account", "SELECT a FROM account a", "SELECT * FROM sign_in_failure", "DELETE FROM sign_in_failure",
		"SELECT vault.sign_in_look('navigator')", "SELECT vault.sign_in('navigator', gen_random_uuid(), '', '', 'x', 'r')",
		"SELECT vault.sign_in_failed('navigator', NULL, 'r')", "SELECT vault.password_look('x', 'r')", "SELECT vault.password_change('x', '', 'x', 'r')",
		"SELECT * FROM audit.proof_key", "SELECT audit.proof()", "SELECT audit.disown()", "SELECT take_hold('{}')",
	};

	start();
	for (size_t i = 0; i < sizeof(tries) / sizeof(*tries); i++)
		is("42501", tries[i]);
	is("HV401", "SELECT open_request(token_hash, 'r') FROM session");
	begin_as("navigator");
	is(NULL, "SELECT id FROM make_account('" COUNCIL "', 'made-up', 'M', 'navigator', 'x')");
	cr_assert_str_eq(sql("SELECT count(*) FROM account WHERE username = 'made-up' OR password_hash = 'x'"), "0");
}

Test(taken_over, settings_of_its_own_change_nothing)
{
	static const struct {
		const char *as, *statement;
	} tries[] = {
		{ "provider", ACCEPT },
		{ "provider", "UPDATE vacancy SET version = version + 1" },
		{ "provider", "SELECT vault.put_key('property', gen_random_uuid(), '" PROVIDER_A "', '\\x01')" },
		{ "provider", "SELECT vault.put_address('" PROPERTY_A "', '\\x01')" },
		{ "navigator", "INSERT INTO unsafe_place (household_id, kind, outward_code) VALUES ('" HOUSEHOLD "', 'family', 'TS1')" },
		{ "navigator", "INSERT INTO person_index (household_id, purpose, hash) VALUES ('" HOUSEHOLD "', 'party', sha256('x'))" },
		{ "administrator", "INSERT INTO organisation (partnership_id, kind, name) VALUES ('" PARTNERSHIP "', 'council', 'Made Up')" },
		{ "navigator", "UPDATE placement SET state = 'cancelled', cancel_reason = 'recording_error'" },
		{ "navigator", "INSERT INTO household (organisation_id) VALUES ('" COUNCIL "')" },
		{ "navigator", "INSERT INTO case_access (household_id, account_id, access, reason) SELECT '" HOUSEHOLD "', id, 'allow', 'r' FROM account LIMIT 1" },
		{ "navigator", "SELECT settle_access('" HOUSEHOLD "', NULL)" },
		{ "navigator", "SELECT outcome FROM person_search('[{\"hash\": \"00\", \"form\": \"name\"}]', NULL, '{\"reason\": \"r\"}', 30)" },
		{ "administrator", "SELECT id FROM make_account('" COUNCIL "', 'made-up', 'M', 'navigator', 'x')" },
		{ "administrator", "SELECT sign_out_account(id) FROM account WHERE username = 'navigator'" },
		{ "administrator", "SELECT id FROM close_account((SELECT id FROM account WHERE username = 'navigator'))" },
	};

	start();
	for (size_t i = 0; i < sizeof(tries) / sizeof(*tries); i++) {
		run("BEGIN");
		make_up(tries[i].as);
		is("HV401", tries[i].statement);
		/* nor together with another person's token */
		begin_as("analyst");
		make_up(tries[i].as);
		is("HV401", tries[i].statement);
	}
	begin_as("provider");
	is("1", ACCEPT);
}

Test(taken_over, a_proof_is_good_for_its_transaction_alone)
{
	const char *proof;

	start();
	begin_as("provider");
	proof = run("SELECT current_setting('haven.proof')");
	cr_assert_eq(strlen(proof), 64, "a proof");
	run("COMMIT");
	run("BEGIN");
	make_up("provider");
	run(arena_printf(test_memory(), "SELECT set_config('haven.proof', '%s', true)", proof));
	is("HV401", ACCEPT);
	/* housekeeping runs for no person, and proves no person */
	run("BEGIN");
	run("SELECT tidy()");
	is("0", ACCEPT);
	run("BEGIN");
	run("SELECT tidy()");
	make_up("provider");
	is("HV401", ACCEPT);
}

/* The statement that swaps the settings for a proven person's, or for none, as housekeeping leaves
 * them. */
static const char *settings_of(const char *username)
{
	if (!username)
		return "set_config('haven.account', '', true) || set_config('haven.organisation', '', true)"
		       " || set_config('haven.role', '', true) || set_config('haven.partners', '', true)";
	return sql("SELECT format('set_config(''haven.account'', %%L, true) || set_config(''haven.organisation'', %%L, true)"
		   " || set_config(''haven.role'', %%L, true) || set_config(''haven.partners'', %%L, true)', id, organisation_id, role,"
		   " partners_of(organisation_id)) FROM account WHERE username = '%s'", username);
}

/* Row security reads the settings at one moment of a statement and the trail at another: between
 * the two they can be changed. */
Test(taken_over, settings_swapped_inside_a_statement_open_no_address)
{
	static const char *const proven[] = { "navigator", "housing_officer", "provider_b" };

	start();
	for (size_t i = 0; i < sizeof(proven) / sizeof(*proven); i++) {
		const char *back = settings_of(proven[i]);

		begin_as(proven[i]);
		make_up("provider");
		is("HV401", arena_printf(test_memory(), ACCEPT " RETURNING %s", back));
		begin_as(proven[i]);
		make_up("provider");
		is("HV401", arena_printf(test_memory(), "UPDATE placement SET state = 'accepted', decided_at = CASE WHEN %s <> '' THEN now() END"
					 " WHERE id = '" PLACEMENT "'", back));
	}
	sql("INSERT INTO case_access (household_id, account_id, access, reason) SELECT '" HOUSEHOLD "', id, 'deny', 'r' FROM account WHERE username = 'provider'");
	begin_as("navigator");
	cr_expect_str_eq(run("DELETE FROM case_access"), "1", "who may, may");
	run("ROLLBACK");
	begin_as("provider");
	make_up("navigator");
	run(arena_printf(test_memory(), "DELETE FROM case_access WHERE set_config('haven.account', '%s', true) <> ''",
			 sql("SELECT id FROM account WHERE username = 'provider'")));
	run("COMMIT");
	cr_expect_str_eq(sql("SELECT count(*) FROM case_access"), "1", "who is denied stays denied");
	cr_assert_str_eq(sql("SELECT state FROM placement WHERE id = '" PLACEMENT "'"), "offered");
}

Test(taken_over, settings_swapped_inside_a_statement_change_no_case)
{
	static const char *const proven[] = { "analyst", "provider", "other_officer", NULL };

	start();
	sql("INSERT INTO unsafe_place (household_id, kind, outward_code) VALUES ('" HOUSEHOLD "', 'family', 'TS1')");
	for (size_t i = 0; i < sizeof(proven) / sizeof(*proven); i++) {
		static const char *const changes[] = {
			"UPDATE unsafe_place SET ended_at = now()", "UPDATE member SET kind = kind", "UPDATE household SET version = version + 1",
		};

		for (size_t k = 0; k < sizeof(changes) / sizeof(*changes); k++) {
			if (proven[i])
				begin_as(proven[i]);
			else
				run("BEGIN; SELECT tidy()");
			make_up("navigator");
			is("HV401", arena_printf(test_memory(), "%s WHERE %s = '" HOUSEHOLD "' RETURNING %s", changes[k],
						 strstr(changes[k], "household SET") ? "id" : "household_id", settings_of(proven[i])));
		}
	}
	begin_as("navigator");
	is("1", "UPDATE unsafe_place SET ended_at = now()");
}

/* Two transactions in one message share one now(). */
Test(taken_over, a_proof_is_not_good_for_the_next_transaction_of_the_message)
{
	start();
	run(arena_printf(test_memory(), "BEGIN; SELECT open_request(sha256('provider'), 'r');"
			 " SELECT set_config('kept.proof', current_setting('haven.proof'), false); COMMIT;"
			 " BEGIN; SELECT %s, set_config('haven.proof', current_setting('kept.proof'), true); " ACCEPT "; COMMIT", settings_of("provider")));
	cr_assert_str_eq(sql("SELECT state FROM placement WHERE id = '" PLACEMENT "'"), "offered");
}

Test(taken_over, the_days_of_a_stay_are_not_set_anew)
{
	start();
	sql("UPDATE placement SET state = 'arrived', expires_at = NULL, decided_at = now() - interval '9 days', arrived_on = today() - 9,"
	    " period = daterange(today() - 9, NULL)");
	begin_as("navigator");
	is("HV401", "UPDATE placement SET arrived_on = today()");
	begin_as("navigator");
	is("HV401", "UPDATE placement SET decided_at = now()");
	begin_as("provider");
	is("HV401", "UPDATE placement SET period = daterange(today(), NULL)");
	begin_as("navigator");
	is("1", "UPDATE placement SET safe_and_well = true");
}

/* A table that is added later is checked too. */
Test(taken_over, every_table_that_a_worker_writes_checks_who_does)
{
	start();
	cr_assert_null(sql("SELECT string_agg(c.relname, ' ') FROM pg_class c WHERE c.relkind = 'r'"
			   " AND c.relnamespace IN ('public'::regnamespace, 'audit'::regnamespace, 'vault'::regnamespace)"
			   " AND (has_any_column_privilege('haven_app', c.oid, 'INSERT, UPDATE') OR has_table_privilege('haven_app', c.oid, 'DELETE'))"
			   " AND NOT EXISTS (SELECT FROM pg_trigger t WHERE t.tgrelid = c.oid AND t.tgname = 'a_proven')"));
	cr_assert_null(sql("SELECT string_agg(p.proname, ' ') FROM pg_proc p WHERE p.prorettype = 'trigger'::regtype"
			   " AND p.pronamespace IN ('public'::regnamespace, 'audit'::regnamespace, 'vault'::regnamespace)"
			   " AND has_function_privilege('haven_app', p.oid, 'EXECUTE')"), "a worker could hang it on a table of its own");
}

/* A household that did not arrive at an accepted place cannot be put into it again, and an ended
 * stay cannot be made active. */
Test(taken_over, an_ended_stay_is_not_revived_by_who_asked_for_it)
{
	start();
	sql("UPDATE placement SET state = 'cancelled', cancel_reason = 'recording_error', expires_at = NULL, decided_at = now()");
	begin_as("navigator");
	is("HV401", "UPDATE placement SET state = 'accepted', cancel_reason = NULL");
	begin_as("navigator");
	is("HV401", "UPDATE placement SET state = 'arrived', arrived_on = today(), cancel_reason = NULL");
	cr_assert_str_eq(sql("SELECT state FROM placement"), "cancelled");
}
