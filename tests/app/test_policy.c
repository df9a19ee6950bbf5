/* The matching policy as text: the file, and what is no policy. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

#include "app/policy.h"
#include "decision/policy.h"
#include "base/text.h"

TestSuite(policy);

Test(policy, the_file_is_one)
{
	struct arena *a = arena_new();
	const char *error = NULL;
	struct policy p, shipped;

	policy_default(&shipped);
	cr_assert(policy_load(a, &p, &error), "%s", error);
	for (const struct policy_key *k = policy_keys; k->name; k++)
		cr_expect_eq(policy_get(&p, k), policy_get(&shipped, k), "%s", k->name);
	arena_free(a);
}

/* The file with one text in place of another. */
static const char *changed(struct arena *a, const char *text, const char *by)
{
	const char *whole = policy_text(), *at = strstr(whole, text);

	cr_assert(at, "%s", text);
	return arena_printf(a, "%.*s%s%s", (int)(at - whole), whole, by, at + strlen(text));
}

Test(policy, another_value_is_read)
{
	struct arena *a = arena_new();
	const char *error = NULL;
	struct policy p;

	cr_assert(policy_read(a, &p, changed(a, "\"lapse_hours\": 72", "\"lapse_hours\": 96"),
			      &error),
		  "%s", error);
	cr_expect_eq(p.lapse_hours, 96);
	arena_free(a);
}

Test(policy, what_is_none_is_refused_and_leaves_the_shipped_one)
{
	static const struct {
		const char *text, *by, *error;
	} faults[] = {
		{ "\"lapse_hours\": 72", "\"lapse_hours\": 0", "lapse_hours" },
		{ "\"lapse_hours\": 72", "\"lapse_hours\": \"72\"", "lapse_hours" },
		{ "\"hold_most_minutes\": 240", "\"hold_most_minutes\": 241", "hold_most_minutes" },
		{ "\"unsafe_same\": 1,", "", "unsafe_same" },
		{ "\"unsafe_same\": 1,", "\"unsafe_same\": 1, \"unsafe_street\": 1,", "key" },
		{ "\"version\": \"2026-3\",", "", "not a policy" },
		{ "{", "", "not a policy" },
	};
	struct arena *a = arena_new();

	for (size_t i = 0; i < sizeof(faults) / sizeof(*faults); i++) {
		const char *error = NULL;
		struct policy p = { 0 };

		cr_expect_not(policy_read(a, &p, changed(a, faults[i].text, faults[i].by), &error),
			      "%s", faults[i].by);
		cr_expect(error && strstr(error, faults[i].error), "%s: %s", faults[i].by, error);
		cr_expect_eq(p.lapse_hours, 72);
	}
	arena_free(a);
}

/* What is newer than a policy of the past decided nothing then. */
Test(policy, one_of_the_past_is_read_without_newer_keys)
{
	struct arena *a = arena_new();
	const char *error = NULL;
	struct policy p;

	cr_assert(policy_read_kept(a, &p, changed(a, "\"interim\": -20,", ""), &error), "%s", error);
	cr_expect_eq(p.interim, 0);
	cr_assert(policy_read_kept(a, &p, changed(a, "\"lapse_hours\": 72,", ""), &error), "%s", error);
	cr_expect_eq(p.lapse_hours, 72, "there is no hour 0");
	cr_assert(!policy_read_kept(a, &p, changed(a, "\"lapse_hours\": 72", "\"lapse_hours\": 0"), &error));
	cr_assert(!policy_read_kept(a, &p, changed(a, "\"unsafe_same\": 1,", "\"unsafe_same\": 1, \"unsafe_street\": 1,"), &error),
		  "nobody knows any more what it meant");
	arena_free(a);
}
