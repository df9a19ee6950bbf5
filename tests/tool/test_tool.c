/* The operator's tool on a real database. */
#include <criterion/criterion.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "../../cmd/haven/commands.h"
#include "base/text.h"
#include "database.h"
#include "memory.h"
#include "opened.h"
#include "seal/password.h"
#include "tool_rig.h"

enum { DONE, FAILED, USAGE };

TestSuite(tool, .init = tool_database, .fini = drop_database, .timeout = 120);
TestSuite(tool_migrated, .init = tool_database_migrated, .fini = drop_database, .timeout = 120);

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

	cr_assert_eq(tool_run(haven_commands, 1, alone), USAGE, "no command");
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
	cr_assert(strstr(tool_said, "geography: shipped\n") && !strstr(tool_said, "neighbours"), "and changes no district");
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
	is("0", "SELECT count(*) FROM district d, unnest(d.neighbours) n WHERE NOT EXISTS (SELECT FROM district m"
		" WHERE m.code = n AND d.code = ANY (m.neighbours))");
	is("{TS18,TS2,TS3,TS4,TS5}", "SELECT neighbours::text FROM district WHERE code = 'TS1'");
	is("t", "SELECT 'TS9' = ANY (neighbours) FROM district WHERE code = 'YO62'");
	is("BT GY IM JE", "SELECT string_agg(DISTINCT left(code, 2), ' ') FROM district WHERE east_km IS NULL");
	database_ask("UPDATE district SET reach_km = 98 WHERE code = 'TS1'");
	database_ask("UPDATE district SET neighbours = '{}' WHERE code = 'TS1'");
	database_ask("INSERT INTO district (code) VALUES ('ZE9')");
	cr_assert_eq(tool("migrate", NULL), DONE, "migrate");
	is("4", "SELECT reach_km FROM district WHERE code = 'TS1'");
	is("5", "SELECT cardinality(neighbours) FROM district WHERE code = 'TS1'");
	is("0", "SELECT count(*) FROM district WHERE code = 'ZE9'");
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

static char key_dir[] = "/tmp/haven-rotate-XXXXXX", key_path[64];

static struct vault_keys *load_keys(void)
{
	const char *error;
	struct vault_keys *keys = vault_keys_load(key_path, &error);

	cr_assert(keys, "%s", error);
	return keys;
}

static void make_key(void)
{
	cr_assert(mkdtemp(key_dir), "directory");
	snprintf(key_path, sizeof(key_path), "%s/key", key_dir);
	setenv("HAVEN_KEY_FILE", key_path, 1);
	cr_assert_eq(tool("keys", "init", NULL), DONE, "key");
}

static void remove_key(void)
{
	unlink(key_path);
	rmdir(key_dir);
}

static struct seal_owner owner_number(uint64_t n)
{
	return (struct seal_owner){ n % 2 ? SEAL_PROPERTY : SEAL_HOUSEHOLD, { n, n }, { 0, 1 } };
}

static const char *wrapped_hex(const struct vault_keys *keys, uint64_t n)
{
	struct seal_owner owner = owner_number(n);
	unsigned char wrapped[SEAL_WRAPPED];
	char *hex = arena_alloc(test_memory(), 2 * SEAL_WRAPPED + 1);
	struct seal_key key;

	seal_key_make(keys, &owner, &key, wrapped);
	return sodium_bin2hex(hex, 2 * SEAL_WRAPPED + 1, wrapped, sizeof(wrapped));
}

/* Makes n data keys of subjects without other rows; `hex` is the first. */
static void make_data_keys(uint64_t n)
{
	struct text t = text_in(test_memory());
	struct vault_keys *keys = load_keys();
	char id[UUID_TEXT];

	sql("INSERT INTO partnership (id, name) VALUES ('00000000-0000-0000-0000-000000000001', 'P')");
	sql("INSERT INTO organisation (id, partnership_id, kind, name) VALUES ('00000000-0000-0000-0000-000000000001', "
	    "'00000000-0000-0000-0000-000000000001', 'council', 'C')");
	sql("INSERT INTO vault.root_key (id) VALUES ('%s')", vault_keys_id(keys, VAULT_ROOT));
	for (uint64_t i = 0; i < n; i++) {
		struct seal_owner owner = owner_number(i);

		uuid_format(owner.id, id);
		text_printf(&t, "%s('%s', '%s', '00000000-0000-0000-0000-000000000001', decode('%s', 'hex'))",
			    i ? "," : "", id, i % 2 ? "property" : "household", wrapped_hex(keys, i));
	}
	sql("INSERT INTO vault.data_key (subject_id, subject_kind, organisation_id, wrapped) VALUES %s", text_done(&t));
	vault_keys_free(keys);
}

