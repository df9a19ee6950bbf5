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

static bool hash_sound(const char *hash)
{
	for (; *hash; hash++)
		if (*hash <= ' ' || *hash > '~')
			return false;
	return true;
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

/* Whether nothing is set that only sealing needs. */
static bool placeless(const struct vault_request *r)
{
	return zero(&r->place, sizeof(r->place)) && zero(r->wrapped, sizeof(r->wrapped));
}

/* Whether nothing is set that only a reveal needs. */
static bool hidden(const struct vault_request *r)
{
	return zero(&r->placement, sizeof(r->placement)) && zero(&r->request, sizeof(r->request));
}

static bool reveal_sound(const struct vault_request *r)
{
	return placeless(r) && *r->hash && hash_sound(r->hash) && hash_sound(r->text) &&
	       text_sound(r->text, VAULT_TOKEN_MAX);
}

bool request_sound(const struct vault_request *r)
{
	bool bare = r->purpose == 0 && r->birth == 0;

	if (r->op == VAULT_REVEAL)
		return bare && reveal_sound(r);
	if (r->op == VAULT_SEAL)
		return bare && !*r->hash && hidden(r) && seal_place_ok(&r->place) &&
		       text_sound(r->text, SEAL_TEXT_MAX);
	if (!placeless(r) || !hidden(r) || !text_sound(r->text, VAULT_TEXT_MAX) || !hash_sound(r->hash))
		return false;
	switch (r->op) {
	case VAULT_PASSWORD_VERIFY:
		return bare;
	case VAULT_PASSWORD_HASH:
		return bare && !*r->hash;
	case VAULT_BLIND_INDEX:
		return r->purpose >= BLIND_PERSON && r->purpose <= BLIND_LINK && !*r->hash &&
		       birth_sound(r->birth);
	case VAULT_SEAL:
	case VAULT_REVEAL:
		break;
	}
	return false;
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

bool vault_request_verify(struct vault_request *r, const char *password, const char *hash)
{
	*r = (struct vault_request){ .op = VAULT_PASSWORD_VERIFY };
	return keep_if(r, fill(r->text, sizeof(r->text), password) &&
			  fill(r->hash, sizeof(r->hash), hash ? hash : ""));
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

/* Member by member: what lies between them stays zero. */
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

bool vault_request_reveal(struct vault_request *r, const char *token, struct uuid placement,
			  const char *purpose, struct uuid request)
{
	*r = (struct vault_request){ .op = VAULT_REVEAL, .placement = placement, .request = request };
	return keep_if(r, fill(r->text, sizeof(r->text), token) &&
			  fill(r->hash, sizeof(r->hash), purpose));
}
