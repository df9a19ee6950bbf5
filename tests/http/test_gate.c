#include <criterion/criterion.h>

#include <stdlib.h>
#include <string.h>

#include "../../src/http/gate.h"

#define H "Host: haven.example\r\n"
#define START "GET / HTTP/1.1\r\n" H
#define END "\r\n"
#define OF(verdict, name, bytes) { name, bytes, sizeof(bytes) - 1, GATE_##verdict }
#define LINE(verdict, name, line) OF(verdict, name, line " HTTP/1.1\r\n" H END)
#define FIELD(verdict, name, field) OF(verdict, name, START field END)
#define POST_FIELD(verdict, name, field) OF(verdict, name, "POST / HTTP/1.1\r\n" H field END)

struct gate_case {
	const char *name, *bytes;
	size_t len;
	enum gate_verdict verdict;
};

static const struct gate_case cases[] = {
	/* these must pass */
	OF(HEAD, "plain", START END),
	OF(HEAD, "host with port", "GET / HTTP/1.1\r\nHost: [::1]:8080\r\n\r\n"),
	OF(HEAD, "no blank after the colon", "GET / HTTP/1.1\r\nhOsT:h\r\n\r\n"),
	OF(HEAD, "blanks after the value", "GET / HTTP/1.1\r\nHost: h \t\r\n\r\n"),
	LINE(HEAD, "options", "OPTIONS /a/b"),
	LINE(HEAD, "delete", "DELETE /placements/1"),
	LINE(HEAD, "escapes", "GET /a%20b/%C3%A9?q=%2Fhome&r=a//b/../c"),
	LINE(HEAD, "dots inside", "GET /a.b/...x/..y/.well-known/a..?x"),
	LINE(HEAD, "escaped dot inside a name", "GET /file%2etxt"),
	LINE(HEAD, "trailing slash", "GET /a/"),
	POST_FIELD(HEAD, "length", "Content-Length: 65536\r\n"),
	POST_FIELD(HEAD, "length zero", "Content-Length: 0\r\n"),
	OF(HEAD, "post without length", "POST / HTTP/1.1\r\n" H END),
	FIELD(HEAD, "length zero on get", "Content-Length: 0\r\n"),
	FIELD(HEAD, "empty value", "X-Empty:\r\n"),
	FIELD(HEAD, "bytes above ASCII", "X-Name: \xc3\xa9\r\n"),
	FIELD(HEAD, "name that begins like another", "Hosts: a\r\nContent-Lengths: x\r\n"),
	FIELD(HEAD, "name longer than any known", "Transfer-Encoding-Of-Old: x\r\n"),
	OF(HEAD, "bytes after the head", START END "GET /next HTTP/1.0\n\n"),
	/* these must wait for more */
	OF(MORE, "nothing", ""),
	OF(MORE, "half a line", "GET /ab"),
	OF(MORE, "no blank line yet", START),
	OF(MORE, "half the blank line", START "\r"),
	/* request line */
	LINE(METHOD, "unknown method", "BREW /"),
	LINE(METHOD, "trace", "TRACE /"),
	LINE(METHOD, "connect", "CONNECT haven.example:443"),
	LINE(METHOD, "lower-case method", "get /"),
	LINE(METHOD, "longer method", "GETT /"),
	LINE(MALFORMED, "no method", " /"),
	LINE(MALFORMED, "control byte in the method", "G\x01T /"),
	OF(MALFORMED, "TLS", "\x16\x03\x01\x02\x00\x01"),
	OF(MALFORMED, "empty line first", "\r\n" START END),
	OF(MALFORMED, "HTTP/0.9", "GET /\r\n"),
	OF(VERSION, "HTTP/1.0", "GET / HTTP/1.0\r\n" H END),
	OF(VERSION, "HTTP/2.0", "GET / HTTP/2.0\r\n" H END),
	OF(MALFORMED, "HTTP/1.10", "GET / HTTP/1.10\r\n" H END),
	OF(MALFORMED, "lower-case version", "GET / http/1.1\r\n" H END),
	OF(MALFORMED, "two blanks", "GET /  HTTP/1.1\r\n" H END),
	OF(MALFORMED, "tab", "GET /\tHTTP/1.1\r\n" H END),
	OF(MALFORMED, "blank after the version", "GET / HTTP/1.1 \r\n" H END),
	OF(MALFORMED, "bare LF after the request line", "GET / HTTP/1.1\n" H END),
	OF(MALFORMED, "bare CR in the request line", "GET / HTTP/1.1\rX" H END),
	/* target */
	LINE(BAD_TARGET, "absolute form", "GET http://haven.example/"),
	LINE(BAD_TARGET, "asterisk", "OPTIONS *"),
	LINE(BAD_TARGET, "no slash", "GET a"),
	LINE(BAD_TARGET, "double slash", "GET /a//b"),
	LINE(BAD_TARGET, "leading double slash", "GET //evil.example/"),
	LINE(BAD_TARGET, "dot", "GET /./a"),
	LINE(BAD_TARGET, "dot dot", "GET /a/../b"),
	LINE(BAD_TARGET, "dot dot at the end", "GET /a/.."),
	LINE(BAD_TARGET, "dot dot before a query", "GET /a/..?b"),
	LINE(BAD_TARGET, "escaped dot dot", "GET /a/%2e%2E/b"),
	LINE(BAD_TARGET, "half-escaped dot dot", "GET /a/.%2e"),
	LINE(BAD_TARGET, "escaped slash", "GET /a%2fb"),
	LINE(BAD_TARGET, "escaped backslash", "GET /a%5Cb"),
	LINE(BAD_TARGET, "escaped NUL", "GET /a%00"),
	LINE(BAD_TARGET, "escaped NUL in the query", "GET /a?b=%00"),
	LINE(BAD_TARGET, "bad escape", "GET /a%zz"),
	LINE(BAD_TARGET, "cut escape", "GET /a%2"),
	LINE(BAD_TARGET, "backslash", "GET /a\\b"),
	LINE(BAD_TARGET, "fragment", "GET /a#b"),
	LINE(BAD_TARGET, "quote", "GET /a?\"b"),
	LINE(MALFORMED, "NUL", "GET /a\0b"),
	LINE(MALFORMED, "DEL", "GET /a\x7f"),
	LINE(MALFORMED, "byte above ASCII", "GET /\xc3\xa9"),
	/* host */
	OF(BAD_HOST, "no host", "GET / HTTP/1.1\r\nA: b\r\n\r\n"),
	FIELD(BAD_HOST, "two hosts", H),
	FIELD(BAD_HOST, "two hosts in other case", "hOST: other\r\n"),
	OF(BAD_HOST, "empty host", "GET / HTTP/1.1\r\nHost: \r\n\r\n"),
	OF(BAD_HOST, "host list", "GET / HTTP/1.1\r\nHost: a, b\r\n\r\n"),
	OF(BAD_HOST, "host with path", "GET / HTTP/1.1\r\nHost: a/b\r\n\r\n"),
	OF(BAD_HOST, "host with user", "GET / HTTP/1.1\r\nHost: u@a\r\n\r\n"),
	/* framing of the body */
	POST_FIELD(BAD_LENGTH, "two lengths", "Content-Length: 3\r\nContent-Length: 4\r\n"),
	POST_FIELD(BAD_LENGTH, "same length twice", "Content-Length: 3\r\ncontent-length: 3\r\n"),
	POST_FIELD(BAD_LENGTH, "list of lengths", "Content-Length: 3, 3\r\n"),
	POST_FIELD(BAD_LENGTH, "plus", "Content-Length: +3\r\n"),
	POST_FIELD(BAD_LENGTH, "minus", "Content-Length: -3\r\n"),
	POST_FIELD(BAD_LENGTH, "hexadecimal", "Content-Length: 0x3\r\n"),
	POST_FIELD(BAD_LENGTH, "blank inside", "Content-Length: 1 0\r\n"),
	POST_FIELD(BAD_LENGTH, "empty length", "Content-Length:\r\n"),
	POST_FIELD(BODY_LARGE, "over the limit", "Content-Length: 65537\r\n"),
	POST_FIELD(BODY_LARGE, "past 64 bits", "Content-Length: 18446744073709551617\r\n"),
	POST_FIELD(CODED, "chunked", "Transfer-Encoding: chunked\r\n"),
	POST_FIELD(CODED, "chunked and length",
		   "Content-Length: 3\r\nTransfer-Encoding: chunked\r\n"),
	POST_FIELD(CODED, "identity", "tRANSFER-eNCODING: identity\r\n"),
	POST_FIELD(CODED, "tab before the coding", "Transfer-Encoding:\tchunked\r\n"),
	FIELD(STRAY_BODY, "body on get", "Content-Length: 5\r\n"),
	OF(STRAY_BODY, "body on head", "HEAD / HTTP/1.1\r\n" H "Content-Length: 5\r\n" END),
	/* headers */
	FIELD(MALFORMED, "blank before the colon", "Content-Length : 5\r\n"),
	FIELD(MALFORMED, "folded", "A: b\r\n c\r\n"),
	FIELD(MALFORMED, "folded with a tab", "A: b\r\n\tTransfer-Encoding: chunked\r\n"),
	OF(MALFORMED, "blank before the first header", "GET / HTTP/1.1\r\n " H END),
	FIELD(MALFORMED, "no colon", "Abc\r\n"),
	FIELD(MALFORMED, "no name", ": b\r\n"),
	FIELD(MALFORMED, "NUL in a name", "A\0: b\r\n"),
	FIELD(MALFORMED, "NUL in a value", "User: admin\0x\r\n"),
	FIELD(MALFORMED, "control byte in a value", "A: \x1b[2J\r\n"),
	FIELD(MALFORMED, "DEL in a value", "A: \x7f\r\n"),
	FIELD(MALFORMED, "byte above ASCII in a name", "\xc3\xa9: b\r\n"),
	FIELD(MALFORMED, "bare CR in a value", "A: b\rC: d\r\n"),
	FIELD(MALFORMED, "bare LF after a value", "A: b\nC: d\r\n"),
	FIELD(MALFORMED, "bare LF as blank line", "A: b\r\n\n"),
	FIELD(MALFORMED, "CR CR LF", "A: b\r\r\n"),
	OF(MALFORMED, "bare LF at the end", START "\n"),
	OF(MALFORMED, "CR without LF at the end", START "\rX"),
	FIELD(EXPECT, "expectation", "Expect: 100-continue\r\n"),
	FIELD(UPGRADE, "upgrade", "Connection: Upgrade\r\nUpgrade: h2c\r\n"),
};

