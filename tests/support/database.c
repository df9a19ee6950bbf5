#include "database.h"

#include <criterion/criterion.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/queue.h>
#include <unistd.h>

#include "base/uuid.h"
#include "db/sync.h"
#include "memory.h"

enum { DROP_PAUSE_US = 2000, DROP_PAUSES = 50 };

static char *name, *conninfo;
/* Of a database that is lent: what asks its session, for the process that borrowed it. */
static database_lender *lender;
static pid_t borrower;

/* A session is kept for the next statement: the server works longer to start one than on most of what
 * tests ask. A forked child shares the socket of its parent's sessions and opens its own. */
struct session {
	SLIST_ENTRY(session) link;
	pid_t pid;
	const char *where;
	struct db_sync *db;
};

static SLIST_HEAD(, session) sessions = SLIST_HEAD_INITIALIZER(sessions);

static const char *server(void)
{
	const char *given = getenv("HAVEN_TEST_PG");

	test_must(given, "HAVEN_TEST_PG is not set: these tests need a PostgreSQL server");
	return given;
}

static struct session *session_at(const char *where)
{
	struct session *s;
	pid_t pid = getpid();

	SLIST_FOREACH(s, &sessions, link)
		if (s->pid == pid && strcmp(s->where, where) == 0)
			return s;
	s = arena_new_of(test_memory(), struct session);
	*s = (struct session){ .pid = pid, .where = arena_strdup(test_memory(), where) };
	SLIST_INSERT_HEAD(&sessions, s, link);
	return s;
}

static void session_close(struct session *s)
{
	db_sync_close(s->db);
	s->db = NULL;
}

static struct batch *session_ask(struct session *s, struct arena *a, const char *text)
{
	const struct sql statement = { .name = "test", .text = text };
	const char *error = NULL;

	if (!s->db)
		s->db = db_sync_open(test_memory(), s->where, &error);
	test_must(s->db, "connecting: %s", error);
	return db_sync_query(s->db, a, &statement);
}

/* The test may have ended the session since its last statement: then the statement did nothing. */
static struct batch *try(const char *where, struct arena *a, const char *text)
{
	struct session *s = session_at(where);
	bool kept = s->db;
	struct batch *b = session_ask(s, a, text);

	if (!kept || batch_outcome(b) != DB_LOST)
		return b;
	session_close(s);
	return session_ask(s, a, text);
}

const char *database_first(const struct batch *b)
{
	return batch_columns(b, 0) == 0 || batch_rows(b, 0) == 0 ? NULL : batch_value_at(b, 0, 0, 0);
}

static const char *ask(const char *where, const char *text)
{
	struct batch *b = try(where, test_memory(), text);

	test_must(batch_outcome(b) == DB_OK, "%s: %s", text, batch_debug(b));
	return database_first(b);
}

const char *fresh_database(const char *template)
{
	uint32_t nonce;

	test_must(!name, "the test has a database: Criterion runs the .init of the suite and that of the test");
	random_bytes(&nonce, sizeof(nonce));
	name = arena_printf(test_memory(), "haven_test_%08x", nonce);
	/* Its files are in memory or in the system's cache: copying them costs half of writing each page
	 * to the log too. */
	superuser("CREATE DATABASE %s OWNER haven_owner TEMPLATE %s STRATEGY file_copy", name,
		  template ? template : "template1");
	conninfo = arena_printf(test_memory(), "%s dbname=%s", server(), name);
	return conninfo;
}

void use_database(const char *which, database_lender *of)
{
	name = arena_strdup(test_memory(), which);
	conninfo = arena_printf(test_memory(), "%s dbname=%s", server(), name);
	lender = of;
	borrower = getpid();
}

static bool all_gone(void)
{
	return *superuser("SELECT count(*) FROM pg_stat_activity WHERE datname = '%s'", name) == '0';
}

/* What the test has not closed is ended by force, by the superuser, who may end sessions of every role.
 * A session that was closed ends a moment later: waited for here, since DROP DATABASE would look
 * again after a tenth of a second only. */
void drop_database(void)
{
	struct session *s;

	if (!name || lender)
		return;
	SLIST_FOREACH(s, &sessions, link)
		if (s->pid == getpid() && strncmp(s->where, conninfo, strlen(conninfo)) == 0)
			session_close(s);
	for (int i = 0; i < DROP_PAUSES && !all_gone(); i++)
		usleep(DROP_PAUSE_US);
	superuser("DROP DATABASE %s WITH (FORCE)", name);
	name = NULL;
}

const char *database_ask(const char *statement)
{
	cr_assert(conninfo, "no database: call fresh_database() first");
	return lender && borrower == getpid() ? lender(statement) : ask(conninfo, statement);
}

struct batch *database_try(struct arena *a, const char *statement)
{
	return try(conninfo, a, statement);
}

void database_renew(void)
{
	struct arena *a = arena_new();

	database_try(a, "ROLLBACK");
	database_try(a, "DISCARD ALL");
	arena_free(a);
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
	return ask(arena_printf(test_memory(), "%s user=haven_root dbname=postgres", server()), statement);
}

const char *superuser_inside(const char *fmt, ...)
{
	const char *statement;
	va_list ap;

	va_start(ap, fmt);
	statement = test_vprintf(fmt, ap);
	va_end(ap);
	return ask(arena_printf(test_memory(), "%s user=haven_root", conninfo), statement);
}

const char *database_conninfo(void)
{
	return conninfo;
}

const char *database_name(void)
{
	return name;
}
