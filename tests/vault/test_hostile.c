/* The vault process, asked byte by byte as a compromised worker could. */
#include <criterion/criterion.h>
#include <dirent.h>
#include <sodium.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

#include "../../src/vault/wire.h"
#include "rig.h"

TestSuite(hostile, .init = rig_start, .fini = rig_stop, .timeout = 120);

static struct wire_request honest(uint64_t id)
{
	struct vault_request r;
	struct wire_request wire;

	cr_assert(vault_request_blind(&r, BLIND_PERSON, "Ann Example", 1), "a request");
	wire_request_encode(&r, (struct wire_tag){ 7, id }, &wire);
	return wire;
}

static enum vault_status heard_on(int i, uint64_t *id)
{
	struct wire_answer wire;
	struct vault_answer a;
	struct wire_tag tag;
	ssize_t len = recv(line[i][1], &wire, sizeof(wire), 0);

	cr_assert(len >= 0 && wire_answer_decode(&wire, (size_t)len, &a, &tag), "an answer");
	*id = tag.id;
	return a.status;
}

static void say(int i, const void *bytes, size_t len)
{
	cr_assert(send(line[i][1], bytes, len, 0) == (ssize_t)len, "said");
}

static void spoil(struct wire_request *w, int how)
{
	switch (how) {
	case 0: w->op = 0; break;
	case 1: w->op = VAULT_TELL_PAYEE + 1; break;
	case 2: w->op = 0xffff; break;
	case 3: w->op = VAULT_PASSWORD_HASH; break;
	case 4: w->purpose = 0; break;
	case 5: w->purpose = BLIND_PAYEE + 1; break;
	case 6: w->text_len = 0; break;
	case 7: w->text_len = 0xffff; break;
	case 8: w->text_len = VAULT_TEXT_MAX + 1; break;
	case 9: w->text_len++; break;
	case 10: w->text_len--; break;
	case 11: w->other_len = 1; break;
	case 12: w->token_len = 0xffff; break;
	case 13: w->other[100] = 'x'; break;
	case 14: w->zero[0] = 1; break;
	case 15: w->text[0] = '\xff'; break;
	case 16: w->birth = 2000000000; break;
	case 17: w->text[1] = '\0'; break;
	case 18: w->kind = SEAL_PERSON; break;
	case 19: w->subject = SEAL_HOUSEHOLD; break;
	case 20: w->wrapped[80] = 1; break;
	case 21: w->row.lo = 1; break;
	case 22: w->target.lo = 1; break;
	case 23: w->request.hi = 1; break;
	case 24: w->token[0] = 'x'; break;
	}
}

enum { SPOILS = 25 };

Test(hostile, spoilt_fields_are_refused_by_name)
{
	for (int how = 0; how < SPOILS; how++) {
		struct wire_request w = honest(1000 + (uint64_t)how);
		uint64_t id;

		spoil(&w, how);
		say(0, &w, WIRE_REQUEST_SMALL);
		cr_assert_eq(heard_on(0, &id), VAULT_REFUSED, "spoilt %d", how);
		cr_assert_eq(id, 1000 + (uint64_t)how, "the answer to that one");
	}
}

Test(hostile, packets_of_no_protocol_get_no_answer)
{
	struct wire_request w = honest(1);
	char big[4 * sizeof(w)] = { 0 };
	uint64_t id;

	memcpy(big, &w, sizeof(w));
	say(0, &w, WIRE_REQUEST_SMALL - 1);
	say(0, &w, WIRE_REQUEST_SMALL + 1);
	say(0, &w, sizeof(w));
	say(0, big, sizeof(w) + 1);
	say(0, big, sizeof(big));
	say(0, "", 0);
	say(0, "x", 1);
	w.magic ^= 1;
	say(0, &w, WIRE_REQUEST_SMALL);
	w = honest(2);
	w.version++;
	say(0, &w, WIRE_REQUEST_SMALL);
	w = honest(3);
	w.op = VAULT_SEAL;
	say(0, &w, WIRE_REQUEST_SMALL);
	w = honest(3);
	say(0, &w, WIRE_REQUEST_SMALL);
	cr_assert_eq(heard_on(0, &id), VAULT_OK, "the honest one");
	cr_assert_eq(id, 3, "is the first to be answered");
}

static int open_descriptors(pid_t pid)
{
	char path[32];
	int n = 0;
	DIR *dir;

	snprintf(path, sizeof(path), "/proc/%d/fd", (int)pid);
	dir = opendir(path);
	cr_assert(dir != NULL, "its descriptors");
	while (readdir(dir))
		n++;
	closedir(dir);
	return n;
}

