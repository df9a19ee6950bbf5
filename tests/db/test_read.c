#include <criterion/criterion.h>
#include <string.h>

#include "loop.h"
#include "patience.h"

static const struct sql echo = { "echo", "SELECT $1::int AS n, $2::text AS word", 2, 0 };
static const struct sql divide = { "divide", "SELECT 10 / $1::int AS n", 1, 0 };
static const struct sql say_who = { "say_who", "SELECT set_config('haven.user', $1, true)", 1, 0 };
static const struct sql who = {
	"who", "SELECT nullif(current_setting('haven.user', true), '')", 0, 0
};
static const struct sql put = { "put", "INSERT INTO thing VALUES ($1, $2)", 2, 0 };
static const struct sql types = {
	"types",
	"SELECT true AS b, 7 AS i, NULL::text AS nothing, '{\"a\":1}'::jsonb AS j,"
	" '2026-11-22 02:14:00+01'::timestamptz AS t",
	0, 0
};
static const struct sql settings = {
	"settings",
	"SELECT current_setting('statement_timeout') AS s, current_setting('lock_timeout') AS l,"
	" current_setting('idle_in_transaction_session_timeout') AS i,"
	" current_setting('application_name') AS a",
	0, 0
};
static const struct sql nap = { "nap", "SELECT pg_sleep($1::float8)", 1, 0 };
static const struct sql backend = { "backend", "SELECT pg_backend_pid() AS pid", 0, 0 };
static const struct sql for_vault = { "for_vault", "SELECT * FROM no_such_table", 0,
				      SQL_ROLE_VAULT };
static const struct sql broken = { "broken", "SELECT * FROM no_such_table", 0, SQL_ROLE_WORKER };

static const struct sql *const statements[] = {
	&echo, &divide, &say_who, &who, &put, &types, &settings, &nap, &backend, &for_vault, NULL,
};

static struct loop l;

static void set_up(void)
{
	loop_database(&l);
	loop_start(&l, statements, (struct db_options){ 0 });
}

static void tear_down(void)
{
	loop_stop(&l);
	drop_database();
}

TestSuite(read, .init = set_up, .fini = tear_down, .timeout = 120);

Test(read, gives_rows_by_name_with_type_and_null)
{
	struct batch *b = batch_new(l.arena);

	batch_query(b, &types);
	loop_read(&l, b);
	cr_assert(batch_outcome(b) == DB_OK, "%s", batch_debug(b));
	cr_assert_eq(batch_rows(b, 0), 1, "one row");
	cr_assert_str_eq(batch_value(b, 0, 0, "b"), "t", "bool in text form");
	cr_assert_null(batch_value(b, 0, 0, "nothing"), "SQL NULL is NULL");
	cr_assert_str_eq(batch_value(b, 0, 0, "t"), "2026-11-22 01:14:00+00", "times are UTC");
	cr_assert_eq(batch_type(b, 0, 1), DB_TYPE_INT4, "int4");
	cr_assert_eq(batch_type(b, 0, batch_column(b, 0, "j")), DB_TYPE_JSONB, "jsonb");
	cr_assert_eq(batch_column(b, 0, "absent"), -1, "no such column");
	cr_assert_str_eq(batch_column_name(b, 0, 4), "t", "name of a column");
}

Test(read, connections_carry_the_timeouts)
{
	struct batch *b = batch_new(l.arena);

	batch_query(b, &settings);
	loop_read(&l, b);
	cr_assert_str_eq(batch_value(b, 0, 0, "s"), "5s", "statement_timeout");
	cr_assert_str_eq(batch_value(b, 0, 0, "l"), "2s", "lock_timeout");
	cr_assert_str_eq(batch_value(b, 0, 0, "i"), "10s", "idle in transaction");
	cr_assert_str_eq(batch_value(b, 0, 0, "a"), "haven", "application_name");
}

enum { MANY = 100 };

static int order[MANY], answered;

static void note_order(struct batch *b, void *arg)
{
	order[answered++] = (int)strtol(arg, NULL, 10);
	loop_answered(b, &l);
}

/* More batches than one connection holds, and every seventh fails. */
Test(read, pipelined_in_order_and_errors_stay_in_their_batch)
{
	struct batch *b[MANY];

	for (int i = 0; i < MANY; i++) {
		char *n = arena_printf(l.arena, "%d", i);

		b[i] = batch_new(l.arena);
		batch_query(b[i], &echo, n, "one");
		batch_query(b[i], &divide, i % 7 == 3 ? "0" : "5");
		batch_query(b[i], &echo, n, "two");
		db_read(l.db, b[i], note_order, n);
	}
	cr_assert_eq(answered, 0, "no callback inside the submitting call");
	loop_until_answers(&l, MANY);
	for (int i = 0; i < MANY; i++) {
		cr_assert_eq(order[i], i, "answer %d came in place %d", order[i], i);
		if (i % 7 == 3) {
			cr_assert_eq(batch_outcome(b[i]), DB_ERROR, "batch %d divides by zero", i);
			cr_assert_str_eq(batch_error(b[i])->sqlstate, "22012", "division by zero");
			cr_assert_str_eq(batch_error(b[i])->statement, "divide", "names it");
			continue;
		}
		cr_assert_eq(batch_outcome(b[i]), DB_OK, "batch %d: %s", i, batch_debug(b[i]));
		cr_assert_eq(strtol(batch_value(b[i], 2, 0, "n"), NULL, 10), i, "its own rows");
		cr_assert_str_eq(batch_value(b[i], 2, 0, "word"), "two", "third statement's");
	}
}