static bool opens_number(const struct vault_keys *keys, uint64_t n)
{
	struct seal_owner owner = owner_number(n);
	unsigned char wrapped[SEAL_WRAPPED];
	struct seal_key key;
	char id[UUID_TEXT];
	const char *hex;

	uuid_format(owner.id, id);
	hex = sql("SELECT encode(wrapped, 'hex') FROM vault.data_key WHERE subject_id = '%s'", id);
	cr_assert_eq(sodium_hex2bin(wrapped, sizeof(wrapped), hex, strlen(hex), NULL, NULL, NULL), 0);
	return seal_key_open(keys, &owner, wrapped, &key);
}

Test(tool_migrated, keys_rotate_wraps_every_data_key_anew)
{
	struct vault_keys *before, *after;

	make_key();
	cr_assert_eq(tool("demo", "load", NULL), DONE, "load");
	sql("UPDATE vault.data_key SET wrapped = NULL, destroyed_at = now() WHERE subject_id = (SELECT id FROM household "
	    "WHERE closed_at IS NOT NULL LIMIT 1)");
	before = load_keys();
	cr_assert_eq(tool("keys", "rotate", NULL), DONE, "rotated");
	after = load_keys();
	cr_assert_str_eq(vault_keys_id(after, VAULT_ROOT_BEFORE), "", "the old root is forgotten");
	cr_assert_str_eq(vault_keys_id(after, VAULT_INDEX), vault_keys_id(before, VAULT_INDEX), "indexes stay");
	is("0", arena_printf(test_memory(), "SELECT count(*) FROM vault.data_key WHERE root_id <> '%s'",
			     vault_keys_id(after, VAULT_ROOT)));
	cr_assert_not_null(opened(key_path, SEAL_ADDRESS, sql("SELECT property_id FROM vault.property_address LIMIT 1")));
	cr_assert_eq(tool("keys", "status", NULL), DONE, "status");
	cr_assert(strstr(tool_said, vault_keys_id(after, VAULT_ROOT)) && strstr(tool_said, "in use"), "%s", tool_said);
	cr_assert(strstr(tool_said, "left behind") && strstr(tool_said, "destroyed"), "%s", tool_said);
	vault_keys_free(before);
	vault_keys_free(after);
	remove_key();
}

Test(tool_migrated, keys_rotate_that_was_interrupted_goes_on_where_it_was)
{
	struct vault_keys *before, *during, *after;
	const char *good;

	make_key();
	make_data_keys(2300);
	good = sql("SELECT wrapped FROM vault.data_key ORDER BY subject_id DESC LIMIT 1");
	sql("UPDATE vault.data_key SET wrapped = set_byte(wrapped, 70, 255 - get_byte(wrapped, 70)) WHERE subject_id = "
	    "(SELECT subject_id FROM vault.data_key ORDER BY subject_id DESC LIMIT 1)");
	before = load_keys();
	cr_assert_eq(tool("keys", "rotate", NULL), FAILED, "one does not open");
	during = load_keys();
	cr_assert_str_eq(vault_keys_id(during, VAULT_ROOT_BEFORE), vault_keys_id(before, VAULT_ROOT), "kept");
	is("300", arena_printf(test_memory(), "SELECT count(*) FROM vault.data_key WHERE root_id = '%s'",
			       vault_keys_id(before, VAULT_ROOT)));
	for (uint64_t i = 0; i < 2299; i += 209)
		cr_assert(opens_number(during, i), "number %llu meanwhile", (unsigned long long)i);
	cr_assert_eq(tool("keys", "status", NULL), DONE, "status");
	cr_assert(strstr(tool_said, "interrupted"), "%s", tool_said);
	sql("UPDATE vault.data_key SET wrapped = '%s' WHERE subject_id = (SELECT subject_id FROM vault.data_key "
	    "ORDER BY subject_id DESC LIMIT 1)", good);
	cr_assert_eq(tool("keys", "rotate", NULL), DONE, "again");
	after = load_keys();
	cr_assert_str_eq(vault_keys_id(after, VAULT_ROOT), vault_keys_id(during, VAULT_ROOT), "the same new root");
	for (uint64_t i = 0; i < 2300; i += 209)
		cr_assert(opens_number(after, i), "number %llu", (unsigned long long)i);
	vault_keys_free(before);
	vault_keys_free(during);
	vault_keys_free(after);
	remove_key();
}

/* A vault that has not taken up the rotation would seal values that are then lost: its key is
 * refused. */
