/* Passwords: the rule for choosing them, and argon2id over libsodium. Hashing costs some 25 ms of a
 * core and PASSWORD_MEMORY_KIB of memory: a worker never calls the last three functions itself, it
 * asks the vault (vault/client.h).
 */
#pragma once
#include <stdbool.h>

enum {
	/* OWASP Password Storage Cheat Sheet: argon2id, at least 19 MiB, two passes, one lane. */
	PASSWORD_MEMORY_KIB = 19456,
	PASSWORD_PASSES = 2,
	/* A stored hash that would cost more than this is refused unread. */
	PASSWORD_MEMORY_KIB_MAX = 65536,
	PASSWORD_PASSES_MAX = 4,

	PASSWORD_POINTS_MIN = 12,
	PASSWORD_POINTS_MAX = 128,
	PASSWORD_BYTES_MAX = 4 * PASSWORD_POINTS_MAX,
	PASSWORD_HASH_SIZE = 128,	/* text form with its NUL */
};

enum password_fault {
	PASSWORD_FINE,
	PASSWORD_TOO_SHORT,
	PASSWORD_TOO_LONG,
	PASSWORD_NOT_TEXT,	/* not valid UTF-8 */
};

/* Whether a new password may be chosen: 12 to 128 code points and nothing else; rules of
 * composition make passwords weaker (NCSC, "Password policy: updating your approach"). */
enum password_fault password_judge(const char *password);

enum password_result {
	PASSWORD_WRONG,
	PASSWORD_RIGHT,
	PASSWORD_UNCHECKED,	/* it is not known: no memory, or a damaged or too costly hash */
};

/* False where memory is short. */
bool password_hash(const char *password, char out[PASSWORD_HASH_SIZE])
	__attribute__((warn_unused_result));
/* hash NULL or "" stands for an account that does not exist: it costs the same work as a real one
 * and is always wrong, so the time taken does not tell who has an account. */
enum password_result password_verify(const char *password, const char *hash)
	__attribute__((warn_unused_result));
/* Whether the hash was made with other costs than today's, and should be made anew when the
 * password is next at hand. */
bool password_outdated(const char *hash);
