/* The operator's tool on a real database. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "app/tool.h"
#include "database.h"
#include "tool_rig.h"
#include "vault/password.h"

enum { DONE, FAILED, USAGE };

TestSuite(tool, .init = tool_database, .fini = drop_database, .timeout = 120);

static void is(const char *wanted, const char *question)
{
	const char *answer = database_ask(question);

	cr_assert_str_eq(answer ? answer : "NULL", wanted, "%s: %s, not %s", question,
			 answer ? answer : "NULL", wanted);
}

/* ---- usage ---- */

Test(tool, wrong_usage_is_told_and_ends_with_two)
{
	char name[] = "haven", *alone[] = { name, NULL };

	cr_assert_eq(tool_run(1, alone), USAGE, "no command");
	cr_assert_eq(tool("nothing", NULL), USAGE, "unknown command");
	cr_assert_eq(tool("--wrong", "config", NULL), USAGE, "unknown option before the command");
	cr_assert_eq(tool("config", "extra", NULL), USAGE, "a word too many");
	cr_assert_eq(tool("user", "add", NULL), USAGE, "no username");
	cr_assert_eq(tool("user", "disable", "a", "b", NULL), USAGE, "two usernames");
	cr_assert_eq(tool("user", "password", "a", "--wrong", NULL), USAGE, "unknown option");
	cr_assert_eq(tool("demo", "load", "--size", "XXL", NULL), USAGE, "no such size");
	cr_assert_eq(tool("demo", "load", "--size", "S", "--vacancies", "9", NULL), USAGE,
		     "two sets at once");
	cr_assert_eq(tool("demo", "load", "--vacancies", "0", NULL), USAGE, "no vacancies");
	cr_assert_eq(tool("help", NULL), DONE, "help");
	cr_assert(strstr(tool_said, "migrate status"), "help names the commands");
}

Test(tool, config_prints_what_is_in_force)
{
	setenv("HAVEN_LISTEN_PORT", "9191", 1);
	cr_assert_eq(tool("config", NULL), DONE, "config");
	cr_assert(strstr(tool_said, "listen_port = 9191"), "the environment counts");
	setenv("HAVEN_LISTEN_PORT", "many", 1);
	cr_assert_eq(tool("config", NULL), FAILED, "a bad value is refused");
	unsetenv("HAVEN_LISTEN_PORT");
	cr_assert_eq(tool("--config", "/nonexistent/haven.conf", "config", NULL), FAILED,
		     "no such file");
}

Test(tool, a_database_that_is_not_there_fails_with_one)
{
	setenv("HAVEN_DATABASE", "host=/nonexistent dbname=none", 1);
	cr_assert_eq(tool("user", "list", NULL), FAILED, "not connected");
}

/* ---- schema ---- */

Test(tool, migrates_once_and_then_finds_nothing_to_do)
{
	cr_assert_eq(tool("migrate", "status", NULL), FAILED, "nothing is applied");
	cr_assert(strstr(tool_said, "0001_codes.sql") && strstr(tool_said, "pending"),
		  "told as pending");
	cr_assert_eq(tool("migrate", NULL), DONE, "first run");
	cr_assert(strstr(tool_said, "applying 0001_codes.sql"), "one line a file");
	cr_assert_eq(tool("migrate", "status", NULL), DONE, "all applied");
	cr_assert(!strstr(tool_said, "pending"), "nothing is pending");
	cr_assert_eq(tool("migrate", NULL), DONE, "second run");
	cr_assert(!strstr(tool_said, "applying"), "applies nothing");
	cr_assert(strstr(tool_said, "0 districts and 0 neighbour pairs"),
		  "and changes no district");
}

Test(tool, an_edited_schema_file_is_told_and_refused)
{
	cr_assert_eq(tool("migrate", NULL), DONE, "migrate");
	database_ask("UPDATE haven_migration SET sha256 = repeat('0', 64) WHERE name LIKE '0002%'");
	cr_assert_eq(tool("migrate", "status", NULL), FAILED, "status");
	cr_assert(strstr(tool_said, "edited"), "told as edited");
	cr_assert_eq(tool("migrate", NULL), FAILED, "migrate");
}

