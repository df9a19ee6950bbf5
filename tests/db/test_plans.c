/* All statements of a hold, nested ones too, are planned while the tables are small and run when
 * they have grown. They must use an index. The plans show it, not the time. */
#include <criterion/criterion.h>
#include <libpq-fe.h>
#include <string.h>

#include "base/text.h"
#include "database.h"
#include "memory.h"
#include "seed.h"

TestSuite(plans, .fini = drop_database);

#define TOKEN "abababababababababababababababababababababababababababababababab"
#define SIGNED_IN                                                                                                      \
	"INSERT INTO session (account_id, token_hash, idle_minutes, expires_at) SELECT id, sha256(decode('" TOKEN "', 'hex')), 60,"  \
	" now() + interval '1 hour' FROM account WHERE username = 'navigator'"

static struct text plans;

static void collect(void *arg, const PGresult *r)
{
	(void)arg;
	text_puts(&plans, PQresultErrorField(r, PG_DIAG_MESSAGE_PRIMARY));
	text_puts(&plans, "\n");
}

static void run(PGconn *c, const char *statement)
{
	PGresult *r = PQexec(c, statement);

	cr_assert(PQresultStatus(r) == PGRES_TUPLES_OK || PQresultStatus(r) == PGRES_COMMAND_OK, "%s: %s", statement,
		  PQresultErrorMessage(r));
	PQclear(r);
}

/* A superuser's connection: auto_explain shows the plans of statements inside functions. */
static PGconn *explaining(void)
{
	struct text t = text_in(test_memory());
	PGconn *c;

	text_printf(&t, "%s user=haven_root", fresh_database("haven_template"));
	c = PQconnectdb(text_done(&t));
	cr_assert_eq(PQstatus(c), CONNECTION_OK, "%s", PQerrorMessage(c));
	plans = text_in(test_memory());
	PQsetNoticeReceiver(c, collect, NULL);
	run(c, SIGNED_IN);
	run(c, "LOAD 'auto_explain'");
	run(c, "SET auto_explain.log_min_duration = 0");
	run(c, "SET auto_explain.log_nested_statements = on");
	return c;
}

static const char *plans_of(PGconn *c, const char *statement)
{
	plans = text_in(test_memory());
	run(c, "SET client_min_messages = log");
	run(c, statement);
	run(c, "SET client_min_messages = warning");
	return text_done(&plans);
}

/* With the verdict that a worker hands over. */
static const char *hold_of(const char *key, const char *vacancy, const char *household)
{
	return arena_printf(test_memory(),
		"SELECT outcome FROM hold_many(jsonb_build_array(jsonb_build_object('request', 'r', 'key', '%s', 'minutes', 60,"
		" 'token', '" TOKEN "', 'hash', repeat('00', 32), 'vacancy_id', '%s', 'household_id', '%s', 'inputs', '{}',"
		" 'answer', '{}', 'decision_hash', 'h') || '%s'))", key, vacancy, household,
		sql("SELECT jsonb_build_object('household_version', h.version, 'judged_version', v.version,"
		    "       'place_version', u.version + p.version, 'policy_digest', y.digest)"
		    "  FROM household h, vacancy v JOIN unit u ON u.id = v.unit_id JOIN property p ON p.id = u.property_id, policy y"
		    " WHERE h.id = '%s' AND v.id = '%s'", household, vacancy));
}

