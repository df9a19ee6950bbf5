/* A reveal over the line between worker and vault: what it carries, and what it must not. */
#include <criterion/criterion.h>
#include <string.h>

#include "../../src/vault/wire.h"
#include "rig.h"

TestSuite(reveal, .init = rig_start, .fini = rig_stop, .timeout = 120);

Test(reveal, only_the_right_token_brings_the_address)
{
	struct vault_client *c = client_of(0);
	struct vault_answer a = ask_reveal(c, RIG_TOKEN, 0xabc);

	cr_assert_eq(a.status, VAULT_OK, "revealed");
	cr_assert_str_eq(a.plain, RIG_ADDRESS, "whole");
	cr_assert_str_eq(a.text, "abc", "of the placement asked about");
	cr_assert_eq(a.sealed_len, 0, "nothing sealed beside it");
	a = ask_reveal(c, "a-token-of-nobody", 0xabc);
	cr_assert(a.status == VAULT_WRONG && !*a.plain && !*a.text, "nothing");
	vault_client_free(c);
}

Test(reveal, many_at_once_are_all_answered)
{
	enum { N = 200 };
	struct vault_client *c = client_of(0);
	struct heard h[N] = { 0 };

	for (int i = 0; i < N; i++) {
		struct vault_request r;

		cr_assert(vault_request_reveal(&r, RIG_TOKEN, (struct uuid){ 1, (uint64_t)i }, "let_in", (struct uuid){ 2, 3 }));
		cr_assert(vault_ask(c, &r, hear, &h[i]), "asked %d", i);
	}
	wait_all(c);
	for (int i = 0; i < N; i++)
		cr_assert(h[i].n == 1 && h[i].answer.status == VAULT_OK && strcmp(h[i].answer.plain, RIG_ADDRESS) == 0, "%d", i);
	vault_client_free(c);
}

/* The same line, thread and answer: only the statement is another. */
Test(reveal, what_is_sealed_about_a_case_goes_the_same_way)
{
	struct vault_client *c = client_of(0);
	struct vault_request r;
	struct vault_answer a;

	cr_assert(vault_request_tell(&r, RIG_TOKEN, (struct uuid){ 1, 0xabc }, "ring_them", (struct uuid){ 2, 3 }));
	cr_assert_eq(r.op, VAULT_TELL);
	a = rig_ask(c, &r);
	cr_assert(a.status == VAULT_OK && strcmp(a.text, "abc") == 0, "of the row asked about");
	cr_assert(!vault_request_tell(&r, "", (struct uuid){ 1, 2 }, "ring_them", (struct uuid){ 2, 3 }), "no token");
	cr_assert(!vault_request_tell(&r, RIG_TOKEN, (struct uuid){ 1, 2 }, "", (struct uuid){ 2, 3 }), "no purpose");
	vault_client_free(c);
}

Test(reveal, requests_that_can_not_be_are_not_built)
{
	struct uuid u = { 1, 2 };
	struct vault_request r;
	char longest[VAULT_TOKEN_MAX + 2];

	memset(longest, 'x', sizeof(longest));
	longest[VAULT_TOKEN_MAX + 1] = '\0';
	cr_assert(!vault_request_reveal(&r, "", u, "let_in", u), "no token");
	cr_assert(!vault_request_reveal(&r, longest, u, "let_in", u), "a token too long");
	cr_assert(!vault_request_reveal(&r, "two words", u, "let_in", u), "no token of ours");
	cr_assert(!vault_request_reveal(&r, RIG_TOKEN, u, "", u), "no purpose");
	longest[VAULT_TOKEN_MAX] = '\0';
	cr_assert(vault_request_reveal(&r, longest, u, "let_in", u), "the longest");
}

/* Answers that a compromised vault could give. */
Test(reveal, answers_that_can_not_be_are_none)
{
	struct vault_answer a = { .status = VAULT_OK, .text = "then", .plain = RIG_ADDRESS }, got;
	struct wire_answer wire;
	struct wire_tag tag;

	wire_answer_encode(&a, (struct wire_tag){ 1, 2 }, &wire);
	cr_assert_eq(wire_answer_size(&a), sizeof(wire), "the large size");
	cr_assert(wire_answer_decode(&wire, sizeof(wire), &got, &tag) && strcmp(got.plain, RIG_ADDRESS) == 0);
	cr_assert(!wire_answer_decode(&wire, WIRE_ANSWER_SMALL, &got, &tag), "cut off");
	wire.sealed_len = 1;
	cr_assert(!wire_answer_decode(&wire, sizeof(wire), &got, &tag), "sealed and revealed");
	wire.sealed_len = 0;
	wire.plain_len++;
	cr_assert(!wire_answer_decode(&wire, sizeof(wire), &got, &tag), "an inner end");
	wire.plain_len = SEAL_TEXT_MAX + 1;
	cr_assert(!wire_answer_decode(&wire, sizeof(wire), &got, &tag), "too long");
}
