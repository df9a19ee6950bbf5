/* Every statement of the programs against a freshly migrated database, as the role that runs it:
 * it must prepare, and that role must hold every right it needs. */
#include <criterion/criterion.h>
#include <libpq-fe.h>
#include <stdio.h>
#include <string.h>

#include "database.h"
#include "db/sql.h"

TestSuite(statements, .fini = drop_database);

static PGconn *connect_as(const char *conninfo, const char *role)
{
	char text[512];
	PGconn *c;

	snprintf(text, sizeof(text), "%s user=%s", conninfo, role);
	c = PQconnectdb(text);
	cr_assert_eq(PQstatus(c), CONNECTION_OK, "%s", PQerrorMessage(c));
	PQclear(PQexec(c, "SET plan_cache_mode = force_generic_plan"));
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

/* A generic plan is made and opened, which asks for the rights, but not run. */
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

static int check_role(const char *conninfo, enum sql_role role, const char *name)
{
	PGconn *c = connect_as(conninfo, name);
	int n = 0;

	for (const struct sql *const *s = sql_all; *s; s++) {
		if ((*s)->role != role)
			continue;
		expect_prepared(c, *s);
		if (role != SQL_ROLE_TOOL)
			expect_allowed(c, *s);
		n++;
	}
	PQfinish(c);
	return n;
}

Test(statements, of_the_worker)
{
	cr_assert_gt(check_role(fresh_database("haven_template"), SQL_ROLE_WORKER, "haven_app"), 80);
}

Test(statements, of_the_board_the_vault_and_the_tool)
{
	const char *conninfo = fresh_database("haven_template");

	cr_assert_gt(check_role(conninfo, SQL_ROLE_BOARD, "haven_board"), 5);
	check_role(conninfo, SQL_ROLE_VAULT, "haven_vault");
	cr_assert_gt(check_role(conninfo, SQL_ROLE_TOOL, "haven_owner"), 10);
}

static const char *const forbidden[] = {
	"UPDATE account SET role = 'administrator'", "UPDATE account SET organisation_id = gen_random_uuid()",
	"UPDATE session SET expires_at = 'infinity'", "UPDATE session SET account_id = gen_random_uuid()",
	"UPDATE organisation SET partnership_id = gen_random_uuid()", "UPDATE consent SET basis = 'given'",
	"UPDATE placement SET holder_id = gen_random_uuid()", "UPDATE placement SET requested_by = gen_random_uuid()",
	"UPDATE placement SET organisation_id = gen_random_uuid()", "UPDATE placement SET unit_id = gen_random_uuid()",
	"UPDATE placement SET household_id = gen_random_uuid()", "INSERT INTO placement (unit_id) VALUES (gen_random_uuid())",
	"UPDATE household SET owner_id = gen_random_uuid()", "UPDATE household SET restricted = false",
	"UPDATE household SET organisation_id = gen_random_uuid()", "UPDATE address_reveal SET purpose = 'let_in'",
	"INSERT INTO address_reveal (purpose) VALUES ('let_in')", "SELECT vault.reveal('', gen_random_uuid(), 'let_in', 'r')",
};

Test(statements, a_worker_raises_nobody)
{
	PGconn *c = connect_as(fresh_database("haven_template"), "haven_app");

	for (size_t i = 0; i < sizeof(forbidden) / sizeof(*forbidden); i++) {
		PGresult *r = PQexec(c, forbidden[i]);

		cr_expect_str_eq(PQresultErrorField(r, PG_DIAG_SQLSTATE), "42501", "%s", forbidden[i]);
		PQclear(r);
	}
	PQfinish(c);
}

/* What the check above relies on: a right that is missing shows without running anything. */
Test(statements, a_missing_right_shows)
{
	PGconn *c = connect_as(fresh_database("haven_template"), "haven_app");
	PGresult *r;

	PQclear(PQprepare(c, "peek", "SELECT sealed FROM vault.property_address WHERE property_id = $1", 0, NULL));
	r = PQexec(c, "EXPLAIN EXECUTE peek(NULL)");
	cr_assert_str_eq(PQresultErrorField(r, PG_DIAG_SQLSTATE), "42501", "a worker may not read the vault: %s",
			 PQresultErrorMessage(r));
	PQclear(r);
	r = PQexec(c, "DELETE FROM household");
	cr_assert_str_eq(PQresultErrorField(r, PG_DIAG_SQLSTATE), "42501", "a worker deletes nothing");
	PQclear(r);
	r = PQexec(c, "UPDATE audit.event SET action = 'x'");
	cr_assert_str_eq(PQresultErrorField(r, PG_DIAG_SQLSTATE), "42501", "a worker changes no audit row");
	PQclear(r);
	PQfinish(c);
}

#define REVEAL "SELECT * FROM vault.reveal('x', gen_random_uuid(), 'let_in', 'r')"

static const char *state_of(PGconn *c, const char *statement)
{
	static char state[6];
	PGresult *r = PQexec(c, statement);
	const char *found = PQresultErrorField(r, PG_DIAG_SQLSTATE);

	snprintf(state, sizeof(state), "%s", found ? found : "00000");
	PQclear(r);
	return state;
}

/* Sealed or not, what is in the vault schema nobody reads: a function gives one address for a session. */
Test(statements, no_role_reads_or_changes_anything_of_the_vault)
{
	static const char *const tables[] = { "root_key", "data_key", "property_address", "person", "safe_contact", "party" };
	const char *conninfo = fresh_database("haven_template");
	PGconn *worker = connect_as(conninfo, "haven_app"), *vault = connect_as(conninfo, "haven_vault"),
	       *readonly = connect_as(conninfo, "haven_ro");

	for (size_t i = 0; i < sizeof(tables) / sizeof(*tables); i++) {
		char all[64], gone[64], emptied[64];

		snprintf(all, sizeof(all), "SELECT * FROM vault.%s", tables[i]);
		snprintf(gone, sizeof(gone), "DELETE FROM vault.%s", tables[i]);
		snprintf(emptied, sizeof(emptied), "TRUNCATE vault.%s", tables[i]);
		cr_expect_str_eq(state_of(worker, all), "42501", "%s", all);
		cr_expect_str_eq(state_of(worker, gone), "42501", "%s", gone);
		cr_expect_str_eq(state_of(worker, emptied), "42501", "%s", emptied);
		cr_expect_str_eq(state_of(readonly, all), "42501", "readonly: %s", all);
		cr_expect_str_eq(state_of(vault, all), "42501", "the vault: %s", all);
		cr_expect_str_eq(state_of(vault, gone), "42501", "the vault: %s", gone);
	}
	cr_expect_str_eq(state_of(vault, "SELECT * FROM vault.key_of('property', gen_random_uuid())"), "42501");
	cr_expect_str_eq(state_of(vault, "SELECT * FROM public.placement"), "42501", "nor what is not in the vault");
	cr_expect_str_eq(state_of(vault, REVEAL), "HV401", "it may ask, for somebody who is signed in");
	cr_expect_str_eq(state_of(worker, REVEAL), "42501", "a worker may not even ask");
	cr_expect_str_eq(state_of(readonly, REVEAL), "42501", "readonly: neither");
	cr_expect_str_eq(state_of(worker, "INSERT INTO address_reveal DEFAULT VALUES"), "42501");
	cr_expect_str_eq(state_of(worker, "DELETE FROM address_reveal"), "42501");
	cr_expect_str_eq(state_of(worker, "UPDATE vault.data_key SET wrapped = NULL, destroyed_at = now()"), "42501");
	cr_expect_str_eq(state_of(worker, "SELECT * FROM vault.key_of('household', gen_random_uuid())"), "00000",
			 "one subject's wrapped key, which it can not open");
	cr_expect_str_eq(state_of(worker, "SELECT vault.hold_key('household', gen_random_uuid())"), "42501");
	PQfinish(worker);
	PQfinish(vault);
	PQfinish(readonly);
}
