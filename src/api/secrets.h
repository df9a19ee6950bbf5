/* What a request asks of the vault before it writes: keyed hashes of people, and sealed values of
 * one subject (a household or a property). The plain values go nowhere else.
 *
 *	struct secrets *s = secrets_new(c, PARTY_SECRETS, change_store);
 *
 *	secrets_add_party(c, s, party);
 *	query_ahead(c, &SQL_HOUSEHOLD_KEY, id);
 *	return then(secrets_found);		for a new subject: secrets_of(s, …), then secrets_ask(c)
 *
 * change_store() then begins with secrets_store_key(). If two requests make the first key of a
 * subject at the same moment, one of them is refused there and runs again with the other's key.
 */
#pragma once
#include "api/resource.h"
#include "seal/blind.h"
#include "seal/seal.h"

struct secret {
	enum blind_purpose purpose;	/* a hash; 0: a value to seal */
	const char *name;
	int32_t birth;
	const char *member;		/* id, or NULL for a party */
	char exact[BLIND_SIZE], possible[BLIND_SIZE];
	enum seal_kind kind;		/* a value */
	const char *row, *plain;
	const char *sealed;		/* in hexadecimal */
};

/* Those of a request: ctx_secrets() has them in every later step. */
struct secrets {
	struct seal_owner owner;
	const char *subject, *organisation;	/* the owner's ids as text */
	bool wrapped_known;
	unsigned char wrapped[SEAL_WRAPPED];
	const char *new_key;		/* in hexadecimal; NULL: the subject has a key already */
	struct secret *list;
	size_t n, at;
	step *after;
};

/* Makes room for `most` secrets. `after` runs once the vault has answered them all. */
struct secrets *secrets_new(struct ctx *c, size_t most, step *after);
/* Adds a value to be sealed for that row. */
void secrets_seal(struct secrets *s, enum seal_kind kind, const char *row, const char *plain);
/* Adds the hashes of name and date, in both forms of the name; member may be NULL. Of a name that tells of
 * nobody (seal/name.h) nothing is added. */
void secrets_hash(struct secrets *s, enum blind_purpose purpose, const char *name, int32_t birth,
		  const char *member);
/* Adds the hashes by which conflicts are found (seal/blind.h): BLIND_BIRTHS at most. */
void secrets_hash_births(struct secrets *s, enum blind_purpose purpose, enum blind_side side,
			 const char *name, const char *birth_date, const char *member);
/* The day, or DAY_NONE for NULL. */
int32_t secrets_birth(const char *birth_date);

/* Names the subject, which is new and has no key yet. */
void secrets_of(struct secrets *s, enum seal_subject kind, const char *id,
		const char *organisation);
/* Names the subject by row 0 of a statement with subject_kind, subject, organisation, wrapped and
 * destroyed, which query_ahead() asked; then asks the vault. 404 without a row. */
step secrets_found;
/* Asks the vault for one secret after the other, then goes on with `after`. 503 if the vault does
 * not answer. */
step secrets_ask;

/* The answer where the vault was to show something and did not; `spent`: where the caller has seen as much as
 * anybody may in a day. */
struct reply not_shown(struct ctx *c, enum problem spent);

/* Adds the statement that stores a new key. Call it before any sealed value is stored. */
void secrets_store_key(struct ctx *c, const struct secrets *s);
/* [{id, sealed}] of a kind; NULL if there is none. */
const char *secrets_sealed(struct ctx *c, const struct secrets *s, enum seal_kind kind);
/* [{member, purpose, form, hash}], two of each name and birth; NULL if there is none. A name alone has the form
 * "name". */
const char *secrets_hashes(struct ctx *c, const struct secrets *s);
