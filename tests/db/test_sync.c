#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

#include "database.h"
#include "db/sync.h"

static const struct sql make = {
	"make", "CREATE TABLE thing (id int PRIMARY KEY, note text)", 0, 0
};
static const struct sql put = { "put", "INSERT INTO thing VALUES ($1, $2)", 2, 0 };
static const struct sql list = { "list", "SELECT id, note FROM thing ORDER BY id", 0, 0 };
static const struct sql copy = { "copy", "COPY thing FROM STDIN (FORMAT csv)", 0, 0 };
static const struct sql copy_nowhere = { "copy_nowhere", "COPY nowhere FROM STDIN", 0, 0 };
static const struct sql quit = { "quit", "SELECT pg_terminate_backend(pg_backend_pid())", 0, 0 };

static struct arena *a;
static struct db_sync *s;

static void set_up(void)
{
	const char *error;

	a = arena_new();
	s = db_sync_open(a, fresh_database(NULL), &error);
	cr_assert(s, "%s", error);
	db_sync_query(s, a, &make);
}

static void tear_down(void)
{
	db_sync_close(s);
	arena_free(a);
	drop_database();
}

TestSuite(sync, .init = set_up, .fini = tear_down, .timeout = 120);

Test(sync, runs_statements_with_parameters_and_null)
{
	struct batch *b = db_sync_query(s, a, &put, "1", NULL);

	cr_assert_eq(batch_outcome(b), DB_OK, "%s", batch_debug(b));
	cr_assert_eq(batch_affected(b, 0), 1, "one row");
	b = db_sync_query(s, a, &put, "1", "again");
	cr_assert_str_eq(batch_error(b)->sqlstate, "23505", "same key");
	b = db_sync_query(s, a, &list);
	cr_assert_eq(batch_rows(b, 0), 1, "one row");
	cr_assert_null(batch_value(b, 0, 0, "note"), "NULL went in and came out");
}

Test(sync, a_failed_transaction_does_not_commit)
{
	cr_assert(db_sync_begin(s), "begin");
	db_sync_query(s, a, &put, "1", "x");
	db_sync_query(s, a, &put, "1", "x");
	cr_assert_not(db_sync_commit(s), "commit of a failed transaction must say so");
	cr_assert(db_sync_begin(s), "begin");
	db_sync_query(s, a, &put, "2", "x");
	db_sync_rollback(s);
	cr_assert(db_sync_begin(s), "begin");
	db_sync_query(s, a, &put, "3", "x");
	cr_assert(db_sync_commit(s), "commit");
	cr_assert_str_eq(database_ask("SELECT sum(id) FROM thing"), "3", "only the last");
}

Test(sync, copies_in)
{
	struct batch *b;

	db_sync_copy_start(s, &copy);
	db_sync_copy_put(s, "1,\"a,b\"\n2,", 10);
	db_sync_copy_put(s, "x\n3,\n", 5);
	b = db_sync_copy_end(s, a);
	cr_assert_eq(batch_outcome(b), DB_OK, "%s", batch_debug(b));
	cr_assert_eq(batch_affected(b, 0), 3, "three rows");
	b = db_sync_query(s, a, &list);
	cr_assert_str_eq(batch_value(b, 0, 0, "note"), "a,b", "quoted");
}

Test(sync, a_bad_copy_is_told_at_its_end_and_leaves_the_connection_usable)
{
	struct batch *b;

	db_sync_copy_start(s, &copy_nowhere);
	db_sync_copy_put(s, "1\n", 2);
	b = db_sync_copy_end(s, a);
	cr_assert_str_eq(batch_error(b)->sqlstate, "42P01", "no such table");
	db_sync_copy_start(s, &copy);
	db_sync_copy_put(s, "1,ok\nx,bad\n", 11);
	b = db_sync_copy_end(s, a);
	cr_assert_str_eq(batch_error(b)->sqlstate, "22P02", "not a number");
	b = db_sync_query(s, a, &list);
	cr_assert_eq(batch_rows(b, 0), 0, "nothing of it stays: %s", batch_debug(b));
}

Test(sync, a_lost_connection_is_lost)
{
	cr_assert_eq(batch_outcome(db_sync_query(s, a, &quit)), DB_LOST, "terminated");
	cr_assert_eq(batch_outcome(db_sync_query(s, a, &list)), DB_LOST, "and stays so");
	cr_assert_not(db_sync_begin(s), "no transaction");
}

Test(sync, connecting_nowhere_says_why)
{
	const char *error = NULL;

	cr_assert_null(db_sync_open(a, "host=/nonexistent dbname=x", &error), "no server");
	cr_assert(error && strstr(error, "/nonexistent"), "reason: %s", error);
}

struct heard {
	int rows;
	char last[32];
};

static void hear(char *line, size_t len, void *arg)
{
	struct heard *h = arg;

	h->rows++;
	snprintf(h->last, sizeof(h->last), "%.*s", (int)len, line);
}

Test(sync, copies_out_row_by_row_and_tells_an_error_on_the_way)
{
	static const struct sql good = { .name = "good", .text = "COPY (SELECT g, 'x' FROM generate_series(1, 5000) g) TO STDOUT" };
	static const struct sql bad = { .name = "bad", .text = "COPY (SELECT 1 / (3 - g) FROM generate_series(1, 5) g) TO STDOUT" };
	struct heard h = { 0 };
	struct batch *b = db_sync_copy_out(s, a, &good, hear, &h);

	cr_assert_eq(batch_outcome(b), DB_OK, "%s", batch_debug(b));
	cr_assert(h.rows == 5000 && strcmp(h.last, "5000\tx") == 0, "%d rows, the last %s", h.rows, h.last);
	b = db_sync_copy_out(s, a, &bad, hear, &h);
	cr_assert_str_eq(batch_error(b)->sqlstate, "22012", "after some rows");
	cr_assert_eq(batch_outcome(db_sync_query(s, a, &list)), DB_OK, "the connection is usable");
	cr_assert_eq(batch_outcome(db_sync_copy_out(s, a, &quit, hear, &h)), DB_LOST, "terminated");
}
