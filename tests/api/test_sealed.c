/* Exact and identifying data reach PostgreSQL sealed, or not at all. */
#include <criterion/criterion.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "../../cmd/haven/commands.h"
#include "canary.h"
#include "inventory.h"
#include "memory.h"
#include "opened.h"
#include "referring.h"

#define CONTACT "/api/v1/households/" HOUSEHOLD "/safe-contact"
#define KEYS_OF(id) "SELECT count(*) FROM vault.data_key WHERE subject_id = '" id "'"

TestSuite(sealed, .init = service_start_crowded, .fini = service_stop, .timeout = 120);
TestSuite(sealed_heard, .init = service_start_heard, .fini = service_stop, .timeout = 120);

/* ---- canaries ---- */

Test(sealed_heard, canaries_are_nowhere_in_the_database_its_wal_or_any_log)
{
	const char *dumped, *control;
	struct answer a;
	size_t n;

	canary_draw();
	canary_hear_all();
	canary_tell();
	a = call(ROLE_provider, "POST", path("placements", place_a1("accepted"), "/address"), "{\"purpose\":\"let_in\"}");
	cr_assert(a.status == 200 && strstr(a.body, canary.word), "shown once: %s", a.body);
	superuser("CHECKPOINT");
	dumped = canary_dump(&n);
	/* the same search finds a text that is not secret */
	control = arena_printf(test_memory(), "Control%s", canary.word + 6);
	cr_expect(canary_found(dumped, n, control), "%s is not in the dump", control);
	canary_expect_in_files(control);
	canary_expect_nowhere(dumped, n);
}

/* ---- without the vault ---- */

static const char *rows_everywhere(void)
{
	return sql("SELECT string_agg(n::text, ' ') FROM (VALUES ((SELECT count(*) FROM household)), ((SELECT count(*) FROM member)), "
		   "((SELECT count(*) FROM property)), ((SELECT count(*) FROM person_index)), ((SELECT count(*) FROM idempotency)), "
		   "((SELECT count(*) FROM vault.data_key)), ((SELECT count(*) FROM vault.person)), ((SELECT count(*) FROM vault.party)), "
		   "((SELECT count(*) FROM vault.safe_contact)), ((SELECT count(*) FROM vault.property_address)), "
		   "((SELECT sum(version) FROM property)), ((SELECT sum(version) FROM household))) t (n)");
}

static const struct ask {
	int actor;
	const char *method, *path, *body;
} asks[] = {
	{ ROLE_navigator, "POST", "/api/v1/referrals",
	  "{\"household\":{\"situation\":\"rough\",\"members\":[{\"kind\":\"main\",\"name\":\"Ann Quill\"}]}}" },
	{ ROLE_navigator, "POST", CONTACT, "{\"phone\":\"07700 900321\"}" },
	{ ROLE_navigator, "POST", "/api/v1/households/" HOUSEHOLD "/members", "{\"kind\":\"child\",\"name\":\"Ida Quill\"}" },
	{ ROLE_navigator, "POST", "/api/v1/households/" HOUSEHOLD "/parties", "{\"name\":\"A Rook\",\"vehicle\":\"van\"}" },
	{ ROLE_provider, "POST", "/api/v1/properties",
	  "{\"public_name\":\"Willow\",\"area_label\":\"West\",\"local_authority\":\"E06000002\",\"type\":\"refuge\","
	  "\"residents\":\"women\",\"shared_access\":true,\"address\":{\"lines\":[\"77 Row\"],\"postcode\":\"TS1 3BA\"}}" },
	{ ROLE_provider, "PATCH", "/api/v1/properties/" PROPERTY_A, "{\"address\":{\"lines\":[\"77 Row\"],\"postcode\":\"TS1 3BA\"}}" },
};

enum { ASKS = sizeof(asks) / sizeof(*asks) };

static int status_of(const struct ask *one)
{
	if (strcmp(one->method, "PATCH") == 0)
		return change(one->actor, one->path, 1, one->body).status;
	return call(one->actor, one->method, one->path, "%s", one->body).status;
}

/* Sends all at once, since each request waits until the worker gives up. */
static void expect_all(int status)
{
	pid_t pids[ASKS];
	int how;

	for (int i = 0; i < ASKS; i++) {
		pids[i] = fork();
		if (pids[i] == 0)
			_exit(status_of(&asks[i]) == status ? 0 : 1);
	}
	for (int i = 0; i < ASKS; i++) {
		waitpid(pids[i], &how, 0);
		cr_expect_eq(how, 0, "%s %s is not answered %d", asks[i].method, asks[i].path, status);
	}
}

Test(sealed, a_vault_that_does_not_answer_is_503_and_nothing_is_stored)
{
	const char *before = rows_everywhere();

	kill(service_vault(), SIGSTOP);
	expect_all(503);
	cr_expect_str_eq(rows_everywhere(), before);
	kill(service_vault(), SIGCONT);
	cr_assert_eq(status_of(&asks[0]), 201, "it answers again");
}