Test(tool, migrate_fills_the_districts_and_mends_them)
{
	cr_assert_eq(tool("migrate", NULL), DONE, "migrate");
	is("0", "SELECT count(*) FROM district_neighbour n WHERE NOT EXISTS (SELECT FROM "
		"district_neighbour m"
		" WHERE m.district = n.neighbour AND m.neighbour = n.district)");
	is("TS2 TS3 TS4 TS5 TS18",
	   "SELECT string_agg(neighbour, ' ' ORDER BY length(neighbour), neighbour)"
	   " FROM district_neighbour WHERE district = 'TS1'");
	is("TS9",
	   "SELECT string_agg(neighbour, ' ') FROM district_neighbour WHERE district = 'YO62'");
	is("0", "SELECT count(*) FROM district WHERE east_km IS NULL");
	database_ask("UPDATE district SET reach_km = 98 WHERE code = 'TS1'");
	database_ask("DELETE FROM district_neighbour WHERE district = 'TS1'");
	database_ask("INSERT INTO district (code) VALUES ('ZE1')");
	cr_assert_eq(tool("migrate", NULL), DONE, "migrate");
	is("2", "SELECT reach_km FROM district WHERE code = 'TS1'");
	is("5", "SELECT count(*) FROM district_neighbour WHERE district = 'TS1'");
	is("1", "SELECT count(*) FROM district WHERE code = 'ZE1'");
}

/* ---- keys ---- */

static long long key_bytes(const char *path, char *out, size_t size)
{
	FILE *f = fopen(path, "r");
	size_t n;

	cr_assert(f, "the key file can be read");
	n = fread(out, 1, size - 1, f);
	out[n] = '\0';
	fclose(f);
	return (long long)n;
}

Test(tool, keys_init_makes_a_closed_file_and_never_overwrites)
{
	char dir[] = "/tmp/haven-keys-XXXXXX", path[64], before[256], after[256];
	struct stat st;

	cr_assert(mkdtemp(dir), "directory");
	snprintf(path, sizeof(path), "%s/deep/key", dir);
	setenv("HAVEN_KEY_FILE", path, 1);
	cr_assert_eq(tool("keys", "init", NULL), DONE, "made, with its directory");
	cr_assert_eq(stat(path, &st), 0, "there");
	cr_assert_eq(st.st_mode & 07777, 0400, "closed to others");
	key_bytes(path, before, sizeof(before));
	cr_assert(!strstr(tool_said, strchr(before, '\n') + 1), "the key is not printed");
	cr_assert_eq(tool("keys", "init", NULL), FAILED, "not twice");
	key_bytes(path, after, sizeof(after));
	cr_assert_str_eq(after, before, "unchanged");
	unlink(path);
	setenv("HAVEN_KEY_FILE", "", 1);
	cr_assert_eq(tool("keys", "init", NULL), FAILED, "the key is a systemd credential");
}

/* ---- accounts ---- */

static void make_council(void)
{
	cr_assert_eq(tool("migrate", NULL), DONE, "migrate");
	cr_assert_eq(tool("organisation", "add", "North Council", "--kind", "council",
			  "--partnership", "North", NULL),
		     DONE, "organisation");
}

static int add_user(const char *name, const char *role, const char *organisation)
{
	return tool("user", "add", name, "--name", "Invented Person", "--role", role,
		    "--organisation", organisation, NULL);
}

static void open_session(const char *username)
{
	char text[512];

	snprintf(text, sizeof(text),
		 "INSERT INTO session (account_id, token_hash, idle_minutes, expires_at)"
		 " SELECT id, sha256(convert_to(username, 'UTF8')), 30, now() + interval '1 hour' "
		 "FROM account"
		 " WHERE username = '%s'",
		 username);
	database_ask(text);
}

