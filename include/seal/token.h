/* Session tokens as the database knows them: workers look sessions up by this form. The vault is
 * handed the token itself, and works the form out again. */
#pragma once

enum { TOKEN_HASH = 65 };	/* 64 hexadecimal digits and NUL */

/* BLAKE2b-256 of the token. */
void token_hash(const char *token, char out[TOKEN_HASH]);
