#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/date.h"
#include "seal/blind.h"

static struct vault_keys *keys;

static void make_keys(void)
{
	char path[] = "/tmp/haven-blind-XXXXXX";
	const char *error = NULL;

	close(mkstemp(path));
	unlink(path);
	cr_assert(vault_keys_create(path, &error), "created: %s", error);
	keys = vault_keys_load(path, &error);
	unlink(path);
	cr_assert(keys != NULL, "loaded: %s", error);
}

static void free_keys(void)
{
	vault_keys_free(keys);
}

TestSuite(blind, .init = make_keys, .fini = free_keys);

static bool same(const char *a, int32_t a_birth, const char *b, int32_t b_birth)
{
	char one[BLIND_SIZE], two[BLIND_SIZE];

	cr_assert(blind_index(keys, BLIND_PERSON, NAME_EXACT, a, a_birth, one), "%s", a);
	cr_assert(blind_index(keys, BLIND_PERSON, NAME_EXACT, b, b_birth, two), "%s", b);
	cr_assert_eq(strlen(one), BLIND_SIZE - 1, "whole");
	return strcmp(one, two) == 0;
}

Test(blind, spelling_habits_do_not_matter)
{
	static const char *const forms[] = {
		"O'Brien  ANNE", "o brien anne", "OBRIEN-ANNE", " o\xe2\x80\x99" "brien anne\t",
		"O\xca\xbc" "Brien Anne", "o`brien, anne.", "O\xe2\x80\x91" "Brien\xc2\xa0" "Anne",
	};

	for (size_t i = 1; i < sizeof(forms) / sizeof(forms[0]); i++)
		cr_assert(same(forms[0], 4000, forms[i], 4000), "form %zu", i);
}

Test(blind, different_people_differ)
{
	cr_assert(!same("O'Brien Anne", 4000, "O'Brien Anna", 4000), "name");
	cr_assert(!same("O'Brien Anne", 4000, "O'Brien Anne", 4001), "birth");
	cr_assert(!same("O'Brien Anne", 4000, "O'Brien Anne", 4000 + 256), "birth, second byte");
	cr_assert(!same("O'Brien Anne", 4000, "O'Brien Anne", DAY_NONE), "birth unknown");
	cr_assert(same("O'Brien Anne", DAY_NONE, "o'brien anne", DAY_NONE), "unknown is unknown");
	cr_assert(!same("Zo\xc3\xab", 4000, "Zo\xc3\xa9", 4000), "accents count");
	cr_assert(!same("\xd0\x90\xd0\xbd\xd0\xbd\xd0\xb0", 1, "\xd0\x95\xd0\xbd\xd0\xbd\xd0\xb0",
			1), "names in another script are kept whole");
}

Test(blind, purposes_and_keys_can_not_be_compared)
{
	char person[BLIND_SIZE], party[BLIND_SIZE], elsewhere[BLIND_SIZE];

	cr_assert(blind_index(keys, BLIND_PERSON, NAME_EXACT, "Ann Example", 4000, person), "person");
	cr_assert(blind_index(keys, BLIND_PARTY, NAME_EXACT, "Ann Example", 4000, party), "party");
	cr_assert_str_neq(person, party, "purposes differ");
	free_keys();
	make_keys();
	cr_assert(blind_index(keys, BLIND_PERSON, NAME_EXACT, "Ann Example", 4000, elsewhere), "other key");
	cr_assert_str_neq(person, elsewhere, "keys differ");
}

Test(blind, names_of_nothing_and_endless_names_are_refused)
{
	static const char *const nothing[] = { "", "   ", "-", "'.,", "\xe2\x80\x99\xc2\xa0" };
	char out[BLIND_SIZE], name[BLIND_NAME_MAX + 2];

	for (size_t i = 0; i < sizeof(nothing) / sizeof(nothing[0]); i++)
		cr_assert(!blind_index(keys, BLIND_PERSON, NAME_EXACT, nothing[i], 1, out), "%zu", i);
	memset(name, 'a', sizeof(name));
	name[BLIND_NAME_MAX + 1] = '\0';
	cr_assert(!blind_index(keys, BLIND_PERSON, NAME_EXACT, name, 1, out), "too long");
	name[BLIND_NAME_MAX] = '\0';
	cr_assert(blind_index(keys, BLIND_PERSON, NAME_EXACT, name, 1, out), "the longest");
}

/* True if the conflict rule takes two people for the same person. */
static bool conflict(const char *in_case, int32_t birth, const char *compared, int32_t other)
{
	char ours[BLIND_BIRTHS][BLIND_SIZE], theirs[BLIND_BIRTHS][BLIND_SIZE];
	int32_t a[BLIND_BIRTHS], b[BLIND_BIRTHS];
	int n = blind_births(BLIND_IN_CASE, birth, a), m = blind_births(BLIND_COMPARED, other, b);
	bool equal = false;

	for (int i = 0; i < n; i++)
		cr_assert(blind_index(keys, BLIND_PARTY, NAME_EXACT, in_case, a[i], ours[i]));
	for (int i = 0; i < m; i++)
		cr_assert(blind_index(keys, BLIND_PARTY, NAME_EXACT, compared, b[i], theirs[i]));
	for (int i = 0; i < n * m; i++)
		equal = equal || strcmp(ours[i / m], theirs[i % m]) == 0;
	return equal;
}

Test(blind, conflict_is_found_where_either_side_knows_no_date)
{
	cr_assert(conflict("Finch, Oskar", 4000, "finch oskar", 4000), "same date");
	cr_assert(conflict("Finch, Oskar", DAY_NONE, "finch oskar", 4000), "case knows none");
	cr_assert(conflict("Finch, Oskar", 4000, "finch oskar", DAY_NONE), "the other knows none");
	cr_assert(conflict("Finch, Oskar", DAY_NONE, "finch oskar", DAY_NONE), "nobody knows");
	cr_assert(!conflict("Finch, Oskar", 4000, "finch oskar", 4001), "another of that name");
	cr_assert(!conflict("Finch, Oskar", DAY_NONE, "finch oscar", DAY_NONE), "another name");
}
