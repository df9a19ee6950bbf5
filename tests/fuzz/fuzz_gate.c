/* The gate gives the same verdict however its input is cut, takes no byte twice, and passes only
 * heads of the strict shape. The first byte chooses the cut. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "../../src/http/gate.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void feed_cut(struct gate *g, const char *bytes, size_t len, size_t seed)
{
	while (len > 0) {
		size_t piece = seed % 17 + 1 < len ? seed % 17 + 1 : len;

		gate_feed(g, bytes, piece);
		bytes += piece;
		len -= piece;
		seed = seed * 31 + 7;
	}
}

static void must(int holds)
{
	if (!holds)
		abort();
}

/* An independent and slower look at a passed head. */
static void check_passed(const struct gate *g, const char *head)
{
	size_t lines = 0;

	must(g->seen >= 4 && memcmp(head + g->seen - 4, "\r\n\r\n", 4) == 0);
	for (size_t i = 0; i < g->seen; i++) {
		must(head[i] != '\0');
		must((head[i] == '\n') == (i > 0 && head[i - 1] == '\r'));
		lines += head[i] == '\n';
	}
	must(lines == (size_t)g->headers + 2 && g->headers <= 64 && g->hosts == 1);
	must(head[g->target_at] == '/' && g->target_at + g->path_len < g->seen);
	must(head[g->target_at + g->path_len] == ' ' || head[g->target_at + g->path_len] == '?');
	must(memmem(head, g->target_at + g->path_len, "//", 2) == NULL);
	must(memmem(head, g->target_at + g->path_len, "/../", 4) == NULL);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const struct http_limits limits = { .head = 8192, .headers = 64, .body = 65536 };
	const char *bytes = (const char *)data;
	struct gate whole, cut;

	if (size == 0)
		return 0;
	gate_init(&whole, &limits);
	gate_init(&cut, &limits);
	gate_feed(&whole, bytes + 1, size - 1);
	feed_cut(&cut, bytes + 1, size - 1, data[0]);
	must(whole.verdict == cut.verdict && whole.seen == cut.seen && whole.body == cut.body);
	if (whole.verdict == GATE_HEAD)
		check_passed(&whole, bytes + 1);
	return 0;
}
