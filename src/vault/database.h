/* The vault's connection to its database: made when it is first needed and again when it is lost,
 * used by one thread at a time. */
#pragma once
#include "db/batch.h"
#include "vault/request.h"

struct vault_db;

/* conninfo is of the vault's role; copied. `what` names the connection in the log. */
struct vault_db *vault_db_new(const char *what, const char *conninfo);
/* Takes NULL. */
void vault_db_free(struct vault_db *d);

/* Runs one statement in a transaction of its own. The batch with its rows, committed; or NULL
 * with *status: VAULT_NO_SESSION (HV401), VAULT_REFUSED (the schema does not take a value), or
 * VAULT_UNAVAILABLE where the database did not answer, or it is not known whether it committed. */
const struct batch *vault_db_exec(struct vault_db *d, struct arena *a, enum vault_status *status,
			      const struct sql *sql, int n, const char *const *params);
/* vault_db_ask(d, a, &status, &SQL_X, first, second). */
#define vault_db_ask(d, a, status, sql, ...)                                                           \
	vault_db_exec((d), (a), (status), (sql),                                                       \
		  (int)(sizeof((const char *const[]){ 0, __VA_ARGS__ }) / sizeof(char *)) - 1,     \
		  (const char *const[]){ 0, __VA_ARGS__ } + 1)

const char *uuid_text(struct arena *a, struct uuid u);
