/* Every statement of the programs against a freshly migrated database, as the role that runs it. It
 * must prepare, and that role must hold every right that it needs. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

#include "database.h"
#include "db/sql.h"
#include "role.h"

TestSuite(statements, .fini = drop_database);

/* A connection that makes generic plans. Making one needs no parameters, but checks the rights. */
static PGconn *planner(const char *role)
{
	PGconn *c = connect_as(role);

	outcome(c, "SET plan_cache_mode = force_generic_plan");
	return c;
}

static void expect_prepared(PGconn *c, const struct sql *s)
{
	PGresult *r = PQprepare(c, s->name, s->text, 0, NULL);

	cr_expect_eq(PQresultStatus(r), PGRES_COMMAND_OK, "%s: %s", s->name, PQresultErrorMessage(r));
	PQclear(r);
	r = PQdescribePrepared(c, s->name);
	cr_expect_eq(PQnparams(r), s->nparams, "%s has %d parameters, not %d", s->name, PQnparams(r), s->nparams);
	PQclear(r);
}

/* Makes and opens a generic plan, which checks the rights, but does not run it. */
static void expect_allowed(PGconn *c, const struct sql *s)
{
	char text[512];
	size_t n = (size_t)snprintf(text, sizeof(text), "EXPLAIN (COSTS OFF) EXECUTE %s", s->name);
	PGresult *r;

	for (int i = 0; i < s->nparams; i++)
		n += (size_t)snprintf(text + n, sizeof(text) - n, "%sNULL", i ? ", " : "(");
	if (s->nparams)
		snprintf(text + n, sizeof(text) - n, ")");
	r = PQexec(c, text);
	cr_expect_eq(PQresultStatus(r), PGRES_TUPLES_OK, "%s: %s", s->name, PQresultErrorMessage(r));
	PQclear(r);
}

/* What a statement of the tool makes for the next ones: a function of the session, or a table of the transaction. */
static void make_its_own(PGconn *c, const struct sql *s)
{
	static const char *const none[16];
	PGresult *r;

	if (strncmp(s->text, "CREATE FUNCTION pg_temp.", 24) == 0)
		outcome(c, s->text);
	if (strncmp(s->text, "CREATE TEMP TABLE", 17) != 0)
		return;
	r = PQexecPrepared(c, s->name, s->nparams, none, NULL, NULL, 0);
	cr_expect_eq(PQresultStatus(r), PGRES_COMMAND_OK, "%s: %s", s->name, PQresultErrorMessage(r));
	PQclear(r);
}

static int check_role(enum sql_role role, const char *name)
{
	PGconn *c = planner(name);
	int n = 0;

	outcome(c, "BEGIN");	/* tables of a transaction go with it */

	for (const struct sql *const *s = sql_all; *s; s++) {
		if ((*s)->role != role)
			continue;
		expect_prepared(c, *s);
		if (role != SQL_ROLE_TOOL)
			expect_allowed(c, *s);
		else
			make_its_own(c, *s);
		n++;
	}
	PQfinish(c);
	return n;
}

Test(statements, of_the_worker)
{
	fresh_database("haven_template");
	cr_assert_gt(check_role(SQL_ROLE_WORKER, "haven_app"), 80);
}

Test(statements, of_the_board_the_vault_and_the_tool)
{
	fresh_database("haven_template");
	cr_assert_gt(check_role(SQL_ROLE_BOARD, "haven_board"), 5);
	check_role(SQL_ROLE_VAULT, "haven_vault");
	cr_assert_gt(check_role(SQL_ROLE_TOOL, "haven_owner"), 10);
}

