/* What a worker may ask of the vault, and what comes back. Build a request with one of the three
 * functions, hand it to vault_ask() (vault/client.h), which wipes it.
 */
#pragma once
#include <stdbool.h>
#include <stdint.h>

#include "vault/blind.h"
#include "vault/password.h"

enum {
	VAULT_TEXT_MAX = 512,	/* bytes of a password or a name */
};

/* Numbers on the wire. */
enum vault_op {
	VAULT_PASSWORD_VERIFY = 1,
	VAULT_PASSWORD_HASH = 2,
	VAULT_BLIND_INDEX = 3,
};

struct vault_request {
	enum vault_op op;
	enum blind_purpose purpose;		/* blind index; else 0 */
	int32_t birth;				/* blind index; else 0 */
	char text[VAULT_TEXT_MAX + 1];		/* password or name */
	char hash[PASSWORD_HASH_SIZE];		/* verify; "" for an account that does not exist */
};

/* Numbers on the wire. */
enum vault_status {
	VAULT_OK,		/* the password is right, or the hash or index was made */
	VAULT_WRONG,		/* the password is wrong, or there is no such account */
	VAULT_REFUSED,		/* the vault will not do it: a fault of the asker */
	VAULT_UNAVAILABLE,	/* nobody looked (time, queue, memory): 503, ask again later */
};

struct vault_answer {
	enum vault_status status;
	/* The new password hash, or the blind index. For a right password: empty, or a fresh hash
	 * to store in place of the old one, whose costs are outdated. */
	char text[PASSWORD_HASH_SIZE];
};

/* Each is false, leaving *r empty, where an argument is empty, too long or not UTF-8. The judgement
 * on a new password is the caller's (password_judge()). hash NULL: no such account. */
bool vault_request_verify(struct vault_request *r, const char *password, const char *hash)
	__attribute__((warn_unused_result));
bool vault_request_hash(struct vault_request *r, const char *password)
	__attribute__((warn_unused_result));
bool vault_request_blind(struct vault_request *r, enum blind_purpose purpose, const char *name,
			 int32_t birth) __attribute__((warn_unused_result));
