/* The messages on a line, one whole message a packet, in this machine's byte order. Nothing in
 * them is believed: a worker may have been taken over. Requests and answers have two sizes each;
 * only sealing and revealing use the large one, so that the bytes that wait unread on a line are
 * bounded.
 */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "vault/request.h"

/* Which request an answer belongs to; the vault only returns it. */
struct wire_tag {
	uint64_t generation, id;
};

struct wire_request {
	uint32_t magic;
	uint16_t version, op;
	struct wire_tag tag;
	int32_t birth;
	uint16_t purpose, text_len, other_len, token_len;
	uint8_t kind, subject;
	uint8_t wrapped[SEAL_WRAPPED];
	uint8_t zero[1];
	struct uuid subject_id, organisation, row, target, request;
	char token[VAULT_TOKEN_MAX];
	char other[VAULT_TEXT_MAX];
	char text[SEAL_TEXT_MAX + 1];	/* more than VAULT_TEXT_MAX only of a seal request */
};

struct wire_answer {
	uint32_t magic;
	uint16_t version, status;
	struct wire_tag tag;
	uint16_t text_len, sealed_len, plain_len;
	uint8_t wrapped[SEAL_WRAPPED];
	uint8_t zero[1];
	char text[VAULT_ANSWER_TEXT];
	uint8_t large[SEAL_SEALED_MAX + 6];	/* what was sealed, revealed or told; else not sent */
};

enum {
	WIRE_REQUEST_SMALL = offsetof(struct wire_request, text) + VAULT_TEXT_MAX,
	WIRE_ANSWER_SMALL = offsetof(struct wire_answer, large),
};

_Static_assert(sizeof(struct wire_request) == 4936, "no padding: every byte is sent");
_Static_assert(sizeof(struct wire_answer) == 4400, "no padding: every byte is sent");

/* The size of a message in bytes. */
size_t wire_request_size(enum vault_op op);
size_t wire_answer_size(const struct vault_answer *a);

enum wire_verdict {
	WIRE_DROP,	/* no message of this protocol: nobody to answer */
	WIRE_REFUSE,	/* *tag is set, *r empty */
	WIRE_GOOD,
};

/* The one rule of what a request may hold, for those who build it and for those who read it. */
bool request_sound(const struct vault_request *r);

void wire_request_encode(const struct vault_request *r, struct wire_tag tag,
			 struct wire_request *out);
/* len is the packet's true length, which may be more than bytes holds. Unused room must be zero. */
enum wire_verdict wire_request_decode(const void *bytes, size_t len, struct vault_request *r,
				      struct wire_tag *tag);

void wire_answer_encode(const struct vault_answer *a, struct wire_tag tag,
			struct wire_answer *out);
bool wire_answer_decode(const void *bytes, size_t len, struct vault_answer *a,
			struct wire_tag *tag);

/* Sends without waiting: an answer to a worker that does not read is lost; its ask times out. */
void wire_answer_send(int fd, const struct vault_answer *a, struct wire_tag tag);
