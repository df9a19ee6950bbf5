#include "vault/client.h"

#include <errno.h>
#include <event2/event.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>
#include <sys/queue.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/date.h"
#include "base/die.h"
#include "base/uuid.h"
#include "wire.h"

#define MS_US INT64_C(1000)

enum { READS_A_TURN = 64 };

TAILQ_HEAD(ask_list, ask);

/* Each ask is on one list: free, or waiting or sent of its queue. */
struct ask {
	TAILQ_ENTRY(ask) link;
	struct queue *queue;
	bool sent;
	uint64_t id;		/* serial number and, in the lowest byte, the place in asks[] */
	int64_t deadline;
	vault_answered *done;
	void *arg;
	struct wire_request *wire;	/* NULL once it is sent */
	size_t size;
};

/* Quick requests do not stand behind slow ones, nor small ones behind large ones. */
struct queue {
	struct ask_list waiting, sent;
	size_t sent_count, window;
};

enum { QUICK, SLOW, LARGE, REVEALS, QUEUES };

struct vault_client {
	int fd;
	bool dead;
	int64_t timeout;
	uint64_t generation, serial;
	size_t pending;
	struct event *readable, *writable, *timer;
	struct ask_list free;
	struct queue queues[QUEUES];
	struct ask asks[VAULT_ASKS_MAX];
};

_Static_assert(VAULT_ASKS_MAX == 256, "an ask's place fits the lowest byte of its id");

size_t vault_client_pending(const struct vault_client *c)
{
	return c->pending;
}

/* Within a queue asks leave in order, so whatever was sent is older than whatever waits. */
static struct ask *queue_oldest(const struct queue *q)
{
	return !TAILQ_EMPTY(&q->sent) ? TAILQ_FIRST(&q->sent) : TAILQ_FIRST(&q->waiting);
}

static struct ask *oldest(const struct vault_client *c)
{
	struct ask *first = NULL;

	for (int i = 0; i < QUEUES; i++) {
		struct ask *ask = queue_oldest(&c->queues[i]);

		if (ask && (!first || ask->deadline < first->deadline))
			first = ask;
	}
	return first;
}

static void arm_timer(struct vault_client *c)
{
	struct ask *first = oldest(c);
	struct timeval wait = { 0 };
	int64_t left;

	if (!first || evtimer_pending(c->timer, NULL))
		return;
	left = first->deadline - clock_mono();
	if (!c->dead && left > 0) {
		wait.tv_sec = left / SECOND_US;
		wait.tv_usec = left % SECOND_US;
	}
	evtimer_add(c->timer, &wait);
}

/* Callbacks only run from the loop, so the timer reports a dead line, at once. */
static void line_dead(struct vault_client *c)
{
	c->dead = true;
	event_del(c->readable);
	event_del(c->writable);
	evtimer_del(c->timer);
}

/* Wipes the message: nobody but the vault may see what it holds. */
static void drop_wire(struct ask *ask)
{
	if (ask->wire)
		sodium_memzero(ask->wire, ask->size);
	free(ask->wire);
	ask->wire = NULL;
}

static void mark_sent(struct ask *ask)
{
	struct queue *q = ask->queue;

	drop_wire(ask);
	TAILQ_REMOVE(&q->waiting, ask, link);
	TAILQ_INSERT_TAIL(&q->sent, ask, link);
	ask->sent = true;
	q->sent_count++;
}

static bool send_one(struct vault_client *c, struct ask *ask)
{
	if (send(c->fd, ask->wire, ask->size, MSG_DONTWAIT | MSG_NOSIGNAL) >= 0) {
		mark_sent(ask);
		return true;
	}
	if (errno == EAGAIN || errno == EINTR || errno == ENOBUFS)
		event_add(c->writable, NULL);
	else
		line_dead(c);
	return false;
}

/* False where the line takes no more now. */
static bool flush_queue(struct vault_client *c, struct queue *q)
{
	struct ask *ask;

	while (q->sent_count < q->window && (ask = TAILQ_FIRST(&q->waiting)))
		if (!send_one(c, ask))
			return false;
	return true;
}

static void flush(struct vault_client *c)
{
	bool open = !c->dead;

	for (int i = 0; open && i < QUEUES; i++)
		open = flush_queue(c, &c->queues[i]);
	arm_timer(c);
}

static void finish(struct vault_client *c, struct ask *ask, const struct vault_answer *answer)
{
	struct queue *q = ask->queue;

	TAILQ_REMOVE(ask->sent ? &q->sent : &q->waiting, ask, link);
	q->sent_count -= ask->sent;
	c->pending--;
	drop_wire(ask);
	ask->id = 0;
	TAILQ_INSERT_TAIL(&c->free, ask, link);
	ask->done(answer, ask->arg);
}

static void finish_unavailable(struct vault_client *c, struct ask *ask)
{
	finish(c, ask, &(struct vault_answer){ .status = VAULT_UNAVAILABLE });
}

