#include "audit/head.h"

#include <inttypes.h>
#include <sodium.h>
#include <stdio.h>
#include <string.h>

#include "base/text.h"

#define VERSION "haven audit head 1"
#define LINE "haven-head 1"

enum {
	VERSION_LEN = sizeof(VERSION) - 1,
	MESSAGE = VERSION_LEN + 4 * 8 + 2 * AUDIT_HASH,
	NUMBERS = 4,
	WORD = 2 * AUDIT_SIGNATURE + 1,
};

_Static_assert(AUDIT_KEY == crypto_sign_PUBLICKEYBYTES && AUDIT_SECRET == crypto_sign_SECRETKEYBYTES &&
	       AUDIT_SIGNATURE == crypto_sign_BYTES && VAULT_KEY_BYTES == crypto_sign_SEEDBYTES,
	       "Ed25519 as libsodium has it");

void audit_key_derive(const struct vault_keys *keys, unsigned char public_key[AUDIT_KEY],
		      unsigned char secret[AUDIT_SECRET])
{
	unsigned char seed[VAULT_KEY_BYTES];

	/* of the key that is never rotated: one public key checks heads of all times */
	vault_keys_derive(keys, VAULT_INDEX, "HavenAud", 1, seed);
	crypto_sign_seed_keypair(public_key, secret, seed);
	sodium_memzero(seed, sizeof(seed));
}

static unsigned char *put_number(unsigned char *to, int64_t n)
{
	for (int i = 0; i < 8; i++)
		*to++ = (unsigned char)((uint64_t)n >> 8 * i);
	return to;
}

static void compose(const struct audit_head *head, unsigned char message[MESSAGE])
{
	unsigned char *to = message + VERSION_LEN;

	memcpy(message, VERSION, VERSION_LEN);	/* NOLINT(bugprone-not-null-terminated-result): bytes */
	to = put_number(to, head->number);
	to = put_number(to, head->at);
	to = put_number(to, head->links);
	to = put_number(to, head->horizon);
	memcpy(to, head->chains, AUDIT_HASH);
	memcpy(to + AUDIT_HASH, head->previous, AUDIT_HASH);
}

void audit_head_sign(struct audit_head *head, const unsigned char secret[AUDIT_SECRET])
{
	unsigned char message[MESSAGE];

	compose(head, message);
	crypto_sign_detached(head->signature, NULL, message, sizeof(message), secret);
}

bool audit_head_genuine(const struct audit_head *head, const unsigned char public_key[AUDIT_KEY])
{
	unsigned char message[MESSAGE];

	compose(head, message);
	return crypto_sign_verify_detached(head->signature, message, sizeof(message), public_key) == 0;
}

void audit_head_digest(const struct audit_head *head, unsigned char out[AUDIT_HASH])
{
	unsigned char all[MESSAGE + AUDIT_SIGNATURE];

	compose(head, all);
	memcpy(all + MESSAGE, head->signature, AUDIT_SIGNATURE);
	crypto_generichash(out, AUDIT_HASH, all, sizeof(all), NULL, 0);
}

bool audit_head_equal(const struct audit_head *a, const struct audit_head *b)
{
	unsigned char one[AUDIT_HASH], other[AUDIT_HASH];

	audit_head_digest(a, one);
	audit_head_digest(b, other);
	return memcmp(one, other, AUDIT_HASH) == 0;
}

/* ---- as a line ---- */

void audit_head_format(const struct audit_head *head, char out[AUDIT_HEAD_LINE])
{
	char chains[2 * AUDIT_HASH + 1], previous[2 * AUDIT_HASH + 1], signature[WORD];

	sodium_bin2hex(chains, sizeof(chains), head->chains, AUDIT_HASH);
	sodium_bin2hex(previous, sizeof(previous), head->previous, AUDIT_HASH);
	sodium_bin2hex(signature, sizeof(signature), head->signature, AUDIT_SIGNATURE);
	snprintf(out, AUDIT_HEAD_LINE,
		 LINE " %" PRId64 " %" PRId64 " %" PRId64 " %" PRId64 " %s %s %s", head->number,
		 head->at, head->links, head->horizon, chains, previous, signature);
}

/* The next word, without the blank before it; false where it is too long or there is none. */
static bool word_take(const char **at, char word[WORD])
{
	size_t len;

	if (**at != ' ')
		return false;
	len = strcspn(++*at, " \r\n");
	if (len == 0 || len >= WORD)
		return false;
	memcpy(word, *at, len);
	word[len] = '\0';
	*at += len;
	return true;
}

static bool bytes_take(const char **at, unsigned char *out, size_t n)
{
	char word[WORD];
	size_t got;

	return word_take(at, word) && strlen(word) == 2 * n &&
	       sodium_hex2bin(out, n, word, 2 * n, NULL, &got, NULL) == 0 && got == n;
}

static bool number_take(const char **at, int64_t *n)
{
	char word[WORD];

	return word_take(at, word) && text_to_i64(word, n) && *n >= 0;
}

bool audit_head_parse(const char *line, struct audit_head *head)
{
	int64_t *const numbers[NUMBERS] = { &head->number, &head->at, &head->links, &head->horizon };

	if (strncmp(line, LINE, sizeof(LINE) - 1) != 0)
		return false;
	line += sizeof(LINE) - 1;
	for (int i = 0; i < NUMBERS; i++)
		if (!number_take(&line, numbers[i]))
			return false;
	return bytes_take(&line, head->chains, AUDIT_HASH) &&
	       bytes_take(&line, head->previous, AUDIT_HASH) &&
	       bytes_take(&line, head->signature, AUDIT_SIGNATURE) &&
	       line[strspn(line, "\r\n")] == '\0';
}
