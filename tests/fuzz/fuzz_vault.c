/* libFuzzer: the decoders of the workers' requests to the vault and of the vault's answers. */
#include <stdlib.h>
#include <string.h>

#include "../../src/vault/wire.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* An accepted request holds exactly what was sent: writing it again gives the same bytes. */
static void same_again(const uint8_t *data, const struct vault_request *r, struct wire_tag tag)
{
	struct wire_request again;

	if (!request_sound(r))
		abort();
	wire_request_encode(r, tag, &again);
	if (memcmp(&again, data, wire_request_size(r->op)) != 0)
		abort();
}

/* Most inputs fail on magic and size. This one has both right, so that the rest is reached. */
static void framed(const uint8_t *data, size_t size, enum vault_op op)
{
	struct vault_request any = { .op = op }, r;
	struct wire_request wire;
	struct wire_tag tag;
	size_t head = offsetof(struct wire_request, tag), len = wire_request_size(op);

	wire_request_encode(&any, (struct wire_tag){ 1, 2 }, &wire);
	memcpy((uint8_t *)&wire + head, data,
	       size < len - head ? size : len - head);
	if (wire_request_decode(&wire, len, &r, &tag) == WIRE_GOOD)
		same_again((const uint8_t *)&wire, &r, tag);
}

/* A value to be sealed, of each kind there is and of one that there is not. */
static void sealed(const uint8_t *data, size_t size, int kind)
{
	struct vault_request any = { .op = VAULT_SEAL }, r;
	struct wire_request wire;
	struct wire_tag tag;
	size_t head = offsetof(struct wire_request, tag), len = wire_request_size(VAULT_SEAL);

	wire_request_encode(&any, (struct wire_tag){ 1, 2 }, &wire);
	memcpy((uint8_t *)&wire + head, data, size < len - head ? size : len - head);
	wire.kind = (uint8_t)kind;
	if (wire_request_decode(&wire, len, &r, &tag) != WIRE_GOOD)
		return;
	if (kind > SEAL_HOME)
		abort();
	same_again((const uint8_t *)&wire, &r, tag);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct vault_answer answer;
	struct vault_request r;
	struct wire_tag tag;

	if (wire_request_decode(data, size, &r, &tag) == WIRE_GOOD)
		same_again(data, &r, tag);
	if (wire_answer_decode(data, size, &answer, &tag) &&
	    (strlen(answer.text) >= sizeof(answer.text) || strlen(answer.plain) >= sizeof(answer.plain) ||
	     answer.sealed_len > sizeof(answer.sealed)))
		abort();
	for (enum vault_op op = VAULT_SIGN_IN; op <= VAULT_TELL_PAYEE; op++)
		framed(data, size, op);
	for (int kind = SEAL_ADDRESS; kind <= SEAL_HOME + 1; kind++)
		sealed(data, size, kind);
	return 0;
}
