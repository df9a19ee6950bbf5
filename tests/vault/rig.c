#include "rig.h"

#include <signal.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "memory.h"

int line[LINES][2];
pid_t vault;
struct event_base *base;
static char cheap[PASSWORD_HASH_SIZE];	/* of PASSWORD, at the lowest costs */
struct vault_keys *rig_keys;

void __wrap_reveal_answer(const struct vault_request *request, struct vault_answer *answer, void *revealer)
{
	(void)revealer;
	if (strcmp(request->token, RIG_SLOW) == 0)
		usleep(RIG_SLOW_MS * 1000);
	answer->status = strcmp(request->token, RIG_TOKEN) == 0 ? VAULT_OK : VAULT_WRONG;
	if (answer->status != VAULT_OK)
		return;
	snprintf(answer->text, sizeof(answer->text), "%llx", (unsigned long long)request->target.lo);
	snprintf(answer->plain, sizeof(answer->plain), RIG_ADDRESS);
}

void __wrap_sign_in_answer(const struct vault_request *request, struct vault_answer *answer, void *db)
{
	bool known = request->op == VAULT_PASSWORD_CHANGE || strcmp(request->other, RIG_NAME) == 0;

	(void)db;
	answer->status = password_verify(request->text, known ? cheap : NULL) == PASSWORD_RIGHT ? VAULT_OK : VAULT_WRONG;
	if (answer->status == VAULT_OK && request->op == VAULT_SIGN_IN)
		snprintf(answer->text, sizeof(answer->text), RIG_SESSION);
}

pid_t spawn_vault(struct vault_keys *keys)
{
	int fds[LINES];
	pid_t pid = fork();

	if (pid != 0)
		return pid;
	prctl(PR_SET_PDEATHSIG, SIGKILL);	/* a failing test leaves none behind */
	for (int i = 0; i < LINES; i++) {
		fds[i] = line[i][0];
		close(line[i][1]);
	}
	child_end(vault_serve(fds, LINES, keys, ""));
}

void rig_start(void)
{
	rig_keys = new_keys();
	for (int i = 0; i < LINES; i++)
		cr_assert(vault_line(line[i]), "line %d", i);
	cr_assert(crypto_pwhash_str(cheap, PASSWORD, strlen(PASSWORD), 1, 8192) == 0, "hashed");
	vault = spawn_vault(rig_keys);
	base = event_base_new();
}

int stop_vault(void)
{
	int status = -1;

	if (vault > 0) {
		kill(vault, SIGTERM);
		waitpid(vault, &status, 0);
	}
	vault = 0;
	return status;
}

void rig_stop(void)
{
	stop_vault();
	vault_keys_free(rig_keys);
	event_base_free(base);
}

static int order;

void hear(const struct vault_answer *answer, void *arg)
{
	struct heard *h = arg;

	h->n++;
	h->order = ++order;
	h->answer = *answer;
}

struct vault_client *client_of(int i)
{
	struct vault_client *c = vault_client_new(base, dup(line[i][1]));

	vault_client_set_timeout(c, PATIENCE_MS);
	return c;
}

void wait_all(struct vault_client *c)
{
	while (vault_client_pending(c) > 0)
		event_base_loop(base, EVLOOP_ONCE);
}

struct vault_answer rig_ask(struct vault_client *c, struct vault_request *r)
{
	struct heard h = { 0 };

	cr_assert(vault_ask(c, r, hear, &h), "asked");
	cr_assert_eq(h.n, 0, "never answered inside the call");
	wait_all(c);
	cr_assert_eq(h.n, 1, "answered once");
	return h.answer;
}

struct vault_answer ask_sign_in(struct vault_client *c, const char *username, const char *password)
{
	struct vault_request r;

	cr_assert(vault_request_sign_in(&r, username, password, (struct uuid){ 1, 2 }), "a request");
	return rig_ask(c, &r);
}

struct vault_answer ask_blind(struct vault_client *c, const char *name)
{
	struct vault_request r;

	cr_assert(vault_request_blind(&r, BLIND_PERSON, name, 4000), "a request");
	return rig_ask(c, &r);
}

struct vault_answer ask_seal(struct vault_client *c, const struct seal_place *place,
			     const unsigned char *wrapped, const char *text)
{
	struct vault_request r;

	cr_assert(vault_request_seal(&r, place, wrapped, text), "a request");
	return rig_ask(c, &r);
}

struct vault_answer ask_reveal(struct vault_client *c, const char *token, uint64_t placement)
{
	struct vault_request r;

	cr_assert(vault_request_reveal(&r, token, (struct uuid){ 1, placement }, "let_in", (struct uuid){ 2, 3 }),
		  "a request");
	return rig_ask(c, &r);
}
