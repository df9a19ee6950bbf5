/* `haven audit`: the sealed trail as an operator and an auditor see it. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "audit/sealer.h"
#include "database.h"
#include "memory.h"
#include "patience.h"
#include "tool_rig.h"

enum { DONE, FAILED, USAGE };

static char dir[] = "/tmp/haven-audit-XXXXXX";

static const char *in_dir(const char *name)
{
	return arena_printf(test_memory(), "%s/%s", dir, name);
}

static void start(void)
{
	cr_assert_not_null(mkdtemp(dir));
	setenv("HAVEN_DATABASE", fresh_database("haven_template"), 1);
	setenv("HAVEN_KEY_FILE", in_dir("key"), 1);
	cr_assert_eq(tool("keys", "init", NULL), DONE);
}

static void stop(void)
{
	unlink(in_dir("key"));
	unlink(in_dir("head"));
	rmdir(dir);
	drop_database();
}

TestSuite(tool_audit, .init = start, .fini = stop, .timeout = 120);

static void seal(void)
{
	const char *error;
	struct vault_keys *keys = vault_keys_load(in_dir("key"), &error);
	struct sealer_options o = { .conninfo = arena_printf(test_memory(), "%s user=haven_vault", getenv("HAVEN_DATABASE")) };
	struct sealer *s = sealer_start(keys, &o);
	int64_t since = clock_mono();

	vault_keys_free(keys);
	while (strcmp(sql("SELECT (SELECT count(*) FROM audit.event) = (SELECT count(*) FROM audit.link)"), "t") != 0 && wait_on(since))
		;
	sealer_stop(s);
}

static void save_head(void)
{
	FILE *f;

	cr_assert_eq(tool("audit", "head", NULL), DONE);
	f = fopen(in_dir("head"), "w");
	fputs(tool_said, f);
	fclose(f);
}

Test(tool_audit, a_sealed_trail_is_well_by_the_public_key_alone)
{
	char key[65];

	cr_assert_eq(tool("audit", "head", NULL), FAILED, "nothing is signed yet");
	seal();
	save_head();
	cr_assert_eq(tool("audit", "verify", "--head", in_dir("head"), NULL), DONE, "%s", tool_said);
	cr_assert(strstr(tool_said, "all is well"), "%s", tool_said);
	cr_assert_eq(tool("audit", "key", NULL), DONE);
	cr_assert_eq(strlen(tool_said), 65, "%s", tool_said);
	snprintf(key, sizeof(key), "%.64s", tool_said);
	unlink(in_dir("key"));
	cr_assert_eq(tool("audit", "verify", "--key", key, NULL), DONE, "%s", tool_said);
	cr_assert_eq(tool("audit", "verify", NULL), FAILED, "no key at all");
	key[0] = key[0] == '1' ? '2' : '1';
	cr_assert_eq(tool("audit", "verify", "--key", key, NULL), FAILED, "another's key");
	cr_assert_eq(tool("audit", "verify", "--key", "12", NULL), FAILED, "no key");
}

Test(tool_audit, what_is_wrong_is_named_and_fails)
{
	seal();
	save_head();
	sql("ALTER TABLE audit.event DISABLE TRIGGER USER");
	sql("UPDATE audit.event SET action = 'search' WHERE id = (SELECT max(id) FROM audit.event)");
	cr_assert_eq(tool("audit", "verify", NULL), FAILED);
	cr_assert(strstr(tool_said, "changed: event ") && strstr(tool_said, "1 faults"), "%s", tool_said);
	sql("ALTER TABLE audit.head DISABLE TRIGGER USER");
	sql("ALTER TABLE audit.link DISABLE TRIGGER USER");
	sql("DELETE FROM audit.head");
	sql("DELETE FROM audit.link");
	sql("DELETE FROM audit.event");
	cr_assert_eq(tool("audit", "verify", NULL), DONE, "an empty trail: %s", tool_said);
	cr_assert_eq(tool("audit", "verify", "--head", in_dir("head"), NULL), FAILED, "which was not always empty");
	cr_assert(strstr(tool_said, "cut: head "), "%s", tool_said);
}

Test(tool_audit, wrong_usage_and_no_dump)
{
	cr_assert_eq(tool("audit", "verify", "--late", "soon", NULL), USAGE);
	cr_assert_eq(tool("audit", "verify", "word", NULL), USAGE);
	cr_assert_eq(tool("audit", "verify", "--dump", "/nonexistent/dump", NULL), FAILED);
	cr_assert_eq(tool("audit", "verify", "--dump", in_dir("key"), NULL), FAILED, "no dump");
	cr_assert_eq(tool("audit", "verify", "--head", in_dir("key"), NULL), FAILED, "no heads");
}