Test(sealed, a_vault_that_is_gone_is_503_and_nothing_is_stored)
{
	const char *before = rows_everywhere();

	service_lose_vault();
	expect_all(503);
	cr_expect_str_eq(rows_everywhere(), before);
	cr_assert_eq(call(ROLE_navigator, "POST", "/api/v1/households/" HOUSEHOLD "/members", "{\"kind\":\"child\"}").status, 201,
		     "what needs no vault is stored");
}

/* ---- data keys ---- */

Test(sealed, first_secrets_at_the_same_moment_share_one_key)
{
	enum { N = 8 };

	cr_assert_str_eq(sql(KEYS_OF(HOUSEHOLD)), "0", "none yet");
	cr_assert_eq(race(N, ROLE_navigator, CONTACT, "{\"phone\":\"07700 900321\"}", 201), N, "each is stored");
	cr_assert_str_eq(sql(KEYS_OF(HOUSEHOLD)), "1", "one key");
	cr_assert_str_eq(sql("SELECT count(*) FROM case_secret WHERE ended_at IS NULL"), "1", "and one of them counts");
	for (int i = 0; i < N; i++) {
		const char *text = opened(service_key_file(), SEAL_CONTACT,
					  sql("SELECT id FROM vault.safe_contact ORDER BY id OFFSET %d LIMIT 1", i));

		cr_assert(strstr(text, "07700900321"), "contact %d: %s", i, text);
	}
}

Test(sealed, a_household_whose_key_was_destroyed_takes_no_more)
{
	const char *before;

	cr_assert_eq(status_of(&asks[1]), 201);
	sql("UPDATE vault.data_key SET wrapped = NULL, destroyed_at = now() WHERE subject_id = '" HOUSEHOLD "'");
	before = rows_everywhere();
	for (int i = 1; i <= 3; i++)
		cr_expect_eq(status_of(&asks[i]), 409, "%s", asks[i].path);
	cr_assert_str_eq(rows_everywhere(), before);
}

/* The key may change between its look-up and the transaction: the database decides. */
Test(sealed, what_no_key_opens_is_not_stored)
{
	sql("DO $$ BEGIN PERFORM vault.put_contact(gen_random_uuid(), '" HOUSEHOLD "', "
	    "decode('0103' || repeat('00', 1072), 'hex')); RAISE 'stored'; EXCEPTION WHEN serialization_failure THEN NULL; END $$");
	cr_assert_eq(status_of(&asks[1]), 201);
	sql("DO $$ BEGIN PERFORM vault.put_contact(gen_random_uuid(), '" HOUSEHOLD "', convert_to('07700 900321', 'UTF8')); "
	    "RAISE 'stored'; EXCEPTION WHEN check_violation THEN NULL; END $$");
}

static int rotate(void)
{
	char name[] = "haven", keys[] = "keys", word[] = "rotate", *argv[] = { name, keys, word, NULL };

	setenv("HAVEN_DATABASE", database_conninfo(), 1);
	setenv("HAVEN_KEY_FILE", service_key_file(), 1);
	return tool_run(haven_commands, 3, argv);
}

Test(sealed, keys_are_rotated_under_a_service_that_goes_on)
{
	const char *first, *later;

	cr_assert_eq(status_of(&asks[1]), 201);
	first = sql("SELECT id FROM vault.safe_contact");
	cr_assert_eq(rotate(), 0, "rotated");
	cr_assert_eq(status_of(&asks[1]), 201, "a known household");
	cr_assert_eq(status_of(&asks[4]), 201, "a new subject");
	later = sql("SELECT id FROM vault.safe_contact WHERE id <> '%s'", first);
	cr_assert_not_null(opened(service_key_file(), SEAL_CONTACT, first));
	cr_assert_not_null(opened(service_key_file(), SEAL_CONTACT, later));
	cr_assert_str_eq(sql("SELECT count(DISTINCT root_id) FROM vault.data_key"), "1");
	cr_assert_eq(rotate(), 0, "and again");
	cr_assert_eq(status_of(&asks[1]), 201);
}

/* ---- hashes in a dump ---- */

/* All telephone numbers can be tried, so a hash of the body alone must not be stored. */
Test(sealed, stored_requests_are_hashed_with_what_the_database_does_not_have)
{
	static const char body[] = "{\"phone\":\"07700 900321\"}";
	const char *keys[] = { "first-key-of-two", "second-key-of-two" };

	for (int i = 0; i < 2; i++) {
		struct answer a = call_with(ROLE_navigator, "POST", CONTACT,
					    arena_printf(test_memory(), "Content-Type: application/json\r\nIdempotency-Key: %s\r\n",
							 keys[i]), body);

		assert_status(a, 201);
	}
	cr_assert_str_eq(sql("SELECT count(DISTINCT request_hash) FROM idempotency"), "2", "the same body, another hash");
	cr_assert_str_eq(sql("SELECT count(*) FROM idempotency WHERE key ~ 'key-of-two'"), "0", "nor the key itself");
}
