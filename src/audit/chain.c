#include "audit/chain.h"

#include <sodium.h>
#include <string.h>

#include "base/date.h"
#include "base/text.h"

const char *const audit_column_names[AUDIT_COLUMNS] = {
	"id", "at", "xid", "account_id", "organisation_id", "request_id",
	"action", "subject_kind", "subject_id", "household_id", "detail",
	"case_organisation_id",
};

static void put_number(crypto_generichash_state *state, int64_t n)
{
	unsigned char bytes[8];

	for (int i = 0; i < 8; i++)
		bytes[i] = (unsigned char)((uint64_t)n >> 8 * i);
	crypto_generichash_update(state, bytes, sizeof(bytes));
}

static void begin(crypto_generichash_state *state, const char *version)
{
	crypto_generichash_init(state, NULL, 0, AUDIT_HASH);
	crypto_generichash_update(state, (const unsigned char *)version, strlen(version));
}

/* ---- values as PostgreSQL writes them ---- */

bool audit_instant(const char *text, int64_t *us)
{
	char iso[40];
	size_t len = strlen(text);

	if (len < 22 || len + 3 >= sizeof(iso) || text[10] != ' ' || strcmp(text + len - 3, "-00") == 0)
		return false;
	memcpy(iso, text, len + 1);
	iso[10] = 'T';
	/* whole hours of offset come without minutes */
	if (text[len - 3] == '+' || text[len - 3] == '-')
		memcpy(iso + len, ":00", 4);
	return instant_parse(iso, us);
}

bool audit_bytes(const struct audit_field *field, unsigned char *out, size_t n)
{
	size_t got;

	return field->text && field->len == 2 + 2 * n && memcmp(field->text, "\\x", 2) == 0 &&
	       sodium_hex2bin(out, n, field->text + 2, 2 * n, NULL, &got, NULL) == 0 && got == n;
}

/* ---- events ---- */

/* Rows about a household stay together, else those about a subject, else those of a person. */
static int chain_of(const struct audit_field *fields)
{
	static const enum audit_column first[] = { AUDIT_HOUSEHOLD, AUDIT_SUBJECT, AUDIT_ACCOUNT };
	unsigned char digest[crypto_generichash_BYTES_MIN];

	for (size_t i = 0; i < sizeof(first) / sizeof(*first); i++) {
		const struct audit_field *f = &fields[first[i]];

		if (!f->text)
			continue;
		crypto_generichash(digest, sizeof(digest), (const unsigned char *)f->text, f->len,
				   NULL, 0);
		return digest[0] % AUDIT_CHAINS;
	}
	return 0;
}

static void put_field(crypto_generichash_state *state, const struct audit_field *f)
{
	unsigned char there = f->text != NULL;

	crypto_generichash_update(state, &there, 1);
	if (!there)
		return;
	put_number(state, (int64_t)f->len);
	crypto_generichash_update(state, (const unsigned char *)f->text, f->len);
}

static void put_number_field(crypto_generichash_state *state, int64_t n)
{
	crypto_generichash_update(state, (const unsigned char *)"\1", 1);
	put_number(state, sizeof(n));
	put_number(state, n);
}

static void digest_event(const struct audit_field *fields, struct audit_event *e)
{
	crypto_generichash_state state;

	begin(&state, "haven audit event 2");
	put_number_field(&state, e->id);
	put_number_field(&state, e->at);
	put_number_field(&state, e->xid);
	for (int i = AUDIT_XID + 1; i < AUDIT_COLUMNS; i++)
		put_field(&state, &fields[i]);
	crypto_generichash_final(&state, e->digest, AUDIT_HASH);
}

bool audit_event_read(const struct audit_field fields[AUDIT_COLUMNS], struct audit_event *event)
{
	if (!fields[AUDIT_ID].text || !text_to_i64(fields[AUDIT_ID].text, &event->id) ||
	    !fields[AUDIT_AT].text || !audit_instant(fields[AUDIT_AT].text, &event->at) ||
	    !fields[AUDIT_XID].text || !text_to_i64(fields[AUDIT_XID].text, &event->xid))
		return false;
	event->chain = chain_of(fields);
	digest_event(fields, event);
	return true;
}

/* ---- chains ---- */

void audit_link_hash(struct audit_link *link, const unsigned char before[AUDIT_HASH],
		     const unsigned char event[AUDIT_HASH])
{
	crypto_generichash_state state;

	begin(&state, "haven audit link 1");
	crypto_generichash_update(&state, before, AUDIT_HASH);
	put_number(&state, link->seq);
	put_number(&state, link->chain);
	put_number(&state, link->position);
	crypto_generichash_update(&state, event, AUDIT_HASH);
	crypto_generichash_final(&state, link->hash, AUDIT_HASH);
}

void audit_chains_append(struct audit_chains *chains, const struct audit_event *event,
			 struct audit_link *link)
{
	int c = event->chain;

	link->event = event->id;
	link->chain = c;
	link->position = ++chains->position[c];
	audit_link_hash(link, chains->hash[c], event->digest);
	memcpy(chains->hash[c], link->hash, AUDIT_HASH);
}

void audit_chains_digest(const struct audit_chains *chains, unsigned char out[AUDIT_HASH])
{
	crypto_generichash_state state;

	begin(&state, "haven audit chains 1");
	for (int c = 0; c < AUDIT_CHAINS; c++) {
		put_number(&state, chains->position[c]);
		crypto_generichash_update(&state, chains->hash[c], AUDIT_HASH);
	}
	crypto_generichash_final(&state, out, AUDIT_HASH);
}