static void say_with_descriptor(int i)
{
	char control[CMSG_SPACE(sizeof(int))] = { 0 };
	struct wire_request w = honest(9);
	struct iovec iov = { &w, WIRE_REQUEST_SMALL };
	struct msghdr m = { .msg_iov = &iov, .msg_iovlen = 1, .msg_control = control,
			    .msg_controllen = sizeof(control) };
	struct cmsghdr *c = CMSG_FIRSTHDR(&m);
	uint64_t id;

	c->cmsg_level = SOL_SOCKET;
	c->cmsg_type = SCM_RIGHTS;
	c->cmsg_len = CMSG_LEN(sizeof(int));
	memcpy(CMSG_DATA(c), &line[i][1], sizeof(int));
	cr_assert(sendmsg(line[i][1], &m, 0) == WIRE_REQUEST_SMALL, "sent");
	cr_assert_eq(heard_on(i, &id), VAULT_OK, "answered all the same");
}

Test(hostile, descriptors_sent_along_are_not_taken)
{
	int before;

	say_with_descriptor(0);
	before = open_descriptors(vault);
	for (int i = 0; i < 50; i++)
		say_with_descriptor(0);
	cr_assert_eq(open_descriptors(vault), before, "none is kept");
}

static void drain(int i)
{
	struct wire_answer wire;

	while (recv(line[i][1], &wire, sizeof(wire), MSG_DONTWAIT) >= 0)
		;
}

static struct wire_request honest_seal(uint64_t id)
{
	static const struct seal_place place = { { SEAL_HOUSEHOLD, { 1, 2 }, { 3, 4 } }, SEAL_PERSON, { 5, 6 } };
	struct vault_request r;
	struct wire_request wire;

	cr_assert(vault_request_seal(&r, &place, NULL, "{}"), "a request");
	wire_request_encode(&r, (struct wire_tag){ 7, id }, &wire);
	return wire;
}

static void spoil_seal(struct wire_request *w, int how)
{
	switch (how) {
	case 0: w->kind = 0; break;
	case 1: w->kind = 255; break;
	case 2: w->subject = SEAL_PROPERTY; break;
	case 3: w->subject = 0; break;
	case 4: w->wrapped[40] = 1; break;
	case 5: w->text_len = 0; break;
	case 6: w->text_len = SEAL_TEXT_MAX + 1; break;
	case 7: w->text[SEAL_TEXT_MAX] = 'x'; break;
	case 8: w->other_len = 1; break;
	case 9: w->purpose = BLIND_PERSON; break;
	case 10: w->zero[0] = 1; break;
	case 11: memset(w->text, 'x', w->text_len = 2000); break;	/* too long for a person */
	case 12: w->target.lo = 1; break;
	case 13: w->kind = SEAL_HOME + 1; break;
	case 14: w->kind = SEAL_HOME; w->subject = SEAL_PROPERTY; break;
	case 15: w->kind = SEAL_HOME; memset(w->text, 'x', w->text_len = 3 * 1024 + 1); break;	/* too long for a home */
	}
}

Test(hostile, spoilt_values_are_not_sealed)
{
	struct wire_request w = honest_seal(1);
	uint64_t id;

	say(0, &w, sizeof(w));
	cr_assert_eq(heard_on(0, &id), VAULT_OK, "the honest one");
	for (int how = 0; how < 16; how++) {
		w = honest_seal(2000 + (uint64_t)how);
		spoil_seal(&w, how);
		say(0, &w, sizeof(w));
		cr_assert_eq(heard_on(0, &id), VAULT_REFUSED, "spoilt %d", how);
		cr_assert_eq(id, 2000 + (uint64_t)how, "the answer to that one");
	}
}

/* Random bytes after a valid head, so that they pass the first check. */
static void say_noise(int i, bool headed)
{
	struct wire_request w, right = honest(5);

	randombytes_buf(&w, sizeof(w));
	if (headed) {
		w.magic = right.magic;
		w.version = right.version;
		w.op = (uint16_t)(w.op % 7);
		w.text_len %= VAULT_TEXT_MAX + 2;
	}
	say(i, &w, headed ? wire_request_size(w.op) : randombytes_uniform(sizeof(w) + 1));
}

Test(hostile, noise_from_one_worker_does_not_touch_another)
{
	struct vault_client *honest_client = client_of(1);
	struct vault_answer before = ask_blind(honest_client, "Ann Example");

	for (int i = 0; i < 20000; i++) {
		say_noise(0, i % 2);
		if (i % 16 == 0)
			drain(0);
	}
	cr_assert_str_eq(ask_blind(honest_client, "Ann Example").text, before.text, "as before");
	cr_assert_eq(ask_sign_in(honest_client, RIG_NAME, "not the right one").status, VAULT_WRONG,
		     "passwords too");
	vault_client_free(honest_client);
	cr_assert_eq(stop_vault(), 0, "lived, and ends in order");
}