static const char *const forbidden[] = {
	"UPDATE account SET role = 'administrator'", "UPDATE account SET organisation_id = gen_random_uuid()",
	"UPDATE session SET expires_at = 'infinity'", "UPDATE session SET account_id = gen_random_uuid()",
	"UPDATE organisation SET partnership_id = gen_random_uuid()", "UPDATE consent SET basis = 'given'",
	"UPDATE placement SET holder_id = gen_random_uuid()", "UPDATE placement SET requested_by = gen_random_uuid()",
	"UPDATE placement SET organisation_id = gen_random_uuid()", "UPDATE placement SET unit_id = gen_random_uuid()",
	"UPDATE placement SET household_id = gen_random_uuid()", "INSERT INTO placement (unit_id) VALUES (gen_random_uuid())",
	"UPDATE property SET organisation_id = gen_random_uuid()", "UPDATE unit SET property_id = gen_random_uuid()",
	"UPDATE unit SET organisation_id = gen_random_uuid()", "UPDATE vacancy SET unit_id = gen_random_uuid()",
	"UPDATE vacancy SET organisation_id = gen_random_uuid()", "UPDATE household SET owner_id = gen_random_uuid()", "UPDATE household SET restricted = false",
	"UPDATE household SET organisation_id = gen_random_uuid()", "UPDATE address_reveal SET purpose = 'let_in'",
	"INSERT INTO address_reveal (purpose) VALUES ('let_in')", "SELECT vault.reveal('', gen_random_uuid(), 'let_in', 'r')",
	"UPDATE person_index SET household_id = gen_random_uuid()", "UPDATE person_index SET hash = sha256('a')",
	"UPDATE property_party SET hash = sha256('a')", "UPDATE account_link SET hash = sha256('a')",
	"INSERT INTO property_party (property_id, hash, link) VALUES (gen_random_uuid(), sha256('a'), 'staff')",
	"SELECT conflicts FROM board_households_waiting()", "SELECT barred_from(gen_random_uuid())",
	"SELECT conflicts_of(gen_random_uuid())", "SELECT met_by(gen_random_uuid())", "SELECT conflicted_with(gen_random_uuid())", "SELECT safety_refusal(gen_random_uuid(), gen_random_uuid(), current_date)",
};

/* The vault tells a worker the keyed hash of any name. A worker that could compare it with these
 * would find the case of any person. */
static const char *const comparing[] = {
	"SELECT hash FROM person_index", "SELECT hash FROM property_party", "SELECT hash FROM account_link",
	"SELECT i FROM person_index i", "SELECT household_id FROM person_index WHERE hash = sha256('a')",
	"SELECT property_id FROM property_party WHERE hash = sha256('a')", "SELECT account_id FROM account_link WHERE hash = sha256('a')",
	"SELECT count(*) FROM person_index NATURAL JOIN account_link", "COPY property_party TO STDOUT",
	"INSERT INTO person_index (household_id, purpose, hash) VALUES (gen_random_uuid(), 'party', sha256('a')) RETURNING hash",
};

Test(statements, a_worker_raises_nobody)
{
	PGconn *c;

	fresh_database("haven_template");
	c = connect_as("haven_app");
	for (size_t i = 0; i < sizeof(forbidden) / sizeof(*forbidden); i++)
		cr_expect_str_eq(outcome(c, forbidden[i]), "42501", "%s", forbidden[i]);
	PQfinish(c);
}

Test(statements, no_worker_compares_keyed_hashes)
{
	PGconn *worker, *board;

	fresh_database("haven_template");
	worker = connect_as("haven_app");
	board = connect_as("haven_board");
	for (size_t i = 0; i < sizeof(comparing) / sizeof(*comparing); i++) {
		cr_expect_str_eq(outcome(worker, comparing[i]), "42501", "%s", comparing[i]);
		cr_expect_str_eq(outcome(board, comparing[i]), "42501", "the board: %s", comparing[i]);
	}
	PQfinish(worker);
	PQfinish(board);
}