static void take_answer(struct vault_client *c, const struct wire_answer *wire, size_t len)
{
	struct vault_answer answer;
	struct wire_tag tag;
	struct ask *ask;

	if (!wire_answer_decode(wire, len, &answer, &tag) || tag.generation != c->generation)
		return;
	ask = &c->asks[tag.id % VAULT_ASKS_MAX];
	if (ask->id == tag.id && ask->sent)
		finish(c, ask, &answer);
	sodium_memzero(&answer, sizeof(answer));
}

/* False where nothing more is to be read now. */
static bool read_one(struct vault_client *c)
{
	struct wire_answer wire;
	ssize_t len = recv(c->fd, &wire, sizeof(wire), MSG_DONTWAIT | MSG_TRUNC);

	if (len > 0) {
		take_answer(c, &wire, (size_t)len);
		sodium_memzero(&wire, sizeof(wire));
		return true;
	}
	if (len == 0 || (errno != EAGAIN && errno != EINTR))
		line_dead(c);
	return false;
}

static void on_readable(evutil_socket_t fd, short what, void *arg)
{
	struct vault_client *c = arg;

	(void)fd, (void)what;
	for (int i = 0; i < READS_A_TURN && read_one(c); i++)
		;
	flush(c);
}

static void on_writable(evutil_socket_t fd, short what, void *arg)
{
	(void)fd, (void)what;
	flush(arg);
}

static void on_timer(evutil_socket_t fd, short what, void *arg)
{
	struct vault_client *c = arg;
	int64_t now = clock_mono();
	struct ask *ask;

	(void)fd, (void)what;
	while ((ask = oldest(c)) && (c->dead || ask->deadline <= now))
		finish_unavailable(c, ask);
	flush(c);
}

static void make_events(struct vault_client *c, struct event_base *base)
{
	c->readable = event_new(base, c->fd, EV_READ | EV_PERSIST, on_readable, c);
	c->writable = event_new(base, c->fd, EV_WRITE, on_writable, c);
	c->timer = evtimer_new(base, on_timer, c);
	if (!c->readable || !c->writable || !c->timer || event_add(c->readable, NULL) != 0)
		die("vault_client: event_add");
}

static void queue_init(struct queue *q, size_t window)
{
	TAILQ_INIT(&q->waiting);
	TAILQ_INIT(&q->sent);
	q->window = window;
}

struct vault_client *vault_client_new(struct event_base *base, int fd)
{
	struct vault_client *c = must_calloc(1, sizeof(*c));

	c->fd = fd;
	c->timeout = VAULT_TIMEOUT_MS * MS_US;
	random_bytes(&c->generation, sizeof(c->generation));
	TAILQ_INIT(&c->free);
	for (int i = 0; i < VAULT_ASKS_MAX; i++)
		TAILQ_INSERT_TAIL(&c->free, &c->asks[i], link);
	queue_init(&c->queues[QUICK], VAULT_ASKS_MAX);
	queue_init(&c->queues[SLOW], VAULT_WINDOW);
	queue_init(&c->queues[LARGE], VAULT_SEAL_WINDOW);
	queue_init(&c->queues[REVEALS], VAULT_REVEAL_WINDOW);
	make_events(c, base);
	return c;
}

void vault_client_free(struct vault_client *c)
{
	struct ask *ask;

	if (!c)
		return;
	line_dead(c);
	while ((ask = oldest(c)))
		finish_unavailable(c, ask);
	event_free(c->readable);
	event_free(c->writable);
	event_free(c->timer);
	close(c->fd);
	free(c);
}

void vault_client_set_timeout(struct vault_client *c, int ms)
{
	c->timeout = ms * MS_US;
}

static int queue_for(enum vault_op op)
{
	if (op == VAULT_SEAL)
		return LARGE;
	if (op == VAULT_REVEAL || op == VAULT_TELL || op == VAULT_TELL_PAYEE)
		return REVEALS;
	return op == VAULT_BLIND_INDEX ? QUICK : SLOW;
}

static void make_wire(struct ask *ask, const struct vault_request *request, struct wire_tag tag)
{
	struct wire_request wire;

	wire_request_encode(request, tag, &wire);
	ask->size = wire_request_size(request->op);
	ask->wire = must_malloc(ask->size);
	memcpy(ask->wire, &wire, ask->size);
	sodium_memzero(&wire, sizeof(wire));
}

static void start(struct vault_client *c, struct ask *ask, const struct vault_request *request)
{
	ask->id = ++c->serial * VAULT_ASKS_MAX + (uint64_t)(ask - c->asks);
	ask->queue = &c->queues[queue_for(request->op)];
	ask->sent = false;
	ask->deadline = clock_mono() + c->timeout;
	make_wire(ask, request, (struct wire_tag){ c->generation, ask->id });
	TAILQ_REMOVE(&c->free, ask, link);
	TAILQ_INSERT_TAIL(&ask->queue->waiting, ask, link);
	c->pending++;
}

bool vault_ask(struct vault_client *c, struct vault_request *request, vault_answered *done,
	       void *arg)
{
	struct ask *ask = c->dead ? NULL : TAILQ_FIRST(&c->free);

	if (ask) {
		ask->done = done;
		ask->arg = arg;
		start(c, ask, request);
		flush(c);
	}
	sodium_memzero(request, sizeof(*request));
	return ask != NULL;
}
