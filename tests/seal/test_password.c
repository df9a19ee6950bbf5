#include <criterion/criterion.h>
#include <sodium.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "seal/password.h"

#define GOOD "correct horse battery"

TestSuite(password);

static void repeat(char *out, const char *unit, int n)
{
	*out = '\0';
	for (int i = 0; i < n; i++)
		memcpy(out + (size_t)i * strlen(unit), unit, strlen(unit) + 1);
}

Test(password, length_is_judged_in_code_points)
{
	char p[1024];

	cr_assert_eq(password_judge("elevenchars"), PASSWORD_TOO_SHORT, "11");
	cr_assert_eq(password_judge("twelve chars"), PASSWORD_FINE, "12");
	cr_assert_eq(password_judge("            "), PASSWORD_FINE, "no composition rule");
	repeat(p, "\xf0\x9f\x8f\xa0", 11);
	cr_assert_eq(password_judge(p), PASSWORD_TOO_SHORT, "11 houses of four bytes");
	repeat(p, "\xf0\x9f\x8f\xa0", 128);
	cr_assert_eq(password_judge(p), PASSWORD_FINE, "128 houses");
	cr_assert(strlen(p) <= PASSWORD_BYTES_MAX, "the longest fits");
	repeat(p, "a", 129);
	cr_assert_eq(password_judge(p), PASSWORD_TOO_LONG, "129");
	cr_assert_eq(password_judge("twelve \xff chars"), PASSWORD_NOT_TEXT, "not UTF-8");
}

Test(password, right_and_wrong)
{
	char hash[PASSWORD_HASH_SIZE], again[PASSWORD_HASH_SIZE];

	cr_assert(password_hash(GOOD, hash) && password_hash(GOOD, again), "hashed");
	cr_assert_str_neq(hash, again, "salted");
	cr_assert(strncmp(hash, "$argon2id$v=19$m=19456,t=2,p=1$", 31) == 0, "costs: %s", hash);
	cr_assert_eq(password_verify(GOOD, hash), PASSWORD_RIGHT, "right");
	cr_assert_eq(password_verify("correct horse batterz", hash), PASSWORD_WRONG, "wrong");
	cr_assert_eq(password_verify("", hash), PASSWORD_WRONG, "empty");
	cr_assert(!password_outdated(hash), "today's costs");
}

Test(password, unknown_account_costs_the_work_and_is_wrong)
{
	char hash[PASSWORD_HASH_SIZE];
	clock_t start, known, unknown;

	cr_assert(password_hash(GOOD, hash), "hashed");
	start = clock();
	cr_assert_eq(password_verify("not the right one", hash), PASSWORD_WRONG, "known, wrong");
	known = clock() - start;
	start = clock();
	cr_assert_eq(password_verify(GOOD, NULL), PASSWORD_WRONG, "unknown");
	unknown = clock() - start;
	cr_assert_eq(password_verify(GOOD, ""), PASSWORD_WRONG, "unknown");
	cr_assert(unknown > known / 8, "work was done: %ld against %ld", (long)unknown,
		  (long)known);
}

Test(password, other_costs_are_outdated_but_still_checked)
{
	char cheap[PASSWORD_HASH_SIZE];

	cr_assert(crypto_pwhash_str(cheap, GOOD, strlen(GOOD), 1, 64 * 1024) == 0, "hashed");
	cr_assert_eq(password_verify(GOOD, cheap), PASSWORD_RIGHT, "right");
	cr_assert(password_outdated(cheap), "outdated");
}

Test(password, hashes_that_would_cost_too_much_or_are_no_hash_are_not_tried)
{
	static const char *const bad[] = {
		"$argon2id$v=19$m=4194304,t=2,p=1$SGF2ZW4vbm9ib2R5L3NhbA$dGhlcmUgaXMgbm8gcGFzc3dv",
		"$argon2id$v=19$m=19456,t=4000000000,p=1$SGF2ZW4vbm9ib2R5L3NhbA$dGhlcmUgaXMgbm8g",
		"$argon2id$v=19$m=42949692416,t=2,p=1$SGF2ZW4vbm9ib2R5L3NhbA$dGhlcmUgaXMgbm8gcGFz",
		"$argon2id$v=19$m=19456,t=2,p=16$SGF2ZW4vbm9ib2R5L3NhbA$dGhlcmUgaXMgbm8gcGFzc3dv",
		"$argon2i$v=19$m=19456,t=2,p=1$SGF2ZW4vbm9ib2R5L3NhbA$dGhlcmUgaXMgbm8gcGFzc3dvcm",
		"$argon2id$v=19$m=0,t=2,p=1$SGF2ZW4vbm9ib2R5L3NhbA$dGhlcmUgaXMgbm8gcGFzc3dvcmQg",
		"$argon2id$v=19$m=,t=2,p=1$SGF2ZW4vbm9ib2R5L3NhbA$dGhlcmUgaXMgbm8gcGFzc3dvcmQg",
		"$argon2id$v=19$m=19456,t=2,p=1$", "$argon2id$", "plain text", "$",
	};

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		cr_assert_eq(password_verify(GOOD, bad[i]), PASSWORD_UNCHECKED, "%s", bad[i]);
}
