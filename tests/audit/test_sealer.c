/* The sealer on PostgreSQL: committed events are linked and signed, whichever process is killed
 * meanwhile, and every change of the tables is found in the database and in its dump. */
#include <fcntl.h>
#include <signal.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "audit/sealer.h"
#include "base/clock.h"
#include "base/date.h"
#include "database.h"
#include "memory.h"
#include "patience.h"
#include "trail.h"

enum { KILLS = 25 };

static struct vault_keys *keys;
static const char *conninfo;

static void start(void)
{
	char path[] = "/tmp/haven-audit-XXXXXX";
	unsigned char secret[AUDIT_SECRET];
	const char *error;

	close(mkstemp(path));
	unlink(path);
	cr_assert(vault_keys_create(path, &error), "%s", error);
	keys = vault_keys_load(path, &error);
	unlink(path);
	audit_key_derive(keys, trail_key, secret);
	conninfo = fresh_database("haven_template");
}

static void stop(void)
{
	vault_keys_free(keys);
	drop_database();
}

TestSuite(sealer, .init = start, .fini = stop, .timeout = 300);

static struct sealer *sealer(int batch)
{
	struct sealer_options o = {
		.conninfo = arena_printf(test_memory(), "%s user=haven_vault", conninfo),
		.round_ms = 10, .head_ms = 100, .batch = batch,
	};
	struct sealer *s = sealer_start(keys, &o);

	cr_assert_not_null(s, "started");
	return s;
}

static void record(int n)
{
	sql("INSERT INTO audit.event (account_id, request_id, action, subject_kind, subject_id, household_id, detail) "
	    "SELECT CASE WHEN g %% 5 > 0 THEN gen_random_uuid() END, E'a\\tb\\\\c\\n' || g, 'read', 'household', gen_random_uuid(), "
	    "CASE WHEN g %% 3 = 0 THEN gen_random_uuid() END, CASE WHEN g %% 2 = 0 THEN jsonb_build_object('text', E'\\\\ \\t \\n é', 'n', g) END "
	    "FROM generate_series(1, %d) g", n);
}

static bool all_linked(void)
{
	return strcmp(sql("SELECT NOT EXISTS (SELECT FROM audit.event e WHERE NOT EXISTS "
			  "(SELECT FROM audit.link l WHERE l.event_id = e.id))"), "t") == 0;
}

static void wait_linked(void)
{
	int64_t since = clock_mono();

	while (!all_linked() && wait_on(since))
		;
	cr_assert(all_linked(), "%s events have no link",
		  sql("SELECT count(*) - (SELECT count(*) FROM audit.link) FROM audit.event"));
}

static void found(enum audit_fault fault, int64_t number, void *arg)
{
	struct verdict *v = arg;

	(void)number;
	v->faults++;
	v->count[fault]++;
}

static struct verdict verify_database(void)
{
	struct verdict verdict = { .error = NULL };
	struct audit_check check = { .late = 600 * SECOND_US, .loose = 120 * SECOND_US, .found = found, .arg = &verdict };
	struct db_sync *db = db_sync_open(test_memory(), conninfo, &verdict.error);
	struct audit_verify *v;

	memcpy(check.key, trail_key, AUDIT_KEY);
	v = audit_verify_new(&check);
	cr_assert(audit_read_database(db, test_memory(), v, NULL, NULL, &verdict.error), "%s", verdict.error);
	verdict.totals = audit_verify_totals(v);
	audit_verify_free(v);
	db_sync_close(db);
	return verdict;
}

static struct verdict verify_dump(void)
{
	char path[] = "/tmp/haven-dump-XXXXXX";
	size_t cap = 8 << 20, len;
	char *text = malloc(cap);
	struct verdict v;
	int status, fd = mkstemp(path);
	pid_t pid = fork();

	if (pid == 0) {
		dup2(fd, STDOUT_FILENO);
		execlp("pg_dump", "pg_dump", "-d", conninfo, "-t", "audit.*", NULL);
		_exit(127);
	}
	waitpid(pid, &status, 0);
	cr_assert_eq(status, 0, "pg_dump");
	len = (size_t)pread(fd, text, cap, 0);
	cr_assert_lt(len, cap, "the dump fits");
	unlink(path);
	close(fd);
	v = verify_text(text, len, NULL);
	free(text);
	return v;
}

