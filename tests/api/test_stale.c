/* The password was right when it was checked, but the account has changed by the time the vault
 * acts. A second connection holds the account meanwhile. */
#include <criterion/criterion.h>
#include <sodium.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "client.h"
#include "db/sync.h"
#include "memory.h"
#include "patience.h"
#include "seal/password.h"

TestSuite(stale, .init = service_start, .fini = service_stop, .timeout = 120);

#define NEW "another kettle of fish"
#define PROVIDER "account_id = (SELECT id FROM account WHERE username = 'provider')"

static struct db_sync *holder;

static const char *holder_says(const char *statement)
{
	const struct sql sql = { .name = "holder", .text = statement };
	struct batch *b = db_sync_query(holder, test_memory(), &sql);

	cr_assert(batch_outcome(b) == DB_OK, "%s: %s", statement, batch_debug(b));
	return batch_columns(b, 0) && batch_rows(b, 0) ? batch_value_at(b, 0, 0, 0) : NULL;
}

static void hold(const char *statement)
{
	const char *error;

	holder = db_sync_open(test_memory(), database_conninfo(), &error);
	cr_assert(holder, "%s", error);
	cr_assert(db_sync_begin(holder));
	holder_says(statement);
}

static void let_go(void)
{
	cr_assert(db_sync_commit(holder));
	db_sync_close(holder);
}

#define HOLD_PROVIDER "SELECT FROM account WHERE username = 'provider' FOR UPDATE"

static const char *hash_of(const char *password)
{
	char *hash = arena_alloc(test_memory(), PASSWORD_HASH_SIZE);

	cr_assert(password_hash(password, hash));
	return hash;
}

static const char *cheap_hash_of(const char *password)
{
	char *hash = arena_alloc(test_memory(), PASSWORD_HASH_SIZE);

	cr_assert(crypto_pwhash_str(hash, password, strlen(password), 1, 8192) == 0);
	return hash;
}

static const char *stored(void)
{
	return sql("SELECT password_hash FROM account WHERE username = 'provider'");
}

static const char *open_sessions(void)
{
	return sql("SELECT count(*) FROM session WHERE revoked_at IS NULL AND " PROVIDER);
}

/* ---- the requests meanwhile, each from a process of its own ---- */

static struct {
	pid_t pid;
	int fd[2];
	const char *token;
} late;

static void late_ask(struct answer (*asked)(void))
{
	int64_t since;

	cr_assert_eq(pipe(late.fd), 0);
	late.pid = fork();
	if (late.pid == 0) {
		int status = asked().status;

		_exit(write(late.fd[1], &status, sizeof(status)) != sizeof(status));
	}
	close(late.fd[1]);
	since = clock_mono();
	while (strcmp(holder_says("SELECT count(*) FROM pg_locks WHERE NOT granted AND pg_backend_pid() = ANY (pg_blocking_pids(pid))"),
		      "0") == 0)
		cr_assert(wait_on(since), "nobody waits for the account");
}

static int late_status(void)
{
	int status = 0;

	cr_assert_eq(read(late.fd[0], &status, sizeof(status)), sizeof(status));
	close(late.fd[0]);
	waitpid(late.pid, NULL, 0);
	return status;
}

static struct answer signs_in(void)
{
	return sign_in("provider", PASSWORD);
}

static struct answer changes_password(void)
{
	return change_password(late.token, PASSWORD, "a third kettle of fish");
}

static struct answer closes_account(void)
{
	return call(ROLE_administrator, "POST", arena_printf(test_memory(), "/api/v1/accounts/%s/disable",
							      sql("SELECT id FROM account WHERE username = 'provider'")), NULL);
}

/* Another person's sign-in that has not committed yet. */
static void hold_sign_in(const char *renewed)
{
	hold(arena_printf(test_memory(), "SELECT vault.sign_in(username, id, password_hash, '%s', 'held', 'r') FROM account "
			  "WHERE username = 'provider'", renewed));
}

/* ---- tests ---- */

static void old_password_after(const char *old_hash, const char *change)
{
	const char *before;

	sql("UPDATE account SET password_hash = '%s' WHERE username = 'provider'", old_hash);
	before = open_sessions();
	hold(HOLD_PROVIDER);
	late_ask(signs_in);
	holder_says(change);
	let_go();
	cr_assert_eq(late_status(), 401, "what it was checked against is no more");
	cr_assert_str_eq(open_sessions(), before, "a session of the old password");
}

Test(stale, old_password_opens_nothing_once_it_is_changed)
{
	const char *new = hash_of(NEW);

	old_password_after(hash_of(PASSWORD), arena_printf(test_memory(), "UPDATE account SET password_hash = '%s' WHERE username = 'provider'", new));
	cr_assert_str_eq(stored(), new);
	cr_assert_eq(sign_in("provider", NEW).status, 201, "and nothing is locked");
}

Test(stale, hash_at_todays_costs_is_not_written_over_a_new_password)
{
	const char *new = hash_of(NEW);

	old_password_after(cheap_hash_of(PASSWORD), arena_printf(test_memory(), "UPDATE account SET password_hash = '%s' WHERE username = 'provider'", new));
	cr_assert_str_eq(stored(), new);
}

Test(stale, closed_account_opens_nothing)
{
	old_password_after(hash_of(PASSWORD), "UPDATE account SET disabled_at = now() WHERE username = 'provider'");
}

Test(stale, hash_renewed_by_another_sign_in_refuses_nobody)
{
	sql("UPDATE account SET password_hash = '%s' WHERE username = 'provider'", cheap_hash_of(PASSWORD));
	hold_sign_in(hash_of(PASSWORD));
	late_ask(signs_in);
	let_go();
	cr_assert_eq(late_status(), 201, "the same password under another hash");
	cr_assert_str_eq(sql("SELECT count(*) FROM sign_in_failure"), "0");
}

Test(stale, change_ends_a_session_opened_a_moment_before)
{
	give_password("provider");
	late.token = signed_in("provider");
	hold_sign_in("");
	late_ask(changes_password);
	let_go();
	cr_assert_eq(late_status(), 200);
	cr_assert_eq(who(bearer(late.token)), 200, "the one that changed it stays");
	cr_assert_str_eq(open_sessions(), "1", "and no other");
}

Test(stale, of_two_changes_the_second_has_a_wrong_password)
{
	const char *new = hash_of(NEW);

	give_password("provider");
	late.token = signed_in("provider");
	hold(HOLD_PROVIDER);
	late_ask(changes_password);
	holder_says(arena_printf(test_memory(), "UPDATE account SET password_hash = '%s' WHERE username = 'provider'", new));
	let_go();
	cr_assert_eq(late_status(), 422);
	cr_assert_str_eq(stored(), new, "the first one's");
	cr_assert_eq(who(bearer(late.token)), 200);
}

Test(stale, closing_ends_a_session_opened_a_moment_before)
{
	give_password("provider");
	hold_sign_in("");
	late_ask(closes_account);
	let_go();
	cr_assert_eq(late_status(), 200);
	cr_assert_str_eq(open_sessions(), "0");
}
