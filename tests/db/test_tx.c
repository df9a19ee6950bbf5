#include <criterion/criterion.h>
#include <string.h>

#include "loop.h"

static const struct sql put = { "put", "INSERT INTO thing VALUES ($1, $2) RETURNING id", 2, 0 };
static const struct sql count = { "count", "SELECT count(*) AS n FROM thing", 0, 0 };
static const struct sql change = { "change", "UPDATE thing SET note = $2 WHERE id = $1", 2, 0 };
static const struct sql put_late = { "put_late", "INSERT INTO late VALUES ($1)", 1, 0 };
static const struct sql say_who = { "say_who", "SELECT set_config('haven.user', $1, true)", 1, 0 };
static const struct sql who = {
	"who", "SELECT nullif(current_setting('haven.user', true), '')", 0, 0
};
static const struct sql backend = { "backend", "SELECT pg_backend_pid() AS pid", 0, 0 };
static const struct sql nap = { "nap", "SELECT pg_sleep($1::float8)", 1, 0 };
static const struct sql isolation = {
	"isolation", "SET TRANSACTION ISOLATION LEVEL REPEATABLE READ", 0, 0
};

static const struct sql *const statements[] = {
	&put, &count, &change, &put_late, &say_who, &who, &backend, &nap, &isolation, NULL,
};

static struct loop l;

static void begin(struct db_options o)
{
	loop_database(&l);
	loop_start(&l, statements, o);
}

static void set_up(void)
{
	begin((struct db_options){ .write_connections = 2 });
}

/* One write connection: the next transaction meets whatever the last one left behind. */
static void set_up_single(void)
{
	begin((struct db_options){ .write_connections = 1, .queue_max = 3, .queue_age_ms = 300 });
}

static void tear_down(void)
{
	loop_stop(&l);
	drop_database();
}

static const char *things(void)
{
	return database_ask("SELECT count(*) FROM thing");
}

static struct batch *new_thing(const char *id, const char *note)
{
	struct batch *b = batch_new(l.arena);

	batch_query(b, &put, id, note);
	return b;
}

static void expect(const struct batch *b, enum db_outcome outcome, const char *what)
{
	cr_assert_eq(batch_outcome(b), outcome, "%s: outcome %d, not %d (%s)", what,
		     batch_outcome(b), outcome, batch_debug(b));
}

TestSuite(tx, .init = set_up, .fini = tear_down, .timeout = 120);
TestSuite(tx_single, .init = set_up_single, .fini = tear_down, .timeout = 120);

Test(tx, others_see_nothing_before_the_commit)
{
	struct db_tx *tx = db_tx_begin(l.db);
	struct batch *b = loop_submit(&l, tx, new_thing("1", "first"));

	expect(b, DB_OK, "first batch");
	cr_assert_str_eq(batch_value(b, 0, 0, "id"), "1", "its rows come back before the commit");
	cr_assert_str_eq(things(), "0", "not yet visible");
	b = new_thing("2", "second");
	batch_query(b, &count);
	loop_submit(&l, tx, b);
	cr_assert_str_eq(batch_value(b, 1, 0, "n"), "2", "same transaction sees both");
	expect(loop_commit(&l, tx, new_thing("3", "third")), DB_OK, "commit");
	cr_assert_str_eq(things(), "3", "all three at once");
}

Test(tx, one_batch_is_one_transaction)
{
	struct batch *b = new_thing("1", "fine");

	batch_query(b, &put, "2", "much too long for the constraint");
	loop_commit(&l, db_tx_begin(l.db), b);
	expect(b, DB_ERROR, "second statement");
	cr_assert_str_eq(batch_error(b)->sqlstate, "23514", "check violation");
	cr_assert_str_eq(batch_error(b)->constraint, "note_short", "constraint");
	cr_assert_str_eq(batch_error(b)->table, "thing", "table");
	cr_assert_str_eq(batch_error(b)->statement, "put", "statement");
	cr_assert_str_eq(things(), "0", "the first went with it");
	expect(loop_commit(&l, db_tx_begin(l.db), new_thing("3", "next")), DB_OK, "next");
	cr_assert_str_eq(things(), "1", "a lone batch is durable");
}

