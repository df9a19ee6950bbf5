/* The sealed audit trail. Rows of audit.event are written as they always were: no lock, no hash, no
 * wait in a request. A moment later the sealer (audit/sealer.h), which alone holds the signing key,
 * appends a link for each committed row, and signs a head each minute.
 *
 *	audit.event	what happened; written by triggers and requests
 *	audit.link	seq 1, 2, 3, …: event, chain, position in the chain, hash
 *	audit.head	number 1, 2, 3, …: time, links so far, all chains in one digest, the head before,
 *			signature
 *
 * Why links beside the events and not a hash in each: a hash that is written with its event makes
 * every request wait for the one before it (one chain caps at some 2,200 rows a second), and the
 * workers would have to be trusted with it. What is given up is the time between commit and link,
 * a second, and between link and head, a minute: the owner of the database may change what is not
 * yet signed.
 *
 * Why 64 chains: rows about one subject are in one chain, so that they can be handed over and
 * checked without the rows about anybody else. The order over all chains is seq.
 *
 * Why plain hashes: a check needs no secret, so an auditor can make it, and so can the other
 * organisation that keeps the heads, also from a dump on a machine without network. Only a head
 * cannot be made without the key.
 *
 * Everything here is one form of bytes: numbers are little-endian, eight bytes where nothing else
 * is said, hashes are BLAKE2b-256. A change of the form is a new version of the text that each
 * begins with.
 */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
	AUDIT_CHAINS = 64,
	AUDIT_HASH = 32,
};

/* The columns of audit.event in the order in which they are sealed; a test holds them against the
 * table. */
enum audit_column {
	AUDIT_ID, AUDIT_AT, AUDIT_XID, AUDIT_ACCOUNT, AUDIT_ORGANISATION, AUDIT_REQUEST,
	AUDIT_ACTION, AUDIT_SUBJECT_KIND, AUDIT_SUBJECT, AUDIT_HOUSEHOLD, AUDIT_DETAIL,
	AUDIT_CASE_ORGANISATION,
	AUDIT_COLUMNS
};
extern const char *const audit_column_names[AUDIT_COLUMNS];

/* A value as PostgreSQL writes it; text is NULL for SQL NULL, else NUL-terminated and without NUL
 * within. */
struct audit_field {
	const char *text;
	size_t len;
};

/* What remains of an event once it is read. */
struct audit_event {
	int64_t id, at, xid;	/* at: microseconds since the epoch */
	int chain;
	/* Of "haven audit event 2", then for each column a byte 0 (NULL) or 1 and, after a 1,
	 * the length in eight bytes and the value: id, at and xid as numbers, the rest as
	 * their text. */
	unsigned char digest[AUDIT_HASH];
};

/* False where id, time or transaction cannot be read: no event of ours. */
bool audit_event_read(const struct audit_field fields[AUDIT_COLUMNS], struct audit_event *event)
	__attribute__((warn_unused_result));
/* "2026-11-22 07:04:46.123456+00", as PostgreSQL writes it in any zone. */
bool audit_instant(const char *text, int64_t *us) __attribute__((warn_unused_result));
/* "\x0123…" of exactly n bytes. */
bool audit_bytes(const struct audit_field *field, unsigned char *out, size_t n)
	__attribute__((warn_unused_result));

struct audit_link {
	int64_t seq, event, chain, position;	/* position from 1 */
	unsigned char hash[AUDIT_HASH];
};

/* The last link of every chain; position 0 and a hash of zeros where there is none. */
struct audit_chains {
	int64_t position[AUDIT_CHAINS];
	unsigned char hash[AUDIT_CHAINS][AUDIT_HASH];
};

/* Works out link->hash: of "haven audit link 1", the hash of the link before it in its chain, seq,
 * chain, position, and the digest of its event. */
void audit_link_hash(struct audit_link *link, const unsigned char before[AUDIT_HASH],
		     const unsigned char event[AUDIT_HASH]);
/* Appends the event to its chain and fills the link, whose seq is given. */
void audit_chains_append(struct audit_chains *chains, const struct audit_event *event,
			 struct audit_link *link);
/* The digest of "haven audit chains 1" and of position and hash of every chain in turn. */
void audit_chains_digest(const struct audit_chains *chains, unsigned char out[AUDIT_HASH]);
