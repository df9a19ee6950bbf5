#include <criterion/criterion.h>
#include <string.h>

#include "loop.h"

/* One row for each item; rows come back in any order. */
static const struct sql put_many = {
	"put_many",
	"INSERT INTO thing SELECT (item->>'id')::int, item->>'note'"
	" FROM jsonb_array_elements($1::jsonb) WITH ORDINALITY AS i (item, ord)"
	" RETURNING id, note, (SELECT o FROM jsonb_array_elements($1::jsonb) WITH ORDINALITY"
	" AS j (x, o) WHERE x->>'id' = thing.id::text) AS ord",
	1, 0
};
/* As many rows as the item says, which may be none, in reverse order. */
static const struct sql fan_out = {
	"fan_out",
	"SELECT ord, n, NULL::text AS nothing"
	" FROM jsonb_array_elements($1::jsonb) WITH ORDINALITY AS i (item, ord),"
	" generate_series(1, (item->>'rows')::int) AS n ORDER BY ord DESC, n",
	1, 0
};
static const struct sql nap = { "nap", "SELECT pg_sleep($1::float8)", 1, 0 };

static const struct sql *const statements[] = { &put_many, &fan_out, &nap, NULL };

enum { ITEMS = 200 };

static struct loop l;
static struct batch *answer[ITEMS];

static void set_up(void)
{
	loop_database(&l);
	loop_start(&l, statements, (struct db_options){ .write_connections = 1 });
}

static void tear_down(void)
{
	loop_stop(&l);
	drop_database();
}

TestSuite(group, .init = set_up, .fini = tear_down, .timeout = 120);

static void take(struct batch *b, void *arg)
{
	*(struct batch **)arg = b;
	loop_answered(b, &l);
}

static void submit(struct db_group *g, int i, const char *note)
{
	db_group_submit(g, l.arena, arena_printf(l.arena, "{\"id\":%d,\"note\":\"%s\"}", i, note),
			take, &answer[i]);
}

static const char *things(void)
{
	return database_ask("SELECT count(*) FROM thing");
}

Test(group, two_hundred_items_in_few_statements)
{
	struct db_group *g = db_group_new(l.db, &put_many, NULL);

	for (int i = 0; i < ITEMS; i++)
		submit(g, i, arena_printf(l.arena, "n%d", i));
	cr_assert_eq(l.answers, 0, "no callback inside the submitting call");
	loop_until_answers(&l, ITEMS);
	cr_assert_eq(db_group_sent(g), (ITEMS + 63) / 64, "%d statements", (int)db_group_sent(g));
	for (int i = 0; i < ITEMS; i++) {
		cr_assert_eq(batch_outcome(answer[i]), DB_OK, "%s", batch_debug(answer[i]));
		cr_assert_eq(batch_rows(answer[i], 0), 1, "one row for item %d", i);
		cr_assert_str_eq(batch_value(answer[i], 0, 0, "note"),
				 arena_printf(l.arena, "n%d", i), "its own row");
	}
	cr_assert_str_eq(things(), "200", "all committed when answered");
}

Test(group, each_item_gets_its_rows_also_none)
{
	struct db_group *g = db_group_new(l.db, &fan_out, NULL);

	for (int i = 0; i < 10; i++)
		db_group_submit(g, l.arena, arena_printf(l.arena, "{\"rows\":%d}", i), take,
				&answer[i]);
	loop_until_answers(&l, 10);
	for (int i = 0; i < 10; i++) {
		cr_assert_eq(batch_rows(answer[i], 0), i, "item %d", i);
		for (int row = 0; row < i; row++) {
			long n = strtol(batch_value(answer[i], 0, row, "n"), NULL, 10);

			cr_assert_eq(n, row + 1, "in the statement's order");
			cr_assert_null(batch_value(answer[i], 0, row, "nothing"), "NULL stays");
		}
	}
	cr_assert_eq(batch_type(answer[9], 0, 1), DB_TYPE_INT4, "types stay");
}

Test(group, one_bad_item_fails_alone)
{
	struct db_group *g = db_group_new(l.db, &put_many, NULL);
	enum { BAD = 37, COUNT = 64 };

	for (int i = 0; i < COUNT; i++)
		submit(g, i, i == BAD ? "much too long for the constraint" : "fine");
	loop_until_answers(&l, COUNT);
	for (int i = 0; i < COUNT; i++)
		cr_assert_eq(batch_outcome(answer[i]), i == BAD ? DB_ERROR : DB_OK, "item %d: %s",
			     i, batch_debug(answer[i]));
	cr_assert_str_eq(batch_error(answer[BAD])->constraint, "note_short", "with its reason");
	cr_assert_str_eq(things(), "63", "the others are there, once each");
	cr_assert_leq(db_group_sent(g), 13, "found by halving: %d", (int)db_group_sent(g));
}

