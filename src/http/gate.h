/* The gate: judges the head of a request byte by byte, before any other code believes it.
 *
 * A pure state machine: no memory, no sockets, no clock. It is stricter than RFC 9112 where laxness
 * has been used to smuggle requests or to confuse two parsers: whatever it lets through, every
 * parser reads alike. Deliberate departures from the RFC: transfer codings are refused (411),
 * expectations are refused (417), only origin-form targets, no empty line before the request line.
 *
 *	gate_init(&g, &limits);
 *	verdict = gate_feed(&g, bytes, len);	again while GATE_MORE and bytes come
 *	GATE_HEAD: the head is g.seen bytes long, a body of g.body bytes follows
 */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "http/server.h"

/* name, status, slug of the problem type, title */
#define GATE_REFUSALS(X) \
	X(MALFORMED, 400, "malformed-request", "Request is not well-formed") \
	X(BAD_TARGET, 400, "bad-target", "Request target is not allowed") \
	X(BAD_HOST, 400, "bad-host", "Exactly one Host header is needed") \
	X(BAD_LENGTH, 400, "bad-content-length", "Content-Length is not one plain number") \
	X(STRAY_BODY, 400, "unexpected-body", "GET and HEAD take no body") \
	X(UPGRADE, 400, "upgrade-refused", "Protocol upgrades are not offered") \
	X(TIMEOUT, 408, "request-timeout", "Request took too long to arrive") \
	X(CODED, 411, "length-required", "Send Content-Length, not Transfer-Encoding") \
	X(BODY_LARGE, 413, "body-too-large", "Request body is too large") \
	X(TARGET_LONG, 414, "target-too-long", "Request target is too long") \
	X(EXPECT, 417, "expectation-failed", "Expect is not supported") \
	X(HEAD_LARGE, 431, "headers-too-large", "Request headers are too large") \
	X(METHOD, 501, "unknown-method", "Request method is not known") \
	X(VERSION, 505, "version-not-supported", "Only HTTP/1.1 is supported")

enum gate_verdict {
	GATE_MORE,	/* well so far */
	GATE_HEAD,	/* the head is complete and well */
#define X(name, status, slug, title) GATE_##name,
	GATE_REFUSALS(X)
#undef X
	GATE_VERDICTS
};

struct gate {
	const struct http_limits *limits;	/* head, headers, body and body_large are used */
	uint64_t body;		/* declared length */
	size_t seen;		/* bytes of the head taken so far */
	uint16_t headers;	/* begun so far */
	uint16_t target_at;	/* where the target begins */
	uint16_t path_len;	/* and its length up to the query string */
	uint8_t verdict, state, method, hosts, lengths;
	uint8_t field;		/* what the header being read means */
	uint8_t mark;		/* position in a literal, a method or a name */
	uint8_t segment, dots;	/* of the path segment being read: bytes (up to 3), of them dots */
	uint8_t escaped;	/* percent escape being read: its first digit */
	bool query, blank;	/* in the query string; after a blank in a single-word value */
	char name[19];		/* the method, or the header's name in lower case; cut one byte
				 * beyond the longest word known */
};

/* limits is kept by reference. */
void gate_init(struct gate *g, const struct http_limits *limits);
/* Takes bytes in order, however they are cut. Bytes after the head are left: g->seen says how many
 * were taken in all. A verdict other than GATE_MORE is final. */
enum gate_verdict gate_feed(struct gate *g, const char *bytes, size_t len);

/* What a refusal tells the client. */
struct gate_refusal {
	int status;
	const char *slug, *title;
};
const struct gate_refusal *gate_refusal(enum gate_verdict verdict);