/* The worker sends three times what its lane holds, and never reads. */
Test(hostile, greedy_worker_waits_for_itself_alone)
{
	struct vault_client *c = client_of(1);
	struct wire_request w;
	struct vault_request r;
	int ok = 0, unavailable = 0;
	uint64_t id;

	for (int i = 0; i < 3 * VAULT_LANE; i++) {
		cr_assert(vault_request_sign_in(&r, "nobody", "not the right one", (struct uuid){ 1, 2 }), "a request");
		wire_request_encode(&r, (struct wire_tag){ 7, 1 }, &w);
		say(0, &w, WIRE_REQUEST_SMALL);
	}
	cr_assert_eq(ask_sign_in(c, RIG_NAME, "not the right one").status, VAULT_WRONG, "served");
	while (recv(line[0][1], &(struct wire_answer){ 0 }, 0, MSG_PEEK | MSG_DONTWAIT) >= 0) {
		if (heard_on(0, &id) == VAULT_UNAVAILABLE)
			unavailable++;
		else
			ok++;
	}
	cr_assert(unavailable >= VAULT_LANE, "beyond its lane it is turned away: %d", unavailable);
	cr_assert(ok < VAULT_LANE, "and the honest one did not wait for its queue: %d done", ok);
	vault_client_free(c);
}

static struct wire_request honest_reveal(const char *token, uint64_t id)
{
	struct vault_request r;
	struct wire_request wire;

	cr_assert(vault_request_reveal(&r, token, (struct uuid){ 1, 9 }, "let_in", (struct uuid){ 2, 3 }), "a request");
	wire_request_encode(&r, (struct wire_tag){ 7, id }, &wire);
	return wire;
}

static void spoil_reveal(struct wire_request *w, int how)
{
	switch (how) {
	case 0: w->token_len = 0; break;
	case 1: w->token_len = VAULT_TOKEN_MAX + 1; break;
	case 2: w->token[3] = ' '; break;
	case 3: w->token[w->token_len] = 'x'; break;
	case 4: w->other_len = 0; break;
	case 5: w->other[2] = '\xff'; break;
	case 6: w->purpose = BLIND_PERSON; break;
	case 7: w->birth = 1; break;
	case 8: w->kind = SEAL_ADDRESS; break;
	case 9: w->subject = SEAL_PROPERTY; break;
	case 10: w->subject_id.lo = 1; break;
	case 11: w->wrapped[0] = 1; break;
	case 12: w->zero[0] = 1; break;
	case 13: w->text_len = 1; break;
	}
}

Test(hostile, spoilt_reveals_reach_nobody)
{
	struct wire_request w = honest_reveal(RIG_TOKEN, 1);
	uint64_t id;

	say(0, &w, WIRE_REQUEST_SMALL);
	cr_assert_eq(heard_on(0, &id), VAULT_OK, "the honest one");
	for (int how = 0; how < 14; how++) {
		w = honest_reveal(RIG_TOKEN, 3000 + (uint64_t)how);
		spoil_reveal(&w, how);
		say(0, &w, WIRE_REQUEST_SMALL);
		cr_assert_eq(heard_on(0, &id), VAULT_REFUSED, "spoilt %d", how);
		cr_assert_eq(id, 3000 + (uint64_t)how, "the answer to that one");
	}
}

/* Reveals that wait for the database do not keep people from signing in, nor other workers from
 * their turn. */
Test(hostile, reveals_of_one_worker_wait_for_themselves_alone)
{
	struct vault_client *c = client_of(1);
	int unavailable = 0;
	uint64_t id;

	for (int i = 0; i < 2 * VAULT_LANE; i++) {
		struct wire_request w = honest_reveal(RIG_SLOW, (uint64_t)i);

		say(0, &w, WIRE_REQUEST_SMALL);
	}
	ask_blind(c, "Ann Example");
	cr_assert_eq(ask_sign_in(c, RIG_NAME, "not the right one").status, VAULT_WRONG, "passwords");
	cr_assert_eq(ask_reveal(c, RIG_TOKEN, 5).status, VAULT_OK, "reveals take turns");
	for (int i = 0; recv(line[0][1], &(struct wire_answer){ 0 }, 0, MSG_PEEK | MSG_DONTWAIT) >= 0; i++) {
		cr_assert(i < 2 * VAULT_LANE - 10, "its queue was worked off first");
		unavailable += heard_on(0, &id) == VAULT_UNAVAILABLE;
	}
	cr_assert(unavailable >= VAULT_LANE - 10, "beyond its lane it is turned away: %d", unavailable);
	vault_client_free(c);
}