Test(read, settings_end_with_their_batch)
{
	struct batch *named = batch_new(l.arena), *after = batch_new(l.arena);

	batch_query(named, &say_who, "officer-1");
	batch_query(named, &who);
	batch_query(after, &who);
	db_read(l.db, named, loop_answered, &l);
	db_read(l.db, after, loop_answered, &l);
	loop_until_answers(&l, 2);
	cr_assert_str_eq(batch_value_at(named, 1, 0, 0), "officer-1", "set within the batch");
	cr_assert_null(batch_value_at(after, 0, 0, 0), "the next batch sees nobody");
}

Test(read, does_not_write)
{
	struct batch *b = batch_new(l.arena);

	batch_query(b, &put, "1", "x");
	loop_read(&l, b);
	cr_assert_eq(batch_outcome(b), DB_ERROR, "a write among reads is refused");
	cr_assert_str_eq(batch_error(b)->sqlstate, "25006", "read only");
	cr_assert_str_eq(database_ask("SELECT count(*) FROM thing"), "0", "nothing written");
}

Test(read, lost_connection_answers_all_and_comes_back)
{
	struct batch *pid = batch_new(l.arena), *slow = batch_new(l.arena);
	struct batch *behind = batch_new(l.arena);
	int before = l.readies;

	batch_query(pid, &backend);
	loop_read(&l, pid);
	batch_query(slow, &nap, "5");
	batch_query(behind, &who);
	db_read(l.db, slow, loop_answered, &l);
	db_read(l.db, behind, loop_answered, &l);
	loop_for(&l, 50);
	database_ask(arena_printf(l.arena, "SELECT pg_terminate_backend(%s)",
				  batch_value(pid, 0, 0, "pid")));
	loop_until_answers(&l, 3);
	cr_assert_eq(batch_outcome(slow), DB_LOST, "the one running is lost");
	cr_assert_eq(batch_outcome(behind), DB_LOST, "so is the one sent after it");
	cr_assert_not(db_ready(l.db), "its only read connection is gone");

	behind = batch_new(l.arena);
	batch_query(behind, &who);
	loop_read(&l, behind);
	cr_assert_eq(batch_outcome(behind), DB_BUSY, "not connected: never sent");
	loop_until_ready(&l);
	cr_assert_eq(l.readies, before + 1, "on_ready runs again after an outage");
	pid = batch_new(l.arena);
	batch_query(pid, &backend);
	loop_read(&l, pid);
	cr_assert_eq(batch_outcome(pid), DB_OK, "works again, statements prepared");
}

Test(read, large_parameters_and_results_do_not_block)
{
	enum { SIZE = 4 * 1024 * 1024, COUNT = 5 };
	char *big = arena_alloc(l.arena, SIZE + 1);
	struct batch *b[COUNT];

	memset(big, 'x', SIZE);
	for (int i = 0; i < COUNT; i++) {
		b[i] = batch_new(l.arena);
		batch_query(b[i], &echo, "1", big);
		db_read(l.db, b[i], loop_answered, &l);
	}
	loop_until_answers(&l, COUNT);
	for (int i = 0; i < COUNT; i++) {
		cr_assert_eq(batch_outcome(b[i]), DB_OK, "%s", batch_debug(b[i]));
		cr_assert_eq(batch_length_at(b[i], 0, 0, 1), SIZE, "whole value came back");
	}
}

Test(read_prepare, a_statement_that_does_not_prepare_is_named, .fini = drop_database, .timeout = 120)
{
	static const struct sql *const bad[] = { &echo, &broken, NULL };
	int64_t since;

	loop_database(&l);
	loop_open(&l, bad, (struct db_options){ 0 });
	since = clock_mono();
	while (!*l.trouble && wait_on(since))
		loop_for(&l, 100);
	loop_for(&l, 2000);	/* the other connections are open by now */
	cr_assert_not(db_ready(l.db), "never ready with a broken statement");
	cr_assert(strstr(l.trouble, "preparing broken") && strstr(l.trouble, "no_such_table"),
		  "says which and why: %s", l.trouble);
	loop_stop(&l);
}
