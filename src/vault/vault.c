#include "vault/vault.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <sodium.h>
#include <stdio.h>
#include <string.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/log.h"
#include "database.h"
#include "reveal.h"
#include "seal/blind.h"
#include "seal/password.h"
#include "seal/seal.h"
#include "sign_in.h"
#include "threads.h"
#include "wire.h"

/* Where an operation is done: by the thread that reads the lines, or by one of those that may wait. */
enum place { AT_ONCE, HASHING, REVEALING, PLACES };

struct server {
	struct vault_keys *keys;
	struct vault_db *accounts;	/* this and the next: NULL without a database */
	struct revealer *revealer;
	struct threads *threads[PLACES];	/* of AT_ONCE: NULL */
	int n, open;
	struct pollfd polls[VAULT_WORKERS_MAX + 1];	/* the lines, then the signal */
	uint64_t malformed[VAULT_WORKERS_MAX];
};

bool vault_line(int pair[2])
{
	/* Packets: a worker that sends half a message cannot shift the ones behind it. */
	return socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) == 0;
}

static void answer_status(struct server *s, int line, enum vault_status status, struct wire_tag tag)
{
	wire_answer_send(s->polls[line].fd, &(struct vault_answer){ .status = status }, tag);
}

/* A fault of our code, or a worker that was taken over: worth a line, but not one for each
 * message. */
static void count_malformed(struct server *s, int line)
{
	uint64_t count = ++s->malformed[line];
	char number[12], total[24];

	if ((count & (count - 1)) != 0)
		return;
	snprintf(number, sizeof(number), "%d", line);
	snprintf(total, sizeof(total), "%llu", (unsigned long long)count);
	log_event(LOG_ERROR, "vault_malformed", "worker", number, "count", total, NULL);
}

/* ---- operations: what each does with a sound request ---- */

static void hash(struct server *s, const struct vault_request *r, struct vault_answer *a)
{
	(void)s;
	a->status = password_hash(r->text, a->text) ? VAULT_OK : VAULT_UNAVAILABLE;
}

/* Both that a password opens: a session, and another password. */
static void sign_in(struct server *s, const struct vault_request *r, struct vault_answer *a)
{
	if (s->accounts)
		sign_in_answer(r, a, s->accounts);
	else
		a->status = VAULT_UNAVAILABLE;
}

static void reveal(struct server *s, const struct vault_request *r, struct vault_answer *a)
{
	if (s->revealer)
		reveal_answer(r, a, s->revealer);
	else
		a->status = VAULT_UNAVAILABLE;
}

static void blind(struct server *s, const struct vault_request *r, struct vault_answer *a)
{
	char exact[BLIND_SIZE], possible[BLIND_SIZE];

	a->status = VAULT_REFUSED;
	if (!blind_index(s->keys, r->purpose, NAME_EXACT, r->text, r->birth, exact) ||
	    !blind_index(s->keys, r->purpose, NAME_POSSIBLE, r->text, r->birth, possible))
		return;
	a->status = VAULT_OK;
	snprintf(a->text, sizeof(a->text), "%s%s", exact, possible);
}

static bool key_for(const struct vault_keys *keys, const struct vault_request *r, struct seal_key *key,
		    struct vault_answer *a)
{
	if (!sodium_is_zero(r->wrapped, sizeof(r->wrapped)))
		return seal_key_open(keys, &r->place.owner, r->wrapped, key);
	seal_key_make(keys, &r->place.owner, key, a->wrapped);
	return true;
}

static void seal(struct server *s, const struct vault_request *r, struct vault_answer *a)
{
	struct seal_key key;

	a->status = VAULT_REFUSED;
	vault_keys_refresh(s->keys);
	if (!key_for(s->keys, r, &key, a))
		return;
	a->sealed_len = seal_value(&key, &r->place, r->text, strlen(r->text), a->sealed);
	seal_forget(&key);
	if (a->sealed_len > 0)
		a->status = VAULT_OK;
	else
		*a = (struct vault_answer){ .status = VAULT_REFUSED };
}

static const struct operation {
	enum place place;
	void (*work)(struct server *s, const struct vault_request *r, struct vault_answer *a);
} operations[] = {
	[VAULT_SIGN_IN] = { HASHING, sign_in },
	[VAULT_PASSWORD_HASH] = { HASHING, hash },
	[VAULT_BLIND_INDEX] = { AT_ONCE, blind },
	[VAULT_SEAL] = { AT_ONCE, seal },
	[VAULT_REVEAL] = { REVEALING, reveal },
	[VAULT_PASSWORD_CHANGE] = { HASHING, sign_in },
	[VAULT_TELL] = { REVEALING, reveal },
	[VAULT_TELL_PAYEE] = { REVEALING, reveal },
};

