#include "seal/token.h"

#include <sodium.h>
#include <string.h>

void token_hash(const char *token, char out[TOKEN_HASH])
{
	unsigned char digest[32];

	crypto_generichash(digest, sizeof(digest), (const unsigned char *)token, strlen(token), NULL, 0);
	sodium_bin2hex(out, TOKEN_HASH, digest, sizeof(digest));
}
