/* The requests of a worker to the vault, and their answers. Build a request with one of the
 * functions, hand it to vault_ask() (vault/client.h), which wipes it.
 */
#pragma once
#include <stdbool.h>
#include <stdint.h>

#include "seal/blind.h"
#include "seal/password.h"
#include "seal/seal.h"

enum {
	VAULT_TEXT_MAX = 512,	/* bytes of a password or a name */
	VAULT_TOKEN_MAX = 128,	/* bytes of a session's token */
	VAULT_ANSWER_TEXT = 136,	/* a password's hash, or two blind indexes, with NUL */
};

/* Numbers on the wire. */
enum vault_op {
	VAULT_SIGN_IN = 1,
	VAULT_PASSWORD_HASH = 2,	/* of a new account */
	VAULT_BLIND_INDEX = 3,
	VAULT_SEAL = 4,
	VAULT_REVEAL = 5,
	VAULT_PASSWORD_CHANGE = 6,
	VAULT_TELL = 7,
	VAULT_TELL_PAYEE = 8,
};

/* Members that an operation does not use are 0, or "". */
struct vault_request {
	enum vault_op op;
	enum blind_purpose purpose;		/* blind index */
	int32_t birth;				/* blind index */
	struct seal_place place;		/* seal */
	struct uuid target;			/* reveal: the placement; tell: the row that is sealed */
	struct uuid request;			/* reveal, tell, sign-in, password change */
	unsigned char wrapped[SEAL_WRAPPED];	/* seal: the subject's data key; 0: make one */
	char text[SEAL_TEXT_MAX + 1];		/* password (of a change the present one), name, or
						 * what is sealed */
	char other[VAULT_TEXT_MAX + 1];		/* sign-in: username; password change: the new one;
						 * reveal, tell: what for, a code of reveal_purpose,
						 * reading_purpose or payee_purpose */
	char token[VAULT_TOKEN_MAX + 1];	/* reveal, tell, password change: the session's */
};

/* Numbers on the wire. */
enum vault_status {
	VAULT_OK,		/* signed in, changed, hashed, indexed, sealed or revealed */
	VAULT_WRONG,		/* the password is wrong, or there is no such account; there is
				 * nothing that this person may be shown */
	VAULT_REFUSED,		/* the vault will not do it: a fault of the caller */
	VAULT_UNAVAILABLE,	/* not decided (time, queue, memory, database): 503, ask again
				 * later */
	VAULT_NO_SESSION,	/* nobody is signed in with this token */
	VAULT_SPENT,		/* reveal, tell: as many addresses, or cases, as anybody may see in a day */
	VAULT_LOCKED,		/* sign-in, password change: too many wrong passwords of late */
};

struct vault_answer {
	enum vault_status status;
	/* The password's hash, the blind indexes (64 hexadecimal digits of the exact form, 64 of the
	 * possible one), or the new session's token (64).
	 * Of a reveal or a tell: from when until when it may be shown,
	 * "2026-11-22T02:14:00Z/2026-11-22T02:15:00Z". */
	char text[VAULT_ANSWER_TEXT];
	/* Of a sealed value: its bytes, and the wrapped data key where a new one was made, else
	 * 0. */
	size_t sealed_len;
	unsigned char sealed[SEAL_SEALED_MAX];
	unsigned char wrapped[SEAL_WRAPPED];
	char plain[SEAL_TEXT_MAX + 1];	/* what was revealed or told: the JSON that was sealed; else "" */
};

/* Each is false, leaving *r empty, where an argument is empty, too long or not UTF-8. The caller
 * judges a new password first (password_judge()). */
/* `request` goes into the audit trail with the outcome. */
bool vault_request_sign_in(struct vault_request *r, const char *username, const char *password,
			   struct uuid request) __attribute__((warn_unused_result));
/* For the session's own account. Wrong passwords count as at sign-in. */
bool vault_request_password(struct vault_request *r, const char *token, const char *present,
			    const char *new_password, struct uuid request)
	__attribute__((warn_unused_result));
bool vault_request_hash(struct vault_request *r, const char *password)
	__attribute__((warn_unused_result));
bool vault_request_blind(struct vault_request *r, enum blind_purpose purpose, const char *name,
			 int32_t birth) __attribute__((warn_unused_result));
/* wrapped is the subject's data key as the database has it, or NULL where it has none yet: then one
 * is made, and all further values of the subject must be sealed with that one. False also where the
 * text is longer than any value, or its kind has no such subject. */
bool vault_request_seal(struct vault_request *r, const struct seal_place *place,
			const unsigned char wrapped[SEAL_WRAPPED], const char *text)
	__attribute__((warn_unused_result));
/* The address of the placement's property, for the person of the session. token is as the client
 * sent it: the vault hashes it itself, so a taken-over worker can ask only for people who are
 * there. */
bool vault_request_reveal(struct vault_request *r, const char *token, struct uuid placement,
			  const char *purpose, struct uuid request)
	__attribute__((warn_unused_result));
/* What is sealed about a case in that row, for the person of the session. The rest is as above. */
bool vault_request_tell(struct vault_request *r, const char *token, struct uuid row, const char *purpose,
			struct uuid request) __attribute__((warn_unused_result));
/* The bank details of a payee, for the person of the session, who pays. */
bool vault_request_tell_payee(struct vault_request *r, const char *token, struct uuid payee,
			      const char *purpose, struct uuid request)
	__attribute__((warn_unused_result));