static void expect_well(void)
{
	struct verdict v = verify_database(), d = verify_dump();

	cr_assert_eq(v.faults, 0, "%d faults in the database", (int)v.faults);
	cr_assert(!d.error && d.faults == 0, "%d faults in the dump (%s)", (int)d.faults, d.error ? d.error : "read");
	cr_assert_str_eq(sql("SELECT count(*) FROM audit.link"), sql("SELECT count(*) FROM audit.event"));
	cr_assert_eq(d.totals.links, v.totals.links, "the same in the dump");
	cr_assert_gt(v.totals.heads, 0, "and signed");
}

/* ---- sealing ---- */

Test(sealer, seals_what_is_recorded_and_signs_it_when_it_stops)
{
	struct sealer *s = sealer(70);

	record(500);
	wait_linked();
	record(20);
	sealer_stop(s);
	expect_well();
	cr_assert_str_eq(sql("SELECT links FROM audit.head ORDER BY number DESC LIMIT 1"), sql("SELECT count(*) FROM audit.event"),
			 "all are signed");
	cr_assert_str_eq(sql("SELECT count(DISTINCT chain) > 40 FROM audit.link"), "t", "in many chains");
}

/* A column that the form of an event left out could be changed unnoticed. */
Test(sealer, every_column_of_an_event_is_sealed)
{
	const char *columns = sql("SELECT string_agg(column_name, ' ' ORDER BY column_name) FROM information_schema.columns "
				  "WHERE table_schema = 'audit' AND table_name = 'event'");
	size_t len = 0;

	for (int i = 0; i < AUDIT_COLUMNS; i++) {
		cr_expect_not_null(strstr(columns, audit_column_names[i]), "%s", audit_column_names[i]);
		len += strlen(audit_column_names[i]) + 1;
	}
	cr_assert_eq(len, strlen(columns) + 1, "and no other: %s", columns);
}

static struct db_sync *one_event_open(void)
{
	static const struct sql insert = { .name = "insert", .text = "INSERT INTO audit.event (action, subject_kind) VALUES ('read', 'late')" };
	const char *error;
	struct db_sync *db = db_sync_open(test_memory(), conninfo, &error);

	cr_assert(db && db_sync_begin(db), "%s", error);
	cr_assert_eq(batch_outcome(db_sync_query(db, test_memory(), &insert)), DB_OK);
	return db;
}

/* Ids are not given in the order of commits: an event that commits late is not forgotten. */
Test(sealer, an_event_that_commits_late_is_linked)
{
	struct db_sync *late = one_event_open();
	struct sealer *s = sealer(10);

	record(50);
	wait_linked();
	record(50);
	wait_linked();
	cr_assert_str_eq(sql("SELECT count(*) FROM audit.event WHERE subject_kind = 'late'"), "0", "not yet");
	cr_assert(db_sync_commit(late), "late");
	wait_linked();
	db_sync_close(late);
	sealer_stop(s);
	cr_assert_str_eq(sql("SELECT seq > (SELECT count(*) - 1 FROM audit.link) FROM audit.link JOIN audit.event ON id = event_id "
			     "WHERE subject_kind = 'late'"), "t", "the last link, though an early id");
	expect_well();
}

/* A database restored from a dump counts its transactions from the beginning. */
Test(sealer, a_restored_database_is_sealed_on)
{
	struct audit_head head = { .number = 1, .horizon = INT64_C(1000000000000), .at = clock_now() };
	struct audit_chains none = { 0 };
	unsigned char secret[AUDIT_SECRET];
	char hex[3][2 * AUDIT_SIGNATURE + 1];
	struct sealer *s;

	audit_key_derive(keys, trail_key, secret);
	audit_chains_digest(&none, head.chains);
	audit_head_sign(&head, secret);
	sodium_bin2hex(hex[0], sizeof(hex[0]), head.chains, AUDIT_HASH);
	sodium_bin2hex(hex[1], sizeof(hex[1]), head.signature, AUDIT_SIGNATURE);
	sql("INSERT INTO audit.head VALUES (1, 'epoch'::timestamptz + %lld * interval '1 microsecond', 0, '1000000000000', '\\x%s', "
	    "decode(repeat('00', 32), 'hex'), '\\x%s')", (long long)head.at, hex[0], hex[1]);
	record(30);
	sql("INSERT INTO audit.event (action, subject_kind, xid) VALUES ('read', 'x', '999999999999')");
	s = sealer(7);
	wait_linked();
	record(30);
	wait_linked();
	sealer_stop(s);
	expect_well();
}

/* ---- killed processes ---- */

static pid_t sealing_child(void)
{
	pid_t pid = fork();

	if (pid == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		sealer(20);
		for (;;)
			pause();
	}
	return pid;
}

