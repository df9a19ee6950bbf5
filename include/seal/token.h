/* Session tokens as the database knows them: workers look sessions up by this form, and the vault, which
 * is handed the token itself, works it out again. */
#pragma once

enum { TOKEN_HASH = 65 };	/* 64 hexadecimal digits and NUL */

/* BLAKE2b-256 of the token. */
void token_hash(const char *token, char out[TOKEN_HASH]);
