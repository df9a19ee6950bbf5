#include "canary.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/text.h"
#include "base/uuid.h"
#include "inventory.h"
#include "memory.h"
#include "patience.h"
#include "referring.h"

const char *canary_dump(size_t *n)
{
	int fd = test_scratch(), status = -1;
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
	bytes = test_bytes(fd, n);
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

bool canary_found(const char *bytes, size_t n, const char *needle)
{
	const char *hex = hex_of(needle);

	return memmem(bytes, n, needle, strlen(needle)) || memmem(bytes, n, hex, strlen(hex));
}

/* The number of the cluster's files that hold the needle. The query has it in hexadecimal, since
 * queries are logged too. */
static int files_with(const char *files, const char *needle)
{
	return atoi(superuser("SELECT count(*) FROM (%s) f (path, begin) WHERE position(decode('%s', 'hex') IN "
			      "pg_read_binary_file(path, begin, 1 << 26, true)) > 0", files, hex_of(needle)));
}

#define WAL "SELECT 'pg_wal/' || name, 0 FROM pg_ls_waldir()"

static const char *log_begin;	/* where this test begins in the server's log */

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
void canary_hear_all(void)
{
	static const char *const settings[] = { "log_min_duration_statement = 0", "log_parameter_max_length = -1",
						"log_parameter_max_length_on_error = -1", "log_error_verbosity = 'default'",
						"log_min_error_statement = error" };
	struct answer a = { .status = 0 };
	int64_t since;

	log_begin = superuser("SELECT size FROM pg_stat_file('server.log')");
	for (size_t i = 0; i < sizeof(settings) / sizeof(*settings); i++)
		superuser("ALTER DATABASE %s SET %s", database_name(), settings[i]);
	superuser("SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE datname = '%s'", database_name());
	since = clock_mono();
	while (a.status != 200 && wait_on(since))
		a = call(ROLE_navigator, "GET", "/api/v1/households/" HOUSEHOLD, NULL);
	cr_assert_eq(a.status, 200, "connected again: %s", a.body);
}

struct canary canary;

void canary_draw(void)
{
	static const char letters[] = "ABDEFGHJLNPQRSTUWXYZ";
	uint32_t n[4];

	random_bytes(n, sizeof(n));
	snprintf(canary.word, sizeof(canary.word), "Canary%c%c%cquill%08x", letters[n[1] % 20] | 32, letters[n[2] % 20] | 32,
		 letters[n[3] % 20] | 32, n[0]);
	for (char *c = canary.word; *c; c++)	/* a name has no digits */
		if (*c >= '0' && *c <= '9')
			*c = (char)('g' + *c - '0');
	/* the table of bank holidays begins in 1971: one of those days is in every dump */
	snprintf(canary.birth, sizeof(canary.birth), "19%02u-%02u-%02u", 30 + n[0] % 40, 1 + n[1] % 12, 1 + n[2] % 28);
	snprintf(canary.phone, sizeof(canary.phone), "07%09u", n[1] % 1000000000);
	snprintf(canary.postcode, sizeof(canary.postcode), "TS1 9%c%c", letters[n[2] % 20], letters[n[3] % 20]);
}

const char *canary_household(void)
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

/* What is sealed about the case is read, each of its kinds. */
static void read_all(const char *household)
{
	static const char *const kinds[] = { "safe_contact", "first_name", "perpetrator" };

	for (size_t i = 0; i < sizeof(kinds) / sizeof(*kinds); i++) {
		const char *id = sql("SELECT id FROM case_secret WHERE household_id = '%s' AND kind = '%s' AND ended_at IS NULL LIMIT 1", household, kinds[i]);
		struct answer a = call(ROLE_navigator, "POST", path("case-secrets", id, "/readings"), "{\"purpose\":\"ring_them\"}");

		cr_assert(a.status == 200 && (strstr(a.body, canary.word) || strstr(a.body, canary.phone)), "%s: %s", kinds[i], a.body);
	}
}

/* Sends secrets in every way that the service takes them. */
void canary_tell(void)
{
	const char *household = canary_household();
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
	a = call(ROLE_navigator, "POST", path("households", household, "/first-name"), "{\"first_name\":\"%s\"}", canary.word);
	assert_status(a, 201);
	read_all(household);
}

static void expect_nowhere_of(const char *needle, const char *dumped, size_t n)
{
	size_t logged;
	const char *log = service_heard(&logged);

	cr_expect(!canary_found(dumped, n, needle), "%s is in the dump", needle);
	cr_expect(!canary_found(log, logged, needle), "%s is in the service's log", needle);
	cr_expect_eq(files_with(server_log(), needle), 0, "%s reached the server as a parameter", needle);
	cr_expect_eq(files_with(WAL, needle), 0, "%s is in the WAL", needle);
	cr_expect_eq(files_with(heap(), needle), 0, "%s is in the database's files", needle);
}

void canary_expect_nowhere(const char *dumped, size_t n)
{
	expect_nowhere_of(canary.word, dumped, n);
	expect_nowhere_of(canary.birth, dumped, n);
	expect_nowhere_of(canary.phone, dumped, n);
	expect_nowhere_of(canary.postcode, dumped, n);
}

void canary_expect_in_files(const char *needle)
{
	cr_expect(files_with(server_log(), needle), "%s is not in the server's log", needle);
	cr_expect(files_with(WAL, needle), "%s is not in the WAL", needle);
	cr_expect(files_with(heap(), needle), "%s is not in the database's files", needle);
}