/* The second connection prepares a statement when it is first used: also where an earlier one of the same batch
 * failed, and where the transaction is open already. */
Test(tx, a_spare_connection_prepares_what_it_is_used_for)
{
	struct db_tx *first = db_tx_begin(l.db), *second;
	struct batch *b = new_thing("1", "fine");

	expect(loop_submit(&l, first, new_thing("9", "held")), DB_OK, "takes the first connection");
	batch_query(b, &put, "2", "much too long for the constraint");
	batch_query(b, &count);
	expect(loop_commit(&l, db_tx_begin(l.db), b), DB_ERROR, "the second statement");
	second = db_tx_begin(l.db);
	b = batch_new(l.arena);
	batch_query(b, &count);
	expect(loop_submit(&l, second, b), DB_OK, "what was not reached is prepared all the same");
	b = batch_new(l.arena);
	batch_query(b, &say_who, "me");
	batch_query(b, &who);
	expect(loop_submit(&l, second, b), DB_OK, "in an open transaction");
	cr_assert_str_eq(batch_value(b, 1, 0, "nullif"), "me", "it is one transaction");
	expect(loop_commit(&l, second, new_thing("3", "kept")), DB_OK, "commit");
	cr_assert_str_eq(things(), "1");
	loop_rollback(&l, first);
	cr_assert_str_eq(l.trouble, "");
}

Test(tx_single, rollback_leaves_nothing_and_frees_the_connection)
{
	struct db_tx *tx = db_tx_begin(l.db);

	expect(loop_submit(&l, tx, new_thing("1", "gone")), DB_OK, "insert");
	cr_assert_eq(db_stats(l.db).transactions, 1, "connection taken");
	loop_rollback(&l, tx);
	cr_assert_eq(db_stats(l.db).transactions, 0, "connection back");
	expect(loop_commit(&l, db_tx_begin(l.db), new_thing("2", "kept")), DB_OK, "the next one");
	cr_assert_str_eq(database_ask("SELECT string_agg(note, ',') FROM thing"), "kept",
			 "only what was committed");
}

Test(tx_single, never_used_transactions_end_without_a_connection)
{
	struct batch *b = batch_new(l.arena);

	loop_rollback(&l, db_tx_begin(l.db));
	db_tx_rollback(db_tx_begin(l.db), NULL, NULL);
	expect(loop_commit(&l, db_tx_begin(l.db), b), DB_OK, "an empty commit");
	cr_assert_eq(batch_size(b), 0, "had no statement");
}

Test(tx_single, after_an_error_only_rollback_and_the_connection_is_clean)
{
	struct db_tx *tx = db_tx_begin(l.db);
	struct batch *b;

	loop_submit(&l, tx, new_thing("1", "lost"));
	expect(loop_submit(&l, tx, new_thing("1", "again")), DB_ERROR, "same key");
	b = loop_submit(&l, tx, new_thing("5", "later"));
	expect(b, DB_ERROR, "a failed transaction takes no more");
	cr_assert_str_eq(batch_error(b)->sqlstate, "23505", "and still says why");
	b = loop_commit(&l, tx, new_thing("6", "commit"));
	expect(b, DB_ERROR, "nor does it commit");
	expect(loop_commit(&l, db_tx_begin(l.db), new_thing("7", "clean")), DB_OK, "next");
	cr_assert_str_eq(database_ask("SELECT sum(id) FROM thing"), "7", "only the last");
}

Test(tx_single, an_error_of_the_commit_itself_is_told)
{
	struct db_tx *tx = db_tx_begin(l.db);
	struct batch *b = batch_new(l.arena), *alone = batch_new(l.arena);
	struct batch *next = batch_new(l.arena);

	batch_query(b, &put_late, "1");
	batch_query(b, &put_late, "1");
	expect(loop_submit(&l, tx, b), DB_OK, "checked only at commit");
	b = loop_commit(&l, tx, batch_new(l.arena));
	expect(b, DB_ERROR, "COMMIT fails");
	cr_assert_str_eq(batch_error(b)->constraint, "late_key", "which constraint");

	batch_query(alone, &put_late, "2");
	batch_query(alone, &put_late, "2");
	expect(loop_commit(&l, db_tx_begin(l.db), alone), DB_ERROR, "the same without BEGIN");
	cr_assert_str_eq(batch_error(alone)->constraint, "late_key", "which constraint");
	batch_query(next, &put_late, "3");
	expect(loop_commit(&l, db_tx_begin(l.db), next), DB_OK, "connection in step");
	cr_assert_str_eq(database_ask("SELECT sum(id) FROM late"), "3", "only the last");
}

