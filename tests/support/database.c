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
#include "memory.h"

static char *name, *conninfo;

static const char *server(void)
{
	const char *given = getenv("HAVEN_TEST_PG");

	cr_assert(given, "HAVEN_TEST_PG is not set: these tests need a PostgreSQL server");
	return arena_printf(test_memory(), "%s dbname=postgres", given);
}

static const char *ask(const char *where, const char *statement)
{
	const struct sql sql = { .name = "test", .text = statement };
	const char *error;
	struct db_sync *s = db_sync_open(test_memory(), where, &error);
	struct batch *b;

	cr_assert(s, "connecting: %s", error);
	b = db_sync_query(s, test_memory(), &sql);
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
	name = arena_printf(test_memory(), "haven_test_%08x", nonce);
	ask(server(), arena_printf(test_memory(), "CREATE DATABASE %s TEMPLATE %s", name,
				   template ? template : "template1"));
	conninfo = arena_printf(test_memory(), "%s dbname=%s", getenv("HAVEN_TEST_PG"), name);
	return conninfo;
}

static const char *sessions(void)
{
	return arena_printf(test_memory(), "SELECT count(*) FROM pg_stat_activity WHERE datname = '%s' "
			    "AND usename <> current_user", name);
}

void drop_database(void)
{
	/* Sessions of the worker's role end a moment after the worker; only its own may end them. */
	for (int i = 0; name && i < 500 && strcmp(ask(server(), sessions()), "0") != 0; i++)
		usleep(10000);
	if (name)
		ask(server(), arena_printf(test_memory(), "DROP DATABASE %s WITH (FORCE)", name));
	name = NULL;
}

const char *database_ask(const char *statement)
{
	cr_assert(conninfo, "no database: call fresh_database() first");
	return ask(conninfo, statement);
}

const char *sql(const char *fmt, ...)
{
	const char *statement;
	va_list ap;

	va_start(ap, fmt);
	statement = test_vprintf(fmt, ap);
	va_end(ap);
	return database_ask(statement);
}

const char *superuser(const char *fmt, ...)
{
	const char *statement;
	va_list ap;

	va_start(ap, fmt);
	statement = test_vprintf(fmt, ap);
	va_end(ap);
	return ask(arena_printf(test_memory(), "%s user=haven_root", server()), statement);
}

const char *database_conninfo(void)
{
	return conninfo;
}

const char *database_name(void)
{
	return name;
}
