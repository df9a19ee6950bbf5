/* The test's database, as one of the service's roles sees and changes it. */
#pragma once
#include <libpq-fe.h>

/* Fails the test where it cannot connect. */
PGconn *connect_as(const char *role);
/* Runs one statement. Returns its first value, the number of changed rows, or the SQLSTATE of its
 * error; NULL if there is no row. The text lives as long as the process. */
const char *outcome(PGconn *c, const char *statement);