Test(tx_single, set_config_lasts_for_the_transaction)
{
	struct db_tx *tx = db_tx_begin(l.db);
	struct batch *b = batch_new(l.arena);

	batch_query(b, &say_who, "officer-1");
	loop_submit(&l, tx, b);
	b = batch_new(l.arena);
	batch_query(b, &who);
	loop_submit(&l, tx, b);
	cr_assert_str_eq(batch_value_at(b, 0, 0, 0), "officer-1", "kept into the second batch");
	b = batch_new(l.arena);
	batch_query(b, &who);
	loop_commit(&l, tx, b);
	cr_assert_str_eq(batch_value_at(b, 0, 0, 0), "officer-1", "and into the last");

	b = batch_new(l.arena);
	batch_query(b, &say_who, "officer-2");
	loop_commit(&l, db_tx_begin(l.db), b);
	b = batch_new(l.arena);
	batch_query(b, &who);
	loop_commit(&l, db_tx_begin(l.db), b);
	cr_assert_null(batch_value_at(b, 0, 0, 0), "gone on the same connection afterwards");
}

static const char *pid_of(struct db_tx *tx)
{
	struct batch *b = batch_new(l.arena);

	batch_query(b, &backend);
	loop_submit(&l, tx, b);
	return batch_value(b, 0, 0, "pid");
}

static void terminate(const char *pid)
{
	database_ask(arena_printf(l.arena, "SELECT pg_terminate_backend(%s)", pid));
}

Test(tx_single, killed_while_idle_is_lost_and_recovers)
{
	struct db_tx *tx = db_tx_begin(l.db);
	const char *pid = pid_of(tx);

	expect(loop_submit(&l, tx, new_thing("1", "never")), DB_OK, "insert");
	terminate(pid);
	expect(loop_commit(&l, tx, new_thing("2", "never")), DB_LOST, "dead connection");
	loop_until_ready(&l);
	expect(loop_commit(&l, db_tx_begin(l.db), new_thing("3", "after")), DB_OK, "next");
	cr_assert_str_eq(database_ask("SELECT string_agg(id::text, ',') FROM thing"), "3",
			 "nothing of the lost one");
}

Test(tx_single, killed_in_the_middle_of_a_statement_is_lost)
{
	struct db_tx *tx = db_tx_begin(l.db);
	const char *pid = pid_of(tx);
	struct batch *b = new_thing("1", "never");

	batch_query(b, &nap, "4");
	db_tx_submit(tx, b, loop_answered, &l);
	loop_for(&l, 50);
	terminate(pid);
	loop_until_answers(&l, l.answers + 1);
	expect(b, DB_LOST, "not an error of the statement");
	cr_assert_null(batch_error(b), "no error to map to a problem");
	db_tx_rollback(tx, NULL, NULL);
	loop_until_ready(&l);
	cr_assert_str_eq(things(), "0", "nothing stays");
	cr_assert_geq(db_stats(l.db).lost, 1, "counted");
}