Test(group, broken_json_fails_alone)
{
	struct db_group *g = db_group_new(l.db, &put_many, NULL);

	submit(g, 0, "fine");
	db_group_submit(g, l.arena, "{\"id\":", take, &answer[1]);
	submit(g, 2, "fine");
	loop_until_answers(&l, 3);
	cr_assert_eq(batch_outcome(answer[0]), DB_OK, "%s", batch_debug(answer[0]));
	cr_assert_eq(batch_outcome(answer[1]), DB_ERROR, "not JSON");
	cr_assert_eq(batch_outcome(answer[2]), DB_OK, "%s", batch_debug(answer[2]));
}

Test(group, collects_while_one_is_under_way_and_refuses_above_its_limit)
{
	struct db_group_options o = { .group_max = 8, .queue_max = 10 };
	struct db_group *g = db_group_new(l.db, &put_many, &o);
	struct batch *slow = batch_new(l.arena);

	batch_query(slow, &nap, "0.3");
	db_tx_commit(db_tx_begin(l.db), slow, loop_answered, &l);
	submit(g, 0, "first");
	loop_for(&l, 50);
	for (int i = 1; i < 13; i++)
		submit(g, i, "next");
	loop_until_answers(&l, 14);
	cr_assert_eq(batch_outcome(answer[11]), DB_BUSY, "eleventh in a queue of ten");
	cr_assert_eq(batch_outcome(answer[12]), DB_BUSY, "twelfth");
	cr_assert_str_eq(things(), "11", "the rest");
	cr_assert_eq(db_group_sent(g), 3, "1, 8 and 2: %d", (int)db_group_sent(g));
}

Test(group, goes_before_waiting_transactions)
{
	struct db_group *g = db_group_new(l.db, &put_many, NULL);
	struct batch *first = batch_new(l.arena), *second = batch_new(l.arena);

	batch_query(first, &nap, "0.1");
	batch_query(second, &nap, "0.3");
	db_tx_commit(db_tx_begin(l.db), first, loop_answered, &l);
	db_tx_commit(db_tx_begin(l.db), second, loop_answered, &l);
	submit(g, 0, "urgent");
	loop_until_answers(&l, 2);
	cr_assert_not_null(answer[0], "answered before the transaction that waited longer");
	loop_until_answers(&l, 3);
}

Test(group, a_lost_connection_is_told_to_all_and_not_repeated)
{
	struct db_group *g = db_group_new(l.db, &put_many, NULL);

	database_ask("CREATE FUNCTION die() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN"
		     " PERFORM pg_terminate_backend(pg_backend_pid()); RETURN NULL; END $$");
	database_ask("CREATE TRIGGER thing_die AFTER INSERT ON thing EXECUTE FUNCTION die()");
	for (int i = 0; i < 5; i++)
		submit(g, i, "lost");
	loop_until_answers(&l, 5);
	for (int i = 0; i < 5; i++)
		cr_assert_eq(batch_outcome(answer[i]), DB_LOST, "item %d", i);
	cr_assert_eq(db_group_sent(g), 1, "an unknown outcome is never sent twice");
	database_ask("DROP TRIGGER thing_die ON thing");
	loop_until_ready(&l);
	submit(g, 7, "after");
	loop_until_answers(&l, 6);
	cr_assert_eq(batch_outcome(answer[7]), DB_OK, "%s", batch_debug(answer[7]));
}

Test(group_stop, answers_what_waits, .init = set_up, .fini = drop_database, .timeout = 120)
{
	struct db_group_options o = { .group_max = 2 };
	struct db_group *g = db_group_new(l.db, &put_many, &o);
	struct db_group *unsent = db_group_new(l.db, &fan_out, NULL);

	for (int i = 0; i < 5; i++)
		submit(g, i, "stopped");
	event_base_loop(l.base, EVLOOP_NONBLOCK);
	db_group_submit(unsent, l.arena, "{\"rows\":1}", take, &answer[5]);
	db_stop(l.db);
	cr_assert_eq(l.answers, 6, "every item was answered: %d", l.answers);
	cr_assert_eq(batch_outcome(answer[4]), DB_BUSY, "never sent");
	cr_assert_eq(batch_outcome(answer[5]), DB_BUSY, "never sent");
	event_base_free(l.base);
	arena_free(l.arena);
}