enum { CASES = sizeof(cases) / sizeof(*cases) };

static struct http_limits limits;

static void feed_cut(struct gate *g, const struct gate_case *c, size_t piece)
{
	gate_init(g, &limits);
	for (size_t i = 0; i < c->len; i += piece)
		gate_feed(g, c->bytes + i, c->len - i < piece ? c->len - i : piece);
}

Test(gate, judges_the_battery_however_it_is_cut)
{
	struct gate whole, cut;

	limits = http_default_limits();
	cr_assert(CASES >= 58, "only %d cases", CASES);
	for (const struct gate_case *c = cases; c < cases + CASES; c++) {
		feed_cut(&whole, c, c->len + 1);
		cr_expect_eq(whole.verdict, c->verdict, "%s: verdict %d, not %d", c->name,
			     whole.verdict, c->verdict);
		for (size_t piece = 1; piece < 8; piece++) {
			feed_cut(&cut, c, piece);
			cr_expect(cut.verdict == whole.verdict && cut.seen == whole.seen,
				  "%s in pieces of %zu: verdict %d, seen %zu", c->name, piece,
				  cut.verdict, cut.seen);
		}
	}
}

static enum gate_verdict feed_text(struct gate *g, const char *text)
{
	gate_init(g, &limits);
	return gate_feed(g, text, strlen(text));
}