Test(tx_single, full_queue_and_long_wait_are_busy)
{
	struct db_tx *holder = db_tx_begin(l.db), *waiting[3];
	struct batch *b[3], *extra = new_thing("9", "extra");

	loop_submit(&l, holder, new_thing("1", "holder"));
	for (int i = 0; i < 3; i++) {
		waiting[i] = db_tx_begin(l.db);
		b[i] = new_thing(arena_printf(l.arena, "%d", i + 10), "waits");
		db_tx_submit(waiting[i], b[i], loop_answered, &l);
	}
	cr_assert_eq(db_stats(l.db).waiting, 3, "queued");
	loop_commit(&l, db_tx_begin(l.db), extra);
	expect(extra, DB_BUSY, "fourth in a queue of three");
	cr_assert_eq(db_stats(l.db).waiting, 3, "refused at once, not for its age");
	loop_until_answers(&l, 5);
	for (int i = 0; i < 3; i++) {
		expect(b[i], DB_BUSY, "waited longer than the limit");
		db_tx_rollback(waiting[i], NULL, NULL);
	}
	cr_assert_eq(db_stats(l.db).refused, 4, "counted");
	expect(loop_commit(&l, holder, batch_new(l.arena)), DB_OK, "the holder is untouched");
	cr_assert_str_eq(things(), "1", "refused work was never sent");
}

Test(tx_single, the_queue_is_served_in_order)
{
	struct db_tx *holder = db_tx_begin(l.db);
	struct batch *b[3];

	loop_submit(&l, holder, new_thing("1", "holder"));
	for (int i = 0; i < 3; i++) {
		b[i] = batch_new(l.arena);
		batch_query(b[i], &count);
		batch_query(b[i], &put, arena_printf(l.arena, "%d", i + 10), "queued");
		db_tx_commit(db_tx_begin(l.db), b[i], loop_answered, &l);
	}
	loop_for(&l, 100);
	cr_assert_eq(l.answers, 1, "all wait for the holder");
	db_tx_commit(holder, batch_new(l.arena), loop_answered, &l);
	loop_until_answers(&l, 5);
	for (int i = 0; i < 3; i++)
		cr_assert_str_eq(batch_value(b[i], 0, 0, "n"), arena_printf(l.arena, "%d", i + 1),
				 "number %d came after those before it", i);
}

Test(tx_idle, is_rolled_back_and_told, .fini = tear_down, .timeout = 120)
{
	struct db_tx *tx;
	struct batch *b;

	begin((struct db_options){ .write_connections = 1, .tx_idle_ms = 200 });
	tx = db_tx_begin(l.db);
	loop_submit(&l, tx, new_thing("1", "forgotten"));
	loop_for(&l, 500);
	cr_assert_eq(db_stats(l.db).transactions, 0, "connection taken back");
	b = loop_commit(&l, tx, new_thing("2", "late"));
	expect(b, DB_ERROR, "too late");
	cr_assert_str_eq(batch_error(b)->sqlstate, "25P03", "idle in transaction");
	expect(loop_commit(&l, db_tx_begin(l.db), new_thing("3", "next")), DB_OK, "usable");
	cr_assert_str_eq(things(), "1", "only the last");
}

Test(tx_silent, server_is_given_up, .fini = tear_down, .timeout = 120)
{
	struct batch *b;

	begin((struct db_options){ .write_connections = 1, .reply_ms = 300 });
	b = new_thing("1", "hangs");
	batch_query(b, &nap, "3");
	loop_commit(&l, db_tx_begin(l.db), b);
	expect(b, DB_LOST, "no answer within the limit: outcome unknown");
	cr_assert(strstr(l.trouble, "no answer"), "said so: %s", l.trouble);
	loop_until_ready(&l);
	expect(loop_commit(&l, db_tx_begin(l.db), new_thing("2", "next")), DB_OK, "next");
}

Test(tx, deadlock_is_retryable_and_a_constraint_is_not)
{
	struct db_tx *a = db_tx_begin(l.db), *b = db_tx_begin(l.db);
	struct batch *x = batch_new(l.arena), *y = batch_new(l.arena), *failed, *again;

	database_ask("INSERT INTO thing VALUES (1, 'x'), (2, 'y')");
	batch_query(x, &change, "1", "a");
	batch_query(y, &change, "2", "b");
	loop_submit(&l, a, x);
	loop_submit(&l, b, y);
	x = batch_new(l.arena);
	y = batch_new(l.arena);
	batch_query(x, &change, "2", "a");
	batch_query(y, &change, "1", "b");
	db_tx_submit(a, x, loop_answered, &l);
	db_tx_submit(b, y, loop_answered, &l);
	/* the victim's error ends its locks, so the answer of the other may even come first */
	loop_until_answers(&l, 4);
	failed = batch_outcome(x) == DB_ERROR ? x : y;
	expect(failed, DB_ERROR, "one of them");
	cr_assert(db_retryable(failed), "40P01 may be tried again: %s", batch_debug(failed));
	db_tx_rollback(failed == x ? a : b, NULL, NULL);
	expect(loop_commit(&l, failed == x ? b : a, batch_new(l.arena)), DB_OK, "the other");
	again = loop_commit(&l, db_tx_begin(l.db), new_thing("1", "taken"));
	expect(again, DB_ERROR, "same key");
	cr_assert_not(db_retryable(again), "a constraint is final");
}

