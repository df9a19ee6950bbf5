/* The vault process asked by honest clients, through its client. */
#include <criterion/criterion.h>
#include <signal.h>
#include <sodium.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "rig.h"

TestSuite(vault, .init = rig_start, .fini = rig_stop, .timeout = 120);

Test(vault, hashes_and_lets_in)
{
	struct vault_client *c = client_of(0);
	struct vault_answer a;
	struct vault_request r;

	cr_assert(vault_request_hash(&r, PASSWORD), "a request");
	a = rig_ask(c, &r);
	cr_assert(a.status == VAULT_OK && password_verify(PASSWORD, a.text) == PASSWORD_RIGHT, "hashed");
	a = ask_sign_in(c, RIG_NAME, PASSWORD);
	cr_assert_eq(a.status, VAULT_OK, "right");
	cr_assert_str_eq(a.text, RIG_SESSION, "the session's token comes back");
	a = ask_sign_in(c, RIG_NAME, "not the right one");
	cr_assert(a.status == VAULT_WRONG && !*a.text, "wrong");
	cr_assert_eq(ask_sign_in(c, "nobody", PASSWORD).status, VAULT_WRONG, "no such account");
	cr_assert(vault_request_password(&r, RIG_TOKEN, PASSWORD, "another one of twelve", (struct uuid){ 1, 2 }), "a request");
	cr_assert_eq(rig_ask(c, &r).status, VAULT_OK, "changed");
	vault_client_free(c);
}

Test(vault, blind_index_is_the_same_for_every_worker)
{
	struct vault_client *one = client_of(0), *two = client_of(1);
	struct vault_answer a = ask_blind(one, "O'Brien  ANNE"), b = ask_blind(two, "o’brien anne");

	cr_assert(a.status == VAULT_OK && strlen(a.text) == 2 * (BLIND_SIZE - 1), "an index of each form");
	cr_assert_str_eq(a.text, b.text, "the same");
	cr_assert_eq(ask_blind(one, "--").status, VAULT_REFUSED, "nothing of the name remains");
	vault_client_free(one);
	vault_client_free(two);
}

Test(vault, asking_wipes_the_request)
{
	static const struct vault_request empty;
	struct vault_client *c = client_of(0);
	struct vault_request r;
	struct heard h = { 0 };

	cr_assert(vault_request_sign_in(&r, RIG_NAME, PASSWORD, (struct uuid){ 1, 2 }), "a request");
	cr_assert(vault_ask(c, &r, hear, &h), "asked");
	cr_assert_eq(memcmp(&r, &empty, sizeof(r)), 0, "wiped");
	wait_all(c);
	vault_client_free(c);
}

Test(vault, requests_that_can_not_be_are_not_built)
{
	char longest[VAULT_TEXT_MAX + 2];
	struct uuid u = { 1, 2 };
	struct vault_request r;

	memset(longest, 'a', sizeof(longest));
	longest[VAULT_TEXT_MAX + 1] = '\0';
	cr_assert(!vault_request_hash(&r, longest), "too long");
	cr_assert_eq(r.text[0], '\0', "left empty");
	longest[VAULT_TEXT_MAX] = '\0';
	cr_assert(vault_request_hash(&r, longest), "the longest");
	cr_assert(!vault_request_sign_in(&r, RIG_NAME, "", u), "no password");
	cr_assert(!vault_request_sign_in(&r, "", PASSWORD, u), "no name");
	cr_assert(!vault_request_sign_in(&r, RIG_NAME, "\xff\xfe", u), "no text");
	cr_assert(!vault_request_password(&r, "", PASSWORD, PASSWORD, u), "no token");
	cr_assert(!vault_request_password(&r, RIG_TOKEN, PASSWORD, "", u), "no new password");
	cr_assert(!vault_request_blind(&r, BLIND_PERSON, "Ann Example", 2000000), "no such day");
}

Test(vault, forty_verifications_do_not_hold_up_blind_indexes)
{
	enum { N = 40 };
	static struct heard passwords[N], blinds[N];
	struct vault_client *c = client_of(0);
	int last_blind = 0, before = 0;
	struct vault_request r;

	for (int i = 0; i < N; i++) {
		cr_assert(vault_request_sign_in(&r, "nobody", i % 2 ? PASSWORD " not" : "other", (struct uuid){ 1, 2 }), "v");
		cr_assert(vault_ask(c, &r, hear, &passwords[i]), "verification %d", i);
		cr_assert(vault_request_blind(&r, BLIND_PERSON, "Ann Example", i), "b");
		cr_assert(vault_ask(c, &r, hear, &blinds[i]), "index %d", i);
	}
	wait_all(c);
	for (int i = 0; i < N; i++) {
		cr_assert_eq(passwords[i].n, 1, "verification %d once", i);
		cr_assert_eq(passwords[i].answer.status, VAULT_WRONG, "verification %d", i);
		cr_assert_eq(blinds[i].n, 1, "index %d once", i);
		cr_assert_eq(blinds[i].answer.status, VAULT_OK, "index %d", i);
		last_blind = blinds[i].order > last_blind ? blinds[i].order : last_blind;
	}
	for (int i = 0; i < N; i++)
		before += passwords[i].order < last_blind;
	cr_assert(before < N / 5, "all indexes came before most passwords, not after %d", before);
	vault_client_free(c);
}