Test(gate, leaves_what_follows_the_head)
{
	static const char two[] = "POST /a HTTP/1.1\r\n" H "Content-Length: 3\r\n\r\nabcGET";
	struct gate g;

	limits = http_default_limits();
	cr_assert_eq(feed_text(&g, two), GATE_HEAD, "not passed");
	cr_assert_eq(g.seen, sizeof(two) - 1 - strlen("abcGET"), "took %zu", g.seen);
	cr_assert_eq(g.body, 3, "body of %zu", (size_t)g.body);
	cr_assert_eq(g.method, HTTP_POST, "method %d", g.method);
}

Test(gate, finds_the_path)
{
	static const char text[] = "PATCH /a/b%20c/d?e=/f HTTP/1.1\r\n" H "\r\n";
	struct gate g;

	limits = http_default_limits();
	cr_assert_eq(feed_text(&g, text), GATE_HEAD, "not passed");
	cr_assert_eq(g.path_len, strlen("/a/b%20c/d"), "length %d", g.path_len);
	cr_assert_eq(strncmp(text + g.target_at, "/a/b%20c/d", g.path_len), 0, "wrong place");
}

static enum gate_verdict with_headers(struct gate *g, size_t n)
{
	gate_init(g, &limits);
	gate_feed(g, START, strlen(START));
	for (size_t i = 1; i < n; i++)
		gate_feed(g, "A: b\r\n", 6);
	return gate_feed(g, END, strlen(END));
}

