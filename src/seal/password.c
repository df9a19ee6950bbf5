#include "seal/password.h"

#include <errno.h>
#include <sodium.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "base/text.h"

/* What a missing account is compared with: today's costs, and no password behind it. */
#define NOBODY "$argon2id$v=19$m=19456,t=2,p=1$SGF2ZW4vbm9ib2R5L3NhbA$" \
	"dGhlcmUgaXMgbm8gcGFzc3dvcmQgYmVoaW5kIHRoaXM"

_Static_assert(PASSWORD_HASH_SIZE == crypto_pwhash_STRBYTES, "the size of libsodium's text form");
_Static_assert(PASSWORD_MEMORY_KIB == 19456 && PASSWORD_PASSES == 2, "NOBODY has today's costs");

enum { KIB = 1024 };

enum password_fault password_judge(const char *password)
{
	ptrdiff_t points = text_utf8_len(password, strlen(password));

	if (points < 0)
		return PASSWORD_NOT_TEXT;
	if (points < PASSWORD_POINTS_MIN)
		return PASSWORD_TOO_SHORT;
	return points > PASSWORD_POINTS_MAX ? PASSWORD_TOO_LONG : PASSWORD_FINE;
}

bool password_hash(const char *password, char out[PASSWORD_HASH_SIZE])
{
	return sodium_init() >= 0 &&
	       crypto_pwhash_str_alg(out, password, strlen(password), PASSWORD_PASSES,
				     (size_t)PASSWORD_MEMORY_KIB * KIB,
				     crypto_pwhash_ALG_ARGON2ID13) == 0;
}

static bool take(const char **at, const char *literal)
{
	size_t len = strlen(literal);

	if (strncmp(*at, literal, len) != 0)
		return false;
	*at += len;
	return true;
}

/* A number from 1 to max. */
static bool take_cost(const char **at, uint32_t max)
{
	uint32_t n = 0;

	for (; **at >= '0' && **at <= '9' && n <= max; (*at)++)
		n = n * 10 + (uint32_t)(**at - '0');
	return n >= 1 && n <= max;
}

/* The costs stand in the hash itself: one from a hostile hand could ask for gigabytes and hours. */
static bool bearable(const char *hash)
{
	return take(&hash, "$argon2id$v=19$m=") && take_cost(&hash, PASSWORD_MEMORY_KIB_MAX) &&
	       take(&hash, ",t=") && take_cost(&hash, PASSWORD_PASSES_MAX) && take(&hash, ",p=1$");
}

static enum password_result verify(const char *password, const char *hash)
{
	if (!bearable(hash) || strlen(hash) >= PASSWORD_HASH_SIZE || sodium_init() < 0)
		return PASSWORD_UNCHECKED;
	errno = 0;
	if (crypto_pwhash_str_verify(hash, password, strlen(password)) == 0)
		return PASSWORD_RIGHT;
	/* libsodium says EINVAL for a mismatch alone; lack of memory must not read as "wrong". */
	return errno == EINVAL ? PASSWORD_WRONG : PASSWORD_UNCHECKED;
}

enum password_result password_verify(const char *password, const char *hash)
{
	if (hash && *hash)
		return verify(password, hash);
	return verify(password, NOBODY) == PASSWORD_UNCHECKED ? PASSWORD_UNCHECKED : PASSWORD_WRONG;
}

bool password_outdated(const char *hash)
{
	return crypto_pwhash_str_needs_rehash(hash, PASSWORD_PASSES,
					      (size_t)PASSWORD_MEMORY_KIB * KIB) != 0;
}