Test(vault, outstanding_asks_are_limited)
{
	static struct heard heard[VAULT_ASKS_MAX + 1];
	struct vault_client *c = client_of(0);
	struct vault_request r;

	for (int i = 0; i <= VAULT_ASKS_MAX; i++) {
		cr_assert(vault_request_sign_in(&r, RIG_NAME, "not the right one", (struct uuid){ 1, 2 }), "a request");
		cr_assert_eq(vault_ask(c, &r, hear, &heard[i]), i < VAULT_ASKS_MAX, "ask %d", i);
		cr_assert_eq(r.text[0], '\0', "wiped, asked or not");
	}
	wait_all(c);
	for (int i = 0; i < VAULT_ASKS_MAX; i++)
		cr_assert_eq(heard[i].answer.status, VAULT_WRONG, "ask %d", i);
	cr_assert_eq(heard[VAULT_ASKS_MAX].n, 0, "the refused one is not called back");
	vault_client_free(c);
}

Test(vault, late_answers_are_unavailable_and_then_dropped)
{
	struct vault_client *c = client_of(0);
	struct heard h = { 0 };
	struct vault_request r;

	vault_client_set_timeout(c, 50);
	kill(vault, SIGSTOP);
	cr_assert(vault_request_blind(&r, BLIND_PERSON, "Ann Example", 1), "a request");
	cr_assert(vault_ask(c, &r, hear, &h), "asked");
	wait_all(c);
	cr_assert_eq(h.answer.status, VAULT_UNAVAILABLE, "in time, without an answer");
	kill(vault, SIGCONT);
	vault_client_set_timeout(c, PATIENCE_MS);
	cr_assert_eq(ask_blind(c, "Ann Example").status, VAULT_OK, "the next is its own answer");
	cr_assert_eq(h.n, 1, "and the late one came to nobody");
	vault_client_free(c);
}

Test(vault, answers_to_a_dead_worker_do_not_reach_its_successor)
{
	struct vault_client *dead = client_of(0), *next;
	struct heard first = { 0 };
	struct vault_request r;

	cr_assert(vault_request_blind(&r, BLIND_PERSON, "Bea Example", 1), "a request");
	cr_assert(vault_ask(dead, &r, hear, &first), "asked, and died");
	vault_client_free(dead);
	cr_assert_eq(first.answer.status, VAULT_UNAVAILABLE, "freeing answers");
	next = client_of(0);
	cr_assert_str_eq(ask_blind(next, "Ann Example").text, ask_blind(next, "ann example").text,
			 "its own answers, in spite of one left on the line");
	vault_client_free(next);
}

Test(vault, dead_line_answers_at_once)
{
	struct vault_client *c = client_of(0);
	struct heard h = { 0 };
	struct vault_request r;

	kill(vault, SIGSTOP);
	cr_assert(vault_request_hash(&r, PASSWORD), "a request");
	cr_assert(vault_ask(c, &r, hear, &h), "asked");
	kill(vault, SIGKILL);
	close(line[0][0]);
	wait_all(c);
	cr_assert_eq(h.answer.status, VAULT_UNAVAILABLE, "told");
	cr_assert(vault_request_hash(&r, PASSWORD), "a request");
	cr_assert(!vault_ask(c, &r, hear, &h), "and asked no more");
	vault_client_free(c);
}

Test(vault, new_vault_takes_over_the_line)
{
	struct vault_keys *keys = new_keys();
	struct vault_client *c = client_of(0);
	struct heard h = { 0 };
	struct vault_request r;

	kill(vault, SIGKILL);
	waitpid(vault, NULL, 0);
	cr_assert(vault_request_blind(&r, BLIND_PERSON, "Ann Example", 1), "a request");
	cr_assert(vault_ask(c, &r, hear, &h), "asked while there is none");
	vault = spawn_vault(keys);
	wait_all(c);
	cr_assert_eq(h.answer.status, VAULT_OK, "answered by the next");
	vault_keys_free(keys);
	vault_client_free(c);
}