/* Puts a thousand rows and more into each table that a hold reads, without statistics. */
static const char *const growth[] = {
	"SET session_replication_role = replica",
	"INSERT INTO organisation (id, partnership_id, kind, name) SELECT gen_random_uuid(), '" PARTNERSHIP "', 'provider', 'P ' || n"
	" FROM generate_series(1, 1000) n",
	"INSERT INTO account (organisation_id, username, display_name, role, password_hash)"
	" SELECT '" COUNCIL "', 'user' || n, 'User', 'navigator', 'none' FROM generate_series(1, 1000) n",
	"INSERT INTO session (account_id, token_hash, idle_minutes, expires_at) SELECT id, sha256(id::text::bytea), 60, now() + interval '1 hour'"
	" FROM account WHERE username LIKE 'user%'",
	"INSERT INTO property SELECT (jsonb_populate_record(p, jsonb_build_object('id', gen_random_uuid()))).* FROM property p,"
	" generate_series(1, 1000) WHERE p.id = '" PROPERTY_B "'",
	"INSERT INTO unit (property_id, organisation_id, reference, self_contained, bedrooms, max_people)"
	" SELECT property_id, organisation_id, 'U ' || n, self_contained, bedrooms, max_people FROM unit u, generate_series(1, 2000) n WHERE u.id = '" UNIT_B1 "'",
	"INSERT INTO vacancy (unit_id, organisation_id, available_from) SELECT id, organisation_id, current_date FROM unit WHERE reference LIKE 'U %'",
	"INSERT INTO household (organisation_id, reference) SELECT '" COUNCIL "', 'G-' || n FROM generate_series(1, 2000) n",
	"INSERT INTO member (household_id, kind, sex) SELECT id, 'main', 'female' FROM household WHERE reference LIKE 'G-%'",
	"INSERT INTO unsafe_place (household_id, kind, outward_code) SELECT id, 'perpetrator_home', 'TS1' FROM household WHERE reference LIKE 'G-%'",
	"INSERT INTO person_index (household_id, purpose, hash) SELECT id, 'person', sha256(id::text::bytea) FROM household",
	"INSERT INTO property_party (property_id, hash, link) SELECT id, sha256(id::text::bytea), 'staff' FROM property",
	"INSERT INTO placement (vacancy_id, unit_id, organisation_id, household_id, requested_by, holder_id, period, expires_at, state,"
	" household_version, unit_version) SELECT v.id, v.unit_id, v.organisation_id, '" HOUSEHOLD_2 "', '" COUNCIL "', a.id,"
	" daterange(current_date, NULL), now() + interval '1 hour', 'held', 1, 1 FROM vacancy v JOIN unit u ON u.id = v.unit_id, account a"
	" WHERE u.reference LIKE 'U %' AND a.username = 'navigator'",
	"INSERT INTO void_period (unit_id, organisation_id, from_day, reason) SELECT id, organisation_id, current_date + 400, 'repair'"
	" FROM unit WHERE reference LIKE 'U %'",
	"INSERT INTO idempotency (account_id, key, request_hash) SELECT id, 'k' || n, sha256('') FROM account, generate_series(1, 2000) n"
	" WHERE username = 'navigator'",
	"RESET session_replication_role",
	NULL,
};

static void grow(PGconn *c)
{
	for (const char *const *s = growth; *s; s++)
		run(c, *s);
}

static void expect_by_index(const char *seen)
{
	const char *whole = strstr(seen, "Seq Scan on ");

	cr_expect_null(whole, "read whole: %.60s\nin %s", whole, seen);
	cr_expect(strstr(seen, "using session_token_hash_key") && strstr(seen, "using vacancy_pkey") &&
		  strstr(seen, "unsafe_place_household"), "no plans of a hold: %s", seen);
	cr_expect_null(strstr(seen, "using placement_clock"), "all that runs out, to find one vacancy's: %s", seen);
}

static void hold_before_and_after_growth(PGconn *c)
{
	run(c, hold_of("first", VACANCY_A1, HOUSEHOLD));
	grow(c);
	expect_by_index(plans_of(c, hold_of("second", VACANCY_B1, HOUSEHOLD)));
	PQfinish(c);
}

Test(plans, of_a_hold_never_analyzed)
{
	hold_before_and_after_growth(explaining());
}

/* The worst case: statistics say that the tables are empty. */
Test(plans, of_a_hold_analyzed_while_empty)
{
	PGconn *c = explaining();

	run(c, "VACUUM (ANALYZE)");
	hold_before_and_after_growth(c);
}

/* The tests above rely on this: a table that is read as a whole shows in the plan. */
Test(plans, reading_whole_shows)
{
	PGconn *c = explaining();

	run(c, "VACUUM (ANALYZE)");
	cr_assert_not_null(strstr(plans_of(c, "SELECT id FROM session WHERE token_hash = sha256('')"), "Seq Scan on session"));
	PQfinish(c);
}
