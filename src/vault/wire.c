#include "wire.h"

#include <sodium.h>
#include <string.h>
#include <sys/socket.h>

enum {
	MAGIC_REQUEST = 0x48765271,	/* "HvRq" */
	MAGIC_ANSWER = 0x4876416e,	/* "HvAn" */
	VERSION = 7,
};

static bool all_zero(const void *bytes, size_t n)
{
	return sodium_is_zero(bytes, n) == 1;
}

/* Copies a text of len bytes from its slot; false where it does not fit, holds NUL, or is followed
 * by anything. */
static bool slot_read(const char *slot, size_t size, size_t len, char *out, size_t out_size)
{
	if (len > size || len >= out_size || memchr(slot, '\0', len) ||
	    !all_zero(slot + len, size - len))
		return false;
	memcpy(out, slot, len);
	out[len] = '\0';
	return true;
}

static uint16_t slot_write(char *slot, const char *text)
{
	size_t len = strlen(text);

	memcpy(slot, text, len);	/* NOLINT(bugprone-not-null-terminated-result): len goes along */
	return (uint16_t)len;
}

size_t wire_request_size(enum vault_op op)
{
	return op == VAULT_SEAL ? sizeof(struct wire_request) : (size_t)WIRE_REQUEST_SMALL;
}

size_t wire_answer_size(const struct vault_answer *a)
{
	return a->sealed_len || *a->plain ? sizeof(struct wire_answer) : (size_t)WIRE_ANSWER_SMALL;
}

void wire_request_encode(const struct vault_request *r, struct wire_tag tag,
			 struct wire_request *out)
{
	*out = (struct wire_request){
		.magic = MAGIC_REQUEST, .version = VERSION, .op = (uint16_t)r->op, .tag = tag,
		.birth = r->birth, .purpose = (uint16_t)r->purpose,
		.kind = (uint8_t)r->place.kind, .subject = (uint8_t)r->place.owner.kind,
		.subject_id = r->place.owner.id, .organisation = r->place.owner.organisation,
		.row = r->place.row, .target = r->target, .request = r->request,
	};
	memcpy(out->wrapped, r->wrapped, sizeof(out->wrapped));
	out->text_len = slot_write(out->text, r->text);
	out->other_len = slot_write(out->other, r->other);
	out->token_len = slot_write(out->token, r->token);
}

static void place_read(const struct wire_request *wire, struct vault_request *r)
{
	r->place.kind = wire->kind;
	r->place.owner.kind = wire->subject;
	r->place.owner.id = wire->subject_id;
	r->place.owner.organisation = wire->organisation;
	r->place.row = wire->row;
	memcpy(r->wrapped, wire->wrapped, sizeof(r->wrapped));
}

static bool request_read(const struct wire_request *wire, size_t len, struct vault_request *r)
{
	r->op = wire->op;
	r->purpose = wire->purpose;
	r->birth = wire->birth;
	r->target = wire->target;
	r->request = wire->request;
	place_read(wire, r);
	return all_zero(wire->zero, sizeof(wire->zero)) &&
	       slot_read(wire->text, len - offsetof(struct wire_request, text), wire->text_len,
			 r->text, sizeof(r->text)) &&
	       slot_read(wire->other, sizeof(wire->other), wire->other_len, r->other,
			 sizeof(r->other)) &&
	       slot_read(wire->token, sizeof(wire->token), wire->token_len, r->token,
			 sizeof(r->token)) &&
	       request_sound(r);
}

enum wire_verdict wire_request_decode(const void *bytes, size_t len, struct vault_request *r,
				      struct wire_tag *tag)
{
	struct wire_request wire;
	bool good;

	*r = (struct vault_request){ .text = "" };
	if (len != WIRE_REQUEST_SMALL && len != sizeof(wire))
		return WIRE_DROP;
	memcpy(&wire, bytes, len);
	if (wire.magic != MAGIC_REQUEST || wire.version != VERSION ||
	    len != wire_request_size(wire.op))
		return WIRE_DROP;
	*tag = wire.tag;
	good = request_read(&wire, len, r);
	sodium_memzero(&wire, len);
	if (!good)
		sodium_memzero(r, sizeof(*r));
	return good ? WIRE_GOOD : WIRE_REFUSE;
}

void wire_answer_encode(const struct vault_answer *a, struct wire_tag tag, struct wire_answer *out)
{
	*out = (struct wire_answer){
		.magic = MAGIC_ANSWER, .version = VERSION, .status = (uint16_t)a->status,
		.tag = tag, .sealed_len = (uint16_t)a->sealed_len,
	};
	out->text_len = slot_write(out->text, a->text);
	memcpy(out->wrapped, a->wrapped, sizeof(out->wrapped));
	if (*a->plain)
		out->plain_len = slot_write((char *)out->large, a->plain);
	else
		memcpy(out->large, a->sealed, a->sealed_len);
}

static bool large_read(const struct wire_answer *wire, size_t len, struct vault_answer *a)
{
	size_t n = wire->sealed_len, plain = wire->plain_len;

	if (n > sizeof(a->sealed) || (n > 0 && plain > 0) || (n + plain > 0) != (len == sizeof(*wire)))
		return false;
	a->sealed_len = n;
	memcpy(a->sealed, wire->large, n);
	memcpy(a->wrapped, wire->wrapped, sizeof(a->wrapped));
	return plain == 0 || slot_read((const char *)wire->large, sizeof(wire->large), plain, a->plain,
				       sizeof(a->plain));
}

bool wire_answer_decode(const void *bytes, size_t len, struct vault_answer *a, struct wire_tag *tag)
{
	struct wire_answer wire;
	bool good;

	*a = (struct vault_answer){ .status = VAULT_UNAVAILABLE };
	if (len != WIRE_ANSWER_SMALL && len != sizeof(wire))
		return false;
	memcpy(&wire, bytes, len);
	if (wire.magic != MAGIC_ANSWER || wire.version != VERSION ||
	    wire.status > VAULT_LOCKED)
		return false;
	*tag = wire.tag;
	a->status = wire.status;
	good = large_read(&wire, len, a) && slot_read(wire.text, sizeof(wire.text), wire.text_len,
						       a->text, sizeof(a->text));
	sodium_memzero(&wire, len);
	return good;
}

void wire_answer_send(int fd, const struct vault_answer *a, struct wire_tag tag)
{
	struct wire_answer wire;

	wire_answer_encode(a, tag, &wire);
	(void)send(fd, &wire, wire_answer_size(a), MSG_DONTWAIT | MSG_NOSIGNAL);
	sodium_memzero(&wire, sizeof(wire));
}