Test(gate, counts_headers)
{
	struct gate g;

	limits = http_default_limits();
	cr_assert_eq(with_headers(&g, 64), GATE_HEAD, "64 headers refused");
	cr_assert_eq(with_headers(&g, 65), GATE_HEAD_LARGE, "65 headers passed");
}

/* A head of exactly len bytes. */
static enum gate_verdict with_length(struct gate *g, size_t len)
{
	size_t fixed = strlen(START "A: " END END);

	gate_init(g, &limits);
	gate_feed(g, START "A: ", strlen(START "A: "));
	for (size_t i = fixed; i < len; i++)
		gate_feed(g, "x", 1);
	return gate_feed(g, END END, strlen(END END));
}

Test(gate, measures_the_head)
{
	struct gate g;

	limits = http_default_limits();
	cr_assert_eq(with_length(&g, 8192), GATE_HEAD, "8192 bytes refused");
	cr_assert_eq(with_length(&g, 8193), GATE_HEAD_LARGE, "8193 bytes passed");
}

Test(gate, measures_the_target)
{
	static char line[9000];
	struct gate g;

	limits = http_default_limits();
	memset(line, 'a', sizeof(line));
	gate_init(&g, &limits);
	gate_feed(&g, "GET /", 5);
	cr_assert_eq(gate_feed(&g, line, sizeof(line)), GATE_TARGET_LONG, "long target passed");
	cr_assert_eq(g.seen, 8192, "took %zu", g.seen);
}

Test(gate, large_bodies_need_a_limit_of_their_own)
{
	static const char text[] = "POST / HTTP/1.1\r\n" H "Content-Length: 70000\r\n\r\n";
	struct gate g;

	limits = http_default_limits();
	cr_assert_eq(feed_text(&g, text), GATE_BODY_LARGE, "passed without a large limit");
	limits.body_large = 70000;
	cr_assert_eq(feed_text(&g, text), GATE_HEAD, "refused at the large limit");
	limits.body_large = 69999;
	cr_assert_eq(feed_text(&g, text), GATE_BODY_LARGE, "passed beyond the large limit");
}

Test(gate, every_refusal_has_its_words)
{
	for (int v = GATE_HEAD + 1; v < GATE_VERDICTS; v++) {
		const struct gate_refusal *r = gate_refusal(v);

		cr_assert(r->status >= 400 && r->slug != NULL && r->title != NULL, "verdict %d", v);
	}
}
