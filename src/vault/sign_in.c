#include "sign_in.h"

#include <sodium.h>
#include <string.h>

#include "base/arena.h"
#include "base/text.h"
#include "database.h"
#include "seal/token.h"
#include "sql.h"

/* The caller, as one request shows them. */
struct caller {
	struct vault_db *db;
	struct arena *arena;
	const struct vault_request *asked;
	const char *request, *name, *account, *stored;
	bool stale;	/* the account changed after it was looked at, and nothing was done */
};

static enum vault_status wrong(const struct caller *c)
{
	enum vault_status status;

	if (!vault_db_ask(c->db, c->arena, &status, &SQL_SIGN_IN_WRONG, c->name, c->account, c->request))
		return status;
	return VAULT_WRONG;
}

/* VAULT_OK: it is the account's password. */
static enum vault_status check(const struct caller *c, bool locked)
{
	if (locked)
		return VAULT_LOCKED;
	switch (password_verify(c->asked->text, c->stored)) {
	case PASSWORD_WRONG:
		return wrong(c);
	case PASSWORD_UNCHECKED:
		return VAULT_UNAVAILABLE;
	case PASSWORD_RIGHT:
		break;
	}
	return c->account ? VAULT_OK : VAULT_UNAVAILABLE;
}

/* 256 random bits; the database gets only a hash of their hash. */
static void make_token(char token[TOKEN_HASH])
{
	unsigned char bytes[32];

	randombytes_buf(bytes, sizeof(bytes));
	sodium_bin2hex(token, TOKEN_HASH, bytes, sizeof(bytes));
	sodium_memzero(bytes, sizeof(bytes));
}

/* A hash at today's costs, where the stored one is outdated; without it the password is right all
 * the same. */
static const char *renewed(const struct caller *c)
{
	char *hash = arena_alloc(c->arena, PASSWORD_HASH_SIZE);

	if (!password_outdated(c->stored) || !password_hash(c->asked->text, hash))
		*hash = '\0';
	return hash;
}

/* The outcome of a statement that acts only on the account as it was read: b, or NULL with its
 * status. */
static enum vault_status acted(struct caller *c, const struct batch *b, enum vault_status status)
{
	if (!b)
		return status;
	c->stale = !text_eq(batch_value(b, 0, 0, "done"), "t");
	return c->stale ? VAULT_WRONG : VAULT_OK;
}

static enum vault_status open_session(struct caller *c, char token[TOKEN_HASH])
{
	const struct batch *b;
	enum vault_status status;
	char hash[TOKEN_HASH];

	make_token(token);
	token_hash(token, hash);
	b = vault_db_ask(c->db, c->arena, &status, &SQL_SIGN_IN_OPEN, c->name, c->account, c->stored, renewed(c), hash, c->request);
	return acted(c, b, status);
}

static void sign_in(struct caller *c, struct vault_answer *answer)
{
	const struct batch *b;

	c->name = c->asked->other;
	b = vault_db_ask(c->db, c->arena, &answer->status, &SQL_SIGN_IN_LOOK, c->name);
	if (!b)
		return;
	c->account = batch_value(b, 0, 0, "account");
	c->stored = batch_value(b, 0, 0, "password_hash");
	answer->status = check(c, text_eq(batch_value(b, 0, 0, "locked"), "t"));
	if (answer->status == VAULT_OK)
		answer->status = open_session(c, answer->text);
	if (answer->status != VAULT_OK)
		sodium_memzero(answer->text, sizeof(answer->text));
}

static enum vault_status store(struct caller *c, const char *token)
{
	char *hash = arena_alloc(c->arena, PASSWORD_HASH_SIZE);
	const struct batch *b;
	enum vault_status status;

	if (!password_hash(c->asked->other, hash))
		return VAULT_UNAVAILABLE;
	b = vault_db_ask(c->db, c->arena, &status, &SQL_PASSWORD_CHANGE, token, c->stored, hash, c->request);
	return acted(c, b, status);
}

static void change_password(struct caller *c, struct vault_answer *answer)
{
	const struct batch *b;
	char token[TOKEN_HASH];

	token_hash(c->asked->token, token);
	b = vault_db_ask(c->db, c->arena, &answer->status, &SQL_PASSWORD_LOOK, token, c->request);
	if (!b)
		return;
	c->account = batch_value(b, 0, 0, "account");
	c->name = batch_value(b, 0, 0, "name");
	c->stored = batch_value(b, 0, 0, "password_hash");
	answer->status = check(c, text_eq(batch_value(b, 0, 0, "locked"), "t"));
	if (answer->status == VAULT_OK)
		answer->status = store(c, token);
}

static void attempt(struct caller *c, struct vault_answer *answer)
{
	c->stale = false;
	if (c->asked->op == VAULT_SIGN_IN)
		sign_in(c, answer);
	else
		change_password(c, answer);
}

void sign_in_answer(const struct vault_request *request, struct vault_answer *answer, void *db)
{
	struct arena *a = arena_new();
	struct caller c = { .db = db, .arena = a, .asked = request, .request = uuid_text(a, request->request) };

	attempt(&c, answer);
	/* Another request may only have renewed the hash: the password is checked once more, as
	 * if it came now. */
	if (c.stale)
		attempt(&c, answer);
	arena_free(a);
}