Test(tool_migrated, no_data_key_comes_under_a_root_that_was_left_behind)
{
	struct vault_keys *before;

	make_key();
	make_data_keys(2);
	before = load_keys();
	cr_assert_eq(tool("keys", "rotate", NULL), DONE, "rotated");
	sql("DO $$ BEGIN PERFORM vault.put_key('household', '00000000-0000-0004-0000-000000000004', "
	    "'00000000-0000-0000-0000-000000000001', decode('%s', 'hex')); RAISE 'stored'; "
	    "EXCEPTION WHEN foreign_key_violation THEN NULL; END $$", wrapped_hex(before, 4));
	is("2", "SELECT count(*) FROM vault.data_key");
	vault_keys_free(before);
	remove_key();
}

/* ---- accounts ---- */

static void make_council(void)
{
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

Test(tool_migrated, a_new_user_gets_a_password_that_is_printed_once)
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

Test(tool_migrated, a_user_can_bring_a_password_of_fair_length)
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

Test(tool_migrated, users_that_can_not_be_are_refused)
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

Test(tool_migrated, disabling_ends_the_sessions_of_that_user_only)
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

Test(tool_migrated, a_new_password_replaces_the_old_and_ends_the_sessions)
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

/* ---- bank holidays ---- */

Test(tool_migrated, the_hours_of_offices_are_set)
{
	is("t", "SELECT outside_office_hours('2027-07-05 18:30 Europe/London')");	/* a Monday */
	cr_assert_eq(tool("office-hours", "set", "Monday", "08:00", "19:00", NULL), DONE, "%s", tool_said);
	is("f", "SELECT outside_office_hours('2027-07-05 18:30 Europe/London')");
	cr_assert_eq(tool("office-hours", "close", "monday", NULL), DONE);
	is("t", "SELECT outside_office_hours('2027-07-05 10:00 Europe/London')");
	cr_assert_eq(tool("office-hours", "close", "monday", NULL), FAILED, "it is closed already");
	cr_assert_eq(tool("office-hours", "set", "monday", "17:00", "09:00", NULL), FAILED);
	cr_assert_eq(tool("office-hours", "set", "monday", "9", "17:00", NULL), FAILED);
	cr_assert_eq(tool("office-hours", "set", "monday", "09:00", "24:30", NULL), FAILED);
	cr_assert_eq(tool("office-hours", "set", "Mo", "09:00", "17:00", NULL), FAILED);
	cr_assert_eq(tool("office-hours", "set", "monday", NULL), USAGE);
	cr_assert_eq(tool("office-hours", "list", NULL), DONE);
	cr_assert(strstr(tool_said, "09:00") && !strstr(tool_said, "1 "), "%s", tool_said);
}

Test(tool_migrated, helplines_are_the_operator_s)
{
	cr_assert_eq(tool("helpline", "set", "2", "Invented Helpline", "01642 960 001", "Day and night", "Anybody", NULL), DONE,
		     "%s", tool_said);
	is("Invented Helpline", "SELECT service FROM self_referral_information WHERE position = 2");
	cr_assert_eq(tool("helpline", "set", "12", "Another", "01642 960 002", "Weekdays", "Men", NULL), DONE);
	cr_assert_eq(tool("helpline", "list", NULL), DONE);
	cr_assert(strstr(tool_said, "Another"), "%s", tool_said);
	cr_assert_eq(tool("helpline", "remove", "12", NULL), DONE);
	cr_assert_eq(tool("helpline", "remove", "12", NULL), FAILED);
	cr_assert_eq(tool("helpline", "set", "0", "None", "999", "Always", "Anybody", NULL), FAILED);
	cr_assert_eq(tool("helpline", "set", "3", "None", "ring us", "Always", "Anybody", NULL), FAILED);
	cr_assert_eq(tool("helpline", "set", "3", "None", NULL), USAGE);
}

Test(tool_migrated, a_proclaimed_bank_holiday_makes_a_turnaround_longer)
{
	cr_assert_eq(tool("bank-holiday", "add", "2027-07-05", "Invented", NULL), DONE);
	is("2027-07-06", "SELECT add_working_days('2027-07-02', 1)");
	cr_assert_eq(tool("bank-holiday", "add", "2027-07-05", "Again", NULL), FAILED, "it is one already");
	cr_assert_eq(tool("bank-holiday", "add", "2027-07-04", "Sunday", NULL), FAILED);
	cr_assert_eq(tool("bank-holiday", "add", "2027-02-30", "Never", NULL), FAILED);
	cr_assert_eq(tool("bank-holiday", "add", "2027-07-06", NULL), USAGE, "it has no name");
	cr_assert_eq(tool("bank-holiday", "remove", "2027-07-05", NULL), DONE);
	is("2027-07-05", "SELECT add_working_days('2027-07-02', 1)");
	cr_assert_eq(tool("bank-holiday", "remove", "2027-07-05", NULL), FAILED, "it is none any more");
}
