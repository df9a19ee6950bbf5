#include "vault/request.h"

#include <sodium.h>
#include <string.h>

#include "base/date.h"
#include "base/text.h"
#include "wire.h"

static bool birth_sound(int32_t birth)
{
	return birth == DAY_NONE || birth == BLIND_DATED ||
	       (birth >= day_from_civil(1900, 1, 1) && birth <= day_from_civil(2199, 12, 31));
}

static bool token_sound(const char *token)
{
	for (const char *at = token; *at; at++)
		if (*at <= ' ' || *at > '~')
			return false;
	return *token != '\0';
}

static bool text_sound(const char *text, size_t max)
{
	size_t len = strlen(text);

	return len > 0 && len <= max && text_utf8_len(text, len) >= 0;
}

static bool zero(const void *bytes, size_t n)
{
	return sodium_is_zero(bytes, n) == 1;
}

/* The parts that an operation takes; all others must be empty. */
struct parts {
	bool place, index, target, request, token;
	size_t text, other;	/* bytes at most; 0: none */
};

static const struct parts parts_of[] = {
	[VAULT_SIGN_IN] = { .request = true, .text = VAULT_TEXT_MAX, .other = VAULT_TEXT_MAX },
	[VAULT_PASSWORD_HASH] = { .text = VAULT_TEXT_MAX },
	[VAULT_BLIND_INDEX] = { .index = true, .text = VAULT_TEXT_MAX },
	[VAULT_SEAL] = { .place = true, .text = SEAL_TEXT_MAX },
	[VAULT_REVEAL] = { .target = true, .request = true, .token = true, .other = VAULT_TEXT_MAX },
	[VAULT_TELL] = { .target = true, .request = true, .token = true, .other = VAULT_TEXT_MAX },
	[VAULT_TELL_PAYEE] = { .target = true, .request = true, .token = true, .other = VAULT_TEXT_MAX },
	[VAULT_PASSWORD_CHANGE] = { .request = true, .token = true, .text = VAULT_TEXT_MAX,
				    .other = VAULT_TEXT_MAX },
};

static bool ids_sound(const struct vault_request *r, const struct parts *p)
{
	return (p->target || zero(&r->target, sizeof(r->target))) &&
	       (p->request || zero(&r->request, sizeof(r->request)));
}

static bool place_sound(const struct vault_request *r, const struct parts *p)
{
	if (p->place)
		return seal_place_ok(&r->place);
	return zero(&r->place, sizeof(r->place)) && zero(r->wrapped, sizeof(r->wrapped));
}

static bool index_sound(const struct vault_request *r, const struct parts *p)
{
	if (p->index)
		return r->purpose >= BLIND_PERSON && r->purpose <= BLIND_PAYEE && birth_sound(r->birth);
	return r->purpose == 0 && r->birth == 0;
}

static bool texts_sound(const struct vault_request *r, const struct parts *p)
{
	return (p->text ? text_sound(r->text, p->text) : !*r->text) &&
	       (p->other ? text_sound(r->other, p->other) : !*r->other) &&
	       (p->token ? token_sound(r->token) : !*r->token);
}

bool request_sound(const struct vault_request *r)
{
	const struct parts *p;

	if (r->op < VAULT_SIGN_IN || r->op > VAULT_TELL_PAYEE)
		return false;
	p = &parts_of[r->op];
	return ids_sound(r, p) && place_sound(r, p) && index_sound(r, p) && texts_sound(r, p);
}

static bool fill(char *to, size_t size, const char *from)
{
	size_t len = strlen(from);

	if (len >= size)
		return false;
	memcpy(to, from, len + 1);
	return true;
}

static bool keep_if(struct vault_request *r, bool sound)
{
	if (!sound || !request_sound(r)) {
		sodium_memzero(r, sizeof(*r));
		return false;
	}
	return true;
}

bool vault_request_sign_in(struct vault_request *r, const char *username, const char *password,
			   struct uuid request)
{
	*r = (struct vault_request){ .op = VAULT_SIGN_IN, .request = request };
	return keep_if(r, fill(r->text, sizeof(r->text), password) &&
			  fill(r->other, sizeof(r->other), username));
}

bool vault_request_password(struct vault_request *r, const char *token, const char *present,
			    const char *new_password, struct uuid request)
{
	*r = (struct vault_request){ .op = VAULT_PASSWORD_CHANGE, .request = request };
	return keep_if(r, fill(r->token, sizeof(r->token), token) &&
			  fill(r->text, sizeof(r->text), present) &&
			  fill(r->other, sizeof(r->other), new_password));
}

bool vault_request_hash(struct vault_request *r, const char *password)
{
	*r = (struct vault_request){ .op = VAULT_PASSWORD_HASH };
	return keep_if(r, fill(r->text, sizeof(r->text), password));
}

bool vault_request_blind(struct vault_request *r, enum blind_purpose purpose, const char *name,
			 int32_t birth)
{
	*r = (struct vault_request){ .op = VAULT_BLIND_INDEX, .purpose = purpose, .birth = birth };
	return keep_if(r, fill(r->text, sizeof(r->text), name));
}

/* Member by member: the padding between them stays zero. */
static void set_place(struct seal_place *to, const struct seal_place *from)
{
	to->owner.kind = from->owner.kind;
	to->owner.id = from->owner.id;
	to->owner.organisation = from->owner.organisation;
	to->kind = from->kind;
	to->row = from->row;
}

bool vault_request_seal(struct vault_request *r, const struct seal_place *place,
			const unsigned char wrapped[SEAL_WRAPPED], const char *text)
{
	*r = (struct vault_request){ .op = VAULT_SEAL };
	set_place(&r->place, place);
	if (wrapped)
		memcpy(r->wrapped, wrapped, sizeof(r->wrapped));
	return keep_if(r, fill(r->text, sizeof(r->text), text));
}

/* Of those that show something to the person of a session. */
static bool shown_to(struct vault_request *r, enum vault_op op, const char *token, struct uuid target,
		     const char *purpose, struct uuid request)
{
	*r = (struct vault_request){ .op = op, .target = target, .request = request };
	return keep_if(r, fill(r->token, sizeof(r->token), token) &&
			  fill(r->other, sizeof(r->other), purpose));
}

bool vault_request_reveal(struct vault_request *r, const char *token, struct uuid placement,
			  const char *purpose, struct uuid request)
{
	return shown_to(r, VAULT_REVEAL, token, placement, purpose, request);
}

bool vault_request_tell(struct vault_request *r, const char *token, struct uuid row, const char *purpose,
			struct uuid request)
{
	return shown_to(r, VAULT_TELL, token, row, purpose, request);
}

bool vault_request_tell_payee(struct vault_request *r, const char *token, struct uuid payee,
			      const char *purpose, struct uuid request)
{
	return shown_to(r, VAULT_TELL_PAYEE, token, payee, purpose, request);
}