Test(tx, serialisation_failure_is_retryable)
{
	struct db_tx *a = db_tx_begin(l.db);
	struct batch *b = batch_new(l.arena), *seen = batch_new(l.arena);

	database_ask("INSERT INTO thing VALUES (1, 'x')");
	batch_query(seen, &isolation);
	batch_query(seen, &count);
	expect(loop_submit(&l, a, seen), DB_OK, "snapshot taken");
	database_ask("UPDATE thing SET note = 'theirs'");
	batch_query(b, &change, "1", "ours");
	loop_commit(&l, a, b);
	expect(b, DB_ERROR, "changed meanwhile");
	cr_assert(db_retryable(b), "40001: %s", batch_debug(b));
}

/* The server's own warning needs a standby. A trigger at commit gives the same words. */
Test(tx, a_commit_no_standby_confirmed_is_of_unknown_outcome)
{
	struct batch *b = batch_new(l.arena);

	database_ask("CREATE FUNCTION warn() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN"
		     " RAISE WARNING 'canceling wait for synchronous replication';"
		     " RETURN NULL; END $$");
	database_ask("CREATE CONSTRAINT TRIGGER late_warn AFTER INSERT ON late DEFERRABLE"
		     " INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION warn()");
	batch_query(b, &put_late, "1");
	loop_commit(&l, db_tx_begin(l.db), b);
	expect(b, DB_LOST, "neither failure nor success");
	expect(loop_commit(&l, db_tx_begin(l.db), new_thing("1", "next")), DB_OK,
	       "the next commit is not tainted");
}

static int commits;

static void committed(struct batch *b, void *arg)
{
	(void)arg;
	commits += batch_outcome(b) == DB_OK;
	loop_answered(b, &l);
}

static void inserted(struct batch *b, void *arg)
{
	expect(b, DB_OK, "insert");
	db_tx_commit(arg, batch_new(l.arena), committed, NULL);
}

/* Many two-step requests over few connections, each step sent from the callback of the last. */
Test(tx, many_requests_share_the_pool)
{
	enum { REQUESTS = 200 };

	for (int i = 0; i < REQUESTS; i++) {
		struct db_tx *tx = db_tx_begin(l.db);

		db_tx_submit(tx, new_thing(arena_printf(l.arena, "%d", i), "many"), inserted, tx);
	}
	loop_until_answers(&l, REQUESTS);
	cr_assert_eq(commits, REQUESTS, "all committed");
	cr_assert_str_eq(things(), "200", "and all there");
}

Test(tx_stop, answers_everything_before_it_returns, .fini = drop_database, .timeout = 120)
{
	struct batch *slow = NULL, *queued, *read;

	begin((struct db_options){ .write_connections = 1 });
	slow = batch_new(l.arena);
	read = batch_new(l.arena);
	batch_query(slow, &nap, "3");
	batch_query(read, &nap, "3");
	queued = new_thing("1", "queued");
	db_tx_commit(db_tx_begin(l.db), slow, loop_answered, &l);
	db_tx_commit(db_tx_begin(l.db), queued, loop_answered, &l);
	db_read(l.db, read, loop_answered, &l);
	loop_for(&l, 50);
	db_stop(l.db);
	cr_assert_eq(l.answers, 3, "each callback ran");
	expect(slow, DB_LOST, "under way");
	expect(read, DB_LOST, "under way");
	expect(queued, DB_BUSY, "never sent");
	event_base_free(l.base);
	arena_free(l.arena);
}