Test(tool, a_new_user_gets_a_password_that_is_printed_once)
{
	char password[64];

	make_council();
	cr_assert_eq(add_user("Ada.Example", "administrator", "north council"), DONE,
		     "by name, in any case");
	cr_assert_eq(sscanf(strstr(tool_said, "password: "), "password: %63s", password), 1,
		     "printed");
	cr_assert_eq(password_judge(password), PASSWORD_FINE,
		     "of the length that is asked of people");
	cr_assert_eq(password_verify(password, database_ask("SELECT password_hash FROM account")),
		     PASSWORD_RIGHT, "its hash is stored");
	is("ada.example", "SELECT username FROM account");
	cr_assert_eq(tool("user", "list", NULL), DONE, "list");
	cr_assert(strstr(tool_said, "ada.example") && strstr(tool_said, "administrator"), "listed");
	cr_assert(!strstr(tool_said, password) && !strstr(tool_said, "argon2"),
		  "without password or hash");
}

Test(tool, a_user_can_bring_a_password_of_fair_length)
{
	make_council();
	cr_assert_eq(tool_hears("too short\n", "user", "add", "bob", "--name", "Bob", "--role",
				"analyst", "--organisation", "North Council", "--password-stdin",
				NULL),
		     FAILED, "too short");
	is("0", "SELECT count(*) FROM account");
	cr_assert_eq(tool_hears("a long enough one\n", "user", "add", "bob", "--name", "Bob",
				"--role", "analyst", "--organisation", "North Council",
				"--password-stdin", NULL),
		     DONE, "long enough");
	cr_assert(!strstr(tool_said, "long enough"), "what was typed is not printed");
	cr_assert_eq(password_verify("a long enough one",
				     database_ask("SELECT password_hash FROM account")),
		     PASSWORD_RIGHT, "stored without the newline");
}

Test(tool, users_that_can_not_be_are_refused)
{
	make_council();
	cr_assert_eq(add_user("cleo", "king", "North Council"), FAILED, "no such role");
	cr_assert_eq(add_user("cleo", "analyst", "South Council"), FAILED, "no such organisation");
	cr_assert_eq(add_user("cleo", "analyst", "North Council"), DONE, "good");
	cr_assert_eq(add_user("CLEO", "analyst", "North Council"), FAILED, "the name is taken");
	cr_assert_eq(add_user("xy", "analyst", "North Council"), FAILED,
		     "shorter than the schema allows");
	tool("organisation", "add", "North Council", "--kind", "council", "--partnership", "Other",
	     NULL);
	cr_assert_eq(add_user("dora", "analyst", "North Council"), FAILED,
		     "two organisations have that name");
	cr_assert_eq(
		add_user("dora", "analyst", database_ask("SELECT id FROM organisation LIMIT 1")),
		DONE, "by id");
	is("2", "SELECT count(*) FROM account");
	cr_assert_eq(tool("organisation", "add", "North Council", "--kind", "council",
			  "--partnership", "Other", NULL),
		     FAILED, "the partnership has it");
	cr_assert_eq(tool("organisation", "add", "X", "--kind", "kingdom", "--partnership", "Other",
			  NULL),
		     FAILED, "no such kind");
}

Test(tool, disabling_ends_the_sessions_of_that_user_only)
{
	make_council();
	add_user("eve", "analyst", "North Council");
	add_user("finn", "analyst", "North Council");
	open_session("eve");
	open_session("finn");
	cr_assert_eq(tool("user", "disable", "Eve", NULL), DONE, "disabled");
	is("eve", "SELECT a.username FROM session s JOIN account a ON a.id = s.account_id WHERE "
		  "s.revoked_at IS NOT NULL");
	is("eve", "SELECT username FROM account WHERE disabled_at IS NOT NULL");
	cr_assert_eq(tool("user", "disable", "eve", NULL), FAILED, "already closed");
	cr_assert_eq(tool("user", "password", "eve", NULL), FAILED,
		     "a closed account gets no password");
	cr_assert_eq(tool("user", "disable", "nobody", NULL), FAILED, "no such account");
}

Test(tool, a_new_password_replaces_the_old_and_ends_the_sessions)
{
	make_council();
	add_user("gil", "analyst", "North Council");
	open_session("gil");
	cr_assert_eq(tool_hears("another good one\n", "user", "password", "gil", "--password-stdin",
				NULL),
		     DONE, "set");
	cr_assert_eq(password_verify("another good one",
				     database_ask("SELECT password_hash FROM account")),
		     PASSWORD_RIGHT, "it counts");
	is("1", "SELECT count(*) FROM session WHERE revoked_at IS NOT NULL");
}