static int heads(void)
{
	return atoi(sql("SELECT count(*) FROM audit.head"));
}

/* Killed at any moment; now and then once it has written a head, so that several of them have. */
Test(sealer, killed_while_it_seals_it_goes_on_where_it_was)
{
	struct sealer *s;

	for (int i = 0; i < KILLS; i++) {
		int before = heads();
		pid_t pid = sealing_child();
		int64_t since = clock_mono();

		record(120);
		while (i % 5 == 0 && heads() == before && wait_on(since))
			;
		usleep(10000 + randombytes_uniform(80000));
		kill(pid, SIGKILL);
		waitpid(pid, NULL, 0);
	}
	s = sealer(1000);
	wait_linked();
	sealer_stop(s);
	expect_well();
	cr_assert_str_eq(sql("SELECT count(*) > 3 FROM audit.head"), "t", "heads of several of them");
}

Test(sealer, survives_its_connection)
{
	struct sealer *s = sealer(20);

	for (int i = 0; i < 3; i++) {
		record(300);
		usleep(30000);
		sql("SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE datname = current_database() "
		    "AND application_name = 'haven-sealer'");
	}
	wait_linked();
	sealer_stop(s);
	expect_well();
}

Test(sealer, of_two_one_seals_and_the_other_takes_over)
{
	struct sealer *one = sealer(20), *other = sealer(20);

	record(300);
	wait_linked();
	sealer_stop(one);
	record(300);
	wait_linked();
	sealer_stop(other);
	expect_well();
}

/* ---- rights ---- */

static const char *error_of(const char *role, const char *text)
{
	const struct sql statement = { .name = "try", .text = text };
	const char *error;
	struct db_sync *db = db_sync_open(test_memory(), arena_printf(test_memory(), "%s user=%s", conninfo, role), &error);
	struct batch *b;

	cr_assert(db, "%s", error);
	b = db_sync_query(db, test_memory(), &statement);
	db_sync_close(db);
	return batch_outcome(b) == DB_OK ? "done" : batch_error(b)->sqlstate;
}

#define HASH "decode(repeat('00', 32), 'hex')"
#define NEW_LINK "INSERT INTO audit.link VALUES (1, 1, 0, 1, " HASH ")"
#define NEW_HEAD "INSERT INTO audit.head VALUES (1, now(), 0, '1', " HASH ", " HASH ", decode(repeat('00', 64), 'hex'))"

Test(sealer, nobody_else_links_and_nobody_takes_away)
{
	static const char *const roles[] = { "haven_app", "haven_vault", "haven_owner" };
	static const char *const forbidden[] = { "UPDATE audit.link SET position = 2", "DELETE FROM audit.link", "TRUNCATE audit.link",
						 "UPDATE audit.head SET links = 2", "DELETE FROM audit.head", "TRUNCATE audit.head",
						 "UPDATE audit.event SET action = 'read'", "DELETE FROM audit.event" };

	cr_expect_str_eq(error_of("haven_app", NEW_LINK), "42501", "a worker links nothing");
	cr_expect_str_eq(error_of("haven_app", NEW_HEAD), "42501", "nor signs");
	cr_expect_str_eq(error_of("haven_vault", "INSERT INTO audit.event (action, subject_kind) VALUES ('read', 'x')"), "42501",
			 "the vault records nothing here");
	cr_expect_str_eq(error_of("haven_vault", NEW_LINK), "done");
	cr_expect_str_eq(error_of("haven_vault", "INSERT INTO audit.link VALUES (2, 2, 0, 1, " HASH ")"), "23505", "no fork of a chain");
	for (size_t r = 0; r < sizeof(roles) / sizeof(*roles); r++)
		for (size_t i = 0; i < sizeof(forbidden) / sizeof(*forbidden); i++)
			cr_expect_str_eq(error_of(roles[r], forbidden[i]), "42501", "%s: %s", roles[r], forbidden[i]);
}

/* ---- changes of the tables ---- */

#define LAST_WITH(column) "(SELECT max(id) FROM audit.event WHERE " column " IS NOT NULL)"

