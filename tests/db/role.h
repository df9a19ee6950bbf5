/* The test's database with the eyes and hands of one of the service's roles. */
#pragma once
#include <libpq-fe.h>

/* Fails the test where it cannot connect. */
PGconn *connect_as(const char *role);
/* Of one statement: the first value, the number of rows changed, or the SQLSTATE of its error; NULL
 * where there is no row. Lives as long as the process. */
const char *outcome(PGconn *c, const char *statement);