/* The check above relies on this: a missing right shows without running the statement. */
Test(statements, a_missing_right_shows)
{
	PGconn *c;

	fresh_database("haven_template");
	c = planner("haven_app");
	PQclear(PQprepare(c, "peek", "SELECT sealed FROM vault.property_address WHERE property_id = $1", 0, NULL));
	cr_assert_str_eq(outcome(c, "EXPLAIN EXECUTE peek(NULL)"), "42501", "a worker may not read the vault");
	cr_assert_str_eq(outcome(c, "DELETE FROM household"), "42501", "a worker deletes nothing");
	cr_assert_str_eq(outcome(c, "UPDATE audit.event SET action = 'x'"), "42501", "a worker changes no audit row");
	PQfinish(c);
}

#define REVEAL "SELECT * FROM vault.reveal('x', gen_random_uuid(), 'let_in', 'r')"

#define TELL "SELECT * FROM vault.tell('x', gen_random_uuid(), 'let_in', 'r')"

/* No role reads the vault schema, sealed or not. A function gives one address to a session. */
Test(statements, no_role_reads_or_changes_anything_of_the_vault)
{
	static const char *const tables[] = { "root_key", "data_key", "property_address", "person", "safe_contact", "party", "first_name" };
	PGconn *worker, *vault, *readonly;

	fresh_database("haven_template");
	worker = connect_as("haven_app");
	vault = connect_as("haven_vault");
	readonly = connect_as("haven_ro");
	for (size_t i = 0; i < sizeof(tables) / sizeof(*tables); i++) {
		char all[64], gone[64], emptied[64];

		snprintf(all, sizeof(all), "SELECT * FROM vault.%s", tables[i]);
		snprintf(gone, sizeof(gone), "DELETE FROM vault.%s", tables[i]);
		snprintf(emptied, sizeof(emptied), "TRUNCATE vault.%s", tables[i]);
		cr_expect_str_eq(outcome(worker, all), "42501", "%s", all);
		cr_expect_str_eq(outcome(worker, gone), "42501", "%s", gone);
		cr_expect_str_eq(outcome(worker, emptied), "42501", "%s", emptied);
		cr_expect_str_eq(outcome(readonly, all), "42501", "readonly: %s", all);
		cr_expect_str_eq(outcome(vault, all), "42501", "the vault: %s", all);
		cr_expect_str_eq(outcome(vault, gone), "42501", "the vault: %s", gone);
	}
	cr_expect_str_eq(outcome(vault, "SELECT * FROM vault.key_of('property', gen_random_uuid())"), "42501");
	cr_expect_str_eq(outcome(vault, "SELECT * FROM public.placement"), "42501", "nor what is not in the vault");
	cr_expect_str_eq(outcome(vault, REVEAL), "HV401", "it may ask, for somebody who is signed in");
	cr_expect_str_eq(outcome(worker, REVEAL), "42501", "a worker may not even ask");
	cr_expect_str_eq(outcome(vault, TELL), "HV401", "the same of what is sealed about a case");
	cr_expect_str_eq(outcome(worker, TELL), "42501", "a worker may not even ask");
	cr_expect_str_eq(outcome(readonly, TELL), "42501", "readonly: neither");
	cr_expect_str_eq(outcome(worker, "SELECT vault.sealed_secret(gen_random_uuid(), 'first_name')"), "42501");
	cr_expect_str_eq(outcome(worker, "INSERT INTO case_secret DEFAULT VALUES"), "42501");
	cr_expect_str_eq(outcome(readonly, REVEAL), "42501", "readonly: neither");
	cr_expect_str_eq(outcome(worker, "INSERT INTO address_reveal DEFAULT VALUES"), "42501");
	cr_expect_str_eq(outcome(worker, "DELETE FROM address_reveal"), "42501");
	cr_expect_str_eq(outcome(worker, "UPDATE vault.data_key SET wrapped = NULL, destroyed_at = now()"), "42501");
	cr_expect_null(outcome(worker, "SELECT * FROM vault.key_of('household', gen_random_uuid())"),
		       "one subject's wrapped key, which it cannot open");
	cr_expect_str_eq(outcome(worker, "SELECT vault.hold_key('household', gen_random_uuid())"), "42501");
	PQfinish(worker);
	PQfinish(vault);
	PQfinish(readonly);
}