Test(vault, ends_when_every_line_has_ended)
{
	int status = -1;

	for (int i = 0; i < LINES; i++) {
		close(line[i][0]);
		close(line[i][1]);
	}
	cr_assert(waitpid(vault, &status, 0) == vault && status == 0, "status %d", status);
	vault = 0;
}

/* ---- sealing ---- */

#define SECRET "{\"name\":\"Canary Quill\"}"

static const struct seal_place quill = { { SEAL_HOUSEHOLD, { 1, 2 }, { 3, 4 } }, SEAL_PERSON, { 5, 6 } };

/* Opens here what a vault in another process sealed. */
static bool opens_here(const struct vault_keys *keys, const struct seal_place *at,
		       const unsigned char *wrapped, const struct vault_answer *a)
{
	char text[SEAL_TEXT_MAX + 1];
	struct seal_key key;

	return seal_key_open(keys, &at->owner, wrapped, &key) &&
	       seal_open(&key, at, a->sealed, a->sealed_len, text) && strcmp(text, SECRET) == 0;
}

Test(vault, seals_with_a_new_key_and_then_with_the_same)
{
	struct vault_client *c = client_of(0), *other = client_of(1);
	struct seal_place sister = quill;
	struct vault_answer first, second;

	first = ask_seal(c, &quill, NULL, SECRET);
	cr_assert_eq(first.status, VAULT_OK, "sealed");
	cr_assert(opens_here(rig_keys, &quill, first.wrapped, &first), "with the new key");
	sister.row.lo++;
	second = ask_seal(other, &sister, first.wrapped, SECRET);
	cr_assert(sodium_is_zero(second.wrapped, SEAL_WRAPPED), "no other key is made");
	cr_assert(opens_here(rig_keys, &sister, first.wrapped, &second), "with the same key");
	cr_assert(!opens_here(rig_keys, &quill, first.wrapped, &second), "each in its row");
	vault_client_free(c);
	vault_client_free(other);
}

Test(vault, another_subject_s_key_is_refused)
{
	struct vault_client *c = client_of(0);
	struct vault_answer first = ask_seal(c, &quill, NULL, SECRET), a;
	struct seal_place theirs = quill;

	theirs.owner.id.lo++;
	a = ask_seal(c, &theirs, first.wrapped, SECRET);
	cr_assert(a.status == VAULT_REFUSED && a.sealed_len == 0, "another household's");
	theirs = quill;
	theirs.owner.organisation.lo++;
	cr_assert_eq(ask_seal(c, &theirs, first.wrapped, SECRET).status, VAULT_REFUSED, "another organisation's");
	vault_client_free(c);
}

/* More of the largest values than a line has room for: they take turns, and none is lost. */
Test(vault, many_large_values_are_all_sealed)
{
	enum { N = VAULT_ASKS_MAX };
	static const struct seal_place home = { { SEAL_PROPERTY, { 1, 2 }, { 3, 4 } }, SEAL_ADDRESS, { 1, 2 } };
	static char longest[SEAL_TEXT_MAX + 1];
	static struct heard heard[N];
	struct vault_client *c = client_of(0);
	struct vault_request r;

	memset(longest, 'x', SEAL_TEXT_MAX);
	for (int i = 0; i < N; i++) {
		cr_assert(vault_request_seal(&r, &home, NULL, longest), "a request");
		cr_assert(vault_ask(c, &r, hear, &heard[i]), "ask %d", i);
	}
	wait_all(c);
	for (int i = 0; i < N; i++)
		cr_assert(heard[i].answer.status == VAULT_OK && heard[i].answer.sealed_len == SEAL_SEALED_MAX, "ask %d", i);
	vault_client_free(c);
}

Test(vault, values_that_can_not_be_are_not_built)
{
	char longest[SEAL_TEXT_MAX + 2];
	struct seal_place place = quill;
	struct vault_request r;

	memset(longest, 'a', sizeof(longest));
	longest[SEAL_TEXT_MAX + 1] = '\0';
	cr_assert(!vault_request_seal(&r, &quill, NULL, longest), "too long");
	cr_assert(sodium_is_zero((unsigned char *)&r, sizeof(r)), "left empty");
	place.kind = SEAL_ADDRESS;
	cr_assert(!vault_request_seal(&r, &place, NULL, "x"), "an address of a household");
	cr_assert(!vault_request_seal(&r, &quill, NULL, ""), "nothing");
	longest[SEAL_TEXT_MAX] = '\0';
	cr_assert(vault_request_seal(&r, &quill, NULL, longest), "a longest text");
	cr_assert(!vault_request_hash(&r, longest), "is no password");
}
