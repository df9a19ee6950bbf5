#include "database.h"

#include <criterion/criterion.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/uuid.h"
#include "db/sync.h"

static char *name, *conninfo;

static struct arena *memory(void)
{
	static struct arena *a;

	if (!a)
		a = arena_new();
	return a;
}

static const char *server(void)
{
	const char *given = getenv("HAVEN_TEST_PG");

	cr_assert(given, "HAVEN_TEST_PG is not set: these tests need a PostgreSQL server");
	return arena_printf(memory(), "%s dbname=postgres", given);
}

static const char *ask(const char *where, const char *statement)
{
	const struct sql sql = { .name = "test", .text = statement };
	const char *error;
	struct db_sync *s = db_sync_open(memory(), where, &error);
	struct batch *b;

	cr_assert(s, "connecting: %s", error);
	b = db_sync_query(s, memory(), &sql);
	cr_assert(batch_outcome(b) == DB_OK, "%s: %s", statement, batch_debug(b));
	db_sync_close(s);
	if (batch_columns(b, 0) == 0 || batch_rows(b, 0) == 0)
		return NULL;
	return batch_value_at(b, 0, 0, 0);
}

const char *fresh_database(const char *template)
{
	uint32_t nonce;

	random_bytes(&nonce, sizeof(nonce));
	name = arena_printf(memory(), "haven_test_%08x", nonce);
	ask(server(), arena_printf(memory(), "CREATE DATABASE %s TEMPLATE %s", name,
				   template ? template : "template1"));
	conninfo = arena_printf(memory(), "%s dbname=%s", getenv("HAVEN_TEST_PG"), name);
	return conninfo;
}

static const char *sessions(void)
{
	return arena_printf(memory(), "SELECT count(*) FROM pg_stat_activity WHERE datname = '%s' "
			    "AND usename <> current_user", name);
}

void drop_database(void)
{
	/* Sessions of the worker's role end a moment after the worker; only its own may end them. */
	for (int i = 0; name && i < 500 && strcmp(ask(server(), sessions()), "0") != 0; i++)
		usleep(10000);
	if (name)
		ask(server(), arena_printf(memory(), "DROP DATABASE %s WITH (FORCE)", name));
	name = NULL;
}

const char *database_ask(const char *statement)
{
	cr_assert(conninfo, "no database: call fresh_database() first");
	return ask(conninfo, statement);
}

const char *sql(const char *fmt, ...)
{
	const char *answer;
	char *statement;
	va_list ap;

	va_start(ap, fmt);
	cr_assert(vasprintf(&statement, fmt, ap) >= 0);
	va_end(ap);
	answer = database_ask(statement);
	free(statement);
	return answer;
}
