/* What is exact and identifying reaches PostgreSQL sealed or not at all. */
#include <criterion/criterion.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "app/tool.h"
#include "base/text.h"
#include "inventory.h"
#include "memory.h"
#include "opened.h"
#include "referring.h"

#define CONTACT "/api/v1/households/" HOUSEHOLD "/safe-contact"
#define KEYS_OF(id) "SELECT count(*) FROM vault.data_key WHERE subject_id = '" id "'"

TestSuite(sealed, .init = service_start, .fini = service_stop, .timeout = 120);

/* ---- canaries ---- */

static int log_fd;

/* What worker and vault log goes to a file without name. */
static void start_logged(void)
{
	char path[] = "/tmp/haven-log-XXXXXX";
	int saved = dup(STDERR_FILENO);

	log_fd = mkstemp(path);
	unlink(path);
	dup2(log_fd, STDERR_FILENO);
	service_start();
	dup2(saved, STDERR_FILENO);
	close(saved);
}

static const char *slurp(int fd, size_t *n)
{
	struct stat st;
	char *bytes;

	cr_assert_eq(fstat(fd, &st), 0);
	*n = (size_t)st.st_size;
	bytes = arena_alloc(test_memory(), *n + 1);
	cr_assert_eq(pread(fd, bytes, *n, 0), st.st_size);
	return bytes;
}

static const char *dump(size_t *n)
{
	char path[] = "/tmp/haven-dump-XXXXXX";
	int fd = mkstemp(path), status = -1;
	const char *bytes;
	pid_t pid = fork();

	if (pid == 0) {
		dup2(fd, STDOUT_FILENO);
		execlp("pg_dump", "pg_dump", "-d", arena_printf(test_memory(), "%s user=haven_root", database_conninfo()),
		       (char *)NULL);
		_exit(127);
	}
	waitpid(pid, &status, 0);
	cr_assert_eq(status, 0, "pg_dump");
	unlink(path);
	bytes = slurp(fd, n);
	close(fd);
	return bytes;
}

/* The bytes in hexadecimal, as pg_dump writes them. */
static const char *hex_of(const char *s)
{
	struct text t = text_in(test_memory());

	for (; *s; s++)
		text_printf(&t, "%02x", (unsigned char)*s);
	return text_done(&t);
}

static int found(const char *bytes, size_t n, const char *needle)
{
	const char *hex = hex_of(needle);

	return memmem(bytes, n, needle, strlen(needle)) || memmem(bytes, n, hex, strlen(hex));
}

/* How many of the cluster's files hold the needle. It goes there in hexadecimal, since what is asked
 * is logged too. */
static int files_with(const char *files, const char *needle)
{
	return atoi(superuser("SELECT count(*) FROM (%s) f (path, begin) WHERE position(decode('%s', 'hex') IN "
			      "pg_read_binary_file(path, begin, 1 << 26, true)) > 0", files, hex_of(needle)));
}

#define WAL "SELECT 'pg_wal/' || name, 0 FROM pg_ls_waldir()"

static const char *log_begin;	/* of this test in the server's log */

static const char *server_log(void)
{
	return arena_printf(test_memory(), "VALUES ('server.log', %s)", log_begin);
}

static const char *heap(void)
{
	return arena_printf(test_memory(), "SELECT 'base/' || d.oid || '/' || f, 0 FROM pg_database d, pg_ls_dir('base/' || d.oid) f "
			    "WHERE d.datname = '%s'", database_name());
}

/* The server logs every statement of this database with its parameters from now on. */
static void hear_all(void)
{
	static const char *const settings[] = { "log_min_duration_statement = 0", "log_parameter_max_length = -1",
						"log_parameter_max_length_on_error = -1", "log_error_verbosity = 'default'",
						"log_min_error_statement = error" };
	struct answer a = { .status = 0 };

	log_begin = superuser("SELECT size FROM pg_stat_file('server.log')");
	for (size_t i = 0; i < sizeof(settings) / sizeof(*settings); i++)
		superuser("ALTER DATABASE %s SET %s", database_name(), settings[i]);
	superuser("SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE datname = '%s'", database_name());
	for (int i = 0; i < 300 && a.status != 200; i++) {
		usleep(50000);
		a = call(ROLE_navigator, "GET", "/api/v1/households/" HOUSEHOLD, NULL);
	}
	cr_assert_eq(a.status, 200, "connected again: %s", a.body);
}

/* Of this run alone. */
static struct {
	char word[32], birth[16], phone[16], postcode[16];
} canary;

static void draw_canaries(void)
{
	static const char letters[] = "ABDEFGHJLNPQRSTUWXYZ";
	uint32_t n[4];

	random_bytes(n, sizeof(n));
	snprintf(canary.word, sizeof(canary.word), "Canary%c%c%cquill%08x", letters[n[1] % 20] | 32, letters[n[2] % 20] | 32,
		 letters[n[3] % 20] | 32, n[0]);
	for (char *c = canary.word; *c; c++)	/* a name has no digits */
		if (*c >= '0' && *c <= '9')
			*c = (char)('g' + *c - '0');
	snprintf(canary.birth, sizeof(canary.birth), "19%02u-%02u-%02u", 30 + n[0] % 50, 1 + n[1] % 12, 1 + n[2] % 28);
	snprintf(canary.phone, sizeof(canary.phone), "07%09u", n[1] % 1000000000);
	snprintf(canary.postcode, sizeof(canary.postcode), "TS1 9%c%c", letters[n[2] % 20], letters[n[3] % 20]);
}