/* A threads_work, in every place. */
static void operate(const struct vault_request *r, struct vault_answer *a, void *server)
{
	operations[r->op].work(server, r, a);
}

static void answer_now(struct server *s, int line, const struct vault_request *r, struct wire_tag tag)
{
	struct vault_answer a = { .status = VAULT_UNAVAILABLE };

	operate(r, &a, s);
	wire_answer_send(s->polls[line].fd, &a, tag);
}

static void handle(struct server *s, int line, const void *packet, size_t len)
{
	struct vault_request r;
	struct wire_tag tag;
	struct threads *t;
	enum wire_verdict verdict = wire_request_decode(packet, len, &r, &tag);

	if (verdict != WIRE_GOOD)
		count_malformed(s, line);
	if (verdict == WIRE_REFUSE)
		answer_status(s, line, VAULT_REFUSED, tag);
	if (verdict != WIRE_GOOD)
		return;
	t = s->threads[operations[r.op].place];
	if (!t)
		answer_now(s, line, &r, tag);
	else if (!threads_push(t, line, &r, tag))
		answer_status(s, line, VAULT_UNAVAILABLE, tag);
	sodium_memzero(&r, sizeof(r));
}

static void line_ended(struct server *s, int line)
{
	s->polls[line].fd = -1;
	s->open--;
}

/* One packet a turn, so that all lines are read alike. Descriptors sent along are closed by the
 * kernel, since no room is given for them. */
static void line_read(struct server *s, int line)
{
	struct pollfd *p = &s->polls[line];
	struct wire_request packet;
	ssize_t len = recv(p->fd, &packet, sizeof(packet), MSG_DONTWAIT | MSG_TRUNC);
	bool broken = len < 0 && errno != EAGAIN && errno != EINTR;

	/* An empty packet reads like the end; only with a hang-up is it one. */
	if (broken || (len == 0 && (p->revents & (POLLHUP | POLLRDHUP))))
		line_ended(s, line);
	else if (len >= 0)
		handle(s, line, &packet, (size_t)len);
	sodium_memzero(&packet, sizeof(packet));
}

static int serve_loop(struct server *s)
{
	while (s->open > 0) {
		if (poll(s->polls, (nfds_t)s->n + 1, -1) < 0) {
			if (errno == EINTR)
				continue;
			return 1;
		}
		if (s->polls[s->n].revents)
			return 0;
		for (int i = 0; i < s->n; i++)
			if (s->polls[i].revents)
				line_read(s, i);
	}
	return 0;
}

/* SIGTERM as a descriptor; blocked before the threads start, so that none of them takes it. */
static int stop_signal(void)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGTERM);
	if (sigprocmask(SIG_BLOCK, &set, NULL) != 0)
		return -1;
	return signalfd(-1, &set, SFD_CLOEXEC);
}

static bool start_threads(struct server *s, const int fds[])
{
	s->threads[HASHING] = threads_new(fds, s->n, VAULT_HASHERS, operate, s);
	s->threads[REVEALING] = threads_new(fds, s->n, 1, operate, s);
	return s->threads[HASHING] && s->threads[REVEALING];
}

static void stop_threads(struct server *s)
{
	for (int place = 0; place < PLACES; place++)
		threads_free(s->threads[place]);
	vault_db_free(s->accounts);
	revealer_free(s->revealer);
}

int vault_serve(const int fds[], int n, struct vault_keys *keys, const char *conninfo)
{
	struct server s = { .keys = keys, .n = n, .open = n };
	int stop, rc = 1;

	if (n < 1 || n > VAULT_WORKERS_MAX || sodium_init() < 0)
		return 1;
	stop = stop_signal();
	if (stop < 0)
		return 1;
	for (int i = 0; i < n; i++)
		s.polls[i] = (struct pollfd){ .fd = fds[i], .events = POLLIN | POLLRDHUP };
	s.polls[n] = (struct pollfd){ .fd = stop, .events = POLLIN };
	if (conninfo) {
		s.accounts = vault_db_new("vault_sign_in", conninfo);
		s.revealer = revealer_new(keys, conninfo);
	}
	if (start_threads(&s, fds))
		rc = serve_loop(&s);
	stop_threads(&s);
	close(stop);
	return rc;
}
