/* The form in which events are sealed. It may never change for events that are sealed already, and
 * two different events never have the same form. */
#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#include "../../src/audit/order.h"
#include "trail.h"

#define ID "00000000-0000-4000-8000-000000000401"

static struct audit_event event_with(enum audit_column column, const char *text)
{
	const char *texts[AUDIT_COLUMNS] = {
		[AUDIT_ID] = "7", [AUDIT_AT] = "2026-11-22 07:04:46.123456+00", [AUDIT_XID] = "900",
		[AUDIT_ACTION] = "read", [AUDIT_SUBJECT_KIND] = "household", [AUDIT_HOUSEHOLD] = ID,
	};
	struct audit_field fields[AUDIT_COLUMNS];
	struct audit_event e;

	texts[column] = text;
	for (int i = 0; i < AUDIT_COLUMNS; i++)
		fields[i] = (struct audit_field){ texts[i], texts[i] ? strlen(texts[i]) : 0 };
	cr_assert(audit_event_read(fields, &e), "an event");
	return e;
}

static const char *hex(const unsigned char *bytes)
{
	static char text[2 * AUDIT_HASH + 1];

	return sodium_bin2hex(text, sizeof(text), bytes, AUDIT_HASH);
}

/* Worked out independently from audit/chain.h (with Python's hashlib). A change of it would make
 * every sealed trail false. */
Test(chain, the_form_of_an_event_stands)
{
	struct audit_event e = event_with(AUDIT_ID, "7");
	struct audit_chains chains = { 0 };
	struct audit_link link = { .seq = 1 };

	cr_expect_str_eq(hex(e.digest), "bb7ed282a40313c34a05914e41a47db88595c67599f654f25538b07fc6556fa2");
	cr_expect_eq(e.chain, 36);
	audit_chains_append(&chains, &e, &link);
	cr_expect_str_eq(hex(link.hash), "6dc11d470088ea74359ac59a3a175b314c105e48159d49b8cd8d4d7da033ebea");
	audit_chains_digest(&chains, e.digest);
	cr_expect_str_eq(hex(e.digest), "013756d76f3c25b4383a47704e5e12d72129a0a73ee450b917917c0d1dc8c0bb");
}

static void differ(struct audit_event a, struct audit_event b, const char *what)
{
	cr_expect(memcmp(a.digest, b.digest, AUDIT_HASH) != 0, "%s", what);
}

Test(chain, different_events_have_different_forms)
{
	struct audit_event e = event_with(AUDIT_REQUEST, NULL);

	differ(e, event_with(AUDIT_REQUEST, ""), "nothing and the empty text");
	differ(event_with(AUDIT_REQUEST, "ab"), event_with(AUDIT_REQUEST, "a"), "a character less");
	differ(event_with(AUDIT_REQUEST, ID), event_with(AUDIT_ACCOUNT, ID), "the same value in another column");
	differ(e, event_with(AUDIT_AT, "2026-11-22 07:04:46.123457+00"), "a microsecond");
	differ(e, event_with(AUDIT_XID, "901"), "a transaction");
}

Test(chain, the_same_instant_in_another_zone_is_the_same_event)
{
	struct audit_event e = event_with(AUDIT_ID, "7"), same = event_with(AUDIT_AT, "2026-11-22 12:34:46.123456+05:30");
	int64_t us;

	cr_assert_eq(memcmp(e.digest, same.digest, AUDIT_HASH), 0, "dumps are written in the zone of who dumps");
	cr_assert(audit_instant("2026-11-22 07:04:46+00", &us) && us % 1000000 == 0, "whole seconds");
	cr_assert(!audit_instant("infinity", &us) && !audit_instant("2026-11-22 07:04:46-00", &us) &&
		  !audit_instant("", &us) && !audit_instant("2026-11-22 07:04:46", &us));
}

Test(chain, events_go_by_household_then_subject_then_account)
{
	struct audit_event household = event_with(AUDIT_ID, "1");

	cr_assert_eq(event_with(AUDIT_SUBJECT, "00000000-0000-4000-8000-000000000009").chain, household.chain);
	cr_assert_eq(event_with(AUDIT_HOUSEHOLD, NULL).chain, 0, "about nothing");
}

/* ---- rows of COPY ---- */

static int split(const char *text, struct audit_field *fields)
{
	static char line[200];

	strcpy(line, text);
	return audit_copy_split(line, strlen(line), fields, 3);
}

Test(chain, rows_are_taken_apart)
{
	struct audit_field f[3];

	cr_assert_eq(split("a\\tb\t\\N\t", f), 3);
	cr_assert(strcmp(f[0].text, "a\tb") == 0 && f[0].len == 3 && !f[1].text && f[2].text && f[2].len == 0);
	cr_assert_eq(split("\\\\x00\t\\n\\\\\t\\\\N", f), 3);
	cr_assert(strcmp(f[0].text, "\\x00") == 0 && strcmp(f[1].text, "\n\\") == 0 && strcmp(f[2].text, "\\N") == 0);
	cr_assert_eq(split("1\t2\t3\t4", f), 4, "told though not kept");
	cr_assert_eq(split("a\\", f), -1, "an escape of nothing");
	cr_assert_eq(split("\\q", f), -1, "no escape that COPY writes");
	cr_assert_eq(split("\\Nx", f), -1, "nothing and something");
}

Test(chain, early_rows_wait_for_their_turn)
{
	struct order *o = order_new(sizeof(int64_t));
	int64_t row, expected = 0;

	for (int64_t i = 0; i < 1000; i++) {
		row = i * 617 % 1000;
		order_put(o, row, &row);
	}
	cr_assert(!order_take(o, -1, &row), "not its turn");
	while (order_take(o, expected, &row))
		cr_assert_eq(row, expected++);
	cr_assert_eq(expected, 1000);
	order_free(o);
}

/* ---- heads ---- */

Test(chain, a_head_is_signed_as_a_whole)
{
	unsigned char seed[crypto_sign_SEEDBYTES] = { 1 }, key[AUDIT_KEY], secret[AUDIT_SECRET];
	struct audit_head head = { .number = 3, .at = 4, .links = 5, .horizon = 6 }, same, other;
	char line[AUDIT_HEAD_LINE];

	crypto_sign_seed_keypair(key, secret, seed);
	audit_head_sign(&head, secret);
	cr_assert(audit_head_genuine(&head, key));
	audit_head_format(&head, line);
	cr_assert(audit_head_parse(strcat(line, "\n"), &same) && audit_head_equal(&head, &same), "%s", line);
	for (size_t i = 0; i < sizeof(head); i++) {
		other = head;
		((unsigned char *)&other)[i] ^= 1;
		cr_expect(!audit_head_genuine(&other, key), "byte %zu", i);
	}
	cr_assert(!audit_head_parse("haven-head 1 3 4 5", &same) && !audit_head_parse(strcat(line, "x"), &same));
}