static const char *const changes[] = {
	"UPDATE audit.event SET action = 'search' WHERE id = 17",
	"UPDATE audit.event SET at = at + interval '1 microsecond' WHERE id = 18",
	"UPDATE audit.event SET account_id = gen_random_uuid() WHERE id = 19",
	"UPDATE audit.event SET account_id = NULL WHERE id = " LAST_WITH("account_id"),
	"UPDATE audit.event SET organisation_id = gen_random_uuid() WHERE id = 22",
	"UPDATE audit.event SET request_id = '' WHERE id = 23",
	"UPDATE audit.event SET subject_kind = 'nothing' WHERE id = 24",
	"UPDATE audit.event SET subject_id = gen_random_uuid() WHERE id = 25",
	"UPDATE audit.event SET household_id = NULL WHERE id = " LAST_WITH("household_id"),
	"UPDATE audit.event SET detail = NULL WHERE id = " LAST_WITH("detail"),
	"UPDATE audit.event SET detail = detail || '{\"n\": 0}' WHERE id = " LAST_WITH("detail"),
	"UPDATE audit.event SET xid = '3' WHERE id = 31",
	"UPDATE audit.event SET id = 100000 WHERE id = 32",
	"UPDATE audit.event SET (account_id, subject_id) = (subject_id, account_id) WHERE id = " LAST_WITH("account_id"),
	"UPDATE audit.event a SET detail = b.detail, subject_id = b.subject_id FROM audit.event b WHERE a.id = 134 AND b.id = 136",
	"DELETE FROM audit.event WHERE id = 40",
	"DELETE FROM audit.event WHERE id > 250",
	"DELETE FROM audit.event",
	"TRUNCATE audit.event",
	"INSERT INTO audit.event (action, subject_kind, at, xid) VALUES ('read', 'x', now() - interval '3 days', '3')",
	"INSERT INTO audit.event (action, subject_kind, at) VALUES ('read', 'x', now() - interval '3 days')",
	"UPDATE audit.link SET hash = " HASH " WHERE seq = 50",
	"UPDATE audit.link SET event_id = 100000 WHERE seq = 51",
	"WITH a AS (DELETE FROM audit.link WHERE seq = 60 RETURNING *) DELETE FROM audit.event e USING a WHERE e.id = a.event_id",
	"DELETE FROM audit.link WHERE seq = 61",
	"DELETE FROM audit.link WHERE seq > 280",
	"UPDATE audit.link SET seq = 100000 WHERE seq = 70",
	"UPDATE audit.link SET position = 100000 WHERE seq = 71",
	"UPDATE audit.link SET seq = CASE seq WHEN 80 THEN 100000 ELSE 80 END WHERE seq IN (80, 81)",
	"TRUNCATE audit.link",
	"UPDATE audit.head SET at = at + interval '1 microsecond' WHERE number = 1",
	"UPDATE audit.head SET links = links - 1 WHERE number = 2",
	"UPDATE audit.head SET horizon = '1' WHERE number = (SELECT max(number) FROM audit.head)",
	"UPDATE audit.head SET chains = " HASH " WHERE number = 2",
	"UPDATE audit.head SET previous = " HASH " WHERE number = 2",
	"UPDATE audit.head SET signature = decode(repeat('11', 64), 'hex') WHERE number = 2",
	"DELETE FROM audit.head WHERE number = 1",
	"DELETE FROM audit.head WHERE number = 2",
	"TRUNCATE audit.head",
	"UPDATE audit.head SET number = number + 1000 WHERE number > 1",
};

static void keep(const char *table)
{
	sql("ALTER TABLE audit.%s DISABLE TRIGGER USER", table);
	sql("CREATE TABLE kept_%s AS TABLE audit.%s", table, table);
}

static void put_back(const char *table)
{
	sql("DELETE FROM audit.%s", table);
	sql("INSERT INTO audit.%s OVERRIDING SYSTEM VALUE SELECT * FROM kept_%s", table, table);
}

/* Works as the owner of the tables, with the triggers off. */
Test(sealer, every_change_of_the_tables_is_found_in_the_database_and_in_its_dump)
{
	static const char *const tables[] = { "event", "link", "head" };

	for (int i = 0; i < 3; i++) {
		struct sealer *s = sealer(40);

		record(100);
		wait_linked();
		sealer_stop(s);
	}
	expect_well();
	sql("ALTER TABLE audit.event ALTER id SET GENERATED BY DEFAULT");
	for (int i = 0; i < 3; i++)
		keep(tables[i]);
	for (size_t i = 0; i < sizeof(changes) / sizeof(*changes); i++) {
		sql("%s", changes[i]);
		cr_expect_gt(verify_database().faults, 0, "not found: %s", changes[i]);
		/* the same code reads both: a dump takes its time */
		cr_expect(i % 3 > 0 || verify_dump().faults > 0, "not found in the dump: %s", changes[i]);
		for (int t = 0; t < 3; t++)
			put_back(tables[t]);
		cr_assert_eq(verify_database().faults, 0, "back again after %s", changes[i]);
	}
}
