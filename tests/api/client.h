/* Signing in with a password, for the tests of this layer. */
#pragma once
#include "service.h"

#define PASSWORD "a kettle of fish 42"

/* Gives an account of the seed the password above, hashed as the vault does. */
void give_password(const char *username);
struct answer sign_in(const char *username, const char *password);
/* Signs in by the page's form; headers are additional lines. */
struct answer sign_in_page(const char *username, const char *password, const char *headers);
/* The token of a sign-in that must work. */
const char *signed_in(const char *username);
/* "Authorization: Bearer …\r\n" */
const char *bearer(const char *token);
/* "Cookie: haven=…\r\n" with the cookie that an answer set. */
const char *cookie_of(const struct answer *a);
/* Status of GET /api/v1/sessions/current with these header lines. */
int who(const char *headers);
/* Changes the password of the person who is signed in with the token. */
struct answer change_password(const char *token, const char *old, const char *new);
