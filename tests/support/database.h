/* A PostgreSQL database for one test, on the server that HAVEN_TEST_PG names (a conninfo without
 * dbname, for a role that may create databases). Each Criterion test is a process of its own and
 * has at most one database. Use drop_database as the .fini of the test or suite. */
#pragma once
#include "db/batch.h"

/* Creates it as a copy of `template` (NULL: template1) and returns its conninfo, which lives as
 * long as the process. Fails the test if there is no server. */
const char *fresh_database(const char *template);
/* Uses one that exists and that another process drops. What this process asks, but not its children, that
 * process's session is asked, by `of`. */
typedef const char *database_lender(const char *statement);
void use_database(const char *which, database_lender *of);
/* Drops it with its open connections. Does nothing if there is none. */
void drop_database(void);

/* Runs one statement in it and returns the first value of the result, or NULL if there is none or
 * it is SQL NULL. The value lives as long as the process. An error fails the test. */
const char *database_ask(const char *statement);
/* The same with format arguments. */
const char *sql(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
/* Runs it and returns what came of it, whatever that is. */
struct batch *database_try(struct arena *a, const char *statement);
/* The first value of such a result; NULL if there is none or it is SQL NULL. */
const char *database_first(const struct batch *b);
/* Makes the session of both what a new one is. */
void database_renew(void);
/* As sql(), as the cluster's superuser, in the database postgres. */
const char *superuser(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
/* The same as the cluster's superuser, in the test's database. */
const char *superuser_inside(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
/* The conninfo of the test's database. */
const char *database_conninfo(void);
const char *database_name(void);
