/* The service with things added and left out, for `make bench`; linked with --wrap from the service's
 * objects.
 *
 * POST /api/v1/bench-static answers the bytes of the file $BENCH_REPLY. Such a request takes the
 * whole way of a search except the search: the gate, the HTTP server, the route table, the session,
 * the right, a request id, the headers, the log line. The request is the same and is read whole,
 * but its body is not decoded, and the answer is not put together: it costs the server alone.
 *
 * With $BENCH_PLAIN every search is answered by match_plain_search(), the evaluator that defines
 * the answer, over the same board: the same bytes must come out.
 *
 * With $BENCH_UNAUDITED reads are not recorded, and an answer from memory leaves without asking the
 * database: what the audit costs.
 *
 * With $BENCH_POLL_MS a board asks the change log that often, and no worker hears of another's commits:
 * what a fixed poll costs. */
#include <event2/event.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../../src/serve/ctx.h"
#include "board/board.h"
#include "match/index.h"
#include "process/service.h"

enum { TABLES_MAX = 64, REPLY_MAX = 1 << 20 };

static char reply[REPLY_MAX];
static size_t reply_len;

static struct reply answer(struct ctx *c)
{
	(void)c;
	return (struct reply){ .status = 200, .body = reply, .len = reply_len };
}

static const struct route bench_routes[] = {
	{ "POST", "/bench-static", EVERYBODY, NULL, answer, .flags = ROUTE_READS, .summary = "A fixed answer" },
	{ 0 },
};

/* ---- the route table ---- */

extern const struct route *const __real_app_tables[];
const struct route *__wrap_app_tables[TABLES_MAX] = { bench_routes };

static void add_tables(void)
{
	for (size_t i = 0; __real_app_tables[i]; i++) {
		if (i + 2 >= TABLES_MAX)
			abort();
		__wrap_app_tables[i + 1] = __real_app_tables[i];
	}
}

static void read_reply(const char *path)
{
	int fd = path ? open(path, O_RDONLY | O_CLOEXEC) : -1;
	ssize_t n = fd < 0 ? 0 : read(fd, reply, sizeof(reply));

	reply_len = n > 0 ? (size_t)n : 0;
	if (fd >= 0)
		close(fd);
}

/* ---- the parts left out or exchanged ---- */

bool __real_decode_request(struct ctx *c, struct reply *refusal);
bool __wrap_decode_request(struct ctx *c, struct reply *refusal);
bool __wrap_decode_request(struct ctx *c, struct reply *refusal)
{
	return c->route == bench_routes || __real_decode_request(c, refusal);
}

void __real_match_index_search(struct match_index *ix, const struct match_search *s, struct arena *a,
			       struct match_answer *out);
void __wrap_match_index_search(struct match_index *ix, const struct match_search *s, struct arena *a,
			       struct match_answer *out);
void __wrap_match_index_search(struct match_index *ix, const struct match_search *s, struct arena *a,
			       struct match_answer *out)
{
	if (getenv("BENCH_PLAIN"))
		match_plain_search(ix, s, a, out);
	else
		__real_match_index_search(ix, s, a, out);
}

const char *__real_audit_item(struct ctx *c);
const char *__wrap_audit_item(struct ctx *c);
const char *__wrap_audit_item(struct ctx *c)
{
	if (!getenv("BENCH_UNAUDITED") || c->tx)
		return __real_audit_item(c);
	c->confirmed = true;
	return NULL;
}

/* ---- a fixed poll ---- */

static void on_poll(evutil_socket_t fd, short what, void *board)
{
	(void)fd;
	(void)what;
	board_refresh(board);
}

struct board *__real_board_new(struct event_base *base, const struct board_options *o);
struct board *__wrap_board_new(struct event_base *base, const struct board_options *o);
struct board *__wrap_board_new(struct event_base *base, const struct board_options *o)
{
	struct board *b = __real_board_new(base, o);
	const char *ms = getenv("BENCH_POLL_MS");
	struct timeval every = { .tv_usec = ms ? atoi(ms) * 1000 : 0 };

	if (ms)
		event_add(event_new(base, -1, EV_PERSIST, on_poll, b), &every);
	return b;
}

void __real_board_refresh_soon(struct board *b);
void __wrap_board_refresh_soon(struct board *b);
void __wrap_board_refresh_soon(struct board *b)
{
	if (!getenv("BENCH_POLL_MS"))
		__real_board_refresh_soon(b);
}

int main(int argc, char **argv)
{
	read_reply(getenv("BENCH_REPLY"));
	add_tables();
	return service_run(argc, argv);
}