static const char *stored_household(void)
{
	struct answer a = call(ROLE_navigator, "POST", "/api/v1/referrals",
			       "{\"household\":{\"situation\":\"rough\",\"band\":\"band_2\",\"band_reason\":\"Control%s\","
			       "\"members\":[{\"kind\":\"main\",\"name\":\"Ann %s\",\"birth_date\":\"%s\"}],"
			       "\"parties\":[{\"name\":\"Rook %s\",\"birth_date\":\"%s\",\"relation\":\"%s\","
			       "\"description\":\"Scar %s\",\"vehicle\":\"Van %s\"}],"
			       "\"safe_contact\":{\"phone\":\"%s\",\"hours\":\"%s\",\"code_word\":\"%s\"}}}",
			       canary.word + 6, canary.word, canary.birth, canary.word, canary.birth, canary.word, canary.word,
			       canary.word, canary.phone, canary.word, canary.word);

	assert_status(a, 201);
	return answer_text(&a, "household.id");
}

/* Every way by which a secret comes in. */
static void tell_everything(void)
{
	const char *household = stored_household();
	struct answer a = call(ROLE_navigator, "POST", path("households", household, "/members"),
			       "{\"kind\":\"adult\",\"name\":\"Bea %s\",\"birth_date\":\"%s\"}", canary.word, canary.birth);

	assert_status(a, 201);
	a = call(ROLE_navigator, "POST", path("households", household, "/parties"),
		 "{\"name\":\"Jay %s\",\"description\":\"Limp %s\"}", canary.word, canary.word);
	assert_status(a, 201);
	a = call(ROLE_navigator, "POST", path("households", household, "/safe-contact"), "{\"phone\":\"%s\"}", canary.phone);
	assert_status(a, 201);
	a = call(ROLE_navigator, "POST", "/api/v1/referrals", "{\"draft\":{\"members\":[{\"kind\":\"main\",\"name\":\"Cat %s\"}]}}",
		 canary.word);
	assert_status(a, 201);
	a = change(ROLE_navigator, path("members", sql("SELECT id FROM member WHERE household_id = '" HOUSEHOLD "' AND kind = 'main'"), ""), 1,
		   arena_printf(test_memory(), "{\"name\":\"Dot %s\",\"birth_date\":\"%s\"}", canary.word, canary.birth));
	assert_status(a, 200);
	a = call(ROLE_provider, "POST", "/api/v1/properties",
		 "{\"public_name\":\"Willow\",\"area_label\":\"West\",\"local_authority\":\"E06000002\",\"type\":\"refuge\","
		 "\"residents\":\"women\",\"shared_access\":true,\"address\":{\"lines\":[\"77 %s Row\"],\"postcode\":\"%s\","
		 "\"access_note\":\"Ring\\n%s\"}}", canary.word, canary.postcode, canary.word);
	assert_status(a, 201);
	a = change(ROLE_provider, "/api/v1/properties/" PROPERTY_A, 1,
		   arena_printf(test_memory(), "{\"address\":{\"lines\":[\"78 %s Row\"],\"postcode\":\"%s\"}}", canary.word,
				canary.postcode));
	assert_status(a, 200);
}

static void expect_nowhere(const char *needle, const char *dumped, size_t n)
{
	size_t logged;
	const char *log = slurp(log_fd, &logged);

	cr_expect(!found(dumped, n, needle), "%s is in the dump", needle);
	cr_expect(!found(log, logged, needle), "%s is in the service's log", needle);
	cr_expect_eq(files_with(server_log(), needle), 0, "%s reached the server as a parameter", needle);
	cr_expect_eq(files_with(WAL, needle), 0, "%s is in the WAL", needle);
	cr_expect_eq(files_with(heap(), needle), 0, "%s is in the database's files", needle);
}

Test(sealed, canaries_are_nowhere_in_the_database_its_wal_or_any_log, .init = start_logged)
{
	const char *dumped, *control;
	size_t n;

	draw_canaries();
	hear_all();
	tell_everything();
	superuser("CHECKPOINT");
	dumped = dump(&n);
	/* the same look finds what is not secret */
	control = arena_printf(test_memory(), "Control%s", canary.word + 6);
	cr_expect(found(dumped, n, control), "%s is not in the dump", control);
	cr_expect(files_with(server_log(), control), "%s is not in the server's log", control);
	cr_expect(files_with(WAL, control), "%s is not in the WAL", control);
	cr_expect(files_with(heap(), control), "%s is not in the database's files", control);
	expect_nowhere(canary.word, dumped, n);
	expect_nowhere(canary.birth, dumped, n);
	expect_nowhere(canary.phone, dumped, n);
	expect_nowhere(canary.postcode, dumped, n);
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

/* All at once, since each waits as long as the worker is patient. */
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

/* Between the look for the key and the transaction anything may happen: the database has the last word. */
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
	return tool_run(3, argv);
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

/* ---- what a dump could be searched by ---- */

/* A telephone number has few enough values to try: no hash of the body alone may be stored. */
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
