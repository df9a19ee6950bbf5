/* `haven policy preview`: what a policy would do to the households that wait, without doing it. */
#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "app/policy.h"
#include "decision/policy.h"
#include "base/text.h"
#include "database.h"
#include "memory.h"
#include "seed.h"
#include "tool_rig.h"

enum { DONE, FAILED, USAGE };

static void start(void)
{
	setenv("HAVEN_DATABASE", fresh_database("haven_template"), 1);
}

TestSuite(preview, .init = start, .fini = drop_database, .timeout = 120);

/* Runs the preview of a file with this text. */
static int preview_text(const char *text)
{
	char name[] = "/tmp/haven-policy-XXXXXX";
	int fd = mkstemp(name), code;

	cr_assert(fd >= 0 && write(fd, text, strlen(text)) == (ssize_t)strlen(text));
	close(fd);
	code = tool("policy", "preview", name, NULL);
	unlink(name);
	return code;
}

/* The shipped file with one text in place of another. */
static const char *with(const char *text, const char *by)
{
	const char *whole = policy_text(), *at = strstr(whole, text);

	cr_assert(at, "%s", text);
	return arena_printf(test_memory(), "%.*s%s%s", (int)(at - whole), whole, by, at + strlen(text));
}

static void says(const char *words)
{
	cr_assert(strstr(tool_said, words), "not \"%s\" in: %s", words, tool_said);
}

static const char *reference(const char *household)
{
	return sql("SELECT reference FROM household WHERE id = '%s'", household);
}

static const char *about(const char *household, const char *what)
{
	return arena_printf(test_memory(), "%s: %s", reference(household), what);
}

Test(preview, the_same_policy_changes_nothing)
{
	cr_assert_eq(preview_text(policy_text()), DONE, "%s", tool_said);
	says("No number changes.");
	says("3 households wait, 4 places are open. Policy 2026-3 instead of 2026-3:");
	says("  another first place: 0\n  nothing fits any more: 0\n  something fits that had nothing: 0\n"
	     "  another number of places that fit: 0\n  another band: 0\n  another place in the order of priority: 0\n");
}

Test(preview, nothing_fits_any_more)
{
	sql("UPDATE vacancy SET confirmed_at = now() - interval '2 hours'");
	cr_assert_eq(preview_text(with("\"lapse_hours\": 72", "\"lapse_hours\": 1")), DONE, "%s", tool_said);
	says("lapse_hours: 72 becomes 1 (hours after which a vacancy not confirmed lapses)");
	says(about(HOUSEHOLD, "nothing fits any more; first was"));
	says("  nothing fits any more: 3\n");
}

Test(preview, something_fits_that_had_nothing)
{
	sql("UPDATE vacancy SET confirmed_at = now() - interval '80 hours'");
	cr_assert_eq(preview_text(with("\"lapse_hours\": 72", "\"lapse_hours\": 96")), DONE, "%s", tool_said);
	says(about(HOUSEHOLD, "something fits now, first"));
	says("  something fits that had nothing: 3\n");
}

Test(preview, another_first_place)
{
	sql("UPDATE household SET languages = '{pl}' WHERE id = '" HOUSEHOLD "'");
	sql("UPDATE unit SET languages = CASE WHEN id = '" UNIT_A2 "' THEN '{pl}' ELSE '{en}' END::text[]");
	sql("UPDATE policy SET numbers = numbers || '{\"language\": 0}'");
	cr_assert_eq(preview_text(with("\"language\": 8", "\"language\": 900")), DONE, "%s", tool_said);
	says(about(HOUSEHOLD, sql("SELECT 'first becomes ' || reference || ' of Provider A instead of' FROM unit WHERE id = '" UNIT_A2 "'")));
	says("  another first place: 1\n");
}

Test(preview, another_band_is_another_order)
{
	sql("UPDATE household SET situation = 'friends', urgency = 'urgent', risk_level = 'high', band = NULL, waiting_since = now() - interval '9 hours'"
	    " WHERE id = '" HOUSEHOLD "'");
	sql("UPDATE household SET situation = 'hospital', urgency = 'urgent', risk_level = 'high', band = NULL, waiting_since = now()"
	    " WHERE id = '" HOUSEHOLD_2 "'");
	cr_assert_eq(preview_text(with("\"band_friends\": 1", "\"band_friends\": 4")), DONE, "%s", tool_said);
	says(about(HOUSEHOLD, "Band 1 urgent becomes Band 4 low (With friends or family: lost the home through abuse)"));
	says(about(HOUSEHOLD, "number 1 in the order of priority becomes number 2"));
	says(about(HOUSEHOLD_2, "number 2 in the order of priority becomes number 1"));
	says("  another band: 2\n  another place in the order of priority: 2\n");
}

/* The transaction is read-only besides. */
Test(preview, nothing_is_written)
{
	static const char state[] = "SELECT concat((SELECT count(*) FROM change_log), (SELECT count(*) FROM audit.event),"
				    " (SELECT count(*) FROM policy_kept), (SELECT numbers FROM policy))";
	const char *before = sql(state);

	cr_assert_eq(preview_text(with("\"lapse_hours\": 72", "\"lapse_hours\": 1")), DONE, "%s", tool_said);
	says("Nothing was changed.");
	cr_assert_str_eq(sql(state), before);
}

/* ---- a wrong file ---- */

static void faulty(const char *text, const char *words)
{
	struct text faults = text_in(test_memory());
	struct policy p;

	cr_assert(!policy_faults(text, &p, &faults), "%s", words);
	cr_assert_str_eq(text_done(&faults), words);
}

Test(preview, errors_are_told_by_line)
{
	faulty("", "line 1: '[' or '{' expected near end of file\n");
	faulty("[]", "line 1: it is no object\n");
	faulty("{\n\"version\": \"1\",\n\"version\": \"2\"}", "line 3: duplicate object key near '\"version\"'\n");
	faulty(with("\"stale_hours\": 24", "\"stale_hours\": 0"),
	       "line 7: stale_hours must be a whole number from 1 to 720: hours after which a vacancy not confirmed ranks lower\n");
	faulty(with("\"stale_hours\": 24", "\"stale_hours\": 1.5, \"Stale\": 2"),
	       "line 7: stale_hours must be a whole number from 1 to 720: hours after which a vacancy not confirmed ranks lower\n"
	       "line 7: Stale is a key that no rule uses\n");
	faulty(with("\"hold_least_minutes\": 30", "\"hold_least_minutes\": 130"),
	       "line 10: hold_minutes must lie between hold_least_minutes and hold_most_minutes\n"
	       "line 12: offer_minutes must lie between hold_least_minutes and hold_most_minutes\n");
}

Test(preview, a_wrong_file_is_refused)
{
	cr_assert_eq(preview_text("{"), FAILED);
	cr_assert_eq(preview_text(with("\"stale_hours\": 24,", "")), FAILED);
	cr_assert_eq(tool("policy", "preview", "/nonexistent/policy", NULL), FAILED);
	cr_assert_eq(tool("policy", "preview", "/", NULL), FAILED);
	cr_assert_eq(tool("policy", "preview", NULL), USAGE);
}
